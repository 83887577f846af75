//! Tags that are tuples: several integers as one `u64`.
//!
//! Each part has a lane of its own, the first one the highest: 32 bits of two parts, 21 of three, 16
//! of four. Negative parts are two's complement of the lane.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Bits of each part.
#[must_use]
pub const fn lane(parts: u32) -> u32 {
    match parts {
        0 | 1 => 64,
        2 => 32,
        3 => 21,
        _ => 16,
    }
}

/// The part of that index, zero-extended.
#[inline(always)]
#[must_use]
pub const fn part(tag: u64, parts: u32, index: u32) -> u64 {
    let lane = lane(parts);
    if lane == 64 {
        return tag;
    }
    let below = parts.saturating_sub(1).saturating_sub(index);
    match tag.checked_shr(lane * below) {
        Some(tag) => tag & (u64::MAX >> (64 - lane)),
        None => 0,
    }
}

/// As a person writes it: `(0x2, 0x11)`.
#[must_use]
pub(crate) fn shown(tag: u64, parts: u32) -> String {
    let one = |index| format!("{:#x}", part(tag, parts, index));
    match parts {
        0 | 1 => one(0),
        _ => format!("({})", (0..parts).map(one).collect::<Vec<_>>().join(", ")),
    }
}

/// All parts, zero-extended.
#[inline(always)]
#[must_use]
pub fn parts<const N: usize>(tag: u64) -> [u64; N] {
    let count = u32::try_from(N).unwrap_or(u32::MAX);
    let mut indices = 0..count;
    core::array::from_fn(|_| part(tag, count, indices.next().unwrap_or(count)))
}

/// A constant in its lane.
///
/// # Panics
/// At compile time, when the lane does not hold it.
#[must_use]
pub const fn constant(value: u64, parts: u32) -> u64 {
    assert!(fits(value, lane(parts)), "a part of two has up to 32 bits, of three 21, of four 16");
    part(value, parts, parts.saturating_sub(1))
}

/// Some tuple is in both, each part in a range of which both ends belong to it.
#[must_use]
pub const fn overlap(mut left: &[(u64, u64)], mut right: &[(u64, u64)]) -> bool {
    while let ([(first, last), left_rest @ ..], [(other_first, other_last), right_rest @ ..]) =
        (left, right)
    {
        if *last < *other_first || *other_last < *first {
            return false;
        }
        (left, right) = (left_rest, right_rest);
    }
    true
}

/// The tag of these parts; `None` when a lane does not hold its part.
#[inline(always)]
#[must_use]
pub fn joined<const N: usize>(parts: [u64; N]) -> Option<u64> {
    of_parts(&parts)
}

/// The same for any number of parts; one is the tag itself.
#[inline(always)]
pub(crate) fn of_parts(parts: &[u64]) -> Option<u64> {
    if let [tag] = parts {
        return Some(*tag);
    }
    let lane = lane(u32::try_from(parts.len()).unwrap_or(u32::MAX));
    let mut tag = 0;
    for part in parts {
        if !fits(*part, lane) {
            return None;
        }
        tag = tag << lane | *part & (u64::MAX >> (64 - lane));
    }
    Some(tag)
}

/// As an unsigned or a sign-extended number.
const fn fits(value: u64, bits: u32) -> bool {
    let above = value.cast_signed() >> (bits - 1);
    bits >= 64 || value >> bits == 0 || above == -1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_beyond_its_lane_makes_no_tag() {
        assert_eq!(joined([1, u64::from(u32::MAX)]), Some(0x1_ffff_ffff));
        assert_eq!(joined([1, 1 << 32]), None);
        assert_eq!(joined([u64::MAX, 0]), Some(0xffff_ffff_0000_0000));
        assert_eq!(joined([0, 0, 1 << 21]), None);
    }

    #[test]
    fn parts_are_shown_as_a_tuple() {
        assert_eq!(shown(0x2_0000_0011, 2), "(0x2, 0x11)");
        assert_eq!(shown(0x2_0000_0011, 1), "0x200000011");
    }
}
