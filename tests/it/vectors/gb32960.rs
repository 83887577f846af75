//! GB/T 32960: the frames of an open-source gateway's tests, as it states them and as a second
//! decoder reads them.

mod measured;
mod published;

use longlink::codec::{Fault, Tagged};
use longlink::{BytesMut, Decoder, Frame};
use serde_json::{Value, json};

use self::published::data;
use crate::declarations::gb32960::{Body, Direction, Message, MessageContext};
use crate::samples::{bytes, compared, encoded_with, list, number, text};

fn frames() -> Vec<Value> {
    list("gb32960.json")
}

fn good() -> Vec<Value> {
    frames().into_iter().filter(|entry| entry["check_ok"] == true).collect()
}

/// Under the direction that the frame was recorded in.
fn context(entry: &Value) -> MessageContext {
    let up = text(entry, "/dir") == ">";
    MessageContext { direction: if up { Direction::Up } else { Direction::Down } }
}

fn message(entry: &Value) -> Message {
    let frame = bytes(text(entry, "/hex"));
    Message::decode_with(&frame, &context(entry))
        .unwrap_or_else(|error| panic!("{}: {error}", text(entry, "/case")))
}

fn message_of(case: &str) -> Message {
    let frames = frames();
    message(frames.iter().find(|entry| entry["case"] == case).expect("a published case"))
}

#[test]
fn good_frames_are_declared_and_written_again() {
    for entry in &good() {
        let (case, message) = (text(entry, "/case"), message(entry));
        assert!(!matches!(message.body, Body::Unknown { .. }), "{case}: {:?}", message.body);
        let again = encoded_with(&message, &context(entry));
        assert_eq!(again, bytes(text(entry, "/hex")), "{case}");
    }
    assert_eq!(good().len(), 20);
}

/// A second decoder, which nobody of the gateway's wrote.
#[test]
fn good_frames_have_the_values_that_were_read_independently() {
    let mut fields = 0;
    for entry in &good() {
        let (case, message) = (text(entry, "/case"), message(entry));
        let frame = encoded_with(&message, &context(entry));
        let response = match message.response {
            0x01 => "ok",
            0xFE => "command",
            other => panic!("{other:#x} in {case}"),
        };
        let kind = match message.body.tag() {
            0x01 => "login",
            0x02 => "realtime",
            0x03 => "supplimentary",
            0x07 => "heartbeat",
            0x08 => "time_sync",
            0x80 => "get",
            0x81 => "set",
            0x82 => "control",
            other => panic!("{other:#x} in {case}"),
        };
        let ours = json!({
            "starter": "protocol_2016", "msg_type": kind, "ack": response,
            "vin": message.vehicle, "enc": "uncrypted", "payload": measured::payload(&message.body),
            "checksum": frame[frame.len() - 1],
        });
        assert_eq!(frame, bytes(text(entry, "/hex")));
        fields += measured::same(&ours, &entry["rtm_con"], case);
    }
    let frames = good().len();
    compared("gb32960", [frames, frames, fields], [20, 20, 268]);
}

#[test]
fn good_frames_have_all_published_values() {
    let mut compared = 0;
    for entry in &good() {
        let (case, message) = (text(entry, "/case"), message(entry));
        let published = &entry["published"];
        let mut same = |found: Value, expected: &Value, key: &str| {
            assert_eq!(&found, expected, "{key} of {case}");
            compared += measured::leaves(expected);
        };
        let envelope = [
            ("cmd", json!(message.body.tag())),
            ("ack", json!(message.response)),
            ("vin", json!(message.vehicle)),
            ("encrypt", json!(message.encryption)),
        ];
        for (key, found) in envelope {
            if let Some(expected) = published.get(key) {
                same(found, expected, key);
            }
        }
        if let Some(expected) = published["data"].as_object() {
            let found = data(&message.body);
            for (key, value) in expected {
                same(found[key].clone(), value, key);
            }
        } else {
            let Body::Done { echo, .. } = &message.body else { panic!("{case} is no answer") };
            same(json!(6 + echo.len()), &published["data_len"], "data_len");
        }
    }
    assert_eq!(compared, 204);
}

