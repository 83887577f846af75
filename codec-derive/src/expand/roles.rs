//! `impl Roles`: what a session needs to know.

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::Declaration;

/// The implementation of `Roles`.
pub(crate) fn implementation(declaration: &Declaration) -> TokenStream {
    let name = &declaration.name;
    let (impl_generics, type_generics, clause) = declaration.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #impl_generics __private::Roles for #name #type_generics #clause {}
    }
}
