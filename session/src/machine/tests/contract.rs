//! What the contract says in numbers, and of states, events and the consumer.

use std::time::Duration;

use super::world::World;
use crate::backoff::Backoff;
use crate::connect::RaceRules;
use crate::event::{Cause, State};
use crate::fixture::*;
use crate::frame_log::FrameLog;
use crate::limiter::DialLimits;
use crate::listener::Limits;
use crate::moment::Moment;
use crate::settings::{Bounds, Fragments, Heartbeat, Settings};
use crate::transport::SocketOptions;
use crate::transport::options::Keepalive;

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

#[test]
fn the_numbers_that_a_session_starts_from() {
    let expected = Settings {
        connect: seconds(10),
        handshake: seconds(10),
        step: seconds(5),
        heartbeat: Heartbeat {
            interval: Some(seconds(30)),
            answer: seconds(10),
            jitter: 0.1,
            adaptive: None,
        },
        write: seconds(10),
        frame: None,
        outbound: Bounds { frames: 256, bytes: 1 << 20, reserved: 8 },
        time_to_live: Some(seconds(30)),
        inbound: Bounds { frames: 256, bytes: 1 << 20, reserved: 0 },
        slow_consumer: seconds(30),
        acknowledgement: seconds(10),
        pending: 1_024,
        own_frames: 64,
        backoff: Backoff::full_jitter(Duration::from_millis(500), seconds(30)),
        stable_after: seconds(10),
        attempts: None,
        start_spread: Duration::ZERO,
        drain: seconds(5),
        batch: 64 << 10,
        read_turn: 256 << 10,
        trim_after: seconds(1),
        standing: 256,
        fragments: Fragments { groups: 4, bytes: 1 << 20, within: seconds(30), gap: 0 },
        malformed_in_a_row: 3,
        stale_token_after: 3,
        stall: Duration::from_millis(100),
        event_log: 0,
        frame_log: FrameLog::Off,
        penalty_after: 3,
        penalty_first: seconds(60),
        penalty_cap: seconds(1_800),
    };
    assert_eq!(Settings::default(), expected);
}

#[test]
fn the_numbers_that_a_process_and_a_listener_start_from() {
    let dials = DialLimits { rate: 200, burst: 200, handshakes: 256, hold: seconds(20) };
    assert_eq!(DialLimits::default(), dials);
    let race = RaceRules { delay: Duration::from_millis(250), max_at_once: 3 };
    assert_eq!(RaceRules::default(), race);
    let limits = Limits {
        accepts_per_second: 1_000,
        per_address: 64,
        connections: None,
        handshakes: 10_000,
        handshake: seconds(10),
        frame: seconds(10),
        backlog: 4_096,
    };
    assert_eq!(Limits::default(), limits);
    let keepalive = Keepalive { after: seconds(30), interval: seconds(10), probes: 3 };
    let options = SocketOptions {
        no_delay: true,
        keepalive: Some(keepalive),
        user_timeout: Some(seconds(45)),
        unsent_low_water_len: Some(64 << 10),
        send_buffer_len: None,
        receive_buffer_len: None,
    };
    assert_eq!(SocketOptions::default(), options);
}

/// Every transition is kept in its order, the oldest go first, and epochs strictly increase.
#[test]
fn the_log_of_transitions_is_whole_and_bounded() {
    let settings = Settings { event_log: 6, ..Settings::default() };
    let mut world = World::up(Player::default(), settings);
    let names = |world: &World| -> Vec<&'static str> {
        world.link.history().iter().map(|(_, state)| state.name()).collect()
    };
    let first = ["await_permit", "connecting", "handshaking", "handshaking", "up"];
    assert_eq!(names(&world), first);
    world.lose(Cause::PeerClosed);
    world.pass(seconds(1));
    world.log_in();
    let (since, last) = (world.now, world.link.history().pop());
    assert_eq!(last, Some((since, State::Up { epoch: 2, since })));
    let again = ["backoff", "await_permit", "connecting", "handshaking", "handshaking", "up"];
    assert_eq!(names(&world), again);
    assert_eq!(world.ups, [(1, false), (2, false)]);
}

/// Rule 6: while we choose not to listen, our own writes still find a dead path.
#[test]
fn a_dead_path_is_found_by_writing_while_the_inbox_is_full() {
    let mut world = World::up(Player::default(), Settings::default());
    world.taker.room = 0;
    let _ = world.machine.wants_read(world.now, &mut world.taker);
    drop(world.send(note(CHAT, b"stuck")));
    world.transmit();
    world.machine.blocked(world.now);
    world.pass(Duration::from_millis(9_999));
    assert!(world.machine.is_up());
    world.pass(Duration::from_millis(1));
    let State::Backoff { cause, .. } = world.state() else { panic!("{:?}", world.state()) };
    assert_eq!((cause, world.now), (Cause::WriteStalled, Moment(10_000_000)));
}

/// Rule 8: the machine's own frames and those of the handshake are stamped in one sequence with the
/// rest, in wire order.
#[test]
fn one_sequence_counts_everything_that_is_sent() {
    let player =
        Player { answers: true, restored: vec![note(CHAT, b"restored")], ..Player::default() };
    let mut world = World::up(player, Settings::default());
    world.link.standing(1, note(CHAT, b"standing")).unwrap();
    drop(world.send(note(CHAT, b"queued")));
    world.flow();
    world.hear(&wire(ALIVE, 0, b""));
    world.flow();
    world.pass(seconds(30));
    world.link.close();
    let heard = world.heard();
    let kinds: Vec<_> = heard.iter().map(|note| note.kind).collect();
    assert_eq!(kinds, [LOGIN, CHAT, CHAT, CHAT, ALIVE_TOO, ALIVE]);
    let sequences: Vec<_> = heard.iter().map(|note| note.sequence).collect();
    assert_eq!(sequences, [0, 1, 2, 3, 4, 5]);
}
