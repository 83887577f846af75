//! RESP2 and RESP3: vectors by hand, from the specifications, and recorded frames.

use std::collections::BTreeMap;

use longlink::codec::{Fault, Probe};
use longlink::{Auto, Bytes, BytesMut, Decoder, Frame};

use crate::declarations::redis::{Entry, Truth, Value};
use crate::samples::{bytes, compared, encoded, list, number, text};

#[track_caller]
fn holds(value: Value, wire: &str) {
    assert_eq!(String::from_utf8(encoded(&value)).as_deref(), Ok(wire));
    assert_eq!(Value::decode(wire.as_bytes()), Ok(value));
}

fn simple(text: &str) -> Value {
    Value::Simple(text.to_owned())
}

/// The null of version 2.
fn null() -> Value {
    Value::Bulk { length: Auto::Derived, bytes: None, end: None }
}

/// The examples of the specifications.
#[test]
fn every_kind_of_value_is_as_specified() {
    let bytes = |text: &'static str| Bytes::from_static(text.as_bytes());
    let text = str::to_owned;
    holds(simple("OK"), "+OK\r\n");
    holds(Value::Error(text("ERR unknown command 'asdf'")), "-ERR unknown command 'asdf'\r\n");
    holds(Value::Integer(-1000), ":-1000\r\n");
    holds(Value::bulk("hello"), "$5\r\nhello\r\n");
    holds(Value::bulk(""), "$0\r\n\r\n");
    holds(null(), "$-1\r\n");
    holds(Value::array(vec![]), "*0\r\n");
    holds(Value::Array { count: Auto::Derived, items: None }, "*-1\r\n");
    holds(Value::Null, "_\r\n");
    holds(Value::Boolean { value: Truth::True, end: () }, "#t\r\n");
    holds(Value::Boolean { value: Truth::False, end: () }, "#f\r\n");
    holds(Value::Double(text("1.23")), ",1.23\r\n");
    holds(Value::Double(text("-inf")), ",-inf\r\n");
    let big = text("3492890328409238509324850943850943825024385");
    holds(Value::BigNumber(big), "(3492890328409238509324850943850943825024385\r\n");
    let error =
        Value::BulkError { length: Auto::Derived, text: bytes("SYNTAX invalid syntax"), end: () };
    holds(error, "!21\r\nSYNTAX invalid syntax\r\n");
    let verbatim = Value::Verbatim {
        length: Auto::Derived,
        kind: *b"txt",
        colon: (),
        text: bytes("Some string"),
        end: (),
    };
    holds(verbatim, "=15\r\ntxt:Some string\r\n");
}

#[test]
fn aggregates_nest() {
    let nested = Value::array(vec![
        Value::array((1..=3).map(Value::Integer).collect()),
        Value::array(vec![simple("Hello"), Value::Error("World".into())]),
    ]);
    holds(nested, "*2\r\n*3\r\n:1\r\n:2\r\n:3\r\n*2\r\n+Hello\r\n-World\r\n");
    let with_null = Value::array(vec![Value::bulk("hello"), null(), Value::bulk("world")]);
    holds(with_null, "*3\r\n$5\r\nhello\r\n$-1\r\n$5\r\nworld\r\n");
    let entry = |key, number| Entry { key: simple(key), value: Value::Integer(number) };
    let entries = vec![entry("first", 1), entry("second", 2)];
    let map = Value::Map { count: Auto::Derived, entries };
    holds(map, "%2\r\n+first\r\n:1\r\n+second\r\n:2\r\n");
    let items = vec![simple("orange"), Value::Null];
    holds(Value::Set { count: Auto::Derived, items }, "~2\r\n+orange\r\n_\r\n");
    let items = vec![simple("pubsub"), simple("message")];
    holds(Value::Push { count: Auto::Derived, items }, ">2\r\n+pubsub\r\n+message\r\n");
    let ttl = Value::Attribute {
        count: Auto::Derived,
        entries: vec![entry("ttl", 3600)],
        value: Box::new(Value::Integer(3)),
    };
    holds(Value::array(vec![ttl]), "*1\r\n|1\r\n+ttl\r\n:3600\r\n:3\r\n");
}

#[test]
fn a_null_has_no_line_end_of_its_own() {
    let mut out = BytesMut::new();
    let wrong = Value::Bulk { length: Auto::Derived, bytes: None, end: Some(()) };
    let error = longlink::Wire::encode(&wrong, &mut out).unwrap_err();
    assert_eq!(error, longlink::EncodeError::Contradiction { field: "Value.Bulk.end" });
    assert_eq!(Value::decode(b"$-2\r\n").unwrap_err().fault, Fault::Length);
    assert_eq!(Value::decode(b"*-2\r\n").unwrap_err().fault, Fault::Length);
}

#[test]
fn a_value_that_nobody_knows_breaks_the_stream() {
    let mut border = Default::default();
    assert_eq!(Value::probe(&mut border, &(), b"@1\r\n"), Probe::Broken(Fault::UnknownTag));
}

