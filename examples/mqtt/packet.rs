//! MQTT 3.1.1: two nibbles, a varint length, flags that are the context of the body.
//!
//! Source: OASIS Standard MQTT Version 3.1.1, clauses 2.2 (fixed header) and 3 (packets).

use longlink::{Auto, Bytes, Frame, Wire};

/// One control packet.
#[derive(Debug, Clone, PartialEq, Frame)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(endian = big, max_frame_length = 1024 * 1024, resync = close)]
pub struct Packet {
    #[wire(bits = 4, tag_of = body)]
    kind: Auto<u8>,
    /// Table 2.2: they mean something in PUBLISH only.
    #[wire(bits = 4)]
    pub flags: Flags,
    #[wire(varint = leb128, max_bytes = 4, length_of = body)]
    remaining: Auto<u32>,
    /// Variable header and payload.
    #[wire(ctx(flags))]
    pub body: Body,
}

/// The low nibble of the first byte.
#[derive(Debug, Clone, Copy, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(bitfield = 4, bit_order = msb)]
pub struct Flags {
    /// Sent before.
    #[wire(bits = 1)]
    pub duplicate: bool,
    /// Quality of service; 1 for the packets that clause 2.2.2 gives the nibble 2.
    #[wire(bits = 2, valid = 0..=2)]
    pub quality: u8,
    /// To be kept for later subscribers.
    #[wire(bits = 1)]
    pub retain: bool,
}

impl Flags {
    /// The nibble 0.
    pub const NONE: Self = Self { duplicate: false, quality: 0, retain: false };
    /// The nibble 2, fixed by clause 2.2.2 for PUBREL, SUBSCRIBE and UNSUBSCRIBE.
    pub const TWO: Self = Self { duplicate: false, quality: 1, retain: false };
}

/// Clause 3: the packets.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(ctx(flags: Flags))]
pub enum Body {
    /// The client wants in.
    #[wire(tag = 1)]
    Connect {
        /// Clause 3.1.2.1.
        #[wire(prefix = u16, fixed = b"MQTT")]
        protocol: (),
        /// Clause 3.1.2.2: 4 is version 3.1.1.
        #[wire(fixed = 4u8)]
        level: (),
        /// Which of the fields below are there.
        connect: ConnectFlags,
        /// Seconds; 0: none.
        keep_alive: u16,
        /// Empty: the server chooses.
        #[wire(prefix = u16)]
        client: String,
        /// Published when the client is gone.
        #[wire(present_in = connect.will)]
        will: Option<Will>,
        /// Name of the user.
        #[wire(prefix = u16, present_in = connect.user)]
        user: Option<String>,
        /// Any bytes.
        #[wire(prefix = u16, present_in = connect.password, secret)]
        password: Option<Bytes>,
    },
    /// The server answers.
    #[wire(tag = 2)]
    ConnectAck {
        /// 1: the session was there.
        #[wire(valid = 0..=1)]
        session_present: u8,
        /// 0: accepted.
        code: u8,
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
        /// Any bytes.
        #[wire(rest)]
        payload: Bytes,
    },
    /// Received, quality 1.
    #[wire(tag = 4)]
    PublishAck {
        /// Of the message.
        #[wire(role = replies_to)]
        id: u16,
    },
    /// Received, quality 2.
    #[wire(tag = 5)]
    PublishReceived {
        /// Of the message.
        #[wire(role = replies_to)]
        id: u16,
    },
    /// Released, quality 2.
    #[wire(tag = 6)]
    PublishRelease {
        /// Of the message.
        id: u16,
    },
    /// Done, quality 2.
    #[wire(tag = 7)]
    PublishComplete {
        /// Of the message.
        #[wire(role = replies_to)]
        id: u16,
    },
    /// The client wants messages.
    #[wire(tag = 8, assert(flags.quality == 1, "the flags of SUBSCRIBE are 2"))]
    Subscribe {
        /// Of this packet.
        #[wire(role = sequence, valid = 1..)]
        id: u16,
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
        /// One per filter; 0x80: refused.
        #[wire(rest)]
        codes: Bytes,
    },
    /// The client wants no more.
    #[wire(tag = 10, assert(flags.quality == 1, "the flags of UNSUBSCRIBE are 2"))]
    Unsubscribe {
        /// Of this packet.
        #[wire(role = sequence, valid = 1..)]
        id: u16,
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
    },
    /// The client is alive.
    #[wire(tag = 12, role = heartbeat)]
    Ping,
    /// The server is alive.
    #[wire(tag = 13, role = heartbeat_reply)]
    Pong,
    /// The client goes.
    #[wire(tag = 14)]
    Disconnect,
    /// 0 and 15 are reserved.
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

/// Clause 3.1.3.2.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Will {
    /// Where it is published.
    #[wire(prefix = u16)]
    pub topic: String,
    /// Any bytes.
    #[wire(prefix = u16)]
    pub message: Bytes,
}

/// Clause 3.8.3.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Filter {
    /// With wildcards.
    #[wire(prefix = u16)]
    pub topic: String,
    /// At most this quality of service.
    #[wire(valid = 0..=2)]
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
