//! Spans of fields.

use crate::check::Layout;
use crate::diagnostics::{Diagnostics, Reach};
use crate::model::{BitValue, Edge, Field, FieldSpan, Fields, Kind, Relation, RelationKind};
use crate::size::{self, Extent};

pub(super) fn check(layout: &Layout<'_>, diagnostics: &mut Diagnostics) {
    for relation in &layout.fields.relations {
        let Some(over) = over(relation) else { continue };
        let span = relation.span;
        if empty(layout.fields, over, span, diagnostics)
            || alone(layout, relation, over, diagnostics)
        {
            continue;
        }
        cut(layout.fields, over, span, diagnostics);
        own(layout.fields, relation, over, diagnostics);
        behind(layout.fields, relation, over, diagnostics);
    }
    crossing(layout.fields, diagnostics);
}

fn over(relation: &Relation) -> Option<FieldSpan> {
    match &relation.kind {
        RelationKind::Length { over, .. } | RelationKind::Checksum { over, .. } => Some(*over),
        _ => None,
    }
}

fn empty(fields: &Fields, over: FieldSpan, span: Reach, diagnostics: &mut Diagnostics) -> bool {
    let (start, end) = size::range(over, fields.list.len());
    if start < end {
        return false;
    }
    let message = "no field is in this span; write the field that stands first on the left, such \
                   as `first..=last`";
    diagnostics.error(span, message);
    true
}

/// `self`, or its own name: what describes only itself is always the same.
fn alone(
    layout: &Layout<'_>,
    relation: &Relation,
    over: FieldSpan,
    diagnostics: &mut Diagnostics,
) -> bool {
    let own = relation.holder.field;
    if over.start != Edge::Before(own)
        || over.end != Edge::After(own)
        || !relation.holder.path.is_empty()
    {
        return false;
    }
    let name = layout.fields.list.get(own).map(Field::name).unwrap_or_default();
    let whole = if layout.declaration.frame.is_some() { "frame" } else { "type" };
    let what = match relation.kind {
        RelationKind::Length { .. } => format!(
            "the length of itself tells nobody anything; write `..` for the whole {whole}, or the \
             fields that it measures"
        ),
        _ => format!(
            "a checksum of itself protects nothing; write `..self` for all before it, or `..` for \
             the whole {whole}"
        ),
    };
    diagnostics.error(relation.span, format!("`{name}` is this field alone, and {what}"));
    true
}

/// A run of bits is one integer: no span begins or ends inside.
fn cut(fields: &Fields, over: FieldSpan, span: Reach, diagnostics: &mut Diagnostics) {
    let (start, end) = size::range(over, fields.list.len());
    for run in &fields.runs {
        let inside = |edge: usize| run.first < edge && edge <= run.last;
        if inside(start) || inside(end) {
            let name = |index| fields.list.get(index).map(Field::name).unwrap_or_default();
            let (first, last) = (name(run.first), name(run.last));
            let message = format!(
                "the bits `{first}` to `{last}` are one integer, and this span cuts it; begin or \
                 end the span around all of them"
            );
            diagnostics.error(span, message);
        }
    }
}

/// Bits that go on behind their run do not know their own size before they are written.
fn own(fields: &Fields, relation: &Relation, over: FieldSpan, diagnostics: &mut Diagnostics) {
    let (start, end) = size::range(over, fields.list.len());
    let holder = relation.holder.field;
    let stepped = fields.list.get(holder).is_some_and(|field| {
        matches!(field.kind, Kind::Bits { value: BitValue::Steps { .. }, .. })
    });
    if stepped && (start..end).contains(&holder) {
        let message = "this length goes on behind its bits, so it cannot count itself; begin its \
                       span behind it";
        diagnostics.error(relation.span, message);
    }
}

/// A length stands before what only it can bound.
fn behind(fields: &Fields, relation: &Relation, over: FieldSpan, diagnostics: &mut Diagnostics) {
    if !matches!(relation.kind, RelationKind::Length { .. }) {
        return;
    }
    let (start, end) = size::range(over, fields.list.len());
    let holder = relation.holder.field;
    let alone = end - start == 1;
    let needy = fields
        .list
        .iter()
        .take(end.min(holder))
        .skip(start)
        .find(|field| alone || size::extent(fields, field) == Extent::Elastic);
    if let Some(field) = needy {
        let name = field.name();
        let message = format!(
            "this length stands behind `{name}`, so it cannot say where `{name}` ends; move it \
             before `{name}`"
        );
        diagnostics.error(relation.span, message);
    }
}

/// Two lengths nest or lie apart.
fn crossing(fields: &Fields, diagnostics: &mut Diagnostics) {
    let lengths: Vec<(&Relation, (usize, usize))> = fields
        .relations
        .iter()
        .filter_map(|relation| match &relation.kind {
            RelationKind::Length { over, .. } => {
                Some((relation, size::range(*over, fields.list.len())))
            }
            _ => None,
        })
        .collect();
    for (index, (relation, (start, end))) in lengths.iter().enumerate() {
        for (_, (other_start, other_end)) in lengths.iter().take(index) {
            let apart = end <= other_start || other_end <= start;
            let within = (start >= other_start && end <= other_end)
                || (other_start >= start && other_end <= end);
            if !apart && !within {
                let message = "this span and another length's cross; let one hold the other, or \
                               let them lie apart";
                diagnostics.error(relation.span, message);
            }
        }
    }
}
