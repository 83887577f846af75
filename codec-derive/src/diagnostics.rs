//! Collects what is wrong with a declaration, so that everything is reported at once.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// All problems of one declaration, in the order in which they were found.
#[derive(Default)]
pub(crate) struct Diagnostics {
    errors: Vec<syn::Error>,
}

impl Diagnostics {
    /// Something is wrong at `span`: what, and what to write instead.
    pub(crate) fn error(&mut self, span: Span, message: impl Into<String>) {
        self.errors.push(syn::Error::new(span, message.into()));
    }

    /// The same at a whole piece of the user's tokens.
    pub(crate) fn error_at(&mut self, tokens: impl ToTokens, message: impl Into<String>) {
        self.errors.push(syn::Error::new_spanned(tokens, message.into()));
    }

    /// An error of syn's.
    pub(crate) fn push(&mut self, error: syn::Error) {
        self.errors.push(error);
    }

    /// The value; the error is kept and becomes `None`.
    pub(crate) fn keep<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    pub(crate) fn count(&self) -> usize {
        self.errors.len()
    }

    /// `compile_error!`s for all, or `None` when all is well.
    pub(crate) fn into_compile_errors(self) -> Option<TokenStream> {
        let mut errors = self.errors.into_iter();
        let mut all = errors.next()?;
        all.extend(errors);
        Some(all.to_compile_error())
    }

    /// Each problem by itself.
    #[cfg(test)]
    pub(crate) fn into_iter(self) -> impl Iterator<Item = syn::Error> {
        self.errors.into_iter()
    }
}
