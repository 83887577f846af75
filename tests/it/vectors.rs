//! Bytes that others published, and what the declarations make of them.

mod dns_tcp;
mod gb32960;
mod hl7;
mod iec104;
pub(crate) mod jt808;
mod message;
mod modbus;
mod mqtt;
mod redis;
