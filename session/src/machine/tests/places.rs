//! How many frames may wait for their answers at once, heartbeats among them.

use std::future::Future;
use std::task::{Context, Waker};
use std::time::Duration;

use super::listening::{cause, seconds};
use super::world::{World, outcomes};
use crate::event::{Cause, Outcome};
use crate::fixture::*;
use crate::settings::{Bounds, Heartbeat, Settings};

/// A peer that answers one frame at a time; its heartbeats are questions like all others.
fn one_at_a_time(player: Player) -> World {
    World::up(player, settings(Heartbeat::every(seconds(3))))
}

/// Heartbeats are acknowledged under their number.
fn keyed() -> World {
    one_at_a_time(Player { alive_awaits: true, ..Player::default() })
}

fn settings(heartbeat: Heartbeat) -> Settings {
    let heartbeat = Heartbeat { answer: seconds(10), ..heartbeat.jitter(0.0) };
    Settings { pending: 1, acknowledgement: seconds(5), heartbeat, ..Settings::default() }
}

fn last(world: &World) -> u16 {
    world.heard().last().map_or(0, |note| note.sequence)
}

/// Kinds of what was sent after the login.
fn sent(world: &World) -> Vec<u8> {
    world.heard().iter().skip(1).map(|note| note.kind).collect()
}

fn acknowledge(world: &mut World) {
    acknowledge_at(world, world.heard().len() - 1);
}

fn acknowledge_at(world: &mut World, place: usize) {
    world.hear(&wire(ACKNOWLEDGEMENT, world.heard()[place].sequence, b""));
    world.pass(Duration::ZERO);
    world.flow();
}

/// A server forgot the request that came behind a heartbeat, and it was uncertain after five
/// seconds.
#[test]
fn what_waits_for_its_answer_waits_for_that_of_a_heartbeat_first() {
    let mut world = keyed();
    world.pass(seconds(3));
    let receipt = world.send(note(SURE, &[1]));
    world.flow();
    assert_eq!(sent(&world), [ALIVE]);
    acknowledge(&mut world);
    assert_eq!(sent(&world), [ALIVE, SURE]);
    acknowledge(&mut world);
    assert_eq!(receipt.settled(), Some(Outcome::Acknowledged { epoch: 1 }));
    assert_eq!(world.link.statistics().late, 0);
}

/// What needs no answer goes at once.
#[test]
fn a_heartbeat_holds_nothing_back_that_needs_no_answer() {
    let mut world = keyed();
    world.pass(seconds(3));
    let receipt = world.send(note(CHAT, &[1]));
    world.flow();
    assert_eq!(receipt.settled(), Some(Outcome::Written { epoch: 1 }));
}

#[test]
fn a_heartbeat_waits_for_its_place_and_goes_before_the_queue() {
    let mut world = keyed();
    let receipts = [1, 2].map(|id| world.send(note(SURE, &[id])));
    world.flow();
    world.pass(seconds(4));
    assert_eq!(sent(&world), [SURE]);
    assert_eq!(world.link.statistics().heartbeats, 0);
    acknowledge(&mut world);
    assert_eq!(sent(&world), [SURE, ALIVE]);
    acknowledge(&mut world);
    assert_eq!(sent(&world), [SURE, ALIVE, SURE]);
    let acknowledged = Some(Outcome::Acknowledged { epoch: 1 });
    assert_eq!(outcomes(&receipts.each_ref()), [acknowledged, None]);
}

/// However much is queued: the heartbeat that waits for a place finds the dead peer.
#[test]
fn a_dead_peer_is_found_behind_a_queue_that_waits_for_it() {
    let mut world = keyed();
    let receipts = [1, 2].map(|id| world.send(note(SURE, &[id])));
    world.flow();
    world.pass(seconds(5));
    world.flow();
    let uncertain = Some(Outcome::Uncertain { epoch: 1 });
    assert_eq!(outcomes(&receipts.each_ref()), [uncertain, None]);
    assert_eq!(sent(&world), [SURE, ALIVE]);
    world.pass(seconds(10));
    assert_eq!(cause(&world), Some(Cause::PeerDead));
    assert_eq!(receipts[1].settled(), None, "nothing more went to a peer that is silent");
}

