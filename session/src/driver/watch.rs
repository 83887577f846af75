//! What the task tells about itself: log, stalls, metrics.

use std::time::Duration;

use super::Driver;
use crate::event::{Cause, Event, Fatal};
use crate::inbox::Turn;
use crate::lock::lock;
use crate::moment::Moment;
use crate::protocol::{Deliver, Protocol, Side};

impl<P: Protocol, D: Deliver<P> + Turn> Driver<P, D> {
    /// A turn is over.
    #[inline]
    pub(super) fn watch(&mut self, began: Moment, now: Moment) {
        if now > began + self.machine.settings().stall {
            self.stalled(now.since(began));
        }
        self.tell_journal();
        self.measure();
    }

    #[cold]
    fn stalled(&self, took: Duration) {
        let desk = self.machine.desk();
        lock(&desk.outbox).sums.stalls += 1;
        tracing::warn!(session = %desk.name, ?took, "user code blocked the session's task");
    }

    /// Before a byte leaves the journal knows that it may.
    #[inline]
    pub(super) fn tell_journal(&self) {
        if let Some(keeper) = &self.machine.desk().keeper {
            keeper.tell();
        }
    }

    /// Hands the sums over.
    #[cfg(feature = "metrics")]
    pub(super) fn measure(&mut self) {
        let (sums, queued) = {
            let outbox = lock(&self.machine.desk().outbox);
            (outbox.statistics(), (outbox.frames, outbox.bytes))
        };
        self.meter.look(&sums, queued);
    }

    #[cfg(not(feature = "metrics"))]
    #[expect(clippy::unused_self, clippy::needless_pass_by_ref_mut, reason = "twin of the other")]
    pub(super) fn measure(&mut self) {}

    fn is_ordinary(&self, fatal: &Fatal) -> bool {
        match fatal {
            Fatal::Refused(_) => self.machine.side() == Side::Server,
            Fatal::Aborted => true,
            Fatal::Panic | Fatal::Attempts(_) => false,
        }
    }

    pub(super) fn log(&mut self, event: &Event<P::Incoming>, now: Moment) {
        #[cfg(feature = "metrics")]
        match event {
            Event::Up { .. } => self.meter.up(now),
            Event::Down { cause, .. } => self.meter.down(cause, now),
            Event::Closed(_) | Event::Failed(_) => self.meter.end(now),
            _ => {}
        }
        #[cfg(not(feature = "metrics"))]
        let _ = now;
        let desk = self.machine.desk();
        let session = &desk.name;
        match event {
            Event::Up { epoch, resumed } => {
                // The subscriber must not run under the lock.
                let identity = lock(&desk.board).identity();
                tracing::info!(%session, epoch, resumed, identity = identity.as_deref(), "up");
            }
            Event::Down { epoch, cause } => {
                tracing::info!(%session, epoch, cause = cause.name(), "down: {cause}");
                // The subscriber must not run under the lock.
                let frames = lock(&desk.board).last_frames();
                if let (Some(frames), true) = (frames, *cause != Cause::Requested) {
                    tracing::debug!(%session, epoch, "the last frames:\n{frames}");
                }
            }
            Event::Gap { from, to } => tracing::debug!(%session, from, to, "gap"),
            Event::Malformed { epoch, bad } => tracing::warn!(%session, epoch, "{bad}"),
            Event::LostFragments { epoch, count } => {
                tracing::warn!(%session, epoch, count, "fragments lost");
            }
            Event::Closed(reason) => tracing::info!(%session, "closed: {reason}"),
            // Any stranger can be refused, and a program may end before its sessions.
            Event::Failed(fatal) if self.is_ordinary(fatal) => {
                tracing::info!(%session, "failed for good: {fatal}");
            }
            Event::Failed(fatal) => tracing::error!(%session, "failed for good: {fatal}"),
            Event::Frame { .. } => {}
        }
    }
}
