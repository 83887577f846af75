//! What the numbers of CONNACK, SUBACK, DISCONNECT and the others mean.
//!
//! Source: OASIS Standards MQTT Version 3.1.1, table 3.1, and MQTT Version 5.0, table 2-6.

use longlink::session::connect::Endpoint;
use longlink::session::event::Text;
use longlink::session::protocol::Refusal;

use super::property::{Property, Value, find};

pub const NOT_SUBSCRIBED: u8 = 0x11;
/// From this code on something was refused.
pub const REFUSED: u8 = 0x80;
pub const PROTOCOL_ERROR: u8 = 0x82;
pub const BAD_CLIENT: u8 = 0x85;
pub const SHUTTING_DOWN: u8 = 0x8B;
pub const TAKEN_OVER: u8 = 0x8E;
pub const BAD_FILTER: u8 = 0x8F;
pub const BAD_TOPIC: u8 = 0x90;
pub const NOT_FOUND: u8 = 0x92;
pub const BAD_ALIAS: u8 = 0x94;
pub const QUOTA: u8 = 0x97;
pub const NOT_SHARED: u8 = 0x9E;

/// In words.
pub fn words(code: u8) -> Text {
    let known = match code {
        0x00 => "as agreed",
        0x04 => "publish the will",
        0x10 => "nobody listens",
        0x11 => "there was no subscription",
        0x81 => "malformed packet",
        0x82 => "protocol error",
        0x83 => "not accepted by this server",
        0x84 => "unsupported protocol version",
        0x85 => "client identifier rejected",
        0x86 => "bad user name or password",
        0x87 => "not authorized",
        0x88 => "server unavailable",
        0x89 => "server busy",
        0x8A => "banned",
        0x8B => "server shutting down",
        0x8C => "bad authentication method",
        0x8D => "keep alive timeout",
        0x8E => "session taken over",
        0x8F => "topic filter invalid",
        0x90 => "topic name invalid",
        0x91 => "packet identifier in use",
        0x92 => "packet identifier not found",
        0x93 => "receive maximum exceeded",
        0x94 => "topic alias invalid",
        0x95 => "packet too large",
        0x96 => "message rate too high",
        0x97 => "quota exceeded",
        0x98 => "administrative action",
        0x99 => "payload format invalid",
        0x9A => "retain not supported",
        0x9B => "quality of service not supported",
        0x9C => "use another server",
        0x9D => "server moved",
        0x9E => "shared subscriptions not supported",
        0x9F => "connections come too fast",
        0xA0 => "connected for too long",
        0xA1 => "subscription identifiers not supported",
        0xA2 => "wildcards not supported",
        other => return format!("reason {other:#04x}").into(),
    };
    Text::Borrowed(known)
}

/// What a server's CONNACK or DISCONNECT leads to: only where waiting helps is there another try.
pub fn verdict(code: u8, properties: &Option<Vec<Property>>) -> Refusal {
    let reason = find(properties, |value| match value {
        Value::Reason(text) => Some(Text::Owned(text.clone())),
        _ => None,
    });
    let elsewhere = find(properties, |value| match value {
        Value::ServerReference(places) => {
            Some(places.split_whitespace().map(Endpoint::from).collect())
        }
        _ => None,
    });
    let text = reason.unwrap_or_else(|| words(code));
    match (code, elsewhere) {
        (0x9C..=0x9D, Some(places)) => Refusal::Redirect(places),
        (0x81 | 0x82 | 0x84..=0x87 | 0x8A | 0x8C | 0x8E | 0x90 | 0x95 | 0x99..=0x9B, _) => {
            Refusal::Fatal(text)
        }
        _ => Refusal::Transient(text),
    }
}

/// The return code of a CONNACK of version 3.1.1 in the words of version 5.
pub fn of_return_code(code: u8) -> u8 {
    match code {
        0 => 0,
        1 => 0x84,
        2 => 0x85,
        3 => 0x88,
        4 => 0x86,
        5 => 0x87,
        _ => 0x80,
    }
}

/// The other way round; what version 3.1.1 has no word for is an unavailable server.
pub fn return_code(code: u8) -> u8 {
    match code {
        0 => 0,
        0x84 => 1,
        0x85 => 2,
        0x86 => 4,
        0x87 => 5,
        _ => 3,
    }
}
