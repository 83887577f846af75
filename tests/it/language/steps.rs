//! `varint = steps(..)`: integers that are themselves below a first marker, and else stand behind it.

use longlink::codec::{Fault, Probe};
use longlink::{Arbitrary, Auto, Bytes, EncodeError, Frame, Parse, Wire, explain};

use super::laws;
use crate::shapes::{holds, refused, unwritable};

/// MySQL's length-encoded integer: below 251 (0xFB) one byte; `0xFC` and two bytes, `0xFD` and
/// three, `0xFE` and eight. `0xFB` is NULL in a text row, `0xFF` an error packet. MySQL Source Code
/// Documentation, "Integer Types" and "Text Resultset Row".
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
#[wire(endian = little)]
struct Row {
    #[wire(varint = steps(0xFB => _, 0xFC => u16, 0xFD => u24, 0xFE => u64))]
    affected: u64,
    #[wire(prefix = steps(0xFB => _, 0xFC => u16, 0xFD => u24, 0xFE => u64), none = 0xFB)]
    name: Option<String>,
}

#[test]
fn lengths_of_mysql_have_one_shortest_form_and_a_null() {
    let row = |affected, name: Option<&str>| Row { affected, name: name.map(str::to_owned) };
    holds(&row(250, Some("ab")), "FA 02 6162");
    holds(&row(251, None), "FC FB00 FB");
    holds(&row(0xffff, Some("")), "FC FFFF 00");
    holds(&row(0x1_0000, None), "FD 000001 FB");
    holds(&row(0x100_0000, None), "FE 0000000100000000 FB");
    let long = "x".repeat(251);
    holds(&row(0, Some(&long)), &format!("00 FC FB00 {}", "78".repeat(251)));
    assert_eq!(refused::<Row>("FC FA00 FB"), (Fault::Varint, 0));
    assert_eq!(refused::<Row>("FB 00"), (Fault::Varint, 0));
    assert_eq!(refused::<Row>("FF 00"), (Fault::Varint, 0));
    assert_eq!(refused::<Row>("FD 0000"), (Fault::Short, 1));
    assert_eq!(refused::<Row>("00 FC 02"), (Fault::Short, 2));
    assert_eq!((Row::MIN_LEN, Row::MAX_LEN), (2, None));
}

/// Bitcoin's `CompactSize`: "0xFD followed by the number as uint16, 0xFE as uint32, 0xFF as uint64",
/// little-endian, "never more bytes than needed". Bitcoin developer reference, "CompactSize
/// Unsigned Integers".
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
#[wire(endian = little)]
struct Inventory {
    #[wire(count_prefix = steps(0xFD => u16, 0xFE => u32, 0xFF => u64))]
    heights: Vec<u32>,
}

/// The same with other hidden counts that are no run of fixed size.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Counted {
    wide: bool,
    #[wire(present_if = wide, count_prefix = u16)]
    first: Option<Vec<u16>>,
    #[wire(count_prefix = leb128)]
    second: Vec<u8>,
}

#[test]
fn a_hidden_count_behind_a_variable_field_is_read_before_its_items() {
    let value = Counted { wide: true, first: Some(vec![1, 2]), second: vec![3; 130] };
    holds(&value, &format!("01 0002 0001 0002 8201 {}", "03".repeat(130)));
}

#[test]
fn counts_of_bitcoin_are_compact() {
    holds(&Inventory { heights: vec![1, 2] }, "02 01000000 02000000");
    holds(&Inventory { heights: vec![0; 253] }, &format!("FD FD00 {}", "00000000".repeat(253)));
    assert_eq!(refused::<Inventory>("FD 0100 01000000"), (Fault::Varint, 0));
}

/// A frame of WebSocket without a mask. "If 0-125, that is the payload length. If 126, the following
/// 2 bytes interpreted as a 16-bit unsigned integer are the payload length. If 127, the following 8
/// bytes [..]. Note that in all cases, the minimal number of bytes MUST be used". RFC 6455, section
/// 5.2; the example "Hello" is that of section 5.7.
#[derive(Debug, Clone, PartialEq, Frame, Arbitrary)]
#[wire(max_frame_length = 1 << 20)]
struct Message {
    #[wire(bits = 1)]
    fin: bool,
    #[wire(bits = 3, reserved)]
    reserved: u8,
    #[wire(bits = 4)]
    opcode: u8,
    #[wire(bits = 1)]
    masked: bool,
    #[wire(bits = 7, varint = steps(126 => u16, 127 => u64), length_of = payload)]
    length: Auto<u64>,
    payload: Bytes,
}

fn message(payload: Vec<u8>) -> Message {
    let payload = Bytes::from(payload);
    Message { fin: true, reserved: 0, opcode: 1, masked: false, length: Auto::Derived, payload }
}

#[test]
fn a_length_of_websocket_begins_in_seven_bits() {
    holds(&message(b"Hello".to_vec()), "81 05 48656C6C6F");
    holds(&message(vec![0x2a; 125]), &format!("81 7D {}", "2A".repeat(125)));
    holds(&message(vec![0x2a; 126]), &format!("81 7E 007E {}", "2A".repeat(126)));
    let long = message(vec![0x2a; 0x1_0000]);
    holds(&long, &format!("81 7F 0000000000010000 {}", "2A".repeat(0x1_0000)));
    assert_eq!(refused::<Message>("81 7E 007D"), (Fault::Varint, 2));
    assert_eq!(refused::<Message>("81 7E 00"), (Fault::Short, 2));
    assert_eq!(refused::<Message>("81 02 48"), (Fault::Short, 2));
    assert_eq!(Message::MIN_LEN, 2);
}

