//! The user's `async fn handshake`, polled by the machine over in-memory queues.

use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use longlink_codec_core::Wire;

use crate::lock::lock;
use crate::moment::Moment;
use crate::protocol::{Established, Protocol, Refusal};

/// What a handshake has in its hands: frames in and out, time, the token of the epoch before.
///
/// It works on queues in memory and on the machine's time, so a handshake is as deterministic as
/// the machine. Awaiting something else (an HTTP call, a timer of the runtime) is allowed; the
/// state then shows `foreign`, and both deadlines still hold.
pub struct Script<O: Wire, I: Wire> {
    exchange: Arc<Mutex<Exchange<O, I>>>,
}

impl<O: Wire, I: Wire> Script<O, I> {
    /// Queues a frame: stamped, encoded and written in order with everything else. Never waits.
    pub fn send(&mut self, frame: O) {
        let mut exchange = lock(&self.exchange);
        exchange.step = exchange.step.saturating_add(1);
        exchange.outgoing.push_back(Step::Frame(frame));
    }

    /// The next frame, whatever it is. Each call is one step with its own deadline (5 s).
    ///
    /// Safe to drop: no frame is lost.
    ///
    /// # Errors
    /// [`StepDeadline`]; `?` makes it a transient refusal.
    pub async fn receive(&mut self) -> Result<I, StepDeadline> {
        lock(&self.exchange).begin_step();
        self.next_frame().await
    }

    /// The next frame that `test` accepts, as one step. What it passes over is delivered after the
    /// login, in order; more of it than the inbox may hold ends the connection.
    ///
    /// # Errors
    /// [`StepDeadline`]; `?` makes it a transient refusal.
    pub async fn expect(&mut self, mut test: impl FnMut(&I) -> bool) -> Result<I, StepDeadline> {
        lock(&self.exchange).begin_step();
        loop {
            let frame = self.next_frame().await?;
            if test(&frame) {
                return Ok(frame);
            }
            let mut exchange = lock(&self.exchange);
            let len = exchange.last_len;
            exchange.passed_len += len;
            exchange.passed.push((frame, len));
        }
    }

    /// Waits, in the machine's time.
    pub async fn pause(&mut self, time: Duration) {
        {
            let mut exchange = lock(&self.exchange);
            exchange.deadline = Some(exchange.now + time);
        }
        let ended = |exchange: &mut Exchange<O, I>| {
            let over = exchange.deadline.is_none_or(|deadline| exchange.now >= deadline);
            over.then(|| exchange.deadline = None)
        };
        self.wait(ended).await;
    }

    /// What the epoch before left in `Established::token`.
    #[must_use]
    pub fn token(&self) -> Option<Bytes> {
        lock(&self.exchange).token.clone()
    }

    /// Says that the handshake resumes: the state is `Resuming` from here on.
    pub fn resuming(&mut self) {
        lock(&self.exchange).resuming = true;
    }

    /// What is received from the next frame on is read under this context.
    pub fn set_reading(&mut self, context: I::Context) {
        lock(&self.exchange).outgoing.push_back(Step::Reading(context));
    }

    /// What is sent from the next frame on is written under this context.
    pub fn set_writing(&mut self, context: O::Context) {
        lock(&self.exchange).outgoing.push_back(Step::Writing(context));
    }

    /// Puts a layer under both directions, after what was sent before is written and from the next
    /// byte received on.
    ///
    /// # Errors
    /// [`UpgradeRefused`] if bytes of the peer are already buffered (they would be read in the
    /// clear, as in the STARTTLS injections), or if the layer's own handshake failed.
    pub async fn upgrade(&mut self, upgrade: Upgrade) -> Result<(), UpgradeRefused> {
        lock(&self.exchange).outgoing.push_back(Step::Upgrade(upgrade));
        self.wait(|exchange| exchange.upgraded.take()).await
    }

    async fn next_frame(&mut self) -> Result<I, StepDeadline> {
        self.wait(|exchange| {
            if let Some((frame, len)) = exchange.incoming.take() {
                exchange.deadline = None;
                exchange.last_len = len;
                exchange.step = exchange.step.saturating_add(1);
                return Some(Ok(frame));
            }
            if exchange.deadline.is_some_and(|deadline| exchange.now >= deadline) {
                exchange.deadline = None;
                return Some(Err(StepDeadline));
            }
            exchange.wants_frame = true;
            None
        })
        .await
    }

    async fn wait<T>(&self, mut test: impl FnMut(&mut Exchange<O, I>) -> Option<T>) -> T {
        poll_fn(|_| {
            let mut exchange = lock(&self.exchange);
            match test(&mut exchange) {
                Some(value) => Poll::Ready(value),
                None => {
                    exchange.waits = true;
                    Poll::Pending
                }
            }
        })
        .await
    }
}

/// No frame came within the deadline of the step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepDeadline;

impl StepDeadline {
    pub(crate) const TEXT: &'static str = "no answer within the step's deadline";
}

impl fmt::Display for StepDeadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::TEXT)
    }
}

