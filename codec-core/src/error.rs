//! Errors: eight bytes in the hot path, a full report when somebody looks.

use core::fmt;

use nom::error::{ErrorKind, FromExternalError, ParseError};

/// What is wrong with the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// The bytes ended before the field did.
    Short,
    /// A magic, a fixed value or a delimiter is not the declared one.
    Magic,
    /// A length is impossible: below what stands before its own end, beyond a limit, or overflowing.
    Length,
    /// A count is beyond its limit.
    Count,
    /// The checksum over its span is another one.
    Checksum,
    /// Text that its encoding cannot decode.
    Text,
    /// A nibble above nine in BCD, or a character that is no digit in a decimal number.
    Digits,
    /// A value outside of what the declaration allows.
    Invalid,
    /// A tag that no variant has.
    UnknownTag,
    /// Bytes left over in a span that must be consumed exactly.
    Trailing,
    /// More nested lists and boxes than allowed.
    Depth,
    /// An escape byte followed by none of its codes.
    Escape,
    /// A variable-length integer that is too long, or longer than it need be.
    Varint,
    /// Padding that is not zero.
    Padding,
    /// A terminator or delimiter that does not come.
    Unterminated,
    /// A `process` step (inflate, decrypt) that refused its input.
    Process,
    /// Two relations that name one field disagree.
    Contradiction,
    /// Garbage between frames that was skipped.
    Garbage,
    /// A hand-written nom parser refused.
    Nom,
}

impl Fault {
    /// The fault in words, for a sentence that names the field first.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Short => "the bytes ended before the field did",
            Self::Magic => "not the declared constant",
            Self::Length => "an impossible length",
            Self::Count => "more items than allowed",
            Self::Checksum => "the checksum does not match its span",
            Self::Text => "text that its encoding cannot decode",
            Self::Digits => "not a decimal digit",
            Self::Invalid => "a value that the declaration does not allow",
            Self::UnknownTag => "a tag that no variant has",
            Self::Trailing => "bytes left over",
            Self::Depth => "nested too deeply",
            Self::Escape => "an escape byte without a valid code after it",
            Self::Varint => "a variable-length integer that is too long",
            Self::Padding => "padding that is not zero",
            Self::Unterminated => "the terminator does not come",
            Self::Process => "the transformed bytes could not be restored",
            Self::Contradiction => "two relations disagree about the value",
            Self::Garbage => "bytes that belong to no frame",
            Self::Nom => "refused by a hand-written parser",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.describe())
    }
}

/// Why bytes could not be parsed: 8 bytes, `Copy`, returned in a register.
///
/// `from_end` counts from the fault to the end of the input that was given to the function which
/// returned the error. nom's combinators pass suffixes on, so it survives them unchanged; whoever
/// cuts the input shorter adds what it cut off ([`DecodeError::widen`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DecodeError {
    /// Bytes from the fault to the end of the input.
    pub from_end: u32,
    /// Index of the field in the innermost declared type, in declaration order;
    /// [`DecodeError::WHOLE`]: the frame itself.
    pub field: u16,
    /// What is wrong.
    pub fault: Fault,
}

impl DecodeError {
    /// Stands for a field where each field is right and the frame is not: too short or too long.
    pub const WHOLE: u16 = u16::MAX;

    /// A fault of `field` at the start of `at`, which must be a suffix of the input.
    #[cold]
    #[inline(never)]
    #[must_use]
    pub fn new(fault: Fault, field: u16, at: &[u8]) -> Self {
        Self { from_end: u32::try_from(at.len()).unwrap_or(u32::MAX), field, fault }
    }

    /// The same fault, seen from an input that has `cut` more bytes at its end.
    #[must_use]
    pub fn widen(mut self, cut: usize) -> Self {
        let cut = u32::try_from(cut).unwrap_or(u32::MAX);
        self.from_end = self.from_end.saturating_add(cut);
        self
    }

    /// The byte offset of the fault in the input that was parsed.
    #[must_use]
    pub fn offset_in(&self, input: &[u8]) -> usize {
        input.len().saturating_sub(self.from_end as usize)
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field {
            Self::WHOLE => write!(f, "{} of the whole frame", self.fault),
            field => {
                let Self { fault, from_end, .. } = self;
                let bytes = if *from_end == 1 { "byte" } else { "bytes" };
                write!(
                    f,
                    "{fault}, {from_end} {bytes} before the end (field index {field} of its \
                     type; `DecodeError::report` names it)"
                )
            }
        }
    }
}

