//! From the name of a peer to a connected transport: resolve, race, proxy, TLS.

pub mod endpoints;
pub mod error;
pub mod proxy;
pub mod race;
pub mod resolve;
pub mod source;
#[cfg(feature = "tls")]
pub mod tls;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpSocket, TcpStream};

pub use endpoints::Endpoint;
pub use error::{ConnectError, IoError};
pub use proxy::{Proxy, ProxyError};
pub use race::RaceRules;
pub use resolve::{Resolver, Resolving, SystemResolver};
pub use source::SourcePool;

use crate::transport::{SocketOptions, Transport};

/// Makes connections for sessions; shared by all sessions of a fleet.
///
/// Implement it to reach peers in a way that is not built in, or use the test kit's, which
/// connects within the process.
pub trait Connector: Send + Sync + 'static {
    /// One attempt to reach `endpoint`, resolving its name anew.
    ///
    /// `within` is how long name, race, proxy and TLS may take together: `Settings::connect` of the
    /// session, which drops the future when that time is over. Dropping it must give up the attempt
    /// and leave nothing behind.
    fn connect(&self, endpoint: &Endpoint, within: Duration) -> Connecting;

    /// Puts TLS over an open stream (STARTTLS), to this name or else to the endpoint's host.
    fn upgrade(&self, transport: Box<dyn Transport>, server_name: Option<String>) -> Connecting {
        drop((transport, server_name));
        let error = ConnectError::Socket(IoError::from(io::ErrorKind::Unsupported));
        Box::pin(std::future::ready(Err(error)))
    }
}

impl<C: Connector + ?Sized> Connector for Arc<C> {
    fn connect(&self, endpoint: &Endpoint, within: Duration) -> Connecting {
        (**self).connect(endpoint, within)
    }

    fn upgrade(&self, transport: Box<dyn Transport>, server_name: Option<String>) -> Connecting {
        (**self).upgrade(transport, server_name)
    }
}

/// An attempt under way. It exists only while connecting, so an idle session pays nothing for it.
pub type Connecting =
    Pin<Box<dyn Future<Output = Result<Box<dyn Transport>, ConnectError>> + Send>>;

/// The connector for real networks.
///
/// Each attempt resolves the name anew, races its addresses ([`RaceRules`]), goes through the
/// proxy if there is one, and wraps the stream in TLS if asked to. How long that may take is said
/// in one place, `Settings::connect`.
///
/// ```
/// # mod longlink { pub use longlink_session as session; }
/// use longlink::session::connect::{Dialer, Proxy, SourcePool};
///
/// let dialer = Dialer::new()
///     .proxy(Proxy::http_connect("gate.example.com:3128"))
///     .sources(SourcePool::new(["127.0.0.2".parse()?, "127.0.0.3".parse()?]));
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone)]
pub struct Dialer {
    plan: Arc<Plan>,
}

#[derive(Clone)]
struct Plan {
    resolver: Arc<dyn Resolver>,
    race: RaceRules,
    options: SocketOptions,
    sources: Arc<SourcePool>,
    proxy: Option<Proxy>,
    #[cfg(feature = "tls")]
    tls: Option<tls::Tls>,
}

impl Default for Dialer {
    fn default() -> Self {
        Self::new()
    }
}

impl Dialer {
    /// The system's resolver, the default race and socket options, no proxy, no TLS.
    #[must_use]
    pub fn new() -> Self {
        Self {
            plan: Arc::new(Plan {
                resolver: Arc::new(SystemResolver),
                race: RaceRules::default(),
                options: SocketOptions::default(),
                sources: Arc::new(SourcePool::default()),
                proxy: None,
                #[cfg(feature = "tls")]
                tls: None,
            }),
        }
    }

    /// Looks names up with `resolver`.
    #[must_use]
    pub fn resolver(self, resolver: impl Resolver) -> Self {
        self.with(|plan| plan.resolver = Arc::new(resolver))
    }

    /// Races addresses by `rules`.
    #[must_use]
    pub fn race(self, rules: RaceRules) -> Self {
        self.with(|plan| plan.race = rules)
    }

