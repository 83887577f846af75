//! What the front of the buffer is, in step and in garbage.

use alloc::boxed::Box;

use bytes::Bytes;

use super::Decoder;
use crate::bad_frame::BadFrame;
use crate::border::Border;
use crate::error::Fault;
use crate::frame::{Frame, Probe, Resync};
use crate::resync::{HEADER, Run, SHOWN, Trial, next_candidate};

#[derive(Debug)]
pub(super) enum State {
    /// The buffer begins where a frame must begin.
    InStep,
    /// The buffer begins with a malformed frame of this many bytes, already reported, with another
    /// magic inside. What follows it decides whether its border was right.
    Doubt(usize),
    /// In garbage. The run is boxed: it is rare, and a decoder is part of every idle session.
    Searching(Box<Run>),
    /// For good.
    Broken(Fault),
}

/// What to do next with the front of the buffer.
pub(super) enum Next {
    Need(usize),
    /// These many bytes are a frame, if they parse.
    Frame(usize),
    Drop(usize),
    Report(BadFrame),
    Broken(BadFrame),
}

/// What became of a malformed frame, and how many bytes of it to drop.
pub(super) enum Bad {
    /// To be reported.
    Told(usize),
    /// Part of a run of garbage.
    Untold(usize),
}

impl<F: Frame> Decoder<F> {
    /// What the front of the buffer is.
    #[inline]
    pub(super) fn next(&mut self, buffer: &[u8]) -> Next {
        if let State::Doubt(_) | State::Broken(_) = self.state {
            return self.doubt(buffer);
        }
        match F::probe(&mut self.border, &self.context, buffer) {
            Probe::Frame { len } => match self.state {
                State::InStep => Next::Frame(len),
                _ => self.candidate(buffer, len),
            },
            Probe::Need(missing) => Next::Need(missing),
            other => self.odd(other, buffer),
        }
    }

    /// The border of a frame, behind garbage. Between delimiters it is proof enough.
    #[cold]
    #[inline(never)]
    fn candidate(&mut self, buffer: &[u8], len: usize) -> Next {
        match (F::RESYNC, &self.state) {
            (Resync::Magic, State::Searching(run)) => match run.trial {
                Trial::Open if run.is_hopeless(F::MAX_FRAME_LEN) => {
                    self.give_up(&[], Fault::Garbage)
                }
                Trial::Open => Next::Frame(len),
                Trial::Parsed => self.corroborate(buffer, len),
                Trial::Believed => self.settle(len),
            },
            _ => self.settle(len),
        }
    }

    /// Noise, garbage, or the end of everything.
    #[cold]
    #[inline(never)]
    fn odd(&mut self, probe: Probe, buffer: &[u8]) -> Next {
        match probe {
            Probe::Need(missing) => Next::Need(missing),
            Probe::Frame { len } => Next::Frame(len),
            Probe::Noise { len } => Next::Drop(self.consume(len.min(buffer.len()))),
            Probe::Broken(reason) => self.give_up(buffer, reason),
            Probe::Skip { len, reason } => {
                let skipped = buffer.get(..len).unwrap_or(buffer);
                let run = self.run(reason);
                let room = run.room(F::MAX_FRAME_LEN);
                // The first byte too many breaks the stream, however many have arrived.
                let bytes = self.garbage(run, skipped.get(..=room).unwrap_or(skipped));
                if bytes > room { self.give_up(&[], Fault::Garbage) } else { Next::Drop(bytes) }
            }
        }
    }

    /// A malformed frame was reported; did its border lie? What follows it knows.
    #[cold]
    #[inline(never)]
    fn doubt(&mut self, buffer: &[u8]) -> Next {
        let State::Doubt(len) = self.state else { return Next::Need(1) };
        match self.is_plausible(buffer.get(len..).unwrap_or(&[])) {
            Err(missing) => Next::Need(missing),
            Ok(true) => {
                self.state = State::InStep;
                Next::Drop(self.consume(len))
            }
            Ok(false) => {
                let run = Run::new(self.offset, len as u64, Fault::Garbage);
                self.state = State::Searching(Box::new(run));
                Next::Drop(self.fail(buffer))
            }
        }
    }

    /// The first `len` bytes parsed: `Next::Frame` when they count.
    #[inline]
    pub(super) fn good(&mut self, buffer: &[u8], len: usize) -> Next {
        match self.state {
            State::InStep => {
                self.accept(len);
                Next::Frame(len)
            }
            _ => self.parsed(buffer, len),
        }
    }

    /// The first `len` bytes are a frame in step.
    #[inline]
    pub(super) fn accept(&mut self, len: usize) {
        self.border.accepted();
        self.offset += len as u64;
    }

