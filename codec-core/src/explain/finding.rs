//! What was expected at the fault, and what was found.

use alloc::format;
use alloc::string::{String, ToString};

use bytes::Bytes;

use super::node::{Name, Node, Remark};
use super::walk::Walk;
use super::{locate, relate, render, value};
use crate::error::{DecodeError, Fault};
use crate::report::Report;
use crate::schema::{
    Amount, Bound, Edge, Field, Layout, Literal, RelationKind, Schema, Shape, TagSource, Tagging,
    Variant,
};
use crate::tag::{lane, of_parts, shown};

/// The report on the field at the end of the path.
pub(super) fn report(walk: &Walk, path: &[&Node], error: DecodeError, frame: &Bytes) -> Report {
    let offset = error.offset_in(frame);
    let Some(node) = path.last() else {
        return Report::bare(error, frame, "");
    };
    // A fault inside of a layer has no offset on the wire: the stretch is shown instead.
    let outer = path.iter().rev().find(|node| node.layer == 0).unwrap_or(node);
    let inside = node.layer != 0;
    let (at, len) = match error.fault {
        _ if inside => (outer.range.start, outer.range.len()),
        Fault::Trailing => (offset, frame.len().saturating_sub(offset)),
        Fault::Short => {
            let at = offset.max(node.range.start);
            (at, node.range.end.saturating_sub(at).max(1))
        }
        _ if node.range.contains(&offset) && node.children.is_empty() && marks_all(error.fault) => {
            (node.range.start, node.range.len())
        }
        _ => (offset, 1),
    };
    let mut report = Report::around(error.fault, locate::text(path), frame, at, len);
    report.expected = expected(node, path, error.fault);
    report.found = found(walk, node, path, error, frame);
    report.bounded = is_bounded(path, offset);
    report
}

/// A length or a count before the place says how much there must be.
fn is_bounded(path: &[&Node], offset: usize) -> bool {
    let own = path.iter().any(|node| {
        let bounds = node.field.map(|field| field.bounds).unwrap_or_default();
        bounds.iter().any(|bound| match bound {
            Bound::Prefix(_) | Bound::CountPrefix(_) => {
                node.layer != 0 || node.range.start < offset
            }
            Bound::Size(Amount::Expression(_)) | Bound::Count(Amount::Expression(_)) => true,
            _ => false,
        })
    });
    own || path.windows(2).any(|pair| {
        let [parent, child] = pair else { return false };
        let (Some(fields), Some(index)) = (parent_fields(parent), child.index) else {
            return false;
        };
        fields.relations.iter().any(|relation| {
            let counts = matches!(
                relation.kind,
                RelationKind::Length { .. } | RelationKind::Count(_) | RelationKind::PlainLength(_)
            );
            counts && relation.holder.field < index
        })
    })
}

/// The whole field is wrong, not one byte in it.
const fn marks_all(fault: Fault) -> bool {
    matches!(fault, Fault::Checksum | Fault::Invalid | Fault::Magic | Fault::Length | Fault::Count)
}

fn expected(node: &Node, path: &[&Node], fault: Fault) -> String {
    match fault {
        Fault::Short => {
            let len = node.field.and_then(Field::fixed_len);
            let len = len.or(node.schema.and_then(|schema| schema.fixed_len));
            let len = len.or(node.magic.map(Literal::len));
            let needed = len.map(|len| count(len, "byte"));
            needed.or_else(|| prefixed(node)).or_else(|| spanned(node, path)).unwrap_or_default()
        }
        Fault::Checksum => match &node.remark {
            Some(Remark::Wrong { algorithm, expected, width }) => {
                format!("{} ({algorithm})", hex_number((*expected).into(), *width))
            }
            _ => String::new(),
        },
        Fault::Magic => magic(node).map(literal).unwrap_or_default(),
        Fault::UnknownTag => tags(node).unwrap_or_default(),
        Fault::Invalid | Fault::Digits | Fault::Contradiction => allowed(node),
        Fault::Text => match node.field.map(|field| field.layout) {
            Some(Layout::Text { encoding, .. }) => String::from(encoding),
            _ => String::from("utf-8"),
        },
        Fault::Count | Fault::Length => limit(node, path),
        Fault::Padding => String::from("zeros"),
        Fault::Trailing => String::from("the end"),
        Fault::Unterminated => terminator(node).map(hex).unwrap_or_default(),
        _ => String::new(),
    }
}

