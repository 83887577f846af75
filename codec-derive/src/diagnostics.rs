//! Collects what is wrong with a declaration, so that everything is reported at once.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;

/// From a token to a token; rustc joins them where a stable macro cannot.
#[derive(Clone, Copy)]
pub(crate) struct Reach {
    pub(crate) start: Span,
    pub(crate) end: Span,
}

impl From<Span> for Reach {
    fn from(span: Span) -> Self {
        Self { start: span, end: span }
    }
}

/// All problems of one declaration, in the order in which they were found.
#[derive(Default)]
pub(crate) struct Diagnostics {
    errors: Vec<syn::Error>,
}

impl Diagnostics {
    /// Something is wrong at `span`: what, and what to write instead.
    pub(crate) fn error(&mut self, reach: impl Into<Reach>, message: impl Into<String>) {
        let Reach { start, end } = reach.into();
        // An error reaches from the first token to the last.
        let tokens = [Ident::new("start", start), Ident::new("end", end)];
        let tokens: TokenStream = tokens.into_iter().map(TokenTree::from).collect();
        self.errors.push(syn::Error::new_spanned(tokens, message.into()));
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
        let mut errors = self.sorted();
        let mut all = errors.next()?;
        all.extend(errors);
        Some(all.to_compile_error())
    }

    /// Each problem by itself, in the order in which the user reads.
    pub(crate) fn sorted(mut self) -> impl Iterator<Item = syn::Error> {
        self.errors.sort_by_key(|error| position(error.span()));
        self.errors.into_iter()
    }
}

/// Line and column.
#[cfg(not(test))]
fn position(span: Span) -> (usize, usize) {
    let span = span.unwrap();
    (span.line(), span.column())
}

/// Line and column, outside of the compiler.
#[cfg(test)]
fn position(span: Span) -> (usize, usize) {
    (span.start().line, span.start().column)
}
