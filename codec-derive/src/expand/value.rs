//! Numbers and constants: what reading, writing and measuring share.

use proc_macro2::{Ident, Literal as Token, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Path, Type};

use crate::expand::layout::Order;
use crate::model::{Alternative, Field, Integer, Kind, Literal, Part};

/// A Rust integer beside its wire integer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wide {
    Same,
    /// Every wire value fits.
    Wider,
    /// Some wire values do not fit.
    Narrower,
}

/// How the field's type stands to the integer on the wire.
pub(crate) fn width(ty: &Type, wire: Integer) -> Wide {
    match primitive(ty) {
        None => Wide::Same,
        Some(own) if own == wire => Wide::Same,
        Some(own) => {
            let fits = match (own.signed, wire.signed) {
                (false, false) | (true, true) => own.bytes >= wire.bytes,
                (true, false) => own.bytes > wire.bytes,
                (false, true) => false,
            };
            if fits { Wide::Wider } else { Wide::Narrower }
        }
    }
}

/// A function of the user's module, at the user's own token.
pub(crate) fn function(module: &Path, name: &str) -> TokenStream {
    let span = module.segments.last().map_or_else(|| module.span(), |last| last.ident.span());
    let name = Ident::new(name, span);
    quote!(#module::#name)
}

/// A tag by its constant, as an integer, at the user's own token.
pub(crate) fn constant(path: &Path) -> TokenStream {
    quote_spanned!(path.span()=> (#path as u64))
}

/// A part of a tag by its constant, in the lane that a tuple of so many has for it.
pub(crate) fn part(path: &Path, parts: usize) -> TokenStream {
    let (constant, parts) = (constant(path), u32::try_from(parts).unwrap_or(4));
    quote_spanned!(path.span()=> __private::tag_constant(#constant, #parts))
}

/// The first and the last value of each part, as pairs.
pub(crate) fn ranges(parts: &[Part]) -> impl Iterator<Item = TokenStream> {
    let count = parts.len();
    parts.iter().map(move |one| match one {
        Part::Any => {
            let most = Alternative::most(count);
            quote!((0u64, #most))
        }
        Part::Range(first, last) => quote!((#first, #last)),
        Part::Path(path) => {
            let constant = part(path, count);
            quote!((#constant, #constant))
        }
    })
}

/// Width and sign of a primitive integer.
pub(crate) fn primitive(ty: &Type) -> Option<Integer> {
    let ty = match ty {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last()?,
        Type::Group(group) => return primitive(&group.elem),
        Type::Paren(paren) => return primitive(&paren.elem),
        _ => return None,
    };
    let name = ty.ident.to_string();
    let signed = name.starts_with('i');
    let bytes = match name.get(1..)? {
        "8" => 1,
        "16" => 2,
        "32" => 4,
        "64" => 8,
        "128" => 16,
        _ => return None,
    };
    matches!(name.get(..1), Some("u" | "i")).then_some(Integer { bytes, signed })
}

/// The value of the field is the number that stands in its bytes.
pub(crate) fn is_own_width(field: &Field) -> bool {
    match field.kind {
        Kind::Integer(wire) => width(&field.inner, wire) == Wide::Same,
        Kind::Float { .. } => true,
        _ => false,
    }
}

/// A number of its own width, at `at` of `__run`.
pub(crate) fn number(ty: &Type, at: usize, order: Order) -> TokenStream {
    match order {
        Order::Big => quote!(<#ty>::from_be_bytes(__private::part(__run, #at))),
        Order::Little => quote!(<#ty>::from_le_bytes(__private::part(__run, #at))),
        Order::Inherited => quote!(__private::number::<#ty, _>(__run, #at, __scope)),
    }
}

/// The bytes of a number of its own width.
pub(crate) fn bytes(ty: &Type, bytes: usize, value: &TokenStream, order: Order) -> TokenStream {
    match order {
        Order::Big => quote!(<#ty>::to_be_bytes(#value)),
        Order::Little => quote!(<#ty>::to_le_bytes(#value)),
        Order::Inherited => quote! {
            <#ty as __private::Number<#bytes>>::write(#value, __scope.endian)
        },
    }
}

/// A constant as an array of bytes.
pub(crate) fn literal(literal: &Literal, order: Order) -> TokenStream {
    match literal {
        Literal::Bytes(bytes) => {
            let bytes = bytes.iter().map(|byte| Token::u8_suffixed(*byte));
            quote!([#(#bytes),*])
        }
        Literal::Integer { value, bytes } => {
            let all = value.to_be_bytes();
            let big = all.get(16usize.saturating_sub(*bytes)..).unwrap_or_default();
            let bytes: Vec<Token> = big.iter().map(|byte| Token::u8_suffixed(*byte)).collect();
            let reversed = bytes.iter().rev();
            match order {
                Order::Big => quote!([#(#bytes),*]),
                Order::Little => quote!([#(#reversed),*]),
                Order::Inherited => quote! {
                    match __scope.endian {
                        __private::Endian::Big => [#(#bytes),*],
                        __private::Endian::Little => [#(#reversed),*],
                    }
                },
            }
        }
    }
}

/// The largest value of so many bits.
pub(crate) fn largest(bits: u32) -> u64 {
    if bits >= 64 { u64::MAX } else { (1 << bits) - 1 }
}

/// The wire value of a length of `len` bytes.
pub(crate) fn wire_length(len: usize, unit: u64, bias: i64) -> u64 {
    let bytes = u64::try_from(len).unwrap_or(u64::MAX).wrapping_add_signed(bias);
    if unit > 1 { bytes / unit } else { bytes }
}
