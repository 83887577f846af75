//! The border that a length field draws, at a place that constants know.

use proc_macro2::TokenStream;
use quote::quote;

use crate::expand::layout::{Layout, Order, Piece, Step, What};
use crate::expand::parse::Reader;
use crate::expand::{length, value};
use crate::model::{Endian, Field, FieldSpan, Kind, RelationKind};

/// The body of `probe`; `None` where the place of the length is only known step by step.
pub(super) fn probe(layout: &Layout<'_>, relation: usize) -> Option<TokenStream> {
    let relation = layout.fields.relations.get(relation)?;
    let RelationKind::Length { over, bias, unit } = &relation.kind else { return None };
    let holder = layout.fields.list.get(relation.holder.field)?;
    if !is_plain(layout, holder) || layout.fields.absent_of(holder.index).is_some() {
        return None;
    }
    let end = layout.fields.list.len();
    let behind = layout.behind_field(holder.index);
    let (span_start, span_end) = (layout.start_of(over), layout.end_of(over));
    let after = sizes(layout, span_end, end)?;
    if let Kind::Varint(_) = holder.kind {
        return varint(layout, holder, over, after, *unit, *bias);
    }
    let header = sizes(layout, 0, behind)?.with_magic(layout);
    let mut outside = Sizes::default();
    if over.start != crate::model::Edge::Type {
        outside = sizes(layout, 0, span_start)?.with_magic(layout);
    }
    outside.append(after);
    let value = match relation.holder.path.as_slice() {
        [] => number(layout, holder)?,
        path => nested(layout, holder, path)?,
    };
    Some(with_constants(&header, &outside, *bias, |header, outside| {
        quote! {
            __private::border::length(__border, __limits, __buffer, #header, |__header| {
                __private::border::total(#value, #unit, #outside)
            })
        }
    }))
}

