//! One session in virtual time, without a runtime: the test says what the network does and how
//! time passes.

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use bytes::BytesMut;

use crate::connect::{ConnectError, Endpoint, IoError};
use crate::desk::Desk;
use crate::event::{Cause, Event, State};
use crate::link::Link;
use crate::machine::{Action, Machine};
use crate::moment::Moment;
use crate::protocol::{Deliver, Flow, Protocol, Refusal, View};
use crate::settings::Settings;

/// How often one moment may bring another deadline before something is wrong.
const ROUNDS: usize = 1000;

/// A client's session under a virtual clock: the rules of a session, and nothing else, so that a
/// test of a protocol is exact to the microsecond and the same each time.
///
/// What the session writes comes out of [`written`](Self::written); what the peer says goes into
/// [`receive`](Self::receive); time moves only with [`advance`](Self::advance). The
/// [`link`](Self::link) is an ordinary one: `try_send` queues, and the next step of the trial sends.
///
/// A handshake that awaits something other than its script (a web service, a timer of the
/// runtime) cannot be repeated exactly: the trial fails with [`ForeignAwait`], unless
/// [`allow_foreign`](Self::allow_foreign) was called.
///
/// ```
/// # use longlink_session::protocol::Protocol;
/// # use longlink_session::testkit::{ForeignAwait, Trial};
/// # use std::time::Duration;
/// # fn example<P: Protocol>(player: fn() -> P) -> Result<(), ForeignAwait> {
/// let mut trial = Trial::new(move || Ok(player()));
/// trial.connect()?;
/// assert_eq!(trial.written(), b"login");
/// trial.receive(b"welcome")?;
/// assert!(trial.state().is_up());
/// trial.advance(Duration::from_secs(30))?;
/// assert_eq!(trial.written(), b"alive");
/// # Ok(())
/// # }
/// ```
pub struct Trial<P: Protocol> {
    machine: Machine<P>,
    link: Link<P>,
    make: Box<dyn FnMut() -> Result<P, Refusal> + Send>,
    taken: Taken<P>,
    now: Moment,
    /// Appended by the machine, and accepted by the network at the next step.
    out: BytesMut,
    written: Vec<u8>,
    connecting: Option<Endpoint>,
    connected: bool,
    foreign_allowed: bool,
}

/// The handshake awaits something that is not its script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForeignAwait {
    /// When it was noticed, since the start of the trial.
    pub at: Moment,
}

impl fmt::Display for ForeignAwait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the handshake awaits something other than its script; in virtual time it ")?;
        f.write_str("would wait for ever (`allow_foreign` lets it)")
    }
}

impl std::error::Error for ForeignAwait {}

impl<P: Protocol> Trial<P> {
    /// A session with the default settings and seed 1, about to dial. `make` makes the protocol
    /// value of each connection.
    pub fn new(make: impl FnMut() -> Result<P, Refusal> + Send + 'static) -> Self {
        Self::with(Settings::default(), 1, make)
    }

    /// The same with other settings, and another seed for its jitter.
    pub fn with(
        settings: Settings,
        seed: u64,
        make: impl FnMut() -> Result<P, Refusal> + Send + 'static,
    ) -> Self {
        let desk = Desk::new(Arc::new(settings), "trial".into());
        let link = Link::of(desk.clone());
        let endpoints = Arc::from([Endpoint::from("trial.invalid:1")]);
        let mut machine = Machine::client(desk, endpoints, seed);
        machine.start(Moment(0));
        let mut trial = Self {
            machine,
            link,
            make: Box::new(make),
            taken: Taken(Vec::new()),
            now: Moment(0),
            out: BytesMut::new(),
            written: Vec::new(),
            connecting: None,
            connected: false,
            foreign_allowed: false,
        };
        trial.settle();
        trial
    }

    /// Lets the handshake await other things; call [`poll`](Self::poll) when they may be ready.
    #[must_use]
    pub fn allow_foreign(mut self) -> Self {
        self.foreign_allowed = true;
        self
    }

    /// The handle of the session.
    #[must_use]
    pub fn link(&self) -> &Link<P> {
        &self.link
    }

    /// Where the session stands.
    #[must_use]
    pub fn state(&self) -> State {
        self.machine.state()
    }

    /// The time since the start of the trial.
    #[must_use]
    pub fn now(&self) -> Moment {
        self.now
    }

    /// The endpoint that the session wants to be connected to, if it does.
    #[must_use]
    pub fn dials(&self) -> Option<&Endpoint> {
        self.connecting.as_ref()
    }

    /// The dial succeeds. Nothing happens, if the session does not dial.
    ///
    /// # Errors
    ///
    /// [`ForeignAwait`].
    pub fn connect(&mut self) -> Result<(), ForeignAwait> {
        if self.connecting.take().is_some() {
            self.connected = true;
            self.machine.connected(self.now);
        }
        self.poll()
    }

