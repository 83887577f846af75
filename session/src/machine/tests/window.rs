//! Rule 9: the acknowledgement window, k, w, t1 and t2.

use std::task::{Context, Waker};
use std::time::Duration;

use super::listening::{cause, seconds, sent, sure, up};
use super::world::{World, outcomes};
use crate::event::{Cause, Outcome};
use crate::fixture::*;
use crate::protocol::{Established, Window};
use crate::settings::{Heartbeat, Settings};

/// k = 3, w = 2, t2 = 4 s, t1 = 9 s; it acknowledges what it receives.
fn windowed() -> World {
    let window = Window {
        unacknowledged: 3,
        acknowledge_after: 2,
        acknowledge_within: seconds(4),
        deadline: seconds(9),
    };
    let established = Established { window: Some(window), ..Established::default() };
    let settings = Settings { heartbeat: Heartbeat::off(), ..Settings::default() };
    World::up(Player { established, answers: true, ..Player::default() }, settings)
}

/// Rule 9, w: the second counted frame is acknowledged at once, for both.
#[test]
fn counted_frames_are_acknowledged_after_w_of_them_by_the_newest() {
    let mut world = windowed();
    world.hear(&sure(5));
    world.flow();
    assert_eq!(sent(&world), []);
    world.hear(&sure(6));
    world.flow();
    assert_eq!(sent(&world), [(ACKNOWLEDGEMENT, 6)]);
    world.hear(&sure(7));
    world.flow();
    assert_eq!(sent(&world), [(ACKNOWLEDGEMENT, 6)]);
}

/// Rule 9, t2.
#[test]
fn a_single_counted_frame_is_acknowledged_after_t2() {
    let mut world = windowed();
    world.hear(&sure(5));
    world.pass(Duration::from_millis(3_999));
    assert_eq!(sent(&world), []);
    world.pass(Duration::from_millis(1));
    assert_eq!(sent(&world), [(ACKNOWLEDGEMENT, 5)]);
}

/// The answer that was held back was forgotten when a frame without one followed.
#[test]
fn a_counted_frame_without_an_answer_keeps_the_one_before_it() {
    let mut world = windowed();
    world.hear(&sure(5));
    world.hear(&wire(CHAT, 0, b"counts, but wants no answer"));
    world.flow();
    assert_eq!(sent(&world), [(ACKNOWLEDGEMENT, 5)]);
}

/// Rule 9: a counted frame that we send carries the acknowledgement.
#[test]
fn a_counted_frame_of_ours_takes_the_acknowledgement_along() {
    let mut world = windowed();
    world.hear(&sure(5));
    drop(world.send(note(SURE, b"ours")));
    world.flow();
    world.pass(seconds(8));
    assert_eq!(sent(&world), [(SURE, 0)]);
}

/// Rule 9, k: the fourth waits for an acknowledgement, heartbeats and answers do not.
#[test]
fn k_stops_counted_frames_only() {
    let mut world = windowed();
    let receipts: Vec<_> = (0..4).map(|id| world.send(note(SURE, &[id]))).collect();
    world.flow();
    world.hear(&sure(5));
    world.pass(seconds(4));
    let held = [(SURE, 0), (SURE, 0), (SURE, 0), (ACKNOWLEDGEMENT, 5)];
    assert_eq!(sent(&world), held);
    // The next expected is the third: two are acknowledged, and the fourth may go.
    world.hear(&wire(BEFORE, world.heard()[3].sequence, b""));
    world.flow();
    assert_eq!(sent(&world).len(), 5);
    let acknowledged = Some(Outcome::Acknowledged { epoch: 1 });
    let receipts: Vec<_> = receipts.iter().collect();
    assert_eq!(outcomes(&receipts), [acknowledged, acknowledged, None, None]);
}

/// Rule 9: the next expected number may be one that was not sent yet, and wraps where it does.
#[test]
fn before_settles_all_when_it_names_the_number_after_the_last() {
    let established = Established { first_sequence: Some(65_534), ..Established::default() };
    let mut world = World::up(Player { established, ..Player::default() }, Settings::default());
    let receipts = [1, 2].map(|id| world.send(note(SURE, &[id])));
    world.flow();
    // 65,534 and 65,535 are out; 0 comes next.
    world.hear(&wire(BEFORE, 65_535, b""));
    let acknowledged = Some(Outcome::Acknowledged { epoch: 1 });
    assert_eq!(outcomes(&receipts.each_ref()), [acknowledged, None]);
    world.hear(&wire(BEFORE, 0, b""));
    assert_eq!(outcomes(&receipts.each_ref()), [acknowledged, acknowledged]);
}

