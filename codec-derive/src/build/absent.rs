//! `none = -1`: the value on the wire that stands for `None`.

use syn::Expr;

use crate::attribute::Given;
use crate::attribute::field::FieldKeys;
use crate::diagnostics::Diagnostics;
use crate::literal;
use crate::model::{Absence, Absent, Field, Presence, Relation, RelationKind};
use crate::size;

/// What the key says of its own field. On a length or a count it speaks of another one, which
/// [`resolve`] finds; until then the place is that of the value.
pub(crate) fn read(
    given: &Given<Expr>,
    keys: &FieldKeys,
    diagnostics: &mut Diagnostics,
) -> Presence {
    let value = literal::evaluate(&given.value);
    let Some(value) = value.filter(|value| literal::tag(*value).is_some()) else {
        let message = "`none` is an integer literal, such as `none = -1`";
        diagnostics.error_at(&given.value, message);
        return Presence::Always;
    };
    let prefix = keys.marks.has("prefix") || keys.marks.has("count_prefix");
    let place = if prefix { Absence::Prefix } else { Absence::Value };
    Presence::Absent(Absent { value, place })
}

/// `none` beside `length_of` or `count_of` says when the field that is described is there.
pub(crate) fn resolve(list: &mut [Field], relations: &[Relation], diagnostics: &mut Diagnostics) {
    for index in 0..list.len() {
        let Some((absent, span)) = list.get(index).and_then(|field| {
            let holds =
                !field.optional && (field.marks.has("length_of") || field.marks.has("count_of"));
            let absent = field.absent_in(Absence::Value).filter(|_| holds)?;
            Some((absent, field.at("none")))
        }) else {
            continue;
        };
        if let Some(field) = list.get_mut(index) {
            field.presence = Presence::Always;
        }
        let Some(target) = described(index, relations) else {
            if !list.iter().any(|field| field.marks.is_spoiled()) {
                let message = "`none` needs a length or a count of one field; write \
                               `length_of = field, none = ..`";
                diagnostics.error(span, message);
            }
            continue;
        };
        let Some(field) = list.get_mut(target) else { continue };
        let name = field.name();
        if !field.optional {
            let ty = crate::check::text_of(&field.ty);
            let message = format!("`none` says when `{name}` is absent; write `Option<{ty}>`");
            diagnostics.error_at(&field.ty, message);
        } else if !matches!(field.presence, Presence::Gate) || field.gate.is_some() {
            let message = format!("`{name}` says itself when it is there; remove `none`");
            diagnostics.error(span, message);
        } else {
            field.presence = Presence::Absent(Absent { place: Absence::Held(index), ..absent });
        }
    }
}

/// The one field that the length or count in `holder` describes.
fn described(holder: usize, relations: &[Relation]) -> Option<usize> {
    relations
        .iter()
        .filter(|one| one.holder.field == holder && one.holder.path.is_empty())
        .find_map(|relation| match relation.kind {
            RelationKind::Length { over, .. } => {
                let (start, end) = size::range(over, usize::MAX);
                (end == start + 1).then_some(start)
            }
            RelationKind::Count { list } => Some(list),
            _ => None,
        })
}
