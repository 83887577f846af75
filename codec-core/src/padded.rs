//! [`Padded`]: an integer of variable length that keeps how long it was.

use alloc::vec::Vec;

use bytes::BytesMut;
use nom::IResult;

use crate::error::{DecodeError, EncodeError};
use crate::scope::Endian;
use crate::steps::{Step, steps_read};
use crate::varint::Overlong;

/// An integer of variable length with the bytes that it took: the type of a field
/// `varint = .., overlong = keep`, which is written as it was read.
///
/// ```
/// # mod longlink { pub use longlink_codec_core as codec; }
/// use longlink::codec::Padded;
///
/// let number = Padded::from(5u32);
/// assert_eq!((number.value, number.len), (5, 0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Padded<T> {
    /// The number.
    pub value: T,
    /// Bytes that it takes; 0, as after reading the shortest form: as few as it needs. A number that
    /// needs more than this takes what it needs.
    pub len: u8,
}

impl<T> From<T> for Padded<T> {
    fn from(value: T) -> Self {
        Self { value, len: 0 }
    }
}

/// How a form is made longer.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub enum Filling {
    /// Groups of zeros behind the last one; zigzag as well.
    Leb128,
    /// Groups of zeros before the first one.
    Vlq,
    /// Zeros before the number.
    Ber,
    /// Another step, in this byte order.
    Steps(&'static [Step], Endian),
}

/// What `read` reads, with its length where the shortest form, which is `len`, has another.
///
/// # Errors
/// Those of `read`.
#[doc(hidden)]
#[inline]
pub fn padded_read<'a, T: Copy>(
    input: &'a [u8],
    read: impl FnOnce(&'a [u8]) -> IResult<&'a [u8], T, DecodeError>,
    len: impl FnOnce(T) -> usize,
) -> IResult<&'a [u8], Padded<T>, DecodeError> {
    let (rest, value) = read(input)?;
    let taken = input.len() - rest.len();
    let len = if taken > len(value) { u8::try_from(taken).unwrap_or(0) } else { 0 };
    Ok((rest, Padded { value, len }))
}

/// Bytes of a number whose shortest form has so many.
#[doc(hidden)]
#[inline]
pub fn padded_len<T>(number: Padded<T>, shortest: usize) -> usize {
    shortest.max(number.len.into())
}

/// Makes the shortest form, written since `start`, as long as the number says.
///
/// # Errors
/// [`EncodeError::WrongSize`] beyond `most` bytes, or where no step has so many.
#[doc(hidden)]
pub fn pad<T>(
    out: &mut BytesMut,
    start: usize,
    number: Padded<T>,
    filling: Filling,
    most: usize,
    field: &'static str,
) -> Result<(), EncodeError> {
    let (found, len) = (out.len().saturating_sub(start), usize::from(number.len));
    let Some(missing) = len.checked_sub(found).filter(|missing| *missing > 0) else {
        return Ok(());
    };
    let wrong = EncodeError::WrongSize { field, expected: most, found: len };
    if len > most {
        return Err(wrong);
    }
    // A few bytes; splitting them off would copy all that stands before them.
    let shortest = out.get(start..).unwrap_or_default().to_vec();
    out.truncate(start);
    match (filling, shortest.split_last(), shortest.split_first()) {
        (Filling::Leb128, Some((last, before)), _) => {
            out.extend_from_slice(before);
            out.extend_from_slice(&[last | 0x80]);
            out.extend(core::iter::repeat_n(0x80, missing - 1));
            out.extend_from_slice(&[0]);
        }
        (Filling::Vlq, ..) => {
            out.extend(core::iter::repeat_n(0x80, missing));
            out.extend_from_slice(&shortest);
        }
        (Filling::Ber, _, Some((first, behind))) => {
            let number = if behind.is_empty() { core::slice::from_ref(first) } else { behind };
            out.extend_from_slice(&[0x80 | (number_of(len).wrapping_sub(1))]);
            out.extend(core::iter::repeat_n(0, (len - 1).saturating_sub(number.len())));
            out.extend_from_slice(number);
        }
        (Filling::Steps(steps, endian), ..) => {
            let read = steps_read::<u64>(&shortest, 0, steps, endian, Overlong::Accept);
            let step =
                steps.iter().find(|step| step.bytes > 0 && usize::from(step.bytes) + 1 == len);
            let (Ok((_, value)), Some(step)) = (read, step) else { return Err(wrong) };
            let Some(raw) = value.checked_sub(step.add) else { return Err(wrong) };
            let big = raw.to_be_bytes();
            let kept = big.iter().skip(8usize.saturating_sub(step.bytes.into())).copied();
            let mut bytes: Vec<u8> = kept.collect();
            if endian == Endian::Little {
                bytes.reverse();
            }
            out.extend_from_slice(&[u8::try_from(step.marker).unwrap_or(u8::MAX)]);
            out.extend_from_slice(&bytes);
        }
        _ => return Err(wrong),
    }
    Ok(())
}

fn number_of(len: usize) -> u8 {
    u8::try_from(len).unwrap_or(0x7f)
}
