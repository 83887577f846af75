//! What the lanes and the ledger hold.

use std::sync::Arc;

use super::ledger::{Commit, Ledger, Verdict};
use super::pending::Pending;
use super::{Manner, NEVER, Outbox, Priority};
use crate::moment::Moment;
use crate::settings::Settings;

/// Encodes into nothing.
struct Ten;

impl Commit<Arc<()>, ()> for Ten {
    fn frame(
        &mut self,
        _: &mut Arc<()>,
        _: bool,
        _: &mut Option<Box<Pending<Arc<()>, ()>>>,
    ) -> Verdict {
        Verdict::Encoded(10)
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
        ledger.commit(room, (Moment(0), 1), &mut pending, &mut Ten);
        ledger.written(accepted, 1, &mut pending);
        outbox.visit(&mut ledger, Moment(0), None, &bounds);
        held.push((Arc::strong_count(&frame) - 1, outbox.frames, outbox.bytes));
    }
    assert_eq!(held, [(4, 4, 40), (2, 2, 20), (1, 1, 10), (0, 0, 0)]);
}