/// A standing frame takes a number and is not pending: the peer counts it all the same.
#[test]
fn before_settles_what_stands_behind_a_frame_of_our_own() {
    let mut world = up();
    let receipt = world.send(note(SURE, b"user's"));
    world.flow();
    world.link.standing(0, note(SURE, b"own")).unwrap();
    world.flow();
    let next = world.heard()[2].sequence + 1;
    assert_eq!(next, world.heard()[1].sequence + 2);
    world.hear(&wire(BEFORE, next, b""));
    assert_eq!(outcomes(&[&receipt]), [Some(Outcome::Acknowledged { epoch: 1 })]);
}

#[test]
fn up_to_settles_the_frame_that_it_names_and_all_before_it() {
    let mut world = up();
    let receipts = [1, 2, 3].map(|id| world.send(note(SURE, &[id])));
    world.flow();
    let second = world.heard()[2].sequence;
    world.hear(&wire(UP_TO, second, b""));
    let acknowledged = Some(Outcome::Acknowledged { epoch: 1 });
    assert_eq!(outcomes(&receipts.each_ref()), [acknowledged, acknowledged, None]);
    // It is settled, and nothing is named any more.
    world.hear(&wire(UP_TO, second, b""));
    world.flow();
    assert_eq!((outcomes(&receipts.each_ref())[2], world.link.statistics().late), (None, 1));
}

/// It names a standing frame, which is not pending.
#[test]
fn up_to_a_frame_of_our_own_settles_what_stands_before_it() {
    let mut world = windowed();
    let receipt = world.send(note(SURE, b"before"));
    world.flow();
    world.link.standing(0, note(SURE, b"own")).unwrap();
    world.flow();
    let behind = [1, 2, 3].map(|id| world.send(note(SURE, &[id])));
    world.flow();
    assert_eq!(sent(&world).len(), 3);
    world.hear(&wire(UP_TO, world.heard()[2].sequence, b""));
    world.flow();
    let late = world.link.statistics().late;
    assert_eq!((sent(&world).len(), outcomes(&behind.each_ref()), late), (5, vec![None; 3], 0));
    assert_eq!(receipt.settled(), Some(Outcome::Acknowledged { epoch: 1 }));
}

#[test]
fn up_to_a_pending_frame_counts_a_frame_of_our_own_before_it() {
    let mut world = windowed();
    world.link.standing(0, note(SURE, b"own")).unwrap();
    world.flow();
    let receipts = [1, 2, 3, 4, 5].map(|id| world.send(note(SURE, &[id])));
    world.flow();
    assert_eq!(sent(&world).len(), 3);
    // Two places are free: its own, and that of the standing frame.
    world.hear(&wire(UP_TO, world.heard()[2].sequence, b""));
    world.flow();
    let acknowledged = Some(Outcome::Acknowledged { epoch: 1 });
    let settled = outcomes(&receipts.each_ref());
    assert_eq!((sent(&world).len(), settled), (5, vec![acknowledged, None, None, None, None]));
}

/// Rule 7 holds for t1 as well: the acknowledgement may be in the socket.
#[test]
fn the_socket_is_looked_at_before_t1_ends_the_connection() {
    let mut world = windowed();
    let receipt = world.send(note(SURE, b""));
    world.flow();
    let (deadline, sequence) = (world.machine.deadline(), world.heard()[1].sequence);
    assert_eq!(deadline.since(world.now), seconds(9));
    world.now = deadline;
    let mut cx = Context::from_waker(Waker::noop());
    world.machine.timer(world.now, &mut cx);
    world.settle();
    assert!(world.log.ends_with("Look\n"), "{}", world.log);
    world.hear(&wire(ACKNOWLEDGEMENT, sequence, b""));
    world.machine.timer(world.now, &mut cx);
    assert_eq!(receipt.settled(), Some(Outcome::Acknowledged { epoch: 1 }));
    assert!(world.machine.is_up());
}

/// IEC 104's t1 is 15 s: at 10 s the frames were given up, the window opened, and the dead peer was
/// never found.
#[test]
fn what_counts_for_the_window_waits_for_t1_and_not_for_less() {
    let window = Window {
        unacknowledged: 12,
        acknowledge_after: 8,
        acknowledge_within: seconds(10),
        deadline: seconds(15),
    };
    let established = Established { window: Some(window), ..Established::default() };
    let settings = Settings { heartbeat: Heartbeat::off(), ..Settings::default() };
    let mut world = World::up(Player { established, ..Player::default() }, settings);
    let receipts: Vec<_> = (0..13).map(|id| world.send(note(SURE, &[id]))).collect();
    world.flow();
    world.pass(Duration::from_millis(14_999));
    assert_eq!((sent(&world).len(), receipts[0].settled()), (12, None));
    world.pass(Duration::from_millis(1));
    assert!(world.log.contains("15.000 Down { epoch: 1, cause: PeerDead }"), "{}", world.log);
    assert_eq!(receipts[0].settled(), Some(Outcome::Uncertain { epoch: 1 }));
}

