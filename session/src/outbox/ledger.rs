//! The task's side of the lanes: what it has taken, committed, and not yet seen accepted.

use std::collections::VecDeque;
use std::sync::Arc;

use longlink_codec_core::EncodeError;

use super::again::Again;
use super::lane::{Entry, Lane, NOT_PENDING, expire, group_at};
use super::pending::{Pending, Waiting};
use super::{Books, Freed, IDEMPOTENT, Outbox, Priority};
use crate::event::{Counts, Outcome};
use crate::moment::Moment;
use crate::protocol::Key;
use crate::receipt::{CELLS, Group};

/// What became of one frame that was to be committed.
pub(crate) enum Verdict {
    /// It is in the buffer.
    Encoded {
        len: usize,
        key: Option<Key>,
        /// It waits for an acknowledgement or a reply.
        awaits: bool,
        /// It counts for the acknowledgement window.
        counted: bool,
    },
    /// It did not fit.
    Unencodable(EncodeError),
    /// No more for now: a window is full.
    Stop,
}

/// What has been taken from the lanes. Exists only while something is under way.
pub(crate) struct Ledger<F, I> {
    pub(crate) lanes: [Taken<F, I>; 3],
    again: VecDeque<Again<F, I>>,
    again_committed: usize,
    /// What stands in the buffer, in wire order.
    runs: VecDeque<Run>,
    /// Bytes in the buffer that the transport has not accepted, less `partial`.
    under_way: usize,
    /// Accepted bytes of the frame at the front.
    partial: usize,
    pub(crate) books: Books,
}

/// Neighbours on the wire.
enum Run {
    /// Bytes of the machine's own frames.
    Own(usize),
    /// Frames of one lane.
    Lane(Priority, usize),
    /// Frames that are sent once more.
    Again(usize),
}

/// What has been taken from one lane: `..written` is settled, `..committed` is in the buffer,
/// `..line` may not be cancelled any more.
pub(crate) struct Taken<F, I> {
    entries: Vec<Entry<F, I>>,
    first: u64,
    groups: Vec<Arc<Group>>,
    line: usize,
    committed: usize,
    written: usize,
}

impl<F, I> Taken<F, I> {
    fn new() -> Self {
        let (entries, groups) = (Vec::new(), Vec::new());
        Self { entries, first: 0, groups, line: 0, committed: 0, written: 0 }
    }

    /// Takes the whole lane, if all that was taken before is settled.
    pub(crate) fn take(&mut self, lane: &mut Lane<F, I>) -> bool {
        if lane.is_empty() || !self.entries.is_empty() {
            return false;
        }
        self.first = lane.swap(&mut self.entries, &mut self.groups);
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
        let (first, from) = (self.first, self.committed);
        expire(&mut self.entries, from, first, &self.groups, now, counts, dropped)
    }

    fn ticket(&self, index: usize) -> u64 {
        self.first + index as u64
    }

    /// Frames up to index `to` are accepted: one store for each group.
    fn settle_written(&mut self, from: usize, to: usize, epoch: u32) {
        let (mut ticket, end) = (self.ticket(from), self.ticket(to));
        while ticket < end {
            let until = (ticket / CELLS + 1).saturating_mul(CELLS).min(end);
            if let Some(group) = group_at(&self.groups, self.first, ticket) {
                group.written(until, epoch);
            }
            ticket = until;
        }
    }

    /// The first ticket behind the line; all that is not in the lane any more is before it.
    fn line_ticket(&self) -> u64 {
        if self.line < self.entries.len() { self.ticket(self.line) } else { u64::MAX }
    }

    /// Passes over entries that are settled already, and have no bytes; how many.
    fn skip_holes(&mut self) -> usize {
        let rest = self.entries.iter().take(self.committed).skip(self.written);
        let holes = rest.take_while(|entry| entry.frame.is_none()).count();
        self.written += holes;
        holes
    }

    /// All is settled: the vector keeps its room for the next swap.
    fn recycle(&mut self) {
        if self.written == self.entries.len() && self.written > 0 {
            self.first += self.written as u64;
            self.entries.clear();
            self.groups.clear();
            (self.line, self.committed, self.written) = (0, 0, 0);
        }
    }
}

