//! Exclusive or out of values that are still in registers, eight bytes at a time.

use crate::checksum::xor16;
use crate::private::run::wide;
use crate::scope::Endian;

/// The bytes at an offset of a span, as a part of the exclusive or of all such parts. Bytes of even
/// offsets stay apart from those of odd ones, so that [`xored8`] and [`xored16`] find their words.
#[inline(always)]
#[must_use]
pub fn lane<const N: usize>(bytes: [u8; N], offset: usize) -> u64 {
    let word = match N {
        0..=8 => wide(bytes, Endian::Little),
        _ => u64::from(xor16(&bytes, Endian::Little)),
    };
    if offset & 1 == 0 { word } else { word.rotate_left(8) }
}

/// [`xor8`](crate::checksum::xor8) out of its lanes.
#[inline(always)]
#[must_use]
pub fn xored8(lanes: u64, endian: Endian) -> u8 {
    let [first, second] = xored16(lanes, endian).to_le_bytes();
    first ^ second
}

/// [`xor16`] out of its lanes.
#[inline(always)]
#[must_use]
pub fn xored16(lanes: u64, endian: Endian) -> u16 {
    let halves = lanes ^ (lanes >> 32);
    let quarters = halves ^ (halves >> 16);
    let [first, second, ..] = quarters.to_le_bytes();
    match endian {
        Endian::Big => u16::from_be_bytes([first, second]),
        Endian::Little => u16::from_le_bytes([first, second]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checksum::xor8;

    /// A span of 23 bytes cut into pieces in every place that a piece of 1, 2, 4, 8 or 10 bytes may
    /// have: the lanes give what the whole gives.
    #[test]
    fn lanes_give_what_the_span_gives() {
        let span: [u8; 23] = core::array::from_fn(|at| u8::try_from(at * 41 % 256).unwrap() ^ 0x5a);
        let single =
            |from: usize, to: usize| (from..to).fold(0, |sum, at| sum ^ lane([span[at]], at));
        fn piece<const N: usize>(span: &[u8], at: usize) -> u64 {
            lane::<N>(span[at..at + N].try_into().unwrap(), at)
        }
        for at in 0..=13 {
            let pieces = [
                (1, piece::<1>(&span, at)),
                (2, piece::<2>(&span, at)),
                (4, piece::<4>(&span, at)),
                (7, piece::<7>(&span, at)),
                (8, piece::<8>(&span, at)),
                (9, piece::<9>(&span, at)),
                (10, piece::<10>(&span, at)),
            ];
            for (len, lane) in pieces {
                let all = single(0, at) ^ lane ^ single(at + len, 23);
                for endian in [Endian::Big, Endian::Little] {
                    assert_eq!(xored16(all, endian), xor16(&span, endian), "{at} {len}");
                    assert_eq!(xored8(all, endian), xor8(&span, endian), "{at} {len}");
                }
            }
        }
    }
}
