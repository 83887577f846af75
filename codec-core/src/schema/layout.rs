//! What one value looks like on the wire.

use super::SchemaOf;
use crate::steps::Step;
use crate::varint::Overlong;

/// The wire form of one value.
#[derive(Debug, Clone, Copy)]
pub enum Layout {
    /// An integer in whole bytes.
    Integer {
        /// 1 to 16; 3 for `u24`.
        bytes: u8,
        /// Two's complement.
        signed: bool,
    },
    /// IEEE 754, 4 or 8 bytes.
    Float {
        /// 4 or 8.
        bytes: u8,
    },
    /// An IPv4 or IPv6 address in network order.
    Address {
        /// 4 or 16.
        bytes: u8,
    },
    /// One byte, 0 or 1.
    Bool,
    /// Some bits of a run: adjacent bit fields are one integer in the byte order that holds.
    Bits {
        /// Bytes of the whole run, 1 to 8; a run ends when its fields have filled it.
        run: u8,
        /// From the run's least significant bit.
        shift: u8,
        /// How many bits.
        width: u8,
        /// What they stand for.
        value: BitValue,
    },
    /// An integer of variable length.
    Varint {
        /// How its end is known.
        kind: VarintKind,
        /// Two's complement (`leb128`), or zigzag.
        signed: bool,
        /// No more bytes than this; 0: what the integer's width needs.
        max_bytes: u8,
        /// What of longer forms than needed; `Accept` writes them back short, which gives up byte
        /// identity.
        overlong: Overlong,
    },
    /// An integer of 1 to 8 bytes; [`Bound::Size`] says how many.
    Sized {
        /// Two's complement.
        signed: bool,
    },
    /// Two's complement in the fewest bytes, the highest first.
    Minimal {
        /// The field has negative values; without them the highest bit is still a sign.
        signed: bool,
        /// Bytes of zero, 0 or 1.
        least: u8,
    },
    /// ASCII digits.
    Decimal,
    /// An integer that stands for value × scale + offset.
    Scaled {
        /// Bytes of the integer.
        bytes: u8,
        /// Two's complement.
        signed: bool,
        /// One step, in the field's unit.
        scale: f64,
        /// The value of zero, in the field's unit.
        offset: f64,
    },
    /// A moment.
    Time(Time),
    /// A constant.
    Literal(Literal),
    /// No bytes at all.
    Nothing,
    /// Raw bytes.
    Bytes,
    /// Raw bytes whose number the type states.
    ByteArray(usize),
    /// Text.
    Text {
        /// `utf-8`, `ascii`, `latin1`, a label of the WHATWG encoding standard, or the expression
        /// that chooses one, as declared.
        encoding: &'static str,
        /// Fills up to the size.
        pad: Option<u8>,
        /// Padding at the end is cut off on reading: gives up byte identity.
        trim: bool,
        /// Undecodable bytes become U+FFFD: gives up byte identity.
        lossy: bool,
    },
    /// Two decimal digits a byte; the lowest pair first where the byte order is little.
    Bcd,
    /// Items of one type.
    List(SchemaOf),
    /// Items of one type, parsed while iterating.
    Lazy(SchemaOf),
    /// Another type.
    Nested(SchemaOf),
    /// A set of flags in an integer.
    Flags {
        /// Bytes of the integer.
        bytes: u8,
    },
    /// A module of the user's reads and writes it.
    With {
        /// Its path, as declared.
        module: &'static str,
        /// It is given the enclosing frame as well.
        whole: bool,
    },
    /// Converted from another type, which stands on the wire.
    Map(SchemaOf),
}

impl Layout {
    /// `u8`.
    pub const U8: Self = Self::unsigned(1);
    /// `u16`.
    pub const U16: Self = Self::unsigned(2);
    /// `u32`.
    pub const U32: Self = Self::unsigned(4);
    /// `u64`.
    pub const U64: Self = Self::unsigned(8);
    /// UTF-8.
    pub const TEXT: Self = Self::text("utf-8");

    /// An unsigned integer of so many bytes.
    #[must_use]
    pub const fn unsigned(bytes: u8) -> Self {
        Self::Integer { bytes, signed: false }
    }

    /// A signed integer of so many bytes.
    #[must_use]
    pub const fn signed(bytes: u8) -> Self {
        Self::Integer { bytes, signed: true }
    }

    /// The number that Rust calls so: `u16`, `i8`, `f64`.
    #[must_use]
    pub const fn number(name: &str, bytes: u8) -> Self {
        match name.as_bytes() {
            [b'u', ..] => Self::unsigned(bytes),
            [b'i', ..] => Self::signed(bytes),
            _ => Self::Float { bytes },
        }
    }

