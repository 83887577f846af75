//! The border of a frame, and what cannot borrow from its bytes.

use crate::check::bound::dangling;
use crate::diagnostics::Diagnostics;
use crate::literal;
use crate::model::{
    Body, BorderKind, Counter, Declaration, Derive, Field, Fields, FrameOptions, Kind, Literal,
    RelationKind, Resync,
};
use crate::size::{self, Extent};

pub(super) fn check(declaration: &Declaration, diagnostics: &mut Diagnostics) {
    lifetimes(declaration, diagnostics);
    view(declaration, diagnostics);
    layers(declaration, diagnostics);
    magic(declaration, diagnostics);
    let Some(frame) = &declaration.frame else { return };
    around(declaration, frame, diagnostics);
    resync(declaration, frame, diagnostics);
    escapes(declaration, frame, diagnostics);
    limits(declaration, frame, diagnostics);
    negotiated(declaration, frame, diagnostics);
    noise(declaration, frame, diagnostics);
    if !endless(declaration, frame, diagnostics) {
        bounded(declaration, frame, diagnostics);
    }
}

/// One lifetime: that of the input.
fn lifetimes(declaration: &Declaration, diagnostics: &mut Diagnostics) {
    for second in declaration.generics.lifetimes().skip(1) {
        let message = "a type borrows from one input; write all its fields with one lifetime";
        diagnostics.error_at(&second.lifetime, message);
    }
}

fn view(declaration: &Declaration, diagnostics: &mut Diagnostics) {
    let Some(span) = declaration.marks.at("view_of") else { return };
    if declaration.derive == Derive::Frame {
        diagnostics.error(span, "a twin has the border of its frame; derive `Wire` instead");
    } else if declaration.lifetime.is_none() {
        diagnostics.error(span, "a twin borrows from the frame; give the struct a lifetime");
    }
}

/// Unescaped and processed bytes live only while they are read.
fn layers(declaration: &Declaration, diagnostics: &mut Diagnostics) {
    let Some(lifetime) = &declaration.lifetime else { return };
    let (text, processed) = match declaration.marks.has("escape") {
        true => ("unescaped", true),
        false => ("processed", all_fields(declaration).any(|field| field.process.is_some())),
    };
    if processed {
        let message = format!(
            "{text} bytes have no place to be borrowed from; use `Bytes` and remove the lifetime"
        );
        diagnostics.error_at(lifetime, message);
    }
}

fn all_fields(declaration: &Declaration) -> impl Iterator<Item = &Field> {
    let (own, variants): (&[Field], _) = match &declaration.body {
        Body::Struct(fields) => (&fields.list, None),
        Body::Bitfield(bits) => (&bits.fields.list, None),
        Body::Enum(data) => (&[], Some(&data.variants)),
        Body::Number(_) => (&[], None),
    };
    own.iter().chain(variants.into_iter().flatten().flat_map(|variant| &variant.fields.list))
}

/// An enum begins with its tag, and each variant may have a magic of its own.
fn magic(declaration: &Declaration, diagnostics: &mut Diagnostics) {
    let Some(span) = declaration.marks.at("magic") else { return };
    let message = match declaration.body {
        Body::Struct(_) => return,
        Body::Enum(_) => "an enum has no bytes before its variants; write `magic` on each variant",
        Body::Bitfield(_) | Body::Number(_) => {
            "this type is one integer; write a field `#[wire(magic = ..)] mark: ()` before it"
        }
    };
    diagnostics.error(span, message);
}

/// Delimiters are taken off before anything is read, so they stand around a struct.
fn around(declaration: &Declaration, frame: &FrameOptions, diagnostics: &mut Diagnostics) {
    if frame.delimiters.is_none() || matches!(declaration.body, Body::Struct(_)) {
        return;
    }
    let keys = ["delimiter", "start", "end"];
    if let Some((key, span)) = keys.iter().find_map(|key| Some((key, declaration.marks.at(key)?))) {
        let message = format!(
            "`{key}` stands around a struct; derive `Wire` here and make it a field of a frame"
        );
        diagnostics.error(span, message);
    }
}

