//! The notes that a parser leaves while it is being explained.
//!
//! Notes are made by callers, so that leaf parsers cost nothing: before and after each field whose
//! place does not follow from `SCHEMA` and the fields before it. A run of fixed-size fields is never
//! noted. Entries still open when a parser fails are the path to the fault.
//!
//! | Who | Notes |
//! |---|---|
//! | a struct, variant or tuple | `enter(i, at)` … `leave(rest)` around a variable, nested or present optional field; `at` is its first byte, hidden prefix included, padding excluded; `rest` begins behind its last byte, terminator included. An absent field leaves no note |
//! | an enum | `variant(i)` when it is known, before the variant's first field |
//! | a list | `item(at)` … `leave(rest)` around an item of variable size; none for items of a fixed size |
//! | a frame that unescapes, a field that has `process` | `layer(buffer)` before the inside is parsed; it ends with the field (or the frame) |
//! | a type whose byte order is an expression | `order(endian)` before its first field |
//! | a text whose encoding is an expression | `charset(charset)` before it is decoded |
//!
//! On an error nothing is noted, with one exception: where an error leaves a layer, `fault` keeps
//! its place in there before it is moved to the outer bytes.

use alloc::vec::Vec;
use core::cell::RefCell;

use crate::error::DecodeError;
use crate::scope::Endian;
use crate::text::Charset;

/// One note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// A field of the innermost open type begins at this address.
    Enter {
        /// Index of the field in its struct or variant.
        field: u16,
        /// Address of its first byte.
        address: usize,
    },
    /// The innermost open entry ends before this address.
    Leave {
        /// Address behind its last byte.
        address: usize,
    },
    /// The innermost open enum turned out to be this variant.
    Variant {
        /// Index of the variant in its enum.
        index: u16,
    },
    /// The next item of the innermost open list begins at this address.
    Item {
        /// Address of its first byte.
        address: usize,
    },
    /// So many items of the innermost open list came before; only a brief tracer notes this.
    Passed {
        /// Items.
        count: usize,
    },
    /// The innermost open field was transformed (unescaped, inflated): addresses that follow lie
    /// in another buffer, until the field is left.
    Layer {
        /// Address of the new buffer.
        address: usize,
        /// Index of its copy in [`Notes::layers`].
        index: usize,
    },
    /// The byte order of the innermost open type.
    Order {
        /// What its expression gave.
        endian: Endian,
    },
    /// The encoding of the innermost open text.
    Charset {
        /// What its expression gave.
        charset: Charset,
    },
    /// The parser failed in the innermost layer, so many bytes before the layer's end.
    Fault {
        /// As in [`DecodeError::from_end`].
        from_end: usize,
    },
}

/// All that a parser noted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notes {
    /// In the order in which they were made.
    pub list: Vec<Note>,
    /// Copies of the buffers of all layers.
    pub layers: Vec<Vec<u8>>,
}

/// A moment of a [`Tracer`].
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    notes: usize,
    layers: usize,
    open: usize,
}

/// Collects [`Note`]s.
#[derive(Debug, Default)]
pub struct Tracer {
    notes: RefCell<Notes>,
    /// Indices of the entries that are open, in `Notes::list`; kept by a brief tracer only.
    open: RefCell<Vec<usize>>,
    brief: bool,
}

impl Tracer {
    /// Keeps all notes: memory grows with the number of fields and items.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets what was inside an entry when it is left, and items that were passed: memory is
    /// bounded by the depth. Enough for the path to a fault and the spans of its neighbours.
    #[must_use]
    pub fn brief() -> Self {
        Self { brief: true, ..Self::default() }
    }

    /// A field begins at the start of `at`.
    #[cold]
    #[inline(never)]
    pub fn enter(&self, field: u16, at: &[u8]) {
        self.push(Note::Enter { field, address: at.as_ptr().addr() });
    }

    /// The innermost open entry ends where `rest` begins.
    #[cold]
    #[inline(never)]
    pub fn leave(&self, rest: &[u8]) {
        if !self.brief {
            return self.push(Note::Leave { address: rest.as_ptr().addr() });
        }
        let Some(index) = self.open.borrow_mut().pop() else {
            return;
        };
        let list = &mut self.notes.borrow_mut().list;
        if let Some(Note::Item { .. }) = list.get(index) {
            list.truncate(index);
            match list.last_mut() {
                Some(Note::Passed { count }) => *count = count.saturating_add(1),
                _ => list.push(Note::Passed { count: 1 }),
            }
        } else {
            list.truncate(index.saturating_add(1));
            list.push(Note::Leave { address: rest.as_ptr().addr() });
        }
    }

