//! Checksums that need no table.

use crate::scope::Endian;

/// Exclusive or of all bytes.
#[inline(always)]
#[must_use]
pub fn xor8(span: &[u8], _: Endian) -> u8 {
    let (words, tail) = span.as_chunks();
    let word = words.iter().fold(0, |sum, word| sum ^ u64::from_le_bytes(*word));
    // The last word of the span ends with the tail.
    let (word, tail) = match span.last_chunk() {
        Some(last) => {
            // Less by one byte first, or nothing of eight would be left to shift.
            let last = u64::from_le_bytes(*last) >> 8 >> (56 - 8 * (tail.len() % 8));
            (word ^ last, &[][..])
        }
        None => (word, tail),
    };
    let halves = word ^ (word >> 32);
    let quarters = halves ^ (halves >> 16);
    let [low, high, ..] = quarters.to_le_bytes();
    tail.iter().fold(low ^ high, |sum, byte| sum ^ byte)
}

/// [`xor8`] with a hole.
#[inline]
#[must_use]
pub fn xor8_around(before: &[u8], _: usize, after: &[u8], endian: Endian) -> u8 {
    xor8(before, endian) ^ xor8(after, endian)
}

/// Exclusive or of all 16-bit words; a last odd byte is a word that is filled up with a zero byte.
#[inline(always)]
#[must_use]
pub fn xor16(span: &[u8], endian: Endian) -> u16 {
    order(columns(span), endian)
}

/// [`xor16`] with a hole.
#[inline]
#[must_use]
pub fn xor16_around(before: &[u8], hole: usize, after: &[u8], endian: Endian) -> u16 {
    let after_columns = columns(after);
    let odd = (before.len() ^ hole) & 1 == 1;
    let aligned = if odd { after_columns.swap_bytes() } else { after_columns };
    order(columns(before) ^ aligned, endian)
}

/// The exclusive or of the words as they lie in memory.
#[inline(always)]
fn columns(span: &[u8]) -> u16 {
    let (words, tail) = span.as_chunks();
    let word = words.iter().fold(0, |sum, word| sum ^ u64::from_ne_bytes(*word));
    let halves = word ^ (word >> 32);
    let quarters = halves ^ (halves >> 16);
    let [low, high, ..] = quarters.to_le_bytes();
    let folded = u16::from_le_bytes([low, high]);
    let (pairs, last) = tail.as_chunks();
    let sum = pairs.iter().fold(folded, |sum, pair| sum ^ u16::from_ne_bytes(*pair));
    match last {
        [byte] => sum ^ u16::from_ne_bytes([*byte, 0]),
        _ => sum,
    }
}

/// A word as it lies in memory, as a number in this byte order.
#[inline(always)]
fn order(word: u16, endian: Endian) -> u16 {
    match endian {
        Endian::Big => u16::from_be(word),
        Endian::Little => u16::from_le(word),
    }
}

/// Sum of all bytes modulo 256. One addition a byte, which compilers turn into sixteen at a time.
#[inline]
#[must_use]
pub fn sum8(span: &[u8], _: Endian) -> u8 {
    span.iter().fold(0, |sum: u8, byte| sum.wrapping_add(*byte))
}

/// [`sum8`] with a hole.
#[inline]
#[must_use]
pub fn sum8_around(before: &[u8], _: usize, after: &[u8], endian: Endian) -> u8 {
    sum8(before, endian).wrapping_add(sum8(after, endian))
}

/// Sum of all bytes modulo 65,536.
#[inline]
#[must_use]
pub fn sum16(span: &[u8], _: Endian) -> u16 {
    span.iter().fold(0, |sum: u16, byte| sum.wrapping_add(u16::from(*byte)))
}

/// [`sum16`] with a hole.
#[inline]
#[must_use]
pub fn sum16_around(before: &[u8], _: usize, after: &[u8], endian: Endian) -> u16 {
    sum16(before, endian).wrapping_add(sum16(after, endian))
}

