//! Connections that the limits have let in.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use super::accept::Accept;
use super::admission::{Admission, Guest, Turned};
use super::{Limits, Peer};
use crate::moment::Moment;
use crate::transport::Transport;

/// After an error of the system (out of descriptors) accepting pauses, so as not to spin.
const PAUSE: Duration = Duration::from_millis(100);

/// Accepts within the limits.
pub(super) struct Incoming {
    accept: Box<dyn Accept>,
    door: Arc<Door>,
    number: u64,
}

/// A connection that may log in. Dropping the ticket gives its place up.
pub(super) struct Admitted {
    pub(super) transport: Box<dyn Transport>,
    pub(super) peer: Peer,
    pub(super) ticket: DoorTicket,
}

/// The admission, shared with the connections that were let in.
pub(super) struct Door {
    admission: Mutex<Admission>,
    tally: Mutex<Tally>,
    started: Instant,
}

/// How many came, and how many were turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Tally {
    /// Connections accepted, those turned away included.
    pub accepted: u64,
    /// Turned away because their address had too many.
    pub turned_by_address: u64,
    /// Turned away because there were too many logged-in ones.
    pub turned_full: u64,
    /// Turned away because there were too many that log in.
    pub turned_handshakes: u64,
    /// Failed in TLS or login, or took too long for it.
    pub failed_handshakes: u64,
    /// Errors of accepting.
    pub errors: u64,
}

impl Incoming {
    pub(super) fn new(accept: Box<dyn Accept>, limits: Limits) -> Self {
        let door = Door {
            admission: Mutex::new(Admission::new(limits, Moment(0))),
            tally: Mutex::default(),
            started: Instant::now(),
        };
        Self { accept, door: Arc::new(door), number: 0 }
    }

    pub(super) fn door(&self) -> &Arc<Door> {
        &self.door
    }

    /// The next connection. Safe to drop: nothing that was accepted is lost.
    pub(super) async fn next(&mut self) -> Admitted {
        loop {
            let until = self.door.next_accept();
            if until > Instant::now() {
                sleep_until(until).await;
                continue;
            }
            match poll_fn(|task| self.accept.poll_accept(task)).await {
                Ok(transport) => {
                    if let Some(admitted) = self.admit(transport) {
                        return admitted;
                    }
                }
                Err(error) => {
                    lock(&self.door.tally).errors += 1;
                    tracing::warn!(%error, "accepting failed");
                    // One connection's own failure needs no pause.
                    if error.kind() != std::io::ErrorKind::ConnectionReset
                        && error.kind() != std::io::ErrorKind::ConnectionAborted
                    {
                        sleep(PAUSE).await;
                    }
                }
            }
        }
    }

    fn admit(&mut self, transport: Box<dyn Transport>) -> Option<Admitted> {
        lock(&self.door.tally).accepted += 1;
        #[cfg(feature = "metrics")]
        ::metrics::counter!("longlink_accepted_total").increment(1);
        let address = transport.peer_address();
        let entered = lock(&self.door.admission).enter(&address);
        match entered {
            Ok(guest) => {
                self.number += 1;
                let (certificates, number) = (Vec::new(), self.number);
                let peer = Peer { address, certificates, number };
                let ticket = DoorTicket { guest: Some(guest), door: self.door.clone() };
                Some(Admitted { transport, peer, ticket })
            }
            Err(turned) => {
                tracing::debug!(peer = %transport.peer_address(), because = turned.name(), "turned away");
                self.door.turned(turned);
                None
            }
        }
    }
}

impl Door {
    pub(super) fn tally(&self) -> Tally {
        *lock(&self.tally)
    }

    pub(super) fn established(&self) -> usize {
        lock(&self.admission).established()
    }

    pub(super) fn handshaking(&self) -> usize {
        lock(&self.admission).handshaking()
    }

    pub(super) fn handshake_failed(&self) {
        lock(&self.tally).failed_handshakes += 1;
        #[cfg(feature = "metrics")]
        ::metrics::counter!("longlink_handshakes_failed_total").increment(1);
    }

    fn next_accept(&self) -> Instant {
        let now = Moment(0) + self.started.elapsed();
        let until = lock(&self.admission).next_accept(now);
        // Rounded up to what a timer of the runtime can tell apart.
        let wait = until.since(now);
        if wait.is_zero() { self.started } else { Instant::now() + wait }
    }

    fn turned(&self, turned: Turned) {
        #[cfg(feature = "metrics")]
        ::metrics::counter!("longlink_turned_away_total", "because" => turned.name()).increment(1);
        let mut tally = lock(&self.tally);
        match turned {
            Turned::Address => tally.turned_by_address += 1,
            Turned::Full => tally.turned_full += 1,
            Turned::Handshakes => tally.turned_handshakes += 1,
        }
    }
}

/// The place of one connection.
pub(super) struct DoorTicket {
    guest: Option<Guest>,
    door: Arc<Door>,
}

impl DoorTicket {
    /// It has logged in. `false`: there is no place for it.
    pub(super) fn establish(&mut self) -> bool {
        let Some(guest) = &mut self.guest else { return false };
        let result = lock(&self.door.admission).establish(guest);
        result.map_err(|turned| self.door.turned(turned)).is_ok()
    }
}

impl Drop for DoorTicket {
    fn drop(&mut self) {
        if let Some(guest) = self.guest.take() {
            lock(&self.door.admission).leave(guest);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connect::{Connector, Endpoint};
    use crate::testkit::Network;

    fn incoming(network: &Network, limits: Limits) -> Incoming {
        Incoming::new(Box::new(network.listen("here:1")), limits)
    }

    async fn dial(network: &Network) -> Box<dyn Transport> {
        network.connect(&Endpoint::from("here:1"), Duration::MAX).await.unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_is_accepted_at_the_rate() {
        let network = Network::new();
        let limits = Limits { accepts_per_second: 10, ..Limits::default() };
        let mut incoming = incoming(&network, limits);
        let started = Instant::now();
        let mut kept = Vec::new();
        let mut seconds = Vec::new();
        for _ in 0..30 {
            kept.push(dial(&network).await);
        }
        for _ in 0..30 {
            drop(incoming.next().await);
            seconds.push(started.elapsed().as_millis() / 100);
        }
        let expected: Vec<u128> = [0; 10].into_iter().chain(1..=20).collect();
        assert_eq!(seconds, expected);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_is_turned_away_is_closed_and_counted() {
        let network = Network::new();
        let limits = Limits { handshakes: 1, ..Limits::default() };
        let mut incoming = incoming(&network, limits);
        let (_first, _second) = (dial(&network).await, dial(&network).await);
        let admitted = incoming.next().await;
        assert_eq!(admitted.peer.number, 1);
        let waits = tokio::time::timeout(Duration::from_secs(1), incoming.next()).await;
        assert_eq!(waits.ok().map(|admitted| admitted.peer.number), None);
        let tally = incoming.door().tally();
        assert_eq!(tally, Tally { accepted: 2, turned_handshakes: 1, ..Tally::default() });
        drop(admitted);
        assert_eq!(incoming.door().handshaking(), 0);
    }
}
