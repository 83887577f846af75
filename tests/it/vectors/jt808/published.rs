//! Packets in the words of others: what an independent decoder reads, what the projects state.

use longlink::BytesMut;
use longlink::codec::Tagged;
use serde_json::{Value, json};

use crate::declarations::packet::control::Order;
use crate::declarations::packet::location::{Extra, ExtraValue, Location, Point, Stored};
use crate::declarations::packet::setting::{self, Setting};
use crate::declarations::packet::terminal::{Authentication, Device, Identity, Registration};
use crate::declarations::packet::{Body, Packet, Reply};
use crate::samples::encoded;

/// Every value of `theirs` is one of `ours`; how many there are.
pub(super) fn same(ours: &Value, theirs: &Value, of: &str) -> usize {
    match theirs {
        Value::Object(theirs) => {
            theirs.iter().map(|(key, value)| same(&ours[key], value, &format!("{of}.{key}"))).sum()
        }
        Value::Array(theirs) => {
            assert_eq!(ours.as_array().map(Vec::len), Some(theirs.len()), "{of}");
            let items = theirs.iter().enumerate();
            items.map(|(index, value)| same(&ours[index], value, &format!("{of}.{index}"))).sum()
        }
        _ => {
            assert_eq!(ours, theirs, "{of}");
            1
        }
    }
}

/// The header.
pub(super) fn header(packet: &Packet) -> Value {
    let layout = layout(packet);
    let word = |at: usize| u16::from_be_bytes([layout[at], layout[at + 1]]);
    let mut header = json!({
        "msg_id": format!("0x{:04x}", packet.body.tag()),
        "props": format!("0x{:04x}", word(2)),
        "version_flag": u8::from(packet.version.is_some()),
        "subpackage": u8::from(packet.part.is_some()),
        "encryption": packet.properties.cipher,
        "body_len": word(2) & 0x03FF,
        "phone_bcd": packet.phone.to_string(),
        "serial": packet.serial,
        "check": format!("0x{:02x}", layout[layout.len() - 1]),
    });
    if let Some(version) = packet.version {
        header["protocol_version"] = json!(version);
    }
    if let Some(part) = &packet.part {
        header["total"] = json!(part.total);
        header["index"] = json!(part.index);
    }
    header
}

/// The bytes of the body alone, in hexadecimal.
pub(super) fn body_hex(packet: &Packet) -> String {
    let layout = layout(packet);
    let header = if packet.version.is_some() { 17 } else { 12 };
    let header = if packet.part.is_some() { header + 4 } else { header };
    hex(&layout[header..layout.len() - 1])
}

/// What is between the delimiters, unescaped.
fn layout(packet: &Packet) -> Vec<u8> {
    let frame = encoded(packet);
    let mut layout = Vec::new();
    let mut rest = frame[1..frame.len() - 1].iter();
    while let Some(byte) = rest.next() {
        layout.push(match byte {
            0x7D if rest.next() == Some(&0x02) => 0x7E,
            byte => *byte,
        });
    }
    layout
}

/// The body.
pub(super) fn body(body: &Body) -> Value {
    match body {
        Body::TerminalReply(reply) | Body::PlatformReply(reply) => {
            let Reply { serial, message, result } = reply;
            json!({ "reply_serial": serial, "reply_msg_id": message, "result": result })
        }
        Body::Register(registration) => register(registration),
        Body::Authenticate(Authentication::Token(token)) => json!({ "auth_code": token }),
        Body::Settings { serial, settings, .. } => json!({
            "reply_serial": serial, "count": settings.len(), "params": list(settings, setting),
        }),
        Body::Configure { settings, .. } => {
            json!({ "count": settings.len(), "params": list(settings, setting) })
        }
        Body::Device(device) => self::device(device),
        Body::Location(location) => self::location(location),
        Body::LocationReply { serial, location } => {
            json!({ "reply_serial": serial, "location": self::location(location) })
        }
        Body::Locations { late, items, .. } => json!({
            "count": items.len(), "type": late, "items": list(items, |Stored { location, .. }| {
                let mut item = self::location(location);
                let extras = location.extras.iter().map(|extra| 2 + value_of(extra).1.len());
                item["len"] = json!(28 + extras.sum::<usize>());
                item
            }),
        }),
        Body::Registered { serial, result, token } => {
            json!({ "reply_serial": serial, "result": result, "auth_code": token })
        }
        Body::Text { flags, kind, text } => {
            json!({ "flag": flags, "text_type": kind, "text": text })
        }
        _ => Value::Null,
    }
}

/// What the README of one project states of its frame.
pub(super) fn readme(packet: &Packet) -> Value {
    let Body::Location(Location { point, extras }) = &packet.body else { return Value::Null };
    let location = self::point(point);
    let mut stated = json!({
        "DataLength": body_hex(packet).len() / 2, "MsgNum": packet.serial,
        "TerminalPhoneNo": packet.phone.to_string(), "AlarmFlag": point.alarms,
        "StatusFlag": point.status, "Altitude": point.altitude, "GPSTime": point.time.to_string(),
        "Lat": location["latitude"], "Lng": location["longitude"], "Speed": location["speed"],
        "Direction": point.heading,
    });
    for extra in extras {
        match extra.value {
            ExtraValue::Mileage(_) => stated["Mileage"] = self::extra(extra)["uint"].clone(),
            ExtraValue::Fuel(_) => stated["Oil"] = self::extra(extra)["uint"].clone(),
            _ => {}
        }
    }
    stated
}