    /// The innermost open enum is variant `index`.
    #[cold]
    #[inline(never)]
    pub fn variant(&self, index: u16) {
        self.push(Note::Variant { index });
    }

    /// The next list item begins at the start of `at`; closed by [`Tracer::leave`].
    #[cold]
    #[inline(never)]
    pub fn item(&self, at: &[u8]) {
        self.push(Note::Item { address: at.as_ptr().addr() });
    }

    /// What follows lies in `buffer`.
    #[cold]
    #[inline(never)]
    pub fn layer(&self, buffer: &[u8]) {
        let index = {
            let layers = &mut self.notes.borrow_mut().layers;
            layers.push(buffer.to_vec());
            layers.len().saturating_sub(1)
        };
        self.push(Note::Layer { address: buffer.as_ptr().addr(), index });
    }

    /// The byte order of the innermost open type, where an expression chose it.
    #[cold]
    #[inline(never)]
    pub fn order(&self, endian: Endian) {
        self.push(Note::Order { endian });
    }

    /// The encoding of the innermost open text, where an expression chose it.
    #[cold]
    #[inline(never)]
    pub fn charset(&self, charset: Charset) {
        self.push(Note::Charset { charset });
    }

    /// What was noted so far, for [`Tracer::forget`].
    #[must_use]
    pub fn mark(&self) -> Mark {
        let notes = self.notes.borrow();
        let open = self.open.borrow().len();
        Mark { notes: notes.list.len(), layers: notes.layers.len(), open }
    }

    /// A parser failed and another one reads its bytes: what it noted since then did not happen.
    pub fn forget(&self, since: Mark) {
        let notes = &mut *self.notes.borrow_mut();
        notes.list.truncate(since.notes);
        notes.layers.truncate(since.layers);
        self.open.borrow_mut().truncate(since.open);
    }

    /// The parser failed inside the innermost layer; the error will be moved outside.
    #[cold]
    #[inline(never)]
    pub fn fault(&self, error: &DecodeError) {
        self.push(Note::Fault { from_end: error.from_end as usize });
    }

    /// All notes, in the order in which they were made.
    #[must_use]
    pub fn into_notes(self) -> Notes {
        self.notes.into_inner()
    }

    fn push(&self, note: Note) {
        let list = &mut self.notes.borrow_mut().list;
        if self.brief && matches!(note, Note::Enter { .. } | Note::Item { .. }) {
            self.open.borrow_mut().push(list.len());
        }
        list.push(note);
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    fn address(bytes: &[u8], offset: usize) -> usize {
        bytes[offset..].as_ptr().addr()
    }

    /// Two items passed, the third still open inside field 1; field 0 is closed.
    fn walk(tracer: &Tracer, bytes: &[u8]) {
        tracer.enter(0, bytes);
        tracer.variant(2);
        tracer.enter(4, bytes);
        tracer.leave(&bytes[1..]);
        tracer.leave(&bytes[1..]);
        tracer.enter(1, &bytes[1..]);
        for at in 1..3 {
            tracer.item(&bytes[at..]);
            tracer.leave(&bytes[at + 1..]);
        }
        tracer.item(&bytes[3..]);
        tracer.enter(7, &bytes[3..]);
    }

    #[test]
    fn brief_tracer_keeps_open_entries_and_their_siblings() {
        let bytes = [0u8; 8];
        let tracer = Tracer::brief();
        walk(&tracer, &bytes);
        let expected = vec![
            Note::Enter { field: 0, address: address(&bytes, 0) },
            Note::Leave { address: address(&bytes, 1) },
            Note::Enter { field: 1, address: address(&bytes, 1) },
            Note::Passed { count: 2 },
            Note::Item { address: address(&bytes, 3) },
            Note::Enter { field: 7, address: address(&bytes, 3) },
        ];
        assert_eq!(tracer.into_notes().list, expected);
    }

    #[test]
    fn full_tracer_keeps_everything() {
        let bytes = [0u8; 8];
        let tracer = Tracer::new();
        walk(&tracer, &bytes);
        assert_eq!(tracer.into_notes().list.len(), 12);
    }

    #[test]
    fn brief_tracer_forgets_layers_only_with_their_field() {
        let bytes = [0u8; 8];
        let tracer = Tracer::brief();
        tracer.enter(0, &bytes);
        tracer.layer(&[1, 2]);
        let notes = tracer.into_notes();
        assert_eq!(notes.layers, vec![vec![1, 2]]);
        assert_eq!(notes.list.len(), 2);
    }
}
