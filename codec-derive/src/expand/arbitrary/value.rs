//! One value, by its kind.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, Type};

use super::width::{largest_tag, most_of_steps, narrowed, varint_bits};
use super::{field, unfit};
use crate::expand::bounds;
use crate::expand::context;
use crate::expand::expression::{self, Side};
use crate::expand::layout::Layout;
use crate::expand::value::{largest, primitive};
use crate::expand::{relation, text};
use crate::model::{
    BitValue, BytesKind, Counter, Field, Integer, Kind, RelationKind, Timestamp, Valid,
};
use crate::size;

/// `()`, whatever stands on the wire.
pub(super) fn is_unit(field: &Field) -> bool {
    matches!(
        field.kind,
        Kind::Literal(_)
            | Kind::Nothing
            | Kind::Bits { value: BitValue::Literal(_) | BitValue::Zero, .. }
    )
}

/// An expression for a value of the field's inner type.
pub(super) fn drawn(layout: &Layout<'_>, field: &Field) -> TokenStream {
    let ty = &field.inner;
    let unfit = unfit();
    match &field.kind {
        _ if is_unit(field) => quote!(()),
        Kind::Bytes(_) | Kind::Text(_) | Kind::Bcd { digits: true, .. } => stretch(layout, field),
        Kind::Bits { width, value: BitValue::Type } => {
            let largest = largest(*width);
            let nested = nested(layout, field, ty);
            quote!({
                __draw.want(__drawing::Wanted { largest: #largest, ..__drawing::Wanted::ANY });
                #nested
            })
        }
        Kind::List { item } if context::has_tag(layout, field) => {
            let list = list(layout, field, item);
            quote!(__private::alike::<#item>(#list))
        }
        Kind::List { item } => list(layout, field, item),
        Kind::Lazy { item } => quote! {{
            let __window = __draw.window();
            let __len = __window.len() - __window.len() % __drawing::step_of::<#item>();
            match __private::Lazy::<#item>::to_end(
                &__window[..__len], 0, usize::MAX, __private::Scope::ROOT,
            ) {
                __private::Ok((_, __value)) => { __draw.took(__len)?; __value }
                __private::Err(_) => #unfit,
            }
        }},
        Kind::Nested => asked(layout, field, ty),
        Kind::With { module, whole } => {
            let frame = whole.then(|| quote!(, __window, 0));
            quote! {{
                let __window = __draw.window();
                match #module::read(__window #frame) {
                    __private::Ok((__rest, __value)) => {
                        __draw.took(__window.len() - __rest.len())?;
                        __value
                    }
                    __private::Err(_) => #unfit,
                }
            }}
        }
        Kind::Map { read, wire, .. } => quote! {{
            let __raw = <#wire as __drawing::Arbitrary>::draw(__draw, &())?;
            match __private::Mapped::<#ty>::mapped(__private::apply(#read, __raw)) {
                __private::Some(__value) => __value,
                __private::None => #unfit,
            }
        }},
        _ => number(layout, field),
    }
}

