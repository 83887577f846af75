//! A repeating exclusive or: `mask = key`.

use alloc::vec::Vec;

use bytes::Bytes;
use nom::Err;

use crate::error::{DecodeError, Fault};

/// What bytes are masked with: byte `i` with byte `i mod len` of the key. Without a key, or with an
/// empty one, they stand as they are.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no key to mask bytes with",
    label = "write `[u8; 4]`, bytes, or an `Option` of one"
)]
pub trait MaskKey {
    /// The bytes of the key.
    fn key(&self) -> &[u8];
}

impl<const N: usize> MaskKey for [u8; N] {
    fn key(&self) -> &[u8] {
        self
    }
}

impl MaskKey for [u8] {
    fn key(&self) -> &[u8] {
        self
    }
}

impl MaskKey for Vec<u8> {
    fn key(&self) -> &[u8] {
        self
    }
}

impl MaskKey for Bytes {
    fn key(&self) -> &[u8] {
        self
    }
}

impl<K: MaskKey> MaskKey for Option<K> {
    fn key(&self) -> &[u8] {
        self.as_ref().map_or(&[], K::key)
    }
}

impl<K: MaskKey + ?Sized> MaskKey for &K {
    fn key(&self) -> &[u8] {
        (**self).key()
    }
}

/// The bytes under their mask, which is also how they are taken from under it.
#[must_use]
pub fn masked(bytes: &[u8], key: &(impl MaskKey + ?Sized)) -> Vec<u8> {
    let key = key.key();
    if key.is_empty() {
        return bytes.to_vec();
    }
    bytes.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect()
}

/// The bytes of a part without their mask.
///
/// # Errors
/// [`Fault::Length`] beyond `max_len` bytes.
pub fn unmasked(
    part: &[u8],
    key: &(impl MaskKey + ?Sized),
    field: u16,
    max_len: usize,
) -> Result<Vec<u8>, Err<DecodeError>> {
    if part.len() > max_len {
        return Err(Err::Error(DecodeError::new(Fault::Length, field, part)));
    }
    Ok(masked(part, key))
}
