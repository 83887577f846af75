//! Simulated devices: good ones, and two kinds of bad ones.

use std::time::Duration;

use longlink::session::fleet::Fleet;
use longlink::session::{Backoff, Established, Event, Protocol, Refusal, Script, Settings};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::message::{Command, Ordered, Report, Said};

/// A device's rules for one connection: it registers, then reports.
pub struct Device(pub u32);

impl Protocol for Device {
    type Outgoing = Report;
    type Incoming = Command;
    type View<'a> = Command;

    async fn handshake(
        &mut self,
        script: &mut Script<Report, Command>,
    ) -> Result<Established, Refusal> {
        script.send(Report::new(Said::Register { device: self.0, model: "T-100".into() }));
        match script.receive().await?.body {
            Ordered::Welcome { accepted: true } => Ok(Established::default()),
            other => Err(Refusal::Fatal(format!("not welcome: {other:?}").into())),
        }
    }
}

/// Runs `count` devices for `show`; each obeys its commands.
pub async fn run(address: &str, count: u32, show: Duration) {
    let backoff = Backoff::fixed(Duration::from_millis(500));
    let settings = Settings { backoff, start_spread: show / 4, ..Settings::default() };
    let (fleet, mut inbox) =
        Fleet::<u32, Device>::builder().endpoints([address]).settings(settings).spawn();
    for device in 1..=count {
        if let Ok(link) = fleet.add(device, move || std::future::ready(Ok(Device(device)))) {
            tokio::spawn(async move {
                let mut turn = 0_u8;
                while !link.state().is_final() {
                    let temperature =
                        20.0 + f64::from(device % 100) / 10.0 + f64::from(turn) / 100.0;
                    let measured = Said::Measured { temperature, battery: 100 - turn % 100 };
                    // A full queue means that the hub is away: the next measurement is newer.
                    drop(link.try_send(Report::new(measured)));
                    turn = turn.wrapping_add(1);
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
            });
        }
    }
    let obey = async {
        while let Some((device, event)) = inbox.next().await {
            if let (Event::Frame { frame, .. }, Some(link)) = (event, fleet.get(&device)) {
                let accepted = !matches!(frame.body, Ordered::Blink { times: 0 });
                let done = Said::Done { command: frame.number, accepted };
                drop(link.try_send(Report::new(done)));
            }
        }
    };
    // The show is over when its time is.
    let _ = tokio::time::timeout(show, obey).await;
    fleet.drain(Duration::from_secs(2)).await;
}

/// Devices that send nonsense, or begin a frame and never end it.
pub async fn misbehave(address: String, count: u32) {
    for number in 0..count {
        if let Ok(mut stream) = TcpStream::connect(&address).await {
            tokio::spawn(async move {
                let bytes: &[u8] = if number % 2 == 0 { &[0xFF; 64] } else { &[0xD5, 0x1C, 0x00] };
                // The hub may have closed already.
                let _ = stream.write_all(bytes).await;
                tokio::time::sleep(Duration::from_secs(60)).await;
            });
        }
    }
}
