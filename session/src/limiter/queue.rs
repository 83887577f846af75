//! The limiter's rules, without clock, locks or wakers.

use std::collections::{BTreeMap, BTreeSet};

use super::DialLimits;
use crate::moment::Moment;

/// One dial is this many of the bucket's drops, so that one microsecond at one dial a second is
/// exactly one drop.
const DROPS: u64 = 1_000_000;

/// A place in the queue; smaller ones came earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ticket(u64);

/// A dial under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PermitId(u64);

/// What a waiting one is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Dial; the ticket is used up.
    Granted(PermitId),
    /// Ask again at this moment, when a permit comes back, or when you have become the first.
    Wait(Moment),
}

/// A token bucket and a count of what is in flight, both served first come, first served.
#[derive(Debug)]
pub(crate) struct Queue {
    limits: DialLimits,
    waiting: BTreeSet<Ticket>,
    /// Each dial in flight, and the moment from which on it counts no more. Both rise together,
    /// because each permit has the same time.
    in_flight: BTreeMap<PermitId, Moment>,
    drops: u64,
    filled_at: Moment,
    next: u64,
}

impl Queue {
    pub(crate) fn new(limits: DialLimits, now: Moment) -> Self {
        let drops = u64::from(limits.burst.max(1)) * DROPS;
        Self {
            limits,
            waiting: BTreeSet::new(),
            in_flight: BTreeMap::new(),
            drops,
            filled_at: now,
            next: 0,
        }
    }

    pub(crate) fn join(&mut self) -> Ticket {
        let ticket = Ticket(self.number());
        self.waiting.insert(ticket);
        ticket
    }

    pub(crate) fn leave(&mut self, ticket: Ticket) {
        self.waiting.remove(&ticket);
    }

    /// Who is next.
    pub(crate) fn first(&self) -> Option<Ticket> {
        self.waiting.first().copied()
    }

    pub(crate) fn ask(&mut self, ticket: Ticket, now: Moment) -> Answer {
        self.fill(now);
        while let Some(entry) = self.in_flight.first_entry().filter(|entry| *entry.get() <= now) {
            entry.remove();
        }
        if self.first() != Some(ticket) {
            return Answer::Wait(Moment::NEVER);
        }
        if self.in_flight.len() >= self.limits.handshakes.max(1) {
            let oldest = self.in_flight.first_key_value();
            return Answer::Wait(oldest.map_or(Moment::NEVER, |(_, until)| *until));
        }
        let Some(rest) = self.drops.checked_sub(DROPS) else {
            let missing = DROPS - self.drops;
            let wait = missing.div_ceil(u64::from(self.limits.rate.max(1)));
            return Answer::Wait(Moment(now.0.saturating_add(wait)));
        };
        self.drops = rest;
        self.waiting.remove(&ticket);
        let permit = PermitId(self.number());
        self.in_flight.insert(permit, now + self.limits.hold);
        Answer::Granted(permit)
    }

    /// The dial and its handshake are over.
    pub(crate) fn release(&mut self, permit: PermitId) {
        self.in_flight.remove(&permit);
    }

