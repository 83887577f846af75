//! Frames that end with a terminator.

use super::{Limits, Progress};
use crate::error::Fault;
use crate::frame::{Probe, Resync};
use crate::resync::find;

/// Frames that end with `end` and begin with anything. An overlong one is garbage up to and with
/// its terminator.
#[inline]
pub fn terminated(
    progress: &mut Progress,
    limits: &Limits,
    buffer: &[u8],
    end: &'static [u8],
) -> Probe {
    let from = progress.known;
    let tail = buffer.get(from..).unwrap_or(&[]);
    match find(tail, end) {
        Ok(at) => {
            progress.meter.add(at + end.len());
            let len = from + at + end.len();
            if progress.discarding || len > limits.max || len < limits.min {
                return discard(progress, limits, len, false);
            }
            Probe::Frame { len }
        }
        Err(at) => {
            progress.meter.add(tail.len());
            progress.known = from + at;
            let full = from + at + end.len() > limits.max;
            if (full || progress.discarding) && from + at > 0 {
                return discard(progress, limits, from + at, true);
            }
            Probe::Need(end.len().saturating_sub(tail.len() - at).max(1))
        }
    }
}

/// A line that is too long, or too short to be one; `open`: its end is still to come.
#[cold]
#[inline(never)]
fn discard(progress: &mut Progress, limits: &Limits, len: usize, open: bool) -> Probe {
    if limits.resync == Resync::Close {
        return Probe::Broken(Fault::Length);
    }
    progress.known = 0;
    progress.discarding = open;
    Probe::Skip { len, reason: Fault::Length }
}
