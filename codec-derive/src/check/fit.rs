//! Keys that do not fit the type of their field.

use quote::ToTokens;
use syn::Type;

use crate::check::{Layout, Owner};
use crate::diagnostics::Diagnostics;
use crate::model::{Field, Fields, Kind, Timestamp};
use crate::shape::{self, Shape};

/// What a key belongs on.
#[derive(Clone, Copy)]
enum Fits {
    Integer,
    Number,
    Float,
    Text,
    /// Items: `Vec<T>`, `Lazy<T>`.
    Items,
    /// Bytes, text, items: what has no size of its own.
    Measured,
    /// [`Fits::Measured`], and types that measure themselves.
    Prefixed,
    /// [`Fits::Prefixed`], integers and digits.
    Sized,
    Terminated,
    Time,
    Bcd,
    /// A type of the user's.
    Nested,
    /// A type of the user's, or items of one.
    Context,
    Unit,
    Bits,
}

const FITS: &[(&str, Fits)] = &[
    ("varint", Fits::Integer),
    ("decimal", Fits::Integer),
    ("minimal", Fits::Integer),
    ("as", Fits::Number),
    ("scale", Fits::Float),
    ("offset", Fits::Float),
    ("timestamp", Fits::Time),
    ("bcd", Fits::Bcd),
    ("bits", Fits::Bits),
    ("flags", Fits::Nested),
    ("encoding", Fits::Text),
    ("pad", Fits::Text),
    ("trim", Fits::Text),
    ("lossy", Fits::Text),
    ("count", Fits::Items),
    ("count_prefix", Fits::Items),
    ("count_in", Fits::Items),
    ("until", Fits::Items),
    ("max_count", Fits::Items),
    ("max_len", Fits::Measured),
    ("prefix", Fits::Prefixed),
    ("length_in", Fits::Prefixed),
    ("rest", Fits::Prefixed),
    ("process", Fits::Prefixed),
    ("mask", Fits::Prefixed),
    ("size", Fits::Sized),
    ("terminated", Fits::Terminated),
    ("select", Fits::Nested),
    ("tag_in", Fits::Nested),
    ("opaque_if", Fits::Nested),
    ("split", Fits::Nested),
    ("ctx", Fits::Context),
    ("magic", Fits::Unit),
];

pub(super) fn check(layout: &Layout<'_>, diagnostics: &mut Diagnostics) {
    for field in &layout.fields.list {
        // The user's own module decides what is on the wire.
        if !matches!(field.kind, Kind::With { .. } | Kind::Map { .. }) {
            keys(field, diagnostics);
            time(field, diagnostics);
        }
        tag(layout, field, diagnostics);
        items(field, diagnostics);
        lenient(field, diagnostics);
        bit_order(layout, field, diagnostics);
        nothing(layout, field, diagnostics);
    }
}

fn keys(field: &Field, diagnostics: &mut Diagnostics) {
    let shape = shape::of(&field.inner);
    for (key, span) in field.marks.iter() {
        let Some((_, fits)) = FITS.iter().find(|(name, _)| *name == key) else { continue };
        // What `as` belongs to may be the key that could not be read.
        let unclear = key == "as" && field.marks.is_spoiled();
        if !unclear && !fits.shape(&shape, field) {
            let found = text_of(&field.inner);
            let hint = hint(key, &shape);
            let message = format!("`{key}` fits {}, not `{found}`{hint}", fits.name());
            diagnostics.error(span, message);
        }
    }
}

/// What to write instead, where it is clear.
fn hint(key: &str, shape: &Shape) -> &'static str {
    match (key, shape) {
        ("count" | "count_prefix" | "count_in", Shape::Slice | Shape::Text | Shape::Shared) => {
            "; bytes have a length: write `size`, `prefix` or `length_in`"
        }
        ("count_prefix", _) => "; write `prefix`",
        ("size", Shape::ArrayOfBytes) => {
            "; the length of an array is in its type: remove the key, or write `Vec<u8>`"
        }
        ("magic", _) => "; write `fixed = ..`, or give the field the type `()`",
        ("scale" | "offset", Shape::Integer(_)) => "; the value in units is an `f64`",
        ("prefix" | "rest" | "length_in", _) => "; its size is known from its type, remove the key",
        _ => "",
    }
}

