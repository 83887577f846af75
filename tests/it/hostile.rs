//! Input that was made to hurt: huge counts and lengths, deep nesting, long runs of nothing.
//!
//! Every allocation is counted: what a parser takes is bounded by what has arrived.

use allocation_counter::measure;
use longlink::codec::Fault;
use longlink::{Auto, Bytes, BytesMut, Decoder, Frame, Parse, Wire};

use crate::declarations::gb32960;
use crate::declarations::packet::Packet;
use crate::samples;

/// Pairs of eight-byte numbers behind a count of four bytes.
#[derive(Debug, Clone, PartialEq, Wire)]
struct Pairs {
    #[wire(count_of = items)]
    count: Auto<u32>,
    items: Vec<(u64, u64)>,
}

/// Bytes behind a count of eight bytes.
#[derive(Debug, Clone, PartialEq, Wire)]
struct Block {
    #[wire(count_of = items)]
    count: Auto<u64>,
    items: Vec<u8>,
}

/// Items that take no bytes on the wire, so that nothing but `max_count` bounds them.
#[derive(Debug, Clone, PartialEq, Wire)]
struct Nothing {
    #[wire(count_of = items)]
    count: Auto<u32>,
    #[wire(max_count = 1000)]
    items: Vec<Empty>,
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Empty {}

/// A tree of any depth.
#[derive(Debug, Clone, PartialEq, Wire)]
struct Tree {
    #[wire(count_prefix = u8)]
    branches: Vec<Tree>,
}

/// A chain of any length.
#[derive(Debug, Clone, PartialEq, Wire)]
#[repr(u8)]
enum Chain {
    End = 0,
    Link(Box<Chain>) = 1,
}

/// Text behind a length of eight bytes, in all three kinds of memory.
#[derive(Debug, Clone, PartialEq, Wire)]
struct Texts<'a> {
    #[wire(prefix = u64)]
    borrowed: &'a str,
    #[wire(prefix = u64)]
    owned: String,
    #[wire(prefix = u64)]
    shared: Bytes,
}

/// The fault of `input`, and the most bytes that were allocated at one time while it was found.
fn fault_of<'a, T: Parse<'a> + Wire<Context = ()>>(input: &'a [u8]) -> (Option<Fault>, u64) {
    let mut fault = None;
    let used = measure(|| {
        if let Err(nom::Err::Error(error)) = T::parse(input) {
            fault = Some(error.fault);
        }
    });
    (fault, used.bytes_max)
}

#[test]
fn six_bytes_with_a_hostile_count_are_an_error() {
    // deku 0.20.3 aborts on these: "memory allocation of 68719476720 bytes failed".
    let input = [0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00];
    assert_eq!(fault_of::<Pairs>(&input), (Some(Fault::Short), 0));
}

#[test]
fn eight_bytes_with_a_hostile_count_are_an_error() {
    // binrw 0.15.2 panics on these: "capacity overflow".
    assert_eq!(fault_of::<Block>(&[0xFF; 8]), (Some(Fault::Short), 0));
}

#[test]
fn a_count_of_nothing_is_bounded_by_its_limit() {
    let thousand = 1000_u32.to_be_bytes();
    let (_, value) = Nothing::parse(&thousand).expect("the last count that is allowed");
    assert_eq!(value.items.len(), 1000);
    let more = 1001_u32.to_be_bytes();
    assert_eq!(fault_of::<Nothing>(&more), (Some(Fault::Count), 0));
}

#[test]
fn a_hostile_length_is_an_error_in_every_kind_of_text() {
    let hostile = [0xFF; 8];
    let empty = [0x00; 8];
    for input in [hostile.to_vec(), [empty, hostile].concat(), [empty, empty, hostile].concat()] {
        assert_eq!(fault_of::<Texts<'_>>(&input), (Some(Fault::Short), 0));
    }
}

#[test]
fn trees_are_thirty_two_levels_deep_and_no_more() {
    // A root with one branch, which has one branch …, and a leaf.
    let deep = |levels: usize| [vec![1; levels], vec![0]].concat();
    assert!(Tree::parse(&deep(32)).is_ok());
    assert_eq!(fault_of::<Tree>(&deep(33)).0, Some(Fault::Depth));
    assert_eq!(fault_of::<Tree>(&vec![1; 1_000_000]).0, Some(Fault::Depth));
}

#[test]
fn chains_are_thirty_two_links_long_and_no_more() {
    let long = |links: usize| [vec![1; links], vec![0]].concat();
    assert!(Chain::parse(&long(32)).is_ok());
    assert_eq!(fault_of::<Chain>(&long(33)).0, Some(Fault::Depth));
}

#[test]
fn wide_trees_take_a_bounded_multiple_of_their_bytes() {
    // 255 branches each with 255 leaves: one byte of input per node.
    let input: Vec<u8> = std::iter::once(255)
        .chain((0..255).flat_map(|_| std::iter::once(255).chain([0; 255])))
        .collect();
    let (fault, most) = fault_of::<Tree>(&input);
    assert_eq!(fault, None);
    // A `Vec` header for each byte, and at most as much again while a list grows.
    assert!(most <= 64 * input.len() as u64, "{most} bytes for {}", input.len());
}

/// A frame of up to sixteen mebibytes.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(max_frame_length = 16 * 1024 * 1024)]
struct Large {
    #[wire(length_of = payload)]
    length: Auto<u32>,
    payload: Bytes,
}

#[test]
fn a_frame_that_announces_its_limit_takes_little_memory() {
    let mut stream = BytesMut::from(&[0x00, 0xFF, 0x00, 0x00, 0x01][..]);
    let mut decoder = Decoder::<Large>::new();
    let used = measure(|| assert_eq!(decoder.decode(&mut stream), None));
    assert!(used.bytes_total <= 128 * 1024, "{} bytes for five", used.bytes_total);
}

#[test]
fn garbage_is_searched_once_and_kept_in_part() {
    let garbage = vec![0x00; 1_000_000];
    let mut stream = BytesMut::from(&garbage[..]);
    let mut decoder = Decoder::<Packet>::new();
    let used = measure(|| while let Some(Err(_)) = decoder.decode(&mut stream) {});
    assert!(used.bytes_max < 65_536, "{} bytes for garbage", used.bytes_max);
}

#[test]
fn nested_counts_in_a_frame_are_bounded_by_the_frame() {
    // A report whose records announce 255 motors, 255 battery systems, and bring none.
    for record in [[0x02, 0xFF], [0x08, 0xFF], [0x09, 0xFF]] {
        let body = [&[16, 1, 1, 2, 59, 0][..], &record].concat();
        let mut frame = b"##\x02\xFE1G1BL52P7TR115520\x01\x00\x08".to_vec();
        frame.extend_from_slice(&body);
        frame.push(frame[2..].iter().fold(0, |sum, byte| sum ^ byte));
        let mut fault = None;
        let used = measure(|| {
            fault = samples::decoded::<gb32960::Message>(&frame).err().map(|error| error.fault);
        });
        assert_eq!(fault, Some(Fault::Short));
        assert!(used.bytes_max < 1024, "{} bytes", used.bytes_max);
    }
}
