//! A frame type as a codec of tokio-util, for those who want frames and no session.

use std::io;

use bytes::{Buf, BytesMut};
use longlink_codec_core::{BadFrame, Decoder, EncodeError, Fault, Frame, Parse};
use tokio_util::codec;

/// Frames in and out of a byte stream, with `tokio_util::codec::Framed`.
///
/// Its item is `Result<F, BadFrame>`: a malformed frame or a run of garbage is an item, because
/// `Framed` ends the stream after an error. Errors are only what ends it anyway: [`ReadError`].
///
/// Reading and writing have a context each, since many protocols give a tag another meaning in each
/// direction.
pub struct FrameCodec<F: Frame> {
    decoder: Decoder<F>,
    writing: F::Context,
}

/// Why a stream of frames has ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadError {
    /// The transport failed.
    Io(io::Error),
    /// The stream cannot be followed any further, or `resync = close` says to close it; what was
    /// wrong was the item before this.
    Broken {
        /// What was wrong.
        fault: Fault,
        /// Offset in the stream of the first byte that was not consumed.
        offset: u64,
    },
    /// The peer closed the connection inside a frame.
    Unfinished {
        /// Bytes of the frame that had arrived.
        len: usize,
        /// Offset in the stream of its first byte.
        offset: u64,
    },
}

/// Why a frame was not written.
#[derive(Debug)]
#[non_exhaustive]
pub enum WriteError {
    /// The transport failed.
    Io(io::Error),
    /// The frame does not fit its layout; nothing of it was written.
    Encode(EncodeError),
}

impl<F: Frame> FrameCodec<F> {
    /// A codec at the start of a connection.
    #[must_use]
    pub fn new() -> Self
    where
        F::Context: Default,
    {
        Self::with_contexts(F::Context::default(), F::Context::default())
    }

    /// A codec at the start of a connection, under one context for each direction.
    #[must_use]
    pub fn with_contexts(reading: F::Context, writing: F::Context) -> Self {
        Self { decoder: Decoder::with_context(reading), writing }
    }

    /// The decoder, to change what frames are read under or to drop a candidate that never comes.
    pub fn decoder_mut(&mut self) -> &mut Decoder<F> {
        &mut self.decoder
    }

    /// What frames are written under.
    pub fn writing_mut(&mut self) -> &mut F::Context {
        &mut self.writing
    }
}

impl<F: Frame> Default for FrameCodec<F>
where
    F::Context: Default,
{
    fn default() -> Self {
        Self::new()
    }
}

impl<F: Frame> std::fmt::Debug for FrameCodec<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FrameCodec").field("decoder", &self.decoder).finish_non_exhaustive()
    }
}

impl<F> codec::Decoder for FrameCodec<F>
where
    F: Frame + for<'a> Parse<'a>,
{
    type Item = Result<F, BadFrame>;
    type Error = ReadError;

    #[inline]
    fn decode(&mut self, buffer: &mut BytesMut) -> Result<Option<Self::Item>, ReadError> {
        match self.decoder.decode(buffer) {
            Some(item) => Ok(Some(item)),
            None => match self.decoder.broken() {
                None => Ok(None),
                Some(fault) => Err(ReadError::Broken { fault, offset: self.decoder.offset() }),
            },
        }
    }

    fn decode_eof(&mut self, buffer: &mut BytesMut) -> Result<Option<Self::Item>, ReadError> {
        loop {
            if let Some(item) = self.decode(buffer)? {
                return Ok(Some(item));
            }
            // Nothing more will come: what a candidate in garbage still waits for neither.
            if buffer.is_empty() || !self.decoder.is_searching() {
                break;
            }
            let dropped = self.decoder.drop_candidate(buffer);
            buffer.advance(dropped.min(buffer.len()));
        }
        let offset = self.decoder.offset();
        if let Some(report) = self.decoder.finish(buffer) {
            buffer.clear();
            return Ok(Some(Err(report)));
        }
        let len = self.decoder.unfinished(buffer);
        buffer.clear();
        if len == 0 { Ok(None) } else { Err(ReadError::Unfinished { len, offset }) }
    }
}

impl<F: Frame> codec::Encoder<F> for FrameCodec<F> {
    type Error = WriteError;

    fn encode(&mut self, frame: F, out: &mut BytesMut) -> Result<(), WriteError> {
        self.encode(&frame, out)
    }
}

impl<F: Frame> codec::Encoder<&F> for FrameCodec<F> {
    type Error = WriteError;

    fn encode(&mut self, frame: &F, out: &mut BytesMut) -> Result<(), WriteError> {
        frame.encode_with(out, &self.writing).map_err(WriteError::Encode)
    }
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(error) => write!(f, "the transport failed: {error}"),
            Self::Broken { fault, offset } => {
                write!(f, "the stream cannot be followed beyond offset {offset}: {fault}")
            }
            Self::Unfinished { len, offset } => {
                write!(f, "closed {len} bytes into the frame at offset {offset}")
            }
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Broken { .. } | Self::Unfinished { .. } => None,
        }
    }
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl std::fmt::Display for WriteError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(error) => write!(f, "the transport failed: {error}"),
            Self::Encode(error) => write!(f, "the frame was not written: {error}"),
        }
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Encode(error) => Some(error),
        }
    }
}

impl From<io::Error> for WriteError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

#[cfg(test)]
mod tests;
