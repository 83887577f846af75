//! Checksums: which algorithm, in which field.

mod unknown;

use crate::check::{Layout, Owner};
use crate::crc_names;
use crate::diagnostics::Diagnostics;
use crate::model::{Algorithm, Field, Fields, Kind, Relation, RelationKind};
use crate::shape::{self, Shape};
use crate::size;

/// The functions of codec-core and the bits that they give.
pub(crate) const SIMPLE: &[(&str, usize)] =
    &[("xor8", 8), ("xor16", 16), ("sum8", 8), ("sum16", 16), ("internet", 16), ("adler32", 32)];

pub(super) fn check(layout: &Layout<'_>, diagnostics: &mut Diagnostics) {
    for relation in &layout.fields.relations {
        let RelationKind::Checksum { algorithm, .. } = &relation.kind else { continue };
        let Some(field) = layout.fields.list.get(relation.holder.field) else { continue };
        if !place(layout, field, diagnostics) {
            width(field, algorithm, diagnostics);
        }
        name(field, algorithm, diagnostics);
    }
    cycle(layout.fields, diagnostics);
}

/// A checksum is whole bytes of fixed width, so that it can be filled in last.
fn place(layout: &Layout<'_>, field: &Field, diagnostics: &mut Diagnostics) -> bool {
    let message = match (&field.kind, layout.owner) {
        (_, Owner::Bitfield) | (Kind::Bits { .. }, _) => {
            "a checksum is whole bytes; move it out of the bits"
        }
        (Kind::Varint(_) | Kind::Sized { .. } | Kind::Decimal | Kind::Bcd { .. }, _) => {
            "a checksum has a fixed width; write a plain integer"
        }
        _ => return false,
    };
    diagnostics.error(field.at("checksum"), message);
    true
}

/// The field has the width of the algorithm.
fn width(field: &Field, algorithm: &Algorithm, diagnostics: &mut Diagnostics) {
    let wire = match (&field.kind, shape::of(&field.inner)) {
        (Kind::Integer(integer), Shape::Integer(_)) => integer.bytes * 8,
        _ => return,
    };
    let (name, needed, fits) = match algorithm {
        Algorithm::Simple(name) => {
            let Some((_, bits)) = SIMPLE.iter().find(|(known, _)| known == name) else { return };
            ((*name).to_owned(), *bits, wire == *bits)
        }
        Algorithm::Crc { constant, .. } => {
            let name = constant.to_ascii_lowercase();
            let Some(crc) = crc_names::find(&name) else { return };
            let Ok(bits) = usize::try_from(crc.width) else { return };
            (name, bits, wire >= bits)
        }
        Algorithm::Path(_) => return,
    };
    if !fits {
        let ty = format!("u{}", needed.next_multiple_of(8).next_power_of_two());
        let message = format!("`{name}` gives {needed} bits, not {wire}; write `Auto<{ty}>`");
        diagnostics.error_at(&field.inner, message);
    }
}

/// A misspelt algorithm looks like a function of the user's.
fn name(field: &Field, algorithm: &Algorithm, diagnostics: &mut Diagnostics) {
    let Algorithm::Path(path) = algorithm else { return };
    let Some(ident) = path.get_ident() else { return };
    let bits = match &field.kind {
        Kind::Integer(integer) => u32::try_from(integer.bytes * 8).ok(),
        _ => None,
    };
    if let Some(message) = unknown::message(&ident.to_string(), bits) {
        diagnostics.error(ident.span(), message);
    }
}

/// Of two checksums one is computed first.
fn cycle(fields: &Fields, diagnostics: &mut Diagnostics) {
    let checksums: Vec<(&Relation, (usize, usize))> = fields
        .relations
        .iter()
        .filter_map(|relation| match &relation.kind {
            RelationKind::Checksum { over, .. } => {
                Some((relation, size::range(*over, fields.list.len())))
            }
            _ => None,
        })
        .collect();
    for (index, (relation, (start, end))) in checksums.iter().enumerate() {
        for (other, (other_start, other_end)) in checksums.iter().take(index) {
            let (own, first) = (relation.holder.field, other.holder.field);
            if (*start..*end).contains(&first) && (*other_start..*other_end).contains(&own) {
                let name = fields.list.get(first).map(Field::name).unwrap_or_default();
                let message = format!(
                    "this checksum covers `{name}`, and `{name}` covers it; leave one out of the \
                     other's span"
                );
                diagnostics.error(relation.span, message);
            }
        }
    }
}
