//! A robot that answers typed lines, in UTF-8 or GBK, to as many clients as there are.
//!
//! ```text
//! cargo run --example chat_robot --features encodings            the robot and three clients
//! cargo run --example chat_robot --features encodings -- --serve 127.0.0.1:3900
//! cargo run --example chat_robot --features encodings -- --connect 127.0.0.1:3900 [gbk]
//! ```
#![allow(unreachable_pub, missing_docs, reason = "a program, not a library")]

use std::error::Error;
use std::time::Duration;

use longlink::session::listener::Serving;
use longlink::session::{Flow, Handler, Listener, Plain, Reply, Session};
use longlink::{Auto, Frame, Wire};
use tokio::io::{AsyncBufReadExt, BufReader, stdin};
use tokio::time::timeout;

/// One line between STX and ETX; a byte of text that looks like one of these is escaped.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(start = 0x02, end = 0x03, max_frame_length = 4096, resync = delimiter,
       escape(0x02 => [0x1B, 0x42], 0x03 => [0x1B, 0x43], 0x1B => [0x1B, 0x5B]))]
pub struct Line {
    #[wire(tag_of = text)]
    encoding: Auto<u8>,
    text: Text,
}

#[derive(Debug, Clone, PartialEq, Wire)]
pub enum Text {
    #[wire(tag = b'U')]
    Utf8(#[wire(rest)] String),
    #[wire(tag = b'G')]
    Gbk(#[wire(rest, encoding = "gbk")] String),
}

impl Line {
    fn text(&self) -> &str {
        match &self.text {
            Text::Utf8(text) | Text::Gbk(text) => text,
        }
    }

    fn say(text: String, gbk: bool) -> Self {
        Self::new(if gbk { Text::Gbk(text) } else { Text::Utf8(text) })
    }
}

/// What a line must contain, and what the robot says then.
const ANSWERS: [(&str, &str); 5] = [
    ("你好", "你好！我是机器人。"),
    ("名字", "我叫长链。"),
    ("天气", "我在机房里，看不见天。"),
    ("hello", "Hello! I am a robot."),
    ("再见", "再见！"),
];

#[derive(Clone)]
struct Robot;

impl Handler<Plain<Line>> for Robot {
    fn frame(&mut self, line: Line, reply: &Reply<Plain<Line>>) -> Flow {
        let known = ANSWERS.iter().find(|(word, _)| line.text().contains(word));
        let answer = known.map_or_else(
            || format!("“{}”？我还在学。", line.text()),
            |(_, answer)| (*answer).to_owned(),
        );
        // In the encoding of the question; the session keeps a place free for it.
        drop(reply.send(Line::say(answer, matches!(line.text, Text::Gbk(_)))));
        if line.text().contains("再见") { Flow::Close } else { Flow::Go }
    }
}

async fn serve(address: &str) -> Result<Serving<Plain<Line>>, Box<dyn Error>> {
    Ok(Listener::bind(address).await?.serve(|_| Plain::default(), Robot))
}

/// Says each line and prints the answer to it.
async fn converse(name: &str, address: &str, gbk: bool, lines: &[&str]) {
    let (link, mut inbox) =
        Session::builder(Plain::<Line>::make).name(name).endpoint(address).spawn();
    for line in lines {
        if link.feed(Line::say((*line).to_owned(), gbk)).await.is_err() {
            return;
        }
        let Some(answer) = inbox.next_frame().await else { return };
        println!("{name:<6} {line}\n{:<6} {}", "robot", answer.text());
    }
    link.close();
}

/// Says what is typed until the end of the input, and prints what comes, whenever it comes.
async fn type_lines(address: &str, gbk: bool) -> Result<(), Box<dyn Error>> {
    let (link, mut inbox) = Session::builder(Plain::<Line>::make).endpoint(address).spawn();
    let (mut lines, mut open) = (BufReader::new(stdin()).lines(), 0_usize);
    loop {
        tokio::select! {
            line = lines.next_line() => {
                let Some(line) = line? else { break };
                link.feed(Line::say(line, gbk)).await?;
                open += 1;
            }
            Some(answer) = inbox.next_frame() => {
                println!("{}", answer.text());
                open = open.saturating_sub(1);
            }
        }
    }
    // The last answers are still on their way.
    let patience = Duration::from_secs(5);
    while open > 0
        && let Ok(Some(answer)) = timeout(patience, inbox.next_frame()).await
    {
        println!("{}", answer.text());
        open -= 1;
    }
    link.drain(patience).await;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            let serving = serve("127.0.0.1:0").await?;
            let address = serving.local_address().to_string();
            tokio::join!(
                converse("小王", &address, false, &["你好", "你叫什么名字？", "一加一等于几？"]),
                converse("小李", &address, true, &["天气怎么样？", "再见"]),
                converse("Anna", &address, false, &["hello there", "再见"]),
            );
            Ok(())
        }
        ["--serve", address] => {
            let serving = serve(address).await?;
            println!("the robot listens at {}", serving.local_address());
            tokio::signal::ctrl_c().await?;
            serving.drain(Duration::from_secs(5)).await;
            Ok(())
        }
        ["--connect", address] => type_lines(address, false).await,
        ["--connect", address, "gbk"] => type_lines(address, true).await,
        _ => Err("usage: chat_robot [--serve ADDRESS | --connect HOST:PORT [gbk]]".into()),
    }
}