fn found(walk: &Walk, node: &Node, path: &[&Node], error: DecodeError, frame: &Bytes) -> String {
    if node.is_secret() {
        return String::from("a secret value");
    }
    let at = walk.fault_in(node.buffer).unwrap_or(node.local.start);
    match error.fault {
        Fault::Short => {
            if expected(node, path, Fault::Short).contains(" in all, ") {
                return count(frame.len(), "byte");
            }
            let from = node.local.start.saturating_add(node.prefix_len);
            let left = match node.local.end.saturating_sub(from) {
                0 => frame.len().saturating_sub(error.offset_in(frame).max(node.range.start)),
                left => left,
            };
            format!("{} left", count(left, "byte"))
        }
        Fault::Trailing => {
            let rest = frame.get(error.offset_in(frame)..).unwrap_or_default();
            format!("{}: {}", count(rest.len(), "byte"), hex(rest))
        }
        Fault::UnknownTag => tag_of(node, path).unwrap_or_default(),
        Fault::Depth => String::new(),
        Fault::Length if error.field == DecodeError::WHOLE => count(frame.len(), "byte"),
        Fault::Checksum | Fault::Invalid | Fault::Length | Fault::Count | Fault::Magic
            if node.children.is_empty() && !node.raw.is_empty() && node.bits.is_none() =>
        {
            hex_value(node)
        }
        _ if node.bits.is_some() => render::value(node),
        _ => {
            let buffer = walk.buffers.get(node.buffer);
            let whole = buffer.map_or(0, |buffer| buffer.bytes.len());
            let end = if node.local.contains(&at) { node.local.end } else { whole };
            let rest = buffer.and_then(|buffer| buffer.bytes.get(at..end)).unwrap_or_default();
            hex(rest.get(..rest.len().min(8)).unwrap_or_default())
        }
    }
}

fn prefixed(node: &Node) -> Option<String> {
    if node.prefix_len == 0 {
        return None;
    }
    let prefix = node.raw.get(..node.prefix_len)?;
    let bound = node.field?.bounds.iter().find_map(|bound| match bound {
        Bound::Prefix(counter) => Some(*counter),
        _ => None,
    })?;
    let (number, _) = value::counter(prefix, bound, node.endian)?;
    Some(format!("{}, as its length says", count(usize::try_from(number).ok()?, "byte")))
}

/// `23 bytes in all, as length says`.
fn spanned(node: &Node, path: &[&Node]) -> Option<String> {
    let parent = path.iter().rev().nth(1)?;
    let index = node.index?;
    let fields = parent_fields(parent)?;
    fields.relations.iter().find_map(|relation| {
        let RelationKind::Length { over, .. } = relation.kind else { return None };
        let covers = match over.end {
            Edge::Type => true,
            Edge::Before(last) => index < last,
            Edge::After(last) => index <= last,
        };
        let holder = relate::child(parent, relation.holder.field)?.find(relation.holder.path)?;
        let Some(Remark::Says(says)) = &holder.remark else { return None };
        covers.then(|| format!("{} {says}, as `{}` says", render::value(holder), holder.name))
    })
}

fn magic(node: &Node) -> Option<Literal> {
    match node.field.map(|field| field.layout) {
        Some(Layout::Literal(literal)) => Some(literal),
        _ => node.magic.or(node.schema.and_then(|schema| schema.magic)),
    }
}

fn literal(literal: Literal) -> String {
    match literal {
        Literal::Bytes(bytes) => hex(bytes),
        Literal::Integer { value, bytes } => hex_number(value, bytes.into()),
    }
}

fn terminator(node: &Node) -> Option<&'static [u8]> {
    let bounds = node.field.map(|field| field.bounds).unwrap_or_default();
    let own = bounds.iter().find_map(|bound| match bound {
        Bound::Terminated(bytes) => Some(*bytes),
        _ => None,
    });
    own.or_else(|| Some(node.schema?.border?.end))
}

/// The tags of all variants, and where they stand.
fn tags(node: &Node) -> Option<String> {
    let variants = schema_of(node)?.variants();
    let mut text = String::from("one of");
    for (number, tag) in variants.iter().flat_map(|variant| variant.tags).enumerate() {
        if number == 8 {
            text.push_str(" …");
            break;
        }
        text.push(' ');
        text.push_str(&tagging(*tag));
    }
    Some(text)
}

fn schema_of(node: &Node) -> Option<&'static Schema> {
    node.schema.or(match node.field?.layout {
        Layout::Nested(of) => Some(of()),
        _ => None,
    })
}

