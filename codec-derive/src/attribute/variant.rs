//! Keys on a variant.

use proc_macro2::Ident;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Path, Token, token};

use crate::attribute::{self, Given, Keys, set, value};
use crate::diagnostics::{Diagnostics, Reach};
use crate::keyword::Site;
use crate::model::{Assert, Endian, Marks, VariantRole};

/// What the user wrote on a variant.
#[derive(Default)]
pub(crate) struct VariantKeys {
    pub(crate) marks: Marks,
    pub(crate) tag: Option<Given<VariantTag>>,
    pub(crate) other: Option<Given<()>>,
    pub(crate) role: Option<Given<VariantRole>>,
    pub(crate) version: Option<Given<Expr>>,
    pub(crate) dialect: Option<Given<Vec<Path>>>,
    pub(crate) when: Option<Given<Expr>>,
    pub(crate) endian: Option<Given<Endian>>,
    pub(crate) magic: Option<Given<Expr>>,
    pub(crate) asserts: Vec<Assert>,
}

pub(crate) enum VariantTag {
    Alternatives(Vec<AlternativeSyntax>),
    /// Mask and value.
    Masked(Box<[Expr; 2]>),
}

/// One alternative of `tag = ..`.
pub(crate) enum AlternativeSyntax {
    One(PartSyntax),
    /// `(2, _)`: one part for each field that holds a part of the tag.
    Tuple {
        parts: Vec<Option<PartSyntax>>,
        span: Reach,
    },
}

/// A value, or a range of values.
pub(crate) struct PartSyntax {
    pub(crate) start: Expr,
    /// The end of a range, and whether it belongs to it.
    pub(crate) end: Option<(Expr, bool)>,
}

impl AlternativeSyntax {
    pub(crate) fn span(&self) -> Reach {
        match self {
            Self::One(part) => part.span(),
            Self::Tuple { span, .. } => *span,
        }
    }
}

impl PartSyntax {
    pub(crate) fn span(&self) -> Reach {
        let last = self.end.as_ref().map_or(&self.start, |(end, _)| end);
        Reach { start: self.start.span(), end: last.span() }
    }
}

const ROLES: &[(&str, VariantRole)] = &[
    ("heartbeat", VariantRole::Heartbeat),
    ("heartbeat_reply", VariantRole::HeartbeatReply),
    ("acknowledged", VariantRole::Acknowledged),
];

/// The keys of a variant.
pub(crate) fn read(attributes: &[Attribute], diagnostics: &mut Diagnostics) -> VariantKeys {
    let mut keys = VariantKeys::default();
    attribute::read(attributes, &mut keys, diagnostics);
    keys
}

impl Keys for VariantKeys {
    const SITE: Site = Site::Variant;

    fn marks(&mut self) -> &mut Marks {
        &mut self.marks
    }

    fn read(&mut self, key: &Ident, input: ParseStream<'_>) -> syn::Result<bool> {
        match key.to_string().as_str() {
            "tag" => set(&mut self.tag, key, tag(input, key)?),
            "other" => {
                value::bare(input, key)?;
                set(&mut self.other, key, ())
            }
            "role" => set(&mut self.role, key, value::word(input, key, ROLES)?),
            "version" => set(&mut self.version, key, value::equals(input, key)?),
            "dialect" => set(&mut self.dialect, key, value::paths(input, key)?),
            "when" => set(&mut self.when, key, value::equals(input, key)?),
            "endian" => set(&mut self.endian, key, value::endian(input, key)?),
            "magic" => set(&mut self.magic, key, value::equals(input, key)?),
            "assert" => {
                self.asserts.push(value::assertion(input, key)?);
                Ok(true)
            }
            _ => Ok(false),
        }
    }
}

fn tag(input: ParseStream<'_>, key: &Ident) -> syn::Result<VariantTag> {
    if input.peek(token::Paren) {
        return masked(input, key);
    }
    value::equals_sign(input, key)?;
    let mut alternatives = vec![alternative(input)?];
    while input.parse::<Option<Token![|]>>()?.is_some() {
        alternatives.push(alternative(input)?);
    }
    Ok(VariantTag::Alternatives(alternatives))
}

fn alternative(input: ParseStream<'_>) -> syn::Result<AlternativeSyntax> {
    if !input.peek(token::Paren) {
        return part(input).map(AlternativeSyntax::One);
    }
    let content;
    let parentheses = syn::parenthesized!(content in input);
    let span = Reach { start: parentheses.span.open(), end: parentheses.span.close() };
    let mut parts = Vec::new();
    while !content.is_empty() {
        parts.push(match content.parse::<Option<Token![_]>>()? {
            Some(_) => None,
            None => Some(part(&content)?),
        });
        if !content.is_empty() {
            content.parse::<Token![,]>()?;
        }
    }
    Ok(AlternativeSyntax::Tuple { parts, span })
}

fn part(input: ParseStream<'_>) -> syn::Result<PartSyntax> {
    let start = tag_value(input)?;
    if !input.peek(Token![..]) {
        return Ok(PartSyntax { start, end: None });
    }
    let inclusive = input.peek(Token![..=]);
    match inclusive {
        true => drop(input.parse::<Token![..=]>()?),
        false => drop(input.parse::<Token![..]>()?),
    }
    let end = tag_value(input)?;
    Ok(PartSyntax { start, end: Some((end, inclusive)) })
}

/// A literal, a negative literal, or a path to a constant; not a whole expression, since `|` and
/// `..` stand between the alternatives.
fn tag_value(input: ParseStream<'_>) -> syn::Result<Expr> {
    const FORM: &str = "a tag is a literal, a range of literals or a constant's path, \
                        such as `tag = 0x0200 | 1..=5 | CHAT`";
    if input.peek(Token![-]) {
        let minus: Token![-] = input.parse()?;
        let literal: syn::ExprLit = input.parse()?;
        return Ok(syn::parse_quote!(#minus #literal));
    }
    if input.peek(syn::Lit) {
        return Ok(Expr::Lit(input.parse()?));
    }
    let path: Path = input.parse().map_err(|error| syn::Error::new(error.span(), FORM))?;
    Ok(Expr::Path(syn::ExprPath { attrs: Vec::new(), qself: None, path }))
}

/// `(mask = .., value = ..)`.
fn masked(input: ParseStream<'_>, key: &Ident) -> syn::Result<VariantTag> {
    const FORM: &str = "(mask = 0x03, value = 0x01)";
    let content = value::parentheses(input, key, FORM)?;
    let (mut mask, mut masked) = (None, None);
    while !content.is_empty() {
        let part: Ident = content.parse()?;
        let slot = match part.to_string().as_str() {
            "mask" => &mut mask,
            "value" => &mut masked,
            _ => return Err(syn::Error::new(part.span(), format!("write `tag{FORM}`"))),
        };
        *slot = Some(value::equals::<Expr>(&content, &part)?);
        content.parse::<Option<Token![,]>>()?;
    }
    match (mask, masked) {
        (Some(mask), Some(value)) => Ok(VariantTag::Masked(Box::new([mask, value]))),
        _ => Err(syn::Error::new(key.span(), format!("write `tag{FORM}`"))),
    }
}
