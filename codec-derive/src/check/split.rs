//! `split`: a frame's body that is sent in fragments.

use crate::check::{Layout, Owner};
use crate::diagnostics::Diagnostics;
use crate::literal;
use crate::model::{Derive, Field, Presence, Split};

pub(super) fn check(layout: &Layout<'_>, diagnostics: &mut Diagnostics) {
    let mut before: Option<&Field> = None;
    for field in &layout.fields.list {
        let (Some(split), Some(span)) = (&field.split, field.marks.at("split")) else { continue };
        if let Some(first) = before {
            let message = format!("`{}` is cut into fragments already", first.name());
            diagnostics.error(span, message);
        }
        before = Some(field);
        let frame = layout.declaration.derive == Derive::Frame;
        if !frame || !matches!(layout.owner, Owner::Struct) {
            diagnostics.error(span, "only a struct that is a frame is sent in fragments");
        } else if field.optional {
            diagnostics.error(span, "what is cut into fragments is always there; remove `Option`");
        } else if layout.declaration.lifetime.is_some() {
            diagnostics.error(span, "a frame that borrows cannot be joined; use `Bytes`");
        } else if field.opaque_if.is_none() && !field.marks.is_spoiled() {
            let message =
                format!("a fragment is kept as bytes; add `opaque_if = {}.is_some()`", split.place);
            diagnostics.error(span, message);
        }
        place(layout, field, split, diagnostics);
        if literal::evaluate(&split.limit).is_some_and(|limit| limit < 1) {
            diagnostics.error_at(&split.limit, "a fragment holds at least one byte");
        }
    }
}

/// Only a fragment has a place.
fn place(layout: &Layout<'_>, field: &Field, split: &Split, diagnostics: &mut Diagnostics) {
    let name = &split.place;
    let earlier = layout.fields.list.iter().take(field.index).find(|one| one.local == *name);
    let message = match earlier {
        None => format!("no field before this one is called `{name}`"),
        Some(one) if matches!(one.presence, Presence::Always | Presence::Gate) => {
            format!(
                "only a fragment has a place: `{name}` is an `Option` with `present_in` or \
                     `present_if`"
            )
        }
        Some(_) => return,
    };
    diagnostics.error(name.span(), message);
}
