//! MQTT 3.1.1 and 5 in one declaration: two nibbles, a varint length, and a body whose layout
//! depends on the flags and on the version that the connection speaks.
//!
//! Source: OASIS Standards MQTT Version 3.1.1 and MQTT Version 5.0, clauses 2 (fixed header) and
//! 3 (packets). Clause numbers are those of version 5.

use longlink::{Auto, Bytes, Frame, Wire};

use super::property::Property;

/// One control packet.
#[derive(Debug, Clone, PartialEq, Frame)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(
    endian = big,
    max_frame_length = 1024 * 1024,
    resync = close,
    ctx(version: u8),
    assert(flags_fit(kind, flags), "only PUBLISH has a choice of flags")
)]
pub struct Packet {
    #[wire(bits = 4, tag_of = body)]
    kind: Auto<u8>,
    /// Table 2.2: they mean something in PUBLISH only.
    #[wire(bits = 4, default = Flags::NONE)]
    pub flags: Flags,
    #[wire(varint = leb128, max_bytes = 4, length_of = body)]
    remaining: Auto<u32>,
    /// Variable header and payload.
    #[wire(ctx(flags, version))]
    pub body: Body,
}

/// A connection speaks version 3.1.1, until its CONNECT says another.
impl Default for PacketContext {
    fn default() -> Self {
        Self { version: 4 }
    }
}

impl From<Body> for Packet {
    /// With the flags that the standard fixes for its kind; a PUBLISH gets those of quality 0.
    fn from(body: Body) -> Self {
        let two =
            matches!(body, Body::Release(_) | Body::Subscribe { .. } | Body::Unsubscribe { .. });
        Self::new(if two { Flags::TWO } else { Flags::NONE }, body)
    }
}

/// Clause 2.1.3: the reserved nibble is 2 for PUBREL, SUBSCRIBE and UNSUBSCRIBE, else 0.
fn flags_fit(kind: u64, flags: &Flags) -> bool {
    match kind {
        0 | 3 | 15 => true,
        6 | 8 | 10 => *flags == Flags::TWO,
        _ => *flags == Flags::NONE,
    }
}

/// The low nibble of the first byte.
#[derive(Debug, Clone, Copy, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(bitfield = 4, bit_order = msb)]
pub struct Flags {
    /// Sent before.
    #[wire(bits = 1)]
    pub duplicate: bool,
    /// Quality of service.
    #[wire(bits = 2, valid = 0..=2)]
    pub quality: u8,
    /// To be kept for later subscribers.
    #[wire(bits = 1)]
    pub retain: bool,
}

impl Flags {
    /// The nibble 0.
    pub const NONE: Self = Self { duplicate: false, quality: 0, retain: false };
    /// The nibble 2.
    pub const TWO: Self = Self { duplicate: false, quality: 1, retain: false };
}

