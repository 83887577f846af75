//! `with = module(whole)`: parsers that look at the enclosing frame, however deep they stand.

mod borrowed;

use longlink::arbitrary::values;
use longlink::codec::Fault;
use longlink::{
    Arbitrary, Auto, Bytes, BytesMut, EncodeError, Frame, Lenient, Parse, Wire, explain,
};
use proptest::{prop_assert_eq, proptest};

use crate::samples::bytes;

/// A letter, or 0xC0 and the offset of an earlier one, counted from the end of the frame's length.
/// 0xC0 itself is no letter.
mod letter {
    use longlink::codec::Fault;
    use longlink::{BytesMut, DecodeError, EncodeError};
    use nom::IResult;

    pub(super) fn read<'a>(
        input: &'a [u8],
        frame: &[u8],
        offset: usize,
    ) -> IResult<&'a [u8], u8, DecodeError> {
        let fault = |fault| nom::Err::Error(DecodeError::new(fault, 0, input));
        match input {
            [0xC0, at, rest @ ..] => match frame[..offset].get(usize::from(*at)) {
                Some(letter) if *letter != 0xC0 => Ok((rest, *letter)),
                _ => Err(fault(Fault::Invalid)),
            },
            [] | [0xC0] => Err(fault(Fault::Short)),
            [letter, rest @ ..] => Ok((rest, *letter)),
        }
    }

    pub(super) fn write(value: &u8, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        // Lengths that are written last stand as zeros until then.
        let same = |byte: &u8| *byte != 0 && byte == value;
        match out[start..].iter().take(256).position(same) {
            Some(at) => out.extend_from_slice(&[0xC0, at as u8]),
            None => out.extend_from_slice(&[*value]),
        }
        Ok(())
    }
}

/// The frame stands for the value both ways, also behind bytes that belong to another one.
#[track_caller]
fn stands<T>(value: &T, hex: &str)
where
    T: Wire<Context = ()> + for<'a> Parse<'a> + Clone + PartialEq + std::fmt::Debug,
{
    let frame = bytes(hex);
    let mut out = BytesMut::from(&[0xA5; 5][..]);
    assert_eq!(value.encode(&mut out), Ok(()));
    assert_eq!(out[5..], frame, "{out:02X?}");
    assert_eq!(T::parse(&frame), Ok((&[][..], value.clone())));
}

#[derive(Debug, Clone, PartialEq, Frame, Arbitrary)]
#[wire(max_frame_length = 65536)]
struct Message {
    #[wire(length_of = first..)]
    length: Auto<u16>,
    #[wire(with = letter(whole))]
    first: u8,
    #[wire(count_of = records)]
    count: Auto<u8>,
    records: Vec<Record>,
    #[wire(present_if = left > 0)]
    last: Option<Node>,
}

#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Record {
    #[wire(with = letter(whole))]
    name: u8,
    #[wire(tag_of = data)]
    kind: Auto<u8>,
    #[wire(length_of = data)]
    length: Auto<u8>,
    data: Data,
}

#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
enum Data {
    #[wire(tag = 1)]
    Alias {
        weight: u8,
        #[wire(with = letter(whole))]
        name: u8,
    },
    #[wire(tag = 2)]
    Tree(Box<Node>),
    #[wire(other)]
    Other {
        #[wire(tag)]
        kind: u8,
        #[wire(rest)]
        raw: Bytes,
    },
}

#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Node {
    #[wire(with = letter(whole))]
    name: u8,
    more: u8,
    #[wire(present_if = more != 0)]
    next: Option<Box<Node>>,
}

fn alias(name: u8, weight: u8, other: u8) -> Record {
    Record::new(name, Data::Alias { weight, name: other })
}

fn node(name: u8, next: Option<Node>) -> Node {
    Node { name, more: u8::from(next.is_some()), next: next.map(Box::new) }
}

