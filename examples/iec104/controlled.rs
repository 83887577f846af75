//! A controlled station: it has points, reports them, and obeys.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use longlink::session::event::Rejected;
use longlink::session::listener::{Limits, Listener, Serving};
use longlink::session::protocol::Side;
use longlink::session::{Inbox, Link};
use tokio::sync::broadcast;

use super::apci::{Apci, Parameters};
use super::controlling::now;
use super::unit::value::{Measured, Quality, SinglePoint, Timed};
use super::unit::{Cause, Control, DataUnit, Function, Group, Object, Objects, Unit};

/// Information objects of one unit at most: of 249 octets after the control field 6 identify the
/// data unit, and a short floating point number with its address takes 8.
const TOGETHER: usize = 30;

/// What a station has at an address.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Point {
    /// On or off.
    Indication(bool),
    /// A measurement.
    Measurement(f32),
    /// Obeys single commands, and moves an indication.
    Switch { moves: u32 },
    /// Obeys setpoints, and moves a measurement.
    Setpoint { moves: u32 },
}

/// A station that several controlling ones may watch.
#[derive(Debug, Clone)]
pub struct Station {
    address: u16,
    points: Arc<Mutex<BTreeMap<u32, Point>>>,
    changes: broadcast::Sender<DataUnit>,
}

impl Station {
    pub fn new(address: u16, points: impl IntoIterator<Item = (u32, Point)>) -> Self {
        let points = Arc::new(Mutex::new(points.into_iter().collect()));
        Self { address, points, changes: broadcast::Sender::new(1_024) }
    }

    pub fn points(&self) -> MutexGuard<'_, BTreeMap<u32, Point>> {
        self.points.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A point has another value from now on: it is reported, with the time, to all that watch.
    pub fn change(&self, address: u32, point: Point) {
        self.points().insert(address, point);
        let (cause, time) = (Cause::Spontaneous, now());
        let data = match point {
            Point::Indication(on) => {
                let value = SinglePoint::new(on, Quality::default());
                let group = Group::one(address, Timed { value, time });
                DataUnit::of(cause, self.address, Objects::TimedSinglePoint, group)
            }
            Point::Measurement(value) => {
                let group = Group::one(address, Timed { value: Measured::good(value), time });
                DataUnit::of(cause, self.address, Objects::TimedShort, group)
            }
            Point::Switch { .. } | Point::Setpoint { .. } => return,
        };
        // Nobody may be watching.
        let _ = self.changes.send(data);
    }

    /// What is answered, and what follows it.
    pub fn answer(&self, asked: &DataUnit) -> Vec<DataUnit> {
        if asked.station != self.address && asked.station != u16::MAX {
            return vec![asked.answered(asked.station, Cause::UnknownStation, true)];
        }
        // Who asks all is answered by each in its own name.
        let refused = |cause| vec![asked.answered(self.address, cause, true)];
        let confirmed = asked.answered(self.address, Cause::ActivationConfirmed, false);
        let ended = asked.answered(self.address, Cause::ActivationTerminated, false);
        match (&asked.objects, asked.cause) {
            (Objects::Interrogate(_), Cause::Activation) => {
                let all: Vec<_> = self.points().iter().map(|(at, point)| (*at, *point)).collect();
                let reports = reports(self.address, Cause::Interrogated, &all);
                [vec![confirmed], reports, vec![ended]].concat()
            }
            (Objects::SynchronizeClock(_) | Objects::Test(_), Cause::Activation) => vec![confirmed],
            (Objects::Read { address }, Cause::Request) => {
                let point = self.points().get(address).map(|point| (*address, *point));
                match point {
                    Some(point) => reports(self.address, Cause::Request, &[point]),
                    None => refused(Cause::UnknownAddress),
                }
            }
            (Objects::SingleCommand(group), Cause::Activation) => {
                let orders = group.iter().map(|(at, order)| (at, order.select, order.on));
                match self.obey(orders, |point| match point {
                    Point::Switch { moves } => Some(*moves),
                    _ => None,
                }) {
                    Some(moved) => {
                        moved
                            .into_iter()
                            .for_each(|(at, on)| self.change(at, Point::Indication(on)));
                        vec![confirmed, ended]
                    }
                    None => refused(Cause::UnknownAddress),
                }
            }
            (Objects::SetShort(group), Cause::Activation) => {
                let orders = group.iter().map(|(at, order)| (at, order.select, order.value));
                match self.obey(orders, |point| match point {
                    Point::Setpoint { moves } => Some(*moves),
                    _ => None,
                }) {
                    Some(moved) => {
                        moved
                            .into_iter()
                            .for_each(|(at, to)| self.change(at, Point::Measurement(to)));
                        vec![confirmed, ended]
                    }
                    None => refused(Cause::UnknownAddress),
                }
            }
            (
                Objects::Interrogate(_)
                | Objects::SynchronizeClock(_)
                | Objects::Test(_)
                | Objects::Read { .. }
                | Objects::SingleCommand(_)
                | Objects::SetShort(_),
                _,
            ) => refused(Cause::UnknownReason),
            _ => refused(Cause::UnknownType),
        }
    }

