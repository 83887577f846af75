//! `each(..)`: elements whose layout the list says.

use alloc::vec::Vec;

use bytes::BytesMut;

use crate::error::EncodeError;
use crate::scope::Scope;
use crate::wire::Wire;

/// The layout of one element, around the element itself.
pub trait Each: Wire + Sized {
    /// What the user's type holds.
    type Of;
    /// What was read.
    fn of(self) -> Self::Of;
    /// Bytes of one element.
    fn len_of(of: &Self::Of, scope: Scope<'_>, context: &Self::Context) -> usize;
    /// Appends one element.
    ///
    /// # Errors
    /// A value that does not fit.
    fn write(
        of: &Self::Of,
        out: &mut BytesMut,
        scope: Scope<'_>,
        context: &Self::Context,
    ) -> Result<(), EncodeError>;
}

/// The elements that were read.
#[inline]
pub fn each_of<E: Each>(items: Vec<E>) -> Vec<E::Of> {
    items.into_iter().map(E::of).collect()
}

/// Appends all elements.
///
/// # Errors
/// The first that does not fit.
#[inline]
pub fn each_write<E: Each>(
    out: &mut BytesMut,
    items: &[E::Of],
    scope: Scope<'_>,
    context: &E::Context,
) -> Result<(), EncodeError> {
    items.iter().try_for_each(|item| E::write(item, out, scope, context))
}

/// Bytes of all elements.
#[inline]
pub fn each_len<E: Each>(items: &[E::Of], scope: Scope<'_>, context: &E::Context) -> usize {
    match E::FIXED_LEN {
        Some(len) => len * items.len(),
        None => items.iter().map(|item| E::len_of(item, scope, context)).sum(),
    }
}