    /// Sets `options` on each TCP socket.
    #[must_use]
    pub fn options(self, options: SocketOptions) -> Self {
        self.with(|plan| plan.options = options)
    }

    /// Connects from the addresses of `sources`.
    #[must_use]
    pub fn sources(self, sources: SourcePool) -> Self {
        self.with(|plan| plan.sources = Arc::new(sources))
    }

    /// Goes through `proxy` (TCP endpoints only; a Unix socket is always reached directly).
    #[must_use]
    pub fn proxy(self, proxy: Proxy) -> Self {
        self.with(|plan| plan.proxy = Some(proxy))
    }

    /// Speaks TLS with the peer from the first byte on.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(self, tls: tls::Tls) -> Self {
        self.with(|plan| plan.tls = Some(tls))
    }

    fn with(mut self, change: impl FnOnce(&mut Plan)) -> Self {
        change(Arc::make_mut(&mut self.plan));
        self
    }
}

impl Connector for Dialer {
    fn connect(&self, endpoint: &Endpoint, within: Duration) -> Connecting {
        let (plan, endpoint) = (self.plan.clone(), endpoint.clone());
        Box::pin(async move { plan.connect(&endpoint, within).await })
    }
}

impl Plan {
    async fn connect(
        &self,
        endpoint: &Endpoint,
        within: Duration,
    ) -> Result<Box<dyn Transport>, ConnectError> {
        if let Some(path) = endpoint.path() {
            return connect_unix(path).await;
        }
        let (host, port) = place(endpoint)?;
        let first = self.proxy.as_ref().map_or(endpoint, Proxy::endpoint);
        let mut stream = self.dial(first, within).await?;
        if let Some(proxy) = &self.proxy {
            proxy.open(&mut stream, host, port).await?;
        }
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            return tls.connect(stream, host).await;
        }
        Ok(Box::new(stream))
    }

    /// A connected TCP stream to `endpoint` itself.
    async fn dial(&self, endpoint: &Endpoint, within: Duration) -> Result<TcpStream, ConnectError> {
        let (host, port) = place(endpoint)?;
        let usable = |address: &SocketAddr| self.sources.reaches(address);
        let addresses = resolve::addresses(&*self.resolver, host, port, usable).await?;
        let stream = race::race(&addresses, &self.race, within, |address| {
            dial_from(self.sources.candidates(&address), address)
        })
        .await
        .map_err(|attempts| ConnectError::Unreachable { attempts })?;
        self.options.apply(&stream)?;
        Ok(stream)
    }
}

fn place(endpoint: &Endpoint) -> Result<(&str, u16), ConnectError> {
    endpoint
        .host()
        .zip(endpoint.port())
        .ok_or_else(|| ConnectError::Endpoint { text: endpoint.to_string().into() })
}

/// Connects to `address` from the first of `sources` that has a free port.
async fn dial_from(sources: Vec<Option<SocketAddr>>, address: SocketAddr) -> io::Result<TcpStream> {
    let mut exhausted = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for source in sources {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        let bound = source.map_or(Ok(()), |source| socket.bind(source));
        let connected = match bound {
            Ok(()) => socket.connect(address).await,
            Err(error) => Err(error),
        };
        match connected {
            Err(error) if is_out_of_ports(&error) => exhausted = error,
            result => return result,
        }
    }
    Err(exhausted)
}

/// `bind` says "in use" and `connect` says "not available" when a source has no free port left
/// (ip(7), connect(2)).
fn is_out_of_ports(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::AddrNotAvailable)
}

#[cfg(unix)]
async fn connect_unix(path: &std::path::Path) -> Result<Box<dyn Transport>, ConnectError> {
    Ok(Box::new(tokio::net::UnixStream::connect(path).await?))
}

#[cfg(not(unix))]
async fn connect_unix(_: &std::path::Path) -> Result<Box<dyn Transport>, ConnectError> {
    Err(io::Error::from(io::ErrorKind::Unsupported).into())
}
