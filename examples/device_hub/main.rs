//! Devices dial in, register, report, and get typed commands; an operator watches the terminal.
//! Each device is a session of its own: slow and broken ones cannot hurt the others.
//!
//! ```text
//! cargo run --example device_hub                                 a hub, 300 devices, 10 bad ones
//! cargo run --example device_hub -- --serve 127.0.0.1:4100
//! cargo run --example device_hub -- --connect 127.0.0.1:4100 300
//! ```
#![allow(unreachable_pub, missing_docs, reason = "a program, not a library")]

mod device;
mod message;

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use longlink::session::listener::{Limits, Peer, Serving};
use longlink::session::{Established, Inbox, Link, Listener, Protocol, Refusal, Script};
use message::{Command, Ordered, Report, Said};

/// What the hub knows of a device.
struct Known {
    connection: u64,
    link: Link<Hub>,
    temperature: f64,
    battery: u8,
    reports: u64,
}

/// All devices that are connected, by the name that they registered with.
type Devices = Arc<Mutex<BTreeMap<Arc<str>, Known>>>;

fn open(devices: &Devices) -> MutexGuard<'_, BTreeMap<Arc<str>, Known>> {
    devices.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The hub's rules for one connection: whoever does not register is refused.
struct Hub;

impl Protocol for Hub {
    type Outgoing = Command;
    type Incoming = Report;
    type View<'a> = Report;

    async fn handshake(
        &mut self,
        script: &mut Script<Command, Report>,
    ) -> Result<Established, Refusal> {
        let Said::Register { device, .. } = script.receive().await?.body else {
            return Err(Refusal::Fatal("it did not register".into()));
        };
        script.send(Command::new(0, Ordered::Welcome { accepted: true }));
        let identity = Some(format!("{device:03}").into());
        Ok(Established { identity, ..Established::default() })
    }

    fn acknowledge(&mut self, received: &Report) -> Option<Command> {
        (received.body == Said::Alive).then(|| Command::new(0, Ordered::AliveToo))
    }
}

/// One device, from its registration to its end.
async fn attend(devices: Devices, device: Arc<str>, known: Known, mut inbox: Inbox<Hub>) {
    let connection = known.connection;
    open(&devices).insert(device.clone(), known);
    while let Some(report) = inbox.next_frame().await {
        if let Said::Measured { temperature, battery } = report.body
            && let Some(known) = open(&devices).get_mut(&device)
        {
            (known.temperature, known.battery) = (temperature, battery);
            known.reports += 1;
        }
    }
    // It may have come again over another connection before this one was seen to end.
    let mut devices = open(&devices);
    if devices.get(&device).is_some_and(|known| known.connection == connection) {
        devices.remove(&device);
    }
}

async fn serve(address: &str, devices: Devices) -> Result<Serving<Hub>, Box<dyn Error>> {
    let limits = Limits {
        handshake: Duration::from_secs(2),
        frame: Duration::from_secs(2),
        ..Limits::default()
    };
    let each = move |link, inbox, peer: Peer| {
        let device = peer.identity.unwrap_or_default();
        let (connection, battery) = (peer.number, 0);
        let known = Known { connection, link, temperature: 0.0, battery, reports: 0 };
        attend(devices.clone(), device, known, inbox)
    };
    let serving = Listener::bind(address).limits(limits).await?.serve_each(|_| Hub, each);
    println!("the hub listens at {}", serving.local_address());
    Ok(serving)
}

/// The operator's page: a line each second, and a command to a device now and then.
async fn operate(serving: &Serving<Hub>, devices: &Devices, show: Duration) {
    let (began, mut before, mut turn) = (Instant::now(), 0, 0);
    while began.elapsed() < show {
        tokio::time::sleep(Duration::from_secs(1)).await;
        turn += 1;
        let (reports, warmest, chosen) = {
            let devices = open(devices);
            let warmest = devices.iter().max_by(|a, b| a.1.temperature.total_cmp(&b.1.temperature));
            let warmest = warmest.map_or_else(String::new, |(device, known)| {
                format!("warmest {device} with {:.2} °C, {} %", known.temperature, known.battery)
            });
            let chosen = devices.iter().nth(turn * 7 % devices.len().max(1));
            let chosen = chosen.map(|(device, known)| (device.clone(), known.link.clone()));
            (devices.values().map(|known| known.reports).sum::<u64>(), warmest, chosen)
        };
        println!(
            "{:>4} devices {:>3} waiting {:>6} reports/s  {warmest}",
            serving.connections(),
            serving.handshaking(),
            reports.saturating_sub(before),
        );
        before = reports;
        let Some((device, link)) = chosen else { continue };
        let (asked, order) = (Instant::now(), Ordered::ReportEvery { interval: 500 });
        match link.request(Command::new(0, order)).await {
            Ok(Report { body: Said::Done { accepted, .. }, .. }) => {
                println!("     device {device} obeyed: {accepted}, after {:?}", asked.elapsed());
            }
            other => println!("     device {device} did not answer: {other:?}"),
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (devices, show) = (Devices::default(), Duration::from_secs(8));
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            let serving = serve("127.0.0.1:0", devices.clone()).await?;
            let address = serving.local_address().to_string();
            tokio::spawn(device::misbehave(address.clone(), 10));
            let simulated = tokio::spawn(async move { device::run(&address, 300, show * 2).await });
            operate(&serving, &devices, show).await;
            println!("{:?}", serving.tally());
            serving.drain(Duration::from_secs(2)).await;
            simulated.abort();
            Ok(())
        }
        ["--serve", address] => {
            let serving = serve(address, devices.clone()).await?;
            operate(&serving, &devices, Duration::MAX).await;
            Ok(())
        }
        ["--connect", address, count] => {
            device::run(address, count.parse()?, Duration::from_secs(3600)).await;
            Ok(())
        }
        _ => Err("usage: device_hub [--serve ADDRESS | --connect HOST:PORT COUNT]".into()),
    }
}
