//! Messages, each decoded and encoded by hand-written code (the limit), by longlink and by
//! other codecs, and the ways to compare them: in time, in instructions, in allocations.
//!
//! | Message | Is |
//! |---|---|
//! | [`login`] | a fixed header of 32 bytes with two bit fields and a checksum over words |
//! | [`chat`] | 137 bytes: text, a repeated group, a CRC |
//! | [`flags`] | one byte of two bit fields |
//! | [`telemetry`] | 5,132 bytes: 256 records of fixed size, that cannot be wrong or can |
//!
//! All implementations do the same checks and agree on the same samples (see the tests). Figures are
//! comparable with those of any machine only as ratios of one run, or in instructions under the
//! workspace's release profile: `lto = "thin"`, `codegen-units = 1`, baseline CPU.

pub mod chat;
pub mod checksum;
pub mod flags;
pub mod link;
pub mod login;
pub mod mqtt;
pub mod rows;
pub mod stream;
pub mod targets;
pub mod telemetry;

/// Why the hand-written code and the peers refuse a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The bytes ended too early.
    Short,
    /// Another magic or command.
    Magic,
    /// A length that does not fit.
    Length,
    /// A wrong checksum.
    Checksum,
    /// No UTF-8.
    Text,
    /// A value that its field does not allow.
    Value,
    /// A peer's own error.
    Peer,
}
