//! Fields, and what stands between and around them.

use proc_macro2::{Ident, Span, TokenStream};
use syn::ext::IdentExt;
use syn::{Expr, Member, Path, Type};

use crate::model::{Assert, Declaration, Endian, Gate, Integer, Kind, Marks, Relation, VarintKind};
use crate::shape;

/// The fields of a struct, a variant or a bitfield, with all that is between them.
pub(crate) struct Fields {
    pub(crate) style: Style,
    pub(crate) list: Vec<Field>,
    /// Bit runs: adjacent `Kind::Bits` fields that close on a byte boundary.
    pub(crate) runs: Vec<BitRun>,
    pub(crate) relations: Vec<Relation>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Named,
    Tuple,
    Unit,
}

/// Adjacent bit fields that are one integer in the inherited byte order.
pub(crate) struct BitRun {
    /// Indices of its fields; all between `first` and `last`.
    pub(crate) first: usize,
    pub(crate) last: usize,
    /// Whole bytes, 1 to 8.
    pub(crate) bytes: usize,
    /// Per field, in order: (shift from the least significant bit of the run's integer, width).
    pub(crate) places: Vec<(u32, u32)>,
}

pub(crate) struct Field {
    /// Position in the declaration; also the field number of errors and notes.
    pub(crate) index: usize,
    pub(crate) member: Member,
    /// The local variable that stands for it in generated code: its own name, `_0` in tuples.
    pub(crate) local: Ident,
    pub(crate) ty: Type,
    /// `ty` without `Auto<..>` and `Option<..>` around it.
    pub(crate) inner: Type,
    /// The type is `Auto<..>`.
    pub(crate) auto: bool,
    /// The type is `Option<..>`.
    pub(crate) optional: bool,
    pub(crate) doc: String,
    pub(crate) unit: Option<String>,
    pub(crate) hexadecimal: bool,
    pub(crate) secret: bool,
    /// Kept on a round trip, zero (default) in `new(..)`.
    pub(crate) reserved: bool,
    /// `#[wire(tag)]` in a variant: takes no bytes.
    pub(crate) is_tag: bool,
    pub(crate) endian: Option<Endian>,
    pub(crate) kind: Kind,
    pub(crate) bound: Bound,
    /// The value must be this: `fixed = v` on a field that is not `()`.
    pub(crate) fixed: Option<Expr>,
    pub(crate) presence: Presence,
    pub(crate) gate: Option<Gate>,
    /// Nested enums: where the tag comes from, beside `Relation::Tag`.
    pub(crate) select: Option<Expr>,
    pub(crate) opaque_if: Option<Expr>,
    /// `split(part, 1023)`.
    pub(crate) split: Option<Split>,
    pub(crate) valid: Option<Valid>,
    pub(crate) asserts: Vec<Assert>,
    pub(crate) process: Option<Process>,
    pub(crate) padding: Padding,
    pub(crate) max_count: Option<Expr>,
    pub(crate) max_len: Option<Expr>,
    /// `ctx(..)` at the use, sorted by name.
    pub(crate) arguments: Vec<Argument>,
    pub(crate) role: Option<Role>,
    /// `each(..)`, until the type that it stands for is built.
    pub(crate) each_keys: Option<(Span, TokenStream)>,
    pub(crate) each: Option<Box<Each>>,
    /// `default = v`: what the session's heartbeat and `new` of a heartbeat may use.
    pub(crate) default: Option<Expr>,
    /// Where a message about it points.
    pub(crate) span: Span,
    /// Only checks read them.
    pub(crate) marks: Marks,
}

impl Fields {
    /// What this field holds for the `None` of another one, and that one.
    pub(crate) fn absent_of(&self, holder: usize) -> Option<(Absent, &Field)> {
        let mut fields = self.list.iter();
        fields.find_map(|field| Some((field.absent_in(Absence::Held(holder))?, field)))
    }
}

impl Field {
    /// As the user calls it: without `r#`; an index in tuples.
    pub(crate) fn name(&self) -> String {
        match &self.member {
            Member::Named(name) => name.unraw().to_string(),
            Member::Unnamed(_) if self.local == "__each" => "each element".to_owned(),
            Member::Unnamed(index) => index.index.to_string(),
        }
    }

    /// The integer of a varint: what stands inside of a `Padded<T>`, or the type itself.
    pub(crate) fn integer(&self) -> &Type {
        shape::inside(&self.inner, "Padded").unwrap_or(&self.inner)
    }

