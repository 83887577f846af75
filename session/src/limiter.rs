//! How fast a whole process dials, however many sessions it has.

pub(crate) mod queue;

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

use crate::moment::Moment;
use crate::permit::{Permit, Permits, Permitting};
use queue::{Answer, PermitId, Queue, Ticket};

/// How many dials a [`DialLimiter`] allows. A zero counts as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DialLimits {
    /// Dials a second in the long run; default 200.
    pub rate: u32,
    /// Dials at once after a quiet time; default 200.
    pub burst: u32,
    /// Dials and handshakes in flight at once; default 256.
    pub handshakes: usize,
    /// A permit counts for at most this long, whatever its holder does: default 20 s, the deadlines
    /// of connecting and of the handshake together. So a silent peer cannot hold it for ever.
    pub hold: Duration,
}

impl Default for DialLimits {
    fn default() -> Self {
        Self { rate: 200, burst: 200, handshakes: 256, hold: Duration::from_secs(20) }
    }
}

/// Lets sessions dial one after the other, in the order in which they asked.
///
/// Clones share one limit. Sessions use the [process-wide](Self::process) one unless their builder
/// is told otherwise; give those that dial the same server one limiter, and those that dial another
/// server another.
///
/// ```
/// # mod longlink { pub use longlink_session as session; }
/// use longlink::session::limiter::{DialLimiter, DialLimits};
///
/// let limiter = DialLimiter::new(DialLimits { rate: 50, ..DialLimits::default() });
/// let shared = limiter.clone();
/// assert_eq!(shared.limits().rate, 50);
/// assert_eq!(DialLimiter::process().limits(), DialLimits::default());
/// ```
#[derive(Clone)]
pub struct DialLimiter {
    shared: Arc<Shared>,
}

struct Shared {
    limits: DialLimits,
    state: Mutex<State>,
}

struct State {
    queue: Queue,
    started: Instant,
    wakers: BTreeMap<Ticket, Waker>,
}

impl DialLimiter {
    /// A limiter of its own. Its bucket is full.
    #[must_use]
    pub fn new(limits: DialLimits) -> Self {
        let state = State {
            queue: Queue::new(limits, Moment(0)),
            started: Instant::now(),
            wakers: BTreeMap::new(),
        };
        Self { shared: Arc::new(Shared { limits, state: Mutex::new(state) }) }
    }

    /// The limiter of sessions that were given no other: the only state that this crate keeps
    /// for the whole process.
    #[must_use]
    pub fn process() -> Self {
        static PROCESS: LazyLock<DialLimiter> =
            LazyLock::new(|| DialLimiter::new(DialLimits::default()));
        PROCESS.clone()
    }

    /// What it allows.
    #[must_use]
    pub fn limits(&self) -> DialLimits {
        self.shared.limits
    }

    /// Waits for the right to dial once.
    ///
    /// Dropping the future before it is ready gives the place in the queue up and costs nothing.
    pub fn acquire(&self) -> impl Future<Output = DialPermit> + Send + Unpin + 'static {
        Waiting { shared: self.shared.clone(), ticket: None, alarm: None }
    }
}

impl fmt::Debug for DialLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DialLimiter").field("limits", &self.limits()).finish_non_exhaustive()
    }
}

impl Permits for DialLimiter {
    fn permit(&self) -> Permitting {
        let waiting = self.acquire();
        Box::pin(async move { Box::new(waiting.await) as Permit })
    }
}

/// The right to one dial and its handshake; dropped when they are over.
pub struct DialPermit {
    shared: Arc<Shared>,
    id: PermitId,
}

impl fmt::Debug for DialPermit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DialPermit").finish_non_exhaustive()
    }
}

impl Drop for DialPermit {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.queue.release(self.id);
        let next = state.first_waker();
        drop(state);
        wake(next);
    }
}

impl Shared {
    /// No user code runs under this lock (wakers are called outside of it).
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn now(&self) -> Moment {
        Moment(0) + self.started.elapsed()
    }