/// Slow commands: the answer to one may take a minute. A dead peer is found all the same.
#[test]
fn a_heartbeat_waits_for_its_place_no_longer_than_for_an_answer() {
    let settings =
        Settings { acknowledgement: seconds(60), ..settings(Heartbeat::every(seconds(3))) };
    let mut world = World::up(Player { alive_awaits: true, ..Player::default() }, settings);
    drop(world.send(note(SURE, b"a slow command")));
    world.flow();
    world.pass(Duration::from_millis(12_999));
    assert_eq!(sent(&world), [SURE]);
    world.pass(Duration::from_millis(1));
    assert_eq!(sent(&world), [SURE, ALIVE]);
    world.pass(seconds(10));
    assert_eq!(cause(&world), Some(Cause::PeerDead));
}

/// What is due no more need not go: the peer speaks, and so do we.
#[test]
fn a_heartbeat_that_is_due_no_more_does_not_go() {
    let mut world = keyed();
    drop(world.send(note(SURE, &[1])));
    world.flow();
    world.pass(seconds(4));
    drop(world.send(note(CHAT, &[2])));
    world.flow();
    acknowledge_at(&mut world, 1);
    assert_eq!(sent(&world), [SURE, CHAT]);
    let held = world.machine.connection.as_ref().map(|open| open.held_beat.is_some());
    assert_eq!(held, Some(false), "it is made anew when it goes");
    world.pass(seconds(3));
    assert_eq!(sent(&world), [SURE, CHAT, ALIVE]);
}

