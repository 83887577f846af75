//! Which variant stands there: `tag_in`, `tag = of`, `tag = peek`, `opaque_if`, ranges, constants.

use longlink::codec::Fault;
use longlink::{Auto, Bytes, EncodeError, Wire};

use crate::shapes::{holds, refused, unwritable};

const LIMIT: u8 = 9;

#[derive(Debug, Clone, PartialEq, Wire)]
struct Header {
    kind: Auto<u8>,
    flags: u8,
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Packet {
    header: Header,
    #[wire(tag_in = header.kind)]
    body: Body,
}

#[derive(Debug, Clone, PartialEq, Wire)]
enum Body {
    #[wire(tag = 1)]
    Alive,
    #[wire(tag = 2..=3 | 5)]
    Text {
        #[wire(tag)]
        tag: u8,
        #[wire(rest)]
        text: String,
    },
    #[wire(tag = LIMIT)]
    Limit(u16),
}

#[test]
fn a_tag_may_stand_in_a_nested_header() {
    holds(&Packet::new(Header::new(7), Body::Alive), "01 07");
    holds(&Packet::new(Header::new(7), Body::Limit(258)), "09 07 0102");
    let text = |tag| Packet::new(Header::new(0), Body::Text { tag, text: "a".into() });
    holds(&text(2), "02 00 61");
    holds(&text(3), "03 00 61");
    holds(&text(5), "05 00 61");
    assert_eq!(refused::<Packet>("04 00 61"), (Fault::UnknownTag, 2));
    assert_eq!(unwritable(&text(4)), EncodeError::Contradiction { field: "Body.Text" });
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Row {
    kind: u8,
    #[wire(ctx(kind))]
    value: Cell,
}

#[derive(Debug, Clone, PartialEq, Wire)]
#[wire(tag = of(kind * 2), ctx(kind: u8))]
enum Cell {
    #[wire(tag = 2)]
    Narrow(u8),
    #[wire(tag = 4)]
    Wide(u16),
}

#[test]
fn context_may_choose_the_variant() {
    holds(&Row { kind: 1, value: Cell::Narrow(9) }, "01 09");
    holds(&Row { kind: 2, value: Cell::Wide(9) }, "02 0009");
    assert_eq!(refused::<Row>("03 0009"), (Fault::UnknownTag, 1));
    let wrong = Row { kind: 1, value: Cell::Wide(9) };
    assert_eq!(unwritable(&wrong), EncodeError::Contradiction { field: "Cell.Wide" });
}

#[derive(Debug, Clone, PartialEq, Wire)]
#[wire(tag = peek(u8))]
enum Number {
    #[wire(tag(mask = 0x80, value = 0x00))]
    Short(u8),
    #[wire(tag(mask = 0xC0, value = 0x80))]
    Long(u16),
    #[wire(other)]
    Other(u8),
}

#[test]
fn a_peeked_tag_belongs_to_its_variant() {
    holds(&Number::Short(0x7F), "7F");
    holds(&Number::Long(0x8001), "8001");
    holds(&Number::Other(0xC0), "C0");
    assert_eq!(
        unwritable(&Number::Short(0x80)),
        EncodeError::Contradiction { field: "Number.Short" }
    );
    assert_eq!(
        unwritable(&Number::Other(0x01)),
        EncodeError::Contradiction { field: "Number.Other" }
    );
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Sealed {
    #[wire(tag_of = body)]
    kind: Auto<u8>,
    sealed: bool,
    #[wire(opaque_if = sealed)]
    body: Content,
}

#[derive(Debug, Clone, PartialEq, Wire)]
enum Content {
    #[wire(tag = 1)]
    One(u8),
    #[wire(other)]
    Raw {
        #[wire(tag)]
        kind: u8,
        #[wire(rest)]
        raw: Bytes,
    },
}

#[test]
fn what_is_opaque_stays_raw_whatever_its_tag() {
    let raw = Content::Raw { kind: 1, raw: Bytes::from_static(&[5]) };
    holds(&Sealed::new(false, Content::One(5)), "01 00 05");
    holds(&Sealed::new(true, raw.clone()), "01 01 05");
    let open = Sealed::new(false, raw);
    assert_eq!(unwritable(&open), EncodeError::TagIsKnown { field: "Content.Raw.kind", tag: 1 });
    let closed = Sealed::new(true, Content::One(5));
    assert_eq!(unwritable(&closed), EncodeError::Contradiction { field: "Content.One" });
}
