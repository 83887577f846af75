//! The machine's only clock.

use std::num::NonZeroU64;
use std::ops::{Add, Sub};
use std::time::Duration;

/// Microseconds since the session was made. The machine never reads a clock: every input brings
/// the moment at which it happened; the driver converts from the runtime's time, tests count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(pub u64);

impl Moment {
    /// Later than anything: a deadline that is not set.
    pub const NEVER: Moment = Moment(u64::MAX);

    /// The duration since `earlier`; zero if it is later.
    #[must_use]
    pub fn since(self, earlier: Moment) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Micros> for Moment {
    type Output = Moment;

    /// Saturates at [`Moment::NEVER`].
    #[inline]
    fn add(self, micros: Micros) -> Moment {
        Moment(self.0.saturating_add(micros.whole()))
    }
}

impl Add<Duration> for Moment {
    type Output = Moment;

    /// Saturates at [`Moment::NEVER`].
    #[inline]
    fn add(self, duration: Duration) -> Moment {
        Moment(self.0.saturating_add(micros(duration)))
    }
}

/// Whole microseconds, in 64 bits: longer ones than 580,000 years are cut to that.
#[inline]
fn micros(duration: Duration) -> u64 {
    let seconds = duration.as_secs().saturating_mul(1_000_000);
    seconds.saturating_add(u64::from(duration.subsec_micros()))
}

impl Sub for Moment {
    type Output = Duration;

    fn sub(self, earlier: Moment) -> Duration {
        self.since(earlier)
    }
}

/// A duration of whole microseconds; eight bytes, in an `Option` too, where that of a [`Duration`]
/// takes sixteen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Micros(NonZeroU64);

impl Micros {
    pub(crate) fn of(duration: Duration) -> Self {
        // One more than there are, because a duration may be zero.
        Micros(NonZeroU64::MIN.saturating_add(micros(duration)))
    }

    fn whole(self) -> u64 {
        self.0.get() - 1
    }

    pub(crate) fn get(self) -> Duration {
        Duration::from_micros(self.whole())
    }
}

/// Since when something holds, if it does. Eight bytes, where an `Option` of a moment takes sixteen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Since(Moment);

impl Since {
    /// It does not hold.
    pub(crate) const NOT: Since = Since(Moment::NEVER);

    /// It holds since then.
    pub(crate) fn at(moment: Moment) -> Self {
        Since(moment)
    }

    pub(crate) fn get(self) -> Option<Moment> {
        (self != Self::NOT).then_some(self.0)
    }

    /// It holds from now on, unless it already does.
    pub(crate) fn begin(&mut self, now: Moment) {
        self.0 = self.0.min(now);
    }

    /// If it holds, it does so since then only.
    pub(crate) fn move_to(&mut self, moment: Moment) {
        if *self != Self::NOT {
            self.0 = moment;
        }
    }

    /// It holds since then only; since when it did before.
    pub(crate) fn replace(&mut self, moment: Moment) -> Option<Moment> {
        std::mem::replace(self, Self(moment)).get()
    }

    /// It holds no more; since when it did.
    pub(crate) fn take(&mut self) -> Option<Moment> {
        std::mem::replace(self, Self::NOT).get()
    }
}

impl Default for Since {
    fn default() -> Self {
        Self::NOT
    }
}
