//! JT/T 808: frames that three independent projects published, good ones and bad ones.

use longlink::codec::{Fault, Probe};
use longlink::{Bytes, BytesMut, CivilTime, Decoder, Digits, Frame, Parse, Wire};
use serde_json::Value;

use crate::declarations::packet::{
    Body, Extra, ExtraValue, Location, Packet, Part, Properties, Reply, Setting, Stored,
};
use crate::samples::{bytes, encoded, hexadecimal, list, number, text};

/// A packet of the 2019 edition.
fn packet_2019(serial: u16, body: Body) -> Packet {
    let phone = "00000000013912345678".parse::<Digits>().expect("twenty digits");
    Packet::new(Properties::new(0), Some(1), phone, serial, None, body)
}

#[test]
fn a_heartbeat_escapes_its_serial_number() {
    let frame = bytes("7E 0002 4000 01 00000000013912345678 00 7D02 0D 7E");
    let value = packet_2019(0x007E, Body::Heartbeat);
    assert_eq!(encoded(&value), frame);
    assert_eq!(Packet::decode(&frame), Ok(value));
}

#[test]
fn a_reply_escapes_the_escape_byte() {
    let frame = bytes("7E 8001 4005 01 00000000013912345678 0001 00 7D01 0002 00 8B 7E");
    let reply = Reply { serial: 0x007D, message: 0x0002, result: 0 };
    let value = packet_2019(1, Body::PlatformReply(reply));
    assert_eq!(encoded(&value), frame);
    assert_eq!(Packet::decode(&frame), Ok(value));
}

#[test]
fn the_check_byte_may_be_escaped_itself() {
    let mut escaped = 0;
    for serial in 0..=u16::MAX {
        let value = packet_2019(serial, Body::SignOff);
        let frame = encoded(&value);
        if frame[frame.len() - 3] == 0x7D {
            escaped += 1;
            assert_eq!(Packet::decode(&frame), Ok(value), "serial {serial:#x}");
        }
    }
    // Two of 256 check bytes, each with 256 serial numbers.
    assert_eq!(escaped, 512);
}

#[test]
fn usable_frames_have_the_values_that_were_read_independently() {
    let mut usable = 0;
    for entry in list("jt808.json").iter().filter(|entry| entry["usable"] == true) {
        let source = text(entry, "/source");
        let frame = bytes(text(entry, "/hex"));
        let packet = Packet::decode(&frame).unwrap_or_else(|error| panic!("{source}: {error}"));
        same_header(&packet, entry);
        same_body(&packet.body, entry);
        assert_eq!(encoded(&packet), frame, "{source}");
        usable += 1;
    }
    assert!(usable >= 39, "{usable} usable frames");
}

#[test]
fn unusable_frames_are_refused_for_their_reason() {
    let faults: Vec<_> = list("jt808.json")
        .iter()
        .filter(|entry| entry["usable"] == false)
        .map(|entry| {
            let error = Packet::decode(&bytes(text(entry, "/hex"))).expect_err("unusable");
            let check = entry.pointer("/independent/check_ok") == Some(&Value::Bool(true));
            (check, error.fault)
        })
        .collect();
    // A wrong check byte, and an extra that is cut, which is found first; a body of five bytes whose
    // length says none.
    assert_eq!(faults, [(false, Fault::Short), (true, Fault::Trailing)]);
}

#[test]
fn invalid_frames_have_their_fault() {
    let invalid = list("jt808_invalid.json");
    let faults: Vec<_> = invalid[0]["decode"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|entry| {
            let frame = bytes(text(entry, "/hex"));
            let error = Packet::decode(&frame).expect_err("invalid");
            (text(entry, "/expect"), error.fault)
        })
        .collect();
    assert_eq!(
        faults,
        [
            ("incomplete / no end flag", Fault::Short),
            ("header too short", Fault::Short),
            ("wrong check code", Fault::Checksum),
            ("body shorter than body_len", Fault::Short),
            ("header too short", Fault::Short),
            ("header too short (sub-package fields missing)", Fault::Short),
            ("0x7d not followed by 01/02", Fault::Escape),
            ("incomplete", Fault::Short),
        ]
    );
}

