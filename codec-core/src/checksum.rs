//! Checksums over a span of bytes.
//!
//! Each comes in two forms: over one span, and over a span with a hole that counts as zeros, which
//! is how a checksum that stands inside its own span is computed without a copy.
//!
//! | Name | Value |
//! |---|---|
//! | [`xor8`] | exclusive or of all bytes |
//! | [`xor16`] | exclusive or of all 16-bit words |
//! | [`sum8`], [`sum16`] | sum of all bytes modulo 2^8, 2^16 |
//! | [`internet`] | one's complement of the one's complement sum of all 16-bit words, RFC 1071 |
//! | [`adler32`] | RFC 1950, section 8.2 |
//! | [`Crc8`] … [`Crc128`] | any CRC, as a `static` with sixteen tables |
//!
//! In a declaration a CRC has the name that the catalogue of the crate `crc` gives it, in lower
//! case. That is one name for each algorithm; these are the common ones, and what other documents
//! call them. Where yours says only `CCITT` or `CRC-16`, compare the check value: what the CRC of
//! `123456789` is.
//!
//! | `checksum = ..` | Also called |
//! |---|---|
//! | `crc_8_smbus` | CRC-8 |
//! | `crc_8_maxim_dow` | MAXIM, 1-Wire |
//! | `crc_8_sae_j1850` | |
//! | `crc_8_tech_3250` | EBU, AES |
//! | `crc_8_i_432_1` | ITU, ATM HEC |
//! | `crc_8_cdma2000` | |
//! | `crc_16_modbus` | |
//! | `crc_16_ibm_3740` | CCITT-FALSE |
//! | `crc_16_xmodem` | ZMODEM, CCITT from 0 |
//! | `crc_16_kermit` | CCITT-TRUE |
//! | `crc_16_arc` | IBM, LHA |
//! | `crc_16_ibm_sdlc` | X-25 |
//! | `crc_16_spi_fujitsu` | AUG-CCITT |
//! | `crc_16_umts` | BUYPASS |
//! | `crc_16_maxim_dow` | MAXIM |
//! | `crc_16_genibus` | EPC |
//! | `crc_16_dnp` | |
//! | `crc_24_openpgp` | |
//! | `crc_32_iso_hdlc` | zlib, Ethernet |
//! | `crc_32_iscsi` | CRC-32C, Castagnoli |
//! | `crc_32_mpeg_2` | |
//! | `crc_32_bzip2` | AAL5 |
//! | `crc_32_cksum` | POSIX |
//! | `crc_64_xz` | GO-ECMA |
//! | `crc_64_ecma_182` | |
//! | `crc_64_go_iso` | |
//!
//! Any other name is a function of yours, `fn(&[u8]) -> uN`. One that looks like a checksum
//! (`crc16`, `sum32`) is written as a path: `checksum = self::crc16`.
//!
//! All functions take the byte order in which the value will stand, so that a table of them has one
//! shape. It matters to [`xor16`] and [`internet`]: their words are read in the same order as the
//! result is written, so that the bytes on the wire do not depend on it.

mod crc;
mod sums;

pub use self::crc::{Crc8, Crc16, Crc32, Crc64, Crc128};
pub use sums::{
    adler32, adler32_around, internet, internet_around, sum8, sum8_around, sum16, sum16_around,
    xor8, xor8_around, xor16, xor16_around,
};

use alloc::vec::Vec;

/// The span with its hole filled by zeros, for a user's function that takes one slice.
#[must_use]
pub fn with_hole(before: &[u8], hole: usize, after: &[u8]) -> Vec<u8> {
    let mut span = Vec::with_capacity(before.len() + hole + after.len());
    span.extend_from_slice(before);
    span.resize(before.len() + hole, 0);
    span.extend_from_slice(after);
    span
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_is_zeros() {
        assert_eq!(with_hole(b"ab", 2, b"c"), b"ab\0\0c");
        assert_eq!(with_hole(b"", 0, b""), b"");
    }
}
