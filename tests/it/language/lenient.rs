//! Values that keep the bytes that are none.

use longlink::codec::{Fault, Tagged};
use longlink::{Arbitrary, Auto, Bytes, EncodeError, Frame, Lenient, Wire, explain};

use super::laws;
use crate::samples::bytes;
use crate::shapes::{holds, refused, unwritable};

/// A path attribute of BGP: flags, type code, a length of one octet, or two under the flag "Extended
/// Length". RFC 4271, section 4.3. "An attribute that is malformed must not end the session": RFC
/// 7606, section 2, which tells it apart by its type code.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Attribute {
    #[wire(bits = 3)]
    kinds: u8,
    #[wire(bits = 1)]
    extended: bool,
    #[wire(bits = rest, reserved)]
    unused: u8,
    #[wire(tag_of = value)]
    code: Auto<u8>,
    #[wire(size = if extended { 2 } else { 1 }, length_of = value)]
    length: Auto<u16>,
    value: Lenient<Value>,
}

#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
enum Value {
    /// "0 IGP, 1 EGP, 2 INCOMPLETE".
    #[wire(tag = 1)]
    Origin {
        #[wire(valid = 0..=2)]
        origin: u8,
    },
    #[wire(tag = 4)]
    MultiExitDiscriminator { metric: u32 },
    #[wire(other)]
    Other {
        #[wire(tag)]
        code: u8,
        #[wire(rest)]
        raw: Bytes,
    },
}

/// The attributes of an UPDATE, behind their total length.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Attributes {
    #[wire(length_of = list)]
    length: Auto<u16>,
    list: Vec<Attribute>,
}

fn attribute(kinds: u8, value: Lenient<Value>) -> Attribute {
    Attribute::new(kinds, false, value)
}

#[test]
fn a_malformed_attribute_leaves_the_others_alone() {
    let bad = Lenient::Bad { tag: 1, bytes: Bytes::from_static(&[7]) };
    let short = Lenient::Bad { tag: 4, bytes: Bytes::from_static(&[0, 0, 1]) };
    let metric = Lenient::Good(Value::MultiExitDiscriminator { metric: 100 });
    let list = vec![attribute(2, bad), attribute(4, short), attribute(4, metric)];
    holds(&Attributes::new(list), "0011 40 01 01 07 80 04 03 000001 80 04 04 00000064");
    // What is wrong with the length is wrong with the message.
    assert_eq!(refused::<Attributes>("0005 40 01 03 07 00"), (Fault::Short, 5));
}

#[test]
fn bytes_that_are_good_are_not_written_as_bad() {
    let known = Lenient::Bad { tag: 1, bytes: Bytes::from_static(&[2]) };
    let refused = EncodeError::Contradiction { field: "Lenient::Bad" };
    assert_eq!(unwritable(&attribute(2, known)), refused);
    assert_eq!(Lenient::<Value>::Bad { tag: 9, bytes: Bytes::new() }.tag(), 9);
}

/// Options of DHCPv6-like shape: names that should be UTF-8, each with its length.
#[derive(Debug, Clone, PartialEq, Frame, Arbitrary)]
#[wire(max_frame_length = 1 << 10)]
struct Names {
    #[wire(prefix = u8)]
    first: Lenient<String>,
    #[wire(count_prefix = u8, each(prefix = u8))]
    others: Vec<Lenient<String>>,
}

#[test]
fn text_that_is_none_is_kept() {
    let (good, bad) = (Lenient::Good("hi".to_owned()), Lenient::bad(Bytes::from_static(b"h\xFF")));
    let names = Names { first: bad.clone(), others: vec![good, bad] };
    holds(&names, "02 68FF 02 02 6869 02 68FF");
    let tagged = Lenient::Bad { tag: 3, bytes: Bytes::from_static(b"\xFF") };
    let wrong = Names { first: tagged, others: vec![] };
    assert_eq!(unwritable(&wrong), EncodeError::Contradiction { field: "Lenient::Bad" });
}

#[test]
fn explain_shows_what_is_good_and_what_is_not() {
    let explanation = explain::<Names>(&bytes("02 68FF 02 02 6869 01 FF"));
    assert!(explanation.report().is_none());
    let root = explanation.root();
    assert_eq!(root.children[0].variant, Some("Bad"));
    assert_eq!(root.children[1].children[1].variant, Some("Good"));
    let frame = bytes("0008 40 01 01 07 40 01 01 02");
    let explanation = explain::<Attributes>(&frame);
    let list = &explanation.root().children[1].children;
    let values: Vec<_> = list.iter().map(|one| one.children.last()).collect();
    assert_eq!(
        values.iter().map(|one| one.and_then(|one| one.variant)).collect::<Vec<_>>(),
        [Some("Bad"), Some("Origin")]
    );
    assert_eq!(
        format!("{:?}", values[0].map(|one| &one.children[0].value)),
        "Some(Bytes(b\"\\x07\"))"
    );
}

/// A tree of nodes, each of them behind the length of what it holds.
#[derive(Debug, Clone, PartialEq, Wire)]
struct Node {
    #[wire(prefix = u16)]
    inner: Lenient<Vec<Node>>,
}

/// So many nodes, each inside of the one before.
fn nodes(count: u16) -> (Node, String) {
    let none = Node { inner: Lenient::Good(vec![]) };
    let value = (1..count).fold(none, |node, _| Node { inner: Lenient::Good(vec![node]) });
    (value, (0..count).rev().map(|inside| format!("{:04X} ", 2 * inside)).collect())
}

#[test]
fn what_is_too_deep_is_not_kept_as_bad() {
    let (value, hex) = nodes(32);
    holds(&value, &hex);
    assert_eq!(refused::<Node>(&nodes(40).1), (Fault::Depth, 66));
}

#[test]
fn drawn_and_damaged_values_are_read_back() {
    laws::hold::<Attributes>();
    laws::hold::<Names>();
}