#[test]
fn a_frame_without_end_flag_waits_on_a_stream() {
    for frame in ["7e010040530100", "7e02"] {
        let frame = bytes(frame);
        let mut border = Default::default();
        assert_eq!(Packet::probe(&mut border, &(), &frame), Probe::Need(1));
        let mut stream = BytesMut::from(&frame[..]);
        assert_eq!(Decoder::<Packet>::new().decode(&mut stream), None);
        let error = Packet::parse(&frame).expect_err("no end flag");
        assert!(matches!(error, nom::Err::Error(error) if error.fault == Fault::Short));
    }
}

#[test]
fn encrypted_and_split_packets_keep_their_bytes() {
    let invalid = list("jt808_invalid.json");
    let raw = Bytes::from_static(&[0x28, 0x08, 0x00, 0x01, 0x02]);
    let expected = [
        (0, Some(Part { total: 26, index: 2 }), raw),
        (1, None, Bytes::from_static(&[0x00, 0x1A, 0x00, 0x02, 0x21])),
    ];
    for (entry, (cipher, part, raw)) in
        invalid[0]["decode_ok"].as_array().expect("a list").iter().zip(expected)
    {
        let frame = bytes(text(entry, "/hex"));
        let value = Packet::new(
            Properties::new(cipher),
            None,
            "012345678900".parse().unwrap_or_else(|_| unreachable!("twelve digits")),
            0x02DE,
            part,
            Body::Unknown { message: 0x0801, raw },
        );
        let read = Packet::decode(&frame).expect("a good frame");
        assert_eq!(read.properties.cipher, cipher);
        assert_eq!(encoded(&read), frame);
        let Body::Unknown { message, raw } = &read.body else { panic!("{:?}", read.body) };
        assert_eq!((*message, raw.len()), (0x0801, 5));
        assert_eq!((&read.part, &read.body), (&value.part, &value.body));
    }
}

#[test]
fn glued_and_partial_chunks_give_every_good_frame() {
    let invalid = list("jt808_invalid.json");
    let mut seen = Vec::new();
    for entry in invalid[0]["streams"].as_array().expect("a list") {
        let mut stream = BytesMut::from(&bytes(text(entry, "/chunk"))[..]);
        let mut decoder = Decoder::<Packet>::new();
        let mut frames = Vec::new();
        while let Some(item) = decoder.decode(&mut stream) {
            frames.push(item.map(|packet| packet.serial).map_err(|bad| bad.error.fault));
        }
        seen.push((frames, stream.len()));
    }
    assert_eq!(
        seen,
        [
            (vec![Ok(0x7FFF), Ok(1)], 0),
            // That library does not read bodies: the second is a general reply without one.
            (vec![Ok(7), Err(Fault::Short)], 17),
            // Another library gives up at the second; rule 8 goes on behind it.
            (vec![Ok(7), Err(Fault::Short), Ok(0x7FFF)], 0),
        ]
    );
}

/// The envelope alone, whatever the body.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(
    delimiter = 0x7E,
    escape(0x7E => [0x7D, 0x02], 0x7D => [0x7D, 0x01]),
    max_frame_length = 2092,
    resync = delimiter
)]
struct Envelope {
    message: u16,
    word: Word,
    #[wire(present_in = word.versioned)]
    version: Option<u8>,
    #[wire(bcd, size = if version.is_some() { 10 } else { 6 })]
    phone: Digits,
    serial: u16,
    #[wire(present_in = word.split)]
    part: Option<Part>,
    #[wire(length_in = word.length)]
    body: Bytes,
    #[wire(checksum = xor8, over = ..self)]
    check: longlink::Auto<u8>,
}

