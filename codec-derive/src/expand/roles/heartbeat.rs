//! `heartbeat()` and `heartbeat_reply()`: the value of a type that is a sign of life, or the answer
//! to one, and nothing else.
//!
//! A value can be made without the user when no field of it is free: derived, reserved, constant
//! and absent fields, those with a role (the session writes them) and those with a `default`. The
//! hidden `blank()` is such a value of a nested struct.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Path;
use syn::parse_quote;
use syn::spanned::Spanned;

use super::forwards;
use crate::model::{BitValue, Body, Field, Fields, Kind, RelationKind, Role, Variant, VariantRole};

/// The two directions of a sign of life: the role of its variant, and the function that makes it.
const BEATS: [(VariantRole, &str); 2] =
    [(VariantRole::Heartbeat, "heartbeat"), (VariantRole::HeartbeatReply, "heartbeat_reply")];

/// `heartbeat()`, `heartbeat_reply()` and `blank()`, where they can be more than `None`.
pub(super) fn methods(body: &Body) -> TokenStream {
    match body {
        Body::Struct(fields) => of_struct(fields),
        Body::Bitfield(bitfield) => of_struct(&bitfield.fields),
        Body::Enum(of) => of_enum(&of.variants),
        Body::Number(of) => of_enum(&of.variants),
    }
}

fn of_struct(fields: &Fields) -> TokenStream {
    let path: Path = parse_quote!(Self);
    let some = |name: &Ident, value| method(name, &quote!(::core::option::Option::Some(#value)));
    let beats = BEATS.iter().filter_map(|(_, name)| {
        let name = format_ident!("{name}");
        let value = construct(&path, fields, Some((beating(fields)?, &name)))?;
        Some(some(&name, value))
    });
    let blank = construct(&path, fields, None).map(|value| some(&format_ident!("blank"), value));
    quote!(#(#beats)* #blank)
}

fn of_enum(variants: &[Variant]) -> TokenStream {
    BEATS
        .iter()
        .map(|(role, name)| of_variants(variants, *role, &format_ident!("{name}")))
        .collect()
}

fn of_variants(variants: &[Variant], role: VariantRole, name: &Ident) -> TokenStream {
    let tries = variants.iter().filter_map(|variant| {
        if variant.gate.is_some() {
            return None;
        }
        let own = &variant.name;
        let path = parse_quote!(Self::#own);
        let value = match variant.role {
            Some(its) if its == role => construct(&path, &variant.fields, None)?,
            Some(_) => return None,
            None => construct(&path, &variant.fields, Some((beating(&variant.fields)?, name)))?,
        };
        Some(quote! {
            let __try = || -> ::core::option::Option<Self> { ::core::option::Option::Some(#value) };
            if let ::core::option::Option::Some(__found) = __try() {
                return ::core::option::Option::Some(__found);
            }
        })
    });
    let tries = tries.collect::<Vec<_>>();
    if tries.is_empty() {
        return TokenStream::new();
    }
    method(name, &quote!(#(#tries)* ::core::option::Option::None))
}

fn method(name: &Ident, body: &TokenStream) -> TokenStream {
    quote! {
        fn #name() -> ::core::option::Option<Self> { #body }
    }
}

/// The nested field that says what the frame is: the one with a tag, else the first.
fn beating(fields: &Fields) -> Option<usize> {
    let tagged = fields.relations.iter().find_map(|relation| match relation.kind {
        RelationKind::Tag { target, .. } => Some(target),
        _ => None,
    });
    tagged.or_else(|| {
        let field = fields.list.iter().find(|field| forwards(field) && !field.optional)?;
        Some(field.index)
    })
}

/// The value, or nothing when the user would have to say something. It stands in a function or
/// closure that returns an `Option`.
fn construct(
    path: &Path,
    fields: &Fields,
    beating: Option<(usize, &Ident)>,
) -> Option<TokenStream> {
    let values = fields.list.iter().map(|field| {
        let member = &field.member;
        let beat = beating.filter(|(index, _)| *index == field.index).map(|(_, name)| name);
        let value = value(field, beat)?;
        Some(quote!(#member: #value))
    });
    let values = values.collect::<Option<Vec<_>>>()?;
    Some(quote!(#path { #(#values),* }))
}

/// `beat`: the function that the nested field is made by, where it says what the frame is.
fn value(field: &Field, beat: Option<&Ident>) -> Option<TokenStream> {
    let inner = &field.inner;
    if let Some(default) = &field.default {
        return Some(quote!(#default));
    }
    if field.is_tag {
        return None;
    }
    if field.optional {
        return Some(quote!(::core::option::Option::None));
    }
    if field.auto || field.reserved || matches!(field.role, Some(Role::One(_))) {
        return Some(quote!(::core::default::Default::default()));
    }
    if let Some(fixed) = &field.fixed {
        return Some(quote!(#fixed));
    }
    match &field.kind {
        Kind::Literal(_)
        | Kind::Nothing
        | Kind::Bits { value: BitValue::Literal(_) | BitValue::Zero, .. } => Some(quote!(())),
        Kind::Nested if let Some(beat) = beat => {
            Some(quote_spanned!(inner.span()=> <#inner as __private::Roles>::#beat()?))
        }
        Kind::Nested if forwards(field) => {
            Some(quote_spanned!(inner.span()=> <#inner as __private::Roles>::blank()?))
        }
        _ => None,
    }
}
