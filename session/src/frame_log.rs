//! What passes on a connection: the heads of the last frames for error reports, and, if asked for,
//! each frame as a line of the log.
//!
//! `Settings::frame_log` turns the log on. Each frame is then a `tracing` event of level `TRACE` and
//! target [`TARGET`], with these fields:
//!
//! | Field | Is |
//! |---|---|
//! | `session` | the name of the session |
//! | `epoch` | the number of its connection |
//! | `direction` | `sent` or `received` |
//! | `len` | bytes on the wire |
//! | `sequence` | its sequence number, where it has one |
//! | `message` | with [`FrameLog::Text`] what it says, in one line |
//!
//! ```text
//! TRACE longlink_session::frames: Message{sequence=2 body=Login{user="anna" password=•••}}
//!       session="anna" epoch=1 direction="sent" len=31 sequence=2
//! ```
//!
//! Fields and types that their declaration marks `secret` are masked, always; so is what stands
//! behind a fault, where a secret may be. (What a damaged length moves into a field that is no secret
//! is shown with it: nobody can tell.) Lines are cut at 1,024 characters, values at 64. A frame
//! counts as sent when it is encoded; the connection may end before its bytes leave.

mod line;

use std::fmt;

pub(crate) use line::Log;

use crate::moment::Moment;

/// The target of the events that the log of frames consists of.
pub const TARGET: &str = "longlink_session::frames";

/// How much of each frame is logged. A setting: `Settings::frame_log`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum FrameLog {
    /// Nothing.
    #[default]
    Off,
    /// Direction, length and sequence number.
    Heads,
    /// What it says as well. Each frame is parsed once more for it: not for much traffic.
    Text,
}

/// How many heads are kept.
pub(crate) const KEPT: usize = 32;
/// And on an idle connection: what was asked last, and its answer.
const IDLE: usize = 2;

/// The heads of the last 32 frames of a connection, in both directions: at most 384 bytes, no
/// content, so that no secret can be in it. A connection that has been idle keeps the last two.
///
/// ```
/// # mod longlink { pub use longlink_session as session; }
/// use longlink::session::frame_log::{Direction, FrameHead, FrameHeads};
/// use longlink::session::moment::Moment;
///
/// let mut heads = FrameHeads::default();
/// heads.push(&FrameHead {
///     at: Moment(1_250_000),
///     direction: Direction::Sent,
///     len: 137,
///     sequence: Some(7),
/// });
/// assert_eq!(heads.to_string(), "  1.250 s > 137 bytes, sequence 7\n");
/// ```
#[derive(Debug, Clone, Default)]
pub struct FrameHeads {
    ring: Vec<Packed>,
    /// Where the oldest stands, once the ring is full.
    oldest: usize,
}

/// Which way a frame went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// To the peer.
    Sent,
    /// From the peer.
    Received,
}

impl Direction {
    /// `sent` or `received`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Received => "received",
        }
    }
}

/// The head of one frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameHead {
    /// When it passed; kept in whole milliseconds, up to 49 days.
    pub at: Moment,
    /// Which way.
    pub direction: Direction,
    /// Its bytes on the wire; kept up to 1 GiB.
    pub len: usize,
    /// Its sequence number, if it has one; the low 32 bits are kept.
    pub sequence: Option<u64>,
}

/// A head in 12 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Packed {
    at_ms: u32,
    /// Bit 31: received; bit 30: it has a sequence; below: its length.
    word: u32,
    sequence: u32,
}

const RECEIVED: u32 = 1 << 31;
const SEQUENCED: u32 = 1 << 30;
const LEN: u32 = SEQUENCED - 1;

impl FrameHeads {
    /// Adds the newest and forgets the oldest.
    #[inline]
    pub fn push(&mut self, head: &FrameHead) {
        let packed = Packed::from(head);
        if self.ring.len() < KEPT {
            return self.ring.push(packed);
        }
        if let Some(oldest) = self.ring.get_mut(self.oldest) {
            *oldest = packed;
        }
        self.oldest = (self.oldest + 1) % KEPT;
    }

