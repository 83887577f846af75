//! The task's side of the lanes: what it has taken, committed, and not yet seen accepted.

mod after;
mod lanes;
mod taken;
mod used;

use std::collections::VecDeque;

use longlink_codec_core::EncodeError;

use lanes::{commit_lane, regrow, table};
use taken::Taken;
use used::Used;

use super::again::Again;
use super::lane::{Lane, find};
use super::pending::{Pending, Waiting};
use super::{Books, Priority};
use crate::event::Outcome;
use crate::moment::Moment;
use crate::protocol::Key;
use crate::sparse::Sparse;

/// Who stamps and encodes. User code runs there, outside of every lock.
pub(crate) trait Commit<F, I> {
    /// One frame; `asks`: somebody waits for its reply.
    fn frame(
        &mut self,
        frame: &mut F,
        asks: bool,
        pending: &mut Option<Box<Pending<F, I>>>,
    ) -> Verdict;

    /// The frame was committed; it is one of the last.
    fn note(&mut self, frame: &F, len: usize);
}

/// What became of one frame that was to be committed.
pub(crate) enum Verdict {
    /// So many bytes of it are in the buffer, and it waits for nothing.
    Encoded(usize),
    /// It waits for an acknowledgement or a reply.
    Awaits(Awaited),
    /// It did not fit.
    Unencodable(EncodeError),
    /// No more for now: a window is full.
    Stop,
}

/// A frame in the buffer that waits.
pub(crate) struct Awaited {
    pub(crate) len: usize,
    pub(crate) key: Option<Key>,
    /// It counts for the acknowledgement window.
    pub(crate) counted: bool,
    /// The keys of its fragments after the first.
    pub(crate) parts: Sparse<Key>,
}

/// What has been taken from the lanes. Exists only while something is under way.
// In the order of use, as the `Outbox`.
#[repr(C)]
pub(crate) struct Ledger<F, I> {
    /// Bytes in the buffer that the transport has not accepted, less `partial`.
    under_way: usize,
    /// Accepted bytes of the frame at the front.
    partial: usize,
    /// A window stopped the last commit.
    stopped: bool,
    /// Lanes of which something was taken, and is still here.
    pub(in crate::outbox) used: Used,
    again_committed: usize,
    again: VecDeque<Again<F, I>>,
    pub(crate) books: Books,
    /// What stands in the buffer, in wire order.
    runs: VecDeque<Run>,
    pub(crate) lanes: [Taken<F, I>; 3],
}

/// Neighbours on the wire.
enum Run {
    /// Bytes of the machine's own frames.
    Own(usize),
    /// Frames of one lane.
    Lane(Priority, Neighbours),
    /// Frames that are sent once more.
    Again(usize),
}

/// Frames of one lane, one behind the other.
#[derive(Default)]
struct Neighbours {
    /// How many, with those that were settled before the commit and have no bytes.
    count: usize,
    /// How many were encoded.
    encoded: usize,
    /// Their bytes.
    bytes: usize,
    /// Somebody wants to know more of one of them than its receipt says, or it waits.
    watched: bool,
}

impl<F, I> Ledger<F, I> {
    pub(crate) fn new() -> Self {
        Self {
            under_way: 0,
            partial: 0,
            stopped: false,
            used: Used::NONE,
            again_committed: 0,
            again: VecDeque::new(),
            books: Books::default(),
            runs: VecDeque::new(),
            lanes: [Taken::new(), Taken::new(), Taken::new()],
        }
    }

    /// Nothing is taken, nothing is under way.
    pub(crate) fn is_idle(&self) -> bool {
        self.under_way == 0 && self.again.is_empty() && !self.has_work()
    }

    /// The transport has accepted everything.
    pub(crate) fn is_all_written(&self) -> bool {
        self.under_way == 0
    }

    /// What is left may not be committed before a window opens.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Something could be committed.
    pub(crate) fn has_work(&self) -> bool {
        self.again_committed < self.again.len()
            || (self.used != Used::NONE && self.lanes.iter().any(Taken::has_uncommitted))
    }

    /// Takes the whole lane, if all that was taken of it before is settled.
    pub(crate) fn take(&mut self, priority: Priority, lane: &mut Lane<F, I>) -> bool {
        let takes = priority.of(&mut self.lanes).take(lane);
        if takes {
            self.used.mark(priority);
        }
        takes
    }

    /// Starts the time to live of what is not committed of one lane; the earliest end among it.
    pub(crate) fn look_at(&mut self, priority: Priority, now: Moment) -> Moment {
        priority.of(&mut self.lanes).look(now)
    }

    /// `len` bytes of own frames were appended to the buffer.
    pub(crate) fn own(&mut self, len: usize) {
        self.under_way += len;
        match self.runs.back_mut() {
            Some(Run::Own(bytes)) => *bytes += len,
            _ => self.runs.push_back(Run::Own(len)),
        }
    }

    pub(crate) fn take_again(&mut self, again: VecDeque<Again<F, I>>) {
        self.again.extend(again);
    }

