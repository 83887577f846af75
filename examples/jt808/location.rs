//! Where a vehicle is, and how it does.

use longlink::{Auto, Bytes, CivilTime, Wire};

/// Clause 8.18: a point, and what belongs to it.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Location {
    /// Where and when.
    pub point: Point,
    /// Additional values.
    #[wire(rest, max_count = 64)]
    pub extras: Vec<Extra>,
}

/// Clause 8.18, table 23.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Point {
    /// Bits of table 24.
    #[wire(display = hex)]
    pub alarms: u32,
    /// Bits of table 25. Bit 0: the engine runs, 1: the place is known, 2: south, 3: west.
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
}

/// One of several locations.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Stored {
    #[wire(length_of = location)]
    length: Auto<u16>,
    /// The location.
    pub location: Location,
}

/// One additional value of a location.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Extra {
    #[wire(tag_of = value, display = hex)]
    id: Auto<u8>,
    #[wire(length_of = value)]
    length: Auto<u8>,
    /// By the id.
    pub value: ExtraValue,
}

/// Table 27.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
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
    /// An alarm that a person must confirm, counted from one.
    #[wire(tag = 0x04)]
    Confirm(u16),
    /// Table 28: too fast.
    #[wire(tag = 0x11)]
    Speeding {
        /// 0: anywhere, 1: circle, 2: rectangle, 3: polygon, 4: road.
        place: u8,
        /// Of the area or the road.
        #[wire(present_if = place > 0)]
        id: Option<u32>,
    },
    /// Table 29: into an area or a route, or out of it.
    #[wire(tag = 0x12)]
    Crossing {
        /// 1: circle, 2: rectangle, 3: polygon, 4: route.
        place: u8,
        /// Of the area or the route.
        id: u32,
        /// 0: in, 1: out.
        direction: u8,
    },
    /// Table 30: too short or too long on a road.
    #[wire(tag = 0x13)]
    Passage {
        /// Of the road.
        road: u32,
        /// On it.
        #[wire(unit = "s")]
        time: u16,
        /// 0: too short, 1: too long.
        result: u8,
    },
    /// Table 31: bits of lights, brakes, doors.
    #[wire(tag = 0x25)]
    Signals(#[wire(display = hex)] u32),
    /// Table 32: bits of deep and light sleep.
    #[wire(tag = 0x2A)]
    Inputs(#[wire(display = hex)] u16),
    /// Two measured voltages, the second first.
    #[wire(tag = 0x2B)]
    Analog(u16, u16),
    /// Of the mobile network.
    #[wire(tag = 0x30)]
    Signal(u8),
    /// In use.
    #[wire(tag = 0x31)]
    Satellites(u8),
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
