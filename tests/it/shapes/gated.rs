//! Fields and variants that depend on earlier fields, on context, on a version.

use longlink::codec::{Endian, Fault};
use longlink::{Auto, Bytes, BytesMut, EncodeError, Parse, Wire};

use super::{bytes, holds, refused};

/// The vendor and the code choose the body together.
#[derive(Debug, Clone, PartialEq, Wire)]
struct Attribute {
    vendor: u16,
    code: u8,
    #[wire(select = vendor << 8 | code)]
    value: Value,
}

#[derive(Debug, Clone, PartialEq, Wire)]
enum Value {
    #[wire(tag = 0x0101)]
    Port(u16),
    #[wire(tag = 0x0201)]
    Flag(bool),
    #[wire(other)]
    Other {
        #[wire(tag)]
        key: u32,
        #[wire(rest)]
        raw: Bytes,
    },
}

#[test]
fn two_fields_may_choose_a_variant() {
    holds(&Attribute { vendor: 1, code: 1, value: Value::Port(80) }, "0001 01 0050");
    holds(&Attribute { vendor: 2, code: 1, value: Value::Flag(true) }, "0002 01 01");
    let wrong = Attribute { vendor: 1, code: 2, value: Value::Port(80) };
    let error = wrong.encode(&mut BytesMut::new()).unwrap_err();
    assert_eq!(error, EncodeError::Contradiction { field: "Attribute.value" });
}

/// The version stands in the header of the stream and comes as context.
#[derive(Debug, Clone, PartialEq, Wire)]
#[wire(ctx(version: u16))]
struct Status {
    code: u8,
    #[wire(version = 2013..)]
    detail: Option<u16>,
    #[wire(version = ..2019)]
    legacy: Option<u8>,
}

#[test]
fn fields_come_and_go_with_the_version() {
    for (version, hex, detail, legacy) in [
        (2011_u16, "01 09", None, Some(9)),
        (2013, "01 0007 09", Some(7), Some(9)),
        (2019, "01 0007", Some(7), None),
    ] {
        let context = StatusContext { version };
        let frame = bytes(hex);
        let value = Status { code: 1, detail, legacy };
        assert_eq!(Status::parser(&context)(&frame), Ok((&[][..], value.clone())), "{version}");
        let mut out = BytesMut::new();
        assert_eq!(value.encode_with(&mut out, &context), Ok(()));
        assert_eq!(out[..], frame);
    }
}

/// Presence both ways, by bits of a word.
#[derive(Debug, Clone, PartialEq, Wire)]
struct Optional {
    flags: Flags,
    #[wire(present_in = flags.named, prefix = u8)]
    name: Option<String>,
    #[wire(present_in = flags.placed)]
    place: Option<(i32, i32)>,
}

#[derive(Debug, Clone, PartialEq, Wire)]
#[wire(flags = u8, bit_order = lsb)]
struct Flags {
    named: Auto<bool>,
    placed: Auto<bool>,
    urgent: bool,
    #[wire(bits = 5, reserved)]
    reserved: u8,
}

#[test]
fn options_set_their_bits() {
    let mut value = Optional { flags: Flags::new(true), name: Some("n".into()), place: None };
    holds(&value, "05 016E");
    value.place = Some((1, -1));
    holds(&value, "07 016E 00000001 FFFFFFFF");
    value.flags.reserved = 1;
    holds(&value, "0F 016E 00000001 FFFFFFFF");
}

/// Conditions over the whole.
#[derive(Debug, Clone, PartialEq, Wire)]
#[wire(assert(low <= high, "low is at most high"))]
struct Range {
    low: u8,
    #[wire(valid = 1..=100)]
    high: u8,
}

#[test]
fn assertions_hold_both_ways() {
    holds(&Range { low: 1, high: 100 }, "01 64");
    assert_eq!(refused::<Range>("01 65"), (Fault::Invalid, 1));
    assert_eq!(refused::<Range>("05 04").0, Fault::Invalid);
    let mut out = BytesMut::new();
    assert_eq!(
        Range { low: 9, high: 8 }.encode(&mut out),
        Err(EncodeError::Invalid { field: "Range", value: 0 })
    );
    assert_eq!(
        Range { low: 1, high: 101 }.encode(&mut out),
        Err(EncodeError::Invalid { field: "Range.high", value: 101 })
    );
    assert!(out.is_empty());
}

/// The byte order stands in the first byte: TIFF and many like it.
#[derive(Debug, Clone, PartialEq, Wire)]
struct Ordered {
    little: bool,
    #[wire(endian = if little { Endian::Little } else { Endian::Big })]
    inner: Inner,
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Inner {
    value: u32,
}

#[test]
fn the_byte_order_may_be_chosen_at_run_time() {
    holds(&Ordered { little: true, inner: Inner { value: 1 } }, "01 01000000");
    holds(&Ordered { little: false, inner: Inner { value: 1 } }, "00 00000001");
}

/// An open number: what no name stands for is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire)]
#[repr(u16)]
enum Kind {
    First = 1,
    Second = 2,
    #[wire(other)]
    Unknown(#[wire(tag)] u16),
}

#[test]
fn an_open_number_keeps_what_it_does_not_know() {
    holds(&Kind::Second, "0002");
    holds(&Kind::Unknown(7), "0007");
    let error = Kind::Unknown(2).encode(&mut BytesMut::new()).unwrap_err();
    assert_eq!(error, EncodeError::TagIsKnown { field: "Kind.Unknown", tag: 2 });
}

/// An enum with its own tag.
#[derive(Debug, Clone, PartialEq, Wire)]
#[repr(u8)]
enum Item {
    Nothing = 0,
    Number(u32) = 1,
    Text {
        #[wire(prefix = u8)]
        text: String,
    } = 2,
    Nested(Box<Item>) = 3,
}

#[test]
fn an_enum_may_carry_its_own_tag() {
    holds(&Item::Nothing, "00");
    holds(&Item::Number(5), "01 00000005");
    holds(&Item::Nested(Box::new(Item::Text { text: "x".into() })), "03 02 0178");
    assert_eq!(refused::<Item>("09"), (Fault::UnknownTag, 0));
}
