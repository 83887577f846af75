//! Integers whose width on the wire is not the width of their Rust type.

use bytes::BytesMut;
use core::fmt;
use nom::{Err, IResult};

use crate::error::{DecodeError, EncodeError, Fault};
use crate::private::{malformed, part};
use crate::scope::Endian;

/// Any integer of Rust's.
pub trait Integer: Copy + Eq + fmt::Display + TryFrom<u128> + TryFrom<i128> {
    /// What it is computed in while its bits are collected: `u64`, for wider ones `u128`.
    type Word: Word;
    /// Bits of the type.
    const BITS: u32;
    /// It has negative values.
    const SIGNED: bool;
    /// Its two's complement, filled up with zeros.
    fn to_word(self) -> Self::Word;
    /// From its two's complement; upper bits are dropped.
    fn from_word(word: Self::Word) -> Self;
    /// Its value, unless it is negative.
    fn unsigned(self) -> Option<u128>;
    /// Its value, unless it is beyond the largest signed integer.
    fn signed(self) -> Option<i128>;
    /// Characters of its decimal form, the sign included.
    fn decimal_len(self) -> usize;
}

/// The two types that bits are collected in.
pub trait Word: Copy + Eq + Sized {
    /// Nothing collected yet.
    const ZERO: Self;
    /// The bits above the lowest `count` are all zero.
    fn fits(self, count: u32) -> bool;
    /// `self` with `byte` behind its lowest `count` bits, which is at most 8; `None`: no room.
    fn push(self, byte: u8, count: u32) -> Option<Self>;
    /// `self` with `byte` at bit `shift`; `None`: no room.
    fn place(self, byte: u8, shift: u32) -> Option<Self>;
    /// Its lowest byte.
    fn low(self) -> u8;
    /// Without the lowest `count` bits.
    fn without(self, count: u32) -> Self;
    /// Bits up to the highest that is set.
    fn bit_len(self) -> u32;
    /// Its lowest 64 bits, for a message.
    fn shown(self) -> u64;
}

macro_rules! words {
    ($($word:ident)*) => { $(
        impl Word for $word {
            const ZERO: Self = 0;
            #[inline(always)]
            fn fits(self, count: u32) -> bool {
                self.bit_len() <= count
            }
            #[inline(always)]
            fn push(self, byte: u8, count: u32) -> Option<Self> {
                (self.leading_zeros() >= count).then(|| self << count | Self::from(byte))
            }
            #[inline(always)]
            fn place(self, byte: u8, shift: u32) -> Option<Self> {
                let room = byte == 0 || shift + 8 - byte.leading_zeros() <= Self::BITS;
                room.then(|| self | Self::from(byte).checked_shl(shift).unwrap_or(0))
            }
            #[inline(always)]
            fn low(self) -> u8 {
                let [low, ..] = self.to_le_bytes();
                low
            }
            #[inline(always)]
            fn without(self, count: u32) -> Self {
                self.checked_shr(count).unwrap_or(0)
            }
            #[inline(always)]
            fn bit_len(self) -> u32 {
                Self::BITS - self.leading_zeros()
            }
            #[inline]
            fn shown(self) -> u64 {
                u64::from_le_bytes(part(&self.to_le_bytes(), 0))
            }
        }
    )* };
}
words!(u64 u128);

macro_rules! integers {
    ($word:ident $signed:literal: $($integer:ident ($to:expr, $magnitude:expr)),*) => { $(
        impl Integer for $integer {
            type Word = $word;
            const BITS: u32 = $integer::BITS;
            const SIGNED: bool = $signed;
            #[inline(always)]
            fn to_word(self) -> $word {
                $word::from($to(self))
            }
            #[inline(always)]
            fn from_word(word: $word) -> Self {
                Self::from_le_bytes(part(&word.to_le_bytes(), 0))
            }
            #[inline(always)]
            fn unsigned(self) -> Option<u128> {
                u128::try_from(self).ok()
            }
            #[inline(always)]
            fn signed(self) -> Option<i128> {
                i128::try_from(self).ok()
            }
            #[inline]
            fn decimal_len(self) -> usize {
                let digits = $magnitude(self).checked_ilog10().unwrap_or(0) + 1;
                usize::from(self.signed().is_some_and(i128::is_negative))
                    + usize::try_from(digits).unwrap_or(0)
            }
        }
    )* };
}
integers!(u64 false: u8 (u8::from, u8::from), u16 (u16::from, u16::from));
integers!(u64 false: u32 (u32::from, u32::from), u64 (u64::from, u64::from));
integers!(u64 true: i8 (i8::cast_unsigned, i8::unsigned_abs));
integers!(u64 true: i16 (i16::cast_unsigned, i16::unsigned_abs));
integers!(u64 true: i32 (i32::cast_unsigned, i32::unsigned_abs));
integers!(u64 true: i64 (i64::cast_unsigned, i64::unsigned_abs));
integers!(u128 false: u128 (u128::from, u128::from));
integers!(u128 true: i128 (i128::cast_unsigned, i128::unsigned_abs));

