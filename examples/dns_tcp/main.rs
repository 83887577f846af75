//! DNS over TCP (RFC 1035, RFC 7766) from the command line: questions, many on their way at once,
//! and whole zones.
//!
//! ```text
//! cargo run --example dns_tcp                                              both ends, a sample zone
//! cargo run --example dns_tcp -- query 9.9.9.9:53 example.org MX TXT AAAA
//! cargo run --example dns_tcp -- transfer 127.0.0.1:5353 example.test
//! cargo run --example dns_tcp -- serve 127.0.0.1:5353                      then: dig +tcp @127.0.0.1 -p 5353 ..
//! ```
#![allow(unreachable_pub, missing_docs, reason = "a program, not a library")]

mod client;
mod message;
mod name;
mod zone;

use std::error::Error;
use std::time::Duration;

use client::{Dns, client};
use longlink::session::event::{Event, Outcome};
use longlink::session::{Inbox, Link};
use message::{Data, INTERNET, Message, TRANSFER};
use name::Name;
use tokio::task::JoinSet;

const USAGE: &str = "usage: dns_tcp query HOST:PORT NAME TYPE…
       dns_tcp transfer HOST:PORT ZONE
       dns_tcp serve HOST:PORT";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => both().await,
        ["query", address, name, ref kinds @ ..] if !kinds.is_empty() => {
            let (link, _inbox) = start(address);
            query(&link, name, kinds).await?;
            link.drain(Duration::from_secs(1)).await;
            Ok(())
        }
        ["transfer", address, name] => {
            let (link, mut inbox) = start(address);
            transfer(&link, &mut inbox, name).await?;
            link.drain(Duration::from_secs(1)).await;
            Ok(())
        }
        ["serve", address] => {
            let serving = zone::serve(address, zone::sample(20)?).await?;
            println!("answers for example.test at {}", serving.local_address());
            tokio::signal::ctrl_c().await?;
            serving.drain(Duration::from_secs(1)).await;
            Ok(())
        }
        _ => Err(USAGE.into()),
    }
}

fn start(address: &str) -> (Link<Dns>, Inbox<Dns>) {
    client(address, Duration::from_secs(2)).spawn()
}

/// A server of a sample zone, and a client that asks it.
async fn both() -> Result<(), Box<dyn Error>> {
    let serving = zone::serve("127.0.0.1:0", zone::sample(250)?).await?;
    let (link, mut inbox) = start(&serving.local_address().to_string());
    query(&link, "example.test", &["NS", "MX", "SOA"]).await?;
    query(&link, "nobody.example.test", &["A"]).await?;
    transfer(&link, &mut inbox, "example.test").await?;
    link.drain(Duration::from_secs(1)).await;
    println!("{USAGE}");
    Ok(())
}

/// Asks for all types at once; the answers come as they are ready.
async fn query(link: &Link<Dns>, name: &str, kinds: &[&str]) -> Result<(), Box<dyn Error>> {
    let name: Name = name.parse()?;
    let mut asking = JoinSet::new();
    for kind in kinds {
        let number = Data::kind(kind).ok_or(USAGE)?;
        let (link, asked) = (link.clone(), Message::question(name.clone(), number, INTERNET));
        asking.spawn(async move { link.request(asked).await });
    }
    while let Some(answer) = asking.join_next().await.transpose()? {
        let answer = answer?;
        if answer.answers.is_empty() {
            println!("{name} nothing, code {}", answer.flags.code);
        }
        answer.answers.iter().for_each(|record| println!("{record}"));
    }
    Ok(())
}

/// A whole zone: its messages are pushes, and the last of them acknowledges the question.
async fn transfer(
    link: &Link<Dns>,
    inbox: &mut Inbox<Dns>,
    name: &str,
) -> Result<(), Box<dyn Error>> {
    let asked = Message::question(name.parse()?, TRANSFER, INTERNET);
    let receipt = link.send(asked).await.map_err(|refused| refused.to_string())?;
    let (mut messages, mut records, mut authorities) = (0, 0, 0);
    while authorities < 2 {
        match inbox.next().await {
            Some(Event::Frame { frame, .. }) if frame.flags.code == 0 => {
                (messages, records) = (messages + 1, records + frame.answers.len());
                authorities += client::authorities(&frame);
            }
            Some(Event::Frame { .. } | Event::Down { .. } | Event::Failed(_)) | None => break,
            Some(_) => {}
        }
    }
    let outcome = receipt.outcome().await;
    println!("{name} {records} records in {messages} messages");
    match outcome {
        Outcome::Acknowledged { .. } => Ok(()),
        _ => Err("the zone did not come whole".into()),
    }
}
