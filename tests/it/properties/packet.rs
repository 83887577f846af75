//! JT/T 808: escapes, presence bits, nested lengths, flipped bits under an 8-bit sum.

use longlink::{Bytes, BytesMut, CivilTime, Decoder, Digits, Frame};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::{prop_assert, prop_assert_eq, proptest};

use crate::declarations::packet::{
    Body, Extra, ExtraValue, Location, Packet, Part, Properties, Reply, Setting, Stored,
};
use crate::samples::encoded;

pub(crate) fn packets() -> impl Strategy<Value = Packet> {
    let edition =
        prop_oneof![("[0-9]{12}", Just(None)), ("[0-9]{20}", any::<u8>().prop_map(Some)),];
    let inside = prop_oneof![
        bodies().prop_map(|body| (0, None, body)),
        (1_u8..8, unknown_bodies()).prop_map(|(cipher, body)| (cipher, None, body)),
        (any::<u16>(), 1_u16.., unknown_bodies()).prop_map(|(total, index, body)| (
            0,
            Some(Part { total, index }),
            body
        )),
    ];
    (edition, any::<u16>(), inside).prop_map(|((phone, version), serial, (cipher, part, body))| {
        let phone = phone.parse::<Digits>().expect("digits");
        Packet::new(Properties::new(cipher), version, phone, serial, part, body)
    })
}

fn bodies() -> impl Strategy<Value = Body> {
    prop_oneof![
        replies().prop_map(Body::TerminalReply),
        Just(Body::Heartbeat),
        Just(Body::SignOff),
        (any::<u16>(), vec(settings(), 0..6)).prop_map(|(serial, settings)| Body::Settings {
            serial,
            count: longlink::Auto::Derived,
            settings
        }),
        locations().prop_map(Body::Location),
        (any::<u16>(), locations())
            .prop_map(|(serial, location)| Body::LocationReply { serial, location }),
        (0_u8..=1, vec(locations(), 0..4)).prop_map(|(late, items)| Body::Locations {
            count: longlink::Auto::Derived,
            late,
            items: items.into_iter().map(Stored::new).collect()
        }),
        replies().prop_map(Body::PlatformReply),
        (any::<u16>(), any::<u8>(), raw()).prop_map(|(serial, result, token)| Body::Registered {
            serial,
            result,
            token
        }),
        Just(Body::AskSettings),
        unknown_bodies(),
    ]
}

/// A body that is kept as bytes: message numbers that no variant has.
fn unknown_bodies() -> impl Strategy<Value = Body> {
    (0x9000_u16.., raw()).prop_map(|(message, raw)| Body::Unknown { message, raw })
}

/// Many of the bytes that must be escaped.
fn raw() -> impl Strategy<Value = Bytes> {
    let byte = prop_oneof![any::<u8>(), 0x7C_u8..=0x7F, Just(0x7E), Just(0x7D)];
    vec(byte, 0..60).prop_map(Bytes::from)
}

fn replies() -> impl Strategy<Value = Reply> {
    (any::<u16>(), any::<u16>(), any::<u8>()).prop_map(|(serial, message, result)| Reply {
        serial,
        message,
        result,
    })
}

fn settings() -> impl Strategy<Value = Setting> {
    (any::<u32>(), raw()).prop_map(|(id, value)| Setting { id, value })
}

fn locations() -> impl Strategy<Value = Location> {
    let place = (any::<u32>(), any::<u32>(), any::<u32>(), any::<u32>());
    let movement = (any::<u16>(), any::<u16>(), any::<u16>(), any::<[u8; 6]>());
    (place, movement, vec(extras(), 0..6)).prop_map(
        |((alarms, status, latitude, longitude), (altitude, speed, heading, time), extras)| {
            Location {
                alarms,
                status,
                latitude: f64::from(latitude) * 1e-6,
                longitude: f64::from(longitude) * 1e-6,
                altitude,
                speed: (f64::from(speed) * 0.1) as f32,
                heading,
                time: CivilTime::from_bcd(time),
                extras,
            }
        },
    )
}