#[derive(Debug, Clone, PartialEq, Wire)]
#[wire(bitfield = u16)]
struct Word {
    #[wire(bits = 1, reserved)]
    reserved: u8,
    #[wire(bits = 1)]
    versioned: longlink::Auto<bool>,
    #[wire(bits = 1)]
    split: longlink::Auto<bool>,
    #[wire(bits = 3)]
    cipher: u8,
    #[wire(bits = 10)]
    length: longlink::Auto<u16>,
}

#[test]
fn envelopes_of_all_chunks_are_found() {
    let invalid = list("jt808_invalid.json");
    let mut seen = Vec::new();
    for entry in invalid[0]["streams"].as_array().expect("a list") {
        let mut stream = BytesMut::from(&bytes(text(entry, "/chunk"))[..]);
        let mut decoder = Decoder::<Envelope>::new();
        let mut frames = Vec::new();
        while let Some(item) = decoder.decode(&mut stream) {
            frames.push(item.map(|frame| frame.serial).map_err(|bad| bad.error.fault));
        }
        seen.push((frames, stream.len()));
    }
    assert_eq!(
        seen,
        [
            (vec![Ok(0x7FFF), Ok(1)], 0),
            (vec![Ok(7), Ok(2)], 17),
            (vec![Ok(7), Err(Fault::Short), Ok(0x7FFF)], 0),
        ]
    );
}

#[test]
fn parts_of_a_message_join_to_its_body() {
    let message = &list("jt808_subpackages.json")[0];
    let mut joined = Vec::new();
    for (index, hex) in (1..).zip(message["frames"].as_array().expect("a list")) {
        let frame = bytes(hex.as_str().expect("text"));
        let packet = Packet::decode(&frame).expect("a good part");
        assert_eq!(packet.part, Some(Part { total: 2, index }));
        let Body::Unknown { message: 0x0104, raw } = &packet.body else {
            panic!("a part is not read: {:?}", packet.body)
        };
        joined.extend_from_slice(raw);
        assert_eq!(encoded(&packet), frame);
    }
    assert_eq!(joined, bytes(text(message, "/reassembled_hex")));
}

/// Compares the header with what another program read.
fn same_header(packet: &Packet, entry: &Value) {
    let header = &entry["independent"]["header"];
    let version = header["version_flag"] == 1;
    assert_eq!(packet.version.is_some(), version);
    assert_eq!(packet.version.map(u64::from), header["protocol_version"].as_u64());
    assert_eq!(u64::from(packet.properties.cipher), number(header, "/encryption"));
    assert_eq!(packet.part.is_some(), number(header, "/subpackage") == 1);
    assert_eq!(packet.phone.to_string(), text(header, "/phone_bcd"));
    assert_eq!(u64::from(packet.serial), number(header, "/serial"));
    let body = encoded_body(packet);
    assert_eq!(body.len() as u64, number(header, "/body_len"));
    assert_eq!(body, bytes(text(entry, "/independent/body_hex")));
    assert_eq!(hexadecimal(header, "/msg_id"), longlink::codec::Tagged::tag(&packet.body));
}

/// The bytes of a packet's body alone: what is between header and check byte, unescaped.
fn encoded_body(packet: &Packet) -> Vec<u8> {
    let frame = encoded(packet);
    let mut layout = Vec::new();
    let mut rest = frame[1..frame.len() - 1].iter();
    while let Some(byte) = rest.next() {
        layout.push(match byte {
            0x7D if rest.next() == Some(&0x02) => 0x7E,
            byte => *byte,
        });
    }
    let header = if packet.version.is_some() { 17 } else { 12 };
    let header = if packet.part.is_some() { header + 4 } else { header };
    layout[header..layout.len() - 1].to_vec()
}

