//! Masks, transformations under a condition, digits whose lowest pair comes first.

use longlink::codec::Fault;
use longlink::{Arbitrary, Auto, Bytes, Digits, Frame, Wire, explain};

use super::laws;
#[cfg(feature = "zlib")]
use crate::samples::{bytes, encoded};
use crate::shapes::{holds, refused};

/// A frame of WebSocket. "Octet i of the transformed data is the XOR of octet i of the original data
/// with octet at index i modulo 4 of the masking key". RFC 6455, section 5.3; both frames are those
/// of section 5.7.
#[derive(Debug, Clone, PartialEq, Frame, Arbitrary)]
#[wire(max_frame_length = 1 << 16)]
struct Message {
    #[wire(bits = 4)]
    flags: u8,
    #[wire(bits = 4)]
    opcode: u8,
    #[wire(bits = 1)]
    masked: bool,
    #[wire(bits = 7, varint = steps(126 => u16, 127 => u64), length_of = payload)]
    length: Auto<u64>,
    #[wire(present_if = masked)]
    key: Option<[u8; 4]>,
    #[wire(mask = key)]
    payload: Bytes,
}

fn message(key: Option<[u8; 4]>, payload: &'static [u8]) -> Message {
    let (masked, payload) = (key.is_some(), Bytes::from_static(payload));
    Message { flags: 8, opcode: 1, masked, length: Auto::Derived, key, payload }
}

#[test]
fn a_payload_of_websocket_is_masked_when_there_is_a_key() {
    holds(&message(None, b"Hello"), "81 05 48656C6C6F");
    let key = Some([0x37, 0xfa, 0x21, 0x3d]);
    holds(&message(key, b"Hello"), "81 85 37FA213D 7F9F4D5158");
    holds(&message(key, b""), "81 80 37FA213D");
    assert_eq!(refused::<Message>("81 85 37FA213D 7F9F"), (Fault::Short, 6));
}

#[test]
fn explain_shows_what_is_under_the_mask() {
    let frame = [0x81, 0x82, 1, 2, 3, 4, b'h' ^ 1, b'i' ^ 2];
    let explanation = explain::<Message>(&frame);
    assert!(explanation.report().is_none());
    let payload = explanation.root().children.last().expect("a payload");
    assert_eq!((payload.range.clone(), format!("{:?}", payload.value)), {
        (6..8, "Bytes(b\"hi\")".to_owned())
    });
}

/// A frame of DL/T 645-2007: any number of `FEH` wakes the receiver, then `68H`, six bytes of address
/// in BCD, "the low byte first", `68H`, control, length, data "plus 33H" each, a sum of all from the
/// first `68H`, `16H`. Sections 5.2 and 5.3.
#[derive(Debug, Clone, PartialEq, Frame, Arbitrary)]
#[wire(endian = little, noise = 0xFE, magic = 0x68u8, resync = magic, max_frame_length = 267)]
struct Meter {
    #[wire(bcd, size = 6)]
    address: Digits,
    #[wire(fixed = 0x68u8)]
    second: (),
    control: u8,
    #[wire(length_of = data)]
    length: Auto<u8>,
    data: Vec<u8>,
    #[wire(checksum = sum8, over = ..self)]
    sum: Auto<u8>,
    #[wire(fixed = 0x16u8)]
    end: (),
}

#[test]
fn the_address_of_a_meter_stands_with_its_lowest_pair_first() {
    let address = "000000123456".parse().expect("digits");
    let read = Meter::new(address, 0x11, vec![0x33, 0x33, 0x34, 0x33]);
    holds(&read, "68 563412000000 68 11 04 33333433 4E 16");
    assert_eq!(refused::<Meter>("68 5634120000A0 68 11 00 1D 16"), (Fault::Digits, 6));
    let number = Amount { kilowatt_hours: 123_456, when: 7 };
    holds(&number, "56341200 07");
}

#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Amount {
    #[wire(bcd, size = 4, endian = little)]
    kilowatt_hours: u32,
    #[wire(bcd, size = 1)]
    when: u8,
}

/// The byte order of a type that does not say its own is that of what is around it.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
#[wire(endian = little)]
struct Around {
    inside: Inherited,
}

