//! What a person is told about bytes that could not be parsed.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use bytes::Bytes;

use crate::error::{DecodeError, Fault};
use crate::explain;
use crate::wire::Parse;

/// Everything that can be said about a fault: where it is, what was expected, what was found.
///
/// Its `Display` is several lines without a final newline:
///
/// ```text
/// malformed: Message.checksum at byte 22 (0x16) of 23: the checksum does not match its span
///   0x0010  03 e9 00 02 68 69 fa
///                             ^^
///   expected 0xfb (xor8), found 0xfa
///   the frame was damaged on its way, or the sender computes over another span
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// `Packet.body.Location.extras[3].value`.
    pub path: String,
    /// Where the field at fault begins on the wire, or where in it the fault is.
    pub offset: usize,
    /// Bytes from there that are shown as wrong; 0: they are missing.
    pub len: usize,
    /// What is wrong.
    pub fault: Fault,
    /// What the declaration allows; empty: see the fault.
    pub expected: String,
    /// What the bytes hold; empty: see the fault.
    pub found: String,
    /// Bytes around the place; zeros where they are secret.
    pub around: Bytes,
    /// Which bytes of the frame are secret, as far as they were around.
    pub secret: Vec<Range<usize>>,
    /// Offset of the first of them.
    pub around_offset: usize,
    /// Bytes in all.
    pub frame_len: usize,
    /// A length or a count stands before the place.
    pub(crate) bounded: bool,
}

/// Bytes before the place that are shown.
const BEFORE: usize = 16;
/// Bytes that are shown.
const SHOWN: usize = 48;
/// Bytes in a line.
const LINE: usize = 16;

impl DecodeError {
    /// The full report of this error, which parsing `bytes` as a `T` without context gave.
    ///
    /// ```
    /// # mod longlink { pub use longlink_codec_core as codec; }
    /// use longlink::codec::{DecodeError, Fault, Parse, Scope};
    /// let bytes = [0x02];
    /// let error = bool::exact_in(&bytes, Scope::ROOT, &()).unwrap_err();
    /// let report = error.report::<bool>(&bytes);
    /// assert_eq!((report.fault, report.offset), (Fault::Invalid, 0));
    /// ```
    #[must_use]
    pub fn report<'a, T: Parse<'a, Context = ()>>(&self, bytes: &'a [u8]) -> Report {
        self.report_with::<T>(bytes, &())
    }

    /// The same under a context.
    #[must_use]
    pub fn report_with<'a, T: Parse<'a>>(&self, bytes: &'a [u8], context: &T::Context) -> Report {
        explain::report::<T>(bytes, context, *self)
    }
}

impl Report {
    /// A report that knows no more than the offset.
    pub(crate) fn bare(error: DecodeError, frame: &Bytes, path: &str) -> Self {
        let offset = error.offset_in(frame);
        Self::around(error.fault, path.to_owned(), frame, offset, 1)
    }

    /// A report with the bytes around `offset`.
    pub(crate) fn around(
        fault: Fault,
        path: String,
        frame: &Bytes,
        offset: usize,
        len: usize,
    ) -> Self {
        let offset = offset.min(frame.len());
        let start = offset.saturating_sub(BEFORE) / LINE * LINE;
        let end = start.saturating_add(SHOWN).min(frame.len());
        Self {
            path,
            offset,
            len: len.min(frame.len().saturating_sub(offset)),
            fault,
            expected: String::new(),
            found: String::new(),
            around: Bytes::copy_from_slice(frame.get(start..end).unwrap_or_default()),
            secret: Vec::new(),
            around_offset: start,
            frame_len: frame.len(),
            bounded: true,
        }
    }

    /// The bytes of the wire that are secret are not shown.
    pub(crate) fn mask(&mut self, secret: Range<usize>) {
        let mut around = self.around.to_vec();
        let mut touched = false;
        for (offset, byte) in (self.around_offset..).zip(&mut around) {
            if secret.contains(&offset) {
                *byte = 0;
                touched = true;
            }
        }
        self.around = around.into();
        if touched {
            self.secret.push(secret);
        }
    }

    /// What it means, or what to do next.
    #[must_use]
    pub const fn advice(&self) -> &'static str {
        match self.fault {
            Fault::Short if !self.bounded => "the frame was cut, or it is of another type",
            fault => advice(fault),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, offset, fault, frame_len, .. } = self;
        write!(f, "malformed: {path} at byte {offset} ({offset:#x}) of {frame_len}: {fault}")?;
        self.lines(f)?;
        match (self.expected.is_empty(), self.found.is_empty()) {
            (false, false) => write!(f, "\n  expected {}, found {}", self.expected, self.found)?,
            (false, true) => write!(f, "\n  expected {}", self.expected)?,
            (true, false) => write!(f, "\n  found {}", self.found)?,
            (true, true) => {}
        }
        write!(f, "\n  {}", self.advice())
    }
}

impl Report {
    /// The lines of bytes up to the one after the place, with the place marked.
    fn lines(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = self.offset..self.offset.saturating_add(self.len.max(1));
        let mut marked = false;
        for (number, line) in self.around.chunks(LINE).enumerate() {
            let start = self.around_offset.saturating_add(number.saturating_mul(LINE));
            let end = start.saturating_add(line.len());
            write!(f, "\n  {start:#06x} ")?;
            for (offset, byte) in (start..).zip(line) {
                if self.secret.iter().any(|secret| secret.contains(&offset)) {
                    f.write_str(" ••")?;
                } else {
                    write!(f, " {byte:02x}")?;
                }
            }
            let from = mark.start.max(start);
            let to = mark.end.min(end);
            // A place behind the last byte is marked behind it.
            let behind = mark.start == end && end == self.frame_len;
            if from < to || behind {
                marked = true;
                let indent = from.saturating_sub(start).saturating_mul(3);
                let width = to.saturating_sub(from).max(1).saturating_mul(3).saturating_sub(1);
                write!(f, "\n          {:indent$}{:^<width$}", "", "")?;
            } else if marked {
                break;
            }
        }
        Ok(())
    }
}

const fn advice(fault: Fault) -> &'static str {
    match fault {
        Fault::Short => {
            "a length or count before it is smaller than its contents, or the frame was cut"
        }
        Fault::Magic => {
            "the bytes are of another protocol or version, or the stream is out of step"
        }
        Fault::Length => "compare the length with what the declaration says that it spans",
        Fault::Count => "raise `max_count` if the peer is right; else the count is corrupt",
        Fault::Checksum => {
            "the frame was damaged on its way, or the sender computes over another span"
        }
        Fault::Text => "the sender writes another `encoding`; `lossy` would accept it",
        Fault::Digits => "the sender writes no decimal digits here",
        Fault::Invalid => "widen the declaration if the peer is right; else its value is wrong",
        Fault::UnknownTag => "declare a variant for the tag, or one with `other` for all unknown",
        Fault::Trailing => {
            "the declaration misses fields at the end; `#[wire(rest)] extra: Bytes` keeps them"
        }
        Fault::Depth => "the nesting is deeper than any honest message; close the connection",
        Fault::Escape => "the frame was damaged, or the sender escapes by another table",
        Fault::Varint => "the sender does not write the shortest form; see `overlong`",
        Fault::Padding => "declare the bytes as `reserved` if the peer uses them",
        Fault::Unterminated => "the frame was cut, or its end is marked by something else",
        Fault::Process => "the key, the algorithm or the bytes are not those of the sender",
        Fault::Contradiction => "two fields of the frame cannot both be right",
        Fault::Garbage => "the peer sent something else, or the stream lost bytes here",
        Fault::Nom => "see the parser that `with` names",
    }
}
