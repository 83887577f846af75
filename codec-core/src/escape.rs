//! Bytes that must not stand inside a frame, and what stands for them.

use alloc::vec::Vec;

use bytes::BytesMut;
use memchr::{memchr, memchr_iter, memchr2, memchr3};

/// What stands for a byte that must not: `(0x7E, &[0x7D, 0x02])`. No code begins with another.
pub type Escapes<'t> = &'t [(u8, &'t [u8])];

/// The bytes without escapes; `None` where there are none, and the input is what is meant.
///
/// # Errors
/// The offset of an escape byte that none of its codes follow.
#[inline]
pub fn unescape(input: &[u8], escapes: Escapes<'_>) -> Result<Option<Vec<u8>>, usize> {
    match next_code(input, escapes) {
        None => Ok(None),
        Some(first) => unescape_from(input, first, escapes).map(Some),
    }
}

/// The byte that all codes begin with.
#[inline]
#[must_use]
pub fn introducer(escapes: Escapes<'_>) -> Option<u8> {
    let ((_, first), others) = escapes.split_first()?;
    let byte = first.first().copied()?;
    others.iter().all(|(_, code)| code.first() == Some(&byte)).then_some(byte)
}

/// Applies the escapes to what `out` holds from `start` on.
#[inline]
pub fn escape(out: &mut BytesMut, start: usize, escapes: Escapes<'_>) {
    let written = out.get(start..).unwrap_or_default();
    let extra: usize = escapes
        .iter()
        .map(|(byte, code)| memchr_iter(*byte, written).count() * code.len().saturating_sub(1))
        .sum();
    // A code of one byte takes no more room, but is another byte.
    let same_size =
        escapes.iter().any(|(byte, code)| code.len() == 1 && memchr(*byte, written).is_some());
    if extra > 0 || same_size {
        expand(out, start, extra, escapes);
    }
}

/// The offset in `input`, where the escapes still stand, of the byte at `offset` without them.
#[must_use]
pub fn escaped_offset(input: &[u8], offset: usize, escapes: Escapes<'_>) -> usize {
    let mut at = 0;
    for _ in 0..offset {
        let rest = input.get(at..).unwrap_or_default();
        let code = code_at(rest, escapes).map_or(1, |(_, code)| code.len());
        at += code.max(1);
    }
    at.min(input.len())
}

/// From the end on, so that nothing is overwritten before it is moved.
fn expand(out: &mut BytesMut, start: usize, extra: usize, escapes: Escapes<'_>) {
    let mut read = out.len();
    let mut write = read + extra;
    out.resize(write, 0);
    while read > start {
        read -= 1;
        let Some(byte) = out.get(read).copied() else { return };
        match escapes.iter().find(|(escaped, _)| *escaped == byte) {
            Some((_, code)) => {
                write -= code.len();
                if let Some(place) = out.get_mut(write..write + code.len()) {
                    place.copy_from_slice(code);
                }
            }
            None => {
                write -= 1;
                if let Some(place) = out.get_mut(write) {
                    *place = byte;
                }
            }
        }
    }
}

fn unescape_from(input: &[u8], first: usize, escapes: Escapes<'_>) -> Result<Vec<u8>, usize> {
    let mut plain = Vec::with_capacity(input.len());
    let mut rest = input;
    let mut next = Some(first);
    while let Some(at) = next {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, &[]));
        plain.extend_from_slice(before);
        rest = from;
        // Codes often stand side by side: no search between them.
        while let Some((byte, code)) = code_at(rest, escapes) {
            plain.push(byte);
            rest = rest.get(code.len()..).unwrap_or_default();
        }
        if rest.len() == from.len() {
            return Err(input.len() - from.len());
        }
        next = next_code(rest, escapes);
    }
    plain.extend_from_slice(rest);
    Ok(plain)
}

/// The code that the input begins with, and the byte that it stands for.
#[inline]
fn code_at<'t>(input: &[u8], escapes: Escapes<'t>) -> Option<(u8, &'t [u8])> {
    escapes.iter().copied().find(|(_, code)| input.starts_with(code))
}

/// Where the next code begins, or an escape byte without one.
#[inline]
fn next_code(input: &[u8], escapes: Escapes<'_>) -> Option<usize> {
    let lead = |index: usize| escapes.get(index).and_then(|(_, code)| code.first()).copied();
    match (lead(0), lead(1), lead(2), escapes.len()) {
        (Some(a), None, _, 1) => memchr(a, input),
        (Some(a), Some(b), _, 2) if a == b => memchr(a, input),
        (Some(a), Some(b), _, 2) => memchr2(a, b, input),
        (Some(a), Some(b), Some(c), 3) if a == b && b == c => memchr(a, input),
        (Some(a), Some(b), Some(c), 3) => memchr3(a, b, c, input),
        _ => {
            input.iter().position(|byte| escapes.iter().any(|(_, code)| code.first() == Some(byte)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// JT/T 808-2019, section 4.4.2: 0x7e as 0x7d 0x02, 0x7d as 0x7d 0x01.
    const JT808: Escapes<'_> = &[(0x7e, &[0x7d, 0x02]), (0x7d, &[0x7d, 0x01])];
    /// Two escape bytes, a code of three bytes and one of a single byte.
    const MIXED: Escapes<'_> = &[(b'a', b"!xy"), (b'!', b"!!"), (b'b', b"?1"), (b'c', b"C")];

    fn escaped(bytes: &[u8], escapes: Escapes<'_>) -> Vec<u8> {
        let mut out = BytesMut::from(&b"\x7ea"[..]);
        out.extend_from_slice(bytes);
        escape(&mut out, 2, escapes);
        assert_eq!(out[..2], *b"\x7ea");
        out[2..].to_vec()
    }

    #[test]
    fn nothing_is_copied_where_nothing_is_escaped() {
        assert_eq!(unescape(b"", JT808), Ok(None));
        assert_eq!(unescape(b"\x01\x02\x7e", JT808), Ok(None));
        assert_eq!(escaped(b"\x01\x02", JT808), b"\x01\x02");
    }

    #[test]
    fn codes_stand_for_their_bytes() {
        let plain = b"\x7e\x01\x7d\x7d\x02\x7e";
        let coded = b"\x7d\x02\x01\x7d\x01\x7d\x01\x02\x7d\x02";
        assert_eq!(escaped(plain, JT808), coded);
        assert_eq!(unescape(coded, JT808), Ok(Some(plain.to_vec())));
        assert_eq!(escaped(b"a!b?c", MIXED), b"!xy!!?1?C");
        assert_eq!(unescape(b"!xy!!?1C", MIXED), Ok(Some(b"a!bc".to_vec())));
        assert_eq!(escaped(b"c", MIXED), b"C");
    }

    #[test]
    fn an_escape_byte_without_a_code_is_refused_at_its_place() {
        assert_eq!(unescape(b"\x01\x7d\x01\x7d\x03", JT808), Err(3));
        assert_eq!(unescape(b"\x01\x7d", JT808), Err(1));
        assert_eq!(unescape(b"!x", MIXED), Err(0));
    }

    #[test]
    fn offsets_map_back_to_the_escaped_bytes() {
        let coded = b"\x7d\x02\x01\x7d\x01\x05";
        let offsets: Vec<usize> = (0..5).map(|at| escaped_offset(coded, at, JT808)).collect();
        assert_eq!(offsets, [0, 2, 3, 5, 6]);
        assert_eq!(escaped_offset(coded, 9, JT808), 6);
    }
}
