#![doc = include_str!("../README.md")]
//!
//! # What is where
//!
//! | Here | Is |
//! |---|---|
//! | [`Wire`], [`Parse`], [`Frame`] | the traits, and the derives of the first and the last |
//! | [`Auto`] | the type of fields that other fields determine |
//! | [`Digits`], [`CivilTime`], [`Lazy`] | decimal digits in BCD, times as they stand on the wire, lists that stay bytes |
//! | [`Decoder`] | a growing buffer in, frames and reports out |
//! | [`explain`], [`BadFrame`] | what bytes mean, and why some mean nothing |
//! | [`codec`] | everything below the derives: probes, scopes, schemas, errors, checksums |
//! | [`session`] | the long link: connect, log in, stay alive, reconnect |
//! | [`testkit`] | fake peers, bad networks and time that can be turned |
//! | [`guide`] | for those who come from deku, binrw or plain nom |
//!
//! # Features
//!
//! | Feature | Default | Adds |
//! |---|---|---|
//! | `std` | yes | errors of nom and bytes as `std` errors; without it, `no_std` and alloc |
//! | `session` | yes | [`session`] and [`testkit`], on tokio |
//! | `tls` | no | sessions over TLS |
//! | `metrics` | no | counters, gauges and histograms of sessions, through the `metrics` facade |
//! | `encodings` | no | `encoding = "gbk"` and the other labels of the WHATWG standard |
//! | `zlib` | no | `process = zlib` |
//! | `serde` | no | explanations as JSON |
#![forbid(unsafe_code)]
#![no_std]

pub mod guide;

pub use longlink_codec_core as codec;
pub use longlink_codec_core::{
    Auto, BadFrame, Bytes, BytesMut, CivilTime, DecodeError, Decoder, Digits, EncodeError, Frame,
    Lazy, Parse, Wire, explain::explain,
};
pub use longlink_codec_derive::{Frame, Wire};
#[cfg(feature = "session")]
pub use longlink_session as session;
#[cfg(feature = "session")]
pub use longlink_session::testkit;
