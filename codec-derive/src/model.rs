//! One declaration, understood: what `attribute` and `build` make of the user's tokens, what `check`
//! judges and what `expand` turns into code.
//!
//! Everything here is resolved: fields are referred to by their index, spans are index ranges,
//! literals are bytes, and the kind of every field is decided. Only expressions stay tokens. The
//! spans of the user's tokens ride along where a message or a generated `const` assertion needs them.

use proc_macro2::{Ident, Span};
use syn::{Expr, Generics, Lifetime, Member, Path, Type, Visibility};

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
    pub(crate) body: Body,
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
    /// Width in bits of the tag that `#[wire(tag)]` fields and `peek` see; 64 where unknown.
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
    pub(crate) gate: Option<Gate>,
    pub(crate) role: Option<VariantRole>,
    pub(crate) asserts: Vec<Assert>,
    pub(crate) endian: Option<Endian>,
    pub(crate) magic: Option<Literal>,
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
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum VariantRole {
    Heartbeat,
    HeartbeatReply,
    Acknowledged,
}

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
    pub(crate) valid: Option<Valid>,
    pub(crate) asserts: Vec<Assert>,
    pub(crate) process: Option<Process>,
    pub(crate) padding: Padding,
    pub(crate) max_count: Option<Expr>,
    pub(crate) max_len: Option<Expr>,
    /// `ctx(..)` at the use, sorted by name.
    pub(crate) arguments: Vec<Argument>,
    pub(crate) role: Option<Role>,
    /// `default = v`: what the session's heartbeat and `new` of a heartbeat may use.
    pub(crate) default: Option<Expr>,
    /// Where a message about it points.
    pub(crate) span: Span,
}

