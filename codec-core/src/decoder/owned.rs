//! Frames off the front of a buffer that owns them.

use bytes::{Buf, Bytes, BytesMut};

use super::Decoder;
use super::trial::{Bad, Next, State};
use crate::bad_frame::BadFrame;
use crate::error::DecodeError;
use crate::frame::Frame;
use crate::scope::Scope;
use crate::wire::Parse;

/// Reserved ahead at most, in bytes.
pub(super) const RESERVED: usize = 64 * 1024;

impl<F: Frame> Decoder<F> {
    /// Parses the first `len` bytes of the buffer.
    #[inline]
    pub(super) fn take_in_step(&mut self, buffer: &mut BytesMut, len: usize) -> Result<F, BadFrame>
    where
        F: for<'a> Parse<'a>,
    {
        if F::SHARES {
            let frame = buffer.split_to(len).freeze();
            return match F::exact_in(&frame, Scope::of(&frame), &self.context) {
                Ok(value) => {
                    self.accept(len);
                    Ok(value)
                }
                Err(error) => Err(self.put_back(buffer, frame, error)),
            };
        }
        match F::exact_in(buffer.get(..len).unwrap_or(&[]), Scope::ROOT, &self.context) {
            Ok(value) => {
                self.accept(len);
                buffer.advance(len);
                Ok(value)
            }
            Err(error) => {
                let frame = Bytes::copy_from_slice(buffer.get(..len).unwrap_or(&[]));
                let (offset, fault) = (self.offset, error.fault);
                let (Bad::Told(bytes) | Bad::Untold(bytes)) = self.bad(buffer, len, fault);
                buffer.advance(bytes.min(buffer.len()));
                Err(BadFrame::malformed::<F>(frame, error, offset, &self.context))
            }
        }
    }

    /// Through noise and garbage, one candidate after the other.
    #[cold]
    #[inline(never)]
    pub(super) fn take_out_of_step(&mut self, buffer: &mut BytesMut) -> Option<Result<F, BadFrame>>
    where
        F: for<'a> Parse<'a>,
    {
        loop {
            match self.next(buffer) {
                Next::Need(missing) => {
                    if self.broken().is_none() {
                        buffer.reserve(missing.min(RESERVED));
                    }
                    return None;
                }
                Next::Drop(bytes) => buffer.advance(bytes.min(buffer.len())),
                Next::Report(report) | Next::Broken(report) => return Some(Err(report)),
                Next::Frame(len) if len > buffer.len() => return None,
                Next::Frame(len) if matches!(self.state, State::InStep) => {
                    return Some(self.take_in_step(buffer, len));
                }
                Next::Frame(len) => {
                    if let Some(result) = self.try_candidate(buffer, len) {
                        return Some(result);
                    }
                }
            }
        }
    }

    /// Parses a copy of a candidate, because its bytes are needed again when it turns out to be
    /// none; `None`: go on.
    fn try_candidate(&mut self, buffer: &mut BytesMut, len: usize) -> Option<Result<F, BadFrame>>
    where
        F: for<'a> Parse<'a>,
    {
        let frame = Bytes::copy_from_slice(buffer.get(..len)?);
        let bytes = match F::exact_in(&frame, Scope::of(&frame), &self.context) {
            Ok(value) => match self.good(buffer, len) {
                Next::Frame(_) => {
                    buffer.advance(len);
                    return Some(Ok(value));
                }
                Next::Report(report) | Next::Broken(report) => return Some(Err(report)),
                Next::Drop(bytes) => bytes,
                Next::Need(_) => 0,
            },
            Err(error) => match self.bad(buffer, len, error.fault) {
                Bad::Told(bytes) | Bad::Untold(bytes) => bytes,
            },
        };
        buffer.advance(bytes.min(buffer.len()));
        None
    }

    /// A frame that was split off is malformed: whatever of it may belong to another goes back to
    /// the front of the buffer.
    #[cold]
    #[inline(never)]
    fn put_back(&mut self, buffer: &mut BytesMut, frame: Bytes, error: DecodeError) -> BadFrame
    where
        F: for<'a> Parse<'a>,
    {
        let offset = self.offset;
        let (Bad::Told(bytes) | Bad::Untold(bytes)) = self.bad(&frame, frame.len(), error.fault);
        if let Some(kept @ [_, ..]) = frame.get(bytes..) {
            let mut whole = BytesMut::with_capacity(kept.len() + buffer.len());
            whole.extend_from_slice(kept);
            whole.extend_from_slice(buffer);
            *buffer = whole;
        }
        BadFrame::malformed::<F>(frame, error, offset, &self.context)
    }
}
