//! The protocol: five messages under a length and a CRC-32.

use longlink::{Auto, Bytes, Frame, Wire};

/// Bytes of name and content in one piece at most.
pub const PIECE: usize = 32 * 1024;

#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(endian = big, max_frame_length = PIECE + 64)]
pub struct Message {
    #[wire(length_of = ..)]
    length: Auto<u32>,
    #[wire(tag_of = body)]
    kind: Auto<u8>,
    #[wire(role = sequence)]
    pub number: u32,
    pub body: Body,
    #[wire(checksum = crc_32_iso_hdlc, over = ..self)]
    checksum: Auto<u32>,
}

#[derive(Debug, Clone, PartialEq, Wire)]
pub enum Body {
    /// I have this file. Said again after each break, and at the end.
    #[wire(tag = 1)]
    Offer {
        #[wire(prefix = u16)]
        name: String,
        #[wire(unit = "bytes")]
        size: u64,
        /// CRC-32 of the whole file.
        #[wire(display = hex)]
        content: u32,
    },
    /// Go on from here.
    #[wire(tag = 2)]
    Wanted {
        #[wire(role = replies_to)]
        offer: u32,
        offset: u64,
    },
    /// The file is whole; or all of it came, and it is another: begin again.
    #[wire(tag = 3)]
    Whole {
        #[wire(role = replies_to)]
        offer: u32,
        intact: bool,
    },
    #[wire(tag = 4, role = acknowledged)]
    Piece {
        #[wire(prefix = u16)]
        name: String,
        offset: u64,
        #[wire(rest)]
        bytes: Bytes,
    },
    /// A piece was stored, or did not fit behind what there is; the next offer tells.
    #[wire(tag = 5)]
    Seen {
        #[wire(role = acknowledges)]
        piece: u32,
    },
}
