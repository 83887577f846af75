//! What a chaos transport does, as data.

use std::time::Duration;

use crate::random::Random;

/// What happens to one connection. Everything in it follows from it and its seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChaosPlan {
    /// Where all draws come from.
    pub seed: u64,
    /// Each read and each write passes at most 1 to this many bytes, drawn anew each time.
    pub split: Option<u32>,
    /// Received bytes are glued together.
    pub coalesce: Option<Coalesce>,
    /// Reads and writes stand still now and then.
    pub stall: Option<Stall>,
    /// How the connection goes wrong for good; `None`: it does not.
    pub ending: Option<Ending>,
}

/// Received bytes wait for each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coalesce {
    /// Until so many are there,
    pub len: usize,
    /// or so much time has passed since the first of them.
    pub within: Duration,
}

/// A direction stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stall {
    /// Before so many of 100 reads and writes,
    pub percent: u32,
    /// for 1 ms to this long.
    pub at_most: Duration,
}

/// How a connection goes wrong for good. Lengths count bytes of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ending {
    /// Accepted, then closed at once: the first read is the end of the stream.
    AtOnce,
    /// `after` bytes are written, the last write perhaps in part; then both directions fail with
    /// `ConnectionReset`.
    Reset {
        /// Bytes written before it.
        after: u64,
    },
    /// After `after` received bytes the peer's direction ends; ours stays open.
    HalfClose {
        /// Bytes received before it.
        after: u64,
    },
    /// After `after` bytes in both directions together nothing comes any more, and what is written
    /// vanishes: 256 KiB are accepted, as a kernel would, and then no more. No end, no error.
    BlackHole {
        /// Bytes in both directions before it.
        after: u64,
    },
    /// One bit of the received byte number `at` is turned; the stream goes on.
    Corrupt {
        /// The place of the byte in the stream, from 0.
        at: u64,
    },
}

impl ChaosPlan {
    /// Nothing happens, until something is added.
    #[must_use]
    pub const fn calm(seed: u64) -> Self {
        Self { seed, split: None, coalesce: None, stall: None, ending: None }
    }

    /// A plan drawn from its seed: about half of them split (a third of these to single bytes), a
    /// third glue, a third stall for up to 2 s, and two of three end within the first 4 KiB.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        // Another sequence than that of the draws made while the plan runs.
        let mut random = Random::new(seed ^ 0x6c6f_6e67_6c69_6e6b);
        let split = random.chance(50).then(|| match random.below(3) {
            0 => 1,
            1 => 7,
            _ => 64,
        });
        let coalesce = random.chance(33).then(|| Coalesce {
            len: usize::try_from(2 + random.below(400)).unwrap_or(2),
            within: Duration::from_millis(u64::from(1 + random.below(200))),
        });
        let stall = random.chance(33).then(|| Stall {
            percent: 1 + random.below(20),
            at_most: Duration::from_millis(u64::from(1 + random.below(2000))),
        });
        let somewhere = u64::from(random.below(4096));
        let ending = match random.below(9) {
            0 => Some(Ending::AtOnce),
            1 | 2 => Some(Ending::Reset { after: somewhere }),
            3 => Some(Ending::HalfClose { after: somewhere }),
            4 => Some(Ending::BlackHole { after: somewhere }),
            5 => Some(Ending::Corrupt { at: somewhere }),
            _ => None,
        };
        Self { seed, split, coalesce, stall, ending }
    }

    /// The same, passing at most 1 to `most` bytes at once; 1 means byte by byte.
    #[must_use]
    pub const fn split(mut self, most: u32) -> Self {
        self.split = Some(most);
        self
    }

    /// The same, gluing received bytes together until there are `len`, or for `within`.
    #[must_use]
    pub const fn coalesce(mut self, len: usize, within: Duration) -> Self {
        self.coalesce = Some(Coalesce { len, within });
        self
    }

    /// The same, standing still before `percent` of 100 reads and writes for up to `at_most`.
    #[must_use]
    pub const fn stall(mut self, percent: u32, at_most: Duration) -> Self {
        self.stall = Some(Stall { percent, at_most });
        self
    }

    /// The same, going wrong as `ending` says.
    #[must_use]
    pub const fn ending(mut self, ending: Ending) -> Self {
        self.ending = Some(ending);
        self
    }
}
