//! Long-lived framed sessions over TCP: they log in, stay alive, reconnect and tell the truth.
//!
//! | Module | Is |
//! |---|---|
//! | [`session`] | [`Session`]: makes sessions, dialing and accepted |
//! | [`link`] | [`Link`]: sends, requests, drains, suspends, watches |
//! | [`inbox`] | [`Inbox`]: what came in, in order |
//! | [`protocol`] | the trait [`Protocol`]: what a protocol adds to its frames |
//! | [`plain`] | [`Plain`]: a protocol that is nothing but its frames |
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
//! | [`journal`] | the hook for an outbox that survives a crash |
//! | [`fleet`] | many sessions with one inbox |
//! | [`listener`] | the server's side, within limits |
//! | [`tap`], [`frame_log`] | the bytes and the frames of a connection, for recording and logging |
//! | `metrics` | counters for dashboards (feature `metrics`) |
//!
//! What nearly every user names stands at the root as well: `use longlink::session::{Session, Link}`.
//!
//! # What a session logs
//!
//! Events of `tracing`, all with `session`: the name from the builder (an accepted connection is
//! named `address#number`). While a connection lives they stand in a span `epoch` with the fields
//! `session`, `epoch` and `peer`; there is one span for each epoch, none for the life of a session.
//!
//! | Level | Message | Fields |
//! |---|---|---|
//! | `INFO` | `up` | `epoch`, `resumed`, `identity`: if the login says one |
//! | `INFO` | `down: …` | `epoch`, `cause`: a word of [`Cause::name`](event::Cause::name) |
//! | `INFO` | `drained` | `acknowledged`, `written`, `not_sent`, `uncertain`, `dropped` |
//! | `INFO` | `closed: …` | |
//! | `ERROR` | `failed for good: …`; `INFO` where an accepted connection was refused, or the runtime ended before the session | |
//! | `WARN` | `bad frame of …`, `garbage of …`: the report | `epoch` |
//! | `WARN` | `fragments lost` | `epoch`, `count` |
//! | `WARN` | `no heartbeat is sent: …`, once, where the protocol has none (`DEBUG` on an accepted connection) | `epoch` |
//! | `WARN` | `user code blocked the session's task` | `took` |
//! | `DEBUG` | each new state, in words | `epoch`, `state`: a word of [`State::name`](event::State::name) |
//! | `DEBUG` | `connecting` | `endpoint` |
//! | `DEBUG` | `gap` | `from`, `to` |
//! | `DEBUG` | `the last frames: …`, after a connection was lost | `epoch` |
//! | `DEBUG` | `turned away`, by a listener | `peer`, `because` |
//! | `TRACE` | each frame, if asked for: see [`frame_log`] | |
//!
//! So `RUST_LOG=longlink_session=debug` tells the life of every session, and `grep session=anna`
//! that of one.
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
pub mod journal;
pub mod limiter;
pub mod link;
pub mod listener;
mod lock;
mod machine;
#[cfg(feature = "metrics")]
pub mod metrics;
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
mod sparse;
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
