//! Long-lived framed sessions over TCP: they log in, stay alive, reconnect and tell the truth.
//!
//! | Module | Is |
//! |---|---|
//! | [`protocol`] | the trait [`Protocol`](protocol::Protocol): what a protocol adds to its frames |
//! | [`script`] | what a handshake has in its hands |
//! | [`settings`] | every number, with its default |
//! | [`event`] | states, outcomes, causes: what a session tells |
//! | [`moment`] | the machine's only clock |
//! | [`connect`] | from an endpoint to a connected transport |
//! | [`codec`] | the frame type alone, for tokio-util's `Framed` |
//! | [`transport`] | what carries the bytes |
#![forbid(unsafe_code)]
#![allow(dead_code, reason = "the driver is not in yet")]

pub mod backoff;
pub mod codec;
pub mod connect;
pub mod event;
pub mod frame_log;
pub mod limiter;
pub mod link;
pub mod listener;
mod lock;
pub mod moment;
pub mod permit;
pub mod protocol;
pub mod random;
pub mod reply;
pub mod script;
pub mod settings;
pub mod tap;
pub mod testkit;
pub mod transport;
