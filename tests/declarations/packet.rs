//! JT/T 808 (vehicle terminals), editions 2011, 2013 and 2019: envelope and some bodies.
//!
//! Source: JT/T 808-2013 and JT/T 808-2019, clause 4.4 (packet, escapes, header, check code) and
//! clause 8 (bodies).

use longlink::{Arbitrary, Auto, Bytes, CivilTime, Digits, Frame, Wire};

/// What stands between two `0x7E`.
#[derive(Debug, Clone, PartialEq, Frame, Arbitrary)]
#[wire(
    endian = big,
    delimiter = 0x7E,
    escape(0x7E => [0x7D, 0x02], 0x7D => [0x7D, 0x01]),
    max_frame_length = 2 * (21 + 1023 + 1) + 2,
    resync = delimiter
)]
pub struct Packet {
    #[wire(tag_of = body, display = hex)]
    message: Auto<u16>,
    /// Length, cipher, and which header fields follow.
    pub properties: Properties,
    /// Edition of the protocol, since 2019.
    #[wire(present_in = properties.versioned)]
    pub version: Option<u8>,
    /// Number of the SIM card, leading zeros kept.
    #[wire(bcd, size = if version.is_some() { 10 } else { 6 })]
    pub phone: Digits,
    /// One more for each packet of the sender.
    #[wire(role = sequence)]
    pub serial: u16,
    /// Which part of a split message this is.
    #[wire(present_in = properties.split)]
    pub part: Option<Part>,
    /// What the packet says.
    #[wire(
        length_in = properties.body_length,
        opaque_if = part.is_some() || properties.cipher != 0
    )]
    pub body: Body,
    #[wire(checksum = xor8, over = ..self)]
    check: Auto<u8>,
}

/// The property word: clause 4.4.3, table 2.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
#[wire(bitfield = u16, bit_order = msb)]
pub struct Properties {
    #[wire(bits = 1, reserved)]
    reserved: u8,
    #[wire(bits = 1)]
    versioned: Auto<bool>,
    #[wire(bits = 1)]
    split: Auto<bool>,
    /// 0: plain, 1: RSA.
    #[wire(bits = 3)]
    pub cipher: u8,
    #[wire(bits = 10)]
    body_length: Auto<u16>,
}

/// The place of a part in its message.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
pub struct Part {
    /// Parts of the message.
    #[wire(role = fragment_total)]
    pub total: u16,
    /// Counted from one.
    #[wire(valid = 1.., role = fragment_index)]
    pub index: u16,
}

/// Clause 8: the bodies that are declared here; all others are kept as bytes.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
pub enum Body {
    /// The terminal answers the platform.
    #[wire(tag = 0x0001)]
    TerminalReply(Reply),
    /// The terminal is alive.
    #[wire(tag = 0x0002, role = heartbeat)]
    Heartbeat,
    /// The terminal signs off.
    #[wire(tag = 0x0003)]
    SignOff,
    /// The terminal's settings, as asked for.
    #[wire(tag = 0x0104)]
    Settings {
        /// Serial number of the question.
        #[wire(role = replies_to)]
        serial: u16,
        #[wire(count_of = settings)]
        count: Auto<u8>,
        /// In the order of the answer.
        settings: Vec<Setting>,
    },
    /// Where the vehicle is.
    #[wire(tag = 0x0200)]
    Location(Location),
    /// Where the vehicle is, as asked for.
    #[wire(tag = 0x0201)]
    LocationReply {
        /// Serial number of the question.
        #[wire(role = replies_to)]
        serial: u16,
        /// The answer.
        location: Location,
    },
    /// Where the vehicle was.
    #[wire(tag = 0x0704)]
    Locations {
        #[wire(count_of = items)]
        count: Auto<u16>,
        /// 0: sent as usual, 1: sent late.
        #[wire(valid = 0..=1)]
        late: u8,
        /// In the order of time.
        items: Vec<Stored>,
    },
    /// The platform answers the terminal.
    #[wire(tag = 0x8001)]
    PlatformReply(Reply),
    /// The platform answers a registration.
    #[wire(tag = 0x8100)]
    Registered {
        /// Serial number of the registration.
        #[wire(role = replies_to)]
        serial: u16,
        /// 0: accepted.
        result: u8,
        /// What the terminal signs on with; empty unless accepted.
        #[wire(rest)]
        token: Bytes,
    },
    /// The platform changes settings.
    #[wire(tag = 0x8103)]
    Configure {
        #[wire(count_of = settings)]
        count: Auto<u8>,
        /// What to change.
        settings: Vec<Setting>,
    },
    /// The platform asks for all settings.
    #[wire(tag = 0x8104)]
    AskSettings,
    /// Any other message, and what cannot be read in parts.
    #[wire(other)]
    Unknown {
        /// The message's number.
        #[wire(tag)]
        message: u16,
        /// Its body.
        #[wire(rest)]
        raw: Bytes,
    },
}

/// Clause 8.1 and 8.2: the answer to any packet.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
pub struct Reply {
    /// Serial number of the packet that is answered.
    #[wire(role = replies_to)]
    pub serial: u16,
    /// Its message number.
    #[wire(display = hex)]
    pub message: u16,
    /// 0: success.
    pub result: u8,
}

/// Clause 8.9: one setting of a terminal.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
pub struct Setting {
    /// Table 12.
    #[wire(display = hex)]
    pub id: u32,
    /// Its value, by the id.
    #[wire(prefix = u8)]
    pub value: Bytes,
}

/// One of several locations.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
pub struct Stored {
    #[wire(length_of = location)]
    length: Auto<u16>,
    /// The location.
    pub location: Location,
}

/// Clause 8.18: where a vehicle is, and how it does.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
pub struct Location {
    /// Bits of table 24.
    #[wire(display = hex)]
    pub alarms: u32,
    /// Bits of table 25.
    #[wire(display = hex)]
    pub status: u32,
    /// North or south by `status`.
    #[wire(as = u32, scale = 1e-6, unit = "deg")]
    pub latitude: f64,
    /// East or west by `status`.
    #[wire(as = u32, scale = 1e-6, unit = "deg")]
    pub longitude: f64,
    /// Above the sea.
    #[wire(unit = "m")]
    pub altitude: u16,
    /// Over ground.
    #[wire(as = u16, scale = 0.1, unit = "km/h")]
    pub speed: f32,
    /// Clockwise from north.
    #[wire(unit = "deg")]
    pub heading: u16,
    /// In UTC+8.
    #[wire(timestamp = bcd_yymmddhhmmss)]
    pub time: CivilTime,
    /// Additional values.
    #[wire(rest, max_count = 64)]
    pub extras: Vec<Extra>,
}

/// One additional value of a location.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
pub struct Extra {
    #[wire(tag_of = value, display = hex)]
    id: Auto<u8>,
    #[wire(length_of = value)]
    length: Auto<u8>,
    /// By the id.
    pub value: ExtraValue,
}

/// Table 27.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
pub enum ExtraValue {
    /// By the vehicle's own counter.
    #[wire(tag = 0x01)]
    Mileage(#[wire(as = u32, scale = 0.1, unit = "km")] f64),
    /// What is in the tank.
    #[wire(tag = 0x02)]
    Fuel(#[wire(as = u16, scale = 0.1, unit = "l")] f32),
    /// By the tachograph.
    #[wire(tag = 0x03)]
    Speed(#[wire(as = u16, scale = 0.1, unit = "km/h")] f32),
    /// Any other value.
    #[wire(other)]
    Unknown {
        /// The id.
        #[wire(tag)]
        id: u8,
        /// The value.
        #[wire(rest)]
        raw: Bytes,
    },
}
