//! Relations as both sides compute them: checksums, tags.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, Path, parse_quote};

use crate::expand::expression::{self, Side};
use crate::expand::layout::Layout;
use crate::model::{Algorithm, Declaration, Field, Kind, RelationKind};
use crate::names;

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
        Algorithm::Path(path) => {
            let function = function(path);
            quote!(#function(#span))
        }
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
            let function = function(path);
            quote!(#function(&__private::with_hole(#before, #hole, #after)))
        }
    }
}

/// The user's functions that are named by one word: a field of that name would hide them from the
/// bodies of methods, so that each is called through a function of ours beside them.
pub(crate) fn functions(declaration: &Declaration) -> TokenStream {
    let (mut code, mut told) = (TokenStream::new(), Vec::new());
    for fields in declaration.layouts() {
        for relation in &fields.relations {
            let RelationKind::Checksum { algorithm: Algorithm::Path(path), .. } = &relation.kind
            else {
                continue;
            };
            let holder = fields.list.get(relation.holder.field);
            if let (Some(word), Some(field)) = (path.get_ident(), holder)
                && !told.contains(&word)
            {
                told.push(word);
                let (name, ty) = (names::function(word), &field.inner);
                code.extend(quote_spanned! {word.span()=>
                    #[inline(always)]
                    fn #name(__span: &[u8]) -> #ty {
                        #path(__span)
                    }
                });
            }
        }
    }
    code
}

fn function(path: &Path) -> TokenStream {
    match path.get_ident() {
        Some(word) => {
            let name = names::function(word);
            quote!(#name)
        }
        None => quote!(#path),
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

/// How many parts the tag has, and which of them this is, as arguments; `None`: it is a number.
pub(crate) fn in_tuple(part: usize, parts: usize) -> Option<TokenStream> {
    let small = |number: usize| u32::try_from(number).unwrap_or(4);
    let (part, parts) = (small(part), small(parts));
    (parts > 1).then(|| quote!(#parts, #part))
}

/// The tag that `select` gives, or what happens where there is none: of a tuple, a part may be too
/// large for any.
pub(crate) fn selected(
    layout: &Layout<'_>,
    field: &Field,
    select: &Expr,
    side: Side,
    left: &TokenStream,
    overflow: &TokenStream,
) -> TokenStream {
    let prepared = |expr: &Expr| {
        expression::prepare_with(layout, expr, side, field.index, left).or_else(overflow)
    };
    let Expr::Tuple(tuple) = select else {
        let value = prepared(select);
        return quote!(__private::tag(#value));
    };
    let parts = tuple.elems.iter();
    let value = prepared(&parse_quote!(__private::tag_joined([#(__private::tag(#parts)),*])));
    quote! {
        match #value {
            __private::Some(__tag) => __tag,
            __private::None => #overflow,
        }
    }
}

/// What tells the tag of the enum inside a field, at the user's own token.
pub(crate) fn tag(field: &Field) -> TokenStream {
    if let Kind::List { item } = &field.kind {
        return quote_spanned!(item.span()=> __private::tag_of_all::<#item, _>);
    }
    let ty = &field.inner;
    quote_spanned!(ty.span()=> <#ty as __private::Tagged>::tag)
}
