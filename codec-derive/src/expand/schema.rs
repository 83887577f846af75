//! The layout as data: `const SCHEMA`.
//!
//! Expands to one expression of constant constructors, with everything at its default left out:
//! compile time is spent on every token that stands in a user's crate.
//!
//! ```text
//! {
//!     use __private::schema::{self as __s, Field as __Field, Layout as __Layout};
//!     &__s::Schema::new("Message", __s::Shape::Struct(__s::Fields::new(&[
//!         __Field::new("length", __Layout::U32).derived(),
//!         __Field::new("body", __Layout::Nested(__s::schema_of::<Body>)),
//!     ]).relations(&[
//!         __s::Relation::new(0, __s::RelationKind::Length { over: __s::Span::ALL, bias: 0, unit: 1 }),
//!     ]))).of::<Self>()
//! }
//! ```

mod field;
mod layout;
mod relation;
pub(crate) mod text;

use proc_macro2::TokenStream;
use quote::quote;

use crate::expand::{value, varint};
use crate::model::{
    Alternative, BitValue, Body, BorderKind, Declaration, Endian, Enum, Fields, FrameOptions, Kind,
    Number, Resync, TagSource, Tagging, Variant, VariantRole,
};

/// The expression of type `&'static Schema` that goes into `const SCHEMA`.
pub(crate) fn constant(declaration: &Declaration) -> TokenStream {
    let sizes = quote!(.of::<Self>());
    expression(declaration, &sizes)
}

/// The same for the `Bits` implementation of a type that is no whole number of bytes.
pub(crate) fn bits_constant(declaration: &Declaration) -> TokenStream {
    expression(declaration, &TokenStream::new())
}

