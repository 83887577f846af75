//! How a frame stands on the stream.

use super::Schema;
use crate::frame::Resync;

/// The border of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Border {
    /// How its end is found.
    pub kind: BorderKind,
    /// Stands before the layout; empty: nothing.
    pub start: &'static [u8],
    /// Stands behind the layout; empty: nothing.
    pub end: &'static [u8],
    /// One delimiter closes a frame and may open the next, so `start` may be missing.
    pub shared: bool,
    /// Bytes that must not stand between the delimiters, and what stands for each. The first byte
    /// of what stands for it is the escape byte.
    pub escape: &'static [(u8, &'static [u8])],
    /// Bytes on the wire, all included.
    pub min_len: usize,
    /// Bytes on the wire, all included.
    pub max_len: usize,
    /// These bytes are skipped before a frame; empty: none.
    pub noise: &'static [u8],
    /// The longest frame under a context, as declared, never more than `max_len`; empty: `max_len`.
    pub negotiated: &'static str,
    /// What is done with garbage.
    pub resync: Resync,
}

/// How a frame's end is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BorderKind {
    /// All frames have one length.
    Fixed,
    /// By the relation of this index in the type's [`super::Fields::relations`].
    Length(u16),
    /// Between delimiters.
    Delimiter,
    /// By what stands at the end.
    Terminated,
    /// From the layout itself, step by step.
    Walk,
    /// Each variant of the enum has its own.
    Variants,
}

impl Border {
    /// A border without delimiters and escapes.
    #[must_use]
    pub const fn new(kind: BorderKind, min_len: usize, max_len: usize, resync: Resync) -> Self {
        Self {
            kind,
            start: &[],
            end: &[],
            shared: false,
            escape: &[],
            min_len,
            max_len,
            noise: &[],
            negotiated: "",
            resync,
        }
    }

    /// Behind any number of these bytes.
    #[must_use]
    pub const fn noise(mut self, noise: &'static [u8]) -> Self {
        self.noise = noise;
        self
    }

    /// At most this under a context.
    #[must_use]
    pub const fn negotiated(mut self, limit: &'static str) -> Self {
        self.negotiated = limit;
        self
    }

    /// Between these.
    #[must_use]
    pub const fn delimiters(
        mut self,
        start: &'static [u8],
        end: &'static [u8],
        shared: bool,
    ) -> Self {
        self.start = start;
        self.end = end;
        self.shared = shared;
        self
    }

    /// With these escapes.
    #[must_use]
    pub const fn escape(mut self, escape: &'static [(u8, &'static [u8])]) -> Self {
        self.escape = escape;
        self
    }
}

impl Schema {
    /// The escapes of a frame; empty where it has none.
    #[must_use]
    pub const fn escapes(&self) -> &'static [(u8, &'static [u8])] {
        match self.border {
            Some(border) => border.escape,
            None => &[],
        }
    }
}
