//! Sessions over accepted connections, from the first byte to the drain.

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

#[cfg(feature = "tls")]
use crate::connect::tls::ServerTls;
use crate::desk::{Desk, Wish};
use crate::driver::{Driver, Guarded};
use crate::event::DrainReport;
use crate::inbox::{Ends, Inbox};
use crate::link::Link;
use crate::lock::lock;
use crate::machine::Machine;
use crate::moment::Moment;
use crate::protocol::Protocol;
use crate::settings::Settings;
use crate::transport::{PeerAddress, Transport};

use super::incoming::{Admitted, Door, DoorTicket, Incoming, Tally};

/// A listener at work. Dropping it stops accepting and closes every connection at once; see
/// [`drain`](Self::drain) for the gentle way.
pub struct Serving<P: Protocol> {
    pub(super) hall: Arc<Hall<P>>,
    address: PeerAddress,
}

/// How a drain of a whole listener ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ServeReport {
    /// Logged-in connections that were drained.
    pub drained: usize,
    /// Of these, those that left nothing behind.
    pub complete: usize,
    /// Connections that had not logged in, and were closed at once.
    pub closed: usize,
    /// The sum of their reports.
    pub sends: DrainReport,
}

impl<P: Protocol> Serving<P> {
    pub(super) fn new(hall: Arc<Hall<P>>, address: PeerAddress) -> Self {
        Self { hall, address }
    }

    /// Where it listens.
    #[must_use]
    pub fn local_address(&self) -> &PeerAddress {
        &self.address
    }

    /// The address and port where it listens; `None`, if it does not listen on TCP.
    #[must_use]
    pub fn local_addr(&self) -> Option<SocketAddr> {
        match self.address {
            PeerAddress::Tcp(address) => Some(address),
            _ => None,
        }
    }

    /// Connections that have logged in.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.hall.door.established()
    }

    /// Connections that have not logged in.
    #[must_use]
    pub fn handshaking(&self) -> usize {
        self.hall.door.handshaking()
    }

    /// How many came, and how many were turned away.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.hall.door.tally()
    }

    /// Stops accepting, closes those that have not logged in, and drains the others: each sends
    /// what is queued, waits for acknowledgements, says goodbye and closes, all of them within
    /// `within`.
    pub async fn drain(self, within: Duration) -> ServeReport {
        self.hall.stop();
        let desks: Vec<_> = lock(&self.hall.desks).values().cloned().collect();
        let mut report = ServeReport::default();
        let mut draining = tokio::task::JoinSet::new();
        for desk in desks {
            if desk.is_up() {
                let link = Link::of(desk);
                draining.spawn(async move { link.drain(within).await });
            } else {
                report.closed += 1;
                desk.wish(Wish::Close);
            }
        }
        while let Some(drained) = draining.join_next().await {
            // A drain does not panic, and nobody aborts it.
            let Ok(sends) = drained else { continue };
            report.drained += 1;
            report.complete += usize::from(sends.complete());
            report.sends.acknowledged += sends.acknowledged;
            report.sends.written += sends.written;
            report.sends.not_sent += sends.not_sent;
            report.sends.uncertain += sends.uncertain;
            report.sends.dropped += sends.dropped;
        }
        self.hall.tasks(0).await;
        report
    }
}

impl<P: Protocol> Drop for Serving<P> {
    fn drop(&mut self) {
        self.hall.stop();
        let desks: Vec<_> = lock(&self.hall.desks).values().cloned().collect();
        for desk in desks {
            desk.wish(Wish::Close);
        }
    }
}

/// What all connections of a listener share.
pub(super) struct Hall<P: Protocol> {
    door: Arc<Door>,
    settings: Arc<Settings>,
    desks: Mutex<HashMap<u64, Arc<Desk<P>>>>,
    /// Connections whose tasks run, TLS included.
    running: watch::Sender<usize>,
    stopped: watch::Sender<bool>,
    seeds: RandomState,
}

impl<P: Protocol> Hall<P> {
    pub(super) fn new(door: Arc<Door>, settings: Arc<Settings>) -> Arc<Self> {
        Arc::new(Self {
            door,
            settings,
            desks: Mutex::default(),
            running: watch::Sender::new(0),
            stopped: watch::Sender::new(false),
            seeds: RandomState::new(),
        })
    }

    /// Accepts until it is stopped; each connection gets a task of its own.
    pub(super) async fn accept<H, F>(self: Arc<Self>, mut incoming: Incoming, host: H)
    where
        H: Fn(Admitted) -> F,
        F: Future<Output = ()> + Send + 'static,
    {
        let mut stopped = self.stopped.subscribe();
        loop {
            let admitted = tokio::select! {
                biased;
                _ = stopped.wait_for(|stopped| *stopped) => return,
                admitted = incoming.next() => admitted,
            };
            let running = Running::new(&self);
            let hosted = host(admitted);
            tokio::spawn(async move {
                hosted.await;
                drop(running);
            });
        }
    }

