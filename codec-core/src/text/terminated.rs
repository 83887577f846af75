//! Values that end at a terminator.

use bytes::BytesMut;
use memchr::{memchr, memmem};
use nom::IResult;

use crate::error::{DecodeError, EncodeError, Fault};
use crate::private::malformed;

/// What stands before the terminator, and what stands behind it.
///
/// `unit`: the terminator begins at a multiple of so many bytes (2 in UTF-16). `max_len`: so many
/// bytes may stand before it; not more than these are searched.
///
/// # Errors
/// [`Fault::Unterminated`] where the input ends first, [`Fault::Length`] where `max_len` does.
#[inline]
pub fn terminated<'a>(
    input: &'a [u8],
    field: u16,
    terminator: &[u8],
    unit: usize,
    max_len: Option<usize>,
) -> IResult<&'a [u8], &'a [u8], DecodeError> {
    let limit = max_len.map_or(usize::MAX, |len| len.saturating_add(terminator.len()));
    let searched = input.get(..limit).unwrap_or(input);
    let found = find(searched, terminator, unit).and_then(|end| input.split_at_checked(end));
    match found {
        Some((part, rest)) => Ok((rest.get(terminator.len()..).unwrap_or_default(), part)),
        None if searched.len() < input.len() => malformed(Fault::Length, field, input),
        None => malformed(Fault::Unterminated, field, input),
    }
}

/// Appends the terminator to what is written since `start`.
///
/// # Errors
/// [`EncodeError::Text`] where the terminator would be found before its place.
#[inline]
pub fn terminate(
    out: &mut BytesMut,
    start: usize,
    terminator: &[u8],
    unit: usize,
    field: &'static str,
) -> Result<(), EncodeError> {
    let len = out.len() - start;
    out.extend_from_slice(terminator);
    let written = out.get(start..).unwrap_or_default();
    if find(written, terminator, unit) == Some(len) {
        Ok(())
    } else {
        Err(EncodeError::Text { field })
    }
}

/// Where the terminator begins.
#[inline]
fn find(input: &[u8], terminator: &[u8], unit: usize) -> Option<usize> {
    match (terminator, unit) {
        ([byte], 0 | 1) => memchr(*byte, input),
        (_, 0 | 1) => memmem::find(input, terminator),
        _ => input
            .chunks_exact(unit)
            .scan(0, |offset, _| {
                let here = *offset;
                *offset += unit;
                Some(here)
            })
            .find(|offset| input.get(*offset..).is_some_and(|rest| rest.starts_with(terminator))),
    }
}
