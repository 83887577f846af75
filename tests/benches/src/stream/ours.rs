//! The same through [`Decoder`].

use bytes::{BufMut, BytesMut};
use longlink::codec::decoder::Found;
use longlink::{Auto, Bytes, Decoder, Frame};

use super::{PIECE, Pieces, Slab, hand, vehicle};
use crate::chat::ours::checked::LazyMessage;

/// Frames of a length field, one after the other, lent.
#[derive(Default)]
pub struct InPlace {
    slab: Slab,
    decoder: Decoder<LazyMessage<'static>>,
}

impl InPlace {
    /// Gives the next `count` frames to `see`.
    #[inline(always)]
    pub fn run(&mut self, pieces: &mut Pieces, count: u64, mut see: impl FnMut(&[u8])) {
        for _ in 0..count {
            loop {
                let lend = |frame, (): &()| {
                    see(frame);
                    Ok(())
                };
                let (consumed, found) = self.decoder.decode_in_place(self.slab.unread(), lend);
                let whole = matches!(found, Found::Frame(()));
                self.slab.consume(consumed);
                if whole {
                    break;
                }
                self.slab.feed(pieces.read());
            }
        }
    }

    /// The same, decoded without a copy.
    #[inline(always)]
    pub fn lazy(&mut self, pieces: &mut Pieces, count: u64, mut see: impl FnMut(LazyMessage<'_>)) {
        for _ in 0..count {
            loop {
                let lend = |frame, (): &()| LazyMessage::decode(frame).map(&mut see);
                let (consumed, found) = self.decoder.decode_in_place(self.slab.unread(), lend);
                let whole = matches!(found, Found::Frame(()));
                self.slab.consume(consumed);
                if whole {
                    break;
                }
                self.slab.feed(pieces.read());
            }
        }
    }

    /// Bytes that the border has looked at; debug builds only.
    pub fn examined(&self) -> u64 {
        self.decoder.examined()
    }
}

/// A frame that owns its bytes by sharing the buffer's.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(endian = big, max_frame_length = 64 * 1024)]
pub struct Shared {
    #[wire(length_of = ..)]
    length: Auto<u32>,
    pub command: u16,
    pub sequence: u32,
    #[wire(rest)]
    pub payload: Bytes,
    pub crc: u16,
}

impl Shared {
    pub fn plain(self) -> hand::Shared {
        let Shared { command, sequence, payload, crc, .. } = self;
        hand::Shared { command, sequence, payload, crc }
    }
}

/// The next `count` frames, split off the buffer.
pub fn owned(
    decoder: &mut Decoder<Shared>,
    buffer: &mut BytesMut,
    pieces: &mut Pieces,
    count: u64,
    mut see: impl FnMut(Shared),
) {
    for _ in 0..count {
        let frame = loop {
            match decoder.decode(buffer) {
                Some(frame) => break frame.expect("the stream is good"),
                None => {
                    buffer.reserve(PIECE);
                    buffer.put_slice(pieces.read());
                }
            }
        };
        see(frame);
    }
}

/// Frames between delimiters.
#[derive(Default)]
pub struct Delimited {
    slab: Slab,
    decoder: Decoder<vehicle::Packet>,
}

impl Delimited {
    #[inline(always)]
    pub fn run(&mut self, pieces: &mut Pieces, count: u64, mut see: impl FnMut(vehicle::Packet)) {
        for _ in 0..count {
            loop {
                let lend = |frame, (): &()| vehicle::Packet::decode(frame).map(&mut see);
                let (consumed, found) = self.decoder.decode_in_place(self.slab.unread(), lend);
                let whole = matches!(found, Found::Frame(()));
                self.slab.consume(consumed);
                if whole {
                    break;
                }
                self.slab.feed(pieces.read());
            }
        }
    }
}
