//! What a decoder yields instead of a frame when the bytes are not one.

use alloc::boxed::Box;
use core::fmt;

use bytes::Bytes;

use crate::error::{DecodeError, Fault};
use crate::explain;
use crate::frame::Frame;
use crate::report::Report;
use crate::wire::Parse;

/// Bytes that are no frame: a malformed frame, or a run of garbage between frames.
///
/// It is not generic, so that one log, one channel and one error type serve every protocol. Its
/// `Display` is the full report: the path of the field, the offset, what was expected and found,
/// and the bytes around the place.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BadFrame {
    /// The bytes on the wire, border included. Of a long run of garbage only the first.
    pub frame: Bytes,
    /// What is wrong with them.
    pub error: DecodeError,
    /// Offset of the first byte in the stream, counted from the start of the connection.
    pub offset: u64,
    /// Bytes in all; more than `frame` holds only where garbage was cut.
    pub len: u64,
    /// The path of the field, what was expected and found.
    pub report: Box<Report>,
}

impl BadFrame {
    /// A frame with a good border and a malformed inside. It is parsed once more, with a tracer,
    /// to learn the path of the field.
    #[cold]
    #[must_use]
    pub fn malformed<F>(frame: Bytes, error: DecodeError, offset: u64, context: &F::Context) -> Self
    where
        F: Frame + for<'a> Parse<'a>,
    {
        let report = Box::new(explain::report::<F>(&frame, context, error));
        let len = frame.len() as u64;
        Self { frame, error, offset, len, report }
    }

    /// A run of `len` bytes that belong to no frame, of which `first` are kept; `reason` is
    /// [`Fault::Garbage`], or why the candidate that began the run was refused.
    #[cold]
    #[must_use]
    pub fn garbage(first: Bytes, len: u64, reason: Fault, offset: u64) -> Self {
        let error = DecodeError::new(reason, 0, &first);
        let report = Box::new(Report::bare(error, &first, "stream"));
        Self { frame: first, error, offset, len, report }
    }
}

impl fmt::Debug for BadFrame {
    /// Without the bytes, among which a secret may stand; the report has those around the place.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { error, offset, len, report, .. } = self;
        let mut shown = f.debug_struct("BadFrame");
        shown.field("error", error).field("offset", offset).field("len", len);
        shown.field("report", report).finish_non_exhaustive()
    }
}

impl fmt::Display for BadFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { len, offset, .. } = self;
        let what = if self.error.fault == Fault::Garbage { "garbage" } else { "bad frame" };
        writeln!(f, "{what} of {len} bytes at byte {offset} of the stream")?;
        self.report.fmt(f)
    }
}

impl core::error::Error for BadFrame {}