/// One byte at a time, and all in one piece: the same frames.
#[test]
fn good_frames_come_out_of_any_stream() {
    for direction in [">", "<"] {
        let all = good();
        let sent: Vec<&Value> = all.iter().filter(|entry| entry["dir"] == direction).collect();
        let frames: Vec<Vec<u8>> = sent.iter().map(|entry| bytes(text(entry, "/hex"))).collect();
        let stream = frames.concat();
        for piece in [1, stream.len()] {
            let mut decoder = Decoder::<Message>::with_context(context(sent[0]));
            let (mut buffer, mut found) = (BytesMut::new(), Vec::new());
            for part in stream.chunks(piece) {
                buffer.extend_from_slice(part);
                while let Some(message) = decoder.decode(&mut buffer) {
                    found.push(encoded_with(&message.expect("a good frame"), &context(sent[0])));
                }
            }
            assert_eq!((&found, buffer.len()), (&frames, 0), "in pieces of {piece}");
        }
    }
}

#[test]
fn a_frame_of_the_next_edition_is_refused_at_its_magic() {
    let frames = frames();
    let entry = frames.iter().find(|entry| entry["check_ok"] == false).expect("one bad frame");
    let mut frame = bytes(text(entry, "/hex"));
    let error = Message::decode_with(&frame, &context(entry)).expect_err("it begins with $$");
    assert_eq!((error.fault, error.from_end as usize), (Fault::Magic, frame.len()));
    // Under the magic of 2016 its records have no place, and its check byte is wrong as well.
    frame[..2].copy_from_slice(b"##");
    let error = Message::decode_with(&frame, &context(entry)).expect_err("records of 2025");
    assert_ne!(error.fault, Fault::Magic);
}

/// Any one byte wrong between the magic and the end is seen by the check byte, if by nothing before.
#[test]
fn a_wrong_check_byte_is_refused() {
    let frames = good();
    for entry in &frames {
        let mut frame = bytes(text(entry, "/hex"));
        *frame.last_mut().expect("a check byte") ^= 1;
        let error = Message::decode_with(&frame, &context(entry)).expect_err("a wrong check byte");
        assert_eq!((error.fault, error.from_end), (Fault::Checksum, 1), "{}", text(entry, "/case"));
    }
}

/// Command 0x80 asks on the way down and tells on the way up.
#[test]
fn a_command_means_another_thing_each_way() {
    assert!(matches!(message_of("case13_param_query").body, Body::Parameters(_)));
    assert!(matches!(message_of("case17_query").body, Body::Query(_)));
    let frames = frames();
    let entry = frames.iter().find(|entry| entry["case"] == "case17_query").expect("the case");
    let up = MessageContext { direction: Direction::Up };
    let error = Message::decode_with(&bytes(text(entry, "/hex")), &up).expect_err("no parameters");
    assert_eq!(error.fault, Fault::Short);
}

#[test]
fn a_later_report_keeps_its_command() {
    let Body::Report { command, time, .. } = message_of("case08b_0x07_alarm_rereport").body else {
        panic!("no report")
    };
    assert_eq!((command, time.to_string()), (0x03, "2017-12-20 22:23:59".into()));
}

#[test]
fn an_answer_is_not_read_as_its_command() {
    let frames = frames();
    let entry = frames.iter().find(|entry| entry["case"] == "case16_login_ack").expect("the case");
    let Body::Done { command: 0x01, time, echo } = message(entry).body else { panic!("no answer") };
    assert_eq!(time.to_string(), "2011-10-25 20:05:51");
    assert_eq!(6 + echo.len() as u64, number(entry, "/published/data_len"));
}
