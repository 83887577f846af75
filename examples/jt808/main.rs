//! Vehicle terminals and their platform by JT/T 808, three editions at once: they register, sign on,
//! report where they are, send pictures in parts; the platform asks, sets and shows texts in GBK.
//!
//! ```text
//! cargo run --example jt808 --features encodings           three terminals, and a line that is cut
//! cargo run --example jt808 --features encodings -- --serve 127.0.0.1:8808
//! cargo run --example jt808 --features encodings -- --connect 127.0.0.1:8808 [2011 | 2013 | 2019]
//! ```
#![allow(unreachable_pub, missing_docs, reason = "a program, not a library")]

mod packet;
mod parts;
mod platform;
mod sender;
mod vehicle;

use std::error::Error;
use std::time::{Duration, Instant};

use longlink::session::{Backoff, Link};
use longlink::testkit::ChaosProxy;
use packet::{Body, Edition};
use parts::Sent;
use platform::{Shared, open, serve};
use sender::Sender;
use vehicle::{Terminal, answer, late, location, picture, terminal};

/// A terminal of each edition.
fn sender(edition: &str) -> Result<Sender, Box<dyn Error>> {
    Ok(match edition {
        "2011" => Sender::old("013800002011".parse()?, Edition::Of2011),
        "2013" => Sender::old("013800002013".parse()?, Edition::Of2013),
        "2019" => Sender::new("00000000013800002019".parse()?),
        _ => return Err("the editions are 2011, 2013 and 2019".into()),
    })
}

/// Reports each 20 ms, with one picture and what was late.
async fn report(link: Link<Terminal>, sender: Sender, count: u32) {
    for step in 0..count {
        let body = match step {
            3 => picture(&sender, 7, 6_000),
            5 => late(12),
            _ => Body::Location(location(step)),
        };
        // The session counts what becomes of each.
        drop(link.feed(sender.packet(body)).await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Three terminals report over a line that is cut in the middle.
async fn show() -> Result<(), Box<dyn Error>> {
    let depot = Shared::default();
    let serving = serve("127.0.0.1:0", depot.clone()).await?;
    let line = ChaosProxy::start(serving.local_addr().ok_or("no TCP")?).await?;
    let address = line.address().to_string();
    let mut reports = Vec::new();
    let mut links = Vec::new();
    for (edition, plate) in [("2011", "粤B11111"), ("2013", "粤B13131"), ("2019", "粤B19191")] {
        let sender = sender(edition)?;
        let again = Backoff::fixed(Duration::from_millis(500));
        let sent = Sent::default();
        let session = terminal(&address, sender.clone(), plate, &sent).backoff(again);
        let (link, inbox) = session.spawn();
        tokio::spawn(answer(link.clone(), inbox, sender.clone(), sent));
        reports.push(tokio::spawn(report(link.clone(), sender, 150)));
        links.push((edition, link));
    }
    tokio::time::sleep(Duration::from_millis(1_000)).await;
    line.silence(true);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let cut = Instant::now();
    line.cut();
    line.silence(false);
    for (_, link) in &links {
        while link.epoch() < 2 || !link.is_up() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    println!("the line was cut; all are up again after {:.0?}", cut.elapsed());
    for ((edition, link), reports) in links.iter().zip(reports) {
        reports.await?;
        link.drain(Duration::from_secs(1)).await;
        let sums = link.statistics().sends;
        println!(
            "{edition}: {} sent over {} connections: {} acknowledged, {} uncertain, \
             {} written that nobody acknowledges",
            sums.accepted,
            link.epoch(),
            sums.acknowledged,
            sums.uncertain,
            sums.written,
        );
    }
    {
        let depot = open(&depot);
        let (locations, pictures) = (depot.locations, depot.pictures);
        println!("the platform has {locations} locations and {pictures} bytes of pictures");
    }
    serving.drain(Duration::from_secs(1)).await;
    Ok(())
}

/// Reports once a second until Ctrl-C.
async fn drive(address: &str, edition: &str) -> Result<(), Box<dyn Error>> {
    let sender = sender(edition)?;
    let sent = Sent::default();
    let (link, inbox) = terminal(address, sender.clone(), "粤B80808", &sent).spawn();
    tokio::spawn(answer(link.clone(), inbox, sender.clone(), sent));
    let reporting = async {
        for step in 0.. {
            let body =
                if step == 3 { picture(&sender, 7, 6_000) } else { Body::Location(location(step)) };
            match link.send(sender.packet(body)).await {
                Ok(receipt) => println!("report {step}: {:?}", receipt.outcome().await),
                Err(refused) => return println!("{refused}"),
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    tokio::select! {
        () = reporting => {}
        stopped = tokio::signal::ctrl_c() => stopped?,
    }
    drop(link.feed(sender.packet(Body::SignOff)).await);
    link.drain(Duration::from_secs(5)).await;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => show().await,
        ["--serve", address] => {
            let depot = Shared::default();
            let serving = serve(address, depot).await?;
            println!("the platform listens at {}", serving.local_address());
            tokio::signal::ctrl_c().await?;
            serving.drain(Duration::from_secs(5)).await;
            Ok(())
        }
        ["--connect", address] => drive(address, "2013").await,
        ["--connect", address, edition] => drive(address, edition).await,
        _ => Err("usage: jt808 [--serve ADDRESS | --connect HOST:PORT [EDITION]]".into()),
    }
}
