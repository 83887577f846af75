//! Runs of bits: adjacent fields that are one integer.

use super::fields::{blank, hide_secret};
use super::node::{BitPlace, Node, Value};
use super::value;
use super::walk::{Cursor, Walk};
use crate::schema::{BitValue, Field, Layout, Schema, Shape};

/// An open run of bits.
pub(super) struct Run {
    number: u64,
    bits: u32,
    used: u32,
    start: usize,
}

impl Walk {
    /// A field of a run of bits.
    pub(super) fn bits(
        &mut self,
        field: &'static Field,
        index: u16,
        cursor: &mut Cursor,
        open: &mut Option<Run>,
        node: &mut Node,
    ) -> bool {
        let Layout::Bits { run: bytes, shift, width, value } = field.layout else {
            return true;
        };
        if open.is_none() {
            if self.is_behind_fault(*cursor) {
                return false;
            }
            let end = cursor.at.saturating_add(bytes.into());
            if end > cursor.end {
                let mut child = blank(field, index);
                child.partial = true;
                self.place(&mut child, cursor.buffer, cursor.at..cursor.end);
                node.children.push(child);
                cursor.at = cursor.end;
                return false;
            }
            let endian = self.endian(field.endian, cursor.endian);
            let number = value::unsigned(self.bytes(*cursor, end), endian);
            let number = u64::try_from(number).unwrap_or(0);
            let bits = u32::from(bytes).saturating_mul(8);
            *open = Some(Run { number, bits, used: 0, start: cursor.at });
            cursor.at = end;
        }
        let Some(run) = open else { return true };
        let mut child = blank(field, index);
        let place =
            BitPlace { of: run.bits, shift: shift.into(), width: width.into(), run: run.number };
        bit_value(&mut child, value, place);
        child.bits = Some(place);
        self.place(&mut child, cursor.buffer, run.start..cursor.at);
        place_bits(&mut child);
        hide_secret(&mut child);
        node.children.push(child);
        run.used = run.used.saturating_add(width.into());
        if run.used >= run.bits {
            let start = run.start;
            *open = None;
            return self.stepped(start, cursor, node);
        }
        true
    }
}

/// Fills a node with the value of its bits.
fn bit_value(node: &mut Node, value: BitValue, place: BitPlace) {
    let number = bits_of(place);
    let hexadecimal = node.field.is_some_and(|field| field.hexadecimal);
    node.value = match value {
        BitValue::Integer { signed: true } => {
            Value::Signed(value::signed(number.into(), place.width))
        }
        BitValue::Bool => Value::Bool(number != 0),
        BitValue::Type(of) => return bit_type(node, of(), place),
        _ if hexadecimal => Value::Hexadecimal(number.into()),
        _ => Value::Unsigned(number.into()),
    };
}

fn bit_type(node: &mut Node, schema: &'static Schema, place: BitPlace) {
    node.schema = Some(schema);
    let number = bits_of(place);
    match schema.shape {
        Shape::Number { signed, variants, .. } => {
            node.value = value::named(variants, number.into(), place.width, signed);
        }
        Shape::Bitfield { fields, .. } => {
            node.value = Value::Group(schema.name);
            for (index, field) in fields.list.iter().enumerate() {
                let Layout::Bits { shift, width, value, .. } = field.layout else { continue };
                let mut child = blank(field, u16::try_from(index).unwrap_or(u16::MAX));
                let shift = place.shift.saturating_add(shift.into());
                let place = BitPlace { shift, width: width.into(), ..place };
                bit_value(&mut child, value, place);
                child.bits = Some(place);
                node.children.push(child);
            }
        }
        Shape::Leaf(Layout::Bool) => node.value = Value::Bool(number != 0),
        _ => node.value = Value::Unsigned(number.into()),
    }
}

fn bits_of(place: BitPlace) -> u64 {
    let mask = u64::MAX.checked_shr(64u32.saturating_sub(place.width)).unwrap_or(0);
    place.run.checked_shr(place.shift).unwrap_or(0) & mask
}

/// Bits inside of bits stand where their parent does.
fn place_bits(node: &mut Node) {
    let mut children = core::mem::take(&mut node.children);
    for child in &mut children {
        child.range = node.range.clone();
        child.local = node.local.clone();
        child.layer = node.layer;
        child.buffer = node.buffer;
        child.raw = node.raw.clone();
        place_bits(child);
        hide_secret(child);
    }
    node.children = children;
}