    /// The varint keeps how long it was.
    pub(crate) fn is_padded(&self) -> bool {
        matches!(&self.kind, Kind::Varint(varint) if varint.is_padded())
    }

    /// Its bytes are always there, whatever they stand for.
    pub(crate) fn is_always(&self) -> bool {
        match self.presence {
            Presence::Always => true,
            Presence::Absent(absent) => absent.place == Absence::Value,
            _ => false,
        }
    }

    /// What stands for `None`, where that is said in this place.
    pub(crate) fn absent_in(&self, place: Absence) -> Option<Absent> {
        match self.presence {
            Presence::Absent(absent) if absent.place == place => Some(absent),
            _ => None,
        }
    }

    /// Where `key` stands; the field's name where it does not.
    pub(crate) fn at(&self, key: &str) -> Span {
        self.marks.at(key).unwrap_or(self.span)
    }
}

/// The layout of the elements of a list, of a tuple, or of what is inside of an `Option`: a hidden
/// tuple struct around what the user's type holds.
pub(crate) struct Each {
    pub(crate) declaration: Declaration,
    /// What the user's type holds: the item, or the tuple.
    pub(crate) of: Type,
    /// Each part of a tuple has a field of its own.
    pub(crate) is_tuple: bool,
}

/// A field that is too long for one frame is cut into fragments.
pub(crate) struct Split {
    /// The earlier field that holds the place of a fragment.
    pub(crate) place: Ident,
    /// Bytes of a fragment, at most.
    pub(crate) limit: Expr,
}

/// What says where a value ends, beside its own layout.
#[derive(Default)]
pub(crate) struct Bound {
    pub(crate) prefix: Option<Counter>,
    pub(crate) count_prefix: Option<Counter>,
    pub(crate) size: Option<Expr>,
    pub(crate) count: Option<Expr>,
    /// `until = |item| ..`.
    pub(crate) until: Option<Expr>,
    pub(crate) terminated: Option<Vec<u8>>,
    pub(crate) rest: bool,
}

/// A hidden length or count.
pub(crate) enum Counter {
    Integer(Integer),
    Varint(VarintKind),
}

pub(crate) enum Presence {
    /// Not an `Option`.
    Always,
    /// `present_if = expr`.
    If(Expr),
    /// `present_in = path`: the relation is `Relation::Present`.
    In,
    /// An `Option` that only `Field::gate` governs.
    Gate,
    /// `none = -1`: this value on the wire stands for `None`.
    Absent(Absent),
}

/// What stands on the wire for `None`, and where.
#[derive(Clone, Copy)]
pub(crate) struct Absent {
    pub(crate) value: i128,
    pub(crate) place: Absence,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Absence {
    /// In place of the value.
    Value,
    /// In the hidden length or count before it.
    Prefix,
    /// In the length or count that this field holds.
    Held(usize),
}

impl Absent {
    /// Sign-extended where negative, as lengths and tags are compared.
    pub(crate) fn whole(self) -> u64 {
        crate::literal::tag(self.value).unwrap_or(0)
    }
}

pub(crate) enum Valid {
    /// A range or literal: the value must match it.
    Pattern(Expr),
    /// A condition.
    Condition(Expr),
}

pub(crate) struct Process {
    /// `zlib`, or a module of the user's with `read` and `write`.
    pub(crate) kind: ProcessKind,
    /// `process_if = expr`: else the bytes stand as they are.
    pub(crate) condition: Option<Expr>,
}

pub(crate) enum ProcessKind {
    Zlib,
    Path {
        module: Path,
        arguments: Vec<Expr>,
    },
    /// `mask = key`: a repeating exclusive or.
    Mask(Expr),
}

#[derive(Default)]
pub(crate) struct Padding {
    pub(crate) before: Option<usize>,
    pub(crate) after: Option<usize>,
    /// Counts from the start of the type; pads before the field.
    pub(crate) align: Option<usize>,
}

pub(crate) struct Argument {
    pub(crate) name: Ident,
    pub(crate) value: Expr,
}

pub(crate) enum Role {
    One(FieldRole),
    /// An `if` or `match` over earlier fields that ends in roles; the leaves are rewritten to
    /// `Option`-like codes by `expand`.
    Choice(Expr),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldRole {
    Sequence,
    Acknowledges,
    RepliesTo,
    FragmentIndex,
    FragmentTotal,
    FragmentMore,
    FragmentLast,
}

impl FieldRole {
    /// It is a flag, not a number.
    pub(crate) fn is_flag(self) -> bool {
        matches!(self, Self::FragmentMore | Self::FragmentLast)
    }
}
