//! Signs of life: who is dead, who is only busy.

use std::task::{Context, Waker};
use std::time::Duration;

use super::{cause, seconds, up};
use crate::event::{Cause, Outcome};
use crate::fixture::*;

/// nats.rs#1593, nats-server#4014: outgoing traffic kept resetting the ping timer.
#[test]
fn heartbeat_is_not_starved_by_outgoing_traffic() {
    let mut world = up();
    let mut lived = 0;
    while world.machine.is_up() {
        let _ = world.send(note(CHAT, b"still there?"));
        world.flow();
        world.pass(seconds(1));
        lived += 1;
        assert!(lived <= 41, "{}", world.log);
    }
    assert!(world.log.contains("Down { epoch: 1, cause: PeerDead }"), "{}", world.log);
}

/// Brokers count what the client sends (MQTT 3.1.1 §3.1.2.10): one who only listens is cut off.
#[test]
fn one_way_inbound_traffic_does_not_silence_our_heartbeat() {
    let mut world = up();
    for _ in 0..150 {
        world.hear(&wire(CHAT, 0, b"news"));
        world.pass(seconds(1));
    }
    let beats = world.heard().iter().filter(|note| note.kind == ALIVE).count();
    assert!((5..=6).contains(&beats), "{beats} heartbeats in 150 s");
    assert!(world.machine.is_up());
}

/// bb#2718: a starved event loop declared peers dead although the answer lay in the socket.
#[test]
fn the_socket_is_looked_at_before_a_verdict() {
    let mut world = up();
    world.pass(seconds(30));
    assert!(world.machine.is_up());
    let deadline = world.machine.deadline();
    world.now = deadline;
    let mut cx = Context::from_waker(Waker::noop());
    world.machine.timer(world.now, &mut cx);
    world.settle();
    assert!(world.log.ends_with("Look\n"), "{}", world.log);
    world.hear(&wire(ALIVE_TOO, 0, b""));
    world.pass(seconds(20));
    assert!(world.machine.is_up());
}

/// pika#93, quickfix#84: a slow consumer blocked the heartbeats, and the link was killed.
#[test]
fn a_full_inbox_stops_reading_but_neither_heartbeats_nor_writes() {
    let mut world = up();
    world.taker.room = 1;
    world.hear(&wire(CHAT, 0, b"first"));
    world.hear(&wire(CHAT, 0, b"second"));
    assert_eq!(world.taker.frames.len(), 1);
    assert!(!world.machine.wants_read(world.now, &mut world.taker));
    let receipt = world.send(note(CHAT, b"still written"));
    world.flow();
    assert_eq!(receipt.settled(), Some(Outcome::Written { epoch: 1 }));
    world.pass(Duration::from_millis(29_999));
    assert!(world.heard().iter().any(|note| note.kind == ALIVE), "{}", world.log);
    assert!(world.machine.is_up());
    world.pass(Duration::from_millis(1));
    assert_eq!(cause(&world), Some(Cause::SlowConsumer));
}

/// rumqtt#98: under heavy inbound traffic the answer was starved, and a healthy link was dropped.
#[test]
fn heavy_inbound_traffic_is_life_enough() {
    let mut world = up();
    for _ in 0..240 {
        world.pass(Duration::from_millis(500));
        world.hear(&wire(CHAT, 0, b"news, and never the answer to a heartbeat"));
    }
    assert!(world.machine.is_up(), "{}", world.log);
    assert!(world.heard().iter().filter(|note| note.kind == ALIVE).count() >= 3);
}

/// nats.rs#955: a peer that had answered for a while was not missed when it stopped.
#[test]
fn a_peer_that_stops_answering_after_a_while_is_missed() {
    let mut world = up();
    for _ in 0..30 {
        world.pass(seconds(9));
        world.hear(&wire(ALIVE_TOO, 0, b""));
    }
    assert!(world.machine.is_up());
    world.pass(seconds(40));
    assert!(world.log.contains("Down { epoch: 1, cause: PeerDead }"), "{}", world.log);
}

/// lettuce#2082, lettuce#1466, carbon-c-relay#284: without an end of its own a write waits for the
/// kernel's fifteen minutes.
#[test]
fn a_write_without_progress_ends_the_connection_after_10_s() {
    let mut world = up();
    let receipt = world.send(note(CHAT, b"stuck"));
    world.transmit();
    world.accept(3);
    world.flush();
    world.machine.blocked(world.now);
    world.now = world.now + Duration::from_millis(9_999);
    let mut cx = Context::from_waker(Waker::noop());
    world.machine.timer(world.now, &mut cx);
    assert!(world.machine.is_up());
    world.now = world.now + Duration::from_millis(1);
    world.machine.timer(world.now, &mut cx);
    world.settle();
    assert!(world.log.contains("Down { epoch: 1, cause: WriteStalled }"), "{}", world.log);
    assert_eq!(receipt.settled(), Some(Outcome::Uncertain { epoch: 1 }));
}
