//! Where the peers are.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// One place where the peer can be found: `host:port`, `[v6 address]:port` or `unix:path`.
///
/// Converting from text never fails, so that a list of endpoints can be written down directly; a
/// text that names no endpoint ends the session with [`ConnectError::Endpoint`] at its first
/// attempt. [`Endpoint::parse`] tells at once.
///
/// [`ConnectError::Endpoint`]: super::ConnectError::Endpoint
///
/// ```
/// # mod longlink { pub use longlink_session as session; }
/// use longlink::session::connect::Endpoint;
///
/// let endpoint = Endpoint::from("im-1.example.com:6656");
/// assert_eq!(endpoint.host(), Some("im-1.example.com"));
/// assert_eq!(endpoint.port(), Some(6656));
/// assert_eq!(Endpoint::parse("no port"), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    place: Place,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Place {
    Tcp { host: Box<str>, port: u16 },
    Unix(Box<Path>),
    Unreadable(Box<str>),
}

impl Endpoint {
    /// A host (a name or an address, without brackets) and a port.
    #[must_use]
    pub fn tcp(host: &str, port: u16) -> Self {
        Self { place: Place::Tcp { host: host.into(), port } }
    }

    /// A Unix socket.
    #[must_use]
    pub fn unix(path: impl Into<PathBuf>) -> Self {
        Self { place: Place::Unix(path.into().into_boxed_path()) }
    }

    /// Reads `host:port`, `[v6 address]:port` or `unix:path`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(path) = text.strip_prefix("unix:") {
            return (!path.is_empty()).then(|| Self::unix(path));
        }
        let (host, port) = text.rsplit_once(':')?;
        let port = port.bytes().all(|byte| byte.is_ascii_digit()).then_some(port)?.parse().ok()?;
        if let Some(inner) = host.strip_prefix('[') {
            let inner = inner.strip_suffix(']')?;
            let address = inner.split_once('%').map_or(inner, |(address, _zone)| address);
            address.parse::<Ipv6Addr>().ok()?;
            return Some(Self::tcp(inner, port));
        }
        let is_name = !host.is_empty()
            && host.len() <= 255
            && host.bytes().all(|byte| byte.is_ascii_graphic() && !b"[]:/@".contains(&byte));
        is_name.then(|| Self::tcp(host, port))
    }

    /// The host to connect to, if it is reached by TCP.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        match &self.place {
            Place::Tcp { host, .. } => Some(host),
            _ => None,
        }
    }

    /// The port to connect to, if it is reached by TCP.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        match self.place {
            Place::Tcp { port, .. } => Some(port),
            _ => None,
        }
    }

    /// The path of the socket, if it is a Unix socket.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &self.place {
            Place::Unix(path) => Some(path),
            _ => None,
        }
    }

    /// The text that names no endpoint, if this is one.
    #[must_use]
    pub fn unreadable(&self) -> Option<&str> {
        match &self.place {
            Place::Unreadable(text) => Some(text),
            _ => None,
        }
    }
}

impl From<&str> for Endpoint {
    fn from(text: &str) -> Self {
        Self::parse(text).unwrap_or_else(|| Self { place: Place::Unreadable(text.into()) })
    }
}

impl From<String> for Endpoint {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<SocketAddr> for Endpoint {
    fn from(address: SocketAddr) -> Self {
        let host = match address {
            SocketAddr::V4(address) => address.ip().to_string(),
            SocketAddr::V6(address) if address.scope_id() == 0 => address.ip().to_string(),
            SocketAddr::V6(address) => format!("{}%{}", address.ip(), address.scope_id()),
        };
        Self::tcp(&host, address.port())
    }
}

impl From<(IpAddr, u16)> for Endpoint {
    fn from((address, port): (IpAddr, u16)) -> Self {
        Self::from(SocketAddr::new(address, port))
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Tcp { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Place::Tcp { host, port } => write!(f, "{host}:{port}"),
            Place::Unix(path) => write!(f, "unix:{}", path.display()),
            Place::Unreadable(text) => f.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_an_endpoint_is_read_and_shown_alike() {
        for text in ["a.example:1", "192.0.2.7:65535", "[2001:db8::1]:80", "unix:/run/im", "x:0"] {
            let endpoint = Endpoint::parse(text).unwrap();
            assert_eq!(endpoint.to_string(), text);
            assert_eq!(endpoint.unreadable(), None);
        }
        let address: SocketAddr = "[fe80::1%3]:80".parse().unwrap();
        assert_eq!(Endpoint::from(address), Endpoint::parse("[fe80::1%3]:80").unwrap());
    }

    #[test]
    fn what_names_none_is_kept_for_the_error() {
        let refused = [
            "",
            "a",
            ":1",
            "a:",
            "a:65536",
            "a:+1",
            "a:-1",
            "a b:1",
            "::1:80",
            "[::1:80",
            "[a]:80",
            "unix:",
            "http://a:80",
            "user@a:80",
        ];
        for text in refused {
            assert_eq!(Endpoint::parse(text), None, "{text}");
            assert_eq!(Endpoint::from(text).unreadable(), Some(text));
        }
    }
}
