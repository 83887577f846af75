//! Names of fields as values: `field`, `path.to.field`, and ranges over them.

use proc_macro2::{Ident, Span};
use syn::Token;

use crate::diagnostics::Reach;
use syn::ext::IdentExt;
use syn::parse::ParseStream;

/// The name of a field of the type itself: an identifier, the index in a tuple, or `self`.
#[derive(Clone)]
pub(crate) struct Name {
    /// Without `r#`; a number in tuples.
    pub(crate) text: String,
    pub(crate) span: Span,
}

/// `path.to.field`.
pub(crate) struct PathSyntax {
    pub(crate) first: Name,
    pub(crate) rest: Vec<Ident>,
    pub(crate) span: Reach,
}

/// A Rust range of field names; a bare name is the span of that field.
pub(crate) struct SpanSyntax {
    pub(crate) form: Form,
    pub(crate) span: Reach,
}

pub(crate) enum Form {
    Field(Name),
    Range { start: Option<Name>, end: Option<Name>, inclusive: bool },
}

/// `field`, `a..=b`, `a..`, `..self`, `self..`, `..`.
pub(crate) fn span(input: ParseStream<'_>) -> syn::Result<SpanSyntax> {
    let begin = input.span();
    let start = if input.peek(Token![..]) { None } else { Some(name(input)?) };
    if !input.peek(Token![..]) {
        let Some(field) = start else { return Err(input.error("expected the name of a field")) };
        return Ok(SpanSyntax { span: field.span.into(), form: Form::Field(field) });
    }
    let inclusive = input.peek(Token![..=]);
    let dots = match inclusive {
        true => input.parse::<Token![..=]>()?.spans.last().copied(),
        false => input.parse::<Token![..]>()?.spans.last().copied(),
    };
    let end = if input.is_empty() || input.peek(Token![,]) { None } else { Some(name(input)?) };
    let close = end.as_ref().map(|name| name.span).or(dots).unwrap_or(begin);
    let span = Reach { start: begin, end: close };
    Ok(SpanSyntax { form: Form::Range { start, end, inclusive }, span })
}

/// `path.to.field`.
pub(crate) fn path(input: ParseStream<'_>) -> syn::Result<PathSyntax> {
    let begin = input.span();
    if input.peek(syn::LitFloat) {
        return Err(input.error("a relation reaches into named fields only; name the inner field"));
    }
    let first = name(input)?;
    let (mut rest, mut close) = (Vec::new(), begin);
    while input.peek(Token![.]) && !input.peek(Token![..]) {
        input.parse::<Token![.]>()?;
        let part = input.call(Ident::parse_any)?;
        close = part.span();
        rest.push(part);
    }
    Ok(PathSyntax { first, rest, span: Reach { start: begin, end: close } })
}

/// `path.to.field`, or several of them in parentheses.
pub(crate) fn paths(input: ParseStream<'_>) -> syn::Result<Vec<PathSyntax>> {
    if !input.peek(syn::token::Paren) {
        return path(input).map(|path| vec![path]);
    }
    let content;
    let parens = syn::parenthesized!(content in input);
    let list = content.parse_terminated(path, Token![,])?;
    if list.is_empty() {
        let message = "name the fields that hold the tag: `tag_in = (header.kind, header.part)`";
        return Err(syn::Error::new(parens.span.join(), message));
    }
    Ok(list.into_iter().collect())
}

/// One name.
pub(crate) fn name(input: ParseStream<'_>) -> syn::Result<Name> {
    let span = input.span();
    if input.peek(syn::LitInt) {
        let index: syn::LitInt = input.parse()?;
        return Ok(Name { text: index.base10_digits().to_owned(), span });
    }
    if input.peek(Token![self]) {
        input.parse::<Token![self]>()?;
        return Ok(Name { text: "self".to_owned(), span });
    }
    if input.peek(Ident::peek_any) {
        let ident = input.call(Ident::parse_any)?;
        return Ok(Name { text: ident.unraw().to_string(), span });
    }
    Err(input.error("expected the name of a field, or a range of names such as `..self`"))
}
