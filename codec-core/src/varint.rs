//! Integers of variable length.
//!
//! A value has one shortest form. Longer ones are refused ([`Fault::Varint`]) unless they are
//! accepted by declaration; bits beyond the declared width are always refused. Signed integers
//! stand as the two's complement of their width (Minecraft, protobuf's `int32`), except `zigzag`.

use bytes::BytesMut;
use nom::IResult;

use crate::error::{DecodeError, EncodeError, Fault};
use crate::integer::{Integer, Word};
use crate::private::malformed;

/// What of a longer form than necessary?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlong {
    /// It is [`Fault::Varint`].
    Refuse,
    /// It is read; writing gives the shortest form.
    Accept,
    /// It is read and written as long as it was: [`Padded`](crate::Padded).
    Keep,
}

/// LEB128: seven bits a byte, the lowest first; the highest bit says that more follow.
/// Protobuf calls it a base 128 varint, MQTT 3.1.1 a remaining length (section 2.2.3).
///
/// `max_bytes`: by default what the width of `T` needs.
///
/// # Errors
/// [`Fault::Short`]; [`Fault::Varint`] when it is longer than `max_bytes` or than it need be, or
/// has bits beyond the width of `T`.
#[inline]
pub fn leb128_read<T: Integer>(
    input: &[u8],
    field: u16,
    max_bytes: Option<usize>,
    overlong: Overlong,
) -> IResult<&[u8], T, DecodeError> {
    match leb128_word(input, T::BITS, max_bytes.unwrap_or(sevens(T::BITS)), overlong) {
        Ok((rest, word)) => Ok((rest, T::from_word(word))),
        Err(fault) => malformed(fault, field, input),
    }
}

/// Appends a LEB128.
///
/// # Errors
/// [`EncodeError::TooLarge`] when it needs more than `max_bytes`.
#[inline]
pub fn leb128_write<T: Integer>(
    out: &mut BytesMut,
    value: T,
    max_bytes: Option<usize>,
    field: &'static str,
) -> Result<(), EncodeError> {
    leb128_append(out, value.to_word(), max_bytes, field)
}

/// Bytes of its LEB128.
#[inline]
pub fn leb128_len<T: Integer>(value: T) -> usize {
    sevens(value.to_word().bit_len())
}

/// VLQ: seven bits a byte, the highest first (Standard MIDI Files 1.0, "variable-length quantity").
///
/// # Errors
/// As [`leb128_read`].
#[inline]
pub fn vlq_read<T: Integer>(
    input: &[u8],
    field: u16,
    max_bytes: Option<usize>,
    overlong: Overlong,
) -> IResult<&[u8], T, DecodeError> {
    match vlq_word::<T::Word>(input, T::BITS, max_bytes.unwrap_or(sevens(T::BITS)), overlong) {
        Ok((rest, word)) => Ok((rest, T::from_word(word))),
        Err(fault) => malformed(fault, field, input),
    }
}

/// Appends a VLQ.
///
/// # Errors
/// [`EncodeError::TooLarge`] when it needs more than `max_bytes`.
#[inline]
pub fn vlq_write<T: Integer>(
    out: &mut BytesMut,
    value: T,
    max_bytes: Option<usize>,
    field: &'static str,
) -> Result<(), EncodeError> {
    let word = value.to_word();
    let len = sevens(word.bit_len());
    check_bytes(word, max_bytes.map(|bytes| 7 * bytes), field)?;
    for group in (0..len).rev() {
        let shift = u32::try_from(7 * group).unwrap_or(u32::MAX);
        let more = if group > 0 { 0x80 } else { 0 };
        out.extend_from_slice(&[word.without(shift).low() & 0x7f | more]);
    }
    Ok(())
}

/// Bytes of its VLQ.
#[inline]
pub fn vlq_len<T: Integer>(value: T) -> usize {
    sevens(value.to_word().bit_len())
}

