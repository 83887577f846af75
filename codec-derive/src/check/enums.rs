//! Enums: where the tag is, and what `other` keeps.

use syn::Type;

use crate::diagnostics::Diagnostics;
use crate::model::{Declaration, Derive, Enum, Field, Kind, Number, TagSource, Tagging, Variant};
use crate::shape::{self, Shape};

pub(super) fn check(declaration: &Declaration, data: &Enum, diagnostics: &mut Diagnostics) {
    empty(declaration, &data.variants, diagnostics);
    outer_frame(declaration, data, diagnostics);
    others(&data.variants, diagnostics);
    for variant in &data.variants {
        tag_fields(data, variant, diagnostics);
        other_keeps_tag(data, variant, diagnostics);
    }
}

/// `#[repr(uN)]` enums that are numbers.
pub(super) fn number(number: &Number, diagnostics: &mut Diagnostics) {
    others(&number.variants, diagnostics);
    for variant in &number.variants {
        if !matches!(variant.tagging, Tagging::Other) {
            continue;
        }
        let bits = usize::try_from(number.bits).unwrap_or(64);
        let sign = if number.signed { 'i' } else { 'u' };
        let holds = |field: &Field| match &field.kind {
            Kind::Integer(integer) => integer.bytes * 8 == bits && integer.signed == number.signed,
            _ => false,
        };
        match variant.fields.list.as_slice() {
            [field] if field.is_tag && holds(field) => {}
            [field] if field.is_tag => {
                let message =
                    format!("the unknown value has the type of the `repr`; write `{sign}{bits}`");
                diagnostics.error_at(&field.ty, message);
            }
            _ => {
                let name = &variant.name;
                let message = format!(
                    "unknown values would be lost; write `{name}(#[wire(tag)] {sign}{bits})`"
                );
                diagnostics.error(name.span(), message);
            }
        }
    }
}

fn empty(declaration: &Declaration, variants: &[Variant], diagnostics: &mut Diagnostics) {
    if variants.is_empty() {
        let message = "an enum without variants has no layout; add a variant";
        diagnostics.error(declaration.name.span(), message);
    }
}

/// A frame has no parent that could hold its tag.
fn outer_frame(declaration: &Declaration, data: &Enum, diagnostics: &mut Diagnostics) {
    if declaration.derive == Derive::Frame
        && matches!(data.source, TagSource::Outer)
        && !data.variants.is_empty()
    {
        let message = "nothing outside of a frame holds its tag; write `#[wire(tag = peek(u8))]`, \
                       `#[wire(tag = of(expr))]` or `#[repr(u8)]`, or derive `Wire` and put the \
                       enum into a frame";
        diagnostics.error(declaration.name.span(), message);
    }
}

fn others(variants: &[Variant], diagnostics: &mut Diagnostics) {
    let others = variants.iter().filter(|variant| matches!(variant.tagging, Tagging::Other));
    for second in others.skip(1) {
        let span = second.marks.at("other").unwrap_or_else(|| second.name.span());
        diagnostics.error(span, "another variant is `other` already; keep one of them");
    }
}

/// A peeked tag is not consumed: the layout of the variant holds those bytes.
fn tag_fields(data: &Enum, variant: &Variant, diagnostics: &mut Diagnostics) {
    let mut fields = variant.fields.list.iter().filter(|field| field.is_tag);
    let Some(first) = fields.next() else { return };
    for second in fields {
        diagnostics
            .error(second.at("tag"), "another field holds the tag already; keep one of them");
    }
    if matches!(data.source, TagSource::Peek(_)) {
        let message = "a peeked tag is not consumed, so the variant reads those bytes itself; \
                       remove `tag`";
        diagnostics.error(first.at("tag"), message);
    }
    let parts = match &first.inner {
        Type::Tuple(tuple) => tuple.elems.len(),
        _ => 1,
    };
    let integer = matches!(shape::of(&first.inner), Shape::Integer(_) | Shape::Bool | Shape::Other);
    if parts != data.parts && parts > 0 {
        let message = match data.parts {
            1 => "the tags have 1 part; write an integer, such as `u16`".to_owned(),
            parts => format!(
                "the tags have {parts} parts; write a tuple of {parts} integers, such as `{}`",
                tuple_of(parts),
            ),
        };
        diagnostics.error_at(&first.ty, message);
    } else if !integer && !first.marks.is_spoiled() {
        diagnostics.error_at(&first.ty, "a tag is an integer; write `u16`, or the type of the tag");
    }
}

/// What is unknown is kept, its tag included.
fn other_keeps_tag(data: &Enum, variant: &Variant, diagnostics: &mut Diagnostics) {
    let consumed = matches!(data.source, TagSource::Outer | TagSource::Own(_));
    let keeps = variant.fields.list.iter().any(|field| field.is_tag || field.marks.is_spoiled());
    if consumed && !keeps && matches!(variant.tagging, Tagging::Other) {
        let name = &variant.name;
        let ty = if data.parts > 1 { tuple_of(data.parts) } else { "u16".to_owned() };
        let message = format!(
            "the unknown tag would be lost; write `{name} {{ #[wire(tag)] tag: {ty}, #[wire(rest)] \
             raw: Bytes }}`"
        );
        diagnostics.error(name.span(), message);
    }
}

fn tuple_of(parts: usize) -> String {
    format!("({})", vec!["u16"; parts].join(", "))
}
