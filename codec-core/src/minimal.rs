//! Integers in the fewest bytes of two's complement, the highest byte first: the contents of a BER
//! INTEGER (ITU-T X.690, section 8.3) and SSH's `mpint` (RFC 4251, section 5).

use bytes::BytesMut;
use nom::Err;

use crate::error::{DecodeError, Fault};
use crate::integer::Integer;

/// The integer that fills `part`; `least`: bytes of zero, 0 or 1.
///
/// # Errors
/// [`Fault::Varint`] for more bytes than needed, or too few; [`Fault::Invalid`] for a value that
/// does not fit `T`.
#[inline]
pub fn minimal_of<T: Integer>(
    part: &[u8],
    field: u16,
    least: usize,
) -> Result<T, Err<DecodeError>> {
    let fault = |fault| Err(Err::Error(DecodeError::new(fault, field, part)));
    let needless = match part {
        [] => least > 0,
        [0] => least == 0,
        [0, second, ..] => *second < 0x80,
        [0xff, second, ..] => *second >= 0x80,
        _ => false,
    };
    if needless {
        return fault(Fault::Varint);
    }
    // One byte more than the widest type: the sign of an unsigned one.
    if part.len() > 17 {
        return fault(Fault::Invalid);
    }
    let (sign, rest) = match part {
        [0, rest @ ..] if rest.len() == 16 => {
            let number = rest.iter().fold(0u128, |number, byte| (number << 8) | u128::from(*byte));
            return T::try_from(number).or_else(|_| fault(Fault::Invalid));
        }
        [first, ..] if *first >= 0x80 => (-1i128, part),
        _ => (0, part),
    };
    if rest.len() > 16 {
        return fault(Fault::Invalid);
    }
    let number = rest.iter().fold(sign, |number, byte| (number << 8) | i128::from(*byte));
    T::try_from(number).or_else(|_| fault(Fault::Invalid))
}

/// Appends the fewest bytes.
#[inline]
pub fn minimal_write<T: Integer>(out: &mut BytesMut, value: T, least: usize) {
    let (image, from) = image(value, least);
    out.extend_from_slice(image.get(from..).unwrap_or_default());
}

/// How many bytes that is.
#[inline]
pub fn minimal_len<T: Integer>(value: T, least: usize) -> usize {
    let (image, from) = image(value, least);
    image.len() - from
}

/// Seventeen bytes of two's complement, and where the fewest begin.
#[inline]
fn image<T: Integer>(value: T, least: usize) -> ([u8; 17], usize) {
    let mut image = [0; 17];
    let negative = value.unsigned().is_none();
    let bytes = match (value.unsigned(), value.signed()) {
        (Some(number), _) => number.to_be_bytes(),
        (None, number) => number.unwrap_or(0).to_be_bytes(),
    };
    let fill = if negative { 0xff } else { 0 };
    if let Some((first, rest)) = image.split_first_mut() {
        *first = fill;
        rest.copy_from_slice(&bytes);
    }
    let needless = image.iter().take_while(|byte| **byte == fill).count();
    // The first byte that is kept shows the sign.
    let shows = image.get(needless).is_some_and(|byte| (*byte >= 0x80) == negative);
    let from = if shows { needless } else { needless.saturating_sub(1) };
    let empty = least == 0 && !negative && needless == image.len();
    (image, if empty { image.len() } else { from.min(image.len() - 1) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: i64, least: usize) -> BytesMut {
        let mut out = BytesMut::from(&[0xa5][..]);
        minimal_write(&mut out, value, least);
        assert_eq!(out.len(), 1 + minimal_len(value, least));
        assert_eq!(minimal_of(&out[1..], 0, least), Ok(value));
        out.split_off(1)
    }

    /// X.690, section 8.3; the last four are those of RFC 4251, section 5.
    #[test]
    fn the_first_byte_shows_the_sign() {
        let values = [0, 1, 127, 128, 255, 256, -1, -128, -129];
        let expected: [&[u8]; 9] =
            [&[0], &[1], &[0x7f], &[0, 0x80], &[0, 0xff], &[1, 0], &[0xff], &[0x80], &[0xff, 0x7f]];
        for (value, bytes) in values.into_iter().zip(expected) {
            assert_eq!(written(value, 1)[..], *bytes, "{value}");
        }
        assert_eq!(written(0, 0), BytesMut::new());
        assert_eq!(written(0x9a3_78f9_b2e3_32a7, 0).len(), 8);
        assert_eq!(written(-0x1234, 0)[..], [0xed, 0xcc]);
        assert_eq!(written(-0xdead_beef, 0)[..], [0xff, 0x21, 0x52, 0x41, 0x11]);
    }

    #[test]
    fn the_widest_integers_have_a_byte_for_their_sign() {
        let mut out = BytesMut::new();
        minimal_write(&mut out, u128::MAX, 1);
        assert_eq!((out.len(), out[0]), (17, 0));
        assert_eq!(minimal_of(&out, 0, 1), Ok(u128::MAX));
        let error = DecodeError { from_end: 17, field: 0, fault: Fault::Invalid };
        assert_eq!(minimal_of::<i128>(&out, 0, 1), Err(Err::Error(error)));
    }
}
