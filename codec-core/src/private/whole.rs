//! Integers as tags, lengths, counts, bits and operands of expressions.

use crate::error::EncodeError;

/// An integer of any width, or a `bool`.
pub trait Whole: Copy + PartialEq {
    /// What it is in expressions: `u64` or `i64`, wider where it is wider.
    type Wide;
    /// The largest value, as far as `u64` holds it.
    const LARGEST: u64;
    /// As an operand of an expression.
    fn wide(self) -> Self::Wide;
    /// As a tag: sign-extended, the lowest 64 bits.
    fn to_u64(self) -> u64;
    /// The value whose sign-extended form this is.
    fn from_u64(value: u64) -> Option<Self>;
    /// The value of the lowest bits.
    fn wrap(value: u64) -> Self;
    /// As a length or count.
    fn to_usize(self) -> Option<usize>;
    /// From a length or count.
    fn from_usize(value: usize) -> Option<Self>;
    /// The value fits this many bits: zero-extended where unsigned, sign-extended where signed.
    fn fits(self, bits: u32) -> bool;
}

macro_rules! unsigned {
    ($($number:ident $wide:ident),*) => { $(
        impl Whole for $number {
            type Wide = $wide;
            const LARGEST: u64 = if $number::BITS >= 64 { u64::MAX } else { $number::MAX as u64 };
            #[inline(always)]
            fn wide(self) -> $wide {
                self as $wide
            }
            #[inline(always)]
            fn to_u64(self) -> u64 {
                self as u64
            }
            #[inline(always)]
            fn from_u64(value: u64) -> Option<Self> {
                Self::try_from(value).ok()
            }
            #[inline(always)]
            fn wrap(value: u64) -> Self {
                value as Self
            }
            #[inline(always)]
            fn to_usize(self) -> Option<usize> {
                usize::try_from(self).ok()
            }
            #[inline(always)]
            fn from_usize(value: usize) -> Option<Self> {
                Self::try_from(value).ok()
            }
            #[inline(always)]
            fn fits(self, bits: u32) -> bool {
                bits >= $number::BITS || self >> bits == 0
            }
        }
    )* };
}

macro_rules! signed {
    ($($number:ident $wide:ident),*) => { $(
        impl Whole for $number {
            type Wide = $wide;
            const LARGEST: u64 = if $number::BITS > 64 { u64::MAX } else { $number::MAX as u64 };
            #[inline(always)]
            fn wide(self) -> $wide {
                self as $wide
            }
            #[inline(always)]
            fn to_u64(self) -> u64 {
                self as u64
            }
            #[inline(always)]
            fn from_u64(value: u64) -> Option<Self> {
                Self::try_from(value as i64).ok()
            }
            #[inline(always)]
            fn wrap(value: u64) -> Self {
                value as Self
            }
            #[inline(always)]
            fn to_usize(self) -> Option<usize> {
                usize::try_from(self).ok()
            }
            #[inline(always)]
            fn from_usize(value: usize) -> Option<Self> {
                Self::try_from(value).ok()
            }
            #[inline(always)]
            fn fits(self, bits: u32) -> bool {
                if bits >= $number::BITS {
                    return true;
                }
                let above = self >> bits.saturating_sub(1);
                above == 0 || above == -1
            }
        }
    )* };
}

/// The casts are this module's whole purpose; each is exact or documented as wrapping.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    clippy::cast_lossless,
    trivial_numeric_casts,
    reason = "conversions between all widths in one place; wrapping is what the methods say"
)]
mod implementations {
    use super::Whole;

    unsigned!(u8 u64, u16 u64, u32 u64, u64 u64, u128 u128, usize u64);
    signed!(i8 i64, i16 i64, i32 i64, i64 i64, i128 i128, isize i64);
}

impl Whole for bool {
    type Wide = bool;
    const LARGEST: u64 = 1;
    #[inline(always)]
    fn wide(self) -> bool {
        self
    }
    #[inline(always)]
    fn to_u64(self) -> u64 {
        u64::from(self)
    }
    #[inline(always)]
    fn from_u64(value: u64) -> Option<Self> {
        match value {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
    #[inline(always)]
    fn wrap(value: u64) -> Self {
        value & 1 != 0
    }
    #[inline(always)]
    fn to_usize(self) -> Option<usize> {
        Some(usize::from(self))
    }
    #[inline(always)]
    fn from_usize(value: usize) -> Option<Self> {
        match value {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
    #[inline(always)]
    fn fits(self, _: u32) -> bool {
        true
    }
}

/// The largest value of `bits` bits.
#[inline(always)]
#[must_use]
pub const fn largest(bits: u32) -> u64 {
    if bits >= 64 { u64::MAX } else { (1 << bits) - 1 }
}

/// The lowest `bits` bits as a two's complement number, sign-extended.
#[inline(always)]
#[must_use]
pub fn sign_extend(raw: u64, bits: u32) -> u64 {
    let unused = 64u32.saturating_sub(bits);
    (raw.wrapping_shl(unused).cast_signed().wrapping_shr(unused)).cast_unsigned()
}

/// A value in the lowest `bits` bits.
///
/// # Errors
/// [`EncodeError::TooLarge`] when it does not fit.
#[inline(always)]
pub fn to_bits<T: Whole>(value: T, bits: u32, field: &'static str) -> Result<u64, EncodeError> {
    if value.fits(bits) {
        Ok(value.to_u64() & largest(bits))
    } else {
        Err(too_large(field, value.to_u64(), largest(bits)))
    }
}

/// Bits of a nested type in the lowest `bits` bits.
///
/// # Errors
/// [`EncodeError::TooLarge`] when they do not fit.
#[inline(always)]
pub fn check_bits(raw: u64, bits: u32, field: &'static str) -> Result<u64, EncodeError> {
    if raw <= largest(bits) { Ok(raw) } else { Err(too_large(field, raw, largest(bits))) }
}

/// The error of a value that does not fit.
#[cold]
#[inline(never)]
#[must_use]
pub fn too_large(field: &'static str, value: u64, max: u64) -> EncodeError {
    EncodeError::TooLarge { field, value, max }
}
