//! Checksums: the algorithms without a catalogue, what a wrong one leads to, their own place.

use longlink::codec::Fault;
use longlink::{Auto, Wire};

use crate::shapes::{holds, refused};

#[derive(Debug, Clone, PartialEq, Wire)]
struct Strict {
    data: [u8; 2],
    #[wire(checksum = sum8, over = data)]
    sum: Auto<u8>,
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Warned {
    data: [u8; 2],
    #[wire(checksum = sum8, over = data, verify = warn)]
    sum: Auto<u8>,
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Unchecked {
    data: [u8; 2],
    #[wire(checksum = sum8, over = data, verify = off)]
    sum: Auto<u8>,
}

#[test]
fn a_wrong_sum_is_refused_or_kept() {
    let data = [0xFF, 2];
    holds(&Strict::new(data), "FF02 01");
    assert_eq!(refused::<Strict>("FF02 02"), (Fault::Checksum, 2));
    holds(&Warned::new(data), "FF02 01");
    holds(&Warned { data, sum: Auto::Set(2) }, "FF02 02");
    holds(&Unchecked::new(data), "FF02 01");
    holds(&Unchecked { data, sum: Auto::Set(2) }, "FF02 02");
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Long {
    data: [u8; 9],
    #[wire(checksum = adler32, over = data)]
    adler: Auto<u32>,
    #[wire(endian = little, checksum = sum16, over = data)]
    sum: Auto<u16>,
    #[wire(checksum = xor16, over = data..=adler)]
    words: Auto<u16>,
    #[wire(checksum = parity, over = data)]
    odd: Auto<u8>,
}

/// Odd bits.
fn parity(span: &[u8]) -> u8 {
    (span.iter().map(|byte| byte.count_ones()).sum::<u32>() % 2) as u8
}

#[test]
fn each_algorithm_has_its_published_value() {
    // RFC 1950's algorithm over "Wikipedia" is 0x11E60398; its letters add up to 0x397.
    let text = "57696B697065646961";
    let words = "5769 6B69 7065 6469 6111 E603 9800";
    let xor = words.split(' ').map(|word| u16::from_str_radix(word, 16).unwrap());
    let xor = xor.fold(0, |sum, word| sum ^ word);
    let value = Long::new(*b"Wikipedia");
    holds(&value, &format!("{text} 11E60398 9703 {xor:04X} 01"));
    assert_eq!(
        refused::<Long>(&format!("{text} 11E60399 9703 {xor:04X} 01")),
        (Fault::Checksum, 9)
    );
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Namesakes {
    parity: u8,
    #[wire(checksum = crc_8_smbus, over = ..self)]
    crc_8_smbus: Auto<u8>,
    #[wire(checksum = xor8, over = ..self)]
    xor8: Auto<u8>,
    #[wire(checksum = parity, over = ..self)]
    odd: Auto<u8>,
}

#[test]
fn a_field_may_have_the_name_of_a_sum() {
    // x^8 + x^2 + x + 1: 7 is the remainder of one.
    holds(&Namesakes::new(1), "01 07 06 00");
    assert_eq!(refused::<Namesakes>("01 07 06 01"), (Fault::Checksum, 3));
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Inside {
    before: u8,
    #[wire(checksum = sum8, over = ..)]
    sum: Auto<u8>,
    behind: u8,
}

#[test]
fn inside_its_own_span_a_sum_counts_as_zeros() {
    holds(&Inside::new(1, 2), "01 03 02");
    assert_eq!(refused::<Inside>("01 06 02"), (Fault::Checksum, 1));
}
