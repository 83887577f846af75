//! Who a packet is from or for: what all packets of one connection have in common.

use longlink::Digits;

use super::packet::{Body, Edition, Packet, PacketContext, Properties};

/// A terminal's number, and the edition that it speaks.
#[derive(Debug, Clone, PartialEq)]
pub struct Sender {
    pub phone: Digits,
    /// `Some` since 2019.
    pub version: Option<u8>,
    /// Before 2019.
    pub edition: Edition,
}

impl Sender {
    /// A terminal of 2011 or 2013; its number has twelve digits.
    pub fn old(phone: Digits, edition: Edition) -> Self {
        Self { phone, version: None, edition }
    }

    /// A terminal of 2019; its number has twenty digits.
    pub fn new(phone: Digits) -> Self {
        Self { phone, version: Some(1), edition: Edition::default() }
    }

    /// The sender of a received packet.
    pub fn of(packet: &Packet, edition: Edition) -> Self {
        Self { phone: packet.phone.clone(), version: packet.version, edition }
    }

    /// A packet; the session gives it its number.
    pub fn packet(&self, body: Body) -> Packet {
        Packet::new(Properties::new(0), self.version, self.phone.clone(), 0, None, body)
    }

    /// What both directions of its connection are read and written under.
    pub fn context(&self) -> PacketContext {
        PacketContext { dialect: self.edition }
    }
}
