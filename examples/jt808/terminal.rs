//! Who a terminal is: registration, sign-on, properties.

use longlink::{Digits, Wire};

/// Clause 8.5, table 6.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(ctx(version: u16))]
pub struct Registration {
    /// GB/T 2260, its first two digits.
    pub province: u16,
    /// GB/T 2260, its last four digits.
    pub city: u16,
    /// Its texts became longer with each edition.
    #[wire(select = registered(version, left))]
    pub identity: Identity,
    /// 0: none, and the plate is the VIN; 1: blue, 2: yellow, 3: black, 4: white, 9: other.
    pub colour: u8,
    /// By the traffic police; before 2013 that of the vehicle's registration as well.
    #[wire(rest, encoding = "gbk")]
    pub plate: String,
}

/// The edition of a registration, by what is left of it behind the city. Nothing in the header tells
/// 2011 from 2013, but the texts of 2013 alone take 33 bytes with the colour; a longer one is what
/// the connection says.
fn registered(version: u64, left: u64) -> u64 {
    match (version, left) {
        (2019.., _) => 2019,
        (_, ..33) => 2011,
        (known, _) => known,
    }
}

/// Who made the terminal, in three sizes.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub enum Identity {
    /// JT/T 808-2011.
    #[wire(tag = 2011)]
    Of2011 {
        /// By its code.
        #[wire(size = 5, encoding = "gbk", pad = 0, trim)]
        maker: String,
        /// By the maker.
        #[wire(size = 8, encoding = "gbk", pad = 0, trim)]
        model: String,
        /// By the maker.
        #[wire(size = 7, encoding = "gbk", pad = 0, trim)]
        terminal: String,
    },
    /// JT/T 808-2013.
    #[wire(tag = 2013)]
    Of2013 {
        /// By its code.
        #[wire(size = 5, encoding = "gbk", pad = 0, trim)]
        maker: String,
        /// By the maker.
        #[wire(size = 20, encoding = "gbk", pad = 0, trim)]
        model: String,
        /// By the maker.
        #[wire(size = 7, encoding = "gbk", pad = 0, trim)]
        terminal: String,
    },
    /// JT/T 808-2019.
    #[wire(tag = 2019)]
    Of2019 {
        /// By its code.
        #[wire(size = 11, encoding = "gbk", pad = 0, trim)]
        maker: String,
        /// By the maker.
        #[wire(size = 30, encoding = "gbk", pad = 0, trim)]
        model: String,
        /// By the maker.
        #[wire(size = 30, encoding = "gbk", pad = 0, trim)]
        terminal: String,
    },
}

/// Clause 8.8: the token alone, and since 2019 who brings it.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub enum Authentication {
    /// Until 2013.
    #[wire(tag = 0)]
    Token(#[wire(rest, encoding = "gbk", secret)] String),
    /// Since 2019.
    #[wire(tag = 1)]
    Of2019 {
        /// Of the registration.
        #[wire(prefix = u8, encoding = "gbk", secret)]
        token: String,
        /// Of the modem.
        #[wire(size = 15, encoding = "ascii")]
        imei: String,
        /// Of the terminal.
        #[wire(size = 20, encoding = "gbk", pad = 0, trim)]
        software: String,
    },
}

/// Which of them an edition has.
pub(super) fn authentication(version: u64) -> u64 {
    u64::from(version >= 2019)
}

/// Clause 8.20, table 20.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(ctx(version: u16))]
pub struct Device {
    /// Bits of table 20: for passengers, dangerous goods, freight, taxi; records, built in.
    #[wire(display = hex)]
    pub kind: u16,
    /// By its code.
    #[wire(size = 5, encoding = "gbk", pad = 0, trim)]
    pub maker: String,
    /// By the maker.
    #[wire(size = if version >= 2019 { 30 } else { 20 }, encoding = "gbk", pad = 0, trim)]
    pub model: String,
    /// By the maker.
    #[wire(size = if version >= 2019 { 30 } else { 7 }, encoding = "gbk", pad = 0, trim)]
    pub terminal: String,
    /// Of the SIM card.
    #[wire(bcd, size = 10)]
    pub iccid: Digits,
    /// Version.
    #[wire(prefix = u8, encoding = "gbk")]
    pub hardware: String,
    /// Version.
    #[wire(prefix = u8, encoding = "gbk")]
    pub firmware: String,
    /// Bit 0: GPS, 1: BeiDou, 2: GLONASS, 3: Galileo.
    #[wire(display = hex)]
    pub navigation: u8,
    /// Bit 0: GPRS, 1: CDMA, 2: TD-SCDMA, 3: WCDMA, 4: CDMA2000, 5: TD-LTE, 7: others.
    #[wire(display = hex)]
    pub modem: u8,
}
