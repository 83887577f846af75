//! RESP2 and RESP3: values that begin with a byte which says what they are, and nest.
//!
//! Source: "Redis serialization protocol specification", redis.io/docs/reference/protocol-spec, and
//! "RESP3 specification", github.com/redis/redis-specifications, protocol/RESP3.md. Of the latter the
//! streamed strings and aggregates are left out: no server sends them.

use longlink::{Auto, Bytes, Frame, Wire};

/// A command, an answer, a message: everything is a value.
#[derive(Debug, Clone, PartialEq, Frame)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(tag = peek(u8), max_frame_length = 64 * 1024 * 1024, resync = close)]
pub enum Value {
    /// A short text without line ends.
    #[wire(tag = b'+', magic = b"+")]
    Simple(#[wire(terminated = b"\r\n", max_len = 65_536)] String),
    /// What went wrong: a word in capitals, and a sentence.
    #[wire(tag = b'-', magic = b"-")]
    Error(#[wire(terminated = b"\r\n", max_len = 65_536)] String),
    /// A number.
    #[wire(tag = b':', magic = b":")]
    Integer(#[wire(decimal, terminated = b"\r\n")] i64),
    /// Any bytes, or the null of version 2.
    #[wire(tag = b'$', magic = b"$")]
    Bulk {
        #[wire(decimal, terminated = b"\r\n", length_of = bytes, none = -1)]
        length: Auto<i64>,
        /// At most 512 MB by the specification; by the frame's limit here.
        bytes: Option<Bytes>,
        /// Behind bytes.
        #[wire(present_if = length >= 0, magic = b"\r\n")]
        end: Option<()>,
    },
    /// Values in a row, or the other null of version 2.
    #[wire(tag = b'*', magic = b"*")]
    Array {
        #[wire(decimal, terminated = b"\r\n", count_of = items, none = -1)]
        count: Auto<i64>,
        /// Each of any kind.
        items: Option<Vec<Value>>,
    },
    /// The null of version 3.
    #[wire(tag = b'_', magic = b"_\r\n")]
    Null,
    /// True or false.
    #[wire(tag = b'#', magic = b"#")]
    Boolean {
        /// A letter.
        value: Truth,
        #[wire(magic = b"\r\n")]
        end: (),
    },
    /// A decimal fraction, as text: `inf`, `-inf` and `nan` are legal.
    #[wire(tag = b',', magic = b",")]
    Double(#[wire(terminated = b"\r\n", max_len = 64)] String),
    /// An integer of any size, as text.
    #[wire(tag = b'(', magic = b"(")]
    BigNumber(#[wire(terminated = b"\r\n", max_len = 65_536)] String),
    /// What went wrong, in any bytes.
    #[wire(tag = b'!', magic = b"!")]
    BulkError {
        #[wire(decimal, terminated = b"\r\n", length_of = text)]
        length: Auto<u32>,
        /// As in [`Value::Error`].
        text: Bytes,
        #[wire(magic = b"\r\n")]
        end: (),
    },
    /// Text, and what it is.
    #[wire(tag = b'=', magic = b"=")]
    Verbatim {
        #[wire(decimal, terminated = b"\r\n", length_of = kind..=text)]
        length: Auto<u32>,
        /// `txt` or `mkd`.
        kind: [u8; 3],
        #[wire(magic = b":")]
        colon: (),
        /// Any bytes.
        #[wire(rest)]
        text: Bytes,
        #[wire(magic = b"\r\n")]
        end: (),
    },
    /// Keys and values.
    #[wire(tag = b'%', magic = b"%")]
    Map {
        #[wire(decimal, terminated = b"\r\n", count_of = entries)]
        count: Auto<u32>,
        /// In no order.
        entries: Vec<Entry>,
    },
    /// Values that differ.
    #[wire(tag = b'~', magic = b"~")]
    Set {
        #[wire(decimal, terminated = b"\r\n", count_of = items)]
        count: Auto<u32>,
        /// In no order.
        items: Vec<Value>,
    },
    /// Not an answer: a message of a subscription, an invalidation.
    #[wire(tag = b'>', magic = b">")]
    Push {
        #[wire(decimal, terminated = b"\r\n", count_of = items)]
        count: Auto<u32>,
        /// The first says what it is.
        items: Vec<Value>,
    },
    /// Something about the value that follows.
    #[wire(tag = b'|', magic = b"|")]
    Attribute {
        #[wire(decimal, terminated = b"\r\n", count_of = entries)]
        count: Auto<u32>,
        /// May be passed over.
        entries: Vec<Entry>,
        /// The value itself.
        value: Box<Value>,
    },
}

/// One pair of a map.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Entry {
    /// Of any kind.
    pub key: Value,
    /// Of any kind.
    pub value: Value,
}

/// The letter of a boolean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[repr(u8)]
pub enum Truth {
    /// False.
    False = b'f',
    /// True.
    True = b't',
}

impl Value {
    /// Bytes.
    pub fn bulk(bytes: impl Into<Bytes>) -> Self {
        Self::Bulk { length: Auto::Derived, bytes: Some(bytes.into()), end: Some(()) }
    }

    /// Values in a row.
    pub fn array(items: Vec<Self>) -> Self {
        Self::Array { count: Auto::Derived, items: Some(items) }
    }

    /// A command and its arguments, as a client sends them.
    pub fn command<'w>(words: impl IntoIterator<Item = &'w [u8]>) -> Self {
        Self::array(
            words.into_iter().map(|word| Self::bulk(Bytes::copy_from_slice(word))).collect(),
        )
    }

    /// The bytes or the text of a value that has them.
    pub fn text(&self) -> Option<&[u8]> {
        match self {
            Self::Simple(text) | Self::Error(text) => Some(text.as_bytes()),
            Self::Bulk { bytes, .. } => bytes.as_deref(),
            Self::BulkError { text, .. } | Self::Verbatim { text, .. } => Some(text),
            _ => None,
        }
    }

    /// What an aggregate begins with, in lower case; of a command its name.
    pub fn name(&self) -> Option<Vec<u8>> {
        let (Self::Array { items: Some(items), .. } | Self::Push { items, .. }) = self else {
            return None;
        };
        items.first()?.text().map(<[u8]>::to_ascii_lowercase)
    }
}
