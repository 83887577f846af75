//! What a parent hands down to the types inside it, unasked.

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
        if let Some(owner) = self.owner {
            let from = part.as_ptr().addr().wrapping_sub(owner.as_ptr().addr());
            if let Some(to) = from.checked_add(part.len())
                && to <= owner.len()
            {
                return owner.slice(from..to);
            }
        }
        copied(part)
    }
}

/// Where nothing is shared. Out of line, so that readers of shared frames stay small.
#[cold]
#[inline(never)]
fn copied(part: &[u8]) -> Bytes {
    Bytes::copy_from_slice(part)
}
