//! Literals as bytes, and constant arithmetic as far as a macro sees it.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{BinOp, Expr, ExprLit, Lit, LitInt, UnOp};

use crate::diagnostics::Diagnostics;
use crate::model::Literal;
use crate::shape;

/// The bytes of a literal that carries its width: `0x68u8`, `b"##"`, `[0x4c, 0x52]`,
/// `[0xff; 16]`, `b'R'`, `"MQTT"`.
pub(crate) fn wire(expr: &Expr) -> syn::Result<Literal> {
    match expr {
        Expr::Paren(inner) => wire(&inner.expr),
        Expr::Group(inner) => wire(&inner.expr),
        Expr::Reference(inner) => wire(&inner.expr),
        Expr::Lit(ExprLit { lit, .. }) => match lit {
            Lit::Int(int) => sized_integer(int, false, int.span()),
            Lit::Byte(byte) => Ok(Literal::Bytes(vec![byte.value()])),
            Lit::ByteStr(bytes) => Ok(Literal::Bytes(bytes.value())),
            Lit::Str(text) => Ok(Literal::Bytes(text.value().into_bytes())),
            _ => Err(form(expr)),
        },
        Expr::Unary(unary) => match (&unary.op, &*unary.expr) {
            (UnOp::Neg(_), Expr::Lit(ExprLit { lit: Lit::Int(int), .. })) => {
                sized_integer(int, true, unary.span())
            }
            _ => Err(form(expr)),
        },
        Expr::Array(array) => {
            array.elems.iter().map(byte).collect::<syn::Result<_>>().map(Literal::Bytes)
        }
        Expr::Repeat(repeat) => {
            let value = byte(&repeat.expr)?;
            let count = evaluate(&repeat.len).and_then(|count| usize::try_from(count).ok());
            match count {
                Some(count @ 0..=65_536) => Ok(Literal::Bytes(vec![value; count])),
                _ => Err(syn::Error::new_spanned(
                    &repeat.len,
                    "the number of repeats is a literal up to 65536",
                )),
            }
        }
        _ => Err(form(expr)),
    }
}

/// [`wire`], its error kept.
pub(crate) fn kept(expr: &Expr, diagnostics: &mut Diagnostics) -> Option<Literal> {
    diagnostics.keep(wire(expr))
}

/// One or more bytes, where a bare number is one byte: delimiters and terminators.
pub(crate) fn bytes(expr: &Expr) -> syn::Result<Vec<u8>> {
    if let Expr::Lit(ExprLit { lit: Lit::Int(int), .. }) = expr {
        return match int.base10_parse::<u8>() {
            Ok(byte) if matches!(int.suffix(), "" | "u8") => Ok(vec![byte]),
            _ => {
                let message = "a bare number is one byte; write several as `[0x0d, 0x0a]`";
                Err(syn::Error::new(int.span(), message))
            }
        };
    }
    match wire(expr)? {
        Literal::Bytes(bytes) if bytes.is_empty() => {
            Err(syn::Error::new_spanned(expr, "expected at least one byte"))
        }
        Literal::Bytes(bytes) => Ok(bytes),
        Literal::Integer { .. } => Err(form(expr)),
    }
}

/// One byte.
pub(crate) fn byte(expr: &Expr) -> syn::Result<u8> {
    evaluate(expr)
        .and_then(|value| u8::try_from(value).ok())
        .ok_or_else(|| syn::Error::new_spanned(expr, "expected a byte, such as `0x7e` or `b'R'`"))
}

/// A number known to the macro: literals, `+ - * / % << >> | & ^`, parentheses and casts.
pub(crate) fn evaluate(expr: &Expr) -> Option<i128> {
    match expr {
        Expr::Lit(ExprLit { lit, .. }) => match lit {
            Lit::Int(int) => int.base10_parse().ok(),
            Lit::Byte(byte) => Some(i128::from(byte.value())),
            Lit::Bool(value) => Some(i128::from(value.value())),
            _ => None,
        },
        Expr::Paren(inner) => evaluate(&inner.expr),
        Expr::Group(inner) => evaluate(&inner.expr),
        Expr::Cast(inner) => evaluate(&inner.expr),
        Expr::Unary(unary) => match unary.op {
            UnOp::Neg(_) => evaluate(&unary.expr)?.checked_neg(),
            _ => None,
        },
        Expr::Binary(binary) => {
            let (left, right) = (evaluate(&binary.left)?, evaluate(&binary.right)?);
            match binary.op {
                BinOp::Add(_) => left.checked_add(right),
                BinOp::Sub(_) => left.checked_sub(right),
                BinOp::Mul(_) => left.checked_mul(right),
                BinOp::Div(_) => left.checked_div(right),
                BinOp::Rem(_) => left.checked_rem(right),
                BinOp::Shl(_) => left.checked_shl(u32::try_from(right).ok()?),
                BinOp::Shr(_) => left.checked_shr(u32::try_from(right).ok()?),
                BinOp::BitOr(_) => Some(left | right),
                BinOp::BitAnd(_) => Some(left & right),
                BinOp::BitXor(_) => Some(left ^ right),
                _ => None,
            }
        }
        _ => None,
    }
}

/// A tag: `u64`, sign-extended where it is negative.
pub(crate) fn tag(value: i128) -> Option<u64> {
    match u64::try_from(value) {
        Ok(value) => Some(value),
        Err(_) => i64::try_from(value).ok().map(i64::cast_unsigned),
    }
}

fn sized_integer(int: &LitInt, negative: bool, span: Span) -> syn::Result<Literal> {
    let digits = int.base10_digits();
    let sign = if negative { "-" } else { "" };
    let Some(integer) = shape::integer_name(int.suffix()) else {
        let message = format!(
            "a literal carries its width: write `{sign}{int}{}` or another integer behind it",
            suggested(int, negative)
        );
        return Err(syn::Error::new(span, message));
    };
    let bits = u32::try_from(integer.bytes * 8).unwrap_or(128);
    let too_large = || {
        let message =
            format!("`{sign}{int}` does not fit in {bits} bits; write a wider integer behind it");
        syn::Error::new(span, message)
    };
    let magnitude: u128 = digits.parse().map_err(|_| too_large())?;
    let mask = u128::MAX >> (128 - bits);
    let value = if negative { magnitude.wrapping_neg() & mask } else { magnitude };
    let limit = match (integer.signed, negative) {
        (false, false) => mask,
        (false, true) => return Err(too_large()),
        (true, false) => mask >> 1,
        (true, true) => (mask >> 1) + 1,
    };
    if magnitude > limit {
        return Err(too_large());
    }
    Ok(Literal::Integer { value, bytes: integer.bytes })
}

/// The narrowest integer type that holds a literal.
fn suggested(int: &LitInt, negative: bool) -> &'static str {
    match (int.base10_parse::<u64>(), negative) {
        (Ok(0..=0x80), true) => "i8",
        (Ok(0..=0x8000), true) => "i16",
        (_, true) => "i32",
        (Ok(0..=0xFF), false) => "u8",
        (Ok(0..=0xFFFF), false) => "u16",
        (Ok(0..=0xFFFF_FFFF), false) => "u32",
        _ => "u64",
    }
}

fn form(expr: &Expr) -> syn::Error {
    let message = "expected a literal: `0x68u8`, `b\"##\"`, `[0x4c, 0x52]`, `[0xff; 16]` or `b'R'`";
    syn::Error::new_spanned(expr, message)
}
