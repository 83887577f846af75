//! `none = -1`: values on the wire that stand for `None`.

use nom::IResult;

use crate::error::{DecodeError, EncodeError, Fault};
use crate::private::cold::malformed;
use crate::private::derived::span_len;
use crate::private::run::wide;
use crate::private::whole::{Whole, sign_extend};
use crate::scope::Endian;

/// A hidden length or count of `N` bytes as it stands there, sign-extended where it has one.
///
/// # Errors
/// [`Fault::Short`].
#[inline]
pub fn raw_counter<const N: usize>(
    input: &[u8],
    field: u16,
    endian: Endian,
    signed: bool,
) -> IResult<&[u8], u64, DecodeError> {
    let Some((bytes, rest)) = input.split_first_chunk::<N>() else {
        return malformed(Fault::Short, field, input);
    };
    let raw = wide(*bytes, endian);
    let bits = u32::try_from(8 * N).unwrap_or(64);
    Ok((rest, if signed { sign_extend(raw, bits) } else { raw }))
}

/// A hidden length or count that a varint reader gave, as it stands there.
///
/// # Errors
/// The reader's.
#[inline]
pub fn raw_of<T: Whole>(
    result: IResult<&[u8], T, DecodeError>,
) -> IResult<&[u8], u64, DecodeError> {
    result.map(|(rest, value)| (rest, value.to_u64()))
}

/// What was read as it stands there, as a length or count; `None` where it is negative.
#[inline]
#[must_use]
pub fn raw_size(raw: u64, signed: bool) -> Option<usize> {
    if signed { raw.cast_signed().to_usize() } else { raw.to_usize() }
}

/// [`span_len`], but no bytes where the value stands for `None`.
#[inline]
pub fn span_len_unless<T: Whole>(value: T, none: u64, unit: u64, bias: i64) -> Option<usize> {
    if value.to_u64() == none { Some(0) } else { span_len(value, unit, bias) }
}

/// A wire length, 0 where it stands for `None`.
#[inline]
pub fn unless<T: Whole>(value: T, none: u64) -> u64 {
    let value = value.to_u64();
    if value == none { 0 } else { value }
}

/// A value that is not what stands for `None`: it would not read back.
///
/// # Errors
/// [`EncodeError::Contradiction`].
#[inline]
pub fn unlike<T: PartialEq>(value: T, none: T, field: &'static str) -> Result<T, EncodeError> {
    if value == none { Err(EncodeError::Contradiction { field }) } else { Ok(value) }
}

/// A length or count that is not what stands for `None`.
///
/// # Errors
/// [`EncodeError::Contradiction`].
#[inline]
pub fn unlike_len(len: usize, none: u64, field: &'static str) -> Result<usize, EncodeError> {
    if len as u64 == none { Err(EncodeError::Contradiction { field }) } else { Ok(len) }
}
