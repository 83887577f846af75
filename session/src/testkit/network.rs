//! A network inside the process.

use std::collections::HashMap;
use std::future::poll_fn;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::chaos::{Chaos, ChaosPlan};
use crate::connect::{ConnectError, Connecting, Connector, Endpoint};
use crate::transport::{Memory, Transport};

/// Connections that wait to be accepted; further ones are refused.
const BACKLOG: usize = 4096;

/// What each direction of a connection holds, as the buffers of both kernels would.
const CAPACITY: usize = 64 * 1024;

/// A network in memory: a [`Connector`] for sessions, and the listeners that they reach. An
/// endpoint at which nobody listens refuses.
///
/// ```
/// # mod longlink { pub use longlink_session as session; }
/// use longlink::session::connect::{Connector, Endpoint};
/// use longlink::session::testkit::{Network, ScriptedPeer};
/// use std::time::Duration;
/// use tokio::io::AsyncWriteExt;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let network = Network::new();
/// let mut listener = network.listen("im.example:6656");
/// let mut client = network.connect(&Endpoint::from("im.example:6656"), Duration::MAX).await?;
/// client.write_all(b"hello").await?;
/// ScriptedPeer::new(listener.accept().await).expect(b"hello").await?;
/// assert_eq!(network.attempts("im.example:6656").len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Network {
    places: Arc<Mutex<HashMap<Endpoint, Place>>>,
}

#[derive(Default)]
struct Place {
    door: Door,
    attempts: Vec<Instant>,
    plan: Option<Box<dyn FnMut(usize) -> ChaosPlan + Send>>,
}

#[derive(Default)]
enum Door {
    #[default]
    Refuses,
    Swallows,
    Opens(mpsc::Sender<Memory>),
}

impl Network {
    /// A network without any listener.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Listens at `endpoint`, in the place of an earlier listener if there is one. Dropping the
    /// listener makes the endpoint refuse again.
    pub fn listen(&self, endpoint: impl Into<Endpoint>) -> NetworkListener {
        let (sender, arrivals) = mpsc::channel(BACKLOG);
        self.lock().entry(endpoint.into()).or_default().door = Door::Opens(sender);
        NetworkListener { arrivals }
    }

    /// From now on attempts to reach `endpoint` neither succeed nor fail.
    pub fn black_hole(&self, endpoint: impl Into<Endpoint>) {
        self.lock().entry(endpoint.into()).or_default().door = Door::Swallows;
    }

    /// From now on the dialing side of each connection to `endpoint` is wrapped in [`Chaos`], with
    /// the plan that `plan` makes for the attempt of this number, counted from 0.
    pub fn chaos(
        &self,
        endpoint: impl Into<Endpoint>,
        plan: impl FnMut(usize) -> ChaosPlan + Send + 'static,
    ) {
        self.lock().entry(endpoint.into()).or_default().plan = Some(Box::new(plan));
    }

    /// When `endpoint` was dialed, successfully or not.
    #[must_use]
    pub fn attempts(&self, endpoint: impl Into<Endpoint>) -> Vec<Instant> {
        let places = self.lock();
        places.get(&endpoint.into()).map(|place| place.attempts.clone()).unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Endpoint, Place>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `None`: it never will be.
    fn dial(&self, endpoint: &Endpoint) -> Option<Result<Box<dyn Transport>, ConnectError>> {
        let mut places = self.lock();
        let place = places.entry(endpoint.clone()).or_default();
        let number = place.attempts.len();
        place.attempts.push(Instant::now());
        let refused = || Some(Err(io::Error::from(io::ErrorKind::ConnectionRefused).into()));
        match &place.door {
            Door::Refuses => refused(),
            Door::Swallows => None,
            Door::Opens(sender) => {
                let (near, far) = Memory::pair(CAPACITY);
                if sender.try_send(far).is_err() {
                    return refused();
                }
                let plan = place.plan.as_mut().map(|plan| plan(number));
                Some(Ok(match plan {
                    Some(plan) => Box::new(Chaos::new(near, plan)),
                    None => Box::new(near),
                }))
            }
        }
    }
}

impl Connector for Network {
    fn connect(&self, endpoint: &Endpoint, _: Duration) -> Connecting {
        if let Some(text) = endpoint.unreadable() {
            let error = ConnectError::Endpoint { text: text.into() };
            return Box::pin(async move { Err(error) });
        }
        // Dialed when it is polled, as a socket would be.
        let (network, endpoint) = (self.clone(), endpoint.clone());
        Box::pin(async move {
            match network.dial(&endpoint) {
                Some(dialed) => dialed,
                None => std::future::pending().await,
            }
        })
    }
}

/// Takes the connections to one endpoint of a [`Network`].
pub struct NetworkListener {
    arrivals: mpsc::Receiver<Memory>,
}

impl NetworkListener {
    /// The next connection; waits until somebody dials. Safe to drop: nothing is lost.
    pub async fn accept(&mut self) -> Memory {
        poll_fn(|task| self.poll_accept(task)).await
    }

