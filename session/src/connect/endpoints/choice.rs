//! Which of several endpoints to try. Pure: time and randomness come in as arguments.

use std::sync::Arc;
use std::time::Duration;

use super::Endpoint;
use crate::moment::Moment;

/// When an endpoint that fails is left alone, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PenaltyRules {
    /// This many failures in a row earn a penalty; default 3 (Tencent Mars,
    /// `stn/src/simple_ipport_sort.cc`, bans after as many).
    pub after: u32,
    /// The first penalty; default 1 min. Each further failure doubles it.
    pub first: Duration,
    /// The longest penalty; default 30 min.
    pub cap: Duration,
    /// In which order endpoints are tried.
    pub order: Order,
}

impl Default for PenaltyRules {
    fn default() -> Self {
        Self {
            after: 3,
            first: Duration::from_secs(60),
            cap: Duration::from_secs(30 * 60),
            order: Order::Spread,
        }
    }
}

/// In which order endpoints are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Order {
    /// From a random one on, so that a fleet spreads over all; a session returns to the one that
    /// worked last.
    #[default]
    Spread,
    /// From the first on: the list is the main one and those that stand in for it. After each
    /// connection that worked, the first is tried again.
    Listed,
}

/// The endpoints of one session and what it remembers of them: 40 bytes, and a box of penalties
/// only while one of them fails.
///
/// ```
/// use std::time::Duration;
/// use longlink_session::connect::{Endpoint, Endpoints, Order, PenaltyRules};
/// use longlink_session::moment::Moment;
///
/// let list = ["im-1.example:6656", "im-2.example:6656"].map(Endpoint::from);
/// let rules = PenaltyRules { order: Order::Listed, ..PenaltyRules::default() };
/// let mut endpoints = Endpoints::new(list.into(), &rules, 0);
/// let first = endpoints.choose(Moment(0)).unwrap();
/// assert_eq!(endpoints.get(first).unwrap().to_string(), "im-1.example:6656");
/// endpoints.failed(first, &rules, Moment(0));
/// let second = endpoints.choose(Moment(0)).unwrap();
/// assert_eq!(endpoints.get(second).unwrap().to_string(), "im-2.example:6656");
/// ```
#[derive(Debug, Clone)]
pub struct Endpoints {
    list: Arc<[Endpoint]>,
    /// Where the search for the next one begins.
    cursor: usize,
    /// One for each endpoint; absent while none has failed.
    records: Option<Box<[Record]>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Record {
    failures: u32,
    penalty_until: Moment,
}

impl Endpoints {
    /// All endpoints in good standing. `random` decides where [`Order::Spread`] begins.
    #[must_use]
    pub fn new(list: Arc<[Endpoint]>, rules: &PenaltyRules, random: u64) -> Self {
        let len = u64::try_from(list.len()).unwrap_or(u64::MAX);
        let cursor = match rules.order {
            Order::Listed => 0,
            Order::Spread => random.checked_rem(len).unwrap_or(0),
        };
        Self { list, cursor: usize::try_from(cursor).unwrap_or(0), records: None }
    }

    /// The number of the endpoint to try now; `None` only when there is none at all. If every one
    /// has a penalty, the one whose penalty ends first is tried all the same.
    #[must_use]
    pub fn choose(&self, now: Moment) -> Option<usize> {
        let len = self.list.len();
        let in_turn = (0..len).map(|step| (self.cursor + step) % len);
        in_turn.min_by_key(|index| {
            let until = self.record(*index).penalty_until;
            if until <= now { Moment(0) } else { until }
        })
    }

    /// The endpoint with this number.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&Endpoint> {
        self.list.get(index)
    }

    /// All endpoints, in their order.
    #[must_use]
    pub fn all(&self) -> &[Endpoint] {
        &self.list
    }

    /// No connection came to be, or its handshake failed, or it ended before it was stable.
    pub fn failed(&mut self, index: usize, rules: &PenaltyRules, now: Moment) {
        if index >= self.list.len() {
            return;
        }
        self.cursor = (index + 1) % self.list.len();
        let len = self.list.len();
        let records =
            self.records.get_or_insert_with(|| vec![Record::default(); len].into_boxed_slice());
        let Some(record) = records.get_mut(index) else { return };
        record.failures = record.failures.saturating_add(1);
        if let Some(further) = record.failures.checked_sub(rules.after.max(1)) {
            let penalty = rules.first.saturating_mul(1 << further.min(31)).min(rules.cap);
            record.penalty_until = now + penalty;
        }
    }

    /// A connection to it was stable.
    pub fn succeeded(&mut self, index: usize, rules: &PenaltyRules) {
        self.cursor = match rules.order {
            Order::Listed => 0,
            Order::Spread => index,
        };
        let Some(records) = &mut self.records else { return };
        if let Some(record) = records.get_mut(index) {
            *record = Record::default();
        }
        if records.iter().all(|record| *record == Record::default()) {
            self.records = None;
        }
    }

