//! IEC 60870-5-104: vectors from the standard's figures and a vendor's published sample.

use longlink::codec::{Fault, Probe};
use longlink::{Bytes, Frame};

use crate::declarations::iec104::{Control, DataUnit, Function, Unit};
use crate::samples::{bytes, encoded, list, number, text};

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
        data: DataUnit {
            kind: 0x65,
            count: 1,
            in_sequence: false,
            cause: 10,
            negative: false,
            test: false,
            originator: 0,
            address: 12,
            objects: Bytes::from_static(&[0x00, 0x00, 0x00, 0x05]),
        },
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

#[test]
fn recorded_frames_have_the_values_that_were_read_independently() {
    let frames = list("iec104.json");
    assert!(frames.len() >= 40, "{} frames", frames.len());
    for entry in &frames {
        let frame = bytes(text(entry, "/hex"));
        let unit = Unit::decode(&frame).unwrap_or_else(|error| panic!("{entry}: {error}"));
        match &unit.control {
            Control::Information { sent, received, data, .. } => {
                assert_eq!(text(entry, "/format"), "I");
                assert_eq!(u64::from(*sent), number(entry, "/sent"));
                assert_eq!(u64::from(*received), number(entry, "/received"));
                same_unit(data, entry);
            }
            Control::Supervisory { received, .. } => {
                assert_eq!(text(entry, "/format"), "S");
                assert_eq!(u64::from(*received), number(entry, "/received"));
            }
            Control::Unnumbered { function, .. } => {
                assert_eq!(text(entry, "/format"), "U");
                assert_eq!(*function as u64, number(entry, "/function") << 2 | 3);
            }
        }
        assert_eq!(encoded(&unit), frame);
    }
}

fn same_unit(data: &DataUnit, entry: &serde_json::Value) {
    for (read, name) in [
        (u64::from(data.kind), "/kind"),
        (u64::from(data.count), "/count"),
        (u64::from(data.in_sequence), "/in_sequence"),
        (u64::from(data.cause), "/cause"),
        (u64::from(data.negative), "/negative"),
        (u64::from(data.test), "/test"),
        (u64::from(data.originator), "/originator"),
        (u64::from(data.address), "/address"),
    ] {
        assert_eq!(read, number(entry, name), "{name} of {entry}");
    }
}
