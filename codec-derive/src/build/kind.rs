//! What one field's value looks like on the wire: its type and its keys decide.

use syn::{Expr, ExprLit, Lit, Type, parse_quote};

use crate::attribute::field::{BitsSyntax, CounterSyntax, FieldKeys};
use crate::build::counter;
use crate::diagnostics::Diagnostics;
use crate::literal;
use crate::model::{
    BitValue, BytesKind, Encoding, Integer, Kind, Literal, Overlong, Text, Timestamp, Varint,
    VarintKind,
};
use crate::shape::{self, Shape};

/// The kind of a field of type `inner`. `bits` in a plain struct only where the key says so.
pub(crate) fn decide(
    inner: &Type,
    keys: &mut FieldKeys,
    in_bitfield: bool,
    diagnostics: &mut Diagnostics,
) -> Kind {
    let shape = shape::of(inner);
    if let Some(given) = keys.with.take() {
        let (module, whole) = given.value;
        return Kind::With { module, whole };
    }
    if let Some(given) = keys.map.take() {
        return map(given.value, given.span, keys, diagnostics);
    }
    if keys.bits.is_some() || in_bitfield {
        return bits(&shape, keys, diagnostics);
    }
    if let Some(name) = keys.timestamp.take() {
        return timestamp(&name.value, &shape, keys, diagnostics);
    }
    if let Some(given) = keys.flags.take() {
        let wire = given.value.or_else(|| keys.wire.take().map(|given| given.value));
        return match wire.as_ref().and_then(shape::integer_of) {
            Some(wire) => Kind::Flags { wire },
            None => {
                diagnostics.error(given.span, "`flags` needs a width; write `flags = u8`");
                Kind::Nothing
            }
        };
    }
    if let Shape::Unit = shape {
        return unit(keys, diagnostics);
    }
    if let Some(kind) = number(&shape, keys, diagnostics) {
        return kind;
    }
    plain(shape, inner, keys, diagnostics)
}

/// A kind that its type alone decides.
fn plain(shape: Shape, inner: &Type, keys: &mut FieldKeys, diagnostics: &mut Diagnostics) -> Kind {
    match shape {
        Shape::Integer(integer) => Kind::Integer(integer),
        Shape::Float { bytes } => Kind::Float { bytes },
        Shape::Bool => Kind::Bool,
        Shape::Slice => Kind::Bytes(BytesKind::Slice),
        // Counted bytes are a list like any other; with a length they are one copy.
        Shape::VecOfBytes if counted(keys) => Kind::List { item: parse_quote!(u8) },
        Shape::VecOfBytes => Kind::Bytes(BytesKind::Vec),
        Shape::Shared => Kind::Bytes(BytesKind::Shared),
        Shape::ArrayOfBytes => Kind::Bytes(BytesKind::Array),
        Shape::Text => Kind::Text(text(true, keys, diagnostics)),
        Shape::Str => Kind::Text(text(false, keys, diagnostics)),
        Shape::List(item) => Kind::List { item },
        Shape::Lazy(item) => Kind::Lazy { item },
        Shape::Digits => Kind::Bcd { digits: true },
        Shape::Unit => Kind::Nothing,
        Shape::CivilTime => {
            let message = "a `CivilTime` needs its form: write `timestamp = bcd_yymmddhhmmss`, \
                           `binary_yymmddhhmmss` or `cp56time2a`";
            diagnostics.error_at(inner, message);
            Kind::Nothing
        }
        Shape::Pointer => {
            let message = "`usize` and `isize` have no width on the wire; write `u32` or another \
                           integer with a width";
            diagnostics.error_at(inner, message);
            Kind::Nothing
        }
        Shape::Unreadable => {
            let message = "this type cannot be read from bytes; write an owned type, `&[u8]` or \
                           `&str`";
            diagnostics.error_at(inner, message);
            Kind::Nothing
        }
        Shape::Other => Kind::Nested,
    }
}

fn counted(keys: &FieldKeys) -> bool {
    keys.count.is_some()
        || keys.count_prefix.is_some()
        || keys.count_in.is_some()
        || keys.until.is_some()
}

