//! The protocol: length including itself, command, counter, XOR of all bytes before it.

use longlink::{Auto, Frame, Wire};

/// One message, in both directions.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(endian = big, max_frame_length = 64 * 1024, resync = close)]
pub struct Message {
    #[wire(length_of = ..)]
    length: Auto<u32>,
    #[wire(tag_of = body)]
    command: Auto<u16>,
    /// The sender's counter: one more for each message of a connection.
    #[wire(role = sequence)]
    pub sequence: u32,
    pub body: Body,
    #[wire(checksum = xor8, over = ..self)]
    checksum: Auto<u8>,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Wire)]
pub enum Body {
    /// A sign of life; whoever gets one says `AliveToo`.
    #[wire(tag = 0x0001, role = heartbeat)]
    Alive,
    #[wire(tag = 0x0002, role = heartbeat_reply)]
    AliveToo,
    /// The login, in three steps.
    #[wire(tag = 0x0010)]
    First {
        #[wire(prefix = u16)]
        user: String,
    },
    #[wire(tag = 0x0011)]
    FirstAnswer { challenge: u64 },
    #[wire(tag = 0x0012)]
    Second {
        #[wire(secret)]
        proof: u64,
    },
    #[wire(tag = 0x0013)]
    SecondAnswer { accepted: u8 },
    #[wire(tag = 0x0014)]
    Third { client_version: u16 },
    /// Chat that the server confirms.
    #[wire(tag = 0x0020, role = acknowledged)]
    Say {
        id: u64,
        #[wire(prefix = u16)]
        text: String,
    },
    #[wire(tag = 0x0021)]
    Heard {
        #[wire(role = acknowledges)]
        sequence: u32,
    },
    /// Chat that nobody confirms.
    #[wire(tag = 0x0022)]
    Whisper {
        id: u64,
        #[wire(prefix = u16)]
        text: String,
    },
    /// Somebody else's chat.
    #[wire(tag = 0x0023)]
    Push {
        id: u64,
        #[wire(prefix = u16)]
        text: String,
    },
    #[wire(tag = 0x0030)]
    Ask { number: u64 },
    #[wire(tag = 0x0031)]
    Answer {
        #[wire(role = replies_to)]
        sequence: u32,
        square: u64,
    },
}

impl Message {
    /// The session writes the counter.
    pub fn of(body: Body) -> Self {
        Self::new(0, body)
    }
}

/// What the second step proves: that the client knows the password. A toy, not cryptography.
pub fn proof(password: &str, challenge: u64) -> u64 {
    password.bytes().fold(challenge, |sum, byte| sum.rotate_left(7) ^ u64::from(byte))
}
