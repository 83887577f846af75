//! Parts of the input: behind a hidden length, before a tail, between delimiters.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;
use memchr::memmem;
use nom::{Err, IResult};

use crate::error::{DecodeError, Fault};
use crate::escape::{Escapes, escaped_offset, introducer, unescape};
use crate::private::cold::{malformed, malformed_before, plain, widened};
use crate::private::run::wide;
use crate::private::whole::Whole;
use crate::scope::{Endian, Scope};
use crate::wire::Wire;

/// Everything before the last `tail` bytes, and these.
#[inline(always)]
#[must_use]
pub fn split_before(input: &[u8], tail: usize) -> Option<(&[u8], &[u8])> {
    input.len().checked_sub(tail).and_then(|len| input.split_at_checked(len))
}

/// A hidden length or count of `N` bytes.
///
/// # Errors
/// [`Fault::Short`]; [`Fault::Length`] where it is beyond what can be counted.
#[inline]
pub fn counter<const N: usize>(
    input: &[u8],
    field: u16,
    endian: Endian,
) -> IResult<&[u8], usize, DecodeError> {
    let Some((bytes, rest)) = input.split_first_chunk::<N>() else {
        return malformed(Fault::Short, field, input);
    };
    match usize::try_from(wide(*bytes, endian)) {
        Ok(count) => Ok((rest, count)),
        Err(_) => malformed(Fault::Length, field, input),
    }
}

/// A hidden length or count that a varint reader gave.
///
/// # Errors
/// The reader's; [`Fault::Length`] where it is beyond what can be counted.
#[inline]
pub fn counted<'a, T: Whole>(
    result: IResult<&'a [u8], T, DecodeError>,
    at: &'a [u8],
    field: u16,
) -> IResult<&'a [u8], usize, DecodeError> {
    let (rest, value) = result?;
    match value.to_usize() {
        Some(count) => Ok((rest, count)),
        None => malformed(Fault::Length, field, at),
    }
}

/// Borrowed text, copied.
///
/// # Errors
/// The reader's.
#[inline]
pub fn owned(text: Result<&str, Err<DecodeError>>) -> Result<String, Err<DecodeError>> {
    text.map(ToOwned::to_owned)
}

/// The value of a reader that takes its whole part.
///
/// # Errors
/// The reader's.
#[inline]
pub fn value_of<T>(result: IResult<&[u8], T, DecodeError>) -> Result<T, Err<DecodeError>> {
    result.map(|(_, value)| value)
}

/// A frame between delimiters.
pub struct Between<'a> {
    /// What stands between them.
    pub inner: &'a [u8],
    /// No escape stands in it.
    pub clean: bool,
    /// Bytes from the end of it to the end of the frame.
    pub behind: usize,
    /// What follows the frame.
    pub rest: &'a [u8],
}

/// What stands between delimiters, how many bytes are from its end to the end of the frame, and
/// what is behind the frame.
///
/// An empty frame between two equal delimiters is skipped: it is legal noise. Where both are equal
/// the opening one may be missing: on a stream the closing one before it serves two frames. Escapes
/// are looked for on the way to the end, where that takes no second look.
///
/// # Errors
/// [`Fault::Magic`] without the opening one, [`Fault::Unterminated`] without the closing one.
#[inline]
pub fn between<'a>(
    input: &'a [u8],
    start: &[u8],
    end: &[u8],
    escapes: Escapes<'_>,
) -> Result<Between<'a>, Err<DecodeError>> {
    let shared = start == end && !start.is_empty();
    let mut body = match input.strip_prefix(start) {
        Some(body) => body,
        None if start.starts_with(input) => {
            return malformed(Fault::Short, 0, input.get(input.len()..).unwrap_or_default());
        }
        // Directly behind another frame, whose closing delimiter opens this one.
        None if shared => input,
        None => return malformed(Fault::Magic, 0, input),
    };
    if shared {
        while let Some(after) = body.strip_prefix(start) {
            body = after;
        }
    }
    let (found, clean) = ending(body, end, escapes);
    // The end stands there, so there is a rest: one check serves both.
    let split =
        found.and_then(|at| Some((body.get(..at)?, body.get(at.checked_add(end.len())?..)?)));
    let Some((inner, rest)) = split else {
        return malformed(Fault::Short, 0, body);
    };
    Ok(Between { inner, clean, behind: end.len(), rest })
}

