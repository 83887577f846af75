//! The machine's only clock.

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

impl Add<Duration> for Moment {
    type Output = Moment;

    /// Saturates at [`Moment::NEVER`].
    fn add(self, duration: Duration) -> Moment {
        Moment(self.0.saturating_add(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)))
    }
}

impl Sub for Moment {
    type Output = Duration;

    fn sub(self, earlier: Moment) -> Duration {
        self.since(earlier)
    }
}