fn extras() -> impl Strategy<Value = Extra> {
    prop_oneof![
        any::<u32>().prop_map(|raw| ExtraValue::Mileage(f64::from(raw) * 0.1)),
        any::<u16>().prop_map(|raw| ExtraValue::Fuel((f64::from(raw) * 0.1) as f32)),
        any::<u16>().prop_map(|raw| ExtraValue::Speed((f64::from(raw) * 0.1) as f32)),
        (4_u8.., raw()).prop_map(|(id, raw)| ExtraValue::Unknown { id, raw }),
    ]
    .prop_map(Extra::new)
}

proptest! {
    #[test]
    fn a_value_survives_its_bytes(packet in packets()) {
        let frame = encoded(&packet);
        let inside = &frame[1..frame.len() - 1];
        prop_assert!(!inside.contains(&0x7E), "a delimiter inside of a frame");
        prop_assert_eq!(Packet::decode(&frame), Ok(packet));
    }

    #[test]
    fn bytes_that_are_read_are_written_again(inside in vec(0_u8..0x7D, 15..40)) {
        let check = inside.iter().fold(0, |sum, byte| sum ^ byte);
        let frame = [&[0x7E], &inside[..], &[check, 0x7E]].concat();
        if let Ok(packet) = Packet::decode(&frame) {
            prop_assert_eq!(encoded(&packet), frame);
        }
    }

    #[test]
    fn no_part_of_a_frame_is_a_frame(packet in packets()) {
        let frame = encoded(&packet);
        for len in 0..frame.len() {
            prop_assert!(Packet::decode(&frame[..len]).is_err(), "{len} of {} bytes", frame.len());
        }
    }

    #[test]
    fn no_flipped_bit_goes_unseen(packet in packets()) {
        let mut frame = encoded(&packet);
        for bit in 0..frame.len() * 8 {
            let at = bit / 8;
            let before = frame[at];
            frame[at] ^= 1 << (bit % 8);
            let read = Packet::decode(&frame);
            // An 8-bit sum can be fooled where the flip changes what the bytes are: delimiters,
            // escapes, and the property word, whose bits say how long everything is.
            let structural = [before, frame[at]].iter().any(|byte| (0x7D..=0x7E).contains(byte))
                || (at > 0 && frame[at - 1] == 0x7D)
                || (3..=6).contains(&at);
            prop_assert!(read.is_err() || structural, "bit {bit} of {frame:02X?}");
            frame[at] = before;
        }
    }

    #[test]
    fn every_split_of_the_stream_gives_the_same_frames(
        sent in vec(packets(), 1..4),
        cut in 1_usize..9,
    ) {
        let stream: Vec<u8> = sent.iter().flat_map(encoded).collect();
        let mut decoder = Decoder::<Packet>::new();
        let mut buffer = BytesMut::new();
        let mut received = Vec::new();
        for chunk in stream.chunks(cut) {
            buffer.extend_from_slice(chunk);
            while let Some(item) = decoder.decode(&mut buffer) {
                received.push(item.expect("a good frame"));
            }
        }
        prop_assert_eq!(received, sent);
        prop_assert!(buffer.is_empty());
    }

    #[test]
    fn garbage_between_frames_costs_no_frame(
        sent in vec(packets(), 1..4),
        garbage in vec(vec(0_u8..0x7D, 0..20), 4),
    ) {
        let mut stream = BytesMut::new();
        for (packet, garbage) in sent.iter().zip(&garbage) {
            stream.extend_from_slice(garbage);
            stream.extend_from_slice(&encoded(packet));
        }
        let mut decoder = Decoder::<Packet>::new();
        let mut received = Vec::new();
        let mut reports = 0;
        while let Some(item) = decoder.decode(&mut stream) {
            match item {
                Ok(packet) => received.push(packet),
                Err(_) => reports += 1,
            }
        }
        prop_assert_eq!(received, sent.clone());
        let runs = garbage.iter().take(sent.len()).filter(|run| !run.is_empty()).count();
        prop_assert_eq!(reports, runs);
    }
}
