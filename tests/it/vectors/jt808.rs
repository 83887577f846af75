//! JT/T 808: frames that three independent projects published, good ones and bad ones.

mod published;

use longlink::codec::{EncodeError, Fault, Probe};
use longlink::{Bytes, BytesMut, Decoder, Digits, Frame, Wire};
use serde_json::Value;

use crate::declarations::packet::body::{Missing, Parts};
use crate::declarations::packet::terminal::{Identity, Registration};
use crate::declarations::packet::{Body, Edition, Packet, PacketContext, Part, Properties, Reply};
use crate::samples::{bytes, compared, decoded, encoded, encoded_with, list, text};

pub(crate) use self::published::same_setting;

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
    assert_eq!(decoded(&frame), Ok(value));
}

#[test]
fn a_reply_escapes_the_escape_byte() {
    let frame = bytes("7E 8001 4005 01 00000000013912345678 0001 00 7D01 0002 00 8B 7E");
    let reply = Reply { serial: 0x007D, message: 0x0002, result: 0 };
    let value = packet_2019(1, Body::PlatformReply(reply));
    assert_eq!(encoded(&value), frame);
    assert_eq!(decoded(&frame), Ok(value));
}

/// By the layout of clauses 8.4 and 8.5: the first part's number, how many, which. Since 2019 how many
/// takes two bytes, and the terminal may ask as well.
#[test]
fn parts_are_asked_for_by_their_indices() {
    let missing = |parts| Missing { first: 0x0010, parts };
    let of_2013 = Body::OrderParts(missing(Parts::Of2013(vec![2, 4])));
    let phone = "013912345678".parse().expect("twelve digits");
    let frame = bytes("7E 8003 0007 013912345678 0001 0010 02 0002 0004 A1 7E");
    let value = Packet::new(Properties::new(0), None, phone, 1, None, of_2013);
    assert_eq!(encoded(&value), frame);
    assert_eq!(decoded(&frame), Ok(value));
    let of_2019 = || missing(Parts::Of2019(vec![2, 4]));
    for (body, message, check) in
        [(Body::AskForParts(of_2019()), "0005", "69"), (Body::OrderParts(of_2019()), "8003", "EF")]
    {
        let head = format!("7E {message} 4008 01 00000000013912345678 0001");
        let frame = bytes(&format!("{head} 0010 0002 0002 0004 {check} 7E"));
        let value = packet_2019(1, body);
        assert_eq!(encoded(&value), frame);
        assert_eq!(decoded(&frame), Ok(value));
    }
    // A count above what is there.
    let error = decoded::<Packet>(&bytes("7E 8003 0007 013912345678 0001 0010 03 0002 0004 A0 7E"));
    assert_eq!(error.expect_err("too few").fault, Fault::Short);
}

#[test]
fn the_check_byte_may_be_escaped_itself() {
    let mut escaped = 0;
    for serial in 0..=u16::MAX {
        let value = packet_2019(serial, Body::SignOff);
        let frame = encoded(&value);
        if frame[frame.len() - 3] == 0x7D {
            escaped += 1;
            assert_eq!(decoded::<Packet>(&frame), Ok(value), "serial {serial:#x}");
        }
    }
    // Two of 256 check bytes, each with 256 serial numbers.
    assert_eq!(escaped, 512);
}

#[test]
fn usable_frames_have_the_values_that_were_read_independently() {
    let (mut usable, mut fields) = (0, 0);
    for entry in list("jt808.json").iter().filter(|entry| entry["usable"] == true) {
        let source = text(entry, "/source");
        let frame = bytes(text(entry, "/hex"));
        let packet: Packet = decoded(&frame).unwrap_or_else(|error| panic!("{source}: {error}"));
        let independent = &entry["independent"];
        assert_eq!(published::body_hex(&packet), text(independent, "/body_hex"), "{source}");
        fields += published::same(&published::header(&packet), &independent["header"], source);
        // Of a frame of 2011 it says that it is too short.
        if independent["body"].get("error").is_none() {
            fields += published::same(&published::body(&packet.body), &independent["body"], source);
        }
        if entry["published"].is_object() {
            fields += published::same(&published::readme(&packet), &entry["published"], source);
        }
        assert!(!matches!(packet.body, Body::Unknown { .. }), "{source} is not declared");
        assert_eq!(encoded(&packet), frame, "{source}");
        usable += 1;
    }
    compared("jt808", [usable, usable, fields], [39, 39, 584]);
}

