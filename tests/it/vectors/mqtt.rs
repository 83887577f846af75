//! MQTT 3.1.1 and 5: vectors by hand, from the standards, and recorded frames.

mod recorded;

use longlink::codec::{Fault, Probe};
use longlink::{Bytes, BytesMut, DecodeError, EncodeError, Frame, Wire};

use crate::declarations::mqtt::{
    Answer, Body, Connect, ConnectFlags, Filter, Flags, Packet, PacketContext, Reason, Wanted, Will,
};
use crate::declarations::property::{Property, Value};
use crate::samples::{bytes, encoded_with};

const QUALITY_ONE: Flags = Flags { duplicate: false, quality: 1, retain: false };
const OLD: PacketContext = PacketContext { version: 4 };
const NEW: PacketContext = PacketContext { version: 5 };

#[track_caller]
fn holds(context: &PacketContext, value: Packet, hex: &str) {
    assert_eq!(encoded_with(&value, context), bytes(hex));
    assert_eq!(Packet::decode_with(&bytes(hex), context), Ok(value));
}

#[track_caller]
fn refused(context: &PacketContext, hex: &str) -> Fault {
    Packet::decode_with(&bytes(hex), context).expect_err("a packet that is wrong").fault
}

fn written(context: &PacketContext, value: &Packet) -> Result<(), EncodeError> {
    let mut out = BytesMut::new();
    let result = value.encode_with(&mut out, context);
    assert_eq!(result.is_err(), out.is_empty());
    result
}

fn connect(version: u8, properties: Option<Vec<Property>>) -> Connect {
    let flags = ConnectFlags::new(false, 0, true);
    Connect::new(version, flags, 60, properties, String::new(), None, None, None)
}

#[test]
fn connect_without_options() {
    holds(&OLD, Body::Connect(connect(4, None)).into(), "10 0C 0004 4D515454 04 02 003C 0000");
    // The version of a CONNECT is its own, whatever the connection spoke before.
    let new = Body::Connect(connect(5, Some(Vec::new())));
    holds(&OLD, new.clone().into(), "10 0D 0004 4D515454 05 02 003C 00 0000");
    holds(&NEW, new.into(), "10 0D 0004 4D515454 05 02 003C 00 0000");
}

#[test]
fn the_options_of_connect_set_their_bits() {
    let options = |version, properties| Connect {
        version,
        connect: ConnectFlags::new(true, 2, false),
        keep_alive: 0,
        client: "c".into(),
        will: Some(Will { properties, topic: "t".into(), message: Bytes::from_static(b"m") }),
        user: Some("u".into()),
        password: Some(Bytes::from_static(b"p")),
        ..connect(version, (version == 5).then(Vec::new))
    };
    let old = Body::Connect(options(4, None));
    holds(&OLD, old.into(), "10 19 0004 4D515454 04 F4 0000 000163 000174 00016D 000175 000170");
    let delay = vec![Property::new(Value::WillDelay(3))];
    let new = Body::Connect(options(5, Some(delay)));
    let hex = "10 20 0004 4D515454 05 F4 0000 00 000163 05 18 00000003 000174 00016D 000175 000170";
    holds(&NEW, new.into(), hex);
}

#[test]
fn a_version_that_nobody_knows_is_invalid() {
    assert_eq!(refused(&OLD, "10 0C 0004 4D515454 03 02 003C 0000"), Fault::Invalid);
    assert_eq!(refused(&OLD, "10 0C 0004 4D515454 06 02 003C 0000"), Fault::Invalid);
}

fn message(flags: Flags, id: Option<u16>, properties: Option<Vec<Property>>) -> Packet {
    let (topic, payload) = ("a/b".into(), Bytes::from_static(b"hi"));
    Packet::new(flags, Body::Publish { topic, id, properties, payload })
}

#[test]
fn publish_has_an_id_above_quality_zero() {
    holds(&OLD, message(QUALITY_ONE, Some(10), None), "32 09 0003 612F62 000A 6869");
    holds(&OLD, message(Flags::NONE, None, None), "30 07 0003 612F62 6869");
    let one = message(Flags::NONE, Some(1), None);
    let contradiction = EncodeError::Contradiction { field: "Body.Publish.id" };
    assert_eq!(written(&OLD, &one), Err(contradiction));
}

#[test]
fn publish_has_properties_in_version_five_alone() {
    let properties = vec![
        Property::new(Value::SubscriptionIdentifier(300)),
        Property::new(Value::User { name: "k".into(), value: "v".into() }),
    ];
    let packet = message(QUALITY_ONE, Some(10), Some(properties));
    holds(&NEW, packet.clone(), "32 14 0003 612F62 000A 0A 0B AC02 26 00016B 000176 6869");
    let contradiction = Err(EncodeError::Contradiction { field: "Body.Publish.properties" });
    assert_eq!(written(&OLD, &packet), contradiction);
    assert_eq!(written(&NEW, &message(Flags::NONE, None, None)), contradiction);
}

