//! The declaration of MQTT that `examples/mqtt` has, for the programs that measure a client.
#![allow(dead_code, missing_docs, unreachable_pub, reason = "an example; a part is used")]

#[path = "../../../examples/mqtt/client.rs"]
pub mod client;
#[path = "../../../examples/mqtt/packet.rs"]
pub mod packet;
#[path = "../../../examples/mqtt/property.rs"]
pub mod property;
#[path = "../../../examples/mqtt/reason.rs"]
pub mod reason;
