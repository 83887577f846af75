//! All that generated code may call. Not public interface: it changes without notice.
#![doc(hidden)]

use nom::{Err, IResult};

use crate::error::{DecodeError, Fault};

/// The error behind nom's wrapper; `Incomplete`, which no complete parser gives, counts as short.
#[cold]
#[inline(never)]
#[must_use]
pub fn plain(error: Err<DecodeError>, _input: &[u8]) -> DecodeError {
    match error {
        Err::Error(error) | Err::Failure(error) => error,
        Err::Incomplete(_) => DecodeError { from_end: 0, field: 0, fault: Fault::Short },
    }
}

/// A fault as the whole result, so that the cold path is a tail call.
#[cold]
#[inline(never)]
pub fn malformed<'a, T>(fault: Fault, field: u16, at: &[u8]) -> IResult<&'a [u8], T, DecodeError> {
    Err(Err::Error(DecodeError::new(fault, field, at)))
}

/// The same for the second body of fixed-size types.
#[cold]
#[inline(never)]
pub fn refused<T>(fault: Fault, field: u16, at: &[u8]) -> Result<T, DecodeError> {
    Err(DecodeError::new(fault, field, at))
}

/// `N` bytes of a run. The derive's own ranges, so it cannot miss; it does not index.
#[inline(always)]
#[must_use]
pub fn part<const N: usize>(run: &[u8], at: usize) -> [u8; N] {
    match run.get(at..).and_then(<[u8]>::first_chunk) {
        Some(bytes) => *bytes,
        None => [0; N],
    }
}

pub use crate::checksum::{
    Crc8, Crc16, Crc32, Crc64, Crc128, adler32, adler32_around, internet, internet_around, sum8,
    sum8_around, sum16, sum16_around, with_hole, xor8, xor8_around, xor16, xor16_around,
};
pub use crate::containers::run_len;
pub use crate::frame::{Frame, Probe, Resync};
pub use crate::greedy::utf8;
pub use crate::roles::Roles;
pub use crate::schema::{Schema, schema_of};
pub use crate::scope::{Endian, Scope};
pub use crate::wire::{Bits, Parse, Tag, Tagged, Wire};
/// The catalogue of CRC parameters, for the statics of generated code.
pub use ::crc as catalogue;
