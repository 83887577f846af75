//! Types all of whose bytes are one array: everything but the array itself is written here once,
//! and not in the code of each of them.

use alloc::vec::Vec;

use bytes::BytesMut;
use nom::{Err, IResult};

use crate::error::{DecodeError, EncodeError};
use crate::private::cold::{short, wrong_len};
use crate::private::run::grown;
use crate::scope::{Endian, Scope};
use crate::wire::Wire;

/// Bytes of a block of a list. Growing by it means zeros, which stay in the first cache.
const BLOCK: usize = 2000;

/// Any `N` bytes are a value.
pub trait ReadImage<const N: usize>: Sized {
    /// Number and end of each field, for the report of what ran out.
    const ENDS: &'static [(u16, usize)];
    /// The value of these bytes.
    fn read_image(run: &[u8; N], scope: Scope<'_>) -> Self;
}

/// Every value is `N` bytes, and no parent fills any of them.
pub trait WriteImage<const N: usize>: Wire + Sized {
    /// The bytes of this value.
    ///
    /// # Errors
    /// A value that does not fit its field.
    fn write_image(
        &self,
        scope: Scope<'_>,
        context: &Self::Context,
    ) -> Result<[u8; N], EncodeError>;
}

/// `parse_in` of such a type.
///
/// # Errors
/// [`Fault::Short`](crate::Fault::Short).
#[inline(always)]
pub fn parse_image<'a, T: ReadImage<N>, const N: usize>(
    input: &'a [u8],
    scope: Scope<'_>,
) -> IResult<&'a [u8], T, DecodeError> {
    match input.split_first_chunk() {
        Some((run, rest)) => Ok((rest, T::read_image(run, scope))),
        None => short(input, T::ENDS, 0),
    }
}

/// `exact_in` of such a type.
///
/// # Errors
/// [`Fault::Short`](crate::Fault::Short), [`Fault::Trailing`](crate::Fault::Trailing).
#[inline(always)]
pub fn exact_image<T: ReadImage<N>, const N: usize>(
    input: &[u8],
    scope: Scope<'_>,
) -> Result<T, DecodeError> {
    match input.split_first_chunk() {
        Some((run, [])) => Ok(T::read_image(run, scope)),
        _ => wrong_len(input, T::ENDS),
    }
}

/// `parse_run` of such a type: one loop for each byte order, so that it is a constant inside.
///
/// # Errors
/// None.
#[inline(always)]
pub fn parse_images<T: ReadImage<N>, const N: usize>(
    block: &[u8],
    scope: Scope<'_>,
) -> Result<Vec<T>, Err<DecodeError>> {
    let runs = block.as_chunks().0.iter();
    Ok(match scope.endian {
        Endian::Big => runs.map(|run| T::read_image(run, scope.with(Endian::Big))).collect(),
        Endian::Little => runs.map(|run| T::read_image(run, scope.with(Endian::Little))).collect(),
    })
}

/// `encode_in` of such a type.
///
/// # Errors
/// A value that does not fit its field.
#[inline(always)]
pub fn encode_image<T: WriteImage<N>, const N: usize>(
    value: &T,
    out: &mut BytesMut,
    scope: Scope<'_>,
    context: &T::Context,
) -> Result<(), EncodeError> {
    out.extend_from_slice(&value.write_image(scope, context)?);
    Ok(())
}

/// `encode_run` of such a type: straight into the output, which grows by a block of items at once.
///
/// # Errors
/// The first value that does not fit its field.
#[inline(always)]
pub fn encode_images<T: WriteImage<N>, const N: usize>(
    items: &[T],
    out: &mut BytesMut,
    scope: Scope<'_>,
    context: &T::Context,
) -> Result<(), EncodeError> {
    match scope.endian {
        Endian::Big => in_order(items, out, scope.with(Endian::Big), context),
        Endian::Little => in_order(items, out, scope.with(Endian::Little), context),
    }
}

#[inline(always)]
fn in_order<T: WriteImage<N>, const N: usize>(
    items: &[T],
    out: &mut BytesMut,
    scope: Scope<'_>,
    context: &T::Context,
) -> Result<(), EncodeError> {
    let count = const { if N == 0 || N > BLOCK { 1 } else { BLOCK / N } };
    for items in items.chunks(count) {
        let places = grown::<N>(out, items.len());
        for (place, item) in places.iter_mut().zip(items) {
            *place = item.write_image(scope, context)?;
        }
    }
    Ok(())
}
