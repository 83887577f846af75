//! GB/T 32960.3-2016 (electric vehicles to their monitoring centre): envelope and some bodies.
//!
//! Source: GB/T 32960.3-2016, clauses 6 (packet) and 7 (data units).

use longlink::{Arbitrary, Auto, Bytes, CivilTime, Frame, Wire};

/// Clause 6.2, table 2.
#[derive(Debug, Clone, PartialEq, Frame, Arbitrary)]
#[wire(endian = big, magic = b"##", max_frame_length = 24 + 65_531 + 1, resync = magic)]
pub struct Message {
    #[wire(tag_of = body, display = hex)]
    command: Auto<u8>,
    /// 0xFE: a command; anything else answers one.
    #[wire(display = hex)]
    pub response: u8,
    /// Vehicle identification number.
    #[wire(size = 17, encoding = "ascii")]
    pub vehicle: String,
    /// 1: none, 2: RSA, 3: AES128.
    #[wire(valid = 1..=3)]
    pub encryption: u8,
    #[wire(length_of = body, valid = 0..=65_531)]
    length: Auto<u16>,
    /// What the message says.
    #[wire(opaque_if = response != 0xFE || encryption != 1)]
    pub body: Body,
    /// Clause 6.2: "BCC of all bytes from the first of the command unit to the one before it".
    #[wire(checksum = xor8, over = command..self)]
    check: Auto<u8>,
}

/// Table 3.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
pub enum Body {
    /// The vehicle signs on: table 6.
    #[wire(tag = 0x01)]
    Login {
        /// In UTC+8.
        #[wire(timestamp = binary_yymmddhhmmss)]
        time: CivilTime,
        /// One more for each day's login.
        serial: u16,
        /// Number of the SIM card.
        #[wire(size = 20, encoding = "ascii")]
        card: String,
        /// Battery systems.
        systems: u8,
        /// Bytes of each code.
        code_length: u8,
        /// The codes of the systems, one behind the other.
        #[wire(size = systems * code_length)]
        codes: Bytes,
    },
    /// What the vehicle measures, at once or later: table 7.
    #[wire(tag = 0x02 | 0x03)]
    Report {
        /// 0x02: at once, 0x03: later.
        #[wire(tag)]
        command: u8,
        /// In UTC+8.
        #[wire(timestamp = binary_yymmddhhmmss)]
        time: CivilTime,
        /// In any order.
        #[wire(rest, max_count = 64)]
        records: Vec<Record>,
    },
    /// The vehicle signs off.
    #[wire(tag = 0x04)]
    Logout {
        /// In UTC+8.
        #[wire(timestamp = binary_yymmddhhmmss)]
        time: CivilTime,
        /// Of the login.
        serial: u16,
    },
    /// A sign of life.
    #[wire(tag = 0x07, role = heartbeat)]
    Heartbeat,
    /// The vehicle asks for the time.
    #[wire(tag = 0x08)]
    AskTime,
    /// The platform sets parameters.
    #[wire(tag = 0x81)]
    Configure(Parameters),
    /// The platform controls the terminal: table B.14.
    #[wire(tag = 0x82)]
    Control {
        /// In UTC+8.
        #[wire(timestamp = binary_yymmddhhmmss)]
        time: CivilTime,
        #[wire(tag_of = order)]
        command: Auto<u8>,
        /// By the command.
        order: Order,
    },
    /// Any other command, every answer, all that is encrypted. Command 0x80 is a [`Question`] on the
    /// way down and [`Parameters`] on the way up.
    #[wire(other)]
    Unknown {
        /// The command.
        #[wire(tag)]
        command: u8,
        /// Its data.
        #[wire(rest)]
        raw: Bytes,
    },
}

/// One kind of measurements.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
pub struct Record {
    #[wire(tag_of = value, display = hex)]
    kind: Auto<u8>,
    /// By the kind.
    pub value: Value,
}

/// Table 8.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
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
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
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
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
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
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
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
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
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
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
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
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
pub struct Temperatures {
    /// Of the battery system, counted from one.
    pub system: u8,
    /// Degrees Celsius plus 40, per probe.
    #[wire(count_prefix = u16)]
    pub probes: Vec<u8>,
}

/// Table B.7: the parameters that the platform asks for.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
pub struct Question {
    /// In UTC+8.
    #[wire(timestamp = binary_yymmddhhmmss)]
    pub time: CivilTime,
    /// Their numbers.
    #[wire(count_prefix = u8)]
    pub ids: Vec<u8>,
}

/// Tables B.8 and B.12: parameters with their values.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
pub struct Parameters {
    /// In UTC+8.
    #[wire(timestamp = binary_yymmddhhmmss)]
    pub time: CivilTime,
    /// How many; the length of a name counts as one of its own.
    pub total: u8,
    /// In any order.
    #[wire(rest, max_count = 64)]
    pub list: Vec<Parameter>,
}

/// Table B.10. A length stands right before the name that it belongs to.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
#[repr(u8)]
pub enum Parameter {
    /// How long measurements are kept between two writes.
    StorePeriod(#[wire(unit = "ms")] u16) = 0x01,
    /// Between two reports.
    ReportPeriod(#[wire(unit = "s")] u16) = 0x02,
    /// Between two reports of an alarm.
    AlarmPeriod(#[wire(unit = "ms")] u16) = 0x03,
    /// 0x04 and 0x05: the remote platform.
    RemoteHost {
        #[wire(length_of = name)]
        length: Auto<u8>,
        #[wire(fixed = 0x05u8)]
        id: (),
        /// Its domain name.
        name: String,
    } = 0x04,
    /// 0x0D and 0x0E: the public platform.
    PublicHost {
        #[wire(length_of = name)]
        length: Auto<u8>,
        #[wire(fixed = 0x0Eu8)]
        id: (),
        /// Its domain name.
        name: String,
    } = 0x0D,
}

/// Table B.15.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
pub enum Order {
    /// Load new software: table B.16, fields that end with a semicolon.
    #[wire(tag = 0x01)]
    Upgrade(Upgrade),
    /// Warn the driver.
    #[wire(tag = 0x06)]
    Alarm {
        /// Table 18.
        level: u8,
        /// For the driver.
        #[wire(rest)]
        message: String,
    },
    /// Any other command.
    #[wire(other)]
    Other {
        /// The command.
        #[wire(tag)]
        command: u8,
        /// Its parameters.
        #[wire(rest)]
        raw: Bytes,
    },
}

/// Table B.16.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
pub struct Upgrade {
    /// Of the access point.
    #[wire(terminated = b";", max_len = 255)]
    pub dialing: String,
    /// For the access point.
    #[wire(terminated = b";", max_len = 255)]
    pub user: String,
    /// For the access point.
    #[wire(terminated = b";", max_len = 255, secret)]
    pub password: String,
    /// Two zeros before an IPv4 address.
    pub address: (u16, [u8; 4]),
    #[wire(fixed = b";")]
    behind_address: (),
    /// Of the server.
    pub port: u16,
    #[wire(fixed = b";")]
    behind_port: (),
    /// Of the terminal.
    #[wire(terminated = b";", max_len = 255)]
    pub manufacturer: String,
    /// Of the terminal.
    #[wire(terminated = b";", max_len = 255)]
    pub hardware: String,
    /// Of the terminal.
    #[wire(terminated = b";", max_len = 255)]
    pub software: String,
    /// Where the new software is.
    #[wire(terminated = b";", max_len = 255)]
    pub url: String,
    /// To reach it within.
    #[wire(unit = "min")]
    pub timeout: u16,
}
