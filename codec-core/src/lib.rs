//! What the generated code of longlink calls, and what its users hold in their hands.
//!
//! | Module | Is |
//! |---|---|
//! | [`wire`] | the traits [`Wire`], [`Parse`], [`Tagged`], [`Bits`] |
//! | [`frame`] | the trait [`Frame`] and its [`Probe`]: where does the next frame end? |
//! | [`border`] | five ways to find that end, with constant state |
//! | [`decoder`] | [`Decoder`]: a stream of bytes to frames, across garbage ([`resync`]) |
//! | [`roles`] | the trait [`Roles`]: what a session needs to know of a frame |
//! | [`scope`] | what a parent hands down unasked: owner, byte order, depth, tracer |
//! | [`schema`] | [`Schema`]: a layout as data |
//! | [`explain`](mod@explain) | any frame as an annotated tree, good or bad |
//! | [`report`] | what a person is told about malformed bytes |
//! | [`hex`] | bytes as people write them |
//! | [`error`] | [`Fault`], [`DecodeError`], [`EncodeError`] |
//! | [`bad_frame`] | [`BadFrame`]: what a decoder yields instead of a frame |
//! | [`number`], [`greedy`], [`containers`] | the primitive types as [`Wire`] and [`Parse`] |
//! | [`integer`], [`varint`], [`padded`], [`decimal`] | integers whose width is not that of their type |
//! | [`tag`] | tags that are tuples, as one number |
//! | [`text`] | text in any encoding, padded or terminated |
//! | [`digits`], [`time`], [`scale`] | BCD, dates, engineering values |
//! | [`lazy`] | lists that are parsed while iterating |
//! | [`lenient`] | values that keep what is wrong with them |
//! | [`escape`], `process` | transformed stretches of bytes |
//! | [`checksum`] | sums and CRCs over spans |
//! | [`auto`] | [`Auto`], the type of derived fields |
//! | `arbitrary` | values for property tests and fuzzers, right ones and wrong ones |
//!
//! `no_std` + alloc. Nothing here reads a clock, a socket or randomness.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[cfg(feature = "arbitrary")]
pub mod arbitrary;
pub mod auto;
pub mod bad_frame;
pub mod border;
pub mod checksum;
pub mod containers;
pub mod decimal;
pub mod decoder;
pub mod digits;
pub mod error;
pub mod escape;
pub mod explain;
pub mod frame;
pub mod greedy;
pub mod hex;
pub mod integer;
pub mod lazy;
pub mod lenient;
pub(crate) mod list;
pub mod mask;
pub mod minimal;
pub mod number;
pub mod padded;
pub mod private;
#[cfg(feature = "zlib")]
pub mod process;
pub mod report;
pub mod resync;
pub mod roles;
pub mod scale;
pub mod schema;
pub mod scope;
pub mod steps;
pub mod tag;
pub mod text;
pub mod time;
pub mod trace;
mod twin;
pub mod varint;
pub mod wire;

pub use auto::Auto;
pub use bad_frame::BadFrame;
pub use bytes::{Bytes, BytesMut};
pub use decoder::Decoder;
pub use digits::Digits;
pub use error::{DecodeError, EncodeError, Fault};
pub use frame::{Frame, Probe, Resync};
pub use lazy::Lazy;
pub use lenient::Lenient;
pub use padded::Padded;
pub use roles::Roles;
pub use schema::Schema;
pub use scope::{Around, Enclosing, Endian, Scope};
pub use time::{Civil, CivilTime};
pub use wire::{Bits, Parse, Tag, Tagged, Wire};
