//! Frames between delimiters.

use super::{Limits, Progress};
use crate::error::Fault;
use crate::frame::{Probe, Resync};
use crate::resync::find;

/// Frames that one and the same `delimiter` opens and closes, so that it may be shared by two.
///
/// Leading delimiters are noise, but for the last, which opens the frame. Once any delimiter was
/// seen a frame may begin without one: the closing one of the frame before it, good or malformed,
/// serves. What stands before the first delimiter ever is garbage.
#[inline]
pub fn shared(
    progress: &mut Progress,
    limits: &Limits,
    buffer: &[u8],
    delimiter: &'static [u8],
) -> Probe {
    let opening = if progress.known == 0 {
        match opened(progress, limits, buffer, delimiter) {
            Ok(opening) => {
                progress.known = opening;
                opening
            }
            Err(probe) => return probe,
        }
    } else if buffer.starts_with(delimiter) {
        delimiter.len()
    } else {
        0
    };
    let borrowed = delimiter.len().saturating_sub(opening);
    closed(progress, limits, buffer, borrowed, delimiter)
}

/// How many bytes open the frame: none, or one delimiter; or what to do before there is a frame.
#[inline]
fn opened(
    progress: &mut Progress,
    limits: &Limits,
    buffer: &[u8],
    delimiter: &'static [u8],
) -> Result<usize, Probe> {
    // As a rule one delimiter, and something else behind it.
    if let Some((opening, behind)) = buffer.split_at_checked(delimiter.len())
        && opening == delimiter
        && let Some(next) = behind.get(..delimiter.len())
        && next != delimiter
    {
        progress.opened = true;
        return Ok(delimiter.len());
    }
    doubtful(progress, limits, buffer, delimiter)
}

/// The same where no delimiter stands, or several do, or too little to tell.
#[cold]
#[inline(never)]
fn doubtful(
    progress: &mut Progress,
    limits: &Limits,
    buffer: &[u8],
    delimiter: &'static [u8],
) -> Result<usize, Probe> {
    let width = delimiter.len();
    if !buffer.starts_with(delimiter) {
        if !progress.opened {
            return Err(search(progress, limits, buffer, delimiter));
        }
        // Between two frames, or the first bytes of a delimiter of several.
        let missing = width.saturating_sub(buffer.len()).max(1);
        return if delimiter.starts_with(buffer) { Err(Probe::Need(missing)) } else { Ok(0) };
    }
    progress.opened = true;
    let behind = buffer.get(width..).unwrap_or(&[]);
    if !behind.starts_with(delimiter) {
        // The next may be a delimiter too: then this one opens nothing.
        let missing = width.saturating_sub(behind.len()).max(1);
        return if delimiter.starts_with(behind) { Err(Probe::Need(missing)) } else { Ok(width) };
    }
    let mut noise = width;
    let mut rest = behind;
    while let Some(after) = rest.get(width..).filter(|after| after.starts_with(delimiter)) {
        noise += width;
        rest = after;
    }
    progress.meter.add(noise);
    Err(Probe::Noise { len: noise })
}

/// Frames with a `start` and an `end` of their own.
///
/// A frame ends at the first `end`, whatever field it lies in. When the frame is refused, the last
/// `start` inside of it is tried next: its own end may have been lost.
#[inline]
pub fn delimited(
    progress: &mut Progress,
    limits: &Limits,
    buffer: &[u8],
    start: &'static [u8],
    end: &'static [u8],
) -> Probe {
    progress.start = start;
    if progress.known == 0 {
        if !buffer.starts_with(start) {
            return search(progress, limits, buffer, start);
        }
        progress.known = start.len();
    }
    closed(progress, limits, buffer, 0, end)
}

/// Looks for the `end` behind what was already scanned. `borrowed` bytes of the frame are not in
/// the buffer: the delimiter that it shares with the frame before.
#[inline]
fn closed(
    progress: &mut Progress,
    limits: &Limits,
    buffer: &[u8],
    borrowed: usize,
    end: &'static [u8],
) -> Probe {
    let from = progress.known;
    // Whatever lies beyond the longest frame must not be asked, or the chunks would decide.
    let window = buffer.get(..limits.max.saturating_sub(borrowed)).unwrap_or(buffer);
    let tail = window.get(from..).unwrap_or(&[]);
    match find(tail, end) {
        Ok(at) => {
            progress.meter.add(at + end.len());
            let len = from + at + end.len();
            if len + borrowed < limits.min {
                return impossible(progress, limits, buffer, from + at);
            }
            Probe::Frame { len }
        }
        Err(at) => {
            progress.meter.add(tail.len());
            // Bytes that may be the beginning of the end are looked at again: fewer than it has.
            progress.known = from + at;
            if borrowed + from + at + end.len() > limits.max {
                return impossible(progress, limits, buffer, from + at);
            }
            Probe::Need(end.len().saturating_sub(tail.len() - at).max(1))
        }
    }
}

/// The frame is longer than allowed, or too short: the bytes up to `len` are garbage, and the
/// delimiter behind them may open the next frame.
#[cold]
#[inline(never)]
fn impossible(progress: &mut Progress, limits: &Limits, buffer: &[u8], len: usize) -> Probe {
    if limits.resync == Resync::Close {
        return Probe::Broken(Fault::Length);
    }
    progress.known = 0;
    progress.opened = false;
    let bytes = buffer.get(..len).unwrap_or(buffer);
    let len = match reopened(bytes, progress.start) {
        // No whole start inside; its first bytes may stand at the end.
        all if all == bytes.len() => all - beginning(bytes, progress.start),
        at => at,
    };
    Probe::Skip { len: len.max(1), reason: Fault::Length }
}

/// Bytes at the end of `bytes` that may be the beginning of `start`.
fn beginning(bytes: &[u8], start: &[u8]) -> usize {
    let most = start.len().min(bytes.len()).saturating_sub(1);
    let fits = |count: &usize| start.get(..*count).is_some_and(|part| bytes.ends_with(part));
    (1..=most).rev().find(fits).unwrap_or(0)
}

/// Before the first delimiter: all is garbage until it comes.
#[cold]
#[inline(never)]
fn search(progress: &mut Progress, limits: &Limits, buffer: &[u8], start: &[u8]) -> Probe {
    let (Ok(len) | Err(len)) = find(buffer, start);
    progress.meter.add(len);
    match len {
        0 => Probe::Need(start.len().saturating_sub(buffer.len()).max(1)),
        _ if limits.resync == Resync::Close => Probe::Broken(Fault::Garbage),
        len => Probe::Skip { len, reason: Fault::Garbage },
    }
}

/// How much of a refused frame to drop: up to the last `start` inside, or all of it.
#[cold]
#[inline(never)]
pub(super) fn reopened(frame: &[u8], start: &[u8]) -> usize {
    if start.is_empty() {
        return frame.len();
    }
    let inside = frame.get(1..).unwrap_or(&[]);
    match inside.windows(start.len()).rposition(|window| window == start) {
        Some(at) => at + 1,
        None => frame.len(),
    }
}
