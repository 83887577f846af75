//! The declarations of `tests/declarations`, shared by all tests.
#![allow(dead_code, unreachable_pub, reason = "whole protocols; each test uses a part")]

#[path = "../../examples/dns_tcp/message.rs"]
pub(crate) mod dns;
#[path = "../../examples/gb32960/message.rs"]
pub(crate) mod gb32960;
#[path = "../../examples/iec104/unit.rs"]
pub(crate) mod iec104;
#[path = "../declarations/message.rs"]
pub(crate) mod message;
#[path = "../../examples/modbus/message.rs"]
pub(crate) mod modbus;
#[path = "../../examples/mqtt/packet.rs"]
pub(crate) mod mqtt;
#[path = "../../examples/dns_tcp/name.rs"]
pub(crate) mod name;
#[path = "../../examples/jt808/packet.rs"]
pub(crate) mod packet;
#[path = "../../examples/mqtt/property.rs"]
pub(crate) mod property;
#[path = "../../examples/redis/value.rs"]
pub(crate) mod redis;
