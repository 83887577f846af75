//! MQTT 3.1.1 and 5 from the command line: a client for any broker, and a broker for any client.
//!
//! ```text
//! cargo run --example mqtt                                        a broker and two clients in memory
//! cargo run --example mqtt -- subscribe localhost:1883 'house/#' --version 5 --quality 2
//! cargo run --example mqtt -- publish localhost:1883 house/door open --quality 1 --retain
//! cargo run --example mqtt -- broker 127.0.0.1:1883
//! ```
#![allow(unreachable_pub, missing_docs, reason = "a program, not a library")]

mod broker;
mod client;
mod member;
mod members;
mod packet;
mod property;
mod reason;
mod topic;

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use client::{Client, LastWill, Options, client, publish, subscribe};
use longlink::Bytes;
use longlink::session::event::{Event, Outcome};
use longlink::session::{Inbox, Listener};
use packet::{Answer, Body, Packet};

const USAGE: &str = "usage: mqtt subscribe HOST:PORT TOPIC [--quality 0|1|2] [--count N] OPTIONS
       mqtt publish HOST:PORT TOPIC MESSAGE [--quality 0|1|2] [--retain] OPTIONS
       mqtt broker ADDRESS
options: --version 3|5, --id NAME, --keep-alive SECONDS, --resume, --user NAME, --password WORD,
         --will TOPIC MESSAGE";

type Failure = Box<dyn Error>;

#[tokio::main]
async fn main() -> Result<ExitCode, Failure> {
    let mut arguments = Arguments(std::env::args().skip(1).collect());
    let options = arguments.options()?;
    let quality = arguments.number("--quality")?.unwrap_or(0);
    let retain = arguments.flag("--retain");
    let count = arguments.number("--count")?;
    match arguments.0.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["subscribe", address, topic] => listen(address, topic, quality, count, options).await,
        ["publish", address, topic, message] => {
            let payload = Bytes::copy_from_slice(message.as_bytes());
            let message = publish(options.version, topic, quality, retain, payload);
            say(address, message, options).await
        }
        ["broker", address] => {
            let serving = broker::serve(Listener::bind(address).await?);
            println!("the broker listens at {}", serving.local_address());
            tokio::signal::ctrl_c().await?;
            serving.drain(Duration::from_secs(5)).await;
            Ok(ExitCode::SUCCESS)
        }
        [] => demonstrate().await,
        _ => Err(USAGE.into()),
    }
}

/// A broker, a subscriber of version 3.1.1 and a publisher of version 5, on a port of their own.
async fn demonstrate() -> Result<ExitCode, Failure> {
    println!("{USAGE}\n");
    let serving = broker::serve(Listener::bind("127.0.0.1:0").await?);
    let address = serving.local_address().to_string();
    println!("the broker listens at {address}");
    let hears = Options::new("hears");
    let (link, mut inbox) = client(&address, hears.clone()).spawn();
    let wish = subscribe(hears.version, "house/#", 2);
    link.standing(0, wish).map_err(|refused| refused.to_string())?;
    while !matches!(inbox.next_frame().await, Some(Packet { body: Body::SubscribeAck { .. }, .. }))
    {
    }
    for quality in 0..=2 {
        let says = Options { version: 5, ..Options::new("says") };
        let payload = Bytes::from(format!("quality {quality}"));
        say(&address, publish(5, "house/door", quality, false, payload), says).await?;
        show(&mut inbox, Some(1)).await?;
    }
    link.drain(Duration::from_secs(1)).await;
    serving.drain(Duration::from_secs(1)).await;
    Ok(ExitCode::SUCCESS)
}

