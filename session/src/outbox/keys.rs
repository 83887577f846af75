//! The keys of what is pending, in wire order.

use std::collections::VecDeque;

/// No frame has this key: it was stamped without one.
pub(crate) const KEYLESS: u64 = u64::MAX;

/// Apart from the entries that they belong to, so that a search touches little memory. Keys grow
/// from stamp to stamp, and start again from below when their field is full: then a new one is
/// known to be free without a search, however many are pending.
#[derive(Default)]
pub(crate) struct Keys {
    keys: VecDeque<u64>,
    /// So many at the end grew without a start from below.
    run: usize,
    /// No key of the run is greater.
    top: u64,
    /// No key before the run is less.
    floor: u64,
}

impl Keys {
    pub(crate) fn push(&mut self, key: u64) {
        if self.run > 0 && key <= self.top {
            self.floor = self.keys.iter().copied().min().unwrap_or(KEYLESS);
            self.run = 0;
        }
        if key != KEYLESS {
            self.top = key;
        }
        self.keys.push_back(key);
        self.run += 1;
    }

    pub(crate) fn pop_front(&mut self) {
        self.keys.pop_front();
        self.run = self.run.min(self.keys.len());
        if self.run == 0 {
            self.top = 0;
        }
    }

    /// There is none: the next one takes the place in memory of the first.
    pub(crate) fn rewind(&mut self) {
        debug_assert!(self.keys.is_empty(), "all are taken out");
        self.keys.clear();
    }

    pub(crate) fn get(&self, index: usize) -> Option<u64> {
        self.keys.get(index).copied().filter(|key| *key != KEYLESS)
    }

    /// What had it is settled.
    pub(crate) fn clear(&mut self, index: usize) {
        if let Some(key) = self.keys.get_mut(index) {
            *key = KEYLESS;
        }
    }

    pub(crate) fn position(&self, key: u64) -> Option<usize> {
        if key == KEYLESS {
            return None;
        }
        self.keys.iter().position(|other| *other == key)
    }

    pub(crate) fn contains(&self, key: u64) -> bool {
        let is_above = key > self.top;
        let is_below = self.run == self.keys.len() || key < self.floor;
        key != KEYLESS && !(is_above && is_below) && self.keys.contains(&key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// Keys of a small field that starts again, holes, keyless frames, now and then a jump.
    #[test]
    fn they_are_found_as_by_a_search() {
        let mut random = Random::new(7);
        let (mut keys, mut plain) = (Keys::default(), VecDeque::new());
        let mut next = 0;
        for _ in 0..20_000 {
            match random.below(8) {
                0..=3 if plain.len() < 40 => {
                    next = if random.below(50) == 0 { random.below(60) } else { (next + 1) % 60 };
                    let key = if random.below(9) == 0 { KEYLESS } else { u64::from(next) };
                    keys.push(key);
                    plain.push_back(key);
                }
                4 if !plain.is_empty() => {
                    let index = random.below(u32::try_from(plain.len()).unwrap()) as usize;
                    keys.clear(index);
                    plain[index] = KEYLESS;
                }
                _ => {
                    keys.pop_front();
                    plain.pop_front();
                }
            }
            for key in 0..61 {
                assert_eq!(keys.contains(key), plain.contains(&key), "{key} in {plain:?}");
                assert_eq!(keys.position(key), plain.iter().position(|other| *other == key));
            }
            // A peer may name any number; this one is nobody's.
            assert_eq!((keys.contains(KEYLESS), keys.position(KEYLESS)), (false, None));
        }
    }
}
