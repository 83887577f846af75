//! Numbers in widths and codes that Rust does not have.

use longlink::codec::Fault;
use longlink::{Auto, Bytes, CivilTime, Digits, Parse, Wire};

use super::{holds, refused};

#[derive(Debug, Clone, PartialEq, Wire)]
#[wire(endian = little)]
struct Odd {
    #[wire(as = u24)]
    three: u32,
    #[wire(as = i24)]
    signed: i32,
    #[wire(as = u40)]
    five: u64,
    #[wire(as = u48, endian = big)]
    six: u64,
    half: f32,
    flag: bool,
}

/// Parentheses mean nothing: a macro may have put them there.
#[allow(unused_parens)]
#[derive(Debug, Clone, PartialEq, Wire)]
struct InParentheses {
    #[wire(as = u24)]
    three: (u32),
    behind: u8,
}

/// The number was taken for one of four bytes, and took the next field's byte.
#[test]
fn an_odd_width_may_stand_in_parentheses() {
    holds(&InParentheses { three: 0x01_0203, behind: 4 }, "010203 04");
}

#[test]
fn odd_widths_stand_in_their_byte_order() {
    let value = Odd {
        three: 0x01_0203,
        signed: -2,
        five: 0x01_0203_0405,
        six: 0x0102_0304_0506,
        half: 0.5,
        flag: true,
    };
    holds(&value, "030201 FEFFFF 0504030201 010203040506 0000003F 01");
    assert_eq!(
        refused::<Odd>("030201 FEFFFF 0504030201 010203040506 0000003F 02").0,
        Fault::Invalid
    );
    let mut out = longlink::BytesMut::new();
    let large = Odd { three: 0x0100_0000, ..value };
    assert_eq!(
        large.encode(&mut out),
        Err(longlink::EncodeError::TooLarge {
            field: "Odd.three",
            value: 0x0100_0000,
            max: 0x00FF_FFFF
        })
    );
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Variable {
    #[wire(varint = leb128)]
    leb: u64,
    #[wire(varint = vlq)]
    vlq: u32,
    #[wire(varint = zigzag)]
    zigzag: i32,
    #[wire(varint = ber)]
    ber: u32,
}

#[test]
fn varints_have_their_shortest_form() {
    let value = Variable { leb: 300, vlq: 0x4000, zigzag: -3, ber: 201 };
    holds(&value, "AC02 818000 05 81C9");
    // 0 in two bytes: overlong.
    assert_eq!(refused::<Variable>("8000 00 00 00"), (Fault::Varint, 0));
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Sized {
    width: u8,
    #[wire(size = width)]
    value: u64,
}

#[test]
fn a_width_may_be_chosen_at_run_time() {
    holds(&Sized { width: 3, value: 0x01_0203 }, "03 010203");
    holds(&Sized { width: 1, value: 0xFF }, "01 FF");
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Civil {
    #[wire(bcd, size = 3)]
    digits: Digits,
    #[wire(timestamp = bcd_yymmddhhmmss)]
    coded: CivilTime,
    #[wire(timestamp = unix_ms)]
    at: u64,
    #[wire(as = i16, scale = 0.5, offset = -10.0)]
    temperature: f32,
}

#[test]
fn civil_values_keep_their_raw_form() {
    let value = Civil {
        digits: "012345".parse::<Digits>().unwrap(),
        coded: CivilTime::from_bcd([0x26, 0x11, 0x22, 0x19, 0x30, 0x00]),
        at: 1_000,
        temperature: -10.5,
    };
    holds(&value, "012345 261122193000 00000000000003E8 FFFF");
    assert_eq!(refused::<Civil>("01A345 261122193000 00000000000003E8 FFFF").0, Fault::Digits);
}

#[derive(Debug, Clone, PartialEq, Wire)]
#[wire(endian = little)]
struct Sums {
    #[wire(checksum = crc_32_iso_hdlc, over = first..=second)]
    crc: Auto<u32>,
    first: u16,
    second: u16,
    third: u8,
    #[wire(checksum = internet, over = first..self, endian = big)]
    sum: Auto<u16>,
}

#[test]
fn a_checksum_may_stand_before_its_span() {
    let crc = crc32(&[1, 0, 2, 0]);
    let sum = !(0x0100_u32 + 0x0200 + 0x0300) as u16;
    let hex = format!(
        "{} 0100 0200 03 {:04X}",
        crc.to_le_bytes().map(|byte| format!("{byte:02X}")).concat(),
        sum
    );
    holds(&Sums::new(1, 2, 3), &hex);
}

/// CRC-32 bit by bit: ISO-HDLC, polynomial 0x04C11DB7 reflected.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

/// A header whose length somebody else knows.
#[derive(Debug, Clone, PartialEq, Wire)]
struct Head {
    kind: u8,
    #[wire(varint = leb128)]
    len: Auto<u32>,
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Parcel {
    head: Head,
    #[wire(length_in = head.len)]
    body: Bytes,
}

/// The same one level deeper, behind a varint of its own, which counts the header.
#[derive(Debug, Clone, PartialEq, Wire)]
struct Cover {
    mark: u8,
    head: Head,
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Covered {
    #[wire(varint = vlq, length_of = total..)]
    total: Auto<u32>,
    cover: Cover,
    #[wire(length_in = cover.head.len)]
    body: Bytes,
}

#[test]
fn a_varint_in_a_nested_header_counts_with_the_value_that_is_handed_down() {
    let head = || Head { kind: 5, len: Auto::Derived };
    for len in [0usize, 127, 128, 300] {
        let body = Bytes::from(vec![7; len]);
        let width = if len < 128 { 1 } else { 2 };
        let parcel = Parcel { head: head(), body: body.clone() };
        assert_eq!(parcel.encoded_len(), 1 + width + len);
        assert_eq!(crate::samples::encoded(&parcel).len(), 1 + width + len);

        let cover = Cover { mark: 9, head: head() };
        let covered = Covered { total: Auto::Derived, cover, body };
        let bytes = crate::samples::encoded(&covered);
        let total = 2 + width + len + if 2 + width + len < 127 { 1 } else { 2 };
        assert_eq!((bytes.len(), covered.encoded_len()), (total, total));
        assert_eq!(Covered::parse(&bytes), Ok((&[][..], covered)));
    }
}

/// A nested type without a free field.
#[derive(Debug, Clone, PartialEq, Wire)]
struct Preamble {
    #[wire(magic = b"ab")]
    mark: (),
    len: Auto<u8>,
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Letter {
    #[wire(fixed = Preamble::new())]
    preamble: Preamble,
    #[wire(length_in = preamble.len)]
    body: Bytes,
}

#[test]
fn new_leaves_out_what_is_fixed() {
    holds(&Letter::new(Bytes::from_static(b"xyz")), "6162 03 78797A");
}
