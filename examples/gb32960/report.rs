//! What a vehicle measures: table 8 and what it names.

use longlink::{Auto, Bytes, Wire};

/// One kind of measurements.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Record {
    #[wire(tag_of = value, display = hex)]
    kind: Auto<u8>,
    /// By the kind.
    pub value: Value,
}

/// Table 8.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub enum Value {
    /// Table 9.
    #[wire(tag = 0x01)]
    Vehicle(Vehicle),
    /// Table 10.
    #[wire(tag = 0x02)]
    Motors(#[wire(count_prefix = u8)] Vec<Motor>),
    /// Table 12.
    #[wire(tag = 0x03)]
    FuelCell(FuelCell),
    /// Table 13.
    #[wire(tag = 0x04)]
    Engine {
        /// 1: on, 2: off.
        state: u8,
        /// Of the crankshaft.
        #[wire(unit = "1/min")]
        speed: u16,
        /// Of fuel.
        #[wire(as = u16, scale = 0.01, unit = "l/100 km")]
        consumption: f32,
    },
    /// Table 14.
    #[wire(tag = 0x05)]
    Location {
        /// Bit 0: invalid, bit 1: south, bit 2: west.
        state: u8,
        /// East or west by `state`.
        #[wire(as = u32, scale = 1e-6, unit = "deg")]
        longitude: f64,
        /// North or south by `state`.
        #[wire(as = u32, scale = 1e-6, unit = "deg")]
        latitude: f64,
    },
    /// Table 16.
    #[wire(tag = 0x06)]
    Extremes(Extremes),
    /// Table 17.
    #[wire(tag = 0x07)]
    Alarms {
        /// 0: none, 3: the worst.
        level: u8,
        /// Bits of table 18.
        #[wire(display = hex)]
        flags: u32,
        /// Faults of the batteries.
        #[wire(count_prefix = u8)]
        batteries: Vec<u32>,
        /// Faults of the motors.
        #[wire(count_prefix = u8)]
        motors: Vec<u32>,
        /// Faults of the engines.
        #[wire(count_prefix = u8)]
        engines: Vec<u32>,
        /// Other faults.
        #[wire(count_prefix = u8)]
        others: Vec<u32>,
    },
    /// Table 19.
    #[wire(tag = 0x08)]
    Voltages(#[wire(count_prefix = u8)] Vec<Voltages>),
    /// Table 21.
    #[wire(tag = 0x09)]
    Temperatures(#[wire(count_prefix = u8)] Vec<Temperatures>),
    /// Table 8: user-defined data brings its length.
    #[wire(tag = 0x80..=0xFE)]
    Custom {
        /// The kind.
        #[wire(tag)]
        kind: u8,
        /// Any bytes.
        #[wire(prefix = u16)]
        raw: Bytes,
    },
}

/// Table 9.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Vehicle {
    /// 1: on, 2: off.
    pub state: u8,
    /// 1: parked and charging.
    pub charging: u8,
    /// 1: electric.
    pub mode: u8,
    /// Over ground.
    #[wire(as = u16, scale = 0.1, unit = "km/h")]
    pub speed: f32,
    /// In total.
    #[wire(as = u32, scale = 0.1, unit = "km")]
    pub mileage: f64,
    /// In total.
    #[wire(as = u16, scale = 0.1, unit = "V")]
    pub voltage: f32,
    /// In total; negative while charging.
    #[wire(as = u16, scale = 0.1, offset = -1000.0, unit = "A")]
    pub current: f32,
    /// State of charge.
    #[wire(unit = "%")]
    pub charge: u8,
    /// 1: works.
    pub converter: u8,
    /// Bits of table A.1.
    pub gear: u8,
    /// Of the insulation.
    #[wire(unit = "kOhm")]
    pub resistance: u16,
    /// Of its way.
    #[wire(unit = "%")]
    pub accelerator: u8,
    /// Of its way.
    #[wire(unit = "%")]
    pub brake: u8,
}

/// Table 11.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Motor {
    /// Counted from one.
    pub number: u8,
    /// 1: consumes, 2: generates.
    pub state: u8,
    /// Of its controller.
    #[wire(as = u8, scale = 1.0, offset = -40.0, unit = "°C")]
    pub controller_temperature: f32,
    /// Backwards below zero.
    #[wire(as = u16, scale = 1.0, offset = -20_000.0, unit = "1/min")]
    pub speed: f32,
    /// Braking below zero.
    #[wire(as = u16, scale = 0.1, offset = -2000.0, unit = "N·m")]
    pub torque: f32,
    /// Of the motor.
    #[wire(as = u8, scale = 1.0, offset = -40.0, unit = "°C")]
    pub temperature: f32,
    /// Into the controller.
    #[wire(as = u16, scale = 0.1, unit = "V")]
    pub voltage: f32,
    /// Of the controller's bus.
    #[wire(as = u16, scale = 0.1, offset = -1000.0, unit = "A")]
    pub current: f32,
}

