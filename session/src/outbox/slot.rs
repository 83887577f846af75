//! Where the reply to one request is put.

use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use crate::event::Outcome;
use crate::lock::lock;

/// Shared by a request and the machine's pending table.
pub(crate) struct Slot<I> {
    place: Mutex<Place<I>>,
}

enum Place<I> {
    Waiting(Option<Waker>),
    Reply(I),
    Failed(Outcome),
    Dropped,
}

impl<I> Slot<I> {
    pub(crate) fn new() -> Arc<Slot<I>> {
        Arc::new(Slot { place: Mutex::new(Place::Waiting(None)) })
    }

    /// The requester is gone: a reply is late.
    pub(crate) fn is_dropped(&self) -> bool {
        matches!(*lock(&self.place), Place::Dropped)
    }

    pub(crate) fn reply(&self, reply: I) {
        self.put(Place::Reply(reply));
    }

    pub(crate) fn fail(&self, outcome: Outcome) {
        self.put(Place::Failed(outcome));
    }

    /// The requester gives up. What was put meanwhile is dropped outside of the lock.
    pub(crate) fn abandon(&self) {
        let place = std::mem::replace(&mut *lock(&self.place), Place::Dropped);
        drop(place);
    }

    pub(crate) fn poll(&self, waker: &Waker) -> Poll<Result<I, Outcome>> {
        let mut place = lock(&self.place);
        match std::mem::replace(&mut *place, Place::Dropped) {
            Place::Reply(reply) => Poll::Ready(Ok(reply)),
            Place::Failed(outcome) => Poll::Ready(Err(outcome)),
            Place::Waiting(_) | Place::Dropped => {
                *place = Place::Waiting(Some(waker.clone()));
                Poll::Pending
            }
        }
    }

    fn put(&self, what: Place<I>) {
        let before = {
            let mut place = lock(&self.place);
            match &*place {
                Place::Waiting(_) => std::mem::replace(&mut *place, what),
                _ => what,
            }
        };
        if let Place::Waiting(Some(waker)) = before {
            waker.wake();
        }
    }
}
