//! A field that is too long for one frame: cut into fragments, and put together again.

use alloc::vec::Vec;

use bytes::{Bytes, BytesMut};

use crate::error::EncodeError;
use crate::private::whole::too_large;
use crate::roles::{Role, Roles};
use crate::scope::Scope;
use crate::wire::{Parse, Wire};

/// The fragments of a value of more than `limit` bytes, made by `place` from its pieces; none of a
/// shorter one.
///
/// # Errors
/// The value cannot be written, or `place` refuses.
pub fn split<T: Wire, F>(
    value: &T,
    context: &T::Context,
    limit: usize,
    scope: Scope<'_>,
    place: impl FnOnce(Vec<Bytes>) -> Result<Vec<F>, EncodeError>,
) -> Result<Vec<F>, EncodeError> {
    let len = value.encoded_len_in(scope, context);
    if len <= limit {
        return Ok(Vec::new());
    }
    let mut whole = BytesMut::with_capacity(len);
    value.encode_in(&mut whole, &T::Fill::default(), scope, context)?;
    let mut rest = whole.freeze();
    let mut pieces = Vec::new();
    while !rest.is_empty() {
        pieces.push(rest.split_to(limit.max(1).min(rest.len())));
    }
    place(pieces)
}

/// One frame for each piece, with its place; `field` holds the place.
///
/// # Errors
/// [`EncodeError::TooLarge`] when there are more than the place can count.
pub fn placed<T: for<'a> Parse<'a>, F: Roles>(
    pieces: &[Bytes],
    context: &T::Context,
    field: &'static str,
    scope: Scope<'_>,
    make: impl Fn(T) -> Option<F>,
) -> Result<Vec<F>, EncodeError> {
    let total = pieces.len() as u64;
    let pieces = pieces.iter().zip(0..).map(|(piece, index)| {
        let mut frame = joined::<T>(piece, scope, context).and_then(&make)?;
        let placed = frame.set_nested(Role::FragmentTotal, total)
            && frame.set_nested(Role::FragmentIndex, index);
        placed.then_some(frame)
    });
    pieces.collect::<Option<Vec<F>>>().ok_or_else(|| too_large(field, total, 0))
}

/// What these bytes are under this context, exactly.
#[must_use]
pub fn joined<T: for<'a> Parse<'a>>(
    bytes: &Bytes,
    scope: Scope<'_>,
    context: &T::Context,
) -> Option<T> {
    T::exact_in(bytes, scope.owned_by(bytes), context).ok()
}

/// The value of complete fragments in order. `append` writes the piece of one and tells its tag,
/// `read` makes the value of all pieces with all else from the first.
///
/// # Errors
/// The fragments, when they have different tags or make no value.
pub fn join<F>(
    fragments: Vec<F>,
    append: impl Fn(&F, &mut BytesMut) -> Result<u64, EncodeError>,
    read: impl Fn(&F, &Bytes) -> Result<Option<F>, EncodeError>,
) -> Result<F, Vec<F>> {
    let whole = || {
        let (first, mut out) = (fragments.first()?, BytesMut::new());
        let tag = append(first, &mut out).ok()?;
        for fragment in fragments.iter().skip(1) {
            if append(fragment, &mut out).ok()? != tag {
                return None;
            }
        }
        read(first, &out.freeze()).ok()?
    };
    whole().ok_or(fragments)
}
