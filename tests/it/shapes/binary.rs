//! Binary headers: fixed places, nested lengths, magic, bits.

use std::net::{Ipv4Addr, Ipv6Addr};

use longlink::codec::{Fault, Probe};
use longlink::{Auto, Bytes, Frame, Wire};

use super::{bytes, encoded, hexadecimal, holds, refused};

/// Modbus TCP: MODBUS Messaging on TCP/IP Implementation Guide V1.0b, clause 3.1.3.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(max_frame_length = 260)]
struct Modbus {
    #[wire(role = sequence)]
    transaction: u16,
    #[wire(fixed = 0u16)]
    protocol: (),
    #[wire(length_of = unit..)]
    length: Auto<u16>,
    unit: u8,
    #[wire(tag_of = call)]
    function: Auto<u8>,
    call: Call,
}

#[derive(Debug, Clone, PartialEq, Wire)]
enum Call {
    #[wire(tag = 3)]
    ReadHolding { first: u16, count: u16 },
    #[wire(tag = 0x81..=0xFF)]
    Exception {
        #[wire(tag)]
        function: u8,
        code: u8,
    },
    #[wire(other)]
    Other {
        #[wire(tag)]
        function: u8,
        #[wire(rest)]
        data: Bytes,
    },
}

#[test]
fn modbus_counts_from_the_unit() {
    let value = Modbus::new(1, 0x11, Call::ReadHolding { first: 0x6B, count: 3 });
    holds(&value, "0001 0000 0006 11 03 006B 0003");
    let value = Modbus::new(2, 0x11, Call::Exception { function: 0x83, code: 2 });
    holds(&value, "0002 0000 0003 11 83 02");
    let mut border = Default::default();
    assert_eq!(Modbus::probe(&mut border, &(), &bytes("0001 0000 0006")), Probe::Need(6));
    assert_eq!(refused::<Modbus>("0001 0001 0006 11 03 006B 0003"), (Fault::Magic, 2));
}

/// TLS: RFC 8446, section 5.1 and 4.
#[derive(Debug, Clone, PartialEq, Wire)]
struct Handshake {
    #[wire(tag_of = message)]
    kind: Auto<u8>,
    #[wire(as = u24, length_of = message)]
    length: Auto<u32>,
    message: HandshakeMessage,
}

