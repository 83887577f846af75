//! Frames off the front of a buffer that owns them.

use bytes::{Buf, Bytes, BytesMut};

use super::Decoder;
use super::trial::{Bad, Next, State};
use crate::bad_frame::BadFrame;
use crate::error::DecodeError;
use crate::frame::Frame;
use crate::scope::{Around, Enclosing, Hole, Scope};
use crate::wire::Parse;

/// Reserved ahead at most, in bytes.
pub(super) const RESERVED: usize = 64 * 1024;

/// Why the first frame of a buffer was not taken.
pub(super) struct Refused {
    error: DecodeError,
    /// Its bytes, where they are no longer in the buffer.
    split_off: Option<Bytes>,
}

impl<F: Frame> Decoder<F> {
    /// Parses the first `len` bytes of the buffer; `None`: why not is in `refused`.
    ///
    /// What is returned fits registers as far as the frame does: an error in the same result would
    /// force both into memory.
    #[inline(always)]
    pub(super) fn take_in_step(
        &mut self,
        buffer: &mut BytesMut,
        len: usize,
        refused: &mut Option<Refused>,
    ) -> Option<F>
    where
        F: for<'a> Parse<'a>,
    {
        if F::MOST_SHARED == 1 {
            self.take_one_shared(buffer, len, refused)
        } else {
            self.take_outlined(buffer, len, refused)
        }
    }

    /// A frame of which at most one `Bytes` is shared stays in the buffer until it was read. Behind
    /// the last check it is split off, cut to that part and moved into its place, so that references
    /// are counted once.
    #[inline(always)]
    fn take_one_shared(
        &mut self,
        buffer: &mut BytesMut,
        len: usize,
        refused: &mut Option<Refused>,
    ) -> Option<F>
    where
        F: for<'a> Parse<'a>,
    {
        let frame = buffer.get(..len).unwrap_or(&[]);
        let hole = Hole::of(frame);
        let around = Around { trace: None, whole: Enclosing::Unknown, hole: Some(&hole) };
        let scope = Scope::ROOT.inside(&around);
        let mut error = None;
        let Some(mut value) = F::exact_inline(frame, scope, &self.context, &mut error) else {
            // What was left out may have been looked at, by a type written by hand.
            if hole.place().is_some() {
                return self.take_outlined(buffer, len, refused);
            }
            *refused = error.map(|error| Refused { error, split_off: None });
            return None;
        };
        let part = match hole.place() {
            None => None,
            Some(place) if value.shared_mut().is_some_and(|one| Hole::is_here(one)) => Some(place),
            // Inside is a type, written by hand, that does not say what it shares.
            Some(_) => return self.take_outlined(buffer, len, refused),
        };
        self.accept(len);
        match (part, value.shared_mut()) {
            (Some((start, end)), Some(shared)) => {
                let mut part = buffer.split_to(len);
                // Always so, as the place lies in the frame; asked here, neither of the two asks.
                if start <= end && end <= part.len() {
                    part.truncate(end);
                    part.advance(start);
                    // What stood there owns nothing, and need not be asked to drop it.
                    core::mem::forget(core::mem::replace(shared, part.freeze()));
                }
            }
            _ => pass(buffer, len),
        }
        Some(value)
    }

    /// Parses the first `len` bytes of the buffer, by a reader that is not in line.
    #[inline]
    fn take_outlined(
        &mut self,
        buffer: &mut BytesMut,
        len: usize,
        refused: &mut Option<Refused>,
    ) -> Option<F>
    where
        F: for<'a> Parse<'a>,
    {
        let (parsed, split_off) = if F::SHARES {
            let frame = buffer.split_to(len).freeze();
            (F::exact_in(&frame, Scope::of(&frame), &self.context), Some(frame))
        } else {
            let frame = buffer.get(..len).unwrap_or(&[]);
            (F::exact_in(frame, Scope::ROOT, &self.context), None)
        };
        match parsed {
            Ok(value) => {
                self.accept(len);
                if !F::SHARES {
                    buffer.advance(len);
                }
                Some(value)
            }
            Err(error) => {
                *refused = Some(Refused { error, split_off });
                None
            }
        }
    }

    /// Through noise and garbage, one candidate after the other; into `found` goes what
    /// [`Decoder::decode`] returns.
    #[cold]
    #[inline(never)]
    pub(super) fn take_out_of_step(
        &mut self,
        buffer: &mut BytesMut,
        found: &mut Option<Result<F, BadFrame>>,
    ) where
        F: for<'a> Parse<'a>,
    {
        loop {
            match self.next(buffer) {
                Next::Need(missing) => {
                    if self.broken().is_none() {
                        buffer.reserve(missing.min(RESERVED));
                    }
                    return;
                }
                Next::Drop(bytes) => buffer.advance(bytes.min(buffer.len())),
                Next::Report(report) | Next::Broken(report) => {
                    *found = Some(Err(report));
                    return;
                }
                Next::Frame(len) if len > buffer.len() => return,
                Next::Frame(len) if matches!(self.state, State::InStep) => {
                    let mut refused = None;
                    match self.take_outlined(buffer, len, &mut refused) {
                        Some(value) => *found = Some(Ok(value)),
                        None => self.refuse(buffer, len, refused, found),
                    }
                    return;
                }
                Next::Frame(len) => {
                    if let Some(result) = self.try_candidate(buffer, len) {
                        *found = Some(result);
                        return;
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

    /// The frame that the buffer begins with, or that was split off it, is malformed. Whatever of it
    /// may belong to another stays at the front of the buffer, or goes back there.
    #[cold]
    #[inline(never)]
    pub(super) fn refuse(
        &mut self,
        buffer: &mut BytesMut,
        len: usize,
        refused: Option<Refused>,
        found: &mut Option<Result<F, BadFrame>>,
    ) where
        F: for<'a> Parse<'a>,
    {
        let Some(Refused { error, split_off }) = refused else { return };
        let offset = self.offset;
        let frame = match split_off {
            Some(frame) => {
                let bytes = self.bad_bytes(&frame, len, error);
                if let Some(kept @ [_, ..]) = frame.get(bytes..) {
                    let mut whole = BytesMut::with_capacity(kept.len() + buffer.len());
                    whole.extend_from_slice(kept);
                    whole.extend_from_slice(buffer);
                    *buffer = whole;
                }
                frame
            }
            None => {
                let frame = Bytes::copy_from_slice(buffer.get(..len).unwrap_or(&[]));
                let bytes = self.bad_bytes(buffer, len, error);
                buffer.advance(bytes.min(buffer.len()));
                frame
            }
        };
        *found = Some(Err(BadFrame::malformed::<F>(frame, error, offset, &self.context)));
    }

    /// How many bytes to drop of a frame that did not parse.
    fn bad_bytes(&mut self, buffer: &[u8], len: usize, error: DecodeError) -> usize {
        match self.bad(buffer, len, error.fault) {
            Bad::Told(bytes) | Bad::Untold(bytes) => bytes,
        }
    }
}

/// Drops the first `len` bytes. Out of line: in line, what is left behind a frame would be counted
/// for every frame, also where it is split off and nobody asks.
#[inline(never)]
fn pass(buffer: &mut BytesMut, len: usize) {
    buffer.advance(len);
}
