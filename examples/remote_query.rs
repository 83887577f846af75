//! Named queries whose answers are longer than any buffer: the program where packets stick together.
//!
//! The length in front of each message says where it ends, however it was split and stuck together
//! on the way. There is no shell: whoever asks chooses from a list.
//!
//! ```text
//! cargo run --example remote_query                               both ends, all queries at once
//! cargo run --example remote_query -- --serve 127.0.0.1:3800
//! cargo run --example remote_query -- --connect 127.0.0.1:3800 primes table
//! ```
#![allow(unreachable_pub, missing_docs, reason = "a program, not a library")]

use std::error::Error;
use std::fmt::Write;
use std::time::{Duration, Instant};

use longlink::session::listener::Serving;
use longlink::session::settings::Bounds;
use longlink::session::{Inbox, Link, Listener, Plain, Session, Settings};
use longlink::{Auto, Frame, Wire};
use tokio::task::{JoinSet, spawn_blocking};

const MAX_ANSWER: usize = 8 * 1024 * 1024;

#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(endian = big, max_frame_length = MAX_ANSWER + 64)]
pub struct Message {
    #[wire(length_of = ..)]
    length: Auto<u32>,
    #[wire(tag_of = body)]
    kind: Auto<u8>,
    #[wire(role = sequence)]
    number: u32,
    body: Body,
}

#[derive(Debug, Clone, PartialEq, Wire)]
pub enum Body {
    #[wire(tag = 1)]
    Ask {
        #[wire(prefix = u8)]
        query: String,
    },
    #[wire(tag = 2)]
    Answer {
        #[wire(role = replies_to)]
        question: u32,
        #[wire(prefix = u32, max_len = MAX_ANSWER)]
        text: String,
    },
}

/// A name, and what answers it.
type Query = (&'static str, fn() -> String);

/// Every query there is.
const QUERIES: [Query; 3] = [("help", help), ("primes", primes), ("table", table)];

fn help() -> String {
    QUERIES.map(|(name, _)| name).join("\n")
}

/// The primes below a million, one a line: half a megabyte.
fn primes() -> String {
    let mut composite = vec![false; 1_000_000];
    let mut text = String::new();
    for number in 2..composite.len() {
        if composite.get(number) == Some(&false) {
            writeln!(text, "{number}").expect("a string takes all");
            composite.iter_mut().skip(number * number).step_by(number).for_each(|it| *it = true);
        }
    }
    text
}

/// Products, a thousand a line: 3 MB.
fn table() -> String {
    let line = |row: u32| (1..=1000).map(|column| (row * column).to_string()).collect::<Vec<_>>();
    (1..=500).map(|row| line(row).join(" ")).collect::<Vec<_>>().join("\n")
}

/// One connection of the server.
async fn answer(link: Link<Plain<Message>>, mut inbox: Inbox<Plain<Message>>) {
    while let Some(message) = inbox.next_frame().await {
        let Body::Ask { query } = message.body else { continue };
        let found = QUERIES.iter().find(|(name, _)| *name == query);
        let run = found.map_or(help as fn() -> String, |(_, run)| *run);
        let Ok(text) = spawn_blocking(run).await else { return };
        let answer = Message::new(0, Body::Answer { question: message.number, text });
        if link.feed(answer).await.is_err() {
            return;
        }
    }
}

/// Both ends may hold two of the longest answers.
fn roomy() -> Settings {
    let bounds = Bounds { frames: 64, bytes: 2 * MAX_ANSWER, reserved: 8 };
    Settings { outbound: bounds, inbound: bounds, ..Settings::default() }
}

async fn serve(address: &str) -> Result<Serving<Plain<Message>>, Box<dyn Error>> {
    let listener = Listener::bind(address).await?.settings(roomy());
    Ok(listener.serve_each(|_| (Plain::default(), answer)))
}

/// Asks everything at once; the answers come as they are ready.
async fn ask(address: &str, queries: &[&str]) -> Result<(), Box<dyn Error>> {
    let session = Session::builder(Plain::<Message>::make).endpoint(address).settings(roomy());
    let (link, _) = session.spawn();
    let (mut asking, began) = (JoinSet::new(), Instant::now());
    for query in queries {
        let (link, query) = (link.clone(), (*query).to_owned());
        asking.spawn(async move {
            let asked = Message::new(0, Body::Ask { query: query.clone() });
            (query, link.request(asked).await)
        });
    }
    while let Some((query, answer)) = asking.join_next().await.transpose()? {
        let Body::Answer { text, .. } = answer?.body else { continue };
        let (first, last) = (text.lines().next().unwrap_or(""), text.lines().last().unwrap_or(""));
        let cut = |line: &str| line.chars().take(24).collect::<String>();
        let (len, lines, after) = (text.len(), text.lines().count(), began.elapsed());
        print!("{query:<8} {len:>9} bytes, {lines:>6} lines, after {after:>9.2?}: ");
        println!("{} … {}", cut(first), cut(last));
    }
    link.drain(Duration::from_secs(1)).await;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            let serving = serve("127.0.0.1:0").await?;
            ask(&serving.local_address().to_string(), &QUERIES.map(|(name, _)| name)).await
        }
        ["--serve", address] => {
            let serving = serve(address).await?;
            println!("answers at {}", serving.local_address());
            tokio::signal::ctrl_c().await?;
            serving.drain(Duration::from_secs(5)).await;
            Ok(())
        }
        ["--connect", address, queries @ ..] if !queries.is_empty() => ask(address, queries).await,
        _ => Err("usage: remote_query [--serve ADDRESS | --connect HOST:PORT QUERY…]".into()),
    }
}
