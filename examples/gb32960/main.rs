//! Electric vehicles and their platform by GB/T 32960: login, all nine data units, reports that are
//! sent again, heartbeats, time, and what a platform asks, sets and orders.
//!
//! ```text
//! cargo run --example gb32960                              three vehicles, and a line that is cut
//! cargo run --example gb32960 -- --serve 127.0.0.1:32960
//! cargo run --example gb32960 -- --connect 127.0.0.1:32960
//! ```
#![allow(unreachable_pub, missing_docs, reason = "a program, not a library")]

mod message;
mod platform;
mod vehicle;

use std::error::Error;
use std::time::{Duration, Instant};

use longlink::session::{Backoff, Link, Outcome};
use longlink::testkit::ChaosProxy;
use message::{Body, COMMAND};
use platform::{Shared, open, serve};
use vehicle::{Car, car, message, report, time};

/// What became of the reports of one vehicle.
#[derive(Default)]
struct Account {
    acknowledged: u32,
    uncertain: u32,
    other: u32,
    /// Of those that were uncertain, what was acknowledged when it was sent again.
    again: u32,
}

/// Reports `count` times; what may be lost is reported later, by its own command.
async fn drive(link: Link<Car>, number: &str, count: u32) -> Account {
    let mut receipts = Vec::new();
    for second in 0..count {
        if let Ok(receipt) = link.send(message(number, COMMAND, report(second, false))).await {
            receipts.push((second, receipt));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mut account = Account::default();
    for (second, receipt) in receipts {
        match receipt.outcome().await {
            Outcome::Acknowledged { .. } => account.acknowledged += 1,
            Outcome::Uncertain { .. } => {
                account.uncertain += 1;
                let later = link.request(message(number, COMMAND, report(second, true))).await;
                account.again += u32::from(later.is_ok());
            }
            _ => account.other += 1,
        }
    }
    account
}

/// Three vehicles report over a line that is silent, then cut.
async fn show() -> Result<(), Box<dyn Error>> {
    let center = Shared::default();
    let serving = serve("127.0.0.1:0", center.clone()).await?;
    let line = ChaosProxy::start(serving.local_addr().ok_or("no TCP")?).await?;
    let address = line.address().to_string();
    let (mut reports, mut links) = (Vec::new(), Vec::new());
    for number in ["LVAV2MAB0JE000001", "LVAV2MAB0JE000002", "LVAV2MAB0JE000003"] {
        let again = Backoff::fixed(Duration::from_millis(500));
        let (link, _) = car(&address, number).backoff(again).spawn();
        let driving = link.clone();
        reports.push(tokio::spawn(async move { drive(driving, number, 150).await }));
        links.push((number, link));
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
    for ((number, link), reports) in links.iter().zip(reports) {
        let Account { acknowledged, uncertain, other, again } = reports.await?;
        println!(
            "{number}: {acknowledged} reports acknowledged, {uncertain} uncertain, {again} of \
             these acknowledged when sent again, {other} lost"
        );
        goodbye(link, number).await;
    }
    {
        let center = open(&center);
        println!("the platform has {} reports, {} late ones", center.reports, center.late);
    }
    serving.drain(Duration::from_secs(1)).await;
    Ok(())
}

/// Asks for the time, logs out, and closes.
async fn goodbye(link: &Link<Car>, number: &str) {
    match link.request(message(number, COMMAND, Body::AskTime)).await.map(|answer| answer.body) {
        Ok(Body::Time(time)) => println!("{number}: it is {time}"),
        other => println!("{number}: no time: {other:?}"),
    }
    let logout = Body::Logout { time: time(3_599), serial: 1 };
    if let Ok(receipt) = link.send(message(number, COMMAND, logout)).await {
        let seen = matches!(receipt.outcome().await, Outcome::Acknowledged { .. });
        println!("{number}: {}", if seen { "logged out" } else { "logged out, unheard" });
    }
    link.drain(Duration::from_secs(1)).await;
}

/// Reports once a second until Ctrl-C.
async fn travel(address: &str) -> Result<(), Box<dyn Error>> {
    let number = "LVAV2MAB0JE000001";
    let (link, _) = car(address, number).spawn();
    let reporting = async {
        for second in 0.. {
            match link.send(message(number, COMMAND, report(second, false))).await {
                Ok(receipt) => println!("report {second}: {:?}", receipt.outcome().await),
                Err(refused) => return println!("{refused}"),
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    tokio::select! {
        () = reporting => {}
        stopped = tokio::signal::ctrl_c() => stopped?,
    }
    goodbye(&link, number).await;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => show().await,
        ["--serve", address] => {
            let serving = serve(address, Shared::default()).await?;
            println!("the platform listens at {}", serving.local_address());
            tokio::signal::ctrl_c().await?;
            serving.drain(Duration::from_secs(5)).await;
            Ok(())
        }
        ["--connect", address] => travel(address).await,
        _ => Err("usage: gb32960 [--serve ADDRESS | --connect HOST:PORT]".into()),
    }
}
