//! What writers share: limits, zeros, measuring by writing, values handed down.

use bytes::BytesMut;

use crate::error::EncodeError;
use crate::private::whole::too_large;

/// A length or count within its limit.
///
/// # Errors
/// [`EncodeError::TooLarge`].
#[inline]
pub fn at_most(len: usize, max: usize, field: &'static str) -> Result<(), EncodeError> {
    if len <= max { Ok(()) } else { Err(too_large(field, len as u64, max as u64)) }
}

/// A length that reaches its minimum.
///
/// # Errors
/// [`EncodeError::WrongSize`].
#[inline]
pub fn at_least(len: usize, min: usize, field: &'static str) -> Result<(), EncodeError> {
    if len >= min {
        Ok(())
    } else {
        Err(EncodeError::WrongSize { field, expected: min, found: len })
    }
}

/// A value that fills its stated size.
///
/// # Errors
/// [`EncodeError::WrongSize`].
#[inline]
pub fn exactly(len: usize, size: usize, field: &'static str) -> Result<(), EncodeError> {
    if len == size {
        Ok(())
    } else {
        Err(EncodeError::WrongSize { field, expected: size, found: len })
    }
}

/// Padding.
#[inline]
pub fn zeros(out: &mut BytesMut, len: usize) {
    out.resize(out.len().saturating_add(len), 0);
}

/// The bytes that something writes, counted by writing it; 0 where it refuses.
pub fn measure(write: impl FnOnce(&mut BytesMut) -> Result<(), EncodeError>) -> usize {
    let mut out = BytesMut::new();
    match write(&mut out) {
        Ok(()) => out.len(),
        Err(_) => 0,
    }
}

/// Hands a value down to an open field; all relations that name one field must agree.
///
/// # Errors
/// [`EncodeError::Contradiction`].
#[inline]
pub fn hand<T: PartialEq>(
    slot: &mut Option<T>,
    value: T,
    field: &'static str,
) -> Result<(), EncodeError> {
    match slot {
        Some(other) if *other != value => Err(EncodeError::Contradiction { field }),
        _ => {
            *slot = Some(value);
            Ok(())
        }
    }
}

/// The closing delimiter stands inside of what is written from `start` on.
#[must_use]
pub fn delimited_inside(out: &[u8], start: usize, end: &[u8]) -> bool {
    let written = out.get(start..).unwrap_or_default();
    !end.is_empty() && memchr::memmem::find(written, end).is_some()
}

/// Text of either kind, as the patterns of `valid` see it.
#[inline(always)]
#[must_use]
pub fn as_str<T: AsRef<str> + ?Sized>(text: &T) -> &str {
    text.as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relations_that_name_one_field_must_agree() {
        let mut slot = None;
        assert_eq!(hand(&mut slot, true, "T.f"), Ok(()));
        assert_eq!(hand(&mut slot, true, "T.f"), Ok(()));
        assert_eq!(hand(&mut slot, false, "T.f"), Err(EncodeError::Contradiction { field: "T.f" }));
        assert_eq!(slot, Some(true));
    }

    #[test]
    fn a_limit_is_the_last_length_that_passes() {
        assert_eq!(at_most(3, 3, "T.f"), Ok(()));
        let error = EncodeError::TooLarge { field: "T.f", value: 4, max: 3 };
        assert_eq!(at_most(4, 3, "T.f"), Err(error));
        let error = EncodeError::WrongSize { field: "T.f", expected: 3, found: 2 };
        assert_eq!(exactly(2, 3, "T.f"), Err(error));
    }
}
