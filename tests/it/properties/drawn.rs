//! What `derive(Arbitrary)` draws: every kind of field within its bounds, every variant, and the
//! mutants' own words.

use std::collections::BTreeSet;

use longlink::arbitrary::{Expected, Unstructured, Wrong, mutants, value, values, values_with};
use longlink::codec::{Fault, Tagged};
use longlink::{Arbitrary, Auto, Bytes, CivilTime, Digits, Frame, Lazy, Parse, Wire};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use proptest::{prop_assert, prop_assert_eq, proptest};

use crate::samples::encoded;

#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Numbers {
    #[wire(as = u24)]
    wide: u32,
    #[wire(valid = -3..=4)]
    near: i16,
    #[wire(valid = 7)]
    seven: u8,
    #[wire(valid = 1 | 200..)]
    either: u8,
    #[wire(valid = even % 2 == 0)]
    even: u32,
    #[wire(bits = 3)]
    three: u8,
    #[wire(bits = 4, valid = 2..7)]
    some: i8,
    #[wire(bits = 1)]
    last: bool,
    #[wire(varint = leb128, max_bytes = 2)]
    short: u32,
    #[wire(varint = zigzag)]
    signed: i64,
    width: Width,
    #[wire(size = width.bytes)]
    sized: u64,
    #[wire(decimal, terminated = b"\r\n")]
    decimal: u16,
    #[wire(bcd, size = 2)]
    pair: u16,
    #[wire(as = i16, scale = 0.5, offset = 10)]
    scaled: f64,
    real: f32,
    huge: u128,
    tuple: (u8, i16),
    array: [u16; 3],
    #[wire(map(read = |raw: u8| raw.checked_sub(1), write = |value: &u8| value + 1), as = u8)]
    mapped: u8,
}

#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Width {
    #[wire(valid = 1..=8)]
    bytes: u8,
}

#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Lengths {
    #[wire(prefix = u8)]
    bytes: Vec<u8>,
    #[wire(terminated = 0, max_len = 9)]
    name: String,
    #[wire(size = 6, pad = b' ', trim)]
    padded: String,
    #[wire(size = 5, encoding = "ascii")]
    exact: String,
    #[wire(size = 6, encoding = "utf-16le")]
    wide: String,
    #[wire(prefix = u8, encoding = "latin1")]
    latin: String,
    #[wire(bcd, size = 3)]
    digits: Digits,
    #[wire(timestamp = cp56time2a)]
    at: CivilTime,
    #[wire(bits = 4, length_of = options, unit = 4, bias = 8)]
    words: Auto<u8>,
    #[wire(bits = 4)]
    flags: u8,
    options: Bytes,
    count: u8,
    #[wire(count = count)]
    counted: Vec<u16>,
    #[wire(size = 8)]
    sized: Vec<Item>,
    #[wire(until = |item| item.last)]
    until: Vec<Item>,
    #[wire(count_prefix = u8, max_count = 3)]
    few: Vec<Item>,
    more: bool,
    #[wire(present_if = more)]
    extra: Option<u32>,
    #[wire(rest)]
    tail: Bytes,
}

#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Item {
    last: bool,
    #[wire(prefix = u8)]
    text: String,
}

#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
#[repr(u8)]
enum Tree {
    Leaf(u8) = 1,
    Both(Box<Tree>, Box<Tree>) = 2,
    Many(#[wire(count_prefix = u8)] Vec<Tree>) = 3,
}

#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Borrowed<'a> {
    #[wire(prefix = u8)]
    bytes: &'a [u8],
    #[wire(prefix = u8)]
    text: &'a str,
    #[wire(count_prefix = u8)]
    ports: Lazy<'a, u16>,
}

#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
#[wire(ctx(version: u8))]
struct Gated {
    #[wire(version = 2..)]
    since_two: Option<u16>,
    always: u8,
}

#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Chosen {
    vendor: u8,
    #[wire(select = vendor % 4)]
    body: Choice,
}

#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
enum Choice {
    #[wire(tag = 1)]
    One(u8),
    #[wire(tag = 2..=3)]
    More {
        #[wire(tag)]
        tag: u8,
    },
    #[wire(other)]
    Unknown {
        #[wire(tag)]
        tag: u8,
        #[wire(rest)]
        raw: Bytes,
    },
}