impl core::error::Error for DecodeError {}

impl<'a> ParseError<&'a [u8]> for DecodeError {
    fn from_error_kind(input: &'a [u8], kind: ErrorKind) -> Self {
        let fault = if matches!(kind, ErrorKind::Eof) { Fault::Short } else { Fault::Nom };
        Self::new(fault, 0, input)
    }

    fn append(_: &'a [u8], _: ErrorKind, other: Self) -> Self {
        other
    }
}

impl<'a, E> FromExternalError<&'a [u8], E> for DecodeError {
    fn from_external_error(input: &'a [u8], _: ErrorKind, _: E) -> Self {
        Self::new(Fault::Nom, 0, input)
    }
}

/// Why a value could not be written. The output is left as it was.
///
/// `field` is `Type.field` in declaration names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EncodeError {
    /// The value does not fit the bytes or bits of its field.
    TooLarge {
        /// `Type.field`.
        field: &'static str,
        /// The value that does not fit.
        value: u64,
        /// The largest that would.
        max: u64,
    },
    /// An `Auto` field without a relation was not filled by any parent.
    Underived {
        /// `Type.field`.
        field: &'static str,
    },
    /// An `other` variant holds a tag that belongs to a known variant: it would not read back.
    TagIsKnown {
        /// `Type.Variant.field` of the tag.
        field: &'static str,
        /// The tag.
        tag: u64,
    },
    /// Two statements about the field disagree (a condition and an `Option`, two presence bits …).
    Contradiction {
        /// `Type.field`.
        field: &'static str,
    },
    /// A field of stated size holds another number of bytes.
    WrongSize {
        /// `Type.field`.
        field: &'static str,
        /// Bytes declared.
        expected: usize,
        /// Bytes held.
        found: usize,
    },
    /// A value outside of what the declaration allows.
    Invalid {
        /// `Type.field`.
        field: &'static str,
        /// The value, as an integer where it is one.
        value: u64,
    },
    /// Text that its encoding cannot express, or that holds its own terminator.
    Text {
        /// `Type.field`.
        field: &'static str,
    },
    /// A length that is not a multiple of its unit.
    Unit {
        /// `Type.field`.
        field: &'static str,
        /// Bytes in the span, and the bias.
        bytes: usize,
        /// Bytes in a unit.
        unit: usize,
    },
    /// A `process` step or a module under `with` refused the value.
    Refused {
        /// `Type.field`.
        field: &'static str,
    },
}

impl EncodeError {
    /// `Type.field`, in declaration names.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::TooLarge { field, .. }
            | Self::Underived { field }
            | Self::TagIsKnown { field, .. }
            | Self::Contradiction { field }
            | Self::WrongSize { field, .. }
            | Self::Invalid { field, .. }
            | Self::Text { field }
            | Self::Unit { field, .. }
            | Self::Refused { field } => field,
        }
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { field, value, max } => {
                write!(f, "{field}: {value} ({value:#x}) does not fit; the largest is {max}")
            }
            Self::Underived { field } => {
                write!(f, "{field}: no relation derives it; name it in one, or use `Auto::Set`")
            }
            Self::TagIsKnown { field, tag } => {
                write!(f, "{field}: tag {tag:#x} belongs to a declared variant; use that variant")
            }
            Self::Contradiction { field } => {
                write!(f, "{field}: contradicts another field of the message")
            }
            Self::WrongSize { field, expected, found } => {
                write!(f, "{field}: takes {expected} bytes, the value has {found}")
            }
            Self::Invalid { field, value } => {
                write!(f, "{field}: {value} ({value:#x}) is not a valid value")
            }
            Self::Text { field } => write!(f, "{field}: its encoding cannot express the text"),
            Self::Unit { field, bytes, unit } => {
                write!(f, "{field}: {bytes} bytes are no multiple of {unit}")
            }
            Self::Refused { field } => write!(f, "{field}: refused by a hand-written writer"),
        }
    }
}

impl core::error::Error for EncodeError {}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn an_error_says_where_the_name_of_its_field_is_to_be_had() {
        assert_eq!(
            DecodeError::new(Fault::Text, 1, b"\xff\x00").to_string(),
            "text that its encoding cannot decode, 2 bytes before the end (field index 1 of its \
             type; `DecodeError::report` names it)"
        );
        assert_eq!(
            DecodeError::new(Fault::Length, DecodeError::WHOLE, b"").to_string(),
            "an impossible length of the whole frame"
        );
    }
}
