//! What the borrowing twin of a frame needs to become the frame itself.

use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;

use crate::error::{DecodeError, Fault};
use crate::wire::Wire;

/// Borrowed bytes or text that become owned.
pub trait Twin<T> {
    /// The owned copy.
    fn own(self) -> T;
}

impl Twin<Bytes> for &[u8] {
    fn own(self) -> Bytes {
        Bytes::copy_from_slice(self)
    }
}

impl Twin<Vec<u8>> for &[u8] {
    fn own(self) -> Vec<u8> {
        self.to_vec()
    }
}

impl Twin<String> for &str {
    fn own(self) -> String {
        self.into()
    }
}

/// The layout of a frame without its delimiters, which its twin does not have.
///
/// # Errors
/// [`Fault::Unterminated`] where the closing delimiter is missing, [`Fault::Magic`] where the
/// opening one is.
pub fn inside_of_delimiters<T: Wire>(frame: &[u8]) -> Result<&[u8], DecodeError> {
    let Some(border) = T::SCHEMA.border else {
        return Ok(frame);
    };
    let inside = match frame.strip_prefix(border.start) {
        Some(inside) => inside,
        None if border.shared => frame,
        None => return Err(DecodeError::new(Fault::Magic, 0, frame)),
    };
    match inside.strip_suffix(border.end) {
        Some(inside) => Ok(inside),
        None => Err(DecodeError::new(Fault::Unterminated, 0, &[])),
    }
}
