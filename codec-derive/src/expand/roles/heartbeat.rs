//! `heartbeat()`: the value of a type that is a sign of life and nothing else.
//!
//! A value can be made without the user when no field of it is free: derived, reserved, constant
//! and absent fields, those with a role (the session writes them) and those with a `default`. The
//! hidden `blank()` is such a value of a nested struct.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Path;
use syn::parse_quote;
use syn::spanned::Spanned;

use super::forwards;
use crate::model::{BitValue, Body, Field, Fields, Kind, RelationKind, Role, Variant, VariantRole};

/// `heartbeat()` and `blank()`, where they can be more than `None`.
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
    let heartbeat = beating(fields)
        .and_then(|index| construct(&path, fields, Some(index)))
        .map(|value| method(&quote!(heartbeat), &quote!(::core::option::Option::Some(#value))));
    let blank = construct(&path, fields, None)
        .map(|value| method(&quote!(blank), &quote!(::core::option::Option::Some(#value))));
    quote!(#heartbeat #blank)
}

fn of_enum(variants: &[Variant]) -> TokenStream {
    let tries = variants.iter().filter_map(|variant| {
        if variant.gate.is_some() {
            return None;
        }
        let name = &variant.name;
        let path = parse_quote!(Self::#name);
        let value = match variant.role {
            Some(VariantRole::Heartbeat) => construct(&path, &variant.fields, None)?,
            Some(_) => return None,
            None => construct(&path, &variant.fields, Some(beating(&variant.fields)?))?,
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
    method(&quote!(heartbeat), &quote!(#(#tries)* ::core::option::Option::None))
}

fn method(name: &TokenStream, body: &TokenStream) -> TokenStream {
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
fn construct(path: &Path, fields: &Fields, beating: Option<usize>) -> Option<TokenStream> {
    let values = fields.list.iter().map(|field| {
        let member = &field.member;
        let value = value(field, beating == Some(field.index))?;
        Some(quote!(#member: #value))
    });
    let values = values.collect::<Option<Vec<_>>>()?;
    Some(quote!(#path { #(#values),* }))
}

fn value(field: &Field, beats: bool) -> Option<TokenStream> {
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
        Kind::Nested if beats => {
            Some(quote_spanned!(inner.span()=> <#inner as __private::Roles>::heartbeat()?))
        }
        Kind::Nested if forwards(field) => {
            Some(quote_spanned!(inner.span()=> <#inner as __private::Roles>::blank()?))
        }
        _ => None,
    }
}