/// A length of variable size: the bytes before it are constant.
fn varint(
    layout: &Layout<'_>,
    holder: &Field,
    over: &FieldSpan,
    after: Sizes,
    unit: u64,
    bias: i64,
) -> Option<TokenStream> {
    let before = sizes(layout, 0, holder.index)?.with_magic(layout);
    let span_start = layout.start_of(over);
    let contains = span_start <= holder.index;
    let mut outside = Sizes::default();
    match contains {
        true if over.start == crate::model::Edge::Type => {}
        true => outside = sizes(layout, 0, span_start)?.with_magic(layout),
        // What stands before the end of the varint is counted when it was read.
        false => outside = sizes(layout, holder.index + 1, span_start)?,
    }
    outside.append(after);
    let local = &holder.local;
    let step = Reader::new(layout).field_step(holder.index);
    let end = if contains { quote!(0) } else { quote!(__end) };
    Some(with_constants(&before, &outside, bias, |before, outside| {
        quote! {
            __private::border::varint_length(
                __border,
                __limits,
                __buffer,
                #before,
                |__input| -> __private::IResult<&[u8], u64, __private::DecodeError> {
                    let __scope = __private::Scope::ROOT;
                    let mut __rest = __input;
                    #step
                    __private::Ok((__rest, __private::Whole::to_u64(#local)))
                },
                |__value, __end| __private::border::total_behind(#end, __value, #unit, #outside),
            )
        }
    }))
}

/// Lengths that are counted here, and lengths that only constants know, as `Option<usize>`.
#[derive(Default)]
struct Sizes {
    literal: usize,
    constants: Vec<TokenStream>,
}

impl Sizes {
    fn with_magic(mut self, layout: &Layout<'_>) -> Self {
        self.literal += layout.magic.map_or(0, crate::model::Literal::len);
        self
    }

    fn append(&mut self, other: Self) {
        self.literal += other.literal;
        self.constants.extend(other.constants);
    }

    /// An expression of type `Option<usize>`.
    fn sum(&self) -> TokenStream {
        let Self { literal, constants } = self;
        quote!(__private::sum(&[__private::Some(#literal), #(#constants),*]))
    }
}

/// The sizes of the fields `from..to`, which must all be fixed; without the magic.
fn sizes(layout: &Layout<'_>, from: usize, to: usize) -> Option<Sizes> {
    let mut sizes = Sizes::default();
    for field in layout.fields.list.get(from..to)? {
        match layout.literal_len(field) {
            Some(len) => sizes.literal += len,
            None => sizes.constants.push(length::fixed(layout, field)?),
        }
    }
    Some(sizes)
}

/// The probe with both constants, or, where nested types turn out to have no fixed length, a walk.
fn with_constants(
    header: &Sizes,
    outside: &Sizes,
    bias: i64,
    probe: impl Fn(TokenStream, TokenStream) -> TokenStream,
) -> TokenStream {
    if header.constants.is_empty() && outside.constants.is_empty() {
        let (header, literal) = (header.literal, outside.literal);
        let outside = i64::try_from(literal).unwrap_or(i64::MAX).saturating_sub(bias);
        return probe(quote!(#header), quote!(#outside));
    }
    let (header, literal) = (header.sum(), outside.sum());
    let probe = probe(quote!(__known), quote!(__outside));
    let walked = super::walked();
    quote! {
        match const { (#header, __private::border::outside(#literal, #bias)) } {
            (__private::Some(__known), __private::Some(__outside)) => #probe,
            _ => #walked,
        }
    }
}

/// Its byte order is a constant of a frame at the root.
fn is_plain(layout: &Layout<'_>, field: &Field) -> bool {
    let endian = field.endian.as_ref().or(layout.declaration.endian.as_ref());
    !matches!(endian, Some(Endian::Expression(_)))
}

/// The byte order of a frame at the root.
fn order(layout: &Layout<'_>, field: &Field) -> TokenStream {
    match layout.order_of(field) {
        Order::Inherited | Order::Big => quote!(__private::Endian::Big),
        Order::Little => quote!(__private::Endian::Little),
    }
}

/// The number in a field, as `u64`, out of `__header`.
fn number(layout: &Layout<'_>, field: &Field) -> Option<TokenStream> {
    let piece = piece(layout, field.index)?;
    let (at, len) = (piece.at, piece.len);
    if len > 8 {
        return None;
    }
    let first = layout.steps.first().and_then(|step| match step {
        Step::Run(run) => run.pieces.iter().find(|one| one.what == piece.what),
        Step::Field(_) => None,
    });
    let part = match first {
        Some(_) => quote!(__private::part::<#len>(__header, #at)),
        // Behind nested types: the header ends with the piece's own run.
        None => {
            let before = sizes(layout, 0, first_of(layout, field.index))?.with_magic(layout).sum();
            let padding = field.padding.before.unwrap_or(0);
            quote! {
                __private::part::<#len>(
                    __header,
                    const { __private::or(#before, 0) + #padding },
                )
            }
        }
    };
    let order = order(layout, field);
    let wide = quote!(__private::wide(#part, #order));
    match (&field.kind, piece.what) {
        (Kind::Integer(_), What::Field(_)) => Some(wide),
        (Kind::Bits { .. }, What::Bits(run)) => {
            let bits = layout.fields.runs.get(run)?;
            let (shift, width) = bits.places.get(field.index - bits.first)?;
            let mask = value::largest(*width);
            Some(quote!(((#wide >> #shift) & #mask)))
        }
        _ => None,
    }
}

/// The piece that holds a field.
fn piece<'l>(layout: &'l Layout<'_>, index: usize) -> Option<&'l Piece> {
    let first = first_of(layout, index);
    layout.steps.iter().find_map(|step| match step {
        Step::Run(run) => run.pieces.iter().find(|piece| match piece.what {
            What::Field(field) => field == index,
            What::Bits(run) => layout.fields.runs.get(run).is_some_and(|run| run.first == first),
            _ => false,
        }),
        Step::Field(_) => None,
    })
}

/// The first field of the run of bits that a field belongs to.
fn first_of(layout: &Layout<'_>, index: usize) -> usize {
    let run = layout.fields.runs.iter().find(|run| (run.first..=run.last).contains(&index));
    run.map_or(index, |run| run.first)
}

/// The number in a field of a nested type: that type's own reader reads it.
fn nested(layout: &Layout<'_>, holder: &Field, path: &[syn::Ident]) -> Option<TokenStream> {
    if !matches!(holder.kind, Kind::Nested) || !holder.arguments.is_empty() || holder.optional {
        return None;
    }
    let before = sizes(layout, 0, holder.index)?.with_magic(layout);
    let before = match before.constants.is_empty() {
        true => {
            let literal = before.literal;
            quote!(#literal)
        }
        false => {
            let sum = before.sum();
            quote!(const { __private::or(#sum, 0) })
        }
    };
    let (ty, local, order) = (&holder.inner, &holder.local, order(layout, holder));
    let padding = holder.padding.before.unwrap_or(0);
    Some(quote! {
        match (|| -> __private::IResult<&[u8], u64, __private::DecodeError> {
            let __rest = __private::behind(__header, #before + #padding);
            let __scope = __private::Scope::ROOT.with(#order);
            let (__rest, #local) = match <#ty as __private::Parse>::parse_in(__rest, __scope, &()) {
                __private::Ok(__parts) => __parts,
                __private::Err(__error) => return __private::Err(__error),
            };
            match __private::held(&#local #(.#path)*, 0, __rest) {
                __private::Ok(__value) => {
                    __private::Ok((__rest, __private::Whole::to_u64(__value)))
                }
                __private::Err(__error) => __private::Err(__error),
            }
        })() {
            __private::Ok((_, __value)) => __value,
            __private::Err(__error) => {
                return __private::Err(__private::border::fault(&__error));
            }
        }
    })
}
