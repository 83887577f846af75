//! `view_of = Message`: the borrowing twin of a frame, or of a type inside of one.
//!
//! A twin has the fields of the owned type, by name. Borrowed bytes and text are copied, nested
//! twins are converted by their own `From`, everything else moves. Expands to:
//! ```text
//! impl<'a> From<MessageView<'a>> for Message {
//!     fn from(__view: MessageView<'a>) -> Self {
//!         match __view {
//!             MessageView { sequence, text } =>
//!                 Message { sequence, text: __private::Twin::own(text) },
//!         }
//!     }
//! }
//! impl<'a> ::longlink::session::protocol::View<'a> for MessageView<'a> { .. }
//! ```
//! Where the type does not borrow after all, there is no lifetime to be a view of, and only `From`
//! is written.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Ident, Lifetime, Path};

use super::roles::binding;
use crate::model::{Body, BytesKind, Declaration, Field, Fields, Kind, Variant};

/// `From` and the session's `View`; nothing without `view_of`.
pub(crate) fn implementation(declaration: &Declaration) -> TokenStream {
    let Some(owned) = &declaration.view_of else {
        return TokenStream::new();
    };
    let conversion = conversion(declaration, owned);
    let view = declaration.lifetime.as_ref().map(|lifetime| view(declaration, owned, lifetime));
    quote!(#conversion #view)
}

fn conversion(declaration: &Declaration, owned: &Path) -> TokenStream {
    let name = &declaration.name;
    let (impl_generics, type_generics, clause) = declaration.generics.split_for_impl();
    let arms = match &declaration.body {
        Body::Struct(fields) => vec![arm(&quote!(#name), &quote!(#owned), fields)],
        Body::Bitfield(bitfield) => vec![arm(&quote!(#name), &quote!(#owned), &bitfield.fields)],
        Body::Enum(of) => variants(name, owned, &of.variants),
        Body::Number(of) => variants(name, owned, &of.variants),
    };
    quote! {
        #[automatically_derived]
        impl #impl_generics ::core::convert::From<#name #type_generics> for #owned #clause {
            fn from(__view: #name #type_generics) -> Self {
                match __view { #(#arms)* }
            }
        }
    }
}

fn variants(name: &Ident, owned: &Path, variants: &[Variant]) -> Vec<TokenStream> {
    variants
        .iter()
        .map(|variant| {
            let which = &variant.name;
            arm(&quote!(#name::#which), &quote!(#owned::#which), &variant.fields)
        })
        .collect()
}

fn arm(from: &TokenStream, to: &TokenStream, fields: &Fields) -> TokenStream {
    let bindings = fields.list.iter().map(binding);
    let values = fields.list.iter().map(|field| {
        let (member, value) = (&field.member, value(field));
        quote!(#member: #value)
    });
    quote!(#from { #(#bindings),* } => #to { #(#values),* },)
}

fn value(field: &Field) -> TokenStream {
    let local = &field.local;
    if !borrows(&field.ty) {
        return quote!(#local);
    }
    let convert = match &field.kind {
        Kind::Bytes(BytesKind::Slice) | Kind::Text(_) => quote!(__private::Twin::own),
        _ => quote!(::core::convert::From::from),
    };
    match &field.kind {
        Kind::List { .. } => {
            quote!(::core::iter::Iterator::collect(::core::iter::Iterator::map(
                ::core::iter::IntoIterator::into_iter(#local),
                ::core::convert::From::from,
            )))
        }
        _ if field.optional => quote!(::core::option::Option::map(#local, #convert)),
        _ => quote!(#convert(#local)),
    }
}

/// A lifetime stands somewhere in the type.
fn borrows(ty: &syn::Type) -> bool {
    struct Finder(bool);
    impl<'ast> syn::visit::Visit<'ast> for Finder {
        fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
            self.0 |= lifetime.ident != "static";
        }
    }
    let mut finder = Finder(false);
    syn::visit::Visit::visit_type(&mut finder, ty);
    finder.0
}

fn view(declaration: &Declaration, owned: &Path, lifetime: &Lifetime) -> TokenStream {
    let (name, facade) = (&declaration.name, &declaration.facade);
    let (impl_generics, type_generics, clause) = declaration.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #impl_generics #facade::session::protocol::View<#lifetime> for #name #type_generics #clause {
            type Owned = #owned;
            const SHARES: bool = <Self as __private::Wire>::SHARES;

            fn parse(
                __frame: &#lifetime [u8],
                __scope: __private::Scope<'_>,
                __context: &<#owned as __private::Wire>::Context,
            ) -> ::core::result::Result<Self, __private::DecodeError> {
                let __inside = __private::inside_of_delimiters::<#owned>(__frame)?;
                let __around = __private::twin(__scope);
                let __scope = if <Self as __private::Wire>::SEES_WHOLE {
                    __scope.inside(&__around)
                } else {
                    __scope
                };
                <Self as __private::Parse<#lifetime>>::exact_in(__inside, __scope, __context)
            }

            fn into_owned(self) -> #owned {
                ::core::convert::From::from(self)
            }
        }
    }
}
