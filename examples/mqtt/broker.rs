//! A broker in memory: every connection of a [`Listener`] is a client, and what is known of a
//! client outlives its connections.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use longlink::session::event::Event;
use longlink::session::listener::{Listener, Peer, Serving};
use longlink::session::protocol::{
    Established, Flow, Handler, Inbound, Key, Meaning, Protocol, Refusal,
};
use longlink::session::reply::Reply;
use longlink::session::script::Script;
use longlink::session::settings::{Bounds, Heartbeat, Settings};
use tokio::time::Instant;

use super::member::{Message, Seat};
use super::members::{Members, Welcome};
use super::packet::{Answer, Body, Connect, Packet, PacketContext, Reason};
use super::property::{Value, find, list};
use super::reason;
use super::topic;

/// A client that is told to go has so long to read why.
const FAREWELL: Duration = Duration::from_secs(1);
/// Messages above quality 0 that may be under way to one client, whatever it says.
const WINDOW: usize = 64;

/// Serves MQTT 3.1.1 and 5 on this listener.
pub fn serve(listener: Listener) -> Serving<Server> {
    let settings = Settings {
        heartbeat: Heartbeat::off(),
        outbound: Bounds { frames: 4_096, bytes: 8 << 20, reserved: 8 },
        time_to_live: None,
        ..Settings::default()
    };
    let members = Arc::default();
    listener.settings(settings).serve_with(move |peer: &Peer| {
        let visit = Arc::new(Visit {
            members: Arc::clone(&members),
            number: peer.number,
            guest: OnceLock::new(),
            farewell: Arc::new(AtomicU8::new(reason::SHUTTING_DOWN)),
        });
        (Server(Arc::clone(&visit)), Attendant(visit))
    })
}

/// One connection, for its protocol and for its handler.
struct Visit {
    members: Arc<Mutex<Members>>,
    /// Of the connection.
    number: u64,
    /// Who has come, and which version it speaks.
    guest: OnceLock<(String, u8)>,
    /// Why we end the connection.
    farewell: Arc<AtomicU8>,
}

impl Visit {
    fn members(&self) -> MutexGuard<'_, Members> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nobody, before the login.
    fn guest(&self) -> (&str, u8) {
        self.guest.get().map_or(("", 4), |(client, version)| (client, *version))
    }

    fn enter(&self, connect: Connect) -> Result<Welcome, u8> {
        let (version, now) = (connect.version, Instant::now());
        let (number, farewell) = (self.number, Arc::clone(&self.farewell));
        let seat = Seat { number, version, window: WINDOW, farewell, reply: None };
        let mut members = self.members();
        let welcome = members.enter(connect, seat, now)?;
        if let Some(Seat { farewell, reply: Some(reply), .. }) = &welcome.replaced {
            farewell.store(reason::TAKEN_OVER, Ordering::Relaxed);
            reply.drain(FAREWELL);
        }
        if let Some(will) = &welcome.will {
            members.publish(Arc::clone(will), now);
        }
        // There is one login for each connection.
        let _ = self.guest.set((welcome.client.clone(), version));
        Ok(welcome)
    }

    /// The connection is over: its will is published, at once or later.
    fn leave(&self) {
        let (client, now) = (self.guest().0.to_owned(), Instant::now());
        let mut members = self.members();
        match members.leave(&client, self.number, now) {
            Some(Duration::ZERO) => members.bury(&client, now, now),
            Some(delay) => {
                let members = Arc::clone(&self.members);
                tokio::spawn(async move {
                    tokio::time::sleep(delay).await;
                    let mut members = members.lock().unwrap_or_else(PoisonError::into_inner);
                    members.bury(&client, now, Instant::now());
                });
            }
            None => {}
        }
    }

    /// A message of this client. Whether it is new: quality 2 may come again.
    fn publish(&self, received: &Packet) {
        let Body::Publish { topic, id, properties, payload } = &received.body else { return };
        let ((client, _), now) = (self.guest(), Instant::now());
        let mut members = self.members();
        let Some(member) = members.at(client, self.number) else { return };
        if let (Some(id), 2) = (id, received.flags.quality)
            && !member.held.insert(*id)
        {
            return;
        }
        let message = Message::new(client, topic.clone(), payload.clone(), received.flags);
        members.publish(Arc::new(message.with(properties.clone(), now)), now);
    }

    /// What PUBACK, PUBREC, PUBREL and PUBCOMP of this client lead to.
    fn answered(&self, received: &Body) -> Option<Body> {
        let now = Instant::now();
        let mut members = self.members();
        let member = members.at(self.guest().0, self.number)?;
        match received {
            Body::Receive(answer) if !answer.refuses() => {
                Some(Body::Release(member.release(answer.id)))
            }
            Body::Acknowledge(answer) | Body::Receive(answer) | Body::Complete(answer) => {
                member.settle(answer.id, now);
                None
            }
            Body::Release(answer) => {
                let known = member.held.remove(&answer.id) || self.guest().1 < 5;
                let reason = (!known).then_some(reason::NOT_FOUND);
                Some(Body::Complete(Answer { reason, ..Answer::to(answer.id) }))
            }
            _ => None,
        }
    }

