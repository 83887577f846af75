//! MQTT 3.1.1: vectors by hand, from the standard.

use longlink::codec::{Fault, Probe};
use longlink::{Bytes, BytesMut, DecodeError, EncodeError, Frame, Wire};

use crate::declarations::mqtt::{Body, ConnectFlags, Filter, Flags, Packet, Will};
use crate::samples::{bytes, encoded};

const QUALITY_ONE: Flags = Flags { duplicate: false, quality: 1, retain: false };

fn holds(value: &Packet, hex: &str) {
    assert_eq!(encoded(value), bytes(hex));
    assert_eq!(Packet::decode(&bytes(hex)).as_ref(), Ok(value));
}

#[test]
fn connect_without_options() {
    let value = Packet::new(
        Flags::NONE,
        Body::Connect {
            protocol: (),
            level: (),
            connect: ConnectFlags::new(false, 0, true),
            keep_alive: 60,
            client: String::new(),
            will: None,
            user: None,
            password: None,
        },
    );
    holds(&value, "10 0C 0004 4D515454 04 02 003C 0000");
}

#[test]
fn the_options_of_connect_set_their_bits() {
    let value = Packet::new(
        Flags::NONE,
        Body::Connect {
            protocol: (),
            level: (),
            connect: ConnectFlags::new(true, 2, false),
            keep_alive: 0,
            client: "c".into(),
            will: Some(Will { topic: "t".into(), message: Bytes::from_static(b"m") }),
            user: Some("u".into()),
            password: Some(Bytes::from_static(b"p")),
        },
    );
    holds(&value, "10 19 0004 4D515454 04 F4 0000 000163 000174 00016D 000175 000170");
}

#[test]
fn publish_has_an_id_above_quality_zero() {
    let value = Packet::new(
        QUALITY_ONE,
        Body::Publish { topic: "a/b".into(), id: Some(10), payload: Bytes::from_static(b"hi") },
    );
    holds(&value, "32 09 0003 612F62 000A 6869");
    let value = Packet::new(
        Flags::NONE,
        Body::Publish { topic: "a/b".into(), id: None, payload: Bytes::from_static(b"hi") },
    );
    holds(&value, "30 07 0003 612F62 6869");
}

#[test]
fn an_id_at_quality_zero_is_a_contradiction() {
    let value = Packet::new(
        Flags::NONE,
        Body::Publish { topic: "a".into(), id: Some(1), payload: Bytes::new() },
    );
    let mut out = BytesMut::new();
    assert_eq!(
        value.encode(&mut out),
        Err(EncodeError::Contradiction { field: "Body.Publish.id" })
    );
    assert!(out.is_empty());
}

#[test]
fn subscribe_holds_filters_to_its_end() {
    let value = Packet::new(
        Flags::TWO,
        Body::Subscribe {
            id: 1,
            filters: vec![
                Filter { topic: "a".into(), quality: 0 },
                Filter { topic: "b/#".into(), quality: 2 },
            ],
        },
    );
    holds(&value, "82 0C 0001 0001 61 00 0003 622F23 02");
}

#[test]
fn subscribe_with_other_flags_is_invalid() {
    let error = Packet::decode(&bytes("80 06 0001 0001 61 00")).expect_err("the flags must be 2");
    assert_eq!(error.fault, Fault::Invalid);
}

#[test]
fn heartbeats_are_two_bytes() {
    holds(&Packet::new(Flags::NONE, Body::Ping), "C0 00");
    holds(&Packet::new(Flags::NONE, Body::Pong), "D0 00");
}

#[test]
fn the_remaining_length_takes_one_to_four_bytes() {
    // Table 2.4 of the standard: the last length of each width, and the first of the next.
    for (remaining, header) in [
        (127_usize, "30 7F"),
        (128, "30 80 01"),
        (321, "30 C1 02"),
        (16_383, "30 FF 7F"),
        (16_384, "30 80 80 01"),
        (1_000_000, "30 C0 84 3D"),
    ] {
        let value = Packet::new(
            Flags::NONE,
            Body::Publish {
                topic: "t".into(),
                id: None,
                payload: Bytes::from(vec![0x2E; remaining - 3]),
            },
        );
        let frame = encoded(&value);
        let header = bytes(header);
        assert_eq!(frame[..header.len()], header);
        assert_eq!(frame.len(), header.len() + remaining);
        assert_eq!(Packet::decode(&frame), Ok(value));
    }
}

#[test]
fn a_fifth_byte_of_length_is_refused() {
    assert_eq!(
        Packet::decode(&bytes("30 FF FF FF FF 7F")),
        Err(DecodeError { from_end: 5, field: 2, fault: Fault::Varint })
    );
    let mut border = Default::default();
    assert_eq!(
        Packet::probe(&mut border, &(), &bytes("30 FF FF FF FF")),
        Probe::Broken(Fault::Varint)
    );
}

#[test]
fn the_border_follows_the_varint() {
    let frame = bytes("30 80 01");
    for (len, need) in [(0, 2), (1, 1), (2, 1), (3, 128)] {
        let mut border = Default::default();
        assert_eq!(Packet::probe(&mut border, &(), &frame[..len]), Probe::Need(need), "{len}");
    }
}
