//! The struct of open `Auto` fields, which parents fill.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use crate::expand::layout::Layout;
use crate::model::{BitValue, Body, Declaration, Field, Fields, Kind};

/// The struct; nothing where no parent can fill anything.
pub(crate) fn declared(declaration: &Declaration) -> TokenStream {
    let Some(layout) = filled(declaration) else { return TokenStream::new() };
    let name = format_ident!("__{}Fill", declaration.name);
    let mut nested = Vec::new();
    let mut fields = Vec::new();
    for field in &layout.fields.list {
        let (local, Some(ty)) = (&field.local, slot(&layout, field)) else { continue };
        if layout.is_open(field) {
            fields.push(quote!(pub #local: #ty));
        } else {
            let parameter = format_ident!("__F{}", field.index);
            fields.push(quote!(pub #local: #parameter));
            nested.push(quote!(#parameter = #ty));
        }
    }
    quote! {
        #[derive(__private::Default, __private::Clone)]
        pub struct #name<#(#nested),*> {
            #(#fields),*
        }
    }
}

/// `type Fill`.
pub(crate) fn ty(declaration: &Declaration) -> TokenStream {
    match filled(declaration) {
        Some(_) => {
            let name = format_ident!("__{}Fill", declaration.name, span = span(declaration));
            quote!(#name)
        }
        None => quote!(()),
    }
}

/// Where it is said that what is filled has no layout: at the first nested type, where that is said
/// anyway.
pub(crate) fn span(declaration: &Declaration) -> Span {
    let layout = filled(declaration);
    let nested = layout.iter().flat_map(|layout| {
        let inside = |field: &&Field| !layout.is_open(field) && slot(layout, field).is_some();
        layout.fields.list.iter().find(inside)
    });
    nested.map(|field| field.inner.span()).next().unwrap_or_else(Span::call_site)
}

/// A parent may fill something in this type.
pub(crate) fn is_needed(declaration: &Declaration) -> bool {
    filled(declaration).is_some()
}

/// This type fills something inside of field `index`.
pub(crate) fn is_filled(layout: &Layout<'_>, index: usize) -> bool {
    let mut relations = layout.fields.relations.iter();
    relations.any(|one| one.holder.field == index && !one.holder.path.is_empty())
}

/// The type of the `Fill` of a nested field.
pub(crate) fn of(field: &Field) -> TokenStream {
    let ty = &field.inner;
    match field.kind {
        Kind::Bits { .. } => quote_spanned!(ty.span()=> <#ty as __private::Bits>::Fill),
        _ => quote_spanned!(ty.span()=> <#ty as __private::Wire>::Fill),
    }
}

/// The struct has a place for what is inside of this field.
pub(crate) fn holds(layout: &Layout<'_>, field: &Field) -> bool {
    layout.variant.is_none() && !layout.is_open(field) && slot(layout, field).is_some()
}

/// The layout, where it has something to fill: named structs and bitfields with an open field, or
/// with a nested one that may have.
fn filled(declaration: &Declaration) -> Option<Layout<'_>> {
    let fields: &Fields = match &declaration.body {
        Body::Struct(fields) => fields,
        Body::Bitfield(bitfield) => &bitfield.fields,
        Body::Enum(_) | Body::Number(_) => return None,
    };
    let layout = Layout::of_struct(declaration, fields);
    let any = layout.fields.list.iter().any(|field| slot(&layout, field).is_some());
    any.then_some(layout)
}

/// The type of a field's place in the struct.
fn slot(layout: &Layout<'_>, field: &Field) -> Option<TokenStream> {
    let ty = &field.inner;
    if layout.is_open(field) {
        return Some(quote!(__private::Option<#ty>));
    }
    if field.optional || field.auto || field.each.is_some() || !is_concrete(layout.declaration, ty)
    {
        return None;
    }
    match &field.kind {
        Kind::Nested => Some(quote_spanned!(ty.span()=> <#ty as __private::Wire>::Fill)),
        Kind::Bits { value: BitValue::Type, .. } => {
            Some(quote_spanned!(ty.span()=> <#ty as __private::Bits>::Fill))
        }
        _ => None,
    }
}

/// A path without arguments that is no type parameter.
fn is_concrete(declaration: &Declaration, ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    let plain = path.qself.is_none()
        && path.path.segments.iter().all(|segment| segment.arguments.is_none());
    let parameter = path.path.get_ident().is_some_and(|name| {
        declaration.generics.type_params().any(|parameter| parameter.ident == *name)
    });
    plain && !parameter
}
