//! The limit: the same border, by hand.

use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::{PIECE, Pieces, ROOM, Slab, vehicle};
use crate::Refused;
use crate::chat::hand::{LazyMessage, decode_lazy};

/// Length of the frame that the buffer begins with; `None`: more bytes are needed.
#[inline(always)]
fn border(buffer: &[u8]) -> Result<Option<usize>, Refused> {
    let Some(head) = buffer.first_chunk::<4>() else { return Ok(None) };
    let len = u32::from_be_bytes(*head) as usize;
    if !(12..=ROOM).contains(&len) {
        return Err(Refused::Length);
    }
    Ok((buffer.len() >= len).then_some(len))
}

/// Frames of a length field, one after the other, lent.
#[derive(Default)]
pub struct InPlace {
    slab: Slab,
}

impl InPlace {
    /// Gives the next `count` frames to `see`.
    #[inline(always)]
    pub fn run(&mut self, pieces: &mut Pieces, count: u64, mut see: impl FnMut(&[u8])) {
        for _ in 0..count {
            let len = loop {
                match border(self.slab.unread()).expect("the stream is good") {
                    Some(len) => break len,
                    None => self.slab.feed(pieces.read()),
                }
            };
            see(&self.slab.unread()[..len]);
            self.slab.consume(len);
        }
    }
}

/// The frame itself, parsed without a copy.
#[inline(always)]
pub fn lazy(frame: &[u8]) -> LazyMessage<'_> {
    decode_lazy::<true>(frame).expect("the stream is good")
}

/// A frame that owns its bytes by sharing the buffer's.
#[derive(Debug, Clone, PartialEq)]
pub struct Shared {
    pub command: u16,
    pub sequence: u32,
    pub payload: Bytes,
    pub crc: u16,
}

/// The next `count` frames, split off the buffer.
pub fn owned(buffer: &mut BytesMut, pieces: &mut Pieces, count: u64, mut see: impl FnMut(Shared)) {
    for _ in 0..count {
        let len = loop {
            match border(buffer).expect("the stream is good") {
                Some(len) => break len,
                None => {
                    buffer.reserve(PIECE);
                    buffer.put_slice(pieces.read());
                }
            }
        };
        let mut frame = buffer.split_to(len);
        let head: &[u8; 10] = frame.first_chunk().expect("the border counts a header");
        let command = u16::from_be_bytes([head[4], head[5]]);
        let sequence = u32::from_be_bytes([head[6], head[7], head[8], head[9]]);
        let crc = u16::from_be_bytes(*frame.last_chunk().expect("the border counts a CRC"));
        frame.truncate(len - 2);
        frame.advance(10);
        see(Shared { command, sequence, payload: frame.freeze(), crc });
    }
}

/// A frame between delimiters: where it ends, unescaped, its sum, its header.
#[derive(Default)]
pub struct Delimited {
    slab: Slab,
}

impl Delimited {
    #[inline(always)]
    pub fn run(&mut self, pieces: &mut Pieces, count: u64, mut see: impl FnMut(vehicle::Plain)) {
        for _ in 0..count {
            let mut scanned = 1;
            let end = loop {
                let unread = self.slab.unread();
                match unread.get(scanned..).and_then(|tail| memchr::memchr(0x7e, tail)) {
                    Some(at) => break scanned + at,
                    None => {
                        scanned = unread.len().max(1);
                        self.slab.feed(pieces.read());
                    }
                }
            };
            let frame = &self.slab.unread()[..=end];
            see(packet(frame).expect("the stream is good"));
            self.slab.consume(end + 1);
        }
    }
}

/// One frame with both delimiters.
#[inline(always)]
fn packet(frame: &[u8]) -> Result<vehicle::Plain, Refused> {
    if frame[0] != 0x7e {
        return Err(Refused::Magic);
    }
    let inside = &frame[1..frame.len() - 1];
    match memchr::memchr(0x7d, inside) {
        None => fields(inside),
        Some(first) => fields(&unescaped(inside, first)?),
    }
}

#[inline(never)]
fn unescaped(inside: &[u8], first: usize) -> Result<Vec<u8>, Refused> {
    let mut plain = Vec::with_capacity(inside.len());
    let (mut rest, mut next) = (inside, Some(first));
    while let Some(at) = next {
        plain.extend_from_slice(&rest[..at]);
        plain.push(match rest.get(at + 1) {
            Some(1) => 0x7d,
            Some(2) => 0x7e,
            _ => return Err(Refused::Magic),
        });
        rest = &rest[at + 2..];
        next = memchr::memchr(0x7d, rest);
    }
    plain.extend_from_slice(rest);
    Ok(plain)
}

#[inline(always)]
fn fields(layout: &[u8]) -> Result<vehicle::Plain, Refused> {
    let (check, covered) = layout.split_last().ok_or(Refused::Short)?;
    if covered.iter().fold(0, |sum, byte| sum ^ byte) != *check {
        return Err(Refused::Checksum);
    }
    let (head, raw) = covered.split_first_chunk::<12>().ok_or(Refused::Short)?;
    let mut phone = [0; 6];
    phone.copy_from_slice(&head[4..10]);
    Ok(vehicle::Plain {
        message: u16::from_be_bytes([head[0], head[1]]),
        properties: u16::from_be_bytes([head[2], head[3]]),
        phone,
        serial: u16::from_be_bytes([head[10], head[11]]),
        raw: raw.to_vec(),
    })
}