/// A window that is full keeps frames from leaving, and not from expiring: their time began only when
/// it opened.
#[test]
fn what_waits_behind_a_full_window_expires_in_its_time() {
    let mut world = windowed();
    let ahead: Vec<_> = (0..3).map(|id| world.send(note(SURE, &[id]))).collect();
    world.flow();
    let behind = world.sending(note(SURE, b"behind")).expires(seconds(5));
    let behind = world.accept_now(behind).unwrap();
    // The only look at the queue: nothing is written, and nothing wakes the task.
    world.transmit();
    assert_eq!((sent(&world).len(), behind.settled()), (3, None));
    world.pass(Duration::from_millis(4_999));
    assert_eq!(behind.settled(), None);
    // Rounded up to 131 ms, so that many expire in one sweep.
    world.pass(Duration::from_millis(133));
    assert_eq!(behind.settled(), Some(Outcome::Expired));
    assert_eq!(outcomes(&ahead.iter().collect::<Vec<_>>()), [None; 3]);
}

/// Rule 6: while nobody takes frames we do not listen, so t1 stands still. It went on, was passed,
/// and the task spun without rest.
#[test]
fn t1_stands_still_while_the_inbox_is_full() {
    let mut world = windowed();
    drop(world.send(note(SURE, b"ours")));
    world.flow();
    world.taker.room = 1;
    world.hear(&wire(CHAT, 0, b"the last place"));
    assert!(!world.machine.wants_read(world.now, &mut world.taker));
    world.pass(seconds(20));
    assert!(world.machine.is_up(), "{}", world.log);
    world.taker.room = 9;
    world.settle();
    world.pass(Duration::from_millis(8_999));
    assert!(world.machine.is_up(), "{}", world.log);
    world.pass(Duration::from_millis(1));
    assert_eq!(cause(&world), Some(Cause::PeerDead), "{}", world.log);
}

/// A peer counts standing frames and those of `restore` as it counts all others.
#[test]
fn frames_of_our_own_take_places_of_the_window() {
    let mut world = windowed();
    for key in [0, 1] {
        world.link.standing(key, note(SURE, b"own")).unwrap();
    }
    world.flow();
    let receipts = [1, 2].map(|id| world.send(note(SURE, &[id])));
    world.flow();
    assert_eq!(sent(&world).len(), 3);
    // The second of ours is the next expected: the first has given its place up.
    world.hear(&wire(BEFORE, world.heard()[2].sequence, b""));
    world.flow();
    assert_eq!((sent(&world).len(), outcomes(&receipts.each_ref())), (4, vec![None, None]));
    // By its own number; no place is free before.
    drop(world.send(note(SURE, &[3])));
    world.flow();
    assert_eq!(sent(&world).len(), 4);
    world.hear(&wire(ACKNOWLEDGEMENT, world.heard()[2].sequence, b""));
    world.flow();
    assert_eq!((sent(&world).len(), world.link.statistics().late), (5, 0));
}

#[test]
fn a_frame_of_our_own_without_acknowledgement_ends_at_t1() {
    let mut world = windowed();
    world.link.standing(0, note(SURE, b"own")).unwrap();
    world.flow();
    world.pass(Duration::from_millis(8_999));
    assert_eq!(cause(&world), None);
    world.pass(Duration::from_millis(1));
    assert!(world.log.contains("Down { epoch: 1, cause: PeerDead }"), "{}", world.log);
}

/// Rule 9, as for the user's.
#[test]
fn a_frame_of_our_own_takes_the_acknowledgement_along() {
    let mut world = windowed();
    world.hear(&sure(5));
    world.link.standing(0, note(SURE, b"own")).unwrap();
    world.flow();
    world.pass(seconds(8));
    assert_eq!(sent(&world), [(SURE, 0)]);
}

/// IEC 104's general interrogation is acknowledged by a number, and a reply that names it need never
/// come. Its number was left out when the sequence came round, and the peer closes on a gap.
#[test]
fn an_acknowledged_frame_of_our_own_leaves_its_number_free() {
    let mut world = windowed();
    world.link.standing(0, note(SURE, b"own")).unwrap();
    world.flow();
    let own = world.heard()[1].sequence;
    // Straight to its number, instead of 65,536 frames.
    world.machine.jump_to(65_536 + u64::from(own));
    let next = |world: &mut World| {
        drop(world.send(note(CHAT, b"next")));
        world.flow();
        (world.heard().last().unwrap().sequence, world.link.statistics().skipped_keys)
    };
    assert_eq!(next(&mut world), (own + 1, 1));
    world.hear(&wire(BEFORE, own + 1, b""));
    world.machine.jump_to(65_536 + u64::from(own));
    assert_eq!(next(&mut world), (own, 1));
}
