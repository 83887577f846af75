//! The futures of `send`, `feed` and `request`.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use longlink_codec_core::{Frame, Scope, Wire};

use crate::desk::Desk;
use crate::event::{Because, Outcome, Rejected};
use crate::lock::lock;
use crate::outbox::slot::Slot;
use crate::outbox::{IDEMPOTENT, Manner, NEVER, Priority, RESUMABLE};
use crate::protocol::Protocol;
use crate::receipt::Receipt;

/// A send on its way into the queue: ready at once where there is room, else it waits, first come,
/// first served.
///
/// Safe to drop before it is ready: then nothing was queued.
#[must_use = "futures do nothing unless polled"]
pub struct Sending<'l, P: Protocol> {
    desk: &'l Desk<P>,
    frame: Option<P::Outgoing>,
    manner: Manner,
    /// Its number among those that wait.
    waiting: Option<u64>,
    /// The journal has accepted it, the queue not yet.
    kept: Option<Arc<Slot<P::Incoming>>>,
}

impl<P: Protocol> Unpin for Sending<'_, P> {}

impl<'l, P: Protocol> Sending<'l, P> {
    #[inline]
    pub(crate) fn new(desk: &'l Desk<P>, frame: P::Outgoing) -> Self {
        Self { desk, frame: Some(frame), manner: desk.manner(), waiting: None, kept: None }
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

    #[inline(always)]
    fn accept(
        &mut self,
        slot: Option<&Arc<Slot<P::Incoming>>>,
        turn: bool,
        receipt: bool,
    ) -> Result<Option<Receipt>, Because> {
        let len = self.frame.as_ref().map_or(0, |frame| encoded_len::<P>(frame));
        if is_too_long::<P>(len) {
            return Err(Because::TooLarge);
        }
        if let (Some(frame), None, None) = (&self.frame, slot, &self.kept) {
            self.kept = self.desk.keep(frame, len, self.manner, turn)?;
        }
        let slot = slot.or(self.kept.as_ref());
        let manner = self.manner;
        let mut outbox = lock(&self.desk.outbox);
        outbox.admit(len, manner.lane, &self.desk.settings.outbound, turn)?;
        let ticket = outbox.put(self.frame.take(), len, manner, slot);
        let receipt = receipt.then(|| outbox.receipt(ticket, manner.lane));
        let waker = outbox.wake();
        drop(outbox);
        if let Some(waker) = waker {
            waker.wake();
        }
        self.kept = None;
        Ok(receipt)
    }

    #[inline]
    fn poll_accept(
        &mut self,
        cx: &mut Context<'_>,
        slot: Option<&Arc<Slot<P::Incoming>>>,
        receipt: bool,
    ) -> Poll<Result<Option<Receipt>, Rejected<P::Outgoing>>> {
        if self.frame.is_none() {
            // Polled again after it was ready.
            return Poll::Pending;
        }
        let first = match self.waiting {
            None => self.accept(slot, false, receipt),
            Some(number) => {
                let turn = lock(&self.desk.outbox).is_turn(number);
                if turn { self.accept(slot, true, receipt) } else { Err(Because::Full) }
            }
        };
        match first {
            Ok(receipt) => {
                self.leave();
                Poll::Ready(Ok(receipt))
            }
            Err(Because::Full) => self.wait(cx),
            Err(because) => {
                self.leave();
                match self.frame.take() {
                    Some(frame) => Poll::Ready(Err(Rejected { frame, because })),
                    None => Poll::Pending,
                }
            }
        }
    }

    #[cold]
    fn wait<T>(&mut self, cx: &mut Context<'_>) -> Poll<T> {
        let control = self.manner.lane == Priority::Control;
        let len = self.frame.as_ref().map_or(0, |frame| encoded_len::<P>(frame));
        let mut outbox = lock(&self.desk.outbox);
        let number = outbox.wait(self.waiting, len, control, cx.waker());
        self.waiting = Some(number);
        // Room may have come between the look and the registration.
        if let Some(next) = outbox.has_room(&self.desk.settings.outbound) {
            drop(outbox);
            next.wake();
        }
        Poll::Pending
    }

    #[inline]
    fn leave(&mut self) {
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

impl<P: Protocol> Drop for Sending<'_, P> {
    #[inline]
    fn drop(&mut self) {
        self.leave();
    }
}

impl<P: Protocol> Future for Sending<'_, P> {
    type Output = Result<Receipt, Rejected<P::Outgoing>>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.poll_accept(cx, None, true) {
            Poll::Ready(Ok(Some(receipt))) => Poll::Ready(Ok(receipt)),
            Poll::Ready(Err(rejected)) => Poll::Ready(Err(rejected)),
            Poll::Ready(Ok(None)) | Poll::Pending => Poll::Pending,
        }
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
        self.0.poll_accept(cx, None, false).map(|result| result.map(|_| ()))
    }
}

