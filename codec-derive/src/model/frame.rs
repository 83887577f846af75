//! The border of a frame.

use syn::Expr;

pub(crate) struct FrameOptions {
    pub(crate) delimiters: Option<Delimiters>,
    /// Byte that must not stand inside, and what stands for it.
    pub(crate) escape: Vec<(u8, Vec<u8>)>,
    pub(crate) max_frame_length: Option<Expr>,
    /// `at_most = N`: `max_frame_length` is negotiated, and never more than this.
    pub(crate) at_most: Option<Expr>,
    pub(crate) min_frame_length: Option<Expr>,
    /// Bytes that are skipped before a frame.
    pub(crate) noise: Vec<u8>,
    /// Default: `Delimiter` with delimiters, else `Close`.
    pub(crate) resync: Resync,
    pub(crate) border: BorderKind,
}

pub(crate) struct Delimiters {
    /// Empty: only terminated.
    pub(crate) start: Vec<u8>,
    pub(crate) end: Vec<u8>,
    /// `delimiter = 0x7E`: one delimiter closes a frame and may open the next.
    pub(crate) shared: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resync {
    Magic,
    Delimiter,
    Close,
}

/// How the next frame's end is found.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum BorderKind {
    /// `FIXED_LEN` of the type; decided by a constant where nested types matter.
    Fixed,
    /// By the relation of this index in `Fields::relations`, whose holder stands at a bounded
    /// place.
    Length {
        relation: usize,
    },
    Delimiter,
    Terminated,
    /// From the layout itself, step by step.
    Walk,
    /// Enum with a peeked tag: each variant its own border.
    Variants,
}
