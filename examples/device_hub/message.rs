//! The protocol: what devices say and what the hub says are two types.

use longlink::{Auto, Frame, Wire};

/// From the device.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(endian = big, magic = 0xD51Cu16, max_frame_length = 256, resync = close)]
pub struct Report {
    #[wire(length_of = body)]
    length: Auto<u16>,
    #[wire(tag_of = body)]
    kind: Auto<u8>,
    pub body: Said,
    #[wire(checksum = crc_16_ibm_3740, over = ..self)]
    checksum: Auto<u16>,
}

#[derive(Debug, Clone, PartialEq, Wire)]
pub enum Said {
    #[wire(tag = 1)]
    Register {
        device: u32,
        #[wire(prefix = u8)]
        model: String,
    },
    #[wire(tag = 2)]
    Measured {
        #[wire(as = i16, scale = 0.01, unit = "°C")]
        temperature: f64,
        #[wire(valid = 0..=100, unit = "%")]
        battery: u8,
    },
    #[wire(tag = 3)]
    Done {
        #[wire(role = replies_to)]
        command: u16,
        accepted: bool,
    },
    #[wire(tag = 4, role = heartbeat)]
    Alive,
}

/// From the hub.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(endian = big, magic = 0xD51Cu16, max_frame_length = 256, resync = close)]
pub struct Command {
    #[wire(length_of = body)]
    length: Auto<u16>,
    #[wire(tag_of = body)]
    kind: Auto<u8>,
    #[wire(role = sequence)]
    pub number: u16,
    pub body: Ordered,
    #[wire(checksum = crc_16_ibm_3740, over = ..self)]
    checksum: Auto<u16>,
}

#[derive(Debug, Clone, PartialEq, Wire)]
pub enum Ordered {
    #[wire(tag = 0x81)]
    Welcome { accepted: bool },
    #[wire(tag = 0x82)]
    ReportEvery {
        #[wire(unit = "ms")]
        interval: u16,
    },
    #[wire(tag = 0x83)]
    Blink { times: u8 },
    #[wire(tag = 0x84, role = heartbeat_reply)]
    AliveToo,
}
