//! What is counted: outcomes, and places given back.

use std::time::Duration;

use crate::event::{Counts, Outcome, Statistics};

/// Places and bytes that are free again.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Freed {
    pub(crate) frames: usize,
    pub(crate) bytes: usize,
    /// Bytes by which frames came out longer than `encoded_len` had said.
    pub(crate) grown: usize,
}

impl Freed {
    pub(crate) fn one(&mut self, len: usize) {
        self.frames += 1;
        self.bytes += len;
    }
}

/// What the task has settled and not yet booked in the outbox.
#[derive(Debug, Default)]
pub(crate) struct Books {
    pub(crate) freed: Freed,
    pub(crate) counts: Counts,
    pub(crate) has_counts: bool,
}

impl Books {
    /// So many frames of so many bytes are written, and wait for nothing.
    pub(crate) fn written(&mut self, count: usize, bytes: usize) {
        self.has_counts |= count > 0;
        self.counts.written += count as u64;
        self.freed.frames += count;
        self.freed.bytes += bytes;
    }

    pub(crate) fn count(&mut self, outcome: &Outcome) {
        self.has_counts = true;
        count(&mut self.counts, outcome);
    }
}

/// What [`Statistics`] tells besides the outcomes, which are counted apart.
// In the order of use, as the `Outbox`.
#[derive(Debug, Default)]
#[repr(C)]
pub(crate) struct Sums {
    pub(crate) frames_received: u64,
    pub(crate) bytes_received: u64,
    pub(crate) bytes_written: u64,
    pub(crate) sequence: u64,
    pub(crate) round_trip_micros: u32,
    pub(crate) epochs: u32,
    pub(crate) failures: u32,
    pub(crate) heartbeats: u64,
    pub(crate) late: u64,
    pub(crate) skipped_keys: u64,
    pub(crate) discarded: u64,
    pub(crate) malformed: u64,
    pub(crate) stalls: u64,
}

impl Sums {
    pub(crate) fn statistics(&self, sends: Counts) -> Statistics {
        Statistics {
            sends,
            frames_received: self.frames_received,
            bytes_received: self.bytes_received,
            bytes_written: self.bytes_written,
            epochs: self.epochs,
            failures: self.failures,
            heartbeats: self.heartbeats,
            late: self.late,
            skipped_keys: self.skipped_keys,
            discarded: self.discarded,
            malformed: self.malformed,
            stalls: self.stalls,
            sequence: self.sequence,
            round_trip: Duration::from_micros(u64::from(self.round_trip_micros)),
        }
    }
}

/// Notes an outcome in the sums.
pub(crate) fn count(counts: &mut Counts, outcome: &Outcome) {
    match outcome {
        Outcome::Acknowledged { .. } => counts.acknowledged += 1,
        Outcome::Written { .. } => counts.written += 1,
        Outcome::NotSent => counts.not_sent += 1,
        Outcome::Uncertain { .. } => counts.uncertain += 1,
        Outcome::Expired => counts.expired += 1,
        Outcome::Cancelled => counts.cancelled += 1,
        Outcome::Unencodable(_) => counts.unencodable += 1,
    }
}

pub(super) fn add(sums: &mut Counts, more: &Counts) {
    sums.acknowledged += more.acknowledged;
    sums.written += more.written;
    sums.not_sent += more.not_sent;
    sums.uncertain += more.uncertain;
    sums.expired += more.expired;
    sums.cancelled += more.cancelled;
    sums.unencodable += more.unencodable;
}