    /// What is to be moved where; nothing if an address cannot be ordered. A selection is confirmed,
    /// moves nothing, and reserves nothing.
    fn obey<V>(
        &self,
        orders: impl Iterator<Item = (u32, bool, V)>,
        moves: fn(&Point) -> Option<u32>,
    ) -> Option<Vec<(u32, V)>> {
        let points = self.points();
        let mut moved = Vec::new();
        for (address, select, value) in orders {
            let to = points.get(&address).and_then(moves)?;
            if !select {
                moved.push((to, value));
            }
        }
        Some(moved)
    }

    /// Listens at `address`, for example `0.0.0.0:2404`.
    ///
    /// # Errors
    /// The address cannot be listened at.
    pub async fn serve(
        self,
        address: &str,
        parameters: Parameters,
    ) -> std::io::Result<Serving<Apci>> {
        let limits = Limits { handshake: parameters.t1, ..Limits::default() };
        let listener = Listener::bind(address).limits(limits).await?;
        Ok(listener.settings(parameters.settings()).serve_each(move |_| {
            let station = self.clone();
            let attended = |link, inbox| attend(station, link, inbox);
            (Apci::new(Side::Server, parameters), attended)
        }))
    }
}

/// Monitored points as units of several objects; never in sequence.
fn reports(station: u16, cause: Cause, points: &[(u32, Point)]) -> Vec<DataUnit> {
    let on = |(address, point): &(u32, Point)| match point {
        Point::Indication(on) => {
            Some(Object { address: *address, value: SinglePoint::new(*on, Quality::default()) })
        }
        _ => None,
    };
    let value = |(address, point): &(u32, Point)| match point {
        Point::Measurement(value) => {
            Some(Object { address: *address, value: Measured::good(*value) })
        }
        _ => None,
    };
    let indications: Vec<_> = points.iter().filter_map(on).collect();
    let measurements: Vec<_> = points.iter().filter_map(value).collect();
    let indications = indications.chunks(TOGETHER).map(|some| {
        DataUnit::of(cause, station, Objects::SinglePoint, Group::Objects(some.to_vec()))
    });
    let measurements = measurements
        .chunks(TOGETHER)
        .map(|some| DataUnit::of(cause, station, Objects::Short, Group::Objects(some.to_vec())));
    indications.chain(measurements).collect()
}

/// One controlling station, from its STARTDT to its STOPDT.
async fn attend(station: Station, link: Link<Apci>, inbox: Inbox<Apci>) {
    // What cannot be sent any more needs no answer.
    drop(watched(&station, &link, inbox).await);
}

async fn watched(
    station: &Station,
    link: &Link<Apci>,
    mut inbox: Inbox<Apci>,
) -> Result<(), Rejected<Unit>> {
    let mut changes = station.changes.subscribe();
    loop {
        tokio::select! {
            unit = inbox.next_frame() => match unit.map(|unit| unit.control) {
                Some(Control::Information { data, .. }) => {
                    for answer in station.answer(&data) {
                        link.feed(Unit::information(answer)).await?;
                    }
                }
                Some(Control::Unnumbered { function: Function::Stop, .. }) | None => return Ok(()),
                Some(_) => {}
            },
            change = changes.recv() => match change {
                Ok(data) => link.feed(Unit::information(data)).await?,
                // It was too slow: what it missed is asked for by an interrogation.
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return Ok(()),
            },
        }
    }
}
