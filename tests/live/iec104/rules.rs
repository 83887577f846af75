//! Windows and timers of IEC 60870-5-104:2006, clauses 5.1 to 5.5 and 9.6, in virtual time.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use longlink::session::Receipt;
use longlink::session::event::{Cause, Outcome, State};
use longlink::session::protocol::{Refusal, Side};
use longlink::testkit::Trial;
use longlink::{BytesMut, Decoder, Wire};

use super::apci::{Apci, Parameters};
use super::controlling::{interrogate, set, switch};
use super::unit::{Cause as Reason, Control, DataUnit, Function, Group, Objects, Unit};

const MS: Duration = Duration::from_millis(1);

/// k = 3, w = 2, t1 = 15 s, t2 = 10 s, t3 = 20 s.
fn parameters() -> Parameters {
    Parameters { k: 3, w: 2, ..Parameters::default() }
}

/// Up, with STARTDT done.
fn started() -> Trial<Apci> {
    let make = || Ok(Apci::new(Side::Client, parameters()));
    let mut trial = Trial::with(parameters().settings(), 1, make);
    trial.connect().unwrap();
    assert_eq!(trial.written(), [0x68, 4, 0x07, 0, 0, 0]);
    trial.receive(&[0x68, 4, 0x0B, 0, 0, 0]).unwrap();
    assert!(trial.state().is_up());
    trial
}

/// What was written, in short: `I(N(S), N(R))`, `S(N(R))`, the function of a U.
fn said(trial: &mut Trial<Apci>) -> Vec<String> {
    let mut bytes = BytesMut::from(&trial.written()[..]);
    let mut decoder = Decoder::<Unit>::new();
    let mut said = Vec::new();
    while let Some(unit) = decoder.decode(&mut bytes) {
        said.push(match unit.unwrap().control {
            Control::Information { sent, received, .. } => format!("I({sent}, {received})"),
            Control::Supervisory { received, .. } => format!("S({received})"),
            Control::Unnumbered { function, .. } => format!("{function:?}"),
        });
    }
    assert!(bytes.is_empty());
    said
}

/// An I-format of the peer.
fn information(sent: u16, received: u16, data: DataUnit) -> Vec<u8> {
    let control = Control::Information { format: (), sent, spare: (), received, data };
    bytes(&Unit::new(control))
}

fn bytes(unit: &Unit) -> Vec<u8> {
    let mut out = BytesMut::new();
    unit.encode(&mut out).unwrap();
    out.to_vec()
}

/// Something that it reports.
fn report() -> DataUnit {
    DataUnit::of(Reason::Periodic, 47, Objects::NormalizedAlone, Group::Objects(Vec::new()))
}

fn lost(trial: &Trial<Apci>) -> Cause {
    match trial.state() {
        State::Backoff { cause, .. } => cause,
        other => panic!("{other:?}"),
    }
}

#[test]
fn k_units_are_under_way_and_the_next_waits() {
    let mut trial = started();
    let receipts: Vec<_> =
        (0..5).map(|_| trial.link().try_send(set(47, 21, 1.0)).unwrap()).collect();
    trial.poll().unwrap();
    assert_eq!(said(&mut trial), ["I(0, 0)", "I(1, 0)", "I(2, 0)"]);
    // N(R) = 2: the first two are there.
    trial.receive(&bytes(&Unit::supervisory(2))).unwrap();
    assert_eq!(said(&mut trial), ["I(3, 0)", "I(4, 0)"]);
    let settled: Vec<_> = receipts.iter().map(Receipt::settled).collect();
    let acknowledged = Some(Outcome::Acknowledged { epoch: 1 });
    assert_eq!(settled, [acknowledged, acknowledged, None, None, None]);
}

#[test]
fn w_units_are_acknowledged_at_once() {
    let mut trial = started();
    trial.receive(&information(0, 0, report())).unwrap();
    assert_eq!(said(&mut trial), [""; 0]);
    trial.receive(&information(1, 0, report())).unwrap();
    assert_eq!(said(&mut trial), ["S(2)"]);
}

#[test]
fn fewer_are_acknowledged_after_t2_or_by_what_is_sent() {
    let mut trial = started();
    trial.receive(&information(0, 0, report())).unwrap();
    trial.advance(10_000 * MS - MS).unwrap();
    assert_eq!(said(&mut trial), [""; 0]);
    trial.advance(MS).unwrap();
    assert_eq!(said(&mut trial), ["S(1)"]);
    trial.receive(&information(1, 0, report())).unwrap();
    drop(trial.link().try_send(interrogate(47)).unwrap());
    trial.advance(12_000 * MS).unwrap();
    assert_eq!(said(&mut trial), ["I(0, 2)"]);
}

