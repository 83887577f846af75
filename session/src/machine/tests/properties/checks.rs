//! What must hold after each operation, and at the end.

use std::collections::HashMap;

use super::{Sent, World, id_of};
use crate::event::Outcome;
use crate::fixture::*;
use crate::lock::lock;
use crate::outbox::IDEMPOTENT;

/// G5: no more than the configured frames and bytes.
pub(super) fn check_bounds(world: &World) {
    let outbox = lock(&world.desk.outbox);
    let bounds = &world.desk.settings.outbound;
    assert!(outbox.frames <= bounds.frames, "{} frames", outbox.frames);
    assert!(outbox.bytes <= bounds.bytes, "{} bytes", outbox.bytes);
}

/// What expires has waited for its time to live.
pub(super) fn check_expiry(world: &World, sent: &mut [Sent]) {
    for send in sent.iter_mut().filter(|send| !send.settled) {
        let Some(outcome) = send.receipt.settled() else { continue };
        send.settled = true;
        if outcome == Outcome::Expired {
            let waited = world.now.since(send.at);
            assert!(send.time_to_live.is_some_and(|time| waited >= time), "after {waited:?}");
        }
    }
}

pub(super) fn check(world: &World, sent: &[Sent]) {
    let mut arrived: HashMap<usize, Vec<u32>> = HashMap::new();
    let mut newest = [None; 3];
    let mut gaps = 0;
    for (connection, bytes) in world.received.iter().enumerate() {
        let epoch = u32::try_from(connection + 1).unwrap();
        // G1: whole frames, in order; what is cut off is the last one.
        let mut next = 0;
        for note in notes(bytes) {
            // G10: the sequence starts anew, and its gaps are counted. Not where the peer resumed:
            // what is sent again keeps its old key there.
            if connection == 0 || !world.player.established.resumed {
                assert!(note.sequence >= next, "sequence {} after {next}", note.sequence);
                gaps += u64::from(note.sequence - next);
                next = note.sequence + 1;
            }
            let Some(id) = id_of(&note).filter(|id| *id < sent.len()) else { continue };
            arrived.entry(id).or_default().push(epoch);
            let Sent { lane, marks, .. } = sent[id];
            if marks == 0 {
                // G3: first in, first out within a priority, across connections.
                let newest = &mut newest[lane as usize];
                assert!(newest.is_none_or(|newest| newest < id), "{id} after {newest:?}");
                *newest = Some(id);
            }
        }
    }
    let skipped = lock(&world.desk.outbox).statistics().skipped_keys;
    assert!(gaps <= skipped, "{gaps} gaps, {skipped} counted");
    for (id, send) in sent.iter().enumerate() {
        let epochs = arrived.get(&id).map_or(&[][..], Vec::as_slice);
        check_outcome(id, send, epochs, world);
    }
}

/// G2 and G4: one outcome, and a true one.
fn check_outcome(id: usize, send: &Sent, epochs: &[u32], world: &World) {
    let outcome = send.receipt.settled();
    let outcome = outcome.unwrap_or_else(|| panic!("G2: send {id} has no outcome\n{}", world.log));
    let resumes = world.player.established.resumed && send.is_resumable();
    if send.marks & IDEMPOTENT == 0 && !resumes {
        assert!(epochs.len() <= 1, "G4: {id} arrived in {epochs:?}");
    }
    let what = format!("send {id} of kind {} is {outcome:?}, arrived in {epochs:?}", send.kind);
    match outcome {
        Outcome::Written { epoch } => {
            assert!(epochs.contains(&epoch) && send.kind == CHAT, "{what}");
        }
        Outcome::Acknowledged { epoch } => {
            assert!(epochs.contains(&epoch) && send.kind == SURE, "{what}");
        }
        Outcome::NotSent | Outcome::Expired | Outcome::Cancelled => {
            assert!(epochs.is_empty(), "{what}");
        }
        Outcome::Uncertain { epoch } => {
            assert!(epoch as usize <= world.received.len(), "{what}");
            // What is sent again may have been cut off in its last epoch.
            let again = send.marks != 0;
            assert!(again || epochs.is_empty() || epochs.contains(&epoch), "{what}");
        }
        Outcome::Unencodable(_) => assert!(send.kind == BROKEN && epochs.is_empty(), "{what}"),
    }
    assert_eq!(send.cancelled, outcome == Outcome::Cancelled, "{what}");
}
