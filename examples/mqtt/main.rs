//! MQTT from the command line, against any broker.
//!
//! ```text
//! cargo run --example mqtt -- subscribe localhost:1883 'house/#'
//! cargo run --example mqtt -- publish localhost:1883 house/door open --quality 1 --retain
//! ```
#![allow(unreachable_pub, missing_docs, reason = "a program, not a library")]

mod client;
mod packet;

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use client::{Options, client, publish, subscribe};
use longlink::Bytes;
use longlink::session::event::{Event, Outcome};
use packet::{Body, Packet};

const USAGE: &str = "usage: mqtt subscribe HOST:PORT TOPIC [--quality 0|1|2]
       mqtt publish HOST:PORT TOPIC MESSAGE [--quality 0|1|2] [--retain]";

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let retain = take_flag(&mut arguments, "--retain");
    let quality = match take_value(&mut arguments, "--quality").as_deref() {
        None | Some("0") => 0,
        Some("1") => 1,
        Some("2") => 2,
        Some(_) => return Err(USAGE.into()),
    };
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["subscribe", address, topic] => listen(address, topic, quality).await,
        ["publish", address, topic, message] => {
            let payload = Bytes::copy_from_slice(message.as_bytes());
            say(address, publish(topic, quality, retain, payload)).await
        }
        [] => {
            println!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        _ => Err(USAGE.into()),
    }
}

/// Publishes one message and says what became of it.
async fn say(address: &str, message: Packet) -> Result<ExitCode, Box<dyn Error>> {
    let (link, _) = client(address, Options::new("longlink-publish")).spawn();
    let outcome = link.send(message).await.map_err(|refused| refused.to_string())?.outcome().await;
    println!("{outcome:?}");
    link.drain(Duration::from_secs(5)).await;
    let arrived = matches!(outcome, Outcome::Acknowledged { .. } | Outcome::Written { .. });
    Ok(if arrived { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Prints what comes under `topic`, through all reconnects.
async fn listen(address: &str, topic: &str, quality: u8) -> Result<ExitCode, Box<dyn Error>> {
    let (link, mut inbox) = client(address, Options::new("longlink-subscribe")).spawn();
    link.standing(0, subscribe(topic, quality)).map_err(|refused| refused.to_string())?;
    while let Some(event) = inbox.next().await {
        match event {
            Event::Frame {
                frame: Packet { body: Body::Publish { topic, payload, .. }, .. },
                ..
            } => {
                println!("{topic} {}", String::from_utf8_lossy(&payload));
            }
            Event::Up { epoch, resumed } => eprintln!("up, connection {epoch}, resumed {resumed}"),
            Event::Down { cause, .. } => eprintln!("down: {cause}"),
            Event::Failed(fatal) => return Err(format!("{fatal:?}").into()),
            _ => {}
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn take_flag(arguments: &mut Vec<String>, name: &str) -> bool {
    let found = arguments.iter().position(|argument| argument == name);
    found.map(|index| arguments.remove(index)).is_some()
}

fn take_value(arguments: &mut Vec<String>, name: &str) -> Option<String> {
    let index = arguments.iter().position(|argument| argument == name)?;
    let mut pair = arguments.drain(index..arguments.len().min(index + 2));
    pair.nth(1)
}
