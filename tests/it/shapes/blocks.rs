//! Lists, options, recursion, generics, borrowed and shared bytes.

use longlink::codec::Fault;
use longlink::{Auto, Bytes, Lazy, Parse, Wire};

use super::{bytes, encoded, holds, refused};

/// A tree of named values.
#[derive(Debug, Clone, PartialEq, Wire)]
struct Node {
    #[wire(prefix = u8)]
    name: String,
    #[wire(count_prefix = u8, max_count = 8)]
    children: Vec<Node>,
}

#[test]
fn a_tree_holds_its_branches() {
    let leaf = |name: &str| Node { name: name.into(), children: vec![] };
    let value = Node { name: "r".into(), children: vec![leaf("a"), leaf("")] };
    holds(&value, "0172 02 0161 00 00 00");
    assert_eq!(refused::<Node>("0172 09").0, Fault::Count);
}

/// A list that ends with a marked item.
#[derive(Debug, Clone, PartialEq, Wire)]
struct Chain {
    #[wire(until = |link| link.last, max_count = 100)]
    links: Vec<Link>,
    after: u8,
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Link {
    #[wire(bits = 1)]
    last: bool,
    #[wire(bits = 7)]
    value: u8,
}

#[test]
fn a_list_may_end_with_its_last_item() {
    let value = Chain {
        links: vec![Link { last: false, value: 1 }, Link { last: true, value: 2 }],
        after: 9,
    };
    holds(&value, "01 82 09");
    assert_eq!(refused::<Chain>("01 02").0, Fault::Short);
}

/// Two lists of one count; a length around a list.
#[derive(Debug, Clone, PartialEq, Wire)]
struct Lists {
    head: Head,
    #[wire(count_in = head.count)]
    ids: Vec<u16>,
    #[wire(count_in = head.count)]
    kinds: Vec<u8>,
    #[wire(length_of = tail)]
    length: Auto<u8>,
    tail: Vec<u16>,
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Head {
    version: u8,
    count: Auto<u8>,
}

#[test]
fn two_lists_may_share_a_count() {
    let value = Lists::new(Head::new(1), vec![1, 2], vec![3, 4], vec![5]);
    holds(&value, "01 02 0001 0002 03 04 02 0005");
    let uneven = Lists::new(Head::new(1), vec![1, 2], vec![3], vec![]);
    let mut out = longlink::BytesMut::new();
    let error = uneven.encode(&mut out).unwrap_err();
    assert!(matches!(error, longlink::EncodeError::Contradiction { .. }), "{error:?}");
    assert_eq!(refused::<Lists>("01 00 03 000500"), (Fault::Short, 5));
}

/// A container of anything.
#[derive(Debug, Clone, PartialEq, Wire)]
struct Envelope<T> {
    #[wire(length_of = body)]
    length: Auto<u16>,
    body: T,
    mark: u8,
}

#[test]
fn an_envelope_bounds_whatever_it_holds() {
    holds(&Envelope::new(0x0102_u16, 9), "0002 0102 09");
    let node = Node { name: "n".into(), children: vec![] };
    holds(&Envelope::new(node, 9), "0003 016E00 09");
    assert_eq!(refused::<Envelope<u16>>("0003 010203 09"), (Fault::Trailing, 4));
    assert_eq!(refused::<Envelope<u16>>("0001 01 09"), (Fault::Short, 2));
}

/// One message in three kinds of memory.
#[derive(Debug, Clone, PartialEq, Wire)]
struct Borrowed<'a> {
    #[wire(prefix = u8)]
    name: &'a str,
    #[wire(prefix = u8)]
    copy: Vec<u8>,
    #[wire(rest)]
    shared: Bytes,
}

#[test]
fn bytes_are_borrowed_copied_or_shared() {
    let buffer = Bytes::from(bytes("0161 02BBCC DDEE"));
    let scope = longlink::codec::Scope::of(&buffer);
    let (rest, value) = Borrowed::parse_in(&buffer, scope, &()).unwrap();
    assert!(rest.is_empty());
    assert_eq!(value.name.as_ptr(), buffer[1..].as_ptr());
    assert_eq!(value.shared.as_ptr(), buffer[5..].as_ptr());
    assert_eq!(value.copy, [0xBB, 0xCC]);
    assert_eq!(encoded(&value), buffer);
}

/// A repeated group that is read when it is looked at.
#[derive(Debug, Clone, PartialEq, Wire)]
struct Report<'a> {
    #[wire(count_of = points)]
    count: Auto<u16>,
    points: Lazy<'a, (u16, u16)>,
    end: u8,
}

