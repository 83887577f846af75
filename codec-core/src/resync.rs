//! Back into step after garbage: what a run of garbage remembers, and its bounds.
//!
//! Two phases. *Search*: the border skips to the next magic, delimiter or plausible header.
//! *Trial*: the candidate counts only when it is corroborated, by its checksum or by a plausible
//! header behind it. All that was skipped in between is one run and gives one report.

use alloc::vec::Vec;

use bytes::Bytes;

use crate::bad_frame::BadFrame;
use crate::error::Fault;

/// Bytes of a run of garbage that its report shows.
pub const SHOWN: usize = 64;
/// Candidates that may fail for each `MAX_FRAME_LEN` bytes skipped.
pub const CANDIDATES: u64 = 16;
/// A run longer than this, or than [`CANDIDATES`] longest frames, breaks the stream.
pub const LONGEST_RUN: u64 = 64 * 1024;

/// Bytes to drop so that the buffer begins with the next place where `magic` may stand, other than
/// its first byte.
#[must_use]
pub fn next_candidate(buffer: &[u8], magic: &[u8]) -> usize {
    match buffer.get(1..) {
        Some(tail) => match find(tail, magic) {
            Ok(at) | Err(at) => at + 1,
        },
        None => 0,
    }
}

/// Where `needle` begins in `haystack`; or else the first place where it might begin, were the
/// haystack longer.
///
/// Linear: a place where only the first byte fits costs at most the length of the needle.
pub(crate) fn find(haystack: &[u8], needle: &[u8]) -> Result<usize, usize> {
    let Some((&first, others)) = needle.split_first() else { return Ok(0) };
    for at in memchr::memchr_iter(first, haystack) {
        let tail = haystack.get(at + 1..).unwrap_or(&[]);
        if tail.starts_with(others) {
            return Ok(at);
        }
        if tail.len() < others.len() && others.starts_with(tail) {
            return Err(at);
        }
    }
    Err(haystack.len())
}

/// A run of bytes that belong to no frame.
#[derive(Debug)]
pub(crate) struct Run {
    /// Offset in the stream of its first byte.
    offset: u64,
    /// Its first bytes, at most [`SHOWN`].
    first: Vec<u8>,
    /// All its bytes.
    len: u64,
    /// Bytes at its start that were already reported, as a malformed frame.
    reported: u64,
    /// Candidates that failed.
    candidates: u64,
    reason: Fault,
}

impl Run {
    /// A run that begins at `offset`; its first `reported` bytes were already told about.
    pub(crate) fn new(offset: u64, reported: u64, reason: Fault) -> Self {
        Self { offset, first: Vec::new(), len: 0, reported, candidates: 0, reason }
    }

    /// More of it.
    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        let told = usize::try_from(self.reported.saturating_sub(self.len)).unwrap_or(usize::MAX);
        let news = bytes.get(told.min(bytes.len())..).unwrap_or(&[]);
        let room = SHOWN - self.first.len().min(SHOWN);
        self.first.extend_from_slice(news.get(..room.min(news.len())).unwrap_or(&[]));
        self.len = self.len.saturating_add(bytes.len() as u64);
    }

    /// A candidate was tried in vain.
    pub(crate) fn failed(&mut self) {
        self.candidates += 1;
    }

    /// More garbage than may be searched, for frames of at most `max_frame_len` bytes.
    pub(crate) fn is_hopeless(&self, max_frame_len: usize) -> bool {
        let frame = (max_frame_len as u64).max(1);
        let longest = frame.saturating_mul(CANDIDATES).max(LONGEST_RUN);
        self.len > longest || self.candidates / CANDIDATES > self.len / frame
    }

    /// The report, unless all of it was already told.
    pub(crate) fn report(self) -> Option<BadFrame> {
        let len = self.len.checked_sub(self.reported).filter(|len| *len > 0)?;
        let offset = self.offset.saturating_add(self.reported);
        Some(BadFrame::garbage(Bytes::from(self.first), len, self.reason, offset))
    }
}