/// A wire integer of `N` bytes, 1 to 16, as the field's type; `None` where it does not fit.
#[inline(always)]
pub fn odd_read<T: Integer, const N: usize>(
    bytes: [u8; N],
    signed: bool,
    endian: Endian,
) -> Option<T> {
    converted(collected(&bytes, endian), N, signed)
}

/// The field's value as a wire integer of `N` bytes, 1 to 16.
///
/// # Errors
/// [`EncodeError::TooLarge`] where it does not fit, [`EncodeError::Invalid`] where it is negative
/// and the wire integer is not.
#[inline(always)]
pub fn odd_write<T: Integer, const N: usize>(
    value: T,
    signed: bool,
    endian: Endian,
    field: &'static str,
) -> Result<[u8; N], EncodeError> {
    let number = bits_of(value, N, signed, field)?;
    Ok(match endian {
        Endian::Big => {
            let mut bytes: [u8; N] = part(&number.to_le_bytes(), 0);
            bytes.reverse();
            bytes
        }
        Endian::Little => part(&number.to_le_bytes(), 0),
    })
}

/// An integer of `len` bytes, chosen at run time.
///
/// # Errors
/// [`Fault::Length`] unless `len` is 1 to 8, [`Fault::Short`], [`Fault::Invalid`] where the value
/// does not fit the field's type.
#[inline]
pub fn sized_read<T: Integer>(
    input: &[u8],
    field: u16,
    len: usize,
    endian: Endian,
) -> IResult<&[u8], T, DecodeError> {
    if !(1..=8).contains(&len) {
        return malformed(Fault::Length, field, input);
    }
    let Some((bytes, rest)) = input.split_at_checked(len) else {
        return malformed(Fault::Short, field, input);
    };
    match converted(collected(bytes, endian), len, T::SIGNED) {
        Some(value) => Ok((rest, value)),
        None => malformed(Fault::Invalid, field, input),
    }
}

/// Appends an integer of `len` bytes, chosen at run time.
///
/// # Errors
/// [`EncodeError::WrongSize`] unless `len` is 1 to 8; a value that does not fit.
#[inline]
pub fn sized_write<T: Integer>(
    out: &mut BytesMut,
    value: T,
    len: usize,
    endian: Endian,
    field: &'static str,
) -> Result<(), EncodeError> {
    if !(1..=8).contains(&len) {
        return Err(EncodeError::WrongSize { field, expected: len, found: size_of::<T>() });
    }
    let number = bits_of(value, len, T::SIGNED, field)?;
    match endian {
        Endian::Big => {
            let bytes = number.to_be_bytes();
            out.extend_from_slice(bytes.get(bytes.len() - len..).unwrap_or_default());
        }
        Endian::Little => {
            out.extend_from_slice(number.to_le_bytes().get(..len).unwrap_or_default());
        }
    }
    Ok(())
}

/// A value converted to the type of its field.
///
/// # Errors
/// [`Fault::Invalid`] at `at` where it does not fit.
#[inline(always)]
pub fn fitting<T>(value: Option<T>, field: u16, at: &[u8]) -> Result<T, Err<DecodeError>> {
    match value {
        Some(value) => Ok(value),
        None => Err(Err::Error(DecodeError::new(Fault::Invalid, field, at))),
    }
}

