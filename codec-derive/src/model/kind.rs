//! What one value looks like on the wire.

use syn::{Expr, Path, Type};

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
    /// Two's complement in the fewest bytes, at least `least`.
    Minimal {
        least: usize,
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
    /// `Digits`, or an integer, in BCD; under `endian = little` the lowest pair stands first.
    Bcd {
        digits: bool,
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
    /// `bits = 7, varint = steps(..)`: the head of an integer that goes on behind the run.
    Steps {
        forms: Vec<StepForm>,
        overlong: Overlong,
    },
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
    Steps(Vec<StepForm>),
    /// A module of the user's with `read` (nom), `write` and `len`.
    Path(Path),
}

/// What stands behind one marker of `steps(..)`.
#[derive(Clone, Copy)]
pub(crate) struct StepForm {
    pub(crate) marker: u64,
    /// 1 to 8; 0: the marker stands for nothing.
    pub(crate) bytes: usize,
    pub(crate) add: u64,
    /// The smallest value that has no shorter form.
    pub(crate) least: u64,
}

impl StepForm {
    /// The largest value that it holds.
    pub(crate) fn most(self) -> u64 {
        let bits = u32::try_from(self.bytes * 8).unwrap_or(64);
        let raw = if bits == 0 { 0 } else { u64::MAX >> 64_u32.saturating_sub(bits) };
        raw.saturating_add(self.add)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overlong {
    Refuse,
    Accept,
    /// The field is a `Padded<T>`.
    Keep,
}

impl Varint {
    /// The number stands in a `Padded<T>`.
    pub(crate) fn is_padded(&self) -> bool {
        self.overlong == Overlong::Keep
    }
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
    /// An expression whose ends are labels, charsets or `none`.
    Chosen(Expr),
}

impl Encoding {
    /// What the expression chooses from.
    pub(crate) fn chosen(&self) -> Option<&Expr> {
        match self {
            Self::Chosen(expr) => Some(expr),
            _ => None,
        }
    }
}

impl Kind {
    /// The expression that chooses the encoding.
    pub(crate) fn encoding(&self) -> Option<&Expr> {
        match self {
            Self::Text(text) => text.encoding.chosen(),
            _ => None,
        }
    }
}
