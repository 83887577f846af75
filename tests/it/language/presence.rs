//! What may be missing, and what may be inside of itself.

use longlink::codec::Fault;
use longlink::{Auto, Bytes, BytesMut, EncodeError, Parse, Wire};

use crate::shapes::{holds, refused, unwritable};

#[derive(Debug, Clone, PartialEq, Wire)]
struct Record {
    #[wire(length_of = name..=detail)]
    length: Auto<u8>,
    name: u8,
    #[wire(present_if = left >= 2)]
    port: Option<u16>,
    #[wire(present_if = left > 0)]
    detail: Option<u8>,
    last: u8,
}

#[test]
fn what_is_left_of_the_span_decides() {
    holds(&Record::new(1, None, None, 9), "01 01 09");
    holds(&Record::new(1, None, Some(2), 9), "02 01 02 09");
    holds(&Record::new(1, Some(2), None, 9), "03 01 0002 09");
    holds(&Record::new(1, Some(2), Some(3), 9), "04 01 0002 03 09");
    assert_eq!(refused::<Record>("05 01 0002 03 04 09"), (Fault::Trailing, 5));
}

/// JT/T 808-2013, message 0x8800: parts to send again, only where something is missing.
#[derive(Debug, Clone, PartialEq, Wire)]
struct Missing {
    id: u8,
    #[wire(present_if = left > 0, count_prefix = u8)]
    parts: Option<Vec<u16>>,
}

/// MQTT 5's way to count.
#[derive(Debug, Clone, PartialEq, Wire)]
struct Counted {
    #[wire(count_prefix = leb128)]
    items: Vec<u16>,
}

/// Items begin behind their count, also where the count is no part of what is before it.
#[test]
fn a_count_that_may_be_missing_stands_before_its_items() {
    holds(&Missing { id: 1, parts: None }, "01");
    holds(&Missing { id: 1, parts: Some(vec![]) }, "01 00");
    holds(&Missing { id: 1, parts: Some(vec![0x0102, 0x0304]) }, "01 02 0102 0304");
    holds(&Counted { items: vec![0x0102, 0x0304] }, "02 0102 0304");
}

/// Which layout it is follows from what is left, and what is written must say the same.
#[derive(Debug, Clone, PartialEq, Wire)]
struct Grown {
    #[wire(select = u64::from(left > 3))]
    head: Head,
    #[wire(rest)]
    tail: Bytes,
}

#[derive(Debug, Clone, PartialEq, Wire)]
enum Head {
    #[wire(tag = 0)]
    Short(u8),
    #[wire(tag = 1)]
    Long(u16),
}

#[test]
fn what_is_left_selects_a_layout() {
    let tail = |bytes| Bytes::from_static(bytes);
    holds(&Grown { head: Head::Short(1), tail: tail(b"ab") }, "01 6162");
    holds(&Grown { head: Head::Long(1), tail: tail(b"ab") }, "0001 6162");
    let contradiction = EncodeError::Contradiction { field: "Grown.head" };
    assert_eq!(unwritable(&Grown { head: Head::Short(1), tail: tail(b"abc") }), contradiction);
    assert_eq!(unwritable(&Grown { head: Head::Long(1), tail: tail(b"a") }), contradiction);
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Dialect {
    Old,
    New,
    Draft,
}

#[derive(Debug, Clone, PartialEq, Wire)]
#[wire(ctx(dialect: Dialect))]
struct Spoken {
    code: u8,
    #[wire(dialect = Dialect::New | Dialect::Draft)]
    detail: Option<u8>,
}

#[test]
fn a_dialect_has_its_own_fields() {
    let with = Spoken { code: 1, detail: Some(2) };
    let without = Spoken { code: 1, detail: None };
    for (dialect, value, frame) in [
        (Dialect::Old, &without, &[1][..]),
        (Dialect::New, &with, &[1, 2]),
        (Dialect::Draft, &with, &[1, 2]),
    ] {
        let context = SpokenContext { dialect };
        assert_eq!(Spoken::parser(&context)(frame), Ok((&[][..], value.clone())));
        let mut out = BytesMut::new();
        assert_eq!(value.encode_with(&mut out, &context), Ok(()));
        assert_eq!(out[..], *frame);
    }
    let context = SpokenContext { dialect: Dialect::Old };
    let error = with.encode_with(&mut BytesMut::new(), &context);
    assert_eq!(error, Err(EncodeError::Contradiction { field: "Spoken.detail" }));
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Nested {
    more: bool,
    #[wire(present_if = more)]
    inner: Option<Box<Nested>>,
}

fn nested(depth: usize) -> Nested {
    let last = Nested { more: false, inner: None };
    (0..depth).fold(last, |inner, _| Nested { more: true, inner: Some(Box::new(inner)) })
}

#[test]
fn a_type_may_be_inside_of_itself_thirty_two_times() {
    let hex = |depth: usize| format!("{}00", "01".repeat(depth));
    holds(&nested(0), "00");
    holds(&nested(32), &hex(32));
    assert_eq!(refused::<Nested>(&hex(33)), (Fault::Depth, 33));
    assert_eq!(refused::<Nested>(&hex(10_000)), (Fault::Depth, 33));
    let wrong = Nested { more: false, inner: Some(Box::new(nested(0))) };
    assert_eq!(unwritable(&wrong), EncodeError::Contradiction { field: "Nested.inner" });
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Own {
    #[wire(varint = leb128, length_of = ..)]
    length: Auto<u32>,
    #[wire(rest)]
    data: Bytes,
}

#[test]
fn a_varint_in_its_own_span_is_as_short_as_it_can_be() {
    holds(&Own::new(Bytes::new()), "01");
    holds(&Own::new(Bytes::from(vec![0; 126])), &format!("7F{}", "00".repeat(126)));
    holds(&Own::new(Bytes::from(vec![0; 127])), &format!("8101{}", "00".repeat(127)));
    assert_eq!(refused::<Own>("00"), (Fault::Length, 0));
    assert_eq!(refused::<Own>("8300 00"), (Fault::Varint, 0));
}
