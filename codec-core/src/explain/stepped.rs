//! Integers that begin in bits and go on behind their run.

use alloc::vec::Vec;

use super::node::{Name, Node, Value};
use super::value;
use super::walk::{Cursor, Walk};
use crate::schema::{BitValue, Layout, Step};
use crate::trace::Note;

impl Walk {
    /// What stands behind a run that begins at `start`; `false`: nothing behind it can be placed.
    pub(super) fn stepped(&mut self, start: usize, cursor: &mut Cursor, node: &mut Node) -> bool {
        let heads: Vec<(usize, u16, &'static [Step])> = node
            .children
            .iter()
            .enumerate()
            .filter(|(_, child)| child.local.start == start && child.bits.is_some())
            .filter_map(|(place, child)| match child.field?.layout {
                Layout::Bits { value: BitValue::Steps(steps), .. } => {
                    Some((place, child.index?, steps))
                }
                _ => None,
            })
            .collect();
        for (place, index, steps) in heads {
            if !matches!(self.peek(), Some(Note::Enter { field, .. }) if field == index) {
                continue;
            }
            let (inside, close) = self.step_in(*cursor);
            self.step_out(close);
            let end = if close.is_some() { inside.end } else { inside.at };
            let raw = value::unsigned(self.bytes(inside, end), cursor.endian);
            cursor.at = end;
            let Some(child) = node.children.get_mut(place) else { continue };
            child.partial |= close.is_none();
            let head = value::number(&child.value);
            let step = steps.iter().find(|step| Some(step.marker) == head && step.bytes > 0);
            if let (Some(step), true) = (step, end > inside.at) {
                child.value = Value::Unsigned(raw.saturating_add(step.add.into()));
                let mut more = Node::new(Name::Hidden("continued"), Value::Unsigned(raw));
                self.place(&mut more, cursor.buffer, inside.at..end);
                node.children.push(more);
            }
            if close.is_none() {
                return false;
            }
        }
        true
    }
}
