//! Where the next frame ends: five ways to find out, each with a constant state.
//!
//! | Border | Knows the end from | Remembers |
//! |---|---|---|
//! | [`fixed`] | the size of the type | nothing |
//! | [`length`] | a length field at a known place | the length, once read |
//! | `delimiter` | delimiters on both sides | how far it has scanned |
//! | [`terminated`] | what stands at the end | how far it has scanned |
//! | [`walk`] | the layout itself | one mark for each open list |
//!
//! None reads a byte twice that it has judged, and none asks for more bytes than the header before
//! magic and limits are checked.

mod delimiter;
mod fixed;
mod length;
mod terminated;
mod walk;

use alloc::vec::Vec;

pub use delimiter::{delimited, shared};
pub use fixed::fixed;
pub use length::{fault, length, outside, total, total_behind, varint_length};
pub use terminated::terminated;
pub use walk::{Step, Stop, Walker, is_last, walk};

use crate::error::Fault;
use crate::frame::{Frame, Probe, Resync};
use crate::resync;

/// What a border remembers between two looks at a growing buffer.
pub trait Border: Default {
    /// Forgets the frame that is being looked at; what is known of the stream stays.
    fn restart(&mut self);

    /// The frame that was found is good and will be dropped from the buffer.
    #[inline]
    fn accepted(&mut self) {
        self.restart();
    }

    /// The frame that was found is malformed. Returns how many of its bytes to drop: less than all
    /// of them where the next frame may begin inside.
    #[inline]
    fn refused(&mut self, frame: &[u8]) -> usize {
        self.restart();
        frame.len()
    }

    /// The frame being looked at showed a whole, plausible header: whatever follows, its border is
    /// known.
    #[inline]
    fn is_certain(&self) -> bool {
        false
    }

    /// Bytes looked at so far, over the whole stream; counted in debug builds only.
    #[inline]
    fn examined(&self) -> u64 {
        0
    }
}

/// Nothing to remember.
impl Border for () {
    #[inline]
    fn restart(&mut self) {}
}

/// What the derived borders remember: one type for all, so that the variants of an enum share it.
#[derive(Debug, Default)]
pub struct Progress {
    /// Length and walk: fewer bytes than this cannot be a frame. Delimiters: scanned up to here.
    /// Where a frame was found, 0 says that nothing is remembered of it.
    known: usize,
    /// The length of the frame is known, and its bytes are awaited.
    certain: bool,
    /// A delimiter stands right before the buffer, so a frame may begin without one.
    opened: bool,
    /// Inside an overlong frame: everything up to the next terminator is garbage.
    discarding: bool,
    /// What a frame begins with, where that is not what it ends with: a refused frame may hold the
    /// beginning of the next, when its own end was lost.
    start: &'static [u8],
    /// Empty list items passed in this frame.
    idle: usize,
    /// The open and the passed lists of this frame.
    marks: Vec<walk::Mark>,
    meter: Meter,
}

impl Border for Progress {
    #[inline]
    fn restart(&mut self) {
        self.known = 0;
        self.certain = false;
        self.idle = 0;
        self.marks.clear();
    }

    #[inline]
    fn accepted(&mut self) {
        // Of most frames, which came whole, nothing is remembered.
        if self.known != 0 {
            self.restart();
        }
    }

    #[inline]
    fn refused(&mut self, frame: &[u8]) -> usize {
        self.restart();
        delimiter::reopened(frame, self.start)
    }

    #[inline]
    fn is_certain(&self) -> bool {
        self.certain
    }

    #[inline]
    fn examined(&self) -> u64 {
        self.meter.read()
    }
}

/// What every border checks before it asks for more than a header.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The frame begins with these bytes; empty: no magic, or one that only the parser can check.
    pub magic: &'static [u8],
    /// No frame is shorter, in bytes on the wire.
    pub min: usize,
    /// No frame is longer, in bytes on the wire.
    pub max: usize,
    /// What to do with bytes that are no frame.
    pub resync: Resync,
}

impl Limits {
    /// The limits that a frame declares.
    #[inline]
    #[must_use]
    pub const fn of<F: Frame>() -> Self {
        Self { magic: F::MAGIC, min: F::MIN_FRAME_LEN, max: F::MAX_FRAME_LEN, resync: F::RESYNC }
    }

    /// The same with a limit that is known at run time only, never more than the declared one.
    #[inline]
    #[must_use]
    pub fn within(&self, max: usize) -> Self {
        Self { max: max.min(self.max), ..*self }
    }

    /// What to do about a header that cannot be one.
    #[inline(always)]
    #[must_use]
    pub fn implausible(&self, buffer: &[u8], reason: Fault) -> Probe {
        match self.garbage(buffer) {
            Some(len) => Probe::Skip { len, reason },
            None => Probe::Broken(reason),
        }
    }

    /// Bytes up to where the next frame may begin; `None`: nothing is searched for. Its result fits
    /// registers: made here, a whole `Probe` would force that of every good frame into memory.
    #[cold]
    #[inline(never)]
    fn garbage(&self, buffer: &[u8]) -> Option<usize> {
        match self.resync {
            Resync::Magic if !self.magic.is_empty() => {
                Some(resync::next_candidate(buffer, self.magic))
            }
            _ => None,
        }
    }

    /// The buffer begins with the magic, as far as it goes.
    #[inline]
    fn begins(&self, buffer: &[u8]) -> bool {
        match buffer.get(..self.magic.len()) {
            Some(start) => start == self.magic,
            None => self.magic.starts_with(buffer),
        }
    }
}

/// Bytes that mean nothing before a frame.
#[inline]
#[must_use]
pub fn noise(buffer: &[u8], noise: &[u8]) -> Option<Probe> {
    let len = buffer.iter().take_while(|byte| noise.contains(byte)).count();
    if len == 0 { None } else { Some(Probe::Noise { len }) }
}

/// Counts bytes that a border looks at. Costs nothing in release builds.
#[derive(Debug, Default)]
struct Meter {
    #[cfg(debug_assertions)]
    bytes: u64,
}

impl Meter {
    #[inline]
    #[cfg_attr(not(debug_assertions), expect(clippy::unused_self, reason = "counts in debug only"))]
    fn add(&mut self, _bytes: usize) {
        #[cfg(debug_assertions)]
        {
            self.bytes = self.bytes.saturating_add(_bytes as u64);
        }
    }

    #[inline]
    #[cfg_attr(not(debug_assertions), expect(clippy::unused_self, reason = "counts in debug only"))]
    fn read(&self) -> u64 {
        #[cfg(debug_assertions)]
        return self.bytes;
        #[cfg(not(debug_assertions))]
        0
    }
}