#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Inherited {
    #[wire(bcd, size = 2)]
    digits: Digits,
    #[wire(bcd, size = 2)]
    number: u16,
}

#[test]
fn digits_inherit_the_byte_order() {
    let inside = Inherited { digits: "1234".parse().expect("digits"), number: 1234 };
    holds(&inside, "1234 1234");
    holds(&Around { inside }, "3412 3412");
}

/// A compressed packet of MySQL: three bytes of length, a sequence number, and "length of payload
/// before compression", where "if the uncompressed payload is 0 the payload is not compressed".
/// MySQL Internals, Compressed Packet; both packets are its examples.
#[cfg(feature = "zlib")]
#[derive(Debug, Clone, PartialEq, Frame, Arbitrary)]
#[wire(endian = little, max_frame_length = 1 << 16)]
struct Packet {
    #[wire(size = 3, length_of = payload)]
    length: Auto<u32>,
    sequence: u8,
    #[wire(size = 3, plain_length_of = payload)]
    plain: Auto<u32>,
    #[wire(process = zlib, process_if = plain > 0, max_len = 1 << 10)]
    payload: Vec<u8>,
}

#[cfg(feature = "zlib")]
#[test]
fn a_packet_of_mysql_is_deflated_when_it_says_so() {
    let mut short = Packet::new(0, b"\x09\0\0\0\x03SELECT 1".to_vec());
    short.plain = Auto::Set(0);
    holds(&short, "0D0000 00 000000 09000000 03 53454C4543542031");
    let packet = bytes(
        "220000 00 320000 789CD3636060602E4ECD494D2E515032303432363135 33B7B0C4CD5202000CD10A6C",
    );
    let long = b"\x2e\0\0\0\x03select \"012345678901234567890123456789012345\"".to_vec();
    let long = Packet::new(0, long);
    assert_eq!(Packet::decode(&packet), Ok(long.clone()));
    assert_eq!(Packet::decode(&encoded(&long)), Ok(long));
    assert_eq!(refused::<Packet>("010000 00 010000 78"), (Fault::Process, 7));
}

/// A packet of Minecraft under compression: its length, "length of uncompressed data" or 0, both as
/// VarInt, and the data. Protocol documentation, Packet format, With compression.
#[cfg(feature = "zlib")]
#[derive(Debug, Clone, PartialEq, Frame, Arbitrary)]
#[wire(max_frame_length = 1 << 21)]
struct Compressed {
    #[wire(varint = leb128, max_bytes = 3, length_of = plain..)]
    length: Auto<u32>,
    #[wire(varint = leb128, max_bytes = 3, plain_length_of = data)]
    plain: Auto<u32>,
    #[wire(rest, process = zlib, process_if = plain > 0, max_len = 1 << 10)]
    data: Said,
}

/// Packet 5, a chat command.
#[cfg(feature = "zlib")]
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Said {
    #[wire(varint = leb128)]
    id: u32,
    #[wire(prefix = leb128)]
    text: String,
}

/// A stored block of RFC 1950 and 1951, with its Adler-32: what any implementation reads.
#[cfg(feature = "zlib")]
#[test]
fn what_is_inflated_has_the_length_that_was_said() {
    let value = Compressed::new(Said { id: 5, text: "hi".into() });
    let mut plain = value.clone();
    plain.plain = Auto::Set(0);
    holds(&plain, "05 00 05 02 6869");
    let packet = |said: &str| bytes(&format!("10 {said} 7801 01 0400FBFF 05026869 015700D9"));
    assert_eq!(Compressed::decode(&packet("04")), Ok(value.clone()));
    assert_eq!(Compressed::decode(&encoded(&value)), Ok(value));
    for said in ["03", "05"] {
        let packet = packet(said);
        let error = Compressed::decode(&packet).expect_err("another length");
        assert_eq!(error.offset_in(&packet), 2);
    }
}

#[test]
fn drawn_masks_and_digits_are_read_back() {
    laws::hold::<Message>();
    laws::hold::<Meter>();
    laws::hold::<Amount>();
    laws::hold::<Around>();
}

#[cfg(feature = "zlib")]
#[test]
fn drawn_packets_are_read_back() {
    laws::hold_loosely::<Packet>();
    laws::hold_loosely::<Compressed>();
}
