//! What stands on the stream by itself: the border of a frame.

use bytes::Bytes;

use crate::error::{DecodeError, Fault};
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
    /// What the search remembers between two calls on a growing buffer.
    type Border: Default;
    /// No frame on the wire is longer, in bytes, border and escapes included.
    const MAX_FRAME_LEN: usize;
    /// What to do with garbage.
    const RESYNC: Resync;

    /// Looks for the end of the frame that `buffer` begins with. `buffer` must begin where it began
    /// at the last call with this `border`, and may have grown; after `Frame` or `Skip` the caller
    /// drops the bytes and the border starts anew.
    fn probe(border: &mut Self::Border, context: &Self::Context, buffer: &[u8]) -> Probe;

    /// Exactly one frame.
    ///
    /// # Errors
    /// Malformed input, or bytes left over.
    #[inline]
    fn decode<'a>(frame: &'a [u8]) -> Result<Self, DecodeError>
    where
        Self: Parse<'a> + Wire<Context = ()>,
    {
        Self::exact_in(frame, Scope::ROOT, &())
    }

    /// Exactly one frame; its `Bytes` fields are slices of `frame`, not copies.
    ///
    /// # Errors
    /// Malformed input, or bytes left over.
    #[inline]
    fn decode_shared<'a>(frame: &'a Bytes) -> Result<Self, DecodeError>
    where
        Self: Parse<'a> + Wire<Context = ()>,
    {
        Self::exact_in(frame, Scope::of(frame), &())
    }
}
