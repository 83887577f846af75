//! Stretches of bytes at places that the derive has counted.

use crate::error::{DecodeError, Fault};
use crate::number::Number;
use crate::private::cold::{malformed, malformed_before};
use crate::scope::{Endian, Scope};
use crate::wire::Parse;
use bytes::BytesMut;
use nom::{Err, IResult};

/// `N` bytes of a run. The derive's own ranges, so it cannot miss; it does not index.
#[inline(always)]
#[must_use]
pub fn part<const N: usize>(run: &[u8], at: usize) -> [u8; N] {
    match run.get(at..).and_then(<[u8]>::first_chunk) {
        Some(bytes) => *bytes,
        None => [0; N],
    }
}

/// Writes `bytes` at `at`, a place that the derive has counted.
#[inline(always)]
pub fn put<const N: usize>(run: &mut [u8], at: usize, bytes: [u8; N]) {
    if let Some(place) = run.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
        *place = bytes;
    }
}

/// A number at a place that the derive has counted.
#[inline(always)]
#[must_use]
pub fn number<T: Number<N>, const N: usize>(run: &[u8], at: usize, scope: Scope<'_>) -> T {
    T::read(part(run, at), scope.endian)
}

/// Writes a number at a place that the derive has counted.
#[inline(always)]
pub fn put_number<T: Number<N>, const N: usize>(
    run: &mut [u8],
    at: usize,
    value: T,
    scope: Scope<'_>,
) {
    put(run, at, value.write(scope.endian));
}

/// The output, grown by `count` items of `N` bytes: their places.
#[inline(always)]
pub(crate) fn grown<const N: usize>(out: &mut BytesMut, count: usize) -> &mut [[u8; N]] {
    let start = out.len();
    out.resize(start + count * N, 0);
    let (places, _) = out.get_mut(start..).unwrap_or_default().as_chunks_mut();
    places
}

/// The stretch from one place to another; empty where they are not in order.
#[inline(always)]
#[must_use]
pub fn stretch(bytes: &[u8], start: usize, end: usize) -> &[u8] {
    bytes.get(start..end).unwrap_or_default()
}

/// All from a place on.
#[inline(always)]
#[must_use]
pub fn behind(bytes: &[u8], start: usize) -> &[u8] {
    bytes.get(start..).unwrap_or_default()
}

/// An unsigned integer of `N` bytes, at most 8.
#[inline(always)]
#[must_use]
pub fn wide<const N: usize>(bytes: [u8; N], endian: Endian) -> u64 {
    let mut word = [0; 8];
    match endian {
        Endian::Big => {
            if let Some(place) = word.get_mut(8usize.saturating_sub(N)..) {
                place.copy_from_slice(bytes.get(..place.len()).unwrap_or_default());
            }
            u64::from_be_bytes(word)
        }
        Endian::Little => {
            if let Some(place) = word.get_mut(..N) {
                place.copy_from_slice(bytes.get(..place.len()).unwrap_or_default());
            }
            u64::from_le_bytes(word)
        }
    }
}

/// The lowest `N` bytes of an integer, at most 8.
#[inline(always)]
#[must_use]
pub fn narrow<const N: usize>(value: u64, endian: Endian) -> [u8; N] {
    // From the low bytes, so that one or two of them need no shift of the whole word.
    let mut bytes: [u8; N] = part(&value.to_le_bytes(), 0);
    if endian == Endian::Big {
        bytes.reverse();
    }
    bytes
}

/// Padding: `len` zeros.
///
/// # Errors
/// [`Fault::Short`], or [`Fault::Padding`] at the first byte that is not zero.
#[inline]
pub fn padding(input: &[u8], len: usize, field: u16) -> Result<&[u8], Err<DecodeError>> {
    let Some((zeros, rest)) = input.split_at_checked(len) else {
        return malformed(Fault::Short, field, input);
    };
    match zeros.iter().position(|byte| *byte != 0) {
        None => Ok(rest),
        Some(at) => malformed_before(Fault::Padding, field, input.len().saturating_sub(at)),
    }
}

/// How many zeros a stretch begins with.
#[cold]
#[inline(never)]
#[must_use]
pub fn leading_zeros(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| **byte == 0).count()
}

/// Bytes from `offset` to the next multiple of `align`.
#[inline(always)]
#[must_use]
pub fn to_align(offset: usize, align: usize) -> usize {
    offset.checked_next_multiple_of(align).unwrap_or(offset) - offset
}

/// A nested value behind which fields of `tail` bytes stand: a greedy type gets all before them.
///
/// # Errors
/// What the nested reader reports; [`Fault::Short`] without room for the tail;
/// [`Fault::Trailing`] when a greedy type leaves something over.
#[inline(always)]
pub fn nested_before<'a, T: Parse<'a>>(
    input: &'a [u8],
    tail: usize,
    field: u16,
    scope: Scope<'_>,
    context: &T::Context,
) -> IResult<&'a [u8], T, DecodeError> {
    if !T::GREEDY {
        return T::parse_in(input, scope, context);
    }
    exact_before(input, tail, field, scope, context)
}

/// A nested value that takes all but the last `tail` bytes, exactly.
///
/// # Errors
/// What the nested reader reports; [`Fault::Short`] without room for the tail;
/// [`Fault::Trailing`] when something is left over.
#[inline(always)]
pub fn exact_before<'a, T: Parse<'a>>(
    input: &'a [u8],
    tail: usize,
    field: u16,
    scope: Scope<'_>,
    context: &T::Context,
) -> IResult<&'a [u8], T, DecodeError> {
    let split = input.len().checked_sub(tail).and_then(|len| input.split_at_checked(len));
    let Some((whole, rest)) = split else {
        return malformed(Fault::Short, field.saturating_add(1), input);
    };
    match T::parse_in(whole, scope, context) {
        Ok(([], value)) => Ok((rest, value)),
        Ok((left, _)) => {
            malformed_before(Fault::Trailing, field, left.len().saturating_add(rest.len()))
        }
        Err(error) => Err(error.map(|error| error.widen(rest.len()))),
    }
}

/// A nested value that fills a stretch exactly.
///
/// # Errors
/// What the nested reader reports; [`Fault::Trailing`] when something is left over.
#[inline(always)]
pub fn exact<'a, T: Parse<'a>>(
    part: &'a [u8],
    field: u16,
    scope: Scope<'_>,
    context: &T::Context,
) -> Result<T, Err<DecodeError>> {
    match T::parse_in(part, scope, context) {
        Ok(([], value)) => Ok(value),
        Ok((left, _)) => malformed(Fault::Trailing, field, left),
        Err(error) => Err(error),
    }
}
