//! Frames that are committed and wait for their acknowledgement or reply, in wire order.

mod waiting;

use std::collections::VecDeque;

use super::again::Again;
use super::keys::{KEYLESS, Keys};
use super::{Books, IDEMPOTENT, RESUMABLE};
use crate::event::Outcome;
use crate::moment::{Moment, Since};
use crate::protocol::Key;
use crate::sparse::Sparse;
pub(crate) use waiting::Waiting;

/// A forgotten key (deadline, dropped request) is left out for this many stamps.
pub(crate) const FORGOTTEN: usize = 1_024;

/// A peer that owes more replies without a key will not answer any more.
const OWED: usize = 16_384;

/// The table.
// In the order of use, as the `Outbox`.
#[repr(C)]
pub(crate) struct Pending<F, I> {
    open: usize,
    /// Number of the first entry.
    base: u64,
    /// With the stamp after which they are free again.
    forgotten: Sparse<(u64, u64)>,
    apart: Sparse<Unkeyed>,
    /// Of `entries`.
    keys: Keys,
    entries: VecDeque<Option<Waiting<F, I>>>,
    stamps: u64,
    counted: usize,
    /// Entries that went in several fragments.
    split: usize,
}

/// A reply without a key that is no entry's.
struct Unkeyed {
    /// It comes before that of the entry with this number.
    place: u64,
    what: Apart,
    /// The frame that it answers takes a place among those that may wait, since then.
    open: Since,
}

/// What a reply answers that comes in the order of the frames, and is not an entry's.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Apart {
    /// A heartbeat.
    Heartbeat,
    /// Another frame of the machine's own: restored, standing.
    Own,
    /// A frame that was given up at its deadline.
    Late,
}

/// What the next reply answers.
pub(crate) enum Next {
    Entry(u64),
    Apart(Apart),
}

