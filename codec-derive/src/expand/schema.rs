//! The layout as data.

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::Declaration;

/// The expression of type `&'static Schema` that goes into `const SCHEMA`.
pub(crate) fn constant(declaration: &Declaration) -> TokenStream {
    let name = declaration.name.to_string();
    quote!(&__private::Schema { name: #name })
}