/// Clause 3: the packets.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(ctx(flags: Flags, version: u8))]
pub enum Body {
    /// The client wants in.
    #[wire(tag = 1)]
    Connect(Connect),
    /// The server answers.
    #[wire(tag = 2)]
    ConnectAck {
        /// The server has kept what it knew of this client.
        session_present: bool,
        /// 0: accepted.
        code: u8,
        /// A server that knows no version 5 refuses in version 3.1.1, without properties.
        #[wire(prefix = leb128, present_if = version >= 5 && left > 0)]
        properties: Option<Vec<Property>>,
    },
    /// A message.
    #[wire(tag = 3)]
    Publish {
        /// Its topic.
        #[wire(prefix = u16)]
        topic: String,
        /// Only with a quality above 0.
        #[wire(present_if = flags.quality > 0, role = sequence, valid = 1..)]
        id: Option<u16>,
        /// How it is to be treated.
        #[wire(prefix = leb128, version = 5..)]
        properties: Option<Vec<Property>>,
        /// Any bytes.
        #[wire(rest)]
        payload: Bytes,
    },
    /// PUBACK: received, quality 1.
    #[wire(tag = 4)]
    Acknowledge(#[wire(ctx(version))] Answer),
    /// PUBREC: received, quality 2.
    #[wire(tag = 5)]
    Receive(#[wire(ctx(version))] Answer),
    /// PUBREL: released, quality 2.
    #[wire(tag = 6)]
    Release(#[wire(ctx(version))] Answer),
    /// PUBCOMP: done, quality 2.
    #[wire(tag = 7)]
    Complete(#[wire(ctx(version))] Answer),
    /// The client wants messages.
    #[wire(tag = 8)]
    Subscribe {
        /// Of this packet.
        #[wire(role = sequence, valid = 1..)]
        id: u16,
        /// A number for these subscriptions.
        #[wire(prefix = leb128, version = 5..)]
        properties: Option<Vec<Property>>,
        /// What it wants.
        #[wire(rest, max_count = 1024)]
        filters: Vec<Filter>,
    },
    /// What it gets.
    #[wire(tag = 9)]
    SubscribeAck {
        /// Of the packet that is answered.
        #[wire(role = replies_to)]
        id: u16,
        /// Why, in words.
        #[wire(prefix = leb128, version = 5..)]
        properties: Option<Vec<Property>>,
        /// One per filter: the quality granted, or from 0x80 on a refusal.
        #[wire(rest)]
        codes: Bytes,
    },
    /// The client wants no more.
    #[wire(tag = 10)]
    Unsubscribe {
        /// Of this packet.
        #[wire(role = sequence, valid = 1..)]
        id: u16,
        /// Of the user.
        #[wire(prefix = leb128, version = 5..)]
        properties: Option<Vec<Property>>,
        /// Of what.
        #[wire(rest, max_count = 1024)]
        topics: Vec<Topic>,
    },
    /// So be it.
    #[wire(tag = 11)]
    UnsubscribeAck {
        /// Of the packet that is answered.
        #[wire(role = replies_to)]
        id: u16,
        /// Why, in words.
        #[wire(prefix = leb128, version = 5..)]
        properties: Option<Vec<Property>>,
        /// One per topic; none in version 3.1.1.
        #[wire(rest)]
        codes: Bytes,
    },
    /// The client is alive.
    #[wire(tag = 12, role = heartbeat)]
    Ping,
    /// The server is alive.
    #[wire(tag = 13, role = heartbeat_reply)]
    Pong,
    /// One of them goes; in version 3.1.1 the client alone, without a word.
    #[wire(tag = 14)]
    Disconnect(#[wire(ctx(version))] Reason),
    /// One step of an extended authentication.
    #[wire(tag = 15, version = 5..)]
    Authenticate(#[wire(ctx(version))] Reason),
    /// 0 is reserved, and 15 in version 3.1.1.
    #[wire(other)]
    Unknown {
        /// The high nibble.
        #[wire(tag)]
        kind: u8,
        /// All that follows.
        #[wire(rest)]
        raw: Bytes,
    },
}

/// Clause 3.1. It says the version itself.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Connect {
    /// Its name.
    #[wire(prefix = u16, fixed = b"MQTT")]
    pub protocol: (),
    /// 4 is version 3.1.1.
    #[wire(valid = 4..=5)]
    pub version: u8,
    /// Which of the fields below are there.
    pub connect: ConnectFlags,
    /// How long the client may be silent; 0: forever.
    #[wire(unit = "s")]
    pub keep_alive: u16,
    /// What the client bears.
    #[wire(prefix = leb128, present_if = version >= 5)]
    pub properties: Option<Vec<Property>>,
    /// Empty: the server chooses.
    #[wire(prefix = u16)]
    pub client: String,
    /// Published when the client is gone.
    #[wire(present_in = connect.will, ctx(version))]
    pub will: Option<Will>,
    /// Name of the user.
    #[wire(prefix = u16, present_in = connect.user)]
    pub user: Option<String>,
    /// Any bytes.
    #[wire(prefix = u16, present_in = connect.password, secret)]
    pub password: Option<Bytes>,
}

/// Clause 3.1.2.3.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(bitfield = u8, bit_order = msb)]
pub struct ConnectFlags {
    #[wire(bits = 1)]
    user: Auto<bool>,
    #[wire(bits = 1)]
    password: Auto<bool>,
    /// The will is to be kept for later subscribers.
    #[wire(bits = 1)]
    pub will_retain: bool,
    /// Quality of service of the will.
    #[wire(bits = 2, valid = 0..=2)]
    pub will_quality: u8,
    #[wire(bits = 1)]
    will: Auto<bool>,
    /// Forget what was before.
    #[wire(bits = 1)]
    pub clean: bool,
    /// Clause 3.1.2-3: the reserved bit is zero.
    #[wire(bits = 1, fixed = 0)]
    reserved: (),
}

/// Clause 3.1.3.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(ctx(version: u8))]
pub struct Will {
    /// When and how it is published.
    #[wire(prefix = leb128, version = 5..)]
    pub properties: Option<Vec<Property>>,
    /// Where it is published.
    #[wire(prefix = u16)]
    pub topic: String,
    /// Any bytes.
    #[wire(prefix = u16)]
    pub message: Bytes,
}

/// Clauses 3.4 to 3.7. Version 5 leaves out a reason of 0 and empty properties.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(ctx(version: u8))]
pub struct Answer {
    /// Of the message.
    #[wire(role = replies_to)]
    pub id: u16,
    /// `None` is 0: success.
    #[wire(present_if = version >= 5 && left > 0)]
    pub reason: Option<u8>,
    /// Why, in words.
    #[wire(prefix = leb128, present_if = version >= 5 && left > 0)]
    pub properties: Option<Vec<Property>>,
}

impl Answer {
    /// All went well.
    pub fn to(id: u16) -> Self {
        Self { id, reason: None, properties: None }
    }

    /// From 0x80 on a reason is a refusal.
    pub fn refuses(&self) -> bool {
        self.reason.is_some_and(|reason| reason >= 0x80)
    }
}

/// Clauses 3.14 and 3.15.
#[derive(Debug, Clone, PartialEq, Default, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(ctx(version: u8))]
pub struct Reason {
    /// `None` is 0: as agreed.
    #[wire(present_if = version >= 5 && left > 0)]
    pub code: Option<u8>,
    /// Why, in words.
    #[wire(prefix = leb128, present_if = version >= 5 && left > 0)]
    pub properties: Option<Vec<Property>>,
}

/// Clause 3.8.3.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Filter {
    /// With wildcards.
    #[wire(prefix = u16)]
    pub topic: String,
    /// How messages are wanted.
    pub options: Wanted,
}

/// Clause 3.8.3.1. In version 3.1.1 all but the quality is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(bitfield = u8, bit_order = msb)]
pub struct Wanted {
    /// Zero.
    #[wire(bits = 2, fixed = 0)]
    pub reserved: (),
    /// Retained messages: 0 always, 1 for a new subscription only, 2 never.
    #[wire(bits = 2, valid = 0..=2)]
    pub retain_handling: u8,
    /// The flag `retain` comes as it was published.
    #[wire(bits = 1)]
    pub retain_as_published: bool,
    /// Not what this client publishes itself.
    #[wire(bits = 1)]
    pub no_local: bool,
    /// At most this quality of service.
    #[wire(bits = 2, valid = 0..=2)]
    pub quality: u8,
}

/// Clause 3.10.3.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Topic {
    /// With wildcards.
    #[wire(prefix = u16)]
    pub topic: String,
}
