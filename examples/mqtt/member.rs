//! What a broker keeps of one client, connected or not: its subscriptions, what waits for it, what
//! is half done in both directions.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::AtomicU8;
use std::time::Duration;

use longlink::Bytes;
use longlink::session::reply::Reply;
use tokio::time::Instant;

use super::broker::Server;
use super::packet::{Answer, Body, Flags, Packet, Wanted};
use super::property::{Property, Value};
use super::reason;
use super::topic;

/// Messages that wait for one member; further ones are dropped.
const WAITING: usize = 1_000;
/// Topics that one member may subscribe to.
const SUBSCRIPTIONS: usize = 1_000;

/// A message that was published.
#[derive(Debug)]
pub struct Message {
    pub topic: String,
    pub payload: Bytes,
    pub quality: u8,
    pub retain: bool,
    /// Who published it.
    pub from: String,
    /// Those that concern whoever reads it, without its expiry.
    pub properties: Vec<Property>,
    pub expires: Option<Instant>,
}

impl Message {
    /// With the properties of the PUBLISH, or of the will.
    pub fn new(from: &str, topic: String, payload: Bytes, flags: Flags) -> Self {
        let Flags { quality, retain, .. } = flags;
        let (from, properties, expires) = (from.to_owned(), Vec::new(), None);
        Self { topic, payload, quality, retain, from, properties, expires }
    }

    /// Keeps what is to be forwarded (§3.3.2.3).
    pub fn with(mut self, properties: Option<Vec<Property>>, now: Instant) -> Self {
        for property in properties.into_iter().flatten() {
            match property.value {
                Value::MessageExpiry(seconds) => {
                    self.expires = Some(now + Duration::from_secs(seconds.into()));
                }
                Value::PayloadIsText(_)
                | Value::ContentType(_)
                | Value::ResponseTopic(_)
                | Value::CorrelationData(_)
                | Value::User { .. } => self.properties.push(property),
                _ => {}
            }
        }
        self
    }
}

/// A message on its way to one member.
#[derive(Debug, Clone)]
pub struct Parcel {
    pub message: Arc<Message>,
    pub quality: u8,
    pub retain: bool,
}

impl Parcel {
    fn packet(&self, version: u8, id: Option<u16>, duplicate: bool, now: Instant) -> Packet {
        let message = &self.message;
        let properties = (version >= 5).then(|| {
            let mut properties = message.properties.clone();
            if let Some(expires) = message.expires {
                let left = u32::try_from(expires.saturating_duration_since(now).as_secs());
                properties.push(Property::new(Value::MessageExpiry(left.unwrap_or(u32::MAX))));
            }
            properties
        });
        let (topic, payload) = (message.topic.clone(), message.payload.clone());
        let flags = Flags { duplicate, quality: self.quality, retain: self.retain };
        Packet::new(flags, Body::Publish { topic, id, properties, payload })
    }
}

/// A parcel above quality 0 that was sent and is not acknowledged.
struct Flight {
    id: u16,
    parcel: Parcel,
    /// PUBREC came: PUBREL takes its place.
    released: bool,
}

/// The connection over which a member is there.
pub struct Seat {
    /// Of the connection, by the listener.
    pub number: u64,
    pub version: u8,
    /// Parcels above quality 0 that may be under way at once.
    pub window: usize,
    /// Why we end the connection.
    pub farewell: Arc<AtomicU8>,
    /// `None`: its login is not over.
    pub reply: Option<Reply<Server>>,
}

/// One client.
#[derive(Default)]
pub struct Member {
    pub seat: Option<Seat>,
    /// When it is forgotten after it has left; `None`: never.
    pub expiry: Option<Duration>,
    pub left: Option<Instant>,
    /// Published when it is gone without a word, after so long.
    pub will: Option<(Arc<Message>, Duration)>,
    subscriptions: BTreeMap<String, Wanted>,
    waiting: VecDeque<Parcel>,
    flights: Vec<Flight>,
    /// Messages of quality 2 that it has sent and not released.
    pub held: BTreeSet<u16>,
    last_id: u16,
}

impl Member {
    /// Whether it is forgotten by now.
    pub fn is_over(&self, now: Instant) -> bool {
        match (&self.seat, self.left, self.expiry) {
            (None, Some(left), Some(expiry)) => now.saturating_duration_since(left) >= expiry,
            _ => false,
        }
    }

