//! The sending handle.

mod watch;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::connect::Endpoint;
use crate::desk::{Desk, Wish};
use crate::event::{Because, DrainReport, Rejected, State, Statistics};
use crate::frame_log::FrameHeads;
use crate::inbox::Inbox;
use crate::lock::lock;
use crate::moment::Moment;
use crate::outbox::lane::Entry;
use crate::protocol::Protocol;
use crate::receipt::Receipt;
use crate::reply::Reply;
use crate::sending::{Feeding, Requesting, Sending, encoded_len, is_too_long};
use crate::settings::Heartbeat;
pub use watch::Watch;

/// Frames that `send_all` hands over under one lock.
const TOGETHER: usize = 64;

/// The sending handle of a session. Clones are cheap; when the last of them and the
/// [`Inbox`] are dropped, the session drains (5 s) and closes.
///
/// Every future that it gives out is safe to drop; each says what then holds.
pub struct Link<P: Protocol> {
    handle: Handle<P>,
}

impl<P: Protocol> Clone for Link<P> {
    fn clone(&self) -> Self {
        Self { handle: self.handle.clone() }
    }
}

/// Holds the session; the last one to go drains and closes it.
pub(crate) struct Handle<P: Protocol> {
    pub(crate) desk: Arc<Desk<P>>,
}

impl<P: Protocol> Handle<P> {
    pub(crate) fn new(desk: Arc<Desk<P>>) -> Self {
        desk.handles.fetch_add(1, Ordering::Relaxed);
        Self { desk }
    }
}

impl<P: Protocol> Clone for Handle<P> {
    fn clone(&self) -> Self {
        Self::new(self.desk.clone())
    }
}

impl<P: Protocol> Drop for Handle<P> {
    fn drop(&mut self) {
        if self.desk.handles.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.desk.wish(Wish::HandlesDropped);
        }
    }
}

impl<P: Protocol> Link<P> {
    pub(crate) fn new(handle: Handle<P>) -> Self {
        Self { handle }
    }

    /// The only handle so far.
    pub(crate) fn of(desk: Arc<Desk<P>>) -> Self {
        Self::new(Handle::new(desk))
    }

    fn desk(&self) -> &Desk<P> {
        &self.handle.desk
    }

