//! Relations between fields: declared once, on one of them.

use crate::scope::Endian;

/// One field says something about others.
#[derive(Debug, Clone, Copy)]
pub struct Relation {
    /// Where the derived value stands.
    pub holder: Place,
    /// What it says.
    pub kind: RelationKind,
}

impl Relation {
    /// `holder` says `kind`.
    #[must_use]
    pub const fn new(holder: u16, kind: RelationKind) -> Self {
        Self { holder: Place { field: holder, path: &[] }, kind }
    }

    /// It stands deeper, in a nested struct: the names behind the field's.
    #[must_use]
    pub const fn at(mut self, path: &'static [&'static str]) -> Self {
        self.holder.path = path;
        self
    }
}

/// A field of this type, or one inside of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Index of the field.
    pub field: u16,
    /// The names behind it; empty: the field itself.
    pub path: &'static [&'static str],
}

/// What a derived value says.
#[derive(Debug, Clone, Copy)]
pub enum RelationKind {
    /// Value × unit = bytes in the span + bias.
    Length {
        /// What is measured.
        over: Span,
        /// Added to the bytes.
        bias: i64,
        /// Bytes that one unit stands for.
        unit: u64,
    },
    /// Elements of the list with this index.
    Count(u16),
    /// Bytes of the field with this index before it was processed.
    PlainLength(u16),
    /// The tag of the enum with this index.
    Tag(u16),
    /// The `Option` with this index is `Some`.
    Present(u16),
    /// A check over a span.
    Checksum {
        /// Its name, as declared.
        algorithm: &'static str,
        /// What is checked; inside, the checksum itself counts as zeros.
        over: Span,
        /// What a wrong one leads to.
        verify: Verify,
        /// Computes it over the bytes of the span in a byte order, for explain; `None` where it
        /// takes more than that.
        compute: Option<fn(&[u8], Endian) -> u64>,
    },
}

/// Bytes between two edges of a type's layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Where it begins.
    pub start: Edge,
    /// Where it ends.
    pub end: Edge,
}

impl Span {
    /// The whole type.
    pub const ALL: Self = Self { start: Edge::Type, end: Edge::Type };

    /// One field.
    #[must_use]
    pub const fn field(index: u16) -> Self {
        Self { start: Edge::Before(index), end: Edge::After(index) }
    }

    /// All before this field, magic included.
    #[must_use]
    pub const fn until(index: u16) -> Self {
        Self { start: Edge::Type, end: Edge::Before(index) }
    }

    /// Between two edges.
    #[must_use]
    pub const fn new(start: Edge, end: Edge) -> Self {
        Self { start, end }
    }
}

/// An edge of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// The beginning (as start) or the end (as end) of the whole type, magic included.
    Type,
    /// Right before this field.
    Before(u16),
    /// Right behind this field.
    After(u16),
}

/// What a wrong checksum leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verify {
    /// The frame is malformed.
    Strict,
    /// The value read is kept.
    Warn,
    /// It is not looked at.
    Off,
}