impl Fits {
    fn shape(self, shape: &Shape, field: &Field) -> bool {
        let text = matches!(shape, Shape::Text | Shape::Str);
        let bytes = matches!(shape, Shape::VecOfBytes | Shape::Shared | Shape::Slice);
        let items = matches!(shape, Shape::List(_) | Shape::Lazy(_));
        let integer = matches!(shape, Shape::Integer(_));
        let other = matches!(shape, Shape::Other);
        match self {
            Self::Integer => integer || field.is_padded(),
            Self::Number => {
                integer
                    || matches!(shape, Shape::Float { .. })
                    || matches!(field.kind, Kind::Flags { .. })
            }
            Self::Float => matches!(shape, Shape::Float { .. }),
            Self::Text => text,
            Self::Items => items || matches!(shape, Shape::VecOfBytes),
            Self::Measured => {
                text || bytes || items || matches!(shape, Shape::Digits) || field.process.is_some()
            }
            Self::Prefixed => {
                text || bytes
                    || items
                    || other
                    || matches!(shape, Shape::Digits)
                    || matches!(
                        field.kind,
                        Kind::Literal(_) | Kind::Decimal | Kind::Minimal { .. } | Kind::Bcd { .. }
                    )
            }
            Self::Sized => {
                text || bytes || items || other || integer || matches!(shape, Shape::Digits)
            }
            Self::Terminated => text || bytes || matches!(field.kind, Kind::Decimal),
            Self::Time => integer || matches!(shape, Shape::CivilTime),
            Self::Bcd => integer || matches!(shape, Shape::Digits),
            Self::Nested => other,
            Self::Context => other || items,
            Self::Unit => matches!(shape, Shape::Unit),
            Self::Bits => integer || other || matches!(shape, Shape::Bool | Shape::Unit),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Integer => "an integer",
            Self::Number => "an integer or a float",
            Self::Float => "an `f32` or `f64`",
            Self::Text => "text (`String`, `&str`)",
            Self::Items => "a list (`Vec<T>`, `Lazy<T>`)",
            Self::Measured => "bytes, text or a list",
            Self::Prefixed => "bytes, text, a list or a type of yours",
            Self::Sized => "bytes, text, a list, an integer or a type of yours",
            Self::Terminated => "text, bytes or a `decimal`",
            Self::Time => "an integer or a `CivilTime`",
            Self::Bcd => "`Digits` or an integer",
            Self::Nested => "a type of yours",
            Self::Context => "a type of yours or a list of one",
            Self::Unit => "`()`",
            Self::Bits => "an integer, a `bool`, `()` or a type of yours",
        }
    }
}

/// A struct of flags is bools, and a place for the bits that mean nothing yet.
pub(super) fn flags(fields: &Fields, diagnostics: &mut Diagnostics) {
    for field in &fields.list {
        if !field.reserved && !matches!(shape::of(&field.inner), Shape::Bool | Shape::Unit) {
            let message = "a flag is a `bool`; mark the undeclared bits `reserved`, or write \
                           `bitfield` instead of `flags`";
            diagnostics.error_at(&field.ty, message);
        }
    }
}

/// The forms of time have types of their own.
fn time(field: &Field, diagnostics: &mut Diagnostics) {
    let Kind::Time(form) = &field.kind else { return };
    let civil = matches!(shape::of(&field.inner), Shape::CivilTime);
    let unix = matches!(form, Timestamp::UnixSeconds(_) | Timestamp::UnixMilliseconds(_));
    if field.marks.is_spoiled() || civil != unix {
        return;
    }
    let message = if unix {
        "a `unix` time counts; write `u64` or `i64`"
    } else {
        "this form is a date and a time; write `CivilTime`"
    };
    diagnostics.error_at(&field.inner, message);
}

