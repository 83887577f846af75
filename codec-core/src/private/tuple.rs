//! Tuples as tags: see [`crate::tag`].

use super::derived::fit;
use super::whole::Whole;
use crate::auto::Auto;
use crate::error::EncodeError;
use crate::tag::{lane, part};

/// A part in its field's own type.
///
/// # Errors
/// [`EncodeError::TooLarge`] when it does not fit.
#[inline(always)]
pub fn part_value<T: Whole>(
    tag: u64,
    parts: u32,
    index: u32,
    field: &'static str,
) -> Result<T, EncodeError> {
    let value = part(tag, parts, index);
    from_lane(value, lane(parts)).map_or_else(|| fit(value, field), Ok)
}

/// A part that was read, where it is not the one that the value would be written with.
#[inline(always)]
pub fn settle_part<T: Whole>(
    read: T,
    computed: impl Into<Option<u64>>,
    parts: u32,
    index: u32,
) -> Auto<T> {
    let computed = computed.into().and_then(|tag| from_lane(part(tag, parts, index), lane(parts)));
    if Some(read) == computed { Auto::Derived } else { Auto::Set(read) }
}

/// The same for a part that a nested type has read.
#[inline(always)]
pub fn settle_open_part<T: Whole>(
    read: Auto<T>,
    computed: impl Into<Option<u64>>,
    parts: u32,
    index: u32,
) -> Auto<T> {
    match read {
        Auto::Set(read) => settle_part(read, computed, parts, index),
        Auto::Derived => Auto::Derived,
    }
}

#[inline(always)]
fn from_lane<T: Whole>(value: u64, lane: u32) -> Option<T> {
    let unused = 64 - lane;
    let extended = ((value << unused).cast_signed() >> unused).cast_unsigned();
    T::from_u64(value).or_else(|| T::from_u64(extended))
}

macro_rules! tuples {
    ($($parts:literal ($($part:ident $index:tt),+);)*) => { $(
        impl<$($part: Whole),+> Whole for ($($part,)+) {
            type Wide = ($($part::Wide,)+);
            const LARGEST: u64 = {
                $(assert!(
                    $part::LARGEST <= u64::MAX >> (64 - lane($parts)),
                    "a part of two has up to 32 bits, of three 21, of four 16",
                );)+
                0 $(| $part::LARGEST << (lane($parts) * ($parts - 1 - $index)))+
            };
            #[inline(always)]
            fn wide(self) -> Self::Wide {
                ($(self.$index.wide(),)+)
            }
            #[inline(always)]
            fn to_u64(self) -> u64 {
                const { assert!(Self::LARGEST > 0) };
                0 $(| part(self.$index.to_u64(), $parts, $parts - 1)
                    << (lane($parts) * ($parts - 1 - $index)))+
            }
            #[inline(always)]
            fn from_u64(value: u64) -> Option<Self> {
                Some(($(from_lane::<$part>(part(value, $parts, $index), lane($parts))?,)+))
            }
            #[inline(always)]
            fn wrap(value: u64) -> Self {
                ($($part::wrap(part(value, $parts, $index)),)+)
            }
            #[inline(always)]
            fn to_usize(self) -> Option<usize> {
                None
            }
            #[inline(always)]
            fn from_usize(_: usize) -> Option<Self> {
                None
            }
            #[inline(always)]
            fn fits(self, _: u32) -> bool {
                false
            }
        }
    )* };
}
tuples! {
    2 (A 0, B 1);
    3 (A 0, B 1, C 2);
    4 (A 0, B 1, C 2, D 3);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tag::parts;

    #[test]
    fn parts_have_lanes() {
        assert_eq!((2u8, 0xffff_ffffu32).to_u64(), 0x2_ffff_ffff);
        assert_eq!(<(u8, u32)>::from_u64(0x2_ffff_ffff), Some((2, u32::MAX)));
        assert_eq!(<(u8, u32)>::from_u64(0x100_0000_0000), None);
        assert_eq!((-1i8, true).to_u64(), 0xffff_ffff_0000_0001);
        assert_eq!(<(i8, bool)>::from_u64(0xffff_ffff_0000_0001), Some((-1, true)));
        assert_eq!((1u16, 2u8, 3u8).to_u64(), 1 << 42 | 2 << 21 | 3);
        assert_eq!((1u16, 2u16, 3u16, 4u16).to_u64(), 0x0001_0002_0003_0004);
        assert_eq!(parts(0x0001_0002_0003_0004), [1, 2, 3, 4]);
    }
}
