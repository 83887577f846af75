//! Values that users read themselves: parsers of their own, conversions.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use crate::expand::enclosing;
use crate::expand::parse::{Reader, number_of};
use crate::expand::value;
use crate::model::Field;

impl Reader<'_, '_> {
    /// A module of the user's with a nom parser.
    pub(crate) fn with(&self, field: &Field, module: &syn::Path, whole: bool) -> TokenStream {
        let number = number_of(field.index);
        let read = value::function(module, "read");
        if !whole {
            return self.advance(&quote_spanned! {module.span()=>
                __private::foreign(#read(__rest), #number, __rest)
            });
        }
        // A frame knows its bytes by their own lifetime, so that values may borrow from them.
        let begun = enclosing::starts(self.layout).is_some_and(|start| start <= field.index);
        let seen = if begun && self.layout.declaration.frame.is_some() && field.process.is_none() {
            quote!((__whole, __private::position(__whole, __rest)))
        } else if field.process.is_some() {
            quote!(__private::seen(__scope, __rest, __rest))
        } else {
            quote!(__private::seen(__scope, __input, __rest))
        };
        let call = self.advance(&quote_spanned! {module.span()=>
            __private::foreign_whole(#read(__rest, __frame, __offset), #number, __rest)
        });
        quote!({ let (__frame, __offset) = #seen; #call })
    }

    /// A value over a wire type, converted.
    pub(crate) fn map(&self, field: &Field, read: &syn::Expr, wire: &syn::Type) -> TokenStream {
        let at = self.fault("Invalid", field.index, &quote!(__from), 0);
        let raw = self.advance(&quote! {
            <#wire as __private::Parse>::parse_in(__rest, __scope.inside(&__around), &())
        });
        let ty = &field.inner;
        quote! {{
            let __from = __rest;
            let __around = __private::looking(__scope);
            let __raw = #raw;
            match __private::Mapped::<#ty>::mapped(__private::apply(#read, __raw)) {
                __private::Some(__value) => __value,
                __private::None => #at,
            }
        }}
    }
}
