//! GB/T 32960.3-2016 (electric vehicles to their monitoring centre), in both directions.
//!
//! Source: GB/T 32960.3-2016, clauses 6 (packet) and 7 (data units), annex B (commands).

#[path = "command.rs"]
pub mod command;
#[path = "report.rs"]
pub mod report;

use longlink::{Auto, Bytes, CivilTime, Frame, Wire};

use command::{Order, Parameters, Question};
use report::Record;

/// Clause 6.2, table 2.
#[derive(Debug, Clone, PartialEq, Frame)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(
    endian = big,
    ctx(direction: Direction),
    magic = b"##",
    max_frame_length = 24 + 65_531 + 1,
    resync = magic
)]
pub struct Message {
    #[wire(tag_of = body, display = hex)]
    command: Auto<u8>,
    /// Table 4. 0x01: success, 0x02: error, 0x03: another vehicle has this number, 0xFE: a command.
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
    #[wire(opaque_if = encryption != 1, ctx(dialect = meaning(response, direction)))]
    pub body: Body,
    /// Clause 6.2: "BCC of all bytes from the first of the command unit to the one before it".
    #[wire(checksum = xor8, over = command..self)]
    check: Auto<u8>,
}

/// Which way a message goes; the same command means another thing each way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// From the vehicle.
    #[default]
    Up,
    /// From the platform.
    Down,
}

#[expect(clippy::derivable_impls, reason = "the derive writes the struct")]
impl Default for MessageContext {
    fn default() -> Self {
        Self { direction: Direction::default() }
    }
}

/// What a command means where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Meaning {
    /// The vehicle says it.
    #[default]
    Up,
    /// The platform says it.
    Down,
    /// It was done as asked.
    Done,
    /// It was not.
    Refused,
}

/// `response` for a command.
pub const COMMAND: u8 = 0xFE;

fn meaning(response: u64, direction: &Direction) -> Meaning {
    match (response, direction) {
        (0xFE, Direction::Up) => Meaning::Up,
        (0xFE, Direction::Down) => Meaning::Down,
        (0x01, _) => Meaning::Done,
        _ => Meaning::Refused,
    }
}

/// Table 3.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(ctx(dialect: Meaning))]
pub enum Body {
    /// The vehicle signs on: table 6.
    #[wire(tag = 0x01, dialect = Meaning::Up)]
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
    #[wire(tag = 0x02 | 0x03, dialect = Meaning::Up, role = acknowledged)]
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
    #[wire(tag = 0x04, dialect = Meaning::Up, role = acknowledged)]
    Logout {
        /// In UTC+8.
        #[wire(timestamp = binary_yymmddhhmmss)]
        time: CivilTime,
        /// Of the login.
        serial: u16,
    },
    /// A sign of life.
    #[wire(tag = 0x07, dialect = Meaning::Up, role = heartbeat)]
    Heartbeat,
    /// The vehicle asks for the time.
    #[wire(tag = 0x08, dialect = Meaning::Up)]
    AskTime,
    /// The platform asks for parameters.
    #[wire(tag = 0x80, dialect = Meaning::Down)]
    Query(Question),
    /// The vehicle tells them.
    #[wire(tag = 0x80, dialect = Meaning::Up | Meaning::Done)]
    Parameters(Parameters),
    /// The platform sets parameters.
    #[wire(tag = 0x81, dialect = Meaning::Down, role = acknowledged)]
    Configure(Parameters),
    /// The platform controls the terminal: table B.14.
    #[wire(tag = 0x82, dialect = Meaning::Down, role = acknowledged)]
    Control {
        /// In UTC+8.
        #[wire(timestamp = binary_yymmddhhmmss)]
        time: CivilTime,
        #[wire(tag_of = order)]
        command: Auto<u8>,
        /// By the command.
        order: Order,
    },
    /// A sign of life was heard.
    #[wire(tag = 0x07, dialect = Meaning::Done, role = heartbeat_reply)]
    Alive,
    /// The time, as asked for.
    #[wire(tag = 0x08, dialect = Meaning::Done)]
    Time(#[wire(timestamp = binary_yymmddhhmmss)] CivilTime),
    /// A command was done. Clause 6.3.2: an answer keeps the time of what it answers.
    #[wire(tag = 0x01..=0x06 | 0x81..=0x82, dialect = Meaning::Done)]
    Done {
        /// The command.
        #[wire(tag)]
        command: u8,
        /// Of the command.
        #[wire(timestamp = binary_yymmddhhmmss)]
        time: CivilTime,
        /// Some send the whole command back.
        #[wire(rest)]
        echo: Bytes,
    },
    /// A command was refused.
    #[wire(tag = 0x01..=0x08 | 0x80..=0x82, dialect = Meaning::Refused)]
    Refused {
        /// The command.
        #[wire(tag)]
        command: u8,
        /// Of the command, where it has one.
        #[wire(present_if = left >= 6, timestamp = binary_yymmddhhmmss)]
        time: Option<CivilTime>,
        /// Some send the whole command back.
        #[wire(rest)]
        echo: Bytes,
    },
    /// Any other command, and all that is encrypted.
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

impl Body {
    /// When the message was made, where it says so: an answer keeps it, so that it tells answers
    /// apart.
    pub fn time(&self) -> Option<&CivilTime> {
        match self {
            Self::Login { time, .. }
            | Self::Report { time, .. }
            | Self::Logout { time, .. }
            | Self::Control { time, .. }
            | Self::Done { time, .. }
            | Self::Query(Question { time, .. })
            | Self::Parameters(Parameters { time, .. })
            | Self::Configure(Parameters { time, .. }) => Some(time),
            Self::Refused { time, .. } => time.as_ref(),
            Self::Heartbeat
            | Self::AskTime
            | Self::Alive
            | Self::Time(_)
            | Self::Unknown { .. } => None,
        }
    }
}
