//! The futures of `send` and `feed`; that of `request` stands on them.

mod requesting;

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, MutexGuard};
use std::task::{Context, Poll};
use std::time::Duration;

use longlink_codec_core::{Frame, Scope, Wire};

use crate::desk::Desk;
use crate::event::{Because, Rejected};
use crate::lock::lock;
use crate::outbox::lane::Entry;
use crate::outbox::slot::Slot;
use crate::outbox::{IDEMPOTENT, Manner, Outbox, Priority, RESUMABLE, millis};
use crate::protocol::Protocol;
use crate::receipt::{Kept, Receipt};
pub use requesting::{RequestError, Requesting};

/// A send on its way into the queue: ready at once where there is room, else it waits, first come,
/// first served.
///
/// Safe to drop before it is ready: then nothing was queued.
#[must_use = "futures do nothing unless polled"]
pub struct Sending<'l, P: Protocol> {
    desk: &'l Desk<P>,
    frame: Option<P::Outgoing>,
    manner: Manner,
    /// Boxed, because most have a place at once, and a future is moved before it is polled.
    late: Option<Box<Late<'l, P>>>,
}

/// What only some have before their place in the queue; they give it back when they are dropped.
struct Late<'l, P: Protocol> {
    desk: &'l Desk<P>,
    /// Its number among those that wait.
    waiting: Option<u64>,
    /// The journal has accepted it, the queue not yet.
    kept: Option<Arc<Slot<P::Incoming>>>,
}

impl<P: Protocol> Unpin for Sending<'_, P> {}

impl<'l, P: Protocol> Sending<'l, P> {
    #[inline]
    pub(crate) fn new(desk: &'l Desk<P>, frame: P::Outgoing) -> Self {
        Self { desk, frame: Some(frame), manner: desk.manner(), late: None }
    }

    /// Before or behind the others; default [`Priority::Normal`].
    pub fn priority(mut self, priority: Priority) -> Self {
        self.manner.lane = priority;
        self
    }

    /// Dropped, as `Expired`, when it has waited for so long; `None`: never. Default 30 s.
    pub fn expires(mut self, after: impl Into<Option<Duration>>) -> Self {
        self.manner.time_to_live_ms = millis(after.into());
        self
    }

    /// Receiving it twice does no harm: it is sent again when it became uncertain.
    pub fn idempotent(mut self) -> Self {
        self.manner.marks |= IDEMPOTENT;
        self
    }

    /// It is kept with its key when the connection ends, and sent again if the next one resumes.
    pub fn resumable(mut self) -> Self {
        self.manner.marks |= RESUMABLE;
        self
    }

    /// `R`: what the caller keeps of it.
    #[inline(always)]
    fn poll_accept<R: Kept>(
        &mut self,
        cx: &mut Context<'_>,
        slot: Option<&Arc<Slot<P::Incoming>>>,
    ) -> Poll<Result<R, Rejected<P::Outgoing>>> {
        if self.frame.is_none() || self.late.is_some() || self.desk.keeper.is_some() {
            return self.poll_slowly(cx, slot);
        }
        let len = self.len();
        if is_too_long::<P>(len) {
            return self.refused(cx, Because::TooLarge);
        }
        let outbox = lock(&self.desk.outbox);
        match outbox.admit(len, self.manner.lane, &self.desk.settings.outbound, false) {
            Ok(()) => Poll::Ready(Ok(self.put(outbox, len, slot))),
            Err(because) => {
                drop(outbox);
                self.refused(cx, because)
            }
        }
    }

    /// It was admitted under this lock.
    #[inline(always)]
    fn put<R: Kept>(
        &mut self,
        mut outbox: MutexGuard<'_, Outbox<P::Outgoing, P::Incoming>>,
        len: usize,
        slot: Option<&Arc<Slot<P::Incoming>>>,
    ) -> R {
        let kept = outbox.put(&mut self.frame, len, self.manner, slot.cloned());
        wake(outbox);
        kept
    }

