//! IEC 60870-5-104, the language of power grids: a controlling station, and a controlled one.
//!
//! ```text
//! cargo run --example iec104                                      both ends, for three seconds
//! cargo run --example iec104 -- --serve 127.0.0.1:2404
//! cargo run --example iec104 -- --connect 127.0.0.1:2404 47        watches station 47
//! cargo run --example iec104 -- --connect 127.0.0.1:2404 47 switch 20 on
//! cargo run --example iec104 -- --connect 127.0.0.1:2404 47 set 21 3.5
//! ```
#![allow(unreachable_pub, missing_docs, reason = "a program, not a library")]

mod apci;
mod controlled;
mod controlling;
mod unit;

use std::error::Error;
use std::fmt::Display;
use std::time::Duration;

use apci::{Apci, Parameters};
use controlled::{Point, Station};
use controlling::{controlling, interrogate, now, set, switch, synchronize};
use longlink::session::{Event, Inbox, Link};
use unit::value::{DoublePoint, Measured, Quality, SinglePoint, Timed};
use unit::{Control, DataUnit, Group, Objects, Unit};

const USAGE: &str = "usage: iec104 [--serve ADDRESS | --connect HOST:PORT STATION [ORDER]]
orders: switch ADDRESS on|off, set ADDRESS VALUE";

/// A station with a breaker and a transformer.
fn sample() -> Station {
    Station::new(
        47,
        [
            (11, Point::Measurement(12.34)),
            (12, Point::Indication(true)),
            (13, Point::Indication(false)),
            (20, Point::Switch { moves: 13 }),
            (21, Point::Setpoint { moves: 11 }),
        ],
    )
}

/// A value in words.
trait Word {
    fn word(&self) -> String;
}

impl Word for SinglePoint {
    fn word(&self) -> String {
        format!("{}{}", if self.on { "on" } else { "off" }, doubts(self.quality))
    }
}

impl Word for DoublePoint {
    fn word(&self) -> String {
        format!("{:?}{}", self.state, doubts(self.quality))
    }
}

impl<T: Display> Word for Measured<T> {
    fn word(&self) -> String {
        let overflow = if self.quality.overflow { ", overflow" } else { "" };
        format!("{}{overflow}{}", self.value, doubts(self.quality.quality))
    }
}

impl<V: Word> Word for Timed<V> {
    fn word(&self) -> String {
        format!("{} at {}", self.value.word(), self.time)
    }
}

fn doubts(quality: Quality) -> String {
    let Quality { blocked, substituted, not_topical, invalid } = quality;
    let all = [
        (blocked, ", blocked"),
        (substituted, ", substituted"),
        (not_topical, ", not topical"),
        (invalid, ", invalid"),
    ];
    all.into_iter().filter(|(doubt, _)| *doubt).map(|(_, word)| word).collect()
}

/// What a unit says, one object a line.
fn show(data: &DataUnit) {
    fn each<V: Word>(data: &DataUnit, group: &Group<V>) {
        for (address, value) in group.iter() {
            println!("{:>5} {address:>5} {:?}: {}", data.station, data.cause, value.word());
        }
    }
    match &data.objects {
        Objects::SinglePoint(group) => each(data, group),
        Objects::DoublePoint(group) => each(data, group),
        Objects::Scaled(group) => each(data, group),
        Objects::Short(group) => each(data, group),
        Objects::TimedSinglePoint(group) => each(data, group),
        Objects::TimedDoublePoint(group) => each(data, group),
        Objects::TimedScaled(group) => each(data, group),
        Objects::TimedShort(group) => each(data, group),
        Objects::Interrogate(_) => println!("{:>5} interrogation: {:?}", data.station, data.cause),
        Objects::SingleCommand(group) => ends(data, group.address()),
        Objects::SetShort(group) => ends(data, group.address()),
        other => println!("{:>5} {:?}: {other:?}", data.station, data.cause),
    }
}

/// What is said of an order after its confirmation.
fn ends(data: &DataUnit, address: Option<u32>) {
    println!("{:>5} {:>5} {:?}", data.station, address.unwrap_or_default(), data.cause);
}

/// Sends an order and shows its confirmation.
async fn order(link: &Link<Apci>, name: &str, unit: Unit) {
    match link.request(unit).await {
        Ok(Unit { control: Control::Information { data, .. }, .. }) => {
            let verdict = if data.negative { "refused" } else { "confirmed" };
            println!("{name}: {verdict}, {:?}", data.cause);
        }
        Ok(other) => println!("{name}: {other:?}"),
        Err(error) => println!("{name}: no answer: {error}"),
    }
}

/// Shows what comes, through all reconnects.
async fn watch(mut inbox: Inbox<Apci>) {
    while let Some(event) = inbox.next().await {
        match event {
            Event::Frame {
                frame: Unit { control: Control::Information { data, .. }, .. }, ..
            } => {
                show(&data);
            }
            Event::Up { epoch, .. } => println!("up, connection {epoch}"),
            Event::Down { cause, .. } => println!("down: {cause}"),
            _ => {}
        }
    }
}

/// Synchronizes the clock, asks for everything, gives the orders, and watches.
async fn connect(
    address: &str,
    station: u16,
    orders: Vec<(&str, Unit)>,
    show: Option<Duration>,
) -> Result<(), Box<dyn Error>> {
    let (link, inbox) = controlling(address, Parameters::default()).spawn();
    // After each reconnect, too.
    link.standing(0, interrogate(station)).map_err(|error| error.to_string())?;
    let watching = tokio::spawn(watch(inbox));
    order(&link, "clock", synchronize(station, now())).await;
    for (name, unit) in orders {
        order(&link, name, unit).await;
    }
    match show {
        Some(show) => tokio::time::sleep(show).await,
        None => tokio::signal::ctrl_c().await?,
    }
    let report = link.drain(Duration::from_secs(5)).await;
    watching.await?;
    println!("{} orders without an outcome", report.not_sent + report.uncertain + report.dropped);
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            let serving = sample().serve("127.0.0.1:0", Parameters::default()).await?;
            let orders = vec![
                ("switch on", switch(47, 20, true)),
                ("set to 3.5", set(47, 21, 3.5)),
                ("switch what is none", switch(47, 11, true)),
            ];
            let address = serving.local_address().to_string();
            connect(&address, 47, orders, Some(Duration::from_secs(3))).await
        }
        ["--serve", address] => {
            let station = sample();
            let serving = station.clone().serve(address, Parameters::default()).await?;
            println!("station 47 listens at {}", serving.local_address());
            let mut second = tokio::time::interval(Duration::from_secs(1));
            for turn in 0_u16.. {
                tokio::select! {
                    _ = second.tick() => {
                        let value = 12.0 + f32::from(turn % 10) / 10.0;
                        station.change(11, Point::Measurement(value));
                    }
                    done = tokio::signal::ctrl_c() => { done?; break }
                }
            }
            serving.drain(Duration::from_secs(5)).await;
            Ok(())
        }
        ["--connect", address, station] => {
            connect(address, station.parse()?, Vec::new(), None).await
        }
        ["--connect", address, station, "switch", at, to @ ("on" | "off")] => {
            let unit = switch(station.parse()?, at.parse()?, to == "on");
            connect(address, station.parse()?, vec![("switch", unit)], Some(Duration::ZERO)).await
        }
        ["--connect", address, station, "set", at, to] => {
            let unit = set(station.parse()?, at.parse()?, to.parse()?);
            connect(address, station.parse()?, vec![("set", unit)], Some(Duration::ZERO)).await
        }
        _ => Err(USAGE.into()),
    }
}
