//! Sizes that the declaration states in literals.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Expr, ExprLit, Lit, Type};

use crate::model::{BitValue, Counter, Endian, Field, Integer, Kind, Literal, Presence, Timestamp};

impl Literal {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Integer { bytes, .. } => *bytes,
        }
    }
}

impl Timestamp {
    pub(crate) fn len(self) -> usize {
        match self {
            Self::UnixSeconds(Integer { bytes, .. })
            | Self::UnixMilliseconds(Integer { bytes, .. }) => bytes,
            Self::BcdYymmddhhmmss | Self::BinaryYymmddhhmmss => 6,
            Self::Cp56Time2a => 7,
        }
    }

    /// The integer of a count since 1970.
    pub(crate) fn integer(self) -> Option<Integer> {
        match self {
            Self::UnixSeconds(integer) | Self::UnixMilliseconds(integer) => Some(integer),
            _ => None,
        }
    }

    /// The constructor of `CivilTime` for this form.
    pub(crate) fn constructor(self) -> TokenStream {
        match self {
            Self::BinaryYymmddhhmmss => quote!(from_binary),
            Self::Cp56Time2a => quote!(from_cp56time2a),
            _ => quote!(from_bcd),
        }
    }
}

/// `bits = n, varint = steps(..)`: the value goes on behind its run.
pub(crate) fn is_stepped(field: &Field) -> bool {
    matches!(field.kind, Kind::Bits { value: BitValue::Steps { .. }, .. })
}

/// A field that neither reads nor writes anything.
pub(crate) fn is_nothing(field: &Field) -> bool {
    matches!(field.kind, Kind::Nothing)
        && field.padding.before.is_none()
        && field.padding.after.is_none()
        && field.padding.align.is_none()
}

/// Bytes of a hidden length or count that stands right before a field, and so is read with what is
/// before it.
pub(crate) fn prefix_len(field: &Field) -> Option<usize> {
    let plain = matches!(field.presence, Presence::Always)
        && field.gate.is_none()
        && !matches!(field.endian, Some(Endian::Expression(_)))
        && field.padding.before.is_none()
        && field.padding.align.is_none();
    match field.bound.prefix.as_ref().or(field.bound.count_prefix.as_ref()) {
        Some(Counter::Integer(integer)) if plain => Some(integer.bytes),
        _ => None,
    }
}

/// The size that a literal states for a field that is cut out by it.
pub(super) fn literal_size(field: &Field) -> Option<usize> {
    let plain = matches!(field.presence, Presence::Always)
        && field.gate.is_none()
        && field.bound.prefix.is_none();
    if !plain {
        return None;
    }
    match &field.kind {
        Kind::Nothing => Some(0),
        _ => field.bound.size.as_ref().and_then(literal),
    }
}

/// The value of an integer literal.
pub(crate) fn literal(expr: &Expr) -> Option<usize> {
    match expr {
        Expr::Lit(ExprLit { lit: Lit::Int(value), .. }) => value.base10_parse().ok(),
        Expr::Paren(inner) => literal(&inner.expr),
        Expr::Group(inner) => literal(&inner.expr),
        _ => None,
    }
}

/// `N` of `[u8; N]`, where it is a literal.
pub(super) fn array_len(ty: &Type) -> Option<usize> {
    match ty {
        Type::Array(array) => literal(&array.len),
        Type::Group(inner) => array_len(&inner.elem),
        _ => None,
    }
}

pub(super) fn align(field: &Field, offset: Option<usize>) -> usize {
    match (field.padding.align, offset) {
        (Some(align), Some(offset)) => {
            let offset = offset + field.padding.before.unwrap_or(0);
            offset.checked_next_multiple_of(align).unwrap_or(offset) - offset
        }
        _ => 0,
    }
}
