//! Chaos between real sockets.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use socket2::{SockRef, Socket};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::chaos::{Chaos, ChaosPlan};

/// Stands between real clients and a real server, on a port of the loopback interface that the
/// system picks, and does to their connections what it is told. Dropping it cuts them all.
///
/// ```no_run
/// # mod longlink { pub use longlink_session as session; }
/// # async fn example() -> std::io::Result<()> {
/// use longlink::session::testkit::{ChaosPlan, ChaosProxy};
///
/// let proxy = ChaosProxy::start("127.0.0.1:1883".parse().unwrap()).await?;
/// // let the session connect to proxy.address() instead of the server's, then:
/// proxy.plan(|number| ChaosPlan::seeded(7 + number));   // for connections from now on
/// proxy.cut();                                          // all of now, by a reset
/// proxy.silence(true);                                  // nothing passes any more
/// # Ok(())
/// # }
/// ```
pub struct ChaosProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    _accepting: JoinSet<()>,
}

type Plan = Box<dyn FnMut(u64) -> ChaosPlan + Send>;

struct Shared {
    target: Mutex<SocketAddr>,
    plan: Mutex<Plan>,
    orders: watch::Sender<Orders>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Orders {
    /// Connections with a number below this are reset.
    cut_below: u64,
    accepted: u64,
    silent: bool,
    refusing: bool,
}

impl ChaosProxy {
    /// Starts to accept and to pass everything on to `target`.
    ///
    /// # Errors
    ///
    /// When there is no free port.
    pub async fn start(target: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            target: Mutex::new(target),
            plan: Mutex::new(Box::new(ChaosPlan::calm)),
            orders: watch::Sender::new(Orders::default()),
        });
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, shared.clone()));
        Ok(Self { address, shared, _accepting: accepting })
    }

    /// Where clients connect to.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections it has accepted.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.shared.orders.borrow().accepted
    }

    /// Does to the client's side of connections from now on what `plan` makes for each of them,
    /// numbered from 0 in the order of being accepted.
    pub fn plan(&self, plan: impl FnMut(u64) -> ChaosPlan + Send + 'static) {
        *lock(&self.shared.plan) = Box::new(plan);
    }

    /// Passes connections from now on to another server.
    pub fn target(&self, target: SocketAddr) {
        *lock(&self.shared.target) = target;
    }

    /// Resets all connections of now, in both directions.
    pub fn cut(&self) {
        self.shared.orders.send_modify(|orders| orders.cut_below = orders.accepted);
    }

    /// From now on (or no longer) nothing passes, and nobody is told: a network that lost its
    /// route. Connections stay open, and new ones are still accepted.
    pub fn silence(&self, silent: bool) {
        self.shared.orders.send_modify(|orders| orders.silent = silent);
    }

    /// From now on (or no longer) new connections are accepted and reset at once.
    pub fn refuse(&self, refusing: bool) {
        self.shared.orders.send_modify(|orders| orders.refusing = refusing);
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        // What has ended is taken out, so that a long run does not grow.
        while connections.try_join_next().is_some() {}
        let Ok((client, _)) = listener.accept().await else {
            // Out of descriptors; without a pause this would spin.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let number = shared.orders.borrow().accepted;
        shared.orders.send_modify(|orders| orders.accepted += 1);
        if shared.orders.borrow().refusing {
            reset(&SockRef::from(&client));
            continue;
        }
        let plan = (lock(&shared.plan))(number);
        let shared = shared.clone();
        connections.spawn(async move {
            // A connection that fails is over, and there is nobody to tell.
            let _ = carry(client, number, plan, &shared).await;
        });
    }
}

/// One connection, until it ends or is cut.
async fn carry(client: TcpStream, number: u64, plan: ChaosPlan, shared: &Shared) -> io::Result<()> {
    let mut orders = shared.orders.subscribe();
    let target = *lock(&shared.target);
    let (client, client_socket) = with_handle(client)?;
    let (mut server, server_socket) = match TcpStream::connect(target).await {
        Ok(server) => with_handle(server)?,
        Err(error) => {
            reset(&client_socket);
            return Err(error);
        }
    };
    let mut client = Chaos::new(client, plan);
    let mut carrying = pin!(tokio::io::copy_bidirectional(&mut client, &mut server));
    loop {
        let now = *orders.borrow_and_update();
        if now.cut_below > number {
            break;
        }
        // While it is silent nothing is polled, so nothing passes and nothing is lost.
        let changed = orders.changed();
        tokio::select! {
            biased;
            changed = changed => if changed.is_err() { break },
            ended = &mut carrying, if !now.silent => match ended {
                Ok(_) => return Ok(()),
                Err(_) => break,
            },
        }
    }
    reset(&client_socket);
    reset(&server_socket);
    Ok(())
}

