//! Enums: where the tag comes from, and what each variant's tag is.

use syn::spanned::Spanned;
use syn::{DataEnum, Expr, Type};

use crate::attribute;
use crate::attribute::container::{Container, TagSyntax};
use crate::attribute::value;
use crate::attribute::variant::{
    self as keys, AlternativeSyntax, PartSyntax, VariantKeys, VariantTag,
};
use crate::build::fields;
use crate::diagnostics::{Diagnostics, Reach};
use crate::model::{
    Alternative, BitOrder, Body, Enum, Integer, Number, Part, TagSource, Tagging, Variant,
};
use crate::{literal, shape};

/// An enum of layouts, or a number.
pub(crate) fn body(
    data: &DataEnum,
    repr: Option<Type>,
    order: BitOrder,
    container: &mut Container,
    diagnostics: &mut Diagnostics,
) -> Body {
    let own = repr.as_ref().and_then(shape::integer_of);
    let tag = container.tag.take().map(|given| given.value);
    let mut numbers = own.is_some();
    let mut next = Some(0);
    let mut variants = Vec::new();
    for (index, variant) in data.variants.iter().enumerate() {
        let mut keys = keys::read(&variant.attrs, diagnostics);
        let counted = discriminant(variant, next);
        next = counted.and_then(|value| value.checked_add(1));
        let automatic = if tag.is_none() && own.is_some() { counted } else { None };
        numbers &= variant.fields.is_empty() || keys.other.is_some();
        let tag_spans = tag_spans(&keys, variant);
        let tagging = tagging(&mut keys, variant, automatic, diagnostics);
        variants.push(build(index, variant, keys, (tagging, tag_spans), order, diagnostics));
    }
    let source = match (tag, own) {
        (Some(TagSyntax::Peek(ty)), _) => TagSource::Peek(peeked(&ty, diagnostics)),
        (Some(TagSyntax::Of(expr)), _) => TagSource::Of(expr),
        (None, Some(integer)) if numbers && only_value(&variants) => {
            let bits = u32::try_from(integer.bytes * 8).unwrap_or(64);
            return Body::Number(Number { bits, signed: integer.signed, variants });
        }
        (None, Some(integer)) => TagSource::Own(integer),
        (None, None) => TagSource::Outer,
    };
    let parts = variants.iter().find_map(|variant| match &variant.tagging {
        Tagging::Known(list) => list.first().map(Alternative::parts),
        _ => None,
    });
    Body::Enum(Enum { source, parts: parts.unwrap_or(1), variants })
}

/// `other` of a number holds the value and nothing else.
fn only_value(variants: &[Variant]) -> bool {
    variants
        .iter()
        .filter(|variant| matches!(variant.tagging, Tagging::Other))
        .all(|variant| variant.fields.list.iter().all(|field| field.is_tag))
}

fn build(
    index: usize,
    variant: &syn::Variant,
    keys: VariantKeys,
    (tagging, tag_spans): (Tagging, Vec<Reach>),
    order: BitOrder,
    diagnostics: &mut Diagnostics,
) -> Variant {
    let magic = keys.magic.as_ref().and_then(|given| literal::kept(&given.value, diagnostics));
    Variant {
        index,
        name: variant.ident.clone(),
        doc: attribute::doc(&variant.attrs),
        tagging,
        tag_spans,
        gate: value::gate(keys.version, keys.dialect, keys.when),
        role: keys.role.map(|given| given.value),
        asserts: keys.asserts,
        endian: keys.endian.map(|given| given.value),
        magic,
        marks: keys.marks,
        fields: fields::of_struct(&variant.fields, order, diagnostics),
    }
}

fn tag_spans(keys: &VariantKeys, variant: &syn::Variant) -> Vec<Reach> {
    match keys.tag.as_ref().map(|given| &given.value) {
        Some(VariantTag::Alternatives(list)) => list.iter().map(AlternativeSyntax::span).collect(),
        Some(VariantTag::Masked(parts)) => {
            let [_, value] = &**parts;
            vec![value.span().into()]
        }
        None => variant.discriminant.iter().map(|(_, expr)| expr.span().into()).collect(),
    }
}

/// The discriminant that Rust gives the variant, where the macro can see it.
fn discriminant(variant: &syn::Variant, next: Option<i128>) -> Option<i128> {
    match &variant.discriminant {
        Some((_, expr)) => literal::evaluate(expr),
        None => next,
    }
}