    /// A frame behind the line was cancelled by its handle, which has settled it.
    pub(crate) fn cancel(&mut self, priority: Priority, ticket: u64) -> Option<F> {
        let taken = priority.of(&mut self.lanes);
        let entry = find(&mut taken.entries, ticket)?;
        let frame = entry.frame.take()?;
        if let Some(slot) = entry.slot.take() {
            slot.fail(Outcome::Cancelled);
        }
        self.books.freed.one(entry.clear());
        Some(frame)
    }

    /// Decides what the next commit of `room` bytes may take; the first tickets that may still be
    /// cancelled after that. All that is accepted has `bytes`.
    pub(crate) fn draw_line(&mut self, room: usize, bytes: usize) -> [u64; 3] {
        let mut used = 0usize;
        Priority::ALL.map(|priority| {
            if !self.used.has(priority) {
                return u64::MAX;
            }
            let taken = priority.of(&mut self.lanes);
            taken.line = taken.committed;
            if bytes < room {
                taken.line = taken.entries.len();
                return taken.line_ticket();
            }
            for entry in taken.entries.iter().skip(taken.committed) {
                if used >= room {
                    break;
                }
                used += entry.len();
                taken.line += 1;
            }
            taken.line_ticket()
        })
    }

    /// The same while nothing may be committed.
    pub(crate) fn committed_tickets(&mut self) -> [u64; 3] {
        self.lanes.each_mut().map(|taken| {
            taken.line = taken.committed;
            taken.line_ticket()
        })
    }

    /// Stamps and encodes up to `room` bytes, strictly by priority, not beyond the line. User code
    /// runs here, outside of every lock. Whether a window stopped it.
    #[inline]
    pub(crate) fn commit(
        &mut self,
        room: usize,
        (now, epoch): (Moment, u32),
        pending: &mut Option<Box<Pending<F, I>>>,
        commit: &mut impl Commit<F, I>,
    ) -> bool {
        let (mut used, mut stopped) = (0, false);
        self.stopped = false;
        for priority in Priority::ALL {
            if self.again_committed < self.again.len()
                && self.commit_again(priority, &mut used, room, (now, epoch), pending, commit)
            {
                stopped = true;
                break;
            }
            if !self.used.has(priority) {
                continue;
            }
            let (taken, books) = (priority.of(&mut self.lanes), &mut self.books);
            let from = taken.committed;
            let room = room.saturating_sub(used);
            let neighbours;
            (neighbours, stopped) =
                commit_lane(taken, books, room, (now, epoch, priority), pending, commit);
            used += neighbours.bytes;
            taken.note_last(from, commit);
            if neighbours.count > 0 {
                self.runs.push_back(Run::Lane(priority, neighbours));
            }
            if stopped {
                break;
            }
        }
        self.under_way += used;
        if used == 0 && self.under_way == 0 {
            // Nothing but holes (cancelled, unencodable): nothing will be written for them.
            self.written(0, epoch, pending);
        }
        stopped
    }

    /// A window stopped the commit.
    pub(crate) fn stop(&mut self) {
        self.stopped = true;
    }

    /// Starts the time to live of all that is not committed; the earliest end among them.
    #[cold]
    pub(crate) fn look(&mut self, now: Moment) -> Moment {
        self.lanes.iter_mut().map(|taken| taken.look(now)).min().unwrap_or(Moment::NEVER)
    }

    #[cold]
    fn commit_again(
        &mut self,
        priority: Priority,
        used: &mut usize,
        room: usize,
        (now, epoch): (Moment, u32),
        pending: &mut Option<Box<Pending<F, I>>>,
        commit: &mut dyn Commit<F, I>,
    ) -> bool {
        let from = self.again_committed;
        let mut stopped = false;
        while let Some(item) = self.again.get_mut(self.again_committed)
            && item.lane == priority
            && *used < room
        {
            let Some(frame) = item.frame.as_mut() else { break };
            let asks = item.slot.as_ref().is_some_and(|slot| slot.asks());
            match commit.frame(frame, asks, pending) {
                Verdict::Encoded(len) => {
                    *used += len;
                    regrow(&mut self.books, &mut item.len, len);
                }
                Verdict::Awaits(Awaited { len, key, counted, parts }) => {
                    *used += len;
                    regrow(&mut self.books, &mut item.len, len);
                    let waiting = Waiting {
                        group: item.group.clone(),
                        ticket: item.ticket,
                        slot: item.slot.take(),
                        kept: None,
                        first: None,
                        since: now,
                        lane: priority,
                        marks: item.marks,
                        len: item.len,
                        epoch,
                        counted,
                        written: false,
                        parts,
                    };
                    item.pending = table(pending).push(key, waiting);
                }
                Verdict::Unencodable(_) => {
                    // It left in an epoch before, so nobody can say that nothing left us.
                    let outcome = Outcome::Uncertain { epoch: item.epoch };
                    if let Some(item) = self.again.remove(self.again_committed) {
                        self.books.has_counts = true;
                        self.books.freed.one(item.len());
                        drop(item.settle(outcome, &mut self.books.counts));
                    }
                    continue;
                }
                Verdict::Stop => {
                    stopped = true;
                    break;
                }
            }
            if let Some(frame) = &item.frame {
                commit.note(frame, item.len());
            }
            self.again_committed += 1;
        }
        if self.again_committed > from {
            self.runs.push_back(Run::Again(self.again_committed - from));
        }
        stopped
    }
}
