//! The session's task: the only place that awaits. It dials, reads, writes and sleeps as the
//! machine says, and decides nothing.

mod dial;
mod transfer;
mod watch;

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::BytesMut;
use tokio::task::coop::unconstrained;
use tokio::time::{Instant, Sleep};
use tracing::Span;

use crate::connect::{Connecting, Connector, Dialer};
use crate::event::Fatal;
use crate::inbox::Turn;
use crate::limiter::DialLimiter;
use crate::machine::Machine;
use crate::moment::Moment;
use crate::outbox::Known;
use crate::permit::{Permit, Permits, Permitting};
use crate::protocol::{Deliver, Protocol, Refusal};
use crate::transport::Transport;

/// Bytes read at a time, into a buffer that the worker thread's sessions share.
const SCRATCH: usize = 64 * 1024;
/// Rounds of one turn before other tasks get theirs.
const ROUNDS: usize = 64;

thread_local! {
    static BUFFERS: RefCell<Buffers> = RefCell::new(Buffers::new());
}

/// Shared by all sessions of a worker thread, so that an idle session holds none.
struct Buffers {
    read: Vec<u8>,
    write: BytesMut,
}

impl Buffers {
    fn new() -> Self {
        Self { read: vec![0; SCRATCH], write: BytesMut::with_capacity(SCRATCH + 8 * 1024) }
    }
}

/// Makes the protocol value of each epoch; credentials may be awaited.
pub(crate) type Make<P> = dyn Fn() -> Making<P> + Send + Sync;
pub(crate) type Making<P> = Pin<Box<dyn Future<Output = Result<P, Refusal>> + Send>>;

/// What the sessions of a fleet have in common. A session without it uses the defaults.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub(crate) connector: Arc<dyn Connector>,
    pub(crate) permits: Arc<dyn Permits>,
}

impl Default for Surroundings {
    fn default() -> Self {
        let permits = Arc::new(DialLimiter::process());
        Self { connector: Arc::new(Dialer::new()), permits }
    }
}

/// One session's task.
pub(crate) struct Driver<P: Protocol, D> {
    machine: Machine<P>,
    deliver: D,
    make: Option<Arc<Make<P>>>,
    surroundings: Option<Arc<Surroundings>>,
    socket: Socket<P>,
    permit: Option<Permit>,
    /// TLS is put on when all is written; the server's name.
    upgrade: Option<Box<Option<String>>>,
    /// Of the last batch, what the transport has not accepted; never empty.
    rest: Option<Box<BytesMut>>,
    timer: Option<Pin<Box<Sleep>>>,
    /// When the timer fires, and wakes the waker that the task has now; else never.
    timer_at: Moment,
    /// When buffers go back.
    trim_at: Moment,
    born: Instant,
    #[cfg(feature = "metrics")]
    meter: crate::metrics::Meter,
}

enum Socket<P> {
    None,
    Preparing(Making<P>),
    Permitting(Permitting),
    Connecting(Connecting),
    Open(Open),
    Upgrading(Connecting),
}

struct Open {
    transport: Box<dyn Transport>,
    /// One for each epoch, if anybody listens.
    span: Option<Box<Span>>,
}

impl<P: Protocol, D> Unpin for Driver<P, D> {}

impl<P: Protocol, D: Deliver<P> + Turn> Driver<P, D> {
    pub(crate) fn client(
        mut machine: Machine<P>,
        deliver: D,
        make: Arc<Make<P>>,
        surroundings: Option<Arc<Surroundings>>,
    ) -> Self {
        machine.start(Moment(0));
        Self::new(machine, deliver, Some(make), surroundings, Socket::None)
    }

    /// Over a transport that was accepted.
    pub(crate) fn server(machine: Machine<P>, deliver: D, transport: Box<dyn Transport>) -> Self {
        let mut driver = Self::new(machine, deliver, None, None, Socket::None);
        driver.open(transport);
        driver
    }

    fn new(
        machine: Machine<P>,
        deliver: D,
        make: Option<Arc<Make<P>>>,
        surroundings: Option<Arc<Surroundings>>,
        socket: Socket<P>,
    ) -> Self {
        Self {
            machine,
            deliver,
            make,
            surroundings,
            socket,
            permit: None,
            upgrade: None,
            rest: None,
            timer: None,
            timer_at: Moment::NEVER,
            trim_at: Moment::NEVER,
            born: Instant::now(),
            #[cfg(feature = "metrics")]
            meter: crate::metrics::Meter::new(),
        }
    }

    fn now(&self) -> Moment {
        Moment(0) + Instant::now().duration_since(self.born)
    }

    #[inline]
    fn with_buffers(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        BUFFERS.with(|buffers| match buffers.try_borrow_mut() {
            Ok(mut buffers) => self.turn(cx, &mut buffers),
            // A session polled from within another one's hook: it gets buffers of its own.
            Err(_) => self.turn(cx, &mut Buffers::new()),
        })
    }

