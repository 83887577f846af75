//! Integers that are themselves below a first marker, and behind a marker an integer of its width.
//!
//! Each value has one shortest form. Longer ones are refused ([`Fault::Varint`]) unless they are
//! accepted by declaration, and so are markers that stand for nothing.

use bytes::BytesMut;
use nom::IResult;

use crate::error::{DecodeError, EncodeError, Fault};
use crate::private::{Whole, malformed, too_large};
use crate::scope::Endian;
use crate::varint::Overlong;

/// What stands behind one marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Step {
    /// The value of the first byte, or of the bits, that says so.
    pub marker: u64,
    /// Bytes of the integer behind it, 1 to 8; 0: the marker stands for nothing.
    pub bytes: u8,
    /// Added to that integer.
    pub add: u64,
    /// The smallest value that has no shorter form.
    pub least: u64,
}

impl Step {
    /// A step.
    #[must_use]
    pub const fn new(marker: u64, bytes: u8, add: u64, least: u64) -> Self {
        Self { marker, bytes, add, least }
    }

    /// The largest value that it holds.
    #[must_use]
    pub const fn most(&self) -> u64 {
        if self.bytes == 0 {
            return 0;
        }
        let unused = 64u32.saturating_sub(8 * self.bytes as u32);
        (u64::MAX >> unused).saturating_add(self.add)
    }
}

/// One byte, and the integer that it announces.
///
/// # Errors
/// [`Fault::Short`]; [`Fault::Varint`] for a form that is longer than it need be, a marker that
/// stands for nothing, or a value beyond the width of `T`.
#[inline]
pub fn steps_read<'a, T: Whole>(
    input: &'a [u8],
    field: u16,
    steps: &[Step],
    endian: Endian,
    overlong: Overlong,
) -> IResult<&'a [u8], T, DecodeError> {
    let Some((head, rest)) = input.split_first() else {
        return malformed(Fault::Short, field, input);
    };
    let stepped = Stepped { field, steps, endian, overlong };
    behind(u64::from(*head), rest, input, &stepped)
}

/// The integer that a head of a few bits announces.
///
/// # Errors
/// As [`steps_read`].
#[inline]
pub fn steps_tail<'a, T: Whole>(
    head: u64,
    input: &'a [u8],
    field: u16,
    steps: &[Step],
    endian: Endian,
    overlong: Overlong,
) -> IResult<&'a [u8], T, DecodeError> {
    behind(head, input, input, &Stepped { field, steps, endian, overlong })
}

struct Stepped<'s> {
    field: u16,
    steps: &'s [Step],
    endian: Endian,
    overlong: Overlong,
}

#[inline]
fn behind<'a, T: Whole>(
    head: u64,
    rest: &'a [u8],
    at: &'a [u8],
    stepped: &Stepped<'_>,
) -> IResult<&'a [u8], T, DecodeError> {
    let Stepped { field, steps, endian, overlong } = *stepped;
    let first = steps.first().map_or(u64::MAX, |step| step.marker);
    let (rest, value) = if head < first {
        (rest, head)
    } else {
        let step = steps.iter().find(|step| step.marker == head && step.bytes > 0);
        let Some(step) = step else { return malformed(Fault::Varint, field, at) };
        let Some((bytes, rest)) = rest.split_at_checked(usize::from(step.bytes)) else {
            return malformed(Fault::Short, field, rest);
        };
        let push = |value: u64, byte: &u8| (value << 8) | u64::from(*byte);
        let raw = match endian {
            Endian::Big => bytes.iter().fold(0, push),
            Endian::Little => bytes.iter().rev().fold(0, push),
        };
        match raw.checked_add(step.add) {
            Some(value) if value >= step.least || overlong != Overlong::Refuse => (rest, value),
            _ => return malformed(Fault::Varint, field, at),
        }
    };
    match T::from_u64(value) {
        Some(value) => Ok((rest, value)),
        None => malformed(Fault::Varint, field, at),
    }
}

/// The step that a value takes; `None`: it is its own head.
#[inline]
fn step_of<'s>(
    value: u64,
    steps: &'s [Step],
    field: &'static str,
) -> Result<Option<&'s Step>, EncodeError> {
    if steps.first().is_none_or(|step| value < step.marker) {
        return Ok(None);
    }
    let step = steps.iter().find(|step| step.bytes > 0 && value <= step.most());
    match step {
        Some(step) => Ok(Some(step)),
        None => {
            let most = steps.iter().map(Step::most).max().unwrap_or(0);
            Err(too_large(field, value, most))
        }
    }
}