/// A request on its way: queued, sent, and waiting for its reply.
///
/// Safe to drop at any time: not yet committed, it is taken back; else its reply is discarded when
/// it comes, and counted as late.
#[must_use = "futures do nothing unless polled"]
pub struct Requesting<'l, P: Protocol> {
    sending: Sending<'l, P>,
    slot: Arc<Slot<P::Incoming>>,
    receipt: Option<Receipt>,
    done: bool,
}

impl<'l, P: Protocol> Requesting<'l, P> {
    pub(crate) fn new(sending: Sending<'l, P>) -> Self {
        Self { sending, slot: Slot::new(), receipt: None, done: false }
    }

    /// Before or behind the others; default [`Priority::Normal`].
    pub fn priority(mut self, priority: Priority) -> Self {
        self.sending.manner.lane = priority;
        self
    }

    /// As [`Sending::expires`].
    pub fn expires(mut self, after: impl Into<Option<Duration>>) -> Self {
        self.sending.manner.time_to_live_ms = millis(after.into());
        self
    }

    /// As [`Sending::idempotent`].
    pub fn idempotent(mut self) -> Self {
        self.sending.manner.marks |= IDEMPOTENT;
        self
    }

    /// Waits until the request is accepted; what comes out waits for the reply. So that requests are
    /// on their way one behind the other, in the order in which they were asked.
    ///
    /// Safe to drop before it is ready: then nothing was queued.
    ///
    /// # Errors
    /// The request, if it is refused.
    pub async fn accepted(mut self) -> Result<Self, Rejected<P::Outgoing>> {
        poll_fn(|cx| self.poll_accepted(cx)).await?;
        Ok(self)
    }

    fn poll_accepted(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Rejected<P::Outgoing>>> {
        if self.receipt.is_some() {
            return Poll::Ready(Ok(()));
        }
        let accepted = ready!(self.sending.poll_accept(cx, Some(&self.slot), true));
        self.done = accepted.is_err();
        self.receipt = accepted?;
        Poll::Ready(Ok(()))
    }
}

impl<P: Protocol> Unpin for Requesting<'_, P> {}

impl<P: Protocol> Future for Requesting<'_, P> {
    type Output = Result<P::Incoming, RequestError<P::Outgoing>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        ready!(me.poll_accepted(cx)).map_err(RequestError::Rejected)?;
        match me.slot.poll(cx.waker()) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(result) => {
                me.done = true;
                Poll::Ready(result.map_err(RequestError::Unanswered))
            }
        }
    }
}

impl<P: Protocol> Drop for Requesting<'_, P> {
    fn drop(&mut self) {
        if self.done {
            return;
        }
        self.slot.abandon();
        if let Some(receipt) = &self.receipt {
            self.sending.desk.cancel(receipt);
        }
    }
}

/// Why a request has no reply.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestError<F> {
    /// It was not accepted; the frame comes back.
    Rejected(Rejected<F>),
    /// No reply came; what became of the request itself. [`Outcome::Uncertain`]: it may have been
    /// received; all others: it was not, or needed no reply.
    Unanswered(Outcome),
}

impl<F> fmt::Display for RequestError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rejected(rejected) => rejected.fmt(f),
            Self::Unanswered(outcome) => write!(f, "no reply; the request is {outcome:?}"),
        }
    }
}

impl<F: fmt::Debug> std::error::Error for RequestError<F> {}

impl<P: Protocol> Desk<P> {
    /// How a frame is sent about which nothing else was said.
    #[inline]
    pub(crate) fn manner(&self) -> Manner {
        let time_to_live_ms = millis(self.settings.time_to_live);
        Manner { lane: Priority::Normal, time_to_live_ms, marks: 0 }
    }

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
        let ticket = outbox.put(Some(frame), len, manner, kept.as_ref());
        let receipt = outbox.receipt(ticket, manner.lane);
        let waker = outbox.wake();
        drop(outbox);
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(receipt)
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

fn millis(time: Option<Duration>) -> u32 {
    time.map_or(NEVER, |time| u32::try_from(time.as_millis()).unwrap_or(NEVER))
}