#[test]
fn nested_parsers_see_the_frame_from_its_length_on() {
    let tree = node(b'B', Some(node(b'A', Some(node(b'C', None)))));
    let records = vec![
        alias(b'A', 9, b'B'),
        Record::new(b'B', Data::Tree(Box::new(tree))),
        Record::new(b'C', Data::Other { kind: 7, raw: Bytes::from_static(b"zz") }),
    ];
    let value = Message::new(b'A', records, Some(node(b'z', None)));
    // Offsets: 0 A, 1 count, 2 first record (its B at 7), 8 second (its C at 18).
    stands(
        &value,
        "001D 41 03  C000 01 02 0942  C007 02 08 C00701 C00001 4300  C012 07 02 7A7A  C018 00",
    );
    assert_eq!(Message::decode(&bytes("0006 41 01 C000 0700")).unwrap().records[0].name, b'A');
}

#[test]
fn a_parser_knows_where_in_the_frame_it_stands() {
    let refused = |hex: &str| {
        let frame = bytes(hex);
        let error = Message::decode(&frame).expect_err("a pointer that is refused");
        (error.fault, error.offset_in(&frame))
    };
    // The pointer at offset 2 may name what stands before it, and neither itself nor more.
    assert_eq!(Message::decode(&bytes("0006 41 01 C001 0700")).unwrap().records[0].name, 1);
    assert_eq!(refused("0006 41 01 C002 0700"), (Fault::Invalid, 4));
    assert_eq!(refused("000D 41 02 C000 010309C003 C009 0700"), (Fault::Invalid, 11));
    assert_eq!(refused("0009 41 01 C000 010309C008"), (Fault::Invalid, 9));
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Pair {
    head: u8,
    #[wire(rest)]
    names: Vec<Node>,
}

#[test]
fn without_a_frame_the_outermost_type_is_one_from_its_first_byte() {
    stands(&Pair { head: 7, names: vec![node(7, None), node(9, None)] }, "07 C00000 0900");
    stands(&vec![node(9, None), node(9, None)], "0900 C00000");
    stands(&[node(9, None), node(9, None)], "0900 C00000");
    stands(&(7_u8, Box::new(node(7, None))), "07 C00000");
}

#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(max_frame_length = 64)]
struct Prefixed {
    kind: u8,
    #[wire(prefix = u16)]
    names: Vec<Node>,
}

#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(max_frame_length = 64)]
struct Varying {
    #[wire(prefix = leb128)]
    names: Vec<Node>,
}

#[test]
fn a_hidden_length_is_the_length_of_the_frame() {
    let names = vec![node(9, None), node(9, None)];
    stands(&Prefixed { kind: 9, names: names.clone() }, "09 0005 0900 C00000");
    stands(&Varying { names }, "05 0900 C00000");
}

#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(delimiter = 0x7E, escape(0x7E => [0x7D, 2], 0x7D => [0x7D, 1]), max_frame_length = 64)]
struct Escaped {
    kind: u8,
    #[wire(rest)]
    names: Vec<Node>,
}

#[test]
fn offsets_count_unescaped_bytes() {
    let names = vec![node(b'A', None), node(0x7D, None), node(b'A', None)];
    let value = Escaped { kind: 0x7E, names };
    stands(&value, "7E 7D02 4100 7D0100 C00100 7E");
    assert_eq!(value.encoded_len(), 12);
    let frame = bytes("7E 7D02 7D0100 C00100 7E");
    let names = vec![node(0x7D, None), node(0x7D, None)];
    assert_eq!(Escaped::decode(&frame), Ok(Escaped { kind: 0x7E, names }));
}

/// Every byte plus one.
mod shifted {
    pub(super) fn read(part: &[u8]) -> Option<Vec<u8>> {
        Some(part.iter().map(|byte| byte.wrapping_sub(1)).collect())
    }

    pub(super) fn write(plain: &[u8]) -> Result<Vec<u8>, &'static str> {
        Ok(plain.iter().map(|byte| byte.wrapping_add(1)).collect())
    }
}

#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(max_frame_length = 64)]
struct Layered {
    #[wire(length_of = first..)]
    length: Auto<u8>,
    #[wire(with = letter(whole))]
    first: u8,
    #[wire(prefix = u8, process = shifted)]
    inside: Vec<Node>,
    #[wire(with = letter(whole))]
    last: u8,
}

#[test]
fn a_transformed_stretch_is_a_frame_of_its_own() {
    let inside = vec![node(9, None), node(8, None), node(9, None)];
    stands(&Layered::new(9, inside, 9), "0B 09 07 0A01 0901 C10101 C000");
}

