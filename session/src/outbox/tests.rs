//! What the lanes and the ledger hold.

mod model;

use std::sync::Arc;

use super::ledger::{Awaited, Commit, Ledger, Verdict};
use super::pending::Pending;
use super::{IDEMPOTENT, Manner, NEVER, Outbox, Priority, RESUMABLE};
use crate::event::Outcome;
use crate::moment::Moment;
use crate::protocol::Key;
use crate::receipt::Receipt;
use crate::settings::Settings;
use crate::sparse::Sparse;

/// Encodes into nothing. Each frame waits for its acknowledgement, if this is the key of the next.
struct Ten(Option<u64>);

impl Commit<Arc<()>, ()> for Ten {
    fn frame(
        &mut self,
        _: &mut Arc<()>,
        _: bool,
        _: &mut Option<Box<Pending<Arc<()>, ()>>>,
    ) -> Verdict {
        let Some(key) = &mut self.0 else { return Verdict::Encoded(10) };
        *key += 1;
        let parts = Sparse::new();
        Verdict::Awaits(Awaited { len: 10, key: Some(Key(*key)), counted: false, parts })
    }

    fn note(&mut self, _: &Arc<()>, _: usize) {}
}

/// What is written is given back at once, though its neighbours still wait: the places that it gives
/// back are taken by others.
#[test]
fn a_written_frame_is_dropped_before_those_behind_it_are_written() {
    let (frame, bounds) = (Arc::new(()), Settings::default().outbound);
    let (mut outbox, mut ledger, mut pending) = (Outbox::new(), Ledger::new(), None);
    let manner = Manner { lane: Priority::Normal, time_to_live_ms: NEVER, marks: 0 };
    for _ in 0..6 {
        outbox.put::<()>(&mut Some(frame.clone()), 10, manner, None);
    }
    let mut held = Vec::new();
    // Whole runs, a part of one, and what was left of it.
    for (room, accepted) in [(20, 20), (30, 25), (0, 5), (60, 10)] {
        outbox.visit(&mut ledger, Moment(0), Some(room), &bounds);
        ledger.commit(room, (Moment(0), 1), &mut pending, &mut Ten(None));
        ledger.written(accepted, 1, &mut pending);
        outbox.visit(&mut ledger, Moment(0), None, &bounds);
        held.push((Arc::strong_count(&frame) - 1, outbox.frames, outbox.bytes));
    }
    assert_eq!(held, [(4, 4, 40), (2, 2, 20), (1, 1, 10), (0, 0, 0)]);
}

/// A frame is of the user, and what it does when it is dropped may need the lock under which a
/// connection is torn down: all that is not kept is handed out.
#[test]
fn no_frame_is_dropped_while_a_connection_is_torn_down() {
    let bounds = Settings::default().outbound;
    let ways = [0, IDEMPOTENT, RESUMABLE, IDEMPOTENT | RESUMABLE];
    let ways = ways.into_iter().flat_map(|marks| [(marks, None), (marks, Some(0))]);
    for ((marks, key), unflushed) in ways.flat_map(|way| [(way, 0), (way, 12)]) {
        let frame = Arc::new(());
        let (mut outbox, mut ledger, mut pending) = (Outbox::new(), Ledger::new(), None);
        let manner = Manner { lane: Priority::Normal, time_to_live_ms: NEVER, marks };
        for _ in 0..6 {
            outbox.put::<()>(&mut Some(frame.clone()), 10, manner, None);
        }
        outbox.visit(&mut ledger, Moment(0), Some(40), &bounds);
        ledger.commit(40, (Moment(0), 1), &mut pending, &mut Ten(key));
        ledger.written(15, 1, &mut pending);
        let (before, mut dropped) = (Arc::strong_count(&frame), Vec::new());
        let torn = ledger.doubt(unflushed, 1, &mut pending, &mut dropped);
        outbox.put_first(torn);
        let resumes = marks & IDEMPOTENT == 0;
        dropped.extend(ledger.rewind(&mut outbox, 1, resumes, &mut pending));
        if let Some(pending) = &mut pending {
            pending.settle_all(&mut ledger.books, &mut dropped);
        }
        outbox.settle_queue(true, &mut dropped);
        assert_eq!(Arc::strong_count(&frame), before, "{marks} {key:?} {unflushed}");
    }
}

/// A send of ten bytes that expires after so many milliseconds.
fn put(outbox: &mut Outbox<Arc<()>, ()>, time_to_live_ms: u32) -> Receipt {
    let manner = Manner { lane: Priority::Normal, time_to_live_ms, marks: 0 };
    outbox.put(&mut Some(Arc::new(())), 10, manner, None)
}