/// What one value looks like on the wire.
pub(crate) enum Kind {
    /// A Rust integer in `Integer.bytes` bytes (its own width, or another through `as`).
    Integer(Integer),
    /// `f32`, `f64`.
    Float {
        bytes: usize,
    },
    /// One byte, 0 or 1.
    Bool,
    /// Some bits of a run.
    Bits {
        width: u32,
        value: BitValue,
    },
    Varint(Varint),
    /// An integer of `Bound::size` bytes, chosen at run time, 1 to 8.
    Sized {
        signed: bool,
    },
    /// An ASCII decimal, ended by `Bound::terminated`.
    Decimal,
    /// A number in engineering units: wire integer × scale + offset. `float` is 4 or 8.
    Scaled {
        wire: Integer,
        scale: Expr,
        offset: Option<Expr>,
        float: usize,
    },
    Time(Timestamp),
    /// `()`: `bytes` are written and must be read.
    Literal(Literal),
    /// `()` without a literal: nothing on the wire.
    Nothing,
    Bytes(BytesKind),
    Text(Text),
    /// `Digits`, or an integer, in BCD.
    Bcd {
        digits: bool,
        little: bool,
    },
    /// `Vec<T>` of any `Wire` item.
    List {
        item: Type,
    },
    /// `Lazy<'a, T>`.
    Lazy {
        item: Type,
    },
    /// Any other type that implements `Wire`: user types, `Box`, `[T; N]`, tuples, addresses.
    Nested,
    /// A flag set of the `bitflags` crate: its bits as an integer.
    Flags {
        wire: Integer,
    },
    /// `with = module`, `with = module(whole)`.
    With {
        module: Path,
        whole: bool,
    },
    /// `map(read = f, write = g)` over a wire kind; `f` and `g` are paths or closures.
    Map {
        read: Expr,
        write: Expr,
        wire: Type,
    },
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Integer {
    /// On the wire: 1 to 16; 3 for `u24`.
    pub(crate) bytes: usize,
    pub(crate) signed: bool,
}

pub(crate) enum BitValue {
    /// Into the field's integer type.
    Integer {
        signed: bool,
    },
    Bool,
    /// Any type that implements `Bits`.
    Type,
    /// `()` with a fixed value.
    Literal(u64),
    /// `()`, reserved: bits that must be zero (`bits = rest, reserved`).
    Zero,
}

pub(crate) struct Varint {
    pub(crate) kind: VarintKind,
    /// Default: what the integer's width needs.
    pub(crate) max_bytes: Option<usize>,
    pub(crate) overlong: Overlong,
}

pub(crate) enum VarintKind {
    Leb128,
    Vlq,
    Zigzag,
    Ber,
    /// A module of the user's with `read` (nom), `write` and `len`.
    Path(Path),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overlong {
    Refuse,
    Accept,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Timestamp {
    UnixSeconds(Integer),
    UnixMilliseconds(Integer),
    /// Six bytes, `CivilTime`.
    BcdYymmddhhmmss,
    /// Six bytes, `CivilTime`.
    BinaryYymmddhhmmss,
    /// Seven bytes, `CivilTime`.
    Cp56Time2a,
}

#[derive(Clone)]
pub(crate) enum Literal {
    /// Bytes, in wire order.
    Bytes(Vec<u8>),
    /// An integer with a suffix: its byte order is the inherited one.
    Integer { value: u128, bytes: usize },
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum BytesKind {
    /// `&'a [u8]`.
    Slice,
    /// `Vec<u8>`.
    Vec,
    /// `Bytes`.
    Shared,
    /// `[u8; N]`, or any array of bytes whose length is the type's.
    Array,
}

pub(crate) struct Text {
    /// `String` or `&'a str`.
    pub(crate) owned: bool,
    pub(crate) encoding: Encoding,
    /// `pad = b' '`: fills up to the size on write, is cut off at the end on read with `trim`.
    pub(crate) pad: Option<u8>,
    pub(crate) trim: bool,
    pub(crate) lossy: bool,
}

pub(crate) enum Encoding {
    Utf8,
    Ascii,
    Latin1,
    /// A label of the WHATWG encoding standard, through encoding_rs.
    Label(String),
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
}

/// `version = 2019..`, `dialect = A | B`: holds under that context.
pub(crate) struct Gate {
    pub(crate) version: Option<Expr>,
    pub(crate) dialect: Vec<Path>,
}

pub(crate) enum Valid {
    /// A range or literal: the value must match it.
    Pattern(Expr),
    /// A condition.
    Condition(Expr),
}

pub(crate) struct Assert {
    pub(crate) condition: Expr,
    pub(crate) message: Option<String>,
}

pub(crate) struct Process {
    /// `zlib`, or a module of the user's with `read` and `write`.
    pub(crate) kind: ProcessKind,
}

pub(crate) enum ProcessKind {
    Zlib,
    Path { module: Path, arguments: Vec<Expr> },
}

#[derive(Default)]
pub(crate) struct Padding {
    pub(crate) before: Option<usize>,
    pub(crate) after: Option<usize>,
    /// Counts from the start of the type; pads before the field.
    pub(crate) align: Option<usize>,
}

pub(crate) struct Parameter {
    pub(crate) name: Ident,
    pub(crate) ty: Type,
}

pub(crate) struct Argument {
    pub(crate) name: Ident,
    pub(crate) value: Expr,
}

/// A place that holds a derived value: a field of this struct, or one inside a nested struct.
pub(crate) struct Place {
    pub(crate) field: usize,
    /// Names behind the first dot; empty: the field itself.
    pub(crate) path: Vec<Ident>,
    pub(crate) span: Span,
}

/// A relation between two fields, declared once on one of them.
pub(crate) struct Relation {
    pub(crate) holder: Place,
    pub(crate) kind: RelationKind,
    /// The attribute's own tokens.
    pub(crate) span: Span,
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
    /// The tag of an enum.
    Tag {
        target: usize,
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

pub(crate) struct FrameOptions {
    pub(crate) delimiters: Option<Delimiters>,
    /// Byte that must not stand inside, and what stands for it.
    pub(crate) escape: Vec<(u8, Vec<u8>)>,
    pub(crate) max_frame_length: Option<Expr>,
    pub(crate) min_frame_length: Option<Expr>,
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
    /// By the relation of this index in `Fields::relations`, whose holder stands at a bounded place.
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
