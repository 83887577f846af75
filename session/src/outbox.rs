//! Lanes of values that wait to be sent. Shared by the handles and the session's task, behind one
//! lock; nothing is encoded here, and no user code runs here.
//!
//! A handle pushes into the lane of its priority. The task takes a lane by swapping the whole
//! vector into its `Ledger`, so that no frame is moved, and stamps, encodes and
//! writes outside of the lock. What the connection lost comes back through
//! `Ledger::rewind`.

pub(crate) mod again;
mod books;
mod ending;
mod keys;
pub(crate) mod lane;
pub(crate) mod ledger;
mod manner;
pub(crate) mod pending;
pub(crate) mod slot;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::task::Waker;

use crate::event::{Because, Counts, Outcome, Statistics};
use crate::moment::Moment;
use crate::receipt::{CELLS, Kept, Receipt};
use crate::settings::Bounds;
use crate::sparse::Sparse;
use again::Again;
use books::add;
pub(crate) use books::{Books, Freed, Sums, count};
use lane::{Entry, Lane, Lanes};
use ledger::Ledger;
pub use manner::Priority;
pub(crate) use manner::{IDEMPOTENT, Manner, NEVER, RESUMABLE, expiry, millis};
use slot::Slot;

/// Everything that waits to be sent, and its bounds.
// In the order of use: thousands of sessions share the processor's caches, so that a turn finds little
// of its own session there.
#[repr(C)]
pub(crate) struct Outbox<F, I> {
    /// The task sleeps, and wants to be woken by the next change.
    asleep: bool,
    pub(crate) closed: bool,
    /// A wish waits on the board, or the inbox has room again.
    pub(crate) rung: bool,
    lanes: Option<Box<Lanes<F, I>>>,
    /// What is to be sent once more, sorted by lane, before the lanes.
    pub(crate) again: Sparse<Again<F, I>>,
    /// `send`s that wait for room, first come, first served.
    waiting: Sparse<Waiting>,
    /// Frames accepted and not yet given back, wherever they are.
    pub(crate) frames: usize,
    pub(crate) bytes: usize,
    /// Of the task.
    waker: Option<Waker>,
    pub(crate) counts: Counts,
    pub(crate) sums: Sums,
    /// The next tickets while the lanes are given back.
    tickets: [u64; 3],
    next_waiting: u64,
}

/// Whether a waker has been seen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    Yes,
    No,
}

struct Waiting {
    number: u64,
    control: bool,
    len: usize,
    waker: Waker,
}

/// What the task found on its visit.
#[derive(Debug, Default)]
pub(crate) struct Visit<F> {
    /// Frames that expired or were cancelled, to be dropped outside of the lock.
    pub(crate) dropped: Vec<F>,
    /// A `send` that waits for room and may try now.
    pub(crate) wake: Option<Waker>,
}

impl<F, I> Outbox<F, I> {
    pub(crate) fn new() -> Self {
        Self {
            asleep: false,
            closed: false,
            rung: false,
            lanes: None,
            again: Sparse::new(),
            waiting: Sparse::new(),
            frames: 0,
            bytes: 0,
            waker: None,
            counts: Counts::default(),
            sums: Sums::default(),
            tickets: [0; 3],
            next_waiting: 0,
        }
    }

    /// Whether a frame of `len` bytes may come in now. `turn`: the caller waited, and it is its
    /// turn.
    #[inline(always)]
    pub(crate) fn admit(
        &self,
        len: usize,
        lane: Priority,
        bounds: &Bounds,
        turn: bool,
    ) -> Result<(), Because> {
        let control = lane == Priority::Control;
        let room = room(bounds, control);
        let must_wait = || !turn && !self.waiting.is_empty() && self.is_behind(control);
        if self.closed || self.frames >= room || self.bytes + len > bounds.bytes || must_wait() {
            return Err(self.refuse(len, bounds));
        }
        Ok(())
    }

    /// Takes a frame in that was admitted under the same lock; what is kept of it. It is taken from
    /// where it stands, so that it is moved once.
    #[inline(always)]
    pub(crate) fn put<R: Kept>(
        &mut self,
        frame: &mut Option<F>,
        len: usize,
        manner: Manner,
        slot: Option<Arc<Slot<I>>>,
    ) -> R {
        self.frames += 1;
        self.bytes += len;
        self.counts.accepted += 1;
        let lane = manner.lane.of(lanes_of(&mut self.lanes, &self.tickets));
        lane.push(manner.lane, || Entry::new(frame.take(), len, manner, slot))
    }