impl<F, I> Pending<F, I> {
    pub(crate) fn new() -> Self {
        Self {
            open: 0,
            base: 0,
            forgotten: Sparse::new(),
            apart: Sparse::new(),
            keys: Keys::default(),
            entries: VecDeque::new(),
            stamps: 0,
            counted: 0,
            split: 0,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.open
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.open == 0
    }

    /// Nothing waits, and no key is left out: an empty table is as good.
    pub(crate) fn is_forgettable(&self) -> bool {
        self.open == 0 && self.forgotten.is_empty() && self.apart.is_empty()
    }

    /// Counted frames that are not acknowledged.
    pub(crate) fn counted(&self) -> usize {
        self.counted
    }

    /// The key must not be used now. Counts as one stamp when it may.
    pub(crate) fn is_taken(&mut self, key: Key) -> bool {
        while self.forgotten.get(0).is_some_and(|(_, until)| *until <= self.stamps) {
            self.forgotten.pop_front();
        }
        let taken = self.forgotten.iter().any(|(forgotten, _)| *forgotten == key.0)
            || (self.open > 0 && self.keys.contains(key.0))
            || self.find_part(key).is_some();
        self.stamps += u64::from(!taken);
        taken
    }

    fn forget(&mut self, key: Key) {
        if self.forgotten.len() >= FORGOTTEN {
            self.forgotten.pop_front();
        }
        self.forgotten.push_back((key.0, self.stamps + FORGOTTEN as u64));
    }

    /// All forgotten keys may be used again.
    pub(crate) fn forgive(&mut self) {
        self.forgotten.clear();
    }

    /// Adds a committed frame; its number.
    pub(crate) fn push(&mut self, key: Option<Key>, waiting: Waiting<F, I>) -> u64 {
        let number = self.base + self.entries.len() as u64;
        self.open += 1;
        self.counted += usize::from(waiting.counted);
        self.split += usize::from(!waiting.parts.is_empty());
        self.keys.push(key.map_or(KEYLESS, |key| key.0));
        self.entries.push_back(Some(waiting));
        number
    }

    pub(crate) fn get_mut(&mut self, number: u64) -> Option<&mut Waiting<F, I>> {
        let index = usize::try_from(number.checked_sub(self.base)?).ok()?;
        self.entries.get_mut(index)?.as_mut()
    }

    /// The frame with this key: its own, or that of its last fragment. Who has received the last
    /// one has received them all.
    #[inline]
    pub(crate) fn find(&self, key: Key) -> Option<u64> {
        match self.keys.position(key.0) {
            Some(index) => Some(self.base + index as u64),
            None => self.find_split(|parts| parts.back() == Some(&key)),
        }
    }

    /// The frame that has a fragment with this key, other than the first.
    pub(crate) fn find_part(&self, key: Key) -> Option<u64> {
        self.find_split(|parts| parts.iter().any(|part| *part == key))
    }

    #[inline]
    fn find_split(&self, is: impl Fn(&Sparse<Key>) -> bool) -> Option<u64> {
        if self.split == 0 {
            return None;
        }
        let mut numbered = (self.base..).zip(&self.entries);
        numbered.find_map(|(number, entry)| is(&entry.as_ref()?.parts).then_some(number))
    }

    /// The key of the frame, or of its last fragment.
    pub(crate) fn last_key_of(&self, number: u64) -> Option<Key> {
        let index = usize::try_from(number.checked_sub(self.base)?).ok()?;
        let entry = self.entries.get(index)?.as_ref();
        entry.and_then(|entry| entry.parts.back().copied()).or_else(|| self.key_of(number))
    }

    /// Leaves the keys of this frame out for a while. Whether it has any.
    pub(crate) fn forget_keys(&mut self, number: u64) -> bool {
        let Some(key) = self.key_of(number) else { return false };
        let parts = self
            .get_mut(number)
            .map_or_else(Vec::new, |waiting| waiting.parts.iter().copied().collect());
        self.forget(key);
        parts.into_iter().for_each(|part| self.forget(part));
        true
    }

    fn key_of(&self, number: u64) -> Option<Key> {
        let index = usize::try_from(number.checked_sub(self.base)?).ok()?;
        self.keys.get(index).map(Key)
    }

    /// A frame that is no entry was sent now, and its reply will carry no key.
    pub(crate) fn expect_apart(&mut self, what: Apart, now: Moment) {
        self.apart.push_back(Unkeyed { place: self.end(), what, open: Since::at(now) });
    }

    /// Replies without a key may come that are no entry's.
    pub(crate) fn has_apart(&self) -> bool {
        !self.apart.is_empty()
    }

    /// Since when frames that are no entries take places, oldest first.
    pub(crate) fn apart(&self) -> impl Iterator<Item = Moment> {
        self.apart.iter().filter_map(|unkeyed| unkeyed.open.get())
    }

    /// All heartbeats are answered, by what is no reply.
    pub(crate) fn answer_beats(&mut self) {
        self.apart.retain(|unkeyed| unkeyed.what != Apart::Heartbeat);
    }

    /// They take none any more; their replies may still come.
    pub(crate) fn give_places_back(&mut self) {
        self.apart.iter_mut().for_each(|unkeyed| unkeyed.open = Since::NOT);
    }

    /// The entry with this number, which had no key, was given up: its reply is still to come.
    pub(crate) fn expect_late(&mut self, number: u64) {
        let late = Unkeyed { place: number, what: Apart::Late, open: Since::NOT };
        self.apart.insert_behind(late, |unkeyed| unkeyed.place <= number);
    }

    /// More replies without a key are to come than anybody waits for.
    pub(crate) fn owes_too_many(&self) -> bool {
        self.apart.len() > OWED
    }

    /// What a reply without a key answers: replies come in the order of what was sent.
    pub(crate) fn next_reply(&mut self) -> Option<Next> {
        let mut numbered = (self.base..).zip(self.entries.iter().enumerate());
        let oldest = numbered.find_map(|(number, (index, entry))| {
            let entry = entry.as_ref()?;
            (entry.asks() || self.keys.get(index).is_none()).then_some(number)
        });
        match self.apart.get(0) {
            Some(unkeyed) if oldest.is_none_or(|number| unkeyed.place <= number) => {
                self.apart.pop_front().map(|unkeyed| Next::Apart(unkeyed.what))
            }
            _ => oldest.map(Next::Entry),
        }
    }

    /// The number and the age of the oldest that has the acknowledgement deadline. What counts for
    /// the window has the window's own.
    pub(crate) fn oldest(&self) -> Option<(u64, Moment)> {
        // The front is never a hole: holes are dropped as they come to the front.
        let mut numbered = (self.base..).zip(&self.entries);
        numbered.find_map(|(number, entry)| {
            let entry = entry.as_ref().filter(|entry| !entry.counted)?;
            Some((number, entry.since))
        })
    }

    /// When the oldest counted frame was committed.
    pub(crate) fn oldest_counted(&self) -> Option<Moment> {
        self.entries.iter().flatten().find(|entry| entry.counted).map(|entry| entry.since)
    }

    /// Takes one out.
    pub(crate) fn remove(&mut self, number: u64) -> Option<Waiting<F, I>> {
        self.take_out(number)
    }

    /// The same in line, where only a part of it is wanted: the rest need not be moved.
    #[inline(always)]
    pub(crate) fn take_out(&mut self, number: u64) -> Option<Waiting<F, I>> {
        let index = usize::try_from(number.checked_sub(self.base)?).ok()?;
        let waiting = self.entries.get_mut(index)?.take()?;
        self.close(index, waiting.counted, !waiting.parts.is_empty());
        Some(waiting)
    }

    /// The entry is a hole from now on.
    #[inline]
    fn close(&mut self, index: usize, counted: bool, split: bool) {
        self.keys.clear(index);
        self.open -= 1;
        self.counted -= usize::from(counted);
        self.split -= usize::from(split);
        while matches!(self.entries.front(), Some(None)) {
            self.entries.pop_front();
            self.keys.pop_front();
            self.base += 1;
        }
        if self.entries.is_empty() {
            // The next one takes the same place in memory.
            self.entries.clear();
            self.keys.rewind();
        }
    }

    /// Numbers of all that were committed before `number`, oldest first.
    pub(crate) fn before(&self, number: u64) -> std::ops::Range<u64> {
        self.base..number
    }

    /// The frame with this key is a request.
    pub(crate) fn asks(&self, key: Key) -> bool {
        let index = self.find(key).and_then(|number| usize::try_from(number - self.base).ok());
        let entry = index.and_then(|index| self.entries.get(index)?.as_ref());
        entry.is_some_and(Waiting::asks)
    }

    /// If it is a request, it counts for the window no more. Whether it is one.
    pub(crate) fn uncount_request(&mut self, number: u64) -> bool {
        let Some(waiting) = self.get_mut(number) else { return false };
        let asks = waiting.asks();
        if asks {
            self.count(number, false);
        }
        asks
    }

    /// Whether the entry counts for the window from now on.
    pub(crate) fn count(&mut self, number: u64, counts: bool) {
        let Some(waiting) = self.get_mut(number) else { return };
        let before = std::mem::replace(&mut waiting.counted, counts);
        self.counted = self.counted + usize::from(counts) - usize::from(before);
    }

    /// One past the newest.
    pub(crate) fn end(&self) -> u64 {
        self.base + self.entries.len() as u64
    }

    /// All of the frame's bytes were accepted. Whether it keeps its place in the queue. The frame is
    /// taken if it is still needed.
    pub(crate) fn written(&mut self, number: u64, frame: &mut Option<F>) -> bool {
        match self.get_mut(number) {
            Some(waiting) => {
                waiting.written = true;
                let keeps = waiting.keeps_place(true);
                if keeps && waiting.kept.is_none() {
                    waiting.kept = frame.take();
                } else if waiting.marks & IDEMPOTENT != 0 {
                    // The peer was quicker than the flush: it is half done already.
                    waiting.first = frame.take().map(Box::new);
                }
                keeps
            }
            None => false,
        }
    }

    /// The connection ended. What was resumable stays; what was idempotent is to be sent again, as
    /// it was first given; the rest is uncertain. Unwritten entries have been taken out before. A
    /// resumed peer may still answer what does not stay: those keys are left out as forgotten ones
    /// are, until it is known that it has not resumed. Frames that nobody needs go into `dropped`, to
    /// be dropped outside of every lock.
    pub(crate) fn lose(
        &mut self,
        resumable: bool,
        books: &mut Books,
        dropped: &mut Vec<F>,
    ) -> Vec<Again<F, I>> {
        let mut again = Vec::new();
        for number in self.base..self.end() {
            let Some(waiting) = self.get_mut(number) else { continue };
            if resumable && waiting.marks & RESUMABLE != 0 {
                continue;
            }
            self.forget_keys(number);
            let Some(mut waiting) = self.remove(number) else { continue };
            let epoch = waiting.epoch;
            if waiting.marks & IDEMPOTENT == 0 || waiting.kept.is_none() {
                dropped.extend(waiting.settle(Outcome::Uncertain { epoch }, books));
                dropped.extend(waiting.hand_out());
                continue;
            }
            let frame = waiting.first.take().map(|first| *first).or_else(|| waiting.kept.take());
            dropped.extend(waiting.kept.take());
            let Waiting { group, ticket, slot, lane, marks, len, .. } = waiting;
            let item = Again { frame, slot, group, ticket, lane, marks, len, pending: 0, epoch };
            again.push(item.requeue());
        }
        if !resumable {
            self.forgotten.clear();
        }
        self.apart.clear();
        again
    }

    /// Settles everything as uncertain: the session is over. Frames go into `dropped`, as above.
    pub(crate) fn settle_all(&mut self, books: &mut Books, dropped: &mut Vec<F>) {
        for number in self.base..self.end() {
            if let Some(mut waiting) = self.remove(number) {
                let epoch = waiting.epoch;
                dropped.extend(waiting.settle(Outcome::Uncertain { epoch }, books));
                dropped.extend(waiting.hand_out());
            }
        }
        debug_assert_eq!((self.open, self.counted), (0, 0));
    }
}
