//! All clients that a broker knows, and the messages that it keeps for later subscribers.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use longlink::session::reply::Reply;
use tokio::time::Instant;

use super::broker::Server;
use super::member::{Member, Message, Parcel, Seat};
use super::packet::{Connect, Filter, Flags};
use super::property::{Property, Value, find};
use super::reason;
use super::topic;

/// Clients that are known at once.
const MEMBERS: usize = 10_000;
/// Messages that are kept for later subscribers.
const RETAINED: usize = 10_000;
/// A session that never ends (§3.1.2.11.2).
const FOREVER: u32 = u32::MAX;

/// Everything that outlives a connection.
#[derive(Default)]
pub struct Members {
    members: HashMap<String, Member>,
    retained: BTreeMap<String, Arc<Message>>,
    named: u64,
}

/// How a client is received.
pub struct Welcome {
    pub client: String,
    /// The name is ours.
    pub assigned: bool,
    pub session_present: bool,
    /// The connection that it has left without knowing.
    pub replaced: Option<Seat>,
    pub will: Option<Arc<Message>>,
}

impl Members {
    /// A CONNECT came over the connection of this seat.
    ///
    /// # Errors
    /// The reason why it is refused.
    pub fn enter(&mut self, connect: Connect, seat: Seat, now: Instant) -> Result<Welcome, u8> {
        let Connect { version, connect: flags, properties, client, will, .. } = connect;
        let assigned = client.is_empty();
        if assigned && version < 5 && !flags.clean {
            return Err(reason::BAD_CLIENT);
        }
        self.members.retain(|_, member| !member.is_over(now));
        if self.members.len() >= MEMBERS && !self.members.contains_key(&client) {
            return Err(reason::QUOTA);
        }
        let client = if assigned { self.name() } else { client };
        let mut member = self.members.remove(&client).unwrap_or_default();
        let (replaced, old_will) = (member.seat.take(), member.will.take());
        // §3.1.3.2.2: unless the same session goes on within its delay.
        let gone = old_will.filter(|(_, delay)| flags.clean || delay.is_zero());
        let session_present = !flags.clean && (replaced.is_some() || member.left.is_some());
        if !session_present {
            member = Member::default();
        }
        let window = find(&properties, |value| match value {
            Value::ReceiveMaximum(count) => Some(usize::from(*count)),
            _ => None,
        });
        let window = window.map_or(seat.window, |window| window.min(seat.window));
        member.expiry = match expiry(&properties) {
            None if version < 5 && !flags.clean => None,
            None => Some(Duration::ZERO),
            Some(expiry) => expiry,
        };
        member.will = will.map(|will| {
            let flags =
                Flags { duplicate: false, quality: flags.will_quality, retain: flags.will_retain };
            let delay = find(&will.properties, |value| match value {
                Value::WillDelay(seconds) => Some(Duration::from_secs((*seconds).into())),
                _ => None,
            });
            let message = Message::new(&client, will.topic, will.message, flags);
            (Arc::new(message.with(will.properties, now)), delay.unwrap_or_default())
        });
        member.left = None;
        member.seat = Some(Seat { window, ..seat });
        self.members.insert(client.clone(), member);
        let will = gone.map(|(message, _)| message);
        Ok(Welcome { client, assigned, session_present, replaced, will })
    }

    /// Its login is over.
    pub fn seat(&mut self, client: &str, number: u64, reply: Reply<Server>, now: Instant) {
        if let Some(member) = self.at(client, number) {
            member.resume(reply, now);
        }
    }

    /// The member, if this connection is still its own.
    pub fn at(&mut self, client: &str, number: u64) -> Option<&mut Member> {
        let member = self.members.get_mut(client)?;
        member.seat.as_ref().is_some_and(|seat| seat.number == number).then_some(member)
    }

    /// DISCONNECT: no will, and perhaps another expiry.
    pub fn dismiss(&mut self, client: &str, number: u64, properties: &Option<Vec<Property>>) {
        if let Some(member) = self.at(client, number) {
            member.will = None;
            member.expiry = expiry(properties).unwrap_or(member.expiry);
        }
    }

    /// The connection has ended. The delay of a will that is to be published.
    pub fn leave(&mut self, client: &str, number: u64, now: Instant) -> Option<Duration> {
        let member = self.at(client, number)?;
        member.seat = None;
        member.left = Some(now);
        // §3.1.3.2.2: when the session ends at the latest.
        let delay = member.will.as_ref().map(|(_, delay)| *delay);
        let delay = delay.map(|delay| delay.min(member.expiry.unwrap_or(Duration::MAX)));
        if delay.is_none() && member.is_over(now) {
            self.members.remove(client);
        }
        delay
    }

    /// Its delay is over: publishes the will of a member that has not come back since.
    pub fn bury(&mut self, client: &str, left: Instant, now: Instant) {
        let Some(member) = self.members.get_mut(client) else { return };
        if member.left != Some(left) {
            return;
        }
        let will = member.will.take();
        if member.is_over(now) {
            self.members.remove(client);
        }
        if let Some((message, _)) = will {
            self.publish(message, now);
        }
    }

    /// To all who want it, and into the store if it is to be retained.
    pub fn publish(&mut self, message: Arc<Message>, now: Instant) {
        if message.retain {
            if message.payload.is_empty() {
                self.retained.remove(&message.topic);
            } else if self.retained.len() < RETAINED || self.retained.contains_key(&message.topic) {
                self.retained.insert(message.topic.clone(), Arc::clone(&message));
            }
        }
        for (name, member) in &mut self.members {
            if let Some(parcel) = member.wants(name, &message) {
                member.deliver(parcel, now);
            }
        }
    }

    /// The codes of the SUBACK; retained messages follow it.
    pub fn subscribe(
        &mut self,
        client: &str,
        number: u64,
        filters: &[Filter],
        now: Instant,
    ) -> Vec<u8> {
        self.retained.retain(|_, message| message.expires.is_none_or(|expires| expires > now));
        let retained: Vec<_> = self.retained.values().cloned().collect();
        let Some(member) = self.at(client, number) else { return Vec::new() };
        let mut codes = Vec::new();
        for Filter { topic: filter, options } in filters {
            let (code, wanted) = member.subscribe(filter.clone(), *options);
            codes.push(code);
            for message in retained.iter().filter(|_| wanted) {
                if topic::matches(filter, &message.topic) {
                    let quality = options.quality.min(message.quality);
                    let message = Arc::clone(message);
                    member.deliver(Parcel { message, quality, retain: true }, now);
                }
            }
        }
        codes
    }

    /// A name that nobody has.
    fn name(&mut self) -> String {
        loop {
            self.named += 1;
            let name = format!("longlink-{}", self.named);
            if !self.members.contains_key(&name) {
                return name;
            }
        }
    }
}

/// How long the session is kept, if the properties say so.
fn expiry(properties: &Option<Vec<Property>>) -> Option<Option<Duration>> {
    find(properties, |value| match value {
        Value::SessionExpiry(FOREVER) => Some(None),
        Value::SessionExpiry(seconds) => Some(Some(Duration::from_secs((*seconds).into()))),
        _ => None,
    })
}
