//! Decimal digits in BCD, two a byte: telephone and serial numbers whose leading zeros count.

use alloc::boxed::Box;
use core::fmt;
use core::str::FromStr;

use bytes::BytesMut;
use nom::{Err, IResult};

use crate::error::{DecodeError, EncodeError, Fault};
use crate::integer::Integer;
use crate::private::malformed;

/// Bytes that fit without an allocation.
const INLINE: usize = 22;

/// An even number of decimal digits, packed as they stand on the wire. Leading zeros are kept; up
/// to 44 digits take no allocation.
///
/// ```
/// # mod longlink { pub use longlink_codec_core as codec; }
/// use longlink::codec::digits::Digits;
///
/// let phone = Digits::padded("13912345678", 10)?;
/// assert_eq!(phone.to_string(), "00000000013912345678");
/// assert_eq!(phone, "00000000013912345678".parse()?);
/// assert_eq!(phone.packed(), [0, 0, 0, 0, 0x01, 0x39, 0x12, 0x34, 0x56, 0x78]);
/// # Ok::<(), longlink::codec::digits::NotDigits>(())
/// ```
#[derive(Clone)]
pub struct Digits(Storage);

/// All nibbles are below ten.
#[derive(Clone)]
enum Storage {
    Inline { len: u8, packed: [u8; INLINE] },
    Heap(Box<[u8]>),
}

/// Text that is no [`Digits`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotDigits {
    /// A character that is no decimal digit, at this offset in bytes.
    Character(usize),
    /// So many digits, which is odd or more than there is place for.
    Count(usize),
}

impl fmt::Display for NotDigits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Character(offset) => write!(f, "not a decimal digit at offset {offset}"),
            Self::Count(count) => write!(f, "{count} digits do not fill whole bytes"),
        }
    }
}

impl core::error::Error for NotDigits {}

impl Digits {
    /// The digits of `text`, filled up with leading zeros to `bytes` bytes.
    ///
    /// # Errors
    /// A character that is no digit; more than `2 * bytes` digits.
    pub fn padded(text: &str, bytes: usize) -> Result<Self, NotDigits> {
        let digits = text.as_bytes();
        let all = bytes.checked_mul(2);
        let Some(zeros) = all.and_then(|all| all.checked_sub(digits.len())) else {
            return Err(NotDigits::Count(digits.len()));
        };
        let mut packed = Self::zeros(bytes);
        for (index, digit) in digits.iter().enumerate() {
            let value = match digit {
                b'0'..=b'9' => digit - b'0',
                _ => return Err(NotDigits::Character(index)),
            };
            let place = zeros + index;
            if let Some(byte) = packed.packed_mut().get_mut(place / 2) {
                *byte |= if place % 2 == 0 { value << 4 } else { value };
            }
        }
        Ok(packed)
    }

    /// The digits that these bytes stand for, the first in the upper half of the first byte.
    ///
    /// # Errors
    /// The offset of the digit whose nibble is above nine.
    pub fn from_packed(packed: &[u8]) -> Result<Self, NotDigits> {
        match bad_byte(packed) {
            None => Ok(Self::copied(packed)),
            Some(offset) => {
                let upper = packed.get(offset).is_some_and(|byte| *byte > 0x9f);
                Err(NotDigits::Character(2 * offset + usize::from(!upper)))
            }
        }
    }

    /// Two digits a byte, the first in the upper half of the first byte.
    #[must_use]
    pub fn packed(&self) -> &[u8] {
        match &self.0 {
            Storage::Inline { len, packed } => packed.get(..usize::from(*len)).unwrap_or(packed),
            Storage::Heap(packed) => packed,
        }
    }

    /// The values of the digits, 0 to 9, from the first to the last.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = u8> {
        self.packed().iter().flat_map(|byte| [byte >> 4, byte & 0x0f])
    }

    /// How many digits; always even.
    #[must_use]
    pub fn count(&self) -> usize {
        2 * self.packed().len()
    }

    /// As a number, where 64 bits hold it.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        self.iter().try_fold(0u64, |number, digit| {
            number.checked_mul(10).and_then(|number| number.checked_add(u64::from(digit)))
        })
    }

    /// `bytes` must be checked to be digits.
    fn copied(bytes: &[u8]) -> Self {
        let mut digits = Self::zeros(bytes.len());
        digits.packed_mut().copy_from_slice(bytes);
        digits
    }

    fn zeros(bytes: usize) -> Self {
        match u8::try_from(bytes) {
            Ok(len) if bytes <= INLINE => Self(Storage::Inline { len, packed: [0; INLINE] }),
            _ => Self(Storage::Heap(alloc::vec![0; bytes].into_boxed_slice())),
        }
    }

    fn packed_mut(&mut self) -> &mut [u8] {
        match &mut self.0 {
            Storage::Inline { len, packed } => {
                packed.get_mut(..usize::from(*len)).unwrap_or_default()
            }
            Storage::Heap(packed) => packed,
        }
    }
}

/// An even number of decimal digits.
impl FromStr for Digits {
    type Err = NotDigits;

    fn from_str(text: &str) -> Result<Self, NotDigits> {
        if text.len() % 2 == 1 {
            return Err(NotDigits::Count(text.len()));
        }
        Self::padded(text, text.len() / 2)
    }
}

