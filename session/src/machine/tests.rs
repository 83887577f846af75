//! The machine in virtual time, without a runtime.

mod properties;
mod world;
