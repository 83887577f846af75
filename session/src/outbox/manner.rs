//! How one frame is sent: how urgent it is, and for how long it is worth sending.

use std::time::Duration;

use crate::moment::Moment;

/// Expiry is rounded up to this, so that many frames expire in one sweep.
const EXPIRY_STEP_MICROS: u64 = 128 * 1_024;

/// How urgent a frame is. Strict: what is more urgent goes first, always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Priority {
    /// Before everything else; some places of the queue are reserved for it.
    Control = 0,
    /// The default.
    #[default]
    Normal = 1,
    /// After everything else; may wait until it expires.
    Bulk = 2,
}

impl Priority {
    pub(crate) const ALL: [Priority; 3] = [Priority::Control, Priority::Normal, Priority::Bulk];

    /// What belongs to it, of a thing for each lane.
    #[inline(always)]
    #[expect(clippy::indexing_slicing, reason = "there are three")]
    pub(crate) fn of<T>(self, all: &mut [T; 3]) -> &mut T {
        &mut all[self as usize]
    }
}

/// How one frame is to be sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    pub(crate) lane: Priority,
    /// Milliseconds; [`NEVER`] for no limit.
    pub(crate) time_to_live_ms: u32,
    pub(crate) marks: u8,
}

/// A time to live as an entry keeps it.
pub(crate) fn millis(time: Option<Duration>) -> u32 {
    time.map_or(NEVER, |time| u32::try_from(time.as_millis()).unwrap_or(NEVER))
}

/// A time to live without end.
pub(crate) const NEVER: u32 = u32::MAX;
/// Sent again after it became uncertain.
pub(crate) const IDEMPOTENT: u8 = 1;
/// Kept with its key for a resumed epoch.
pub(crate) const RESUMABLE: u8 = 2;

/// When a frame first looked at `now` expires.
pub(crate) fn expiry(now: Moment, time_to_live_ms: u32) -> Moment {
    if time_to_live_ms == NEVER {
        return Moment::NEVER;
    }
    let exact = now + Duration::from_millis(u64::from(time_to_live_ms));
    Moment(exact.0.div_ceil(EXPIRY_STEP_MICROS).saturating_mul(EXPIRY_STEP_MICROS))
}
