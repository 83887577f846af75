//! The platform: lets terminals in, answers them, and gives orders.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use longlink::session::listener::Serving;
use longlink::session::protocol::{Contexts, Established, Inbound, Refusal, Side};
use longlink::session::settings::Fragments;
use longlink::session::{Inbox, Link, Listener, Protocol, Script, Settings};

use super::packet::terminal::{Authentication, Identity};
use super::packet::{Body, Edition, Packet, Reply};
use super::parts::Coming;
use super::sender::Sender;
use super::vehicle::{general, reply_to};

/// Everything that outlives a connection.
#[derive(Default)]
pub struct Depot {
    /// What was given to each terminal when it registered, and the edition that it spoke.
    tokens: BTreeMap<String, Edition>,
    /// Reports that arrived, the late ones among them.
    pub locations: u64,
    /// Bytes of pictures.
    pub pictures: u64,
}

impl Depot {
    /// Whoever brings this token is let in.
    pub fn know(&mut self, token: &str, edition: Edition) {
        self.tokens.insert(token.to_owned(), edition);
    }
}

/// Shared by all connections.
pub type Shared = Arc<Mutex<Depot>>;

/// The depot, open.
pub fn open(depot: &Shared) -> MutexGuard<'_, Depot> {
    depot.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The platform's rules for one connection.
pub struct Platform {
    depot: Shared,
    terminal: Terminal,
    coming: Coming,
}

/// Who is at the other end, once it has signed on.
type Terminal = Arc<OnceLock<Sender>>;

impl Platform {
    pub fn new(depot: &Shared) -> Self {
        let (terminal, coming) = (Terminal::default(), Coming::default());
        Self { depot: depot.clone(), terminal, coming }
    }

    /// Registers whoever asks; its token is its plate and its number.
    fn register(&mut self, packet: &Packet) -> Option<(Sender, Body)> {
        let Body::Register(registration) = &packet.body else { return None };
        let edition = match registration.identity {
            Identity::Of2011 { .. } => Edition::Of2011,
            _ => Edition::Of2013,
        };
        let token = format!("{}/{}", registration.plate, packet.phone);
        open(&self.depot).know(&token, edition);
        let serial = packet.serial;
        Some((Sender::of(packet, edition), Body::Registered { serial, result: 0, token }))
    }
}

impl Protocol for Platform {
    type Outgoing = Packet;
    type Incoming = Packet;
    type View<'a> = Packet;

    async fn handshake(
        &mut self,
        script: &mut Script<Packet, Packet>,
    ) -> Result<Established, Refusal> {
        let mut packet = script.receive().await?;
        if let Some((sender, answer)) = self.register(&packet) {
            script.set_reading(sender.context());
            script.set_writing(sender.context());
            script.send(sender.packet(answer));
            packet = script.receive().await?;
        }
        let (Body::Authenticate(Authentication::Token(token))
        | Body::Authenticate(Authentication::Of2019 { token, .. })) = &packet.body
        else {
            return Err(Refusal::Fatal("it did not sign on".into()));
        };
        let edition = open(&self.depot).tokens.get(token).copied();
        let sender = Sender::of(&packet, edition.unwrap_or_default());
        let result = if edition.is_some() { 0 } else { 1 };
        script.set_reading(sender.context());
        script.set_writing(sender.context());
        script.send(sender.packet(Body::PlatformReply(reply_to(&packet, result))));
        if edition.is_none() {
            return Err(Refusal::Fatal("unknown token".into()));
        }
        self.terminal.get_or_init(|| sender);
        Ok(Established::default())
    }

    /// Each packet is answered by its number; parts are answered as a whole, or asked for again.
    fn acknowledge(&mut self, received: &Packet) -> Option<Packet> {
        if let Some(part) = &received.part {
            let missing = self.coming.came(received, part)?;
            return Some(self.terminal.get()?.packet(Body::OrderParts(missing)));
        }
        let body = match &received.body {
            Body::TerminalReply(_)
            | Body::Settings { .. }
            | Body::Device(_)
            | Body::LocationReply { .. }
            | Body::VehicleReply { .. } => return None,
            Body::Multimedia { id, .. } => Body::MultimediaReply { id: *id, missing: None },
            // Clause 8.2: 3 is "not supported".
            Body::Unknown { .. } => Body::PlatformReply(reply_to(received, 3)),
            _ => Body::PlatformReply(reply_to(received, 0)),
        };
        Some(self.terminal.get()?.packet(body))
    }

    fn classify(&self, received: &Packet) -> Inbound {
        general(received)
    }

    fn contexts(&self, _: Side) -> Contexts<Self> {
        Contexts::default()
    }
}

/// How the platform's sessions are set: some terminals number the parts of a message when they make
/// them, and send other packets between.
pub fn settings() -> Settings {
    let fragments = Fragments { gap: 64, ..Fragments::default() };
    Settings { fragments, ..Settings::default() }
}

/// Accepts terminals, and attends to each.
pub async fn serve(address: &str, depot: Shared) -> Result<Serving<Platform>, Box<dyn Error>> {
    let listener = Listener::bind(address).await?.settings(settings());
    Ok(listener.serve_each(move |_| {
        let (platform, depot) = (Platform::new(&depot), depot.clone());
        let terminal = platform.terminal.clone();
        (platform, |link, inbox| attend(depot, terminal, link, inbox))
    }))
}

/// One terminal, from its sign-on to the end of its connection.
async fn attend(
    depot: Shared,
    terminal: Terminal,
    link: Link<Platform>,
    mut inbox: Inbox<Platform>,
) {
    let Some(sender) = terminal.get() else { return };
    let orders = tokio::spawn(order(link, sender.clone()));
    while let Some(packet) = inbox.next_frame().await {
        match packet.body {
            Body::Location(_) => open(&depot).locations += 1,
            Body::Locations { items, .. } => open(&depot).locations += items.len() as u64,
            Body::Multimedia { data, .. } => open(&depot).pictures += data.len() as u64,
            Body::SignOff => println!("{} signs off", sender.phone),
            other => println!("{} says {other:?}", sender.phone),
        }
    }
    orders.abort();
}

/// What the platform wants of a terminal that has come.
async fn order(link: Link<Platform>, sender: Sender) {
    let phone = &sender.phone;
    let kind = sender.version.map(|_| 1);
    let text = Body::Text { flags: 0x0C, kind, text: "前方拥堵，请绕行。".into() };
    for body in [Body::AskLocation, Body::AskSettings, text] {
        match link.request(sender.packet(body)).await.map(|packet| packet.body) {
            Ok(Body::LocationReply { location, .. }) => {
                let point = location.point;
                println!("{phone} is at {:.4} N {:.4} E", point.latitude, point.longitude);
            }
            Ok(Body::Settings { settings, .. }) => {
                println!("{phone} has {} settings", settings.len());
            }
            Ok(Body::TerminalReply(Reply { message, result, .. })) => {
                println!("{phone} answers {message:#06x} with {result}");
            }
            Ok(other) => println!("{phone} answers {other:?}"),
            Err(error) => println!("{phone} does not answer: {error}"),
        }
    }
}