    /// Queues a frame; waits while the queue is full, first come, first served. The receipt tells
    /// the one outcome.
    ///
    /// Safe to drop before it is ready: then nothing was queued.
    #[inline]
    pub fn send(&self, frame: P::Outgoing) -> Sending<'_, P> {
        Sending::new(self.desk(), frame)
    }

    /// Queues a frame without a receipt: its outcome is only counted, in [`Link::statistics`].
    #[inline]
    pub fn feed(&self, frame: P::Outgoing) -> Feeding<'_, P> {
        Feeding(self.send(frame))
    }

    /// Queues a frame now or not at all.
    ///
    /// # Errors
    /// The frame comes back when the queue is full or closed, or the frame too large.
    #[inline]
    pub fn try_send(&self, frame: P::Outgoing) -> Result<Receipt, Rejected<P::Outgoing>> {
        self.desk().try_send(frame, self.desk().manner())
    }

    /// Queues many frames, 64 at a time under one lock, in order; waits where the queue is full.
    /// The receipt of the last one; `None` if there was none.
    ///
    /// Safe to drop: then what was queued is queued, and the rest is not.
    ///
    /// # Errors
    /// The first frame that was refused; those before it are queued.
    pub async fn send_all(
        &self,
        frames: impl IntoIterator<Item = P::Outgoing>,
    ) -> Result<Option<Receipt>, Rejected<P::Outgoing>> {
        let mut frames = frames.into_iter();
        if self.desk().keeper.is_some() {
            let mut last = None;
            for frame in frames {
                last = Some(self.send(frame).await?);
            }
            return Ok(last);
        }
        let manner = self.desk().manner();
        let (mut batch, mut last) = (Vec::with_capacity(TOGETHER), None);
        loop {
            // User code (the iterator) runs outside of the lock.
            let more = TOGETHER.saturating_sub(batch.len());
            batch.extend(frames.by_ref().take(more).map(|frame| {
                let len = encoded_len::<P>(&frame);
                Entry::new(Some(frame), len, manner, None)
            }));
            if batch.is_empty() {
                return Ok(last);
            }
            let (receipt, refused) = self.desk().put_all(&mut batch, manner.lane);
            last = receipt.or(last);
            if let Some(because) = refused
                && !batch.is_empty()
                && let Some(frame) = batch.remove(0).frame
            {
                if because != Because::Full {
                    return Err(Rejected { frame, because });
                }
                last = Some(self.send(frame).await?);
            }
        }
    }

    /// Sends a frame and waits for its reply, matched by its key. It is in flight in one epoch
    /// only: when the connection ends, it fails at once.
    ///
    /// The reply is a frame whose `role = replies_to` (or your [`Protocol::classify`]) names the
    /// request; without one the request ends at its deadline. Where an answer repeats the number in
    /// the header's own field, declare the two directions as two types: `role = sequence` in the
    /// one, `role = replies_to` in the other.
    ///
    /// Safe to drop: not yet committed, the request is taken back; else its late reply is discarded
    /// and counted.
    pub fn request(&self, frame: P::Outgoing) -> Requesting<'_, P> {
        Requesting::new(self.send(frame))
    }

    /// Takes a send back. `true`: its outcome is `Cancelled`, and nothing of it leaves. `false`: it
    /// was committed or settled already.
    pub fn cancel(&self, receipt: &Receipt) -> bool {
        self.desk().cancel(receipt)
    }

    /// Keeps a frame (at most 256) that is sent after each login, before the queue opens, and now
    /// if the link is up, until [`Link::dismiss`]. One with the same key is replaced. What answers it
    /// and carries something comes out of the inbox.
    ///
    /// # Errors
    /// The frame comes back when as many are kept as `Settings::standing` allows (`Full`), when it
    /// is too large for the protocol, and when the session has ended or drains.
    pub fn standing(&self, key: u64, frame: P::Outgoing) -> Result<(), Rejected<P::Outgoing>> {
        let desk = self.desk();
        if is_too_long::<P>(encoded_len::<P>(&frame)) {
            return Err(Rejected { frame, because: Because::TooLarge });
        }
        if lock(&desk.outbox).closed {
            return Err(Rejected { frame, because: Because::Closed });
        }
        let kept = lock(&desk.board).keep_standing(key, desk.settings.standing);
        if !kept {
            return Err(Rejected { frame, because: Because::Full });
        }
        desk.wish(Wish::Standing(key, frame));
        Ok(())
    }

    /// Forgets a standing frame.
    pub fn dismiss(&self, key: u64) {
        lock(&self.desk().board).dismiss(key);
        self.desk().wish(Wish::Dismiss(key));
    }

    /// Accepts no more, sends what is queued, waits for its acknowledgements, says goodbye and
    /// closes; at the deadline at the latest. Safe to drop: the session drains on.
    pub async fn drain(&self, within: Duration) -> DrainReport {
        let before = lock(&self.desk().outbox).statistics().sends;
        Reply { desk: self.handle.desk.clone() }.drain(within);
        self.ended().await;
        let sends = lock(&self.desk().outbox).statistics().sends.since(&before);
        let report = DrainReport {
            acknowledged: sends.acknowledged,
            written: sends.written,
            not_sent: sends.not_sent,
            uncertain: sends.uncertain,
            dropped: sends.expired + sends.cancelled + sends.unencodable,
        };
        let DrainReport { acknowledged, written, not_sent, uncertain, dropped } = report;
        let session = self.name();
        tracing::info!(session, acknowledged, written, not_sent, uncertain, dropped, "drained");
        report
    }

    /// Closes at once. What is queued is `NotSent`, what is in flight `Uncertain`.
    pub fn close(&self) {
        self.desk().wish(Wish::Close);
    }

    /// Closes the socket and stays away until [`Link::resume`]. What is in flight settles; the
    /// queue is kept, and accepts more within its bounds.
    pub fn suspend(&self) {
        self.desk().wish(Wish::Suspend { without_queue: false });
    }

    /// The same, and what is queued settles as `NotSent` (the lease of this session is lost).
    pub fn suspend_without_queue(&self) {
        self.desk().wish(Wish::Suspend { without_queue: true });
    }

    /// Comes back from [`Link::suspend`].
    pub fn resume(&self) {
        self.desk().wish(Wish::Resume);
    }

    /// Does not wait for the backoff to end; a connection that is up is closed and made anew.
    pub fn reconnect_now(&self) {
        self.desk().wish(Wish::Reconnect);
    }

    /// Changes the heartbeat, from now on.
    pub fn set_heartbeat(&self, heartbeat: Heartbeat) {
        self.desk().wish(Wish::Heartbeat(heartbeat));
    }

    /// Changes the endpoints, from the next attempt on.
    pub fn set_endpoints<E: Into<Endpoint>>(&self, endpoints: impl IntoIterator<Item = E>) {
        let endpoints = endpoints.into_iter().map(Into::into).collect();
        self.desk().wish(Wish::Endpoints(endpoints));
    }

    /// The name from the builder.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.desk().name
    }

    /// The state now.
    #[must_use]
    pub fn state(&self) -> State {
        lock(&self.desk().board).state()
    }

    /// Logged in, as far as is known. One atomic load.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.desk().is_up()
    }

    /// Number of the newest connection; 0 before the first.
    #[must_use]
    pub fn epoch(&self) -> u32 {
        self.desk().epoch()
    }

    /// The sums so far. Outcomes are booked when the session's task next looks at its queue.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        lock(&self.desk().outbox).statistics()
    }

    /// The last transitions, oldest first, if `Settings::event_log` asks for them.
    #[must_use]
    pub fn history(&self) -> Vec<(Moment, State)> {
        lock(&self.desk().board).history()
    }

    /// The heads of the last 32 frames of the connection that ended last, for error reports; `None`
    /// before the first end.
    #[must_use]
    pub fn last_frames(&self) -> Option<FrameHeads> {
        lock(&self.desk().board).last_frames()
    }

    /// Sees each new state.
    #[must_use]
    pub fn watch(&self) -> Watch<P> {
        Watch::new(self.clone())
    }

    /// Waits until the session is over.
    pub async fn ended(&self) -> State {
        let mut watch = self.watch();
        loop {
            let state = watch.next().await;
            if state.is_final() {
                return state;
            }
        }
    }

    /// Waits until the link is up; its epoch.
    ///
    /// # Errors
    /// The final state, if it will never be.
    pub async fn up(&self) -> Result<u32, State> {
        let mut watch = self.watch();
        loop {
            match watch.next().await {
                State::Up { epoch, .. } => return Ok(epoch),
                state if state.is_final() => return Err(state),
                _ => {}
            }
        }
    }
}

impl<P: Protocol> Desk<P> {
    /// The two handles of a session with an inbox; dropping both closes it.
    pub(crate) fn ends(self: Arc<Self>) -> (Link<P>, Inbox<P>) {
        let handle = Handle::new(self);
        (Link::new(handle.clone()), Inbox::new(handle))
    }
}
