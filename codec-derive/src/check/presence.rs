//! `Option`: when is it there?

use crate::check::{Layout, Owner};
use crate::diagnostics::Diagnostics;
use crate::model::{Field, Kind, Presence};

pub(super) fn check(layout: &Layout<'_>, diagnostics: &mut Diagnostics) {
    for field in &layout.fields.list {
        condition(field, diagnostics);
        option(field, diagnostics);
        whole(layout, field, diagnostics);
    }
}

/// A condition on a field that is always there.
fn condition(field: &Field, diagnostics: &mut Diagnostics) {
    if field.optional {
        return;
    }
    for key in ["present_in", "present_if", "when", "version", "dialect"] {
        if let Some(span) = field.marks.at(key) {
            let ty = super::fit::text_of(&field.ty);
            let message = format!("a field with `{key}` may be absent; write `Option<{ty}>`");
            diagnostics.error(span, message);
        }
    }
}

fn option(field: &Field, diagnostics: &mut Diagnostics) {
    let says = ["present_in", "present_if", "when", "version", "dialect", "with", "none"];
    let described = matches!(field.presence, Presence::Absent(_));
    if field.optional
        && !field.auto
        && !described
        && !field.marks.is_spoiled()
        && !says.iter().any(|key| field.marks.has(key))
    {
        let message = "nothing says when this `Option` is there; write `present_in = flag`, \
                       `present_if = condition`, `none = -1`, `version = ..` or `dialect = ..`";
        diagnostics.error_at(&field.ty, message);
    }
}

/// Bits are always there: the run is one integer.
fn whole(layout: &Layout<'_>, field: &Field, diagnostics: &mut Diagnostics) {
    let bits = matches!(field.kind, Kind::Bits { .. }) || matches!(layout.owner, Owner::Bitfield);
    if field.optional && bits && !matches!(field.presence, Presence::Always) {
        let message = "bits are always there; write the plain type, and read it where it counts";
        diagnostics.error_at(&field.ty, message);
    }
}
