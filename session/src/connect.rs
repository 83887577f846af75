//! From the name of a peer to a connected transport.

pub mod endpoints;
pub mod error;

use std::future::Future;
use std::pin::Pin;

pub use endpoints::Endpoint;
pub use error::{ConnectError, IoError};

use crate::transport::Transport;

/// Makes connections for sessions; shared by all sessions of a fleet.
///
/// Implement it to reach peers in a way that is not built in, or use the test kit's, which
/// connects within the process.
pub trait Connector: Send + Sync + 'static {
    /// One attempt to reach `endpoint`, resolving its name anew.
    ///
    /// The session drops the future when its time (10 s by default, for name, race, proxy and TLS
    /// together) is over; dropping it must give up the attempt and leave nothing behind.
    fn connect(&self, endpoint: &Endpoint) -> Connecting;
}

/// An attempt under way. It exists only while connecting, so an idle session pays nothing for it.
pub type Connecting =
    Pin<Box<dyn Future<Output = Result<Box<dyn Transport>, ConnectError>> + Send>>;
