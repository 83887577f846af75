//! What an idle session gives back: there may be a hundred thousand of them.

use super::tally::Tally;
use super::{Connection, Machine};
use crate::lock::lock;
use crate::moment::Moment;
use crate::protocol::Protocol;

impl<P: Protocol> Machine<P> {
    /// Gives the buffers of an idle session back.
    pub(crate) fn trim(&mut self) {
        if self.ledger.as_ref().is_some_and(|ledger| ledger.is_idle()) {
            let mut outbox = lock(&self.desk.outbox);
            if let Some(mut ledger) = self.ledger.take() {
                outbox.book(&mut ledger);
            }
            outbox.trim();
        }
        // What is under way knows its place in the table by a number.
        if self.ledger.is_none()
            && self.pending.as_ref().is_some_and(|pending| pending.is_forgettable())
        {
            self.pending = None;
        }
        if let Some(connection) = &mut self.connection {
            if !connection.has_own() {
                connection.own = None;
            }
            if connection.held.is_empty() {
                connection.held = Vec::new();
            }
            connection.heads.trim();
        }
        if let Some(tally) = &mut self.tally {
            tally.ways = 0;
        }
        if self.tally.as_deref() == Some(&Tally::default()) {
            self.tally = None;
        }
    }

    /// When bytes went in or out last.
    pub(crate) fn last_used(&self) -> Moment {
        let used = |connection: &Connection<P>| connection.last_received.max(connection.last_sent);
        self.connection.as_deref().map_or(Moment(0), used)
    }

    /// Nothing that `trim` would give back is held.
    pub(crate) fn is_trimmed(&self) -> bool {
        self.ledger.is_none()
            && self.tally.is_none()
            && self.connection.as_ref().is_none_or(|connection| {
                connection.own.is_none() && connection.held.capacity() == 0
            })
    }
}
