//! `when = ..` on variants, `next` in `present_if`, and integers in the fewest bytes.

use longlink::codec::{Fault, Probe};
use longlink::{Arbitrary, Auto, Bytes, BytesMut, EncodeError, Frame, Parse, Wire};

use super::laws;
use crate::shapes::{holds, refused, unwritable};

/// The answer to a query of MySQL, by its first byte. "These rules distinguish whether the packet
/// represents OK or EOF: OK: header = 0 and length of packet > 7; EOF: header = 0xfe and length of
/// packet < 9"; and under `CLIENT_DEPRECATE_EOF` 0xfe is an OK packet. MySQL Source Code
/// Documentation, "OK_Packet" and "EOF_Packet".
#[derive(Debug, Clone, PartialEq, Wire)]
#[repr(u8)]
#[wire(endian = little, ctx(deprecate_eof: bool))]
enum Answer {
    #[wire(tag = 0x00)]
    Okay { affected: u8, last_id: u8, status: u16, warnings: u16 },
    #[wire(tag = 0xFE, when = !deprecate_eof)]
    End { warnings: u16, status: u16 },
    #[wire(tag = 0xFE)]
    Last { affected: u8, last_id: u8, status: u16, warnings: u16 },
    #[wire(other)]
    Row {
        #[wire(tag)]
        first: u8,
        #[wire(rest)]
        more: Bytes,
    },
}

#[test]
fn the_same_byte_of_mysql_means_the_first_variant_whose_guard_holds() {
    let end = Answer::End { warnings: 0, status: 2 };
    let last = Answer::Last { affected: 0, last_id: 0, status: 2, warnings: 0 };
    let old = AnswerContext { deprecate_eof: false };
    let new = AnswerContext { deprecate_eof: true };
    let read = |bytes: &'static [u8], context: &AnswerContext| Answer::parser(context)(bytes);
    assert_eq!(read(&[0xfe, 0, 0, 2, 0], &old), Ok((&[][..], end.clone())));
    assert_eq!(read(&[0xfe, 0, 0, 2, 0, 0, 0], &new), Ok((&[][..], last.clone())));
    let mut out = BytesMut::new();
    assert_eq!(end.encode_with(&mut out, &old), Ok(()));
    assert_eq!(out[..], [0xfe, 0, 0, 2, 0]);
    let error = EncodeError::Contradiction { field: "Answer.End" };
    assert_eq!(end.encode_with(&mut out, &new), Err(error));
    let error = EncodeError::Contradiction { field: "Answer.Last" };
    assert_eq!(last.encode_with(&mut out, &old), Err(error));
    assert_eq!(last.encode_with(&mut out, &new), Ok(()));
}

/// HTTP/2's SETTINGS: "ACK (0x01): [..] When this bit is set, the frame payload of the SETTINGS
/// frame MUST be empty". RFC 9113, section 6.5. And PRIORITY in HEADERS (0x20), section 6.2.
#[derive(Debug, Clone, PartialEq, Frame, Arbitrary)]
#[wire(max_frame_length = 9 + 16_384)]
struct Http2 {
    #[wire(length_of = payload, as = u24)]
    length: Auto<u32>,
    #[wire(tag_of = payload)]
    kind: Auto<u8>,
    flags: u8,
    stream: u32,
    #[wire(ctx(flags))]
    payload: Payload,
}

#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
#[wire(ctx(flags: u8))]
enum Payload {
    #[wire(tag = 4, when = flags & 1 != 0)]
    Acknowledged,
    #[wire(tag = 4)]
    Settings {
        #[wire(rest)]
        list: Vec<(u16, u32)>,
    },
    #[wire(tag = 1)]
    Headers {
        #[wire(when = flags & 0x20 != 0)]
        priority: Option<(u32, u8)>,
        #[wire(rest)]
        block: Bytes,
    },
    #[wire(other)]
    Other {
        #[wire(tag)]
        kind: u8,
        #[wire(rest)]
        raw: Bytes,
    },
}

#[test]
fn flags_of_http2_choose_between_layouts_of_one_type() {
    holds(&Http2::new(1, 0, Payload::Acknowledged), "000000 04 01 00000000");
    holds(&Http2::new(0, 0, Payload::Settings { list: vec![(3, 100)] }), {
        "000006 04 00 00000000 0003 00000064"
    });
    let block = Bytes::from_static(b"\x82");
    let headers = |priority| Payload::Headers { priority, block: block.clone() };
    holds(&Http2::new(0x24, 1, headers(Some((0, 15)))), "000006 01 24 00000001 00000000 0F 82");
    holds(&Http2::new(0x04, 1, headers(None)), "000001 01 04 00000001 82");
    assert_eq!(refused::<Http2>("000006 04 01 00000000 0003 00000064"), (Fault::Trailing, 9));
    let error = EncodeError::Contradiction { field: "Payload.Acknowledged" };
    assert_eq!(unwritable(&Http2::new(0, 0, Payload::Acknowledged)), error);
    let error = EncodeError::Contradiction { field: "Payload.Settings" };
    assert_eq!(unwritable(&Http2::new(1, 0, Payload::Settings { list: vec![] })), error);
    let error = EncodeError::Contradiction { field: "Payload.Headers.priority" };
    assert_eq!(unwritable(&Http2::new(0, 1, headers(Some((0, 0))))), error);
}