/// Table 12.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct FuelCell {
    /// Of the cell.
    #[wire(as = u16, scale = 0.1, unit = "V")]
    pub voltage: f32,
    /// Of the cell.
    #[wire(as = u16, scale = 0.1, unit = "A")]
    pub current: f32,
    /// Of hydrogen.
    #[wire(as = u16, scale = 0.01, unit = "kg/100 km")]
    pub consumption: f32,
    #[wire(count_of = probes)]
    probe_count: Auto<u16>,
    /// Degrees Celsius plus 40, per probe.
    pub probes: Vec<u8>,
    /// The hottest place of the hydrogen system.
    #[wire(as = u16, scale = 0.1, offset = -40.0, unit = "°C")]
    pub hottest: f32,
    /// Number of its probe.
    pub hottest_probe: u8,
    /// The highest concentration of hydrogen.
    #[wire(unit = "mg/kg")]
    pub concentration: u16,
    /// Number of its sensor.
    pub concentration_sensor: u8,
    /// The highest pressure of hydrogen.
    #[wire(as = u16, scale = 0.1, unit = "MPa")]
    pub pressure: f32,
    /// Number of its sensor.
    pub pressure_sensor: u8,
    /// 1: works.
    pub converter: u8,
}

/// Table 16.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Extremes {
    /// Battery system and cell of the highest voltage.
    pub highest_cell: (u8, u8),
    /// The highest voltage of a cell.
    #[wire(as = u16, scale = 0.001, unit = "V")]
    pub highest_voltage: f32,
    /// Battery system and cell of the lowest voltage.
    pub lowest_cell: (u8, u8),
    /// The lowest voltage of a cell.
    #[wire(as = u16, scale = 0.001, unit = "V")]
    pub lowest_voltage: f32,
    /// Battery system and probe of the highest temperature.
    pub hottest_probe: (u8, u8),
    /// The highest temperature.
    #[wire(as = u8, scale = 1.0, offset = -40.0, unit = "°C")]
    pub hottest: f32,
    /// Battery system and probe of the lowest temperature.
    pub coldest_probe: (u8, u8),
    /// The lowest temperature.
    #[wire(as = u8, scale = 1.0, offset = -40.0, unit = "°C")]
    pub coldest: f32,
}

/// Table 20.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Voltages {
    /// Of the battery system, counted from one.
    pub system: u8,
    /// Of the system.
    #[wire(as = u16, scale = 0.1, unit = "V")]
    pub voltage: f32,
    /// Of the system.
    #[wire(as = u16, scale = 0.1, offset = -1000.0, unit = "A")]
    pub current: f32,
    /// Cells of the system.
    pub cells: u16,
    /// The first cell of this frame.
    pub first: u16,
    /// Millivolts, per cell of this frame.
    #[wire(count_prefix = u8)]
    pub millivolts: Vec<u16>,
}

/// Table 22.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Temperatures {
    /// Of the battery system, counted from one.
    pub system: u8,
    /// Degrees Celsius plus 40, per probe.
    #[wire(count_prefix = u16)]
    pub probes: Vec<u8>,
}
