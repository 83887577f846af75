//! The receiving handle, and where the session's task puts what came in.

use std::collections::VecDeque;
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
///
/// `Bytes` in a frame are slices of a copy of its own, or, of small frames that were read together, of
/// one that they share: a frame that is kept holds less than 1 KiB of others.
pub struct Inbox<P: Protocol> {
    handle: Handle<P>,
    /// Taken from the tray as a whole; their places are given back when more are asked for.
    taken: VecDeque<Event<P::Incoming>>,
    frames: usize,
    bytes: usize,
}

impl<P: Protocol> Inbox<P> {
    pub(crate) fn new(handle: Handle<P>) -> Self {
        Self { handle, taken: VecDeque::new(), frames: 0, bytes: 0 }
    }

    /// The next event; `None` after `Closed` or `Failed`. Safe to drop: no event is lost.
    pub async fn next(&mut self) -> Option<Event<P::Incoming>> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// The next frame; events between are passed over. `None` at the end of the session.
    pub async fn next_frame(&mut self) -> Option<P::Incoming> {
        poll_fn(|cx| self.poll_frame(cx)).await
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

    #[inline]
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<P::Incoming>> {
        loop {
            if self.taken.len() > 1 {
                // Nothing stands between taking and giving: a large frame is moved once.
                if let Some(Event::Frame { frame, .. }) = self.taken.pop_front() {
                    return Poll::Ready(Some(frame));
                }
                continue;
            }
            match self.take_last() {
                Some(Event::Frame { frame, .. }) => return Poll::Ready(Some(frame)),
                Some(_) => {}
                None => {
                    let ended = self.refill(Some(cx));
                    if self.taken.is_empty() {
                        return if ended { Poll::Ready(None) } else { Poll::Pending };
                    }
                }
            }
        }
    }

    /// The next of those taken.
    #[inline]
    fn take(&mut self) -> Option<Event<P::Incoming>> {
        if self.taken.len() > 1 { self.taken.pop_front() } else { self.take_last() }
    }

    /// The only one that is left. With it the memory of those taken goes back: to the task, for
    /// what comes next, if something came lately.
    fn take_last(&mut self) -> Option<Event<P::Incoming>> {
        let mut taken = std::mem::take(&mut self.taken);
        let event = taken.pop_front()?;
        let mut tray = lock(&self.handle.desk.inbox);
        if tray.in_use && tray.events.capacity() == 0 {
            tray.events = Vec::from(taken);
        }
        Some(event)
    }

    /// Takes all that has come; whether nothing more will come.
    fn refill(&mut self, cx: Option<&mut Context<'_>>) -> bool {
        let mut tray = lock(&self.handle.desk.inbox);
        let empty = tray.events.is_empty();
        if !empty {
            self.taken = VecDeque::from(std::mem::take(&mut tray.events));
        }
        tray.frames -= self.frames;
        tray.bytes -= self.bytes;
        (self.frames, self.bytes) = (tray.frames, tray.bytes);
        let ring = std::mem::take(&mut tray.full);
        if empty && let Some(cx) = cx {
            tray.waker = Some(cx.waker().clone());
        }
        let ended = tray.ended;
        drop(tray);
        if ring {
            self.handle.desk.ring();
        }
        ended
    }
}

#[cfg(test)]
impl<P: Protocol> Inbox<P> {
    /// Places that memory is held for.
    pub(crate) fn holds(&self) -> usize {
        self.taken.capacity()
    }
}

#[cfg(test)]
impl<P: Protocol> ToInbox<P> {
    pub(crate) fn holds(&self) -> usize {
        self.batch.capacity()
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
    /// Places in the tray, as last seen: there may be more by now, never fewer.
    room: (usize, usize),
    abandoned: bool,
}

impl<P: Protocol> ToInbox<P> {
    pub(crate) fn new(desk: Arc<Desk<P>>) -> Self {
        Self { desk, batch: Vec::new(), frames: 0, bytes: 0, room: (0, 0), abandoned: false }
    }

    #[inline(always)]
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

    /// Everything that was delivered becomes visible, and the room is seen anew.
    fn hand_over(&mut self, ended: bool) {
        let bounds = &self.desk.settings.inbound;
        let mut tray = lock(&self.desk.inbox);
        let mut unwanted = Vec::new();
        if tray.abandoned {
            std::mem::swap(&mut unwanted, &mut self.batch);
        } else if !self.batch.is_empty() {
            tray.in_use = true;
            if tray.events.is_empty() {
                std::mem::swap(&mut tray.events, &mut self.batch);
            } else {
                tray.events.append(&mut self.batch);
            }
            tray.frames += self.frames;
            tray.bytes += self.bytes;
        }
        (self.frames, self.bytes) = (0, 0);
        tray.ended |= ended;
        self.abandoned = tray.abandoned;
        self.room =
            (bounds.frames.saturating_sub(tray.frames), bounds.bytes.saturating_sub(tray.bytes));
        tray.full = !self.abandoned && (self.room.0 == 0 || self.room.1 == 0);
        if self.abandoned {
            self.room = (usize::MAX, usize::MAX);
        }
        let waker = if tray.events.is_empty() && !ended { None } else { tray.waker.take() };
        drop(tray);
        let frames = unwanted.iter().filter(|event| matches!(event, Event::Frame { .. })).count();
        if frames > 0 {
            lock(&self.desk.outbox).sums.discarded += frames as u64;
        }
        drop(unwanted);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    #[inline]
    fn has_room(&self) -> bool {
        self.frames < self.room.0 && self.bytes < self.room.1
    }
}

/// What the driver needs of where frames go, besides delivering.
pub(crate) trait Turn {
    /// A turn ends: what was delivered becomes visible.
    fn flush(&mut self, ended: bool);
    /// Nothing has come for a while.
    fn trim(&mut self);
}

/// Where a session's frames go, whole.
pub(crate) trait Ends<P: Protocol>: Deliver<P> + Turn + Send + 'static {}

impl<P: Protocol, D: Deliver<P> + Turn + Send + 'static> Ends<P> for D {}

impl<P: Protocol> Turn for ToInbox<P> {
    #[inline]
    fn flush(&mut self, ended: bool) {
        if !self.batch.is_empty() || ended {
            self.hand_over(ended);
        }
    }

    fn trim(&mut self) {
        self.batch = Vec::new();
        let mut tray = lock(&self.desk.inbox);
        tray.in_use = false;
        if tray.events.is_empty() {
            tray.events = Vec::new();
        }
    }
}

impl<P: Protocol> Deliver<P> for ToInbox<P> {
    const KEEPS: bool = true;

    #[inline]
    fn ready(&mut self) -> bool {
        if !self.has_room() {
            // Perhaps the reader has made room meanwhile: nobody but it changes what was seen.
            self.hand_over(false);
        }
        self.has_room()
    }

    #[inline(always)]
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
