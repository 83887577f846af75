//! Settings of a terminal.

use longlink::{Auto, Bytes, Wire};

/// Clause 8.9, table 11.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Setting {
    #[wire(tag_of = value, display = hex)]
    id: Auto<u32>,
    #[wire(length_of = value)]
    length: Auto<u8>,
    /// By the id.
    pub value: Value,
}

/// Table 12, by the type that it gives each id.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub enum Value {
    /// Intervals, limits, ports, bits.
    #[wire(tag = 0x01..=0x07 | 0x18..=0x19 | 0x1B..=0x1C | 0x20..=0x22 | 0x27..=0x29 | 0x2C..=0x30
        | 0x45..=0x47 | 0x50..=0x5A | 0x64..=0x65 | 0x70..=0x74 | 0x80 | 0x93 | 0x95
        | 0x100 | 0x102)]
    Number {
        /// The id.
        #[wire(tag, display = hex)]
        id: u32,
        /// By the id.
        value: u32,
    },
    /// Distances, angles, regions.
    #[wire(tag = 0x31 | 0x5B..=0x5E | 0x81..=0x82 | 0x101 | 0x103)]
    Short {
        /// The id.
        #[wire(tag, display = hex)]
        id: u32,
        /// By the id.
        value: u16,
    },
    /// Colours and modes.
    #[wire(tag = 0x84 | 0x90..=0x92 | 0x94)]
    Byte {
        /// The id.
        #[wire(tag, display = hex)]
        id: u32,
        /// By the id.
        value: u8,
    },
    /// Names, addresses, numbers to call.
    #[wire(tag = 0x10..=0x17 | 0x1A | 0x1D | 0x40..=0x44 | 0x48..=0x49 | 0x83)]
    Text {
        /// The id.
        #[wire(tag, display = hex)]
        id: u32,
        /// In GBK.
        #[wire(rest, encoding = "gbk")]
        text: String,
    },
    /// Any other setting.
    #[wire(other)]
    Raw {
        /// The id.
        #[wire(tag, display = hex)]
        id: u32,
        /// Its value.
        #[wire(rest)]
        raw: Bytes,
    },
}

impl Setting {
    /// Table 12, 0x0029: how often a terminal reports where it is.
    pub fn report_every(seconds: u32) -> Self {
        Self::new(Value::Number { id: 0x29, value: seconds })
    }
}
