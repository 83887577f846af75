//! What relations say about the fields that hold them.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use super::node::{Name, Node, Remark, Value};
use super::value;
use super::walk::{Cursor, Walk};
use crate::schema::{Edge, Field, Fields, Place, Relation, RelationKind, Span};

/// Puts remarks on all fields of `node` that hold a relation.
pub(super) fn apply(
    walk: &Walk,
    fields: &Fields,
    cursor: Cursor,
    type_start: usize,
    node: &mut Node,
) {
    for relation in fields.relations {
        if let Some(remark) = remark(walk, relation, fields, cursor, type_start, node)
            && let Some(holder) = holder_mut(node, relation.holder)
            && !holder.is_secret()
            && !holder.partial
        {
            if let (Remark::Right(_) | Remark::Wrong { .. }, Value::Unsigned(number)) =
                (&remark, &holder.value)
            {
                holder.value = Value::Hexadecimal(*number);
            }
            holder.remark = Some(remark);
        }
    }
}

/// The tag of the enum with this index, as the fields before it say it, part by part.
pub(super) fn tag_parts(fields: &Fields, index: u16, node: &Node) -> Option<Vec<u64>> {
    let says = |one: &&Relation| matches!(one.kind, RelationKind::Tag(target) if target == index);
    let parts = fields.relations.iter().filter(says).map(|relation| {
        let holder = child(node, relation.holder.field)?.find(relation.holder.path)?;
        value::number(&holder.value)
    });
    let parts = parts.collect::<Option<Vec<u64>>>()?;
    (!parts.is_empty()).then_some(parts)
}

fn remark(
    walk: &Walk,
    relation: &Relation,
    fields: &Fields,
    cursor: Cursor,
    type_start: usize,
    node: &Node,
) -> Option<Remark> {
    let name = |index: u16| fields.list.get(usize::from(index)).map(|field| field.name);
    match relation.kind {
        RelationKind::Length { over, bias, unit } => {
            let what = describe(over, fields)?;
            let unit = if unit == 1 { String::new() } else { format!(", in units of {unit}") };
            let bias = if bias == 0 { String::new() } else { format!(" {bias:+}") };
            Some(Remark::Says(format!("bytes {what}{bias}{unit}")))
        }
        RelationKind::Count(list) => Some(Remark::Says(format!("items of {}", name(list)?))),
        RelationKind::PlainLength(target) => {
            Some(Remark::Says(format!("bytes of {} before they are processed", name(target)?)))
        }
        RelationKind::Tag(target) => child(node, target)?.variant.map(Remark::Chooses),
        RelationKind::Present(target) => {
            let holder = child(node, relation.holder.field)?.find(relation.holder.path)?;
            let is = if value::number(&holder.value)? == 0 { "is absent" } else { "is present" };
            Some(Remark::Says(format!("{} {is}", name(target)?)))
        }
        RelationKind::Checksum { algorithm, over, compute, .. } => {
            let holder = child(node, relation.holder.field)?;
            let found = value::number(&holder.value)?;
            let start = edge(over.start, node, type_start)?;
            let end = edge(over.end, node, cursor.at)?;
            let mut span = walk.share(cursor.buffer, start..end).to_vec();
            blank(&mut span, start, &holder.local);
            let expected = compute?(&span, cursor.endian);
            if expected == found {
                return Some(Remark::Right(algorithm));
            }
            Some(Remark::Wrong { algorithm, expected, width: holder.local.len() })
        }
    }
}