    /// The dial is refused. Nothing happens, if the session does not dial.
    pub fn refuse(&mut self) {
        if self.connecting.take().is_some() {
            let refused = IoError::from(std::io::ErrorKind::ConnectionRefused);
            self.machine.not_connected(ConnectError::Socket(refused), self.now);
            self.settle();
        }
    }

    /// The peer's bytes arrive.
    ///
    /// # Errors
    ///
    /// [`ForeignAwait`].
    pub fn receive(&mut self, bytes: &[u8]) -> Result<(), ForeignAwait> {
        if self.connected {
            let mut bytes = bytes.to_vec();
            let mut task = Context::from_waker(Waker::noop());
            self.machine.received(&mut bytes, self.now, &mut task, &mut self.taken);
        }
        self.poll()
    }

    /// The peer closes.
    pub fn hang_up(&mut self) {
        if self.connected {
            self.machine.lost(Cause::PeerClosed, self.now);
            self.settle();
        }
    }

    /// Time passes, from one deadline of the session to the next. The network takes all that is
    /// written at once.
    ///
    /// # Errors
    ///
    /// [`ForeignAwait`]; time then stands where it was noticed.
    pub fn advance(&mut self, time: Duration) -> Result<(), ForeignAwait> {
        let end = self.now + time;
        self.poll()?;
        loop {
            let next = self.machine.deadline();
            if next > end {
                self.now = end;
                return Ok(());
            }
            self.now = self.now.max(next);
            let mut task = Context::from_waker(Waker::noop());
            for _ in 0..ROUNDS {
                if self.machine.deadline() > self.now {
                    break;
                }
                self.machine.timer(self.now, &mut task);
                self.poll()?;
            }
        }
    }

    /// Goes on with whatever can go on: queued frames, the handshake.
    ///
    /// # Errors
    ///
    /// [`ForeignAwait`].
    pub fn poll(&mut self) -> Result<(), ForeignAwait> {
        let mut task = Context::from_waker(Waker::noop());
        self.machine.poll_handshake(self.now, &mut task);
        self.settle();
        let foreign = matches!(self.state(), State::Handshaking { foreign: true, .. });
        if foreign && !self.foreign_allowed {
            return Err(ForeignAwait { at: self.now });
        }
        Ok(())
    }

    /// The bytes written since the last call, of all connections.
    pub fn written(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.written)
    }

    /// The events since the last call, frames among them.
    pub fn events(&mut self) -> Vec<Event<P::Incoming>> {
        std::mem::take(&mut self.taken.0)
    }

    /// Drains actions, events and bytes, as a driver does, until nothing moves.
    fn settle(&mut self) {
        let mut task = Context::from_waker(Waker::noop());
        for _ in 0..ROUNDS {
            let mut moved = self.act();
            while let Some(event) = self.machine.poll_event() {
                self.taken.0.push(event);
                moved = true;
            }
            moved |= self.machine.read_on(self.now, &mut task, &mut self.taken);
            moved |= self.write();
            if !moved && !self.machine.has_action() {
                return;
            }
        }
    }

    fn act(&mut self) -> bool {
        let mut moved = false;
        while let Some(action) = self.machine.poll_action() {
            moved = true;
            match action {
                Action::Prepare => {
                    let made = (self.make)();
                    self.machine.prepared(made, self.now);
                }
                Action::Permit => self.machine.permitted(self.now),
                Action::Connect(endpoint) => self.connecting = Some(endpoint),
                Action::Disconnect => {
                    self.connected = false;
                    self.connecting = None;
                    self.out.clear();
                }
                Action::Upgrade(_) => {
                    // There is no wire to put TLS on: it is as good as done.
                    let mut task = Context::from_waker(Waker::noop());
                    self.machine.upgraded(true, self.now, &mut task);
                }
                Action::ReturnPermit | Action::Look | Action::Stop => {}
            }
        }
        moved
    }

    fn write(&mut self) -> bool {
        let room = self.machine.settings().batch;
        self.machine.visit(self.now, room);
        if !self.connected {
            return false;
        }
        self.machine.transmit(room, self.now, &mut self.out);
        if self.out.is_empty() {
            return false;
        }
        let bytes = self.out.split();
        self.machine.accepted(bytes.len());
        self.machine.flushed(self.now);
        self.written.extend_from_slice(&bytes);
        true
    }
}

/// Frames and events in their order.
struct Taken<P: Protocol>(Vec<Event<P::Incoming>>);

impl<P: Protocol> Deliver<P> for Taken<P> {
    const KEEPS: bool = true;

    fn ready(&mut self) -> bool {
        true
    }

    fn frame(&mut self, view: P::View<'_>, len: usize, epoch: u32) -> Flow {
        self.owned(view.into_owned(), len, epoch)
    }

    fn owned(&mut self, frame: P::Incoming, _: usize, epoch: u32) -> Flow {
        self.0.push(Event::Frame { epoch, frame });
        Flow::Go
    }

    fn event(&mut self, event: Event<P::Incoming>) {
        self.0.push(event);
    }
}

#[cfg(test)]
mod tests;