    fn stop(&self) {
        self.stopped.send_replace(true);
    }

    /// Waits until this many connections are left.
    pub(super) async fn tasks(&self, count: usize) {
        // The sender lives in `self`, so that it cannot be gone.
        let _ = self.running.subscribe().wait_for(|running| *running == count).await;
    }
}

/// Counts one task; also when it panics or is aborted.
struct Running<P: Protocol>(Arc<Hall<P>>);

impl<P: Protocol> Running<P> {
    fn new(hall: &Arc<Hall<P>>) -> Self {
        hall.running.send_modify(|running| *running += 1);
        Self(hall.clone())
    }
}

impl<P: Protocol> Drop for Running<P> {
    fn drop(&mut self) {
        self.0.running.send_modify(|running| *running -= 1);
    }
}

/// TLS, before there is a session. `None`: it failed, took too long, or the listener stops.
#[cfg(feature = "tls")]
pub(super) async fn shake<P: Protocol>(
    hall: &Hall<P>,
    mut admitted: Admitted,
    tls: &ServerTls,
    deadline: Instant,
) -> Option<Admitted> {
    let mut stopped = hall.stopped.subscribe();
    let shaken = tokio::select! {
        biased;
        _ = stopped.wait_for(|stopped| *stopped) => return None,
        shaken = tokio::time::timeout_at(deadline, tls.server(admitted.transport)) => shaken,
    };
    match shaken {
        Ok(Ok(transport)) => {
            admitted.peer.certificates = transport.certificates();
            admitted.transport = transport;
            Some(admitted)
        }
        Ok(Err(error)) => {
            tracing::debug!(peer = %admitted.peer.address, %error, "TLS failed");
            hall.door.handshake_failed();
            None
        }
        Err(_) => {
            hall.door.handshake_failed();
            None
        }
    }
}

/// One connection that may log in.
pub(super) struct Host<P: Protocol> {
    hall: Arc<Hall<P>>,
    transport: Box<dyn Transport>,
    ticket: DoorTicket,
    protocol: P,
    desk: Arc<Desk<P>>,
    number: u64,
    deadline: Instant,
    once_up: Option<Box<dyn FnOnce() + Send>>,
}

impl<P: Protocol> Host<P> {
    pub(super) fn new(
        hall: Arc<Hall<P>>,
        admitted: Admitted,
        protocol: P,
        deadline: Instant,
    ) -> Self {
        let Admitted { transport, peer, ticket } = admitted;
        let name = format!("{}#{}", peer.address, peer.number);
        let desk = Desk::new(hall.settings.clone(), Arc::from(name));
        lock(&hall.desks).insert(peer.number, desk.clone());
        if *hall.stopped.borrow() {
            // The drain may have looked at the desks before this one was there.
            desk.wish(Wish::Close);
        }
        let (number, once_up) = (peer.number, None);
        Self { hall, transport, ticket, protocol, desk, number, deadline, once_up }
    }

    pub(super) fn desk(&self) -> &Arc<Desk<P>> {
        &self.desk
    }

    /// The two handles; dropping both closes the session.
    pub(super) fn ends(&self) -> (Link<P>, Inbox<P>) {
        self.desk.clone().ends()
    }

    /// Is done once the login is.
    pub(super) fn once_up(&mut self, once_up: impl FnOnce() + Send + 'static) {
        self.once_up = Some(Box::new(once_up));
    }

    /// Runs the session to its end.
    pub(super) async fn run(self, deliver: impl Ends<P>) {
        let Self { hall, transport, mut ticket, protocol, desk, number, deadline, once_up } = self;
        let _listed = Listed { hall: hall.clone(), number };
        let seed = hall.seeds.hash_one(number);
        let machine = Machine::server(desk.clone(), protocol, Moment(0), seed);
        let driver = Driver::server(machine, deliver, transport);
        let mut driver = pin!(Guarded(driver));
        let mut alarm = Box::pin(tokio::time::sleep_until(deadline));
        let ended = poll_fn(|task| {
            if driver.as_mut().poll(task).is_ready() {
                return Poll::Ready(true);
            }
            if desk.is_up() || alarm.as_mut().poll(task).is_ready() {
                return Poll::Ready(false);
            }
            Poll::Pending
        })
        .await;
        drop(alarm);
        let logged_in = lock(&desk.outbox).statistics().epochs > 0 || desk.is_up();
        if !logged_in {
            hall.door.handshake_failed();
            desk.wish(Wish::Close);
        } else if !ticket.establish() {
            desk.wish(Wish::Close);
        } else if let Some(once_up) = once_up {
            once_up();
        }
        if !ended {
            driver.await;
        }
    }
}

/// Takes a connection off the list when it ends, however it ends.
struct Listed<P: Protocol> {
    hall: Arc<Hall<P>>,
    number: u64,
}

impl<P: Protocol> Drop for Listed<P> {
    fn drop(&mut self) {
        lock(&self.hall.desks).remove(&self.number);
    }
}
