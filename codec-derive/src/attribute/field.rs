//! Keys on a field.

mod form;

use proc_macro2::{Ident, Span, TokenStream};
use syn::parse::ParseStream;
use syn::{Attribute, Expr, ExprLit, Lit, Path, Type};

use self::form::{bits, counter, minimal, named, overlong, role, split, tag, with};
use crate::attribute::container::{BIT_ORDERS, optional_type};
use crate::attribute::span::{self, Name, PathSyntax, SpanSyntax};
use crate::attribute::{self, Given, Keys, set, value};
use crate::diagnostics::Diagnostics;
use crate::keyword::Site;
use crate::model::{Argument, Assert, BitOrder, Endian, Marks, Overlong, Role, Split, Verify};

/// What the user wrote on a field. Names are not resolved yet.
#[derive(Default)]
pub(crate) struct FieldKeys {
    pub(crate) marks: Marks,
    // Its own layout.
    pub(crate) endian: Option<Given<Endian>>,
    pub(crate) bits: Option<Given<BitsSyntax>>,
    pub(crate) bit_order: Option<Given<BitOrder>>,
    pub(crate) flags: Option<Given<Option<Type>>>,
    pub(crate) varint: Option<Given<CounterSyntax>>,
    pub(crate) max_bytes: Option<Given<Expr>>,
    pub(crate) overlong: Option<Given<Overlong>>,
    pub(crate) decimal: Option<Given<()>>,
    pub(crate) wire: Option<Given<Type>>,
    pub(crate) scale: Option<Given<Expr>>,
    pub(crate) offset: Option<Given<Expr>>,
    pub(crate) timestamp: Option<Given<Ident>>,
    pub(crate) bcd: Option<Given<()>>,
    pub(crate) encoding: Option<Given<Expr>>,
    pub(crate) pad: Option<Given<Expr>>,
    pub(crate) trim: Option<Given<()>>,
    pub(crate) lossy: Option<Given<()>>,
    pub(crate) with: Option<Given<(Path, bool)>>,
    pub(crate) map: Option<Given<(Expr, Expr)>>,
    pub(crate) process: Option<Given<(Path, Vec<Expr>)>>,
    pub(crate) process_if: Option<Given<Expr>>,
    pub(crate) mask: Option<Given<Expr>>,
    pub(crate) each: Option<Given<TokenStream>>,
    pub(crate) magic: Option<Given<Expr>>,
    pub(crate) fixed: Option<Given<Expr>>,
    pub(crate) reserved: Option<Given<()>>,
    pub(crate) pad_before: Option<Given<Expr>>,
    pub(crate) pad_after: Option<Given<Expr>>,
    pub(crate) align: Option<Given<Expr>>,
    // Where it ends.
    pub(crate) prefix: Option<Given<CounterSyntax>>,
    pub(crate) count_prefix: Option<Given<CounterSyntax>>,
    pub(crate) size: Option<Given<Expr>>,
    pub(crate) count: Option<Given<Expr>>,
    pub(crate) until: Option<Given<Expr>>,
    pub(crate) terminated: Option<Given<Expr>>,
    pub(crate) rest: Option<Given<()>>,
    pub(crate) max_count: Option<Given<Expr>>,
    pub(crate) max_len: Option<Given<Expr>>,
    // Relations.
    pub(crate) length_of: Option<Given<SpanSyntax>>,
    pub(crate) length_in: Option<Given<PathSyntax>>,
    pub(crate) bias: Option<Given<Expr>>,
    pub(crate) unit_bytes: Option<Given<Expr>>,
    pub(crate) count_of: Option<Given<Name>>,
    pub(crate) count_in: Option<Given<PathSyntax>>,
    pub(crate) plain_length_of: Option<Given<Name>>,
    pub(crate) tag_of: Option<Given<Name>>,
    pub(crate) tag_in: Option<Given<Vec<PathSyntax>>>,
    pub(crate) present_in: Option<Given<PathSyntax>>,
    pub(crate) checksum: Option<Given<Path>>,
    pub(crate) over: Option<Given<SpanSyntax>>,
    pub(crate) verify: Option<Given<Verify>>,
    // Conditions.
    pub(crate) tag: Option<Given<()>>,
    pub(crate) select: Option<Given<Expr>>,
    pub(crate) opaque_if: Option<Given<Expr>>,
    pub(crate) split: Option<Given<Split>>,
    pub(crate) present_if: Option<Given<Expr>>,
    pub(crate) none: Option<Given<Expr>>,
    pub(crate) when: Option<Given<Expr>>,
    pub(crate) minimal: Option<Given<Option<Expr>>>,
    pub(crate) version: Option<Given<Expr>>,
    pub(crate) dialect: Option<Given<Vec<Path>>>,
    pub(crate) valid: Option<Given<Expr>>,
    pub(crate) asserts: Vec<Assert>,
    pub(crate) context: Option<Given<Vec<Argument>>>,
    // What others should know.
    pub(crate) role: Option<Given<Role>>,
    pub(crate) default: Option<Given<Expr>>,
    pub(crate) secret: Option<Given<()>>,
    pub(crate) unit: Option<Given<String>>,
    pub(crate) display: Option<Given<()>>,
}

