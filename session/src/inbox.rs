//! The receiving handle, and where the session's task puts what came in.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::desk::Desk;
use crate::event::Event;
use crate::link::Handle;
use crate::lock::lock;
use crate::protocol::{Deliver, Flow, Handler, Protocol, View};
use crate::reply::Reply;

/// What came in, in order: frames and all that happened between them.
///
/// Dropped, the session goes on while a [`Link`](crate::link::Link) lives; pushes are then counted
/// and discarded.
pub struct Inbox<P: Protocol> {
    handle: Handle<P>,
    /// Taken from the tray as a whole; their places are given back when the last is handed out.
    taken: std::vec::IntoIter<Event<P::Incoming>>,
    frames: usize,
    bytes: usize,
}

impl<P: Protocol> Inbox<P> {
    pub(crate) fn new(handle: Handle<P>) -> Self {
        Self { handle, taken: Vec::new().into_iter(), frames: 0, bytes: 0 }
    }

    /// The next event; `None` after `Closed` or `Failed`. Safe to drop: no event is lost.
    pub async fn next(&mut self) -> Option<Event<P::Incoming>> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// The next frame; events between are passed over. `None` at the end of the session.
    pub async fn next_frame(&mut self) -> Option<P::Incoming> {
        loop {
            if let Event::Frame { frame, .. } = self.next().await? {
                return Some(frame);
            }
        }
    }

    /// The next event that is already here.
    pub fn try_next(&mut self) -> Option<Event<P::Incoming>> {
        self.take().or_else(|| {
            self.refill(None);
            self.take()
        })
    }

    /// As [`Inbox::next`], for those who poll.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Event<P::Incoming>>> {
        if let Some(event) = self.take() {
            return Poll::Ready(Some(event));
        }
        let ended = self.refill(Some(cx));
        match self.take() {
            Some(event) => Poll::Ready(Some(event)),
            None if ended => Poll::Ready(None),
            None => Poll::Pending,
        }
    }

    /// The next of those taken; with the last one their memory goes back.
    #[inline]
    fn take(&mut self) -> Option<Event<P::Incoming>> {
        let event = self.taken.next();
        if self.taken.len() == 0 {
            self.taken = Vec::new().into_iter();
        }
        event
    }

    /// Takes all that has come; whether nothing more will come.
    fn refill(&mut self, cx: Option<&mut Context<'_>>) -> bool {
        let mut tray = lock(&self.handle.desk.inbox);
        let events = std::mem::take(&mut tray.events);
        tray.frames -= self.frames;
        tray.bytes -= self.bytes;
        (self.frames, self.bytes) = (tray.frames, tray.bytes);
        let ring = std::mem::take(&mut tray.full);
        if events.is_empty()
            && let Some(cx) = cx
        {
            tray.waker = Some(cx.waker().clone());
        }
        let ended = tray.ended;
        drop(tray);
        self.taken = events.into_iter();
        if ring {
            self.handle.desk.ring();
        }
        ended
    }
}

impl<P: Protocol> Drop for Inbox<P> {
    fn drop(&mut self) {
        let mut tray = lock(&self.handle.desk.inbox);
        tray.abandoned = true;
        tray.frames = 0;
        tray.bytes = 0;
        let (events, waker) = (std::mem::take(&mut tray.events), tray.waker.take());
        let ring = std::mem::take(&mut tray.full);
        drop(tray);
        drop((events, waker));
        if ring {
            self.handle.desk.ring();
        }
    }
}

/// The task's side of the inbox. What comes in one turn is handed over under one lock.
pub(crate) struct ToInbox<P: Protocol> {
    desk: Arc<Desk<P>>,
    batch: Vec<Event<P::Incoming>>,
    frames: usize,
    bytes: usize,
    /// Places in the tray, as last seen.
    room: (usize, usize),
    abandoned: bool,
}

impl<P: Protocol> ToInbox<P> {
    pub(crate) fn new(desk: Arc<Desk<P>>) -> Self {
        Self { desk, batch: Vec::new(), frames: 0, bytes: 0, room: (0, 0), abandoned: false }
    }

    fn push(&mut self, epoch: u32, frame: P::Incoming, len: usize) -> Flow {
        if self.abandoned {
            lock(&self.desk.outbox).sums.discarded += 1;
            return Flow::Go;
        }
        self.frames += 1;
        self.bytes += len;
        self.batch.push(Event::Frame { epoch, frame });
        if self.has_room() { Flow::Go } else { Flow::Full }
    }

    fn has_room(&self) -> bool {
        self.frames < self.room.0 && self.bytes < self.room.1
    }
}

/// What the driver needs of where frames go, besides delivering.
pub(crate) trait Turn {
    /// A turn begins.
    fn begin(&mut self);
    /// A turn ends: what was delivered becomes visible.
    fn flush(&mut self, ended: bool);
    /// Nothing has come for a while.
    fn trim(&mut self);
}

