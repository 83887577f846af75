//! GB/T 32960: the frames of an open-source gateway's tests.

use longlink::codec::Fault;
use longlink::{CivilTime, Frame};
use serde_json::Value;

use crate::declarations::gb32960::{Body, Message, Value as Measured};
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
fn a_login_has_its_published_values() {
    let Body::Login { time, serial, card, systems, code_length, codes } =
        frame_of("case01_login").body
    else {
        panic!("no login")
    };
    assert_eq!(time.to_string(), "2012-12-29 12:19:20");
    assert_eq!((serial, card.as_str(), systems, code_length), (1, "12345678901234567890", 1, 1));
    assert_eq!(codes, &b"C"[..]);
}

#[test]
fn measurements_have_their_published_values() {
    let Measured::Vehicle(vehicle) = only_record("case02_0x01_vehicle") else { panic!("vehicle") };
    assert_eq!((vehicle.state, vehicle.charging, vehicle.mode), (1, 1, 1));
    assert_eq!((vehicle.speed, vehicle.voltage, vehicle.current), (200.0, 500.0, 500.0));
    assert_eq!((vehicle.mileage * 10.0).round() as u64, 999_999);
    assert_eq!((vehicle.charge, vehicle.resistance, vehicle.accelerator), (50, 6000, 90));

    let Measured::Motors(motors) = only_record("case03_0x02_motors") else { panic!("motors") };
    assert_eq!(motors.len(), 2);
    assert_eq!(
        (motors[1].speed, motors[1].torque, motors[1].temperature),
        (10_200.0, 530.0, 105.0)
    );

    let Measured::FuelCell(cell) = only_record("case04_0x03_fuelcell") else { panic!("fuel cell") };
    assert_eq!((cell.voltage, cell.consumption, cell.hottest), (1000.0, 450.0, 1210.0));
    assert_eq!(cell.probes, [120, 121]);

    let Measured::Alarms { level, flags, batteries, motors, engines, others } =
        only_record("case08_0x07_alarm")
    else {
        panic!("alarms")
    };
    assert_eq!((level, flags), (2, 0));
    assert_eq!((batteries, motors), (vec![123], vec![123, 223]));
    assert_eq!((engines, others), (vec![123], vec![125]));

    let Measured::Voltages(systems) = only_record("case09_0x08_voltages") else { panic!("cells") };
    assert_eq!(systems[1].millivolts, [5001]);
    assert_eq!((systems[1].cells, systems[1].first), (2, 1));

    let Measured::Temperatures(systems) = only_record("case10_0x09_temps") else {
        panic!("probes")
    };
    assert_eq!(systems[0].probes, [0, 0, 0, 0, 0, 0, 0, 0, 19, 136]);
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

fn only_record(case: &str) -> Measured {
    let Body::Report { mut records, .. } = frame_of(case).body else { panic!("{case}: no report") };
    assert_eq!(records.len(), 1, "{case}");
    records.remove(0).value
}

fn civil(time: &CivilTime) -> String {
    time.to_string()
}
