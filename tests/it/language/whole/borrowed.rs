//! The same where the value borrows from the frame: items that are parsed while iterating, twins.

use longlink::codec::{Fault, Scope};
use longlink::session::protocol::View;
use longlink::{Auto, DecodeError, Frame, Lazy, Parse, Wire};

use super::{Node, letter, node, stands};
use crate::samples::bytes;

#[derive(Debug, Clone, PartialEq, Wire)]
struct Counted<'a> {
    head: u8,
    #[wire(rest)]
    items: Lazy<'a, Node>,
}

#[test]
fn an_item_of_a_lazy_list_is_a_frame_of_its_own() {
    let frame = bytes("09 0801 C00000 0800");
    let (_, counted) = Counted::parse(&frame).unwrap();
    let items: Vec<Node> = counted.items.iter().collect();
    assert_eq!(items, [node(8, Some(node(8, None))), node(8, None)]);
    assert_eq!(Counted::parse(&bytes("09 0800 C00900")).map(|_| ()), Err(invalid(3)));
}

#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(max_frame_length = 64)]
struct Titled {
    #[wire(length_of = inner..)]
    length: Auto<u16>,
    inner: Inner,
    #[wire(rest)]
    names: Vec<Node>,
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Inner {
    #[wire(prefix = u8)]
    title: String,
    #[wire(with = letter(whole))]
    name: u8,
}

#[derive(Debug, PartialEq, Wire)]
#[wire(view_of = Titled)]
struct TitledView<'a> {
    #[wire(length_of = inner..)]
    length: Auto<u16>,
    inner: InnerView<'a>,
    #[wire(rest)]
    names: Vec<Node>,
}

#[derive(Debug, PartialEq, Wire)]
#[wire(view_of = Inner)]
struct InnerView<'a> {
    #[wire(prefix = u8)]
    title: &'a str,
    #[wire(with = letter(whole))]
    name: u8,
}

#[test]
fn a_borrowing_twin_sees_the_frame_of_its_owner() {
    let inner = Inner { title: "ab".into(), name: b'b' };
    let owned = Titled::new(inner, vec![node(b'b', None)]);
    stands(&owned, "0008 02 6162 C002 C00200");
    let frame = bytes("0008 02 6162 C002 C00200");
    let view = <TitledView<'_> as View>::parse(&frame, Scope::ROOT, &());
    assert_eq!(view.map(View::into_owned), Ok(owned));
}

fn invalid(from_end: u32) -> nom::Err<DecodeError> {
    nom::Err::Error(DecodeError { fault: Fault::Invalid, field: 0, from_end })
}
