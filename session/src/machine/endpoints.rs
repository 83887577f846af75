//! Which endpoint to try next: the one with the fewest failures, bad ones after a pause.

use std::sync::Arc;

use crate::connect::Endpoint;
use crate::moment::Moment;
use crate::settings::Settings;
use crate::sparse::Sparse;

/// The endpoints of a session. The list is shared by a fleet; scores exist only after a failure.
pub(crate) struct Endpoints {
    list: Arc<[Endpoint]>,
    scores: Sparse<Score>,
    /// Where the peer sent us; tried before the list, until one of them fails.
    redirected: Sparse<Endpoint>,
    current: Option<u32>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Score {
    /// Failures in a row.
    failures: u32,
    /// How often it was passed over in a row; the pause doubles with each.
    penalties: u32,
    until: Moment,
}

impl Endpoints {
    pub(crate) fn new(list: Arc<[Endpoint]>) -> Self {
        Self { list, scores: Sparse::new(), redirected: Sparse::new(), current: None }
    }

    pub(crate) fn replace(&mut self, list: Vec<Endpoint>) {
        *self = Self::new(list.into());
    }

    pub(crate) fn redirect(&mut self, list: Vec<Endpoint>) {
        self.redirected = list.into_iter().collect();
        self.current = None;
    }

    /// The next endpoint to try; `None` only if there is none at all. A paused one is taken when
    /// all are paused: the one whose pause ends first.
    pub(crate) fn choose(&mut self, now: Moment) -> Option<Endpoint> {
        if let Some(redirected) = self.redirected.pop_front() {
            self.current = None;
            return Some(redirected);
        }
        let score = |index: usize| self.scores.get(index).copied().unwrap_or_default();
        let rank = |index: &usize| {
            let score = score(*index);
            let paused = score.until > now;
            (paused, if paused { score.until } else { Moment(0) }, score.failures, *index)
        };
        let best = (0..self.list.len()).min_by_key(rank)?;
        self.current = u32::try_from(best).ok();
        self.list.get(best).cloned()
    }

    /// The endpoint chosen last could not be reached, or did not let us in.
    pub(crate) fn failed(&mut self, now: Moment, settings: &Settings) {
        let Some(current) = self.current.take() else {
            self.redirected.clear();
            return;
        };
        let unknown = self.list.len() - self.scores.len();
        self.scores.extend(std::iter::repeat_n(Score::default(), unknown));
        let Some(score) = self.scores.get_mut(current as usize) else { return };
        score.failures = score.failures.saturating_add(1);
        if score.failures.is_multiple_of(settings.penalty_after.max(1)) {
            let factor = 1u32 << score.penalties.min(16);
            let pause = settings.penalty_first.saturating_mul(factor).min(settings.penalty_cap);
            score.penalties = score.penalties.saturating_add(1);
            score.until = now + pause;
        }
    }

    /// The endpoint chosen last let us in and stayed.
    pub(crate) fn succeeded(&mut self) {
        if let Some(score) = self.current.and_then(|index| self.scores.get_mut(index as usize)) {
            *score = Score::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000;

    fn three() -> Endpoints {
        Endpoints::new(["a:1", "b:1", "c:1"].map(Endpoint::from).to_vec().into())
    }

    fn choose(endpoints: &mut Endpoints, second: u64) -> String {
        endpoints.choose(Moment(second * SECOND)).map_or(String::new(), |found| found.to_string())
    }

    #[test]
    fn the_next_one_is_tried_after_a_failure() {
        let (mut endpoints, settings) = (three(), Settings::default());
        let mut tried = Vec::new();
        for second in 0..6 {
            tried.push(choose(&mut endpoints, second));
            endpoints.failed(Moment(second * SECOND), &settings);
        }
        assert_eq!(tried, ["a:1", "b:1", "c:1", "a:1", "b:1", "c:1"]);
    }

    #[test]
    fn three_failures_pause_an_endpoint_for_a_minute_then_for_two() {
        let (mut endpoints, settings) =
            (Endpoints::new([Endpoint::from("a:1")].into()), Settings::default());
        for second in 0..3 {
            assert_eq!(choose(&mut endpoints, second), "a:1");
            endpoints.failed(Moment(second * SECOND), &settings);
        }
        assert_eq!(endpoints.scores.get(0).unwrap().until, Moment(62 * SECOND));
        // The last one left is never passed over.
        for second in 3..6 {
            assert_eq!(choose(&mut endpoints, second), "a:1");
            endpoints.failed(Moment(second * SECOND), &settings);
        }
        assert_eq!(endpoints.scores.get(0).unwrap().until, Moment(125 * SECOND));
    }

    #[test]
    fn success_clears_the_score() {
        let (mut endpoints, settings) = (three(), Settings::default());
        choose(&mut endpoints, 0);
        endpoints.failed(Moment(0), &settings);
        assert_eq!(choose(&mut endpoints, 1), "b:1");
        endpoints.failed(Moment(0), &settings);
        endpoints.failed(Moment(0), &settings);
        choose(&mut endpoints, 2);
        endpoints.succeeded();
        assert_eq!(choose(&mut endpoints, 3), "c:1");
    }

    #[test]
    fn a_redirect_comes_first_and_is_forgotten_after_a_failure() {
        let (mut endpoints, settings) = (three(), Settings::default());
        endpoints.redirect(vec!["x:1".into(), "y:1".into()]);
        assert_eq!(choose(&mut endpoints, 0), "x:1");
        endpoints.failed(Moment(0), &settings);
        assert_eq!(choose(&mut endpoints, 0), "a:1");
    }
}
