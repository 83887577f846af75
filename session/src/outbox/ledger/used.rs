//! Of which lanes the ledger may hold something.

use crate::outbox::Priority;

/// A mark for each lane. One that is not marked is empty, and need not be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::outbox) struct Used(u8);

impl Used {
    pub(crate) const NONE: Self = Self(0);

    #[inline(always)]
    pub(crate) fn mark(&mut self, lane: Priority) {
        self.0 |= 1 << lane as u8;
    }

    pub(crate) fn clear(&mut self, lane: Priority) {
        self.0 &= !(1 << lane as u8);
    }

    pub(crate) fn has(self, lane: Priority) -> bool {
        self.0 & 1 << lane as u8 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_lane_has_its_mark() {
        let mut used = Used::NONE;
        used.mark(Priority::Control);
        used.mark(Priority::Normal);
        assert_eq!(Priority::ALL.map(|lane| used.has(lane)), [true, true, false]);
        used.clear(Priority::Normal);
        assert_eq!(Priority::ALL.map(|lane| used.has(lane)), [true, false, false]);
        used.clear(Priority::Control);
        assert_eq!(used, Used::NONE);
    }
}
