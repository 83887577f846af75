//! Why a connection did not come to be.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use super::proxy::ProxyError;
#[cfg(feature = "tls")]
use super::tls::TlsError;

/// Why an attempt to connect failed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ConnectError {
    /// The endpoint's text names no endpoint; trying again cannot help.
    Endpoint {
        /// The text as it was given.
        text: Box<str>,
    },
    /// The name could not be resolved.
    Resolve {
        /// The name that was asked for.
        host: Box<str>,
        /// What the resolver answered.
        error: IoError,
    },
    /// The name exists and has no address, or none of a family that the source addresses have.
    NoAddress {
        /// The name that was asked for.
        host: Box<str>,
    },
    /// No address could be connected to.
    Unreachable {
        /// Each address tried, in the order of its failure.
        attempts: Vec<(SocketAddr, IoError)>,
    },
    /// The socket failed outside of a race of addresses: a Unix socket, its options, its peer
    /// while a proxy or TLS was talking.
    Socket(IoError),
    /// The proxy did not connect us.
    Proxy(ProxyError),
    /// TLS did not come to be.
    #[cfg(feature = "tls")]
    Tls(TlsError),
    /// The time for the whole attempt was over.
    Deadline {
        /// The time allowed.
        after: Duration,
    },
}

impl ConnectError {
    /// Whether the same attempt would fail again for sure, so that a session should give up.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        match self {
            Self::Endpoint { .. } => true,
            Self::Proxy(error) => error.is_fatal(),
            _ => false,
        }
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Endpoint { text } if text.is_empty() => {
                f.write_str("no endpoint was given; call `.endpoint(\"host:port\")`")
            }
            Self::Endpoint { text } => {
                write!(f, "`{text}` is no endpoint; write `host:port` or `unix:path`")
            }
            Self::Resolve { host, error } => write!(f, "cannot resolve `{host}`: {error}"),
            Self::NoAddress { host } => write!(f, "`{host}` has no usable address"),
            Self::Unreachable { attempts } => {
                f.write_str("no address answered")?;
                for (address, error) in attempts {
                    write!(f, "; {address}: {error}")?;
                }
                Ok(())
            }
            Self::Socket(error) => error.fmt(f),
            Self::Proxy(error) => error.fmt(f),
            #[cfg(feature = "tls")]
            Self::Tls(error) => error.fmt(f),
            Self::Deadline { after } => write!(f, "not connected within {after:?}"),
        }
    }
}

impl std::error::Error for ConnectError {}

impl From<ProxyError> for ConnectError {
    fn from(error: ProxyError) -> Self {
        Self::Proxy(error)
    }
}

#[cfg(feature = "tls")]
impl From<TlsError> for ConnectError {
    fn from(error: TlsError) -> Self {
        Self::Tls(error)
    }
}

impl From<io::Error> for ConnectError {
    fn from(error: io::Error) -> Self {
        Self::Socket(IoError::from(&error))
    }
}

/// An [`io::Error`] that can be kept, copied and compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IoError {
    /// What kind of error it is.
    pub kind: io::ErrorKind,
    /// The system's number for it, if it came from the system.
    pub code: Option<i32>,
}

impl From<&io::Error> for IoError {
    fn from(error: &io::Error) -> Self {
        Self { kind: error.kind(), code: error.raw_os_error() }
    }
}

impl From<io::ErrorKind> for IoError {
    fn from(kind: io::ErrorKind) -> Self {
        Self { kind, code: None }
    }
}

impl fmt::Display for IoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => io::Error::from_raw_os_error(code).fmt(f),
            None => self.kind.fmt(f),
        }
    }
}

impl std::error::Error for IoError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_without_an_endpoint_says_what_to_call() {
        let error = ConnectError::Endpoint { text: "".into() };
        assert_eq!(error.to_string(), "no endpoint was given; call `.endpoint(\"host:port\")`");
    }

    #[test]
    fn a_failed_race_says_what_each_address_answered() {
        let refused = IoError::from(io::ErrorKind::ConnectionRefused);
        let error = ConnectError::Unreachable {
            attempts: vec![
                ("[2001:db8::1]:6656".parse().unwrap(), IoError::from(io::ErrorKind::TimedOut)),
                ("192.0.2.1:6656".parse().unwrap(), refused),
            ],
        };
        assert_eq!(
            error.to_string(),
            "no address answered; [2001:db8::1]:6656: timed out; \
             192.0.2.1:6656: connection refused"
        );
    }

    #[test]
    fn only_what_cannot_heal_is_fatal() {
        assert!(ConnectError::Endpoint { text: "nowhere".into() }.is_fatal());
        assert!(ConnectError::Proxy(ProxyError::Credentials).is_fatal());
        assert!(!ConnectError::Proxy(ProxyError::Status { code: 502 }).is_fatal());
        assert!(!ConnectError::NoAddress { host: "a.example".into() }.is_fatal());
        assert!(!ConnectError::Deadline { after: Duration::from_secs(10) }.is_fatal());
    }
}
