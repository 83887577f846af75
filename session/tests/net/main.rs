//! Connections over real sockets of the loopback interface, always on ports that the system picks.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests may fail")]

mod dial;
#[cfg(feature = "tls")]
mod tls;
