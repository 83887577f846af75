//! Trying several addresses at once, so that a dead one costs 250 ms and not the whole attempt.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use super::error::IoError;
use crate::moment::Moment;

/// How addresses are raced (RFC 8305, *Happy Eyeballs version 2*).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RaceRules {
    /// Time from the start of one attempt to the start of the next: 250 ms, the Connection Attempt
    /// Delay of RFC 8305 §8 ("The recommended value for a default delay is 250 milliseconds"),
    /// and not less than its minimum of 10 ms. A failure starts the next at once.
    pub delay: Duration,
    /// At most this many attempts at once (3, at least 1).
    ///
    /// Where there are more addresses, the oldest attempt gives way early enough for each of them
    /// to get an equal part of the time of the whole (`Settings::connect`).
    pub max_at_once: usize,
}

impl Default for RaceRules {
    fn default() -> Self {
        Self { delay: Duration::from_millis(250), max_at_once: 3 }
    }
}

/// The race without sockets and clock: says what to do, is told what happened.
#[derive(Debug)]
struct Race {
    waiting: VecDeque<SocketAddr>,
    /// Oldest first, with the moment at which it must give way if another one waits.
    running: VecDeque<(SocketAddr, Moment)>,
    next_start: Moment,
    delay: Duration,
    max_at_once: usize,
    turn: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Begin to connect to this address.
    Start(SocketAddr),
    /// Drop the attempt to this address.
    Abandon(SocketAddr),
    /// Nothing to do before this moment or the next failure.
    Wait(Moment),
    /// Every address has failed.
    Lost,
}

impl Race {
    fn new(addresses: &[SocketAddr], rules: &RaceRules, within: Duration, now: Moment) -> Self {
        let max_at_once = rules.max_at_once.max(1);
        let rounds = u32::try_from(addresses.len().div_ceil(max_at_once)).unwrap_or(u32::MAX);
        Self {
            waiting: addresses.iter().copied().collect(),
            running: VecDeque::new(),
            next_start: now,
            delay: rules.delay.max(Duration::from_millis(10)),
            max_at_once,
            turn: within / rounds.max(1),
        }
    }

    fn step(&mut self, now: Moment) -> Step {
        let Some(&next) = self.waiting.front() else {
            return if self.running.is_empty() { Step::Lost } else { Step::Wait(Moment::NEVER) };
        };
        if self.running.len() >= self.max_at_once {
            return match self.running.front() {
                Some(&(oldest, until)) if now >= until => {
                    self.running.pop_front();
                    Step::Abandon(oldest)
                }
                oldest => Step::Wait(oldest.map_or(Moment::NEVER, |&(_, until)| until)),
            };
        }
        if now < self.next_start {
            return Step::Wait(self.next_start);
        }
        self.waiting.pop_front();
        self.running.push_back((next, now + self.turn));
        self.next_start = now + self.delay;
        Step::Start(next)
    }

    /// The attempt to `address` has failed: the next may start at once.
    fn failed(&mut self, address: SocketAddr, now: Moment) {
        self.running.retain(|(running, _)| *running != address);
        self.next_start = now;
    }
}

/// Races `dial` over `addresses`; the first to connect wins and the others are dropped. If all
/// fail, says how each did, in the order of failing.
pub(crate) async fn race<T, D>(
    addresses: &[SocketAddr],
    rules: &RaceRules,
    within: Duration,
    dial: impl Fn(SocketAddr) -> D,
) -> Result<T, Vec<(SocketAddr, IoError)>>
where
    D: Future<Output = io::Result<T>> + Send + 'static,
{
    let started = Instant::now();
    let mut runners = Runners {
        race: Race::new(addresses, rules, within, Moment(0)),
        attempts: Vec::new(),
        failures: Vec::new(),
        alarm: Box::pin(sleep_until(started)),
        started,
    };
    std::future::poll_fn(|task| runners.poll(task, &dial)).await
}

struct Runners<D> {
    race: Race,
    attempts: Vec<(SocketAddr, Pin<Box<D>>)>,
    failures: Vec<(SocketAddr, IoError)>,
    alarm: Pin<Box<Sleep>>,
    started: Instant,
}

impl<D> Runners<D> {
    fn poll<T>(
        &mut self,
        task: &mut std::task::Context<'_>,
        dial: &impl Fn(SocketAddr) -> D,
    ) -> Poll<Result<T, Vec<(SocketAddr, IoError)>>>
    where
        D: Future<Output = io::Result<T>>,
    {
        loop {
            let now = Moment(0) + self.started.elapsed();
            if let Some(won) = self.poll_attempts(task, now) {
                return Poll::Ready(Ok(won));
            }
            match self.race.step(now) {
                Step::Start(address) => self.attempts.push((address, Box::pin(dial(address)))),
                Step::Abandon(address) => {
                    self.attempts.retain(|(running, _)| *running != address);
                    self.failures.push((address, IoError::from(io::ErrorKind::TimedOut)));
                }
                Step::Lost => return Poll::Ready(Err(std::mem::take(&mut self.failures))),
                Step::Wait(Moment::NEVER) => return Poll::Pending,
                Step::Wait(until) => {
                    let until = self.started + until.since(Moment(0));
                    self.alarm.as_mut().reset(until);
                    if self.alarm.as_mut().poll(task).is_pending() {
                        return Poll::Pending;
                    }
                }
            }
        }
    }

