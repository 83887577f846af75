//! The grammars of values.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, LitStr, Path, Token, Type, parenthesized, token};

use crate::attribute::Given;
use crate::keyword;
use crate::model::{Argument, Assert, Endian, Gate, Parameter};

/// `= value` of any type that parses itself.
pub(crate) fn equals<T: Parse>(input: ParseStream<'_>, key: &Ident) -> syn::Result<T> {
    equals_sign(input, key)?;
    if input.is_empty() || input.peek(Token![,]) {
        return Err(syn::Error::new(key.span(), format!("`{key}` needs a value: `{key} = ..`")));
    }
    input.parse()
}

/// The `=` behind a key.
pub(crate) fn equals_sign(input: ParseStream<'_>, key: &Ident) -> syn::Result<()> {
    if input.peek(Token![=]) && !input.peek(Token![==]) {
        input.parse::<Token![=]>()?;
        return Ok(());
    }
    Err(syn::Error::new(key.span(), format!("`{key}` needs a value: `{key} = ..`")))
}

/// A key without a value.
pub(crate) fn bare(input: ParseStream<'_>, key: &Ident) -> syn::Result<()> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(());
    }
    Err(syn::Error::new(key.span(), format!("`{key}` takes no value; write only `{key}`")))
}

/// `= word`, one of a few.
pub(crate) fn word<T: Copy>(
    input: ParseStream<'_>,
    key: &Ident,
    words: &[(&str, T)],
) -> syn::Result<T> {
    equals_sign(input, key)?;
    word_after_equals(input, key, words)
}

/// `word`, one of a few, behind the `=`.
pub(crate) fn word_after_equals<T: Copy>(
    input: ParseStream<'_>,
    key: &Ident,
    words: &[(&str, T)],
) -> syn::Result<T> {
    let word = input.call(Ident::parse_any).map_err(|_| one_of(input.span(), key, "", words))?;
    let found = words.iter().find(|(name, _)| word == name);
    found.map(|(_, value)| *value).ok_or_else(|| one_of(word.span(), key, &word.to_string(), words))
}

fn one_of<T>(span: Span, key: &Ident, word: &str, words: &[(&str, T)]) -> syn::Error {
    let names: Vec<String> = words.iter().map(|(name, _)| format!("`{name}`")).collect();
    let meant = keyword::meant(word, words.iter().map(|(name, _)| *name));
    syn::Error::new(span, format!("`{key}` is one of {}{meant}", keyword::list(&names)))
}

/// `= big | little | expr`.
pub(crate) fn endian(input: ParseStream<'_>, key: &Ident) -> syn::Result<Endian> {
    let value: Expr = equals(input, key)?;
    Ok(match &value {
        Expr::Path(path) if path.path.is_ident("big") => Endian::Big,
        Expr::Path(path) if path.path.is_ident("little") => Endian::Little,
        _ => Endian::Expression(value),
    })
}

/// `(expr, "message")`; the message may be left out.
pub(crate) fn assertion(input: ParseStream<'_>, key: &Ident) -> syn::Result<Assert> {
    let content = parentheses(input, key, "(condition, \"message\")")?;
    let condition = content.parse()?;
    let message = match content.parse::<Option<Token![,]>>()? {
        Some(_) if !content.is_empty() => Some(content.parse::<LitStr>()?.value()),
        _ => None,
    };
    content.parse::<Option<Token![,]>>()?;
    Ok(Assert { condition, message })
}

/// `(key: Type, ..)` on a type.
pub(crate) fn parameters(input: ParseStream<'_>, key: &Ident) -> syn::Result<Vec<Parameter>> {
    let content = parentheses(input, key, "(name: Type)")?;
    let list = content.parse_terminated(
        |input| {
            let name: Ident = input.parse()?;
            if !input.peek(Token![:]) {
                let message = format!("a type declares its context: write `ctx({name}: Type)`");
                return Err(syn::Error::new(name.span(), message));
            }
            input.parse::<Token![:]>()?;
            Ok(Parameter { name, ty: input.parse()? })
        },
        Token![,],
    )?;
    let mut list: Vec<Parameter> = list.into_iter().collect();
    list.sort_by_cached_key(|parameter| parameter.name.to_string());
    Ok(list)
}

