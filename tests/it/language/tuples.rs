//! Tags that stand in several fields.

use longlink::codec::Fault;
use longlink::{Arbitrary, Auto, Bytes, EncodeError, Frame, Wire, explain};

use super::laws;
use crate::samples::bytes;
use crate::shapes::{holds, refused, unwritable};

/// A message of HSMS: four bytes of length, then the header: "Session ID", "W-Bit and SECS Stream",
/// "SECS Function", "PType", "SType", "System Bytes". SEMI E37, section 8.2; streams and functions are
/// those of SEMI E5.
#[derive(Debug, Clone, PartialEq, Frame, Arbitrary)]
#[wire(max_frame_length = 1 << 16)]
struct Message {
    #[wire(length_of = session..)]
    length: Auto<u32>,
    session: u16,
    #[wire(bits = 1)]
    wants_reply: bool,
    #[wire(bits = 7, tag_of = body)]
    stream: Auto<u8>,
    #[wire(tag_of = body)]
    function: Auto<u8>,
    ptype: u8,
    stype: u8,
    system: u32,
    body: Body,
}

/// Stream 1, equipment status.
const STATUS: u8 = 1;

#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
enum Body {
    /// S1F1, "Are You There Request": header only.
    #[wire(tag = (STATUS, 1))]
    AreYouThere,
    /// S1F2, "On Line Data": a list of model and revision.
    #[wire(tag = (STATUS, 2))]
    OnLine {
        #[wire(fixed = [0x01, 0x02, 0x41])]
        list: (),
        #[wire(prefix = u8)]
        model: String,
        #[wire(fixed = 0x41u8)]
        ascii: (),
        #[wire(prefix = u8)]
        revision: String,
    },
    /// "Function 0 of every stream": the transaction is aborted.
    #[wire(tag = (_, 0))]
    Abort {
        #[wire(tag)]
        tag: (u8, u8),
    },
    #[wire(other)]
    Other {
        #[wire(tag)]
        tag: (u8, u8),
        #[wire(rest)]
        items: Bytes,
    },
}

fn message(wants_reply: bool, body: Body) -> Message {
    Message::new(1, wants_reply, 0, 0, 5, body)
}

#[test]
fn stream_and_function_choose_a_message_of_secs_together() {
    holds(&message(true, Body::AreYouThere), "0000000A 0001 81 01 00 00 00000005");
    let (model, revision) = ("ab".to_owned(), "1".to_owned());
    let online = Body::OnLine { list: (), model, ascii: (), revision };
    holds(&message(false, online), "00000013 0001 01 02 00 00 00000005 0102 4102 6162 4101 31");
    let abort = |stream| message(false, Body::Abort { tag: (stream, 0) });
    holds(&abort(1), "0000000A 0001 01 00 00 00 00000005");
    holds(&abort(9), "0000000A 0001 09 00 00 00 00000005");
    let other = Body::Other { tag: (6, 11), items: Bytes::from_static(&[1, 0]) };
    holds(&message(true, other), "0000000C 0001 86 0B 00 00 00000005 0100");
}

#[test]
fn a_tuple_that_is_not_the_variants_is_refused_on_writing() {
    let known = message(false, Body::Other { tag: (1, 1), items: Bytes::new() });
    let tag = 1 << 32 | 1;
    assert_eq!(unwritable(&known), EncodeError::TagIsKnown { field: "Body.Other.tag", tag });
    let wide = message(false, Body::Other { tag: (128, 1), items: Bytes::new() });
    let (field, value, max) = ("Message.stream", 128, 127);
    assert_eq!(unwritable(&wide), EncodeError::TooLarge { field, value, max });
    let wrong = message(false, Body::Abort { tag: (1, 1) });
    assert_eq!(unwritable(&wrong), EncodeError::Contradiction { field: "Body.Abort" });
}

/// A part may be set by hand like any other derived value.
#[test]
fn a_part_that_is_set_is_written_as_it_is() {
    let mut message = message(false, Body::AreYouThere);
    message.function = Auto::Set(3);
    let written = crate::samples::encoded(&message);
    assert_eq!(written, bytes("0000000A 0001 01 03 00 00 00000005"));
    let read = Message::decode(&written).map(|read| read.body);
    assert_eq!(read, Ok(Body::Other { tag: (1, 3), items: Bytes::new() }));
}