    /// The same, for a [`Listener`](crate::listener::Listener).
    pub fn poll_accept(&mut self, task: &mut Context<'_>) -> Poll<Memory> {
        match ready!(self.arrivals.poll_recv(task)) {
            Some(accepted) => Poll::Ready(accepted),
            // Another listener took the endpoint over: nobody will ever come.
            None => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::timeout;

    use super::*;
    use crate::connect::IoError;
    use crate::testkit::Ending;

    const PLACE: &str = "im.example:1";

    async fn connect(network: &Network) -> Result<Box<dyn Transport>, ConnectError> {
        network.connect(&Endpoint::from(PLACE), Duration::MAX).await
    }

    fn refused<T>(result: Result<T, ConnectError>) -> bool {
        let kind = IoError::from(io::ErrorKind::ConnectionRefused);
        result.err() == Some(ConnectError::Socket(kind))
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_there_is_refused_until_somebody_listens() {
        let network = Network::new();
        assert!(refused(connect(&network).await));
        let mut listener = network.listen(PLACE);
        let mut near = connect(&network).await.unwrap();
        listener.accept().await.write_all(b"welcome").await.unwrap();
        let mut received = String::new();
        near.read_to_string(&mut received).await.unwrap();
        assert_eq!(received, "welcome");
        drop(listener);
        assert!(refused(connect(&network).await));
        assert_eq!(network.attempts(PLACE).len(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_black_hole_keeps_the_dialer_waiting() {
        let network = Network::new();
        network.black_hole(PLACE);
        let waited = timeout(Duration::from_secs(3600), connect(&network)).await;
        assert_eq!(waited.ok().map(|connected| connected.map(drop)), None);
    }

    #[tokio::test(start_paused = true)]
    async fn each_attempt_gets_its_own_chaos() {
        let network = Network::new();
        let mut listener = network.listen(PLACE);
        network.chaos(PLACE, |number| match number {
            0 => ChaosPlan::calm(0).ending(Ending::AtOnce),
            _ => ChaosPlan::calm(0),
        });
        let mut first = connect(&network).await.unwrap();
        assert_eq!(first.read(&mut [0; 4]).await.unwrap(), 0);
        let mut second = connect(&network).await.unwrap();
        second.write_all(b"hi").await.unwrap();
        let _closed_at_once = listener.accept().await;
        let mut received = [0; 2];
        listener.accept().await.read_exact(&mut received).await.unwrap();
        assert_eq!(&received, b"hi");
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_backlog_refuses() {
        let network = Network::new();
        let _listener = network.listen(PLACE);
        let mut kept = Vec::new();
        for _ in 0..BACKLOG {
            kept.push(connect(&network).await.unwrap());
        }
        assert!(refused(connect(&network).await));
    }

    /// An old connection can speak after the new one is up: the far end of the first stays usable.
    #[tokio::test(start_paused = true)]
    async fn an_old_connection_that_speaks_late_reaches_nobody() {
        let network = Network::new();
        let mut listener = network.listen(PLACE);
        let old = connect(&network).await.unwrap();
        let mut old_far = listener.accept().await;
        drop(old);
        let mut new = connect(&network).await.unwrap();
        let mut new_far = listener.accept().await;
        assert_eq!(old_far.write(b"late").await.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        new_far.write_all(b"new").await.unwrap();
        drop(new_far);
        let mut received = String::new();
        new.read_to_string(&mut received).await.unwrap();
        assert_eq!(received, "new");
    }
}