/// While the link is down nothing is taken. One frame that never expires waits at the front, and all
/// behind it come and go: what they leave is swept out, and each send keeps its own outcome.
#[test]
fn what_came_and_went_while_nothing_was_taken_is_not_kept() {
    let bounds = Settings::default().outbound;
    let (mut outbox, mut ledger, mut pending) = (Outbox::new(), Ledger::new(), None);
    let lasting = put(&mut outbox, NEVER);
    let (mut gone, mut most) = (Vec::new(), (0, 0));
    for second in 0..1_000 {
        gone.push((put(&mut outbox, 1), Outcome::Expired));
        let cancelled = put(&mut outbox, NEVER);
        outbox.cancel(&cancelled).unwrap();
        gone.push((cancelled, Outcome::Cancelled));
        outbox.visit(&mut ledger, Moment(second * 1_000_000), None, &bounds);
        let (entries, groups) = outbox.lanes.as_ref().unwrap().all[1].held();
        most = (most.0.max(entries), most.1.max(groups));
    }
    let end = Moment(1_000_000_000);
    outbox.visit(&mut ledger, end, None, &bounds);
    let late = put(&mut outbox, NEVER);
    assert!(most.0 <= 6 && most.1 <= 3, "{most:?} entries and groups at once");
    outbox.visit(&mut ledger, end, Some(100), &bounds);
    ledger.commit(100, (end, 1), &mut pending, &mut Ten(None));
    ledger.written(15, 1, &mut pending);
    // The second is partly out when the connection ends.
    let mut dropped = Vec::new();
    ledger.doubt(0, 1, &mut pending, &mut dropped);
    assert_eq!(lasting.settled(), Some(Outcome::Written { epoch: 1 }));
    ledger.rewind(&mut outbox, 1, false, &mut pending);
    assert_eq!(late.settled(), Some(Outcome::Uncertain { epoch: 1 }));
    for (receipt, outcome) in &gone {
        assert_eq!(receipt.settled(), Some(*outcome), "{receipt:?}");
    }
    outbox.visit(&mut ledger, end, None, &bounds);
    assert_eq!((outbox.frames, outbox.bytes), (0, 0));
}

/// The same while what was taken before waits for room: it comes back before a lane that has gaps.
#[test]
fn what_comes_back_stands_before_a_lane_with_gaps() {
    let bounds = Settings::default().outbound;
    let (mut outbox, mut ledger, mut pending) = (Outbox::new(), Ledger::new(), None);
    let mut kept = vec![put(&mut outbox, NEVER), put(&mut outbox, NEVER)];
    outbox.visit(&mut ledger, Moment(0), Some(10), &bounds);
    for number in 0..300 {
        let receipt = put(&mut outbox, NEVER);
        if number % 150 == 149 {
            kept.push(receipt);
        } else {
            outbox.cancel(&receipt).unwrap();
        }
    }
    ledger.rewind(&mut outbox, 1, false, &mut pending);
    assert_eq!(outbox.frames, 4);
    kept.push(put(&mut outbox, NEVER));
    outbox.visit(&mut ledger, Moment(0), Some(100), &bounds);
    ledger.commit(100, (Moment(0), 1), &mut pending, &mut Ten(None));
    for (index, receipt) in kept.iter().enumerate() {
        assert_eq!(receipt.settled(), None);
        ledger.written(10, 1, &mut pending);
        assert_eq!(receipt.settled(), Some(Outcome::Written { epoch: 1 }), "{index}");
    }
}

/// Connections that come and go without a byte, and a queue that is taken and given up each time.
#[test]
fn what_was_cancelled_after_it_was_taken_is_not_kept() {
    let bounds = Settings::default().outbound;
    let (mut outbox, mut ledger, mut pending) = (Outbox::new(), Ledger::new(), None);
    let lasting = put(&mut outbox, NEVER);
    for epoch in 1..100 {
        let given_up: Vec<_> = (0..20).map(|_| put(&mut outbox, NEVER)).collect();
        outbox.visit(&mut ledger, Moment(0), Some(10), &bounds);
        ledger.commit(10, (Moment(0), epoch), &mut pending, &mut Ten(None));
        for receipt in &given_up {
            outbox.cancel(receipt).unwrap();
        }
        ledger.rewind(&mut outbox, epoch, false, &mut pending);
        outbox.visit(&mut ledger, Moment(0), None, &bounds);
        assert_eq!((outbox.frames, outbox.lanes.as_ref().unwrap().all[1].held().0), (1, 1));
    }
    assert_eq!(lasting.settled(), None);
}
