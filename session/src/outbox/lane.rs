//! One lane: entries in the order of their tickets, and the groups that hold their outcomes.

use std::sync::Arc;

use super::ledger::Ledger;
use super::slot::Slot;
use super::{Freed, Manner, Priority, count, expiry};
use crate::event::{Counts, Outcome};
use crate::moment::Moment;
use crate::receipt::{CELLS, Group, Kept, Receipt};
use crate::sparse::Sparse;

/// One accepted send.
pub(crate) struct Entry<F, I> {
    /// `None`: settled already (cancelled, expired, unencodable). It keeps its ticket.
    pub(crate) frame: Option<F>,
    pub(crate) slot: Option<Arc<Slot<I>>>,
    /// When it expires; zero before the task has looked at it.
    pub(crate) expires: Moment,
    /// Given by its lane.
    pub(crate) ticket: u64,
    /// Its number in the pending table, once it is committed and waits.
    pub(crate) pending: u64,
    pub(crate) time_to_live_ms: u32,
    /// Before the commit what `encoded_len` said, then the bytes on the wire.
    pub(crate) len: u32,
    pub(crate) marks: u8,
}

/// The entry is not in the pending table.
pub(crate) const NOT_PENDING: u64 = u64::MAX;

impl<F, I> Entry<F, I> {
    #[inline]
    pub(crate) fn new(
        frame: Option<F>,
        len: usize,
        manner: Manner,
        slot: Option<Arc<Slot<I>>>,
    ) -> Self {
        Self {
            frame,
            slot,
            expires: Moment(0),
            ticket: 0,
            pending: NOT_PENDING,
            time_to_live_ms: manner.time_to_live_ms,
            len: u32::try_from(len).unwrap_or(u32::MAX),
            marks: manner.marks,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.len as usize
    }

    /// Its bytes count no more.
    pub(crate) fn clear(&mut self) -> usize {
        std::mem::take(&mut self.len) as usize
    }

    pub(crate) fn look(&mut self, now: Moment) -> Moment {
        if self.frame.is_none() {
            return Moment::NEVER;
        }
        if self.expires == Moment(0) {
            self.expires = expiry(now, self.time_to_live_ms);
        }
        self.expires
    }

    /// Settles it without a byte sent; the frame is handed out to be dropped elsewhere.
    pub(crate) fn settle(
        &mut self,
        groups: &[Arc<Group>],
        outcome: Outcome,
        counts: &mut Counts,
    ) -> Option<F> {
        let frame = self.frame.take()?;
        count(counts, &outcome);
        if let Some(group) = group_at(groups, self.ticket) {
            group.settle(self.ticket, outcome);
        }
        if let Some(slot) = self.slot.take() {
            slot.fail(outcome);
        }
        Some(frame)
    }
}

/// The lanes of an outbox, and what is known of them; made by the first send, and given back when
/// the session has been idle.
pub(crate) struct Lanes<F, I> {
    pub(super) all: [Lane<F, I>; 3],
    /// Tickets before these are taken by the task for good.
    pub(super) lines: [u64; 3],
    /// Cancelled in the ledger, behind the line.
    pub(super) cancels: Sparse<(Priority, u64)>,
    /// No entry expires before this.
    pub(super) next_expiry: Moment,
}

impl<F, I> Lanes<F, I> {
    pub(super) fn new(tickets: &[u64; 3]) -> Self {
        Self {
            all: tickets.map(Lane::new),
            lines: [u64::MAX; 3],
            cancels: Sparse::new(),
            next_expiry: Moment::NEVER,
        }
    }