/// `bits = n`, or `bits = rest`.
pub(crate) enum BitsSyntax {
    Width(Expr),
    Rest,
}

/// An integer, a form of variable length, or a module.
pub(crate) enum CounterSyntax {
    Path(Path),
    Steps { span: Span, list: Vec<StepSyntax> },
}

/// `marker => integer + number`; no form: the marker stands for nothing.
pub(crate) struct StepSyntax {
    pub(crate) marker: Expr,
    pub(crate) form: Option<(Type, Option<Expr>)>,
}

const VERIFIES: &[(&str, Verify)] =
    &[("strict", Verify::Strict), ("warn", Verify::Warn), ("off", Verify::Off)];

/// The keys of a field.
pub(crate) fn read(attributes: &[Attribute], diagnostics: &mut Diagnostics) -> Box<FieldKeys> {
    let mut keys = Box::<FieldKeys>::default();
    attribute::read(attributes, &mut *keys, diagnostics);
    keys
}

impl Keys for FieldKeys {
    const SITE: Site = Site::Field;

    fn marks(&mut self) -> &mut Marks {
        &mut self.marks
    }

    fn read(&mut self, key: &Ident, input: ParseStream<'_>) -> syn::Result<bool> {
        let text = key.to_string();
        Ok(self.layout(&text, key, input)?
            || self.bound(&text, key, input)?
            || self.relation(&text, key, input)?
            || self.condition(&text, key, input)?
            || self.note(&text, key, input)?)
    }
}

impl FieldKeys {
    fn layout(&mut self, text: &str, key: &Ident, input: ParseStream<'_>) -> syn::Result<bool> {
        match text {
            "endian" => set(&mut self.endian, key, value::endian(input, key)?),
            "bits" => set(&mut self.bits, key, bits(input, key)?),
            "bit_order" => set(&mut self.bit_order, key, value::word(input, key, BIT_ORDERS)?),
            "flags" => set(&mut self.flags, key, optional_type(input, key)?),
            "varint" => set(&mut self.varint, key, counter(input, key)?),
            "max_bytes" => set(&mut self.max_bytes, key, value::equals(input, key)?),
            "overlong" => set(&mut self.overlong, key, overlong(input, key)?),
            "minimal" => set(&mut self.minimal, key, minimal(input, key)?),
            "decimal" => set_bare(&mut self.decimal, key, input),
            "as" => set(&mut self.wire, key, value::equals(input, key)?),
            "scale" => set(&mut self.scale, key, value::equals(input, key)?),
            "offset" => set(&mut self.offset, key, value::equals(input, key)?),
            "timestamp" => set(&mut self.timestamp, key, value::equals(input, key)?),
            "bcd" => set_bare(&mut self.bcd, key, input),
            "encoding" => set(&mut self.encoding, key, value::equals(input, key)?),
            "pad" => set(&mut self.pad, key, value::equals(input, key)?),
            "trim" => set_bare(&mut self.trim, key, input),
            "lossy" => set_bare(&mut self.lossy, key, input),
            "with" => set(&mut self.with, key, with(input, key)?),
            "map" => set(&mut self.map, key, value::map(input, key)?),
            "process" => set(&mut self.process, key, value::call(input, key)?),
            "process_if" => set(&mut self.process_if, key, value::equals(input, key)?),
            "mask" => set(&mut self.mask, key, value::equals(input, key)?),
            "each" => {
                let content = value::parentheses(input, key, "(prefix = u16)")?;
                set(&mut self.each, key, content.parse()?)
            }
            "magic" => set(&mut self.magic, key, value::equals(input, key)?),
            "fixed" => set(&mut self.fixed, key, value::equals(input, key)?),
            "reserved" => set_bare(&mut self.reserved, key, input),
            "pad_before" => set(&mut self.pad_before, key, value::equals(input, key)?),
            "pad_after" => set(&mut self.pad_after, key, value::equals(input, key)?),
            "align" => set(&mut self.align, key, value::equals(input, key)?),
            _ => Ok(false),
        }
    }

