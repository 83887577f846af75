//! The border of a frame: options and how its end is found.

use crate::attribute::Given;
use crate::attribute::container::Container;
use crate::diagnostics::Diagnostics;
use crate::literal;
use crate::model::{
    Body, BorderKind, Delimiters, Derive, Fields, FrameOptions, RelationKind, Resync, TagSource,
};
use crate::size::{self, Extent};

/// What `derive(Frame)` needs; `None` on `derive(Wire)`.
pub(crate) fn options(
    keys: &mut Container,
    derive: Derive,
    body: &Body,
    diagnostics: &mut Diagnostics,
) -> Option<FrameOptions> {
    if derive == Derive::Wire {
        refuse(keys, diagnostics);
        return None;
    }
    let delimiters = delimiters(keys, diagnostics);
    let escape = escapes(keys, diagnostics);
    let default = if delimiters.is_some() { Resync::Delimiter } else { Resync::Close };
    let border = border(delimiters.as_ref(), body);
    let noise = keys.noise.take().and_then(|given| diagnostics.keep(literal::bytes(&given.value)));
    Some(FrameOptions {
        delimiters,
        escape,
        max_frame_length: keys.max_frame_length.take().map(|given| given.value),
        at_most: keys.at_most.take().map(|given| given.value),
        noise: noise.unwrap_or_default(),
        min_frame_length: keys.min_frame_length.take().map(|given| given.value),
        resync: keys.resync.as_ref().map_or(default, |given| given.value),
        border,
    })
}

/// Keys of a border on a type without one.
fn refuse(keys: &Container, diagnostics: &mut Diagnostics) {
    let spans = [
        ("delimiter", keys.delimiter.as_ref().map(|given| given.span)),
        ("start", keys.start.as_ref().map(|given| given.span)),
        ("end", keys.end.as_ref().map(|given| given.span)),
        ("escape", keys.escape.as_ref().map(|given| given.span)),
        ("max_frame_length", keys.max_frame_length.as_ref().map(|given| given.span)),
        ("min_frame_length", keys.min_frame_length.as_ref().map(|given| given.span)),
        ("at_most", keys.at_most.as_ref().map(|given| given.span)),
        ("noise", keys.noise.as_ref().map(|given| given.span)),
        ("resync", keys.resync.as_ref().map(|given| given.span)),
    ];
    for (key, span) in spans {
        if let Some(span) = span {
            let message = format!("`{key}` belongs to a border; write `#[derive(Frame)]`");
            diagnostics.error(span, message);
        }
    }
}

fn delimiters(keys: &mut Container, diagnostics: &mut Diagnostics) -> Option<Delimiters> {
    let mut bytes = |slot: &mut Option<Given<syn::Expr>>| {
        slot.take().map(|given| {
            let bytes = diagnostics.keep(literal::bytes(&given.value)).unwrap_or_default();
            (given.span, bytes)
        })
    };
    let (shared, start, end) =
        (bytes(&mut keys.delimiter), bytes(&mut keys.start), bytes(&mut keys.end));
    match (shared, start, end) {
        (None, None, None) => None,
        (Some((_, both)), None, None) => {
            Some(Delimiters { start: both.clone(), end: both, shared: true })
        }
        (Some(_), Some((span, _)), _) | (Some(_), None, Some((span, _))) => {
            let message =
                "`delimiter` is both ends; write either `delimiter`, or `start` and `end`";
            diagnostics.error(span, message);
            None
        }
        (None, Some((span, _)), None) => {
            diagnostics.error(span, "`start` needs an `end`; write `start = .., end = ..`");
            None
        }
        (None, start, Some((_, end))) => {
            let start = start.map(|(_, bytes)| bytes).unwrap_or_default();
            Some(Delimiters { start, end, shared: false })
        }
    }
}

fn escapes(keys: &mut Container, diagnostics: &mut Diagnostics) -> Vec<(u8, Vec<u8>)> {
    let Some(given) = keys.escape.take() else { return Vec::new() };
    let mut list = Vec::new();
    for (byte, sequence) in &given.value {
        let byte = diagnostics.keep(literal::byte(byte));
        let sequence = diagnostics.keep(literal::bytes(sequence));
        if let (Some(byte), Some(sequence)) = (byte, sequence) {
            list.push((byte, sequence));
        }
    }
    list
}

fn border(delimiters: Option<&Delimiters>, body: &Body) -> BorderKind {
    if let Some(delimiters) = delimiters {
        return if delimiters.start.is_empty() {
            BorderKind::Terminated
        } else {
            BorderKind::Delimiter
        };
    }
    match body {
        Body::Enum(data) => match data.source {
            TagSource::Own(_) | TagSource::Outer => BorderKind::Walk,
            TagSource::Peek(_) | TagSource::Of(_) => BorderKind::Variants,
        },
        Body::Bitfield(_) | Body::Number(_) => BorderKind::Fixed,
        Body::Struct(fields) => of_fields(fields),
    }
}

/// A length whose span leads to the end of the frame, all before it and behind the span being of
/// bounded size; else the size itself; else step by step.
fn of_fields(fields: &Fields) -> BorderKind {
    let extent = |field| size::extent(fields, field);
    let known = |field| matches!(extent(field), Extent::Fixed | Extent::Nested);
    for (index, relation) in fields.relations.iter().enumerate() {
        let RelationKind::Length { over, .. } = &relation.kind else { continue };
        let holder = relation.holder.field;
        let (start, end) = size::range(*over, fields.list.len());
        let reachable = fields
            .list
            .iter()
            .take(holder + 1)
            .all(|field| known(field) || extent(field) == Extent::Bounded);
        let between = fields.list.iter().take(start).skip(holder + 1).all(known);
        let behind = fields.list.iter().skip(end).all(known);
        if reachable && between && behind && end > holder {
            return BorderKind::Length { relation: index };
        }
    }
    if fields.list.iter().all(known) { BorderKind::Fixed } else { BorderKind::Walk }
}
