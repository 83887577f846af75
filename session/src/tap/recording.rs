//! A tap that remembers.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Tap, TapEvent};

/// Keeps the newest of what was tapped, within a bound of bytes.
#[derive(Debug)]
pub struct Recording {
    max_len: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    entries: VecDeque<(u64, Recorded)>,
    len: usize,
    dropped: u64,
}

/// One entry of a [`Recording`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Recorded {
    /// The connection came to be.
    Opened,
    /// Bytes that were read at once.
    Received(Vec<u8>),
    /// Bytes that were written at once.
    Sent(Vec<u8>),
    /// The peer has ended its direction.
    Ended,
    /// The connection is gone.
    Closed,
}

/// What an entry costs besides its bytes.
const ENTRY_LEN: usize = 32;

impl Recording {
    /// Keeps up to `max_len` bytes, of which each entry takes 32 besides its own; older entries
    /// make room for newer ones.
    #[must_use]
    pub fn new(max_len: usize) -> Self {
        Self { max_len, kept: Mutex::default() }
    }

    /// What is kept, oldest first, each with the number of its connection.
    #[must_use]
    pub fn entries(&self) -> Vec<(u64, Recorded)> {
        self.lock().entries.iter().cloned().collect()
    }

    /// How many older entries had to make room.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.lock().dropped
    }

    /// One line for each entry: `>` sent, `<` received, `#` anything else; then the number of the
    /// connection, and the bytes in hexadecimal.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for (number, entry) in &self.lock().entries {
            let (sign, bytes, word) = match entry {
                Recorded::Opened => ('#', &[][..], " opened"),
                Recorded::Received(bytes) => ('<', bytes.as_slice(), ""),
                Recorded::Sent(bytes) => ('>', bytes.as_slice(), ""),
                Recorded::Ended => ('#', &[][..], " ended"),
                Recorded::Closed => ('#', &[][..], " closed"),
            };
            // Writing to a string cannot fail.
            let _ = write!(text, "{sign} {number}{word}");
            for byte in bytes {
                let _ = write!(text, " {byte:02x}");
            }
            text.push('\n');
        }
        text
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tap for Recording {
    fn tapped(&self, connection: u64, event: TapEvent<'_>) {
        let entry = match event {
            TapEvent::Opened(_) => Recorded::Opened,
            TapEvent::Received(bytes) => Recorded::Received(bytes.to_vec()),
            TapEvent::Sent(bytes) => Recorded::Sent(bytes.to_vec()),
            TapEvent::Ended => Recorded::Ended,
            TapEvent::Closed => Recorded::Closed,
        };
        let mut kept = self.lock();
        kept.len += entry.len();
        kept.entries.push_back((connection, entry));
        while kept.len > self.max_len
            && let Some((_, oldest)) = kept.entries.pop_front()
        {
            kept.len -= oldest.len();
            kept.dropped += 1;
        }
    }
}

impl Recorded {
    fn len(&self) -> usize {
        match self {
            Self::Received(bytes) | Self::Sent(bytes) => ENTRY_LEN + bytes.len(),
            Self::Opened | Self::Ended | Self::Closed => ENTRY_LEN,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_holds_and_the_newest_stay() {
        let recording = Recording::new(3 * ENTRY_LEN + 6);
        for byte in 0..5_u8 {
            recording.tapped(1, TapEvent::Sent(&[byte, byte]));
        }
        let sent = |byte| (1, Recorded::Sent(vec![byte, byte]));
        assert_eq!(recording.entries(), [sent(2), sent(3), sent(4)]);
        assert_eq!(recording.dropped(), 2);
    }

    #[test]
    fn what_is_larger_than_the_bound_is_not_kept() {
        let recording = Recording::new(ENTRY_LEN + 1);
        recording.tapped(1, TapEvent::Received(&[0; 2]));
        assert_eq!((recording.entries(), recording.dropped()), (Vec::new(), 1));
    }
}