#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(max_frame_length = 64)]
struct Outer {
    #[wire(length_of = ..)]
    length: Auto<u8>,
    inner: Layered,
    #[wire(with = letter(whole))]
    last: u8,
}

#[test]
fn a_frame_inside_of_a_frame_counts_from_its_own_length() {
    let inner = Layered::new(7, vec![], 7);
    stands(&Outer::new(inner, 7), "08 04 07 00 C000 C001");
}

#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(max_frame_length = 64)]
struct Late {
    #[wire(prefix = u8)]
    title: String,
    #[wire(length_of = names)]
    length: Auto<u8>,
    names: Vec<Node>,
}

#[test]
fn the_frame_begins_behind_a_length_whose_place_varies() {
    let names = vec![node(9, None), node(9, None)];
    stands(&Late::new("ab".into(), names.clone()), "02 6162 05 0900 C00000");
    stands(&Late::new("\t".into(), names), "01 09 05 0900 C00000");
}

#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(max_frame_length = 64)]
struct Foretold {
    #[wire(varint = leb128, length_of = names)]
    length: Auto<u32>,
    names: Vec<Node>,
}

#[test]
fn a_length_that_was_wrong_when_it_was_written_is_an_error() {
    stands(&Foretold::new(vec![node(9, None), node(8, None)]), "04 0900 0800");
    let shorter = Foretold::new(vec![node(9, None), node(9, None)]);
    let mut out = BytesMut::from(&[0xA5][..]);
    let error = EncodeError::Contradiction { field: "Foretold.length" };
    assert_eq!(shorter.encode(&mut out), Err(error));
    assert_eq!(out[..], [0xA5]);
    // The reader takes what another writer made.
    assert_eq!(Foretold::decode(&bytes("05 0900 C00000")), Ok(shorter));
}

#[test]
fn an_explanation_follows_the_parsers_to_the_end() {
    let frame = bytes("0010 41 01  C000 02 07 42014301C00000  C00600");
    assert_eq!(Message::decode(&frame).map(|_| ()), Ok(()));
    let expected = "\
Message, 18 bytes

offset  bytes  field             value
0x0000  00 10  ├ length          16  bytes from first
0x0002  41     ├ first           1 byte
0x0003  01     ├ count           1  items of records
               ├ records         1 item
               │ └ [0]           Record
0x0004  c0 00  │   ├ name        2 bytes
0x0006  02     │   ├ kind        2  → Tree
0x0007  07     │   ├ length      7  bytes of data
               │   └ data        Tree
0x0008  42     │     ├ name      1 byte
0x0009  01     │     ├ more      1
               │     └ next      Node
0x000a  43     │       ├ name    1 byte
0x000b  01     │       ├ more    1
               │       └ next    Node
0x000c  c0 00  │         ├ name  2 bytes
0x000e  00     │         └ more  0
               └ last            Node
0x000f  c0 06    ├ name          2 bytes
0x0011  00       └ more          0
";
    assert_eq!(explain::<Message>(&frame).to_string().trim_end(), expected.trim_end());
}

#[test]
fn what_is_announced_is_what_it_takes_where_nothing_stands_before_it() {
    let value = Message::new(7, vec![alias(9, 1, 9)], None);
    stands(&value, "0008 07 01 09 01 03 01C002");
    assert_eq!(value.encoded_len(), 9);
}

proptest! {
    #[test]
    fn every_value_comes_back_from_its_compressed_bytes(value in values::<Message>()) {
        let mut out = BytesMut::new();
        prop_assert_eq!(value.encode(&mut out), Ok(()));
        prop_assert_eq!(Message::decode(&out), Ok(value));
    }
}

/// What is wrong in this frame, for `second` is its first byte, may be right in another.
#[derive(Debug, Clone, PartialEq, Wire)]
struct Doubted {
    first: u8,
    #[wire(prefix = u8)]
    couple: Lenient<Couple>,
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Couple {
    first: u8,
    #[wire(with = letter(whole), valid = 1..)]
    second: u8,
}

#[test]
fn lenient_bytes_that_are_bad_in_this_frame_only_are_written_as_read() {
    let couple = Lenient::bad(Bytes::from_static(&[5, 0xC0, 0]));
    stands(&Doubted { first: 0, couple }, "00 03 05 C0 00");
}
