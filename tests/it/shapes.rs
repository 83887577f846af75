//! Headers of well-known protocols, each small, each shaped differently.

mod binary;
mod blocks;
mod gated;
mod lines;
mod numbers;
mod sums;

use longlink::codec::Fault;
use longlink::{BytesMut, EncodeError, Parse, Wire};

use crate::samples::{bytes, encoded};

/// The value is these bytes, and these bytes are the value.
#[track_caller]
pub(crate) fn holds<T>(value: &T, hex: &str)
where
    T: Wire<Context = ()> + for<'a> Parse<'a> + PartialEq + std::fmt::Debug,
{
    let bytes = bytes(hex);
    assert_eq!(hexadecimal(&encoded(value)), hexadecimal(&bytes));
    match T::parse(&bytes) {
        Ok((rest, again)) => {
            assert_eq!(hexadecimal(rest), "", "bytes left over");
            assert_eq!(&again, value);
        }
        Err(error) => panic!("{error}"),
    }
}

/// The fault, and its offset, of bytes that are no `T`.
#[track_caller]
pub(crate) fn refused<T>(hex: &str) -> (Fault, usize)
where
    T: Wire<Context = ()> + for<'a> Parse<'a> + std::fmt::Debug,
{
    let bytes = bytes(hex);
    match T::parse(&bytes) {
        Err(nom::Err::Error(error)) => (error.fault, error.offset_in(&bytes)),
        other => panic!("not refused: {other:?}"),
    }
}

/// The error of a value that cannot be written; the output is as it was.
#[track_caller]
pub(crate) fn unwritable<T>(value: &T) -> EncodeError
where
    T: Wire<Context = ()> + std::fmt::Debug,
{
    let mut out = BytesMut::from(&[0xa5][..]);
    let error = value.encode(&mut out).expect_err("a value that cannot be written");
    assert_eq!(out[..], [0xa5], "a part of {value:?}");
    error
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}
