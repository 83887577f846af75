//! Derived fields: what a parent hands down, what a value settles to, what is written.

use nom::Err;

use crate::auto::Auto;
use crate::error::{DecodeError, EncodeError, Fault};
use crate::private::cold::malformed;
use crate::private::whole::{Whole, too_large};
use crate::wire::Tagged;

/// The value of an open field: its override, or what a parent has filled in.
///
/// # Errors
/// [`EncodeError::Underived`] when there is neither.
#[inline]
pub fn open<T: Copy>(
    own: &Auto<T>,
    fill: Option<T>,
    field: &'static str,
) -> Result<T, EncodeError> {
    own.set().or(fill).ok_or(EncodeError::Underived { field })
}

/// What a nested type has read into an open field.
///
/// # Errors
/// [`Fault::Contradiction`] when the nested type has settled it by a relation of its own.
#[inline]
pub fn held<T: Copy>(own: &Auto<T>, field: u16, at: &[u8]) -> Result<T, Err<DecodeError>> {
    match own {
        Auto::Set(value) => Ok(*value),
        Auto::Derived => malformed(Fault::Contradiction, field, at),
    }
}

/// The length in bytes that a wire value states: value × unit − bias; `None` where that is
/// negative or beyond what can be counted.
#[inline(always)]
pub fn span_len<T: Whole>(value: T, unit: u64, bias: i64) -> Option<usize> {
    let bytes = u64::try_from(value.to_usize()?).ok()?.checked_mul(unit)?;
    usize::try_from(if bias < 0 {
        bytes.checked_add(bias.unsigned_abs())?
    } else {
        bytes.checked_sub(bias.unsigned_abs())?
    })
    .ok()
}

/// The wire value that states a length in bytes: (bytes + bias) / unit.
///
/// # Errors
/// [`EncodeError::Unit`] when it does not divide, [`EncodeError::TooLarge`] when it does not fit.
#[inline(always)]
pub fn length_value<T: Whole>(
    bytes: usize,
    unit: u64,
    bias: i64,
    field: &'static str,
) -> Result<T, EncodeError> {
    let biased = (bytes as u64).wrapping_add_signed(bias);
    if unit > 1 && !biased.is_multiple_of(unit) {
        let unit = usize::try_from(unit).unwrap_or(usize::MAX);
        let bytes = usize::try_from(biased).unwrap_or(usize::MAX);
        return Err(EncodeError::Unit { field, bytes, unit });
    }
    let value = if unit > 1 { biased / unit } else { biased };
    fit(value, field)
}

/// A tag or a length in its field's own type.
///
/// # Errors
/// [`EncodeError::TooLarge`] when it does not fit.
#[inline(always)]
pub fn fit<T: Whole>(value: u64, field: &'static str) -> Result<T, EncodeError> {
    match T::from_u64(value) {
        Some(value) => Ok(value),
        None => Err(too_large(field, value, T::LARGEST)),
    }
}

/// A count or a length in its field's own type.
///
/// # Errors
/// [`EncodeError::TooLarge`] when it does not fit.
#[inline(always)]
pub fn count_value<T: Whole>(count: usize, field: &'static str) -> Result<T, EncodeError> {
    match T::from_usize(count) {
        Some(value) => Ok(value),
        None => Err(too_large(field, count as u64, T::LARGEST)),
    }
}

/// The tag read, where it is not the one that the value would be written with.
#[inline(always)]
pub fn settle_tag<T: Whole>(read: T, computed: impl Into<Option<u64>>) -> Auto<T> {
    if Some(read.to_u64()) == computed.into() { Auto::Derived } else { Auto::Set(read) }
}

/// The tag of all items of a list, which is that of the first; 0 where there is none.
#[inline]
pub fn tag_of_all<T: Tagged, L: core::ops::Deref<Target = [T]>>(list: &L) -> u64 {
    list.first().map_or(0, Tagged::tag)
}

/// All items have one tag.
#[inline]
#[must_use]
pub fn are_alike<T: Tagged>(list: &[T]) -> bool {
    let tag = list.first().map_or(0, Tagged::tag);
    list.iter().all(|item| item.tag() == tag)
}

/// Those that have the tag of the first.
#[must_use]
pub fn alike<T: Tagged>(mut list: alloc::vec::Vec<T>) -> alloc::vec::Vec<T> {
    let tag = list.first().map_or(0, Tagged::tag);
    list.retain(|item| item.tag() == tag);
    list
}

/// A plain length, where it is not the one that the value would be written with.
#[inline(always)]
pub fn settle_plain<T: Whole>(read: T, len: usize) -> Auto<T> {
    settle_tag(read, Some(len as u64))
}

/// A plain length is what the layer turned out to have.
#[inline(always)]
pub fn is_plain_len<T: Whole>(said: T, len: usize) -> bool {
    said.to_u64() == len as u64
}

/// What a layer may hold at most, where its length is said before it.
#[inline(always)]
pub fn plain_max<T: Whole>(said: T, max: usize) -> usize {
    usize::try_from(said.to_u64()).map_or(max, |said| said.min(max))
}

/// The same where the value is there: nothing is compared if it cannot differ.
#[inline(always)]
pub fn settle_tag_of<T: Whole, E: Tagged>(read: T, value: &E) -> Auto<T> {
    if E::EXACT { Auto::Derived } else { settle_tag(read, value.tag()) }
}

/// The same for a tag that a nested type has read.
#[inline(always)]
pub fn settle_open<T: Whole>(read: Auto<T>, computed: impl Into<Option<u64>>) -> Auto<T> {
    match read {
        Auto::Set(read) => settle_tag(read, computed),
        Auto::Derived => Auto::Derived,
    }
}

/// The wire value of a length that stands, as a varint, inside its own span: the smallest width
/// that agrees with itself.
#[inline]
#[must_use]
pub fn self_counted(others: usize, unit: u64, bias: i64, width: impl Fn(u64) -> usize) -> u64 {
    let unit = unit.max(1);
    let mut value = 0;
    for own in 1..=10 {
        value = (others as u64).wrapping_add(own).wrapping_add_signed(bias) / unit;
        if width(value) as u64 == own {
            return value;
        }
    }
    value
}
