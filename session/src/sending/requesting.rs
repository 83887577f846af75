//! The future of `request`.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::Sending;
use crate::event::{Outcome, Rejected};
use crate::outbox::slot::Slot;
use crate::outbox::{IDEMPOTENT, Priority, millis};
use crate::protocol::Protocol;
use crate::receipt::Receipt;

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

    #[inline(always)]
    fn poll_accepted(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Rejected<P::Outgoing>>> {
        if self.receipt.is_some() {
            return Poll::Ready(Ok(()));
        }
        match self.sending.poll_accept(cx, Some(&self.slot)) {
            Poll::Ready(Ok(receipt)) => {
                self.receipt = Some(receipt);
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(rejected)) => {
                self.done = true;
                Poll::Ready(Err(rejected))
            }
            Poll::Pending => Poll::Pending,
        }
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