/// Where a session's frames go, whole.
pub(crate) trait Ends<P: Protocol>: Deliver<P> + Turn + Send + 'static {}

impl<P: Protocol, D: Deliver<P> + Turn + Send + 'static> Ends<P> for D {}

impl<P: Protocol> Turn for ToInbox<P> {
    fn begin(&mut self) {
        let bounds = &self.desk.settings.inbound;
        let mut tray = lock(&self.desk.inbox);
        self.abandoned = tray.abandoned;
        self.room =
            (bounds.frames.saturating_sub(tray.frames), bounds.bytes.saturating_sub(tray.bytes));
        tray.full = !self.abandoned && (self.room.0 == 0 || self.room.1 == 0);
        if self.abandoned {
            self.room = (usize::MAX, usize::MAX);
        }
    }

    fn flush(&mut self, ended: bool) {
        if self.batch.is_empty() && !ended {
            return;
        }
        let mut tray = lock(&self.desk.inbox);
        let mut unwanted = Vec::new();
        if tray.abandoned {
            std::mem::swap(&mut unwanted, &mut self.batch);
        } else if tray.events.is_empty() {
            std::mem::swap(&mut tray.events, &mut self.batch);
            tray.frames += self.frames;
            tray.bytes += self.bytes;
        } else {
            tray.events.append(&mut self.batch);
            tray.frames += self.frames;
            tray.bytes += self.bytes;
        }
        tray.ended |= ended;
        let waker = tray.waker.take();
        drop(tray);
        drop(unwanted);
        (self.frames, self.bytes) = (0, 0);
        if let Some(waker) = waker {
            waker.wake();
        }
        self.begin();
    }

    fn trim(&mut self) {
        self.batch = Vec::new();
        let mut tray = lock(&self.desk.inbox);
        if tray.events.is_empty() {
            tray.events = Vec::new();
        }
    }
}

impl<P: Protocol> Deliver<P> for ToInbox<P> {
    const KEEPS: bool = true;

    fn ready(&mut self) -> bool {
        if !self.has_room() {
            // Perhaps the reader has made room meanwhile.
            self.flush(false);
            self.begin();
        }
        self.has_room()
    }

    fn frame(&mut self, view: P::View<'_>, len: usize, epoch: u32) -> Flow {
        if self.abandoned {
            lock(&self.desk.outbox).sums.discarded += 1;
            return Flow::Go;
        }
        self.push(epoch, view.into_owned(), len)
    }

    fn owned(&mut self, frame: P::Incoming, len: usize, epoch: u32) -> Flow {
        self.push(epoch, frame, len)
    }

    fn event(&mut self, event: Event<P::Incoming>) {
        if self.abandoned {
            return;
        }
        // What a peer can make without end takes places, as frames do.
        match &event {
            Event::Malformed { bad, .. } => {
                self.frames += 1;
                self.bytes += bad.frame.len();
            }
            Event::LostFragments { .. } => self.frames += 1,
            _ => {}
        }
        self.batch.push(event);
    }
}

/// The task's side of a handler.
pub(crate) struct ToHandler<P: Protocol, H> {
    handler: H,
    reply: Reply<P>,
    /// The handler asked to be left alone until all is written.
    paused: bool,
}

impl<P: Protocol, H> ToHandler<P, H> {
    pub(crate) fn new(handler: H, desk: Arc<Desk<P>>) -> Self {
        Self { handler, reply: Reply { desk }, paused: false }
    }

    fn took(&mut self, flow: Flow) -> Flow {
        self.paused |= flow == Flow::Full;
        flow
    }
}

impl<P: Protocol, H> Turn for ToHandler<P, H> {
    fn begin(&mut self) {}
    fn flush(&mut self, _ended: bool) {}
    fn trim(&mut self) {}
}

impl<P: Protocol, H: Handler<P>> Deliver<P> for ToHandler<P, H> {
    const KEEPS: bool = false;

    fn ready(&mut self) -> bool {
        let desk = &self.reply.desk;
        let bounds = &desk.settings.outbound;
        let outbox = lock(&desk.outbox);
        if outbox.frames == 0 {
            self.paused = false;
        }
        !self.paused
            && outbox.frames < bounds.frames.saturating_sub(bounds.reserved)
            && outbox.bytes < bounds.bytes
    }

    fn frame(&mut self, view: P::View<'_>, _len: usize, _epoch: u32) -> Flow {
        let flow = self.handler.frame(view, &self.reply);
        self.took(flow)
    }

    fn owned(&mut self, frame: P::Incoming, _len: usize, _epoch: u32) -> Flow {
        let flow = self.handler.owned(frame, &self.reply);
        self.took(flow)
    }

    fn event(&mut self, event: Event<P::Incoming>) {
        self.handler.event(event, &self.reply);
    }
}
