//! Integration tests of the facade: one theme a module.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop at the first surprise"
)]

mod crc;
mod declarations;
mod explain;
mod hygiene;
mod language;
mod roles;
#[expect(dead_code, reason = "helpers of tests that join when streams are framed")]
mod samples;
mod stream;