    /// The code of the SUBACK, and whether retained messages are wanted.
    pub fn subscribe(&mut self, filter: String, options: Wanted) -> (u8, bool) {
        if filter.starts_with("$share/") {
            return (reason::NOT_SHARED, false);
        }
        let is_full = self.subscriptions.len() >= SUBSCRIPTIONS;
        if !topic::is_filter(&filter) || (is_full && !self.subscriptions.contains_key(&filter)) {
            return (reason::BAD_FILTER, false);
        }
        let before = self.subscriptions.insert(filter, options);
        let retained = match options.retain_handling {
            0 => true,
            1 => before.is_none(),
            _ => false,
        };
        (options.quality, retained)
    }

    /// Whether it had subscribed.
    pub fn unsubscribe(&mut self, filter: &str) -> bool {
        self.subscriptions.remove(filter).is_some()
    }

    /// The best that its subscriptions grant to a message; it is sent once (§3.3.4).
    pub fn wants(&self, name: &str, message: &Arc<Message>) -> Option<Parcel> {
        let matching = self.subscriptions.iter().filter(|(filter, options)| {
            topic::matches(filter, &message.topic) && !(options.no_local && message.from == name)
        });
        let (_, best) = matching.max_by_key(|(_, options)| options.quality)?;
        Some(Parcel {
            message: Arc::clone(message),
            quality: best.quality.min(message.quality),
            retain: message.retain && best.retain_as_published,
        })
    }

    /// Sends it, or lets it wait.
    pub fn deliver(&mut self, parcel: Parcel, now: Instant) {
        if parcel.quality > 0 {
            if self.waiting.len() < WAITING {
                self.waiting.push_back(parcel);
            }
            return self.pump(now);
        }
        if let Some(Seat { version, reply: Some(reply), .. }) = &self.seat {
            // Quality 0 is lost where a member does not read fast enough.
            drop(reply.send(parcel.packet(*version, None, false, now)));
        }
    }

    /// It is there again: what was half done goes on (§4.4), then what has waited.
    pub fn resume(&mut self, reply: Reply<Server>, now: Instant) {
        let Some(seat) = &mut self.seat else { return };
        for flight in &self.flights {
            let packet = match flight.released {
                true => Body::Release(Answer::to(flight.id)).into(),
                false => flight.parcel.packet(seat.version, Some(flight.id), true, now),
            };
            // Fewer are under way than a queue holds.
            drop(reply.send(packet));
        }
        seat.reply = Some(reply);
        self.pump(now);
    }

    /// Sends what has waited, as far as the other side bears it.
    pub fn pump(&mut self, now: Instant) {
        let Some(Seat { version, window, reply: Some(reply), .. }) = &self.seat else { return };
        while self.flights.len() < *window {
            let Some(parcel) = self.waiting.pop_front() else { return };
            if parcel.message.expires.is_some_and(|expires| expires <= now) {
                continue;
            }
            let id = next_id(&mut self.last_id, &self.flights);
            if reply.send(parcel.packet(*version, Some(id), false, now)).is_err() {
                return self.waiting.push_front(parcel);
            }
            self.flights.push(Flight { id, parcel, released: false });
        }
    }

    /// PUBACK, PUBCOMP, or a PUBREC that refuses.
    pub fn settle(&mut self, id: u16, now: Instant) {
        self.flights.retain(|flight| flight.id != id);
        self.pump(now);
    }

    /// PUBREC: what is answered.
    pub fn release(&mut self, id: u16) -> Answer {
        match self.flights.iter_mut().find(|flight| flight.id == id) {
            Some(flight) => flight.released = true,
            None if self.seat.as_ref().is_some_and(|seat| seat.version >= 5) => {
                return Answer { reason: Some(reason::NOT_FOUND), ..Answer::to(id) };
            }
            None => {}
        }
        Answer::to(id)
    }
}

/// The number after the last one that is not under way; there are fewer flights than numbers.
fn next_id(last: &mut u16, flights: &[Flight]) -> u16 {
    loop {
        *last = last.checked_add(1).unwrap_or(1);
        if flights.iter().all(|flight| flight.id != *last) {
            return *last;
        }
    }
}
