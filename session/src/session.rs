//! Making sessions.

use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use crate::backoff::Backoff;
use crate::connect::{Connector, Endpoint};
use crate::desk::Desk;
use crate::driver::{Driver, Guarded, Make, Making, Surroundings};
use crate::inbox::{Ends, Inbox, ToHandler, ToInbox};
use crate::journal::{Journal, Keeper};
use crate::link::Link;
use crate::machine::Machine;
use crate::moment::Moment;
use crate::permit::Permits;
use crate::protocol::{Handler, Protocol, Refusal};
use crate::settings::{Heartbeat, Settings};
use crate::transport::Transport;

/// A long link to one peer: it logs in, stays alive, reconnects, and tells the truth about every
/// send. This type only makes sessions; [`Link`] and [`Inbox`] are what one holds.
///
/// ```no_run
/// # use longlink_session::{protocol::Protocol, session::Session, settings::{Backoff, Heartbeat}};
/// # use std::time::Duration;
/// # async fn example<P: Protocol>(player: impl Fn() -> P + Send + Sync + 'static) {
/// let (link, mut inbox) = Session::builder(move || std::future::ready(Ok(player())))
///     .name("player-7")
///     .endpoints(["im-1.example.com:6656", "im-2.example.com:6656"])
///     .heartbeat(Heartbeat::every(Duration::from_secs(30)))
///     .backoff(Backoff::fixed(Duration::from_secs(3)))
///     .spawn();
/// # }
/// ```
pub struct Session<P: Protocol> {
    protocol: PhantomData<fn() -> P>,
}

impl<P: Protocol> Session<P> {
    /// A session that dials. `make` makes the protocol value of each connection; it may await
    /// credentials, and is called before the session asks for the permit to dial.
    pub fn builder<M, F>(make: M) -> Builder<P>
    where
        M: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Result<P, Refusal>> + Send + 'static,
    {
        Builder {
            make: Arc::new(move || -> Making<P> { Box::pin(make()) }),
            plan: Plan::new("session"),
            endpoints: Arc::from(Vec::new()),
            surroundings: None,
            keeper: None,
            seed: None,
        }
    }

    /// A session over a transport that was accepted: it begins with the handshake, and ends with
    /// the connection.
    pub fn accepted(protocol: P, transport: Box<dyn Transport>) -> Accepted<P> {
        Accepted { protocol, transport, plan: Plan::new("accepted") }
    }
}

/// Says what a dialing session is like. Every number has a default: see [`Settings`].
pub struct Builder<P: Protocol> {
    make: Arc<Make<P>>,
    plan: Plan,
    endpoints: Arc<[Endpoint]>,
    surroundings: Option<Arc<Surroundings>>,
    keeper: Option<Keeper<P::Outgoing>>,
    seed: Option<u64>,
}

impl<P: Protocol> Builder<P> {
    /// The name in logs and spans.
    #[must_use]
    pub fn name(mut self, name: impl AsRef<str>) -> Self {
        self.plan.name = Arc::from(name.as_ref());
        self
    }

    /// Where the peer is, best first.
    #[must_use]
    pub fn endpoints<E: Into<Endpoint>>(mut self, endpoints: impl IntoIterator<Item = E>) -> Self {
        self.endpoints = endpoints.into_iter().map(Into::into).collect();
        self
    }

    /// One place where the peer is.
    #[must_use]
    pub fn endpoint(self, endpoint: impl Into<Endpoint>) -> Self {
        self.endpoints([endpoint.into()])
    }

    /// All numbers at once; one `Arc` of them may serve many sessions.
    #[must_use]
    pub fn settings(mut self, settings: impl Into<Arc<Settings>>) -> Self {
        self.plan.settings = settings.into();
        self
    }

    /// When to ask whether the peer lives.
    #[must_use]
    pub fn heartbeat(mut self, heartbeat: Heartbeat) -> Self {
        Arc::make_mut(&mut self.plan.settings).heartbeat = heartbeat;
        self
    }

