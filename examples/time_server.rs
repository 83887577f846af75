//! A client asks for the time, the server answers with a time stamp.
//!
//! ```text
//! cargo run --example time_server                               both ends, five questions
//! cargo run --example time_server -- --serve 127.0.0.1:3700
//! cargo run --example time_server -- --connect 127.0.0.1:3700
//! ```
#![allow(unreachable_pub, missing_docs, reason = "a program, not a library")]

use std::error::Error;
use std::time::{Duration, Instant, SystemTime};

use longlink::session::listener::Serving;
use longlink::session::{Flow, Handler, Listener, Plain, Reply, Session};
use longlink::{Auto, Frame, Wire};

/// Two bytes of length, a number that the answer repeats, and what is said.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(endian = big, max_frame_length = 64)]
pub struct Message {
    #[wire(length_of = ..)]
    length: Auto<u16>,
    #[wire(tag_of = body)]
    kind: Auto<u8>,
    #[wire(role = sequence)]
    number: u32,
    body: Body,
}

#[derive(Debug, Clone, PartialEq, Wire)]
pub enum Body {
    #[wire(tag = 1)]
    WhatTimeIsIt,
    #[wire(tag = 2)]
    ItIs {
        #[wire(role = replies_to)]
        question: u32,
        /// Since 1970, in UTC.
        #[wire(unit = "ms")]
        since_1970: u64,
    },
}

/// The server: one answer to each question.
#[derive(Clone)]
struct Clock;

impl Handler<Plain<Message>> for Clock {
    fn frame(&mut self, message: Message, reply: &Reply<Plain<Message>>) -> Flow {
        if message.body == Body::WhatTimeIsIt {
            let body = Body::ItIs { question: message.number, since_1970: now() };
            // The session keeps a place free for it.
            drop(reply.send(Message::new(0, body)));
        }
        Flow::Go
    }
}

fn now() -> u64 {
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

async fn serve(address: &str) -> Result<Serving<Plain<Message>>, Box<dyn Error>> {
    let serving = Listener::bind(address).await?.serve(|_| Plain::default(), Clock);
    println!("the clock listens at {}", serving.local_address());
    Ok(serving)
}

async fn ask(address: &str) -> Result<(), Box<dyn Error>> {
    let (link, _) = Session::builder(Plain::<Message>::make).endpoint(address).spawn();
    for _ in 0..5 {
        let asked = Instant::now();
        match link.request(Message::new(0, Body::WhatTimeIsIt)).await {
            Ok(Message { body: Body::ItIs { since_1970, .. }, .. }) => {
                println!("{since_1970} ms since 1970, after {:.1?}", asked.elapsed());
            }
            Ok(other) => println!("not an answer: {other:?}"),
            Err(error) => println!("no answer: {error}"),
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    link.drain(Duration::from_secs(1)).await;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            let serving = serve("127.0.0.1:0").await?;
            ask(&serving.local_address().to_string()).await
        }
        ["--serve", address] => {
            let serving = serve(address).await?;
            tokio::signal::ctrl_c().await?;
            serving.drain(Duration::from_secs(5)).await;
            Ok(())
        }
        ["--connect", address] => ask(address).await,
        _ => Err("usage: time_server [--serve ADDRESS | --connect HOST:PORT]".into()),
    }
}
