//! One session's share of the metrics.

use std::time::Duration;

use ::metrics::{counter, gauge, histogram};

use crate::event::{Cause, Counts, Outcome, Statistics};
use crate::moment::Moment;

/// Hands over what was added since its last look, so that the sums of all sessions add up.
pub(crate) struct Meter {
    last: Box<Statistics>,
    queued: (usize, usize),
    /// The dial began, or the connection was accepted.
    began: Moment,
    up_since: Option<Moment>,
}

impl Meter {
    pub(crate) fn new() -> Self {
        gauge!("longlink_sessions").increment(1.0);
        let last = Box::new(Statistics::default());
        Self { last, queued: (0, 0), began: Moment(0), up_since: None }
    }

    pub(crate) fn dials(&mut self, now: Moment) {
        self.began = now;
    }

    pub(crate) fn up(&mut self, now: Moment) {
        gauge!("longlink_sessions_up").increment(1.0);
        histogram!("longlink_login_seconds").record(now.since(self.began));
        self.up_since = Some(now);
    }

    pub(crate) fn down(&mut self, cause: &Cause, now: Moment) {
        counter!("longlink_downs_total", "cause" => cause.name()).increment(1);
        self.is_down(now);
    }

    fn is_down(&mut self, now: Moment) {
        if let Some(since) = self.up_since.take() {
            gauge!("longlink_sessions_up").decrement(1.0);
            histogram!("longlink_epoch_seconds").record(now.since(since));
        }
    }

    /// The session stands so now; `queued` in frames and bytes.
    pub(crate) fn look(&mut self, sums: &Statistics, queued: (usize, usize)) {
        move_gauge("longlink_queued_frames", self.queued.0, queued.0);
        move_gauge("longlink_queued_bytes", self.queued.1, queued.1);
        self.queued = queued;
        if *sums == *self.last {
            return;
        }
        let last = std::mem::replace(&mut *self.last, *sums);
        let added = [
            ("longlink_sends_total", sums.sends.accepted - last.sends.accepted),
            ("longlink_frames_received_total", sums.frames_received - last.frames_received),
            ("longlink_received_bytes_total", sums.bytes_received - last.bytes_received),
            ("longlink_written_bytes_total", sums.bytes_written - last.bytes_written),
            ("longlink_epochs_total", u64::from(sums.epochs - last.epochs)),
            ("longlink_failures_total", u64::from(sums.failures - last.failures)),
            ("longlink_heartbeats_total", sums.heartbeats - last.heartbeats),
            ("longlink_late_total", sums.late - last.late),
            ("longlink_skipped_keys_total", sums.skipped_keys - last.skipped_keys),
            ("longlink_discarded_total", sums.discarded - last.discarded),
            ("longlink_malformed_total", sums.malformed - last.malformed),
            ("longlink_stalls_total", sums.stalls - last.stalls),
        ];
        for (name, more) in added.into_iter().filter(|(_, more)| *more > 0) {
            counter!(name).increment(more);
        }
        settled(&sums.sends.since(&last.sends));
        if sums.round_trip != last.round_trip && sums.round_trip > Duration::ZERO {
            histogram!("longlink_round_trip_seconds").record(sums.round_trip);
        }
    }

    /// The session is over.
    pub(crate) fn end(&mut self, now: Moment) {
        self.is_down(now);
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        move_gauge("longlink_queued_frames", self.queued.0, 0);
        move_gauge("longlink_queued_bytes", self.queued.1, 0);
        if self.up_since.is_some() {
            gauge!("longlink_sessions_up").decrement(1.0);
        }
        gauge!("longlink_sessions").decrement(1.0);
    }
}

fn settled(more: &Counts) {
    let outcomes = [
        (Outcome::Acknowledged { epoch: 0 }.name(), more.acknowledged),
        (Outcome::Written { epoch: 0 }.name(), more.written),
        (Outcome::NotSent.name(), more.not_sent),
        (Outcome::Uncertain { epoch: 0 }.name(), more.uncertain),
        (Outcome::Expired.name(), more.expired),
        (Outcome::Cancelled.name(), more.cancelled),
        ("unencodable", more.unencodable),
    ];
    for (outcome, count) in outcomes.into_iter().filter(|(_, count)| *count > 0) {
        counter!("longlink_outcomes_total", "outcome" => outcome).increment(count);
    }
}

fn move_gauge(name: &'static str, from: usize, to: usize) {
    // Exact in a double up to 2^53: queues are bounded far below.
    let by = |count: usize| u32::try_from(count).map_or(f64::from(u32::MAX), f64::from);
    match from.cmp(&to) {
        std::cmp::Ordering::Less => gauge!(name).increment(by(to - from)),
        std::cmp::Ordering::Equal => {}
        std::cmp::Ordering::Greater => gauge!(name).decrement(by(from - to)),
    }
}
