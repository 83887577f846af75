//! The end of the queue, and those who wait for a place in it.

use std::task::Waker;

use super::ledger::Ledger;
use super::{Outbox, Waiting, add, room};
use crate::event::Outcome;
use crate::moment::Moment;
use crate::settings::Bounds;

impl<F, I> Outbox<F, I> {
    /// Settles all that is still here as not sent. With `forever`, accepts no more.
    pub(crate) fn settle_queue(&mut self, forever: bool, dropped: &mut Vec<F>) -> Vec<Waker> {
        self.closed |= forever;
        for again in self.again.take() {
            // Some bytes of it left in the epoch that lost it.
            let epoch = again.epoch;
            self.give_back(again.len());
            dropped.extend(again.settle(Outcome::Uncertain { epoch }, &mut self.counts));
        }
        if let Some(lanes) = &mut self.lanes {
            for lane in &mut lanes.all {
                let settled = lane.settle_all(Outcome::NotSent, &mut self.counts, dropped);
                self.frames -= settled.frames;
                self.bytes -= settled.bytes;
            }
        }
        if forever {
            return self.waiting.take().into_iter().map(|waiting| waiting.waker).collect();
        }
        Vec::new()
    }

    /// Waits for room for `len` bytes: registers, or renews the waker of `number`.
    pub(crate) fn wait(
        &mut self,
        number: Option<u64>,
        len: usize,
        control: bool,
        waker: &Waker,
    ) -> u64 {
        if let Some(number) = number
            && let Some(waiting) = self.waiting.iter_mut().find(|other| other.number == number)
        {
            waiting.waker.clone_from(waker);
            return number;
        }
        self.next_waiting += 1;
        let number = self.next_waiting;
        self.waiting.push_back(Waiting { number, control, len, waker: waker.clone() });
        number
    }

    /// Others of this class wait already: first come, first served.
    pub(super) fn is_behind(&self, control: bool) -> bool {
        !control || self.waiting.iter().any(|other| other.control)
    }

    /// It is the turn of `number`.
    pub(crate) fn is_turn(&self, number: u64) -> bool {
        let class = |waiting: &&Waiting| waiting.number == number;
        let Some(own) = self.waiting.iter().find(class) else { return true };
        let first = self.waiting.iter().find(|other| other.control == own.control);
        first.is_some_and(|first| first.number == number)
    }

    /// `number` waits no more; the next one may try.
    pub(crate) fn leave(&mut self, number: u64, bounds: &Bounds) -> Option<Waker> {
        self.waiting.retain(|waiting| waiting.number != number);
        self.next_waiter(bounds)
    }

    /// Who waits for room, if there is some.
    pub(crate) fn has_room(&self, bounds: &Bounds) -> Option<Waker> {
        self.next_waiter(bounds)
    }

    /// A `send` waits for room.
    pub(crate) fn has_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// The first of each class has its turn; nobody overtakes one that needs more bytes.
    pub(super) fn next_waiter(&self, bounds: &Bounds) -> Option<Waker> {
        let first = |control| self.waiting.iter().find(|waiting| waiting.control == control);
        let has_room = |waiting: &&Waiting| {
            self.frames < room(bounds, waiting.control) && self.bytes + waiting.len <= bounds.bytes
        };
        let next = first(true).filter(has_room).or_else(|| first(false).filter(has_room));
        next.map(|waiting| waiting.waker.clone())
    }

    pub(super) fn expire(&mut self, ledger: &mut Ledger<F, I>, now: Moment, dropped: &mut Vec<F>) {
        if let Some(lanes) = &mut self.lanes {
            let mut next = Moment::NEVER;
            for (lane, taken) in lanes.all.iter_mut().zip(&mut ledger.lanes) {
                let (freed, later) = lane.expire(now, &mut self.counts, dropped);
                self.frames -= freed.frames;
                self.bytes -= freed.bytes;
                let (freed, also) = taken.expire(now, &mut self.counts, dropped);
                self.frames -= freed.frames;
                self.bytes -= freed.bytes;
                next = next.min(later).min(also);
            }
            lanes.next_expiry = next;
        }
    }

    pub(super) fn give_back(&mut self, len: usize) {
        self.frames -= 1;
        self.bytes -= len;
    }

    /// Books what the task has settled.
    pub(crate) fn book(&mut self, ledger: &mut Ledger<F, I>) {
        let books = &mut ledger.books;
        let freed = std::mem::take(&mut books.freed);
        self.frames -= freed.frames;
        self.bytes = (self.bytes + freed.grown).saturating_sub(freed.bytes);
        if books.has_counts {
            books.has_counts = false;
            add(&mut self.counts, &std::mem::take(&mut books.counts));
        }
    }
}
