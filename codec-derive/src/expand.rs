//! The model into code. Total: nothing here fails, panics or reports.

pub(crate) mod border;
pub(crate) mod roles;
pub(crate) mod schema;
pub(crate) mod view;

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::Declaration;
use crate::names;

/// Everything that a derive emits for one declaration.
pub(crate) fn declaration(declaration: &Declaration) -> TokenStream {
    let allowances = names::allowances();
    let import = names::import(declaration);
    let roles = roles::implementation(declaration);
    let border = border::implementation(declaration);
    let view = view::implementation(declaration);
    quote! {
        #allowances
        const _: () = {
            #import
            #roles
            #border
            #view
        };
    }
}