impl std::error::Error for StepDeadline {}

impl From<StepDeadline> for Refusal {
    fn from(_: StepDeadline) -> Refusal {
        Refusal::Transient(StepDeadline::TEXT.into())
    }
}

/// A layer to put under both directions.
#[non_exhaustive]
pub enum Upgrade {
    /// TLS by the session's own TLS settings, to this name or to the endpoint's.
    Tls {
        /// The server's name; `None`: the host of the endpoint.
        server_name: Option<String>,
    },
    /// A cipher over the whole stream, as many games have it.
    Stream(Box<dyn StreamCipher>),
}

/// A cipher that changes bytes in place and moves on with each of them.
pub trait StreamCipher: Send {
    /// Received bytes, in order, each once.
    fn decrypt(&mut self, bytes: &mut [u8]);
    /// Bytes to send, in order, each once.
    fn encrypt(&mut self, bytes: &mut [u8]);
}

/// The layer could not be put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UpgradeRefused;

impl fmt::Display for UpgradeRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the upgrade of the connection was refused")
    }
}

impl std::error::Error for UpgradeRefused {}

impl From<UpgradeRefused> for Refusal {
    fn from(_: UpgradeRefused) -> Refusal {
        Refusal::Transient("the upgrade of the connection was refused".into())
    }
}

/// The queues between a script and the machine. Never contended: both run in one task.
pub(crate) struct Exchange<O: Wire, I: Wire> {
    /// What the script wants done, in order.
    pub(crate) outgoing: VecDeque<Step<O, I>>,
    /// At most one frame: the machine decodes none that the script has not asked for.
    pub(crate) incoming: Option<(I, usize)>,
    /// Frames that `expect` passed over, with their bytes on the wire.
    pub(crate) passed: Vec<(I, usize)>,
    pub(crate) now: Moment,
    pub(crate) deadline: Option<Moment>,
    pub(crate) step: u16,
    /// The script itself waits; else a pending future waits for something foreign.
    pub(crate) waits: bool,
    pub(crate) wants_frame: bool,
    pub(crate) resuming: bool,
    pub(crate) token: Option<Bytes>,
    pub(crate) upgraded: Option<Result<(), UpgradeRefused>>,
    last_len: usize,
    passed_len: usize,
    step_limit: Duration,
}

impl<O: Wire, I: Wire> Exchange<O, I> {
    /// Frames and bytes that `expect` has passed over.
    pub(crate) fn passed(&self) -> (usize, usize) {
        (self.passed.len(), self.passed_len)
    }

    fn begin_step(&mut self) {
        self.deadline = Some(self.now + self.step_limit);
    }
}

/// One thing that a script wants done.
pub(crate) enum Step<O: Wire, I: Wire> {
    Frame(O),
    Reading(I::Context),
    Writing(O::Context),
    Upgrade(Upgrade),
}

type Done<P> = (P, Result<Established, Refusal>);

/// A handshake under way. The future owns the protocol value and gives it back, so no other hook
/// can run meanwhile and no self reference is needed.
pub(crate) struct Login<P: Protocol> {
    pub(crate) exchange: Arc<Mutex<Exchange<P::Outgoing, P::Incoming>>>,
    future: Pin<Box<dyn Future<Output = Done<P>> + Send>>,
}

/// What a poll of the handshake found.
pub(crate) enum Progress<P> {
    /// It waits: for a frame, for time, or for something foreign.
    Waits,
    /// It ended, and gave the protocol value back.
    Done(P, Result<Established, Refusal>),
}

impl<P: Protocol> Login<P> {
    pub(crate) fn new(mut protocol: P, now: Moment, step: Duration, token: Option<Bytes>) -> Self {
        let exchange = Arc::new(Mutex::new(Exchange {
            outgoing: VecDeque::new(),
            incoming: None,
            passed: Vec::new(),
            now,
            deadline: None,
            step: 0,
            waits: false,
            wants_frame: false,
            resuming: false,
            token,
            upgraded: None,
            last_len: 0,
            passed_len: 0,
            step_limit: step,
        }));
        let mut script = Script { exchange: exchange.clone() };
        let future = Box::pin(async move {
            let verdict = protocol.handshake(&mut script).await;
            (protocol, verdict)
        });
        Self { exchange, future }
    }

    /// Polls the handshake. `cx` is the session task's in the driver, a no-op in tests.
    pub(crate) fn poll(&mut self, now: Moment, cx: &mut Context<'_>) -> Progress<P> {
        {
            let mut exchange = lock(&self.exchange);
            exchange.now = now;
            exchange.waits = false;
            exchange.wants_frame = false;
        }
        if let Poll::Ready((protocol, verdict)) = self.future.as_mut().poll(cx) {
            return Progress::Done(protocol, verdict);
        }
        let mut exchange = lock(&self.exchange);
        if exchange.deadline.is_some_and(|deadline| now >= deadline) {
            // Of a `receive` or a `pause` that was dropped: nobody waits for it any more.
            exchange.deadline = None;
        }
        Progress::Waits
    }
}