/// Bodies of which only their publisher says what they hold (the tests that the sources name).
pub(super) fn stated(body: &Body) -> Option<String> {
    Some(match body {
        Body::Information { serial, kind, text } => format!("0304 {serial} {kind:x} {text}"),
        Body::VehicleReply { serial, location: Location { point, extras } } => {
            let Point { latitude, longitude, time, .. } = point;
            let [ExtraValue::Mileage(km), ExtraValue::Fuel(l)] =
                [&extras[0].value, &extras[1].value]
            else {
                panic!("{extras:?}")
            };
            format!("0500 {serial} {latitude:.6} {longitude:.6} {time} {km} km {l} l")
        }
        Body::ThroughUp(through) => {
            format!("0900 {:x} {}", through.kind, std::str::from_utf8(&through.data).unwrap())
        }
        Body::Control { order: Order::Upgrade(one), .. } => format!(
            "8105 upgrade {} {} {} {} {} {} {} {} {} {} {} {} {}",
            one.connection,
            one.access_point,
            one.user,
            one.password,
            one.server,
            one.tcp_port,
            one.udp_port,
            one.maker,
            one.token,
            one.hardware,
            one.firmware,
            one.address,
            one.time_limit,
        ),
        Body::Control { order: Order::Reset, .. } => "8105 reset".into(),
        Body::MultimediaReply { id, missing: None } => format!("8800 {id}"),
        Body::MultimediaReply { id, missing: Some(parts) } => format!("8800 {id} {parts:?}"),
        _ => return None,
    })
}

/// Compares one setting with what was read of it.
pub(crate) fn same_setting(setting: &Setting, theirs: &Value) -> usize {
    same(&self::setting(setting), theirs, "setting")
}

fn register(registration: &Registration) -> Value {
    let (Identity::Of2011 { maker, model, terminal }
    | Identity::Of2013 { maker, model, terminal }
    | Identity::Of2019 { maker, model, terminal }) = &registration.identity;
    json!({
        "province": registration.province, "city": registration.city, "maker": maker,
        "model": model, "terminal_id": terminal, "plate_color": registration.colour,
        "plate": registration.plate,
    })
}

fn device(device: &Device) -> Value {
    json!({
        "type": device.kind, "maker": device.maker, "model": device.model,
        "terminal_id": device.terminal, "iccid": device.iccid.to_string(), "hw": device.hardware,
        "fw": device.firmware, "gnss": device.navigation, "comm": device.modem,
    })
}

fn setting(setting: &Setting) -> Value {
    let (uint, raw) = match &setting.value {
        setting::Value::Number { value, .. } => (Some(*value), value.to_be_bytes().to_vec()),
        setting::Value::Short { value, .. } => {
            (Some(u32::from(*value)), value.to_be_bytes().to_vec())
        }
        setting::Value::Byte { value, .. } => (Some(u32::from(*value)), vec![*value]),
        other => {
            let raw = written(other);
            (unsigned(&raw), raw)
        }
    };
    described(setting.value.tag(), uint, &raw)
}

fn location(location: &Location) -> Value {
    let mut all = point(&location.point);
    all["extras"] = list(&location.extras, extra);
    all
}

fn point(point: &Point) -> Value {
    let millionths = |value: f64| (value * 1e6).round() as u64;
    json!({
        "alarm_flag": point.alarms, "status": point.status,
        "latitude": millionths(point.latitude), "longitude": millionths(point.longitude),
        "altitude": point.altitude, "speed": (point.speed * 10.0).round() as u64,
        "direction": point.heading, "time": point.time.to_string(),
    })
}

fn extra(extra: &Extra) -> Value {
    let (uint, raw) = value_of(extra);
    described(extra.value.tag(), uint, &raw)
}

fn value_of(extra: &Extra) -> (Option<u32>, Vec<u8>) {
    let tenths = |value: f64| Some((value * 10.0).round() as u32);
    let raw = written(&extra.value);
    let uint = match &extra.value {
        ExtraValue::Mileage(value) => tenths(*value),
        ExtraValue::Fuel(value) | ExtraValue::Speed(value) => tenths(f64::from(*value)),
        ExtraValue::Confirm(value) | ExtraValue::Inputs(value) => Some(u32::from(*value)),
        ExtraValue::Signals(value) => Some(*value),
        ExtraValue::Analog(second, first) => Some(u32::from(*second) << 16 | u32::from(*first)),
        ExtraValue::Signal(value) | ExtraValue::Satellites(value) => Some(u32::from(*value)),
        _ => unsigned(&raw),
    };
    (uint, raw)
}

/// As the independent decoder prints a value behind its id and length.
fn described(id: u64, uint: Option<u32>, raw: &[u8]) -> Value {
    let mut value = json!({ "id": id, "len": raw.len(), "value_hex": hex(raw) });
    if let Some(uint) = uint {
        value["uint"] = json!(uint);
    }
    value
}

fn unsigned(raw: &[u8]) -> Option<u32> {
    match *raw {
        [one] => Some(u32::from(one)),
        [a, b] => Some(u32::from(u16::from_be_bytes([a, b]))),
        [a, b, c, d] => Some(u32::from_be_bytes([a, b, c, d])),
        _ => None,
    }
}

fn written<T: Tagged<Own = ()>>(value: &T) -> Vec<u8> {
    let mut out = BytesMut::new();
    value.encode_with(&mut out, &T::context(value.tag(), false, ())).expect("a value as read");
    out.to_vec()
}

fn list<T>(items: &[T], one: impl Fn(&T) -> Value) -> Value {
    items.iter().map(one).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