/// A kind of number that its keys decide.
fn number(shape: &Shape, keys: &mut FieldKeys, diagnostics: &mut Diagnostics) -> Option<Kind> {
    if let Some(kind) = keys.varint.take() {
        let max_bytes = keys.max_bytes.take().and_then(|given| {
            let value = literal::evaluate(&given.value);
            let value = value.and_then(|value| usize::try_from(value).ok());
            if !matches!(value, Some(1..=19)) {
                diagnostics.error_at(&given.value, "`max_bytes` is a literal from 1 to 19");
            }
            value
        });
        if let (CounterSyntax::Steps { .. }, Some(_), Some(span)) =
            (&kind.value, max_bytes, keys.marks.at("max_bytes"))
        {
            diagnostics.error(span, "the steps say how long each form is; remove `max_bytes`");
        }
        return Some(Kind::Varint(Varint {
            kind: counter::form(&kind.value, "varint", 8, diagnostics),
            max_bytes,
            overlong: keys.overlong.take().map_or(Overlong::Refuse, |given| given.value),
        }));
    }
    if keys.bcd.take().is_some() {
        return Some(Kind::Bcd { digits: matches!(shape, Shape::Digits) });
    }
    if let Some(given) = keys.minimal.take() {
        let least = given.value.as_ref().map_or(Some(1), literal::evaluate);
        if !matches!(least, Some(0 | 1)) {
            diagnostics.error(given.span, "`minimal` has at least 1 byte, or `minimal = 0`");
        }
        return Some(Kind::Minimal { least: usize::from(least != Some(0)) });
    }
    if keys.decimal.take().is_some() {
        return Some(Kind::Decimal);
    }
    match shape {
        Shape::Float { bytes } if keys.wire.is_some() || keys.scale.is_some() => {
            let wire = wire_integer(keys, diagnostics);
            Some(Kind::Scaled {
                wire: wire.unwrap_or(Integer { bytes: 4, signed: false }),
                scale: keys.scale.take().map_or_else(|| parse_quote!(1.0), |given| given.value),
                offset: keys.offset.take().map(|given| given.value),
                float: *bytes,
            })
        }
        Shape::Integer(integer) if keys.wire.is_some() => {
            let wire = wire_integer(keys, diagnostics);
            Some(Kind::Integer(wire.unwrap_or(*integer)))
        }
        Shape::Integer(integer) if keys.size.is_some() => {
            Some(Kind::Sized { signed: integer.signed })
        }
        _ => None,
    }
}

/// `as = u24`.
fn wire_integer(keys: &mut FieldKeys, diagnostics: &mut Diagnostics) -> Option<Integer> {
    let Some(given) = keys.wire.take() else {
        if let Some(scale) = &keys.scale {
            let message = "`scale` needs the integer on the wire; write `as = u32, scale = ..`";
            diagnostics.error(scale.span, message);
        }
        return None;
    };
    let integer = shape::integer_of(&given.value);
    if integer.is_none() {
        let message = "`as` names an integer of whole bytes, such as `u24` or `i16`";
        diagnostics.error_at(&given.value, message);
    }
    integer
}

fn bits(shape: &Shape, keys: &mut FieldKeys, diagnostics: &mut Diagnostics) -> Kind {
    let width = match keys.bits.as_ref().map(|given| &given.value) {
        Some(BitsSyntax::Width(expr)) => match literal::evaluate(expr) {
            Some(width @ 1..=64) => u32::try_from(width).unwrap_or(64),
            _ => {
                diagnostics.error_at(expr, "`bits` is a literal from 1 to 64");
                1
            }
        },
        // Decided when the run is closed.
        Some(BitsSyntax::Rest) => 0,
        None => match shape {
            Shape::Bool => 1,
            // What the others leave over.
            Shape::Integer(_) if keys.reserved.is_some() => 0,
            Shape::Integer(integer) => u32::try_from(integer.bytes * 8).unwrap_or(64),
            _ => 0,
        },
    };
    let value = match shape {
        Shape::Integer(_) if keys.varint.is_some() => stepped_bits(width, keys, diagnostics),
        Shape::Integer(integer) => BitValue::Integer { signed: integer.signed },
        Shape::Bool => BitValue::Bool,
        Shape::Unit => match keys.fixed.take().or_else(|| keys.magic.take()) {
            Some(given) => BitValue::Literal(bits_literal(&given.value, width, diagnostics)),
            None => BitValue::Zero,
        },
        _ => BitValue::Type,
    };
    Kind::Bits { width, value }
}