    /// A candidate has parsed. A checksum makes it a frame; else what follows it must agree.
    #[cold]
    #[inline(never)]
    fn parsed(&mut self, buffer: &[u8], len: usize) -> Next {
        match &mut self.state {
            State::Searching(run) if !F::CHECKED => {
                run.trial = Trial::Parsed;
                self.corroborate(buffer, len)
            }
            _ => self.settle(len),
        }
    }

    /// A plausible header behind a candidate that has parsed: then it is a frame, and the run that
    /// ends before it is reported first.
    fn corroborate(&mut self, buffer: &[u8], len: usize) -> Next {
        match self.is_plausible(buffer.get(len..).unwrap_or(&[])) {
            Err(missing) => Next::Need(missing),
            Ok(true) => self.settle(len),
            Ok(false) => Next::Drop(self.fail(buffer)),
        }
    }

    /// Whether `behind` begins as a frame does; `Err`: too little has come, and how much is missing
    /// at least. A constant number of bytes is asked: were it all, those that happen to have arrived
    /// would decide.
    fn is_plausible(&self, behind: &[u8]) -> Result<bool, usize> {
        let enough = HEADER.max(F::MIN_FRAME_LEN);
        let window = behind.get(..enough).unwrap_or(behind);
        let mut border = F::Border::default();
        match F::probe(&mut border, &self.context, window) {
            Probe::Need(missing) if !border.is_certain() && window.len() < enough => Err(missing),
            Probe::Need(_) | Probe::Frame { .. } | Probe::Noise { .. } => Ok(true),
            Probe::Skip { .. } | Probe::Broken(_) => Ok(false),
        }
    }

    /// The run of garbage ends here: reports it, or goes on with the frame of `len` bytes when all
    /// of the run was already reported.
    #[cold]
    #[inline(never)]
    fn settle(&mut self, len: usize) -> Next {
        let state = core::mem::replace(&mut self.state, State::InStep);
        let State::Searching(run) = state else { return Next::Frame(len) };
        match run.report(F::SCHEMA.holds_secret()) {
            Some(report) => Next::Report(report),
            None => Next::Drop(0),
        }
    }

    /// The first `len` bytes did not parse.
    #[cold]
    #[inline(never)]
    pub(super) fn bad(&mut self, buffer: &[u8], len: usize, fault: Fault) -> Bad {
        if let State::Searching(_) = self.state {
            return Bad::Untold(self.fail(buffer));
        }
        let frame = buffer.get(..len).unwrap_or(buffer);
        match F::RESYNC {
            Resync::Close => {
                self.state = State::Broken(fault);
                self.border.restart();
                Bad::Told(self.consume(len))
            }
            Resync::Delimiter => {
                let bytes = self.border.refused(frame);
                Bad::Told(self.consume(bytes))
            }
            Resync::Magic => {
                self.border.restart();
                if next_candidate(frame, F::MAGIC) >= frame.len() {
                    return Bad::Told(self.consume(len));
                }
                self.state = State::Doubt(len);
                Bad::Told(0)
            }
        }
    }

    /// The candidate that the buffer begins with is none: its first byte is garbage.
    pub(super) fn fail(&mut self, buffer: &[u8]) -> usize {
        let mut run = self.run(Fault::Garbage);
        run.failed();
        self.garbage(run, buffer.get(..1).unwrap_or(&[]))
    }

    /// The run of garbage, or a new one, to be put back.
    fn run(&mut self, reason: Fault) -> Box<Run> {
        match core::mem::replace(&mut self.state, State::InStep) {
            State::Searching(run) => run,
            _ => Box::new(Run::new(self.offset, 0, reason)),
        }
    }

    /// Adds `bytes` to the run of garbage, and searches on behind them.
    fn garbage(&mut self, mut run: Box<Run>, bytes: &[u8]) -> usize {
        self.border.restart();
        run.extend(bytes);
        self.state = State::Searching(run);
        self.consume(bytes.len())
    }

    /// Broken for good; the report holds the run so far and the bytes that broke it.
    fn give_up(&mut self, buffer: &[u8], reason: Fault) -> Next {
        let mut run = self.run(reason);
        self.state = State::Broken(reason);
        run.extend(buffer.get(..SHOWN).unwrap_or(buffer));
        let offset = self.offset;
        let report = run.report(F::SCHEMA.holds_secret());
        Next::Broken(report.unwrap_or_else(|| BadFrame::garbage(Bytes::new(), 0, reason, offset)))
    }

    fn consume(&mut self, len: usize) -> usize {
        self.offset += len as u64;
        len
    }
}
