//! Clause 8: the messages. All that are not declared here are kept as bytes.

use longlink::{Auto, Bytes, CivilTime, Wire};

use super::control::Order;
use super::location::{Location, Point, Stored};
use super::setting::Setting;
use super::terminal::{Authentication, Device, Registration, authentication};

/// What a packet says, by its message number.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(ctx(version: u16))]
pub enum Body {
    /// The terminal answers the platform.
    #[wire(tag = 0x0001)]
    TerminalReply(Reply),
    /// The terminal is alive.
    #[wire(tag = 0x0002, role = heartbeat)]
    Heartbeat,
    /// The terminal signs off.
    #[wire(tag = 0x0003, role = acknowledged)]
    SignOff,
    /// The terminal asks for the time; since 2019.
    #[wire(tag = 0x0004)]
    AskTime,
    /// The terminal asks for parts that did not come; since 2019.
    #[wire(tag = 0x0005)]
    AskForParts(#[wire(ctx(version))] Missing),
    /// The terminal wants in, for the first time.
    #[wire(tag = 0x0100)]
    Register(#[wire(ctx(version))] Registration),
    /// The terminal wants in, with what its registration gave it.
    #[wire(tag = 0x0102)]
    Authenticate(#[wire(select = authentication(version))] Authentication),
    /// The terminal's settings, as asked for.
    #[wire(tag = 0x0104)]
    Settings {
        /// Serial number of the question.
        #[wire(role = replies_to)]
        serial: u16,
        #[wire(count_of = settings)]
        count: Auto<u8>,
        /// In the order of the answer.
        settings: Vec<Setting>,
    },
    /// What the terminal is, as asked for; since 2013.
    #[wire(tag = 0x0107)]
    Device(#[wire(ctx(version))] Device),
    /// Where the vehicle is.
    #[wire(tag = 0x0200, role = acknowledged)]
    Location(Location),
    /// Where the vehicle is, as asked for.
    #[wire(tag = 0x0201)]
    LocationReply {
        /// Serial number of the question.
        #[wire(role = replies_to)]
        serial: u16,
        /// The answer.
        location: Location,
    },
    /// What the driver asked for. In no edition of the standard, but in the field.
    #[wire(tag = 0x0304)]
    Information {
        /// Serial number of the packet that is answered.
        #[wire(role = replies_to)]
        serial: u16,
        /// Of the information.
        kind: u8,
        /// In GBK.
        #[wire(prefix = u16, encoding = "gbk")]
        text: String,
    },
    /// The vehicle did as it was told.
    #[wire(tag = 0x0500)]
    VehicleReply {
        /// Serial number of the order.
        #[wire(role = replies_to)]
        serial: u16,
        /// Its state is in the location.
        location: Location,
    },
    /// Where the vehicle was.
    #[wire(tag = 0x0704, role = acknowledged)]
    Locations {
        #[wire(count_of = items)]
        count: Auto<u16>,
        /// 0: sent as usual, 1: sent late.
        #[wire(valid = 0..=1)]
        late: u8,
        /// In the order of time.
        items: Vec<Stored>,
    },
    /// A picture, a sound or a film: long, so it comes in parts.
    #[wire(tag = 0x0801)]
    Multimedia {
        /// Above zero.
        id: u32,
        /// 0: picture, 1: sound, 2: film.
        kind: u8,
        /// 0: JPEG, 1: TIF, 2: MP3, 3: WAV, 4: WMV.
        format: u8,
        /// Why it was made.
        event: u8,
        /// Of the camera.
        channel: u8,
        /// Where it was made.
        #[wire(version = 2013..)]
        point: Option<Point>,
        /// The file.
        #[wire(rest)]
        data: Bytes,
    },
    /// Data of something behind the terminal.
    #[wire(tag = 0x0900, role = acknowledged)]
    ThroughUp(Through),
    /// The platform answers the terminal.
    #[wire(tag = 0x8001)]
    PlatformReply(Reply),
    /// The platform asks for parts that did not come; since 2013.
    #[wire(tag = 0x8003)]
    OrderParts(#[wire(ctx(version))] Missing),
    /// The platform tells the time; since 2019.
    #[wire(tag = 0x8004)]
    Time(#[wire(timestamp = bcd_yymmddhhmmss)] CivilTime),
    /// The platform answers a registration.
    #[wire(tag = 0x8100)]
    Registered {
        /// Serial number of the registration.
        #[wire(role = replies_to)]
        serial: u16,
        /// 0: accepted.
        result: u8,
        /// What the terminal signs on with; empty unless accepted.
        #[wire(rest, encoding = "gbk", secret)]
        token: String,
    },
    /// The platform changes settings.
    #[wire(tag = 0x8103, role = acknowledged)]
    Configure {
        #[wire(count_of = settings)]
        count: Auto<u8>,
        /// What to change.
        settings: Vec<Setting>,
    },
    /// The platform asks for all settings.
    #[wire(tag = 0x8104)]
    AskSettings,
    /// The platform orders the terminal about.
    #[wire(tag = 0x8105, role = acknowledged)]
    Control {
        #[wire(tag_of = order)]
        command: Auto<u8>,
        /// By the command.
        order: Order,
    },
    /// The platform asks what the terminal is; since 2013.
    #[wire(tag = 0x8107)]
    AskDevice,
    /// The platform asks where the vehicle is.
    #[wire(tag = 0x8201)]
    AskLocation,
    /// A text for the driver.
    #[wire(tag = 0x8300, role = acknowledged)]
    Text {
        /// Bit 0: urgent, bit 2: on the display, bit 3: read aloud.
        #[wire(display = hex)]
        flags: u8,
        /// 1: a notice, 2: a service.
        #[wire(version = 2019..)]
        kind: Option<u8>,
        /// In GBK, at most 1024 bytes.
        #[wire(rest, encoding = "gbk", max_len = 1024)]
        text: String,
    },
    /// A picture, a sound or a film has arrived, or parts of it are missing.
    #[wire(tag = 0x8800)]
    MultimediaReply {
        /// Of the file.
        id: u32,
        /// Parts to send again. Before 2013 always there, since then only where something is missing.
        #[wire(present_if = left > 0, count_prefix = u8)]
        missing: Option<Vec<u16>>,
    },
    /// Data for something behind the terminal.
    #[wire(tag = 0x8900, role = acknowledged)]
    ThroughDown(Through),
    /// Any other message, and what cannot be read: parts and ciphertext.
    #[wire(other)]
    Unknown {
        /// The message's number.
        #[wire(tag)]
        message: u16,
        /// Its body.
        #[wire(rest)]
        raw: Bytes,
    },
}

/// Clause 8.1 and 8.2: the answer to any packet.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Reply {
    /// Serial number of the packet that is answered.
    #[wire(role = acknowledges)]
    pub serial: u16,
    /// Its message number.
    #[wire(display = hex)]
    pub message: u16,
    /// 0: success, 1: failure, 2: wrong message, 3: not supported.
    pub result: u8,
}

/// Clauses 8.4 and 8.5: parts of a long message, to be sent again as they were.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(ctx(version: u16))]
pub struct Missing {
    /// Serial number of the first part.
    pub first: u16,
    /// Which ones.
    #[wire(select = if version >= 2019 { 2019 } else { 2013 })]
    pub parts: Parts,
}

/// Indices from one, in their order, behind how many there are.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub enum Parts {
    /// JT/T 808-2013: at most 255.
    #[wire(tag = 2013)]
    Of2013(#[wire(count_prefix = u8)] Vec<u16>),
    /// JT/T 808-2019.
    #[wire(tag = 2019)]
    Of2019(#[wire(count_prefix = u16)] Vec<u16>),
}

/// Clauses 8.58 and 8.59: what the terminal only passes on.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Through {
    /// Table 93: 0x00: GNSS, 0x0B: IC card, 0x41 and 0x42: serial ports, from 0xF0: the maker's own.
    #[wire(display = hex)]
    pub kind: u8,
    /// By the kind.
    #[wire(rest)]
    pub data: Bytes,
}
