//! Between which numbers a field with a role wraps.

use proc_macro2::Literal;
use syn::{Expr, ExprLit, ExprRange, Lit, RangeLimits};

use super::super::schema::text;
use crate::model::{Field, Kind, Valid};

/// Width in bits; 64 where it is not known.
pub(super) fn bits(field: &Field) -> u32 {
    match &field.kind {
        Kind::Integer(integer) => u32::try_from(integer.bytes).unwrap_or(8).saturating_mul(8),
        Kind::Bits { width, .. } => *width,
        _ => {
            let name = text::of(&field.inner);
            let digits = name.trim_start_matches(['u', 'i']);
            digits.parse().unwrap_or(64)
        }
    }
}

/// The first and the last number of the cycle, from the width and a `valid` range of literals.
pub(super) fn of(field: &Field) -> (Literal, Literal) {
    let signed = match &field.kind {
        Kind::Integer(integer) => integer.signed,
        _ => text::of(&field.inner).starts_with('i'),
    };
    let bits = bits(field).saturating_sub(u32::from(signed)).min(64);
    let mut range = (0, u64::MAX.checked_shr(64 - bits).unwrap_or(0));
    if let Some(Valid::Pattern(expression)) = &field.valid {
        narrow(expression, &mut range);
    }
    (Literal::u64_unsuffixed(range.0), Literal::u64_unsuffixed(range.1))
}

fn narrow(expression: &Expr, range: &mut (u64, u64)) {
    let Expr::Range(ExprRange { start, end, limits, .. }) = expression else {
        return;
    };
    if let Some(first) = start.as_deref().and_then(number) {
        range.0 = first;
    }
    if let Some(end) = end.as_deref().and_then(number) {
        let last = match limits {
            RangeLimits::Closed(_) => end,
            RangeLimits::HalfOpen(_) => end.saturating_sub(1),
        };
        range.1 = range.1.min(last);
    }
}

fn number(expression: &Expr) -> Option<u64> {
    match expression {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse().ok(),
        _ => None,
    }
}
