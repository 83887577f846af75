//! A stream of bytes to frames.

mod owned;
#[cfg(test)]
mod tests;
mod trial;

use alloc::boxed::Box;
use core::fmt;

use bytes::{Bytes, BytesMut};

use self::owned::RESERVED;
use self::trial::{Bad, Next, State};
use crate::bad_frame::BadFrame;
use crate::border::Border;
use crate::error::{DecodeError, Fault};
use crate::frame::{Frame, Probe};
use crate::resync::Trial;
use crate::wire::Parse;

/// Finds the frames in a stream of bytes, and keeps between two calls what it has learned.
///
/// It owns no buffer: [`Decoder::decode`] takes frames off the front of a [`BytesMut`],
/// [`Decoder::decode_in_place`] looks at a slice and lends what it finds.
///
/// ```text
///              garbage                     corroborated, or a delimiter
///  ┌────────┐ ────────────▶ ┌───────────┐ ───────────────────────────▶ in step, one report
///  │ in step│               │ searching │
///  └────────┘ ◀──────────┐  └───────────┘ ── too many candidates, too long ─▶ broken
///      │  malformed       │        ▲
///      ▼  (resync = magic)│        │ an implausible header follows
///  ┌────────┐ ────────────┘        │
///  │ doubt  │ ─────────────────────┘
///  └────────┘  a plausible header follows: in step
/// ```
pub struct Decoder<F: Frame> {
    border: F::Border,
    context: F::Context,
    /// Offset in the stream of the first byte of the buffer.
    offset: u64,
    state: State,
}

/// What [`Decoder::decode_in_place`] has found.
#[derive(Debug)]
pub enum Found<'b, T> {
    /// Incomplete: at least this many more bytes are needed.
    Need(usize),
    /// A frame, as `parse` made it.
    Frame(T),
    /// A frame whose border is good and whose inside is not; [`Decoder::report`] explains it.
    Malformed {
        /// Its bytes, border included.
        frame: &'b [u8],
        /// What `parse` said.
        error: DecodeError,
        /// Offset in the stream of its first byte.
        offset: u64,
    },
    /// A run of garbage has ended; the frame behind it comes next. Reports are boxed, so that what
    /// is returned for a frame stays small.
    Garbage(Box<BadFrame>),
    /// The stream cannot be followed any further. Said once; then it is [`Found::Need`] for ever.
    Broken(Box<BadFrame>),
}

impl<F: Frame> Decoder<F> {
    /// A decoder at the start of a stream.
    #[must_use]
    pub fn new() -> Self
    where
        F::Context: Default,
    {
        Self::with_context(F::Context::default())
    }

    /// A decoder at the start of a stream, under a context.
    #[must_use]
    pub fn with_context(context: F::Context) -> Self {
        Self { border: F::Border::default(), context, offset: 0, state: State::InStep }
    }

    /// What the frames are read under.
    #[inline]
    #[must_use]
    pub fn context(&self) -> &F::Context {
        &self.context
    }

    /// Changes what the frames are read under, from the next frame on. A frame that has arrived in
    /// part is looked at anew.
    pub fn context_mut(&mut self) -> &mut F::Context {
        self.border.restart();
        if let State::Searching(run) = &mut self.state {
            run.trial = Trial::Open;
        }
        &mut self.context
    }

    /// Offset in the stream of the first byte that was not consumed.
    #[inline]
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Why the stream cannot be followed any further; then nothing more will be found.
    #[must_use]
    pub fn broken(&self) -> Option<Fault> {
        match self.state {
            State::Broken(fault) => Some(fault),
            _ => None,
        }
    }

    /// In garbage, and maybe waiting: for a candidate that announced more bytes than will come, or
    /// for what follows one that parses. Whoever has a clock calls [`Decoder::drop_candidate`] when
    /// this lasts for a second.
    #[must_use]
    pub fn is_searching(&self) -> bool {
        matches!(self.state, State::Searching(_))
    }