impl<F, I> Ledger<F, I> {
    pub(crate) fn new() -> Self {
        Self {
            lanes: [Taken::new(), Taken::new(), Taken::new()],
            again: VecDeque::new(),
            again_committed: 0,
            runs: VecDeque::new(),
            under_way: 0,
            partial: 0,
            books: Books::default(),
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

    /// Something could be committed.
    pub(crate) fn has_work(&self) -> bool {
        self.again_committed < self.again.len() || self.lanes.iter().any(Taken::has_uncommitted)
    }

    /// `len` bytes of own frames were appended to the buffer.
    pub(crate) fn own(&mut self, len: usize) {
        self.under_way += len;
        match self.runs.back_mut() {
            Some(Run::Own(bytes)) => *bytes += len,
            _ => self.runs.push_back(Run::Own(len)),
        }
    }

    pub(crate) fn take_again(&mut self, again: &mut VecDeque<Again<F, I>>) {
        if !again.is_empty() {
            self.again.append(again);
        }
    }

    /// A frame behind the line was cancelled by its handle, which has settled it.
    pub(crate) fn cancel(&mut self, priority: Priority, ticket: u64) -> Option<F> {
        let taken = taken(&mut self.lanes, priority);
        let index = usize::try_from(ticket.checked_sub(taken.first)?).ok()?;
        let entry = taken.entries.get_mut(index)?;
        let frame = entry.frame.take()?;
        self.books.freed.one(entry.clear());
        Some(frame)
    }

    /// Decides what the next commit of `room` bytes may take; the first tickets that may still be
    /// cancelled after that.
    pub(crate) fn draw_line(&mut self, room: usize) -> [u64; 3] {
        let mut used = 0usize;
        self.lanes.each_mut().map(|taken| {
            taken.line = taken.committed;
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
    /// runs here, outside of every lock.
    #[inline]
    pub(crate) fn commit(
        &mut self,
        room: usize,
        (now, epoch): (Moment, u32),
        pending: &mut Option<Box<Pending<F, I>>>,
        mut encode: impl FnMut(&mut F, bool, &mut Option<Box<Pending<F, I>>>) -> Verdict,
    ) {
        let mut used = 0;
        for priority in Priority::ALL {
            if self.again_committed < self.again.len()
                && self.commit_again(priority, &mut used, room, (now, epoch), pending, &mut encode)
            {
                break;
            }
            let taken = taken(&mut self.lanes, priority);
            let from = taken.committed;
            let stopped = commit_lane(
                taken,
                &mut self.books,
                &mut used,
                room,
                (now, epoch, priority),
                pending,
                &mut encode,
            );
            if taken.committed > from {
                self.runs.push_back(Run::Lane(priority, taken.committed - from));
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
    }

    #[cold]
    fn commit_again(
        &mut self,
        priority: Priority,
        used: &mut usize,
        room: usize,
        (now, epoch): (Moment, u32),
        pending: &mut Option<Box<Pending<F, I>>>,
        encode: &mut impl FnMut(&mut F, bool, &mut Option<Box<Pending<F, I>>>) -> Verdict,
    ) -> bool {
        let from = self.again_committed;
        let mut stopped = false;
        while let Some(item) = self.again.get_mut(self.again_committed)
            && item.lane == priority
            && *used < room
        {
            let Some(frame) = item.frame.as_mut() else { break };
            match encode(frame, item.slot.is_some(), pending) {
                Verdict::Encoded { len, key, awaits, counted } => {
                    *used += len;
                    regrow(&mut self.books, &mut item.len, len);
                    if awaits {
                        let waiting = Waiting {
                            group: item.group.clone(),
                            ticket: item.ticket,
                            slot: item.slot.take(),
                            kept: None,
                            since: now,
                            lane: priority,
                            marks: item.marks,
                            len: item.len,
                            epoch,
                            counted,
                            written: false,
                        };
                        item.pending = table(pending).push(key, waiting);
                    }
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
            self.again_committed += 1;
        }
        if self.again_committed > from {
            self.runs.push_back(Run::Again(self.again_committed - from));
        }
        stopped
    }

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
                Run::Lane(priority, frames) => {
                    let taken = taken(&mut self.lanes, *priority);
                    let from = taken.written;
                    written_lane(taken, frames, &mut left, &mut self.books, pending, epoch);
                    taken.settle_written(from, taken.written, epoch);
                    let done = *frames == 0;
                    taken.recycle();
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
        let cancelled = outbox.apply_cancels(self);
        let torn = self.tear(epoch, pending);
        for taken in &mut self.lanes {
            for entry in taken.entries.iter_mut().take(taken.committed).skip(taken.written) {
                if let Some(waiting) = take_pending(pending, &mut entry.pending) {
                    entry.slot = waiting.reopen();
                }
            }
        }
        for item in &mut self.again {
            if let Some(waiting) = take_pending(pending, &mut item.pending) {
                item.slot = waiting.slot;
                item.group.awaits(item.ticket);
            }
        }
        let mut again = match pending {
            Some(pending) => pending.lose(resumable, &mut self.books),
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
    /// one of them is uncertain, or sent once more.
    pub(crate) fn doubt(
        &mut self,
        count: usize,
        epoch: u32,
        pending: &mut Option<Box<Pending<F, I>>>,
    ) -> Vec<Again<F, I>> {
        let (mut left, mut torn) = (self.partial + count, Vec::new());
        while left > 0
            && let Some(run) = self.runs.front_mut()
        {
            let (len, ends) = match run {
                Run::Own(bytes) => (*bytes, true),
                Run::Lane(priority, frames) => {
                    let lane = taken(&mut self.lanes, *priority);
                    let skipped = lane.skip_holes().min(*frames);
                    *frames = frames.saturating_sub(skipped + 1);
                    let len = lane.entries.get(lane.written).map_or(0, Entry::len);
                    (len, *frames == 0)
                }
                Run::Again(frames) => {
                    *frames -= 1;
                    (self.again.front().map_or(0, Again::len), *frames == 0)
                }
            };
            self.partial = 1;
            torn.extend(self.tear(epoch, pending));
            left = left.saturating_sub(len);
            if ends {
                self.runs.pop_front();
            }
        }
        self.partial = 0;
        torn
    }

    /// Settles the frame that is partly out.
    fn tear(
        &mut self,
        epoch: u32,
        pending: &mut Option<Box<Pending<F, I>>>,
    ) -> Option<Again<F, I>> {
        if self.partial == 0 {
            return None;
        }
        match self.runs.front()? {
            Run::Own(_) => None,
            Run::Lane(priority, _) => {
                let priority = *priority;
                let taken = taken(&mut self.lanes, priority);
                taken.skip_holes();
                let ticket = taken.ticket(taken.written);
                let group = group_at(&taken.groups, taken.first, ticket)?.clone();
                let entry = taken.entries.get_mut(taken.written)?;
                taken.written += 1;
                let (frame, len, marks) = (entry.frame.take(), entry.len, entry.marks);
                if entry.pending != NOT_PENDING {
                    if !table(pending).written(entry.pending, frame) {
                        self.books.freed.one(len as usize);
                    }
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
                drop(item.settle(Outcome::Uncertain { epoch }, &mut self.books.counts));
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
                if !table(pending).written(item.pending, item.frame) {
                    self.books.freed.one(len);
                }
                None
            }
        }
    }

    fn put_back(&mut self, outbox: &mut Outbox<F, I>) {
        let Some(lanes) = outbox.lanes.as_mut() else { return };
        for (taken, lane) in self.lanes.iter_mut().zip(lanes.iter_mut()) {
            if taken.written == taken.entries.len() {
                continue;
            }
            let first = taken.ticket(taken.written);
            let skip = usize::try_from(first / CELLS - taken.first / CELLS).unwrap_or(usize::MAX);
            let groups = taken.groups.get(skip..).unwrap_or_default();
            lane.put_back(first, taken.entries.drain(taken.written..).collect(), groups);
        }
    }
}

/// The lane loop of [`Ledger::commit`]. Whether a window stopped it.
#[inline]
fn commit_lane<F, I>(
    taken: &mut Taken<F, I>,
    books: &mut Books,
    used: &mut usize,
    room: usize,
    (now, epoch, lane): (Moment, u32, Priority),
    pending: &mut Option<Box<Pending<F, I>>>,
    encode: &mut impl FnMut(&mut F, bool, &mut Option<Box<Pending<F, I>>>) -> Verdict,
) -> bool {
    let first = taken.first;
    let entries = taken.entries.iter_mut().enumerate();
    for (index, entry) in entries.take(taken.line).skip(taken.committed) {
        if *used >= room {
            return false;
        }
        let Some(frame) = entry.frame.as_mut() else {
            taken.committed += 1;
            continue;
        };
        let ticket = first + index as u64;
        if entry.expires != Moment(0) && entry.expires <= now {
            taken.committed += 1;
            drop_unsent(entry, &taken.groups, (first, ticket), Outcome::Expired, books);
            continue;
        }
        match encode(frame, entry.slot.is_some(), pending) {
            Verdict::Encoded { len, key, awaits, counted } => {
                taken.committed += 1;
                *used += len;
                regrow(books, &mut entry.len, len);
                if awaits && let Some(group) = group_at(&taken.groups, first, ticket) {
                    group.awaits(ticket);
                    let waiting = Waiting {
                        group: group.clone(),
                        ticket,
                        slot: entry.slot.take(),
                        kept: None,
                        since: now,
                        lane,
                        marks: entry.marks,
                        len: entry.len,
                        epoch,
                        counted,
                        written: false,
                    };
                    entry.pending = table(pending).push(key, waiting);
                }
            }
            Verdict::Unencodable(error) => {
                taken.committed += 1;
                let outcome = Outcome::Unencodable(error);
                drop_unsent(entry, &taken.groups, (first, ticket), outcome, books);
            }
            Verdict::Stop => return true,
        }
    }
    false
}

#[cold]
fn drop_unsent<F, I>(
    entry: &mut Entry<F, I>,
    groups: &[Arc<Group>],
    (first, ticket): (u64, u64),
    outcome: Outcome,
    books: &mut Books,
) {
    if let Some(group) = group_at(groups, first, ticket) {
        books.has_counts = true;
        books.freed.one(entry.clear());
        drop(entry.settle(group, ticket, outcome, &mut books.counts));
    }
}

/// Accepts frames of one lane while whole ones fit into `left`.
#[inline]
fn written_lane<F, I>(
    taken: &mut Taken<F, I>,
    frames: &mut usize,
    left: &mut usize,
    books: &mut Books,
    pending: &mut Option<Box<Pending<F, I>>>,
    epoch: u32,
) {
    let mut plain = 0;
    let entries = taken.entries.iter_mut().skip(taken.written);
    for entry in entries.take(*frames) {
        let len = entry.len();
        if *left < len {
            break;
        }
        *left -= len;
        *frames -= 1;
        taken.written += 1;
        let Some(frame) = entry.frame.take() else { continue };
        if entry.pending == NOT_PENDING {
            plain += 1;
            books.freed.one(len);
            if let Some(slot) = entry.slot.take() {
                slot.fail(Outcome::Written { epoch });
            }
        } else if !table(pending).written(entry.pending, Some(frame)) {
            books.freed.one(len);
        }
    }
    if plain > 0 {
        books.has_counts = true;
        books.counts.written += plain;
    }
}

/// The same for frames that are sent once more; how many.
#[cold]
fn written_again<F, I>(
    again: &mut VecDeque<Again<F, I>>,
    frames: &mut usize,
    left: &mut usize,
    books: &mut Books,
    pending: &mut Option<Box<Pending<F, I>>>,
    epoch: u32,
) -> usize {
    let mut done = 0;
    while *frames > 0
        && let Some(item) = again.front()
        && *left >= item.len()
    {
        let Some(item) = again.pop_front() else { break };
        *left -= item.len();
        *frames -= 1;
        done += 1;
        let len = item.len();
        if item.pending == NOT_PENDING {
            books.freed.one(len);
            books.has_counts = true;
            drop(item.settle(Outcome::Written { epoch }, &mut books.counts));
        } else if !table(pending).written(item.pending, item.frame) {
            books.freed.one(len);
        }
    }
    done
}

/// The frame came out longer or shorter than `encoded_len` had said before it was stamped.
#[inline]
fn regrow(books: &mut Books, noted: &mut u32, len: usize) {
    let before = *noted as usize;
    if before != len {
        if before > len {
            books.freed.bytes += before - len;
        } else {
            books.freed.grown += len - before;
        }
        *noted = u32::try_from(len).unwrap_or(u32::MAX);
    }
}

fn take_pending<F, I>(
    pending: &mut Option<Box<Pending<F, I>>>,
    number: &mut u64,
) -> Option<Waiting<F, I>> {
    let number = std::mem::replace(number, NOT_PENDING);
    if number == NOT_PENDING {
        return None;
    }
    pending.as_mut()?.remove(number)
}

fn table<F, I>(pending: &mut Option<Box<Pending<F, I>>>) -> &mut Pending<F, I> {
    pending.get_or_insert_with(|| Box::new(Pending::new()))
}

#[inline]
fn taken<F, I>(lanes: &mut [Taken<F, I>; 3], priority: Priority) -> &mut Taken<F, I> {
    let [control, normal, bulk] = lanes;
    match priority {
        Priority::Control => control,
        Priority::Normal => normal,
        Priority::Bulk => bulk,
    }
}
