//! What stands on the stream by itself: the border of a frame.

use alloc::vec::Vec;

use bytes::Bytes;

use crate::border::Border;
use crate::error::{DecodeError, EncodeError, Fault};
use crate::scope::Scope;
use crate::wire::{Parse, Wire};

/// Where the next frame ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    /// At least this many more bytes are needed; exact where the layout allows it.
    Need(usize),
    /// The first `len` bytes of the buffer are one frame.
    Frame {
        /// Bytes, border included.
        len: usize,
    },
    /// The first `len` bytes are legal, mean nothing and are dropped without a word: empty frames
    /// between two delimiters.
    Noise {
        /// Bytes to drop.
        len: usize,
    },
    /// The first `len` bytes belong to no frame.
    Skip {
        /// Bytes to drop.
        len: usize,
        /// Why.
        reason: Fault,
    },
    /// The stream cannot be followed any further: close it.
    Broken(Fault),
}

/// What to do with bytes that are no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Resync {
    /// Search for the magic; accept only after corroboration.
    Magic,
    /// Search for the delimiter.
    Delimiter,
    /// Close the connection.
    #[default]
    Close,
}

/// A layout with a border: it can be found in a stream of bytes.
///
/// `MAX_LEN` of a frame may be `None`; [`Frame::MAX_FRAME_LEN`] never is.
pub trait Frame: Wire {
    /// What the search remembers between two calls on a growing buffer; derived frames share
    /// [`Progress`](crate::border::Progress); `()` remembers nothing.
    type Border: Border;
    /// No frame on the wire is longer, in bytes, border and escapes included.
    const MAX_FRAME_LEN: usize;
    /// No frame on the wire is shorter, in bytes.
    const MIN_FRAME_LEN: usize = 1;
    /// What to do with garbage.
    const RESYNC: Resync;
    /// What every frame begins with; empty: no magic, or one that only the parser can check.
    const MAGIC: &'static [u8] = &[];
    /// What may stand between two frames without a meaning: a shared delimiter.
    const NOISE: &'static [u8] = &[];
    /// A checksum that is refused when wrong covers the frame: a candidate that parses is a frame.
    const CHECKED: bool = false;
    /// A value that is too long for one frame goes in several: a field is declared with
    /// `split(..)`. See [`Frame::split`].
    const SPLITS: bool = false;

    /// Looks for the end of the frame that `buffer` begins with.
    ///
    /// `buffer` must begin where it began at the last call with this `border`, and may have grown.
    /// After [`Probe::Noise`] and [`Probe::Skip`] the caller drops the bytes and asks again; after
    /// [`Probe::Frame`] it says [`Border::accepted`] or [`Border::refused`] first.
    /// [`Decoder`](crate::decoder::Decoder) does all this.
    fn probe(border: &mut Self::Border, context: &Self::Context, buffer: &[u8]) -> Probe;

    /// Bytes of the field that is cut, where the value is too long for one frame.
    fn split_len(&self, _context: &Self::Context) -> Option<usize> {
        None
    }

    /// The frames that a value too long for one is sent as, in order, each with its place; empty:
    /// it goes in one frame. `split(..)` on a field makes it; a session numbers and sends them.
    ///
    /// # Errors
    /// The field that is cut cannot be written, or there are more fragments than can be counted.
    fn split(&self, _context: &Self::Context) -> Result<Vec<Self>, EncodeError>
    where
        Self: Sized,
    {
        Ok(Vec::new())
    }

    /// The value whose fragments these are, in order and complete. What is not cut comes from the
    /// first of them.
    ///
    /// # Errors
    /// The fragments: their bytes together are no value.
    fn join(fragments: Vec<Self>, _context: &Self::Context) -> Result<Self, Vec<Self>>
    where
        Self: Sized,
    {
        Err(fragments)
    }

    /// The longest frame under this context, in bytes: a limit that was negotiated, never more than
    /// [`Frame::MAX_FRAME_LEN`].
    #[inline]
    fn max_frame_len(_context: &Self::Context) -> usize {
        Self::MAX_FRAME_LEN
    }

    /// Exactly one frame.
    ///
    /// # Errors
    /// Malformed input, bytes left over, or a frame beyond its limits.
    #[inline]
    fn decode<'a>(frame: &'a [u8]) -> Result<Self, DecodeError>
    where
        Self: Parse<'a> + Wire<Context = ()>,
    {
        exact(frame, Scope::ROOT, &())
    }

    /// Exactly one frame, under a context.
    ///
    /// # Errors
    /// Malformed input, bytes left over, or a frame beyond its limits.
    #[inline]
    fn decode_with<'a>(frame: &'a [u8], context: &Self::Context) -> Result<Self, DecodeError>
    where
        Self: Parse<'a>,
    {
        exact(frame, Scope::ROOT, context)
    }

    /// Exactly one frame; its `Bytes` fields are slices of `frame`, not copies.
    ///
    /// # Errors
    /// Malformed input, bytes left over, or a frame beyond its limits.
    #[inline]
    fn decode_shared<'a>(frame: &'a Bytes) -> Result<Self, DecodeError>
    where
        Self: Parse<'a> + Wire<Context = ()>,
    {
        exact(frame, Scope::of(frame), &())
    }
}

/// One frame that no stream would have refused for its length.
#[inline]
fn exact<'a, F>(frame: &'a [u8], scope: Scope<'_>, context: &F::Context) -> Result<F, DecodeError>
where
    F: Frame + Parse<'a>,
{
    // The layout alone keeps most frames of fixed size within their limits.
    if const { F::MIN_FRAME_LEN <= F::MIN_LEN && is_within(F::MAX_LEN, F::MAX_FRAME_LEN) } {
        return F::exact_in(frame, scope, context);
    }
    limited(frame, scope, context)
}

const fn is_within(len: Option<usize>, limit: usize) -> bool {
    matches!(len, Some(len) if len <= limit)
}

/// What is wrong inside of the frame is said first, then its length.
#[inline]
fn limited<'a, F>(frame: &'a [u8], scope: Scope<'_>, context: &F::Context) -> Result<F, DecodeError>
where
    F: Frame + Parse<'a>,
{
    let result = F::exact_in(frame, scope, context);
    let shorter = const { F::MIN_FRAME_LEN > F::MIN_LEN } && frame.len() < F::MIN_FRAME_LEN;
    let longest = F::max_frame_len(context);
    if (shorter || frame.len() > longest) && result.is_ok() {
        let excess = frame.get(longest..).unwrap_or(&[]);
        return Err(DecodeError::new(Fault::Length, DecodeError::WHOLE, excess));
    }
    result
}
