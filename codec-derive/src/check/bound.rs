//! Where values end: each has an end, and at most one takes what is left.

use crate::check::Layout;
use crate::diagnostics::Diagnostics;
use crate::model::{Field, Fields, Kind, ProcessKind};
use crate::size::{self, Extent};

pub(super) fn check(layout: &Layout<'_>, diagnostics: &mut Diagnostics) {
    let fields = layout.fields;
    if !dangling(fields) {
        for field in &fields.list {
            if !endless(fields, field, diagnostics) {
                process(fields, field, diagnostics);
            }
        }
        elastic(fields, diagnostics);
    }
    for field in &fields.list {
        padding(field, diagnostics);
        inflate(field, diagnostics);
    }
}

/// A relation names no field: what seems to be missing may be that one.
pub(super) fn dangling(fields: &Fields) -> bool {
    let relates = |field: &Field| {
        ["length_of", "count_of", "length_in", "count_in"].iter().any(|key| field.marks.has(key))
    };
    fields.list.iter().any(|field| field.marks.is_spoiled() && relates(field))
}

/// Bytes, text or a list without an end.
fn endless(fields: &Fields, field: &Field, diagnostics: &mut Diagnostics) -> bool {
    let (what, ends) = match &field.kind {
        Kind::Bytes(_) => ("bytes need", "`prefix = u16`, `size = ..`, `length_in = ..` or `rest`"),
        Kind::Text(_) => (
            "text needs",
            "`prefix = u16`, `size = ..`, `terminated = 0`, `length_in = ..` or `rest`",
        ),
        Kind::List { .. } | Kind::Lazy { .. } => (
            "a list needs",
            "`count_prefix = u16`, `count = ..`, `count_in = ..`, `prefix = u16` or `rest`",
        ),
        Kind::Bcd { .. } => ("digits need", "`size = 6`, the number of bytes"),
        Kind::Minimal { .. } => ("an integer in the fewest bytes needs", "`prefix = u8`"),
        Kind::Decimal => ("a decimal needs", "`terminated = b\"\\r\\n\"` or `size = ..`"),
        _ => return false,
    };
    let ends_not = size::extent(fields, field) == Extent::Elastic
        && !field.bound.rest
        && !field.marks.is_spoiled();
    if ends_not {
        let name = field.name();
        let message = format!("nothing says where `{name}` ends; {what} {ends}");
        diagnostics.error(field.span, message);
    }
    ends_not
}

/// A transformed stretch is cut out first.
fn process(fields: &Fields, field: &Field, diagnostics: &mut Diagnostics) {
    if field.process.is_some()
        && matches!(size::extent(fields, field), Extent::Nested | Extent::Bounded)
        && !field.marks.is_spoiled()
    {
        let key = if field.marks.has("mask") { "mask" } else { "process" };
        let message = format!(
            "`{key}` works on a stretch that is cut out first; add `prefix = u16`, `size = ..`, \
             `length_in = ..` or `rest`"
        );
        diagnostics.error(field.at(key), message);
    }
}

/// What a peer inflates is bounded.
fn inflate(field: &Field, diagnostics: &mut Diagnostics) {
    if let Some(process) = &field.process
        && matches!(process.kind, ProcessKind::Zlib)
        && field.max_len.is_none()
        && !field.marks.is_spoiled()
    {
        let message = "a few bytes inflate to many; add `max_len = ..`, the most that you accept";
        diagnostics.error(field.at("process"), message);
    }
}

/// At most one field takes the rest; behind it only fields of fixed length stand.
fn elastic(fields: &Fields, diagnostics: &mut Diagnostics) {
    let mut told = Vec::new();
    for field in fields.list.iter().filter(|field| takes_rest(fields, field)) {
        let end = size::enclosing(fields, field).map_or(fields.list.len(), |(_, (_, end))| end);
        for behind in fields.list.iter().take(end).skip(field.index + 1) {
            if let Some(message) = misfit(fields, field, behind)
                && !told.contains(&behind.index)
                && !behind.marks.is_spoiled()
            {
                told.push(behind.index);
                diagnostics.error(behind.span, message);
            }
        }
    }
}

/// It says so itself; a field that lacks an end is reported for that.
fn takes_rest(fields: &Fields, field: &Field) -> bool {
    field.bound.rest && size::extent(fields, field) == Extent::Elastic
}

fn misfit(fields: &Fields, field: &Field, behind: &Field) -> Option<String> {
    let (name, other) = (field.name(), behind.name());
    match size::extent(fields, behind) {
        Extent::Fixed | Extent::Nested => None,
        Extent::Elastic if !takes_rest(fields, behind) => None,
        Extent::Elastic => Some(format!(
            "`{name}` takes the rest already; give `{other}` a length, such as `prefix = u16`, or \
             remove it"
        )),
        Extent::Bounded | Extent::Variable => Some(format!(
            "behind `{name}`, which takes the rest, only fields of fixed length stand; move \
             `{other}` before it, or give `{name}` a length"
        )),
    }
}

/// Padding is whole bytes, and a bit run has none inside.
fn padding(field: &Field, diagnostics: &mut Diagnostics) {
    if !matches!(field.kind, Kind::Bits { .. }) {
        return;
    }
    for key in ["pad_before", "pad_after", "align"] {
        if let Some(span) = field.marks.at(key) {
            let message = format!(
                "`{key}` counts bytes and does not fit between bits; write \
                 `#[wire(bits = n, reserved)]`"
            );
            diagnostics.error(span, message);
        }
    }
}