/// Values that the projects themselves state for frames whose bodies the independent decoder does
/// not read.
#[test]
fn bodies_have_the_values_of_their_publishers() {
    let mut seen = Vec::new();
    for entry in list("jt808.json").iter().filter(|entry| entry["usable"] == true) {
        let packet: Packet = decoded(&bytes(text(entry, "/hex"))).expect("a usable frame");
        seen.extend(published::stated(&packet.body));
    }
    assert_eq!(
        seen,
        [
            "0304 1 4e SmallChi(Koike)",
            "0304 1 4f 沙县小吃",
            "0500 1000 12.222222 132.444444 2018-07-15 10:10:10 10 km 5.5 l",
            "0900 83 smallchi",
            "8105 upgrade 1 TKName TK TK123 www.baidu.com 8806 3306 12345 code 2.0 1.0 www.TK.com 60",
            "8105 reset",
            "8800 129 [258, 772]",
            "8800 129 [258, 772]",
            "8800 129",
            "8800 129",
            "8800 129 []",
            "8800 129 []",
        ]
    );
}

/// One byte at a time, and all in one piece: the same frames.
#[test]
fn usable_frames_come_out_of_any_stream() {
    let entries = list("jt808.json");
    let usable = entries.iter().filter(|entry| entry["usable"] == true);
    let frames: Vec<Vec<u8>> = usable.map(|entry| bytes(text(entry, "/hex"))).collect();
    let stream = frames.concat();
    for piece in [1, stream.len()] {
        let (mut decoder, mut buffer) = (Decoder::<Packet>::new(), BytesMut::new());
        let mut found = Vec::new();
        for part in stream.chunks(piece) {
            buffer.extend_from_slice(part);
            while let Some(packet) = decoder.decode(&mut buffer) {
                found.push(encoded(&packet.expect("a good frame")));
            }
        }
        assert_eq!((&found, buffer.len()), (&frames, 0), "in pieces of {piece}");
    }
}

/// The frame of 45 bytes says 2013 by its length and the connection's word; as one of 2011 its texts
/// lie elsewhere.
#[test]
fn the_connection_tells_2011_from_2013_where_the_length_does_not() {
    let entries = list("jt808.json");
    let of = |test: &str| {
        let entry = entries.iter().find(|entry| text(entry, "/source").ends_with(test));
        bytes(text(entry.expect("a published frame"), "/hex"))
    };
    let (short, long) = (of("0100Test.cs::Test2011_1"), of("0100Test.cs::Test1"));
    let read = |frame: &[u8], dialect| {
        let context = PacketContext { dialect };
        let packet = Packet::decode_with(frame, &context).expect("a good frame");
        assert_eq!(encoded_with(&packet, &context), frame);
        let Body::Register(Registration { identity, plate, .. }) = packet.body else {
            panic!("no registration")
        };
        (identity, plate)
    };
    let of_2011 = (
        Identity::Of2011 {
            maker: "1234".into(),
            model: "tk12345".into(),
            terminal: "CHI123".into(),
        },
        "粤A12345".to_owned(),
    );
    assert_eq!(read(&short, Edition::Of2011), of_2011);
    assert_eq!(read(&short, Edition::Of2013), of_2011);
    let of_2013 = (
        Identity::Of2013 {
            maker: "1234".into(),
            model: "smallchi123".into(),
            terminal: "CHI123".into(),
        },
        "粤A12345".to_owned(),
    );
    assert_eq!(read(&long, Edition::Of2013), of_2013);
    let (identity, _) = read(&long, Edition::Of2011);
    let Identity::Of2011 { model, .. } = identity else { panic!("{identity:?}") };
    assert_eq!(model, "smallchi");
}

