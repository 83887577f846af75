//! `with = module(whole)`: the frame that it is handed has begun, and its lengths are not foretold.

use crate::check::Layout;
use crate::diagnostics::Diagnostics;
use crate::model::{Counter, Field, Kind, Relation, RelationKind};
use crate::size;

pub(super) fn check(layout: &Layout<'_>, diagnostics: &mut Diagnostics) {
    let fields = &layout.fields.list;
    for field in fields.iter().filter(|field| matches!(field.kind, Kind::With { whole: true, .. }))
    {
        begun(layout, field, diagnostics);
        foretold(layout, field, diagnostics);
    }
}

/// The frame begins behind its length field.
fn begun(layout: &Layout<'_>, field: &Field, diagnostics: &mut Diagnostics) {
    let holder = lengths(layout).map(|relation| relation.holder.field).min();
    let Some(holder) = holder.and_then(|index| layout.fields.list.get(index)) else { return };
    if layout.declaration.frame.is_some() && field.index < holder.index {
        let message = format!(
            "the frame that `whole` stands for begins behind its length, `{}`; move this field \
             there, or write `with = ..` without `(whole)`",
            holder.name(),
        );
        diagnostics.error(field.at("with"), message);
    }
}

/// What the field takes depends on where it stands, so no length of it is known before.
fn foretold(layout: &Layout<'_>, field: &Field, diagnostics: &mut Diagnostics) {
    if let Some(Counter::Varint(_)) = field.bound.prefix
        && layout.declaration.frame.is_none()
    {
        let message = "how many bytes `with = ..(whole)` writes depends on what stands before it, \
                       so its length cannot be a varint; write `prefix = u16`";
        diagnostics.error(field.at("prefix"), message);
    }
    for relation in lengths(layout) {
        let RelationKind::Length { over, .. } = relation.kind else { continue };
        let (start, end) = size::range(over, layout.fields.list.len());
        let Some(holder) = layout.fields.list.get(relation.holder.field) else { continue };
        let patched = matches!(holder.kind, Kind::Integer(_)) && relation.holder.path.is_empty();
        if (start..end).contains(&field.index) && !patched {
            let message = format!(
                "how many bytes `with = ..(whole)` writes for `{}` depends on what stands before \
                 it, so this length is written last; write it as an integer of whole bytes in \
                 this type",
                field.name(),
            );
            diagnostics.error(relation.span, message);
        }
    }
}

fn lengths<'l>(layout: &'l Layout<'_>) -> impl Iterator<Item = &'l Relation> {
    let relations = layout.fields.relations.iter();
    relations.filter(|relation| matches!(relation.kind, RelationKind::Length { .. }))
}
