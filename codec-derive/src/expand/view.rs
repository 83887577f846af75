//! `view_of = Message`: the borrowing twin of a frame.

use proc_macro2::TokenStream;

use crate::model::Declaration;

/// The implementation of the session's `View`; nothing without `view_of`.
pub(crate) fn implementation(_declaration: &Declaration) -> TokenStream {
    TokenStream::new()
}