/// Where a field must end by the lengths before it, in the buffer of its type: what is known of an
/// open field whose end the parser did not note.
pub(super) fn limit(fields: &Fields, index: u16, node: &Node, type_start: usize) -> Option<usize> {
    let ends = fields.relations.iter().filter_map(|relation| {
        let RelationKind::Length { over, bias, unit } = relation.kind else { return None };
        let holder = child(node, relation.holder.field)?.find(relation.holder.path)?;
        let value = i128::from(value::number(&holder.value)?);
        let bytes = value.checked_mul(unit.into())?.checked_sub(bias.into())?;
        let behind = match over.end {
            Edge::After(last) if last == index => 0,
            Edge::Type => behind(fields, index)?,
            _ => return None,
        };
        let start = match over.start {
            Edge::Before(first) if first == index => {
                node.children.last().map_or(type_start, |last| last.local.end)
            }
            start => edge(start, node, type_start)?,
        };
        start.checked_add(usize::try_from(bytes).ok()?)?.checked_sub(behind)
    });
    ends.min()
}

/// Bytes of the fields behind this one, where they are fixed.
fn behind(fields: &Fields, index: u16) -> Option<usize> {
    let rest = fields.list.get(usize::from(index).saturating_add(1)..)?;
    rest.iter().map(Field::fixed_len).sum()
}

/// Inside its own span a checksum counts as zeros.
fn blank(span: &mut [u8], start: usize, hole: &Range<usize>) {
    let from = hole.start.saturating_sub(start);
    let to = hole.end.saturating_sub(start);
    if hole.start >= start
        && let Some(part) = span.get_mut(from..to)
    {
        part.fill(0);
    }
}

/// The field with this number.
pub(super) fn child(node: &Node, index: u16) -> Option<&Node> {
    node.children.iter().find(|child| child.index == Some(index))
}

fn holder_mut(node: &mut Node, place: Place) -> Option<&mut Node> {
    let own = |child: &&mut Node| child.index == Some(place.field);
    let mut holder = node.children.iter_mut().find(own)?;
    for name in place.path {
        let named = |child: &&mut Node| child.name == Name::Field(name);
        holder = holder.children.iter_mut().find(named)?;
    }
    Some(holder)
}

/// The offset of an edge in the buffer of the type; of an absent field, where it would stand.
fn edge(edge: Edge, node: &Node, of_type: usize) -> Option<usize> {
    match edge {
        Edge::Type => Some(of_type),
        Edge::Before(index) => match child(node, index) {
            Some(child) => Some(child.local.start),
            None => following(node, index).or_else(|| preceding(node, index)),
        },
        Edge::After(index) => match child(node, index) {
            Some(child) => Some(child.local.end),
            None => preceding(node, index).or_else(|| following(node, index)),
        },
    }
}

fn following(node: &Node, index: u16) -> Option<usize> {
    let behind = |child: &&Node| child.index.is_some_and(|number| number > index);
    node.children.iter().find(behind).map(|child| child.local.start)
}

fn preceding(node: &Node, index: u16) -> Option<usize> {
    let before = |child: &&Node| child.index.is_some_and(|number| number < index);
    node.children.iter().rev().find(before).map(|child| child.local.end)
}

fn describe(span: Span, fields: &Fields) -> Option<String> {
    let name = |index: u16| fields.list.get(usize::from(index)).map(|field| field.name);
    Some(match (span.start, span.end) {
        (Edge::Type, Edge::Type) => String::from("in all"),
        (Edge::Before(first), Edge::After(last)) if first == last => {
            format!("of {}", name(first)?)
        }
        (Edge::Type, Edge::Before(last)) => format!("before {}", name(last)?),
        (Edge::Type, Edge::After(last)) => format!("up to {}", name(last)?),
        (Edge::After(first), Edge::Type) => format!("after {}", name(first)?),
        (Edge::Before(first), Edge::Type) => format!("from {}", name(first)?),
        (Edge::Before(first), Edge::After(last)) => {
            format!("from {} to {}", name(first)?, name(last)?)
        }
        (Edge::Before(first), Edge::Before(last)) => {
            format!("from {} up to {}", name(first)?, name(last)?)
        }
        (Edge::After(first), Edge::Before(last)) => {
            format!("between {} and {}", name(first)?, name(last)?)
        }
        (Edge::After(first), Edge::After(last)) => {
            format!("after {} to {}", name(first)?, name(last)?)
        }
    })
}
