//! What must not be shown because a secret may stand in it, though no field says so: where parsing
//! failed, nobody knows which of the bytes after the fault are which.

use alloc::vec::Vec;

use super::node::{Name, Node, Value};
use crate::error::DecodeError;
use crate::report::Report;
use crate::schema::{Field, Layout, Schema, SchemaOf, Shape};

impl Schema {
    /// A value of this type may hold a secret: a field or a type that says `secret`.
    ///
    /// ```
    /// # mod longlink { pub use longlink_codec_core as codec; }
    /// use longlink::codec::Wire;
    /// assert!(!u32::SCHEMA.holds_secret());
    /// ```
    #[must_use]
    pub fn holds_secret(&self) -> bool {
        Search::default().schema(self)
    }
}

fn field_holds(field: &Field) -> bool {
    Search::default().field(field)
}

/// A search for secrets. Types that hold themselves are looked at once.
#[derive(Default)]
struct Search {
    seen: Vec<SchemaOf>,
}

impl Search {
    fn schema(&mut self, schema: &Schema) -> bool {
        schema.secret
            || match schema.shape {
                Shape::Struct(fields) | Shape::Bitfield { fields, .. } => self.fields(fields.list),
                Shape::Enum { variants, .. } => {
                    variants.iter().any(|variant| self.fields(variant.fields.list))
                }
                Shape::Number { .. } | Shape::Leaf(_) => false,
                Shape::Boxed(inner) | Shape::List(inner) | Shape::Array(inner, _) => self.of(inner),
                Shape::Tuple(all) => all.iter().any(|inner| self.of(*inner)),
            }
    }

    fn fields(&mut self, fields: &[Field]) -> bool {
        fields.iter().any(|field| self.field(field))
    }

    fn field(&mut self, field: &Field) -> bool {
        field.secret
            || field.stands_for.is_some_and(|of| self.of(of))
            || match field.layout {
                Layout::List(of) | Layout::Lazy(of) | Layout::Nested(of) | Layout::Map(of) => {
                    self.of(of)
                }
                _ => false,
            }
    }

    fn of(&mut self, of: SchemaOf) -> bool {
        if self.seen.iter().any(|seen| core::ptr::fn_addr_eq(*seen, of)) {
            return false;
        }
        self.seen.push(of);
        self.schema(of())
    }
}

/// The declaration says that it is secret, in its field or in its type.
pub(super) fn is_declared(node: &Node) -> bool {
    let hides = |of: SchemaOf| of().holds_secret();
    node.field.is_some_and(|field| field.secret || field.stands_for.is_some_and(hides))
        || node.schema.is_some_and(|schema| schema.secret)
}

/// A secret may stand where this tree, which a fault cut off, is not complete; or in bytes that are
/// left over, though all fields are there: a count before them was too small.
pub(super) fn may_be_left(root: &Node) -> bool {
    may_follow(root) || (has_unparsed(root) && has_secret(root))
}

fn has_unparsed(node: &Node) -> bool {
    node.name == Name::Hidden("unparsed") || node.children.iter().any(has_unparsed)
}

fn has_secret(node: &Node) -> bool {
    let chosen = node.partial && node.variant.is_some();
    let unseen = node.children.is_empty()
        && node.field.is_some_and(field_holds)
        && (!chosen || may_follow(node));
    node.is_secret() || unseen || node.children.iter().any(has_secret)
}

fn may_follow(node: &Node) -> bool {
    if node.is_secret() {
        return node.partial;
    }
    let inside = node.children.iter().any(may_follow);
    let Some(schema) = node.schema else {
        return inside || (node.partial && node.field.is_some_and(field_holds));
    };
    let fields = match schema.shape {
        Shape::Struct(fields) | Shape::Bitfield { fields, .. } => fields.list,
        Shape::Enum { variants, .. } => {
            match variants.iter().find(|variant| Some(variant.name) == node.variant) {
                Some(variant) => variant.fields.list,
                None => return inside || schema.holds_secret(),
            }
        }
        _ => return inside || (node.partial && schema.holds_secret()),
    };
    let is_there = |field: &Field| {
        let named = |child: &Node| child.name == Name::Field(field.name);
        node.children.iter().any(named)
    };
    inside || fields.iter().any(|field| !is_there(field) && field_holds(field))
}

/// Hides what the parser did not get through: the rest, and fields that it left in the middle.
pub(super) fn hide_rest(node: &mut Node) {
    let unparsed = node.name == Name::Hidden("unparsed");
    let cut = node.partial && node.children.is_empty() && !node.range.is_empty();
    if unparsed || cut {
        node.value = Value::Secret;
        node.raw = bytes::Bytes::new();
    }
    node.children.iter_mut().for_each(hide_rest);
}

/// Secrets on the wire do not stand in a report. Its tree may be brief: what is inside of a field
/// that was passed is not in it, so that a field which holds a secret somewhere is masked whole.
pub(super) fn mask(node: &Node, report: &mut Report) {
    let is_list = |field: &Field| matches!(field.layout, Layout::List(_) | Layout::Lazy(_));
    let unseen = |field: &Field| (node.children.is_empty() || is_list(field)) && field_holds(field);
    if (node.is_secret() || node.field.is_some_and(unseen)) && node.layer == 0 {
        report.mask(node.range.clone());
        return;
    }
    for child in &node.children {
        mask(child, report);
    }
}

/// Nor does what may be one: all from the fault on. That holds for a wrong magic too: where the
/// stream is out of step, its bytes are the middle of any other field.
pub(super) fn mask_rest(path: &[&Node], error: DecodeError, frame: &[u8], report: &mut Report) {
    let partial = path.last().is_none_or(|node| node.partial || !node.children.is_empty());
    let from = if partial { report.offset } else { report.offset.saturating_add(report.len) };
    report.mask(from.min(error.offset_in(frame).max(report.offset))..frame.len());
    report.found.clear();
}