    /// SUBACK or UNSUBACK.
    fn subscribed(&self, received: &Body) -> Option<Body> {
        let ((client, version), now) = (self.guest(), Instant::now());
        let mut members = self.members();
        let properties = list(version, []);
        match received {
            Body::Subscribe { id, filters, .. } => {
                let mut codes = members.subscribe(client, self.number, filters, now);
                for code in codes.iter_mut().filter(|code| version < 5 && **code > 2) {
                    *code = reason::REFUSED;
                }
                Some(Body::SubscribeAck { id: *id, properties, codes: codes.into() })
            }
            Body::Unsubscribe { id, topics, .. } => {
                let member = members.at(client, self.number)?;
                let codes = topics.iter().map(|topic| match member.unsubscribe(&topic.topic) {
                    true => 0,
                    false => reason::NOT_SUBSCRIBED,
                });
                let codes: Vec<u8> = codes.filter(|_| version >= 5).collect();
                Some(Body::UnsubscribeAck { id: *id, properties, codes: codes.into() })
            }
            _ => None,
        }
    }
}

/// What a client must not send.
fn fault(body: &Body) -> Option<u8> {
    match body {
        Body::Publish { topic, properties, .. } => {
            let alias = |value: &Value| matches!(value, Value::TopicAlias(_)).then_some(());
            if find(properties, alias).is_some() {
                // None is offered (§3.2.2.3.8).
                return Some(reason::BAD_ALIAS);
            }
            (!topic::is_name(topic)).then_some(reason::BAD_TOPIC)
        }
        Body::Connect(_)
        | Body::ConnectAck { .. }
        | Body::SubscribeAck { .. }
        | Body::UnsubscribeAck { .. }
        | Body::Pong
        | Body::Authenticate(_)
        | Body::Unknown { .. } => Some(reason::PROTOCOL_ERROR),
        _ => None,
    }
}

/// The rules of MQTT for one connection of a broker.
pub struct Server(Arc<Visit>);

impl Protocol for Server {
    type Outgoing = Packet;
    type Incoming = Packet;
    type View<'a> = Packet;

    async fn handshake(
        &mut self,
        script: &mut Script<Packet, Packet>,
    ) -> Result<Established, Refusal> {
        let Body::Connect(connect) = script.receive().await?.body else {
            return Err(Refusal::Transient("the first packet is no CONNECT".into()));
        };
        let (version, keep_alive) = (connect.version, connect.keep_alive);
        script.set_reading(PacketContext { version });
        script.set_writing(PacketContext { version });
        let welcome = match self.0.enter(connect) {
            Ok(welcome) => welcome,
            Err(code) => {
                let text = reason::words(code);
                let code = if version < 5 { reason::return_code(code) } else { code };
                let (session_present, properties) = (false, list(version, []));
                script.send(Body::ConnectAck { session_present, code, properties }.into());
                return Err(Refusal::Fatal(text));
            }
        };
        let mut values =
            vec![Value::SubscriptionIdentifierAvailable(false), Value::SharedAvailable(false)];
        if welcome.assigned {
            values.push(Value::AssignedClient(welcome.client));
        }
        let (session_present, code) = (welcome.session_present, 0);
        let properties = list(version, values);
        script.send(Body::ConnectAck { session_present, code, properties }.into());
        // §3.1.2.10: one and a half times the keep-alive; 0 switches it off.
        let silence = Duration::from_secs(keep_alive.into()) * 3 / 2;
        let silence = (keep_alive > 0).then_some(silence);
        Ok(Established { resumed: session_present, silence, ..Established::default() })
    }

    /// The numbers of messages outlive the connection: the member has chosen them.
    fn stamp(&mut self, _frame: &mut Packet, _sequence: u64) -> Option<Key> {
        None
    }

    fn classify(&self, received: &Packet) -> Inbound {
        let is = match &received.body {
            body if fault(body).is_some() => Meaning::Push,
            Body::Ping => Meaning::Heartbeat,
            Body::Disconnect(_) => Meaning::Goodbye(Refusal::Transient("DISCONNECT".into())),
            _ => Meaning::Nothing,
        };
        Inbound { is, ..Inbound::default() }
    }

    fn acknowledge(&mut self, received: &Packet) -> Option<Packet> {
        let visit = &self.0;
        let answer = match &received.body {
            body if fault(body).is_some() => None,
            Body::Publish { id, .. } => {
                visit.publish(received);
                let answer = Answer::to((*id)?);
                let once = received.flags.quality == 1;
                Some(if once { Body::Acknowledge(answer) } else { Body::Receive(answer) })
            }
            Body::Ping => Some(Body::Pong),
            Body::Disconnect(Reason { code, properties }) => {
                // §3.14.2.1: 4 asks for the will.
                if *code != Some(4) {
                    visit.members().dismiss(visit.guest().0, visit.number, properties);
                }
                None
            }
            body => visit.answered(body).or_else(|| visit.subscribed(body)),
        };
        answer.map(Packet::from)
    }

    fn goodbye(&mut self) -> Option<Packet> {
        let code = Some(self.0.farewell.load(Ordering::Relaxed));
        let reason = Reason { code, properties: None };
        (self.0.guest().1 >= 5).then(|| Body::Disconnect(reason).into())
    }
}

/// Sees a connection come and go.
struct Attendant(Arc<Visit>);

impl Handler<Server> for Attendant {
    /// Only what a client must not send comes here.
    fn frame(&mut self, view: Packet, _reply: &Reply<Server>) -> Flow {
        let code = fault(&view.body).unwrap_or(reason::PROTOCOL_ERROR);
        self.0.farewell.store(code, Ordering::Relaxed);
        Flow::Close
    }

    fn event(&mut self, event: Event<Packet>, reply: &Reply<Server>) {
        let visit = &self.0;
        match event {
            Event::Up { .. } => {
                let (client, _) = visit.guest();
                visit.members().seat(client, visit.number, reply.clone(), Instant::now());
            }
            Event::Down { .. } | Event::Closed(_) | Event::Failed(_) => visit.leave(),
            _ => {}
        }
    }
}
