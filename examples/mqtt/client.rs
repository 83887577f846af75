//! What MQTT adds to its packets: the login, the four acknowledgements, keep-alive, the goodbye.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use longlink::Bytes;
use longlink::session::event::Text;
use longlink::session::protocol::{
    Acknowledges, Awaits, Established, Inbound, Key, Meaning, Protocol, Refusal,
};
use longlink::session::script::Script;
use longlink::session::session::{Builder, Session};
use longlink::session::settings::Heartbeat;

use super::packet::{Body, ConnectFlags, Filter, Flags, Packet, Will};

/// How a client introduces itself.
#[derive(Debug, Clone)]
pub struct Options {
    /// Names the client; the server keeps its session under this name.
    pub client: String,
    /// The server forgets what it knew of this client.
    pub clean: bool,
    /// The server gives the client up after one and a half times this.
    pub keep_alive: Duration,
    pub user: Option<String>,
    pub password: Option<Bytes>,
    pub will: Option<LastWill>,
}

/// What the server publishes when the client is gone without a word.
#[derive(Debug, Clone)]
pub struct LastWill {
    pub topic: String,
    pub message: Bytes,
    pub quality: u8,
    pub retain: bool,
}

impl Options {
    /// A clean session, kept alive each 30 seconds.
    pub fn new(client: &str) -> Self {
        Self {
            client: client.to_owned(),
            clean: true,
            keep_alive: Duration::from_secs(30),
            user: None,
            password: None,
            will: None,
        }
    }
}

/// The rules of MQTT for one connection.
pub struct Client {
    options: Arc<Options>,
    /// Messages of quality 2 that came in and are not released: the server may send them again,
    /// also over the next connection (MQTT 3.1.1 §4.3.3, method B).
    held: Arc<Mutex<BTreeSet<u16>>>,
}

/// A client of the broker at `address`; `.spawn()` starts it.
pub fn client(address: &str, options: Options) -> Builder<Client> {
    let heartbeat = Heartbeat::every(options.keep_alive);
    let (options, held) = (Arc::new(options), Arc::default());
    let make = move || {
        let client = Client { options: Arc::clone(&options), held: Arc::clone(&held) };
        std::future::ready(Ok(client))
    };
    Session::builder(make).endpoint(address).heartbeat(heartbeat)
}

/// A message to be published. The session gives it its id.
pub fn publish(topic: &str, quality: u8, retain: bool, payload: Bytes) -> Packet {
    let id = (quality > 0).then_some(1);
    let flags = Flags { duplicate: false, quality, retain };
    Packet::new(flags, Body::Publish { topic: topic.to_owned(), id, payload })
}

/// A wish for messages of at most this quality. The session gives it its id.
pub fn subscribe(topic: &str, quality: u8) -> Packet {
    let filters = vec![Filter { topic: topic.to_owned(), quality }];
    Packet::new(Flags::TWO, Body::Subscribe { id: 1, filters })
}

impl Client {
    fn connect(&self) -> Packet {
        let options = &self.options;
        let (quality, retain) =
            options.will.as_ref().map_or((0, false), |will| (will.quality, will.retain));
        let will = options
            .will
            .as_ref()
            .map(|will| Will { topic: will.topic.clone(), message: will.message.clone() });
        let body = Body::Connect {
            protocol: (),
            level: (),
            connect: ConnectFlags::new(retain, quality, options.clean),
            keep_alive: u16::try_from(options.keep_alive.as_secs()).unwrap_or(u16::MAX),
            client: options.client.clone(),
            will,
            user: options.user.clone(),
            password: options.password.clone(),
        };
        Packet::new(Flags::NONE, body)
    }

    fn held(&self) -> MutexGuard<'_, BTreeSet<u16>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Protocol for Client {
    type Outgoing = Packet;
    type Incoming = Packet;
    type View<'a> = Packet;

    async fn handshake(
        &mut self,
        script: &mut Script<Packet, Packet>,
    ) -> Result<Established, Refusal> {
        script.send(self.connect());
        let Body::ConnectAck { session_present, code } = script.receive().await?.body else {
            return Err(Refusal::Transient("the first packet is no CONNACK".into()));
        };
        if let Some(refusal) = refused(code) {
            return Err(refusal);
        }
        let resumed = session_present == 1;
        if !resumed {
            self.held().clear();
        }
        Ok(Established { resumed, first_sequence: Some(1), ..Established::default() })
    }

    /// The flags of PINGREQ are a field of the packet, so its role alone does not make one.
    fn heartbeat(&mut self) -> Option<Packet> {
        Some(Packet::new(Flags::NONE, Body::Ping))
    }

    fn classify(&self, received: &Packet) -> Inbound {
        let (acknowledges, is) = match received.body {
            Body::Publish { id: Some(id), .. } if self.held().contains(&id) => {
                (None, Meaning::Nothing)
            }
            Body::PublishAck { id } | Body::PublishComplete { id } => {
                (Some(Acknowledges::One(key(id))), Meaning::Nothing)
            }
            Body::PublishReceived { id } => (Some(Acknowledges::Half(key(id))), Meaning::Nothing),
            Body::PublishRelease { .. } => (None, Meaning::Nothing),
            // For who asked; else the inbox shows what became of a standing subscription.
            Body::SubscribeAck { id, .. } | Body::UnsubscribeAck { id } => {
                (Some(Acknowledges::One(key(id))), Meaning::Push)
            }
            Body::Pong => (None, Meaning::HeartbeatReply),
            _ => (None, Meaning::Push),
        };
        Inbound { acknowledges, is, counted: false }
    }

    fn acknowledge(&mut self, received: &Packet) -> Option<Packet> {
        let (flags, body) = match received.body {
            Body::Publish { id: Some(id), .. } if received.flags.quality == 1 => {
                (Flags::NONE, Body::PublishAck { id })
            }
            Body::Publish { id: Some(id), .. } => {
                self.held().insert(id);
                (Flags::NONE, Body::PublishReceived { id })
            }
            Body::PublishReceived { id } => (Flags::TWO, Body::PublishRelease { id }),
            Body::PublishRelease { id } => {
                self.held().remove(&id);
                (Flags::NONE, Body::PublishComplete { id })
            }
            _ => return None,
        };
        Some(Packet::new(flags, body))
    }

    fn awaits(&self, sent: &Packet) -> Awaits {
        match sent.body {
            Body::Publish { id: Some(_), .. } => Awaits::Acknowledgement,
            _ => Awaits::Nothing,
        }
    }

    fn resend(&mut self, frame: &mut Packet) {
        if matches!(frame.body, Body::Publish { .. }) {
            frame.flags.duplicate = true;
        }
    }

    fn goodbye(&mut self) -> Option<Packet> {
        Some(Packet::new(Flags::NONE, Body::Disconnect))
    }
}

fn key(id: u16) -> Key {
    Key(u64::from(id))
}

/// MQTT 3.1.1 §3.2.2.3, table 3.1: only an unavailable server is worth another try.
fn refused(code: u8) -> Option<Refusal> {
    let fatal = |text: &'static str| Some(Refusal::Fatal(Text::Borrowed(text)));
    match code {
        0 => None,
        1 => fatal("unacceptable protocol version"),
        2 => fatal("client identifier rejected"),
        3 => Some(Refusal::Transient("server unavailable".into())),
        4 => fatal("bad user name or password"),
        5 => fatal("not authorized"),
        other => Some(Refusal::Transient(format!("return code {other}").into())),
    }
}
