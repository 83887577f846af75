//! Recorded sessions: each frame has the fields that tshark reads from it, all of them, and is
//! written again as it came.

use std::collections::BTreeMap;

use longlink::{BytesMut, Decoder, Frame};
use serde_json::Value as Json;

use super::{Body, Connect, Packet, PacketContext, Wanted};
use crate::declarations::mqtt::Will;
use crate::declarations::property::{Property, Value};
use crate::samples::{bytes, compared, encoded_with, list, number, text};

/// Names of tshark, without `mqtt.`, and their values in the order of the frame.
type Fields = BTreeMap<String, Vec<String>>;

#[derive(Default)]
struct Seen(Fields);

impl Seen {
    fn note(&mut self, name: &str, value: impl ToString) {
        self.0.entry(name.to_owned()).or_default().push(value.to_string());
    }

    fn bit(&mut self, name: &str, value: bool) {
        self.note(name, u8::from(value));
    }

    fn text(&mut self, name: &str, len: &str, value: &str) {
        self.note(len, value.len());
        self.note(name, value);
    }

    fn blob(&mut self, name: &str, len: &str, value: &[u8]) {
        self.note(len, value.len());
        self.note(name, pairs(value).join(":"));
    }

    fn packet(&mut self, frame: &[u8], packet: &Packet) {
        let (kind, flags) = (frame[0] >> 4, frame[0] & 15);
        self.note("hdrflags", format!("0x{:02x}", frame[0]));
        self.note("msgtype", kind);
        // One byte, and one for each byte of the length that says that another follows.
        let more = frame[1..].iter().take_while(|byte| **byte > 127).count();
        self.note("len", frame.len() - 2 - more);
        if kind == 3 {
            self.bit("dupflag", packet.flags.duplicate);
            self.note("qos", packet.flags.quality);
            self.bit("retain", packet.flags.retain);
        } else {
            self.note("hdr_reserved", flags);
        }
        self.body(&packet.body);
    }

    fn body(&mut self, body: &Body) {
        match body {
            Body::Connect(connect) => self.connect(connect),
            Body::ConnectAck { session_present, code, properties } => {
                self.note("conack.flags", format!("0x{:02x}", u8::from(*session_present)));
                self.note("conack.flags.reserved", 0);
                self.bit("conack.flags.sp", *session_present);
                let name = if properties.is_some() { "connack.reason_code" } else { "conack.val" };
                self.note(name, code);
                self.properties(properties);
            }
            Body::Publish { topic, id, properties, payload } => {
                self.text("topic", "topic_len", topic);
                if let Some(id) = id {
                    self.note("msgid", id);
                }
                self.properties(properties);
                self.note("msg", pairs(payload).concat());
            }
            Body::Acknowledge(answer)
            | Body::Receive(answer)
            | Body::Release(answer)
            | Body::Complete(answer) => self.note("msgid", answer.id),
            Body::Subscribe { id, properties, filters } => {
                self.note("msgid", id);
                self.properties(properties);
                for filter in filters {
                    self.text("topic", "topic_len", &filter.topic);
                    self.wanted(&filter.options, properties.is_some());
                }
            }
            Body::SubscribeAck { id, properties, codes } => {
                self.note("msgid", id);
                let new = properties.is_some();
                self.properties(properties);
                for code in codes {
                    self.note(if new { "suback.reason_code" } else { "suback.qos" }, code);
                }
            }
            Body::Unsubscribe { id, topics, .. } => {
                self.note("msgid", id);
                for topic in topics {
                    self.text("topic", "topic_len", &topic.topic);
                }
            }
            Body::UnsubscribeAck { id, .. } => self.note("msgid", id),
            Body::Ping | Body::Pong | Body::Disconnect(_) => {}
            Body::Authenticate(_) | Body::Unknown { .. } => panic!("none was recorded: {body:?}"),
        }
    }

    fn connect(&mut self, connect: &Connect) {
        self.text("protoname", "proto_len", "MQTT");
        self.note("ver", connect.version);
        let flags = &connect.connect;
        let bits = [
            ("uname", connect.user.is_some()),
            ("passwd", connect.password.is_some()),
            ("retain", flags.will_retain),
            ("willflag", connect.will.is_some()),
            ("cleansess", flags.clean),
            ("reserved", false),
        ];
        for (name, bit) in bits {
            self.bit(&format!("conflag.{name}"), bit);
        }
        self.note("conflag.qos", flags.will_quality);
        let weights = [7, 6, 5, 2, 1, 0];
        let sum = bits.iter().zip(weights).map(|((_, bit), weight)| u8::from(*bit) << weight);
        self.note("conflags", format!("0x{:02x}", sum.sum::<u8>() | flags.will_quality << 3));
        self.note("kalive", connect.keep_alive);
        self.properties(&connect.properties);
        self.text("clientid", "clientid_len", &connect.client);
        if let Some(Will { properties, topic, message }) = &connect.will {
            self.properties(properties);
            self.text("willtopic", "willtopic_len", topic);
            self.blob("willmsg", "willmsg_len", message);
        }
        if let Some(user) = &connect.user {
            self.text("username", "username_len", user);
        }
        if let Some(password) = &connect.password {
            self.text("passwd", "passwd_len", str::from_utf8(password).unwrap());
        }
    }

