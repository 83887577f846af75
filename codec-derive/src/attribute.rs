//! `#[wire(..)]` as the user wrote it: typed keys, each with the place where it stands.
//!
//! One pass over the tokens. A key that cannot be read is reported, skipped up to its comma, and
//! the next one is read.

pub(crate) mod container;
pub(crate) mod field;
pub(crate) mod span;
pub(crate) mod value;
pub(crate) mod variant;

use proc_macro2::{Ident, Span, TokenTree};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Expr, Lit, Meta, Token};

use crate::diagnostics::Diagnostics;
use crate::keyword::{self, Site};
use crate::model::Marks;

/// A key that was given: where, and its value.
pub(crate) struct Given<T> {
    /// The key's own token.
    pub(crate) span: Span,
    pub(crate) value: T,
}

/// The keys that one place of a declaration takes.
pub(crate) trait Keys {
    const SITE: Site;

    /// Notes each key that was read.
    fn marks(&mut self) -> &mut Marks;

    /// Reads the value of `key`. `Ok(false)`: no such key here.
    fn read(&mut self, key: &Ident, input: ParseStream<'_>) -> syn::Result<bool>;
}

/// Reads all `#[wire(..)]` among `attributes` into `keys`.
pub(crate) fn read<K: Keys>(attributes: &[Attribute], keys: &mut K, diagnostics: &mut Diagnostics) {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("wire")) {
        let Meta::List(list) = &attribute.meta else {
            diagnostics.error_at(&attribute.meta, "`wire` needs its keys: write `#[wire(..)]`");
            continue;
        };
        let before = diagnostics.count();
        let result = list.parse_args_with(|input: ParseStream<'_>| {
            while !input.is_empty() {
                entry(keys, input, diagnostics);
            }
            Ok(())
        });
        // What syn finds left over inside parentheses follows from an error reported already.
        if let Err(error) = result
            && diagnostics.count() == before
        {
            diagnostics.push(error);
            keys.marks().spoil();
        }
    }
}

/// Reads the keys inside of another one, such as `each(..)`.
pub(crate) fn read_inside<K: Keys>(
    tokens: proc_macro2::TokenStream,
    keys: &mut K,
    diagnostics: &mut Diagnostics,
) {
    let before = diagnostics.count();
    let result = syn::parse::Parser::parse2(
        |input: ParseStream<'_>| {
            while !input.is_empty() {
                entry(keys, input, diagnostics);
            }
            Ok(())
        },
        tokens,
    );
    if let Err(error) = result
        && diagnostics.count() == before
    {
        diagnostics.push(error);
        keys.marks().spoil();
    }
}

fn entry<K: Keys>(keys: &mut K, input: ParseStream<'_>, diagnostics: &mut Diagnostics) {
    let result = input.call(Ident::parse_any).and_then(|key| {
        if !keys.read(&key, input)? {
            return Err(keyword::misplaced(&key, K::SITE));
        }
        if let Some(name) = keyword::name(&key) {
            keys.marks().note(name, key.span());
        }
        if input.is_empty() || input.peek(Token![,]) {
            return Ok(());
        }
        let message = format!("expected `,` after the value of `{key}`");
        Err(syn::Error::new(input.span(), message))
    });
    if let Err(error) = result {
        diagnostics.push(error);
        keys.marks().spoil();
        skip(input);
    }
    if input.peek(Token![,]) {
        let _comma = input.parse::<Token![,]>();
    }
}

/// Up to the next comma.
fn skip(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        if input.parse::<TokenTree>().is_err() {
            return;
        }
    }
}

/// Stores a value once; a second one is an error.
pub(crate) fn set<T>(slot: &mut Option<Given<T>>, key: &Ident, value: T) -> syn::Result<bool> {
    if slot.is_some() {
        let message = format!("`{key}` is given twice; write it once");
        return Err(syn::Error::new(key.span(), message));
    }
    *slot = Some(Given { span: key.span(), value });
    Ok(true)
}

/// Doc comments joined by newlines, trimmed.
pub(crate) fn doc(attributes: &[Attribute]) -> String {
    let mut lines = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("doc")) {
        if let Meta::NameValue(pair) = &attribute.meta
            && let Expr::Lit(literal) = &pair.value
            && let Lit::Str(text) = &literal.lit
        {
            lines.push(text.value().trim().to_owned());
        }
    }
    lines.join("\n").trim().to_owned()
}
