//! JT/T 808 (vehicle terminals and their platform), editions 2011, 2013 and 2019 in one type.
//!
//! Source: JT/T 808-2011, -2013 and -2019, clause 4.4 (packet, escapes, header, check code) and
//! clause 8 (bodies).

#[path = "body.rs"]
pub mod body;
#[path = "control.rs"]
pub mod control;
#[path = "location.rs"]
pub mod location;
#[path = "setting.rs"]
pub mod setting;
#[path = "terminal.rs"]
pub mod terminal;

use longlink::{Auto, Digits, Frame, Wire};

pub use body::{Body, Reply};

/// What stands between two `0x7E`.
#[derive(Debug, Clone, PartialEq, Frame)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(
    endian = big,
    ctx(dialect: Edition),
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
        opaque_if = part.is_some() || properties.cipher != 0,
        split(part, 1023),
        ctx(version = edition(version, dialect))
    )]
    pub body: Body,
    #[wire(checksum = xor8, over = ..self)]
    check: Auto<u8>,
}

/// What the header does not tell: which edition a terminal without a version follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Edition {
    /// JT/T 808-2011.
    Of2011,
    /// JT/T 808-2013.
    #[default]
    Of2013,
}

#[expect(clippy::derivable_impls, reason = "the derive writes the struct")]
impl Default for PacketContext {
    fn default() -> Self {
        Self { dialect: Edition::default() }
    }
}

/// The edition by its year: the header says 2019, the connection tells the older two apart.
fn edition(version: &Option<u8>, dialect: &Edition) -> u16 {
    match (version, dialect) {
        (Some(_), _) => 2019,
        (None, Edition::Of2013) => 2013,
        (None, Edition::Of2011) => 2011,
    }
}

/// The property word: clause 4.4.3, table 2.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
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
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Part {
    /// Parts of the message.
    #[wire(role = fragment_total)]
    pub total: u16,
    /// Counted from one.
    #[wire(valid = 1.., role = fragment_index)]
    pub index: u16,
}
