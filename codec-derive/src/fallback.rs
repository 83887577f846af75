//! Empty impls for a declaration with errors, so that one mistake gives one message.

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::model::Derive;

pub(crate) fn impls(_input: &DeriveInput, _derive: Derive) -> TokenStream {
    TokenStream::new()
}
