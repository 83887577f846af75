//! A frame that waits for its acknowledgement or reply.

use std::sync::Arc;

use crate::event::Outcome;
use crate::moment::Moment;
use crate::outbox::slot::Slot;
use crate::outbox::{Books, IDEMPOTENT, Priority, RESUMABLE};
use crate::protocol::Key;
use crate::receipt::Group;
use crate::sparse::Sparse;

/// One frame that waits.
pub(crate) struct Waiting<F, I> {
    pub(crate) group: Arc<Group>,
    pub(crate) ticket: u64,
    pub(crate) slot: Option<Arc<Slot<I>>>,
    /// Kept to be sent again: idempotent or resumable.
    pub(crate) kept: Option<F>,
    /// The frame as it was given, where `kept` is the other half of it by now: what is sent to a
    /// peer that knows nothing of the first half.
    pub(crate) first: Option<Box<F>>,
    pub(crate) since: Moment,
    pub(crate) lane: Priority,
    pub(crate) marks: u8,
    pub(crate) len: u32,
    pub(crate) epoch: u32,
    /// It counts for the acknowledgement window.
    pub(crate) counted: bool,
    /// A byte of it left us.
    pub(crate) written: bool,
    /// The keys of its fragments after the first, where it went in several.
    pub(crate) parts: Sparse<Key>,
}

impl<F, I> Waiting<F, I> {
    /// Settles it. A kept frame gives its place back, and is handed out to be dropped or replaced.
    pub(crate) fn settle(&mut self, outcome: Outcome, books: &mut Books) -> Option<F> {
        books.count(&outcome);
        self.group.settle(self.ticket, outcome);
        if self.keeps_place(self.written) {
            books.freed.one(self.len as usize);
        }
        if let Some(slot) = self.slot.take() {
            slot.fail(outcome);
        }
        self.kept.take()
    }

    /// The frames that it still holds, to be dropped outside of every lock.
    pub(crate) fn hand_out(&mut self) -> impl Iterator<Item = F> + use<F, I> {
        let first = self.first.take().map(|first| *first);
        self.kept.take().into_iter().chain(first)
    }

    /// It is half done: from now on `half` is what is sent again.
    pub(crate) fn halve(&mut self, half: F) {
        if self.marks & (IDEMPOTENT | RESUMABLE) == 0 {
            return;
        }
        let before = self.kept.replace(half);
        if self.marks & IDEMPOTENT != 0 && self.first.is_none() {
            self.first = before.map(Box::new);
        }
    }

    /// It waits for a reply, and not for an acknowledgement alone.
    pub(crate) fn asks(&self) -> bool {
        self.slot.as_ref().is_some_and(|slot| slot.asks())
    }

    /// Its place in the queue is given back only when it settles.
    pub(super) fn keeps_place(&self, written: bool) -> bool {
        written && self.marks & (IDEMPOTENT | RESUMABLE) != 0
    }

    /// The frame was not written after all: slot and cell go back to its lane.
    pub(crate) fn reopen(self) -> Option<Arc<Slot<I>>> {
        self.group.reopen(self.ticket);
        self.slot
    }
}
