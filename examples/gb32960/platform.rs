//! The platform: it lets vehicles in, answers them, asks, sets and orders.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use longlink::session::listener::{Peer, Serving};
use longlink::session::protocol::{Contexts, Established, Inbound, Key, Refusal, Side};
use longlink::session::{Inbox, Link, Listener, Protocol, Script};

use super::message::command::{Order, Parameter, Parameters, Question};
use super::message::{Body, COMMAND, Message};
use super::vehicle::{classify, contexts, done, key, message, time};

/// Everything that outlives a connection.
#[derive(Default)]
pub struct Center {
    /// Who is behind each connection.
    numbers: BTreeMap<u64, String>,
    /// Reports that arrived at once.
    pub reports: u64,
    /// Reports that arrived later.
    pub late: u64,
}

/// Shared by all connections.
pub type Shared = Arc<Mutex<Center>>;

/// The center, open.
pub fn open(center: &Shared) -> MutexGuard<'_, Center> {
    center.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The platform's rules for one connection.
pub struct Platform {
    center: Shared,
    connection: u64,
    number: String,
}

impl Platform {
    pub fn new(center: &Shared, connection: u64) -> Self {
        Self { center: center.clone(), connection, number: String::new() }
    }
}

impl Protocol for Platform {
    type Outgoing = Message;
    type Incoming = Message;
    type View<'a> = Message;

    async fn handshake(
        &mut self,
        script: &mut Script<Message, Message>,
    ) -> Result<Established, Refusal> {
        let login = script.receive().await?;
        let (Body::Login { .. }, Some(done)) = (&login.body, done(&login)) else {
            return Err(Refusal::Fatal("it did not log in".into()));
        };
        self.number = login.vehicle;
        script.send(message(&self.number, 0x01, done));
        open(&self.center).numbers.insert(self.connection, self.number.clone());
        Ok(Established::default())
    }

    fn contexts(&self, side: Side) -> Contexts<Self> {
        contexts(side)
    }

    fn acknowledge(&mut self, received: &Message) -> Option<Message> {
        let body = match &received.body {
            Body::Report { .. } | Body::Logout { .. } => done(received)?,
            Body::Heartbeat => Body::Alive,
            Body::AskTime => Body::Time(time(0)),
            _ => return None,
        };
        Some(message(&self.number, 0x01, body))
    }

    fn classify(&self, received: &Message) -> Inbound {
        classify(received)
    }

    fn stamp(&mut self, sent: &mut Message, _: u64) -> Option<Key> {
        (sent.response == COMMAND).then(|| key(sent))
    }
}

/// Accepts vehicles, and attends to each.
pub async fn serve(address: &str, center: Shared) -> Result<Serving<Platform>, Box<dyn Error>> {
    let numbers = center.clone();
    let make = move |peer: &Peer| Platform::new(&center, peer.number);
    let each = move |link, inbox, peer: Peer| {
        let number = open(&numbers).numbers.remove(&peer.number).unwrap_or_default();
        attend(numbers.clone(), number, link, inbox)
    };
    Ok(Listener::bind(address).await?.serve_each(make, each))
}

/// One vehicle, from its login to the end of its connection.
async fn attend(center: Shared, number: String, link: Link<Platform>, mut inbox: Inbox<Platform>) {
    let orders = tokio::spawn(order(link, number.clone()));
    while let Some(message) = inbox.next_frame().await {
        match message.body {
            Body::Report { command: 0x02, .. } => open(&center).reports += 1,
            Body::Report { .. } => open(&center).late += 1,
            Body::Logout { serial, .. } => println!("{number} logs out, login {serial}"),
            Body::AskTime => println!("{number} asks for the time"),
            other => println!("{number} says {other:?}"),
        }
    }
    orders.abort();
}

/// What the platform wants of a vehicle that has come.
async fn order(link: Link<Platform>, number: String) {
    let period = vec![Parameter::ReportPeriod(10)];
    let alarm = Order::Alarm { level: 1, message: "battery is hot".into() };
    let orders = [
        Body::Query(Question { time: time(1), ids: vec![1, 2] }),
        Body::Configure(Parameters { time: time(2), total: 1, list: period }),
        Body::Control { time: time(3), command: longlink::Auto::Derived, order: alarm },
    ];
    for body in orders {
        match link.request(message(&number, COMMAND, body)).await.map(|answer| answer.body) {
            Ok(Body::Parameters(all)) => println!("{number} has {:?}", all.list),
            Ok(Body::Done { command, .. }) => println!("{number} has done {command:#04x}"),
            Ok(other) => println!("{number} answers {other:?}"),
            Err(error) => println!("{number} does not answer: {error}"),
        }
    }
}