/// At most 16 bytes as an unsigned number. Up to eight stay in one register.
#[inline(always)]
fn collected(bytes: &[u8], endian: Endian) -> u128 {
    let mut image = [0; 16];
    for (place, byte) in image.iter_mut().zip(bytes) {
        *place = *byte;
    }
    match endian {
        Endian::Little if bytes.len() <= 8 => u128::from(u64::from_le_bytes(part(&image, 0))),
        Endian::Little => u128::from_le_bytes(image),
        Endian::Big if bytes.len() <= 8 => {
            let word = u64::from_be_bytes(part(&image, 0));
            let spare = 8 * (8 - bytes.len());
            u128::from(
                u32::try_from(spare).ok().and_then(|bits| word.checked_shr(bits)).unwrap_or(0),
            )
        }
        Endian::Big => {
            let spare = 8 * (16 - bytes.len().min(16));
            let number = u128::from_be_bytes(image);
            u32::try_from(spare).ok().and_then(|bits| number.checked_shr(bits)).unwrap_or(0)
        }
    }
}

/// An unsigned number of `len` bytes as the field's type, its sign extended where it has one.
#[inline(always)]
fn converted<T: Integer>(number: u128, len: usize, signed: bool) -> Option<T> {
    if !signed {
        return T::try_from(number).ok();
    }
    let spare = 128 - u32::try_from(8 * len.min(16)).unwrap_or(128);
    let extended = number.checked_shl(spare).unwrap_or(0).cast_signed();
    T::try_from(extended.checked_shr(spare).unwrap_or(0)).ok()
}

/// The lowest `len` bytes of the value's two's complement, which must hold all of it.
#[inline(always)]
fn bits_of<T: Integer>(
    value: T,
    len: usize,
    signed: bool,
    field: &'static str,
) -> Result<u128, EncodeError> {
    let bits = u32::try_from(8 * len.min(16)).unwrap_or(128);
    let spare = 128 - bits;
    if signed {
        let largest = (i128::MAX).checked_shr(spare).unwrap_or(0);
        return match value.signed() {
            Some(number) if (!largest..=largest).contains(&number) => Ok(number.cast_unsigned()),
            _ => Err(too_large(value, largest.cast_unsigned(), field)),
        };
    }
    let largest = u128::MAX.checked_shr(spare).unwrap_or(0);
    match value.unsigned() {
        Some(number) if number <= largest => Ok(number),
        Some(_) => Err(too_large(value, largest, field)),
        None => Err(EncodeError::Invalid { field, value: value.to_word().shown() }),
    }
}

