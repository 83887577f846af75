//! From note to note, and from a place to its bytes.

use alloc::vec::Vec;
use core::ops::Range;

use bytes::Bytes;

use super::node::{Name, Node, Value};
use super::walk::{Cursor, Walk};
use crate::error::Fault;
use crate::trace::Note;

impl Walk {
    pub(super) fn peek(&self) -> Option<Note> {
        self.notes.get(self.next).copied()
    }

    /// The parser had nothing more to say, and failed.
    pub(super) fn is_over(&self) -> bool {
        self.error.is_some() && self.next >= self.notes.len()
    }

    /// Steps into the entry that is next: where it begins, and its end when it was left.
    pub(super) fn step_in(&mut self, cursor: Cursor) -> (Cursor, Option<usize>) {
        let (Some(Note::Enter { address, .. }) | Some(Note::Item { address })) = self.peek() else {
            return (cursor, None);
        };
        let begin = self.offset(cursor.buffer, address).unwrap_or(cursor.at);
        let begin = begin.clamp(cursor.at.min(cursor.end), cursor.end);
        let close = self.close.get(self.next).copied().flatten();
        let end = close.and_then(|index| match self.notes.get(index) {
            Some(Note::Leave { address }) => self.offset(cursor.buffer, *address),
            _ => None,
        });
        let end = end.unwrap_or(cursor.end).clamp(begin, cursor.end);
        self.next = self.next.saturating_add(1);
        (Cursor { at: begin, end, exact: close.is_some(), ..cursor }, close)
    }

    /// Steps out of an entry, over all that was not looked at.
    pub(super) fn step_out(&mut self, close: Option<usize>) {
        self.next = close.map_or(self.notes.len(), |index| index.saturating_add(1));
    }

    fn offset(&self, buffer: usize, address: usize) -> Option<usize> {
        self.buffers.get(buffer)?.offset_of(address)
    }

    /// Where the parser failed, as an offset in this buffer; `None` where nobody can tell.
    pub(super) fn fault_in(&self, number: usize) -> Option<usize> {
        let error = self.error?;
        let buffer = self.buffers.get(number)?;
        if number == 0 {
            return Some(error.offset_in(&buffer.bytes));
        }
        if buffer.is_mapped() {
            return Some(buffer.inward(self.fault_in(buffer.outer)?));
        }
        self.notes.iter().rev().find_map(|note| match note {
            Note::Fault { from_end } => Some(buffer.bytes.len().saturating_sub(*from_end)),
            _ => None,
        })
    }

    /// Nothing behind the fault is shown, unless the parser got further first. Sums are looked at
    /// last, and where the bytes ran out all that is there is true.
    pub(super) fn is_behind_fault(&mut self, cursor: Cursor) -> bool {
        let shows_all =
            self.error.is_none_or(|error| matches!(error.fault, Fault::Checksum | Fault::Short));
        if shows_all || !self.is_over() {
            return false;
        }
        let Some(fault) = self.fault_in(cursor.buffer) else {
            return false;
        };
        fault < cursor.at && self.reached_in(cursor.buffer) <= cursor.at
    }

    /// How far the parser got in this buffer, by its notes.
    fn reached_in(&mut self, buffer: usize) -> usize {
        if let Some((known, reached)) = self.reached
            && known == buffer
        {
            return reached;
        }
        let ends = self.notes.iter().filter_map(|note| match note {
            Note::Leave { address } => self.offset(buffer, *address),
            _ => None,
        });
        let reached = ends.max().unwrap_or(0);
        self.reached = Some((buffer, reached));
        reached
    }

    pub(super) fn part(&self, cursor: Cursor) -> &[u8] {
        self.bytes(cursor, cursor.end)
    }

    pub(super) fn bytes(&self, cursor: Cursor, end: usize) -> &[u8] {
        let buffer = self.buffers.get(cursor.buffer);
        buffer.map(|buffer| buffer.part(cursor.at..end)).unwrap_or_default()
    }

    pub(super) fn share(&self, buffer: usize, range: Range<usize>) -> Bytes {
        self.buffers.get(buffer).map(|buffer| buffer.share(range)).unwrap_or_default()
    }

    /// Gives the node its range, on the wire where it can.
    pub(super) fn place(&self, node: &mut Node, number: usize, range: Range<usize>) {
        node.local = range.clone();
        node.buffer = number;
        let (mut number, mut range) = (number, range);
        while let Some(buffer) = self.buffers.get(number) {
            node.layer = buffer.layer;
            if !buffer.is_mapped() {
                node.raw = buffer.share(range.clone());
                break;
            }
            range = buffer.outward(range.start)..buffer.outward(range.end);
            number = buffer.outer;
        }
        node.range = range;
    }

    /// Adds bytes that no field holds.
    pub(super) fn hidden(
        &self,
        name: &'static str,
        buffer: usize,
        range: Range<usize>,
        node: &mut Node,
    ) {
        let value = Value::Bytes(self.share(buffer, range.clone()));
        let mut child = Node::new(Name::Hidden(name), value);
        self.place(&mut child, buffer, range);
        node.children.push(child);
    }
}

/// For each `Enter` and `Item` the index of its `Leave`.
pub(super) fn closings(notes: &[Note]) -> Vec<Option<usize>> {
    let mut close = alloc::vec![None; notes.len()];
    let mut open = Vec::new();
    for (index, note) in notes.iter().enumerate() {
        match note {
            Note::Enter { .. } | Note::Item { .. } => open.push(index),
            Note::Leave { .. } => {
                if let Some(place) = open.pop().and_then(|begin: usize| close.get_mut(begin)) {
                    *place = Some(index);
                }
            }
            _ => {}
        }
    }
    close
}