    /// Other endpoints from now on, as a redirect or the user says. One that was known before
    /// keeps its penalty.
    pub fn replace(&mut self, list: Arc<[Endpoint]>) {
        let records: Option<Box<[Record]>> = self.records.as_ref().map(|_| {
            list.iter()
                .map(|new| {
                    let known = self.list.iter().position(|old| old == new);
                    known.map_or_else(Record::default, |index| self.record(index))
                })
                .collect()
        });
        self.list = list;
        self.records = records;
        self.cursor = 0;
    }

    fn record(&self, index: usize) -> Record {
        let records = self.records.as_deref().unwrap_or_default();
        records.get(index).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000_000;

    fn three(order: Order, random: u64) -> (Endpoints, PenaltyRules) {
        let rules = PenaltyRules { order, ..PenaltyRules::default() };
        let list = ["a.example:1", "b.example:1", "c.example:1"].map(Endpoint::from);
        (Endpoints::new(list.into(), &rules, random), rules)
    }

    #[test]
    fn a_fleet_spreads_over_all_endpoints() {
        let mut begun = [0; 3];
        for random in 0..99 {
            begun[three(Order::Spread, random).0.choose(Moment(0)).unwrap()] += 1;
        }
        assert_eq!(begun, [33, 33, 33]);
    }

    #[test]
    fn a_failure_moves_on_and_a_success_stays() {
        let (mut endpoints, rules) = three(Order::Spread, 1);
        assert_eq!(endpoints.choose(Moment(0)), Some(1));
        endpoints.failed(1, &rules, Moment(0));
        assert_eq!(endpoints.choose(Moment(0)), Some(2));
        endpoints.succeeded(2, &rules);
        assert_eq!(endpoints.choose(Moment(0)), Some(2));
    }

    #[test]
    fn listed_endpoints_begin_at_the_first_after_each_success() {
        let (mut endpoints, rules) = three(Order::Listed, 2);
        assert_eq!(endpoints.choose(Moment(0)), Some(0));
        endpoints.failed(0, &rules, Moment(0));
        assert_eq!(endpoints.choose(Moment(0)), Some(1));
        endpoints.succeeded(1, &rules);
        assert_eq!(endpoints.choose(Moment(0)), Some(0));
    }

    #[test]
    fn three_failures_earn_a_minute_and_each_further_one_doubles_it() {
        let (mut endpoints, rules) = three(Order::Listed, 0);
        let ends = |failures: u32| {
            let doubled = u64::from(failures.checked_sub(3)?);
            Some(Moment((MINUTE << doubled).min(30 * MINUTE)))
        };
        for failures in 1..12 {
            endpoints.failed(0, &rules, Moment(0));
            let until = endpoints.record(0).penalty_until;
            assert_eq!(until, ends(failures).unwrap_or_default(), "after {failures}");
        }
        assert_eq!(endpoints.record(0).failures, 11);
        endpoints.succeeded(1, &rules);
        assert_eq!(endpoints.choose(Moment(30 * MINUTE - 1)), Some(1));
        assert_eq!(endpoints.choose(Moment(30 * MINUTE)), Some(0));
    }

    #[test]
    fn the_last_one_left_is_tried_in_spite_of_its_penalty() {
        let (mut endpoints, rules) = three(Order::Listed, 0);
        for index in [0, 1, 2] {
            for _ in 0..3 {
                endpoints.failed(index, &rules, Moment(MINUTE * (3 - index as u64)));
            }
        }
        assert_eq!(endpoints.choose(Moment(MINUTE)), Some(2));
        let list = [Endpoint::from("only.example:1")];
        let mut only = Endpoints::new(list.into(), &rules, 7);
        for _ in 0..9 {
            only.failed(0, &rules, Moment(0));
        }
        assert_eq!(only.choose(Moment(1)), Some(0));
    }

    #[test]
    fn no_endpoints_are_no_choice() {
        let mut none = Endpoints::new([].into(), &PenaltyRules::default(), 7);
        none.failed(0, &PenaltyRules::default(), Moment(0));
        none.succeeded(0, &PenaltyRules::default());
        assert_eq!(none.choose(Moment(0)), None);
    }

    #[test]
    fn an_endpoint_keeps_its_penalty_in_another_list() {
        let (mut endpoints, rules) = three(Order::Listed, 0);
        for _ in 0..3 {
            endpoints.failed(1, &rules, Moment(0));
        }
        endpoints.replace(["b.example:1", "d.example:1"].map(Endpoint::from).into());
        assert_eq!(endpoints.choose(Moment(1)), Some(1));
        assert_eq!(endpoints.choose(Moment(MINUTE)), Some(0));
    }

    #[test]
    fn in_good_standing_there_is_nothing_in_the_heap() {
        let (mut endpoints, rules) = three(Order::Spread, 0);
        endpoints.failed(0, &rules, Moment(0));
        assert!(endpoints.records.is_some());
        endpoints.succeeded(0, &rules);
        assert_eq!(endpoints.records, None);
        assert!(size_of::<Endpoints>() <= 40);
    }
}
