//! One declaration for each kind of type.

use ::alloc::boxed::Box;
use ::alloc::string::String;
use ::alloc::vec::Vec;
use ::core::option::Option;
use ::wires::{Auto, Bytes, Frame, Wire};

/// A frame with everything that is derived.
#[derive(Frame)]
#[wire(crate = ::wires, endian = big, magic = b"LL", max_frame_length = 4096, resync = magic)]
pub struct Message {
    #[wire(length_of = ..)]
    length: Auto<u16>,
    #[wire(tag_of = body)]
    kind: Auto<u8>,
    /// Which fields follow.
    pub flags: Flags,
    #[wire(present_in = flags.extended)]
    /// More of it.
    pub extension: Option<u32>,
    #[wire(role = sequence)]
    /// Numbered by the sender.
    pub sequence: u16,
    /// What it says.
    pub body: Body,
    #[wire(checksum = crc_16_ibm_3740, over = ..self)]
    checksum: Auto<u16>,
}

/// Bits of one byte.
#[derive(Wire)]
#[wire(crate = ::wires, bitfield = u8, bit_order = msb)]
pub struct Flags {
    #[wire(bits = 1)]
    extended: Auto<bool>,
    /// Some number.
    #[wire(bits = 3)]
    pub priority: u8,
    #[wire(bits = 4, reserved)]
    reserved: u8,
}

/// An enum whose tag stands outside.
#[derive(Wire)]
#[wire(crate = ::wires)]
pub enum Body {
    /// Nothing.
    #[wire(tag = 1, role = heartbeat)]
    Alive,
    /// Text.
    #[wire(tag = 2)]
    Text(#[wire(prefix = u16)] String),
    /// A list.
    #[wire(tag = 3)]
    List {
        #[wire(count_of = items)]
        /// How many.
        count: Auto<u8>,
        /// They.
        items: Vec<Item>,
    },
    /// Anything else.
    #[wire(other)]
    Unknown {
        /// The tag.
        #[wire(tag)]
        kind: u8,
        /// The bytes.
        #[wire(rest)]
        raw: Bytes,
    },
}

/// An item, and perhaps another.
#[derive(Wire)]
#[wire(crate = ::wires)]
pub struct Item {
    /// In little endian.
    #[wire(endian = little)]
    pub value: u32,
    /// Recursion.
    #[wire(present_if = value == 1)]
    pub next: Option<Box<Item>>,
}

/// A borrowing, generic pair.
#[derive(Wire)]
#[wire(crate = ::wires)]
pub struct Pair<'a, T> {
    /// The first.
    pub first: T,
    /// The second.
    #[wire(prefix = u8)]
    pub second: &'a [u8],
}

/// A number with names.
#[derive(Wire)]
#[wire(crate = ::wires)]
#[repr(u8)]
pub enum Level {
    /// Low.
    Low = 1,
    /// High.
    High = 2,
    /// Not known here.
    #[wire(other)]
    Unknown(#[wire(tag)] u8),
}
