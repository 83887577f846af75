//! IEC 60870-5-104: four control octets whose low bits select the format.
//!
//! Source: IEC 60870-5-104:2006, clause 5.1 (APDU, control fields); IEC 60870-5-101 clause 7.2
//! (data unit identifier).

use longlink::{Arbitrary, Auto, Bytes, Frame, Wire};

/// One protocol data unit.
#[derive(Debug, Clone, PartialEq, Frame, Arbitrary)]
#[wire(endian = little, magic = 0x68u8, max_frame_length = 255, resync = magic)]
pub struct Unit {
    #[wire(length_of = control, valid = 4..=253)]
    length: Auto<u8>,
    /// Control field, and what it carries.
    pub control: Control,
}

/// The formats I, S and U.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
#[wire(tag = peek(u8), bit_order = lsb)]
pub enum Control {
    /// I: numbered information.
    #[wire(tag(mask = 0x01, value = 0x00))]
    Information {
        #[wire(bits = 1, fixed = 0)]
        format: (),
        /// N(S).
        #[wire(bits = 15, role = sequence)]
        sent: u16,
        #[wire(bits = 1, fixed = 0)]
        spare: (),
        /// N(R).
        #[wire(bits = 15, role = acknowledges)]
        received: u16,
        /// The application's data.
        data: DataUnit,
    },
    /// S: numbered supervisory functions.
    #[wire(tag(mask = 0x03, value = 0x01))]
    Supervisory {
        #[wire(fixed = 0x0001u16)]
        format: (),
        #[wire(bits = 1, fixed = 0)]
        spare: (),
        /// N(R).
        #[wire(bits = 15, role = acknowledges)]
        received: u16,
    },
    /// U: unnumbered control functions.
    #[wire(tag(mask = 0x03, value = 0x03))]
    Unnumbered {
        /// Exactly one bit of its upper six.
        function: Function,
        #[wire(fixed = [0, 0, 0])]
        spare: (),
    },
}

/// Clause 5.1, figure 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire, Arbitrary)]
#[repr(u8)]
pub enum Function {
    /// STARTDT act.
    Start = 0x07,
    /// STARTDT con.
    StartConfirmed = 0x0B,
    /// STOPDT act.
    Stop = 0x13,
    /// STOPDT con.
    StopConfirmed = 0x23,
    /// TESTFR act.
    #[wire(role = heartbeat)]
    Test = 0x43,
    /// TESTFR con.
    #[wire(role = heartbeat_reply)]
    TestConfirmed = 0x83,
}

/// IEC 60870-5-101 clause 7.2.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
#[wire(bit_order = lsb)]
pub struct DataUnit {
    /// Type identification.
    pub kind: u8,
    /// Number of information objects or elements.
    #[wire(bits = 7)]
    pub count: u8,
    /// One address, elements in sequence.
    #[wire(bits = 1)]
    pub in_sequence: bool,
    /// Cause of transmission.
    #[wire(bits = 6)]
    pub cause: u8,
    /// Negative confirmation.
    #[wire(bits = 1)]
    pub negative: bool,
    /// Test.
    #[wire(bits = 1)]
    pub test: bool,
    /// Originator address.
    pub originator: u8,
    /// Common address.
    pub address: u16,
    /// Information objects.
    #[wire(rest)]
    pub objects: Bytes,
}
