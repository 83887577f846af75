//! The chat declaration of the documentation, parsed as generated code would.

use alloc::string::String;

use bytes::{Bytes, BytesMut};
use nom::IResult;

use crate::error::{DecodeError, EncodeError, Fault};
use crate::greedy::utf8;
use crate::private::{malformed, part};
use crate::schema::{
    Border, BorderKind, Bound, Counter, Field, FieldRole, Fields, Layout, Relation, RelationKind,
    Schema, Shape, Span, TagSource, Tagging, Variant, VariantRole, Verify, schema_of,
};
use crate::scope::Scope;
use crate::wire::{Parse, Wire};
use crate::{Resync, checksum};

#[derive(Debug, PartialEq)]
pub(super) struct Message {
    sequence: u32,
    body: Body,
}

#[derive(Debug, PartialEq)]
pub(super) enum Body {
    Alive { sent_ms: u64 },
    Chat { from: u64, text: String },
    Unknown { command: u16, raw: Bytes },
}

macro_rules! wire {
    ($type:ty, $context:ty, $schema:expr) => {
        impl Wire for $type {
            type Context = $context;
            type Fill = ();
            const MIN_LEN: usize = 0;
            const MAX_LEN: Option<usize> = None;
            const FIXED_LEN: Option<usize> = None;
            const SCHEMA: &'static Schema = $schema;
            fn encoded_len_in(&self, _: Scope<'_>, _: &Self::Context) -> usize {
                0
            }
            fn encode_in(
                &self,
                _: &mut BytesMut,
                (): &(),
                _: Scope<'_>,
                _: &Self::Context,
            ) -> Result<(), EncodeError> {
                Ok(())
            }
        }
    };
}

wire!(
    Message,
    (),
    &Schema::new(
        "Message",
        Shape::Struct(
            Fields::new(&[
                Field::new("length", Layout::U32).derived(),
                Field::new("command", Layout::U16).derived(),
                Field::new("sequence", Layout::U32)
                    .role(FieldRole::Sequence)
                    .doc("Counts the frames of one sender."),
                Field::new("body", Layout::Nested(schema_of::<Body>)),
                Field::new("checksum", Layout::U8).derived(),
            ])
            .relations(&[
                Relation::new(0, RelationKind::Length { over: Span::ALL, bias: 0, unit: 1 }),
                Relation::new(1, RelationKind::Tag(3)),
                Relation::new(
                    4,
                    RelationKind::Checksum {
                        algorithm: "xor8",
                        over: Span::until(4),
                        verify: Verify::Strict,
                        compute: Some(|span, endian| checksum::xor8(span, endian).into()),
                    },
                ),
            ]),
        ),
    )
    .border(&Border::new(BorderKind::Length(0), 11, 65_536, Resync::Close))
);

wire!(
    Body,
    u16,
    &Schema::new(
        "Body",
        Shape::Enum {
            source: TagSource::Outer,
            variants: &[
                Variant::new(
                    "Alive",
                    &[Tagging::Value(1)],
                    Fields::new(&[Field::new("sent_ms", Layout::U64).unit("ms")]),
                )
                .role(VariantRole::Heartbeat),
                Variant::new(
                    "Chat",
                    &[Tagging::Value(2)],
                    Fields::new(&[
                        Field::new("from", Layout::U64),
                        Field::new("text", Layout::TEXT).bounds(&[Bound::Prefix(
                            Counter::Integer { bytes: 2, signed: false },
                        )]),
                    ]),
                ),
                Variant::other(
                    "Unknown",
                    Fields::new(&[
                        Field::new("command", Layout::U16).tag(),
                        Field::new("raw", Layout::Bytes).bounds(&[Bound::Rest]),
                    ]),
                ),
            ],
        },
    )
);

impl<'a> Parse<'a> for Message {
    fn parse_in(
        input: &'a [u8],
        scope: Scope<'_>,
        (): &(),
    ) -> IResult<&'a [u8], Self, DecodeError> {
        let Some((run, rest)) = input.split_first_chunk::<10>() else {
            return malformed(Fault::Short, 0, input);
        };
        let length = u32::from_be_bytes(part(run, 0)) as usize;
        if length < 11 {
            return malformed(Fault::Length, 0, input);
        }
        let command = u16::from_be_bytes(part(run, 4));
        let sequence = u32::from_be_bytes(part(run, 6));
        let Some((span, after)) = rest.split_at_checked(length - 11) else {
            return malformed(Fault::Short, 3, rest);
        };
        if let Some(trace) = scope.trace() {
            trace.enter(3, span);
        }
        let widen = |error: nom::Err<DecodeError>| error.map(|error| error.widen(after.len()));
        let (left, body) = Body::parse_in(span, scope, &command).map_err(widen)?;
        if !left.is_empty() {
            let error = DecodeError::new(Fault::Trailing, 3, left);
            return Err(widen(nom::Err::Error(error)));
        }
        if let Some(trace) = scope.trace() {
            trace.leave(left);
        }
        let Some((checksum, behind)) = after.split_first() else {
            return malformed(Fault::Short, 4, after);
        };
        let covered = &input[..input.len() - after.len()];
        if *checksum != checksum::xor8(covered, scope.endian) {
            return malformed(Fault::Checksum, 4, after);
        }
        Ok((behind, Self { sequence, body }))
    }
}

impl<'a> Parse<'a> for Body {
    fn parse_in(
        input: &'a [u8],
        scope: Scope<'_>,
        command: &u16,
    ) -> IResult<&'a [u8], Self, DecodeError> {
        let note = |index| {
            if let Some(trace) = scope.trace() {
                trace.variant(index);
            }
        };
        match command {
            1 => {
                note(0);
                let (rest, sent_ms) = u64::parse_in(input, scope, &())?;
                Ok((rest, Self::Alive { sent_ms }))
            }
            2 => {
                note(1);
                let (rest, from) = u64::parse_in(input, scope, &())?;
                if let Some(trace) = scope.trace() {
                    trace.enter(1, rest);
                }
                let (rest, len) = u16::parse_in(rest, scope, &())?;
                let Some((text, rest)) = rest.split_at_checked(len.into()) else {
                    return malformed(Fault::Short, 1, rest);
                };
                let widen = |error: nom::Err<DecodeError>| error.map(|one| one.widen(rest.len()));
                let text = utf8(text, 1).map_err(widen)?.into();
                if let Some(trace) = scope.trace() {
                    trace.leave(rest);
                }
                Ok((rest, Self::Chat { from, text }))
            }
            9 => malformed(Fault::UnknownTag, 0, input),
            _ => {
                note(2);
                if let Some(trace) = scope.trace() {
                    trace.enter(1, input);
                    trace.leave(&input[input.len()..]);
                }
                let raw = scope.share(input);
                Ok((&input[input.len()..], Self::Unknown { command: *command, raw }))
            }
        }
    }
}
