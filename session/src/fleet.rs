//! Many sessions with one set of settings, one limiter and one inbox.

mod merge;

use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt;
use std::future::{Future, poll_fn};
use std::hash::Hash;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use crate::connect::{Connector, Endpoint};
use crate::driver::Surroundings;
use crate::event::{DrainReport, Event};
use crate::link::Link;
use crate::lock::lock;
use crate::permit::Permits;
use crate::protocol::{Protocol, Refusal};
use crate::session::Session;
use crate::settings::Settings;
use merge::{Arrivals, Merged};

/// Sessions of one protocol by their id. Clones are cheap and are the same fleet.
///
/// Sessions share one [`Settings`], one [`Connector`] and one limiter, which each of them holds by
/// a counted reference only. What they receive comes out of one [`FleetInbox`], fairly: a session
/// that receives much gets one event for one of each other that has some. Each session keeps the
/// bounds of its own inbox, so a slow reader slows all of them down and loses nothing.
///
/// Several protocols are several fleets that share a limiter.
///
/// ```no_run
/// # mod longlink { pub use longlink_session as session; }
/// use longlink::session::fleet::Fleet;
/// use longlink::session::limiter::DialLimiter;
/// # use longlink::session::protocol::Protocol;
/// # async fn example<P: Protocol>(player: impl Fn(u32) -> P + Copy + Send + Sync + 'static) {
/// let (fleet, mut inbox) = Fleet::builder()
///     .endpoints(["im-1.example.com:6656", "im-2.example.com:6656"])
///     .limiter(DialLimiter::process())
///     .spawn();
/// for id in 0..1000_u32 {
///     fleet.add(id, move || std::future::ready(Ok(player(id)))).ok();
/// }
/// while let Some((id, event)) = inbox.next().await {
///     // …
/// #   let _ = (id, event);
/// }
/// # }
/// ```
pub struct Fleet<I, P: Protocol> {
    shared: Arc<Shared<I, P>>,
}

impl<I, P: Protocol> Clone for Fleet<I, P> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone() }
    }
}

struct Shared<I, P: Protocol> {
    sessions: Mutex<HashMap<I, Link<P>>>,
    arrivals: Arc<Arrivals<I, P>>,
    endpoints: Arc<[Endpoint]>,
    settings: Arc<Settings>,
    surroundings: Arc<Surroundings>,
}

impl<I, P: Protocol> Drop for Shared<I, P> {
    fn drop(&mut self) {
        self.arrivals.close();
    }
}

/// There is a session of this id already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken<I>(pub I);

impl<I: fmt::Debug> fmt::Display for Taken<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the fleet has a session {:?} already", self.0)
    }
}

impl<I: fmt::Debug> std::error::Error for Taken<I> {}

impl<I, P> Fleet<I, P>
where
    I: Clone + Eq + Hash + fmt::Display + Send + 'static,
    P: Protocol,
{
    /// An empty fleet.
    #[must_use]
    pub fn builder() -> FleetBuilder<I, P> {
        FleetBuilder {
            endpoints: Arc::default(),
            settings: Arc::default(),
            surroundings: Arc::default(),
            of: PhantomData,
        }
    }

    /// Starts a session, by its id also in the log; `make` makes the protocol value of each of its
    /// connections and may await credentials.
    ///
    /// # Errors
    ///
    /// [`Taken`], if there is one of this id.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, as `tokio::spawn`.
    pub fn add<M, F>(&self, id: I, make: M) -> Result<Link<P>, Taken<I>>
    where
        M: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Result<P, Refusal>> + Send + 'static,
    {
        let shared = &self.shared;
        let mut sessions = lock(&shared.sessions);
        if sessions.contains_key(&id) {
            return Err(Taken(id));
        }
        let (link, inbox) = Session::builder(make)
            .name(id.to_string())
            .settings(shared.settings.clone())
            .among(shared.endpoints.clone(), shared.surroundings.clone())
            .spawn();
        sessions.insert(id.clone(), link.clone());
        drop(sessions);
        shared.arrivals.add(id, inbox);
        Ok(link)
    }

    /// The session of this id.
    #[must_use]
    pub fn get<Q>(&self, id: &Q) -> Option<Link<P>>
    where
        I: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        lock(&self.shared.sessions).get(id).cloned()
    }

    /// Takes a session out of the fleet, without closing it: its events still come until it ends.
    /// To end it too, [drain](Link::drain) or [close](Link::close) the link, or drop it.
    #[must_use = "dropping the link drains the session"]
    pub fn remove<Q>(&self, id: &Q) -> Option<Link<P>>
    where
        I: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        lock(&self.shared.sessions).remove(id)
    }

    /// How many sessions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        lock(&self.shared.sessions).len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many of them are logged in.
    #[must_use]
    pub fn up(&self) -> usize {
        lock(&self.shared.sessions).values().filter(|link| link.is_up()).count()
    }

    /// The ids and links of now.
    #[must_use]
    pub fn links(&self) -> Vec<(I, Link<P>)> {
        let sessions = lock(&self.shared.sessions);
        sessions.iter().map(|(id, link)| (id.clone(), link.clone())).collect()
    }

    /// Closes the sockets of all sessions and keeps their queues (a lost lease: see
    /// [`Link::suspend`]).
    pub fn suspend(&self) {
        for (_, link) in self.links() {
            link.suspend();
        }
    }

    /// Dials again for all that were suspended, as fast as the limiter lets them.
    pub fn resume(&self) {
        for (_, link) in self.links() {
            link.resume();
        }
    }

    /// Takes all sessions out and drains them at the same time: the sum of their reports.
    pub async fn drain(&self, within: Duration) -> DrainReport {
        let links: Vec<Link<P>> =
            lock(&self.shared.sessions).drain().map(|(_, link)| link).collect();
        let mut draining = tokio::task::JoinSet::new();
        for link in links {
            draining.spawn(async move { link.drain(within).await });
        }
        let mut sum = DrainReport::default();
        while let Some(drained) = draining.join_next().await {
            // A drain does not panic, and nobody aborts it.
            let Ok(report) = drained else { continue };
            sum.acknowledged += report.acknowledged;
            sum.written += report.written;
            sum.not_sent += report.not_sent;
            sum.uncertain += report.uncertain;
            sum.dropped += report.dropped;
        }
        sum
    }
}

