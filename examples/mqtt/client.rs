//! What MQTT adds to its packets on the client's side: the login, the four acknowledgements,
//! keep-alive, the goodbye.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use longlink::Bytes;
use longlink::session::protocol::{
    Acknowledges, Awaits, Contexts, Established, Inbound, Key, Meaning, Protocol, Refusal, Side,
};
use longlink::session::script::Script;
use longlink::session::session::{Builder, Session};
use longlink::session::settings::Heartbeat;

use super::packet::{
    Answer, Body, Connect, ConnectFlags, Filter, Flags, Packet, PacketContext, Reason, Wanted, Will,
};
use super::property::{Value, find, list};
use super::reason;

/// How a client introduces itself.
#[derive(Debug, Clone)]
pub struct Options {
    /// 4 is MQTT 3.1.1, 5 is MQTT 5.
    pub version: u8,
    /// Names the client; the server keeps its session under this name.
    pub client: String,
    /// The server forgets what it knew of this client.
    pub clean: bool,
    /// So long a server of version 5 keeps the session of a client that is not clean.
    pub expiry: Duration,
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
    /// A clean session of version 3.1.1, kept alive each 30 seconds.
    pub fn new(client: &str) -> Self {
        Self {
            version: 4,
            client: client.to_owned(),
            clean: true,
            expiry: Duration::from_secs(3_600),
            keep_alive: Duration::from_secs(30),
            user: None,
            password: None,
            will: None,
        }
    }
}

/// The rules of MQTT for one connection of a client.
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
pub fn publish(version: u8, topic: &str, quality: u8, retain: bool, payload: Bytes) -> Packet {
    let id = (quality > 0).then_some(1);
    let flags = Flags { duplicate: false, quality, retain };
    let properties = list(version, []);
    Packet::new(flags, Body::Publish { topic: topic.to_owned(), id, properties, payload })
}

/// A wish for messages of at most this quality. The session gives it its id.
pub fn subscribe(version: u8, topic: &str, quality: u8) -> Packet {
    let options = Wanted { quality, ..Wanted::default() };
    let filters = vec![Filter { topic: topic.to_owned(), options }];
    Body::Subscribe { id: 1, properties: list(version, []), filters }.into()
}

impl Client {
    /// `name`: given by the server, which keeps the session under it.
    fn connect(&self, name: Option<Bytes>) -> Packet {
        let Options { version, clean, .. } = *self.options;
        let options = &self.options;
        let (quality, retain) =
            options.will.as_ref().map_or((0, false), |will| (will.quality, will.retain));
        let will = options.will.as_ref().map(|will| Will {
            properties: list(version, []),
            topic: will.topic.clone(),
            message: will.message.clone(),
        });
        let kept = u32::try_from(options.expiry.as_secs()).unwrap_or(u32::MAX);
        let name = name.and_then(|name| String::from_utf8(name.into()).ok());
        let connect = Connect {
            protocol: (),
            version,
            connect: ConnectFlags::new(retain, quality, clean),
            keep_alive: u16::try_from(options.keep_alive.as_secs()).unwrap_or(u16::MAX),
            properties: list(version, [Value::SessionExpiry(if clean { 0 } else { kept })]),
            client: name.unwrap_or_else(|| options.client.clone()),
            will,
            user: options.user.clone(),
            password: options.password.clone(),
        };
        Body::Connect(connect).into()
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
        script.send(self.connect(script.token()));
        let (resumed, code, properties) = match script.receive().await?.body {
            Body::ConnectAck { session_present, code, properties } => {
                (session_present, code, properties)
            }
            Body::Authenticate(_) => {
                return Err(Refusal::Fatal("the server wants an extended authentication".into()));
            }
            _ => return Err(Refusal::Transient("the first packet is no CONNACK".into())),
        };
        let code = if code < reason::REFUSED { reason::of_return_code(code) } else { code };
        if code != 0 {
            return Err(reason::verdict(code, &properties));
        }
        if !resumed {
            self.held().clear();
        }
        let token = find(&properties, |value| match value {
            Value::AssignedClient(name) => Some(Bytes::from(name.clone())),
            _ => None,
        });
        let heartbeat = find(&properties, |value| match value {
            Value::ServerKeepAlive(seconds) => Some(Duration::from_secs((*seconds).into())),
            _ => None,
        });
        let pending = find(&properties, |value| match value {
            Value::ReceiveMaximum(count) => Some(*count),
            _ => None,
        });
        let first_sequence = Some(1);
        let established = Established { resumed, first_sequence, ..Established::default() };
        Ok(Established { token, heartbeat, pending, ..established })
    }

    fn contexts(&self, _side: Side) -> Contexts<Self> {
        let version = self.options.version;
        Contexts { reading: PacketContext { version }, writing: PacketContext { version } }
    }

    fn classify(&self, received: &Packet) -> Inbound {
        let pushed = |refused| if refused { Meaning::Push } else { Meaning::Nothing };
        let (acknowledges, is) = match &received.body {
            Body::Publish { id: Some(id), .. } if self.held().contains(id) => {
                (None, Meaning::Nothing)
            }
            Body::Receive(answer) if !answer.refuses() => {
                (Some(Acknowledges::Half(key(answer.id))), Meaning::Nothing)
            }
            // Settled, and shown to the user where the server refused.
            Body::Acknowledge(answer) | Body::Receive(answer) | Body::Complete(answer) => {
                (Some(Acknowledges::One(key(answer.id))), pushed(answer.refuses()))
            }
            Body::Release(_) => (None, Meaning::Nothing),
            // For who asked; else the inbox shows what became of a standing subscription.
            Body::SubscribeAck { id, .. } | Body::UnsubscribeAck { id, .. } => {
                (Some(Acknowledges::One(key(*id))), Meaning::Push)
            }
            Body::Pong => (None, Meaning::HeartbeatReply),
            Body::Disconnect(Reason { code, properties }) => {
                let code = code.unwrap_or(reason::SHUTTING_DOWN);
                (None, Meaning::Goodbye(reason::verdict(code, properties)))
            }
            _ => (None, Meaning::Push),
        };
        Inbound { acknowledges, is, counted: false }
    }

    fn acknowledge(&mut self, received: &Packet) -> Option<Packet> {
        let body = match &received.body {
            Body::Publish { id: Some(id), .. } if received.flags.quality == 1 => {
                Body::Acknowledge(Answer::to(*id))
            }
            Body::Publish { id: Some(id), .. } => {
                self.held().insert(*id);
                Body::Receive(Answer::to(*id))
            }
            Body::Receive(answer) if !answer.refuses() => Body::Release(Answer::to(answer.id)),
            Body::Release(answer) => {
                self.held().remove(&answer.id);
                Body::Complete(Answer::to(answer.id))
            }
            _ => return None,
        };
        Some(body.into())
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
        Some(Body::Disconnect(Reason::default()).into())
    }
}

fn key(id: u16) -> Key {
    Key(u64::from(id))
}