/// A value of one integer, or of a few bytes.
fn number(layout: &Layout<'_>, field: &Field) -> TokenStream {
    let ty = &field.inner;
    let stated = |or: usize| match &field.bound.size {
        Some(size) => stated(layout, field, size),
        None => quote!(#or),
    };
    match &field.kind {
        Kind::Integer(wire) => match primitive(ty) {
            Some(own) if own.bytes > 8 && own == *wire => plain(ty),
            own => whole(field, narrower(own, *wire) * 8, wire.signed),
        },
        Kind::Bits { width, value: BitValue::Integer { signed } } => {
            whole(field, width_of(*width), *signed)
        }
        Kind::Bits { value: BitValue::Steps { forms, .. }, .. } => {
            whole(field, narrowed(ty, most_of_steps(forms)), false)
        }
        Kind::Varint(varint) => {
            let own = primitive(field.integer()).unwrap_or(Integer { bytes: 8, signed: false });
            let drawn = whole(field, (own.bytes * 8).min(varint_bits(varint)), own.signed);
            if varint.is_padded() { quote!(__private::From::from(#drawn)) } else { drawn }
        }
        Kind::Sized { signed } => {
            let size = stated(8);
            quote!(__draw.whole::<#ty>(__drawing::bits_of(#size), #signed)?)
        }
        Kind::Minimal { .. } | Kind::Decimal => {
            let own = primitive(ty).unwrap_or(Integer { bytes: 8, signed: false });
            whole(field, own.bytes * 8, own.signed)
        }
        Kind::Scaled { wire, scale, offset, .. } => {
            let offset = offset.as_ref().map_or_else(|| quote!(0.0), |offset| quote!(#offset));
            let (bytes, signed) = (wire.bytes, wire.signed);
            quote! {
                __private::scaled_read::<#ty, #bytes>(
                    __draw.array()?, #signed, __private::Endian::Big, #scale as f64, #offset as f64,
                )
            }
        }
        Kind::Time(time) => moment(field, *time),
        Kind::Bcd { .. } => {
            let size = stated(1);
            quote! {{
                let __most = 100u64.saturating_pow(u32::try_from(#size).unwrap_or(0)) - 1;
                __draw.ranged::<#ty>(..=__drawing::most_of::<#ty>(__most), 64, false)?
            }}
        }
        Kind::Flags { wire } => {
            let bits = u32::try_from(wire.bytes * 8).unwrap_or(64);
            quote!(<#ty>::from_bits_retain(__draw.whole(#bits, false)?))
        }
        _ => plain(ty),
    }
}

/// Bytes, text or digits that fill a room.
fn stretch(layout: &Layout<'_>, field: &Field) -> TokenStream {
    let room = room(layout, field);
    match &field.kind {
        Kind::Bytes(BytesKind::Array) => quote!(__draw.array()?),
        Kind::Bytes(BytesKind::Slice) => quote!(__draw.borrowed(#room)?),
        Kind::Bytes(BytesKind::Vec) => quote!(__draw.bytes(#room)?),
        Kind::Text(text) => {
            let form = text::form(layout, field, text, Side::Read, &unfit());
            match text.owned {
                true => quote!(__draw.text(#room, #form)?),
                false => quote!(__draw.borrowed_text(#room)?),
            }
        }
        Kind::Bcd { .. } => quote!(__draw.digits(#room)?),
        _ => quote!(__private::From::from(__draw.bytes(#room)?)),
    }
}

/// A primitive by its own implementation.
fn plain(ty: &Type) -> TokenStream {
    quote!(<#ty as __drawing::Arbitrary>::draw(__draw, &())?)
}

/// An integer in so many bits, within its `valid` range where it has one.
fn whole(field: &Field, bits: usize, signed: bool) -> TokenStream {
    let ty = field.integer();
    let bits = u32::try_from(bits).unwrap_or(64);
    match &field.valid {
        Some(Valid::Pattern(range @ Expr::Range(_))) => {
            quote!(__draw.ranged::<#ty>(#range, #bits, #signed)?)
        }
        Some(Valid::Pattern(value @ (Expr::Lit(_) | Expr::Unary(_)))) => quote!(#value),
        _ => quote!(__draw.whole::<#ty>(#bits, #signed)?),
    }
}

/// Bytes that both the type and the wire have.
fn narrower(own: Option<Integer>, wire: Integer) -> usize {
    own.map_or(wire.bytes, |own| own.bytes.min(wire.bytes))
}

fn width_of(width: u32) -> usize {
    usize::try_from(width).unwrap_or(64)
}

fn moment(field: &Field, time: Timestamp) -> TokenStream {
    let form = match time {
        Timestamp::UnixSeconds(wire) | Timestamp::UnixMilliseconds(wire) => {
            let own = primitive(&field.inner);
            return whole(field, narrower(own, wire) * 8, wire.signed);
        }
        Timestamp::BcdYymmddhhmmss => ["from_bcd", "bcd"],
        Timestamp::BinaryYymmddhhmmss => ["from_binary", "binary"],
        Timestamp::Cp56Time2a => ["from_cp56time2a", "cp56time2a"],
    };
    let [any, civil] = form.map(|name| quote::format_ident!("{name}"));
    quote!(__draw.time(__private::CivilTime::#any, __private::CivilTime::#civil)?)
}

/// An enum is told which variant its parent's fields allow.
fn asked(layout: &Layout<'_>, field: &Field, ty: &Type) -> TokenStream {
    let nested = nested(layout, field, ty);
    let nested = match most(layout, field) {
        Some(most) => quote!(__draw.within(#most, |__draw| __private::Ok(#nested))?),
        None => nested,
    };
    if !context::has_tag(layout, field) {
        return nested;
    }
    let unfit = unfit();
    let tag = match &field.select {
        Some(select) if field::names_left(layout, select) => quote!(__private::None),
        Some(select) => {
            let (left, side) = (TokenStream::new(), Side::Read);
            let tag = relation::selected(layout, field, select, side, &left, &unfit);
            quote!(__private::Some(#tag))
        }
        None => quote!(__private::None),
    };
    let opaque = match &field.opaque_if {
        Some(expr) => expression::prepare(layout, expr, Side::Read, field.index).or_else(&unfit),
        None => quote!(false),
    };
    let largest = largest_tag(layout, field);
    quote! {{
        let __wanted = __drawing::Wanted { tag: #tag, opaque: #opaque, largest: #largest };
        __draw.want(__wanted);
        #nested
    }}
}

fn nested(layout: &Layout<'_>, field: &Field, ty: &Type) -> TokenStream {
    let context = context::argument(layout, field, Side::Read, None, &unfit());
    let drawn = quote_spanned!(ty.span()=> <#ty as __drawing::Arbitrary>::draw(__draw, &#context)?);
    if field.each.is_some() { quote!(__private::Each::of(#drawn)) } else { drawn }
}

fn list(layout: &Layout<'_>, field: &Field, item: &Type) -> TokenStream {
    let one = nested(layout, field, item);
    let wanted = context::has_tag(layout, field).then(|| {
        let largest = largest_tag(layout, field);
        quote! {
            __draw.want(__drawing::Wanted { largest: #largest, ..__drawing::Wanted::ANY });
        }
    });
    let lifetime = bounds::input_lifetime(layout.declaration);
    let one = quote!(|__draw: &mut __drawing::Draw<'_, #lifetime>| __private::Ok({ #wanted #one }));
    let least = quote_spanned!(item.span()=> <#item as __private::Wire>::MIN_LEN);
    let unfit = unfit();
    let held = field.each.as_ref().map_or(item, |each| &each.of);
    if let Some(until) = &field.bound.until {
        let names = expression::bindings(layout, quote!(#until), Side::Read, field.index);
        return quote! {{
            #names
            let __is_last: &dyn Fn(&#item) -> bool = &#until;
            __draw.list_until(#one, __is_last)?
        }};
    }
    if let Some(size) = &field.bound.size {
        let size = stated(layout, field, size);
        let context = context::argument(layout, field, Side::Read, None, &unfit);
        let len_of = match field.each {
            Some(_) => quote!(<#item as __private::Each>::len_of),
            None => quote!(__private::Wire::encoded_len_in),
        };
        return quote! {
            __draw.list_of_size(#size, #one, |__item| {
                #len_of(__item, __private::Scope::ROOT, &#context)
            })?
        };
    }
    let exact = match &field.bound.count {
        Some(count) => {
            let count = stated(layout, field, count);
            quote!(__private::Some(#count))
        }
        None => quote!(__private::None),
    };
    let counted = counted_by(layout, field);
    let limit = field.max_count.as_ref().map(|max| stated(layout, field, max));
    let most = [counted, limit].into_iter().flatten();
    let drawn = quote! {
        __draw.list::<#held>(#exact, usize::MAX #(.min(#most))*, #least, #one)?
    };
    match most_bytes(layout, field) {
        Some(most) => quote!(__draw.within(#most, |__draw| __private::Ok(#drawn))?),
        None => drawn,
    }
}

/// The largest count that the list's counter can hold.
fn counted_by(layout: &Layout<'_>, field: &Field) -> Option<TokenStream> {
    if let Some(counter) = &field.bound.count_prefix {
        return counter_most(counter);
    }
    let mut relations = layout.fields.relations.iter();
    let relation = relations
        .find(|one| matches!(one.kind, RelationKind::Count { list } if list == field.index))?;
    let holder = relation.holder.path.is_empty().then_some(relation.holder.field)?;
    bits_of(layout.fields.list.get(holder)?).map(most_of)
}

/// How long the bytes or the text may be.
fn room(layout: &Layout<'_>, field: &Field) -> TokenStream {
    let exact = match &field.bound.size {
        Some(size) => {
            let size = stated(layout, field, size);
            quote!(__private::Some(#size))
        }
        None => quote!(__private::None),
    };
    let most = most(layout, field);
    let limit = field.max_len.as_ref().map(|max| stated(layout, field, max));
    let most = [most, limit].into_iter().flatten();
    let (unit, bias) = length_over(layout, field).unwrap_or((1, 0));
    let end = field.bound.terminated.as_deref().unwrap_or_default();
    quote! {
        __drawing::Room {
            exact: #exact,
            most: usize::MAX #(.min(#most))*,
            unit: (#unit, #bias),
            end: &[#(#end),*],
        }
    }
}

/// The most bytes that the field's own length can say.
fn most(layout: &Layout<'_>, field: &Field) -> Option<TokenStream> {
    match &field.bound.prefix {
        Some(counter) => counter_most(counter),
        None => most_bytes(layout, field),
    }
}

fn counter_most(counter: &Counter) -> Option<TokenStream> {
    match counter {
        Counter::Integer(integer) => u32::try_from(integer.bytes * 8).ok().map(most_of),
        Counter::Varint(_) => None,
    }
}

fn most_bytes(layout: &Layout<'_>, field: &Field) -> Option<TokenStream> {
    let relation = layout.fields.relations.iter().find(|one| covers_only(one, field.index))?;
    let RelationKind::Length { bias, unit, .. } = &relation.kind else { return None };
    let holder = relation.holder.path.is_empty().then_some(relation.holder.field)?;
    let bits = bits_of(layout.fields.list.get(holder)?)?;
    let bytes = largest(bits).saturating_mul(*unit).saturating_add_signed(bias.saturating_neg());
    let bytes = usize::try_from(bytes.min(u64::from(u32::MAX))).unwrap_or(usize::MAX);
    Some(quote!(#bytes))
}

/// Unit and bias of the length of exactly this field.
fn length_over(layout: &Layout<'_>, field: &Field) -> Option<(usize, i64)> {
    let relation = layout.fields.relations.iter().find(|one| covers_only(one, field.index))?;
    match &relation.kind {
        RelationKind::Length { bias, unit, .. } => Some((usize::try_from(*unit).ok()?, *bias)),
        _ => None,
    }
}

fn covers_only(relation: &crate::model::Relation, field: usize) -> bool {
    matches!(&relation.kind, RelationKind::Length { over, .. } if size::covers_only(*over, field))
}

/// The width of a field that holds a derived number.
pub(super) fn bits_of(field: &Field) -> Option<u32> {
    match &field.kind {
        Kind::Integer(wire) => u32::try_from(narrower(primitive(&field.inner), *wire) * 8).ok(),
        Kind::Bits { width, .. } => Some(*width),
        Kind::Varint(varint) => {
            let own = primitive(&field.inner).map_or(64, |own| own.bytes * 8);
            u32::try_from(own.min(varint_bits(varint))).ok()
        }
        _ => None,
    }
}

fn most_of(bits: u32) -> TokenStream {
    let most = usize::try_from(largest(bits.min(32))).unwrap_or(usize::MAX);
    quote!(#most)
}

/// A stated size or count.
fn stated(layout: &Layout<'_>, field: &Field, expr: &Expr) -> TokenStream {
    expression::prepare(layout, expr, Side::Read, field.index).size_or_else(&unfit())
}
