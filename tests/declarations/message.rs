//! A game's long link: length including itself, command, sequence, XOR of all bytes before it.

use longlink::{Arbitrary, Auto, Bytes, Frame, Wire};

/// One message of the game.
#[derive(Debug, Clone, PartialEq, Frame, Arbitrary)]
#[wire(endian = big, max_frame_length = 64 * 1024, resync = close)]
pub struct Message {
    #[wire(length_of = ..)]
    length: Auto<u32>,
    #[wire(tag_of = body)]
    command: Auto<u16>,
    /// Chosen by the sender, one more for each message.
    #[wire(role = sequence)]
    pub sequence: u32,
    /// What the message says.
    pub body: Body,
    #[wire(checksum = xor8, over = ..self)]
    checksum: Auto<u8>,
}

/// What a [`Message`] says.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
pub enum Body {
    /// A sign of life.
    #[wire(tag = 0x0001, role = heartbeat)]
    Alive {
        /// Milliseconds since 1970 at the sender.
        sent_ms: u64,
    },
    /// A line of chat.
    #[wire(tag = 0x0002)]
    Chat {
        /// Number of the player who speaks.
        from: u64,
        /// UTF-8.
        #[wire(prefix = u16)]
        text: String,
    },
    /// Any other command, kept as it came.
    #[wire(other)]
    Unknown {
        /// The command.
        #[wire(tag)]
        command: u16,
        /// Its body.
        #[wire(rest)]
        raw: Bytes,
    },
}
