//! `Layout`: what one value looks like.

use proc_macro2::{Literal as Token, TokenStream};
use quote::{quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use super::{bit_value, text};
use crate::expand::varint;
use crate::model::{
    BytesKind, Counter, Encoding, Field, Integer, Kind, Literal, Text, Timestamp, VarintKind,
};

/// The layout of a field; `place` is its run's bytes, its shift and its width, for bits.
pub(super) fn constant(field: &Field, place: Option<(usize, u32, u32)>) -> TokenStream {
    let inner = &field.inner;
    match &field.kind {
        Kind::Integer(integer) => integer_of(*integer),
        Kind::Float { bytes } => with_bytes(&quote!(Float), *bytes),
        Kind::Bool => quote!(__Layout::Bool),
        Kind::Bits { value, width } => {
            let (run, shift, width) = place.unwrap_or((1, 0, *width));
            let (run, shift, width) = (byte_count(run), small(shift), small(width));
            match bit_value(value, inner) {
                None => quote!(__Layout::bits(#run, #shift, #width)),
                Some(value) => quote! {
                    __Layout::Bits { run: #run, shift: #shift, width: #width, value: #value }
                },
            }
        }
        Kind::Varint(varint) => {
            let kind = varint_kind(&varint.kind);
            let signed = is_signed(field.integer());
            let max = byte_count(varint.max_bytes.unwrap_or(0));
            let overlong = varint::overlong_path(varint.overlong);
            quote! {
                __Layout::Varint {
                    kind: #kind, signed: #signed, max_bytes: #max, overlong: #overlong
                }
            }
        }
        Kind::Sized { signed } => quote!(__Layout::Sized { signed: #signed }),
        Kind::Decimal => quote!(__Layout::Decimal),
        Kind::Minimal { least } => {
            let (signed, least) = (is_signed(inner), byte_count(*least));
            quote!(__Layout::Minimal { signed: #signed, least: #least })
        }
        Kind::Scaled { wire, scale, offset, .. } => {
            let (bytes, signed) = (byte_count(wire.bytes), wire.signed);
            let offset = match offset {
                Some(offset) => quote!((#offset) as f64),
                None => quote!(0.0),
            };
            quote! {
                __Layout::Scaled {
                    bytes: #bytes, signed: #signed, scale: (#scale) as f64, offset: #offset
                }
            }
        }
        Kind::Time(timestamp) => time(*timestamp),
        Kind::Literal(value) => {
            let value = literal(value);
            quote!(__Layout::Literal(#value))
        }
        Kind::Nothing => quote!(__Layout::Nothing),
        Kind::Bytes(BytesKind::Array) => {
            quote!(__Layout::ByteArray(::core::mem::size_of::<#inner>()))
        }
        Kind::Bytes(_) => quote!(__Layout::Bytes),
        Kind::Text(value) => text_of(value),
        Kind::Bcd { .. } => quote!(__Layout::Bcd),
        Kind::List { item } => of_type(&quote!(List), item),
        Kind::Lazy { item } => of_type(&quote!(Lazy), item),
        Kind::Nested => of_type(&quote!(Nested), inner),
        Kind::Flags { wire } => with_bytes(&quote!(Flags), wire.bytes),
        Kind::With { module, whole } => {
            let module = text::of(module);
            quote!(__Layout::With { module: #module, whole: #whole })
        }
        Kind::Map { wire, .. } => of_type(&quote!(Map), wire),
    }
}

fn of_type(layout: &TokenStream, ty: &Type) -> TokenStream {
    let schema = quote_spanned!(ty.span()=> || <#ty as __private::Wire>::SCHEMA);
    quote!(__Layout::#layout(#schema))
}

fn with_bytes(layout: &TokenStream, bytes: usize) -> TokenStream {
    let bytes = byte_count(bytes);
    quote!(__Layout::#layout { bytes: #bytes })
}

fn integer_of(integer: Integer) -> TokenStream {
    let bytes = byte_count(integer.bytes);
    match (integer.signed, integer.bytes) {
        (false, 1) => quote!(__Layout::U8),
        (false, 2) => quote!(__Layout::U16),
        (false, 4) => quote!(__Layout::U32),
        (false, 8) => quote!(__Layout::U64),
        (false, _) => quote!(__Layout::unsigned(#bytes)),
        (true, _) => quote!(__Layout::signed(#bytes)),
    }
}

fn time(timestamp: Timestamp) -> TokenStream {
    let (name, integer) = match timestamp {
        Timestamp::UnixSeconds(integer) => (quote!(UnixSeconds), integer),
        Timestamp::UnixMilliseconds(integer) => (quote!(UnixMilliseconds), integer),
        Timestamp::BcdYymmddhhmmss => {
            return quote!(__Layout::Time(__s::Time::BcdYymmddhhmmss));
        }
        Timestamp::BinaryYymmddhhmmss => {
            return quote!(__Layout::Time(__s::Time::BinaryYymmddhhmmss));
        }
        Timestamp::Cp56Time2a => return quote!(__Layout::Time(__s::Time::Cp56Time2a)),
    };
    let (bytes, signed) = (byte_count(integer.bytes), integer.signed);
    quote!(__Layout::Time(__s::Time::#name { bytes: #bytes, signed: #signed }))
}

fn text_of(value: &Text) -> TokenStream {
    let encoding = match &value.encoding {
        Encoding::Utf8 => "utf-8".to_owned(),
        Encoding::Ascii => "ascii".to_owned(),
        Encoding::Latin1 => "latin1".to_owned(),
        Encoding::Label(label) => label.clone(),
        Encoding::Chosen(expr) => text::of(expr),
    };
    let Text { pad, trim, lossy, .. } = value;
    if pad.is_none() && !trim && !lossy {
        return match &value.encoding {
            Encoding::Utf8 => quote!(__Layout::TEXT),
            _ => quote!(__Layout::text(#encoding)),
        };
    }
    let pad = option(pad.map(Token::u8_unsuffixed));
    quote! {
        __Layout::Text { encoding: #encoding, pad: #pad, trim: #trim, lossy: #lossy }
    }
}

fn option(value: Option<Token>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

pub(super) fn literal(value: &Literal) -> TokenStream {
    match value {
        Literal::Bytes(value) => {
            let value = bytes(value);
            quote!(__s::Literal::Bytes(#value))
        }
        Literal::Integer { value, bytes } => {
            let (value, bytes) = (Token::u128_unsuffixed(*value), byte_count(*bytes));
            quote!(__s::Literal::Integer { value: #value, bytes: #bytes })
        }
    }
}

pub(super) fn counter(counter: &Counter) -> TokenStream {
    match counter {
        Counter::Integer(integer) => {
            let (bytes, signed) = (byte_count(integer.bytes), integer.signed);
            quote!(__s::Counter::Integer { bytes: #bytes, signed: #signed })
        }
        Counter::Varint(kind) => {
            let kind = varint_kind(kind);
            quote!(__s::Counter::Varint(#kind))
        }
    }
}

fn varint_kind(kind: &VarintKind) -> TokenStream {
    match kind {
        VarintKind::Leb128 => quote!(__s::VarintKind::Leb128),
        VarintKind::Vlq => quote!(__s::VarintKind::Vlq),
        VarintKind::Zigzag => quote!(__s::VarintKind::Zigzag),
        VarintKind::Ber => quote!(__s::VarintKind::Ber),
        VarintKind::Steps(forms) => {
            let rows = varint::rows(forms);
            quote!(__s::VarintKind::Steps(&[#(__s::Step::new #rows),*]))
        }
        VarintKind::Path(path) => {
            let path = text::of(path);
            quote!(__s::VarintKind::Custom(#path))
        }
    }
}

fn is_signed(ty: &Type) -> bool {
    text::of(ty).starts_with('i')
}

/// A byte string.
pub(super) fn bytes(bytes: &[u8]) -> Token {
    Token::byte_string(bytes)
}

/// Widths are small: the model has checked them.
pub(super) fn byte_count(bytes: usize) -> Token {
    Token::u8_unsuffixed(u8::try_from(bytes).unwrap_or(u8::MAX))
}

fn small(number: u32) -> Token {
    Token::u8_unsuffixed(u8::try_from(number).unwrap_or(u8::MAX))
}
