//! Frames of one size.

use super::{Limits, Progress};
use crate::error::Fault;
use crate::frame::Probe;

/// A frame of `len` bytes, always.
#[inline]
#[must_use]
pub fn fixed(progress: &mut Progress, limits: &Limits, buffer: &[u8], len: usize) -> Probe {
    if !limits.begins(buffer) {
        return limits.implausible(buffer, Fault::Magic);
    }
    // Of a frame that is whole nothing is remembered.
    progress.certain = (limits.magic.len()..len).contains(&buffer.len());
    match len.checked_sub(buffer.len()) {
        None | Some(0) => Probe::Frame { len },
        Some(missing) => Probe::Need(missing),
    }
}