/// What the peer would read as one of 2011 is not written as one of 2013.
#[test]
fn a_registration_that_would_be_read_as_another_is_refused() {
    let texts = || (String::new(), String::new(), String::new());
    let written = |identity, plate: &str, dialect| {
        let registration =
            Registration { province: 44, city: 300, identity, colour: 1, plate: plate.into() };
        let phone = "013912345678".parse().expect("digits");
        let body = Body::Register(registration);
        let packet = Packet::new(Properties::new(0), None, phone, 0, None, body);
        packet.encode_with(&mut BytesMut::new(), &PacketContext { dialect })
    };
    let (maker, model, terminal) = texts();
    let of_2013 = Identity::Of2013 { maker, model, terminal };
    let (maker, model, terminal) = texts();
    let of_2011 = Identity::Of2011 { maker, model, terminal };
    let contradiction = Err(EncodeError::Contradiction { field: "Registration.identity" });
    assert_eq!(written(of_2013.clone(), "", Edition::Of2013), Ok(()));
    assert_eq!(written(of_2013, "", Edition::Of2011), contradiction);
    assert_eq!(written(of_2011.clone(), "12345678901", Edition::Of2013), Ok(()));
    assert_eq!(written(of_2011.clone(), "123456789012", Edition::Of2013), contradiction);
    assert_eq!(written(of_2011, "123456789012", Edition::Of2011), Ok(()));
}

#[test]
fn unusable_frames_are_refused_for_their_reason() {
    let faults: Vec<_> = list("jt808.json")
        .iter()
        .filter(|entry| entry["usable"] == false)
        .map(|entry| {
            let error = decoded::<Packet>(&bytes(text(entry, "/hex"))).expect_err("unusable");
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
            let error = decoded::<Packet>(&frame).expect_err("invalid");
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
        assert_eq!(Packet::probe(&mut border, &PacketContext::default(), &frame), Probe::Need(1));
        let mut stream = BytesMut::from(&frame[..]);
        assert_eq!(Decoder::<Packet>::new().decode(&mut stream), None);
        let error = decoded::<Packet>(&frame).expect_err("no end flag");
        assert_eq!(error.fault, Fault::Short);
    }
}

#[test]
fn encrypted_and_split_packets_keep_their_bytes() {
    let invalid = list("jt808_invalid.json");
    let raw = |bytes| Body::Unknown { message: 0x0801, raw: Bytes::from_static(bytes) };
    let expected = [
        (0, Some(Part { total: 26, index: 2 }), raw(&[0x28, 0x08, 0x00, 0x01, 0x02])),
        (1, None, raw(&[0x00, 0x1A, 0x00, 0x02, 0x21])),
    ];
    let read = invalid[0]["decode_ok"].as_array().expect("a list").iter().map(|entry| {
        let frame = bytes(text(entry, "/hex"));
        let packet: Packet = decoded(&frame).expect("a good frame");
        assert_eq!(encoded(&packet), frame);
        (packet.properties.cipher, packet.part, packet.body)
    });
    assert_eq!(read.collect::<Vec<_>>(), expected);
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
    let mut joined = String::new();
    let headers = message["headers"].as_array().expect("a list");
    for (hex, header) in message["frames"].as_array().expect("a list").iter().zip(headers) {
        let frame = bytes(hex.as_str().expect("text"));
        let packet: Packet = decoded(&frame).expect("a good part");
        assert!(published::same(&published::header(&packet), header, "part") >= 10);
        assert!(matches!(packet.body, Body::Unknown { message: 0x0104, .. }));
        joined.push_str(&published::body_hex(&packet));
        assert_eq!(encoded(&packet), frame);
    }
    assert_eq!(joined, text(message, "/reassembled_hex"));
}
