//! `each(..)`: attributes for the elements of a list, of a tuple, of what is inside of an `Option`.

use longlink::codec::Fault;
use longlink::{Arbitrary, Bytes, EncodeError, Parse, Wire, explain};

use super::laws;
use crate::shapes::{holds, refused, unwritable};

/// The list of protocols of ALPN: `opaque ProtocolName<1..2^8-1>`, in a list `<2..2^16-1>`.
/// RFC 7301, section 3.1.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Protocols {
    #[wire(prefix = u16, each(prefix = u8))]
    names: Vec<String>,
}

#[test]
fn each_protocol_of_alpn_has_a_length_of_its_own() {
    let names = vec!["h2".to_owned(), "http/1.1".to_owned()];
    holds(&Protocols { names }, "000C 02 6832 08 687474702F312E31");
    holds(&Protocols { names: vec![] }, "0000");
    assert_eq!(refused::<Protocols>("0004 02 6832 33"), (Fault::Short, 6));
    assert_eq!(refused::<Protocols>("0003 02 C3 28"), (Fault::Text, 3));
    let long = Protocols { names: vec!["x".repeat(256)] };
    let error = EncodeError::TooLarge { field: "Protocols.names", value: 256, max: 255 };
    assert_eq!(unwritable(&long), error);
    assert_eq!(Protocols::MIN_LEN, 2);
}

/// CQL's `[string multimap]` in SUPPORTED: "A [short] n, followed by n pair `<k><v>` where `<k>` is
/// a [string] and `<v>` is a [string list]"; a `[string list]` is "a [short] n, followed by n
/// [string]". Values of a query are `[bytes]`, where a negative length is null. CQL binary protocol
/// v4, section 3.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Supported {
    #[wire(count_prefix = u16)]
    options: Vec<Multi>,
}

#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Multi {
    #[wire(prefix = u16)]
    key: String,
    #[wire(count_prefix = u16, each(prefix = u16))]
    values: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Values {
    #[wire(count_prefix = u16, each(prefix = i32, none = -1))]
    values: Vec<Option<Bytes>>,
}

#[test]
fn lists_of_cql_hold_strings_and_values_that_may_be_null() {
    let one = Multi { key: "CQL".into(), values: vec!["3.0".into(), "3.4".into()] };
    holds(&Supported { options: vec![one] }, "0001 0003 43514C 0002 0003 332E30 0003 332E34");
    let values = vec![Some(Bytes::from_static(b"\x01")), None, Some(Bytes::new())];
    holds(&Values { values }, "0003 00000001 01 FFFFFFFF 00000000");
    assert_eq!(refused::<Values>("0001 FFFFFFFE"), (Fault::Length, 2));
}

/// Kafka's `Fetch` and `ListOffsets` requests hold arrays of arrays; `each` nests.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Assignments {
    #[wire(count_prefix = i32, each(count_prefix = i32, each(as = u24)))]
    partitions: Vec<Vec<u32>>,
    #[wire(each(as = u24))]
    range: (u32, u32),
    last: u8,
}

#[test]
fn elements_of_elements_and_parts_of_tuples_have_attributes() {
    let value = Assignments { partitions: vec![vec![1, 2], vec![]], range: (3, 4), last: 5 };
    holds(&value, "00000002 00000002 000001 000002 00000000 000003 000004 05");
    let error =
        EncodeError::TooLarge { field: "Assignments.range", value: 1 << 24, max: 0xff_ffff };
    assert_eq!(unwritable(&Assignments { range: (0, 1 << 24), ..value }), error);
}

#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Borrowed<'a> {
    wide: bool,
    #[wire(present_if = wide, each(as = u24))]
    mark: Option<u32>,
    #[wire(count_prefix = u8, each(prefix = u8))]
    words: Vec<&'a str>,
}

#[test]
fn elements_borrow_and_options_have_attributes_inside() {
    let frame = [1, 0, 0, 7, 2, 2, b'a', b'b', 1, b'c'];
    let value = Borrowed { wide: true, mark: Some(7), words: vec!["ab", "c"] };
    assert_eq!(Borrowed::parse(&frame), Ok((&[][..], value.clone())));
    assert_eq!(crate::samples::encoded(&value), frame);
    let none = Borrowed { wide: false, mark: None, words: vec![] };
    assert_eq!(Borrowed::parse(&[0, 0]), Ok((&[][..], none)));
}

#[test]
fn explain_shows_elements_as_elements() {
    let bytes = [0, 3, 2, b'h', b'2'];
    let explanation = explain::<Protocols>(&bytes);
    assert!(explanation.report().is_none());
    let mut seen = Vec::new();
    explanation.visit(&mut |path, node| {
        if path.contains('[') {
            seen.push((path.to_owned(), node.range.clone(), format!("{:?}", node.value)));
        }
    });
    assert_eq!(seen, [("Protocols.names[0]".to_owned(), 2..5, "Text(\"h2\")".to_owned())]);
}

#[test]
fn drawn_elements_are_read_back() {
    laws::hold::<Protocols>();
    laws::hold::<Supported>();
    laws::hold::<Values>();
    laws::hold::<Assignments>();
}