/// Publishes one message and says what became of it.
async fn say(address: &str, message: Packet, options: Options) -> Result<ExitCode, Failure> {
    let (link, mut inbox) = client(address, options).spawn();
    let sending = link.send(message).resumable();
    let outcome = sending.await.map_err(|refused| refused.to_string())?.outcome().await;
    match outcome {
        Outcome::Acknowledged { .. } => println!("the broker has it"),
        // Quality 0: nobody says more.
        Outcome::Written { .. } => println!("written"),
        other => println!("{other:?}"),
    }
    link.drain(Duration::from_secs(5)).await;
    let mut arrived = matches!(outcome, Outcome::Acknowledged { .. } | Outcome::Written { .. });
    while let Some(event) = inbox.next().await {
        match event {
            Event::Frame {
                frame:
                    Packet { body: Body::Acknowledge(Answer { reason: Some(code), .. }), .. }
                    | Packet { body: Body::Receive(Answer { reason: Some(code), .. }), .. },
                ..
            } => {
                println!("refused: {}", reason::words(code));
                arrived = false;
            }
            Event::Failed(fatal) => return Err(fatal.to_string().into()),
            _ => {}
        }
    }
    Ok(if arrived { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Prints what comes under `topic`, through all reconnects.
async fn listen(
    address: &str,
    topic: &str,
    quality: u8,
    count: Option<u64>,
    options: Options,
) -> Result<ExitCode, Failure> {
    let wish = subscribe(options.version, topic, quality);
    let (link, mut inbox) = client(address, options).spawn();
    link.standing(0, wish).map_err(|refused| refused.to_string())?;
    show(&mut inbox, count).await?;
    link.drain(Duration::from_secs(5)).await;
    Ok(ExitCode::SUCCESS)
}

/// Prints messages until so many have come.
async fn show(inbox: &mut Inbox<Client>, count: Option<u64>) -> Result<(), Failure> {
    let mut left = count.unwrap_or(u64::MAX);
    while left > 0 {
        match inbox.next().await {
            Some(Event::Frame { frame: Packet { body, flags, .. }, .. }) => match body {
                Body::Publish { topic, payload, .. } => {
                    let retained = if flags.retain { " (retained)" } else { "" };
                    println!("{topic} {}{retained}", String::from_utf8_lossy(&payload));
                    left -= 1;
                }
                Body::SubscribeAck { codes, .. } => {
                    if let Some(code) = codes.iter().find(|code| **code >= reason::REFUSED) {
                        return Err(format!("refused: {}", reason::words(*code)).into());
                    }
                }
                _ => {}
            },
            Some(Event::Up { epoch, resumed }) => {
                eprintln!("up, connection {epoch}, resumed {resumed}");
            }
            Some(Event::Down { cause, .. }) => eprintln!("down: {cause}"),
            Some(Event::Failed(fatal)) => return Err(fatal.to_string().into()),
            Some(_) => {}
            None => break,
        }
    }
    Ok(())
}

/// What is left of the command line.
struct Arguments(Vec<String>);

impl Arguments {
    fn options(&mut self) -> Result<Options, Failure> {
        let mut options = Options::new(&self.value("--id").unwrap_or_default());
        options.version = match self.number("--version")? {
            None | Some(3 | 4) => 4,
            Some(5) => 5,
            Some(other) => return Err(format!("MQTT {other} is unknown; write 3 or 5").into()),
        };
        options.clean = !self.flag("--resume");
        if let Some(seconds) = self.number::<u16>("--keep-alive")? {
            options.keep_alive = Duration::from_secs(seconds.into());
        }
        options.user = self.value("--user");
        options.password = self.value("--password").map(Bytes::from);
        options.will = self.values("--will").map(|[topic, message]| LastWill {
            topic,
            message: message.into(),
            quality: 1,
            retain: false,
        });
        Ok(options)
    }

    fn flag(&mut self, name: &str) -> bool {
        self.values::<0>(name).is_some()
    }

    fn value(&mut self, name: &str) -> Option<String> {
        self.values(name).map(|[value]| value)
    }

    fn number<T: std::str::FromStr>(&mut self, name: &str) -> Result<Option<T>, Failure> {
        let Some(text) = self.value(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| format!("{name} {text}: not a number").into())
    }

    /// Takes an option and what belongs to it.
    fn values<const N: usize>(&mut self, name: &str) -> Option<[String; N]> {
        let index = self.0.iter().position(|argument| argument == name)?;
        let end = index + N + 1;
        (end <= self.0.len())
            .then(|| self.0.drain(index..end).skip(1).collect::<Vec<_>>())
            .and_then(|values| values.try_into().ok())
    }
}
