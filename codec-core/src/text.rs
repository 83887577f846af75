//! Text in any encoding, padded, trimmed or terminated.
//!
//! What cannot be decoded is [`Fault::Text`], unless the field is `lossy`; what cannot be encoded
//! is [`EncodeError::Text`]. Neither guesses, so that text survives a round trip in both
//! directions: bytes that stand for a text which would be written otherwise (the duplicates of
//! Shift_JIS, `0x80` in GBK) count as undecodable too.

mod charset;
#[cfg(feature = "encodings")]
mod label;
mod terminated;
mod utf16;

pub use charset::{Charset, Chosen, charset};
pub use terminated::{terminate, terminated};

use alloc::borrow::Cow;
use alloc::string::String;

use bytes::BytesMut;
use nom::Err;

use crate::error::{DecodeError, EncodeError, Fault};

/// How a text field is written, as its declaration says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextForm {
    /// The encoding.
    pub charset: Charset,
    /// The code unit that fills a field of stated size.
    pub pad: Option<u8>,
    /// Padding at the end is cut off on read: `pad`, or spaces and zeros where none is declared.
    pub trim: bool,
    /// Bytes that cannot be decoded become U+FFFD.
    pub lossy: bool,
}

impl TextForm {
    /// Plain UTF-8.
    pub const UTF8: Self = Self { charset: Charset::Utf8, pad: None, trim: false, lossy: false };

    fn trims(self, unit: u8) -> bool {
        match self.pad {
            Some(pad) => unit == pad,
            None => matches!(unit, b' ' | 0),
        }
    }
}

/// The part as text; borrowed where the encoding allows it.
///
/// # Errors
/// [`Fault::Text`] at the first byte that cannot be decoded.
#[inline]
pub fn text_read(
    part: &[u8],
    field: u16,
    form: TextForm,
) -> Result<Cow<'_, str>, Err<DecodeError>> {
    let kept = trimmed(part, form);
    let fault = match form.charset.decode(kept, form.lossy) {
        Ok(text) => return Ok(text),
        Err(valid) => valid,
    };
    // The fault lies in what was kept; the padding behind it counts as well.
    let at = part.get(fault..).unwrap_or_default();
    Err(Err::Error(DecodeError::new(Fault::Text, field, at)))
}

/// The part as a `&str`: UTF-8 and ASCII only.
///
/// # Errors
/// [`Fault::Text`] at the first byte that cannot be decoded, or at the start of text that has no
/// UTF-8 in the input to borrow.
#[inline]
pub fn text_borrow(part: &[u8], field: u16, form: TextForm) -> Result<&str, Err<DecodeError>> {
    match text_read(part, field, form)? {
        Cow::Borrowed(text) => Ok(text),
        Cow::Owned(_) => Err(Err::Error(DecodeError::new(Fault::Text, field, part))),
    }
}

/// The part as a `String`.
///
/// # Errors
/// [`Fault::Text`] at the first byte that cannot be decoded.
#[inline]
pub fn text_owned(part: &[u8], field: u16, form: TextForm) -> Result<String, Err<DecodeError>> {
    Ok(text_read(part, field, form)?.into_owned())
}

/// Appends the text, filled up to `size` bytes where there is one.
///
/// # Errors
/// [`EncodeError::Text`] for text that the encoding does not have; [`EncodeError::WrongSize`] when
/// it is longer than `size`, or shorter and no `pad` is declared.
#[inline]
pub fn text_write(
    out: &mut BytesMut,
    text: &str,
    form: TextForm,
    size: Option<usize>,
    field: &'static str,
) -> Result<(), EncodeError> {
    let start = out.len();
    if !form.charset.encode(out, text) {
        return Err(EncodeError::Text { field });
    }
    match size {
        Some(size) => fill(out, start, form, size, field),
        None => Ok(()),
    }
}

/// Bytes that [`text_write`] will append.
#[inline]
#[must_use]
pub fn text_len(text: &str, form: TextForm, size: Option<usize>) -> usize {
    size.unwrap_or_else(|| form.charset.encoded_len(text))
}

/// Padding from what is written since `start` up to `size` bytes.
fn fill(
    out: &mut BytesMut,
    start: usize,
    form: TextForm,
    size: usize,
    field: &'static str,
) -> Result<(), EncodeError> {
    let found = out.len() - start;
    let (Some(missing), pad) = (size.checked_sub(found), form.pad) else {
        return Err(EncodeError::WrongSize { field, expected: size, found });
    };
    let unit = form.charset.unit();
    match pad {
        _ if missing == 0 => Ok(()),
        Some(pad) if missing % unit.len() == 0 => {
            for _ in 0..missing / unit.len() {
                out.extend_from_slice(unit.image(pad).get(..unit.len()).unwrap_or_default());
            }
            Ok(())
        }
        _ => Err(EncodeError::WrongSize { field, expected: size, found }),
    }
}

/// Without the padding at its end.
#[inline]
fn trimmed(part: &[u8], form: TextForm) -> &[u8] {
    if !form.trim {
        return part;
    }
    let unit = form.charset.unit();
    let mut kept = part;
    while let Some((before, last)) = kept.split_at_checked(kept.len().wrapping_sub(unit.len())) {
        match unit.value(last) {
            Some(value) if form.trims(value) => kept = before,
            _ => break,
        }
    }
    kept
}

#[cfg(test)]
mod tests;
