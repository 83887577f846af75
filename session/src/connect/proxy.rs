//! Going through a proxy: SOCKS5 and HTTP CONNECT.

pub(crate) mod http;
mod socks5;

use std::fmt;

use tokio::io::{AsyncRead, AsyncWrite};

use super::endpoints::Endpoint;
use super::error::{ConnectError, IoError};

/// A proxy that carries the connection to the peer. The peer's name is given to the proxy to
/// resolve; the proxy's own name is resolved here, at each attempt.
///
/// ```
/// # mod longlink { pub use longlink_session as session; }
/// use longlink::session::connect::Proxy;
///
/// let proxy = Proxy::socks5("gate.example.com:1080").credentials("player", "secret");
/// assert_eq!(format!("{proxy:?}"), "Proxy { kind: Socks5, endpoint: gate.example.com:1080, \
///     credentials: yes }");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    kind: Kind,
    endpoint: Endpoint,
    credentials: Option<Credentials>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Socks5,
    HttpConnect,
}

#[derive(Clone, PartialEq, Eq)]
struct Credentials {
    user: String,
    password: String,
}

impl Proxy {
    /// A SOCKS version 5 proxy (RFC 1928) at `endpoint`.
    #[must_use]
    pub fn socks5(endpoint: impl Into<Endpoint>) -> Self {
        Self { kind: Kind::Socks5, endpoint: endpoint.into(), credentials: None }
    }

    /// An HTTP proxy at `endpoint` that is asked by CONNECT (RFC 9110 §9.3.6).
    #[must_use]
    pub fn http_connect(endpoint: impl Into<Endpoint>) -> Self {
        Self { kind: Kind::HttpConnect, endpoint: endpoint.into(), credentials: None }
    }

    /// Logs in with a user name and a password: RFC 1929 with SOCKS5, where both are of 1 to 255
    /// bytes; Basic (RFC 7617) with HTTP, where the name has no colon.
    #[must_use]
    pub fn credentials(mut self, user: &str, password: &str) -> Self {
        self.credentials =
            Some(Credentials { user: user.to_owned(), password: password.to_owned() });
        self
    }

    /// Where the proxy is.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Asks the proxy, over a stream connected to it, for a connection to `host` and `port`. The
    /// next byte read after it is the peer's.
    pub(super) async fn open<S>(
        &self,
        stream: &mut S,
        host: &str,
        port: u16,
    ) -> Result<(), ConnectError>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let credentials = self.credentials.as_ref();
        match self.kind {
            Kind::Socks5 => socks5::open(stream, host, port, credentials).await,
            Kind::HttpConnect => http::open(stream, host, port, credentials).await,
        }
        .map_err(ConnectError::Proxy)
    }
}

impl fmt::Debug for Proxy {
    /// Never shows the credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let credentials = if self.credentials.is_some() { "yes" } else { "no" };
        f.debug_struct("Proxy")
            .field("kind", &self.kind)
            .field("endpoint", &format_args!("{}", self.endpoint))
            .field("credentials", &format_args!("{credentials}"))
            .finish()
    }
}

/// What a proxy did instead of connecting us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProxyError {
    /// The stream failed or ended before the proxy had answered.
    Socket(IoError),
    /// The first byte is not the version that we speak, so this is no such proxy.
    Version {
        /// The version byte received; we sent 5.
        found: u8,
    },
    /// None of the ways to log in that we offer is good enough for the proxy (SOCKS5 answer 0xff).
    NoMethod,
    /// The proxy chose a way to log in that was not offered.
    Method {
        /// The method byte received.
        found: u8,
    },
    /// User name and password were refused, or are wanted and missing. Trying again cannot help.
    Credentials,
    /// User name, password or the peer's name do not fit into the protocol.
    TooLong,
    /// A SOCKS5 proxy could not, or would not, connect to the peer.
    Refused {
        /// The reply field of RFC 1928 §6: 0x05 is "Connection refused".
        reply: u8,
    },
    /// An HTTP proxy could not, or would not, connect to the peer.
    Status {
        /// The status code of RFC 9110 §15.
        code: u16,
    },
    /// What the proxy said cannot be read, or goes on beyond 8 KiB.
    Malformed,
}

impl ProxyError {
    /// Whether trying again would fail again for sure.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        matches!(self, Self::Credentials | Self::TooLong)
    }

    fn reply_text(reply: u8) -> &'static str {
        // RFC 1928 §6.
        match reply {
            0x01 => "general SOCKS server failure",
            0x02 => "connection not allowed by ruleset",
            0x03 => "network unreachable",
            0x04 => "host unreachable",
            0x05 => "connection refused",
            0x06 => "time to live expired",
            0x07 => "command not supported",
            0x08 => "address type not supported",
            _ => "unassigned reply",
        }
    }
}

impl fmt::Display for ProxyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socket(error) => write!(f, "the proxy's connection failed: {error}"),
            Self::Version { found } => write!(f, "not a SOCKS5 proxy: its version is {found:#04x}"),
            Self::NoMethod => f.write_str("the proxy accepts no login that we offer"),
            Self::Method { found } => {
                write!(f, "the proxy chose login method {found:#04x}, which was not offered")
            }
            Self::Credentials => f.write_str("the proxy refuses the credentials"),
            Self::TooLong => f.write_str("name or credentials do not fit the proxy's protocol"),
            Self::Refused { reply } => {
                write!(f, "the proxy answers {reply:#04x}: {}", Self::reply_text(*reply))
            }
            Self::Status { code } => write!(f, "the proxy answers with status {code}"),
            Self::Malformed => f.write_str("the proxy's answer cannot be read"),
        }
    }
}

impl std::error::Error for ProxyError {}

impl From<std::io::Error> for ProxyError {
    fn from(error: std::io::Error) -> Self {
        Self::Socket(IoError::from(&error))
    }
}