/// The stream, and a second handle to its socket for the reset at the end.
fn with_handle(stream: TcpStream) -> io::Result<(TcpStream, Socket)> {
    stream.set_nodelay(true)?;
    let stream = stream.into_std()?;
    let handle = Socket::from(stream.try_clone()?);
    Ok((TcpStream::from_std(stream)?, handle))
}

/// Makes closing a reset instead of an end.
fn reset(socket: &Socket) {
    // It fails only on a socket that is gone already.
    let _ = socket.set_linger(Some(Duration::ZERO));
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::testkit::Ending;

    /// A server that sends back what it hears.
    async fn echo() -> (SocketAddr, JoinSet<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                connections.spawn(async move {
                    let (mut read, mut write) = stream.split();
                    let _ = tokio::io::copy(&mut read, &mut write).await;
                });
            }
        });
        (address, tasks)
    }

    async fn ask(client: &mut TcpStream, bytes: &[u8]) -> io::Result<Vec<u8>> {
        client.write_all(bytes).await?;
        let mut echoed = vec![0; bytes.len()];
        client.read_exact(&mut echoed).await?;
        Ok(echoed)
    }

    #[tokio::test]
    async fn bytes_pass_split_to_pieces_and_a_clean_end_stays_clean() {
        let (server, _tasks) = echo().await;
        let proxy = ChaosProxy::start(server).await.unwrap();
        proxy.plan(|number| ChaosPlan::calm(number).split(3));
        let mut client = TcpStream::connect(proxy.address()).await.unwrap();
        assert_eq!(ask(&mut client, b"there and back").await.unwrap(), b"there and back");
        client.shutdown().await.unwrap();
        assert_eq!(client.read(&mut [0; 4]).await.unwrap(), 0);
        assert_eq!(proxy.accepted(), 1);
    }

    #[tokio::test]
    async fn a_cut_is_a_reset_for_those_of_now_only() {
        let (server, _tasks) = echo().await;
        let proxy = ChaosProxy::start(server).await.unwrap();
        let mut old = TcpStream::connect(proxy.address()).await.unwrap();
        ask(&mut old, b"up").await.unwrap();
        proxy.cut();
        let error = old.read(&mut [0; 4]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
        let mut new = TcpStream::connect(proxy.address()).await.unwrap();
        assert_eq!(ask(&mut new, b"again").await.unwrap(), b"again");
    }

    #[tokio::test]
    async fn silence_loses_nothing_once_it_is_over() {
        let (server, _tasks) = echo().await;
        let proxy = ChaosProxy::start(server).await.unwrap();
        let mut client = TcpStream::connect(proxy.address()).await.unwrap();
        ask(&mut client, b"up").await.unwrap();
        proxy.silence(true);
        client.write_all(b"held").await.unwrap();
        // Another connection's coming and going must not disturb this one.
        drop(TcpStream::connect(proxy.address()).await.unwrap());
        proxy.silence(false);
        let mut echoed = [0; 4];
        client.read_exact(&mut echoed).await.unwrap();
        assert_eq!(&echoed, b"held");
    }

    #[tokio::test]
    async fn refusing_accepts_and_resets() {
        let (server, _tasks) = echo().await;
        let proxy = ChaosProxy::start(server).await.unwrap();
        proxy.refuse(true);
        let mut client = TcpStream::connect(proxy.address()).await.unwrap();
        let error = client.read(&mut [0; 4]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    }

    #[tokio::test]
    async fn a_reset_by_plan_reaches_the_client_after_its_bytes() {
        let (server, _tasks) = echo().await;
        let proxy = ChaosProxy::start(server).await.unwrap();
        proxy.plan(|number| ChaosPlan::calm(number).ending(Ending::Reset { after: 2 }));
        let mut client = TcpStream::connect(proxy.address()).await.unwrap();
        let error = ask(&mut client, b"long").await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    }
}
