//! Headers of implementations, and constant assertions about what the macro cannot see.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericParam, Generics, Lifetime, LifetimeParam, Type, parse_quote};

use crate::model::{Declaration, Field};

/// The generics of `impl Parse`, and the lifetime of its input.
pub(crate) struct ParseHeader {
    pub(crate) generics: Generics,
    pub(crate) lifetime: Lifetime,
}

/// The lifetime of the input: the type's own, or one of ours.
pub(crate) fn input_lifetime(declaration: &Declaration) -> Lifetime {
    declaration.lifetime.clone().unwrap_or_else(|| parse_quote!('__input))
}

/// Type parameters can be written, and need no context.
pub(crate) fn wire_generics(declaration: &Declaration) -> Generics {
    bounded(declaration, |parameter| parse_quote!(#parameter: __private::Wire<Context = ()>))
}

/// Type parameters can be read from the input.
pub(crate) fn parse_header(declaration: &Declaration) -> ParseHeader {
    let lifetime = input_lifetime(declaration);
    header(declaration, |parameter| {
        parse_quote! {
            #parameter: __private::Parse<#lifetime> + __private::Wire<Context = ()>
        }
    })
}

/// Type parameters can be drawn, and written.
#[cfg(feature = "arbitrary")]
pub(crate) fn arbitrary_header(declaration: &Declaration) -> ParseHeader {
    let lifetime = input_lifetime(declaration);
    header(declaration, |parameter| {
        parse_quote! {
            #parameter: __drawing::Arbitrary<#lifetime, Declared = ()>
                + __private::Wire<Context = ()>
        }
    })
}

fn header(
    declaration: &Declaration,
    bound: impl Fn(&syn::Ident) -> syn::WherePredicate,
) -> ParseHeader {
    let lifetime = input_lifetime(declaration);
    let mut generics = bounded(declaration, bound);
    if declaration.lifetime.is_none() {
        let parameter = LifetimeParam::new(lifetime.clone());
        generics.params.insert(0, GenericParam::Lifetime(parameter));
    }
    ParseHeader { generics, lifetime }
}

fn bounded(
    declaration: &Declaration,
    bound: impl Fn(&syn::Ident) -> syn::WherePredicate,
) -> Generics {
    let mut generics = declaration.generics.clone();
    let parameters: Vec<syn::Ident> =
        generics.type_params().map(|parameter| parameter.ident.clone()).collect();
    if !parameters.is_empty() {
        let clause = generics.make_where_clause();
        clause.predicates.extend(parameters.iter().map(bound));
    }
    generics
}

/// A nested type in a run of bits must fit its bits.
pub(crate) fn bits_guard(field: &Field, width: u32) -> TokenStream {
    let ty = &field.inner;
    let text = format!("this type takes more than {width} bits; write `bits = n` with its width");
    quote_spanned! {ty.span()=>
        const {
            __private::assert!(<#ty as __private::Bits>::BITS <= #width, #text);
        }
    }
}

/// Items that may take no bytes at all would make a list endless.
pub(crate) fn item_guard(field: &Field, item: &Type) -> TokenStream {
    if field.max_count.is_some() {
        return TokenStream::new();
    }
    quote_spanned! {item.span()=>
        const {
            __private::assert!(
                <#item as __private::Wire>::MIN_LEN > 0,
                "an item may take no bytes, so nothing bounds the list; add `max_count = N`"
            );
        }
    }
}

/// A nested type that takes all it is given needs an end: `tail` is an expression of type
/// `Option<usize>`, what stands behind it.
pub(crate) fn elastic_guard(field: &Field, tail: Option<&TokenStream>) -> TokenStream {
    let ty = &field.inner;
    let behind = match tail {
        Some(tail) => quote!(|| #tail.is_some()),
        None => TokenStream::new(),
    };
    quote_spanned! {ty.span()=>
        const {
            __private::assert!(
                !<#ty as __private::Wire>::GREEDY #behind,
                "this type takes all bytes that are left, but fields without a fixed length \
                 follow; bound it with `length_of`, `prefix` or `size`"
            );
        }
    }
}