#[test]
fn the_border_of_websocket_is_found_byte_by_byte() {
    let mut frame = vec![0x81, 0x7e, 0, 200];
    frame.extend([7; 200]);
    frame.push(0x81);
    let needs = [(0, 2), (1, 1), (2, 1), (3, 1), (4, 200), (203, 1)];
    for (have, need) in needs {
        let probe = Message::probe(&mut Default::default(), &(), &frame[..have]);
        assert_eq!(probe, Probe::Need(need), "after {have} bytes");
    }
    let probe = Message::probe(&mut Default::default(), &(), &frame);
    assert_eq!(probe, Probe::Frame { len: 204 });
}

#[test]
fn explain_shows_the_whole_length_and_where_it_goes_on() {
    let mut frame = vec![0x81, 0x7e, 0, 126];
    frame.extend([7; 126]);
    let explanation = explain::<Message>(&frame);
    assert!(explanation.report().is_none());
    let mut seen = Vec::new();
    explanation.visit(&mut |path, node| seen.push((path.to_owned(), node.range.clone())));
    let row = |path: &str, range| (path.to_owned(), range);
    assert!(seen.contains(&row("Message.length", 1..2)), "{seen:?}");
    assert!(seen.contains(&row("Message.continued", 2..4)), "{seen:?}");
    assert!(seen.contains(&row("Message.payload", 4..130)), "{seen:?}");
    let length = explanation.root().children.iter().find(|node| node.name.to_string() == "length");
    assert_eq!(length.map(|node| format!("{:?}", node.value)), Some("Unsigned(126)".to_owned()));
}

/// The head of a CBOR item: three bits major type, five bits additional information; below 24 the
/// value itself, 24 to 27 an integer of 1, 2, 4 or 8 bytes. RFC 8949, section 3; "0x1903e8" for 1000
/// stands in appendix A, the shortest form is section 4.2.1's.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Head {
    #[wire(bits = 3)]
    major: u8,
    #[wire(bits = 5, varint = steps(24 => u8, 25 => u16, 26 => u32, 27 => u64))]
    argument: u64,
}

#[test]
fn heads_of_cbor_are_one_to_nine_bytes() {
    let unsigned = |argument| Head { major: 0, argument };
    holds(&unsigned(23), "17");
    holds(&unsigned(24), "1818");
    holds(&unsigned(1000), "1903E8");
    holds(&unsigned(1_000_000), "1A000F4240");
    holds(&unsigned(u64::MAX), "1BFFFFFFFFFFFFFFFF");
    assert_eq!(refused::<Head>("1817"), (Fault::Varint, 1));
    assert_eq!(refused::<Head>("1C"), (Fault::Varint, 1));
    assert_eq!(
        Vec::<Head>::parse(&[0x01, 0x18, 0x18]),
        Ok((&[][..], vec![unsigned(1), unsigned(24)]))
    );
    assert_eq!((Head::MIN_LEN, Head::MAX_LEN, Head::FIXED_LEN), (1, Some(9), None));
}

/// An option of CoAP: "a value between 0 and 12 indicates the Option Delta; 13: an 8-bit unsigned
/// integer follows the initial byte and indicates the Option Delta minus 13; 14: a 16-bit unsigned
/// integer [..] minus 269; 15: reserved". The same of the length, behind it. RFC 7252, section 3.1.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Choice {
    #[wire(bits = 4, varint = steps(13 => u8 + 13, 14 => u16 + 269))]
    delta: u32,
    #[wire(bits = 4, varint = steps(13 => u8 + 13, 14 => u16 + 269), length_of = value)]
    length: Auto<u32>,
    value: Bytes,
}

#[test]
fn two_nibbles_of_coap_go_on_in_their_order() {
    let choice = |delta, len| Choice::new(delta, Bytes::from(vec![0x2a; len]));
    holds(&choice(11, 2), "B2 2A2A");
    holds(&choice(12, 0), "C0");
    holds(&choice(13, 0), "D0 00");
    holds(&choice(268, 13), &format!("DD FF 00 {}", "2A".repeat(13)));
    holds(&choice(269, 1), "E1 0000 2A");
    holds(&choice(300, 269), &format!("EE 001F 0000 {}", "2A".repeat(269)));
    assert_eq!(refused::<Choice>("F0"), (Fault::Varint, 1));
    assert_eq!(refused::<Choice>("0F"), (Fault::Varint, 1));
    let error = EncodeError::TooLarge { field: "Choice.delta", value: 65_805, max: 65_804 };
    assert_eq!(unwritable(&choice(65_805, 0)), error);
}

#[test]
fn drawn_steps_are_read_back() {
    laws::hold::<Row>();
    laws::hold::<Inventory>();
    laws::hold::<Counted>();
    laws::hold::<Message>();
    laws::hold::<Head>();
    laws::hold::<Choice>();
}
