//! Redis from the command line, in RESP2 and RESP3: commands, whole pipelines, subscriptions.
//!
//! ```text
//! cargo run --example redis                                    what the bytes of an answer mean
//! cargo run --example redis -- localhost:6379 SET answer 42
//! seq 1000 | sed 's/^/INCRBY sum /' | cargo run --example redis -- localhost:6379
//! cargo run --example redis -- localhost:6379 subscribe news weather
//! ```
#![allow(unreachable_pub, missing_docs, reason = "a program, not a library")]

mod client;
mod value;

use std::collections::VecDeque;
use std::error::Error;
use std::fmt::{self, Write as _};
use std::io::{BufRead as _, IsTerminal as _};
use std::process::ExitCode;
use std::time::Duration;

use client::{Client, Options, client, command};
use longlink::session::event::Event;
use longlink::session::{Inbox, Link};
use value::{Truth, Value};

const USAGE: &str = "usage: redis HOST:PORT COMMAND [ARGUMENT]...
       redis HOST:PORT subscribe CHANNEL... [--count N]
       redis HOST:PORT                       commands from the input, one a line, pipelined
options: --resp 2|3, --user NAME, --password WORD, --database N";

type Failure = Box<dyn Error>;

/// Commands that are sent before the first answer must have come.
const PIPELINE: usize = 128;

#[tokio::main]
async fn main() -> Result<ExitCode, Failure> {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    let version = match take(&mut words, "--resp").as_deref() {
        Some("2") => 2,
        Some("3") | None => 3,
        Some(other) => return Err(format!("RESP{other} is unknown; write 2 or 3").into()),
    };
    let user = take(&mut words, "--user");
    let password = take(&mut words, "--password");
    let mut options = Options { version, user, password, ..Options::default() };
    if let Some(number) = take(&mut words, "--database") {
        options.database = number.parse()?;
    }
    let count = take(&mut words, "--count").map(|count| count.parse()).transpose()?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let Some((address, words)) = words.split_first() else {
        println!("{USAGE}\n");
        let answer = b"*3\r\n$5\r\nhello\r\n:-42\r\n%1\r\n+null\r\n$-1\r\n";
        print!("{}", longlink::explain::<Value>(answer));
        return Ok(ExitCode::SUCCESS);
    };
    let (link, mut inbox) = client(address, options).spawn();
    let done = match words {
        ["subscribe", channels @ ..] => {
            link.standing(0, command(&[&["SUBSCRIBE"], channels].concat()))
                .map_err(|refused| refused.to_string())?;
            listen(&mut inbox, count).await?
        }
        [] => pipeline(&link).await?,
        words => ask(&link, &mut inbox, command(words)).await?,
    };
    link.drain(Duration::from_secs(5)).await;
    Ok(if done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// One command; whether it went well.
async fn ask(
    link: &Link<Client>,
    inbox: &mut Inbox<Client>,
    asked: Value,
) -> Result<bool, Failure> {
    let answer = tokio::select! {
        answer = link.request(asked) => answer?,
        failed = failure(inbox) => return Err(failed),
    };
    print!("{}", Shown(&answer));
    Ok(!matches!(answer, Value::Error(_) | Value::BulkError { .. }))
}

/// Why there will be no answer.
async fn failure(inbox: &mut Inbox<Client>) -> Failure {
    while let Some(event) = inbox.next().await {
        match event {
            Event::Failed(fatal) => return fatal.to_string().into(),
            Event::Down { cause, .. } => eprintln!("down: {cause}"),
            _ => {}
        }
    }
    "the session is over".into()
}

/// The lines of the input as commands, all of them on their way at once; answers in their order.
async fn pipeline(link: &Link<Client>) -> Result<bool, Failure> {
    if std::io::stdin().is_terminal() {
        println!("one command a line; the end of the input sends them");
    }
    let lines: Vec<_> = std::io::stdin().lock().lines().collect::<Result<_, _>>()?;
    let mut good = true;
    let mut lines = lines.iter().filter(|line| !line.trim().is_empty());
    let mut asked = VecDeque::new();
    loop {
        while asked.len() < PIPELINE
            && let Some(line) = lines.next()
        {
            let words: Vec<_> = line.split_whitespace().collect();
            let accepted = link.request(command(&words)).accepted().await;
            asked.push_back(accepted.map_err(|refused| refused.to_string())?);
        }
        let Some(oldest) = asked.pop_front() else { return Ok(good) };
        let answer = oldest.await?;
        good &= !matches!(answer, Value::Error(_) | Value::BulkError { .. });
        print!("{}", Shown(&answer));
    }
}

/// Prints messages through all reconnects, until so many have come.
async fn listen(inbox: &mut Inbox<Client>, count: Option<u64>) -> Result<bool, Failure> {
    let mut left = count.unwrap_or(u64::MAX);
    while left > 0 {
        match inbox.next().await {
            Some(Event::Frame { frame, .. }) => {
                if frame.name().is_some_and(|name| name == b"message") {
                    left -= 1;
                }
                print!("{}", Shown(&frame));
            }
            Some(Event::Up { epoch, .. }) => eprintln!("up, connection {epoch}"),
            Some(Event::Down { cause, .. }) => eprintln!("down: {cause}"),
            Some(Event::Failed(fatal)) => return Err(fatal.to_string().into()),
            Some(_) => {}
            None => return Ok(false),
        }
    }
    Ok(true)
}

/// A value over one or more lines, as people read it.
struct Shown<'v>(&'v Value);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(self.0, 0, f)
    }
}

fn show(value: &Value, depth: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "{:depth$}", "", depth = depth * 2)?;
    let list = |items: &[Value], f: &mut fmt::Formatter<'_>| {
        writeln!(f, "{} items", items.len())?;
        items.iter().try_for_each(|item| show(item, depth + 1, f))
    };
    match value {
        Value::Simple(text) | Value::Double(text) | Value::BigNumber(text) => writeln!(f, "{text}"),
        Value::Error(text) => writeln!(f, "error: {text}"),
        Value::BulkError { text, .. } => writeln!(f, "error: {}", String::from_utf8_lossy(text)),
        Value::Integer(number) => writeln!(f, "{number}"),
        Value::Bulk { bytes: Some(bytes), .. } | Value::Verbatim { text: bytes, .. } => {
            f.write_char('"')?;
            write!(f, "{}", bytes.escape_ascii())?;
            writeln!(f, "\"")
        }
        Value::Boolean { value, .. } => writeln!(f, "{}", *value == Truth::True),
        Value::Null | Value::Bulk { bytes: None, .. } | Value::Array { items: None, .. } => {
            writeln!(f, "nothing")
        }
        Value::Array { items: Some(items), .. }
        | Value::Set { items, .. }
        | Value::Push { items, .. } => list(items, f),
        Value::Map { entries, .. } => {
            writeln!(f, "{} entries", entries.len())?;
            entries.iter().try_for_each(|entry| {
                show(&entry.key, depth + 1, f)?;
                show(&entry.value, depth + 2, f)
            })
        }
        Value::Attribute { value, .. } => show(value, 0, f),
    }
}

fn take(words: &mut Vec<String>, name: &str) -> Option<String> {
    let index = words.iter().position(|word| word == name)?;
    let end = words.len().min(index + 2);
    words.drain(index..end).nth(1)
}