/// Zigzag: 0, -1, 1, -2 … as 0, 1, 2, 3 … in LEB128 (protobuf's `sint32` and `sint64`).
///
/// # Errors
/// As [`leb128_read`].
#[inline]
pub fn zigzag_read<T: Zigzag>(
    input: &[u8],
    field: u16,
    max_bytes: Option<usize>,
    overlong: Overlong,
) -> IResult<&[u8], T, DecodeError> {
    match leb128_word(input, T::BITS, max_bytes.unwrap_or(sevens(T::BITS)), overlong) {
        Ok((rest, word)) => Ok((rest, T::from_zigzag(word))),
        Err(fault) => malformed(fault, field, input),
    }
}

/// Appends a zigzag varint.
///
/// # Errors
/// [`EncodeError::TooLarge`] when it needs more than `max_bytes`.
#[inline]
pub fn zigzag_write<T: Zigzag>(
    out: &mut BytesMut,
    value: T,
    max_bytes: Option<usize>,
    field: &'static str,
) -> Result<(), EncodeError> {
    leb128_append(out, value.to_zigzag(), max_bytes, field)
}

/// Bytes of its zigzag varint.
#[inline]
pub fn zigzag_len<T: Zigzag>(value: T) -> usize {
    sevens(value.to_zigzag().bit_len())
}

/// BER length, ITU-T X.690, section 8.1.3: below 128 itself in one byte, else `0x80 | n` and the
/// `n` bytes of the value, the highest first. The indefinite form (`0x80`) and the reserved first
/// byte `0xFF` are refused.
///
/// `max_bytes` counts the first byte as well.
///
/// # Errors
/// As [`leb128_read`].
#[inline]
pub fn ber_read<T: Integer>(
    input: &[u8],
    field: u16,
    max_bytes: Option<usize>,
    overlong: Overlong,
) -> IResult<&[u8], T, DecodeError> {
    let max_bytes = max_bytes.unwrap_or(1 + size_of::<T>());
    match ber_word::<T::Word>(input, T::BITS, max_bytes, overlong) {
        Ok((rest, word)) => Ok((rest, T::from_word(word))),
        Err(fault) => malformed(fault, field, input),
    }
}

/// Appends a BER length.
///
/// # Errors
/// [`EncodeError::TooLarge`] when it needs more than `max_bytes`.
#[inline]
pub fn ber_write<T: Integer>(
    out: &mut BytesMut,
    value: T,
    max_bytes: Option<usize>,
    field: &'static str,
) -> Result<(), EncodeError> {
    let word = value.to_word();
    let len = ber_len(value);
    let bits = max_bytes.map(|bytes| if bytes > 1 { 8 * (bytes - 1) } else { 7 * bytes });
    check_bytes(word, bits, field)?;
    if len > 1 {
        let count = len - 1;
        out.extend_from_slice(&[0x80 | u8::try_from(count).unwrap_or(0x7f)]);
    }
    for byte in (0..len.max(2) - 1).rev() {
        let shift = u32::try_from(8 * byte).unwrap_or(u32::MAX);
        out.extend_from_slice(&[word.without(shift).low()]);
    }
    Ok(())
}

/// Bytes of its BER length.
#[inline]
pub fn ber_len<T: Integer>(value: T) -> usize {
    let bits = value.to_word().bit_len();
    if bits <= 7 { 1 } else { 1 + usize::try_from(bits.div_ceil(8)).unwrap_or(0) }
}

/// A signed integer.
pub trait Zigzag: Integer {
    /// 0, -1, 1, -2 … to 0, 1, 2, 3 …
    fn to_zigzag(self) -> Self::Word;
    /// Back.
    fn from_zigzag(word: Self::Word) -> Self;
}

macro_rules! zigzags {
    ($($integer:ident)*) => { $(
        impl Zigzag for $integer {
            #[inline]
            fn to_zigzag(self) -> Self::Word {
                (self << 1 ^ self >> (Self::BITS - 1)).to_word()
            }
            #[inline]
            fn from_zigzag(word: Self::Word) -> Self {
                let sign = if word & 1 == 1 { -1 } else { 0 };
                Self::from_word(word >> 1) ^ sign
            }
        }
    )* };
}
zigzags!(i8 i16 i32 i64 i128);

/// Groups of seven bits, at least one.
#[inline(always)]
fn sevens(bits: u32) -> usize {
    usize::try_from(bits.div_ceil(7).max(1)).unwrap_or(1)
}

