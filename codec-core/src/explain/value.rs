//! Bytes to values, by their layout.

use alloc::format;
use alloc::string::String;
use core::net::{Ipv4Addr, Ipv6Addr};

use bytes::Bytes;

use super::node::Value;
use super::time;
use crate::schema::{Counter, Layout, Variant, VarintKind};
use crate::scope::Endian;
use crate::steps::steps_read;
use crate::text::{Charset, TextForm, charset, text_read};
use crate::varint::Overlong;

/// An unsigned integer of up to 16 bytes.
pub(super) fn unsigned(bytes: &[u8], endian: Endian) -> u128 {
    let push = |number: u128, byte: &u8| (number << 8) | u128::from(*byte);
    match endian {
        Endian::Big => bytes.iter().fold(0, push),
        Endian::Little => bytes.iter().rev().fold(0, push),
    }
}

/// The low `width` bits as two's complement.
pub(super) fn signed(number: u128, width: u32) -> i128 {
    let unused = 128u32.saturating_sub(width).min(127);
    (number << unused).cast_signed() >> unused
}

fn integer(bytes: &[u8], is_signed: bool, hexadecimal: bool, endian: Endian) -> Value {
    let number = unsigned(bytes, endian);
    let width = u32::try_from(bytes.len()).unwrap_or(16).saturating_mul(8);
    match (hexadecimal, is_signed) {
        (true, _) => Value::Hexadecimal(number),
        (false, true) => Value::Signed(signed(number, width)),
        (false, false) => Value::Unsigned(number),
    }
}

/// The value of a primitive: `part` is exactly its bytes, without prefix and terminator.
pub(super) fn of(layout: &Layout, part: &Bytes, hexadecimal: bool, endian: Endian) -> Value {
    match *layout {
        Layout::Integer { signed, .. } | Layout::Sized { signed } => {
            integer(part, signed, hexadecimal, endian)
        }
        Layout::Minimal { .. } => integer(part, true, hexadecimal, Endian::Big),
        Layout::Flags { .. } => Value::Hexadecimal(unsigned(part, endian)),
        Layout::Float { .. } => float(part, endian),
        Layout::Address { .. } => address(part),
        Layout::Bool => match part.as_ref() {
            [0] => Value::Bool(false),
            [1] => Value::Bool(true),
            _ => Value::Hexadecimal(unsigned(part, endian)),
        },
        Layout::Varint { kind, signed, .. } => {
            varint(part, kind, signed, endian).map_or(Value::None, |(value, _)| value)
        }
        Layout::Decimal => match core::str::from_utf8(part) {
            Ok(digits) => Value::Plain(digits.into()),
            Err(_) => Value::Bytes(part.clone()),
        },
        Layout::Scaled { signed: is_signed, scale, offset, .. } => {
            scaled(part, is_signed, scale, offset, endian)
        }
        Layout::Time(kind) => {
            time::of(kind, part, endian).map_or_else(|| Value::Bytes(part.clone()), Value::Plain)
        }
        Layout::Text { encoding, pad, trim, lossy } => label(encoding).map_or_else(
            || labelled(part, encoding),
            |charset| text(part, TextForm { charset, pad, trim, lossy }),
        ),
        Layout::Bcd => bcd(part, matches!(endian, Endian::Little)),
        Layout::Nothing => Value::None,
        _ => Value::Bytes(part.clone()),
    }
}

fn float(part: &[u8], endian: Endian) -> Value {
    let number = unsigned(part, endian);
    match (part.len(), u32::try_from(number), u64::try_from(number)) {
        (4, Ok(bits), _) => Value::Number(f32::from_bits(bits).into()),
        (8, _, Ok(bits)) => Value::Number(f64::from_bits(bits)),
        _ => Value::None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "a reader's number, not the codec's")]
fn scaled(part: &[u8], is_signed: bool, scale: f64, offset: f64, endian: Endian) -> Value {
    let number = unsigned(part, endian);
    let width = u32::try_from(part.len()).unwrap_or(16).saturating_mul(8);
    let raw = if is_signed { signed(number, width) as f64 } else { number as f64 };
    Value::Number(raw * scale + offset)
}

fn address(part: &[u8]) -> Value {
    if let Ok(octets) = <[u8; 4]>::try_from(part) {
        return Value::Plain(format!("{}", Ipv4Addr::from(octets)));
    }
    match <[u8; 16]>::try_from(part) {
        Ok(octets) => Value::Plain(format!("{}", Ipv6Addr::from(octets))),
        Err(_) => Value::None,
    }
}

/// An encoding that needs no feature.
fn label(encoding: &str) -> Option<Charset> {
    let known = matches!(
        encoding,
        "utf-8" | "ascii" | "latin1" | "utf-16le" | "utf-16" | "utf-16be" | "iso-8859-1"
    );
    known.then(|| charset(encoding))
}

