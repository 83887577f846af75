//! The notes that a parser leaves while it is being explained.
//!
//! Notes are made by callers, so that leaf parsers cost nothing: before and after each field whose
//! place does not follow from `SCHEMA` (variable or nested fields, list items). A run of fixed-size
//! fields is never noted. Entries still open when a parser fails are the path to the fault.

use alloc::vec::Vec;
use core::cell::RefCell;

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
    /// The innermost open field was transformed (unescaped, inflated): addresses that follow lie
    /// in another buffer, until the field is left.
    Layer {
        /// Address of the new buffer.
        address: usize,
        /// Its length in bytes.
        len: usize,
    },
}

/// Collects [`Note`]s.
#[derive(Debug, Default)]
pub struct Tracer {
    notes: RefCell<Vec<Note>>,
}

impl Tracer {
    /// A field begins at the start of `at`.
    #[cold]
    #[inline(never)]
    pub fn enter(&self, field: u16, at: &[u8]) {
        self.push(Note::Enter { field, address: at.as_ptr().addr() });
    }

    /// The innermost open field ends where `rest` begins.
    #[cold]
    #[inline(never)]
    pub fn leave(&self, rest: &[u8]) {
        self.push(Note::Leave { address: rest.as_ptr().addr() });
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
        self.push(Note::Layer { address: buffer.as_ptr().addr(), len: buffer.len() });
    }

    /// All notes, in the order in which they were made.
    #[must_use]
    pub fn into_notes(self) -> Vec<Note> {
        self.notes.into_inner()
    }

    fn push(&self, note: Note) {
        self.notes.borrow_mut().push(note);
    }
}