    /// Takes what was cancelled behind the line out of the ledger.
    pub(super) fn apply_cancels(&mut self, ledger: &mut Ledger<F, I>) -> Vec<F> {
        let cancels = self.cancels.take().into_iter();
        cancels.filter_map(|(priority, ticket)| ledger.cancel(priority, ticket)).collect()
    }
}

/// What handles push into.
pub(crate) struct Lane<F, I> {
    /// In the order of their tickets. What is settled leaves a hole, which is swept out later.
    entries: Vec<Entry<F, I>>,
    /// Ticket of the next one to come.
    next: u64,
    /// Those of all entries, and the one that `next` goes on using.
    groups: Vec<Arc<Group>>,
    /// Entries that the task has looked at.
    seen: usize,
    /// Entries that are settled.
    holes: usize,
}

/// So many holes may stay; more are swept out when they are the most of the entries. Tests sweep all
/// the time.
const HOLES: usize = if cfg!(test) { 1 } else { 64 };

impl<F, I> Lane<F, I> {
    pub(crate) fn new(next: u64) -> Self {
        Self { entries: Vec::new(), next, groups: Vec::new(), seen: 0, holes: 0 }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The task has not looked at all of it.
    pub(crate) fn has_unseen(&self) -> bool {
        self.seen < self.entries.len()
    }

    pub(crate) fn next_ticket(&self) -> u64 {
        self.next
    }

    /// What is kept of it. The entry is made where it will stand.
    #[inline(always)]
    pub(crate) fn push<R: Kept>(
        &mut self,
        lane: Priority,
        entry: impl FnOnce() -> Entry<F, I>,
    ) -> R {
        let ticket = self.next;
        self.next += 1;
        self.entries.push(Entry { ticket, ..entry() });
        let group = match self.groups.last() {
            Some(group) if !ticket.is_multiple_of(CELLS) => group,
            _ => self.groups.push_mut(Group::new(ticket / CELLS)),
        };
        R::of(ticket, group, lane)
    }

    /// Entries and groups.
    #[cfg(test)]
    pub(crate) fn held(&self) -> (usize, usize) {
        (self.entries.len(), self.groups.len())
    }

    /// Takes all of them, one behind the other.
    pub(crate) fn push_all(&mut self, entries: &mut Vec<Entry<F, I>>) {
        let first = self.next.div_ceil(CELLS);
        for entry in entries.iter_mut() {
            entry.ticket = self.next;
            self.next += 1;
        }
        self.entries.append(entries);
        self.groups.extend((first..self.next.div_ceil(CELLS)).map(Group::new));
    }

    /// The receipt of the newest entry.
    pub(crate) fn newest(&self, lane: Priority) -> Option<Receipt> {
        let ticket = self.next_ticket().checked_sub(1)?;
        Some(Receipt { group: self.groups.last()?.clone(), ticket, lane })
    }

    /// The receipt came from this lane since its last trim.
    pub(crate) fn owns(&self, receipt: &Receipt) -> bool {
        receipt.ticket < self.next_ticket()
    }

    pub(crate) fn entry_mut(&mut self, ticket: u64) -> Option<&mut Entry<F, I>> {
        find(&mut self.entries, ticket)
    }

    /// So many more of the entries are settled. While the link is down nothing is taken, and what
    /// expires or is cancelled meanwhile must not pile up.
    pub(crate) fn settled(&mut self, count: usize) {
        self.holes += count;
        if self.holes > HOLES && self.holes * 2 > self.entries.len() {
            self.sweep();
        }
    }

    /// Leaves the holes out, and the groups of which nothing else is left.
    #[cold]
    fn sweep(&mut self) {
        let is_open = |entry: &Entry<F, I>| entry.frame.is_some();
        self.seen = self.entries.iter().take(self.seen).filter(|entry| is_open(entry)).count();
        self.entries.retain(is_open);
        self.holes = 0;
        let mut used = self.entries.iter().map(|entry| entry.ticket).chain([self.next]).peekable();
        self.groups.retain(|group| {
            while used.next_if(|ticket| ticket / CELLS < group.number).is_some() {}
            used.peek().is_some_and(|ticket| ticket / CELLS == group.number)
        });
    }

    /// Starts the time to live of new entries; the earliest end among them.
    pub(crate) fn look(&mut self, now: Moment) -> Moment {
        let mut next = Moment::NEVER;
        for entry in self.entries.iter_mut().skip(self.seen) {
            next = next.min(entry.look(now));
        }
        self.seen = self.entries.len();
        next
    }

    pub(crate) fn expire(
        &mut self,
        now: Moment,
        counts: &mut Counts,
        dropped: &mut Vec<F>,
    ) -> (Freed, Moment) {
        let (freed, next) = expire(&mut self.entries, 0, &self.groups, now, counts, dropped);
        self.settled(freed.frames);
        (freed, next)
    }

    pub(crate) fn settle_all(
        &mut self,
        outcome: Outcome,
        counts: &mut Counts,
        dropped: &mut Vec<F>,
    ) -> Freed {
        let mut freed = Freed::default();
        for entry in &mut self.entries {
            let len = entry.len();
            if let Some(frame) = entry.settle(&self.groups, outcome, counts) {
                freed.one(len);
                dropped.push(frame);
            }
        }
        // A group goes on being used by the next ticket of its 64.
        self.entries.clear();
        (self.seen, self.holes) = (0, 0);
        let last = self.groups.pop().filter(|_| !self.next.is_multiple_of(CELLS));
        self.groups.clear();
        self.groups.extend(last);
        freed
    }

    /// Hands everything over.
    pub(crate) fn swap(&mut self, entries: &mut Vec<Entry<F, I>>, groups: &mut Vec<Arc<Group>>) {
        groups.clear();
        std::mem::swap(&mut self.entries, entries);
        std::mem::swap(&mut self.groups, groups);
        (self.seen, self.holes) = (0, 0);
        if !self.next.is_multiple_of(CELLS) {
            self.groups.extend(groups.last().cloned());
        }
    }

    /// Puts entries back before its own.
    pub(crate) fn put_back(&mut self, mut back: Vec<Entry<F, I>>, groups: &[Arc<Group>]) {
        back.append(&mut self.entries);
        self.entries = back;
        self.holes = self.entries.iter().filter(|entry| entry.frame.is_none()).count();
        // What comes back may never have been looked at.
        self.seen = 0;
        let mut all = groups.to_vec();
        // The first own group may be the last of those that come back.
        let shared = all.last().zip(self.groups.first()).is_some_and(|(a, b)| Arc::ptr_eq(a, b));
        all.extend(self.groups.drain(..).skip(usize::from(shared)));
        self.groups = all;
        self.settled(0);
    }
}

/// The entry with this ticket.
pub(super) fn find<F, I>(entries: &mut [Entry<F, I>], ticket: u64) -> Option<&mut Entry<F, I>> {
    let index = entries.partition_point(|entry| entry.ticket < ticket);
    entries.get_mut(index).filter(|entry| entry.ticket == ticket)
}

/// The group of `ticket`: nearly always as far behind the first one as their numbers say, unless some
/// were swept out between.
#[inline]
pub(crate) fn group_at(groups: &[Arc<Group>], ticket: u64) -> Option<&Arc<Group>> {
    let number = ticket / CELLS;
    let index = usize::try_from(number.checked_sub(groups.first()?.number)?).ok()?;
    let found = groups.get(index).filter(|group| group.number == number);
    found.or_else(|| {
        let index = groups.binary_search_by_key(&number, |group| group.number);
        groups.get(index.ok()?)
    })
}

/// Expires entries from index `from` on; what became free, and when the next one expires.
pub(crate) fn expire<F, I>(
    entries: &mut [Entry<F, I>],
    from: usize,
    groups: &[Arc<Group>],
    now: Moment,
    counts: &mut Counts,
    dropped: &mut Vec<F>,
) -> (Freed, Moment) {
    let (mut freed, mut next) = (Freed::default(), Moment::NEVER);
    for entry in entries.iter_mut().skip(from) {
        if entry.frame.is_none() {
            continue;
        }
        if entry.look(now) > now {
            next = next.min(entry.expires);
            continue;
        }
        freed.one(entry.clear());
        dropped.extend(entry.settle(groups, Outcome::Expired, counts));
    }
    (freed, next)
}
