//! What follows the commit: written, rewound, in doubt.

use std::sync::Arc;

use super::Ledger;
use super::Neighbours;
use super::Run;
use super::lanes::table;
use super::lanes::take_pending;
use super::lanes::written_again;
use super::lanes::written_lane;
use crate::event::Outcome;
use crate::outbox::IDEMPOTENT;
use crate::outbox::Outbox;
use crate::outbox::again::Again;
use crate::outbox::lane::Entry;
use crate::outbox::lane::NOT_PENDING;
use crate::outbox::lane::group_at;
use crate::outbox::pending::Pending;
use crate::receipt::{CELLS, Group};

impl<F, I> Ledger<F, I> {
    /// `count` more bytes of the buffer were accepted (and flushed) by the transport.
    pub(crate) fn written(
        &mut self,
        count: usize,
        epoch: u32,
        pending: &mut Option<Box<Pending<F, I>>>,
    ) {
        let mut left = self.partial + count;
        self.under_way = self.under_way.saturating_sub(count);
        while let Some(run) = self.runs.front_mut() {
            let done = match run {
                Run::Own(bytes) => {
                    let part = left.min(*bytes);
                    *bytes -= part;
                    left -= part;
                    *bytes == 0
                }
                Run::Lane(priority, run) => {
                    let taken = priority.of(&mut self.lanes);
                    let from = taken.written;
                    written_lane(taken, run, &mut left, &mut self.books, pending, epoch);
                    taken.settle_written(from, taken.written, epoch);
                    let done = run.count == 0;
                    taken.drop_frames(from);
                    if taken.recycle() {
                        self.used.clear(*priority);
                    }
                    done
                }
                Run::Again(frames) => {
                    let (again, books) = (&mut self.again, &mut self.books);
                    let done = written_again(again, frames, &mut left, books, pending, epoch);
                    self.again_committed -= done;
                    *frames == 0
                }
            };
            if !done {
                break;
            }
            self.runs.pop_front();
        }
        if self.runs.is_empty() {
            // The next one takes the same place in memory.
            self.runs.clear();
        }
        self.partial = left;
    }

    /// The connection ended: what had no byte out goes back to the head of its lane, in order; the
    /// frame that was partly out is uncertain, or sent once more. Frames that were cancelled
    /// meanwhile are handed out, to be dropped outside of the lock.
    pub(crate) fn rewind(
        &mut self,
        outbox: &mut Outbox<F, I>,
        epoch: u32,
        resumable: bool,
        pending: &mut Option<Box<Pending<F, I>>>,
    ) -> Vec<F> {
        let mut cancelled = outbox.apply_cancels(self);
        let torn = self.tear(epoch, pending, &mut cancelled);
        for taken in &mut self.lanes {
            for entry in taken.entries.iter_mut().take(taken.committed).skip(taken.written) {
                if entry.pending == NOT_PENDING {
                    if let Some(slot) = &entry.slot {
                        slot.rewound();
                    }
                    continue;
                }
                match take_pending(pending, &mut entry.pending) {
                    Some(mut waiting) => {
                        cancelled.extend(waiting.hand_out());
                        entry.slot = waiting.reopen();
                        if let Some(slot) = &entry.slot {
                            slot.rewound();
                        }
                    }
                    // Its deadline passed while it was being written: it has its outcome, and must
                    // not be sent again.
                    None => {
                        cancelled.extend(entry.frame.take());
                        self.books.freed.one(entry.clear());
                    }
                }
            }
        }
        for mut item in std::mem::take(&mut self.again) {
            let was_pending = item.pending != NOT_PENDING;
            match take_pending(pending, &mut item.pending) {
                Some(mut waiting) => {
                    cancelled.extend(waiting.hand_out());
                    item.slot = waiting.slot;
                    item.group.awaits(item.ticket);
                }
                None if was_pending => {
                    cancelled.extend(item.frame.take());
                    self.books.freed.one(item.len());
                    continue;
                }
                None => {}
            }
            self.again.push_back(item);
        }
        let mut again = match pending {
            Some(pending) => pending.lose(resumable, &mut self.books, &mut cancelled),
            None => Vec::new(),
        };
        again.extend(torn);
        again.extend(self.again.drain(..));
        if !again.is_empty() {
            outbox.put_first(again);
        }
        self.put_back(outbox);
        let books = std::mem::take(&mut self.books);
        *self = Self { books, ..Self::new() };
        cancelled
    }

