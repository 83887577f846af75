//! The terminal: it registers once, signs on with each connection, reports, and obeys.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use longlink::codec::{Roles, Tagged};
use longlink::session::protocol::{
    Contexts, Established, Inbound, Key, Meaning, Refusal, Seen, Side, View,
};
use longlink::session::session::{Builder, Session};
use longlink::session::{Backoff, Heartbeat, Inbox, Link, Protocol, Script};
use longlink::{Bytes, CivilTime};

use super::packet::location::{Extra, ExtraValue, Location, Point, Stored};
use super::packet::setting::Setting;
use super::packet::terminal::{Authentication, Identity, Registration};
use super::packet::{Body, Edition, Packet, Reply};
use super::parts::Sent;
use super::sender::Sender;

/// A terminal's rules for one connection.
pub struct Terminal {
    sender: Sender,
    plate: String,
    /// What the registration gave; it outlives the connection.
    token: Arc<Mutex<Option<String>>>,
    /// What was sent over this connection.
    sent: Sent,
}

/// A terminal of the platform at `address`; `.spawn()` starts it. It keeps in `sent` what may be
/// asked for again.
pub fn terminal(address: &str, sender: Sender, plate: &str, sent: &Sent) -> Builder<Terminal> {
    let (name, plate, sent) = (sender.phone.to_string(), plate.to_owned(), sent.clone());
    let token = Arc::default();
    let make = move || {
        let (sender, plate, sent) = (sender.clone(), plate.clone(), sent.clone());
        std::future::ready(Ok(Terminal { sender, plate, token: Arc::clone(&token), sent }))
    };
    // JT/T 808 leaves the interval to the platform's settings; 0x0001 has one minute by default.
    let heartbeat = Heartbeat::every(Duration::from_secs(60));
    let backoff = Backoff::fixed(Duration::from_secs(3));
    Session::builder(make).name(name).endpoint(address).heartbeat(heartbeat).backoff(backoff)
}

impl Terminal {
    fn register(&self) -> Body {
        let (maker, model) = ("LONGL".to_owned(), "LL-808".to_owned());
        let terminal = "T000001".to_owned();
        let identity = match (self.sender.version, self.sender.edition) {
            (Some(_), _) => Identity::Of2019 { maker, model, terminal },
            (None, Edition::Of2013) => Identity::Of2013 { maker, model, terminal },
            (None, Edition::Of2011) => Identity::Of2011 { maker, model, terminal },
        };
        let plate = self.plate.clone();
        Body::Register(Registration { province: 44, city: 300, identity, colour: 2, plate })
    }

    fn authenticate(&self, token: String) -> Body {
        Body::Authenticate(match self.sender.version {
            None => Authentication::Token(token),
            Some(_) => Authentication::Of2019 {
                token,
                imei: "860000000000001".into(),
                software: "1.0".into(),
            },
        })
    }

