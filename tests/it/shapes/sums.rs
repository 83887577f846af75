//! Exclusive or over fields of every width, at odd and even places.

use longlink::codec::EncodeError;
use longlink::{Auto, BytesMut, Wire};

use super::{encoded, hexadecimal, holds};

/// Pieces of one to eleven bytes, all behind the first at odd offsets; the sum from the first byte.
#[derive(Debug, Clone, PartialEq, Wire)]
#[wire(endian = big)]
struct Whole {
    kind: u8,
    wide: u64,
    pair: u16,
    id: [u8; 11],
    #[wire(bits = 4)]
    high: u8,
    #[wire(bits = 4)]
    low: u8,
    #[wire(fixed = 0x0du8)]
    mark: (),
    #[wire(pad_before = 1)]
    last: u8,
    #[wire(checksum = xor16, over = ..self)]
    sum: Auto<u16>,
}

/// The same bytes, the sum from the second one, least significant byte first.
#[derive(Debug, Clone, PartialEq, Wire)]
#[wire(endian = little)]
struct Part {
    kind: u8,
    wide: u64,
    pair: u16,
    id: [u8; 11],
    rest: [u8; 4],
    #[wire(checksum = xor16, over = wide..self)]
    sum: Auto<u16>,
    #[wire(checksum = xor8, over = wide..=rest)]
    byte: Auto<u8>,
}

const ID: [u8; 11] = [0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a];

#[test]
fn words_begin_where_the_span_begins() {
    let whole = Whole::new(1, 0x0203_0405_0607_0809, 0x0a0b, ID, 0xc, 3, 0xdc);
    holds(&whole, "01 0203040506070809 0a0b 101112131415161718191a c3 0d 00 dc d8d1");
    let part = Part::new(1, 0x0908_0706_0504_0302, 0x0b0a, ID, [0xc3, 0x0d, 0x00, 0xdc]);
    holds(&part, "01 0203040506070809 0a0b 101112131415161718191a c3 0d 00 dc d1d9 08");
}

#[test]
fn an_override_is_written_as_it_is() {
    let mut part = Part::new(1, 2, 3, ID, [0; 4]);
    part.sum = Auto::Set(0x1234);
    part.byte = Auto::Set(0x56);
    let out = encoded(&part);
    assert_eq!(hexadecimal(&out[26..]), "341256");
}

/// An item of a list that is written in blocks of many.
#[derive(Debug, Clone, PartialEq, Wire)]
struct Item {
    number: u32,
    #[wire(bits = 12)]
    level: u16,
    #[wire(bits = 4)]
    state: u8,
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Items {
    #[wire(count_prefix = u16)]
    items: Vec<Item>,
    end: u8,
}

fn items(count: u32) -> Items {
    let item = |number: u32| Item { number, level: (number % 4096) as u16, state: 5 };
    Items { items: (0..count).map(item).collect(), end: 0xee }
}

#[test]
fn lists_longer_than_a_block_are_whole() {
    for count in [0, 1, 332, 333, 334, 700] {
        let mut expected = format!("{count:04X}");
        for number in 0..count {
            expected.push_str(&format!("{number:08X}{:04X}", (number % 4096) << 4 | 5));
        }
        expected.push_str("EE");
        holds(&items(count), &expected);
    }
}

#[test]
fn a_bad_item_in_a_later_block_leaves_the_output_alone() {
    let mut list = items(700);
    list.items[600].state = 16;
    let mut out = BytesMut::from(&[0xa5][..]);
    let error = EncodeError::TooLarge { field: "Item.state", value: 16, max: 15 };
    assert_eq!((list.encode(&mut out), &out[..]), (Err(error), &[0xa5][..]));
}
