//! Keys on a struct or an enum.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Expr, Path, Token, Type};

use crate::attribute::value::{self, Width};
use crate::attribute::{self, Given, Keys, set};
use crate::diagnostics::Diagnostics;
use crate::keyword::Site;
use crate::model::{Assert, BitOrder, Endian, Marks, Parameter, Resync};

/// What the user wrote on the type. Literals are still expressions.
#[derive(Default)]
pub(crate) struct Container {
    is_enum: bool,
    pub(crate) marks: Marks,
    pub(crate) endian: Option<Given<Endian>>,
    pub(crate) magic: Option<Given<Expr>>,
    pub(crate) delimiter: Option<Given<Expr>>,
    pub(crate) start: Option<Given<Expr>>,
    pub(crate) end: Option<Given<Expr>>,
    pub(crate) escape: Option<Given<Vec<(Expr, Expr)>>>,
    pub(crate) max_frame_length: Option<Given<Expr>>,
    pub(crate) min_frame_length: Option<Given<Expr>>,
    pub(crate) at_most: Option<Given<Expr>>,
    pub(crate) noise: Option<Given<Expr>>,
    pub(crate) resync: Option<Given<Resync>>,
    pub(crate) tag: Option<Given<TagSyntax>>,
    pub(crate) bitfield: Option<Given<Width>>,
    pub(crate) flags: Option<Given<Option<Type>>>,
    pub(crate) bit_order: Option<Given<BitOrder>>,
    pub(crate) view_of: Option<Given<Path>>,
    pub(crate) facade: Option<Given<Path>>,
    pub(crate) context: Option<Given<Vec<Parameter>>>,
    pub(crate) asserts: Vec<Assert>,
    pub(crate) secret: Option<Given<()>>,
}

/// `tag = ..` on an enum.
pub(crate) enum TagSyntax {
    Peek(Type),
    Of(Expr),
}

pub(crate) const BIT_ORDERS: &[(&str, BitOrder)] =
    &[("msb", BitOrder::Msb), ("lsb", BitOrder::Lsb)];
const RESYNCS: &[(&str, Resync)] =
    &[("magic", Resync::Magic), ("delimiter", Resync::Delimiter), ("close", Resync::Close)];

/// The keys of a type.
pub(crate) fn read(
    attributes: &[Attribute],
    is_enum: bool,
    diagnostics: &mut Diagnostics,
) -> Container {
    if is_enum {
        let mut keys = OfEnum(Container { is_enum, ..Container::default() });
        attribute::read(attributes, &mut keys, diagnostics);
        return keys.0;
    }
    let mut keys = OfStruct(Container::default());
    attribute::read(attributes, &mut keys, diagnostics);
    keys.0
}

struct OfStruct(Container);
struct OfEnum(Container);

impl Keys for OfStruct {
    const SITE: Site = Site::Struct;

    fn marks(&mut self) -> &mut Marks {
        &mut self.0.marks
    }

    fn read(&mut self, key: &Ident, input: ParseStream<'_>) -> syn::Result<bool> {
        self.0.key(key, input)
    }
}

impl Keys for OfEnum {
    const SITE: Site = Site::Enum;

    fn marks(&mut self) -> &mut Marks {
        &mut self.0.marks
    }

    fn read(&mut self, key: &Ident, input: ParseStream<'_>) -> syn::Result<bool> {
        self.0.key(key, input)
    }
}

impl Container {
    fn key(&mut self, key: &Ident, input: ParseStream<'_>) -> syn::Result<bool> {
        match key.to_string().as_str() {
            "endian" => set(&mut self.endian, key, value::endian(input, key)?),
            "magic" => set(&mut self.magic, key, value::equals(input, key)?),
            "delimiter" => set(&mut self.delimiter, key, value::equals(input, key)?),
            "start" => set(&mut self.start, key, value::equals(input, key)?),
            "end" => set(&mut self.end, key, value::equals(input, key)?),
            "escape" => set(&mut self.escape, key, value::escapes(input, key)?),
            "max_frame_length" => set(&mut self.max_frame_length, key, value::equals(input, key)?),
            "min_frame_length" => set(&mut self.min_frame_length, key, value::equals(input, key)?),
            "at_most" => set(&mut self.at_most, key, value::equals(input, key)?),
            "noise" => set(&mut self.noise, key, value::equals(input, key)?),
            "resync" => set(&mut self.resync, key, value::word(input, key, RESYNCS)?),
            "tag" if self.is_enum => {
                let tag = tag(input, key).inspect_err(|_| {
                    // Whatever was meant, it stands inside: other types need not say it.
                    self.tag = Some(Given {
                        span: key.span(),
                        value: TagSyntax::Peek(syn::parse_quote!(u64)),
                    });
                });
                set(&mut self.tag, key, tag?)
            }
            "bitfield" if !self.is_enum => set(&mut self.bitfield, key, value::width(input, key)?),
            "flags" if !self.is_enum => set(&mut self.flags, key, optional_type(input, key)?),
            "bit_order" => set(&mut self.bit_order, key, value::word(input, key, BIT_ORDERS)?),
            "view_of" if !self.is_enum => set(&mut self.view_of, key, value::equals(input, key)?),
            "crate" => {
                value::equals_sign(input, key)?;
                set(&mut self.facade, key, input.call(Path::parse_mod_style)?)
            }
            "ctx" => set(&mut self.context, key, value::parameters(input, key)?),
            "secret" => {
                value::bare(input, key)?;
                set(&mut self.secret, key, ())
            }
            "assert" => {
                self.asserts.push(value::assertion(input, key)?);
                Ok(true)
            }
            _ => Ok(false),
        }
    }
}

/// `flags` or `flags = u16`.
pub(crate) fn optional_type(input: ParseStream<'_>, key: &Ident) -> syn::Result<Option<Type>> {
    match input.is_empty() || input.peek(Token![,]) {
        true => Ok(None),
        false => value::equals(input, key).map(Some),
    }
}

/// `= peek(u8)` or `= of(expr)`.
fn tag(input: ParseStream<'_>, key: &Ident) -> syn::Result<TagSyntax> {
    const FORM: &str = "on an enum write `tag = peek(u8)`, where each variant begins with it, or \
                        `tag = of(expr)`";
    value::equals_sign(input, key)?;
    let span = input.span();
    let word = input.call(Ident::parse_any).map_err(|_| syn::Error::new(span, FORM))?;
    match word.to_string().as_str() {
        "peek" => value::parentheses(input, &word, "(u8)")?.parse().map(TagSyntax::Peek),
        "of" => value::parentheses(input, &word, "(expr)")?.parse().map(TagSyntax::Of),
        _ => Err(syn::Error::new(word.span(), FORM)),
    }
}