#[derive(Debug, Clone, PartialEq, Frame, Arbitrary)]
#[wire(max_frame_length = 64)]
struct Small {
    #[wire(length_of = ..)]
    length: Auto<u8>,
    #[wire(tag_of = body)]
    kind: Auto<u8>,
    body: Choice,
    #[wire(checksum = crc_16_modbus, over = ..self)]
    check: Auto<u16>,
}

/// The value is what its bytes are read as.
#[track_caller]
fn survives<T>(value: &T)
where
    T: Wire<Context = ()> + for<'a> Parse<'a> + PartialEq + std::fmt::Debug,
{
    let bytes = encoded(value);
    match T::parse(&bytes) {
        Ok(([], again)) => assert_eq!(&again, value),
        other => panic!("{other:?} of {bytes:02X?}"),
    }
}

proptest! {
    #[test]
    fn numbers_stay_in_their_ranges(value in values::<Numbers>()) {
        prop_assert_eq!(value.seven, 7);
        prop_assert!((-3..=4).contains(&value.near) && (2..7).contains(&value.some));
        prop_assert!(value.either == 1 || value.either >= 200);
        survives(&value);
    }

    #[test]
    fn lengths_and_counts_hold(value in values::<Lengths>()) {
        survives(&value);
    }

    #[test]
    fn trees_end(value in values::<Tree>()) {
        survives(&value);
    }

    #[test]
    fn context_decides_what_is_there(value in values_with::<Gated, _>(GatedContext { version: 2 })) {
        prop_assert!(value.since_two.is_some());
    }

    #[test]
    fn a_selected_variant_is_the_selected_one(value in values::<Chosen>()) {
        prop_assert_eq!(u64::from(value.vendor % 4), value.body.tag());
        survives(&value);
    }

    #[test]
    fn a_small_frame_stays_within_its_limit(value in values::<Small>()) {
        let frame = encoded(&value);
        prop_assert!(frame.len() <= 64);
        prop_assert_eq!(Small::decode(&frame), Ok(value));
    }
}

#[test]
fn borrowed_values_are_slices_of_the_source() {
    let source: Vec<u8> = (0..200_u32).map(|n| (n * 7 % 96 + 32) as u8).collect();
    let value: Borrowed<'_> = value(&mut Unstructured::new(&source), &()).unwrap();
    let bytes = encoded(&value);
    assert_eq!(Borrowed::parse(&bytes), Ok((&[][..], value.clone())));
    assert!(value.text.is_empty() || source.as_ptr_range().contains(&value.text.as_ptr()));
}

#[test]
fn every_variant_comes() {
    let mut runner = TestRunner::deterministic();
    let strategy = values::<Small>();
    let tags: BTreeSet<u64> = (0..200)
        .map(|_| strategy.new_tree(&mut runner).unwrap().current().body.tag().clamp(1, 4))
        .collect();
    assert_eq!(tags, [1, 2, 3, 4].into());
}

#[test]
fn values_shrink_to_the_simplest() {
    let mut tree = values::<Small>().new_tree(&mut TestRunner::deterministic()).unwrap();
    while tree.simplify() {}
    assert_eq!(tree.current(), Small::new(Choice::One(0)));
}

#[test]
fn mutants_say_what_is_wrong_and_are_refused_for_it() {
    let mut runner = TestRunner::deterministic();
    let strategy = mutants::<Small>();
    let mut seen = BTreeSet::new();
    for _ in 0..400 {
        let (value, mutant) = strategy.new_tree(&mut runner).unwrap().current();
        let read = Small::decode(&mutant.bytes);
        assert!(mutant.expected.holds(&value, &read), "{mutant:02X?}: {read:?}");
        seen.insert(format!("{:?} {:?}", mutant.wrong, mutant.expected));
    }
    let expected = [
        "Derived(Checksum) Fault(Checksum)",
        "Derived(Length) Malformed",
        "Derived(Tag) Different",
        "Flipped Malformed",
        "Truncated Malformed",
    ];
    assert_eq!(seen, expected.map(String::from).into());
}

#[test]
fn an_expectation_can_fail() {
    let value = Small::new(Choice::One(0));
    let error = Small::decode(&[0]).unwrap_err();
    assert!(!Expected::Fault(Fault::Checksum).holds(&value, &Err(error)));
    assert!(!Expected::Malformed.holds(&value, &Ok(value.clone())));
    assert!(!Expected::Different.holds(&value, &Ok(value.clone())));
    assert!(Expected::Different.holds(&value, &Ok(Small::new(Choice::One(1)))));
    assert_ne!(Wrong::Flipped, Wrong::Truncated);
}
