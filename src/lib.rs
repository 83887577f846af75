//! longlink.
#![forbid(unsafe_code)]

pub use longlink_codec_core as codec;
pub use longlink_codec_core::{
    Auto, BadFrame, Bytes, BytesMut, DecodeError, EncodeError, Frame, Parse, Wire,
};
