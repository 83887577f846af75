//! Back into step after garbage: what a run of garbage remembers, and its bounds.
//!
//! Two phases. *Search*: the border skips to the next magic, delimiter or plausible header.
//! *Trial*: the candidate counts only when it is corroborated, by its checksum or by a plausible
//! header behind it. All that was skipped in between is one run and gives one report.
//!
//! Every decision is a function of the bytes of the stream, never of the pieces in which they come.
//! A candidate without a checksum that parses therefore waits until what follows it can be judged:
//! a whole header, or [`HEADER`] bytes without a fault. Nothing that has arrived says that
//! nothing will follow; only a clock can, and [`drop_candidate`](crate::Decoder::drop_candidate) is
//! the only one: the end of the buffer corroborates when the wait is over.
//!
//! | Candidate | What follows it | Then |
//! |---|---|---|
//! | not whole | | wait; dropped when the wait is over |
//! | does not parse | | garbage from its first byte, search on |
//! | parses, has a checksum | anything | a frame |
//! | parses | a plausible header | a frame |
//! | parses | no header | garbage from its first byte, search on |
//! | parses | too little to judge | wait; a frame when the wait is over |

use alloc::vec::Vec;

use bytes::Bytes;

use crate::bad_frame::BadFrame;
use crate::error::Fault;

/// Bytes of a run of garbage that its report shows.
pub const SHOWN: usize = 64;
/// Candidates that may fail for each `MAX_FRAME_LEN` bytes skipped.
pub const CANDIDATES: u64 = 16;
/// Bytes behind a candidate that are asked at most whether a frame begins with them, unless the
/// shortest frame is longer: more than most headers have.
pub const HEADER: usize = 32;
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
    /// Of the candidate that follows it.
    pub(crate) trial: Trial,
    reason: Fault,
}

/// How far the candidate behind a run of garbage has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trial {
    /// It is not whole, or was not parsed yet.
    Open,
    /// It parses; what follows it is still to come.
    Parsed,
    /// It parses, and nothing has followed it for as long as one waits.
    Believed,
}

impl Run {
    /// A run that begins at `offset`; its first `reported` bytes were already told about.
    pub(crate) fn new(offset: u64, reported: u64, reason: Fault) -> Self {
        let trial = Trial::Open;
        Self { offset, first: Vec::new(), len: 0, reported, candidates: 0, trial, reason }
    }

    /// More of it; the next candidate begins behind.
    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        self.trial = Trial::Open;
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

    /// Bytes that the longest run may still take, for frames of at most `max_frame_len` bytes.
    pub(crate) fn room(&self, max_frame_len: usize) -> usize {
        let longest = (max_frame_len as u64).saturating_mul(CANDIDATES).max(LONGEST_RUN);
        usize::try_from(longest.saturating_sub(self.len)).unwrap_or(usize::MAX)
    }

    /// More candidates have failed than so much garbage may hold. To be asked where a candidate
    /// begins: in between, the pieces decide how long the run is.
    pub(crate) fn is_hopeless(&self, max_frame_len: usize) -> bool {
        let frame = (max_frame_len as u64).max(1);
        self.candidates / CANDIDATES > self.len / frame
    }

    /// The report, unless all of it was already told. `secret`: its bytes are not shown, because
    /// there may be a secret among them.
    pub(crate) fn report(self, secret: bool) -> Option<BadFrame> {
        let len = self.len.checked_sub(self.reported).filter(|len| *len > 0)?;
        let offset = self.offset.saturating_add(self.reported);
        let mut bad = BadFrame::garbage(Bytes::from(self.first), len, self.reason, offset);
        if secret {
            bad.report.mask(0..bad.frame.len());
        }
        Some(bad)
    }
}