/// Where `end` stands in `body`, and whether it is known that no escape stands before it.
#[inline]
fn ending(body: &[u8], end: &[u8], escapes: Escapes<'_>) -> (Option<usize>, bool) {
    match (end, introducer(escapes)) {
        ([end], Some(introducer)) => match memchr::memchr2(*end, introducer, body) {
            Some(at) if body.get(at) != Some(end) => {
                let behind = body.get(at..).unwrap_or_default();
                (memchr::memchr(*end, behind).and_then(|more| at.checked_add(more)), false)
            }
            found => (found, true),
        },
        ([end], None) => (memchr::memchr(*end, body), escapes.is_empty()),
        _ => (memmem::find(body, end), escapes.is_empty()),
    }
}

/// What stands between delimiters without its escapes, for a frame of type `F`; `None`: it is what
/// is meant.
///
/// # Errors
/// The offset of an escape byte that none of its codes follow.
#[inline]
pub fn unescaped<F: Wire>(
    inner: &[u8],
    clean: bool,
    escapes: Escapes<'_>,
) -> Result<Option<Clean>, usize> {
    if clean { Ok(None) } else { Ok(unescape(inner, escapes)?.map(Clean::new::<F>)) }
}

/// What the layout is read from, and its scope: the bytes as they came, or without their escapes.
#[inline]
#[must_use]
pub fn plain_of<'x, 's: 'x>(
    clean: &'x Option<Clean>,
    inner: &'x [u8],
    scope: Scope<'s>,
) -> (&'x [u8], Scope<'x>) {
    let Some(clean) = clean else { return (inner, scope) };
    if let Some(trace) = scope.trace() {
        trace.layer(clean.bytes());
    }
    (clean.bytes(), clean.scope(scope))
}

/// Bytes without their escapes: counted references only where something will share them.
pub enum Clean {
    /// For a layout without `Bytes`.
    Alone(Vec<u8>),
    /// For one that shares them.
    Shared(Bytes),
}

impl Clean {
    /// For a frame of type `F`.
    #[inline]
    #[must_use]
    pub fn new<F: Wire>(bytes: Vec<u8>) -> Self {
        if F::SHARES { Clean::Shared(Bytes::from(bytes)) } else { Clean::Alone(bytes) }
    }

    /// What the layout is read from.
    #[inline]
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match self {
            Clean::Alone(bytes) => bytes,
            Clean::Shared(bytes) => bytes,
        }
    }

    /// The scope inside of them.
    #[inline]
    #[must_use]
    pub fn scope<'c, 's: 'c>(&'c self, scope: Scope<'s>) -> Scope<'c> {
        match self {
            Clean::Alone(_) => Scope { owner: None, ..scope },
            Clean::Shared(bytes) => scope.owned_by(bytes),
        }
    }
}

/// An error in what stood between delimiters, placed in the bytes on the wire; `behind`: bytes
/// behind `inner`.
#[cold]
#[inline(never)]
pub fn refused_plain<T>(
    error: Err<DecodeError>,
    clean: &Option<Clean>,
    inner: &[u8],
    escapes: Escapes<'_>,
    behind: usize,
) -> Result<T, Err<DecodeError>> {
    let Some(clean) = clean else { return widened(error, behind) };
    let error = plain(error, inner);
    let offset = escaped_offset(inner, error.offset_in(clean.bytes()), escapes);
    let from_end = inner.len().saturating_sub(offset).saturating_add(behind);
    malformed_before(error.fault, error.field, from_end)
}

/// A broken escape at an offset of `escaped`; `behind`: bytes behind it.
#[cold]
#[inline(never)]
pub fn broken_escape<T>(
    offset: usize,
    escaped: &[u8],
    behind: usize,
) -> Result<T, Err<DecodeError>> {
    malformed_before(Fault::Escape, 0, escaped.len().saturating_sub(offset).saturating_add(behind))
}
