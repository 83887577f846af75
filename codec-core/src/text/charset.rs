//! The encodings.

use alloc::borrow::Cow;
use alloc::string::String;

use bytes::BytesMut;

use super::utf16;
use crate::scope::Endian;

/// A text encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8.
    Utf8,
    /// Bytes below 128.
    Ascii,
    /// ISO 8859-1: each byte is the code point of that number.
    Latin1,
    /// UTF-16 in this byte order; a byte order mark is an ordinary character.
    Utf16(Endian),
    /// An encoding of the WHATWG encoding standard.
    #[cfg(feature = "encodings")]
    Label(&'static encoding_rs::Encoding),
    /// None that this end knows: nothing but the empty text can be read or written, unless the
    /// field is `lossy`, which reads U+FFFD for each byte.
    Unknown,
}

/// What an expression in `encoding = ..` may end in.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no encoding",
    note = "write a label, such as `\"gbk\"`, a `Charset`, or `none` where there is no text to read"
)]
pub trait Chosen {
    /// The encoding.
    fn charset(self) -> Charset;
}

impl Chosen for Charset {
    #[inline(always)]
    fn charset(self) -> Charset {
        self
    }
}

impl Chosen for &Charset {
    #[inline(always)]
    fn charset(self) -> Charset {
        *self
    }
}

impl Chosen for Option<Charset> {
    #[inline(always)]
    fn charset(self) -> Charset {
        self.unwrap_or(Charset::Unknown)
    }
}

impl Chosen for &Option<Charset> {
    #[inline(always)]
    fn charset(self) -> Charset {
        self.unwrap_or(Charset::Unknown)
    }
}

/// The encoding of that label, in lower case. Meant for constants: a label that is not known fails
/// at compile time.
///
/// # Panics
/// When the label is not known, or needs the feature `encodings`.
#[must_use]
pub const fn charset(label: &str) -> Charset {
    match label.as_bytes() {
        b"utf-8" | b"utf8" => Charset::Utf8,
        b"ascii" | b"us-ascii" => Charset::Ascii,
        b"latin1" | b"latin-1" | b"iso-8859-1" => Charset::Latin1,
        b"utf-16le" | b"utf-16" => Charset::Utf16(Endian::Little),
        b"utf-16be" => Charset::Utf16(Endian::Big),
        label => other(label),
    }
}

#[cfg(feature = "encodings")]
const fn other(label: &[u8]) -> Charset {
    match super::label::find(label) {
        Some(encoding) => Charset::Label(encoding),
        None => unknown(),
    }
}

#[cfg(not(feature = "encodings"))]
const fn other(_: &[u8]) -> Charset {
    unknown()
}

/// Only reached while a constant is evaluated: a compile error at the user's field.
#[expect(clippy::panic, reason = "this is how a constant reports an error")]
const fn unknown() -> Charset {
    if cfg!(feature = "encodings") {
        panic!("unknown `encoding`: write a label of the WHATWG encoding standard in lower case");
    }
    panic!("unknown `encoding`: all but UTF-8, ASCII, Latin-1, UTF-16 need feature `encodings`");
}

/// The code unit that text is padded and terminated by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Byte,
    Pair(Endian),
}

impl Unit {
    pub(super) const fn len(self) -> usize {
        match self {
            Self::Byte => 1,
            Self::Pair(_) => 2,
        }
    }

    /// A unit of this value; one byte of it counts for `Byte`.
    pub(super) const fn image(self, value: u8) -> [u8; 2] {
        match self {
            Self::Byte | Self::Pair(Endian::Little) => [value, 0],
            Self::Pair(Endian::Big) => [0, value],
        }
    }

    /// The value of one unit, where it is below 256.
    pub(super) fn value(self, unit: &[u8]) -> Option<u8> {
        match (self, unit) {
            (Self::Byte, [value])
            | (Self::Pair(Endian::Little), [value, 0])
            | (Self::Pair(Endian::Big), [0, value]) => Some(*value),
            _ => None,
        }
    }
}

impl Charset {
    /// Bytes of a code unit: two in UTF-16, otherwise one.
    #[must_use]
    pub const fn unit_len(self) -> usize {
        self.unit().len()
    }

    pub(super) const fn unit(self) -> Unit {
        match self {
            Self::Utf16(endian) => Unit::Pair(endian),
            _ => Unit::Byte,
        }
    }

    /// The text, or the offset of the first byte that cannot be decoded.
    #[inline]
    pub(super) fn decode(self, part: &[u8], lossy: bool) -> Result<Cow<'_, str>, usize> {
        match self {
            Self::Utf8 => match core::str::from_utf8(part) {
                Ok(text) => Ok(Cow::Borrowed(text)),
                Err(_) if lossy => Ok(String::from_utf8_lossy(part)),
                Err(error) => Err(error.valid_up_to()),
            },
            Self::Ascii => match part.iter().position(|byte| !byte.is_ascii()) {
                None => Ok(ascii(part)),
                Some(_) if lossy => Ok(part.iter().map(|byte| ascii_or_replaced(*byte)).collect()),
                Some(offset) => Err(offset),
            },
            Self::Latin1 if part.is_ascii() => Ok(ascii(part)),
            Self::Latin1 => Ok(part.iter().map(|byte| char::from(*byte)).collect()),
            Self::Utf16(endian) => utf16::decode(part, endian, lossy).map(Cow::Owned),
            #[cfg(feature = "encodings")]
            Self::Label(encoding) => super::label::decode(encoding, part, lossy),
            Self::Unknown if part.is_empty() || lossy => {
                Ok(part.iter().map(|_| char::REPLACEMENT_CHARACTER).collect())
            }
            Self::Unknown => Err(0),
        }
    }

    /// Appends the text; `false` when the encoding does not have it.
    #[inline]
    pub(super) fn encode(self, out: &mut BytesMut, text: &str) -> bool {
        match self {
            Self::Ascii if !text.is_ascii() => return false,
            Self::Utf8 | Self::Ascii => out.extend_from_slice(text.as_bytes()),
            Self::Latin1 => {
                out.reserve(text.len());
                for character in text.chars() {
                    let Ok(byte) = u8::try_from(character) else { return false };
                    out.extend_from_slice(&[byte]);
                }
            }
            Self::Utf16(endian) => utf16::encode(out, text, endian),
            #[cfg(feature = "encodings")]
            Self::Label(encoding) => return super::label::encode(encoding, out, text),
            Self::Unknown => return text.is_empty(),
        }
        true
    }

    /// Bytes of the encoded text.
    #[inline]
    pub(super) fn encoded_len(self, text: &str) -> usize {
        match self {
            Self::Utf8 | Self::Ascii | Self::Unknown => text.len(),
            Self::Latin1 => text.chars().count(),
            Self::Utf16(_) => 2 * text.encode_utf16().count(),
            #[cfg(feature = "encodings")]
            Self::Label(encoding) => encoding.encode(text).0.len(),
        }
    }
}

/// ASCII is UTF-8.
#[inline]
fn ascii(part: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(part)
}

fn ascii_or_replaced(byte: u8) -> char {
    if byte.is_ascii() { char::from(byte) } else { char::REPLACEMENT_CHARACTER }
}
