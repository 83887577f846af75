//! What a macro sees of the size of a field: its type's name, its keys, its relations.

use crate::literal;
use crate::model::{
    BitValue, BytesKind, Edge, Field, FieldSpan, Fields, Kind, Relation, RelationKind,
};

/// How far a field reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Always the same, and the macro knows that.
    Fixed,
    /// Another type decides; constants judge it.
    Nested,
    /// It varies, within a bound of a few bytes that its type gives.
    Bounded,
    /// It varies, and says itself where it ends.
    Variable,
    /// It takes what is left.
    Elastic,
}

/// The extent of `field`, one of `fields`.
pub(crate) fn extent(fields: &Fields, field: &Field) -> Extent {
    let own = of_value(fields, field);
    let always = field.is_always() && field.gate.is_none();
    match own {
        Extent::Fixed if !always => Extent::Bounded,
        Extent::Nested if !always => Extent::Variable,
        own => own,
    }
}

fn of_value(fields: &Fields, field: &Field) -> Extent {
    let bound = &field.bound;
    if field.is_tag {
        return Extent::Fixed;
    }
    let says = bound.prefix.is_some()
        || bound.count_prefix.is_some()
        || bound.count.is_some()
        || bound.until.is_some()
        || bound.terminated.is_some()
        || measured(fields, field);
    match &field.kind {
        Kind::Bits { value: BitValue::Steps { .. }, .. } => Extent::Bounded,
        Kind::Integer(_)
        | Kind::Float { .. }
        | Kind::Bool
        | Kind::Bits { .. }
        | Kind::Scaled { .. }
        | Kind::Time(_)
        | Kind::Flags { .. }
        | Kind::Nothing
        | Kind::Bytes(BytesKind::Array) => Extent::Fixed,
        Kind::Literal(_) if bound.prefix.is_none() => Extent::Fixed,
        Kind::Literal(_) | Kind::Varint(_) | Kind::Sized { .. } => Extent::Bounded,
        _ if literal_size(field) => Extent::Fixed,
        _ if says || bound.size.is_some() => Extent::Variable,
        _ if bound.rest => Extent::Elastic,
        Kind::Nested | Kind::With { .. } | Kind::Map { .. } => Extent::Nested,
        _ => Extent::Elastic,
    }
}

/// `size = 8`.
fn literal_size(field: &Field) -> bool {
    field.bound.size.as_ref().is_some_and(|size| literal::evaluate(size).is_some())
}

/// A length or a count elsewhere bounds exactly this field.
pub(crate) fn measured(fields: &Fields, field: &Field) -> bool {
    fields.relations.iter().any(|relation| match &relation.kind {
        RelationKind::Length { over, .. } => covers_only(*over, field.index),
        RelationKind::Count { list } => *list == field.index,
        _ => false,
    })
}

pub(crate) fn covers_only(over: FieldSpan, field: usize) -> bool {
    over.start == Edge::Before(field) && over.end == Edge::After(field)
}

/// The indices of the fields in `span`: from the first, up to and without the second.
pub(crate) fn range(span: FieldSpan, count: usize) -> (usize, usize) {
    let start = match span.start {
        Edge::Type => 0,
        Edge::Before(field) => field,
        Edge::After(field) => field + 1,
    };
    let end = match span.end {
        Edge::Type => count,
        Edge::Before(field) => field,
        Edge::After(field) => field + 1,
    };
    (start, end)
}

/// The narrowest length that covers `field` and more, and the indices that it covers.
pub(crate) fn enclosing<'f>(
    fields: &'f Fields,
    field: &Field,
) -> Option<(&'f Relation, (usize, usize))> {
    fields
        .relations
        .iter()
        .filter_map(|relation| match &relation.kind {
            RelationKind::Length { over, .. } if !covers_only(*over, field.index) => {
                let (start, end) = range(*over, fields.list.len());
                (start..end).contains(&field.index).then_some((relation, (start, end)))
            }
            _ => None,
        })
        .min_by_key(|(_, (start, end))| end - start)
}
