//! The machine in virtual time, without a runtime.

mod museum;
mod properties;
mod wishes;
mod world;
