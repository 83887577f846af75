//! UTF-16 in a stated byte order.

use alloc::string::String;

use bytes::BytesMut;

use crate::number::Number as _;
use crate::scope::Endian;

/// The text, or the offset of the first byte of an unpaired surrogate or of half a unit.
pub(super) fn decode(part: &[u8], endian: Endian, lossy: bool) -> Result<String, usize> {
    let (units, half) = part.as_chunks();
    let mut text = String::with_capacity(units.len());
    let mut offset = 0;
    for unit in char::decode_utf16(units.iter().map(|unit| u16::read(*unit, endian))) {
        match unit {
            Ok(character) => {
                text.push(character);
                offset += 2 * character.len_utf16();
            }
            Err(_) if lossy => text.push(char::REPLACEMENT_CHARACTER),
            Err(_) => return Err(offset),
        }
    }
    match half {
        [] => Ok(text),
        _ if lossy => {
            text.push(char::REPLACEMENT_CHARACTER);
            Ok(text)
        }
        _ => Err(offset),
    }
}

pub(super) fn encode(out: &mut BytesMut, text: &str, endian: Endian) {
    out.reserve(2 * text.len());
    for unit in text.encode_utf16() {
        out.extend_from_slice(&unit.write(endian));
    }
}
