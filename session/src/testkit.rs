//! For tests of protocols and of programs that use sessions: networks in memory, chaos by seed,
//! peers that follow a script.
//!
//! | Part | Is |
//! |---|---|
//! | [`Network`] | a [`Connector`](crate::connect::Connector) whose servers live in the test |
//! | [`Chaos`] | a transport around another one that does what real networks do, by a [`ChaosPlan`] |
//! | [`ScriptedPeer`] | the other end of a connection, spoken byte by byte or frame by frame |
//! | [`ChaosProxy`] | the same chaos between real sockets |
//! | [`Gate`] | a SOCKS5 and HTTP CONNECT proxy |
//! | [`Trial`] | one session in virtual time, without a runtime |
//!
//! Everything that waits, waits in tokio's time; with `#[tokio::test(start_paused = true)]` an hour
//! of silence takes no time at all. Everything random comes from a seed: print it when a test
//! fails, and the same run comes back.

pub mod chaos;
pub mod gate;
pub mod network;
pub mod peer;
pub mod proxy;
pub mod trial;

pub use chaos::{Chaos, ChaosPlan, Coalesce, Ending, Stall};
pub use gate::Gate;
pub use network::{Network, NetworkListener};
pub use peer::{PeerError, ScriptedPeer};
pub use proxy::ChaosProxy;
pub use trial::{ForeignAwait, Trial};

pub use crate::transport::Memory;

#[cfg(test)]
mod runs;
