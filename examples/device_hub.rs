//! Devices dial in, register, report, and get typed commands; an operator watches the terminal.
//! Each device is a session of its own: slow and broken ones cannot hurt the others.
//!
//! ```text
//! cargo run --example device_hub                                 a hub, 300 devices, 10 bad ones
//! cargo run --example device_hub -- --serve 127.0.0.1:4100
//! cargo run --example device_hub -- --connect 127.0.0.1:4100 300
//! ```
#![allow(unreachable_pub, missing_docs, reason = "a program, not a library")]

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use longlink::session::fleet::Fleet;
use longlink::session::listener::{Limits, Serving};
use longlink::session::{
    Established, Event, Inbox, Link, Listener, Plain, Protocol, Refusal, Script,
};
use longlink::{Auto, Frame, Wire};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc::{Receiver, channel};
use tokio::time::{interval, timeout};

#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(endian = big, magic = 0xD51Cu16, max_frame_length = 64, resync = close)]
pub struct Message {
    #[wire(length_of = body)]
    length: Auto<u16>,
    #[wire(tag_of = body)]
    kind: Auto<u8>,
    #[wire(role = sequence)]
    number: u16,
    body: Body,
    #[wire(checksum = crc_16_ibm_3740, over = ..self)]
    checksum: Auto<u16>,
}

#[derive(Debug, Clone, PartialEq, Wire)]
pub enum Body {
    #[wire(tag = 1)]
    Register(#[wire(valid = 1..=999)] u16),
    #[wire(tag = 2)]
    Measured(#[wire(as = i16, scale = 0.01, unit = "°C")] f64),
    /// A command: show yourself, so many times.
    #[wire(tag = 3)]
    Blink(u8),
    #[wire(tag = 4)]
    Done(#[wire(role = replies_to)] u16),
    #[wire(tag = 5, role = heartbeat)]
    Alive,
    #[wire(tag = 6, role = heartbeat_reply)]
    AliveToo,
}

/// The hub's rules for one connection: whoever does not register is refused.
struct Hub(Arc<OnceLock<u16>>);

impl Protocol for Hub {
    type Outgoing = Message;
    type Incoming = Message;
    type View<'a> = Message;

    async fn handshake(
        &mut self,
        script: &mut Script<Message, Message>,
    ) -> Result<Established, Refusal> {
        let Body::Register(device) = script.receive().await?.body else {
            return Err(Refusal::Fatal("it did not register".into()));
        };
        self.0.get_or_init(|| device);
        Ok(Established::default())
    }
}

/// The hub, and what its devices say: who, over which link, what.
type Desk = (Serving<Hub>, Receiver<(u16, Link<Hub>, Body)>);

async fn serve(address: &str) -> Result<Desk, Box<dyn Error>> {
    let ((tell, told), short) = (channel(1_000), Duration::from_secs(2));
    let limits = Limits { handshake: short, frame: short, ..Limits::default() };
    let serving = Listener::bind(address).limits(limits).await?.serve_each(move |_| {
        let (tell, device) = (tell.clone(), Arc::new(OnceLock::new()));
        let hub = Hub(device.clone());
        (hub, async move |link: Link<Hub>, mut inbox: Inbox<Hub>| {
            while let (Some(message), Some(device)) = (inbox.next_frame().await, device.get()) {
                drop(tell.send((*device, link.clone(), message.body)).await);
            }
        })
    });
    println!("the hub listens at {}", serving.local_address());
    Ok((serving, told))
}

/// The operator's page: a line each second, and a command to one device.
async fn operate((serving, mut told): Desk, seconds: usize) {
    let (mut devices, mut ticks) = (BTreeMap::new(), interval(Duration::from_secs(1)));
    for second in 0..=seconds {
        let mut reports = 0;
        loop {
            tokio::select! {
                _ = ticks.tick() => break,
                Some((device, link, body)) = told.recv() => if let Body::Measured(degrees) = body {
                    reports += 1;
                    devices.insert(device, (link, degrees));
                }
            }
        }
        let chosen = devices.iter().nth(second * 37 % devices.len().max(1));
        let Some((device, (link, degrees))) = chosen else { continue };
        let (asked, order) = (Instant::now(), Message::new(0, Body::Blink(3)));
        // Whoever is slow must not hold up the others.
        let answer = timeout(Duration::from_millis(500), link.request(order)).await;
        let how = if matches!(answer, Ok(Ok(_))) { "blinked after" } else { "mute for" };
        let (here, waiting, took) = (serving.connections(), serving.handshaking(), asked.elapsed());
        println!(
            "{here:>4} devices {waiting:>2} waiting {reports:>4} reports/s  \
             {device:03}: {degrees:.2} °C, {how} {took:.1?}"
        );
    }
    let tally = serving.tally();
    println!("{} connections, {} of them refused", tally.accepted, tally.failed_handshakes);
}

/// Simulated devices: they report twice a second and do as they are told.
async fn simulate(address: &str, count: u16) {
    let (fleet, mut inbox) = Fleet::<u16, Plain<Message>>::builder().endpoints([address]).spawn();
    for device in 1..=count {
        if let Ok(link) = fleet.add(device, Plain::make) {
            // The first word of each connection.
            drop(link.standing(0, Message::new(0, Body::Register(device))));
        }
    }
    let (mut ticks, began) = (interval(Duration::from_millis(500)), Instant::now());
    loop {
        tokio::select! {
            _ = ticks.tick() => for (device, link) in fleet.links() {
                let weather = 20.0 + 5.0 * (f64::from(device) + began.elapsed().as_secs_f64()).sin();
                // A full queue means that the hub is away: the next measurement is newer.
                drop(link.try_send(Message::new(0, Body::Measured(weather))));
            },
            Some((device, event)) = inbox.next() => {
                if let (Event::Frame { frame, .. }, Some(link)) = (event, fleet.get(&device)) {
                    drop(link.try_send(Message::new(0, Body::Done(frame.number))));
                }
            }
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            let desk = serve("127.0.0.1:0").await?;
            let address = desk.0.local_address().to_string();
            // Bad ones send nonsense, or begin a frame and never end it.
            let mut bad = Vec::new();
            for bytes in [&[0xFF; 64][..], &[0xD5, 0x1C, 0x00]].repeat(5) {
                let mut stream = TcpStream::connect(&address).await?;
                stream.write_all(bytes).await?;
                bad.push(stream);
            }
            tokio::spawn(async move { simulate(&address, 300).await });
            operate(desk, 6).await;
        }
        ["--serve", address] => operate(serve(address).await?, usize::MAX).await,
        ["--connect", address, count] => simulate(address, count.parse()?).await,
        _ => return Err("usage: device_hub [--serve ADDRESS | --connect HOST:PORT COUNT]".into()),
    }
    Ok(())
}
