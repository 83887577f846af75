//! Integers, floats and `bool`, in either byte order.

use alloc::vec::Vec;

use bytes::BytesMut;
use nom::{Err, IResult};

use crate::error::{DecodeError, EncodeError, Fault};
use crate::private::{malformed, refused};
use crate::schema::{Layout, Schema};
use crate::scope::{Endian, Scope};
use crate::wire::{Bits, Parse, Wire};

/// A number that stands in `N` bytes.
pub trait Number<const N: usize>: Sized + Copy {
    /// From its bytes.
    fn read(bytes: [u8; N], endian: Endian) -> Self;
    /// To its bytes.
    fn write(self, endian: Endian) -> [u8; N];
}

macro_rules! numbers {
    ($($number:ident $len:literal),*) => { $(
        impl Number<$len> for $number {
            #[inline(always)]
            fn read(bytes: [u8; $len], endian: Endian) -> Self {
                match endian {
                    Endian::Big => $number::from_be_bytes(bytes),
                    Endian::Little => $number::from_le_bytes(bytes),
                }
            }
            #[inline(always)]
            fn write(self, endian: Endian) -> [u8; $len] {
                match endian {
                    Endian::Big => self.to_be_bytes(),
                    Endian::Little => self.to_le_bytes(),
                }
            }
        }
        impl Wire for $number {
            type Context = ();
            type Fill = ();
            const MIN_LEN: usize = $len;
            const MAX_LEN: Option<usize> = Some($len);
            const FIXED_LEN: Option<usize> = Some($len);
            const SCHEMA: &'static Schema =
                &Schema::leaf(stringify!($number), Layout::number(stringify!($number), $len));
            #[inline(always)]
            fn encoded_len_in(&self, _: Scope<'_>, (): &()) -> usize {
                $len
            }
            #[inline]
            fn encode_in(
                &self,
                out: &mut BytesMut,
                (): &(),
                scope: Scope<'_>,
                (): &(),
            ) -> Result<(), EncodeError> {
                out.extend_from_slice(&self.write(scope.endian));
                Ok(())
            }
            #[inline]
            fn encode_run(
                items: &[Self],
                out: &mut BytesMut,
                scope: Scope<'_>,
                (): &(),
            ) -> Result<(), EncodeError> {
                let start = out.len();
                out.resize(start + items.len() * $len, 0);
                let block = out.get_mut(start..).unwrap_or_default();
                let places = block.as_chunks_mut().0.iter_mut().zip(items);
                match scope.endian {
                    Endian::Big => places.for_each(|(place, item)| *place = item.to_be_bytes()),
                    Endian::Little => places.for_each(|(place, item)| *place = item.to_le_bytes()),
                }
                Ok(())
            }
        }
        impl<'a> Parse<'a> for $number {
            #[inline]
            fn parse_in(
                input: &'a [u8],
                scope: Scope<'_>,
                (): &(),
            ) -> IResult<&'a [u8], Self, DecodeError> {
                let Some((bytes, rest)) = input.split_first_chunk() else {
                    return malformed(Fault::Short, 0, input);
                };
                Ok((rest, Self::read(*bytes, scope.endian)))
            }
            #[inline]
            fn exact_in(
                input: &'a [u8],
                scope: Scope<'_>,
                (): &(),
            ) -> Result<Self, DecodeError> {
                exactly(input).map(|bytes| Self::read(bytes, scope.endian))
            }
            #[inline]
            fn parse_run(
                block: &'a [u8],
                scope: Scope<'_>,
                (): &(),
            ) -> Result<Vec<Self>, Err<DecodeError>> {
                let numbers = block.as_chunks().0.iter();
                Ok(match scope.endian {
                    Endian::Big => numbers.map(|bytes| Self::from_be_bytes(*bytes)).collect(),
                    Endian::Little => numbers.map(|bytes| Self::from_le_bytes(*bytes)).collect(),
                })
            }
            #[inline]
            fn parse_array<const N: usize>(
                input: &'a [u8],
                scope: Scope<'_>,
                (): &(),
            ) -> IResult<&'a [u8], [Self; N], DecodeError> {
                let Some((block, rest)) = input.split_at_checked(N * $len) else {
                    return malformed(Fault::Short, 0, input);
                };
                let mut numbers = [Self::default(); N];
                for (number, bytes) in numbers.iter_mut().zip(block.as_chunks().0) {
                    *number = Self::read(*bytes, scope.endian);
                }
                Ok((rest, numbers))
            }
        }
    )* };
}
numbers!(u8 1, u16 2, u32 4, u64 8, u128 16, i8 1, i16 2, i32 4, i64 8, i128 16, f32 4, f64 8);

/// One byte: 0 or 1, anything else is [`Fault::Invalid`].
impl Wire for bool {
    type Context = ();
    type Fill = ();
    const MIN_LEN: usize = 1;
    const MAX_LEN: Option<usize> = Some(1);
    const FIXED_LEN: Option<usize> = Some(1);
    const SCHEMA: &'static Schema = &Schema::leaf("bool", Layout::Bool);

    #[inline(always)]
    fn encoded_len_in(&self, _: Scope<'_>, (): &()) -> usize {
        1
    }

