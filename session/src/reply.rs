//! What a handler answers with.

use std::sync::Arc;
use std::time::Duration;

use crate::desk::{Desk, Wish};
use crate::event::{Rejected, State, Statistics};
use crate::lock::lock;
use crate::protocol::Protocol;
use crate::receipt::Receipt;

/// The way back to the peer, lent to a [`Handler`](crate::protocol::Handler). It never waits, and
/// it does not keep the session alive; a clone may be kept elsewhere.
pub struct Reply<P: Protocol> {
    pub(crate) desk: Arc<Desk<P>>,
}

impl<P: Protocol> Clone for Reply<P> {
    fn clone(&self) -> Self {
        Self { desk: self.desk.clone() }
    }
}

impl<P: Protocol> Reply<P> {
    /// Queues a frame now or not at all. Before each frame that it hands to the handler, the
    /// session sees to it that one place is free; but where all that may leave has left, and the
    /// rest of a full queue waits for the peer's acknowledgements, it reads on all the same.
    ///
    /// # Errors
    /// The frame comes back when the queue is full or closed, or the frame too large.
    pub fn send(&self, frame: P::Outgoing) -> Result<Receipt, Rejected<P::Outgoing>> {
        self.desk.try_send(frame, self.desk.manner())
    }

    /// Closes the session at once.
    pub fn close(&self) {
        self.desk.wish(Wish::Close);
    }

    /// Accepts no more, sends what is queued, says goodbye and closes; at the deadline at the latest.
    pub fn drain(&self, within: Duration) {
        lock(&self.desk.outbox).closed = true;
        self.desk.wish(Wish::Drain(within));
    }

    /// Number of the connection.
    #[must_use]
    pub fn epoch(&self) -> u32 {
        self.desk.epoch()
    }

    /// The session's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.desk.name
    }

    /// The state now.
    #[must_use]
    pub fn state(&self) -> State {
        lock(&self.desk.board).state()
    }

    /// The sums so far.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        lock(&self.desk.outbox).statistics()
    }
}