/// All digits, leading zeros included.
impl fmt::Display for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; 2 * INLINE];
        for packed in self.packed().chunks(INLINE) {
            let pairs = text.as_chunks_mut().0.iter_mut();
            for (pair, byte) in pairs.zip(packed) {
                *pair = [b'0' + (byte >> 4), b'0' + (byte & 0x0f)];
            }
            let text = text.get(..2 * packed.len()).unwrap_or_default();
            f.write_str(core::str::from_utf8(text).unwrap_or_default())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digits({self})")
    }
}

impl PartialEq for Digits {
    fn eq(&self, other: &Self) -> bool {
        self.packed() == other.packed()
    }
}

impl Eq for Digits {}

impl core::hash::Hash for Digits {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.packed().hash(state);
    }
}

/// No digits.
impl Default for Digits {
    fn default() -> Self {
        Self::zeros(0)
    }
}

/// `2 * size` digits; under `little` the lowest pair stands first on the wire.
///
/// # Errors
/// [`Fault::Short`]; [`Fault::Digits`] at the first byte with a nibble above nine.
#[inline]
pub fn bcd_read(
    input: &[u8],
    field: u16,
    size: usize,
    little: bool,
) -> IResult<&[u8], Digits, DecodeError> {
    let Some((part, rest)) = input.split_at_checked(size) else {
        return malformed(Fault::Short, field, input);
    };
    if let Some(offset) = bad_byte(part) {
        return malformed(Fault::Digits, field, input.get(offset..).unwrap_or_default());
    }
    let mut digits = Digits::copied(part);
    if little {
        digits.packed_mut().reverse();
    }
    Ok((rest, digits))
}

/// Appends `2 * size` digits.
///
/// # Errors
/// [`EncodeError::WrongSize`] when there are more or fewer.
#[inline]
pub fn bcd_write(
    out: &mut BytesMut,
    digits: &Digits,
    size: usize,
    little: bool,
    field: &'static str,
) -> Result<(), EncodeError> {
    let packed = digits.packed();
    if packed.len() != size {
        return Err(EncodeError::WrongSize { field, expected: size, found: packed.len() });
    }
    out.extend_from_slice(packed);
    if little && let Some(written) = out.len().checked_sub(size) {
        out.get_mut(written..).unwrap_or_default().reverse();
    }
    Ok(())
}

/// An integer in `2 * part.len()` decimal digits.
///
/// # Errors
/// [`Fault::Digits`] at the first byte with a nibble above nine, [`Fault::Invalid`] where the value
/// does not fit `T`.
#[inline]
pub fn bcd_number<T: Integer>(
    part: &[u8],
    field: u16,
    little: bool,
) -> Result<T, Err<DecodeError>> {
    if let Some(offset) = bad_byte(part) {
        let at = part.get(offset..).unwrap_or_default();
        return Err(Err::Error(DecodeError::new(Fault::Digits, field, at)));
    }
    let pair = |byte: &u8| u128::from(byte >> 4) * 10 + u128::from(byte & 0x0f);
    let push = |number: u128, byte| number.checked_mul(100)?.checked_add(pair(byte));
    let number =
        if little { part.iter().rev().try_fold(0, push) } else { part.iter().try_fold(0, push) };
    match number.and_then(|number| T::try_from(number).ok()) {
        Some(value) => Ok(value),
        None => Err(Err::Error(DecodeError::new(Fault::Invalid, field, part))),
    }
}

/// Appends an integer in `2 * size` decimal digits.
///
/// # Errors
/// [`EncodeError::TooLarge`] when it has more digits, [`EncodeError::Invalid`] when it is negative.
#[inline]
pub fn bcd_number_write<T: Integer>(
    out: &mut BytesMut,
    value: T,
    size: usize,
    little: bool,
    field: &'static str,
) -> Result<(), EncodeError> {
    let Some(mut left) = value.unsigned() else {
        return Err(EncodeError::Invalid { field, value: shown(value) });
    };
    let start = out.len();
    for _ in 0..size {
        let pair = u8::try_from(left % 100).unwrap_or(0);
        out.extend_from_slice(&[((pair / 10) << 4) | (pair % 10)]);
        left /= 100;
    }
    if left > 0 {
        let max = u32::try_from(size).ok().and_then(|size| 100u64.checked_pow(size));
        let max = max.map_or(u64::MAX, |above| above - 1);
        return Err(EncodeError::TooLarge { field, value: shown(value), max });
    }
    if !little {
        out.get_mut(start..).unwrap_or_default().reverse();
    }
    Ok(())
}

fn shown<T: Integer>(value: T) -> u64 {
    use crate::integer::Word as _;
    value.to_word().shown()
}

/// The first byte with a nibble above nine. Eight bytes at a time: six more than nine carries into
/// the nibble above, which the mask has emptied.
#[inline]
fn bad_byte(packed: &[u8]) -> Option<usize> {
    const LOW: u64 = 0x0f0f_0f0f_0f0f_0f0f;
    const SIX: u64 = 0x0606_0606_0606_0606;
    let carries = |word: u64| (((word & LOW) + SIX) | ((word >> 4 & LOW) + SIX)) & !LOW;
    let (words, tail) = packed.as_chunks();
    let all = words.iter().fold(0, |all, word| all | carries(u64::from_ne_bytes(*word)));
    let mut last = [0; 8];
    for (place, byte) in last.iter_mut().zip(tail) {
        *place = *byte;
    }
    if all | carries(u64::from_ne_bytes(last)) == 0 {
        return None;
    }
    packed.iter().position(|byte| byte >> 4 > 9 || byte & 0x0f > 9)
}

#[cfg(test)]
mod tests;
