//! Long-lived framed sessions.
#![forbid(unsafe_code)]

pub mod backoff;
pub mod connect;
pub mod random;
pub mod transport;