/// `(7a*20000)` in the hexadecimal text: a byte so many times.
fn expanded(hex: &str) -> Vec<u8> {
    let Some((before, rest)) = hex.split_once('(') else { return bytes(hex) };
    let (run, after) = rest.split_once(')').unwrap();
    let (byte, count) = run.split_once('*').unwrap();
    let run = bytes(byte).repeat(count.parse().unwrap());
    [bytes(before), run, bytes(after)].concat()
}

/// What tshark names, in the order of the frame. It reads no aggregates of version 3, but what is in
/// them.
fn seen(value: &Value, fields: &mut BTreeMap<&'static str, Vec<String>>) {
    let mut note = |name, value: String| fields.entry(name).or_default().push(value);
    match value {
        Value::Simple(text) => note("string", text.clone()),
        Value::Error(text) => note("error", text.clone()),
        Value::Integer(number) => note("integer", number.to_string()),
        Value::Bulk { bytes: Some(bytes), .. } => {
            note("bulk_string.length", bytes.len().to_string());
            note("bulk_string.value", bytes.iter().map(|byte| format!("{byte:02x}")).collect());
        }
        Value::Array { items: Some(items), .. } => {
            note("array.length", items.len().to_string());
            items.iter().for_each(|item| seen(item, fields));
        }
        Value::Push { items, .. } => {
            note("fragment", String::new());
            items.iter().for_each(|item| seen(item, fields));
        }
        Value::Map { entries, .. } => {
            note("fragment", String::new());
            for Entry { key, value } in entries {
                seen(key, fields);
                seen(value, fields);
            }
        }
        other => panic!("none was recorded: {other:?}"),
    }
}

#[test]
fn recorded_frames_have_the_fields_that_were_read_independently() {
    let (mut frames, mut count) = (0, 0);
    for entry in list("redis.json") {
        let frame = expanded(text(&entry, "/hex"));
        let value = Value::decode(&frame).unwrap_or_else(|error| panic!("{entry}: {error}"));
        assert_eq!(encoded(&value), frame);
        frames += 1;
        let Some(expected) = entry.get("fields") else { continue };
        let mut fields = BTreeMap::new();
        seen(&value, &mut fields);
        let expected: BTreeMap<String, Vec<String>> =
            serde_json::from_value(expected.clone()).unwrap();
        let is_bytes = |name: &str| name == "bulk_string.value";
        let expected: BTreeMap<_, Vec<_>> = expected
            .iter()
            .map(|(name, values)| {
                let whole = values.iter().map(|value| match is_bytes(name) {
                    true => expanded(value).iter().map(|byte| format!("{byte:02x}")).collect(),
                    false => value.clone(),
                });
                (name.as_str(), whole.collect())
            })
            .collect();
        assert_eq!(fields, expected, "{entry}");
        count += fields.values().map(Vec::len).sum::<usize>();
    }
    compared("redis", [frames, frames, count], [43, 43, 266]);
}

#[test]
fn recorded_streams_come_out_the_same_byte_by_byte_and_glued() {
    let mut streams: BTreeMap<_, (Vec<u8>, Vec<Value>)> = BTreeMap::new();
    for entry in list("redis.json") {
        let key = (number(&entry, "/stream"), text(&entry, "/direction").to_owned());
        let frame = expanded(text(&entry, "/hex"));
        let (stream, values) = streams.entry(key).or_default();
        values.push(Value::decode(&frame).unwrap());
        stream.extend(frame);
    }
    for (stream, expected) in streams.into_values() {
        for piece in [1, stream.len()] {
            assert_eq!(decoded(&stream, piece), expected);
        }
    }
}

fn decoded(stream: &[u8], piece: usize) -> Vec<Value> {
    let mut decoder = Decoder::<Value>::new();
    let (mut buffer, mut values) = (BytesMut::new(), Vec::new());
    for bytes in stream.chunks(piece) {
        buffer.extend_from_slice(bytes);
        while let Some(value) = decoder.decode(&mut buffer) {
            values.push(value.unwrap());
        }
    }
    assert!(buffer.is_empty());
    values
}

/// As the answer to COMMAND DOCS: hundreds of commands, each with lists of lists.
#[test]
fn an_answer_of_172_kilobytes_drips_in() {
    let argument = |number: i64| {
        let flags = Value::array(vec![simple("optional"), simple("multiple")]);
        let words = ["name", "key", "type", "pattern", "since"].map(Value::bulk);
        let [name, key, kind, pattern, since] = words;
        let items = [name, key, kind, pattern, since, Value::Integer(number), flags, null()];
        Value::array(items.into())
    };
    let command = |number: i64| {
        let summary = Value::bulk("x".repeat(64));
        Value::array(vec![summary, Value::array(vec![argument(number), argument(-number)])])
    };
    let answer = Value::array((0..660).map(command).collect());
    let stream = encoded(&answer);
    assert!(stream.len() > 172_298, "{}", stream.len());
    assert_eq!(decoded(&stream, 1), [answer]);
}