    #[inline]
    fn encode_in(
        &self,
        out: &mut BytesMut,
        (): &(),
        _: Scope<'_>,
        (): &(),
    ) -> Result<(), EncodeError> {
        out.extend_from_slice(&[u8::from(*self)]);
        Ok(())
    }
}

impl<'a> Parse<'a> for bool {
    #[inline]
    fn parse_in(input: &'a [u8], _: Scope<'_>, (): &()) -> IResult<&'a [u8], Self, DecodeError> {
        match input {
            [0, rest @ ..] => Ok((rest, false)),
            [1, rest @ ..] => Ok((rest, true)),
            [] => malformed(Fault::Short, 0, input),
            _ => malformed(Fault::Invalid, 0, input),
        }
    }
}

/// One bit.
impl Bits for bool {
    type Fill = ();
    const BITS: u32 = 1;
    const SCHEMA: &'static Schema = <Self as Wire>::SCHEMA;

    #[inline(always)]
    fn from_bits(raw: u64) -> Result<Self, Fault> {
        match raw {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Fault::Invalid),
        }
    }

    #[inline(always)]
    fn to_bits(&self, (): &()) -> Result<u64, EncodeError> {
        Ok(u64::from(*self))
    }
}

/// All of the input as `N` bytes.
#[inline(always)]
pub(crate) fn exactly<const N: usize>(input: &[u8]) -> Result<[u8; N], DecodeError> {
    match input.split_first_chunk() {
        Some((bytes, [])) => Ok(*bytes),
        Some((_, rest)) => refused(Fault::Trailing, 0, rest),
        None => refused(Fault::Short, 0, input),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn fault<T>(fault: Fault, from_end: u32) -> Result<T, Err<DecodeError>> {
        Err(Err::Error(DecodeError { from_end, field: 0, fault }))
    }

    #[test]
    fn numbers_stand_in_the_byte_order_of_the_scope() {
        let little = Scope::ROOT.with(Endian::Little);
        let input = [0x12, 0x34, 0xff];
        assert_eq!(u16::parse_in(&input, Scope::ROOT, &()), Ok((&[0xff][..], 0x1234)));
        assert_eq!(u16::parse_in(&input, little, &()), Ok((&[0xff][..], 0x3412)));
        assert_eq!(f32::parse(&[0x3f, 0x80, 0, 0]), Ok((&[][..], 1.0)));
        assert_eq!(i8::parse(&[0x80]), Ok((&[][..], -128)));
        assert_eq!(u128::parse(&[0xff; 16]), Ok((&[][..], u128::MAX)));

        let mut out = BytesMut::from(&[0xa5][..]);
        0x0102_0304u32.encode_in(&mut out, &(), little, &()).unwrap();
        (-2i16).encode(&mut out).unwrap();
        assert_eq!(out[..], [0xa5, 4, 3, 2, 1, 0xff, 0xfe]);
    }

    #[test]
    fn one_byte_less_is_short() {
        assert_eq!(u32::parse(&[1, 2, 3]), fault(Fault::Short, 3));
        assert_eq!(u32::parse(&[]), fault(Fault::Short, 0));
    }

    #[test]
    fn exact_refuses_what_is_left_over() {
        let error = DecodeError { from_end: 1, field: 0, fault: Fault::Trailing };
        assert_eq!(u16::exact_in(&[1, 2, 3], Scope::ROOT, &()), Err(error));
        let error = DecodeError { from_end: 1, field: 0, fault: Fault::Short };
        assert_eq!(u16::exact_in(&[1], Scope::ROOT, &()), Err(error));
        assert_eq!(u16::exact_in(&[1, 2], Scope::ROOT, &()), Ok(0x0102));
    }

    #[test]
    fn a_run_is_read_in_one_pass() {
        let block = [0, 1, 0, 2, 0xff, 0xfe];
        assert_eq!(i16::parse_run(&block, Scope::ROOT, &()), Ok(vec![1, 2, -2]));
        let little = Scope::ROOT.with(Endian::Little);
        assert_eq!(u16::parse_run(&block, little, &()), Ok(vec![0x100, 0x200, 0xfeff]));
        assert_eq!(u16::parse_array(&block, little, &()), Ok((&block[4..], [0x100, 0x200])));
        assert_eq!(u16::parse_array::<4>(&block, little, &()), fault(Fault::Short, 6));

        let mut out = BytesMut::from(&[0xa5][..]);
        u16::encode_run(&[1, 2], &mut out, Scope::ROOT, &()).unwrap();
        u16::encode_run(&[1, 2], &mut out, little, &()).unwrap();
        assert_eq!(out[..], [0xa5, 0, 1, 0, 2, 1, 0, 2, 0]);
    }

    #[test]
    fn a_bool_is_zero_or_one() {
        assert_eq!(bool::parse(&[0]), Ok((&[][..], false)));
        assert_eq!(bool::parse(&[1, 2]), Ok((&[2][..], true)));
        assert_eq!(bool::parse(&[2]), fault(Fault::Invalid, 1));
        assert_eq!(bool::parse(&[]), fault(Fault::Short, 0));
        assert_eq!(bool::from_bits(2), Err(Fault::Invalid));
        assert_eq!(bool::from_bits(1), Ok(true));
        assert_eq!(true.to_bits(&()), Ok(1));
    }
}