    fn poll_attempts<T>(&mut self, task: &mut std::task::Context<'_>, now: Moment) -> Option<T>
    where
        D: Future<Output = io::Result<T>>,
    {
        let mut won = None;
        let (race, failures) = (&mut self.race, &mut self.failures);
        self.attempts.retain_mut(|(address, attempt)| {
            if won.is_some() {
                return true;
            }
            match attempt.as_mut().poll(task) {
                Poll::Pending => true,
                Poll::Ready(Ok(connected)) => {
                    won = Some(connected);
                    false
                }
                Poll::Ready(Err(error)) => {
                    race.failed(*address, now);
                    failures.push((*address, IoError::from(&error)));
                    false
                }
            }
        });
        won
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    const DELAY: Duration = Duration::from_millis(250);
    const WITHIN: Duration = Duration::from_secs(10);

    fn address(last: u8) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, last], 6656))
    }

    fn addresses(count: u8) -> Vec<SocketAddr> {
        (1..=count).map(address).collect()
    }

    fn last_of(address: SocketAddr) -> u8 {
        match address {
            SocketAddr::V4(address) => address.ip().octets()[3],
            SocketAddr::V6(_) => 0,
        }
    }

    fn at(ms: u64) -> Moment {
        Moment(ms * 1000)
    }

    #[test]
    fn attempts_start_250_ms_apart_and_three_at_once() {
        let mut race = Race::new(&addresses(4), &RaceRules::default(), WITHIN, at(0));
        assert_eq!(race.step(at(0)), Step::Start(address(1)));
        assert_eq!(race.step(at(0)), Step::Wait(at(250)));
        assert_eq!(race.step(at(249)), Step::Wait(at(250)));
        assert_eq!(race.step(at(250)), Step::Start(address(2)));
        assert_eq!(race.step(at(500)), Step::Start(address(3)));
        // Four addresses, three at once: each gets half of the ten seconds.
        assert_eq!(race.step(at(750)), Step::Wait(at(5000)));
        assert_eq!(race.step(at(5000)), Step::Abandon(address(1)));
        assert_eq!(race.step(at(5000)), Step::Start(address(4)));
        assert_eq!(race.step(at(5000)), Step::Wait(Moment::NEVER));
    }

    #[test]
    fn a_failure_starts_the_next_at_once() {
        let mut race = Race::new(&addresses(2), &RaceRules::default(), WITHIN, at(0));
        assert_eq!(race.step(at(0)), Step::Start(address(1)));
        race.failed(address(1), at(3));
        assert_eq!(race.step(at(3)), Step::Start(address(2)));
        race.failed(address(2), at(9));
        assert_eq!(race.step(at(9)), Step::Lost);
    }

    #[test]
    fn no_address_is_lost_at_once_and_absurd_rules_are_mended() {
        assert_eq!(Race::new(&[], &RaceRules::default(), WITHIN, at(0)).step(at(0)), Step::Lost);
        let rules = RaceRules { delay: Duration::ZERO, max_at_once: 0 };
        let mut race = Race::new(&addresses(2), &rules, WITHIN, at(0));
        assert_eq!(race.step(at(0)), Step::Start(address(1)));
        assert_eq!(race.step(at(1)), Step::Wait(at(5000)));
    }

    /// What an address does in the tests below.
    #[derive(Clone, Copy)]
    enum Does {
        Connects { after: Duration },
        Fails { after: Duration },
        Nothing,
    }

    /// Races the addresses 1, 2, …; says who won, when, and when each was begun.
    async fn run(does: &[Does]) -> (Result<u8, Vec<u8>>, Duration, Vec<Duration>) {
        let begun = Arc::new(Mutex::new(Vec::new()));
        let start = Instant::now();
        let list = addresses(u8::try_from(does.len()).unwrap());
        let result = race(&list, &RaceRules::default(), WITHIN, |to| {
            begun.lock().unwrap().push(start.elapsed());
            let last = last_of(to);
            let what = does[usize::from(last) - 1];
            async move {
                match what {
                    Does::Connects { after } => {
                        tokio::time::sleep(after).await;
                        Ok(last)
                    }
                    Does::Fails { after } => {
                        tokio::time::sleep(after).await;
                        Err(io::ErrorKind::ConnectionRefused.into())
                    }
                    Does::Nothing => std::future::pending().await,
                }
            }
        })
        .await
        .map_err(|failures| failures.into_iter().map(|(to, _)| last_of(to)).collect());
        let begun = begun.lock().unwrap().clone();
        (result, start.elapsed(), begun)
    }

    /// The museum: a black-holed first address (often IPv6) eats the whole time to connect.
    #[tokio::test(start_paused = true)]
    async fn museum_a_black_holed_first_address_costs_250_ms() {
        let (won, took, begun) =
            run(&[Does::Nothing, Does::Connects { after: Duration::from_millis(20) }]).await;
        assert_eq!(won, Ok(2));
        assert_eq!(took, Duration::from_millis(270));
        assert_eq!(begun, [Duration::ZERO, DELAY]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_first_address_still_wins_over_a_slower_second() {
        let slow = Does::Connects { after: Duration::from_millis(300) };
        let (won, took, _) = run(&[slow, slow]).await;
        assert_eq!((won, took), (Ok(1), Duration::from_millis(300)));
    }

    #[tokio::test(start_paused = true)]
    async fn failures_are_reported_in_their_order() {
        let (late, soon) = (Duration::from_millis(400), Duration::from_millis(10));
        let (lost, took, begun) =
            run(&[Does::Fails { after: late }, Does::Fails { after: soon }]).await;
        assert_eq!(lost, Err(vec![2, 1]));
        assert_eq!(took, late);
        assert_eq!(begun, [Duration::ZERO, DELAY]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_fourth_address_gets_its_turn_behind_three_black_holes() {
        let good = Does::Connects { after: Duration::from_millis(1) };
        let (won, took, _) = run(&[Does::Nothing, Does::Nothing, Does::Nothing, good]).await;
        assert_eq!((won, took), (Ok(4), Duration::from_millis(5001)));
    }
}
