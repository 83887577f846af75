//! `none = -1`: what stands for `None` is a value that the wire can hold, in a place that is read.

use crate::check::Layout;
use crate::check::number::Values;
use crate::diagnostics::Diagnostics;
use crate::model::{
    Absence, Absent, Counter, Field, Integer, Kind, Presence, StepForm, Timestamp, Varint,
    VarintKind,
};

pub(super) fn check(layout: &Layout<'_>, diagnostics: &mut Diagnostics) {
    for field in &layout.fields.list {
        let Presence::Absent(absent) = field.presence else { continue };
        match absent.place {
            Absence::Value => value(field, absent, diagnostics),
            Absence::Prefix => prefix(field, absent, diagnostics),
            Absence::Held(holder) => {
                if let Some(holder) = layout.fields.list.get(holder)
                    && let Some(values) = Values::of(holder)
                {
                    judge(holder, absent, &values, diagnostics);
                }
            }
        }
    }
}

/// `none` on a plain value.
fn value(field: &Field, absent: Absent, diagnostics: &mut Diagnostics) {
    if field.marks.is_spoiled() {
        return;
    }
    let span = field.at("none");
    if field.auto {
        let message = "a derived value is always there; remove `none`, or write the plain integer";
        return diagnostics.error(span, message);
    }
    if !field.optional {
        let ty = super::fit::text_of(&field.ty);
        let message = format!("a field with `none` may be absent; write `Option<{ty}>`");
        return diagnostics.error(span, message);
    }
    if let Kind::Varint(Varint { kind: VarintKind::Steps(forms), .. }) = &field.kind {
        return marker(field, absent, forms, diagnostics);
    }
    let values = match &field.kind {
        Kind::Scaled { wire, .. } => of_wire(*wire),
        Kind::Time(Timestamp::UnixSeconds(wire) | Timestamp::UnixMilliseconds(wire)) => {
            of_wire(*wire)
        }
        Kind::Bits { .. } => return,
        _ => Values::of(field),
    };
    match values {
        Some(values) => judge(field, absent, &values, diagnostics),
        None => {
            let message = "`none` is a number in place of the value, or of the `prefix` before it; \
                           write `prefix = i32, none = -1`, or `length_of = .., none = -1` on the \
                           field that holds the length";
            diagnostics.error(span, message);
        }
    }
}

/// `none` beside `prefix` and `count_prefix`.
fn prefix(field: &Field, absent: Absent, diagnostics: &mut Diagnostics) {
    if !field.optional && !field.marks.is_spoiled() {
        let ty = super::fit::text_of(&field.ty);
        let message = format!("a field with `none` may be absent; write `Option<{ty}>`");
        return diagnostics.error(field.at("none"), message);
    }
    for key in ["pad_before", "align"] {
        if let Some(span) = field.marks.at(key) {
            let message = format!("`{key}` pads what may be absent; write a `()` field before it");
            diagnostics.error(span, message);
        }
    }
    let counter = field.bound.prefix.as_ref().or(field.bound.count_prefix.as_ref());
    if let Some(Counter::Varint(VarintKind::Steps(forms))) = counter {
        marker(field, absent, forms, diagnostics);
    }
    if let Some(Counter::Integer(integer)) = counter
        && let Some(values) = of_wire(*integer)
    {
        judge(field, absent, &values, diagnostics);
    }
}

/// Among steps, what stands for `None` is a marker that stands for no integer.
fn marker(field: &Field, absent: Absent, forms: &[StepForm], diagnostics: &mut Diagnostics) {
    let free = |form: &StepForm| form.bytes == 0 && i128::from(form.marker) == absent.value;
    if !forms.iter().any(free) && !field.marks.is_spoiled() {
        let message = format!(
            "{:#04x} stands for an integer; add `{:#04x} => _` to the steps, so that it stands for \
             nothing else",
            absent.value, absent.value
        );
        diagnostics.error(field.at("none"), message);
    }
}

fn of_wire(wire: Integer) -> Option<Values> {
    Values::of_integer(wire, format!("{} bits", wire.bytes * 8))
}

fn judge(at: &Field, absent: Absent, values: &Values, diagnostics: &mut Diagnostics) {
    if !values.contain(absent.value) {
        let (none, name, min, max) = (absent.value, &values.name, values.min, values.max);
        let hint = match none < 0 && min == 0 {
            true => format!("a signed integer, or `none = {max}`"),
            false => format!("{min} to {max}"),
        };
        let message = format!("{none} does not fit in {name}; write {hint}");
        diagnostics.error(at.at("none"), message);
    }
}
