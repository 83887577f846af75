//! Numbers that do not fit where they are to stand.

use proc_macro2::Span;
use quote::ToTokens;
use syn::{Expr, ExprRange, RangeLimits};

use crate::build::count;
use crate::check::Layout;
use crate::check::fit::text_of;
use crate::diagnostics::Diagnostics;
use crate::literal;
use crate::model::{BitValue, Field, Integer, Kind, Overlong, StepForm, Valid, Varint, VarintKind};
use crate::shape::{self, Shape};

pub(super) fn check(layout: &Layout<'_>, diagnostics: &mut Diagnostics) {
    for field in &layout.fields.list {
        bits(field, diagnostics);
        wire(field, diagnostics);
        mantissa(field, diagnostics);
        varint(field, diagnostics);
        if (field.fixed.is_some() || field.valid.is_some())
            && let Some(values) = Values::of(field)
        {
            fixed(field, &values, diagnostics);
            valid(field, &values, diagnostics);
        }
        empty(field, diagnostics);
    }
}

/// `bits = 12` on a `u8`.
fn bits(field: &Field, diagnostics: &mut Diagnostics) {
    if let (Kind::Bits { width, .. }, Shape::Integer(integer)) =
        (&field.kind, shape::of(&field.inner))
        && usize::try_from(*width).is_ok_and(|width| width > integer.bytes * 8)
    {
        let ty = text_of(&field.inner);
        let message = format!("{width} bits do not fit in `{ty}`; write a wider integer");
        diagnostics.error(field.at("bits"), message);
    }
    if let (Kind::Bits { width: 2.., value: BitValue::Bool }, Some(span)) =
        (&field.kind, field.marks.at("bits"))
    {
        diagnostics.error(span, "a `bool` takes one bit; write `bits = 1`, or an integer");
    }
}

/// `as = u40` on a `u32`.
fn wire(field: &Field, diagnostics: &mut Diagnostics) {
    let (Kind::Integer(wire), Shape::Integer(own)) = (&field.kind, shape::of(&field.inner)) else {
        return;
    };
    let Some(span) = field.marks.at("as") else { return };
    let ty = text_of(&field.inner);
    if wire.bytes > own.bytes {
        let bits = wire.bytes * 8;
        let message = format!("{bits} bits do not fit in `{ty}`; write a wider integer");
        diagnostics.error(span, message);
    } else if wire.signed != own.signed {
        let sign = if own.signed { 'i' } else { 'u' };
        let bits = wire.bytes * 8;
        let message = format!("`{ty}` and its form differ in sign; write `as = {sign}{bits}`");
        diagnostics.error(span, message);
    }
}

/// The raw integer must survive in the float.
fn mantissa(field: &Field, diagnostics: &mut Diagnostics) {
    let Kind::Scaled { wire, float, .. } = &field.kind else { return };
    let holds = if *float == 4 { 24 } else { 53 };
    let bits = wire.bytes * 8 - usize::from(wire.signed);
    if bits > holds && field.marks.has("as") {
        let message = if *float == 4 && bits <= 53 {
            format!("an `f32` holds {holds} bits exactly, not {bits}; write `f64`")
        } else {
            format!("a float holds {holds} bits exactly, not {bits}; write a narrower integer")
        };
        diagnostics.error(field.at("as"), message);
    }
}

/// Some forms are for signed integers only, others for unsigned ones.
fn varint(field: &Field, diagnostics: &mut Diagnostics) {
    padded(field, diagnostics);
    let (Kind::Varint(varint), Shape::Integer(own)) = (&field.kind, shape::of(field.integer()))
    else {
        return;
    };
    let message = match (&varint.kind, own.signed) {
        (VarintKind::Zigzag, false) => "`zigzag` is for signed integers; write `leb128`, or `i32`",
        (VarintKind::Vlq, true) => "`vlq` is for unsigned integers; write `zigzag`, or `u32`",
        (VarintKind::Steps(_), true) => "`steps` is for unsigned integers; write `u32`",
        (VarintKind::Ber, true) => "`ber` is a length, which is unsigned; write `u32`",
        _ => return,
    };
    diagnostics.error(field.at("varint"), message);
}

/// What keeps its length has a place for it, and nothing that computes it.
fn padded(field: &Field, diagnostics: &mut Diagnostics) {
    let keeps = field.marks.at("overlong").filter(|_| {
        let stepped = matches!(
            field.kind,
            Kind::Bits { value: BitValue::Steps { overlong: Overlong::Keep, .. }, .. }
        );
        field.is_padded() || stepped
    });
    let inside = shape::inside(&field.inner, "Padded");
    let Some(span) = keeps else {
        if inside.is_some() && !field.marks.is_spoiled() {
            let message = "a `Padded` keeps the length of a varint; write `varint = leb128, overlong \
                           = keep`";
            diagnostics.error_at(&field.inner, message);
        }
        return;
    };
    let integer = |ty| matches!(shape::of(ty), Shape::Integer(_));
    let message = match &field.kind {
        Kind::Bits { .. } => {
            "the form is chosen in bits, which are not kept; write `overlong = \
                              accept`"
        }
        Kind::Varint(Varint { kind: VarintKind::Path(_), .. }) => {
            "how long a number of your own module may be is not known here; keep the length in its \
             type"
        }
        _ if field.auto => {
            "a derived value is written in its shortest form; write `overlong = accept`"
        }
        _ if !inside.is_some_and(integer) => {
            "nothing keeps the length; write `Padded<u32>`, or another integer in it"
        }
        _ => return kept(field, span, diagnostics),
    };
    diagnostics.error(span, message);
}

