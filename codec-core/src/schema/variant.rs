//! The variants of an enum.

use super::{ByteOrder, Fields, Gate, Literal};
use crate::tag::part;

/// One layout of an enum, or one name of an integer's value.
#[derive(Debug, Clone, Copy)]
pub struct Variant {
    /// In the declaration.
    pub name: &'static str,
    /// Its doc comment; empty: none.
    pub doc: &'static str,
    /// The tags that choose it, the one that is written first; empty: see `other`.
    pub tags: &'static [Tagging],
    /// It takes every tag that no other variant has.
    pub other: bool,
    /// It exists only under this context.
    pub gate: Gate,
    /// What a session needs to know of it.
    pub role: Option<VariantRole>,
    /// The byte order inside, where it is not the enum's.
    pub endian: ByteOrder,
    /// The constant that it begins with.
    pub magic: Option<Literal>,
    /// Its fields.
    pub fields: Fields,
}

/// Tags of a variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tagging {
    /// This one; negative ones are sign-extended.
    Value(u64),
    /// These, both ends included.
    Range(u64, u64),
    /// All whose bits under `mask` are `value`.
    Masked {
        /// The bits that count.
        mask: u64,
        /// What they must be.
        value: u64,
    },
    /// Tuples whose parts are in these ranges, both ends included; see [`tag`](crate::tag).
    Tuple(&'static [(u64, u64)]),
}

impl Tagging {
    /// The tag chooses this variant.
    #[must_use]
    pub fn matches(self, tag: u64) -> bool {
        match self {
            Self::Value(value) => tag == value,
            Self::Range(first, last) => first <= tag && tag <= last,
            Self::Masked { mask, value } => tag & mask == value,
            Self::Tuple(parts) => {
                let count = u32::try_from(parts.len()).unwrap_or(u32::MAX);
                (0..).zip(parts).all(|(index, (first, last))| {
                    (first..=last).contains(&&part(tag, count, index))
                })
            }
        }
    }
}

/// Where the tag of an enum comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagSource {
    /// A field of the parent.
    Outer,
    /// The first bytes, which belong to the variant's layout.
    Peek {
        /// Width of what is looked at.
        bytes: u8,
    },
    /// An expression over the context, as declared.
    Of(&'static str),
    /// The enum's first bytes, before the variant's layout.
    Own {
        /// Width of the tag.
        bytes: u8,
        /// Two's complement.
        signed: bool,
    },
}

/// What a session needs to know of a variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VariantRole {
    /// A sign of life, and nothing else.
    Heartbeat,
    /// The answer to a sign of life.
    HeartbeatReply,
    /// The peer acknowledges it.
    Acknowledged,
}

impl Variant {
    /// A variant chosen by these tags.
    #[must_use]
    pub const fn new(name: &'static str, tags: &'static [Tagging], fields: Fields) -> Self {
        Self {
            name,
            doc: "",
            tags,
            other: false,
            gate: Gate::NONE,
            role: None,
            endian: ByteOrder::Inherited,
            magic: None,
            fields,
        }
    }

    /// The variant for unknown tags.
    #[must_use]
    pub const fn other(name: &'static str, fields: Fields) -> Self {
        let mut variant = Self::new(name, &[], fields);
        variant.other = true;
        variant
    }

    /// With this doc comment.
    #[must_use]
    pub const fn doc(mut self, doc: &'static str) -> Self {
        self.doc = doc;
        self
    }

    /// Only under this context.
    #[must_use]
    pub const fn gate(mut self, gate: Gate) -> Self {
        self.gate = gate;
        self
    }

    /// With this role.
    #[must_use]
    pub const fn role(mut self, role: VariantRole) -> Self {
        self.role = Some(role);
        self
    }

    /// With this byte order inside.
    #[must_use]
    pub const fn endian(mut self, endian: ByteOrder) -> Self {
        self.endian = endian;
        self
    }

    /// Begins with this constant.
    #[must_use]
    pub const fn magic(mut self, magic: Literal) -> Self {
        self.magic = Some(magic);
        self
    }

    /// The tag chooses this variant (never `other`).
    #[must_use]
    pub fn matches(&self, tag: u64) -> bool {
        self.tags.iter().any(|tagging| tagging.matches(tag))
    }
}
