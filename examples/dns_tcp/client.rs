//! What DNS over TCP adds to its messages: answers by id in any order, zones in many messages.

use std::collections::BTreeMap;
use std::time::Duration;

use longlink::codec::Roles;
use longlink::session::Session;
use longlink::session::protocol::{
    Acknowledges, Awaits, Contexts, Established, Inbound, Key, Meaning, Protocol, Refusal, Seen,
};
use longlink::session::script::Script;
use longlink::session::session::Builder;
use longlink::session::settings::Heartbeat;

use super::message::{CHAOS, Data, Message};
use super::name::Name;

/// One connection, at either end.
#[derive(Default)]
pub struct Dns {
    /// Zones that are on their way, by the id of their question: start-of-authority records so far.
    transfers: BTreeMap<u16, usize>,
}

/// A client of the server at `address`; `.spawn()` starts it. A server closes connections that
/// are idle for some seconds (RFC 7766 §6.2.3): one question each `interval` keeps this one.
pub fn client(address: &str, interval: Duration) -> Builder<Dns> {
    let make = || std::future::ready(Ok(Dns::default()));
    Session::builder(make).endpoint(address).heartbeat(Heartbeat::every(interval))
}

impl Dns {
    /// The message is the last of its zone: "the first message and the last contain the zone's SOA"
    /// (RFC 5936 §2.2), or an error ends it.
    fn ends(&self, received: &Message) -> Option<bool> {
        let authorities = self.transfers.get(&received.id)?;
        Some(received.flags.code != 0 || *authorities >= 2)
    }
}

impl Protocol for Dns {
    type Outgoing = Message;
    type Incoming = Message;
    type View<'a> = Message;

    async fn handshake(
        &mut self,
        _: &mut Script<Message, Message>,
    ) -> Result<Established, Refusal> {
        Ok(Established::default())
    }

    /// RFC 4892: a question that every server answers, or refuses, from its own knowledge.
    fn heartbeat(&mut self) -> Option<Message> {
        let name: Name = "id.server".parse().ok()?;
        Some(Message::question(name, Data::kind("TXT")?, CHAOS))
    }

    fn classify(&self, received: &Message) -> Inbound {
        let key = Key(u64::from(received.id));
        let (acknowledges, is) = match self.ends(received) {
            _ if !received.flags.response => (None, Meaning::Push),
            Some(last) => (last.then_some(Acknowledges::One(key)), Meaning::Push),
            None => (None, Meaning::Reply(key)),
        };
        Inbound { acknowledges, is, counted: false }
    }

    /// Nothing is answered unasked; after the last message of a zone its id is free.
    fn acknowledge(&mut self, received: &Message) -> Option<Message> {
        if received.flags.response && self.ends(received) == Some(true) {
            self.transfers.remove(&received.id);
        }
        None
    }

    /// An answer has the id of its question.
    fn stamp(&mut self, frame: &mut Message, sequence: u64) -> Option<Key> {
        if frame.flags.response || !frame.set_sequence(sequence) {
            return None;
        }
        frame.sequence().map(Key)
    }

    fn awaits(&self, sent: &Message) -> Awaits {
        if sent.is_transfer() && !sent.flags.response {
            Awaits::Acknowledgement
        } else {
            Awaits::Nothing
        }
    }

    fn follow(&mut self, seen: Seen<'_, '_, Self>, _: &mut Contexts<Self>) {
        match seen {
            Seen::Sent(sent) if self.awaits(sent) == Awaits::Acknowledgement => {
                self.transfers.insert(sent.id, 0);
            }
            Seen::Received(received) if received.flags.response => {
                if let Some(known) = self.transfers.get_mut(&received.id) {
                    *known += authorities(received);
                }
            }
            _ => {}
        }
    }
}

/// Start-of-authority records of a message.
pub fn authorities(message: &Message) -> usize {
    message.answers.iter().filter(|record| matches!(record.data, Data::Soa { .. })).count()
}