/// Compares the bodies that are declared with what another program read.
fn same_body(body: &Body, entry: &Value) {
    let independent = &entry["independent"]["body"];
    match body {
        Body::TerminalReply(reply) | Body::PlatformReply(reply) => {
            assert_eq!(u64::from(reply.serial), number(independent, "/reply_serial"));
            assert_eq!(u64::from(reply.message), number(independent, "/reply_msg_id"));
            assert_eq!(u64::from(reply.result), number(independent, "/result"));
        }
        Body::Settings { serial, settings, .. } => {
            assert_eq!(u64::from(*serial), number(independent, "/reply_serial"));
            same_settings(settings, independent);
        }
        Body::Configure { settings, .. } => same_settings(settings, independent),
        Body::Location(location) => same_location(location, independent),
        Body::LocationReply { serial, location } => {
            assert_eq!(u64::from(*serial), number(independent, "/reply_serial"));
            same_location(location, &independent["location"]);
        }
        Body::Locations { late, items, .. } => {
            assert_eq!(u64::from(*late), number(independent, "/type"));
            let read = independent["items"].as_array().expect("a list");
            assert_eq!(items.len(), read.len());
            for (Stored { location, .. }, read) in items.iter().zip(read) {
                same_location(location, read);
            }
        }
        Body::Registered { serial, result, token } => {
            assert_eq!(u64::from(*serial), number(independent, "/reply_serial"));
            assert_eq!(u64::from(*result), number(independent, "/result"));
            assert_eq!(token, text(independent, "/auth_code").as_bytes());
        }
        Body::Heartbeat | Body::SignOff | Body::AskSettings => {
            assert_eq!(independent, &serde_json::json!({}));
        }
        Body::Unknown { raw, .. } => {
            assert_eq!(raw, &bytes(text(entry, "/independent/body_hex"))[..]);
        }
    }
}

fn same_settings(settings: &[Setting], independent: &Value) {
    let read = independent["params"].as_array().expect("a list");
    assert_eq!(settings.len(), read.len());
    for (setting, read) in settings.iter().zip(read) {
        assert_eq!(u64::from(setting.id), number(read, "/id"));
        assert_eq!(setting.value, bytes(text(read, "/value_hex")));
    }
}

fn same_location(location: &Location, independent: &Value) {
    let millionths = |value: f64| (value * 1e6).round() as u64;
    assert_eq!(u64::from(location.alarms), number(independent, "/alarm_flag"));
    assert_eq!(u64::from(location.status), number(independent, "/status"));
    assert_eq!(millionths(location.latitude), number(independent, "/latitude"));
    assert_eq!(millionths(location.longitude), number(independent, "/longitude"));
    assert_eq!(u64::from(location.altitude), number(independent, "/altitude"));
    assert_eq!((location.speed * 10.0).round() as u64, number(independent, "/speed"));
    assert_eq!(u64::from(location.heading), number(independent, "/direction"));
    assert_eq!(civil(&location.time), text(independent, "/time"));
    let read = independent["extras"].as_array().expect("a list");
    assert_eq!(location.extras.len(), read.len());
    for (Extra { value, .. }, read) in location.extras.iter().zip(read) {
        same_extra(value, read);
    }
}

fn same_extra(value: &ExtraValue, read: &Value) {
    let tenths = |value: f64| (value * 10.0).round() as u64;
    match value {
        ExtraValue::Mileage(value) => {
            assert_eq!((1, tenths(*value)), (number(read, "/id"), number(read, "/uint")));
        }
        ExtraValue::Fuel(value) => {
            assert_eq!(
                (2, tenths(f64::from(*value))),
                (number(read, "/id"), number(read, "/uint"))
            );
        }
        ExtraValue::Speed(value) => {
            assert_eq!(
                (3, tenths(f64::from(*value))),
                (number(read, "/id"), number(read, "/uint"))
            );
        }
        ExtraValue::Unknown { id, raw } => {
            assert_eq!(u64::from(*id), number(read, "/id"));
            assert_eq!(raw, &bytes(text(read, "/value_hex"))[..]);
        }
    }
}

fn civil(time: &CivilTime) -> String {
    time.to_string()
}
