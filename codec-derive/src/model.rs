//! One declaration, understood: what `attribute` and `build` make of the user's tokens, what
//! `check` judges and what `expand` turns into code.
//!
//! Everything here is resolved: fields are referred to by their index, spans are index ranges,
//! literals are bytes, and the kind of every field is decided. Only expressions stay tokens. The
//! spans of the user's tokens ride along where a message or a generated `const` assertion needs
//! them.

mod field;
mod frame;
mod kind;
mod marks;
mod relation;

use proc_macro2::Ident;
use syn::{Expr, Generics, Lifetime, Path, Type, Visibility};

use crate::diagnostics::Reach;

pub(crate) use field::{
    Absence, Absent, Argument, BitRun, Bound, Counter, Each, Field, FieldRole, Fields, Padding,
    Presence, Process, ProcessKind, Role, Split, Style, Valid,
};
pub(crate) use frame::{BorderKind, Delimiters, FrameOptions, Resync};
pub(crate) use kind::{
    BitValue, BytesKind, Encoding, Integer, Kind, Literal, Overlong, StepForm, Text, Timestamp,
    Varint, VarintKind,
};
pub(crate) use marks::Marks;
pub(crate) use relation::{Algorithm, Edge, FieldSpan, Place, Relation, RelationKind, Verify};

/// A declared type.
pub(crate) struct Declaration {
    pub(crate) derive: Derive,
    pub(crate) name: Ident,
    pub(crate) visibility: Visibility,
    pub(crate) generics: Generics,
    /// The lifetime of the input, where the type borrows.
    pub(crate) lifetime: Option<Lifetime>,
    /// Doc comments joined by newlines, trimmed.
    pub(crate) doc: String,
    /// `crate = path`; default `::longlink`.
    pub(crate) facade: Path,
    /// `None`: inherited.
    pub(crate) endian: Option<Endian>,
    /// `ctx(key: Key)`, sorted by name.
    pub(crate) context: Vec<Parameter>,
    pub(crate) magic: Option<Literal>,
    pub(crate) asserts: Vec<Assert>,
    pub(crate) frame: Option<FrameOptions>,
    pub(crate) view_of: Option<Path>,
    /// `unit`, `display` do not apply to types; `secret` does.
    pub(crate) secret: bool,
    /// `Message.names`: this type was written as `each(..)` there.
    pub(crate) each_of: Option<String>,
    /// Only checks read them.
    pub(crate) marks: Marks,
    pub(crate) body: Body,
}

impl Declaration {
    /// The fields of the struct, the bitfield, or of each variant.
    pub(crate) fn layouts(&self) -> Vec<&Fields> {
        match &self.body {
            Body::Struct(fields) => vec![fields],
            Body::Bitfield(bits) => vec![&bits.fields],
            Body::Enum(data) => data.variants.iter().map(|variant| &variant.fields).collect(),
            Body::Number(_) => Vec::new(),
        }
    }

    /// The types that were written as `each(..)` inside of this one.
    pub(crate) fn elements(&self) -> impl Iterator<Item = &Each> {
        let layouts = self.layouts().into_iter();
        layouts.flat_map(|fields| &fields.list).filter_map(|field| field.each.as_deref())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Derive {
    Wire,
    Frame,
}

pub(crate) enum Body {
    Struct(Fields),
    /// A struct that is one integer: `bitfield = n`, or `flags` on a struct of bools.
    Bitfield(Bitfield),
    /// An enum whose variants have layouts.
    Enum(Enum),
    /// A fieldless `#[repr(uN)]` enum with discriminants (its `other` variant holds the value).
    Number(Number),
}

pub(crate) struct Bitfield {
    /// 1 to 64; 8, 16, 32 and 64 make it a `Wire` as well as `Bits`.
    pub(crate) bits: u32,
    pub(crate) flags: bool,
    /// Every field is `Kind::Bits` (or a literal of bits), in declaration order.
    pub(crate) fields: Fields,
}

pub(crate) struct Number {
    /// Width of the `repr` in bits: 8, 16, 32, 64.
    pub(crate) bits: u32,
    pub(crate) signed: bool,
    /// Each variant has one `Alternative::Value` per known value, or is `Tagging::Other`.
    pub(crate) variants: Vec<Variant>,
}

pub(crate) struct Enum {
    pub(crate) source: TagSource,
    /// The tag is a tuple of so many; 1: a number.
    pub(crate) parts: usize,
    pub(crate) variants: Vec<Variant>,
}

pub(crate) enum TagSource {
    /// The tag stands in a field of the parent: the enum is `Tagged`, its context is `Tag<C>`.
    Outer,
    /// `tag = peek(u8)`: looked at, not consumed.
    Peek(Integer),
    /// `tag = of(expr)`: chosen by context.
    Of(Expr),
    /// `#[repr(uN)]` on an enum with layouts: the tag is read and written by the enum itself.
    Own(Integer),
}

pub(crate) struct Variant {
    pub(crate) index: usize,
    pub(crate) name: Ident,
    pub(crate) doc: String,
    pub(crate) tagging: Tagging,
    /// Where each alternative of the tag stands; empty where Rust counts the discriminants.
    pub(crate) tag_spans: Vec<Reach>,
    pub(crate) gate: Option<Gate>,
    pub(crate) role: Option<VariantRole>,
    pub(crate) asserts: Vec<Assert>,
    pub(crate) endian: Option<Endian>,
    pub(crate) magic: Option<Literal>,
    /// Only checks read them.
    pub(crate) marks: Marks,
    pub(crate) fields: Fields,
}

pub(crate) enum Tagging {
    /// In declaration order; the first is the one that is written.
    Known(Vec<Alternative>),
    /// `tag(mask = .., value = ..)`.
    Masked {
        mask: u64,
        value: u64,
    },
    Other,
}

pub(crate) enum Alternative {
    /// Sign-extended where negative.
    Value(u64),
    /// Both ends included.
    Range(u64, u64),
    /// A constant of the user's: becomes a `const` pattern.
    Path(Path),
    /// `(2, _)`: two to four parts.
    Tuple(Vec<Part>),
}

impl Alternative {
    /// Numbers in the tag.
    pub(crate) fn parts(&self) -> usize {
        match self {
            Self::Tuple(parts) => parts.len(),
            _ => 1,
        }
    }

    /// The largest part of a tuple of so many.
    pub(crate) fn most(parts: usize) -> u64 {
        let bits = match parts {
            0 | 1 => 64,
            2 => 32,
            3 => 21,
            _ => 16,
        };
        u64::MAX >> (64 - bits)
    }
}

/// A part of a tag that is a tuple.
pub(crate) enum Part {
    Any,
    /// Both ends included, in the part's lane.
    Range(u64, u64),
    Path(Path),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum VariantRole {
    Heartbeat,
    HeartbeatReply,
    Acknowledged,
}

pub(crate) struct Parameter {
    pub(crate) name: Ident,
    pub(crate) ty: Type,
}

pub(crate) struct Assert {
    pub(crate) condition: Expr,
    pub(crate) message: Option<String>,
}

/// `version = 2019..`, `dialect = A | B`, `when = expr`: holds under that context.
pub(crate) struct Gate {
    pub(crate) version: Option<Expr>,
    pub(crate) dialect: Vec<Path>,
    /// On variants; on an `Option` it is the condition of its presence.
    pub(crate) when: Option<Expr>,
}

pub(crate) enum Endian {
    Big,
    Little,
    Expression(Expr),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum BitOrder {
    Msb,
    Lsb,
}
