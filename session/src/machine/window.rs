//! Our side of an acknowledgement window: what we have received and not yet acknowledged.

use crate::moment::{Moment, Since};
use crate::protocol::Window;

/// The answer to counted frames, held back until w of them came or t2 passed.
pub(crate) struct Acknowledging<F> {
    pub(crate) window: Window,
    /// Counted frames received since our last acknowledgement.
    received: u32,
    /// The newest answer.
    held: Option<F>,
    /// When the first of them came.
    since: Moment,
    /// The socket was looked at for this deadline of the peer.
    pub(crate) looked_at: Since,
}

impl<F> Acknowledging<F> {
    pub(crate) fn new(window: Window) -> Self {
        Self { window, received: 0, held: None, since: Moment::NEVER, looked_at: Since::NOT }
    }

    /// A counted frame came; its answer, if it must go out now.
    pub(crate) fn received(&mut self, answer: Option<F>, now: Moment) -> Option<F> {
        if self.received == 0 {
            self.since = now;
        }
        self.received += 1;
        self.held = answer.or_else(|| self.held.take());
        if self.received >= u32::from(self.window.acknowledge_after) { self.take() } else { None }
    }

    /// The answer that is due at `now`.
    pub(crate) fn due(&mut self, now: Moment) -> Option<F> {
        if now >= self.deadline() { self.take() } else { None }
    }

    pub(crate) fn deadline(&self) -> Moment {
        match self.held {
            Some(_) => self.since + self.window.acknowledge_within,
            None => Moment::NEVER,
        }
    }

    /// A counted frame of ours carried the acknowledgement.
    pub(crate) fn carried(&mut self) {
        drop(self.take());
    }

    /// What is held back, to be sent before the last words.
    pub(crate) fn take(&mut self) -> Option<F> {
        self.received = 0;
        self.since = Moment::NEVER;
        self.held.take()
    }
}
