//! What holds for every value of a declaration, whatever its attributes.

use std::fmt::Debug;

use longlink::arbitrary::{Arbitrary, values};
use longlink::{Parse, Wire};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use crate::samples::encoded;

/// An owned type that stands by itself, whose values can be drawn and compared.
pub(crate) trait Lawful:
    Wire<Context = ()> + for<'a> Parse<'a> + for<'a> Arbitrary<'a, Declared = ()> + PartialEq + Debug
{
}

impl<T> Lawful for T where
    T: Wire<Context = ()>
        + for<'a> Parse<'a>
        + for<'a> Arbitrary<'a, Declared = ()>
        + PartialEq
        + Debug
{
}

/// Drawn values are written within their bounds and read back; no cut and no flipped bit panics, and
/// what reads as another value is written as the bytes that were read.
#[track_caller]
pub(crate) fn hold<T: Lawful>() {
    each::<T>(again::<T>);
}

/// The same where one value may be written in several ways, as compressed bytes may: what is read of
/// other bytes is still written and read back.
#[cfg(feature = "zlib")]
#[track_caller]
pub(crate) fn hold_loosely<T: Lawful>() {
    each::<T>(|bytes| {
        if let Ok((_, value)) = T::parse(bytes) {
            assert_eq!(T::parse(&encoded(&value)), Ok((&[][..], value)));
        }
    });
}

#[track_caller]
fn each<T: Lawful>(law: impl Fn(&[u8])) {
    let strategy = values::<T>();
    let mut runner = TestRunner::deterministic();
    for _ in 0..48 {
        let value: T = strategy.new_tree(&mut runner).expect("a value").current();
        let bytes = encoded(&value);
        assert!(bytes.len() >= T::MIN_LEN, "{value:?} is shorter than {}", T::MIN_LEN);
        assert!(T::MAX_LEN.is_none_or(|max| bytes.len() <= max), "{value:?} is longer");
        assert!(T::FIXED_LEN.is_none_or(|len| bytes.len() == len), "{value:?} is not fixed");
        assert_eq!(T::parse(&bytes), Ok((&[][..], value)));
        for cut in 0..bytes.len().min(96) {
            law(&bytes[..cut]);
        }
        for bit in 0..bytes.len().min(48) * 8 {
            let mut other = bytes.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            law(&other);
        }
    }
}

/// What is read is written back byte for byte.
#[track_caller]
fn again<T: Lawful>(bytes: &[u8]) {
    if let Ok((rest, value)) = T::parse(bytes) {
        let read = &bytes[..bytes.len() - rest.len()];
        assert_eq!(encoded(&value), read, "{value:?}");
    }
}
