//! Items of a list, parts of a tuple.

use super::fields::hide_type_secret;
use super::node::{Name, Node, Value};
use super::walk::{Cursor, Walk};
use crate::schema::{Layout, Schema, SchemaOf, Shape};
use crate::trace::Note;

const DIGITS: [&str; 8] = ["0", "1", "2", "3", "4", "5", "6", "7"];

impl Walk {
    /// Items: as noted, or side by side where all have one size.
    pub(super) fn items(
        &mut self,
        item: &'static Schema,
        cursor: &mut Cursor,
        count: Option<usize>,
        node: &mut Node,
    ) {
        if let Shape::Leaf(Layout::Integer { bytes: 1, signed: false }) = item.shape {
            let end = if cursor.exact {
                cursor.end
            } else {
                cursor.end.min(cursor.at.saturating_add(count.unwrap_or(usize::MAX)))
            };
            node.value = Value::Bytes(self.share(cursor.buffer, cursor.at..end));
            cursor.at = end;
            return;
        }
        let mut index = 0usize;
        loop {
            match self.peek() {
                Some(Note::Passed { count }) => {
                    index = index.saturating_add(count);
                    self.next = self.next.saturating_add(1);
                }
                Some(Note::Item { .. }) => {
                    let (inside, close) = self.step_in(*cursor);
                    let mut child = Node::new(Name::Item(index), Value::None);
                    let end = self.typed(item, inside, None, &mut child);
                    let end = if close.is_some() { inside.end } else { end };
                    child.partial |= close.is_none();
                    self.place(&mut child, cursor.buffer, inside.at..end);
                    self.step_out(close);
                    hide_type_secret(&mut child);
                    node.children.push(child);
                    cursor.at = end;
                    index = index.saturating_add(1);
                    if close.is_none() {
                        node.partial = true;
                        break;
                    }
                }
                _ => break,
            }
        }
        if let Some(len) = item.fixed_len.filter(|len| *len > 0) {
            self.side_by_side(item, len, cursor, count, &mut index, node);
        }
        node.value = Value::Items(index);
    }

    fn side_by_side(
        &mut self,
        item: &'static Schema,
        len: usize,
        cursor: &mut Cursor,
        count: Option<usize>,
        index: &mut usize,
        node: &mut Node,
    ) {
        while count.is_none_or(|count| *index < count) && !self.is_behind_fault(*cursor) {
            let end = cursor.at.saturating_add(len);
            if end > cursor.end || (!cursor.exact && count.is_none()) {
                break;
            }
            let inside = Cursor { end, exact: true, ..*cursor };
            if !self.is_of_no_interest(&inside) {
                let mut child = Node::new(Name::Item(*index), Value::None);
                self.typed(item, inside, None, &mut child);
                self.place(&mut child, cursor.buffer, cursor.at..end);
                hide_type_secret(&mut child);
                node.children.push(child);
            }
            cursor.at = end;
            *index = index.saturating_add(1);
        }
    }

    /// The parts of a tuple.
    pub(super) fn parts(
        &mut self,
        parts: &'static [SchemaOf],
        cursor: &mut Cursor,
        node: &mut Node,
    ) {
        for (index, (part, name)) in parts.iter().zip(DIGITS).enumerate() {
            let schema = part();
            let noted = matches!(
                self.peek(), Some(Note::Enter { field, .. }) if usize::from(field) == index
            );
            let (inside, close) = if noted {
                self.step_in(*cursor)
            } else {
                let Some(len) = schema.fixed_len else { break };
                let end = cursor.at.saturating_add(len);
                if end > cursor.end {
                    node.partial = true;
                    break;
                }
                (Cursor { end, exact: true, ..*cursor }, Some(0))
            };
            let mut child = Node::new(Name::Field(name), Value::None);
            child.index = u16::try_from(index).ok();
            let end = self.typed(schema, inside, None, &mut child);
            let end = if close.is_some() { inside.end } else { end };
            child.partial |= close.is_none();
            self.place(&mut child, cursor.buffer, inside.at..end);
            if noted {
                self.step_out(close);
            }
            node.children.push(child);
            cursor.at = end;
            if close.is_none() {
                node.partial = true;
                break;
            }
        }
    }
}
