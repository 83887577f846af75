//! `LengthDelimitedCodec` of tokio-util, which knows borders only.

use bytes::{BufMut, BytesMut};
use tokio_util::codec::{Decoder, LengthDelimitedCodec};

use super::{PIECE, Pieces, ROOM};

pub fn codec() -> LengthDelimitedCodec {
    LengthDelimitedCodec::builder()
        .length_field_length(4)
        .length_adjustment(0)
        .num_skip(0)
        .max_frame_length(ROOM)
        .new_codec()
}

/// The next `count` frames, split off the buffer.
pub fn owned(
    codec: &mut LengthDelimitedCodec,
    buffer: &mut BytesMut,
    pieces: &mut Pieces,
    count: u64,
    mut see: impl FnMut(BytesMut),
) {
    for _ in 0..count {
        let frame = loop {
            match codec.decode(buffer).expect("the stream is good") {
                Some(frame) => break frame,
                None => {
                    buffer.reserve(PIECE);
                    buffer.put_slice(pieces.read());
                }
            }
        };
        see(frame);
    }
}
