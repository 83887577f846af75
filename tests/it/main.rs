//! Integration tests of the facade: one theme a module.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "tests stop at the first surprise"
)]

#[cfg(feature = "session")]
mod broker;
mod crc;
mod declarations;
mod explain;
mod fragments;
mod hostile;
mod hygiene;
mod language;
#[cfg(feature = "session")]
mod logs;
mod properties;
mod readme;
mod roles;
mod samples;
mod secrets;
mod shapes;
mod stream;
mod vectors;
#[cfg(feature = "session")]
mod vehicles;
