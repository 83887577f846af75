//! The vehicle: it logs in, reports what it measures, reports again what may be lost, and obeys.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use longlink::codec::Tagged;
use longlink::codec::time::Civil;
use longlink::session::protocol::{
    Acknowledges, Contexts, Established, Inbound, Key, Meaning as Means, Refusal, Side, View,
};
use longlink::session::session::{Builder, Session};
use longlink::session::{Backoff, Heartbeat, Protocol, Script};
use longlink::{Bytes, CivilTime};

use super::message::command::{Parameter, Parameters};
use super::message::report::{
    Extremes, FuelCell, Motor, Record, Temperatures, Value, Vehicle, Voltages,
};
use super::message::{Body, COMMAND, Direction, Message, MessageContext};

/// A vehicle's rules for one connection.
pub struct Car {
    number: String,
    /// One more for each login.
    logins: Arc<AtomicU16>,
}

/// A vehicle of the platform at `address`; `.spawn()` starts it.
pub fn car(address: &str, number: &str) -> Builder<Car> {
    let logins = Arc::<AtomicU16>::default();
    let name = number.to_owned();
    let make = move || {
        let car = Car { number: name.clone(), logins: Arc::clone(&logins) };
        std::future::ready(Ok(car))
    };
    // Table B.10: heartbeats of 1 to 240 s; clause 4.4: another login is tried after a minute.
    let heartbeat = Heartbeat::every(Duration::from_secs(30));
    let backoff = Backoff::fixed(Duration::from_secs(60));
    Session::builder(make).name(number).endpoint(address).heartbeat(heartbeat).backoff(backoff)
}

/// A message in clear text.
pub fn message(number: &str, response: u8, body: Body) -> Message {
    Message::new(response, number.to_owned(), 1, body)
}

/// What both ends read and write under.
pub fn contexts<P>(side: Side) -> Contexts<P>
where
    P: Protocol<Outgoing = Message, Incoming = Message>,
{
    let up = MessageContext { direction: Direction::Up };
    let down = MessageContext { direction: Direction::Down };
    match side {
        Side::Client => Contexts { reading: down, writing: up },
        Side::Server => Contexts { reading: up, writing: down },
    }
}

/// There are no serial numbers: an answer has the command of its question, and keeps its time.
pub fn key(message: &Message) -> Key {
    let time = message.body.time().map_or(&[0; 6][..], CivilTime::raw);
    let time = time.iter().fold(0, |key, byte| key << 8 | u64::from(*byte));
    Key(message.body.tag() << 48 | time)
}

/// A message that answers settles what it answers, and means nothing else.
pub fn classify(received: &Message) -> Inbound {
    let inbound = received.inbound();
    if received.response == COMMAND {
        return Inbound { counted: false, ..inbound };
    }
    let is = if inbound.is == Means::HeartbeatReply { inbound.is } else { Means::Nothing };
    Inbound { acknowledges: Some(Acknowledges::One(key(received))), is, counted: false }
}

/// "Done", with the time of what was done.
pub fn done(received: &Message) -> Option<Body> {
    let command = u8::try_from(received.body.tag()).ok()?;
    Some(Body::Done { command, time: *received.body.time()?, echo: Bytes::new() })
}

impl Protocol for Car {
    type Outgoing = Message;
    type Incoming = Message;
    type View<'a> = Message;

    async fn handshake(
        &mut self,
        script: &mut Script<Message, Message>,
    ) -> Result<Established, Refusal> {
        let serial = self.logins.fetch_add(1, Ordering::Relaxed) + 1;
        let login = Body::Login {
            time: time(u32::from(serial)),
            serial,
            card: "89860000000000000001".into(),
            systems: 1,
            code_length: 8,
            codes: Bytes::from_static(b"PACK0001"),
        };
        script.send(message(&self.number, COMMAND, login));
        match script.receive().await?.body {
            Body::Done { command: 0x01, .. } => Ok(Established::default()),
            Body::Refused { .. } => Err(Refusal::Fatal("this vehicle may not log in".into())),
            _ => Err(Refusal::Transient("no answer to the login".into())),
        }
    }

    fn contexts(&self, side: Side) -> Contexts<Self> {
        contexts(side)
    }

    fn heartbeat(&mut self) -> Option<Message> {
        Some(message(&self.number, COMMAND, Body::Heartbeat))
    }

    fn acknowledge(&mut self, received: &Message) -> Option<Message> {
        let body = match &received.body {
            Body::Query(question) => {
                let list = vec![Parameter::StorePeriod(5_000), Parameter::ReportPeriod(30)];
                Body::Parameters(Parameters { time: question.time, total: 2, list })
            }
            Body::Configure(_) | Body::Control { .. } => done(received)?,
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

/// Seconds after the vehicle was switched on.
pub fn time(second: u32) -> CivilTime {
    let part = |of: u32| u8::try_from(second / of % 60).unwrap_or_default();
    let civil = Civil {
        year: 2026,
        month: 11,
        day: 23,
        hour: 8,
        minute: part(60),
        second: part(1),
        millisecond: 0,
    };
    // It exists, so it can be written.
    CivilTime::binary(civil).unwrap_or(CivilTime::from_binary([26, 11, 23, 8, 0, 0]))
}

/// All nine data units, as measured in this second.
pub fn report(second: u32, late: bool) -> Body {
    let motor = Motor {
        number: 1,
        state: 1,
        controller_temperature: 41.0,
        speed: 4_200.0,
        torque: 120.5,
        temperature: 55.0,
        voltage: 360.0,
        current: 85.5,
    };
    let vehicle = Vehicle {
        state: 1,
        charging: 3,
        mode: 1,
        speed: 62.5,
        mileage: 12_345.6,
        voltage: 361.2,
        current: 85.5,
        charge: 76,
        converter: 1,
        gear: 0x0E,
        resistance: 2_000,
        accelerator: 30,
        brake: 0,
    };
    let values = [
        Value::Vehicle(vehicle),
        Value::Motors(vec![motor]),
        Value::FuelCell(fuel_cell()),
        Value::Engine { state: 2, speed: 0, consumption: 0.0 },
        Value::Location { state: 0, longitude: 114.05, latitude: 22.54 },
        Value::Extremes(extremes()),
        Value::Alarms {
            level: 0,
            flags: 0,
            batteries: vec![],
            motors: vec![],
            engines: vec![],
            others: vec![],
        },
        Value::Voltages(vec![Voltages {
            system: 1,
            voltage: 361.2,
            current: 85.5,
            cells: 96,
            first: 1,
            millivolts: vec![3_762; 96],
        }]),
        Value::Temperatures(vec![Temperatures { system: 1, probes: vec![65; 24] }]),
    ];
    let command = if late { 0x03 } else { 0x02 };
    let records = values.into_iter().map(Record::new).collect();
    Body::Report { command, time: time(second), records }
}

fn fuel_cell() -> FuelCell {
    FuelCell::new(0.0, 0.0, 0.0, vec![60, 61], 20.0, 1, 0, 1, 0.0, 1, 2)
}

fn extremes() -> Extremes {
    Extremes {
        highest_cell: (1, 17),
        highest_voltage: 3.781,
        lowest_cell: (1, 80),
        lowest_voltage: 3.749,
        hottest_probe: (1, 3),
        hottest: 27.0,
        coldest_probe: (1, 22),
        coldest: 24.0,
    }
}