/// A text in its encoding; its bytes where that does not decode them.
pub(super) fn text(part: &Bytes, form: TextForm) -> Value {
    match text_read(part, 0, form) {
        Ok(text) => Value::Text(text.into_owned()),
        Err(_) => Value::Bytes(part.clone()),
    }
}

#[cfg(feature = "encodings")]
fn labelled(part: &Bytes, encoding: &str) -> Value {
    match encoding_rs::Encoding::for_label(encoding.as_bytes()) {
        Some(encoding) => Value::Text(encoding.decode_without_bom_handling(part).0.into_owned()),
        None => Value::Bytes(part.clone()),
    }
}

#[cfg(not(feature = "encodings"))]
fn labelled(part: &Bytes, _: &str) -> Value {
    Value::Bytes(part.clone())
}

fn bcd(part: &Bytes, little: bool) -> Value {
    let mut digits = String::with_capacity(part.len().saturating_mul(2));
    let mut push = |byte: &u8| {
        for nibble in [byte >> 4, byte & 0x0f] {
            digits.extend(char::from_digit(nibble.into(), 16));
        }
    };
    if little {
        part.iter().rev().for_each(&mut push);
    } else {
        part.iter().for_each(&mut push);
    }
    Value::Digits(digits)
}

/// A variable-length integer at the start of `input`, and its bytes; `None` when it does not end,
/// or only the user's own module could tell.
pub(super) fn varint(
    input: &[u8],
    kind: VarintKind,
    is_signed: bool,
    endian: Endian,
) -> Option<(Value, usize)> {
    if let VarintKind::Steps(steps) = kind {
        let (rest, number) = steps_read::<u64>(input, 0, steps, endian, Overlong::Accept).ok()?;
        return Some((Value::Unsigned(number.into()), input.len().saturating_sub(rest.len())));
    }
    if let VarintKind::Ber = kind {
        return ber(input);
    }
    if let VarintKind::Custom(_) = kind {
        return None;
    }
    let len = input.iter().take(19).position(|byte| byte & 0x80 == 0)?.checked_add(1)?;
    let groups = input.get(..len)?;
    let push = |number: u128, byte: &u8| (number << 7) | u128::from(byte & 0x7f);
    let number = match kind {
        VarintKind::Vlq => groups.iter().fold(0, push),
        _ => groups.iter().rev().fold(0, push),
    };
    let value = match kind {
        VarintKind::Zigzag => {
            Value::Signed((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
        }
        _ if is_signed => {
            let width = u32::try_from(len).unwrap_or(19).saturating_mul(7);
            Value::Signed(signed(number, width))
        }
        _ => Value::Unsigned(number),
    };
    Some((value, len))
}

fn ber(input: &[u8]) -> Option<(Value, usize)> {
    let (first, rest) = input.split_first()?;
    if *first < 0x80 {
        return Some((Value::Unsigned((*first).into()), 1));
    }
    let len = usize::from(first & 0x7f);
    let number = rest.get(..len.min(16))?;
    Some((Value::Unsigned(unsigned(number, Endian::Big)), len.checked_add(1)?))
}

/// A hidden length or count at the start of `input`: its value and its bytes.
pub(super) fn counter(input: &[u8], counter: Counter, endian: Endian) -> Option<(u64, usize)> {
    match counter {
        Counter::Integer { bytes, .. } => {
            let part = input.get(..usize::from(bytes))?;
            Some((u64::try_from(unsigned(part, endian)).ok()?, part.len()))
        }
        Counter::Varint(kind) => match varint(input, kind, false, endian)? {
            (Value::Unsigned(number), len) => Some((u64::try_from(number).ok()?, len)),
            (Value::Signed(number), len) => {
                Some((i64::try_from(number).ok()?.cast_unsigned(), len))
            }
            _ => None,
        },
    }
}

/// The name of an integer's value.
pub(super) fn named(variants: &[Variant], number: u128, width: u32, is_signed: bool) -> Value {
    let value = if is_signed { signed(number, width) } else { number.cast_signed() };
    let tag = u64::try_from(value).unwrap_or_else(|_| {
        // Negative tags are kept sign-extended.
        i64::try_from(value).map_or(u64::MAX, i64::cast_unsigned)
    });
    let known = variants.iter().find(|variant| variant.matches(tag));
    match known.or_else(|| variants.iter().find(|variant| variant.other)) {
        Some(variant) => Value::Named { name: variant.name, value },
        None => Value::Unsigned(number),
    }
}

/// The number that a value is, where it is one.
pub(super) fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Unsigned(number) | Value::Hexadecimal(number) => u64::try_from(*number).ok(),
        Value::Signed(number) => i64::try_from(*number).ok().map(i64::cast_unsigned),
        Value::Named { value, .. } => i64::try_from(*value).ok().map(i64::cast_unsigned),
        Value::Bool(value) => Some((*value).into()),
        Value::Plain(text) => text.parse().ok(),
        _ => None,
    }
}
