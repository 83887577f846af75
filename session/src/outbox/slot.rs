//! Who wants to know more of one send than its receipt says: a request its reply, a journal each step.

use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use crate::event::Outcome;
use crate::journal::{Notes, Step};
use crate::lock::lock;

/// Shared by a request, or a journal, and the machine's pending table.
pub(crate) enum Slot<I> {
    Request(Mutex<Place<I>>),
    Kept { entry: u64, notes: Arc<Notes> },
}

pub(crate) enum Place<I> {
    Waiting(Option<Waker>),
    Reply(I),
    Failed(Outcome),
    Dropped,
}

impl<I> Slot<I> {
    pub(crate) fn new() -> Arc<Slot<I>> {
        Arc::new(Slot::Request(Mutex::new(Place::Waiting(None))))
    }

    /// Of a send that a journal keeps under this number.
    pub(crate) fn kept(entry: u64, notes: Arc<Notes>) -> Arc<Slot<I>> {
        Arc::new(Slot::Kept { entry, notes })
    }

    /// It waits for a reply.
    pub(crate) fn asks(&self) -> bool {
        matches!(self, Self::Request(_))
    }

    /// Bytes of it may leave from now on.
    #[cold]
    pub(crate) fn committed(&self) {
        if let Self::Kept { entry, notes } = self {
            notes.push(*entry, Step::Committed);
        }
    }

    /// None of them has left after all.
    #[cold]
    pub(crate) fn rewound(&self) {
        if let Self::Kept { entry, notes } = self {
            notes.push(*entry, Step::Queued);
        }
    }

    /// Hands the reply over; `false`: the requester is gone, and it is late.
    pub(crate) fn reply(&self, reply: I) -> bool {
        self.put(Place::Reply(reply))
    }

    /// It is settled, and there will be no reply.
    pub(crate) fn fail(&self, outcome: Outcome) {
        match self {
            Self::Request(_) => {
                self.put(Place::Failed(outcome));
            }
            Self::Kept { entry, notes } => notes.push(*entry, Step::Settled(outcome)),
        }
    }

    /// The requester gives up. What was put meanwhile is dropped outside of the lock.
    pub(crate) fn abandon(&self) {
        if let Self::Request(place) = self {
            let place = std::mem::replace(&mut *lock(place), Place::Dropped);
            drop(place);
        }
    }

    pub(crate) fn poll(&self, waker: &Waker) -> Poll<Result<I, Outcome>> {
        let Self::Request(place) = self else { return Poll::Pending };
        let mut place = lock(place);
        if let Place::Waiting(waiting) = &mut *place {
            waiting.get_or_insert_with(|| waker.clone()).clone_from(waker);
            return Poll::Pending;
        }
        match std::mem::replace(&mut *place, Place::Dropped) {
            Place::Reply(reply) => Poll::Ready(Ok(reply)),
            Place::Failed(outcome) => Poll::Ready(Err(outcome)),
            Place::Waiting(_) | Place::Dropped => Poll::Pending,
        }
    }

    /// Whether somebody waited for it.
    fn put(&self, what: Place<I>) -> bool {
        let Self::Request(place) = self else { return false };
        let mut place = lock(place);
        // What is not wanted is dropped outside of the lock, as an argument is.
        let Place::Waiting(waiting) = &mut *place else { return false };
        let waker = waiting.take();
        *place = what;
        drop(place);
        if let Some(waker) = waker {
            waker.wake();
        }
        true
    }
}
