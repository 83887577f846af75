//! What carries the bytes of one connection: TCP, TLS, a Unix socket, memory, or the user's own.

pub mod memory;
pub mod options;

use std::fmt;
use std::net::SocketAddr;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

pub use memory::Memory;
pub use options::SocketOptions;

/// A connected byte stream in both directions.
///
/// Reading, writing (also vectored), flushing and shutting down come from tokio's two traits; an
/// idle connection therefore needs no buffer of its own, because [`AsyncRead::poll_read`] is lent
/// one only for the time of the call. `shutdown` ends the sending direction and leaves the other
/// open; dropping the value closes both.
///
/// The session holds a transport as `Box<dyn Transport>`, so one session type serves every kind.
///
/// ```
/// # mod longlink { pub use longlink_session as session; }
/// use longlink::session::transport::{Memory, PeerAddress, Transport};
///
/// let (client, server) = Memory::pair(4096);
/// let boxed: Box<dyn Transport> = Box::new(client);
/// assert!(matches!(boxed.peer_address(), PeerAddress::Memory(_)));
/// assert!(server.certificates().is_empty());
/// ```
pub trait Transport: AsyncRead + AsyncWrite + Send + Unpin + 'static {
    /// Who is at the other end, as far as this layer knows.
    fn peer_address(&self) -> PeerAddress;

    /// The certificates that the peer has proven to own, leaf first, each in DER. Empty without
    /// TLS, and on a server that asked for none.
    fn certificates(&self) -> Vec<Vec<u8>> {
        Vec::new()
    }
}

/// The other end of a [`Transport`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PeerAddress {
    /// An internet address. Behind a proxy this is the proxy's.
    Tcp(SocketAddr),
    /// A Unix socket and the path that it is bound to; a client's usually has none.
    Unix(Option<std::path::PathBuf>),
    /// The other half of a [`Memory`] pair, by its number.
    Memory(u64),
    /// The system does not tell (any more).
    Unknown,
}

impl fmt::Display for PeerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(Some(path)) => write!(f, "unix:{}", path.display()),
            Self::Unix(None) => f.write_str("unix"),
            Self::Memory(number) => write!(f, "memory:{number}"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

impl Transport for TcpStream {
    fn peer_address(&self) -> PeerAddress {
        self.peer_addr().map_or(PeerAddress::Unknown, PeerAddress::Tcp)
    }
}

#[cfg(unix)]
impl Transport for tokio::net::UnixStream {
    fn peer_address(&self) -> PeerAddress {
        self.peer_addr().map_or(PeerAddress::Unknown, |address| {
            PeerAddress::Unix(address.as_pathname().map(std::path::Path::to_path_buf))
        })
    }
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn peer_address(&self) -> PeerAddress {
        (**self).peer_address()
    }

    fn certificates(&self) -> Vec<Vec<u8>> {
        (**self).certificates()
    }
}

impl<T: Transport + ?Sized> Transport for Pin<Box<T>>
where
    Pin<Box<T>>: AsyncRead + AsyncWrite + Unpin,
{
    fn peer_address(&self) -> PeerAddress {
        (**self).peer_address()
    }

    fn certificates(&self) -> Vec<Vec<u8>> {
        (**self).certificates()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn tcp_is_a_transport_that_knows_its_peer() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (client, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        let mut client: Box<dyn Transport> = Box::new(client.unwrap());
        assert_eq!(client.peer_address(), PeerAddress::Tcp(address));

        let (mut server, _) = accepted.unwrap();
        client.write_all(b"ping").await.unwrap();
        client.shutdown().await.unwrap();
        let mut received = Vec::new();
        server.read_to_end(&mut received).await.unwrap();
        assert_eq!(received, b"ping");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_unix_socket_is_a_transport() {
        let (client, server) = tokio::net::UnixStream::pair().unwrap();
        assert_eq!(client.peer_address(), PeerAddress::Unix(None));
        let (mut client, mut server): (Box<dyn Transport>, Box<dyn Transport>) =
            (Box::new(client), Box::new(server));
        client.write_all(b"over a file").await.unwrap();
        let mut received = [0xa5; 11];
        server.read_exact(&mut received).await.unwrap();
        assert_eq!(&received, b"over a file");
    }

    #[test]
    fn addresses_read_well_in_a_log() {
        let shown: Vec<String> = [
            PeerAddress::Tcp("[::1]:6656".parse().unwrap()),
            PeerAddress::Unix(Some("/run/chat".into())),
            PeerAddress::Unix(None),
            PeerAddress::Memory(7),
            PeerAddress::Unknown,
        ]
        .iter()
        .map(ToString::to_string)
        .collect();
        assert_eq!(shown, ["[::1]:6656", "unix:/run/chat", "unix", "memory:7", "unknown"]);
    }
}