    /// The waits between attempts.
    #[must_use]
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        Arc::make_mut(&mut self.plan.settings).backoff = backoff;
        self
    }

    /// A reply or an acknowledgement must come within this; default 10 s.
    #[must_use]
    pub fn answered_within(mut self, deadline: Duration) -> Self {
        Arc::make_mut(&mut self.plan.settings).acknowledgement = deadline;
        self
    }

    /// Who opens connections; default a [`Dialer`](crate::connect::Dialer).
    #[must_use]
    pub fn connector(mut self, connector: impl Connector) -> Self {
        self.surroundings().connector = Arc::new(connector);
        self
    }

    /// Who says when to dial; default the [process's limiter](crate::limiter::DialLimiter::process).
    #[must_use]
    pub fn limiter(mut self, permits: impl Permits) -> Self {
        self.surroundings().permits = Arc::new(permits);
        self
    }

    /// Remembers accepted sends where a crash of the process cannot reach them, and queues what is
    /// left there of the process before; default none. See [`journal`](crate::journal).
    #[must_use]
    pub fn journal(mut self, journal: impl Journal<P::Outgoing>) -> Self {
        self.keeper = Some(Keeper::new(journal));
        self
    }

    /// Makes jitter repeatable; default random.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Starts the session on the current tokio runtime. Never blocks.
    ///
    /// An inbox that is kept must be read: full, it stops the reading, and after
    /// `Settings::slow_consumer` the connection. Replies, signs of life and frames that
    /// [only acknowledge](longlink_codec_core::Roles::only_acknowledges) take no place in it. Who
    /// wants no pushes drops it at once: `let (link, _) = ….spawn();`.
    ///
    /// # Panics
    /// Outside of a tokio runtime, as `tokio::spawn`.
    #[must_use]
    pub fn spawn(mut self) -> (Link<P>, Inbox<P>) {
        let desk = self.plan.desk(self.keeper.take());
        self.run(desk.clone(), ToInbox::new(desk.clone()));
        desk.ends()
    }

    /// The same with a handler that takes frames in place, in the session's task.
    ///
    /// # Panics
    /// Outside of a tokio runtime, as `tokio::spawn`.
    #[must_use]
    pub fn spawn_with(mut self, handler: impl Handler<P>) -> Link<P> {
        let desk = self.plan.desk(self.keeper.take());
        self.run(desk.clone(), ToHandler::new(handler, desk.clone()));
        Link::of(desk)
    }

    /// Shares what the sessions of a fleet have in common.
    pub(crate) fn among(
        mut self,
        endpoints: Arc<[Endpoint]>,
        surroundings: Arc<Surroundings>,
    ) -> Self {
        (self.endpoints, self.surroundings) = (endpoints, Some(surroundings));
        self
    }

    /// What its sessions share; a copy of its own if others have it too.
    fn surroundings(&mut self) -> &mut Surroundings {
        Arc::make_mut(self.surroundings.get_or_insert_default())
    }

    fn run(self, desk: Arc<Desk<P>>, deliver: impl Ends<P>) {
        let seed = self.seed.unwrap_or_else(|| RandomState::new().hash_one(0));
        let machine = Machine::client(desk, self.endpoints, seed);
        tokio::spawn(Guarded(Driver::client(machine, deliver, self.make, self.surroundings)));
    }
}

/// What both kinds of session are told.
struct Plan {
    name: Arc<str>,
    settings: Arc<Settings>,
}

impl Plan {
    fn new(name: &str) -> Self {
        Self { name: Arc::from(name), settings: Arc::default() }
    }

    fn desk<P: Protocol>(&self, keeper: Option<Keeper<P::Outgoing>>) -> Arc<Desk<P>> {
        Desk::kept(self.settings.clone(), self.name.clone(), keeper)
    }
}

/// Says what a session over an accepted transport is like.
pub struct Accepted<P: Protocol> {
    protocol: P,
    transport: Box<dyn Transport>,
    plan: Plan,
}

impl<P: Protocol> Accepted<P> {
    /// The name in logs and spans.
    #[must_use]
    pub fn name(mut self, name: impl AsRef<str>) -> Self {
        self.plan.name = Arc::from(name.as_ref());
        self
    }

    /// All numbers at once; one `Arc` of them may serve many sessions.
    #[must_use]
    pub fn settings(mut self, settings: impl Into<Arc<Settings>>) -> Self {
        self.plan.settings = settings.into();
        self
    }

    /// Starts the session on the current tokio runtime.
    ///
    /// # Panics
    /// Outside of a tokio runtime, as `tokio::spawn`.
    #[must_use]
    pub fn spawn(self) -> (Link<P>, Inbox<P>) {
        let desk = self.plan.desk(None);
        self.run(desk.clone(), ToInbox::new(desk.clone()));
        desk.ends()
    }

    /// The same with a handler that takes frames in place, in the session's task.
    ///
    /// # Panics
    /// Outside of a tokio runtime, as `tokio::spawn`.
    #[must_use]
    pub fn spawn_with(self, handler: impl Handler<P>) -> Link<P> {
        let desk = self.plan.desk(None);
        self.run(desk.clone(), ToHandler::new(handler, desk.clone()));
        Link::of(desk)
    }

    fn run(self, desk: Arc<Desk<P>>, deliver: impl Ends<P>) {
        let seed = RandomState::new().hash_one(0);
        let machine = Machine::server(desk, self.protocol, Moment(0), seed);
        tokio::spawn(Guarded(Driver::server(machine, deliver, self.transport)));
    }
}