    fn wanted(&mut self, options: &Wanted, new: bool) {
        if !new {
            return self.note("sub.qos", options.quality);
        }
        let bits = options.retain_handling << 4
            | u8::from(options.retain_as_published) << 3
            | u8::from(options.no_local) << 2
            | options.quality;
        self.note("subscription_options", format!("0x{bits:02x}"));
        self.note("subscription_options_reserved", "0x00");
        self.note("subscription_options_retain", options.retain_handling);
        self.bit("subscription_options_rap", options.retain_as_published);
        self.bit("subscription_options_nl", options.no_local);
        self.note("subscription_options_qos", options.quality);
    }

    fn properties(&mut self, properties: &Option<Vec<Property>>) {
        let Some(properties) = properties else { return };
        let len: usize = properties.iter().map(|one| encoded_with(one, &()).len()).sum();
        self.note("property_len", len);
        for Property { value, .. } in properties {
            let id = match value {
                Value::MessageExpiry(seconds) => {
                    self.note("prop_number", seconds);
                    0x02
                }
                Value::ContentType(name) => {
                    self.note("property.content_type", name);
                    0x03
                }
                Value::ReceiveMaximum(count) => {
                    self.note("prop_number", count);
                    0x21
                }
                Value::TopicAliasMaximum(number) => {
                    self.note("prop_number", number);
                    0x22
                }
                Value::User { name, value } => {
                    self.text("prop_key", "prop_key_len", name);
                    self.text("prop_value", "prop_value_len", value);
                    0x26
                }
                other => panic!("none was recorded: {other:?}"),
            };
            self.note("property_id", format!("0x{id:02x}"));
        }
    }
}

fn pairs(bytes: &[u8]) -> Vec<String> {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The version of a stream, and its frames, each with its fields.
type Stream = (u8, Vec<(Vec<u8>, Fields)>);

/// The recorded frames of each connection and direction, with the version that it speaks.
fn recorded() -> BTreeMap<(u64, String), Stream> {
    let mut streams: BTreeMap<_, Stream> = BTreeMap::new();
    let mut versions = BTreeMap::new();
    for entry in list("mqtt.json") {
        let (stream, direction) = (number(&entry, "/stream"), text(&entry, "/direction"));
        let fields: Fields = serde_json::from_value(entry["fields"].clone()).unwrap();
        if let Some(version) = entry.pointer("/fields/ver/0").and_then(Json::as_str) {
            versions.insert(stream, version.parse().unwrap());
        }
        let frame = bytes(text(&entry, "/hex"));
        let key = (stream, direction.to_owned());
        let (version, frames) = streams.entry(key).or_default();
        *version = versions[&stream];
        frames.push((frame, fields));
    }
    streams
}

#[test]
fn recorded_frames_have_the_fields_that_were_read_independently() {
    let (mut frames, mut count) = (0, 0);
    for (key, (version, recorded)) in recorded() {
        let context = PacketContext { version };
        for (frame, fields) in recorded {
            let packet = Packet::decode_with(&frame, &context)
                .unwrap_or_else(|error| panic!("{key:?} {frame:02X?}: {error}"));
            let mut seen = Seen::default();
            seen.packet(&frame, &packet);
            assert_eq!(seen.0, fields, "{key:?} {packet:?}");
            assert_eq!(encoded_with(&packet, &context), frame);
            frames += 1;
            count += fields.values().map(Vec::len).sum::<usize>();
        }
    }
    compared("mqtt", [frames, frames, count], [62, 62, 565]);
}

#[test]
fn recorded_streams_come_out_the_same_byte_by_byte_and_glued() {
    let mut frames = 0;
    for (version, recorded) in recorded().into_values() {
        let context = || PacketContext { version };
        let expected: Vec<_> =
            recorded.iter().map(|(frame, _)| Packet::decode_with(frame, &context())).collect();
        let stream: Vec<u8> = recorded.iter().flat_map(|(frame, _)| frame.clone()).collect();
        for piece in [1, stream.len()] {
            let mut decoder = Decoder::<Packet>::with_context(context());
            let (mut buffer, mut read) = (BytesMut::new(), Vec::new());
            for bytes in stream.chunks(piece) {
                buffer.extend_from_slice(bytes);
                while let Some(frame) = decoder.decode(&mut buffer) {
                    read.push(Ok(frame.unwrap()));
                }
            }
            assert_eq!(read, expected);
            assert!(buffer.is_empty());
        }
        frames += expected.len();
    }
    assert_eq!(frames, 62);
}
