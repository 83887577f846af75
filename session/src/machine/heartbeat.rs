//! When to ask the peer for a sign of life, and how long an interval the network bears.

use std::time::Duration;

use crate::moment::{Micros, Moment, Since};
use crate::protocol::Key;
use crate::random::Random;
use crate::settings::{Adaptive, Heartbeat};

/// The heartbeat of one connection.
#[derive(Debug, Default)]
pub(crate) struct Beat {
    /// Drawn anew for each beat; without one none is due, ever.
    pub(crate) interval: Option<Micros>,
    /// A heartbeat went out then, and no byte has come since.
    pub(crate) asked: Since,
    /// The socket was looked at after the deadline.
    pub(crate) looked: bool,
    /// No beat before this one's interval, even if nothing was sent for it.
    pub(crate) last: Moment,
    /// The newest beat whose declared answer has not come.
    pub(crate) sounded: Since,
    /// That beat's key, where it was stamped with one: its reply is its answer.
    pub(crate) key: Option<Key>,
    /// Beats of this connection.
    pub(crate) count: u32,
    /// Set by the peer for this connection.
    pub(crate) agreed: Option<Micros>,
    /// So long the peer may be silent.
    pub(crate) silence: Option<Micros>,
    /// The socket was looked at for this deadline of the peer's silence.
    pub(crate) looked_at: Since,
}

impl Beat {
    /// Draws the wait until the next beat.
    pub(crate) fn arm(
        &mut self,
        heartbeat: &Heartbeat,
        search: Option<&Search>,
        random: &mut Random,
    ) {
        let settled = match (self.agreed, &heartbeat.adaptive, search) {
            (Some(agreed), _, _) => Some(agreed.get()),
            (None, Some(policy), _) if self.count < policy.warm_up => Some(policy.min),
            (None, Some(policy), search) => Some(search.map_or(policy.min, |s| s.interval)),
            (None, None, _) => heartbeat.interval,
        };
        let Some(interval) = settled.filter(|interval| !interval.is_zero()) else {
            self.interval = None;
            return;
        };
        let share = f64::from(heartbeat.jitter.clamp(0.0, 1.0));
        // 32 random bits as a fraction: exact in a double.
        let drawn = f64::from(u32::try_from(random.next() >> 32).unwrap_or(0)) / 4_294_967_296.0;
        let drawn = interval.mul_f64(1.0 - share * drawn).max(Duration::from_millis(1));
        self.interval = Some(Micros::of(drawn));
    }

    /// When the next one is due.
    pub(crate) fn due(&self, received: Moment, sent: Moment) -> Moment {
        match (self.interval, self.asked.get()) {
            (Some(interval), None) => received.min(sent).max(self.last) + interval,
            _ => Moment::NEVER,
        }
    }
}

/// The search for the longest interval that holds; it outlives the connections. After Tencent
/// Mars, `stn/src/smart_heartbeat.cc`: `OnHeartResult`, `OnHeartbeatFailed`.
#[derive(Debug)]
pub(crate) struct Search {
    pub(crate) interval: Duration,
    successes: u32,
    failures: u32,
    /// Settled since then.
    settled: Option<Moment>,
}

impl Search {
    pub(crate) fn new(policy: &Adaptive) -> Self {
        Self { interval: policy.min, successes: 0, failures: 0, settled: None }
    }

    /// A heartbeat at the searched interval was answered.
    pub(crate) fn answered(&mut self, policy: &Adaptive, now: Moment) {
        self.failures = 0;
        if let Some(since) = self.settled {
            if now.since(since) < policy.again {
                return;
            }
            self.settled = None;
        }
        self.successes += 1;
        if self.successes >= policy.probes {
            self.successes = 0;
            if self.interval >= policy.max {
                self.settled = Some(now);
            }
            self.interval = (self.interval + policy.step).min(policy.max);
        }
    }

    /// A heartbeat at the searched interval was not answered.
    pub(crate) fn failed(&mut self, policy: &Adaptive, now: Moment) {
        self.successes = 0;
        self.failures += 1;
        if self.failures >= policy.failures {
            self.failures = 0;
            self.interval = self.interval.saturating_sub(policy.step).max(policy.min);
            self.settled = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000_000;

    #[test]
    fn the_interval_grows_after_five_answers_and_stops_at_the_longest() {
        let mut search = Search::new(&Adaptive::MARS);
        let mut seen = vec![search.interval.as_secs()];
        for beat in 0..45 {
            search.answered(&Adaptive::MARS, Moment(beat * MINUTE));
            if seen.last() != Some(&search.interval.as_secs()) {
                seen.push(search.interval.as_secs());
            }
        }
        assert_eq!(seen, [210, 270, 330, 390, 450, 510, 570, 580]);
        // Seven steps of five answers, and five more at the longest.
        assert_eq!(search.settled, Some(Moment(39 * MINUTE)));
    }

    #[test]
    fn two_failures_settle_on_the_last_good_one_for_a_week() {
        let policy = Adaptive::MARS;
        let mut search = Search::new(&policy);
        (0..5).for_each(|_| search.answered(&policy, Moment(0)));
        search.failed(&policy, Moment(MINUTE));
        assert_eq!((search.interval.as_secs(), search.settled), (270, None));
        search.failed(&policy, Moment(2 * MINUTE));
        assert_eq!((search.interval.as_secs(), search.settled), (210, Some(Moment(2 * MINUTE))));
        (0..50).for_each(|_| search.answered(&policy, Moment(3 * MINUTE)));
        assert_eq!(search.interval.as_secs(), 210);
        let week = Moment(2 * MINUTE) + policy.again;
        (0..5).for_each(|_| search.answered(&policy, week));
        assert_eq!(search.interval.as_secs(), 270);
    }

    #[test]
    fn what_was_sent_or_received_longer_ago_decides() {
        let beat = Beat { interval: Some(Micros::of(Duration::from_secs(30))), ..Beat::default() };
        let (early, late) = (Moment(5), Moment(9));
        assert_eq!(beat.due(early, late), Moment(30_000_005));
        assert_eq!(beat.due(late, early), Moment(30_000_005));
    }

    #[test]
    fn jitter_only_shortens_and_by_a_tenth_at_most() {
        let (mut random, mut beat) = (Random::new(3), Beat::default());
        let heartbeat = Heartbeat::default();
        for _ in 0..1_000 {
            beat.arm(&heartbeat, None, &mut random);
            let interval = beat.interval.unwrap().get();
            assert!(interval <= Duration::from_secs(30), "{interval:?}");
            assert!(interval >= Duration::from_secs(27), "{interval:?}");
        }
    }
}