#[inline]
fn leb128_word<W: Word>(
    input: &[u8],
    bits: u32,
    max_bytes: usize,
    overlong: Overlong,
) -> Result<(&[u8], W), Fault> {
    let mut word = W::ZERO;
    let mut shift = 0;
    let mut rest = input;
    for _ in 0..max_bytes {
        let Some((byte, after)) = rest.split_first() else { return Err(Fault::Short) };
        rest = after;
        word = word.place(byte & 0x7f, shift).ok_or(Fault::Varint)?;
        if byte & 0x80 == 0 {
            let longer = *byte == 0 && shift > 0 && overlong == Overlong::Refuse;
            return if longer || !word.fits(bits) { Err(Fault::Varint) } else { Ok((rest, word)) };
        }
        shift += 7;
    }
    Err(Fault::Varint)
}

#[inline]
fn leb128_append<W: Word>(
    out: &mut BytesMut,
    mut word: W,
    max_bytes: Option<usize>,
    field: &'static str,
) -> Result<(), EncodeError> {
    check_bytes(word, max_bytes.map(|bytes| 7 * bytes), field)?;
    while !word.fits(7) {
        out.extend_from_slice(&[word.low() | 0x80]);
        word = word.without(7);
    }
    out.extend_from_slice(&[word.low()]);
    Ok(())
}

#[inline]
fn vlq_word<W: Word>(
    input: &[u8],
    bits: u32,
    max_bytes: usize,
    overlong: Overlong,
) -> Result<(&[u8], W), Fault> {
    let mut word = W::ZERO;
    let mut rest = input;
    for _ in 0..max_bytes {
        let Some((byte, after)) = rest.split_first() else { return Err(Fault::Short) };
        let first = rest.len() == input.len();
        if *byte == 0x80 && first && overlong == Overlong::Refuse {
            return Err(Fault::Varint);
        }
        rest = after;
        word = word.push(byte & 0x7f, 7).ok_or(Fault::Varint)?;
        if byte & 0x80 == 0 {
            return if word.fits(bits) { Ok((rest, word)) } else { Err(Fault::Varint) };
        }
    }
    Err(Fault::Varint)
}

#[inline]
fn ber_word<W: Word>(
    input: &[u8],
    bits: u32,
    max_bytes: usize,
    overlong: Overlong,
) -> Result<(&[u8], W), Fault> {
    let Some((first, rest)) = input.split_first() else { return Err(Fault::Short) };
    if *first < 0x80 {
        return W::ZERO.place(*first, 0).map(|word| (rest, word)).ok_or(Fault::Varint);
    }
    let count = usize::from(first & 0x7f);
    if count == 0 || *first == 0xff || count >= max_bytes {
        return Err(Fault::Varint);
    }
    let Some((bytes, rest)) = rest.split_at_checked(count) else { return Err(Fault::Short) };
    let mut word = W::ZERO;
    for byte in bytes {
        word = word.push(*byte, 8).ok_or(Fault::Varint)?;
    }
    let shortest = match bytes {
        [only] => *only >= 0x80,
        _ => bytes.first() != Some(&0),
    };
    if !word.fits(bits) || (overlong == Overlong::Refuse && !shortest) {
        return Err(Fault::Varint);
    }
    Ok((rest, word))
}

/// The declared limit, which may be below what the type can hold. `bits` fit into it.
#[inline(always)]
fn check_bytes<W: Word>(
    word: W,
    bits: Option<usize>,
    field: &'static str,
) -> Result<(), EncodeError> {
    match bits.and_then(|bits| u32::try_from(bits).ok()) {
        Some(bits) if !word.fits(bits) => Err(beyond(word, bits, field)),
        _ => Ok(()),
    }
}

#[cold]
#[inline(never)]
fn beyond<W: Word>(word: W, bits: u32, field: &'static str) -> EncodeError {
    let max = u64::MAX.checked_shl(bits).map_or(u64::MAX, |above| !above);
    EncodeError::TooLarge { field, value: word.shown(), max }
}

#[cfg(test)]
mod tests;
