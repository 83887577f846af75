//! How long to wait before the next attempt to connect. Pure: randomness comes in as a number.

use std::time::Duration;

/// The longest first wait after an epoch that was stable: the peer was well a moment ago, and this
/// much is enough to spread those that it lost together.
const AFTER_STABLE: Duration = Duration::from_millis(50);

/// Waiting times between attempts.
///
/// The default is *full jitter*: attempt n waits a time drawn evenly from zero to
/// min(30 s, 0.5 s × 2ⁿ), and never less than 50 ms. The draw comes after the cap: drawn before it,
/// all clients of a long outage would meet again at the cap.
///
/// ```
/// # mod longlink { pub use longlink_session as session; }
/// use std::time::Duration;
/// use longlink::session::backoff::Backoff;
///
/// let backoff = Backoff::default();
/// assert!(backoff.delay(0, u64::MAX) <= Duration::from_millis(500));
/// assert!(backoff.delay(40, u64::MAX) <= Duration::from_secs(30));
/// assert_eq!(backoff.delay(40, 0), Duration::from_millis(50));
/// assert_eq!(Backoff::fixed(Duration::from_secs(3)).delay(7, 12345), Duration::from_secs(3));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    shape: Shape,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Full { base: Duration, cap: Duration, floor: Duration },
    Fixed(Duration),
}

impl Default for Backoff {
    fn default() -> Self {
        Self::full_jitter(Duration::from_millis(500), Duration::from_secs(30))
    }
}

impl Backoff {
    /// Full jitter below min(`cap`, `base` × 2ⁿ), with a floor of 50 ms (or `cap`, if that is less).
    #[must_use]
    pub const fn full_jitter(base: Duration, cap: Duration) -> Self {
        Self { shape: Shape::Full { base, cap, floor: Duration::from_millis(50) } }
    }

    /// Always the same time, also after a stable epoch. Many clients that lose one server together
    /// come back together; that is what full jitter is for.
    #[must_use]
    pub const fn fixed(delay: Duration) -> Self {
        Self { shape: Shape::Fixed(delay) }
    }

    /// The same with another shortest wait; it never exceeds the cap. A fixed time has none.
    #[must_use]
    pub const fn floor(self, floor: Duration) -> Self {
        match self.shape {
            Shape::Full { base, cap, .. } => Self { shape: Shape::Full { base, cap, floor } },
            Shape::Fixed(_) => self,
        }
    }

    /// The wait before the attempt that follows `failures` failed ones; `random` is any number,
    /// each bit of it evenly distributed.
    #[must_use]
    pub fn delay(&self, failures: u32, random: u64) -> Duration {
        match self.shape {
            Shape::Fixed(delay) => delay,
            Shape::Full { cap, floor, .. } => {
                scaled(self.ceiling(failures), random).max(floor.min(cap))
            }
        }
    }

    /// The wait before the first attempt after an epoch that was stable: 0 to 50 ms, or the fixed
    /// time.
    #[must_use]
    pub fn after_stable(&self, random: u64) -> Duration {
        match self.shape {
            Shape::Fixed(delay) => delay,
            Shape::Full { .. } => scaled(AFTER_STABLE, random),
        }
    }

    /// The longest that [`delay`](Self::delay) can be after `failures` failed attempts.
    #[must_use]
    pub fn ceiling(&self, failures: u32) -> Duration {
        match self.shape {
            Shape::Fixed(delay) => delay,
            Shape::Full { base, cap, .. } => {
                // 2³¹ times any base of a microsecond or more is beyond every useful cap.
                base.saturating_mul(1 << failures.min(31)).min(cap)
            }
        }
    }
}

/// `random` / 2⁶⁴ of `range`, rounded down to whole microseconds.
fn scaled(range: Duration, random: u64) -> Duration {
    let micros = u64::try_from(range.as_micros()).unwrap_or(u64::MAX);
    let part = ((u128::from(micros) + 1) * u128::from(random)) >> 64;
    Duration::from_micros(u64::try_from(part).unwrap_or(micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn the_ceiling_doubles_up_to_the_cap() {
        let backoff = Backoff::default();
        let ceilings: Vec<Duration> = (0..9).map(|failures| backoff.ceiling(failures)).collect();
        let expected = [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000].map(MS);
        assert_eq!(ceilings, expected);
        assert_eq!(backoff.ceiling(u32::MAX), MS(30_000));
    }

    #[test]
    fn the_draw_covers_the_whole_range_and_no_more() {
        let backoff = Backoff::default();
        for failures in [0, 1, 5, 6, 100] {
            let ceiling = backoff.ceiling(failures);
            assert_eq!(backoff.delay(failures, u64::MAX), ceiling);
            assert_eq!(backoff.delay(failures, 1 << 63), ceiling / 2);
            assert_eq!(backoff.delay(failures, 0), MS(50));
        }
    }

    #[test]
    fn the_floor_holds_but_never_exceeds_the_cap() {
        let backoff = Backoff::full_jitter(MS(10), MS(20));
        assert_eq!(backoff.delay(0, 0), MS(20));
        assert_eq!(backoff.floor(MS(5)).delay(0, 0), MS(5));
        assert_eq!(backoff.floor(Duration::ZERO).delay(9, 0), Duration::ZERO);
    }

    /// The museum: jitter drawn before the cap puts every client of a long outage on the cap.
    #[test]
    fn museum_jitter_before_the_cap_would_meet_at_the_cap() {
        let backoff = Backoff::default();
        let mut random = crate::random::Random::new(27);
        let at_the_cap =
            (0..10_000).filter(|_| backoff.delay(12, random.next()) >= MS(29_000)).count();
        // One thirtieth of the range, so about 333 of 10,000; drawn before the cap all but 74
        // would be there.
        assert!((200..500).contains(&at_the_cap), "{at_the_cap}");
    }

    #[test]
    fn after_a_stable_epoch_the_first_wait_is_at_most_50_ms() {
        let backoff = Backoff::default();
        assert_eq!(backoff.after_stable(0), Duration::ZERO);
        assert_eq!(backoff.after_stable(u64::MAX), MS(50));
    }

    #[test]
    fn a_fixed_time_is_fixed() {
        let backoff = Backoff::fixed(Duration::from_secs(3)).floor(Duration::from_secs(9));
        for (failures, random) in [(0, 0), (1, u64::MAX), (u32::MAX, 7)] {
            assert_eq!(backoff.delay(failures, random), Duration::from_secs(3));
            assert_eq!(backoff.after_stable(random), Duration::from_secs(3));
        }
    }

    #[test]
    fn absurd_settings_do_not_overflow() {
        let backoff = Backoff::full_jitter(Duration::MAX, Duration::MAX);
        assert!(backoff.delay(31, u64::MAX) > Duration::from_secs(1 << 40));
    }
}