fn tagging(tag: Tagging) -> String {
    match tag {
        Tagging::Value(value) => format!("{value:#x}"),
        Tagging::Range(first, last) => format!("{first:#x}..={last:#x}"),
        Tagging::Masked { mask, value } => format!("{value:#x} under {mask:#x}"),
        Tagging::Tuple(parts) => {
            let any = u64::MAX >> (64 - lane(u32::try_from(parts.len()).unwrap_or(u32::MAX)));
            let parts = parts.iter().map(|(first, last)| match (*first, *last) {
                (first, last) if first == last => format!("{first:#x}"),
                (0, last) if last == any => String::from("_"),
                (first, last) => format!("{first:#x}..={last:#x}"),
            });
            format!("({})", parts.collect::<alloc::vec::Vec<_>>().join(", "))
        }
    }
}

fn tag_of(node: &Node, path: &[&Node]) -> Option<String> {
    if let Some(Shape::Enum { source: TagSource::Own { bytes, .. }, .. }) =
        schema_of(node).map(|schema| schema.shape)
    {
        let bytes = node.raw.get(..bytes.into())?;
        let tag = bytes.iter().fold(0, |tag, byte| (tag << 8) | u64::from(*byte));
        return Some(shown(tag, 1));
    }
    let parent = path.iter().rev().nth(1)?;
    let index = node.index?;
    let fields = parent_fields(parent)?;
    let parts = relate::tag_parts(&fields, index, parent)?;
    Some(shown(of_parts(&parts)?, u32::try_from(parts.len()).ok()?))
}

fn parent_fields(parent: &Node) -> Option<crate::schema::Fields> {
    let schema = parent.schema?;
    if let Some(fields) = schema.fields() {
        return Some(*fields);
    }
    let variants = schema.variants();
    variants.iter().find(|variant| Some(variant.name) == parent.variant).map(|one| one.fields)
}

/// What the declaration allows.
fn allowed(node: &Node) -> String {
    let known = |variants: &[Variant]| {
        let names = variants.iter().flat_map(|one| one.tags).take(8).map(|tag| tagging(*tag));
        let names = names.collect::<alloc::vec::Vec<_>>();
        format!("one of {}", names.join(" "))
    };
    if let Some(Shape::Number { variants, .. }) = schema_of(node).map(|schema| schema.shape) {
        return known(variants);
    }
    let Some(field) = node.field else {
        return String::new();
    };
    if !field.valid.is_empty() {
        return String::from(field.valid);
    }
    if !field.fixed.is_empty() {
        return String::from(field.fixed);
    }
    if let [first, ..] = field.asserts {
        return String::from(*first);
    }
    match field.layout {
        Layout::Bool => String::from("0 or 1"),
        Layout::Bcd | Layout::Decimal => String::from("decimal digits"),
        _ => String::new(),
    }
}

fn limit(node: &Node, path: &[&Node]) -> String {
    let bounds = node.field.map(|field| field.bounds).unwrap_or_default();
    for bound in bounds {
        let (Bound::MaxCount(amount) | Bound::MaxLen(amount)) = bound else { continue };
        return match amount {
            Amount::Fixed(number) => format!("at most {number}"),
            Amount::Expression(text) => format!("at most {text}"),
        };
    }
    match &node.remark {
        Some(Remark::Says(text)) => text.clone(),
        _ => {
            let root = path.first().and_then(|root| root.schema?.border);
            match root {
                Some(border) if matches!(node.name, Name::Field(_)) => {
                    format!("a frame of {} to {} bytes", border.min_len, border.max_len)
                }
                _ => String::new(),
            }
        }
    }
}

fn hex_value(node: &Node) -> String {
    if let Some(number) = value::number(&node.value) {
        return hex_number(number.into(), node.local.len());
    }
    hex(&node.raw)
}

/// `0x00fb`: as wide as its bytes.
pub(super) fn hex_number(number: u128, bytes: usize) -> String {
    let width = bytes.saturating_mul(2).saturating_add(2);
    format!("{number:#0width$x}")
}

fn hex(bytes: &[u8]) -> String {
    let shown = bytes.get(..bytes.len().min(16)).unwrap_or_default();
    let text = crate::hex::print(shown);
    if shown.len() < bytes.len() { format!("{text} …") } else { text }
}

pub(super) fn count(number: usize, what: &str) -> String {
    let number_text = render::grouped(&number.to_string());
    if number == 1 { format!("1 {what}") } else { format!("{number_text} {what}s") }
}
