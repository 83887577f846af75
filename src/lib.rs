//! Declare a binary message once; get its nom parser, its serializer, the border of its frames on a
//! stream, and a session that keeps a long link alive.
#![forbid(unsafe_code)]
#![no_std]

pub use longlink_codec_core as codec;
pub use longlink_codec_core::explain::{explain, explain_with};
pub use longlink_codec_core::{
    Auto, BadFrame, Bytes, BytesMut, CivilTime, DecodeError, Decoder, Digits, EncodeError, Frame,
    Lazy, Parse, Wire,
};
pub use longlink_codec_derive::{Frame, Wire};
#[cfg(feature = "session")]
pub use longlink_session as session;
