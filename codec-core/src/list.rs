//! Lists of any [`Wire`] item: by count, up to an end, until a condition holds.

use alloc::vec::Vec;

use bytes::BytesMut;
use nom::{Err, IResult};

use crate::error::{DecodeError, EncodeError, Fault};
use crate::private::{malformed, malformed_before};
use crate::scope::Scope;
use crate::wire::{Parse, Wire};

/// Bytes that one list reserves before it has seen its items.
const RESERVED: usize = 64 * 1024;

/// `count` items.
///
/// Checked before anything is allocated: the count against its limit, and `MIN_LEN` of all items
/// against what is there.
///
/// # Errors
/// [`Fault::Count`], [`Fault::Short`], [`Fault::Depth`], or what an item reports.
#[inline]
pub fn list<'a, T: Parse<'a>>(
    input: &'a [u8],
    count: usize,
    max_count: usize,
    field: u16,
    scope: Scope<'_>,
    context: &T::Context,
) -> IResult<&'a [u8], Vec<T>, DecodeError> {
    if count > max_count {
        return malformed(Fault::Count, field, input);
    }
    if count == 0 {
        return Ok((input, Vec::new()));
    }
    let scope = scope.deeper(input)?;
    match T::FIXED_LEN {
        Some(len) if scope.trace().is_none() && len > 0 => {
            let split = count.checked_mul(len).and_then(|bytes| input.split_at_checked(bytes));
            let Some((block, rest)) = split else {
                return short_of_items::<T>(input, len, field, scope, context);
            };
            match T::parse_run(block, scope, context) {
                Ok(items) => Ok((rest, items)),
                Err(error) => Err(error.map(|error| error.widen(rest.len()))),
            }
        }
        _ => {
            if count.checked_mul(T::MIN_LEN).is_none_or(|least| least > input.len()) {
                return first_fault::<T>(input, field, scope, context);
            }
            let items = Vec::with_capacity(count.min(RESERVED / size_of::<T>().max(1)));
            counted(input, count, items, scope, context)
        }
    }
}

/// The loop of items that are not of fixed length, or that are being traced.
fn counted<'a, T: Parse<'a>>(
    input: &'a [u8],
    count: usize,
    mut items: Vec<T>,
    scope: Scope<'_>,
    context: &T::Context,
) -> IResult<&'a [u8], Vec<T>, DecodeError> {
    let mut rest = input;
    for _ in 0..count {
        if let Some(trace) = scope.trace() {
            trace.item(rest);
        }
        let (after, item) = T::parse_in(rest, scope, context)?;
        if let Some(trace) = scope.trace() {
            trace.leave(after);
        }
        items.push(item);
        rest = after;
    }
    Ok((rest, items))
}

/// There are fewer bytes than the items need: the fault is in the first item that ran out, unless
/// one before it is malformed.
#[cold]
#[inline(never)]
fn short_of_items<'a, T: Parse<'a>>(
    input: &'a [u8],
    len: usize,
    field: u16,
    scope: Scope<'_>,
    context: &T::Context,
) -> IResult<&'a [u8], Vec<T>, DecodeError> {
    let whole = input.len() - input.len() % len;
    let (block, partial) = input.split_at_checked(whole).unwrap_or((input, &[]));
    if let Err(error) = T::parse_run(block, scope, context) {
        return Err(error.map(|error| error.widen(partial.len())));
    }
    match T::parse_in(partial, scope, context) {
        Err(error) if !partial.is_empty() => Err(error),
        _ => malformed(Fault::Short, field, partial),
    }
}

/// There are too few bytes for the items: the fault of the first that cannot be read. None is kept.
#[cold]
#[inline(never)]
fn first_fault<'a, T: Parse<'a>>(
    input: &'a [u8],
    field: u16,
    scope: Scope<'_>,
    context: &T::Context,
) -> IResult<&'a [u8], Vec<T>, DecodeError> {
    let mut rest = input;
    while !rest.is_empty() {
        let (after, _) = T::parse_in(rest, scope, context)?;
        if after.len() == rest.len() {
            break;
        }
        rest = after;
    }
    malformed(Fault::Short, field, rest)
}

