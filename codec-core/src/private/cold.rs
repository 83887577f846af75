//! Where parsers go when the bytes are wrong: cold functions, so that the hot path keeps its
//! registers.
//!
//! Each fault has a cold function that makes the [`DecodeError`], which fits a register. What wraps
//! it depends on the result, which is why the results of readers implement [`Refusal`]:
//!
//! - nom's results are wrapped where the check is. A reader that is inlined into a loop then keeps
//!   its value in registers; building the whole result elsewhere would force it into memory.
//! - The results of `exact_in` are built whole in the cold function, so that it is a tail call and
//!   the hot path needs no stack frame.

use nom::Err as NomErr;

use crate::error::{DecodeError, Fault};

/// The results that generated readers return.
pub trait Refusal {
    /// A fault at the start of `at`.
    fn malformed(fault: Fault, field: u16, at: &[u8]) -> Self;
    /// A fault so many bytes before the end.
    fn malformed_before(fault: Fault, field: u16, from_end: usize) -> Self;
    /// A run that ran out.
    fn short(at: &[u8], ends: &[(u16, usize)], cut: usize) -> Self;
    /// A type that is one run, in an input of another length.
    fn wrong_len(input: &[u8], ends: &[(u16, usize)]) -> Self;
    /// A length that does not agree with its span.
    fn span(claimed: Option<usize>, head: &SpanHead<'_>, from_end: usize, cut: usize) -> Self;
}

macro_rules! refusals {
    ($error:ty, $wrap:expr, $($inline:meta),+) => {
        impl<T> Refusal for Result<T, $error> {
            $(#[$inline])+
            fn malformed(fault: Fault, field: u16, at: &[u8]) -> Self {
                Err($wrap(DecodeError::new(fault, field, at)))
            }
            $(#[$inline])+
            fn malformed_before(fault: Fault, field: u16, from_end: usize) -> Self {
                Err($wrap(error_before(fault, field, from_end)))
            }
            $(#[$inline])+
            fn short(at: &[u8], ends: &[(u16, usize)], cut: usize) -> Self {
                Err($wrap(short_error(at, ends, cut)))
            }
            $(#[$inline])+
            fn wrong_len(input: &[u8], ends: &[(u16, usize)]) -> Self {
                Err($wrap(len_error(input, ends)))
            }
            $(#[$inline])+
            fn span(
                claimed: Option<usize>,
                head: &SpanHead<'_>,
                from_end: usize,
                cut: usize,
            ) -> Self {
                Err($wrap(span_error(claimed, head, from_end, cut)))
            }
        }
    };
}
refusals!(NomErr<DecodeError>, NomErr::Error, inline(always));
refusals!(DecodeError, core::convert::identity, cold, inline(never));

/// The error behind nom's wrapper; `Incomplete`, which no complete parser gives, counts as short.
#[cold]
#[inline(never)]
#[must_use]
pub fn plain(error: NomErr<DecodeError>, _input: &[u8]) -> DecodeError {
    match error {
        NomErr::Error(error) | NomErr::Failure(error) => error,
        NomErr::Incomplete(_) => DecodeError { from_end: 0, field: 0, fault: Fault::Short },
    }
}

/// A fault of `field` at the start of `at`, which is a suffix of the input.
#[inline(always)]
pub fn malformed<R: Refusal>(fault: Fault, field: u16, at: &[u8]) -> R {
    R::malformed(fault, field, at)
}

/// The same for the second body of fixed-size types.
#[cold]
#[inline(never)]
pub fn refused<T>(fault: Fault, field: u16, at: &[u8]) -> Result<T, DecodeError> {
    Err(DecodeError::new(fault, field, at))
}

/// A fault so many bytes before the end of the input.
#[inline(always)]
pub fn malformed_before<R: Refusal>(fault: Fault, field: u16, from_end: usize) -> R {
    R::malformed_before(fault, field, from_end)
}

#[cold]
#[inline(never)]
fn error_before(fault: Fault, field: u16, from_end: usize) -> DecodeError {
    let from_end = u32::try_from(from_end).unwrap_or(u32::MAX);
    DecodeError { from_end, field, fault }
}

/// An error of a nested reader that saw `cut` bytes less than this one's input.
#[inline(always)]
pub fn widened<T>(error: NomErr<DecodeError>, cut: usize) -> Result<T, NomErr<DecodeError>> {
    Err(NomErr::Error(widened_error(error, cut)))
}

#[cold]
#[inline(never)]
fn widened_error(error: NomErr<DecodeError>, cut: usize) -> DecodeError {
    plain(error, &[]).widen(cut)
}

/// Bytes from `offset` bytes behind the start of `at` to the end of the input, of which `cut` bytes
/// are behind the end of `at`.
#[inline(always)]
#[must_use]
pub fn from_end(at: &[u8], offset: usize, cut: usize) -> usize {
    at.len().wrapping_sub(offset).wrapping_add(cut)
}

/// A run of fixed-size fields that ran out: `ends` tells for each field where it ends in the run.
/// The fault is at the first field that does not fit.
#[inline(always)]
pub fn short<R: Refusal>(at: &[u8], ends: &[(u16, usize)], cut: usize) -> R {
    R::short(at, ends, cut)
}

#[cold]
#[inline(never)]
fn short_error(at: &[u8], ends: &[(u16, usize)], cut: usize) -> DecodeError {
    let (field, start) = ran_out(at.len(), ends);
    error_before(Fault::Short, field, from_end(at, start, cut))
}

/// A type that is one run, in an input of another length: too short, or bytes are left over.
#[inline(always)]
pub fn wrong_len<R: Refusal>(input: &[u8], ends: &[(u16, usize)]) -> R {
    R::wrong_len(input, ends)
}

#[cold]
#[inline(never)]
fn len_error(input: &[u8], ends: &[(u16, usize)]) -> DecodeError {
    let all = ends.last().map_or(0, |&(_, end)| end);
    match input.get(all..) {
        Some(left) if !left.is_empty() => DecodeError::new(Fault::Trailing, 0, left),
        _ => short_error(input, ends, 0),
    }
}

/// A length beside its span's first bytes, for [`span_refused`].
pub struct SpanHead<'t> {
    /// Field of the length.
    pub holder: u16,
    /// Where it begins, in bytes from the start of the run; may be before it.
    pub holder_start: isize,
    /// Bytes from the start of the span to the end of the length.
    pub own_end: usize,
    /// Bytes from the start of the span to the start of the run; negative where it begins inside.
    pub before: isize,
    /// Where the fields of the run end, from its start.
    pub ends: &'t [(u16, usize)],
    /// First field of the span.
    pub first: u16,
    /// Last field of the span.
    pub last: u16,
}

/// A length that does not agree with the fixed-size fields that were already read inside its span:
/// `claimed` bytes, `run_from_end` from the start of the run to the end of the input, of which
/// `cut` are out of reach.
#[inline(always)]
pub fn span_refused<R: Refusal>(
    claimed: Option<usize>,
    head: &SpanHead<'_>,
    run_from_end: usize,
    cut: usize,
) -> R {
    R::span(claimed, head, run_from_end, cut)
}

#[cold]
#[inline(never)]
fn span_error(
    claimed: Option<usize>,
    head: &SpanHead<'_>,
    run_from_end: usize,
    cut: usize,
) -> DecodeError {
    let (field, fault, offset) = match claimed {
        Some(claimed) if claimed >= head.own_end => {
            let inside = claimed.saturating_add_signed(0isize.wrapping_sub(head.before));
            let all = head.ends.last().map_or(0, |&(_, end)| end);
            if inside < all {
                let (field, start) = ran_out(inside, head.ends);
                (field, Fault::Short, start.cast_signed())
            } else if inside > run_from_end.saturating_sub(cut) {
                (head.first, Fault::Short, 0isize.wrapping_sub(head.before))
            } else {
                (head.last, Fault::Trailing, all.cast_signed())
            }
        }
        _ => (head.holder, Fault::Length, head.holder_start),
    };
    error_before(fault, field, run_from_end.wrapping_add_signed(0isize.wrapping_sub(offset)))
}

/// The first field that does not fit into `len` bytes, and where it begins.
fn ran_out(len: usize, ends: &[(u16, usize)]) -> (u16, usize) {
    let mut start = 0;
    for &(field, end) in ends {
        if end > len {
            return (field, start);
        }
        start = end;
    }
    (ends.last().map_or(0, |&(field, _)| field), start)
}
