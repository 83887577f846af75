//! Frames that are as long as their layout turns out to be.

use alloc::vec::Vec;

use nom::{Err, IResult, Needed};

use super::{Limits, Meter, Progress};
use crate::error::{DecodeError, Fault};
use crate::frame::Probe;
use crate::resync::find;
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
/// use longlink_codec_core::border::{Limits, Progress, walk};
/// use longlink_codec_core::{Endian, Probe, Resync};
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
                None | Some(0) => return Probe::Frame { len },
                Some(missing) => missing,
            }
        }
    };
    progress.known = buffer.len().saturating_add(missing);
    Probe::Need(missing)
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

    /// Passes over everything up to and with `end`; at most `max_len` bytes stand before it.
    ///
    /// # Errors
    /// [`Stop::Need`] when it has not come yet, [`Fault::Unterminated`] when it cannot come.
    pub fn terminated(&mut self, end: &[u8], max_len: usize) -> Step {
        let (slot, mark) = self.mark(1)?;
        if mark.left == 0 {
            return Ok(());
        }
        let start = self.at;
        self.reach(0)?;
        let tail = self.buffer.get(mark.at..).ok_or(Stop::Need(self.missing(end.len())))?;
        let (found, at) = match find(tail, end) {
            Ok(at) => (true, mark.at + at),
            Err(at) => (false, mark.at + at),
        };
        self.meter.add(tail.len().min(at + end.len() - mark.at));
        // The mark holds only how far the search has come; the text began where the walk stands.
        if at.saturating_sub(start) > max_len || at + end.len() > self.max {
            return Err(Stop::Fault(Fault::Unterminated));
        }
        if found {
            self.at = at + end.len();
            self.set(slot, Mark { at: self.at, left: 0 });
            return Ok(());
        }
        self.set(slot, Mark { at, left: 1 });
        Err(Stop::Need(end.len().saturating_sub(self.buffer.len() - at).max(1)))
    }

    /// Passes over `count` items, each as `item` says; one nested level deeper.
    ///
    /// # Errors
    /// [`Fault::Count`] when so many items do not fit into a frame, [`Fault::Depth`] when lists
    /// are nested too deeply, and what `item` says.
    pub fn list(&mut self, count: u64, mut item: impl FnMut(&mut Self) -> Step) -> Step {
        self.items(count, false, |walker| item(walker).map(|()| false))
    }

    /// Passes over items until `item` says that the one just passed was the last; at most
    /// `max_count`.
    ///
    /// # Errors
    /// As [`Walker::list`].
    pub fn list_until(
        &mut self,
        max_count: u64,
        item: impl FnMut(&mut Self) -> Step<bool>,
    ) -> Step {
        self.items(max_count.min(self.max as u64), true, item)
    }

    /// Passes over `count` items of `len` bytes each.
    ///
    /// # Errors
    /// [`Fault::Count`] when so many do not fit into a frame.
    #[inline]
    pub fn run(&mut self, count: u64, len: usize) -> Step {
        let bytes = count.checked_mul(len as u64).ok_or(Stop::Fault(Fault::Count))?;
        self.pass(bytes).map_err(|_| Stop::Fault(Fault::Count))
    }

    /// Passes over what `inside` says, one nested level deeper: the inside of a `Box`.
    ///
    /// # Errors
    /// [`Fault::Depth`] when boxes are nested too deeply, and what `inside` says.
    pub fn deeper<T>(&mut self, inside: impl FnOnce(&mut Self) -> Step<T>) -> Step<T> {
        self.depth = self.depth.checked_sub(1).ok_or(Stop::Fault(Fault::Depth))?;
        let result = inside(self);
        self.depth += 1;
        result
    }

    /// `count` items; or, with `until`, up to the one that says that it was the last.
    fn items(
        &mut self,
        count: u64,
        until: bool,
        mut item: impl FnMut(&mut Self) -> Step<bool>,
    ) -> Step {
        if count > self.max as u64 {
            return Err(Stop::Fault(Fault::Count));
        }
        let (slot, mut mark) = self.mark(count)?;
        while mark.left > 0 {
            self.at = mark.at;
            self.slot = slot + 1;
            let last = self.deeper(&mut item)?;
            if self.at == mark.at {
                *self.idle += 1;
                if *self.idle > self.max {
                    return Err(Stop::Fault(Fault::Count));
                }
            }
            if until && !last && mark.left == 1 {
                return Err(Stop::Fault(Fault::Count));
            }
            mark = Mark { at: self.at, left: if last { 0 } else { mark.left - 1 } };
            self.marks.truncate(slot + 1);
            self.set(slot, mark);
            self.slot = slot + 1;
        }
        Ok(())
    }

    /// The mark of the list or search that begins here: an old one when it was begun before.
    #[inline]
    fn mark(&mut self, left: u64) -> Step<(usize, Mark)> {
        let slot = self.slot;
        self.slot += 1;
        if let Some(mark) = self.marks.get(slot) {
            if mark.left == 0 {
                self.at = mark.at;
            }
            return Ok((slot, *mark));
        }
        let mark = Mark { at: self.at, left };
        self.marks.push(mark);
        Ok((slot, mark))
    }

    #[inline]
    fn set(&mut self, slot: usize, mark: Mark) {
        if let Some(old) = self.marks.get_mut(slot) {
            *old = mark;
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