#[derive(Debug, Clone, PartialEq, Wire)]
enum HandshakeMessage {
    #[wire(tag = 20)]
    Finished(#[wire(rest)] Bytes),
    #[wire(tag = 24)]
    KeyUpdate(#[wire(valid = 0..=1)] u8),
    #[wire(other)]
    Other {
        #[wire(tag)]
        kind: u8,
        #[wire(rest)]
        data: Bytes,
    },
}

#[test]
fn a_handshake_length_has_three_bytes() {
    holds(&Handshake::new(HandshakeMessage::KeyUpdate(1)), "18 000001 01");
    let finished = HandshakeMessage::Finished(Bytes::from_static(&[0xAA, 0xBB]));
    holds(&Handshake::new(finished), "14 000002 AABB");
    assert_eq!(refused::<Handshake>("18 000001 02"), (Fault::Invalid, 4));
    assert_eq!(refused::<Handshake>("18 000002 01 00"), (Fault::Trailing, 5));
}

/// BGP: RFC 4271, section 4.1.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(magic = [0xFF; 16], max_frame_length = 4096, resync = close)]
struct Bgp {
    #[wire(length_of = .., valid = 19..=4096)]
    length: Auto<u16>,
    #[wire(tag_of = message)]
    kind: Auto<u8>,
    message: BgpMessage,
}

#[derive(Debug, Clone, PartialEq, Wire)]
enum BgpMessage {
    #[wire(tag = 3)]
    Notification {
        code: u8,
        subcode: u8,
        #[wire(rest)]
        data: Bytes,
    },
    #[wire(tag = 4, role = heartbeat)]
    KeepAlive,
}

#[test]
fn a_bgp_length_includes_the_marker() {
    let marker = "FF".repeat(16);
    holds(&Bgp::new(BgpMessage::KeepAlive), &format!("{marker} 0013 04"));
    let notification = BgpMessage::Notification { code: 6, subcode: 4, data: Bytes::new() };
    holds(&Bgp::new(notification), &format!("{marker} 0015 03 06 04"));
    let mut border = Default::default();
    let short = bytes(&format!("{marker} 0012"));
    assert_eq!(Bgp::probe(&mut border, &(), &short), Probe::Broken(Fault::Length));
}

/// DNS: RFC 1035, section 4.1.1.
#[derive(Debug, Clone, PartialEq, Wire)]
struct DnsHeader {
    id: u16,
    #[wire(bits = 1)]
    response: bool,
    #[wire(bits = 4)]
    opcode: u8,
    #[wire(bits = 1)]
    authoritative: bool,
    #[wire(bits = 1)]
    truncated: bool,
    #[wire(bits = 1)]
    recursion_desired: bool,
    #[wire(bits = 1)]
    recursion_available: bool,
    #[wire(bits = 3, reserved)]
    reserved: u8,
    #[wire(bits = 4)]
    code: u8,
    counts: [u16; 4],
}

#[test]
fn dns_flags_are_bits_from_the_top() {
    let mut value = DnsHeader::new(0xDB42, true, 0, false, false, true, true, 3, [1, 0, 0, 0]);
    holds(&value, "DB42 8183 0001 0000 0000 0000");
    value.reserved = 0b010;
    holds(&value, "DB42 81A3 0001 0000 0000 0000");
}

/// Addresses of all kinds: RFC 791, RFC 8200, IEEE 802.
#[derive(Debug, Clone, Copy, PartialEq, Wire)]
struct Addresses {
    mac: [u8; 6],
    v4: Ipv4Addr,
    v6: Ipv6Addr,
    pair: (u16, i8),
}

#[test]
fn addresses_have_fixed_places() {
    let value = Addresses {
        mac: [1, 2, 3, 4, 5, 6],
        v4: Ipv4Addr::new(192, 0, 2, 1),
        v6: Ipv6Addr::LOCALHOST,
        pair: (0x0102, -1),
    };
    holds(&value, &format!("010203040506 C0000201 {}01 0102 FF", "00".repeat(15)));
    assert_eq!(Addresses::FIXED_LEN, Some(6 + 4 + 16 + 3));
}

/// A length in units of four bytes that leaves out its own first word: RTCP, RFC 3550, section 6.4.1.
#[derive(Debug, Clone, PartialEq, Wire)]
struct Rtcp {
    #[wire(bits = 2, fixed = 2)]
    version: (),
    #[wire(bits = 1)]
    padding: bool,
    #[wire(bits = 5)]
    reports: u8,
    kind: u8,
    #[wire(length_of = .., unit = 4, bias = -4)]
    length: Auto<u16>,
    source: u32,
    #[wire(rest)]
    data: Bytes,
}

#[test]
fn an_rtcp_length_counts_words_less_one() {
    let value = Rtcp::new(false, 0, 201, 0x1122_3344, Bytes::new());
    holds(&value, "80 C9 0001 11223344");
    let value = Rtcp::new(false, 0, 201, 0x1122_3344, Bytes::from_static(&[0; 8]));
    holds(&value, "80 C9 0003 11223344 0000000000000000");
    let odd = Rtcp::new(false, 0, 201, 0, Bytes::from_static(&[0]));
    let mut out = longlink::BytesMut::new();
    assert_eq!(
        odd.encode(&mut out),
        Err(longlink::EncodeError::Unit { field: "Rtcp.length", bytes: 5, unit: 4 })
    );
    assert_eq!(refused::<Rtcp>("80 C9 0000 11223344"), (Fault::Short, 4));
}

/// A frame of a fixed size.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(endian = little)]
struct Beat {
    #[wire(fixed = 0xBEu8)]
    mark: (),
    count: u32,
    #[wire(checksum = sum8, over = ..self)]
    sum: Auto<u8>,
}

#[test]
fn a_fixed_frame_needs_no_length() {
    holds(&Beat::new(0x0102), "BE 02010000 C1");
    assert_eq!((Beat::MAX_FRAME_LEN, Beat::FIXED_LEN), (6, Some(6)));
    let mut border = Default::default();
    assert_eq!(Beat::probe(&mut border, &(), &bytes("BE 02")), Probe::Need(4));
    assert_eq!(hexadecimal(&encoded(&Beat::new(0))), "BE00000000BE");
}