    /// Takes in as many as there is room for, none of which is longer than `longest`; the others
    /// stay in `entries`. The receipt of the last one, and why the next one was refused.
    pub(crate) fn put_all(
        &mut self,
        entries: &mut Vec<Entry<F, I>>,
        priority: Priority,
        longest: usize,
        bounds: &Bounds,
    ) -> (Option<Receipt>, Option<Because>) {
        let (mut count, mut refused) = (0, None);
        for entry in entries.iter() {
            let len = entry.len();
            let fits = if len > longest { Err(Because::TooLarge) } else { Ok(()) };
            if let Err(because) = fits.and_then(|()| self.admit(len, priority, bounds, false)) {
                refused = Some(because);
                break;
            }
            self.frames += 1;
            self.bytes += len;
            count += 1;
        }
        if count == 0 {
            return (None, refused);
        }
        self.counts.accepted += count as u64;
        let mut rest = entries.split_off(count);
        let lane = priority.of(lanes_of(&mut self.lanes, &self.tickets));
        lane.push_all(entries);
        entries.append(&mut rest);
        (lane.newest(priority), refused)
    }

    #[cold]
    fn refuse(&self, len: usize, bounds: &Bounds) -> Because {
        if self.closed {
            Because::Closed
        } else if len > bounds.bytes {
            Because::TooLarge
        } else {
            Because::Full
        }
    }

    /// Takes a frame back, unless it is committed. The frame, if it is still here, is returned to be
    /// dropped outside of the lock.
    pub(crate) fn cancel(&mut self, receipt: &Receipt) -> Option<Option<F>> {
        if receipt.settled().is_some() {
            return None;
        }
        let index = receipt.lane as usize;
        let lanes = self.lanes.as_mut()?;
        let line = lanes.lines.get(index).copied().unwrap_or(u64::MAX);
        let lane = receipt.lane.of(&mut lanes.all);
        if !lane.owns(receipt) {
            return None;
        }
        let frame = match lane.entry_mut(receipt.ticket) {
            Some(entry) => {
                let (frame, len) = (entry.frame.take()?, entry.clear());
                if let Some(slot) = entry.slot.take() {
                    slot.fail(Outcome::Cancelled);
                }
                self.frames -= 1;
                self.bytes -= len;
                lane.settled(1);
                Some(frame)
            }
            None if receipt.ticket >= line => {
                lanes.cancels.push_back((receipt.lane, receipt.ticket));
                None
            }
            None => return None,
        };
        self.counts.cancelled += 1;
        receipt.group.settle(receipt.ticket, Outcome::Cancelled);
        Some(frame)
    }

    /// One look of the task: books what the ledger gave back, drops what expired or was cancelled,
    /// and, if `take`, hands the lanes over and draws the line for the next `room` bytes.
    pub(crate) fn visit(
        &mut self,
        ledger: &mut Ledger<F, I>,
        now: Moment,
        take: Option<usize>,
        bounds: &Bounds,
    ) -> Visit<F> {
        let mut visit = Visit { dropped: Vec::new(), wake: None };
        self.book(ledger);
        if let Some(lanes) = &mut self.lanes {
            let cancels = !lanes.cancels.is_empty();
            if cancels {
                visit.dropped = lanes.apply_cancels(ledger);
            }
            for priority in Priority::ALL {
                let lane = priority.of(&mut lanes.all);
                if lane.is_empty() && !ledger.used.has(priority) {
                    continue;
                }
                if take.is_some() && ledger.take(priority, lane) {
                    continue;
                }
                let next = lane.look(now).min(ledger.look_at(priority, now));
                lanes.next_expiry = lanes.next_expiry.min(next);
            }
            if cancels {
                self.book(ledger);
            }
        }
        if now >= self.next_expiry() {
            self.expire(ledger, now, &mut visit.dropped);
        }
        if take.is_some() && !self.again.is_empty() {
            ledger.take_again(self.again.take());
        }
        let lines = match take {
            Some(room) => ledger.draw_line(room, self.bytes),
            None => ledger.committed_tickets(),
        };
        if let Some(lanes) = &mut self.lanes {
            lanes.lines = lines;
        }
        visit.wake = self.next_waiter(bounds);
        visit
    }