fn resync(declaration: &Declaration, frame: &FrameOptions, diagnostics: &mut Diagnostics) {
    let Some(span) = declaration.marks.at("resync") else { return };
    if declaration.marks.is_spoiled() {
        return;
    }
    if frame.resync == Resync::Magic && declaration.magic.is_none() {
        let message = "`resync = magic` searches for the magic; add `magic = b\"..\"`, or write \
                       `resync = close`";
        diagnostics.error(span, message);
    }
    if frame.resync == Resync::Delimiter && frame.delimiters.is_none() {
        let message = "`resync = delimiter` searches for the delimiter; add `delimiter = 0x7E`, or \
                       write `resync = close`";
        diagnostics.error(span, message);
    }
}

/// What is escaped can be undone without doubt.
fn escapes(declaration: &Declaration, frame: &FrameOptions, diagnostics: &mut Diagnostics) {
    let Some(span) = declaration.marks.at("escape") else { return };
    let Some(delimiters) = &frame.delimiters else {
        if !declaration.marks.is_spoiled() {
            let message = "`escape` keeps the delimiter out of the frame; add `delimiter = 0x7E`";
            diagnostics.error(span, message);
        }
        return;
    };
    let escaped = |byte: u8| frame.escape.iter().any(|(known, _)| *known == byte);
    let mut told: Vec<u8> = Vec::new();
    let introducers = frame.escape.iter().filter_map(|(_, sequence)| sequence.first());
    let edges = delimiters.start.iter().chain(&delimiters.end);
    for &byte in edges.chain(introducers) {
        if !escaped(byte) && !told.contains(&byte) {
            told.push(byte);
            let message = format!(
                "{byte:#04x} begins or ends something and is not escaped itself; add \
                 `{byte:#04x} => [..]`"
            );
            diagnostics.error(span, message);
        }
    }
    for (index, (byte, sequence)) in frame.escape.iter().enumerate() {
        let earlier = frame.escape.iter().take(index);
        if earlier.clone().any(|(known, _)| known == byte) {
            diagnostics.error(span, format!("{byte:#04x} is escaped twice; write it once"));
        }
        if earlier
            .clone()
            .any(|(_, known)| known.starts_with(sequence) || sequence.starts_with(known))
        {
            let message = format!(
                "what stands for {byte:#04x} could also be read as another byte; write sequences \
                 of which none begins with another"
            );
            diagnostics.error(span, message);
        }
        let edge = delimiters.start.iter().chain(&delimiters.end).any(|one| sequence.contains(one));
        if edge {
            let message = format!(
                "what stands for {byte:#04x} holds a delimiter; write a sequence without one"
            );
            diagnostics.error(span, message);
        }
    }
}

fn limits(declaration: &Declaration, frame: &FrameOptions, diagnostics: &mut Diagnostics) {
    let value = |expr: &Option<syn::Expr>| expr.as_ref().and_then(literal::evaluate);
    let longest = frame.at_most.as_ref().or(frame.max_frame_length.as_ref()).cloned();
    if let (Some(min), Some(max)) = (value(&frame.min_frame_length), value(&longest))
        && min > max
        && let Some(span) = declaration.marks.at("min_frame_length")
    {
        let message = format!(
            "no frame is at least {min} and at most {max} bytes long; write a smaller minimum"
        );
        diagnostics.error(span, message);
    }
}

/// A limit that is negotiated has a limit itself.
fn negotiated(declaration: &Declaration, frame: &FrameOptions, diagnostics: &mut Diagnostics) {
    if let Some(span) = declaration.marks.at("at_most")
        && frame.max_frame_length.is_none()
        && !declaration.marks.is_spoiled()
    {
        let message = "`at_most` bounds a limit that is negotiated; write `max_frame_length = \
                       limit, at_most = N`, or only `max_frame_length = N`";
        diagnostics.error(span, message);
    }
}

/// What is skipped before a frame begins none.
fn noise(declaration: &Declaration, frame: &FrameOptions, diagnostics: &mut Diagnostics) {
    let Some(span) = declaration.marks.at("noise") else { return };
    let little = matches!(declaration.endian, Some(crate::model::Endian::Little));
    let delimiter = frame.delimiters.as_ref().and_then(|one| one.start.first().copied());
    let first = match &declaration.magic {
        Some(Literal::Bytes(bytes)) => bytes.first().copied(),
        Some(Literal::Integer { value, bytes }) => {
            let place = if little { 0 } else { bytes.saturating_sub(1) };
            value.to_le_bytes().get(place).copied()
        }
        None => None,
    };
    for byte in [delimiter, first].into_iter().flatten() {
        if frame.noise.contains(&byte) {
            let message = format!(
                "a frame begins with {byte:#04x}, so it would be skipped as noise; write only bytes \
                 that begin no frame"
            );
            diagnostics.error(span, message);
        }
    }
}

