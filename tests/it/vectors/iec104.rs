//! IEC 60870-5-104: vectors from the standard's figures and a vendor's published sample.

mod recorded;

use longlink::codec::{Fault, Probe};
use longlink::{BytesMut, EncodeError, Frame, Wire};

use crate::declarations::iec104::value::{
    Counter, CounterRequest, Measured, MeasuredQuality, Normalized, Quality, Setpoint,
    SingleCommand, SinglePoint, StepPosition, Timed,
};
use crate::declarations::iec104::{
    Cause, Control, DataUnit, Function, Group, Object, Objects, Unit,
};
use crate::samples::{bytes, encoded};

fn holds(control: Control, hex: &str) {
    let value = Unit::new(control);
    assert_eq!(encoded(&value), bytes(hex));
    assert_eq!(Unit::decode(&bytes(hex)), Ok(value));
}

#[test]
fn unnumbered_functions_are_four_octets() {
    for (function, octet) in [
        (Function::Start, "07"),
        (Function::StartConfirmed, "0B"),
        (Function::Stop, "13"),
        (Function::StopConfirmed, "23"),
        (Function::Test, "43"),
        (Function::TestConfirmed, "83"),
    ] {
        let control = Control::Unnumbered { function, spare: () };
        holds(control, &format!("68 04 {octet} 00 00 00"));
    }
}

#[test]
fn an_acknowledgement_holds_what_was_received() {
    let control = Control::Supervisory { format: (), spare: (), received: 5 };
    holds(control, "68 04 01 00 0A 00");
}

#[test]
fn information_holds_both_numbers() {
    // Published by Beckhoff (TS650x): N(S) = 2599, N(R) = 62, activation of an interrogation.
    let control = Control::Information {
        format: (),
        sent: 2599,
        spare: (),
        received: 62,
        data: DataUnit::new(
            1,
            false,
            Cause::ActivationTerminated,
            false,
            false,
            0,
            12,
            Objects::InterrogateCounters(Group::one(0, CounterRequest { request: 5, freeze: 0 })),
        ),
    };
    holds(control, "68 0E 4E 14 7C 00 65 01 0A 00 0C 00 00 00 00 05");
}

#[test]
fn the_largest_numbers_fill_fifteen_bits() {
    let control = Control::Supervisory { format: (), spare: (), received: 0x7FFF };
    holds(control, "68 04 01 00 FE FF");
}

#[test]
fn a_length_is_four_to_two_hundred_and_fifty_three() {
    for (octets, expected) in [
        ("68 03", Probe::Skip { len: 2, reason: Fault::Length }),
        ("68 04", Probe::Need(4)),
        ("68 FD", Probe::Need(253)),
        ("68 FE", Probe::Skip { len: 2, reason: Fault::Length }),
    ] {
        let mut border = Default::default();
        assert_eq!(Unit::probe(&mut border, &(), &bytes(octets)), expected, "{octets}");
    }
}

#[test]
fn an_unknown_function_is_invalid() {
    let error = Unit::decode(&bytes("68 04 0F 00 00 00")).expect_err("two bits are set");
    assert_eq!((error.fault, error.from_end), (Fault::Invalid, 4));
}

/// A data unit, in an information unit with both numbers zero.
fn says(data: DataUnit, hex: &str) {
    let unit = Unit::information(data);
    assert_eq!(encoded(&unit), bytes(hex));
    assert_eq!(Unit::decode(&bytes(hex)), Ok(unit));
}

const GOOD: Quality =
    Quality { blocked: false, substituted: false, not_topical: false, invalid: false };

#[test]
fn several_objects_have_their_own_addresses() {
    // By hand, from IEC 60870-5-101 clauses 7.2.2.1 and 7.3.1.1: SQ = 0, three objects.
    let points = [(1, true), (0x01_0203, false), (0xFF_FFFF, true)];
    let objects = points.map(|(address, on)| {
        let quality = Quality { invalid: address == 0xFF_FFFF, ..GOOD };
        Object { address, value: SinglePoint::new(on, quality) }
    });
    let group = Group::Objects(objects.to_vec());
    says(
        DataUnit::of(Cause::Spontaneous, 47, Objects::SinglePoint, group),
        "68 16 0000 0000 01 03 03 00 2F00 010000 01 030201 00 FFFFFF 81",
    );
}

#[test]
fn elements_in_sequence_have_one_address() {
    // By hand, from clauses 7.2.2.1 and 7.3.1.13: SQ = 1, two elements from address 11 on.
    let values = [12.5, -1.0].map(Measured::good).to_vec();
    let data = DataUnit::of(
        Cause::Interrogated,
        47,
        Objects::Short,
        Group::Sequence { address: 11, values },
    );
    let Objects::Short(group) = &data.objects else { panic!("{data:?}") };
    let all: Vec<_> = group.iter().map(|(address, value)| (address, value.value)).collect();
    assert_eq!(all, [(11, 12.5), (12, -1.0)]);
    says(data, "68 17 0000 0000 0D 82 14 00 2F00 0B0000 00004841 00 000080BF 00");
}

