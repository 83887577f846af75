//! Many inboxes as one: each wakes only its own place.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use crate::event::Event;
use crate::inbox::Inbox;
use crate::lock::lock;
use crate::protocol::Protocol;

/// New inboxes on their way to the one who reads, and the places that have something.
pub(super) struct Arrivals<I, P: Protocol> {
    new: Mutex<Vec<(I, Inbox<P>)>>,
    bell: Arc<Bell>,
}

/// Which places have something, and who waits for it.
struct Bell(Mutex<Ringing>);

#[derive(Default)]
struct Ringing {
    ready: VecDeque<u64>,
    reader: Option<Waker>,
    /// The fleet is gone: no new inbox will come.
    closed: bool,
}

/// One inbox.
struct Place<I, P: Protocol> {
    id: I,
    inbox: Inbox<P>,
    waker: Waker,
    cord: Arc<Cord>,
}

/// What an inbox pulls when something has come.
struct Cord {
    number: u64,
    /// It is in `ready` already.
    pulled: AtomicBool,
    bell: Arc<Bell>,
}

impl Wake for Cord {
    fn wake(self: Arc<Self>) {
        if !self.pulled.swap(true, Ordering::AcqRel) {
            self.bell.ring(Some(self.number));
        }
    }
}

impl Bell {
    fn ring(&self, number: Option<u64>) {
        let reader = {
            let mut ringing = lock(&self.0);
            ringing.ready.extend(number);
            ringing.reader.take()
        };
        if let Some(reader) = reader {
            reader.wake();
        }
    }
}

impl<I, P: Protocol> Arrivals<I, P> {
    pub(super) fn new() -> Self {
        Self { new: Mutex::default(), bell: Arc::new(Bell(Mutex::default())) }
    }

    pub(super) fn add(&self, id: I, inbox: Inbox<P>) {
        lock(&self.new).push((id, inbox));
        self.bell.ring(None);
    }

    pub(super) fn close(&self) {
        lock(&self.bell.0).closed = true;
        self.bell.ring(None);
    }
}

/// The reader's side.
pub(super) struct Merged<I, P: Protocol> {
    arrivals: Arc<Arrivals<I, P>>,
    places: HashMap<u64, Place<I, P>>,
    next: u64,
}

impl<I: Clone, P: Protocol> Merged<I, P> {
    pub(super) fn poll_next(
        &mut self,
        task: &mut Context<'_>,
    ) -> Poll<Option<(I, Event<P::Incoming>)>> {
        loop {
            self.take_new();
            let number = {
                let mut ringing = lock(&self.arrivals.bell.0);
                match ringing.ready.pop_front() {
                    Some(number) => number,
                    None if ringing.closed && self.places.is_empty() => return Poll::Ready(None),
                    None => {
                        ringing.reader = Some(task.waker().clone());
                        drop(ringing);
                        // One that came between the two looks has found no reader to wake.
                        if lock(&self.arrivals.new).is_empty() {
                            return Poll::Pending;
                        }
                        continue;
                    }
                }
            };
            let Some(place) = self.places.get_mut(&number) else { continue };
            place.cord.pulled.store(false, Ordering::Release);
            match place.inbox.poll_next(&mut Context::from_waker(&place.waker)) {
                Poll::Pending => {}
                Poll::Ready(None) => {
                    self.places.remove(&number);
                }
                Poll::Ready(Some(event)) => {
                    let id = place.id.clone();
                    // To the end of the queue, so that the others come first.
                    place.waker.wake_by_ref();
                    return Poll::Ready(Some((id, event)));
                }
            }
        }
    }
}

impl<I, P: Protocol> Merged<I, P> {
    pub(super) fn new(arrivals: Arc<Arrivals<I, P>>) -> Self {
        Self { arrivals, places: HashMap::new(), next: 0 }
    }

    /// Each new inbox is looked at once; then its waker tells.
    fn take_new(&mut self) {
        let new = std::mem::take(&mut *lock(&self.arrivals.new));
        for (id, inbox) in new {
            self.next += 1;
            let cord = Arc::new(Cord {
                number: self.next,
                pulled: AtomicBool::new(false),
                bell: self.arrivals.bell.clone(),
            });
            let waker = Waker::from(cord.clone());
            waker.wake_by_ref();
            self.places.insert(self.next, Place { id, inbox, waker, cord });
        }
    }
}