    /// Forgets all but the newest of an idle connection; there may be a hundred thousand of them.
    pub(crate) fn trim(&mut self) {
        self.ring.rotate_left(self.oldest);
        self.oldest = 0;
        self.ring.drain(..self.ring.len().saturating_sub(IDLE));
        self.ring.shrink_to(IDLE);
    }

    /// The heads kept, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = FrameHead> {
        let (newer, older) = self.ring.split_at_checked(self.oldest).unwrap_or_default();
        older.iter().chain(newer).map(Packed::head)
    }
}

impl PartialEq for FrameHeads {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for FrameHeads {}

impl fmt::Display for FrameHeads {
    /// One line for each head.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|head| writeln!(f, "{head}"))
    }
}

impl fmt::Display for FrameHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.at.0 / 1000;
        let sign = match self.direction {
            Direction::Sent => '>',
            Direction::Received => '<',
        };
        write!(f, "{:3}.{:03} s {sign} {} bytes", ms / 1000, ms % 1000, self.len)?;
        match self.sequence {
            Some(sequence) => write!(f, ", sequence {sequence}"),
            None => Ok(()),
        }
    }
}

impl From<&FrameHead> for Packed {
    #[inline]
    fn from(head: &FrameHead) -> Self {
        let mut word = u32::try_from(head.len).unwrap_or(LEN).min(LEN);
        if head.direction == Direction::Received {
            word |= RECEIVED;
        }
        if head.sequence.is_some() {
            word |= SEQUENCED;
        }
        let low = head.sequence.unwrap_or_default() & u64::from(u32::MAX);
        Self {
            at_ms: u32::try_from(head.at.0 / 1000).unwrap_or(u32::MAX),
            word,
            sequence: u32::try_from(low).unwrap_or(0),
        }
    }
}

impl Packed {
    fn head(&self) -> FrameHead {
        let direction =
            if self.word & RECEIVED == 0 { Direction::Sent } else { Direction::Received };
        FrameHead {
            at: Moment(u64::from(self.at_ms) * 1000),
            direction,
            len: usize::try_from(self.word & LEN).unwrap_or(usize::MAX),
            sequence: (self.word & SEQUENCED != 0).then_some(u64::from(self.sequence)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(number: u64) -> FrameHead {
        FrameHead {
            at: Moment(number * 1000),
            direction: Direction::Received,
            len: 10,
            sequence: Some(number),
        }
    }

    #[test]
    fn the_last_32_are_kept_in_their_order() {
        let mut heads = FrameHeads::default();
        assert_eq!(heads.iter().count(), 0);
        for number in 0..100 {
            heads.push(&head(number));
            let kept: Vec<u64> = heads.iter().filter_map(|head| head.sequence).collect();
            let oldest = (number + 1).saturating_sub(32);
            assert_eq!(kept, (oldest..=number).collect::<Vec<u64>>());
        }
        assert_eq!(heads.iter().last(), Some(head(99)));
        heads.trim();
        assert_eq!(heads.iter().collect::<Vec<_>>(), [98, 99].map(head));
    }

    #[test]
    fn heads_without_a_sequence_and_absurd_ones_are_kept_as_they_fit() {
        let mut heads = FrameHeads::default();
        heads.push(&FrameHead {
            at: Moment::NEVER,
            direction: Direction::Sent,
            len: usize::MAX,
            sequence: None,
        });
        let kept = FrameHead {
            at: Moment(u64::from(u32::MAX) * 1000),
            direction: Direction::Sent,
            len: (1 << 30) - 1,
            sequence: None,
        };
        assert_eq!(heads.iter().collect::<Vec<_>>(), [kept]);
        assert_eq!(heads.to_string(), "4294967.295 s > 1073741823 bytes\n");
        assert!(size_of::<FrameHeads>() <= 388);
    }
}
