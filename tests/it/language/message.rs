//! Declaration (a): a length around everything, a tag, a checksum.

use longlink::codec::Fault;
use longlink::{DecodeError, Parse, Wire};

use crate::declarations::message::{Body, Message};
use crate::samples::{bytes, encoded};

const ALIVE: &str = "00000013 0001 00000001 0000018F00000000 9D";
const CHAT: &str = "00000017 0002 00000007 00000000000003E9 0002 6869 FB";

fn alive() -> Message {
    Message::new(1, Body::Alive { sent_ms: 0x018F_0000_0000 })
}

fn chat() -> Message {
    Message::new(7, Body::Chat { from: 1001, text: "hi".to_owned() })
}

fn fault(input: &[u8]) -> (Fault, u16, usize) {
    match Message::parse(input) {
        Err(nom::Err::Error(error @ DecodeError { fault, field, .. })) => {
            (fault, field, error.offset_in(input))
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn both_ways() {
    assert_eq!(encoded(&alive()), bytes(ALIVE));
    assert_eq!(Message::parse(&bytes(ALIVE)), Ok((&[][..], alive())));
    assert_eq!(encoded(&chat()), bytes(CHAT));
    assert_eq!(Message::parse(&bytes(CHAT)), Ok((&[][..], chat())));
    assert_eq!(alive().encoded_len(), 19);
    assert_eq!(chat().encoded_len(), 23);
}

#[test]
fn truncation_is_short_at_the_field_that_ran_out() {
    let whole = bytes(ALIVE);
    let expected = |len: usize| match len {
        4..6 => (Fault::Short, 1, 4),
        6..10 => (Fault::Short, 2, 6),
        _ => (Fault::Short, 0, 0),
    };
    for len in 0..whole.len() {
        assert_eq!(fault(&whole[..len]), expected(len), "{len} bytes");
    }
}

#[test]
fn a_length_that_is_too_small() {
    let with_length = |length: u8| {
        let mut frame = bytes(ALIVE);
        frame[3] = length;
        fault(&frame)
    };
    assert_eq!(with_length(3), (Fault::Length, 0, 0));
    assert_eq!(with_length(4), (Fault::Short, 1, 4));
    assert_eq!(with_length(5), (Fault::Short, 1, 4));
    assert_eq!(with_length(6), (Fault::Short, 2, 6));
    assert_eq!(with_length(10), (Fault::Short, 4, 10));
    assert_eq!(with_length(11), (Fault::Short, 0, 10));
    assert_eq!(with_length(18), (Fault::Short, 0, 10));
    assert_eq!(with_length(20), (Fault::Short, 0, 0));
}

#[test]
fn bytes_behind_a_known_variant_are_left_over() {
    let frame = bytes("00000014 0001 00000001 0000018F00000000 FF 9D");
    assert_eq!(fault(&frame), (Fault::Trailing, 3, 18));
}

#[test]
fn a_wrong_checksum_is_found_after_the_structure() {
    let mut frame = bytes(ALIVE);
    frame[18] ^= 1;
    assert_eq!(fault(&frame), (Fault::Checksum, 4, 18));
}