/// `bits = 7, varint = steps(126 => u16, 127 => u64)`; another form does not fit beside `bits`.
fn stepped_bits(width: u32, keys: &mut FieldKeys, diagnostics: &mut Diagnostics) -> BitValue {
    let overlong = keys.overlong.take().map_or(Overlong::Refuse, |given| given.value);
    let given = keys.varint.take();
    match given.map(|given| counter::form(&given.value, "varint", width, diagnostics)) {
        Some(VarintKind::Steps(forms)) => BitValue::Steps { forms, overlong },
        _ => BitValue::Integer { signed: false },
    }
}

/// The value of a literal in bits; a suffix is not needed.
fn bits_literal(expr: &Expr, width: u32, diagnostics: &mut Diagnostics) -> u64 {
    let value = literal::evaluate(expr).and_then(|value| u64::try_from(value).ok());
    match value {
        Some(value) if width == 0 || width >= 64 || value >> width == 0 => value,
        Some(value) => {
            let message = format!("`{value}` does not fit in {width} bits");
            diagnostics.error_at(expr, message);
            0
        }
        None => {
            diagnostics.error_at(expr, "expected an integer literal, such as `0b01`");
            0
        }
    }
}

/// `()`: a literal, or nothing.
fn unit(keys: &mut FieldKeys, diagnostics: &mut Diagnostics) -> Kind {
    match keys.magic.take().or_else(|| keys.fixed.take()) {
        Some(given) => {
            let literal = literal::kept(&given.value, diagnostics);
            Kind::Literal(literal.unwrap_or(Literal::Bytes(Vec::new())))
        }
        None => Kind::Nothing,
    }
}

fn text(owned: bool, keys: &mut FieldKeys, diagnostics: &mut Diagnostics) -> Text {
    let encoding = keys.encoding.take().map_or(Encoding::Utf8, |given| {
        // A macro's `$label` stands in a group that nobody sees.
        let mut value = given.value;
        while let Expr::Group(inner) = value {
            value = *inner.expr;
        }
        let Expr::Lit(ExprLit { lit: Lit::Str(label), .. }) = &value else {
            return Encoding::Chosen(value);
        };
        match label.value().to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" => Encoding::Utf8,
            "ascii" | "us-ascii" => Encoding::Ascii,
            "latin1" | "latin-1" | "iso-8859-1" => Encoding::Latin1,
            label => Encoding::Label(label.to_owned()),
        }
    });
    let pad = keys.pad.take().and_then(|given| diagnostics.keep(literal::byte(&given.value)));
    let trim = keys.trim.take().is_some();
    Text { owned, encoding, pad, trim, lossy: keys.lossy.take().is_some() }
}

fn timestamp(
    name: &proc_macro2::Ident,
    shape: &Shape,
    keys: &mut FieldKeys,
    diagnostics: &mut Diagnostics,
) -> Kind {
    let integer = || match shape {
        Shape::Integer(integer) => *integer,
        _ => Integer { bytes: 8, signed: false },
    };
    let mut wire = || wire_integer(keys, diagnostics).unwrap_or_else(integer);
    Kind::Time(match name.to_string().as_str() {
        "unix_s" => Timestamp::UnixSeconds(wire()),
        "unix_ms" => Timestamp::UnixMilliseconds(wire()),
        "bcd_yymmddhhmmss" => Timestamp::BcdYymmddhhmmss,
        "binary_yymmddhhmmss" => Timestamp::BinaryYymmddhhmmss,
        "cp56time2a" => Timestamp::Cp56Time2a,
        _ => {
            let message = "`timestamp` is one of `unix_s`, `unix_ms`, `bcd_yymmddhhmmss`, \
                           `binary_yymmddhhmmss` or `cp56time2a`";
            diagnostics.error(name.span(), message);
            Timestamp::Cp56Time2a
        }
    })
}

fn map(
    (read, write): (Expr, Expr),
    span: proc_macro2::Span,
    keys: &mut FieldKeys,
    diagnostics: &mut Diagnostics,
) -> Kind {
    let wire = keys.wire.take().map(|given| given.value).unwrap_or_else(|| {
        let message = "`map` needs the type on the wire; write `as = u16, map(..)`";
        diagnostics.error(span, message);
        parse_quote!(u8)
    });
    Kind::Map { read, write, wire }
}
