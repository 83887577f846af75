//! `each(..)`: a hidden tuple struct with the layout of one element. Expands to:
//!
//! ```text
//! struct __MessageEach2(String);
//! impl Wire for __MessageEach2 { .. }
//! impl Parse<'_> for __MessageEach2 { .. }
//! impl Each for __MessageEach2 { type Of = String; .. }
//! ```
//! A list is read as these and becomes what the user's type holds, which for types of one layout
//! costs nothing; it is written from the user's own values, by reference.

use proc_macro2::TokenStream;
use quote::quote;

use crate::expand::encode::{Purpose, Writer};
use crate::expand::layout::Layout;
use crate::expand::{bounds, declaration};
use crate::model::{Body, Each};
use crate::names;

/// The hidden type, with all that a derive emits for it.
pub(crate) fn declared(each: &Each) -> TokenStream {
    let hidden = &each.declaration;
    let Body::Struct(fields) = &hidden.body else { return TokenStream::new() };
    let name = &hidden.name;
    let types = fields.list.iter().map(|field| &field.ty);
    let (all, import, allowances) =
        (declaration(hidden), names::import(hidden), names::allowances());
    let (impl_generics, type_generics, _) = hidden.generics.split_for_impl();
    let generics = bounds::wire_generics(hidden);
    let (wire_generics, _, clause) = generics.split_for_impl();
    let _ = impl_generics;
    let layout = Layout::of_struct(hidden, fields);
    let locals: Vec<_> = fields.list.iter().map(|field| &field.local).collect();
    let (bindings, value) = match each.is_tuple {
        true => (quote!(let (#(#locals,)*) = __of;), quote!((#(#locals,)*))),
        false => (quote!(#(let #locals = __of;)*), quote!(#(#locals)*)),
    };
    let members = fields.list.iter().map(|field| {
        let (member, local) = (&field.member, &field.local);
        quote!(#member: #local)
    });
    let write = Writer::new(&layout, Purpose::Write).body();
    let measure = Writer::new(&layout, Purpose::Measure).len_between(0, fields.list.len());
    let (of, own) = (&each.of, &hidden.generics);
    quote! {
        #[doc(hidden)]
        #[allow(non_camel_case_types, dead_code)]
        struct #name #own (#(#types),*);
        #all
        #allowances
        const _: () = {
            #import
            #[automatically_derived]
            impl #wire_generics __private::Each for #name #type_generics #clause {
                type Of = #of;
                #[inline]
                fn of(self) -> Self::Of {
                    let Self { #(#members),* } = self;
                    #value
                }
                #[inline]
                fn len_of(
                    __of: &Self::Of,
                    __scope: __private::Scope<'_>,
                    __context: &Self::Context,
                ) -> usize {
                    #bindings
                    #measure
                }
                #[inline]
                fn write(
                    __of: &Self::Of,
                    __out: &mut __private::BytesMut,
                    __scope: __private::Scope<'_>,
                    __context: &Self::Context,
                ) -> __private::Result<(), __private::EncodeError> {
                    #bindings
                    let __start = __out.len();
                    #write
                    __private::Ok(())
                }
            }
        };
    }
}