#[cold]
#[inline(never)]
fn too_large<T: Integer>(value: T, largest: u128, field: &'static str) -> EncodeError {
    EncodeError::TooLarge { field, value: value.to_word().shown(), max: largest.shown() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BIG: Endian = Endian::Big;
    const LITTLE: Endian = Endian::Little;

    fn written<T: Integer, const N: usize>(value: T, signed: bool) -> Result<[u8; N], EncodeError> {
        odd_write(value, signed, BIG, "T.field")
    }

    #[test]
    fn odd_widths_are_read_in_both_orders() {
        assert_eq!(odd_read::<u32, 3>([1, 2, 3], false, BIG), Some(0x01_02_03));
        assert_eq!(odd_read::<u32, 3>([1, 2, 3], false, LITTLE), Some(0x03_02_01));
        assert_eq!(odd_read::<u64, 5>([0xff; 5], false, BIG), Some(0xff_ffff_ffff));
        assert_eq!(odd_read::<i32, 3>([0xff, 0xff, 0xfe], true, BIG), Some(-2));
        assert_eq!(odd_read::<i64, 7>([0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], true, LITTLE), {
            Some(-2)
        });
        assert_eq!(odd_read::<u128, 10>([1; 10], false, BIG), Some(0x0101_0101_0101_0101_0101));
        assert_eq!(odd_read::<u128, 10>([1; 10], false, LITTLE), {
            Some(0x0101_0101_0101_0101_0101)
        });
    }

    #[test]
    fn a_wire_integer_wider_than_its_field_must_fit() {
        assert_eq!(odd_read::<u8, 3>([0, 0, 0xff], false, BIG), Some(0xff));
        assert_eq!(odd_read::<u8, 3>([0, 1, 0], false, BIG), None);
        assert_eq!(odd_read::<i8, 2>([0xff, 0x80], true, BIG), Some(-128));
        assert_eq!(odd_read::<i8, 2>([0xff, 0x7f], true, BIG), None);
        let at = [0; 4];
        assert_eq!(fitting(None::<u8>, 7, &at), {
            Err(Err::Error(DecodeError { from_end: 4, field: 7, fault: Fault::Invalid }))
        });
    }

    #[test]
    fn odd_widths_are_written_up_to_their_largest_value() {
        assert_eq!(written(0xff_ffff_u32, false), Ok([0xff; 3]));
        let error = EncodeError::TooLarge { field: "T.field", value: 1 << 24, max: 0xff_ffff };
        assert_eq!(written::<_, 3>(1u32 << 24, false), Err(error));
        assert_eq!(written(0x7f_ffff_i32, true), Ok([0x7f, 0xff, 0xff]));
        let error = EncodeError::TooLarge { field: "T.field", value: 0x80_0000, max: 0x7f_ffff };
        assert_eq!(written::<_, 3>(0x80_0000_i32, true), Err(error));
        assert_eq!(written(-0x80_0000_i32, true), Ok([0x80, 0, 0]));
        let below = (-0x80_0001_i32).cast_unsigned().into();
        let error = EncodeError::TooLarge { field: "T.field", value: below, max: 0x7f_ffff };
        assert_eq!(written::<_, 3>(-0x80_0001_i32, true), Err(error));
        let error = EncodeError::Invalid { field: "T.field", value: 0xff };
        assert_eq!(written::<_, 3>(-1i8, false), Err(error));
        assert_eq!(odd_write::<_, 3>(0x01_02_03_u32, false, LITTLE, "T.field"), Ok([3, 2, 1]));
        assert_eq!(written(u128::MAX, false), Ok([0xff; 16]));
        assert_eq!(written(-1i128, true), Ok([0xff; 16]));
    }

    fn fault<T>(fault: Fault, from_end: u32) -> Result<T, Err<DecodeError>> {
        Err(Err::Error(DecodeError { from_end, field: 3, fault }))
    }

    #[test]
    fn sized_integers_have_one_to_eight_bytes() {
        let input = [0x80, 2, 3, 4, 5, 6, 7, 8, 9];
        let (rest, whole) = sized_read::<u64>(&input, 3, 8, BIG).unwrap();
        assert_eq!((rest, whole), (&[9][..], 0x8002_0304_0506_0708));
        assert_eq!(sized_read::<u64>(&input, 3, 1, LITTLE), Ok((&input[1..], 0x80)));
        assert_eq!(sized_read::<i32>(&input, 3, 1, BIG), Ok((&input[1..], -128)));
        assert_eq!(sized_read::<u64>(&input, 3, 0, BIG), fault(Fault::Length, 9));
        assert_eq!(sized_read::<u64>(&input, 3, 9, BIG), fault(Fault::Length, 9));
        assert_eq!(sized_read::<u64>(&input[..1], 3, 2, BIG), fault(Fault::Short, 1));
        assert_eq!(sized_read::<u8>(&input, 3, 2, BIG), fault(Fault::Invalid, 9));
    }

    #[test]
    fn sized_integers_are_written_in_their_bytes() {
        let mut out = BytesMut::from(&[0xa5][..]);
        sized_write(&mut out, 0x0102u16, 3, BIG, "T.field").unwrap();
        sized_write(&mut out, -2i64, 2, LITTLE, "T.field").unwrap();
        sized_write(&mut out, u64::MAX, 8, BIG, "T.field").unwrap();
        let (head, tail) = out.split_at(6);
        assert_eq!((head, tail), (&[0xa5, 0, 1, 2, 0xfe, 0xff][..], &[0xff; 8][..]));
        let error = EncodeError::TooLarge { field: "T.field", value: 0x100, max: 0xff };
        assert_eq!(sized_write(&mut out, 0x100u16, 1, BIG, "T.field"), Err(error));
        let error = EncodeError::WrongSize { field: "T.field", expected: 9, found: 2 };
        assert_eq!(sized_write(&mut out, 1u16, 9, BIG, "T.field"), Err(error));
        assert_eq!(out.len(), 14);
    }

    #[test]
    fn a_decimal_is_as_long_as_it_prints() {
        assert_eq!([0u8.decimal_len(), 9u8.decimal_len(), 10u8.decimal_len()], [1, 1, 2]);
        assert_eq!([(-1i8).decimal_len(), i8::MIN.decimal_len()], [2, 4]);
        assert_eq!([u128::MAX.decimal_len(), i128::MIN.decimal_len()], [39, 40]);
    }
}
