//! One lane at a time: commit, writing, dropping.

use std::collections::VecDeque;
use std::hint::cold_path;
use std::sync::Arc;

use super::Awaited;
use super::Commit;
use super::Neighbours;
use super::Taken;
use super::Verdict;
use crate::event::Outcome;
use crate::moment::Moment;
use crate::outbox::Books;
use crate::outbox::Priority;
use crate::outbox::again::Again;
use crate::outbox::lane::Entry;
use crate::outbox::lane::NOT_PENDING;
use crate::outbox::lane::group_at;
use crate::outbox::pending::Pending;
use crate::outbox::pending::Waiting;
use crate::receipt::Group;

/// The lane loop of [`Ledger::commit`]: what is committed, and whether a window stopped it.
#[inline]
pub(super) fn commit_lane<F, I>(
    taken: &mut Taken<F, I>,
    books: &mut Books,
    room: usize,
    (now, epoch, lane): (Moment, u32, Priority),
    pending: &mut Option<Box<Pending<F, I>>>,
    commit: &mut impl Commit<F, I>,
) -> (Neighbours, bool) {
    let from = taken.committed;
    let mut run = Neighbours::default();
    for entry in taken.entries.get_mut(from..taken.line).unwrap_or_default() {
        if run.bytes >= room {
            cold_path();
            break;
        }
        // It is committed once it is encoded: user code may panic.
        let Some(frame) = entry.frame.as_mut() else {
            cold_path();
            taken.committed += 1;
            continue;
        };
        if entry.expires != Moment(0) && entry.expires <= now {
            cold_path();
            taken.committed += 1;
            drop_unsent(entry, &taken.groups, Outcome::Expired, books);
            continue;
        }
        let asks = entry.slot.as_ref().is_some_and(|slot| slot.asks());
        match commit.frame(frame, asks, pending) {
            Verdict::Encoded(len) => {
                taken.committed += 1;
                run.add(len);
                regrow(books, &mut entry.len, len);
                if let Some(slot) = &entry.slot {
                    run.watched = true;
                    slot.committed();
                }
            }
            Verdict::Awaits(awaited) => {
                taken.committed += 1;
                run.add(awaited.len);
                run.watched = true;
                regrow(books, &mut entry.len, awaited.len);
                if let Some(slot) = &entry.slot {
                    slot.committed();
                }
                wait(entry, &taken.groups, lane, awaited, (now, epoch), table(pending));
            }
            Verdict::Unencodable(error) => {
                cold_path();
                taken.committed += 1;
                let outcome = Outcome::Unencodable(error);
                drop_unsent(entry, &taken.groups, outcome, books);
            }
            Verdict::Stop => {
                cold_path();
                run.count = taken.committed - from;
                return (run, true);
            }
        }
    }
    run.count = taken.committed - from;
    (run, false)
}

impl Neighbours {
    #[inline]
    fn add(&mut self, len: usize) {
        self.encoded += 1;
        self.bytes += len;
    }
}

/// Puts an entry that waits into the table.
fn wait<F, I>(
    entry: &mut Entry<F, I>,
    groups: &[Arc<Group>],
    lane: Priority,
    Awaited { key, counted, parts, .. }: Awaited,
    (since, epoch): (Moment, u32),
    table: &mut Pending<F, I>,
) {
    let ticket = entry.ticket;
    let Some(group) = group_at(groups, ticket) else { return };
    group.awaits(ticket);
    let waiting = Waiting {
        group: group.clone(),
        ticket,
        slot: entry.slot.take(),
        kept: None,
        first: None,
        since,
        lane,
        marks: entry.marks,
        len: entry.len,
        epoch,
        counted,
        written: false,
        parts,
    };
    entry.pending = table.push(key, waiting);
}

#[cold]
pub(super) fn drop_unsent<F, I>(
    entry: &mut Entry<F, I>,
    groups: &[Arc<Group>],
    outcome: Outcome,
    books: &mut Books,
) {
    books.has_counts = true;
    books.freed.one(entry.clear());
    drop(entry.settle(groups, outcome, &mut books.counts));
}

/// Accepts frames of one lane while whole ones fit into `left`.
pub(super) fn written_lane<F, I>(
    taken: &mut Taken<F, I>,
    run: &mut Neighbours,
    left: &mut usize,
    books: &mut Books,
    pending: &mut Option<Box<Pending<F, I>>>,
    epoch: u32,
) {
    if run.bytes <= *left && !run.watched {
        *left -= run.bytes;
        taken.written += run.count;
        books.written(run.encoded, run.bytes);
        run.count = 0;
        return;
    }
    // What is written now is not counted again with the rest.
    run.watched = true;
    let frames = &mut run.count;
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
        let mut frame = entry.frame.take();
        if frame.is_none() {
            continue;
        }
        if entry.pending == NOT_PENDING {
            plain += 1;
            books.freed.one(len);
            if let Some(slot) = entry.slot.take() {
                slot.fail(Outcome::Written { epoch });
            }
        } else if !table(pending).written(entry.pending, &mut frame) {
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
pub(super) fn written_again<F, I>(
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
        let Some(mut item) = again.pop_front() else { break };
        *left -= item.len();
        *frames -= 1;
        done += 1;
        let len = item.len();
        if item.pending == NOT_PENDING {
            books.freed.one(len);
            books.has_counts = true;
            drop(item.settle(Outcome::Written { epoch }, &mut books.counts));
        } else if !table(pending).written(item.pending, &mut item.frame) {
            books.freed.one(len);
        }
    }
    done
}

/// The frame came out longer or shorter than `encoded_len` had said before it was stamped.
#[inline]
pub(super) fn regrow(books: &mut Books, noted: &mut u32, len: usize) {
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

pub(super) fn take_pending<F, I>(
    pending: &mut Option<Box<Pending<F, I>>>,
    number: &mut u64,
) -> Option<Waiting<F, I>> {
    let number = std::mem::replace(number, NOT_PENDING);
    if number == NOT_PENDING {
        return None;
    }
    pending.as_mut()?.remove(number)
}

pub(super) fn table<F, I>(pending: &mut Option<Box<Pending<F, I>>>) -> &mut Pending<F, I> {
    pending.get_or_insert_with(|| Box::new(Pending::new()))
}