/// An LDAP message in BER: `LDAPMessage ::= SEQUENCE { messageID, protocolOp CHOICE {..}, controls
/// [0] Controls OPTIONAL }`, RFC 4511, section 4.1.1; an INTEGER has "the smallest possible number
/// of octets", ITU-T X.690, section 8.3.2. The unbind request is `[APPLICATION 2] NULL`.
#[derive(Debug, Clone, PartialEq, Frame, Arbitrary)]
#[wire(max_frame_length = 4096)]
struct Ldap {
    #[wire(fixed = 0x30u8)]
    sequence: (),
    #[wire(varint = ber, length_of = integer..)]
    length: Auto<u32>,
    #[wire(fixed = 0x02u8)]
    integer: (),
    #[wire(prefix = ber, minimal, valid = 0..)]
    id: i32,
    operation: u8,
    #[wire(prefix = ber)]
    body: Bytes,
    #[wire(present_if = next == 0xA0)]
    controls: Option<Controls>,
}

#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
#[wire(magic = 0xA0u8)]
struct Controls {
    #[wire(prefix = ber)]
    list: Bytes,
}

#[test]
fn an_optional_part_of_ber_is_there_when_its_tag_comes_next() {
    let unbind = |id, controls| Ldap::new(id, 0x42, Bytes::new(), controls);
    holds(&unbind(1, None), "30 05 02 01 01 42 00");
    holds(&unbind(0, None), "30 05 02 01 00 42 00");
    holds(&unbind(200, None), "30 06 02 02 00C8 42 00");
    let controls = Some(Controls { list: Bytes::from_static(b"\x30\x00") });
    holds(&unbind(127, controls), "30 09 02 01 7F 42 00 A0 02 3000");
    assert_eq!(refused::<Ldap>("30 06 02 02 0001 42 00"), (Fault::Varint, 4));
    assert_eq!(refused::<Ldap>("30 04 02 00 42 00"), (Fault::Varint, 4));
    assert_eq!(refused::<Ldap>("30 07 02 01 01 42 00 A1 00"), (Fault::Trailing, 7));
    let probe = Ldap::probe(&mut Default::default(), &(), &[0x30, 5, 2]);
    assert_eq!(probe, Probe::Need(4));
}

/// A tag of one byte that is there when a value of its range comes next, and else the value of all
/// that follows: 3GPP TS 29.060 calls such elements TV, with a type below 128.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Elements {
    #[wire(present_if = next == 14)]
    recovery: Option<[u8; 2]>,
    #[wire(present_if = next < 128 && left > 1)]
    other: Option<[u8; 2]>,
    last: u8,
}

#[test]
fn the_first_byte_that_is_written_decides_what_would_be_read() {
    holds(&Elements { recovery: Some([14, 7]), other: None, last: 0x80 }, "0E07 80");
    holds(&Elements { recovery: None, other: Some([1, 2]), last: 0x80 }, "0102 80");
    holds(&Elements { recovery: None, other: None, last: 3 }, "03");
    let error = EncodeError::Contradiction { field: "Elements.recovery" };
    let wrong = Elements { recovery: Some([15, 7]), other: None, last: 0x80 };
    assert_eq!(unwritable(&wrong), error);
    let hidden = Elements { recovery: None, other: Some([14, 2]), last: 0x80 };
    assert_eq!(unwritable(&hidden), error);
}

/// SSH's `mpint`: "two's complement format, stored as a string, 8 bits per byte, MSB first. [..] The
/// value zero MUST be stored as a string with zero bytes of data." RFC 4251, section 5, whose
/// examples these are.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Mpint {
    #[wire(prefix = u32, minimal = 0)]
    value: i64,
    #[wire(prefix = u32, minimal = 0)]
    count: u32,
}

#[test]
fn integers_of_ssh_take_the_fewest_bytes() {
    let mpint = |value| Mpint { value, count: 0 };
    holds(&mpint(0), "00000000 00000000");
    holds(&mpint(0x9a3_78f9_b2e3_32a7), "00000008 09A378F9B2E332A7 00000000");
    holds(&mpint(0x80), "00000002 0080 00000000");
    holds(&mpint(-0x1234), "00000002 EDCC 00000000");
    holds(&mpint(-0xdead_beef), "00000005 FF21524111 00000000");
    holds(&Mpint { value: 0, count: u32::MAX }, "00000000 00000005 00FFFFFFFF");
    assert_eq!(refused::<Mpint>("00000001 00 00000000"), (Fault::Varint, 4));
    assert_eq!(refused::<Mpint>("00000000 00000001 FF"), (Fault::Invalid, 8));
}

#[test]
fn drawn_conditions_are_read_back() {
    laws::hold::<Http2>();
    laws::hold::<Ldap>();
    laws::hold::<Elements>();
    laws::hold::<Mpint>();
}
