//! Declarations with nothing wrong, and what they resolve to.

use super::*;
use crate::model::{Body, BorderKind, Edge, RelationKind};

const LONG_LINK: &str = r#"
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(endian = big, max_frame_length = 64 * 1024, resync = close)]
pub struct Message {
    #[wire(length_of = ..)]                  length: Auto<u32>,
    #[wire(tag_of = body)]                   command: Auto<u16>,
    #[wire(role = sequence)]                 pub sequence: u32,
                                             pub body: Body,
    #[wire(checksum = xor8, over = ..self)]  checksum: Auto<u8>,
}
#[derive(Debug, Clone, PartialEq, Wire)]
pub enum Body {
    #[wire(tag = 0x0001, role = heartbeat)]  Alive { sent_ms: u64 },
    #[wire(tag = 0x0002)]                    Chat { from: u64, #[wire(prefix = u16)] text: String },
    #[wire(other)] Unknown { #[wire(tag)] command: u16, #[wire(rest)] raw: Bytes },
}
"#;

const JT808: &str = r#"
#[derive(Frame)]
#[wire(endian = big, delimiter = 0x7E, escape(0x7E => [0x7D, 0x02], 0x7D => [0x7D, 0x01]),
       max_frame_length = 2 * (21 + 1023 + 1) + 2, resync = delimiter)]