/// Says what the sessions of a [`Fleet`] have in common.
pub struct FleetBuilder<I, P> {
    endpoints: Arc<[Endpoint]>,
    settings: Arc<Settings>,
    surroundings: Arc<Surroundings>,
    of: PhantomData<fn() -> (I, P)>,
}

impl<I, P: Protocol> FleetBuilder<I, P> {
    /// Where the peer is, best first.
    #[must_use]
    pub fn endpoints<E: Into<Endpoint>>(mut self, endpoints: impl IntoIterator<Item = E>) -> Self {
        self.endpoints = endpoints.into_iter().map(Into::into).collect();
        self
    }

    /// All numbers, one `Arc` for the whole fleet.
    #[must_use]
    pub fn settings(mut self, settings: impl Into<Arc<Settings>>) -> Self {
        self.settings = settings.into();
        self
    }

    /// Who opens connections; default a [`Dialer`](crate::connect::Dialer).
    #[must_use]
    pub fn connector(mut self, connector: impl Connector) -> Self {
        Arc::make_mut(&mut self.surroundings).connector = Arc::new(connector);
        self
    }

    /// Who says when to dial; default the [process's limiter](crate::limiter::DialLimiter::process).
    #[must_use]
    pub fn limiter(mut self, permits: impl Permits) -> Self {
        Arc::make_mut(&mut self.surroundings).permits = Arc::new(permits);
        self
    }

    /// The fleet, without sessions, and where their events come out.
    #[must_use]
    pub fn spawn(self) -> (Fleet<I, P>, FleetInbox<I, P>) {
        let arrivals = Arc::new(Arrivals::new());
        let inbox = FleetInbox { merged: Merged::new(arrivals.clone()) };
        let shared = Shared {
            sessions: Mutex::default(),
            arrivals,
            endpoints: self.endpoints,
            settings: self.settings,
            surroundings: self.surroundings,
        };
        (Fleet { shared: Arc::new(shared) }, inbox)
    }
}

/// What all sessions of a fleet receive. Dropping it discards what comes from then on.
pub struct FleetInbox<I, P: Protocol> {
    merged: Merged<I, P>,
}

impl<I: Clone, P: Protocol> FleetInbox<I, P> {
    /// The next event, and the session that it comes from; `None` when the fleet is dropped and
    /// its last session has ended. Safe to drop: no event is lost.
    pub async fn next(&mut self) -> Option<(I, Event<P::Incoming>)> {
        poll_fn(|task| self.poll_next(task)).await
    }

    /// As [`next`](Self::next), for those who poll.
    pub fn poll_next(&mut self, task: &mut Context<'_>) -> Poll<Option<(I, Event<P::Incoming>)>> {
        self.merged.poll_next(task)
    }
}

#[cfg(test)]
mod tests;
