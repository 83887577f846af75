//! Relations as both sides compute them: checksums, tags, where the whole begins.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use crate::expand::expression::Side;
use crate::expand::layout::Layout;
use crate::model::{Algorithm, Edge, Field, FieldSpan, RelationKind};

/// The checksum of a span: an expression of type `&[u8]`.
pub(crate) fn checksum(
    algorithm: &Algorithm,
    span: &TokenStream,
    order: &TokenStream,
) -> TokenStream {
    match algorithm {
        Algorithm::Simple(name) => {
            let function = format_ident!("{name}");
            quote!(__private::#function(#span, #order))
        }
        Algorithm::Crc { constant, bits } => {
            let table = crc(constant, *bits);
            quote!({ #table __TABLE.of(#span) })
        }
        Algorithm::Path(path) => quote!(#path(#span)),
    }
}

/// The checksum of a span with a hole of `hole` bytes that count as zeros.
pub(crate) fn checksum_around(
    algorithm: &Algorithm,
    before: &TokenStream,
    hole: usize,
    after: &TokenStream,
    order: &TokenStream,
) -> TokenStream {
    match algorithm {
        Algorithm::Simple(name) => {
            let function = format_ident!("{name}_around");
            quote!(__private::#function(#before, #hole, #after, #order))
        }
        Algorithm::Crc { constant, bits } => {
            let table = crc(constant, *bits);
            quote!({ #table __TABLE.around(#before, #hole, #after) })
        }
        Algorithm::Path(path) => {
            quote!(#path(&__private::with_hole(#before, #hole, #after)))
        }
    }
}

/// The table of one algorithm, a `static` where it is used.
fn crc(constant: &str, bits: u32) -> TokenStream {
    let (kind, constant) = (format_ident!("Crc{bits}"), format_ident!("{constant}"));
    quote! {
        static __TABLE: __private::#kind =
            __private::#kind::new(&__private::catalogue::#constant);
    }
}

/// The tag of the enum in field `target`: a `u64`, or an `Option<u64>` of an optional field.
pub(crate) fn tag_of(layout: &Layout<'_>, target: usize, side: Side) -> TokenStream {
    let Some(field) = layout.fields.list.get(target) else { return quote!(0u64) };
    let local = &field.local;
    let value = match side {
        Side::Read => quote!(&#local),
        Side::Write => quote!(#local),
    };
    let tag = tag(field);
    if field.optional {
        quote!(__private::Option::map(__private::Option::as_ref(#value), #tag))
    } else {
        quote!(#tag(#value))
    }
}

/// What tells the tag of the enum inside a field, at the user's own token.
pub(crate) fn tag(field: &Field) -> TokenStream {
    let ty = &field.inner;
    quote_spanned!(ty.span()=> <#ty as __private::Tagged>::tag)
}

/// Where the bytes begin that `with(whole)` hands to its module: the end of the length field.
pub(crate) fn whole_start(layout: &Layout<'_>) -> TokenStream {
    let relations = layout.fields.relations.iter();
    let holder = relations.filter(|one| matches!(one.kind, RelationKind::Length { .. }));
    let start = holder.map(|one| one.holder.field).min().and_then(|field| {
        let span = FieldSpan { start: Edge::Type, end: Edge::After(field) };
        layout.fixed_span(&span)
    });
    let start = start.unwrap_or(0);
    quote!(#start)
}