    /// Nothing more will come for the candidate that the buffer begins with: gives it up, or
    /// believes it when it parses and only lacks what should follow it. Returns how many bytes to
    /// consume: 1 of a candidate that was given up, else 0. Then decode what is left.
    pub fn drop_candidate(&mut self, buffer: &[u8]) -> usize {
        let State::Searching(run) = &mut self.state else { return 0 };
        match run.trial {
            Trial::Open if buffer.is_empty() => 0,
            Trial::Open => self.fail(buffer),
            Trial::Parsed | Trial::Believed => {
                run.trial = Trial::Believed;
                0
            }
        }
    }

    /// Bytes at the start of `buffer` that belong to an unfinished frame: what a stream that ends
    /// here has cut off. Delimiters between two frames are none.
    #[must_use]
    pub fn unfinished(&self, buffer: &[u8]) -> usize {
        match self.state {
            State::Doubt(len) => buffer.len().saturating_sub(len),
            State::Broken(_) => 0,
            State::InStep | State::Searching(_) => {
                if buffer == F::NOISE {
                    0
                } else {
                    buffer.len()
                }
            }
        }
    }

    /// The stream has ended, and `rest` with it: the report of a run of garbage that was still
    /// open.
    pub fn finish(&mut self, rest: &[u8]) -> Option<BadFrame> {
        match core::mem::replace(&mut self.state, State::InStep) {
            State::Searching(mut run) => {
                run.extend(rest);
                run.report(F::SCHEMA.holds_secret())
            }
            other => {
                self.state = other;
                None
            }
        }
    }

    /// What the front of `buffer` is, and how many bytes of it to drop; without an allocation, but
    /// for reports.
    ///
    /// `parse` is given the slice of one frame, border included, and may return something that
    /// borrows from it. Call again with what is left until it says [`Found::Need`].
    ///
    /// ```
    /// # use longlink_codec_core::decoder::{Decoder, Found};
    /// # use longlink_codec_core::{Frame, Wire};
    /// fn count<F: Frame + Wire<Context = ()>>(decoder: &mut Decoder<F>, mut buffer: &[u8]) -> usize {
    ///     let mut frames = 0;
    ///     loop {
    ///         let (consumed, found) = decoder.decode_in_place(buffer, |frame, _| Ok(frame.len()));
    ///         buffer = &buffer[consumed..];
    ///         match found {
    ///             Found::Frame(_) => frames += 1,
    ///             Found::Need(_) => return frames,
    ///             _ => {}
    ///         }
    ///     }
    /// }
    /// ```
    #[inline]
    pub fn decode_in_place<'b, T>(
        &mut self,
        buffer: &'b [u8],
        mut parse: impl FnMut(&'b [u8], &F::Context) -> Result<T, DecodeError>,
    ) -> (usize, Found<'b, T>) {
        if let State::InStep = self.state {
            match F::probe(&mut self.border, &self.context, buffer) {
                Probe::Need(missing) => return (0, Found::Need(missing)),
                Probe::Frame { len } => {
                    let Some(frame) = buffer.get(..len) else {
                        return (0, Found::Need(len.saturating_sub(buffer.len())));
                    };
                    return match parse(frame, &self.context) {
                        Ok(value) => {
                            self.accept(len);
                            (len, Found::Frame(value))
                        }
                        Err(error) => self.malformed(buffer, frame, error),
                    };
                }
                // Asked again, the border says the same.
                Probe::Noise { .. } | Probe::Skip { .. } | Probe::Broken(_) => {}
            }
        }
        self.decode_out_of_step(buffer, parse)
    }