    /// Text in this encoding, byte for byte.
    #[must_use]
    pub const fn text(encoding: &'static str) -> Self {
        Self::Text { encoding, pad: None, trim: false, lossy: false }
    }

    /// An unsigned integer in the bits `shift..shift + width` of a run of so many bytes.
    #[must_use]
    pub const fn bits(run: u8, shift: u8, width: u8) -> Self {
        Self::Bits { run, shift, width, value: BitValue::Integer { signed: false } }
    }

    /// Bytes of every value, where the layout alone says so. Bits count for their run: see
    /// [`super::Fields`].
    #[must_use]
    pub const fn fixed_len(self) -> Option<usize> {
        match self {
            Self::Integer { bytes, .. }
            | Self::Float { bytes }
            | Self::Address { bytes }
            | Self::Scaled { bytes, .. }
            | Self::Flags { bytes } => Some(bytes as usize),
            Self::Bool => Some(1),
            Self::Time(time) => Some(time.len()),
            Self::Literal(literal) => Some(literal.len()),
            Self::Nothing => Some(0),
            Self::ByteArray(len) => Some(len),
            _ => None,
        }
    }
}

/// What some bits of a run stand for.
#[derive(Debug, Clone, Copy)]
pub enum BitValue {
    /// An integer.
    Integer {
        /// Two's complement.
        signed: bool,
    },
    /// 0 or 1.
    Bool,
    /// Another type.
    Type(SchemaOf),
    /// Itself below the first marker; else the integer that the bits announce, behind their run.
    Steps(&'static [Step]),
    /// A constant.
    Literal(u64),
    /// Must be zero.
    Zero,
}

/// How the end of a variable-length integer is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VarintKind {
    /// Seven bits a byte, lowest first; the high bit says that more follow.
    Leb128,
    /// Seven bits a byte, highest first; the high bit says that more follow.
    Vlq,
    /// [`VarintKind::Leb128`] of the zigzag form: 0, -1, 1, -2 …
    Zigzag,
    /// A BER length: below 0x80 itself, else the number of bytes that follow.
    Ber,
    /// Itself below the first marker; else the integer that its first byte announces.
    Steps(&'static [Step]),
    /// A module of the user's.
    Custom(&'static str),
}

/// A moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Time {
    /// Seconds since 1970 UTC.
    UnixSeconds {
        /// Bytes of the integer.
        bytes: u8,
        /// Two's complement.
        signed: bool,
    },
    /// Milliseconds since 1970 UTC.
    UnixMilliseconds {
        /// Bytes of the integer.
        bytes: u8,
        /// Two's complement.
        signed: bool,
    },
    /// Six bytes of BCD: year of the century, month, day, hour, minute, second.
    BcdYymmddhhmmss,
    /// Six bytes: year of the century, month, day, hour, minute, second.
    BinaryYymmddhhmmss,
    /// Seven bytes, IEC 60870-5-4 §6.8.
    Cp56Time2a,
}

impl Time {
    /// Bytes of every value.
    #[must_use]
    pub const fn len(self) -> usize {
        match self {
            Self::UnixSeconds { bytes, .. } | Self::UnixMilliseconds { bytes, .. } => {
                bytes as usize
            }
            Self::BcdYymmddhhmmss | Self::BinaryYymmddhhmmss => 6,
            Self::Cp56Time2a => 7,
        }
    }

    /// Never.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }
}

/// A constant on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Literal {
    /// As it stands.
    Bytes(&'static [u8]),
    /// An integer in the byte order that holds.
    Integer {
        /// What it is.
        value: u128,
        /// In so many bytes.
        bytes: u8,
    },
}

impl Literal {
    /// Bytes on the wire.
    #[must_use]
    pub const fn len(self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Integer { bytes, .. } => bytes as usize,
        }
    }

    /// It has no bytes.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }
}

/// What says where a value ends, beside its own layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// A hidden length stands before it.
    Prefix(Counter),
    /// A hidden count stands before it.
    CountPrefix(Counter),
    /// So many bytes.
    Size(Amount),
    /// So many items.
    Count(Amount),
    /// Up to and with the item that satisfies this, as declared.
    Until(&'static str),
    /// These bytes stand behind it.
    Terminated(&'static [u8]),
    /// What its parent has left.
    Rest,
    /// Never more items.
    MaxCount(Amount),
    /// Never more bytes.
    MaxLen(Amount),
}

/// A hidden length or count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counter {
    /// An integer in whole bytes.
    Integer {
        /// 1 to 8.
        bytes: u8,
        /// Two's complement.
        signed: bool,
    },
    /// An integer of variable length.
    Varint(VarintKind),
}

/// A number that a declaration states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// A literal.
    Fixed(u64),
    /// Over earlier fields, constants and the context, as declared.
    Expression(&'static str),
}
