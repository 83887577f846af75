//! Long-lived framed sessions over TCP: they log in, stay alive, reconnect and tell the truth.
//!
//! | Module | Is |
//! |---|---|
//! | [`session`] | [`Session`](session::Session): makes sessions, dialing and accepted |
//! | [`link`] | [`Link`](link::Link): sends, requests, drains, suspends, watches |
//! | [`inbox`] | [`Inbox`](inbox::Inbox): what came in, in order |
//! | [`protocol`] | the trait [`Protocol`](protocol::Protocol): what a protocol adds to its frames |
//! | [`plain`] | [`Plain`](plain::Plain): a protocol that is nothing but its frames |
//! | [`script`] | what a handshake has in its hands |
//! | [`event`] | states, outcomes, causes: what a session tells |
//! | [`receipt`] | the one outcome of each send |
//! | [`settings`] | every number, with its default |
//! | [`moment`] | the machine's only clock |
//! | [`connect`] | from an endpoint to a connected transport |
//! | [`limiter`] | how fast a whole process dials |
//! | [`codec`] | the frame type alone, for tokio-util's `Framed` |
//! | [`transport`] | what carries the bytes |
//! | [`testkit`] | network, chaos and scripted peers in memory |
//!
//! What nearly every user names stands at the root as well: `use longlink::session::{Session, Link}`.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(dead_code, reason = "helpers of the tests that are being written"))]

pub mod backoff;
pub mod codec;
pub mod connect;
mod desk;
mod driver;
pub mod event;
#[cfg(test)]
mod fixture;
pub mod fleet;
pub mod frame_log;
pub mod inbox;
pub mod limiter;
pub mod link;
pub mod listener;
mod lock;
mod machine;
pub mod moment;
pub mod outbox;
pub mod permit;
pub mod plain;
pub mod protocol;
pub mod random;
pub mod receipt;
pub mod reply;
pub mod script;
pub mod sending;
pub mod session;
pub mod settings;
pub mod tap;
pub mod testkit;
pub mod transport;

pub use backoff::Backoff;
pub use event::{Event, Outcome, State};
pub use fleet::Fleet;
pub use inbox::Inbox;
pub use link::Link;
pub use listener::Listener;
pub use plain::Plain;
pub use protocol::{Established, Flow, Handler, Inbound, Meaning, Protocol, Refusal};
pub use receipt::Receipt;
pub use reply::Reply;
pub use script::Script;
pub use session::Session;
pub use settings::{Heartbeat, Settings};