/// `(key)` or `(key = expr)` at a use.
pub(crate) fn arguments(input: ParseStream<'_>, key: &Ident) -> syn::Result<Vec<Argument>> {
    let content = parentheses(input, key, "(name)` or `ctx(name = value)")?;
    let list = content.parse_terminated(
        |input| {
            let name: Ident = input.parse()?;
            let value = match input.parse::<Option<Token![=]>>()? {
                Some(_) => input.parse()?,
                None => syn::parse_quote!(#name),
            };
            Ok(Argument { name, value })
        },
        Token![,],
    )?;
    let mut list: Vec<Argument> = list.into_iter().collect();
    list.sort_by_cached_key(|argument| argument.name.to_string());
    Ok(list)
}

/// `process = path(args)`: a path and its arguments.
pub(crate) fn call(input: ParseStream<'_>, key: &Ident) -> syn::Result<(Path, Vec<Expr>)> {
    let path: Path = equals(input, key)?;
    if !input.peek(token::Paren) {
        return Ok((path, Vec::new()));
    }
    let content;
    parenthesized!(content in input);
    let arguments = content.parse_terminated(Expr::parse, Token![,])?;
    Ok((path, arguments.into_iter().collect()))
}

/// `map(read = f, write = g)`.
pub(crate) fn map(input: ParseStream<'_>, key: &Ident) -> syn::Result<(Expr, Expr)> {
    const FORM: &str = "(read = f, write = g)";
    let content = parentheses(input, key, FORM)?;
    let (mut read, mut write) = (None, None);
    while !content.is_empty() {
        let side: Ident = content.parse()?;
        let slot = match side.to_string().as_str() {
            "read" => &mut read,
            "write" => &mut write,
            _ => return Err(syn::Error::new(side.span(), format!("write `map{FORM}`"))),
        };
        *slot = Some(equals::<Expr>(&content, &side)?);
        content.parse::<Option<Token![,]>>()?;
    }
    match (read, write) {
        (Some(read), Some(write)) => Ok((read, write)),
        _ => Err(syn::Error::new(key.span(), format!("`map` needs both ways: `map{FORM}`"))),
    }
}

/// `(a => [b, c], ..)`.
pub(crate) fn escapes(input: ParseStream<'_>, key: &Ident) -> syn::Result<Vec<(Expr, Expr)>> {
    let content = parentheses(input, key, "(0x7E => [0x7D, 0x02])")?;
    let list = content.parse_terminated(
        |input| {
            let byte = input.parse()?;
            input.parse::<Token![=>]>()?;
            Ok((byte, input.parse()?))
        },
        Token![,],
    )?;
    Ok(list.into_iter().collect())
}

/// `= A | B`, paths.
pub(crate) fn paths(input: ParseStream<'_>, key: &Ident) -> syn::Result<Vec<Path>> {
    let mut list = vec![equals(input, key)?];
    while input.parse::<Option<Token![|]>>()?.is_some() {
        list.push(input.parse()?);
    }
    Ok(list)
}

/// A width: `u16`, or a number of bits.
pub(crate) enum Width {
    Type(Type),
    Bits(Expr),
}

/// `= u16 | n`.
pub(crate) fn width(input: ParseStream<'_>, key: &Ident) -> syn::Result<Width> {
    equals_sign(input, key)?;
    match input.peek(syn::LitInt) {
        true => input.parse().map(Width::Bits),
        false => input.parse().map(Width::Type),
    }
}

/// The parentheses behind a key.
pub(crate) fn parentheses<'a>(
    input: ParseStream<'a>,
    key: &Ident,
    form: &str,
) -> syn::Result<syn::parse::ParseBuffer<'a>> {
    if !input.peek(token::Paren) {
        return Err(syn::Error::new(key.span(), format!("write `{key}{form}`")));
    }
    let content;
    parenthesized!(content in input);
    Ok(content)
}

/// `version`, `dialect` and `when` make one gate.
pub(crate) fn gate(
    version: Option<Given<Expr>>,
    dialect: Option<Given<Vec<Path>>>,
    when: Option<Given<Expr>>,
) -> Option<Gate> {
    if version.is_none() && dialect.is_none() && when.is_none() {
        return None;
    }
    let dialect = dialect.map(|given| given.value).unwrap_or_default();
    let version = version.map(|given| given.value);
    Some(Gate { version, dialect, when: when.map(|given| given.value) })
}
