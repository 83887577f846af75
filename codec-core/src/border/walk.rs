//! Frames that are as long as their layout turns out to be.

mod lists;

use alloc::vec::Vec;

use nom::{Err, IResult, Needed};

use super::{Limits, Meter, Progress};
use crate::error::{DecodeError, Fault};
use crate::frame::Probe;
use crate::scope::{Endian, MAX_DEPTH};

/// Why a walk stops before the end of the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// This many more bytes are needed to go on.
    Need(usize),
    /// The bytes cannot be the beginning of a frame.
    Fault(Fault),
}

/// One step of a walk.
pub type Step<T = ()> = Result<T, Stop>;

/// How far a list or a search has come; the values between lists are read again, which is cheap.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    /// Offset in the frame of the next item, or where the search goes on.
    at: usize,
    /// Items left; 0: passed, and `at` is its end.
    left: u64,
}

/// Passes over the fields of a frame that may not be whole yet.
///
/// A layout is walked anew at each look, from the outside in: fixed parts cost an addition, values
/// that steer what follows are read again, and a list goes on at the item where it stopped, so a
/// look costs no more than the open lists have fields, however long they are. Passing over bytes
/// does not need them to be there: only reading does, and [`walk`] at the end.
///
/// ```
/// # mod longlink { pub use longlink_codec_core as codec; }
/// use longlink::codec::border::{Limits, Progress, walk};
/// use longlink::codec::{Endian, Probe, Resync};
///
/// // A count, then that many items of one byte length and as many bytes.
/// let limits = Limits { magic: &[], min: 1, max: 1024, resync: Resync::Close };
/// let mut progress = Progress::default();
/// let mut probe = |buffer: &[u8]| walk(&mut progress, &limits, buffer, |walker| {
///     let count = walker.number::<1>(Endian::Big)?;
///     walker.list(count, |walker| {
///         let len = walker.number::<1>(Endian::Big)?;
///         walker.pass(len)
///     })
/// });
/// assert_eq!(probe(&[]), Probe::Need(1));
/// assert_eq!(probe(&[2, 1]), Probe::Need(2)); // the item, and the length of the next
/// assert_eq!(probe(&[2, 1, 7, 2]), Probe::Need(2));
/// assert_eq!(probe(&[2, 1, 7, 2, 8, 9, 99]), Probe::Frame { len: 6 });
/// ```
#[derive(Debug)]
pub struct Walker<'w> {
    buffer: &'w [u8],
    /// Offset in the frame; may lie beyond the buffer.
    at: usize,
    /// No frame is longer.
    max: usize,
    /// Nested lists and boxes still allowed.
    depth: u8,
    /// The next list is marked here.
    slot: usize,
    marks: &'w mut Vec<Mark>,
    idle: &'w mut usize,
    meter: &'w mut Meter,
}

