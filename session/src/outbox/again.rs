//! Frames that are sent once more: they were uncertain, and marked idempotent.

use std::sync::Arc;

use super::lane::NOT_PENDING;
use super::slot::Slot;
use super::{Priority, count};
use crate::event::{Counts, Outcome};
use crate::receipt::Group;

/// One frame on its way back to the wire; its ticket is older than those of its lane.
pub(crate) struct Again<F, I> {
    pub(crate) frame: Option<F>,
    pub(crate) slot: Option<Arc<Slot<I>>>,
    pub(crate) group: Arc<Group>,
    pub(crate) ticket: u64,
    pub(crate) lane: Priority,
    pub(crate) marks: u8,
    pub(crate) len: u32,
    /// Its number in the pending table, once it is committed and waits.
    pub(crate) pending: u64,
    /// The last epoch in which bytes of it left.
    pub(crate) epoch: u32,
}

impl<F, I> Again<F, I> {
    pub(crate) fn len(&self) -> usize {
        self.len as usize
    }

    /// It stands in the queue again: no watermark may settle it.
    pub(crate) fn requeue(mut self) -> Self {
        self.pending = NOT_PENDING;
        self.group.awaits(self.ticket);
        self
    }

    /// Settles it; the frame is handed out to be dropped elsewhere.
    pub(crate) fn settle(self, outcome: Outcome, counts: &mut Counts) -> Option<F> {
        count(counts, &outcome);
        self.group.settle(self.ticket, outcome);
        if let Some(slot) = self.slot {
            slot.fail(outcome);
        }
        self.frame
    }
}
