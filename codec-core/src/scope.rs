//! What a parent hands down to the types inside it, unasked.

use core::cell::Cell;
use core::ops::Range;

use bytes::Bytes;
use nom::Err;

use crate::error::{DecodeError, Fault};
use crate::trace::Tracer;

/// Byte order of integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Endian {
    /// Most significant byte first; the default where nothing is declared.
    #[default]
    Big,
    /// Least significant byte first.
    Little,
}

/// Nested `Box`es and lists that one frame may hold.
pub const MAX_DEPTH: u8 = 32;

/// Everything that travels beside nom's `&[u8]`: 24 bytes, `Copy`, never generic, never owning.
#[derive(Clone, Copy)]
pub struct Scope<'s> {
    /// The reference-counted buffer that the input lies in, if there is one: `Bytes` fields become
    /// slices of it instead of copies.
    pub owner: Option<&'s Bytes>,
    /// What only few readers and writers ask for; `None`: nothing of it is known.
    pub around: Option<&'s Around<'s>>,
    /// The inherited byte order.
    pub endian: Endian,
    /// Nested lists and boxes still allowed.
    pub depth: u8,
}

/// What few ask for: one reference for all of it keeps [`Scope`] small.
#[derive(Clone, Copy)]
pub struct Around<'s> {
    /// Where the steps are noted, while explaining.
    pub trace: Option<&'s Tracer>,
    /// What `with = module(whole)` hands to its module.
    pub whole: Enclosing<'s>,
    /// The bytes of a frame that is not owned yet: its one `Bytes` is left out.
    pub(crate) hole: Option<&'s Hole<'s>>,
}

/// The place of the one `Bytes` of a value in a frame that only becomes its owner when all of it was
/// read: sharing then moves the frame instead of counting it twice.
pub(crate) struct Hole<'s> {
    frame: &'s [u8],
    /// Of the first `Bytes`, once read; never empty.
    place: Cell<Option<(usize, usize)>>,
}

impl<'s> Hole<'s> {
    /// Nothing of this frame was read.
    #[inline(always)]
    pub(crate) fn of(frame: &'s [u8]) -> Self {
        Self { frame, place: Cell::new(None) }
    }

    /// Where the `Bytes` lies that was left out.
    #[inline(always)]
    pub(crate) fn place(&self) -> Option<(usize, usize)> {
        self.place.get()
    }

    /// Leaves out this part; `None`: it has to be copied, as it is no part of the frame or another
    /// was left out before.
    #[inline(always)]
    fn leave_out(&self, part: &[u8]) -> Option<Bytes> {
        let Range { start, end } = range_in(self.frame, part)?;
        if self.place.get().is_some() {
            return None;
        }
        self.place.set(Some((start, end)));
        Some(Bytes::from_static(LEFT_OUT.split_at(0).0))
    }

    /// These are the bytes that were left out.
    #[inline(always)]
    pub(crate) fn is_here(bytes: &Bytes) -> bool {
        bytes.is_empty() && bytes.as_ptr() == LEFT_OUT.as_ptr()
    }
}

/// What stands for a `Bytes` that was left out begins here, and nothing else does.
static LEFT_OUT: [u8; 1] = [0];

/// Where `part` lies in `whole`, if it does.
#[inline(always)]
fn range_in(whole: &[u8], part: &[u8]) -> Option<Range<usize>> {
    let from = part.as_ptr().addr().wrapping_sub(whole.as_ptr().addr());
    let to = from.checked_add(part.len())?;
    (to <= whole.len()).then_some(from..to)
}

/// The enclosing frame from the end of its length field, or from its first byte where it has none.
///
/// It is the nearest type that derives `Frame`; without one, the outermost type that is read or
/// written. What was unescaped, inflated or decrypted is a frame of its own.
#[derive(Clone, Copy)]
pub enum Enclosing<'s> {
    /// Nobody said; the type that asks is its own frame.
    Unknown,
    /// The next type is the borrowing twin of a frame, and sets it.
    Next,
    /// These bytes are being read.
    Read(&'s [u8]),
    /// The output from this offset on is being written.
    Written(usize),
    /// The value is measured in an output of its own: nothing stands before it.
    Measured,
}

impl<'s> Scope<'s> {
    /// Without a parent: no owner, no tracer, big endian, [`MAX_DEPTH`].
    pub const ROOT: Scope<'static> =
        Scope { owner: None, around: None, endian: Endian::Big, depth: MAX_DEPTH };

    /// A root whose `Bytes` are slices of `owner`.
    #[inline]
    #[must_use]
    pub fn of(owner: &'s Bytes) -> Self {
        Scope { owner: Some(owner), ..Scope::ROOT }
    }

    /// The same with another byte order.
    #[inline]
    #[must_use]
    pub fn with(mut self, endian: Endian) -> Self {
        self.endian = endian;
        self
    }

    /// The same inside of another buffer: what was unescaped or inflated.
    #[inline]
    #[must_use]
    pub fn owned_by<'b>(self, owner: &'b Bytes) -> Scope<'b>
    where
        's: 'b,
    {
        Scope { owner: Some(owner), ..self }
    }

    /// Where the steps are noted, while explaining.
    #[inline(always)]
    #[must_use]
    pub fn trace(&self) -> Option<&'s Tracer> {
        self.around.and_then(|around| around.trace)
    }

    /// What is left out of the frame that is read.
    #[inline(always)]
    pub(crate) fn hole(&self) -> Option<&'s Hole<'s>> {
        self.around.and_then(|around| around.hole)
    }

    /// The same inside of another frame, or under a tracer.
    #[inline(always)]
    #[must_use]
    pub fn inside<'b>(self, around: &'b Around<'b>) -> Scope<'b>
    where
        's: 'b,
    {
        Scope { around: Some(around), ..self }
    }

    /// The enclosing frame, as far as somebody said where it is.
    #[inline]
    #[must_use]
    pub fn enclosing(&self) -> Enclosing<'s> {
        self.around.map_or(Enclosing::Unknown, |around| around.whole)
    }

    /// One level deeper, for the items of a list or the inside of a `Box`.
    ///
    /// # Errors
    /// [`Fault::Depth`] at `at` after [`MAX_DEPTH`] levels.
    #[inline]
    pub fn deeper(mut self, at: &[u8]) -> Result<Self, Err<DecodeError>> {
        match self.depth.checked_sub(1) {
            Some(depth) => {
                self.depth = depth;
                Ok(self)
            }
            None => Err(Err::Error(DecodeError::new(Fault::Depth, 0, at))),
        }
    }

    /// A slice of the owner when `part` lies in it, a copy otherwise.
    #[inline]
    #[must_use]
    pub fn share(&self, part: &[u8]) -> Bytes {
        if part.is_empty() {
            return Bytes::new();
        }
        let shared = match self.owner {
            Some(owner) => range_in(owner, part).map(|range| owner.slice(range)),
            None => self.hole().and_then(|hole| hole.leave_out(part)),
        };
        shared.unwrap_or_else(|| copied(part))
    }
}

/// Where nothing is shared. Out of line, so that readers of shared frames stay small.
#[cold]
#[inline(never)]
fn copied(part: &[u8]) -> Bytes {
    Bytes::copy_from_slice(part)
}
