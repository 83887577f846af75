//! What the macro cannot see of other types, judged by constants at the user's own tokens.
//!
//! An item is evaluated by `cargo check` already, so the mistake shows before anything is built.
//! Expands to:
//! ```text
//! const _: () = assert!(!<Body as Wire>::GREEDY, "..");
//! ```
//! Items cannot name type parameters or lifetimes of the type; there the constants inside of the
//! generated functions judge, when the type is used.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, Type};

use crate::expand::{roles, value};
use crate::model::{
    Alternative, BitValue, Body, BorderKind, Declaration, Enum, Field, Fields, Kind, Part,
    Presence, RelationKind, Tagging,
};
use crate::size::{self, Extent};

/// All constants of a declaration.
pub(crate) fn implementation(declaration: &Declaration) -> TokenStream {
    if !declaration.generics.params.is_empty() {
        return TokenStream::new();
    }
    let layouts: Vec<&Fields> = match &declaration.body {
        Body::Struct(fields) => vec![fields],
        Body::Bitfield(bitfield) => vec![&bitfield.fields],
        Body::Enum(data) => data.variants.iter().map(|variant| &variant.fields).collect(),
        Body::Number(_) => Vec::new(),
    };
    let fields = layouts.iter().map(|fields| {
        let (each, roles) = (of_fields(declaration, fields), roles(fields));
        quote!(#each #roles)
    });
    let tags = match &declaration.body {
        Body::Enum(data) => tags(data),
        _ => TokenStream::new(),
    };
    quote!(#(#fields)* #tags)
}

fn of_fields(declaration: &Declaration, fields: &Fields) -> TokenStream {
    let all = fields.list.iter().map(|field| match &field.kind {
        Kind::Bits { width, value: BitValue::Type } => bits(field, *width),
        Kind::List { item } | Kind::Lazy { item } => {
            let (items, parts) = (items(field, item), tag_parts(fields, field, item));
            quote!(#items #parts)
        }
        Kind::Nested => {
            let (end, behind) = (endless(declaration, fields, field), behind(fields, field));
            let parts = tag_parts(fields, field, &field.inner);
            quote!(#end #behind #parts)
        }
        _ => TokenStream::new(),
    });
    quote!(#(#all)*)
}

fn assertion(span: Span, condition: &TokenStream, text: &str) -> TokenStream {
    quote_spanned!(span=> const _: () = __private::assert!(#condition, #text);)
}

/// Of two fields with one role a session would see the first. Direct ones are compared by `check`.
fn roles(fields: &Fields) -> TokenStream {
    let always =
        |field: &&Field| matches!(field.presence, Presence::Always) && field.gate.is_none();
    let holders: Vec<(&Field, TokenStream)> = fields
        .list
        .iter()
        .filter(always)
        .filter_map(|field| Some((field, roles::bits(field)?)))
        .collect();
    let nested = holders.iter().enumerate().filter(|(_, (field, _))| field.role.is_none());
    let text = "a field of this type has a role that another field beside it has; a session sees \
                only one of them, so remove the other";
    nested
        .filter_map(|(index, (field, own))| {
            let others = holders.iter().enumerate().filter(|(other, (beside, _))| {
                *other < index || (*other > index && beside.role.is_some())
            });
            let others: Vec<&TokenStream> = others.map(|(_, (_, bits))| bits).collect();
            let condition = quote!(#own & (#(#others)|*) == 0);
            (!others.is_empty()).then(|| assertion(field.inner.span(), &condition, text))
        })
        .collect()
}

/// A nested type in a run of bits fits its bits.
fn bits(field: &Field, width: u32) -> TokenStream {
    let ty = &field.inner;
    let text = format!("this type takes more than {width} bits; write `bits = n` with its width");
    assertion(ty.span(), &quote!(<#ty as __private::Bits>::BITS <= #width), &text)
}

/// Items that may take no bytes at all would make a list endless.
fn items(field: &Field, item: &Type) -> TokenStream {
    if field.max_count.is_some() || is_primitive(item) {
        return TokenStream::new();
    }
    let text = "an item may take no bytes, so nothing bounds the list; add `max_count = N`";
    assertion(item.span(), &quote!(<#item as __private::Wire>::MIN_LEN > 0), text)
}

fn is_primitive(ty: &Type) -> bool {
    crate::shape::integer_of(ty).is_some()
}

/// On a stream there is no rest.
fn endless(declaration: &Declaration, fields: &Fields, field: &Field) -> TokenStream {
    let open = declaration
        .frame
        .as_ref()
        .is_some_and(|frame| matches!(frame.border, BorderKind::Fixed | BorderKind::Walk));
    let bounded =
        size::extent(fields, field) != Extent::Nested || size::enclosing(fields, field).is_some();
    if !open || bounded || matches!(declaration.body, Body::Enum(_)) {
        return TokenStream::new();
    }
    let ty = &field.inner;
    let text = "this type takes all bytes that are left, and on a stream nothing says where that \
                is; bound it with `length_of`, `prefix` or `size`, or give the frame a `delimiter`";
    assertion(ty.span(), &quote!(!<#ty as __private::Wire>::GREEDY), text)
}

/// Behind a nested type that takes the rest only fields of fixed length stand.
fn behind(fields: &Fields, field: &Field) -> TokenStream {
    let plain = matches!(field.presence, Presence::Always) && field.gate.is_none();
    let own = size::extent(fields, field);
    if own != Extent::Nested && plain {
        return TokenStream::new();
    }
    if !plain && (field.bound.prefix.is_some() || field.bound.size.is_some()) {
        return TokenStream::new();
    }
    if size::measured(fields, field) {
        return TokenStream::new();
    }
    let end = size::enclosing(fields, field).map_or(fields.list.len(), |(_, (_, end))| end);
    let mut fixed = Vec::new();
    for behind in fields.list.iter().take(end).skip(field.index + 1) {
        match size::extent(fields, behind) {
            Extent::Fixed => {}
            Extent::Nested if matches!(behind.kind, Kind::Nested) => {
                let ty = &behind.inner;
                fixed.push(quote!(<#ty as __private::Wire>::FIXED_LEN.is_some()));
            }
            _ => fixed.push(quote!(false)),
        }
    }
    if fixed.is_empty() {
        return TokenStream::new();
    }
    let ty = &field.inner;
    let text = "this type takes all bytes that are left, but fields without a fixed length follow; \
                bound it with `length_of`, `prefix` or `size`";
    let condition = quote!(!<#ty as __private::Wire>::GREEDY || (#(#fixed)&&*));
    assertion(ty.span(), &condition, text)
}

/// A tag that the parent says has the parts that the enum asks for.
fn tag_parts(fields: &Fields, field: &Field, ty: &Type) -> TokenStream {
    let said = fields.relations.iter().find_map(|relation| match relation.kind {
        RelationKind::Tag { target, parts, .. } if target == field.index => Some(parts),
        _ => None,
    });
    let said = said.or_else(|| match field.select.as_ref()? {
        Expr::Tuple(tuple) => Some(tuple.elems.len()),
        _ => Some(1),
    });
    let Some(said) = said.and_then(|said| u32::try_from(said).ok()) else {
        return TokenStream::new();
    };
    let text = format!(
        "the tag of this enum has not {said} {}; as many fields say `tag_of` as its tags have parts",
        if said == 1 { "part" } else { "parts" },
    );
    assertion(ty.span(), &quote!(<#ty as __private::Wire>::TAG_PARTS == #said), &text)
}

/// Tags by constants are as distinct as literals, which `check` compares.
fn tags(data: &Enum) -> TokenStream {
    let mut seen: Vec<(TokenStream, bool)> = Vec::new();
    let mut assertions = Vec::new();
    for variant in data.variants.iter().filter(|variant| variant.gate.is_none()) {
        let Tagging::Known(list) = &variant.tagging else { continue };
        for (index, alternative) in list.iter().enumerate() {
            let (ranges, constant) = ranges(alternative);
            let others: Vec<&TokenStream> =
                seen.iter().filter(|(_, other)| constant || *other).map(|(one, _)| one).collect();
            if !others.is_empty() {
                let span = variant.tag_spans.get(index).map(|reach| reach.start);
                let condition = quote!({
                    let __tag: &[(u64, u64)] = &[#ranges];
                    !(#(__private::tags_overlap(__tag, &[#others]))||*)
                });
                let text = "this tag means another variant already; let no tag mean two variants";
                let span = span.unwrap_or_else(|| variant.name.span());
                assertions.push(assertion(span, &condition, text));
            }
            seen.push((ranges, constant));
        }
    }
    quote!(#(#assertions)*)
}

/// The first and the last value of each part, and whether rustc alone knows one.
fn ranges(alternative: &Alternative) -> (TokenStream, bool) {
    match alternative {
        Alternative::Value(value) => (quote!((#value, #value)), false),
        Alternative::Range(start, end) => (quote!((#start, #end)), false),
        Alternative::Path(path) => {
            let tag = value::constant(path);
            (quote!((#tag, #tag)), true)
        }
        Alternative::Tuple(parts) => {
            let ranges = value::ranges(parts);
            let constant = parts.iter().any(|part| matches!(part, Part::Path(_)));
            (quote!(#(#ranges),*), constant)
        }
    }
}
