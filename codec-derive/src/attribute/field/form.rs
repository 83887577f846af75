//! The grammars of values that only fields have.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Expr, Path, Token, token};

use crate::attribute::field::{BitsSyntax, CounterSyntax, StepSyntax};
use crate::attribute::value;
use crate::model::{FieldRole, Overlong, Role, Split};

const OVERLONGS: &[(&str, Overlong)] =
    &[("refuse", Overlong::Refuse), ("accept", Overlong::Accept), ("keep", Overlong::Keep)];
const ROLES: &[(&str, FieldRole)] = &[
    ("sequence", FieldRole::Sequence),
    ("acknowledges", FieldRole::Acknowledges),
    ("replies_to", FieldRole::RepliesTo),
    ("fragment_index", FieldRole::FragmentIndex),
    ("fragment_total", FieldRole::FragmentTotal),
    ("fragment_more", FieldRole::FragmentMore),
    ("fragment_last", FieldRole::FragmentLast),
];

/// `= names`, read by `read`.
pub(super) fn named<T>(
    input: ParseStream<'_>,
    key: &Ident,
    read: fn(ParseStream<'_>) -> syn::Result<T>,
) -> syn::Result<T> {
    value::equals_sign(input, key)?;
    if input.is_empty() || input.peek(Token![,]) {
        let message = format!("`{key}` needs the name of a field: `{key} = ..`");
        return Err(syn::Error::new(key.span(), message));
    }
    read(input)
}

pub(super) fn bits(input: ParseStream<'_>, key: &Ident) -> syn::Result<BitsSyntax> {
    Ok(match value::equals(input, key)? {
        Expr::Path(path) if path.path.is_ident("rest") => BitsSyntax::Rest,
        width => BitsSyntax::Width(width),
    })
}

/// An integer type, the name of a varint, a path, or `steps(0xFD => u16, ..)`.
pub(super) fn counter(input: ParseStream<'_>, key: &Ident) -> syn::Result<CounterSyntax> {
    let path: Path = value::equals(input, key)?;
    if !path.is_ident("steps") || !input.peek(token::Paren) {
        return Ok(CounterSyntax::Path(path));
    }
    let content = value::parentheses(input, key, "")?;
    let list = content.parse_terminated(step, Token![,])?;
    let span = path.get_ident().map_or_else(|| key.span(), Ident::span);
    Ok(CounterSyntax::Steps { span, list: list.into_iter().collect() })
}

/// `0xFD => u16`, `13 => u8 + 13`, `0xFB => _`.
fn step(input: ParseStream<'_>) -> syn::Result<StepSyntax> {
    let marker = input.parse()?;
    input.parse::<Token![=>]>()?;
    if input.parse::<Option<Token![_]>>()?.is_some() {
        return Ok(StepSyntax { marker, form: None });
    }
    let ty = syn::Type::without_plus(input)?;
    let add = match input.parse::<Option<Token![+]>>()? {
        Some(_) => Some(Expr::Lit(input.parse()?)),
        None => None,
    };
    Ok(StepSyntax { marker, form: Some((ty, add)) })
}

pub(super) fn overlong(input: ParseStream<'_>, key: &Ident) -> syn::Result<Overlong> {
    value::equals_sign(input, key)?;
    value::word_after_equals(input, key, OVERLONGS)
}

/// `minimal`, or `minimal = 0`: the bytes that it has at least.
pub(super) fn minimal(input: ParseStream<'_>, key: &Ident) -> syn::Result<Option<Expr>> {
    match input.is_empty() || input.peek(Token![,]) {
        true => Ok(None),
        false => value::equals(input, key).map(Some),
    }
}

/// Bare on a field; the other forms belong elsewhere.
pub(super) fn tag(input: ParseStream<'_>, key: &Ident) -> syn::Result<()> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(());
    }
    let message = "on a field of a variant write only `tag`: the field holds the tag; \
                   `tag = ..` belongs on the variant";
    Err(syn::Error::new(key.span(), message))
}

/// `module` or `module(whole)`.
pub(super) fn with(input: ParseStream<'_>, key: &Ident) -> syn::Result<(Path, bool)> {
    let module: Path = value::equals(input, key)?;
    if !input.peek(token::Paren) {
        return Ok((module, false));
    }
    let content = value::parentheses(input, key, "")?;
    let word: Ident = content.call(Ident::parse_any)?;
    match word == "whole" {
        true => Ok((module, true)),
        false => Err(syn::Error::new(word.span(), "write `with = module(whole)`")),
    }
}

/// `(part, 1023)`: the field that holds the place of a fragment, and the bytes of the longest one.
pub(super) fn split(input: ParseStream<'_>, key: &Ident) -> syn::Result<Split> {
    const FORM: &str = "(part, 1023)";
    let content = value::parentheses(input, key, FORM)?;
    let place = content.call(Ident::parse_any)?;
    if content.parse::<Option<Token![,]>>()?.is_none() || content.is_empty() {
        let message = format!("how long may a fragment be? write `split({place}, 1023)`");
        return Err(syn::Error::new(place.span(), message));
    }
    let limit = content.parse()?;
    content.parse::<Option<Token![,]>>()?;
    Ok(Split { place, limit })
}

pub(super) fn role(input: ParseStream<'_>, key: &Ident) -> syn::Result<Role> {
    value::equals_sign(input, key)?;
    if input.peek(Token![if]) || input.peek(Token![match]) {
        return input.parse().map(Role::Choice);
    }
    value::word_after_equals(input, key, ROLES).map(Role::One)
}
