//! What happened since the last look at the outbox, which holds the sums.

use super::Connection;
use crate::outbox::Sums;
use crate::protocol::Protocol;

/// Sums since the last visit.
// In the order of use, as the `Outbox`.
#[derive(Debug, Default, PartialEq)]
#[repr(C)]
pub(super) struct Tally {
    /// Something is in it.
    pub(super) noted: bool,
    /// A reply was handed to who had asked.
    pub(super) answered: bool,
    /// Turns that gave way to who has a reply, since one that did not.
    pub(super) ways: u8,
    pub(super) frames: u32,
    pub(super) received: u64,
    pub(super) written: u64,
    pub(super) round_trip_micros: u32,
    pub(super) heartbeats: u32,
    pub(super) late: u32,
    pub(super) skipped: u32,
    pub(super) malformed: u32,
    pub(super) epochs: u32,
    pub(super) failures: u32,
}

/// The tally, to be written into.
#[inline]
pub(super) fn noted(tally: &mut Option<Box<Tally>>) -> &mut Tally {
    let tally = tally.get_or_insert_default();
    tally.noted = true;
    tally
}

/// Adds what happened since the last visit.
pub(super) fn fold<P: Protocol>(
    tally: &mut Option<Box<Tally>>,
    connection: Option<&Connection<P>>,
    sums: &mut Sums,
) {
    sums.sequence = connection.map_or(sums.sequence, |connection| connection.sequence);
    let Some(tally) = tally.as_deref_mut().filter(|tally| tally.noted) else { return };
    let ways = tally.ways;
    let tally = std::mem::replace(tally, Tally { ways, ..Tally::default() });
    sums.frames_received += u64::from(tally.frames);
    sums.bytes_received += tally.received;
    sums.bytes_written += tally.written;
    sums.heartbeats += u64::from(tally.heartbeats);
    sums.late += u64::from(tally.late);
    sums.skipped_keys += u64::from(tally.skipped);
    sums.malformed += u64::from(tally.malformed);
    sums.epochs += tally.epochs;
    sums.failures += tally.failures;
    if tally.round_trip_micros > 0 {
        sums.round_trip_micros = tally.round_trip_micros;
    }
}
