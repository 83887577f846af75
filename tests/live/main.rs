//! Sessions against servers that nobody here wrote, started on a port that is free, and killed.
//!
//! Where such a server is not installed its tests say `skipped: why`; with `LONGLINK_REQUIRE_PEERS`
//! in the environment they fail.
#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests stop at the first surprise, and use a part of each example"
)]

mod broker;
mod dns;
mod iec104;
mod modbus;
mod mqtt;
mod mute;
mod peers;
mod redis;
mod stay;