/// A frame whose end `layout` finds, by passing over all its fields.
#[inline]
pub fn walk(
    progress: &mut Progress,
    limits: &Limits,
    buffer: &[u8],
    layout: impl FnOnce(&mut Walker<'_>) -> Step,
) -> Probe {
    if buffer.len() < progress.known {
        return Probe::Need(progress.known - buffer.len());
    }
    progress.meter.add(limits.magic.len().min(buffer.len()));
    if !limits.begins(buffer) {
        return limits.implausible(buffer, Fault::Magic);
    }
    let mut walker = Walker {
        buffer,
        at: 0,
        max: limits.max,
        depth: MAX_DEPTH,
        slot: 0,
        marks: &mut progress.marks,
        idle: &mut progress.idle,
        meter: &mut progress.meter,
    };
    let missing = match layout(&mut walker) {
        Err(Stop::Fault(fault)) => return limits.implausible(buffer, fault),
        Err(Stop::Need(missing)) => missing.max(1),
        Ok(()) => {
            let len = walker.at;
            if len < limits.min.max(1) {
                return limits.implausible(buffer, Fault::Length);
            }
            match len.checked_sub(buffer.len()) {
                None | Some(0) => {
                    // The marks are to be forgotten behind it.
                    progress.known = len;
                    return Probe::Frame { len };
                }
                Some(missing) => missing,
            }
        }
    };
    progress.known = buffer.len().saturating_add(missing);
    Probe::Need(missing)
}

/// An `until` says that the item is the last.
#[inline]
pub fn is_last<T>(item: &T, until: impl FnOnce(&T) -> bool) -> bool {
    until(item)
}

impl<'w> Walker<'w> {
    /// Where the walk stands, in bytes from the start of the frame.
    #[inline]
    #[must_use]
    pub fn offset(&self) -> usize {
        self.at
    }

    /// Passes over `len` bytes.
    ///
    /// # Errors
    /// [`Fault::Length`] when the frame would be longer than allowed.
    #[inline]
    pub fn pass(&mut self, len: u64) -> Step {
        match usize::try_from(len).ok().and_then(|len| self.at.checked_add(len)) {
            Some(at) if at <= self.max => {
                self.at = at;
                Ok(())
            }
            _ => Err(Stop::Fault(Fault::Length)),
        }
    }

    /// Passes over what is left of a span that began at `start` and has `len` bytes: because a
    /// length field said so, from inside of the span or before it.
    ///
    /// # Errors
    /// [`Fault::Length`] when the span ends before this place, or beyond the longest frame.
    #[inline]
    pub fn pass_span(&mut self, start: usize, len: Result<usize, Fault>) -> Step {
        let len = len.map_err(Stop::Fault)?;
        match start.checked_add(len) {
            Some(end) if end >= self.at && end <= self.max => {
                self.at = end;
                Ok(())
            }
            _ => Err(Stop::Fault(Fault::Length)),
        }
    }

    /// Passes over zero or more bytes, to a multiple of `align` counted from `start`.
    ///
    /// # Errors
    /// [`Fault::Length`] when the frame would be longer than allowed.
    #[inline]
    pub fn align(&mut self, start: usize, align: usize) -> Step {
        let over = self.at.saturating_sub(start).checked_rem(align).unwrap_or(0);
        if over == 0 { Ok(()) } else { self.pass((align - over) as u64) }
    }

    /// The next `N` bytes, not passed over.
    ///
    /// # Errors
    /// [`Stop::Need`] when they are not there yet.
    #[inline]
    pub fn peek<const N: usize>(&mut self) -> Step<[u8; N]> {
        self.reach(N)?;
        match self.buffer.get(self.at..).and_then(<[u8]>::first_chunk) {
            Some(bytes) => {
                self.meter.add(N);
                Ok(*bytes)
            }
            None => Err(Stop::Need(self.missing(N))),
        }
    }

    /// An unsigned integer of `N` bytes, at most eight.
    ///
    /// # Errors
    /// [`Stop::Need`] when it is not there yet.
    #[inline]
    pub fn number<const N: usize>(&mut self, endian: Endian) -> Step<u64> {
        let value = self.peek_number::<N>(endian)?;
        self.at += N;
        Ok(value)
    }

    /// The same, not passed over.
    ///
    /// # Errors
    /// [`Stop::Need`] when it is not there yet.
    #[inline]
    pub fn peek_number<const N: usize>(&mut self, endian: Endian) -> Step<u64> {
        let bytes = self.peek::<N>()?;
        let fold = |value: u64, byte: &u8| (value << 8) | u64::from(*byte);
        Ok(match endian {
            Endian::Big => bytes.iter().fold(0, fold),
            Endian::Little => bytes.iter().rev().fold(0, fold),
        })
    }

    /// What a parser reads from here: a varint, a header, an item that `until` looks at. It is
    /// parsed again at each look, so it should be small; running short means that more is needed.
    ///
    /// # Errors
    /// [`Stop::Need`] when the parser runs short, its fault when it refuses.
    #[inline]
    pub fn read<T>(
        &mut self,
        parser: impl FnOnce(&'w [u8]) -> IResult<&'w [u8], T, DecodeError>,
    ) -> Step<T> {
        self.reach(0)?;
        let input = self.buffer.get(self.at..).ok_or(Stop::Need(self.missing(0)))?;
        match parser(input) {
            Ok((rest, value)) => {
                let len = input.len() - rest.len();
                self.meter.add(len);
                self.pass(len as u64)?;
                Ok(value)
            }
            Err(error) => {
                self.meter.add(input.len());
                Err(self.refused(input, error))
            }
        }
    }

    /// What a parser reads from the next `len` bytes; it consumes all of them.
    ///
    /// # Errors
    /// [`Stop::Need`] when they are not there yet, its fault when the parser refuses.
    #[inline]
    pub fn read_run<T>(
        &mut self,
        len: usize,
        parser: impl FnOnce(&'w [u8]) -> IResult<&'w [u8], T, DecodeError>,
    ) -> Step<T> {
        self.reach(len)?;
        let run = self.buffer.get(self.at..).and_then(|rest| rest.get(..len));
        let run = run.ok_or(Stop::Need(self.missing(len)))?;
        self.meter.add(len);
        self.at += len;
        Self::judge(parser(run))
    }

    /// What a parser makes of values that were read before: an expression. It gets no bytes.
    ///
    /// # Errors
    /// Its fault when it refuses.
    #[inline]
    pub fn weigh<T>(
        &self,
        parser: impl FnOnce(&'w [u8]) -> IResult<&'w [u8], T, DecodeError>,
    ) -> Step<T> {
        Self::judge(parser(&[]))
    }

    /// A parser that had all the bytes that it may have.
    #[inline]
    fn judge<T>(result: IResult<&[u8], T, DecodeError>) -> Step<T> {
        match result {
            Ok((_, value)) => Ok(value),
            Err(Err::Error(error) | Err::Failure(error)) => Err(Stop::Fault(error.fault)),
            Err(Err::Incomplete(_)) => Err(Stop::Fault(Fault::Short)),
        }
    }

    /// `len` bytes from here are within the longest frame.
    #[inline]
    fn reach(&self, len: usize) -> Step {
        match self.at.checked_add(len) {
            Some(end) if end <= self.max => Ok(()),
            _ => Err(Stop::Fault(Fault::Length)),
        }
    }

    /// Bytes that must still come until there are `len` behind this place.
    #[cold]
    fn missing(&self, len: usize) -> usize {
        self.at.saturating_add(len).saturating_sub(self.buffer.len()).max(1)
    }

    /// What a parser's error means while bytes may still come.
    #[cold]
    fn refused(&self, input: &[u8], error: Err<DecodeError>) -> Stop {
        match error {
            Err::Incomplete(Needed::Size(size)) => Stop::Need(size.get()),
            Err::Incomplete(Needed::Unknown) => Stop::Need(1),
            Err::Error(error) | Err::Failure(error) => match error.fault {
                Fault::Short | Fault::Unterminated if self.at + input.len() < self.max => {
                    Stop::Need(1)
                }
                fault => Stop::Fault(fault),
            },
        }
    }
}
