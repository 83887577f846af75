//! `impl Frame`: where the next frame ends.

use proc_macro2::TokenStream;

use crate::model::Declaration;

/// The implementation of `Frame`; nothing for `derive(Wire)`.
pub(crate) fn implementation(_declaration: &Declaration) -> TokenStream {
    TokenStream::new()
}
