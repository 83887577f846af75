//! The platform: it lets vehicles in, answers them, asks, sets and orders.

use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use longlink::session::listener::Serving;
use longlink::session::protocol::{Contexts, Established, Inbound, Key, Refusal, Side};
use longlink::session::{Inbox, Link, Listener, Protocol, Script};

use super::message::command::{Order, Parameter, Parameters, Question};
use super::message::{Body, COMMAND, Message};
use super::vehicle::{classify, contexts, done, key, message, time};

/// Everything that outlives a connection.
#[derive(Default)]
pub struct Center {
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
#[derive(Default)]
pub struct Platform {
    vehicle: Vehicle,
}

/// The number of the vehicle at the other end, once it has logged in.
type Vehicle = Arc<OnceLock<String>>;

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
        script.send(message(self.vehicle.get_or_init(|| login.vehicle), 0x01, done));
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
        Some(message(self.vehicle.get()?, 0x01, body))
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
    Ok(Listener::bind(address).await?.serve_each(move |_| {
        let (platform, center) = (Platform::default(), center.clone());
        let vehicle = platform.vehicle.clone();
        (platform, |link, inbox| attend(center, vehicle, link, inbox))
    }))
}

/// One vehicle, from its login to the end of its connection.
async fn attend(
    center: Shared,
    vehicle: Vehicle,
    link: Link<Platform>,
    mut inbox: Inbox<Platform>,
) {
    let Some(number) = vehicle.get() else { return };
    let orders = tokio::spawn(order(link, number.clone()));
    while let Some(message) = inbox.next_frame().await {
        match message.body {
            Body::Report { command: 0x02, .. } => open(&center).reports += 1,
            Body::Report { .. } => open(&center).late += 1,
            Body::Logout { serial, .. } => println!("{number} ends login {serial}"),
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
            Ok(Body::Done { command, .. }) => println!("{number} has done command {command:#04x}"),
            Ok(other) => println!("{number} answers {other:?}"),
            Err(error) => println!("{number} does not answer: {error}"),
        }
    }
}