pub struct Packet {
    #[wire(tag_of = body)]                                       message: Auto<u16>,
                                                                 pub properties: Properties,
    #[wire(present_in = properties.versioned)]                   pub version: Option<u8>,
    #[wire(bcd, size = if version.is_some() { 10 } else { 6 })]  pub phone: Digits,
    #[wire(role = sequence)]                                     pub serial: u16,
    #[wire(present_in = properties.split)]                       pub part: Option<Part>,
    #[wire(length_in = properties.body_length,
           opaque_if = part.is_some() || properties.cipher != 0)] pub body: Body,
    #[wire(checksum = xor8, over = ..self)]                      check: Auto<u8>,
}
#[derive(Wire)]
#[wire(bitfield = u16, bit_order = msb)]
pub struct Properties {
    #[wire(bits = 1, reserved)] reserved: u8,
    #[wire(bits = 1)] versioned: Auto<bool>,  #[wire(bits = 1)]  split: Auto<bool>,
    #[wire(bits = 3)] pub cipher: u8,         #[wire(bits = 10)] body_length: Auto<u16>,
}
#[derive(Wire)] pub struct Part { pub total: u16, #[wire(valid = 1..)] pub index: u16 }
#[derive(Wire)]
pub enum Body {
    #[wire(tag = 0x0002, role = heartbeat)]  Heartbeat,
    #[wire(tag = 0x8001, role = acknowledged)]
    PlatformAck { #[wire(role = replies_to)] serial: u16, id: u16, result: u8 },
    #[wire(tag = 0x0200)] Location {
        alarm: u32, status: u32,
        #[wire(as = u32, scale = 1e-6, unit = "deg")] latitude: f64,
        #[wire(as = u32, scale = 1e-6, unit = "deg")] longitude: f64,
        altitude_m: u16, #[wire(as = u16, scale = 0.1, unit = "km/h")] speed: f32, heading: u16,
        #[wire(timestamp = bcd_yymmddhhmmss)] time: CivilTime,
        #[wire(rest, max_count = 64)] extras: Vec<Extra> },
    #[wire(other)] Unknown { #[wire(tag)] id: u16, #[wire(rest)] raw: Bytes },
}
#[derive(Wire)]
pub struct Extra {
    #[wire(tag_of = value)] id: Auto<u8>,
    #[wire(length_of = value)] length: Auto<u8>,
    pub value: ExtraValue,
}
#[derive(Wire)]
pub enum ExtraValue {
    #[wire(tag = 0x01)] Mileage(u32),
    #[wire(tag = 0x02)] Fuel(u16),
    #[wire(other)] Unknown { #[wire(tag)] id: u8, #[wire(rest)] raw: Bytes },
}
"#;

const MQTT: &str = r#"
#[derive(Frame)]
#[wire(endian = big, max_frame_length = 1024 * 1024)]
pub struct Mqtt {
    #[wire(bits = 4, tag_of = body)]                           kind: Auto<u8>,
    #[wire(bits = 4)]                                          pub flags: Flags,
    #[wire(varint = leb128, max_bytes = 4, length_of = body)]  remaining: Auto<u32>,
    #[wire(ctx(flags))]                                        pub body: Packet,
}
#[derive(Wire)] #[wire(bitfield = 4, bit_order = msb)]
pub struct Flags {
    #[wire(bits = 1)] pub dup: bool,
    #[wire(bits = 2, valid = 0..=2)] pub qos: u8,
    #[wire(bits = 1)] pub retain: bool,
}
#[derive(Wire)] #[wire(ctx(flags: Flags))]
pub enum Packet {
    #[wire(tag = 1)] Connect {
        #[wire(prefix = u16, fixed = "MQTT")] protocol: (),
        #[wire(fixed = 4)] level: u8,
        connect: ConnectFlags, keep_alive: u16,
        #[wire(prefix = u16)] client_id: String,
        #[wire(prefix = u16, present_in = connect.user)] user: Option<String>,
        #[wire(prefix = u16, present_in = connect.password)] password: Option<Bytes> },
    #[wire(tag = 3)] Publish {
        #[wire(prefix = u16)] topic: String,
        #[wire(present_if = flags.qos > 0, role = sequence)] id: Option<u16>,
        #[wire(rest)] payload: Bytes },
    #[wire(tag = 4)] PubAck { #[wire(role = replies_to)] id: u16 },
    #[wire(tag = 12, role = heartbeat)] PingRequest,
    #[wire(tag = 13, role = heartbeat_reply)] PingResponse,
    #[wire(other)] Unknown { #[wire(tag)] kind: u8, #[wire(rest)] raw: Bytes },
}
#[derive(Wire)] #[wire(bitfield = u8, bit_order = msb)]
pub struct ConnectFlags {
    #[wire(bits = 1)] user: Auto<bool>, #[wire(bits = 1)] password: Auto<bool>,
    #[wire(bits = 1)] pub will_retain: bool, #[wire(bits = 2)] pub will_qos: u8,
    #[wire(bits = 1)] pub will: bool, #[wire(bits = 1)] pub clean: bool,
    #[wire(bits = 1, reserved)] reserved: u8,
}
"#;

const IEC104: &str = r#"
#[derive(Frame)]
#[wire(endian = little, magic = 0x68u8, max_frame_length = 255, resync = magic)]
pub struct Apdu { #[wire(length_of = apci, valid = 4..=253)] length: Auto<u8>, pub apci: Apci }
#[derive(Wire)] #[wire(tag = peek(u8))]
pub enum Apci {
    #[wire(tag(mask = 0x01, value = 0x00))] I {
        #[wire(bits = 1, fixed = 0, bit_order = lsb)] first: (),
        #[wire(bits = 15, bit_order = lsb, role = sequence)] send: u16,
        #[wire(bits = 1, fixed = 0, bit_order = lsb)] second: (),
        #[wire(bits = 15, bit_order = lsb, role = acknowledges)] receive: u16,
        asdu: Asdu },
    #[wire(tag(mask = 0x03, value = 0x01))] S {
        #[wire(fixed = 0x0001u16)] first: (),
        #[wire(bits = 1, fixed = 0, bit_order = lsb)] second: (),
        #[wire(bits = 15, bit_order = lsb, role = acknowledges)] receive: u16 },
    #[wire(tag(mask = 0x03, value = 0x03))] U {
        function: Function,
        #[wire(fixed = [0, 0, 0])] pad: () },
}
#[derive(Wire)] #[repr(u8)]
pub enum Function {
    StartDtAct = 0x07, StartDtCon = 0x0B, StopDtAct = 0x13, StopDtCon = 0x23,
    #[wire(role = heartbeat)] TestFrAct = 0x43, #[wire(role = heartbeat_reply)] TestFrCon = 0x83,
}
#[derive(Wire)]
#[wire(bit_order = lsb)]
pub struct Asdu {
    pub type_id: u8,
    #[wire(bits = 7)] pub count: u8, #[wire(bits = 1)] pub sequence: bool,
    #[wire(bits = 6)] pub cause: u8, #[wire(bits = 1)] pub negative: bool,
    #[wire(bits = 1)] pub test: bool,
    pub origin: u8, pub common_address: u16, #[wire(rest)] pub objects: Bytes,
}
"#;

#[test]
fn the_four_declarations_have_nothing_wrong() {
    for source in [LONG_LINK, JT808, MQTT, IEC104] {
        assert_eq!(messages(source), [""; 0]);
    }
}

#[test]
fn a_length_over_everything_is_the_border() {
    let source = LONG_LINK.split_once("#[derive(Debug, Clone, PartialEq, Wire)]").unwrap().0;
    let declaration = model(source);
    let frame = declaration.frame.as_ref().expect("a frame");
    assert!(matches!(frame.border, BorderKind::Length { relation: 0 }));
    let Body::Struct(fields) = &declaration.body else { panic!("a struct") };
    let RelationKind::Length { over, bias: 0, unit: 1 } = fields.relations[0].kind else {
        panic!("a length")
    };
    assert!(over.start == Edge::Type && over.end == Edge::Type);
    assert!(matches!(fields.relations[1].kind, RelationKind::Tag { target: 3, .. }));
    let RelationKind::Checksum { over, .. } = &fields.relations[2].kind else {
        panic!("a checksum")
    };
    assert!(over.start == Edge::Type && over.end == Edge::Before(4));
}