/// A message of SMB2: the command, and in the flags whether the server sends it. `[MS-SMB2]`, section
/// 2.2.1.2, shortened: "SMB2_FLAGS_SERVER_TO_REDIR 0x00000001", ECHO is command 0x000D.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
#[wire(endian = little)]
struct Packet {
    header: Header,
    #[wire(tag_in = (header.command, header.flags.is_response))]
    body: Command,
}

#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Header {
    command: Auto<u16>,
    flags: Flags,
}

#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
#[wire(bitfield = u32, bit_order = lsb)]
struct Flags {
    is_response: Auto<bool>,
    is_async: bool,
    #[wire(reserved)]
    rest: u32,
}

#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
enum Command {
    /// Section 2.2.28, without its reserved bytes: "StructureSize: MUST be set to 4".
    #[wire(tag = (0x000D, 0))]
    Echo { size: u16 },
    #[wire(tag = (0x000D, 1))]
    Echoed { size: u32 },
}

#[test]
fn parts_of_a_tag_stand_in_a_nested_header() {
    let packet = |body| {
        let flags = Flags { is_response: Auto::Derived, is_async: true, rest: 0 };
        Packet { header: Header { command: Auto::Derived, flags }, body }
    };
    holds(&packet(Command::Echo { size: 4 }), "0D00 02000000 0400");
    holds(&packet(Command::Echoed { size: 4 }), "0D00 03000000 04000000");
    assert_eq!(refused::<Packet>("0E00 03000000 04000000"), (Fault::UnknownTag, 6));
}

/// An AVP of Diameter: "The combination of the Vendor-ID and the AVP Code identifies the AVP",
/// the vendor stands only under its flag. RFC 6733, section 4.1. 3GPP is vendor 10415; its AVP 1
/// is another one than User-Name (section 8.14).
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Avp {
    code: u32,
    #[wire(bits = 1)]
    has_vendor: bool,
    #[wire(bits = rest, reserved)]
    flags: u8,
    #[wire(size = 3, length_of = ..)]
    length: Auto<u32>,
    #[wire(present_if = has_vendor)]
    vendor: Option<u32>,
    #[wire(select = (vendor.unwrap_or(0), code))]
    data: Data,
}

#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
enum Data {
    #[wire(tag = (0, 1))]
    UserName {
        #[wire(rest)]
        name: String,
    },
    #[wire(tag = (10_415, _))]
    Mobile {
        #[wire(tag)]
        tag: (u32, u32),
        #[wire(rest)]
        raw: Bytes,
    },
    #[wire(other)]
    Other {
        #[wire(tag)]
        tag: (u32, u32),
        #[wire(rest)]
        raw: Bytes,
    },
}

#[test]
fn an_expression_gives_a_tuple_as_well() {
    let name = Data::UserName { name: "ann".into() };
    holds(&Avp::new(1, false, None, name), "00000001 00 00000B 616E6E");
    let mobile = Data::Mobile { tag: (10_415, 1), raw: Bytes::from_static(b"ann") };
    holds(&Avp::new(1, true, Some(10_415), mobile), "00000001 80 00000F 000028AF 616E6E");
    let other = Data::Other { tag: (5, u32::MAX), raw: Bytes::new() };
    holds(&Avp::new(u32::MAX, true, Some(5), other), "FFFFFFFF 80 00000C 00000005");
    let wrong = Avp::new(2, false, None, Data::UserName { name: "ann".into() });
    assert_eq!(unwritable(&wrong), EncodeError::Contradiction { field: "Avp.data" });
}

#[test]
fn explain_shows_the_parts_of_a_tag() {
    let explanation = explain::<Message>(&bytes("0000000A 0001 06 0B 00 00 00000005"));
    let body = explanation.root().children.last().expect("a body");
    assert_eq!(body.variant, Some("Other"));
    assert_eq!(format!("{:?}", body.children[0].value), "Plain(\"(0x6, 0xb)\")");
    let explanation = explain::<Packet>(&bytes("0E00 03000000 04000000"));
    let report = explanation.report().expect("an unknown tag").to_string();
    assert!(report.contains("one of (0xd, 0x0) (0xd, 0x1), found (0xe, 0x1)"), "{report}");
}

#[test]
fn drawn_tuples_are_read_back() {
    laws::hold::<Message>();
    laws::hold::<Packet>();
    laws::hold::<Avp>();
}
