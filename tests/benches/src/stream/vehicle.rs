//! Frames between delimiters, with escapes: the envelope of JT/T 808-2013, clause 4.4, around a
//! body of 90 bytes.

use longlink::{Auto, Frame};

/// `0x7E | message u16 | properties u16 | phone, 6 bytes | serial u16 | body | XOR | 0x7E`.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(
    endian = big,
    delimiter = 0x7E,
    escape(0x7E => [0x7D, 0x02], 0x7D => [0x7D, 0x01]),
    max_frame_length = 2_092,
    resync = delimiter
)]
pub struct Packet {
    pub message: u16,
    pub properties: u16,
    pub phone: [u8; 6],
    pub serial: u16,
    #[wire(rest)]
    pub raw: Vec<u8>,
    #[wire(checksum = xor8, over = ..self)]
    check: Auto<u8>,
}

/// What is read of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Plain {
    pub message: u16,
    pub properties: u16,
    pub phone: [u8; 6],
    pub serial: u16,
    pub raw: Vec<u8>,
}

impl Packet {
    pub fn plain(self) -> Plain {
        let Packet { message, properties, phone, serial, raw, .. } = self;
        Plain { message, properties, phone, serial, raw }
    }
}

/// A stream of so many frames; `escapes`: how many bytes of each body are escaped.
pub fn frames(count: usize, escapes: usize) -> Vec<u8> {
    let mut body: Vec<u8> = (0..90).map(|byte| byte + 1).collect();
    body[..escapes].fill(0x7e);
    let packet = Packet::new(0x0200, 90, [0x01, 0x39, 0x12, 0x34, 0x56, 0x78], 7, body);
    let mut out = bytes::BytesMut::new();
    for _ in 0..count {
        longlink::Wire::encode(&packet, &mut out).expect("a sample fits its fields");
    }
    out.to_vec()
}
