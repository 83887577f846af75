//! A user of longlink: without std, without a prelude, under another name, all lints denied.
//!
//! Nothing here is run; that it compiles without a warning is the proof.
#![no_std]
#![no_implicit_prelude]
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, unreachable_pub, unused_qualifications)]
#![deny(clippy::all, clippy::pedantic, clippy::indexing_slicing, clippy::unwrap_used)]
#![deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::panic)]

extern crate alloc;
extern crate core;
extern crate wires;

/// Names of the prelude that mean something else here.
pub mod shadows;
/// Shapes of declarations, one after the other.
pub mod shapes;