    /// The next frame, or the report on bytes that are none; `None`: more bytes are needed, or the
    /// decoder is [broken](Decoder::broken).
    ///
    /// `Bytes` fields are slices of the frame's own bytes, split off the buffer. When bytes are
    /// missing the buffer is reserved in steps of at most 64 KiB: a length alone allocates
    /// nothing that large.
    pub fn decode(&mut self, buffer: &mut BytesMut) -> Option<Result<F, BadFrame>>
    where
        F: for<'a> Parse<'a>,
    {
        if let State::InStep = self.state {
            match F::probe(&mut self.border, &self.context, buffer) {
                Probe::Need(missing) => {
                    buffer.reserve(missing.min(RESERVED));
                    return None;
                }
                Probe::Frame { len } if len <= buffer.len() => {
                    let mut refused = None;
                    if let Some(value) = self.take_in_step(buffer, len, &mut refused) {
                        return Some(Ok(value));
                    }
                    let mut found = None;
                    self.refuse(buffer, len, refused, &mut found);
                    return found;
                }
                // Asked again, the border says the same.
                _ => {}
            }
        }
        // What is rare has a result of its own, so that a good frame goes to the caller in registers.
        let mut found = None;
        self.take_out_of_step(buffer, &mut found);
        found
    }

    /// Bytes that the border has looked at since the start of the stream; debug builds only.
    #[doc(hidden)]
    #[must_use]
    pub fn examined(&self) -> u64 {
        self.border.examined()
    }

    /// The full report on a [`Found::Malformed`].
    #[cold]
    #[must_use]
    pub fn report(&self, frame: &[u8], error: DecodeError, offset: u64) -> BadFrame
    where
        F: for<'a> Parse<'a>,
    {
        BadFrame::malformed::<F>(Bytes::copy_from_slice(frame), error, offset, &self.context)
    }
}

impl<F: Frame> Default for Decoder<F>
where
    F::Context: Default,
{
    fn default() -> Self {
        Self::new()
    }
}

impl<F: Frame> fmt::Debug for Decoder<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("offset", &self.offset)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl<F: Frame> Decoder<F> {
    /// The first frame of the buffer did not parse.
    #[cold]
    #[inline(never)]
    fn malformed<'b, T>(
        &mut self,
        buffer: &'b [u8],
        frame: &'b [u8],
        error: DecodeError,
    ) -> (usize, Found<'b, T>) {
        let offset = self.offset;
        let (Bad::Told(bytes) | Bad::Untold(bytes)) = self.bad(buffer, frame.len(), error.fault);
        (bytes, Found::Malformed { frame, error, offset })
    }

    /// Through noise and garbage, one candidate after the other.
    #[cold]
    #[inline(never)]
    fn decode_out_of_step<'b, T>(
        &mut self,
        buffer: &'b [u8],
        mut parse: impl FnMut(&'b [u8], &F::Context) -> Result<T, DecodeError>,
    ) -> (usize, Found<'b, T>) {
        let mut consumed = 0;
        loop {
            let rest = buffer.get(consumed..).unwrap_or(&[]);
            let len = match self.next(rest) {
                Next::Need(missing) => return (consumed, Found::Need(missing)),
                Next::Report(report) => return (consumed, Found::Garbage(Box::new(report))),
                Next::Broken(report) => return (consumed, Found::Broken(Box::new(report))),
                Next::Drop(bytes) => {
                    consumed += bytes;
                    continue;
                }
                Next::Frame(len) => len,
            };
            let Some(frame) = rest.get(..len) else {
                return (consumed, Found::Need(len.saturating_sub(rest.len())));
            };
            match parse(frame, &self.context) {
                Ok(value) => match self.good(rest, len) {
                    Next::Frame(_) => return (consumed + len, Found::Frame(value)),
                    Next::Report(report) => return (consumed, Found::Garbage(Box::new(report))),
                    Next::Broken(report) => return (consumed, Found::Broken(Box::new(report))),
                    Next::Drop(bytes) => consumed += bytes,
                    Next::Need(_) => {}
                },
                Err(error) => {
                    let offset = self.offset;
                    match self.bad(rest, len, error.fault) {
                        Bad::Told(bytes) => {
                            let found = Found::Malformed { frame, error, offset };
                            return (consumed + bytes, found);
                        }
                        Bad::Untold(bytes) => consumed += bytes,
                    }
                }
            }
        }
    }
}