    /// `count` bytes of the buffer may have left, and nobody will ever say: every frame that has
    /// one of them is uncertain, or sent once more. Frames that nobody needs go into `dropped`.
    pub(crate) fn doubt(
        &mut self,
        count: usize,
        epoch: u32,
        pending: &mut Option<Box<Pending<F, I>>>,
        dropped: &mut Vec<F>,
    ) -> Vec<Again<F, I>> {
        let (mut left, mut torn) = (self.partial + count, Vec::new());
        while left > 0
            && let Some(run) = self.runs.front_mut()
        {
            let (len, ends) = match run {
                Run::Own(bytes) => (*bytes, true),
                Run::Lane(priority, Neighbours { count: frames, .. }) => {
                    let lane = priority.of(&mut self.lanes);
                    *frames = frames.saturating_sub(lane.skip_holes());
                    if *frames == 0 {
                        // Nothing but holes was left of the run: what follows was not committed.
                        self.runs.pop_front();
                        continue;
                    }
                    *frames -= 1;
                    let len = lane.entries.get(lane.written).map_or(0, Entry::len);
                    (len, *frames == 0)
                }
                Run::Again(frames) => {
                    *frames -= 1;
                    (self.again.front().map_or(0, Again::len), *frames == 0)
                }
            };
            self.partial = 1;
            torn.extend(self.tear(epoch, pending, dropped));
            left = left.saturating_sub(len);
            if ends {
                self.runs.pop_front();
            }
        }
        self.partial = 0;
        torn
    }

    /// Settles the frame that is partly out.
    pub(super) fn tear(
        &mut self,
        epoch: u32,
        pending: &mut Option<Box<Pending<F, I>>>,
        dropped: &mut Vec<F>,
    ) -> Option<Again<F, I>> {
        if self.partial == 0 {
            return None;
        }
        match self.runs.front()? {
            Run::Own(_) => None,
            Run::Lane(priority, _) => {
                let priority = *priority;
                let taken = priority.of(&mut self.lanes);
                taken.skip_holes();
                let entry = taken.entries.get_mut(taken.written)?;
                let ticket = entry.ticket;
                let group = group_at(&taken.groups, ticket)?.clone();
                taken.written += 1;
                let (mut frame, len, marks) = (entry.frame.take(), entry.len, entry.marks);
                if entry.pending != NOT_PENDING {
                    if !table(pending).written(entry.pending, &mut frame) {
                        self.books.freed.one(len as usize);
                    }
                    dropped.extend(frame);
                    return None;
                }
                let slot = entry.slot.take();
                let item = Again {
                    frame,
                    slot,
                    group,
                    ticket,
                    lane: priority,
                    marks,
                    len,
                    pending: 0,
                    epoch,
                };
                if marks & IDEMPOTENT != 0 {
                    return Some(item.requeue());
                }
                self.books.has_counts = true;
                self.books.freed.one(len as usize);
                dropped.extend(item.settle(Outcome::Uncertain { epoch }, &mut self.books.counts));
                None
            }
            Run::Again(_) => {
                let mut item = self.again.pop_front()?;
                self.again_committed -= 1;
                item.epoch = epoch;
                if item.pending == NOT_PENDING {
                    return Some(item.requeue());
                }
                let len = item.len();
                if !table(pending).written(item.pending, &mut item.frame) {
                    self.books.freed.one(len);
                }
                dropped.extend(item.frame.take());
                None
            }
        }
    }

    pub(super) fn put_back(&mut self, outbox: &mut Outbox<F, I>) {
        let Some(lanes) = outbox.lanes.as_mut() else { return };
        for (taken, lane) in self.lanes.iter_mut().zip(&mut lanes.all) {
            let Some(first) = taken.entries.get(taken.written) else { continue };
            let before = |group: &Arc<Group>| group.number < first.ticket / CELLS;
            let skip = taken.groups.partition_point(before);
            let groups = taken.groups.get(skip..).unwrap_or_default();
            lane.put_back(taken.entries.drain(taken.written..).collect(), groups);
        }
    }
}
