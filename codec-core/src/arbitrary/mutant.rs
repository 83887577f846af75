//! Frames with one thing wrong, and what must come of it.

use alloc::vec::Vec;

use arbitrary::{Result, Unstructured};
use bytes::BytesMut;

use super::{Arbitrary, Relation, unfit};
use crate::error::{DecodeError, Fault};
use crate::frame::Frame;
use crate::schema::{BorderKind, Edge, Field, RelationKind, Schema, Verify};
use crate::wire::Wire;

/// What is wrong with a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wrong {
    /// Only its first bytes are there.
    Truncated,
    /// One bit is another.
    Flipped,
    /// A derived field says something else; everything behind it is made to agree.
    Derived(Relation),
}

/// What reading a wrong frame must lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Expected {
    /// This fault.
    Fault(Fault),
    /// A fault; which one depends on what the bytes mean now.
    Malformed,
    /// A fault or another value, never the value that was written. What stands where no checksum
    /// and no length covers it can say something else without anybody noticing.
    Different,
}

impl Expected {
    /// Whether `read` is what was expected of a wrong form of `value`.
    #[must_use]
    pub fn holds<F: PartialEq>(
        self,
        value: &F,
        read: &core::result::Result<F, DecodeError>,
    ) -> bool {
        match (self, read) {
            (Self::Fault(fault), Err(error)) => error.fault == fault,
            (Self::Malformed | Self::Different, Err(_)) => true,
            (Self::Different, Ok(other)) => other != value,
            (_, Ok(_)) => false,
        }
    }
}

/// A wrong frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutant {
    /// What was done to it.
    pub wrong: Wrong,
    /// The frame as it stands on the wire.
    pub bytes: Vec<u8>,
    /// What reading it must lead to.
    pub expected: Expected,
}

/// A wrong form of `value`.
///
/// # Errors
/// The value cannot be written, or the drawn numbers make no wrong form of it.
pub fn mutant<'a, F>(
    value: &F,
    context: &F::Context,
    source: &mut Unstructured<'a>,
) -> Result<Mutant>
where
    F: Frame + Arbitrary<'a> + Clone,
{
    let good = written(value, context)?;
    let choice = source.int_in_range(0..=F::DERIVED.len() + 1)?;
    match choice.checked_sub(2).and_then(|index| Some((index, F::DERIVED.get(index)?))) {
        Some((index, relation)) => overridden(value, context, source, &good, index, *relation),
        None if choice == 0 => {
            let len = source.choose_index(good.len())?;
            let bytes = good.get(..len).unwrap_or_default().to_vec();
            Ok(Mutant { wrong: Wrong::Truncated, bytes, expected: Expected::Malformed })
        }
        None => {
            let bit = source.choose_index(good.len() * 8)?;
            let mut bytes = good;
            let byte = bytes.get_mut(bit / 8).ok_or_else(unfit)?;
            *byte ^= 1 << (bit % 8);
            let expected =
                if is_covered(F::SCHEMA) { Expected::Malformed } else { Expected::Different };
            Ok(Mutant { wrong: Wrong::Flipped, bytes, expected })
        }
    }
}

/// A derived field says something else.
fn overridden<'a, F>(
    value: &F,
    context: &F::Context,
    source: &mut Unstructured<'a>,
    good: &[u8],
    index: usize,
    (relation, bits): (Relation, u32),
) -> Result<Mutant>
where
    F: Frame + Arbitrary<'a> + Clone,
{
    let expected = match relation {
        Relation::Checksum => Expected::Fault(Fault::Checksum),
        Relation::Length if all_lengths_are_exact(F::SCHEMA) => Expected::Malformed,
        Relation::Length | Relation::Count | Relation::Tag => Expected::Different,
    };
    let largest = crate::private::largest(bits);
    let first: u64 = source.arbitrary()?;
    for step in 0..4 {
        let mut wrong = value.clone();
        wrong.set_derived(index, first.wrapping_add(step) & largest);
        if let Ok(bytes) = written(&wrong, context)
            && bytes != good
        {
            return Ok(Mutant { wrong: Wrong::Derived(relation), bytes, expected });
        }
    }
    Err(unfit())
}

pub(super) fn written<T: Wire>(value: &T, context: &T::Context) -> Result<Vec<u8>> {
    let mut out = BytesMut::new();
    match value.encode_with(&mut out, context) {
        Ok(()) => Ok(out.to_vec()),
        Err(_) => Err(unfit()),
    }
}

/// A strict checksum at the end covers everything before it, and no byte changes what the others
/// are: one wrong bit cannot go unseen.
fn is_covered(schema: &Schema) -> bool {
    let Some(fields) = schema.fields() else { return false };
    let delimited = schema.border.is_none_or(|border| {
        matches!(border.kind, BorderKind::Delimiter | BorderKind::Terminated)
            || !border.escape.is_empty()
    });
    !delimited
        && fields.relations.iter().any(|relation| {
            let holder = relation.holder.field;
            let last = usize::from(holder) + 1 == fields.list.len();
            match relation.kind {
                RelationKind::Checksum { over, verify: Verify::Strict, .. } => {
                    last && over.start == Edge::Type && over.end == Edge::Before(holder)
                }
                _ => false,
            }
        })
}

/// Behind the span of every length only fields of fixed size stand, so that a wrong one leaves too
/// many or too few bytes for them.
fn all_lengths_are_exact(schema: &Schema) -> bool {
    let Some(fields) = schema.fields() else { return false };
    fields.relations.iter().all(|relation| match relation.kind {
        RelationKind::Length { over, .. } => {
            let behind = match over.end {
                Edge::Type => fields.list.len(),
                Edge::Before(field) => usize::from(field),
                Edge::After(field) => usize::from(field) + 1,
            };
            let tail = fields.list.get(behind..).unwrap_or_default();
            tail.iter().all(|field: &Field| field.fixed_len().is_some())
        }
        _ => true,
    })
}