    #[inline(always)]
    fn len(&self) -> usize {
        self.frame.as_ref().map_or(0, |frame| encoded_len::<P>(frame))
    }

    /// It has waited, or there is a journal; or it is polled again after it was ready.
    #[cold]
    fn poll_slowly<R: Kept>(
        &mut self,
        cx: &mut Context<'_>,
        slot: Option<&Arc<Slot<P::Incoming>>>,
    ) -> Poll<Result<R, Rejected<P::Outgoing>>> {
        if self.frame.is_none() {
            return Poll::Pending;
        }
        let accepted = match self.waiting() {
            Some(number) if !lock(&self.desk.outbox).is_turn(number) => Err(Because::Full),
            number => self.accept(slot, number.is_some()),
        };
        match accepted {
            Ok(kept) => {
                if let Some(mut late) = self.late.take() {
                    late.kept = None;
                }
                Poll::Ready(Ok(kept))
            }
            Err(because) => self.refused(cx, because),
        }
    }

    /// The same, once the journal, if there is one, has accepted it.
    fn accept<R: Kept>(
        &mut self,
        slot: Option<&Arc<Slot<P::Incoming>>>,
        turn: bool,
    ) -> Result<R, Because> {
        let (len, mut kept) = (self.len(), self.late.as_ref().and_then(|late| late.kept.clone()));
        if is_too_long::<P>(len) {
            return Err(Because::TooLarge);
        }
        if let (Some(frame), None, None) = (&self.frame, slot, &kept) {
            kept = self.desk.keep(frame, len, self.manner, turn)?;
            if kept.is_some() {
                self.late().kept.clone_from(&kept);
            }
        }
        let outbox = lock(&self.desk.outbox);
        outbox.admit(len, self.manner.lane, &self.desk.settings.outbound, turn)?;
        Ok(self.put(outbox, len, slot.or(kept.as_ref())))
    }

    #[cold]
    fn refused<R>(
        &mut self,
        cx: &mut Context<'_>,
        because: Because,
    ) -> Poll<Result<R, Rejected<P::Outgoing>>> {
        if because == Because::Full {
            return self.wait(cx);
        }
        self.late = None;
        match self.frame.take() {
            Some(frame) => Poll::Ready(Err(Rejected { frame, because })),
            None => Poll::Pending,
        }
    }

    fn wait<T>(&mut self, cx: &mut Context<'_>) -> Poll<T> {
        let (len, control) = (self.len(), self.manner.lane == Priority::Control);
        let mut outbox = lock(&self.desk.outbox);
        let number = outbox.wait(self.waiting(), len, control, cx.waker());
        // Room may have come between the look and the registration.
        let next = outbox.has_room(&self.desk.settings.outbound);
        drop(outbox);
        self.late().waiting = Some(number);
        if let Some(next) = next {
            next.wake();
        }
        Poll::Pending
    }

    fn late(&mut self) -> &mut Late<'l, P> {
        let desk = self.desk;
        self.late.get_or_insert_with(|| Box::new(Late { desk, waiting: None, kept: None }))
    }

    fn waiting(&self) -> Option<u64> {
        self.late.as_ref()?.waiting
    }
}

impl<P: Protocol> Drop for Late<'_, P> {
    #[cold]
    fn drop(&mut self) {
        if let Some(kept) = self.kept.take() {
            self.desk.give_up(&kept);
        }
        if let Some(number) = self.waiting.take() {
            let next = lock(&self.desk.outbox).leave(number, &self.desk.settings.outbound);
            if let Some(next) = next {
                next.wake();
            }
        }
    }
}

impl<P: Protocol> Future for Sending<'_, P> {
    type Output = Result<Receipt, Rejected<P::Outgoing>>;

    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_accept(cx, None)
    }
}

/// A send without a receipt on its way into the queue. Safe to drop, as [`Sending`].
#[must_use = "futures do nothing unless polled"]
pub struct Feeding<'l, P: Protocol>(pub(crate) Sending<'l, P>);