    /// One turn of the task: timers, then write, then read, until nothing moves.
    fn turn(&mut self, cx: &mut Context<'_>, buffers: &mut Buffers) -> Poll<()> {
        let began = self.now();
        self.machine.poll_handshake(began, cx);
        let mut now = began;
        // Before the timer nothing was due when the task went to rest, and nobody else moves it. A
        // turn that gave way did not rest; few of them come in a row.
        let mut may_be_due = now >= self.timer_at;
        for _ in 0..ROUNDS {
            if may_be_due && now >= self.machine.deadline() {
                self.machine.timer(now, cx);
            }
            may_be_due = true;
            let acted = self.act(now, cx);
            if self.is_over() {
                self.watch(began, self.now());
                return Poll::Ready(());
            }
            let mut moved = acted | self.dial(now, cx);
            let written = self.write(now, cx, buffers);
            let (came, dry) = self.read(now, cx, buffers, acted);
            if came && self.machine.book_answers() {
                // Most who have an answer ask the next question at once.
                return self.give_way(began, cx);
            }
            moved |= self.tell(now, cx);
            // Most turns write or read once, and leave nothing for a second look.
            let finished = if dry && !moved { self.machine.finish(now, cx.waker()) } else { None };
            moved |= written | came;
            self.know(finished);
            now = self.now();
            // A wish of a handle may leave nothing but an action behind.
            if (finished.is_some() || !moved) && !self.machine.has_action() {
                self.deliver.flush(false);
                if let Poll::Ready(()) = self.rest(finished, (began, now), cx) {
                    continue;
                }
                return Poll::Pending;
            }
        }
        self.give_way(began, cx)
    }

    /// Lets other tasks have their turn before the next one of this.
    fn give_way(&mut self, began: Moment, cx: &mut Context<'_>) -> Poll<()> {
        self.deliver.flush(false);
        self.watch(began, self.now());
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Hands events over, in order, and goes on with what was held back behind them.
    fn tell(&mut self, now: Moment, cx: &mut Context<'_>) -> bool {
        let moved = self.machine.has_event();
        if moved {
            self.tell_events(now);
        }
        moved | self.machine.read_on(now, cx, &mut self.deliver)
    }

    #[cold]
    fn tell_events(&mut self, now: Moment) {
        while let Some(event) = self.machine.poll_event() {
            self.log(&event, now);
            self.deliver.event(event);
        }
    }

    /// Sleeps until the next deadline; ready if there is something to do already.
    fn rest(
        &mut self,
        asleep: Option<Known>,
        (began, now): (Moment, Moment),
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        self.watch(began, now);
        let asleep = asleep.or_else(|| self.machine.sleep(cx.waker()));
        let Some(waker) = asleep else { return Poll::Ready(()) };
        self.know(Some(waker));
        self.trim(now);
        let at = self.machine.deadline().min(self.trim_at);
        if at == Moment::NEVER {
            return Poll::Pending;
        }
        if now >= at {
            return Poll::Ready(());
        }
        self.sleep_until(at, cx)
    }

    /// Lazily re-armed: a later deadline does not touch the timer until the earlier one fires, and
    /// what is armed knows its waker. A timer that was polled when the turn had spent the budget of
    /// its task would know none: it is polled outside of it.
    #[inline]
    fn sleep_until(&mut self, at: Moment, cx: &mut Context<'_>) -> Poll<()> {
        match &self.timer {
            Some(timer) if self.timer_at <= at && !timer.is_elapsed() => Poll::Pending,
            _ => self.arm(at, cx),
        }
    }

    #[cold]
    fn arm(&mut self, at: Moment, cx: &mut Context<'_>) -> Poll<()> {
        let instant = |moment: Moment| self.born + Duration::from_micros(moment.0);
        let timer = match &mut self.timer {
            Some(timer) => {
                timer.as_mut().reset(instant(at));
                timer
            }
            empty => empty.insert(Box::pin(tokio::time::sleep_until(instant(at)))),
        };
        self.timer_at = at;
        Pin::new(&mut unconstrained(timer.as_mut())).poll(cx)
    }

    /// The task has another waker than before: the timer must be told.
    #[inline]
    fn know(&mut self, waker: Option<Known>) {
        if waker == Some(Known::No) {
            self.timer_at = Moment::NEVER;
        }
    }

    /// Buffers unused for a second go back.
    fn trim(&mut self, now: Moment) {
        if self.machine.is_trimmed() {
            self.trim_at = Moment::NEVER;
        } else if self.trim_at == Moment::NEVER {
            self.trim_at = now + self.machine.settings().trim_after;
        } else if now >= self.trim_at {
            self.trim_unused(now);
        }
    }

    #[cold]
    fn trim_unused(&mut self, now: Moment) {
        let unused = self.machine.last_used() + self.machine.settings().trim_after;
        if now < unused {
            self.trim_at = unused;
            return;
        }
        self.trim_at = Moment::NEVER;
        self.machine.trim();
        self.deliver.trim();
    }

    #[inline]
    fn is_over(&mut self) -> bool {
        let is_over = !self.machine.is_live();
        if is_over {
            self.tell_end();
        }
        is_over
    }

    #[cold]
    fn tell_end(&mut self) {
        let now = self.now();
        self.tell_events(now);
        self.deliver.flush(true);
        self.tell_journal();
        self.measure();
    }
}

impl<P: Protocol, D: Deliver<P> + Turn> Future for Driver<P, D> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let me = &mut *self;
        match &me.socket {
            Socket::Open(Open { span: Some(span), .. }) => {
                let entered = Span::clone(span).entered();
                let turned = me.with_buffers(cx);
                drop(entered);
                turned
            }
            _ => me.with_buffers(cx),
        }
    }
}

/// Whatever happens to the task, every send settles and everybody learns that it is over.
pub(crate) struct Guarded<P: Protocol, D: Deliver<P> + Turn>(pub(crate) Driver<P, D>);

impl<P: Protocol, D: Deliver<P> + Turn> Future for Guarded<P, D> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(cx)
    }
}

impl<P: Protocol, D: Deliver<P> + Turn> Drop for Guarded<P, D> {
    fn drop(&mut self) {
        let driver = &mut self.0;
        if !driver.machine.is_live() {
            return;
        }
        let now = driver.now();
        let fatal = if std::thread::panicking() { Fatal::Panic } else { Fatal::Aborted };
        driver.machine.end(Err(fatal), now);
        driver.is_over();
    }
}
