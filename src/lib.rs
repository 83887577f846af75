#![doc = include_str!("../README.md")]
//!
//! # What is where
//!
//! | Here | Is |
//! |---|---|
//! | [`Wire`], [`Parse`], [`Frame`] | the traits, and the derives of the first and the last |
//! | [`Auto`] | the type of fields that other fields determine |
//! | [`Digits`], [`CivilTime`], [`Lazy`] | decimal digits in BCD, times as they stand on the wire, lists that stay bytes |
//! | [`Lenient`], [`Padded`] | a value that keeps the bytes that are none, an integer that keeps how long it was |
//! | [`Decoder`] | a growing buffer in, frames and reports out |
//! | [`explain`], [`BadFrame`] | what bytes mean, and why some mean nothing |
//! | [`codec`] | everything below the derives: probes, scopes, schemas, errors, checksums |
//! | [`session`] | the long link: connect, log in, stay alive, reconnect |
//! | [`testkit`] | fake peers, bad networks and time that can be turned |
//! | [`guide`] | every key of the language, a first session; for those who come from deku, binrw or plain nom |
#![forbid(unsafe_code)]
#![no_std]

pub mod guide;

pub use longlink_codec_core as codec;
#[cfg(feature = "arbitrary")]
pub use longlink_codec_core::arbitrary;
pub use longlink_codec_core::{
    Auto, BadFrame, Bytes, BytesMut, CivilTime, DecodeError, Decoder, Digits, EncodeError, Frame,
    Lazy, Lenient, Padded, Parse, Wire, explain::explain,
};
/// Values for property tests and fuzzers, beside `Wire` or `Frame`: right ones, and frames that are
/// wrong on purpose. Needs the feature `arbitrary`.
///
/// Written as `#[cfg_attr(test, derive(longlink::Arbitrary))]`, with the feature switched on in
/// `[dev-dependencies]` only, it costs nothing outside of tests.
///
/// ```
/// use longlink::arbitrary::{Relation, Wrong, mutants, values};
/// use longlink::{Arbitrary, Auto, BytesMut, Frame, Wire};
/// use proptest::strategy::Strategy;
/// use proptest::test_runner::TestRunner;
///
/// #[derive(Debug, Clone, PartialEq, Frame, Arbitrary)]
/// #[wire(max_frame_length = 300)]
/// struct Note {
///     #[wire(length_of = text)]
///     length: Auto<u8>,
///     text: String,
///     #[wire(valid = 1..=4)]
///     priority: u8,
///     #[wire(checksum = crc_16_modbus, over = ..self)]
///     check: Auto<u16>,
/// }
///
/// // Every value can be written, and is what is read again.
/// TestRunner::default().run(&values::<Note>(), |note| {
///     let mut bytes = BytesMut::new();
///     note.encode(&mut bytes).unwrap();
///     assert!((1..=4).contains(&note.priority));
///     assert_eq!(Note::decode(&bytes), Ok(note));
///     Ok(())
/// }).unwrap();
///
/// // Every wrong form of one is refused for what is wrong with it.
/// TestRunner::default().run(&mutants::<Note>(), |(note, mutant)| {
///     let read = Note::decode(&mutant.bytes);
///     assert!(mutant.expected.holds(&note, &read), "{mutant:?}: {read:?}");
///     if mutant.wrong == Wrong::Derived(Relation::Checksum) {
///         assert_eq!(read.unwrap_err().fault, longlink::codec::Fault::Checksum);
///     }
///     Ok(())
/// }).unwrap();
/// ```
///
/// Fields are drawn in their order, each within its own bounds; conditions over several fields are
/// satisfied by drawing again. Derived fields stay [`Auto::Derived`]. A field with a parser of the
/// user's (`with`) gets what that parser makes of random bytes. In a fuzzer the derive implements
/// the trait of the crate `arbitrary`: `fuzz_target!(|note: Note| ..)`.
#[cfg(feature = "arbitrary")]
pub use longlink_codec_derive::Arbitrary;
/// # The keys of `#[wire(..)]`
///
/// [The language](guide::language) has all of them, by what one wants to say.
pub use longlink_codec_derive::{Frame, Wire};
#[cfg(feature = "session")]
pub use longlink_session as session;
#[cfg(feature = "session")]
pub use longlink_session::testkit;