    /// Takes what was cancelled behind the line out of the ledger.
    pub(crate) fn apply_cancels(&mut self, ledger: &mut Ledger<F, I>) -> Vec<F> {
        self.lanes.as_mut().map_or_else(Vec::new, |lanes| lanes.apply_cancels(ledger))
    }

    /// When the next frame expires, if the task must wake for it.
    pub(crate) fn next_expiry(&self) -> Moment {
        self.lanes.as_ref().map_or(Moment::NEVER, |lanes| lanes.next_expiry)
    }

    /// Something in the ledger expires then.
    pub(crate) fn expires_by(&mut self, moment: Moment) {
        if let Some(lanes) = &mut self.lanes {
            lanes.next_expiry = lanes.next_expiry.min(moment);
        }
    }

    /// Nothing waits here but holes of what is settled (the ledger may still hold something).
    pub(crate) fn is_empty(&self) -> bool {
        let has_none =
            || self.lanes.as_ref().is_none_or(|lanes| lanes.all.iter().all(Lane::is_empty));
        self.again.is_empty() && (self.frames == 0 || has_none())
    }

    /// Something came since the last visit.
    pub(crate) fn has_unseen(&self) -> bool {
        let has_some = |lanes: &Lanes<F, I>| lanes.all.iter().any(Lane::has_unseen);
        self.frames > 0 && self.lanes.as_deref().is_some_and(has_some)
    }

    /// There is nothing to visit for.
    pub(crate) fn is_idle(&self, now: Moment) -> bool {
        self.is_empty() && !self.has_cancels() && now < self.next_expiry()
    }

    /// Something in the ledger was cancelled since the last visit.
    fn has_cancels(&self) -> bool {
        self.lanes.as_ref().is_some_and(|lanes| !lanes.cancels.is_empty())
    }

    /// The task is awake, and need not be woken.
    pub(crate) fn awake(&mut self) {
        self.asleep = false;
    }

    /// The task is awake; whether it was rung.
    pub(crate) fn look(&mut self) -> bool {
        self.awake();
        std::mem::take(&mut self.rung)
    }

    /// The task goes to sleep, unless something came since its last visit; whether its waker is
    /// the one of its last sleep.
    pub(crate) fn sleep(&mut self, waker: &Waker) -> Option<Known> {
        if self.has_unseen() || self.rung || self.has_cancels() {
            return None;
        }
        Some(self.fall_asleep(waker))
    }

    /// The task goes to sleep.
    pub(crate) fn fall_asleep(&mut self, waker: &Waker) -> Known {
        self.asleep = true;
        if self.waker.as_ref().is_some_and(|old| old.will_wake(waker)) {
            return Known::Yes;
        }
        self.waker = Some(waker.clone());
        Known::No
    }

    /// Who must be woken after a change, outside of the lock.
    #[inline]
    pub(crate) fn wake(&mut self) -> Option<Waker> {
        if !self.asleep {
            return None;
        }
        self.asleep = false;
        self.waker.clone()
    }

    /// Frames that are sent once more, before the lanes.
    pub(crate) fn put_first(&mut self, again: Vec<Again<F, I>>) {
        let mut all: Vec<_> = again.into_iter().chain(self.again.take()).collect();
        all.sort_by_key(|item| item.lane);
        self.again.extend(all);
    }

    /// The sums as they stand.
    pub(crate) fn statistics(&self) -> Statistics {
        self.sums.statistics(self.counts)
    }

    /// Gives the lanes' memory back. The ledger must hold nothing.
    pub(crate) fn trim(&mut self) {
        if self.is_empty()
            && let Some(lanes) = self.lanes.take()
        {
            for (ticket, lane) in self.tickets.iter_mut().zip(&lanes.all) {
                *ticket = lane.next_ticket().next_multiple_of(CELLS);
            }
        }
    }
}

/// Places that frames of this class may take.
#[inline(always)]
fn room(bounds: &Bounds, control: bool) -> usize {
    if control { bounds.frames } else { bounds.frames.saturating_sub(bounds.reserved) }
}

#[inline]
fn lanes_of<'l, F, I>(
    lanes: &'l mut Option<Box<Lanes<F, I>>>,
    tickets: &[u64; 3],
) -> &'l mut [Lane<F, I>; 3] {
    &mut lanes.get_or_insert_with(|| Box::new(Lanes::new(tickets))).all
}
