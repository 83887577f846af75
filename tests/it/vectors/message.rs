//! The game's long link: vectors computed by hand.

use longlink::codec::{Fault, Probe, Resync};
use longlink::{Bytes, BytesMut, DecodeError, EncodeError, Frame, Wire};

use crate::declarations::message::{Body, Message};
use crate::samples::{bytes, encoded};

const ALIVE: &str = "00000013 0001 00000001 0000018F00000000 9D";
const CHAT: &str = "00000017 0002 00000007 00000000000003E9 0002 6869 FB";

fn alive() -> Message {
    Message::new(1, Body::Alive { sent_ms: 0x018F_0000_0000 })
}

fn chat() -> Message {
    Message::new(7, Body::Chat { from: 1001, text: "hi".into() })
}

#[test]
fn a_sign_of_life_is_nineteen_bytes() {
    assert_eq!(encoded(&alive()), bytes(ALIVE));
    assert_eq!(Message::decode(&bytes(ALIVE)), Ok(alive()));
}

#[test]
fn a_line_of_chat_is_twenty_three_bytes() {
    assert_eq!(encoded(&chat()), bytes(CHAT));
    assert_eq!(Message::decode(&bytes(CHAT)), Ok(chat()));
}

#[test]
fn an_unknown_command_is_kept() {
    let frame = bytes("0000000E 0BAD 00000002 AABBCC 77");
    let check = frame[..13].iter().fold(0, |sum, byte| sum ^ byte);
    let frame = [&frame[..13], &[check]].concat();
    let value = Message::new(
        2,
        Body::Unknown { command: 0x0BAD, raw: Bytes::from_static(&[0xAA, 0xBB, 0xCC]) },
    );
    assert_eq!(Message::decode(&frame), Ok(value.clone()));
    assert_eq!(encoded(&value), frame);
}

#[test]
fn an_unknown_body_with_a_known_command_is_not_written() {
    let value = Message::new(2, Body::Unknown { command: 0x0002, raw: Bytes::new() });
    let mut out = BytesMut::from(&b"before"[..]);
    assert_eq!(
        value.encode(&mut out),
        Err(EncodeError::TagIsKnown { field: "Body.Unknown.command", tag: 0x0002 })
    );
    assert_eq!(out, &b"before"[..]);
}

#[test]
fn a_wrong_checksum_is_found_at_its_field() {
    let mut frame = bytes(CHAT);
    frame[22] ^= 0x01;
    assert_eq!(
        Message::decode(&frame),
        Err(DecodeError { from_end: 1, field: 4, fault: Fault::Checksum })
    );
}

#[test]
fn a_truncation_is_short_at_any_byte() {
    for frame in [bytes(ALIVE), bytes(CHAT)] {
        for len in 0..frame.len() {
            let error = Message::decode(&frame[..len]).expect_err("a part is no frame");
            assert_eq!(error.fault, Fault::Short, "after {len} bytes");
        }
    }
}

#[test]
fn bytes_behind_the_frame_are_left_over() {
    let frame = [bytes(ALIVE), vec![0x00]].concat();
    let error = Message::decode(&frame).expect_err("one byte too many");
    assert_eq!((error.fault, error.from_end), (Fault::Trailing, 1));
}

#[test]
fn the_border_is_known_after_four_bytes() {
    let frame = bytes(CHAT);
    let mut border = Default::default();
    for len in 0..4 {
        assert_eq!(Message::probe(&mut border, &(), &frame[..len]), Probe::Need(4 - len));
    }
    for len in 4..frame.len() {
        assert_eq!(Message::probe(&mut border, &(), &frame[..len]), Probe::Need(23 - len));
    }
    assert_eq!(Message::probe(&mut border, &(), &frame), Probe::Frame { len: 23 });
}

#[test]
fn an_impossible_length_breaks_the_stream() {
    // The shortest message: length, command, sequence, checksum. The longest: 64 KiB.
    for (length, probe) in [
        (10_u32, Probe::Broken(Fault::Length)),
        (11, Probe::Need(7)),
        (65_536, Probe::Need(65_532)),
        (65_537, Probe::Broken(Fault::Length)),
    ] {
        let mut border = Default::default();
        assert_eq!(Message::probe(&mut border, &(), &length.to_be_bytes()), probe, "{length}");
    }
}

#[test]
fn the_limits_are_constants() {
    assert_eq!(Message::MIN_LEN, 11);
    assert_eq!(Message::FIXED_LEN, None);
    assert_eq!(Message::MAX_FRAME_LEN, 65_536);
    assert_eq!(Message::RESYNC, Resync::Close);
}