/// The checksum of IP, UDP and TCP, RFC 1071: "the 16-bit 1's complement sum is computed over the
/// octets concerned, and the 1's complement of this sum". A last odd byte is filled up with zero.
#[inline]
#[must_use]
pub fn internet(span: &[u8], endian: Endian) -> u16 {
    order(!carried(ones_sum(span)), endian)
}

/// [`internet`] with a hole.
#[inline]
#[must_use]
pub fn internet_around(before: &[u8], hole: usize, after: &[u8], endian: Endian) -> u16 {
    let after_sum = carried(ones_sum(after));
    // RFC 1071, section 2 (B): a sum whose bytes begin at the other column is the sum byte-swapped.
    let odd = (before.len() ^ hole) & 1 == 1;
    let aligned = if odd { after_sum.swap_bytes() } else { after_sum };
    let total = u64::from(carried(ones_sum(before))) + u64::from(aligned);
    order(!carried(total), endian)
}

/// The sum of the words as they lie in memory, four bytes at a time (RFC 1071, section 2 (C)).
#[inline]
fn ones_sum(span: &[u8]) -> u64 {
    let (words, tail) = span.as_chunks();
    let sum = words.iter().fold(0u64, |sum, word| {
        // One carry for each overflow of 2^64, which takes 2^32 words: it cannot happen here.
        sum.wrapping_add(u64::from(u32::from_ne_bytes(*word)))
    });
    let last = match tail {
        [a, b, c] => [*a, *b, *c, 0],
        [a, b] => [*a, *b, 0, 0],
        [a] => [*a, 0, 0, 0],
        _ => [0; 4],
    };
    sum.wrapping_add(u64::from(u32::from_ne_bytes(last)))
}

/// The carries of a one's complement sum added back in, until 16 bits are left.
#[inline]
fn carried(sum: u64) -> u16 {
    let sum = (sum >> 32) + (sum & 0xffff_ffff);
    let sum = (sum >> 32) + (sum & 0xffff_ffff);
    let sum = (sum >> 16) + (sum & 0xffff);
    let sum = (sum >> 16) + (sum & 0xffff);
    let sum = (sum >> 16) + (sum & 0xffff);
    let [low, high, ..] = sum.to_le_bytes();
    u16::from_le_bytes([low, high])
}

/// Adler-32, RFC 1950, section 8.2: two sums modulo 65521, "s1 is the sum of all bytes, s2 is the
/// sum of all s1 values", "s1 is initialized to 1, s2 to zero".
#[inline]
#[must_use]
pub fn adler32(span: &[u8], _: Endian) -> u32 {
    Adler::default().over(span).value()
}

/// [`adler32`] with a hole.
#[must_use]
pub fn adler32_around(before: &[u8], hole: usize, after: &[u8], _: Endian) -> u32 {
    Adler::default().over(before).over_zeros(hole).over(after).value()
}

/// RFC 1950, section 8.2: "the largest prime smaller than 65536".
const ADLER_MODULUS: u32 = 65_521;

/// Bytes at a time, and such steps before the sums must be reduced: 345 × 16 bytes of 255 on top of
/// two reduced sums stay below 2^32.
const ADLER_STEP: usize = 16;
const ADLER_STEPS: usize = 345;

struct Adler {
    sum: u32,
    sums: u32,
}

impl Default for Adler {
    fn default() -> Self {
        Self { sum: 1, sums: 0 }
    }
}

impl Adler {
    fn over(mut self, span: &[u8]) -> Self {
        let (steps, tail) = span.as_chunks::<ADLER_STEP>();
        for block in steps.chunks(ADLER_STEPS) {
            for step in block {
                let weighted = step.iter().zip((1..=16).rev());
                self.sums += 16 * self.sum;
                self.sums += weighted.map(|(byte, weight)| weight * u32::from(*byte)).sum::<u32>();
                self.sum += step.iter().map(|byte| u32::from(*byte)).sum::<u32>();
            }
            self.reduce();
        }
        for byte in tail {
            self.sum += u32::from(*byte);
            self.sums += self.sum;
        }
        self.reduce();
        self
    }

    /// Zeros leave the first sum as it is and add it to the second once each.
    fn over_zeros(mut self, count: usize) -> Self {
        for _ in 0..count {
            self.sums = (self.sums + self.sum) % ADLER_MODULUS;
        }
        self
    }