#[test]
fn a_lazy_group_is_read_while_iterating() {
    let frame = bytes("0002 0001 0002 0003 0004 EE");
    let (rest, report) = Report::parse(&frame).unwrap();
    assert!(rest.is_empty());
    assert_eq!(report.points.iter().collect::<Vec<_>>(), [(1, 2), (3, 4)]);
    assert_eq!(report.end, 0xEE);
    assert_eq!(encoded(&report), frame);
}

/// Padding in all places.
#[derive(Debug, Clone, PartialEq, Wire)]
struct Padded {
    kind: u8,
    #[wire(align = 4)]
    value: u16,
    #[wire(pad_before = 1, pad_after = 2)]
    next: u8,
    #[wire(reserved)]
    kept: [u8; 2],
}

#[test]
fn padding_is_zero_and_reserved_is_kept() {
    let mut value = Padded::new(1, 2, 3);
    holds(&value, "01 000000 0002 00 03 0000 0000");
    value.kept = [7, 8];
    holds(&value, "01 000000 0002 00 03 0000 0708");
    assert_eq!(refused::<Padded>("01 000100 0002 00 03 0000 0000"), (Fault::Padding, 2));
}

/// Items of one size that may be refused, each piece in its own way.
#[derive(Debug, Clone, PartialEq, Wire)]
#[wire(assert(low <= high, "a range has no end before its start"))]
struct Reading {
    #[wire(magic = b"R")]
    mark: (),
    #[wire(valid = 1..=4)]
    kind: u8,
    good: bool,
    #[wire(as = u24, endian = little)]
    narrow: u32,
    #[wire(bits = 3, fixed = 5)]
    version: (),
    #[wire(bits = 5)]
    level: u8,
    #[wire(pad_before = 1)]
    low: u8,
    high: u8,
}

#[test]
fn a_block_of_items_is_refused_where_its_first_bad_item_is() {
    let item = bytes("52 02 01 39 30 00 A7 00 05 09");
    let value = Reading {
        mark: (),
        kind: 2,
        good: true,
        narrow: 12345,
        version: (),
        level: 7,
        low: 5,
        high: 9,
    };
    let mut block = item.repeat(3);
    assert_eq!(Vec::<Reading>::parse(&block), Ok((&[][..], vec![value; 3])));
    let one_by_one = |block: &[u8]| {
        let mut items = Vec::new();
        let mut rest = block.len();
        while rest > 0 {
            let (after, item) = Reading::parse(&block[block.len() - rest..])?;
            items.push(item);
            rest = after.len();
        }
        Ok::<_, longlink::codec::private::NomErr<longlink::DecodeError>>(items)
    };
    let mut refused = 0;
    for place in 0..block.len() {
        let good = block[place];
        for byte in 0..=255 {
            block[place] = byte;
            let all = Vec::<Reading>::parse(&block).map(|(_, items)| items);
            refused += usize::from(all.is_err());
            assert_eq!(all, one_by_one(&block), "{byte:#04x} at {place}");
        }
        block[place] = good;
    }
    // Of each item: 255 marks, 252 kinds, 254 flags, 224 versions, 255 paddings,
    // 246 lower ends beyond 9 and 5 upper ends before 5.
    assert_eq!(refused, 3 * (255 + 252 + 254 + 224 + 255 + 246 + 5));
}