/// What is fixed has one form, and in each length a number has one.
fn kept(field: &Field, span: Span, diagnostics: &mut Diagnostics) {
    if let Some(expr) = &field.fixed {
        let value = expr.to_token_stream();
        let message = format!("a fixed number has one form to keep; write `valid = {value}`");
        diagnostics.error_at(expr, message);
    }
    let Kind::Varint(Varint { kind: VarintKind::Steps(forms), .. }) = &field.kind else { return };
    let overlaps = |(index, form): &(usize, &StepForm)| {
        let long = forms.iter().take(*index).any(|before| before.bytes >= form.bytes);
        long && form.bytes > 0 && form.add < form.least
    };
    if let Some((_, form)) = forms.iter().enumerate().find(overlaps) {
        let (marker, least) = (form.marker, form.least);
        let message = format!(
            "the step {marker:#04x} is no longer than one before it and has its numbers too, so the \
             length does not tell them apart; add `+ {least}` to it, or write `overlong = accept`"
        );
        diagnostics.error(span, message);
    }
}

/// `fixed = 300` on a `u8`.
fn fixed(field: &Field, values: &Values, diagnostics: &mut Diagnostics) {
    if let Some(expr) = &field.fixed {
        values.hold(expr, diagnostics);
    }
}

/// `valid = 1..=300` on a `u8`.
fn valid(field: &Field, values: &Values, diagnostics: &mut Diagnostics) {
    match &field.valid {
        Some(Valid::Pattern(Expr::Range(range))) => {
            for end in [&range.start, &range.end].into_iter().flatten() {
                let beyond = matches!(range.limits, RangeLimits::HalfOpen(_))
                    && literal::evaluate(end) == values.max.checked_add(1);
                if !beyond {
                    values.hold(end, diagnostics);
                }
            }
        }
        Some(Valid::Pattern(expr)) => values.hold(expr, diagnostics),
        _ => {}
    }
}

/// `valid = 5..1`.
fn empty(field: &Field, diagnostics: &mut Diagnostics) {
    if let Some(Valid::Pattern(Expr::Range(range))) = &field.valid
        && is_empty(range)
    {
        diagnostics.error_at(range, "no value is in this range; write the smaller end first");
    }
}

fn is_empty(range: &ExprRange) -> bool {
    let value = |end: &Option<Box<Expr>>| end.as_deref().and_then(literal::evaluate);
    match (value(&range.start), value(&range.end), &range.limits) {
        (Some(start), Some(end), RangeLimits::Closed(_)) => start > end,
        (Some(start), Some(end), RangeLimits::HalfOpen(_)) => start >= end,
        _ => false,
    }
}

/// The values that a field can hold on the wire.
pub(super) struct Values {
    pub(super) min: i128,
    pub(super) max: i128,
    pub(super) name: String,
}

impl Values {
    pub(super) fn of(field: &Field) -> Option<Self> {
        match &field.kind {
            Kind::Integer(integer) => {
                let name = match field.marks.has("as") {
                    true => format!("{} bits", integer.bytes * 8),
                    false => format!("`{}`", text_of(&field.inner)),
                };
                Self::of_integer(*integer, name)
            }
            Kind::Bits { width, value: BitValue::Integer { signed } } => {
                Some(Self::of_bits(*width, *signed, count(*width)))
            }
            Kind::Bits { value: BitValue::Steps { .. }, .. }
            | Kind::Varint(_)
            | Kind::Sized { .. }
            | Kind::Minimal { .. }
            | Kind::Decimal
            | Kind::Bcd { digits: false, .. } => {
                let Shape::Integer(integer) = shape::of(&field.inner) else { return None };
                Self::of_integer(integer, format!("`{}`", text_of(&field.inner)))
            }
            _ => None,
        }
    }

    pub(super) fn of_integer(integer: Integer, name: String) -> Option<Self> {
        let bits = u32::try_from(integer.bytes * 8).ok().filter(|bits| *bits < 127)?;
        Some(Self::of_bits(bits, integer.signed, name))
    }

    fn of_bits(bits: u32, signed: bool, name: String) -> Self {
        let count = 1_i128 << bits.min(126);
        match signed {
            true => Self { min: -(count / 2), max: count / 2 - 1, name },
            false => Self { min: 0, max: count - 1, name },
        }
    }

    pub(super) fn contain(&self, value: i128) -> bool {
        (self.min..=self.max).contains(&value)
    }

    fn hold(&self, expr: &Expr, diagnostics: &mut Diagnostics) {
        if let Some(value) = literal::evaluate(expr)
            && !self.contain(value)
        {
            let (name, min, max) = (&self.name, self.min, self.max);
            let message = format!("{value} does not fit in {name}; write {min} to {max}");
            diagnostics.error_at(expr, message);
        }
    }
}