    fn reduce(&mut self) {
        self.sum %= ADLER_MODULUS;
        self.sums %= ADLER_MODULUS;
    }

    fn value(self) -> u32 {
        self.sums << 16 | self.sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checksum::with_hole;
    use alloc::vec::Vec;

    const BIG: Endian = Endian::Big;

    fn bytes(len: usize) -> Vec<u8> {
        (0..len).map(|index| u8::try_from((index * 37 + 211) % 256).unwrap()).collect()
    }

    #[test]
    fn xor_and_sum_are_what_a_loop_gives_at_every_length() {
        for len in 0..70 {
            let span = bytes(len);
            let pair = |pair: &[u8]| (pair[0], pair.get(1).copied().unwrap_or(0));
            let (mut first, mut second) = (0, 0);
            for (a, b) in span.chunks(2).map(pair) {
                (first, second) = (first ^ a, second ^ b);
            }
            assert_eq!(xor8(&span, BIG), first ^ second, "{len}");
            assert_eq!(xor16(&span, BIG).to_be_bytes(), [first, second], "{len}");
            assert_eq!(xor16(&span, Endian::Little).to_le_bytes(), [first, second], "{len}");
            let sum: u32 = span.iter().map(|byte| u32::from(*byte)).sum();
            assert_eq!(u32::from(sum16(&span, BIG)), sum % 65_536, "{len}");
            assert_eq!(u32::from(sum8(&span, BIG)), sum % 256, "{len}");
        }
    }

    /// RFC 1071, section 3: the bytes 00 01 f2 03 f4 f5 f6 f7 sum to ddf2.
    #[test]
    fn internet_gives_the_example_of_the_rfc() {
        let span = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
        assert_eq!(internet(&span, BIG), !0xddf2);
        assert_eq!(internet(&span, Endian::Little), (!0xddf2_u16).swap_bytes());
        assert_eq!(internet(&[], BIG), 0xffff);
        assert_eq!(internet(&[0x01], BIG), !0x0100);
    }

    #[test]
    fn internet_carries_around() {
        for len in 0..70 {
            let span = bytes(len);
            let mut sum = 0u32;
            for word in span.chunks(2) {
                sum += u32::from(word[0]) * 256 + word.get(1).copied().map_or(0, u32::from);
                sum = (sum & 0xffff) + (sum >> 16);
            }
            assert_eq!(u32::from(internet(&span, BIG)), sum ^ 0xffff, "{len}");
        }
        assert_eq!(internet(&[0xff; 65_536], BIG), 0);
    }

    /// The value of "Wikipedia" in the article "Adler-32"; 11e60398.
    #[test]
    fn adler_gives_known_values() {
        assert_eq!(adler32(b"", BIG), 1);
        assert_eq!(adler32(b"Wikipedia", BIG), 0x11e6_0398);
        let span = [0xff; 100_003];
        let (mut sum, mut sums) = (1u64, 0u64);
        for byte in span {
            sum = (sum + u64::from(byte)) % 65_521;
            sums = (sums + sum) % 65_521;
        }
        assert_eq!(u64::from(adler32(&span, BIG)), sums << 16 | sum);
    }

    #[test]
    fn a_hole_counts_as_zeros_wherever_it_stands() {
        let span = bytes(41);
        for start in 0..span.len() {
            for hole in [0, 1, 2, 4] {
                let (before, after) = span.split_at(start);
                let whole = with_hole(before, hole, after);
                assert_eq!(xor8_around(before, hole, after, BIG), xor8(&whole, BIG));
                assert_eq!(xor16_around(before, hole, after, BIG), xor16(&whole, BIG));
                assert_eq!(sum8_around(before, hole, after, BIG), sum8(&whole, BIG));
                assert_eq!(sum16_around(before, hole, after, BIG), sum16(&whole, BIG));
                assert_eq!(internet_around(before, hole, after, BIG), internet(&whole, BIG));
                assert_eq!(adler32_around(before, hole, after, BIG), adler32(&whole, BIG));
            }
        }
    }
}