#[test]
fn without_acknowledgement_for_t1_the_station_is_dead() {
    let mut trial = started();
    let receipt = trial.link().try_send(interrogate(47)).unwrap();
    trial.advance(15_000 * MS - MS).unwrap();
    assert!(trial.state().is_up());
    trial.advance(2 * MS).unwrap();
    assert_eq!(lost(&trial), Cause::PeerDead);
    assert_eq!(receipt.settled(), Some(Outcome::Uncertain { epoch: 1 }));
}

#[test]
fn a_quiet_link_is_tested_after_t3_and_dead_t1_later() {
    let mut trial = started();
    trial.advance(20_000 * MS - MS).unwrap();
    assert_eq!(said(&mut trial), [""; 0]);
    trial.advance(MS).unwrap();
    assert_eq!(said(&mut trial), ["Test"]);
    trial.receive(&bytes(&Unit::unnumbered(Function::TestConfirmed))).unwrap();
    trial.advance(20_000 * MS).unwrap();
    assert_eq!(said(&mut trial), ["Test"]);
    trial.advance(15_000 * MS - MS).unwrap();
    assert!(trial.state().is_up());
    trial.advance(2 * MS).unwrap();
    assert_eq!(lost(&trial), Cause::PeerDead);
}

#[test]
fn tests_are_answered_also_before_the_start() {
    let make = || Ok(Apci::new(Side::Client, parameters()));
    let mut trial = Trial::with(parameters().settings(), 1, make);
    trial.connect().unwrap();
    let test = bytes(&Unit::unnumbered(Function::Test));
    trial.receive(&test).unwrap();
    assert_eq!(said(&mut trial), ["Start", "TestConfirmed"]);
    assert!(!trial.state().is_up());
    trial.receive(&bytes(&Unit::unnumbered(Function::StartConfirmed))).unwrap();
    trial.receive(&test).unwrap();
    assert_eq!(said(&mut trial), ["TestConfirmed"]);
}

#[test]
fn a_start_without_confirmation_is_given_up_after_t1() {
    let make = || Ok(Apci::new(Side::Client, parameters()));
    let mut trial = Trial::with(parameters().settings(), 1, make);
    trial.connect().unwrap();
    trial.advance(15_000 * MS).unwrap();
    assert_eq!(lost(&trial), Cause::HandshakeDeadline);
}

#[test]
fn a_lost_or_doubled_number_ends_the_connection() {
    for (numbers, words) in [
        (&[0, 2][..], "N(S) = 2 where 1 was expected"),
        (&[0, 0][..], "N(S) = 0 where 1 was expected"),
    ] {
        let mut trial = started();
        for number in numbers {
            trial.receive(&information(*number, 0, report())).unwrap();
        }
        let refusal = Refusal::Transient(words.into());
        assert_eq!(lost(&trial), Cause::Goodbye(refusal));
    }
}

#[test]
fn numbers_come_round_after_fifteen_bits() {
    let mut trial = started();
    for number in 0..0x8001_u16 {
        let unit = information(number & 0x7FFF, 0, report());
        trial.receive(&unit).unwrap();
    }
    assert!(trial.state().is_up());
    assert_eq!(said(&mut trial).last().unwrap(), "S(0)");
    drop(trial.link().try_send(interrogate(47)).unwrap());
    trial.poll().unwrap();
    assert_eq!(said(&mut trial), ["I(0, 1)"]);
}

#[test]
fn a_confirmation_finds_its_order_by_type_station_and_address() {
    let mut trial = started();
    let link = trial.link().clone();
    let mut first = pin!(link.request(switch(47, 20, true)));
    let mut second = pin!(link.request(switch(47, 22, true)));
    let task = &mut Context::from_waker(Waker::noop());
    assert!(first.as_mut().poll(task).is_pending());
    assert!(second.as_mut().poll(task).is_pending());
    trial.poll().unwrap();
    assert_eq!(said(&mut trial), ["I(0, 0)", "I(1, 0)"]);
    let order = |address| {
        let Control::Information { data, .. } = switch(47, address, true).control else { panic!() };
        data
    };
    // The second is confirmed first, the first is refused.
    let confirmed = order(22).answered(47, Reason::ActivationConfirmed, false);
    let refused = order(20).answered(47, Reason::UnknownAddress, true);
    trial.receive(&information(0, 2, confirmed.clone())).unwrap();
    assert!(first.as_mut().poll(task).is_pending());
    trial.receive(&information(1, 2, refused.clone())).unwrap();
    for (asked, answer) in [(second, confirmed), (first, refused)] {
        let Poll::Ready(Ok(unit)) = asked.poll(task) else { panic!("{answer:?}") };
        let Control::Information { data, .. } = unit.control else { panic!("{answer:?}") };
        assert_eq!(data, answer);
    }
    assert_eq!(trial.link().statistics().late, 0);
}