    fn token(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Protocol for Terminal {
    type Outgoing = Packet;
    type Incoming = Packet;
    type View<'a> = Packet;

    async fn handshake(
        &mut self,
        script: &mut Script<Packet, Packet>,
    ) -> Result<Established, Refusal> {
        self.sent.forget();
        let known = self.token().clone();
        let token = match known {
            Some(token) => token,
            None => {
                script.send(self.sender.packet(self.register()));
                match script.receive().await?.body {
                    Body::Registered { result: 0, token, .. } => token,
                    Body::Registered { result, .. } => {
                        return Err(Refusal::Fatal(format!("not registered: {result}").into()));
                    }
                    _ => return Err(Refusal::Transient("no answer to the registration".into())),
                }
            }
        };
        *self.token() = Some(token.clone());
        script.send(self.sender.packet(self.authenticate(token)));
        match script.receive().await?.body {
            Body::PlatformReply(Reply { message: 0x0102, result: 0, .. }) => {
                Ok(Established::default())
            }
            _ => {
                // The platform has forgotten us: the next connection registers anew.
                *self.token() = None;
                Err(Refusal::Transient("not let in".into()))
            }
        }
    }

    fn contexts(&self, _: Side) -> Contexts<Self> {
        Contexts { reading: self.sender.context(), writing: self.sender.context() }
    }

    fn heartbeat(&mut self) -> Option<Packet> {
        Some(self.sender.packet(Body::Heartbeat))
    }

    /// Orders are obeyed; what asks for more than "done" is answered by [`answer`].
    fn acknowledge(&mut self, received: &Packet) -> Option<Packet> {
        obeyed(received).map(|reply| self.sender.packet(Body::TerminalReply(reply)))
    }

    fn classify(&self, received: &Packet) -> Inbound {
        general(received)
    }

    /// What is sent again keeps its number.
    fn stamp(&mut self, packet: &mut Packet, sequence: u64) -> Option<Key> {
        if self.sent.contains(packet) {
            return None;
        }
        packet.set_sequence(sequence).then_some(Key(packet.serial.into()))
    }

    fn follow(&mut self, seen: Seen<'_, '_, Self>, _: &mut Contexts<Self>) {
        if let Seen::Sent(packet) = seen {
            self.sent.keep(packet);
        }
    }
}

fn obeyed(received: &Packet) -> Option<Reply> {
    let obeys = matches!(
        received.body,
        Body::Configure { .. } | Body::Control { .. } | Body::Text { .. } | Body::ThroughDown(_)
    );
    obeys.then(|| reply_to(received, 0))
}

/// The general answer to a packet.
pub fn reply_to(received: &Packet, result: u8) -> Reply {
    let message = u16::try_from(received.body.tag()).unwrap_or_default();
    Reply { serial: received.serial, message, result }
}

/// A general answer tells its sender nothing that the receipt does not.
pub fn general(received: &Packet) -> Inbound {
    let inbound = received.inbound();
    match received.body {
        Body::TerminalReply(_) | Body::PlatformReply(_) => {
            Inbound { is: Meaning::Nothing, ..inbound }
        }
        _ => inbound,
    }
}

/// Answers what the platform asks, until the session ends.
pub async fn answer(link: Link<Terminal>, mut inbox: Inbox<Terminal>, sender: Sender, sent: Sent) {
    while let Some(packet) = inbox.next_frame().await {
        let serial = packet.serial;
        let body = match packet.body {
            Body::AskLocation => Body::LocationReply { serial, location: location(0) },
            Body::AskSettings => Body::Settings {
                serial,
                count: longlink::Auto::Derived,
                // More than one packet holds.
                settings: (0..200).map(Setting::report_every).collect(),
            },
            Body::OrderParts(missing) => {
                for part in sent.again(&missing) {
                    drop(link.feed(part).await);
                }
                continue;
            }
            Body::Text { text, .. } => {
                println!("{} shows: {text}", sender.phone);
                continue;
            }
            Body::MultimediaReply { id, missing: None } => {
                println!("{} sent picture {id}", sender.phone);
                continue;
            }
            _ => continue,
        };
        // A queue that is full or closed leaves the question unanswered.
        drop(link.feed(sender.packet(body)).await);
    }
}

/// A place on the way, with what the vehicle measures there.
pub fn location(step: u32) -> Location {
    let extra = |value| Extra::new(value);
    Location {
        point: Point {
            alarms: 0,
            status: 3,
            latitude: 22.54 + f64::from(step % 1_000) * 1e-4,
            longitude: 114.05,
            altitude: 12,
            speed: 62.5,
            heading: 0,
            time: CivilTime::from_bcd([0x26, 0x11, 0x23, 0x08, 0x30, 0x00]),
        },
        extras: vec![
            extra(ExtraValue::Mileage(12_345.6)),
            extra(ExtraValue::Fuel(40.5)),
            extra(ExtraValue::Signal(28)),
            extra(ExtraValue::Satellites(11)),
        ],
    }
}

/// Where the vehicle was while it was cut off.
pub fn late(count: u32) -> Body {
    let items = (0..count).map(|step| Stored::new(location(step))).collect();
    Body::Locations { count: longlink::Auto::Derived, late: 1, items }
}

/// A picture of so many bytes: longer than one packet.
pub fn picture(sender: &Sender, id: u32, len: usize) -> Body {
    let old = sender.version.is_none() && sender.edition == Edition::Of2011;
    Body::Multimedia {
        id,
        kind: 0,
        format: 0,
        event: 1,
        channel: 1,
        point: (!old).then(|| location(id).point),
        data: Bytes::from(vec![0x7E; len]),
    }
}
