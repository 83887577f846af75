//! A controlling station: what it asks and orders.

use std::time::SystemTime;

use longlink::CivilTime;
use longlink::codec::Civil;
use longlink::session::Session;
use longlink::session::protocol::Side;
use longlink::session::session::Builder;

use super::apci::{Apci, Parameters};
use super::unit::value::{Clock, Setpoint, SingleCommand};
use super::unit::{Cause, DataUnit, Group, Objects, Unit};

/// A controlling station of the controlled one at `address`; `.spawn()` starts it.
///
/// `link.request(…)` waits for the confirmation of what it activates. What is measured comes out of
/// the inbox.
pub fn controlling(address: &str, parameters: Parameters) -> Builder<Apci> {
    let make = move || std::future::ready(Ok(Apci::new(Side::Client, parameters)));
    Session::builder(make).endpoint(address).settings(parameters.settings())
}

fn activation<V>(station: u16, kind: fn(Group<V>) -> Objects, address: u32, value: V) -> Unit {
    Unit::information(DataUnit::of(Cause::Activation, station, kind, Group::one(address, value)))
}

/// Asks for everything that a station has. IEC 60870-5-101 clause 7.2.6.22: 20 is the station.
pub fn interrogate(station: u16) -> Unit {
    activation(station, Objects::Interrogate, 0, 20)
}

/// Tells a station what time it is.
pub fn synchronize(station: u16, time: CivilTime) -> Unit {
    activation(station, Objects::SynchronizeClock, 0, Clock { time })
}

/// Switches on or off.
pub fn switch(station: u16, address: u32, on: bool) -> Unit {
    activation(station, Objects::SingleCommand, address, SingleCommand::new(on, 0, false))
}

/// Sets a value.
pub fn set(station: u16, address: u32, value: f32) -> Unit {
    let setpoint = Setpoint { value, qualifier: 0, select: false };
    activation(station, Objects::SetShort, address, setpoint)
}

/// The time of this machine, in UTC.
pub fn now() -> CivilTime {
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    let ms = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
    let civil = Civil::from_unix_ms(ms).and_then(CivilTime::cp56time2a);
    // All zero: no date.
    civil.unwrap_or(CivilTime::from_cp56time2a([0; 7]))
}