fn tagging(
    keys: &mut VariantKeys,
    variant: &syn::Variant,
    automatic: Option<i128>,
    diagnostics: &mut Diagnostics,
) -> Tagging {
    match (keys.tag.take(), &keys.other) {
        (Some(tag), Some(_)) => {
            let message = "`other` takes every unknown tag; write either `tag` or `other`";
            diagnostics.error(tag.span, message);
            Tagging::Other
        }
        (None, Some(_)) => Tagging::Other,
        (Some(given), None) => match given.value {
            VariantTag::Alternatives(list) => Tagging::Known(
                list.iter().filter_map(|one| alternative(one, diagnostics)).collect(),
            ),
            VariantTag::Masked(parts) => {
                let [mask, value] = &*parts;
                let mut part = |expr: &Expr| {
                    value_of(expr).unwrap_or_else(|| {
                        diagnostics.error_at(expr, "expected a literal, such as `0x03`");
                        0
                    })
                };
                Tagging::Masked { mask: part(mask), value: part(value) }
            }
        },
        (None, None) if keys.marks.is_spoiled() => Tagging::Known(Vec::new()),
        (None, None) => match (automatic.and_then(literal::tag), &variant.discriminant) {
            (Some(tag), _) => Tagging::Known(vec![Alternative::Value(tag)]),
            (None, Some((_, expr))) => {
                diagnostics.error_at(expr, "a discriminant that stands for a tag is a literal");
                Tagging::Known(Vec::new())
            }
            (None, None) => {
                let message = format!(
                    "variant `{}` has no tag; write `#[wire(tag = ..)]`, or `#[wire(other)]` for \
                     unknown tags",
                    variant.ident
                );
                diagnostics.error(variant.ident.span(), message);
                Tagging::Known(Vec::new())
            }
        },
    }
}

fn alternative(syntax: &AlternativeSyntax, diagnostics: &mut Diagnostics) -> Option<Alternative> {
    match syntax {
        AlternativeSyntax::One(syntax) => Some(match part(syntax, diagnostics)? {
            Part::Path(path) => Alternative::Path(path),
            Part::Range(start, end) if start == end => Alternative::Value(start),
            Part::Range(start, end) => Alternative::Range(start, end),
            Part::Any => return None,
        }),
        AlternativeSyntax::Tuple { parts, span } => {
            if !(2..=4).contains(&parts.len()) {
                let message = "a tuple of tags has two to four parts; write a plain number for one";
                diagnostics.error(*span, message);
                return None;
            }
            let count = parts.len();
            let parts = parts.iter().map(|syntax| {
                let Some(syntax) = syntax else { return Some(Part::Any) };
                let part = part(syntax, diagnostics)?;
                in_lane(part, count, syntax, diagnostics)
            });
            parts.collect::<Option<Vec<Part>>>().map(Alternative::Tuple)
        }
    }
}

/// A part as its lane holds it.
fn in_lane(
    part: Part,
    count: usize,
    syntax: &PartSyntax,
    diagnostics: &mut Diagnostics,
) -> Option<Part> {
    let Part::Range(start, end) = part else { return Some(part) };
    let most = Alternative::most(count);
    let bits = most.count_ones();
    let held = |value: u64| {
        (value <= most || value.cast_signed() >> (bits - 1) == -1).then_some(value & most)
    };
    let lane = held(start).zip(held(end)).filter(|(start, end)| start <= end);
    if lane.is_none() {
        let message = format!("a part of a tuple of {count} tags has up to {bits} bits");
        diagnostics.error(syntax.span(), message);
    }
    lane.map(|(start, end)| Part::Range(start, end))
}

fn part(syntax: &PartSyntax, diagnostics: &mut Diagnostics) -> Option<Part> {
    if let (Expr::Path(path), None) = (&syntax.start, &syntax.end) {
        return Some(Part::Path(path.path.clone()));
    }
    let Some(start) = value_of(&syntax.start) else {
        let message = "a tag is an integer from -2^63 to 2^64 - 1, and the ends of a range are \
                       literals";
        diagnostics.error_at(&syntax.start, message);
        return None;
    };
    let Some((end, inclusive)) = &syntax.end else { return Some(Part::Range(start, start)) };
    let last =
        value_of(end).and_then(|end| if *inclusive { Some(end) } else { end.checked_sub(1) });
    match last {
        Some(last) if start <= last => Some(Part::Range(start, last)),
        _ => {
            diagnostics
                .error(syntax.span(), "this range holds no tag; write the smaller end first");
            None
        }
    }
}

fn value_of(expr: &Expr) -> Option<u64> {
    literal::evaluate(expr).and_then(literal::tag)
}

fn peeked(ty: &Type, diagnostics: &mut Diagnostics) -> Integer {
    match shape::integer_of(ty) {
        Some(integer) if integer.bytes <= 8 => integer,
        _ => {
            diagnostics.error_at(ty, "`peek` names an integer of up to 8 bytes, such as `u8`");
            Integer { bytes: 1, signed: false }
        }
    }
}
