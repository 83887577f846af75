//! The tree that an explanation is.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use bytes::Bytes;

use crate::schema::{Field, Literal, Schema};
use crate::scope::Endian;

/// One place in a frame: a field, an item, or something that the declaration does not name.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Node {
    /// Its name in its parent.
    pub name: Name,
    /// Bytes of the frame, or of its [`Node::layer`], that it takes.
    pub range: Range<usize>,
    /// 0: on the wire; else the transformed stretch (inflated, decrypted) of this number, whose
    /// offsets are its own.
    pub layer: usize,
    /// The bits of a run that it takes.
    pub bits: Option<BitPlace>,
    /// Those bytes; under escapes as they stand on the wire.
    pub raw: Bytes,
    /// How many of them are a hidden length or count before the value.
    pub prefix_len: usize,
    /// What they stand for.
    pub value: Value,
    /// The variant that an enum turned out to be.
    pub variant: Option<&'static str>,
    /// Of the value; empty: none.
    pub unit: &'static str,
    /// The doc comment; empty: none.
    pub doc: &'static str,
    /// What relations say about it: what a length measures, whether a checksum is right.
    pub remark: Option<Remark>,
    /// The bytes ended, or parsing failed, before its end.
    pub partial: bool,
    /// Fields of a struct, items of a list.
    pub children: Vec<Node>,
    /// Its bytes before they were escaped, as an own layer has them; else its own range.
    pub(super) local: Range<usize>,
    pub(super) buffer: usize,
    pub(super) endian: Endian,
    pub(super) index: Option<u16>,
    pub(super) field: Option<&'static Field>,
    pub(super) schema: Option<&'static Schema>,
    /// What a `magic` must be.
    pub(super) magic: Option<Literal>,
}

/// The name of a [`Node`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// A declared field, or the type itself at the root.
    Field(&'static str),
    /// An item of a list.
    Item(usize),
    /// Bytes that no field holds: `delimiter`, `magic`, `padding`, `length`, `unexplained`.
    Hidden(&'static str),
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name) => f.pad(name),
            Self::Item(index) => write!(f, "[{index}]"),
            Self::Hidden(name) => write!(f, "({name})"),
        }
    }
}

/// Bits of a run: of an integer made of adjacent bit fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BitPlace {
    /// Bits of the whole run.
    pub of: u32,
    /// From its least significant bit.
    pub shift: u32,
    /// How many.
    pub width: u32,
    /// The run's integer.
    pub run: u64,
}

/// What some bytes stand for.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// Fields, one after the other: the type's name.
    Group(&'static str),
    /// So many items.
    Items(usize),
    /// An integer.
    Unsigned(u128),
    /// An integer with a sign.
    Signed(i128),
    /// An integer, to be read in hexadecimal.
    Hexadecimal(u128),
    /// A number in the field's unit.
    Number(f64),
    /// True or false.
    Bool(bool),
    /// A value with a name.
    Named {
        /// The variant.
        name: &'static str,
        /// The value.
        value: i128,
    },
    /// Text.
    Text(String),
    /// Decimal digits.
    Digits(String),
    /// A moment, an address: what is written out.
    Plain(String),
    /// Bytes without a meaning of their own.
    Bytes(Bytes),
    /// Masked.
    Secret,
    /// Nothing: no bytes, or not enough of them to tell.
    None,
}

/// What relations say about a field.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remark {
    /// In words: `bytes of text`, `items of records`.
    Says(String),
    /// The tag of this variant.
    Chooses(&'static str),
    /// A checksum that is right, by its algorithm's name.
    Right(&'static str),
    /// A checksum that is wrong.
    Wrong {
        /// Its algorithm's name.
        algorithm: &'static str,
        /// What it should be.
        expected: u64,
        /// Bytes that it is written in.
        width: usize,
    },
}

impl Node {
    pub(super) fn new(name: Name, value: Value) -> Self {
        Self {
            name,
            range: 0..0,
            layer: 0,
            bits: None,
            raw: Bytes::new(),
            prefix_len: 0,
            value,
            variant: None,
            unit: "",
            doc: "",
            remark: None,
            partial: false,
            children: Vec::new(),
            local: 0..0,
            buffer: 0,
            endian: Endian::Big,
            index: None,
            field: None,
            schema: None,
            magic: None,
        }
    }

    /// The value is masked, here or further up.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        matches!(self.value, Value::Secret)
    }

    /// The node of this path below this one: `["body", "text"]`.
    #[must_use]
    pub fn find(&self, path: &[&str]) -> Option<&Node> {
        let Some((first, rest)) = path.split_first() else {
            return Some(self);
        };
        let named = |node: &&Node| matches!(node.name, Name::Field(name) if name == *first);
        self.children.iter().find(named)?.find(rest)
    }
}