/// Appends the shortest form.
///
/// # Errors
/// [`EncodeError::TooLarge`] beyond the last step.
#[inline]
pub fn steps_write<T: Whole>(
    out: &mut BytesMut,
    value: T,
    steps: &[Step],
    endian: Endian,
    field: &'static str,
) -> Result<(), EncodeError> {
    let head = steps_head(value, steps, field)?;
    out.extend_from_slice(&[u8::wrap(head)]);
    steps_tail_write(out, value, steps, endian, field)
}

/// The head of the shortest form.
///
/// # Errors
/// [`EncodeError::TooLarge`] beyond the last step.
#[inline]
pub fn steps_head<T: Whole>(
    value: T,
    steps: &[Step],
    field: &'static str,
) -> Result<u64, EncodeError> {
    let value = value.to_u64();
    Ok(step_of(value, steps, field)?.map_or(value, |step| step.marker))
}

/// Appends what stands behind the head of the shortest form.
///
/// # Errors
/// [`EncodeError::TooLarge`] beyond the last step.
#[inline]
pub fn steps_tail_write<T: Whole>(
    out: &mut BytesMut,
    value: T,
    steps: &[Step],
    endian: Endian,
    field: &'static str,
) -> Result<(), EncodeError> {
    let value = value.to_u64();
    let Some(step) = step_of(value, steps, field)? else { return Ok(()) };
    let raw = value.wrapping_sub(step.add);
    let len = usize::from(step.bytes);
    match endian {
        Endian::Big => {
            let bytes = raw.to_be_bytes();
            out.extend_from_slice(bytes.get(bytes.len().saturating_sub(len)..).unwrap_or_default());
        }
        Endian::Little => {
            out.extend_from_slice(raw.to_le_bytes().get(..len).unwrap_or_default());
        }
    }
    Ok(())
}

/// Bytes of the shortest form.
#[inline]
pub fn steps_len<T: Whole>(value: T, steps: &[Step]) -> usize {
    1 + steps_tail_len(value, steps)
}

/// Bytes behind the head of the shortest form.
#[inline]
pub fn steps_tail_len<T: Whole>(value: T, steps: &[Step]) -> usize {
    match step_of(value.to_u64(), steps, "") {
        Ok(Some(step)) => usize::from(step.bytes),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bitcoin's `CompactSize`.
    const COMPACT: &[Step] = &[
        Step::new(0xfd, 2, 0, 0xfd),
        Step::new(0xfe, 4, 0, 0x1_0000),
        Step::new(0xff, 8, 0, 0x1_0000_0000),
    ];

    fn written(value: u64) -> BytesMut {
        let mut out = BytesMut::from(&[0xa5][..]);
        steps_write(&mut out, value, COMPACT, Endian::Little, "T.f").unwrap();
        assert_eq!(out.len(), 1 + steps_len(value, COMPACT));
        out.split_off(1)
    }

    #[test]
    fn each_step_begins_where_the_one_before_ends() {
        let ends = [0, 0xfc, 0xfd, 0xffff, 0x1_0000, 0xffff_ffff, 0x1_0000_0000, u64::MAX];
        let lens = [1, 1, 3, 3, 5, 5, 9, 9];
        assert_eq!(ends.map(|value| written(value).len()), lens);
        for value in ends {
            let bytes = written(value);
            let read = steps_read(&bytes, 3, COMPACT, Endian::Little, Overlong::Refuse);
            assert_eq!(read, Ok((&[][..], value)));
        }
    }

    #[test]
    fn a_longer_form_is_refused_unless_it_is_accepted() {
        let bytes = [0xfd, 0xfc, 0];
        let read = |overlong| steps_read::<u64>(&bytes, 3, COMPACT, Endian::Little, overlong);
        let error = DecodeError { from_end: 3, field: 3, fault: Fault::Varint };
        assert_eq!(read(Overlong::Refuse), Err(nom::Err::Error(error)));
        assert_eq!(read(Overlong::Accept), Ok((&[][..], 0xfc)));
    }
}