    fn bound(&mut self, text: &str, key: &Ident, input: ParseStream<'_>) -> syn::Result<bool> {
        match text {
            "prefix" => set(&mut self.prefix, key, counter(input, key)?),
            "count_prefix" => set(&mut self.count_prefix, key, counter(input, key)?),
            "size" => set(&mut self.size, key, value::equals(input, key)?),
            "count" => set(&mut self.count, key, value::equals(input, key)?),
            "until" => set(&mut self.until, key, value::equals(input, key)?),
            "terminated" => set(&mut self.terminated, key, value::equals(input, key)?),
            "rest" => set_bare(&mut self.rest, key, input),
            "max_count" => set(&mut self.max_count, key, value::equals(input, key)?),
            "max_len" => set(&mut self.max_len, key, value::equals(input, key)?),
            _ => Ok(false),
        }
    }

    fn relation(&mut self, text: &str, key: &Ident, input: ParseStream<'_>) -> syn::Result<bool> {
        match text {
            "length_of" => set(&mut self.length_of, key, named(input, key, span::span)?),
            "length_in" => set(&mut self.length_in, key, named(input, key, span::path)?),
            "bias" => set(&mut self.bias, key, value::equals(input, key)?),
            "count_of" => set(&mut self.count_of, key, named(input, key, span::name)?),
            "count_in" => set(&mut self.count_in, key, named(input, key, span::path)?),
            "plain_length_of" => {
                set(&mut self.plain_length_of, key, named(input, key, span::name)?)
            }
            "tag_of" => set(&mut self.tag_of, key, named(input, key, span::name)?),
            "tag_in" => set(&mut self.tag_in, key, named(input, key, span::paths)?),
            "present_in" => set(&mut self.present_in, key, named(input, key, span::path)?),
            "checksum" => set(&mut self.checksum, key, value::equals(input, key)?),
            "over" => set(&mut self.over, key, named(input, key, span::span)?),
            "verify" => set(&mut self.verify, key, value::word(input, key, VERIFIES)?),
            _ => Ok(false),
        }
    }

    fn condition(&mut self, text: &str, key: &Ident, input: ParseStream<'_>) -> syn::Result<bool> {
        match text {
            "tag" => {
                tag(input, key)?;
                set(&mut self.tag, key, ())
            }
            "select" => set(&mut self.select, key, value::equals(input, key)?),
            "opaque_if" => set(&mut self.opaque_if, key, value::equals(input, key)?),
            "split" => set(&mut self.split, key, split(input, key)?),
            "present_if" => set(&mut self.present_if, key, value::equals(input, key)?),
            "when" => set(&mut self.when, key, value::equals(input, key)?),
            "none" => set(&mut self.none, key, value::equals(input, key)?),
            "version" => set(&mut self.version, key, value::equals(input, key)?),
            "dialect" => set(&mut self.dialect, key, value::paths(input, key)?),
            "valid" => set(&mut self.valid, key, value::equals(input, key)?),
            "assert" => {
                self.asserts.push(value::assertion(input, key)?);
                Ok(true)
            }
            "ctx" => set(&mut self.context, key, value::arguments(input, key)?),
            _ => Ok(false),
        }
    }

    fn note(&mut self, text: &str, key: &Ident, input: ParseStream<'_>) -> syn::Result<bool> {
        match text {
            "role" => set(&mut self.role, key, role(input, key)?),
            "default" => set(&mut self.default, key, value::equals(input, key)?),
            "secret" => set_bare(&mut self.secret, key, input),
            "unit" => match value::equals(input, key)? {
                Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => {
                    set(&mut self.unit, key, text.value())
                }
                bytes => set(&mut self.unit_bytes, key, bytes),
            },
            "display" => {
                value::word(input, key, &[("hex", ())])?;
                set(&mut self.display, key, ())
            }
            _ => Ok(false),
        }
    }
}

fn set_bare(
    slot: &mut Option<Given<()>>,
    key: &Ident,
    input: ParseStream<'_>,
) -> syn::Result<bool> {
    value::bare(input, key)?;
    set(slot, key, ())
}
