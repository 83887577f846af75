//! An explanation as JSON, or any other format of serde.
//!
//! ```json
//! {
//!   "length": 23,
//!   "root": {
//!     "path": "Message", "name": "Message", "range": [0, 23], "raw": "00…fb",
//!     "type": "Message",
//!     "fields": [{ "path": "Message.length", "name": "length", "range": [0, 4],
//!                  "raw": "00000017", "value": 23, "remark": "bytes in all" }]
//!   },
//!   "error": { "path": "…", "offset": 22, "fault": "…", "expected": "…", "found": "…" }
//! }
//! ```
//! Keys without anything to say are left out. Secrets have `"secret": true` and neither `raw` nor
//! `value`.

use alloc::string::{String, ToString};
use core::fmt::Write;

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::node::{BitPlace, Name, Node, Remark, Value};
use super::{Explanation, locate};
use crate::report::Report;

impl Serialize for Explanation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("length", &self.len())?;
        map.serialize_entry("root", &Pathed { node: self.root(), parent: "" })?;
        if let Some(report) = self.report() {
            map.serialize_entry("error", report)?;
        }
        map.end()
    }
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("path", &self.path)?;
        map.serialize_entry("offset", &self.offset)?;
        map.serialize_entry("fault", self.fault.describe())?;
        if !self.expected.is_empty() {
            map.serialize_entry("expected", &self.expected)?;
        }
        if !self.found.is_empty() {
            map.serialize_entry("found", &self.found)?;
        }
        map.serialize_entry("advice", self.advice())?;
        map.end()
    }
}

/// A node that knows where it stands.
struct Pathed<'n> {
    node: &'n Node,
    parent: &'n str,
}

struct Children<'n> {
    list: &'n [Node],
    parent: &'n str,
}

impl Serialize for Children<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.list.len()))?;
        for node in self.list {
            list.serialize_element(&Pathed { node, parent: self.parent })?;
        }
        list.end()
    }
}

impl Serialize for Pathed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { node, parent } = self;
        let mut path = String::from(*parent);
        locate::push(&mut path, node);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("path", &path)?;
        match node.name {
            Name::Field(name) => map.serialize_entry("name", name)?,
            Name::Item(index) => map.serialize_entry("item", &index)?,
            Name::Hidden(name) => map.serialize_entry("hidden", name)?,
        }
        map.serialize_entry("range", &[node.range.start, node.range.end])?;
        if node.layer != 0 {
            map.serialize_entry("layer", &node.layer)?;
        }
        if let Some(place) = node.bits {
            map.serialize_entry("bits", &Bits(place))?;
        }
        if node.is_secret() {
            map.serialize_entry("secret", &true)?;
        } else {
            map.serialize_entry("raw", &digits(&node.raw))?;
        }
        value(node, &mut map)?;
        said(node, &mut map)?;
        if !node.children.is_empty() {
            map.serialize_entry("fields", &Children { list: &node.children, parent: &path })?;
        }
        map.end()
    }
}

fn value<M: SerializeMap>(node: &Node, map: &mut M) -> Result<(), M::Error> {
    match &node.value {
        Value::Group(name) => {
            map.serialize_entry("type", name)?;
            match node.variant {
                Some(variant) => map.serialize_entry("variant", variant),
                None => Ok(()),
            }
        }
        Value::Items(count) => map.serialize_entry("items", count),
        Value::Unsigned(number) | Value::Hexadecimal(number) => match u64::try_from(*number) {
            Ok(number) => map.serialize_entry("value", &number),
            Err(_) => map.serialize_entry("value", &number.to_string()),
        },
        Value::Signed(number) => signed(*number, map),
        Value::Named { name, value } => {
            map.serialize_entry("variant", name)?;
            signed(*value, map)
        }
        Value::Number(number) => map.serialize_entry("value", number),
        Value::Bool(value) => map.serialize_entry("value", value),
        Value::Text(text) | Value::Digits(text) | Value::Plain(text) => {
            map.serialize_entry("value", text)
        }
        Value::Bytes(_) | Value::Secret | Value::None => Ok(()),
    }
}

fn signed<M: SerializeMap>(number: i128, map: &mut M) -> Result<(), M::Error> {
    match i64::try_from(number) {
        Ok(number) => map.serialize_entry("value", &number),
        Err(_) => map.serialize_entry("value", &number.to_string()),
    }
}

/// What the declaration and the relations say.
fn said<M: SerializeMap>(node: &Node, map: &mut M) -> Result<(), M::Error> {
    for (key, text) in [("unit", node.unit), ("doc", node.doc)] {
        if !text.is_empty() {
            map.serialize_entry(key, text)?;
        }
    }
    match &node.remark {
        Some(Remark::Says(text)) => map.serialize_entry("remark", text)?,
        Some(Remark::Chooses(variant)) => map.serialize_entry("chooses", variant)?,
        Some(Remark::Right(algorithm)) => map.serialize_entry("right", algorithm)?,
        Some(Remark::Wrong { algorithm, expected, .. }) => {
            map.serialize_entry("wrong", algorithm)?;
            map.serialize_entry("expected", expected)?;
        }
        None => {}
    }
    if node.partial {
        map.serialize_entry("partial", &true)?;
    }
    Ok(())
}

struct Bits(BitPlace);

impl Serialize for Bits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let BitPlace { of, shift, width, .. } = self.0;
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("of", &of)?;
        map.serialize_entry("shift", &shift)?;
        map.serialize_entry("width", &width)?;
        map.end()
    }
}

fn digits(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
