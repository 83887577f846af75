//! Orders to a terminal.

use longlink::{Bytes, Wire};

/// Clause 8.12, table 17.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub enum Order {
    /// Load new software over the air.
    #[wire(tag = 0x01)]
    Upgrade(Upgrade),
    /// Switch off.
    #[wire(tag = 0x03)]
    SwitchOff,
    /// Start anew.
    #[wire(tag = 0x04)]
    Restart,
    /// Forget all settings.
    #[wire(tag = 0x05)]
    Reset,
    /// Close the data connection.
    #[wire(tag = 0x06)]
    CloseData,
    /// Close everything that is wireless.
    #[wire(tag = 0x07)]
    CloseWireless,
    /// Any other order.
    #[wire(other)]
    Unknown {
        /// Its number.
        #[wire(tag)]
        command: u8,
        /// Its parameters.
        #[wire(rest)]
        raw: Bytes,
    },
}

/// Table 18: all parameters, in its order, each with a semicolon behind it; numbers are binary.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Upgrade {
    /// 0: switch to the server below, 1: back to the old one.
    pub connection: u8,
    #[wire(fixed = b';')]
    after_connection: (),
    /// Access point of the mobile network.
    #[wire(terminated = b';', encoding = "gbk", max_len = 255)]
    pub access_point: String,
    /// Of the access point.
    #[wire(terminated = b';', encoding = "gbk", max_len = 255)]
    pub user: String,
    /// Of the access point.
    #[wire(terminated = b';', encoding = "gbk", max_len = 255, secret)]
    pub password: String,
    /// Name or number of the server.
    #[wire(terminated = b';', encoding = "gbk", max_len = 255)]
    pub server: String,
    /// Of the server.
    pub tcp_port: u16,
    #[wire(fixed = b';')]
    after_tcp_port: (),
    /// Of the server.
    pub udp_port: u16,
    #[wire(fixed = b';')]
    after_udp_port: (),
    /// Of the terminal.
    #[wire(size = 5, encoding = "gbk", pad = 0, trim)]
    pub maker: String,
    #[wire(fixed = b';')]
    after_maker: (),
    /// For the supervising platform.
    #[wire(terminated = b';', encoding = "gbk", max_len = 255, secret)]
    pub token: String,
    /// Version.
    #[wire(terminated = b';', encoding = "gbk", max_len = 255)]
    pub hardware: String,
    /// Version.
    #[wire(terminated = b';', encoding = "gbk", max_len = 255)]
    pub firmware: String,
    /// Where to load from.
    #[wire(terminated = b';', encoding = "gbk", max_len = 255)]
    pub address: String,
    /// To reach the server.
    #[wire(unit = "min")]
    pub time_limit: u16,
    #[wire(fixed = b';')]
    after_time_limit: (),
}
