//! `new(..)`: the free fields, where some fields are derived.

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::{BitValue, Body, Declaration, Field, Fields, Kind, Style};

/// `new(..)`; nothing where every field is free, or where there is nothing to fill in.
pub(crate) fn implementation(declaration: &Declaration) -> TokenStream {
    let fields = match &declaration.body {
        Body::Struct(fields) => fields,
        Body::Bitfield(bitfield) => &bitfield.fields,
        Body::Enum(_) | Body::Number(_) => return TokenStream::new(),
    };
    if !wants_new(fields) {
        return TokenStream::new();
    }
    let name = &declaration.name;
    let visibility = &declaration.visibility;
    let (impl_generics, type_generics, clause) = declaration.generics.split_for_impl();
    let arguments = fields.list.iter().filter(|field| is_free(field)).map(|field| {
        let (local, ty) = (&field.local, &field.ty);
        quote!(#local: #ty)
    });
    let values = fields.list.iter().map(|field| {
        let (member, value) = (&field.member, value(field));
        quote!(#member: #value)
    });
    let doc = format!("A `{name}` of its free fields; everything else is derived.");
    quote! {
        #[automatically_derived]
        impl #impl_generics #name #type_generics #clause {
            #[doc = #doc]
            #[must_use]
            #visibility fn new(#(#arguments),*) -> Self {
                Self { #(#values),* }
            }
        }
    }
}

/// Some field is filled in, and the fields have names by which a caller could not leave it out.
fn wants_new(fields: &Fields) -> bool {
    let derived = fields.list.iter().any(|field| !is_free(field)) || !fields.relations.is_empty();
    fields.style != Style::Unit && derived
}

fn is_free(field: &Field) -> bool {
    let unit = matches!(
        field.kind,
        Kind::Literal(_)
            | Kind::Nothing
            | Kind::Bits { value: BitValue::Literal(_) | BitValue::Zero, .. }
    );
    !(field.auto && !field.optional || field.reserved || field.fixed.is_some() || unit)
}

fn value(field: &Field) -> TokenStream {
    let local = &field.local;
    if is_free(field) {
        quote!(#local)
    } else if field.auto {
        quote!(__private::Auto::Derived)
    } else if let Some(fixed) = &field.fixed {
        quote!(#fixed)
    } else {
        quote!(__private::Default::default())
    }
}