/// On a stream there is no rest.
fn endless(declaration: &Declaration, frame: &FrameOptions, diagnostics: &mut Diagnostics) -> bool {
    if !matches!(frame.border, BorderKind::Walk | BorderKind::Fixed | BorderKind::Variants)
        || declaration.marks.is_spoiled()
        || layouts(declaration).into_iter().any(dangling)
    {
        return false;
    }
    let rest = layouts(declaration).into_iter().find_map(|fields| {
        let rest = |field: &&Field| {
            field.bound.rest
                && size::extent(fields, field) == Extent::Elastic
                && size::enclosing(fields, field).is_none()
        };
        fields.list.iter().find(rest)
    });
    if let Some(field) = rest {
        let name = field.name();
        let message = format!(
            "on a stream nothing says where `{name}` ends; add a field with `length_of = ..`, or a \
             `delimiter` to the frame, or give `{name}` a length"
        );
        diagnostics.error(field.at("rest"), message);
    }
    rest.is_some()
}

/// The fields of the struct, or of each variant.
fn layouts(declaration: &Declaration) -> Vec<&Fields> {
    match &declaration.body {
        Body::Struct(fields) => vec![fields],
        Body::Enum(data) => data.variants.iter().map(|variant| &variant.fields).collect(),
        Body::Bitfield(_) | Body::Number(_) => Vec::new(),
    }
}

/// A frame without a limit could wait for ever; what nested types decide, a constant judges.
fn bounded(declaration: &Declaration, frame: &FrameOptions, diagnostics: &mut Diagnostics) {
    if frame.max_frame_length.is_some() || declaration.marks.is_spoiled() {
        return;
    }
    let unbounded = layouts(declaration)
        .into_iter()
        .find_map(|fields| fields.list.iter().find(|field| !is_bounded(fields, field)));
    if let Some(field) = unbounded {
        let name = field.name();
        let message = format!(
            "nothing bounds this frame, since `{name}` has any length; write \
             `#[wire(max_frame_length = 64 * 1024)]` above it"
        );
        diagnostics.error(declaration.name.span(), message);
    }
}

/// The macro sees that it ends: its own limit, or a length of at most three bytes. A `u32` says
/// that a frame may have 4 GiB, which is no bound.
fn is_bounded(fields: &Fields, field: &Field) -> bool {
    if field.max_len.is_some() || field.marks.is_spoiled() || short_length(fields, field) {
        return true;
    }
    let bound = &field.bound;
    let items = matches!(field.kind, Kind::List { .. } | Kind::Lazy { .. });
    match size::extent(fields, field) {
        Extent::Fixed | Extent::Nested | Extent::Bounded => true,
        Extent::Elastic => false,
        Extent::Variable => match &bound.prefix {
            Some(Counter::Integer(integer)) => integer.bytes <= 3,
            Some(Counter::Varint(_)) => false,
            None if matches!(field.kind, Kind::Nested | Kind::Literal(_)) => true,
            None => items && bound.until.is_none(),
        },
    }
}

/// The field lies in the span of a length of one to three bytes, or of few bits, or of a length in
/// a nested type, which that type's constants judge.
fn short_length(fields: &Fields, field: &Field) -> bool {
    fields.relations.iter().any(|relation| {
        let RelationKind::Length { over, .. } = &relation.kind else { return false };
        let (start, end) = size::range(*over, fields.list.len());
        let holder = fields.list.get(relation.holder.field).map(|holder| &holder.kind);
        let short = match holder {
            Some(Kind::Integer(integer)) => integer.bytes <= 3,
            Some(Kind::Bits { width, .. }) => *width <= 24,
            Some(Kind::Nested) => true,
            _ => false,
        };
        short && (start..end).contains(&field.index)
    })
}