impl<P: Protocol> Feeding<'_, P> {
    /// Before or behind the others; default [`Priority::Normal`].
    pub fn priority(self, priority: Priority) -> Self {
        Self(self.0.priority(priority))
    }

    /// As [`Sending::expires`].
    pub fn expires(self, after: impl Into<Option<Duration>>) -> Self {
        Self(self.0.expires(after))
    }

    /// As [`Sending::idempotent`].
    pub fn idempotent(self) -> Self {
        Self(self.0.idempotent())
    }
}

impl<P: Protocol> Future for Feeding<'_, P> {
    type Output = Result<(), Rejected<P::Outgoing>>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll_accept(cx, None)
    }
}

impl<P: Protocol> Desk<P> {
    /// Accepts now or not at all.
    #[inline]
    pub(crate) fn try_send(
        &self,
        frame: P::Outgoing,
        manner: Manner,
    ) -> Result<Receipt, Rejected<P::Outgoing>> {
        let len = encoded_len::<P>(&frame);
        if is_too_long::<P>(len) {
            return Err(Rejected { frame, because: Because::TooLarge });
        }
        let kept = match self.keep(&frame, len, manner, false) {
            Ok(kept) => kept,
            Err(because) => return Err(Rejected { frame, because }),
        };
        let mut outbox = lock(&self.outbox);
        if let Err(because) = outbox.admit(len, manner.lane, &self.settings.outbound, false) {
            drop(outbox);
            if let Some(kept) = kept {
                self.give_up(&kept);
            }
            return Err(Rejected { frame, because });
        }
        let receipt = outbox.put(&mut Some(frame), len, manner, kept);
        wake(outbox);
        Ok(receipt)
    }

    /// Accepts as many as there is room for, under one lock; the others stay. The receipt of the
    /// last, and why the next one was refused.
    pub(crate) fn put_all(
        &self,
        entries: &mut Vec<Entry<P::Outgoing, P::Incoming>>,
        priority: Priority,
    ) -> (Option<Receipt>, Option<Because>) {
        let longest = if P::Outgoing::SPLITS { usize::MAX } else { P::Outgoing::MAX_FRAME_LEN };
        let mut outbox = lock(&self.outbox);
        let put = outbox.put_all(entries, priority, longest, &self.settings.outbound);
        wake(outbox);
        put
    }

    pub(crate) fn cancel(&self, receipt: &Receipt) -> bool {
        let mut outbox = lock(&self.outbox);
        let cancelled = outbox.cancel(receipt);
        let (next, task) = match cancelled {
            Some(_) => (outbox.has_room(&self.settings.outbound), outbox.wake()),
            None => (None, None),
        };
        drop(outbox);
        for waker in next.into_iter().chain(task) {
            waker.wake();
        }
        cancelled.is_some()
    }
}

/// The size on the wire before the frame is stamped, under the starting context: what the queue's
/// bound counts until the frame is encoded. Of a frame that goes in several, what is cut.
#[inline(always)]
pub(crate) fn encoded_len<P: Protocol>(frame: &P::Outgoing) -> usize {
    let context = Default::default();
    let cut = if P::Outgoing::SPLITS { frame.split_len(&context) } else { None };
    cut.unwrap_or_else(|| frame.encoded_len_in(Scope::ROOT, &context))
}

/// No frame may be that long, and it cannot go in several.
#[inline(always)]
pub(crate) fn is_too_long<P: Protocol>(len: usize) -> bool {
    !P::Outgoing::SPLITS && len > P::Outgoing::MAX_FRAME_LEN
}

/// Wakes the task, if it sleeps, outside of the lock.
#[inline(always)]
fn wake<F, I>(mut outbox: MutexGuard<'_, Outbox<F, I>>) {
    let waker = outbox.wake();
    drop(outbox);
    if let Some(waker) = waker {
        waker.wake();
    }
}
