//! What a platform asks, sets and orders: annex B.

use longlink::{Auto, Bytes, CivilTime, Wire};

/// Table B.7: the parameters that the platform asks for.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Question {
    /// In UTC+8.
    #[wire(timestamp = binary_yymmddhhmmss)]
    pub time: CivilTime,
    /// Their numbers.
    #[wire(count_prefix = u8)]
    pub ids: Vec<u8>,
}

/// Tables B.8 and B.12: parameters with their values.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
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
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
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
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
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
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
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