    fn first_waker(&self) -> Option<Waker> {
        self.queue.first().and_then(|first| self.wakers.get(&first)).cloned()
    }
}

struct Waiting {
    shared: Arc<Shared>,
    ticket: Option<Ticket>,
    /// Only the first in the queue has one.
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Future for Waiting {
    type Output = DialPermit;

    fn poll(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<DialPermit> {
        let me = &mut *self;
        loop {
            let mut state = me.shared.lock();
            let ticket = *me.ticket.get_or_insert_with(|| state.queue.join());
            let now = state.now();
            let until = match state.queue.ask(ticket, now) {
                Answer::Granted(id) => {
                    state.wakers.remove(&ticket);
                    let next = state.first_waker();
                    drop(state);
                    me.ticket = None;
                    wake(next);
                    return Poll::Ready(DialPermit { shared: me.shared.clone(), id });
                }
                Answer::Wait(until) => until,
            };
            state.wakers.insert(ticket, task.waker().clone());
            let started = state.started;
            drop(state);
            if until == Moment::NEVER {
                me.alarm = None;
                return Poll::Pending;
            }
            // A timer of the runtime counts whole milliseconds and may ring early by its fraction.
            let at = started + until.since(Moment(0));
            let alarm = me.alarm.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(at)));
            if alarm.deadline() != at {
                alarm.as_mut().reset(at);
            }
            if alarm.as_mut().poll(task).is_pending() {
                return Poll::Pending;
            }
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let Some(ticket) = self.ticket else { return };
        let mut state = self.shared.lock();
        state.queue.leave(ticket);
        state.wakers.remove(&ticket);
        let next = state.first_waker();
        drop(state);
        wake(next);
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(rate: u32, burst: u32, handshakes: usize) -> DialLimiter {
        DialLimiter::new(DialLimits { rate, burst, handshakes, hold: Duration::from_secs(20) })
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_ones_are_served_in_order_at_the_rate() {
        let limiter = limiter(10, 2, 256);
        let started = Instant::now();
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        for number in 0..5_u32 {
            let (limiter, tell) = (limiter.clone(), tell.clone());
            tokio::spawn(async move {
                let permit = limiter.acquire().await;
                tell.send((number, started.elapsed().as_millis())).unwrap();
                drop(permit);
            });
        }
        drop(tell);
        let mut order = Vec::new();
        while let Some(entry) = told.recv().await {
            order.push(entry);
        }
        assert_eq!(order, [(0, 0), (1, 0), (2, 100), (3, 200), (4, 300)]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_dropped_waiter_leaves_its_place_to_the_next() {
        let limiter = limiter(1, 1, 256);
        let started = Instant::now();
        drop(limiter.acquire().await);
        let mut first = Box::pin(limiter.acquire());
        let mut second = Box::pin(limiter.acquire());
        tokio::select! {
            biased;
            _ = &mut first => panic!("granted beyond the rate"),
            _ = &mut second => panic!("granted beyond the rate"),
            () = tokio::time::sleep(Duration::from_millis(500)) => {}
        }
        drop(first);
        let _permit = second.await;
        assert_eq!(started.elapsed(), Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_returned_permit_wakes_the_next_at_once() {
        let limiter = limiter(1000, 1000, 1);
        let started = Instant::now();
        let held = limiter.acquire().await;
        let waiting = tokio::spawn(limiter.acquire());
        tokio::time::sleep(Duration::from_secs(3)).await;
        drop(held);
        drop(waiting.await.unwrap());
        assert_eq!(started.elapsed(), Duration::from_secs(3));
    }

    #[tokio::test(start_paused = true)]
    async fn museum_a_permit_that_is_never_returned_blocks_for_20_s_only() {
        let limiter = limiter(1000, 1000, 1);
        let started = Instant::now();
        let silent = limiter.permit().await;
        drop(limiter.permit().await);
        assert_eq!(started.elapsed(), Duration::from_secs(20));
        drop(silent);
    }
}
