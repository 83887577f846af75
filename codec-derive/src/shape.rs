//! What a Rust type is to the wire, seen by its name.

use syn::{GenericArgument, PathArguments, PathSegment, Type};

use crate::model::Integer;

/// The kinds of type that the language knows; all others implement `Wire` themselves.
pub(crate) enum Shape {
    Integer(Integer),
    /// `usize`, `isize`: no width on the wire.
    Pointer,
    Float {
        bytes: usize,
    },
    Bool,
    Unit,
    /// `&[u8]`.
    Slice,
    /// `&str`.
    Str,
    /// `String`.
    Text,
    /// `Vec<u8>`.
    VecOfBytes,
    /// `Bytes`.
    Shared,
    /// `[u8; N]`.
    ArrayOfBytes,
    List(Type),
    Lazy(Type),
    Digits,
    CivilTime,
    /// A reference to something else than bytes or text, a pointer, a function ...
    Unreadable,
    Other,
}

/// What `ty` is.
pub(crate) fn of(ty: &Type) -> Shape {
    match ty {
        Type::Group(group) => of(&group.elem),
        Type::Paren(paren) => of(&paren.elem),
        Type::Tuple(tuple) if tuple.elems.is_empty() => Shape::Unit,
        Type::Reference(reference) => match &*reference.elem {
            Type::Slice(slice) if is_byte(&slice.elem) => Shape::Slice,
            Type::Path(path) if path.path.is_ident("str") => Shape::Str,
            _ => Shape::Unreadable,
        },
        Type::Array(array) if is_byte(&array.elem) => Shape::ArrayOfBytes,
        Type::Path(path) => path.path.segments.last().map_or(Shape::Other, |segment| {
            if path.qself.is_some() { Shape::Other } else { of_segment(segment) }
        }),
        Type::Array(_) | Type::Tuple(_) | Type::Macro(_) => Shape::Other,
        _ => Shape::Unreadable,
    }
}

fn of_segment(segment: &PathSegment) -> Shape {
    let name = segment.ident.to_string();
    match (name.as_str(), argument(segment)) {
        ("f32", None) => Shape::Float { bytes: 4 },
        ("f64", None) => Shape::Float { bytes: 8 },
        ("bool", None) => Shape::Bool,
        ("usize" | "isize", None) => Shape::Pointer,
        ("String", None) => Shape::Text,
        ("Bytes", None) => Shape::Shared,
        ("Digits", None) => Shape::Digits,
        ("CivilTime", None) => Shape::CivilTime,
        ("Vec", Some(item)) if is_byte(item) => Shape::VecOfBytes,
        ("Vec", Some(item)) => Shape::List(item.clone()),
        ("Lazy", Some(item)) => Shape::Lazy(item.clone()),
        (name, None) => match integer_name(name) {
            Some(integer) if integer.bytes.is_power_of_two() => Shape::Integer(integer),
            _ => Shape::Other,
        },
        _ => Shape::Other,
    }
}

/// `T` of `Wrapper<T>`, where `ty` is that wrapper.
pub(crate) fn inside<'t>(ty: &'t Type, wrapper: &str) -> Option<&'t Type> {
    match ty {
        Type::Group(group) => inside(&group.elem, wrapper),
        Type::Paren(paren) => inside(&paren.elem, wrapper),
        Type::Path(path) if path.qself.is_none() => {
            let segment = path.path.segments.last()?;
            if segment.ident == wrapper { argument(segment) } else { None }
        }
        _ => None,
    }
}

/// The one type argument.
fn argument(segment: &PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

fn is_byte(ty: &Type) -> bool {
    match ty {
        Type::Group(group) => is_byte(&group.elem),
        Type::Path(path) => path.path.is_ident("u8"),
        _ => false,
    }
}

/// `u24`, as an integer.
pub(crate) fn integer_of(ty: &Type) -> Option<Integer> {
    match ty {
        Type::Group(group) => integer_of(&group.elem),
        Type::Path(path) => integer_name(&path.path.get_ident()?.to_string()),
        _ => None,
    }
}

/// `u8`, `i24`, `u128`: any whole number of bytes up to sixteen.
pub(crate) fn integer_name(name: &str) -> Option<Integer> {
    let signed = match name.as_bytes().first()? {
        b'u' => false,
        b'i' => true,
        _ => return None,
    };
    let bits: usize = name.get(1..)?.parse().ok()?;
    let whole = bits.is_multiple_of(8) && (8..=128).contains(&bits);
    let plain = !name.get(1..)?.starts_with(['0', '+']);
    (whole && plain).then_some(Integer { bytes: bits / 8, signed })
}
