//! GB/T 32960: the frames of an open-source gateway's tests.

mod published;

use longlink::codec::Fault;
use longlink::{CivilTime, Frame};
use serde_json::Value;

use self::published::data;
use crate::declarations::gb32960::{Body, Message};
use crate::samples::{bytes, encoded, list, number, text};

fn frames() -> Vec<Value> {
    list("gb32960.json")
}

fn frame_of(case: &str) -> Message {
    let frames = frames();
    let entry = frames.iter().find(|entry| entry["case"] == case).expect("a published case");
    Message::decode(&bytes(text(entry, "/hex"))).expect("a good frame")
}

#[test]
fn good_frames_have_the_published_envelope() {
    let mut good = 0;
    for entry in frames().iter().filter(|entry| entry["check_ok"] == true) {
        let case = text(entry, "/case");
        let frame = bytes(text(entry, "/hex"));
        let message = Message::decode(&frame).unwrap_or_else(|error| panic!("{case}: {error}"));
        assert_eq!(message.vehicle, text(entry, "/rtm_con/vin"), "{case}");
        assert_eq!(message.encryption, 1, "{case}");
        assert_eq!(message.response == 0xFE, text(entry, "/rtm_con/ack") == "command", "{case}");
        let command = longlink::codec::Tagged::tag(&message.body);
        assert_eq!(command, u64::from(frame[2]), "{case}");
        if let Some(published) = entry.pointer("/published/cmd").and_then(Value::as_u64) {
            assert_eq!(command, published, "{case}");
        }
        assert_eq!(encoded(&message), frame, "{case}");
        good += 1;
    }
    assert!(good >= 20, "{good} good frames");
}

#[test]
fn a_frame_of_the_next_edition_is_refused_at_its_magic() {
    let frames = frames();
    let entry = frames.iter().find(|entry| entry["check_ok"] == false).expect("one bad frame");
    let mut frame = bytes(text(entry, "/hex"));
    let error = Message::decode(&frame).expect_err("it begins with $$");
    assert_eq!((error.fault, error.from_end as usize), (Fault::Magic, frame.len()));
    // Under the magic of 2016 its records have no place, and its check byte is wrong as well.
    frame[..2].copy_from_slice(b"##");
    let error = Message::decode(&frame).expect_err("records of 2025");
    assert_ne!(error.fault, Fault::Magic);
}

#[test]
fn good_frames_have_all_published_values() {
    let mut compared = 0;
    for entry in frames().iter().filter(|entry| entry["check_ok"] == true) {
        let case = text(entry, "/case");
        let message = Message::decode(&bytes(text(entry, "/hex"))).expect("a good frame");
        let published = &entry["published"];
        if let Some(expected) = published["data"].as_object() {
            let found = data(&message.body, text(entry, "/dir"));
            for (key, value) in expected {
                assert_eq!(&found[key], value, "{key} of {case}");
                compared += 1;
            }
        } else {
            let Body::Unknown { raw, .. } = &message.body else { panic!("{case} is no answer") };
            assert_eq!(raw.len() as u64, number(published, "/data_len"), "{case}");
            compared += 1;
        }
    }
    assert!(compared >= 33, "{compared} values");
}

#[test]
fn a_later_report_keeps_its_command() {
    let Body::Report { command, time, .. } = frame_of("case08b_0x07_alarm_rereport").body else {
        panic!("no report")
    };
    assert_eq!((command, civil(&time)), (0x03, "2017-12-20 22:23:59".into()));
}

#[test]
fn an_answer_is_not_read_as_its_command() {
    let frames = frames();
    let entry = frames.iter().find(|entry| entry["case"] == "case16_login_ack").expect("the case");
    let message = frame_of("case16_login_ack");
    let Body::Unknown { command: 0x01, raw } = message.body else { panic!("{:?}", message.body) };
    assert_eq!(raw.len() as u64, number(entry, "/published/data_len"));
}

fn civil(time: &CivilTime) -> String {
    time.to_string()
}