#[test]
fn a_property_that_nobody_knows_makes_the_packet_malformed() {
    assert_eq!(refused(&NEW, "30 08 0003 612F62 02 7F 00"), Fault::UnknownTag);
}

#[test]
fn subscribe_holds_filters_to_its_end() {
    let wanted = |quality| Wanted { quality, ..Wanted::default() };
    let filters = vec![
        Filter { topic: "a".into(), options: wanted(0) },
        Filter { topic: "b/#".into(), options: wanted(2) },
    ];
    let old = Body::Subscribe { id: 1, properties: None, filters };
    holds(&OLD, old.into(), "82 0C 0001 0001 61 00 0003 622F23 02");
    let options = Wanted {
        retain_handling: 2,
        retain_as_published: true,
        no_local: true,
        quality: 1,
        ..wanted(0)
    };
    let filters = vec![Filter { topic: "a".into(), options }];
    let new = Body::Subscribe { id: 1, properties: Some(Vec::new()), filters };
    holds(&NEW, new.into(), "82 07 0001 00 0001 61 2D");
}

#[test]
fn version_five_leaves_out_what_went_well() {
    let answer = |reason, properties| Body::Acknowledge(Answer { id: 7, reason, properties });
    holds(&OLD, answer(None, None).into(), "40 02 0007");
    holds(&NEW, answer(None, None).into(), "40 02 0007");
    holds(&NEW, answer(Some(0x10), None).into(), "40 03 0007 10");
    holds(&NEW, answer(Some(0x87), Some(Vec::new())).into(), "40 04 0007 87 00");
    assert_eq!(refused(&OLD, "40 03 0007 10"), Fault::Trailing);
    holds(&NEW, Body::Disconnect(Reason::default()).into(), "E0 00");
    let reason = Reason { code: Some(0x8E), properties: None };
    holds(&NEW, Body::Disconnect(reason).into(), "E0 01 8E");
}

#[test]
fn authentication_is_of_version_five() {
    let step = Body::Authenticate(Reason { code: Some(0x18), properties: None });
    holds(&NEW, step.into(), "F0 01 18");
    let unknown = Body::Unknown { kind: 15, raw: Bytes::from_static(&[0x18]) };
    holds(&OLD, unknown.into(), "F0 01 18");
}

#[test]
fn only_publish_has_a_choice_of_flags() {
    assert_eq!(refused(&OLD, "80 06 0001 0001 61 00"), Fault::Invalid);
    assert_eq!(refused(&OLD, "60 02 0001"), Fault::Invalid);
    assert_eq!(refused(&OLD, "42 02 0001"), Fault::Invalid);
    assert_eq!(refused(&OLD, "C1 00"), Fault::Invalid);
    let packet = Packet::new(Flags::TWO, Body::Ping);
    assert_eq!(written(&OLD, &packet), Err(EncodeError::Invalid { field: "Packet", value: 0 }));
}

#[test]
fn heartbeats_are_two_bytes() {
    holds(&OLD, Body::Ping.into(), "C0 00");
    holds(&NEW, Body::Pong.into(), "D0 00");
}

#[test]
fn the_remaining_length_takes_one_to_four_bytes() {
    // Table 2-1 of the standard: the last length of each width, and the first of the next.
    for (remaining, header) in [
        (127_usize, "30 7F"),
        (128, "30 80 01"),
        (321, "30 C1 02"),
        (16_383, "30 FF 7F"),
        (16_384, "30 80 80 01"),
        (1_000_000, "30 C0 84 3D"),
    ] {
        let value = Packet::from(Body::Publish {
            topic: "t".into(),
            id: None,
            properties: None,
            payload: Bytes::from(vec![0x2E; remaining - 3]),
        });
        let frame = encoded_with(&value, &OLD);
        let header = bytes(header);
        assert_eq!(frame[..header.len()], header);
        assert_eq!(frame.len(), header.len() + remaining);
        assert_eq!(Packet::decode_with(&frame, &OLD), Ok(value));
    }
}

#[test]
fn a_fifth_byte_of_length_is_refused() {
    assert_eq!(
        Packet::decode_with(&bytes("30 FF FF FF FF 7F"), &OLD),
        Err(DecodeError { from_end: 5, field: 2, fault: Fault::Varint })
    );
    let mut border = Default::default();
    assert_eq!(
        Packet::probe(&mut border, &OLD, &bytes("30 FF FF FF FF")),
        Probe::Broken(Fault::Varint)
    );
}

#[test]
fn the_border_follows_the_varint() {
    let frame = bytes("30 80 01");
    for (len, need) in [(0, 2), (1, 1), (2, 1), (3, 128)] {
        let mut border = Default::default();
        assert_eq!(Packet::probe(&mut border, &OLD, &frame[..len]), Probe::Need(need), "{len}");
    }
}