#[test]
fn several_objects_with_times_are_read_in_both_forms() {
    // By hand: M_ME_TE_1 twice, SQ = 0; then SQ = 1, which the standard does not have and c104 sends.
    let time = longlink::CivilTime::from_cp56time2a([0x50, 0x56, 0x13, 0x11, 0x16, 0x0B, 0x1A]);
    let value = |value| Timed { value: Measured::good(value), time };
    let objects = [(14, -1234), (99, 7)];
    let objects = objects.map(|(address, number)| Object { address, value: value(number) });
    says(
        DataUnit::of(
            Cause::Spontaneous,
            47,
            Objects::TimedScaled,
            Group::Objects(objects.to_vec()),
        ),
        "68 24 0000 0000 23 02 03 00 2F00
         0E0000 2EFB 00 505613 11160B1A  630000 0700 00 505613 11160B1A",
    );
    let values = vec![value(-1234), value(7)];
    says(
        DataUnit::of(
            Cause::Spontaneous,
            47,
            Objects::TimedScaled,
            Group::Sequence { address: 14, values },
        ),
        "68 21 0000 0000 23 82 03 00 2F00
         0E0000 2EFB 00 505613 11160B1A  0700 00 505613 11160B1A",
    );
}

#[test]
fn the_elements_of_clause_7_2_6_hold() {
    let one = |kind: fn(Group<_>) -> Objects, value| {
        DataUnit::of(Cause::Spontaneous, 1, kind, Group::one(1, value))
    };
    let bad = MeasuredQuality::new(true, Quality { not_topical: true, ..GOOD });
    says(
        one(Objects::StepPosition, StepPosition { value: -64, transient: true, quality: bad }),
        "68 0F 0000 0000 05 01 03 00 0100 010000 C0 41",
    );
    let normalized = |value| Measured::good(Normalized { value });
    let one =
        |value| DataUnit::of(Cause::Spontaneous, 1, Objects::Normalized, Group::one(1, value));
    says(one(normalized(-1.0)), "68 10 0000 0000 09 01 03 00 0100 010000 0080 00");
    says(one(normalized(0.5)), "68 10 0000 0000 09 01 03 00 0100 010000 0040 00");
    let counter = Counter { value: -2, sequence: 31, carry: false, adjusted: true, invalid: false };
    says(
        DataUnit::of(Cause::Spontaneous, 1, Objects::Counter, Group::one(1, counter)),
        "68 12 0000 0000 0F 01 03 00 0100 010000 FEFFFFFF 5F",
    );
    let command = SingleCommand::new(true, 3, true);
    says(
        DataUnit::of(Cause::Activation, 1, Objects::SingleCommand, Group::one(1, command)),
        "68 0E 0000 0000 2D 01 06 00 0100 010000 8D",
    );
    let setpoint = Setpoint { value: -1_i16, qualifier: 0, select: true };
    says(
        DataUnit::of(Cause::Activation, 1, Objects::SetScaled, Group::one(1, setpoint)),
        "68 10 0000 0000 31 01 06 00 0100 010000 FFFF 80",
    );
}

#[test]
fn reading_one_object_has_an_address_and_no_value() {
    let objects = Objects::Read { address: 11 };
    says(
        DataUnit::new(1, false, Cause::Request, false, false, 0, 47, objects),
        "68 0D 0000 0000 66 01 05 00 2F00 0B0000",
    );
}

#[test]
fn unknown_types_and_causes_are_kept() {
    let raw = longlink::Bytes::from_static(&[1, 2, 3]);
    let objects = Objects::Other { kind: 0x7F, raw };
    says(
        DataUnit::new(5, true, Cause::Other(63), true, true, 9, 1, objects),
        "68 0D 0000 0000 7F 85 FF 09 0100 010203",
    );
}

#[test]
fn a_count_that_is_not_true_is_malformed_or_a_contradiction() {
    for (hex, fault) in [
        ("68 0E 0000 0000 01 02 03 00 2F00 010000 01", Fault::Short),
        ("68 0E 0000 0000 01 00 03 00 2F00 010000 01", Fault::Trailing),
    ] {
        assert_eq!(Unit::decode(&bytes(hex)).map_err(|error| error.fault), Err(fault), "{hex}");
    }
    let group = Group::one(1, SinglePoint::new(true, GOOD));
    let mut data = DataUnit::of(Cause::Spontaneous, 47, Objects::SinglePoint, group);
    data.count = 2;
    let mut out = BytesMut::new();
    assert_eq!(
        Unit::information(data).encode(&mut out),
        Err(EncodeError::Contradiction { field: "Group.Objects.0" })
    );
    assert!(out.is_empty());
}
