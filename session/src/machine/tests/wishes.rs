//! What a user may wish for at run time, and what a login restores.

use std::time::Duration;

use super::world::World;
use crate::fixture::*;
use crate::outbox::Priority;
use crate::settings::{Adaptive, Heartbeat, Settings};

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

fn steady(interval: Duration) -> Settings {
    Settings { heartbeat: Heartbeat::every(interval).jitter(0.0), ..Settings::default() }
}

fn beats(world: &World) -> usize {
    world.heard().iter().filter(|note| note.kind == ALIVE).count()
}

fn bodies(world: &World) -> Vec<String> {
    let heard = world.heard().into_iter().filter(|note| note.kind != LOGIN);
    heard.map(|note| String::from_utf8(note.body).unwrap()).collect()
}

#[test]
fn the_reply_to_a_heartbeat_is_its_answer_and_not_late() {
    let mut world = World::up(Player::default(), steady(seconds(30)));
    world.pass(seconds(30));
    let heard = world.heard();
    let beat = heard.iter().find(|note| note.kind == ALIVE).unwrap();
    world.pass(Duration::from_millis(40));
    world.hear(&wire(REPLY, beat.sequence, b""));
    let statistics = world.link.statistics();
    assert_eq!((statistics.round_trip, statistics.late), (Duration::from_millis(40), 0));
    // Once: a second reply to it is one too many.
    world.hear(&wire(REPLY, beat.sequence, b""));
    assert_eq!(world.link.statistics().late, 1);
}

#[test]
fn only_the_declared_answer_gives_a_round_trip() {
    let mut world = World::up(Player::default(), steady(seconds(30)));
    world.pass(seconds(30));
    assert_eq!(beats(&world), 1);
    world.pass(Duration::from_millis(10));
    world.hear(&wire(CHAT, 0, b"was on its way already"));
    assert_eq!(world.link.statistics().round_trip, Duration::ZERO);
    world.pass(Duration::from_millis(30));
    world.hear(&wire(ALIVE_TOO, 0, b""));
    assert_eq!(world.link.statistics().round_trip, Duration::from_millis(40));
    world.pass(Duration::from_millis(30));
    world.hear(&wire(ALIVE_TOO, 0, b"unasked"));
    assert_eq!(world.link.statistics().round_trip, Duration::from_millis(40));
}

#[test]
fn the_heartbeat_changes_at_run_time() {
    let mut world = World::up(Player::default(), steady(seconds(30)));
    world.link.set_heartbeat(Heartbeat::every(seconds(5)).jitter(0.0));
    world.flow();
    world.pass(Duration::from_millis(4_999));
    assert_eq!(beats(&world), 0);
    world.pass(Duration::from_millis(1));
    assert_eq!(beats(&world), 1);
    world.hear(&wire(ALIVE_TOO, 0, b""));
    world.link.set_heartbeat(Heartbeat::off());
    world.flow();
    world.pass(seconds(3_600));
    assert_eq!((beats(&world), world.machine.is_up()), (1, true));
}

/// The search of Mars in small: grows by a step after two answers, falls back after two failures.
#[test]
fn the_adaptive_heartbeat_searches_for_the_longest_interval() {
    let policy = Adaptive {
        min: seconds(10),
        max: seconds(30),
        step: seconds(10),
        probes: 2,
        failures: 2,
        warm_up: 1,
        again: seconds(1_000_000),
    };
    let heartbeat = Heartbeat { adaptive: Some(policy), ..Heartbeat::every(policy.min) };
    let settings = Settings { heartbeat: heartbeat.jitter(0.0), ..Settings::default() };
    let mut world = World::up(Player::default(), settings);
    let mut intervals = Vec::new();
    for _ in 0..7 {
        let (before, began) = (beats(&world), world.now);
        while beats(&world) == before {
            world.pass(seconds(1));
        }
        intervals.push(world.now.since(began).as_secs());
        world.hear(&wire(ALIVE_TOO, 0, b""));
    }
    assert_eq!(intervals, [10, 10, 10, 20, 20, 30, 30]);
}

#[test]
fn new_endpoints_are_dialed_from_the_next_attempt_on() {
    let mut world = World::up(Player::default(), Settings::default());
    world.link.set_endpoints(["elsewhere:2"]);
    world.flow();
    assert!(world.machine.is_up(), "{}", world.log);
    assert!(!world.log.contains("elsewhere"), "{}", world.log);
    world.link.reconnect_now();
    world.flow();
    let last = world.log.lines().rev().find(|line| line.contains("Connect(")).unwrap();
    assert!(last.contains("elsewhere"), "{last}");
}

#[test]
fn subscriptions_are_restored_before_the_queue_opens() {
    let player = Player { restored: vec![note(CHAT, b"subscribe")], ..Player::default() };
    let mut world = World::new(player, Settings::default(), 1);
    let receipt = world.send(note(CHAT, b"queued"));
    world.link.standing(7, note(CHAT, b"presence")).unwrap();
    world.link.standing(8, note(CHAT, b"old presence")).unwrap();
    world.link.dismiss(8);
    world.log_in();
    assert_eq!(bodies(&world), ["presence", "subscribe", "queued"]);
    assert!(receipt.settled().is_some());
}

#[test]
fn priorities_are_strict_and_each_is_first_in_first_out() {
    let mut world = World::new(Player::default(), Settings::default(), 1);
    let order = [
        (Priority::Bulk, "b1"),
        (Priority::Normal, "n1"),
        (Priority::Control, "c1"),
        (Priority::Bulk, "b2"),
        (Priority::Normal, "n2"),
        (Priority::Control, "c2"),
    ];
    for (priority, body) in order {
        let sending = world.sending(note(CHAT, body.as_bytes()));
        drop(world.accept_now(sending.priority(priority)).unwrap());
    }
    world.log_in();
    assert_eq!(bodies(&world), ["c1", "c2", "n1", "n2", "b1", "b2"]);
}
