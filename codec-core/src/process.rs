//! Stretches of bytes that are transformed: `process = zlib`.

use alloc::vec::Vec;

use miniz_oxide::deflate::compress_to_vec_zlib;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::{
    TINFL_FLAG_COMPUTE_ADLER32, TINFL_FLAG_PARSE_ZLIB_HEADER,
    TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
};
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};
use nom::Err;

use crate::error::{DecodeError, Fault};

/// The level that zlib itself takes by default.
const LEVEL: u8 = 6;

/// What is reserved before the first byte is inflated.
const FIRST: usize = 4 * 1024;

const FLAGS: u32 = TINFL_FLAG_PARSE_ZLIB_HEADER
    | TINFL_FLAG_COMPUTE_ADLER32
    | TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;

/// Inflates a zlib stream (RFC 1950) that fills the whole part.
///
/// # Errors
/// [`Fault::Process`] for what is no zlib stream or has a wrong checksum, [`Fault::Length`] when
/// more than `max_len` bytes would come out, [`Fault::Trailing`] for bytes behind the stream.
pub fn inflate(part: &[u8], field: u16, max_len: usize) -> Result<Vec<u8>, Err<DecodeError>> {
    let fault = |fault, at| Err(Err::Error(DecodeError::new(fault, field, at)));
    let mut state = DecompressorOxide::default();
    let mut plain = Vec::new();
    let mut rest = part;
    let mut filled = 0;
    loop {
        let larger = plain.len().saturating_mul(2).max(FIRST).min(max_len);
        plain.resize(larger, 0);
        let (status, read, written) = decompress(&mut state, rest, &mut plain, filled, FLAGS);
        rest = rest.get(read..).unwrap_or_default();
        filled += written;
        match status {
            TINFLStatus::Done if rest.is_empty() => {
                plain.truncate(filled);
                return Ok(plain);
            }
            TINFLStatus::Done => return fault(Fault::Trailing, rest),
            TINFLStatus::HasMoreOutput if filled >= max_len => return fault(Fault::Length, part),
            TINFLStatus::HasMoreOutput => {}
            _ => return fault(Fault::Process, part),
        }
    }
}

/// Deflates into a zlib stream. Other writers make other streams of the same bytes: what was read
/// is not written back byte for byte.
#[must_use]
pub fn deflate(plain: &[u8]) -> Vec<u8> {
    compress_to_vec_zlib(plain, LEVEL)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault<T>(fault: Fault, from_end: usize) -> Result<T, Err<DecodeError>> {
        let from_end = u32::try_from(from_end).unwrap();
        Err(Err::Error(DecodeError { from_end, field: 1, fault }))
    }

    /// `zlib.compress(b"")` and `zlib.compress(b"a", 0)` of Python.
    #[test]
    fn streams_of_zlib_are_inflated() {
        let empty = b"\x78\x9c\x03\x00\x00\x00\x00\x01";
        assert_eq!(inflate(empty, 1, 0), Ok(Vec::new()));
        let stored = b"\x78\x01\x01\x01\x00\xfe\xff\x61\x00\x62\x00\x62";
        assert_eq!(inflate(stored, 1, 1), Ok(b"a".to_vec()));
    }

    #[test]
    fn output_is_bounded() {
        for len in [1, 4_095, 4_096, 4_097, 100_000] {
            let plain = alloc::vec![7; len];
            let stream = deflate(&plain);
            assert_eq!(inflate(&stream, 1, len), Ok(plain));
            assert_eq!(inflate(&stream, 1, len - 1), fault(Fault::Length, stream.len()));
        }
    }

    #[test]
    fn what_is_no_stream_is_refused() {
        let mut stream = deflate(b"hello");
        assert_eq!(inflate(&[], 1, 9), fault(Fault::Process, 0));
        let cut = &stream[..stream.len() - 1];
        assert_eq!(inflate(cut, 1, 9), fault(Fault::Process, cut.len()));
        stream.push(0);
        assert_eq!(inflate(&stream, 1, 9), fault(Fault::Trailing, 1));
        stream.pop();
        *stream.last_mut().unwrap() ^= 1;
        assert_eq!(inflate(&stream, 1, 9), fault(Fault::Process, stream.len()));
    }
}