/// Items that fill `part` to its end.
///
/// # Errors
/// [`Fault::Count`], [`Fault::Depth`], or what an item reports; an item that takes no bytes would
/// never end and is [`Fault::Count`].
#[inline]
pub fn list_to_end<'a, T: Parse<'a>>(
    part: &'a [u8],
    max_count: usize,
    field: u16,
    scope: Scope<'_>,
    context: &T::Context,
) -> Result<Vec<T>, Err<DecodeError>> {
    if part.is_empty() {
        return Ok(Vec::new());
    }
    let scope = scope.deeper(part)?;
    if let Some(len) = T::FIXED_LEN
        && len > 0
        && scope.trace().is_none()
    {
        if !part.len().is_multiple_of(len) {
            return short_of_items::<T>(part, len, field, scope, context).map(|(_, items)| items);
        }
        if part.len() / len > max_count {
            return past_count(part, max_count.saturating_mul(len), field);
        }
        return T::parse_run(part, scope, context);
    }
    let mut items = Vec::new();
    let mut rest = part;
    while !rest.is_empty() {
        if items.len() >= max_count {
            return malformed(Fault::Count, field, rest);
        }
        if let Some(trace) = scope.trace() {
            trace.item(rest);
        }
        let (after, item) = T::parse_in(rest, scope, context)?;
        if let Some(trace) = scope.trace() {
            trace.leave(after);
        }
        if after.len() == rest.len() {
            return malformed(Fault::Count, field, rest);
        }
        items.push(item);
        rest = after;
    }
    Ok(items)
}

/// Items up to the first for which `until` holds; it is the last one.
///
/// # Errors
/// [`Fault::Count`], [`Fault::Depth`], or what an item reports.
#[inline]
pub fn list_until<'a, T: Parse<'a>>(
    input: &'a [u8],
    max_count: usize,
    field: u16,
    scope: Scope<'_>,
    context: &T::Context,
    mut until: impl FnMut(&T) -> bool,
) -> IResult<&'a [u8], Vec<T>, DecodeError> {
    let scope = scope.deeper(input)?;
    let mut items = Vec::new();
    let mut rest = input;
    loop {
        if items.len() >= max_count {
            return malformed(Fault::Count, field, rest);
        }
        if let Some(trace) = scope.trace() {
            trace.item(rest);
        }
        let (after, item) = T::parse_in(rest, scope, context)?;
        if let Some(trace) = scope.trace() {
            trace.leave(after);
        }
        let last = until(&item);
        if !last && after.len() == rest.len() {
            return malformed(Fault::Count, field, rest);
        }
        items.push(item);
        rest = after;
        if last {
            return Ok((rest, items));
        }
    }
}

/// `until` holds for the last item and for none before it.
#[inline]
pub fn ends_with<T>(items: &[T], mut until: impl FnMut(&T) -> bool) -> bool {
    items.iter().position(&mut until) == items.len().checked_sub(1) && !items.is_empty()
}

/// Writes all items, none more than `max_count`.
///
/// # Errors
/// [`EncodeError::TooLarge`], or what an item reports.
#[inline]
pub fn list_write<T: Wire>(
    out: &mut BytesMut,
    items: &[T],
    max_count: usize,
    field: &'static str,
    scope: Scope<'_>,
    context: &T::Context,
) -> Result<(), EncodeError> {
    if items.len() > max_count {
        let (value, max) = (items.len() as u64, max_count as u64);
        return Err(EncodeError::TooLarge { field, value, max });
    }
    T::encode_run(items, out, scope, context)
}

#[cold]
#[inline(never)]
fn past_count<T>(part: &[u8], at: usize, field: u16) -> Result<T, Err<DecodeError>> {
    malformed_before(Fault::Count, field, part.len().saturating_sub(at))
}