#[test]
fn a_heartbeat_that_is_turned_off_or_behind_a_goodbye_does_not_go() {
    let mut world = keyed();
    let receipt = world.send(note(SURE, &[1]));
    world.flow();
    world.pass(seconds(4));
    world.link.set_heartbeat(Heartbeat::off());
    world.settle();
    acknowledge_at(&mut world, 1);
    assert_eq!((sent(&world), receipt.settled().is_some()), (vec![SURE], true));
    world.link.set_heartbeat(settings(Heartbeat::every(seconds(3))).heartbeat);
    drop(world.send(note(SURE, &[2])));
    world.flow();
    world.pass(seconds(4));
    let link = world.link.clone();
    let mut drain = Box::pin(link.drain(seconds(9)));
    assert!(drain.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    world.settle();
    acknowledge_at(&mut world, 2);
    assert_eq!(sent(&world), [SURE, SURE, GOODBYE]);
}

/// A peer that lives and does not answer heartbeats is waited for once, for as long as any answer may
/// take, and again when it answers one.
#[test]
fn a_peer_that_ignores_heartbeats_is_waited_for_until_that_is_known() {
    for keyless in [false, true] {
        let player = Player { keyless, alive_awaits: true, ..Player::default() };
        let mut world = one_at_a_time(player);
        world.pass(seconds(3));
        drop(world.send(note(SURE, &[1])));
        world.flow();
        world.hear(&wire(CHAT, 0, b"of the peer"));
        world.pass(Duration::from_millis(4_999));
        world.flow();
        assert_eq!(sent(&world), [ALIVE]);
        world.pass(Duration::from_millis(1));
        world.flow();
        assert_eq!(sent(&world), [ALIVE, ALIVE, SURE], "{}", world.log);
        drop(world.send(note(SURE, &[2])));
        let all: Vec<_> = world.heard().iter().skip(1).map(|note| note.sequence).collect();
        for sequence in all {
            let (kind, refers) = if keyless { (NEXT, 0) } else { (ACKNOWLEDGEMENT, sequence) };
            world.hear(&wire(kind, refers, b""));
        }
        world.flow();
        assert_eq!(sent(&world), [ALIVE, ALIVE, SURE, SURE]);
        world.hear(&wire(if keyless { NEXT } else { ACKNOWLEDGEMENT }, last(&world), b""));
        world.pass(seconds(3));
        drop(world.send(note(SURE, &[3])));
        world.flow();
        assert_eq!(sent(&world), [ALIVE, ALIVE, SURE, SURE, ALIVE], "it is waited for again");
    }
}

/// It is not the peer's fault that nobody takes its answer.
#[test]
fn no_peer_ignores_heartbeats_while_nothing_is_read() {
    let mut world = keyed();
    world.pass(seconds(3));
    drop(world.send(note(SURE, &[1])));
    world.hear(&wire(CHAT, 0, b""));
    world.taker.room = 0;
    assert!(!world.machine.wants_read(world.now, &mut world.taker));
    world.pass(seconds(20));
    assert_eq!(sent(&world).iter().filter(|kind| **kind == SURE).count(), 0);
    world.taker.room = 9;
    world.settle();
    assert!(world.machine.wants_read(world.now, &mut world.taker));
    // The second has waited for its place no longer than for an answer.
    assert_eq!(sent(&world), [ALIVE, ALIVE]);
    acknowledge_at(&mut world, 1);
    acknowledge(&mut world);
    // Nothing was sent for a while.
    assert_eq!(sent(&world), [ALIVE, ALIVE, ALIVE]);
    acknowledge(&mut world);
    assert_eq!(sent(&world), [ALIVE, ALIVE, ALIVE, SURE]);
}

/// What answers heartbeats by its kind alone gives their places back, too.
#[test]
fn an_answer_without_a_number_gives_the_place_back() {
    for keyless in [false, true] {
        let mut world = one_at_a_time(Player { keyless, alive_awaits: true, ..Player::default() });
        world.pass(seconds(3));
        drop(world.send(note(SURE, &[1])));
        world.hear(&wire(ALIVE_TOO, 0, b""));
        world.flow();
        assert_eq!(sent(&world), [ALIVE, SURE]);
    }
}

/// What acknowledges all up to a heartbeat settles what stands before it, also when the heartbeat has
/// had its answer already.
#[test]
fn a_heartbeat_that_is_answered_is_a_place_for_acknowledgements() {
    let heartbeat = Heartbeat::every(seconds(3)).jitter(0.0);
    let settings = Settings { heartbeat, ..Settings::default() };
    let mut world = World::up(Player { alive_awaits: true, ..Player::default() }, settings);
    let receipt = world.send(note(SURE, &[1]));
    world.flow();
    world.pass(seconds(3));
    assert_eq!(sent(&world), [SURE, ALIVE]);
    world.hear(&wire(ALIVE_TOO, 0, b""));
    world.hear(&wire(UP_TO, last(&world), b""));
    assert_eq!(receipt.settled(), Some(Outcome::Acknowledged { epoch: 1 }));
    assert_eq!(world.link.statistics().late, 0);
}

/// A beat in 30 seconds for as long as the link stays: nothing is kept of those that are answered.
#[test]
fn answered_heartbeats_are_forgotten() {
    let mut world = keyed();
    for _ in 0..20 {
        world.pass(seconds(3));
        world.hear(&wire(ALIVE_TOO, 0, b""));
    }
    let kept = world.machine.connection.as_ref().map_or(0, |open| open.expected.len());
    assert_eq!((sent(&world).len(), kept), (20, 1));
}

/// Not the newest, either.
#[test]
fn a_late_reply_to_a_heartbeat_is_for_nobody() {
    let mut world = keyed();
    world.pass(seconds(3));
    world.hear(&wire(CHAT, 0, b"it lives"));
    world.pass(seconds(5));
    assert_eq!(sent(&world), [ALIVE, ALIVE]);
    world.hear(&wire(REPLY, world.heard()[1].sequence, b""));
    assert_eq!((world.taker.frames.len(), world.link.statistics().late), (1, 0));
}

/// Frames of our own that are never answered do not take the user's numbers for ever.
#[test]
fn numbers_of_what_is_not_answered_come_back() {
    let restored = (0..256).map(|_| note(SURE, b"")).collect();
    let player = Player { restored, narrow: true, ..Player::default() };
    let mut world = World::up(player, Settings::default());
    world.flow();
    let receipt = world.send(note(CHAT, b"behind the wrap"));
    world.flow();
    assert_eq!(receipt.settled(), Some(Outcome::Written { epoch: 1 }));
}

/// Places of all that was given up at once stay in the order of the wire.
#[test]
fn without_keys_many_answers_keep_their_places() {
    let heartbeat = Heartbeat::every(seconds(5)).jitter(0.0);
    let bounds = Bounds { frames: 4_096, ..Settings::default().outbound };
    let settings = Settings { heartbeat, outbound: bounds, ..Settings::default() };
    let mut world = World::up(Player { keyless: true, ..Player::default() }, settings);
    for _ in 0..1_024 {
        drop(world.send(note(CHAT, b"slow")));
    }
    world.flow();
    world.pass(seconds(10));
    assert_eq!(sent(&world).last(), Some(&ALIVE));
    let fast = world.send(note(CHAT, b"fast"));
    world.flow();
    for _ in 0..1_025 {
        world.hear(&wire(NEXT, 0, b""));
    }
    assert_eq!(fast.settled(), None, "1,024 slow ones and a heartbeat came before it");
    world.hear(&wire(NEXT, 0, b""));
    assert_eq!(fast.settled(), Some(Outcome::Acknowledged { epoch: 1 }));
}

/// A peer that speaks and never answers is not remembered without end.
#[test]
fn a_peer_that_owes_too_many_replies_is_dead() {
    let bounds = Bounds { frames: 100_000, bytes: 1 << 24, ..Settings::default().outbound };
    let settings = Settings { pending: 100_000, outbound: bounds, ..Settings::default() };
    let mut world = World::up(Player { keyless: true, ..Player::default() }, settings);
    for (count, room, dead) in [(16_384, 9, false), (1, 0, false), (1, 9, true)] {
        // While we do not listen, its replies may lie in the socket; they have time to be read.
        world.taker.room = room;
        let _ = world.machine.wants_read(world.now, &mut world.taker);
        world.pass(Duration::ZERO);
        assert!(world.machine.is_up(), "{}", world.log);
        for _ in 0..count {
            drop(world.send(note(CHAT, b"")));
        }
        world.flow();
        world.pass(seconds(10));
        let told = (world.machine.is_up(), world.log.contains("PeerDead"));
        assert_eq!(told, (!dead, dead), "{}", world.log);
    }
}

/// The place of a request that was given up was forgotten for that of a heartbeat, and the next
/// request was answered with what answered the heartbeat.
#[test]
fn without_keys_every_answer_keeps_its_place() {
    let mut world = one_at_a_time(Player { keyless: true, ..Player::default() });
    let slow = world.send(note(SURE, b"slow"));
    world.flow();
    world.pass(seconds(5));
    let fast = world.send(note(SURE, b"fast"));
    world.flow();
    assert_eq!(slow.settled(), Some(Outcome::Uncertain { epoch: 1 }));
    assert_eq!(sent(&world), [SURE, ALIVE]);
    world.hear(&wire(NEXT, 0, b"slow"));
    world.flow();
    assert_eq!(sent(&world), [SURE, ALIVE]);
    world.hear(&wire(NEXT, 0, b"alive"));
    world.flow();
    assert_eq!((sent(&world), fast.settled()), (vec![SURE, ALIVE, SURE], None));
    world.hear(&wire(NEXT, 0, b"fast"));
    assert_eq!(fast.settled(), Some(Outcome::Acknowledged { epoch: 1 }));
}

/// Without keys it is the order that says whose an answer is.
#[test]
fn a_heartbeat_without_a_key_takes_a_place_as_well() {
    let mut world = one_at_a_time(Player { keyless: true, ..Player::default() });
    world.pass(seconds(3));
    let receipt = world.send(note(SURE, &[1]));
    world.flow();
    assert_eq!(sent(&world).len(), 1);
    world.hear(&wire(NEXT, 0, b"alive"));
    world.flow();
    assert_eq!(sent(&world).len(), 2);
    world.hear(&wire(NEXT, 0, b"done"));
    assert_eq!(receipt.settled(), Some(Outcome::Acknowledged { epoch: 1 }));
}

/// What is restored goes at once, however much it is; the queue waits for its answers.
#[test]
fn the_queue_waits_for_what_is_restored() {
    let restored = vec![note(SURE, b"a"), note(SURE, b"b")];
    let mut world = one_at_a_time(Player { restored, ..Player::default() });
    drop(world.send(note(SURE, &[1])));
    world.flow();
    let restored = world.heard();
    for note in restored.iter().skip(1).rev() {
        assert_eq!(sent(&world).len(), 2);
        world.hear(&wire(ACKNOWLEDGEMENT, note.sequence, b""));
        world.flow();
    }
    assert_eq!(sent(&world).len(), 3);
    assert_eq!(world.link.statistics().late, 0);
}