    fn fill(&mut self, now: Moment) {
        let passed = now.0.saturating_sub(self.filled_at.0);
        let burst = u64::from(self.limits.burst.max(1)) * DROPS;
        let fresh = passed.saturating_mul(u64::from(self.limits.rate.max(1)));
        self.drops = self.drops.saturating_add(fresh).min(burst);
        // Set also when it goes back, as it does for a static limiter under another test's clock.
        self.filled_at = now;
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;
    use std::collections::BinaryHeap;
    use std::time::Duration;

    use super::*;
    use crate::backoff::Backoff;
    use crate::random::Random;

    const SECOND: u64 = 1_000_000;

    fn limits(rate: u32, burst: u32, handshakes: usize) -> DialLimits {
        DialLimits { rate, burst, handshakes, hold: Duration::from_secs(20) }
    }

    fn grant(queue: &mut Queue, now: u64) -> Option<PermitId> {
        let ticket = queue.join();
        match queue.ask(ticket, Moment(now)) {
            Answer::Granted(permit) => Some(permit),
            Answer::Wait(_) => {
                queue.leave(ticket);
                None
            }
        }
    }

    #[test]
    fn the_burst_goes_at_once_and_then_the_rate_holds() {
        let mut queue = Queue::new(limits(200, 3, 256), Moment(0));
        assert_eq!((0..5).filter(|_| grant(&mut queue, 0).is_some()).count(), 3);
        let ticket = queue.join();
        assert_eq!(queue.ask(ticket, Moment(0)), Answer::Wait(Moment(5000)));
        assert_eq!(queue.ask(ticket, Moment(4999)), Answer::Wait(Moment(5000)));
        assert!(matches!(queue.ask(ticket, Moment(5000)), Answer::Granted(_)));
    }

    #[test]
    fn the_bucket_never_holds_more_than_the_burst() {
        let mut queue = Queue::new(limits(200, 4, 256), Moment(0));
        let later = 3600 * SECOND;
        assert_eq!((0..9).filter(|_| grant(&mut queue, later).is_some()).count(), 4);
    }

    #[test]
    fn only_the_first_is_served() {
        let mut queue = Queue::new(limits(1, 1, 256), Moment(0));
        let (first, second) = (queue.join(), queue.join());
        assert_eq!(queue.ask(second, Moment(0)), Answer::Wait(Moment::NEVER));
        assert!(matches!(queue.ask(first, Moment(0)), Answer::Granted(_)));
        assert_eq!(queue.ask(second, Moment(0)), Answer::Wait(Moment(SECOND)));
        let third = queue.join();
        queue.leave(second);
        assert_eq!(queue.first(), Some(third));
        assert!(matches!(queue.ask(third, Moment(SECOND)), Answer::Granted(_)));
    }

    #[test]
    fn handshakes_in_flight_are_bounded_until_one_ends() {
        let mut queue = Queue::new(limits(200, 200, 2), Moment(0));
        let first = grant(&mut queue, 0).unwrap();
        grant(&mut queue, 7).unwrap();
        let ticket = queue.join();
        let oldest_ends = Moment(20 * SECOND);
        assert_eq!(queue.ask(ticket, Moment(9)), Answer::Wait(oldest_ends));
        queue.release(first);
        assert!(matches!(queue.ask(ticket, Moment(9)), Answer::Granted(_)));
    }

    /// The museum: silent peers hold every permit, and nobody else may dial again.
    #[test]
    fn museum_a_permit_held_by_a_silent_peer_counts_for_its_deadline_only() {
        let mut queue = Queue::new(limits(200, 200, 1), Moment(0));
        let silent = grant(&mut queue, 0).unwrap();
        assert_eq!(grant(&mut queue, 20 * SECOND - 1), None);
        grant(&mut queue, 20 * SECOND).unwrap();
        // It comes back late and takes nobody else's place.
        queue.release(silent);
        assert_eq!(grant(&mut queue, 20 * SECOND), None);
    }

    #[test]
    fn a_clock_that_goes_back_does_not_stop_the_bucket() {
        let mut queue = Queue::new(limits(10, 1, 256), Moment(9 * SECOND));
        grant(&mut queue, 9 * SECOND).unwrap();
        assert_eq!(grant(&mut queue, SECOND), None);
        grant(&mut queue, SECOND + SECOND / 10).unwrap();
    }

    #[test]
    fn zeros_in_the_limits_still_let_one_through() {
        let mut queue = Queue::new(limits(0, 0, 0), Moment(0));
        let permit = grant(&mut queue, 0).unwrap();
        queue.release(permit);
        assert_eq!(grant(&mut queue, SECOND - 1), None);
        grant(&mut queue, SECOND).unwrap();
    }

    /// 10^5 sessions lose their server at once and come back after `outage`, each with its own
    /// backoff, all through one limiter. Says how many dials there were in the busiest second, how
    /// many in all, and when the last one was back.
    fn storm(sessions: u32, outage: u64, rate: u32) -> (u64, u64, u64) {
        let mut queue = Queue::new(limits(rate, rate, usize::MAX), Moment(0));
        let backoff = Backoff::default();
        let mut random = Random::new(26);
        let mut due = BinaryHeap::new();
        for session in 0..sessions {
            let first = u64::try_from(backoff.after_stable(random.next()).as_micros()).unwrap();
            due.push(Reverse((first, session, 0_u32)));
        }
        let mut waiting = std::collections::VecDeque::new();
        let (mut dials, mut last) = (Vec::new(), 0);
        let mut now = 0;
        loop {
            while let Some(Reverse((at, session, failures))) = due.peek().copied()
                && at <= now
            {
                due.pop();
                waiting.push_back((queue.join(), session, failures));
            }
            let wake = match waiting.front() {
                None => Moment::NEVER,
                Some(&(ticket, session, failures)) => match queue.ask(ticket, Moment(now)) {
                    Answer::Wait(until) => until,
                    Answer::Granted(permit) => {
                        waiting.pop_front();
                        queue.release(permit);
                        dials.push(now);
                        if now < outage {
                            let wait = backoff.delay(failures, random.next()).as_micros();
                            let at = now + u64::try_from(wait).unwrap();
                            due.push(Reverse((at, session, failures + 1)));
                        } else {
                            last = now;
                        }
                        continue;
                    }
                },
            };
            let next_due = due.peek().map_or(u64::MAX, |Reverse((at, _, _))| *at);
            match wake.0.min(next_due) {
                u64::MAX => break,
                next => now = next,
            }
        }
        let mut busiest = 0;
        let mut start = 0;
        for (end, at) in dials.iter().enumerate() {
            while at - dials[start] >= SECOND {
                start += 1;
            }
            busiest = busiest.max(end - start + 1);
        }
        (u64::try_from(busiest).unwrap(), u64::try_from(dials.len()).unwrap(), last)
    }

    /// The museum: a thousand clients reconnect in the same second and the server never recovers.
    #[test]
    fn museum_a_reconnect_storm_of_100_000_sessions_stays_within_the_rate() {
        let (sessions, rate) = (100_000, 500);
        for outage in [5, 60, 600] {
            let (busiest, dials, last) = storm(sessions, outage * SECOND, rate);
            // In any second at most the burst and one second of the rate.
            assert!(busiest <= 2 * u64::from(rate), "{busiest} dials in one second");
            let during = outage * u64::from(rate) + u64::from(rate);
            assert!(dials <= during + u64::from(sessions), "{dials} dials");
            // The queue is never empty, so everybody is back in the time that the rate needs.
            let allowed = u64::from(sessions / rate) * SECOND * 11 / 10;
            assert!(last - outage * SECOND <= allowed, "{} µs", last - outage * SECOND);
        }
    }
}