/// `#[wire(tag)]` on a field stands in variants only.
fn tag(layout: &Layout<'_>, field: &Field, diagnostics: &mut Diagnostics) {
    if field.is_tag && !matches!(layout.owner, Owner::Variant(..)) {
        let message = "`tag` marks the field of a variant that holds the tag; in a struct write \
                       `tag_of = field`";
        diagnostics.error(field.at("tag"), message);
    }
}

/// Items that take all that is left leave nothing for the next one.
fn items(field: &Field, diagnostics: &mut Diagnostics) {
    let (Kind::List { item } | Kind::Lazy { item }) = &field.kind else { return };
    if field.marks.is_spoiled() {
        return;
    }
    let message = match shape::of(item) {
        Shape::Text
        | Shape::Str
        | Shape::Slice
        | Shape::VecOfBytes
        | Shape::Shared
        | Shape::List(_)
        | Shape::Digits => {
            "nothing says where an item ends; write `each(prefix = u16)` on the list, or wrap the \
             item in a struct that does"
        }
        Shape::Pointer => "`usize` and `isize` have no width on the wire; write `u32`",
        _ if shape::inside(item, "Lenient").is_some() => {
            "an item that may be bad has no end of its own; write `each(prefix = u16)` on the list, \
             or wrap the item in a struct with its length"
        }
        _ if shape::inside(item, "Option").is_some() => {
            "nothing says when an item is there; write `each(none = -1)` on the list, or wrap the \
             `Option` in a struct that does"
        }
        _ if shape::inside(item, "Auto").is_some() => {
            "an item derives from nothing; write the plain integer"
        }
        _ => return,
    };
    diagnostics.error_at(item, message);
}

/// What is kept of bad bytes outlives the input, and so must a good value.
fn lenient(field: &Field, diagnostics: &mut Diagnostics) {
    let Some(inside) = shape::inside(&field.inner, "Lenient") else { return };
    let owned = match shape::of(inside) {
        Shape::Str => "`Lenient<String>`",
        Shape::Slice | Shape::Lazy(_) => "`Bytes`, which is never bad",
        _ if text_of(inside).contains('\'') => "a type that owns what it holds",
        _ => return,
    };
    let message = format!("a `Lenient` does not borrow from the input; write {owned}");
    diagnostics.error_at(inside, message);
}

fn bit_order(layout: &Layout<'_>, field: &Field, diagnostics: &mut Diagnostics) {
    if let Some(span) = field.marks.at("bit_order")
        && !matches!(field.kind, Kind::Bits { .. })
        && !matches!(layout.owner, Owner::Bitfield)
        && !field.marks.is_spoiled()
    {
        diagnostics
            .error(span, "`bit_order` needs `bits` beside it; write `bits = .., bit_order = ..`");
    }
}

/// A `()` says what is on the wire by its keys.
fn nothing(layout: &Layout<'_>, field: &Field, diagnostics: &mut Diagnostics) {
    let pads = ["pad_before", "pad_after", "align"].iter().any(|key| field.marks.has(key));
    if matches!(field.kind, Kind::Nothing)
        && matches!(shape::of(&field.inner), Shape::Unit)
        && !pads
        && !field.is_tag
        && !field.marks.is_spoiled()
        && !matches!(layout.owner, Owner::Bitfield)
    {
        let message = "a `()` without a literal is nothing on the wire; write \
                       `#[wire(fixed = 0x00u8)]` or `#[wire(pad_after = 1)]`";
        diagnostics.error_at(&field.ty, message);
    }
}

/// A type as the user writes it.
pub(crate) fn text_of(ty: &Type) -> String {
    let mut text = ty.to_token_stream().to_string();
    for (spaced, tight) in
        [(" < ", "<"), (" >", ">"), ("& ", "&"), (" :: ", "::"), (" ,", ","), (" ;", ";")]
    {
        text = text.replace(spaced, tight);
    }
    text
}
