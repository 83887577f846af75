//! Frames that say how long they are.

use nom::{Err, IResult};

use super::{Limits, Progress};
use crate::error::{DecodeError, Fault};
use crate::frame::Probe;

/// A length that `read` finds in the first `header` bytes and turns into the length of the frame.
///
/// `read` sees exactly `header` bytes, once for each frame whatever the chunks are.
#[inline]
pub fn length(
    progress: &mut Progress,
    limits: &Limits,
    buffer: &[u8],
    header: usize,
    read: impl FnOnce(&[u8]) -> Result<usize, Fault>,
) -> Probe {
    if let Some(missing) = awaited(progress, buffer) {
        return Probe::Need(missing);
    }
    let Some(start) = buffer.get(..header) else {
        return unfinished(progress, limits, buffer, header);
    };
    if !limits.begins(start) {
        return limits.implausible(buffer, Fault::Magic);
    }
    progress.meter.add(header);
    found(progress, limits, buffer, header, read(start))
}

/// A length of variable size that begins `at` bytes into the frame.
///
/// `read` is its parser; `end` turns the value and the bytes up to its end into the length of the
/// frame. While the length is incomplete one byte at a time is asked for.
#[inline]
pub fn varint_length<T>(
    progress: &mut Progress,
    limits: &Limits,
    buffer: &[u8],
    at: usize,
    read: impl FnOnce(&[u8]) -> IResult<&[u8], T, DecodeError>,
    end: impl FnOnce(T, usize) -> Result<usize, Fault>,
) -> Probe {
    if let Some(missing) = awaited(progress, buffer) {
        return Probe::Need(missing);
    }
    let Some((_, tail)) = buffer.split_at_checked(at).filter(|(_, tail)| !tail.is_empty()) else {
        return unfinished(progress, limits, buffer, at + 1);
    };
    if !limits.begins(buffer) {
        return limits.implausible(buffer, Fault::Magic);
    }
    // What lies behind the longest varint is none of its business.
    let window = tail.get(..VARINT_MAX).unwrap_or(tail);
    match read(window) {
        Ok((rest, value)) => {
            let width = window.len() - rest.len();
            progress.meter.add(at + width);
            found(progress, limits, buffer, at + width, end(value, at + width))
        }
        Err(error) => {
            progress.meter.add(window.len());
            match error {
                Err::Incomplete(_) => Probe::Need(1),
                Err::Error(error) | Err::Failure(error) => {
                    if error.fault == Fault::Short && window.len() < VARINT_MAX {
                        Probe::Need(1)
                    } else {
                        limits.implausible(buffer, error.fault)
                    }
                }
            }
        }
    }
}

/// Bytes of the longest varint: 128 bits in groups of seven.
const VARINT_MAX: usize = 19;

/// The length of a frame: what its length field says, and what stands outside of its span.
///
/// The wire `value` × `unit` are the bytes of the span plus the bias; `outside` is the number of
/// bytes of the frame outside of the span, minus the bias.
///
/// # Errors
/// [`Fault::Length`] when the result is negative or does not fit.
#[inline]
pub fn total(value: u64, unit: u64, outside: i64) -> Result<usize, Fault> {
    value
        .checked_mul(unit)
        .and_then(|bytes| bytes.checked_add_signed(outside))
        .and_then(|bytes| usize::try_from(bytes).ok())
        .ok_or(Fault::Length)
}

/// The same where the span begins `end` bytes into the frame, or further: behind a length of
/// variable size.
///
/// # Errors
/// [`Fault::Length`] when the result is negative or does not fit.
#[inline]
pub fn total_behind(end: usize, value: u64, unit: u64, outside: i64) -> Result<usize, Fault> {
    total(value, unit, outside)?.checked_add(end).ok_or(Fault::Length)
}

/// Bytes outside of the span of a length, minus its bias; `None` where they are not constant.
#[must_use]
pub const fn outside(len: Option<usize>, bias: i64) -> Option<i64> {
    match len {
        #[expect(clippy::cast_possible_wrap, reason = "a layout has fewer bytes than that")]
        Some(len) => (len as i64).checked_sub(bias),
        None => None,
    }
}

/// What a reader of the header found wrong.
#[must_use]
pub fn fault(error: &Err<DecodeError>) -> Fault {
    match error {
        Err::Error(error) | Err::Failure(error) => error.fault,
        Err::Incomplete(_) => Fault::Short,
    }
}

/// Bytes that are still missing of a frame whose length was read before.
#[inline(always)]
fn awaited(progress: &mut Progress, buffer: &[u8]) -> Option<usize> {
    if progress.known != 0 {
        if buffer.len() < progress.known {
            return Some(progress.known - buffer.len());
        }
        // Whole now, and read once more like one that came at once: nothing is left to forget.
        progress.known = 0;
        progress.certain = false;
    }
    None
}

/// The length is known: is it possible, and are its bytes here?
#[inline]
fn found(
    progress: &mut Progress,
    limits: &Limits,
    buffer: &[u8],
    header: usize,
    total: Result<usize, Fault>,
) -> Probe {
    let total = match total {
        Ok(total) => total,
        Err(fault) => return limits.implausible(buffer, fault),
    };
    if total < limits.min.max(header) || total > limits.max {
        return limits.implausible(buffer, Fault::Length);
    }
    if total <= buffer.len() {
        return Probe::Frame { len: total };
    }
    progress.known = total;
    progress.certain = true;
    Probe::Need(behind(total, buffer.len()))
}

/// Out of line: in line, the difference would be taken of every frame, also where none is missing.
#[cold]
#[inline(never)]
fn behind(total: usize, here: usize) -> usize {
    total.saturating_sub(here)
}

/// The header is not whole yet.
#[inline(always)]
fn unfinished(progress: &mut Progress, limits: &Limits, buffer: &[u8], header: usize) -> Probe {
    match missing(progress, limits, buffer, header) {
        Some(missing) => Probe::Need(missing),
        None => limits.implausible(buffer, Fault::Magic),
    }
}

/// Bytes of the header that are missing; `None`: those that are there are none of it.
#[cold]
#[inline(never)]
fn missing(
    progress: &mut Progress,
    limits: &Limits,
    buffer: &[u8],
    header: usize,
) -> Option<usize> {
    progress.meter.add(limits.magic.len().min(buffer.len()));
    limits.begins(buffer).then(|| header.saturating_sub(buffer.len()).max(1))
}
