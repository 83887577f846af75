//! Integers as ASCII digits, ended by a terminator: `1234\r\n`.

use bytes::BytesMut;
use core::fmt::Write as _;
use nom::{Err, IResult};

use crate::error::{DecodeError, EncodeError, Fault};
use crate::integer::Integer;
use crate::private::malformed;

/// No integer has more characters: the sign and 39 digits of `i128::MIN`.
const MAX_CHARACTERS: usize = 40;

/// Digits up to `terminator`, which is consumed.
///
/// A value has one form: no leading zeros, no `+`, no `-0`; a `-` for signed types only.
///
/// # Errors
/// [`Fault::Digits`] at the character that is not expected, [`Fault::Unterminated`] where the input
/// ends in a number, [`Fault::Invalid`] where the value does not fit `T`.
#[inline]
pub fn decimal_read<'a, T: Integer>(
    input: &'a [u8],
    field: u16,
    terminator: &[u8],
) -> IResult<&'a [u8], T, DecodeError> {
    let end = input
        .iter()
        .take(MAX_CHARACTERS)
        .take_while(|byte| byte.is_ascii_digit() || **byte == b'-')
        .count();
    let (part, rest) = input.split_at_checked(end).unwrap_or((input, &[]));
    let Some(after) = rest.strip_prefix(terminator) else {
        let fault = if terminator.starts_with(rest) { Fault::Unterminated } else { Fault::Digits };
        return malformed(fault, field, rest);
    };
    match decimal_of(part, field) {
        Ok(value) => Ok((after, value)),
        Err(error) => Err(error.map(|error| error.widen(rest.len()))),
    }
}

/// The whole part as digits.
///
/// # Errors
/// [`Fault::Digits`] at the character that is not expected, [`Fault::Invalid`] where the value does
/// not fit `T`.
pub fn decimal_of<T: Integer>(part: &[u8], field: u16) -> Result<T, Err<DecodeError>> {
    let fault = |fault, at| Err(Err::Error(DecodeError::new(fault, field, at)));
    let (negative, digits) = match part {
        [b'-', digits @ ..] if T::SIGNED => (true, digits),
        _ => (false, part),
    };
    match digits {
        [b'0'] if negative => return fault(Fault::Digits, digits),
        [] | [b'0', _, ..] => return fault(Fault::Digits, digits),
        _ => {}
    }
    let mut number = 0u128;
    let mut rest = digits;
    while let [byte, after @ ..] = rest {
        if !byte.is_ascii_digit() {
            return fault(Fault::Digits, rest);
        }
        let digit = u128::from(byte - b'0');
        match number.checked_mul(10).and_then(|number| number.checked_add(digit)) {
            Some(larger) => number = larger,
            None => return fault(Fault::Invalid, part),
        }
        rest = after;
    }
    let value = if negative {
        0i128.checked_sub_unsigned(number).and_then(|number| T::try_from(number).ok())
    } else {
        T::try_from(number).ok()
    };
    match value {
        Some(value) => Ok(value),
        None => fault(Fault::Invalid, part),
    }
}

/// Appends digits and the terminator.
///
/// # Errors
/// None today; the shape is that of all writers.
pub fn decimal_write<T: Integer>(
    out: &mut BytesMut,
    value: T,
    terminator: &[u8],
    field: &'static str,
) -> Result<(), EncodeError> {
    out.reserve(MAX_CHARACTERS + terminator.len());
    write!(out, "{value}").map_err(|_| EncodeError::Refused { field })?;
    out.extend_from_slice(terminator);
    Ok(())
}

/// Bytes of the digits and the terminator.
#[inline]
pub fn decimal_len<T: Integer>(value: T, terminator: &[u8]) -> usize {
    value.decimal_len() + terminator.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: &[u8] = b"\r\n";

    fn fault<T>(fault: Fault, from_end: u32) -> Result<T, Err<DecodeError>> {
        Err(Err::Error(DecodeError { from_end, field: 2, fault }))
    }

    fn read<T: Integer>(input: &[u8]) -> IResult<&[u8], T, DecodeError> {
        decimal_read(input, 2, END)
    }

    #[test]
    fn numbers_end_at_their_terminator() {
        assert_eq!(read(b"1234\r\nrest"), Ok((&b"rest"[..], 1234u16)));
        assert_eq!(read(b"0\r\n"), Ok((&b""[..], 0u8)));
        assert_eq!(read(b"-128\r\n"), Ok((&b""[..], -128i8)));
        assert_eq!(read(b"255\r\n"), Ok((&b""[..], 255u8)));
        let largest = b"340282366920938463463374607431768211455\r\n";
        assert_eq!(read(largest), Ok((&b""[..], u128::MAX)));
        let smallest = b"-170141183460469231731687303715884105728\r\n";
        assert_eq!(read(smallest), Ok((&b""[..], i128::MIN)));
    }

    #[test]
    fn values_beyond_the_type_are_invalid() {
        assert_eq!(read::<u8>(b"256\r\n"), fault(Fault::Invalid, 5));
        assert_eq!(read::<i8>(b"-129\r\n"), fault(Fault::Invalid, 6));
        let beyond = b"340282366920938463463374607431768211456\r\n";
        assert_eq!(read::<u128>(beyond), fault(Fault::Invalid, 41));
    }

    #[test]
    fn other_forms_of_a_number_are_refused() {
        assert_eq!(read::<u8>(b"\r\n"), fault(Fault::Digits, 2));
        assert_eq!(read::<u8>(b"01\r\n"), fault(Fault::Digits, 4));
        assert_eq!(read::<u8>(b"+1\r\n"), fault(Fault::Digits, 4));
        assert_eq!(read::<u8>(b"-1\r\n"), fault(Fault::Digits, 4));
        assert_eq!(read::<i8>(b"-0\r\n"), fault(Fault::Digits, 3));
        assert_eq!(read::<i8>(b"-\r\n"), fault(Fault::Digits, 2));
        assert_eq!(read::<i8>(b"1-2\r\n"), fault(Fault::Digits, 4));
        assert_eq!(read::<u8>(b"1x\r\n"), fault(Fault::Digits, 3));
        assert_eq!(read::<u8>(&[b'1'; 50]), fault(Fault::Digits, 10));
    }

    #[test]
    fn a_number_that_the_input_cuts_is_unterminated() {
        assert_eq!(read::<u8>(b""), fault(Fault::Unterminated, 0));
        assert_eq!(read::<u8>(b"12"), fault(Fault::Unterminated, 0));
        assert_eq!(read::<u8>(b"12\r"), fault(Fault::Unterminated, 1));
    }

    #[test]
    fn what_is_written_is_as_long_as_announced_and_reads_back() {
        for value in [0, 7, -7, 10, -10, i64::MIN, i64::MAX] {
            let mut out = BytesMut::new();
            decimal_write(&mut out, value, END, "T.f").unwrap();
            assert_eq!(out.len(), decimal_len(value, END));
            assert_eq!(read(&out), Ok((&b""[..], value)));
        }
    }
}