fn expression(declaration: &Declaration, sizes: &TokenStream) -> TokenStream {
    let name = match &declaration.each_of {
        Some(_) => String::new(),
        None => declaration.name.to_string(),
    };
    let shape = shape(&declaration.body);
    let options = options(declaration);
    quote! {{
        use __private::schema::{self as __s, Field as __Field, Layout as __Layout};
        &__s::Schema::new(#name, #shape) #sizes #options
    }}
}

fn shape(body: &Body) -> TokenStream {
    match body {
        Body::Struct(list) => {
            let fields = fields(list);
            quote!(__s::Shape::Struct(#fields))
        }
        Body::Bitfield(bitfield) => {
            let (bits, flags) = (bitfield.bits, bitfield.flags);
            let fields = bit_fields(&bitfield.fields, bits);
            quote!(__s::Shape::Bitfield { bits: #bits, flags: #flags, fields: #fields })
        }
        Body::Enum(Enum { source, variants, .. }) => {
            let source = tag_source(source);
            let variants = variants.iter().map(variant);
            quote!(__s::Shape::Enum { source: #source, variants: &[#(#variants),*] })
        }
        Body::Number(Number { bits, signed, variants }) => {
            let variants = variants.iter().map(variant);
            quote! {
                __s::Shape::Number { bits: #bits, signed: #signed, variants: &[#(#variants),*] }
            }
        }
    }
}

fn fields(fields: &Fields) -> TokenStream {
    if fields.list.is_empty() {
        return quote!(__s::Fields::NONE);
    }
    let list = fields.list.iter().map(|field| field::constant(field, place(fields, field.index)));
    let relations = relation::list(fields);
    quote!(__s::Fields::new(&[#(#list),*]) #relations)
}

/// The run of a bit field: bytes, shift, width.
fn place(fields: &Fields, index: usize) -> Option<(usize, u32, u32)> {
    let run = fields.runs.iter().find(|run| run.first <= index && index <= run.last)?;
    let (shift, width) = run.places.get(index.checked_sub(run.first)?)?;
    Some((run.bytes, *shift, *width))
}

/// The fields of a bitfield, which may fill less than whole bytes.
fn bit_fields(fields: &Fields, bits: u32) -> TokenStream {
    let bytes = usize::try_from(bits.div_ceil(8)).unwrap_or(8);
    let mut left = bits;
    let list = fields.list.iter().map(|field| {
        let width = if let Kind::Bits { width, .. } = field.kind { width } else { 0 };
        left = left.saturating_sub(width);
        let place = place(fields, field.index).unwrap_or((bytes, left, width));
        field::constant(field, Some(place))
    });
    let list = list.collect::<Vec<_>>();
    let relations = relation::list(fields);
    quote!(__s::Fields::new(&[#(#list),*]) #relations)
}

fn variant(variant: &Variant) -> TokenStream {
    let name = variant.name.to_string();
    let fields = fields(&variant.fields);
    let new = match &variant.tagging {
        Tagging::Other => quote!(__s::Variant::other(#name, #fields)),
        tagging => {
            let tags = tags(tagging);
            quote!(__s::Variant::new(#name, &[#(#tags),*], #fields))
        }
    };
    let doc = doc(&variant.doc);
    let gate = field::gate(variant.gate.as_ref());
    let endian = endian(variant.endian.as_ref());
    let magic = variant.magic.as_ref().map(|magic| {
        let magic = layout::literal(magic);
        quote!(.magic(#magic))
    });
    let role = variant.role.map(|role| match role {
        VariantRole::Heartbeat => quote!(.role(__s::VariantRole::Heartbeat)),
        VariantRole::HeartbeatReply => quote!(.role(__s::VariantRole::HeartbeatReply)),
        VariantRole::Acknowledged => quote!(.role(__s::VariantRole::Acknowledged)),
    });
    quote!(#new #doc #gate #endian #magic #role)
}

fn tags(tagging: &Tagging) -> Vec<TokenStream> {
    match tagging {
        Tagging::Known(alternatives) => alternatives
            .iter()
            .map(|alternative| match alternative {
                Alternative::Value(value) => quote!(__s::Tagging::Value(#value)),
                Alternative::Range(first, last) => quote!(__s::Tagging::Range(#first, #last)),
                Alternative::Path(path) => {
                    let tag = value::constant(path);
                    quote!(__s::Tagging::Value(#tag))
                }
                Alternative::Tuple(parts) => {
                    let parts = value::ranges(parts);
                    quote!(__s::Tagging::Tuple(&[#(#parts),*]))
                }
            })
            .collect(),
        Tagging::Masked { mask, value } => {
            vec![quote!(__s::Tagging::Masked { mask: #mask, value: #value })]
        }
        Tagging::Other => Vec::new(),
    }
}

fn tag_source(source: &TagSource) -> TokenStream {
    match source {
        TagSource::Outer => quote!(__s::TagSource::Outer),
        TagSource::Peek(integer) => {
            let bytes = layout::byte_count(integer.bytes);
            quote!(__s::TagSource::Peek { bytes: #bytes })
        }
        TagSource::Of(expression) => {
            let text = text::of(expression);
            quote!(__s::TagSource::Of(#text))
        }
        TagSource::Own(integer) => {
            let (bytes, signed) = (layout::byte_count(integer.bytes), integer.signed);
            quote!(__s::TagSource::Own { bytes: #bytes, signed: #signed })
        }
    }
}

/// What a type states beside its shape.
fn options(declaration: &Declaration) -> TokenStream {
    let doc = doc(&declaration.doc);
    let endian = endian(declaration.endian.as_ref());
    let secret = declaration.secret.then(|| quote!(.secret()));
    let magic = declaration.magic.as_ref().map(|magic| {
        let magic = layout::literal(magic);
        quote!(.magic(#magic))
    });
    let context = (!declaration.context.is_empty()).then(|| {
        let parameters = declaration.context.iter().map(|parameter| {
            let (name, ty) = (parameter.name.to_string(), text::of(&parameter.ty));
            quote!((#name, #ty))
        });
        quote!(.context(&[#(#parameters),*]))
    });
    let asserts = field::asserts(&declaration.asserts);
    let view_of = declaration.view_of.as_ref().map(|frame| {
        let frame = text::of(frame);
        quote!(.view_of(#frame))
    });
    let border = declaration.frame.as_ref().map(border);
    quote!(#doc #endian #secret #magic #context #asserts #view_of #border)
}

fn border(frame: &FrameOptions) -> TokenStream {
    let kind = match frame.border {
        BorderKind::Fixed => quote!(Fixed),
        BorderKind::Length { relation } => {
            let relation = relation::number(relation);
            quote!(Length(#relation))
        }
        BorderKind::Delimiter => quote!(Delimiter),
        BorderKind::Terminated => quote!(Terminated),
        BorderKind::Walk => quote!(Walk),
        BorderKind::Variants => quote!(Variants),
    };
    let min = match &frame.min_frame_length {
        Some(min) => quote!(#min),
        None => quote!(<Self as __private::Wire>::MIN_LEN),
    };
    let max = quote!(<Self as __private::Frame>::MAX_FRAME_LEN);
    let resync = match frame.resync {
        Resync::Magic => quote!(Magic),
        Resync::Delimiter => quote!(Delimiter),
        Resync::Close => quote!(Close),
    };
    let delimiters = frame.delimiters.as_ref().map(|delimiters| {
        let (start, end) = (layout::bytes(&delimiters.start), layout::bytes(&delimiters.end));
        let shared = delimiters.shared;
        quote!(.delimiters(#start, #end, #shared))
    });
    let noise = (!frame.noise.is_empty()).then(|| {
        let noise = layout::bytes(&frame.noise);
        quote!(.noise(#noise))
    });
    let negotiated = frame.max_frame_length.as_ref().filter(|_| frame.at_most.is_some());
    let negotiated = negotiated.map(|limit| {
        let limit = text::of(limit);
        quote!(.negotiated(#limit))
    });
    let escape = (!frame.escape.is_empty()).then(|| {
        let pairs = frame.escape.iter().map(|(byte, code)| {
            let code = layout::bytes(code);
            quote!((#byte, #code))
        });
        quote!(.escape(&[#(#pairs),*]))
    });
    quote! {
        .border(&__s::Border::new(__s::BorderKind::#kind, #min, #max, __private::Resync::#resync)
            #delimiters #escape #noise #negotiated)
    }
}

/// `.doc("..")`, or nothing.
fn doc(doc: &str) -> TokenStream {
    if doc.is_empty() { TokenStream::new() } else { quote!(.doc(#doc)) }
}

/// `.endian(..)`, or nothing where it is inherited.
fn endian(endian: Option<&Endian>) -> TokenStream {
    match endian {
        None => TokenStream::new(),
        Some(Endian::Big) => quote!(.endian(__s::ByteOrder::Big)),
        Some(Endian::Little) => quote!(.endian(__s::ByteOrder::Little)),
        Some(Endian::Expression(expression)) => {
            let text = text::of(expression);
            quote!(.endian(__s::ByteOrder::Expression(#text)))
        }
    }
}

/// What some bits stand for; `None` for the default, an unsigned integer.
fn bit_value(value: &BitValue, ty: &syn::Type) -> Option<TokenStream> {
    match value {
        BitValue::Integer { signed: false } => None,
        BitValue::Integer { signed: true } => Some(quote!(__s::BitValue::Integer { signed: true })),
        BitValue::Bool => Some(quote!(__s::BitValue::Bool)),
        BitValue::Type => Some(quote!(__s::BitValue::Type(__s::bits_schema_of::<#ty>))),
        BitValue::Steps { forms, .. } => {
            let rows = varint::rows(forms);
            Some(quote!(__s::BitValue::Steps(&[#(__s::Step::new #rows),*])))
        }
        BitValue::Literal(value) => Some(quote!(__s::BitValue::Literal(#value))),
        BitValue::Zero => Some(quote!(__s::BitValue::Zero)),
    }
}
