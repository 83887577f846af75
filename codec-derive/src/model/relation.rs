//! Relations between fields, and spans of fields.

use proc_macro2::Ident;
use syn::Path;

use crate::diagnostics::Reach;

/// A place that holds a derived value: a field of this struct, or one inside a nested struct.
pub(crate) struct Place {
    pub(crate) field: usize,
    /// Names behind the first dot; empty: the field itself.
    pub(crate) path: Vec<Ident>,
    pub(crate) span: Reach,
}

/// A relation between two fields, declared once on one of them.
pub(crate) struct Relation {
    pub(crate) holder: Place,
    pub(crate) kind: RelationKind,
    /// The names that it relates to: a field, or a span of fields.
    pub(crate) span: Reach,
}

pub(crate) enum RelationKind {
    /// Wire value × unit = bytes in the span + bias.
    Length {
        over: FieldSpan,
        bias: i64,
        unit: u64,
    },
    /// Elements of a list.
    Count {
        list: usize,
    },
    /// Bytes of a field before it was processed.
    PlainLength {
        target: usize,
    },
    /// The tag of an enum, or one of the parts of it.
    Tag {
        target: usize,
        part: usize,
        parts: usize,
    },
    /// `Some`.
    Present {
        target: usize,
    },
    Checksum {
        algorithm: Algorithm,
        over: FieldSpan,
        verify: Verify,
    },
}

/// A span of fields in layout order. Magic belongs to `start: Edge::Type`.
#[derive(Clone, Copy)]
pub(crate) struct FieldSpan {
    pub(crate) start: Edge,
    /// Behind the span.
    pub(crate) end: Edge,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edge {
    /// The beginning (as `start`) or the end (as `end`) of the whole type.
    Type,
    /// Right before this field (its padding before it excluded).
    Before(usize),
    /// Right behind this field.
    After(usize),
}

pub(crate) enum Algorithm {
    /// A function of codec-core's `checksum` module: xor8, xor16, sum8, sum16, internet, adler32.
    Simple(&'static str),
    /// A CRC of the catalogue: constant name in upper case, width of its integer in bits.
    Crc { constant: &'static str, bits: u32 },
    /// A user's `fn(&[u8]) -> uN`.
    Path(Path),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verify {
    Strict,
    Warn,
    Off,
}
