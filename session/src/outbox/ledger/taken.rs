//! What the ledger has taken from one lane.

use std::sync::Arc;

use super::Commit;
use crate::event::Counts;
use crate::frame_log::KEPT;
use crate::moment::Moment;
use crate::outbox::Freed;
use crate::outbox::lane::{Entry, Lane, expire};
use crate::receipt::{CELLS, Group};

/// What has been taken from one lane: `..written` is settled, `..committed` is in the buffer,
/// `..line` may not be cancelled any more.
pub(crate) struct Taken<F, I> {
    pub(super) entries: Vec<Entry<F, I>>,
    pub(super) groups: Vec<Arc<Group>>,
    pub(super) line: usize,
    pub(super) committed: usize,
    pub(super) written: usize,
}

impl<F, I> Taken<F, I> {
    pub(super) fn new() -> Self {
        let (entries, groups) = (Vec::new(), Vec::new());
        Self { entries, groups, line: 0, committed: 0, written: 0 }
    }

    /// Takes the whole lane, if all that was taken before is settled.
    pub(crate) fn take(&mut self, lane: &mut Lane<F, I>) -> bool {
        if lane.is_empty() || !self.entries.is_empty() {
            return false;
        }
        lane.swap(&mut self.entries, &mut self.groups);
        true
    }

    pub(crate) fn has_uncommitted(&self) -> bool {
        self.committed < self.entries.len()
    }

    pub(crate) fn look(&mut self, now: Moment) -> Moment {
        let entries = self.entries.iter_mut().skip(self.committed);
        entries.map(|entry| entry.look(now)).min().unwrap_or(Moment::NEVER)
    }

    pub(crate) fn expire(
        &mut self,
        now: Moment,
        counts: &mut Counts,
        dropped: &mut Vec<F>,
    ) -> (Freed, Moment) {
        expire(&mut self.entries, self.committed, &self.groups, now, counts, dropped)
    }

    /// Frames up to index `to` are accepted: one store for each group.
    pub(super) fn settle_written(&mut self, from: usize, to: usize, epoch: u32) {
        let written = self.entries.get(from..to).unwrap_or_default();
        let (Some(first), Some(last)) = (written.first(), written.last()) else { return };
        let start = self.groups.partition_point(|group| group.number < first.ticket / CELLS);
        for group in self.groups.iter().skip(start) {
            if group.number > last.ticket / CELLS {
                break;
            }
            let end = (group.number + 1).saturating_mul(CELLS);
            group.written(end.min(last.ticket + 1), epoch);
        }
    }

    /// The first ticket behind the line; all that is not in the lane any more is before it.
    pub(super) fn line_ticket(&self) -> u64 {
        self.entries.get(self.line).map_or(u64::MAX, |entry| entry.ticket)
    }

    /// Passes over entries that are settled already, and have no bytes; how many.
    pub(super) fn skip_holes(&mut self) -> usize {
        let rest = self.entries.iter().take(self.committed).skip(self.written);
        let holes = rest.take_while(|entry| entry.frame.is_none()).count();
        self.written += holes;
        holes
    }

    /// Shows the last of the frames from index `from` on, in their order.
    pub(super) fn note_last(&self, from: usize, commit: &mut impl Commit<F, I>) {
        let committed = self.entries.get(from..self.committed).unwrap_or_default();
        let mut from = 0;
        if committed.len() > KEPT {
            let mut left = KEPT;
            let first = committed.iter().rposition(|entry| {
                left -= usize::from(entry.frame.is_some());
                left == 0
            });
            from = first.unwrap_or(0);
        }
        for entry in committed.get(from..).unwrap_or_default() {
            if let Some(frame) = &entry.frame {
                commit.note(frame, entry.len());
            }
        }
    }

    /// Drops written frames at once where their entries must wait for others behind them.
    pub(super) fn drop_frames(&mut self, from: usize) {
        if self.written < self.entries.len() {
            let settled = self.entries.get_mut(from..self.written).unwrap_or_default();
            settled.iter_mut().for_each(|entry| entry.frame = None);
        }
    }

    /// Whether all is settled: the vector keeps its room for the next swap.
    pub(super) fn recycle(&mut self) -> bool {
        let settled = self.written == self.entries.len();
        if settled && self.written > 0 {
            // First: what is dropped may be of the user, and panic.
            (self.line, self.committed, self.written) = (0, 0, 0);
            self.groups.clear();
            self.entries.clear();
        }
        settled
    }
}
