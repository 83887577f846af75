//! Frames of 137 bytes ([`chat`]) off a stream that comes in pieces of 1,460 bytes, a
//! frame of 64 KiB that comes byte by byte, and a stream of delimiters.
//!
//! Everybody has the same buffer of 64 KiB; filling it belongs to what is measured.

pub mod hand;
pub mod ours;
pub mod peers;
pub mod vehicle;

use crate::chat;

/// What a read returns.
pub const PIECE: usize = 1_460;

/// What a receive buffer holds.
pub const ROOM: usize = 64 * 1024;

/// Chats of 137 bytes each, one behind the other, so many that pieces and frames end together.
pub fn chats() -> Vec<u8> {
    let mut frame = Vec::new();
    chat::hand::encode::<true>(&chat::sample(), &mut frame);
    frame.repeat(PIECE)
}

/// One chat of 64 KiB: almost all of it one attribute.
pub fn long() -> Vec<u8> {
    let attribute = chat::Attribute { tag: 1, value: vec![0x5a; ROOM - 34] };
    let attributes = vec![attribute];
    let body = chat::Body::Chat { from: 1, to: 2, text: String::new(), attributes };
    let message = chat::Message { command: chat::CHAT, sequence: 7, body };
    let mut frame = Vec::new();
    chat::hand::encode::<true>(&message, &mut frame);
    frame
}

/// A stream without end: its bytes again and again, in pieces.
pub struct Pieces {
    bytes: Vec<u8>,
    piece: usize,
    at: usize,
}

impl Pieces {
    pub fn new(bytes: Vec<u8>, piece: usize) -> Self {
        Pieces { bytes, piece, at: 0 }
    }

    #[inline]
    pub fn read(&mut self) -> &[u8] {
        if self.at == self.bytes.len() {
            self.at = 0;
        }
        let end = self.bytes.len().min(self.at + self.piece);
        let piece = &self.bytes[self.at..end];
        self.at = end;
        piece
    }
}

/// The receive buffer of all who decode in place: a fixed array, moved together when it is full.
pub struct Slab {
    bytes: Vec<u8>,
    read: usize,
    written: usize,
}

impl Slab {
    pub fn new() -> Self {
        Slab { bytes: vec![0; ROOM + PIECE], read: 0, written: 0 }
    }

    #[inline]
    pub fn feed(&mut self, piece: &[u8]) {
        if self.read == self.written {
            self.read = 0;
            self.written = 0;
        }
        if self.bytes.len() - self.written < piece.len() {
            self.bytes.copy_within(self.read..self.written, 0);
            self.written -= self.read;
            self.read = 0;
        }
        self.bytes[self.written..self.written + piece.len()].copy_from_slice(piece);
        self.written += piece.len();
    }

    #[inline]
    pub fn unread(&self) -> &[u8] {
        &self.bytes[self.read..self.written]
    }

    #[inline]
    pub fn consume(&mut self, len: usize) {
        self.read += len;
    }
}

impl Default for Slab {
    fn default() -> Self {
        Slab::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::BytesMut;

    #[test]
    fn all_implementations_see_the_same_frames() {
        let frame = &chats()[..137];
        let pieces = || Pieces::new(chats(), PIECE);
        let mut count = 0;
        hand::InPlace::default()
            .run(&mut pieces(), 1_000, |seen| count += usize::from(seen == frame));
        ours::InPlace::default()
            .run(&mut pieces(), 1_000, |seen| count += usize::from(seen == frame));
        let mut room = BytesMut::new();
        let mut codec = peers::codec();
        peers::owned(&mut codec, &mut room, &mut pieces(), 1_000, |seen| {
            count += usize::from(seen == frame);
        });
        assert_eq!(count, 3_000);
        let mut messages = Vec::new();
        ours::InPlace::default().lazy(&mut pieces(), 20, |message| {
            messages.push(chat::ours::checked::plain_lazy(message));
        });
        assert_eq!(messages, vec![chat::sample(); 20]);
    }

    #[test]
    fn owned_frames_are_equal() {
        let pieces = || Pieces::new(chats(), PIECE);
        let (mut by_hand, mut by_us) = (Vec::new(), Vec::new());
        hand::owned(&mut BytesMut::new(), &mut pieces(), 100, |frame| by_hand.push(frame));
        let mut decoder = longlink::Decoder::new();
        let keep = |frame: ours::Shared| by_us.push(frame.plain());
        ours::owned(&mut decoder, &mut BytesMut::new(), &mut pieces(), 100, keep);
        assert_eq!(by_us, by_hand);
    }

    #[test]
    fn packets_are_equal_with_and_without_escapes() {
        for escapes in [0, 9] {
            let pieces = || Pieces::new(vehicle::frames(PIECE, escapes), PIECE);
            let (mut by_hand, mut by_us) = (Vec::new(), Vec::new());
            hand::Delimited::default().run(&mut pieces(), 100, |packet| by_hand.push(packet));
            ours::Delimited::default().run(&mut pieces(), 100, |packet| by_us.push(packet.plain()));
            assert_eq!(by_us, by_hand);
        }
    }

    #[test]
    fn a_long_frame_byte_by_byte_is_looked_at_once() {
        let mut ours = ours::InPlace::default();
        let mut pieces = Pieces::new(long(), 1);
        ours.run(&mut pieces, 3, |frame| assert_eq!(frame.len(), ROOM));
        assert!(ours.examined() <= 3 * ROOM as u64 * 105 / 100, "{}", ours.examined());
    }
}
