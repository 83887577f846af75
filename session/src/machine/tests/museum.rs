//! The museum: one test for each pain that users of other clients have reported.

mod alive;

use std::future::Future;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::world::{World, outcomes};
use crate::event::{Cause, Fatal, Outcome, State};
use crate::fixture::*;
use crate::moment::Moment;
use crate::protocol::{Established, Window};
use crate::sending::RequestError;
use crate::settings::{Bounds, Settings};

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

fn up() -> World {
    World::up(Player::default(), Settings::default())
}

fn cause(world: &World) -> Option<Cause> {
    match world.state() {
        State::Backoff { cause, .. } => Some(cause),
        _ => None,
    }
}

/// ThetaDataDx#906, stubborn-io: decoder state survived the reconnect.
#[test]
fn bytes_of_two_connections_never_mix() {
    let mut world = up();
    let frame = wire(CHAT, 0, b"cut in two");
    world.hear(&frame[..9]);
    world.lose(Cause::PeerClosed);
    world.pass(seconds(1));
    world.log_in();
    world.hear(&wire(CHAT, 0, b"whole"));
    assert_eq!(world.taker.frames, [note(CHAT, b"whole")]);
}

/// nats.net.v1#271, paho.mqtt.c#1210: what was queued was cleared at the reconnect.
#[test]
fn the_queue_survives_a_disconnect_in_its_old_order() {
    let mut world = up();
    world.lose(Cause::PeerClosed);
    let receipts: Vec<_> = (0..5u8).map(|id| world.send(note(CHAT, &[id]))).collect();
    world.pass(seconds(1));
    world.log_in();
    let bodies: Vec<_> = world.heard().iter().skip(1).map(|note| note.body[0]).collect();
    assert_eq!(bodies, [0, 1, 2, 3, 4]);
    let written = Some(Outcome::Written { epoch: 2 });
    assert!(outcomes(&receipts.iter().collect::<Vec<_>>()).iter().all(|it| *it == written));
}

/// The prototype's own bug: frames cancelled between two committed ones shifted the receipts.
#[test]
fn a_cancelled_frame_between_committed_ones_does_not_shift_the_receipts() {
    let mut world = up();
    let [a, b, c] = [1, 2, 3].map(|id| world.send(note(CHAT, &[id])));
    assert!(world.link.cancel(&b));
    world.transmit();
    // The first frame leaves whole, the third not at all.
    world.accept(8);
    world.flush();
    world.lose(Cause::PeerClosed);
    assert_eq!(
        outcomes(&[&a, &b, &c]),
        [Some(Outcome::Written { epoch: 1 }), Some(Outcome::Cancelled), None]
    );
    world.pass(seconds(1));
    world.log_in();
    assert_eq!(c.settled(), Some(Outcome::Written { epoch: 2 }));
}

/// lettuce#1310, redisson#3850: blind replay doubled work that was not idempotent.
#[test]
fn uncertain_frames_are_sent_again_only_when_idempotent() {
    let mut world = up();
    let once = world.send(note(SURE, b"once"));
    let again = world.accept_now(world.sending(note(SURE, b"again")).idempotent()).unwrap();
    world.flow();
    world.lose(Cause::PeerClosed);
    assert_eq!(outcomes(&[&once, &again]), [Some(Outcome::Uncertain { epoch: 1 }), None]);
    world.pass(seconds(1));
    world.log_in();
    let heard = world.heard();
    assert_eq!(heard.iter().skip(1).map(|note| &note.body[..]).collect::<Vec<_>>(), [b"again"]);
    world.hear(&wire(ACKNOWLEDGEMENT, heard[1].sequence, b""));
    assert_eq!(again.settled(), Some(Outcome::Acknowledged { epoch: 2 }));
}

/// nats.c#391: requests in flight waited for their timeout after the connection had ended.
#[test]
fn requests_in_flight_settle_at_the_disconnect() {
    let mut world = up();
    let link = world.link.clone();
    let mut request = Box::pin(link.request(note(QUESTION, b"?")));
    let mut cx = Context::from_waker(Waker::noop());
    assert_eq!(request.as_mut().poll(&mut cx), Poll::Pending);
    world.flow();
    world.lose(Cause::PeerClosed);
    let uncertain = RequestError::Unanswered(Outcome::Uncertain { epoch: 1 });
    assert_eq!(request.as_mut().poll(&mut cx), Poll::Ready(Err(uncertain)));
}

/// rumqtt#211: stale commands were sent after the reconnect.
#[test]
fn what_is_too_old_is_not_sent_after_a_reconnect() {
    let mut world = up();
    world.lose(Cause::PeerClosed);
    let old = world.send(note(CHAT, b"old"));
    let keeps = world.accept_now(world.sending(note(CHAT, b"kept")).expires(None)).unwrap();
    world.machine.visit(world.now, 0);
    world.pass(Duration::from_millis(30_250));
    assert_eq!(outcomes(&[&old, &keeps]), [Some(Outcome::Expired), None]);
}

/// moq#1806, LXMF-rs#493: peers that accept and close reset the backoff, and the loop was endless.
#[test]
fn a_flapping_peer_does_not_reset_the_backoff() {
    let mut world = World::new(Player::default(), Settings::default(), 3);
    let mut attempts = Vec::new();
    for _ in 0..5 {
        world.log_in();
        world.pass(seconds(9));
        world.lose(Cause::PeerClosed);
        let State::Backoff { attempt, until, .. } = world.state() else { panic!() };
        attempts.push(attempt);
        world.pass(until.since(world.now));
    }
    assert_eq!(attempts, [1, 2, 3, 4, 5]);
    world.log_in();
    world.pass(seconds(10));
    world.lose(Cause::PeerClosed);
    let State::Backoff { attempt, until, .. } = world.state() else { panic!() };
    assert_eq!(attempt, 0);
    assert!(until.since(world.now) <= Duration::from_millis(50));
}

/// openvpn#932, libzmq#990: a refused login was tried again for ever.
#[test]
fn a_wrong_password_is_not_tried_again() {
    let mut world = World::new(Player::default(), Settings::default(), 1);
    world.connect();
    world.flow();
    world.hear(&wire(WRONG, 0, b""));
    assert_eq!(world.state(), State::Failed(Fatal::Refused("wrong password".into())));
    assert_eq!(world.machine.deadline(), Moment::NEVER);
}

/// vector#26126, zenoh#1514: a silent peer held its permit for ever.
#[test]
fn a_silent_peer_gives_the_permit_back_at_the_step_deadline() {
    let mut world = World::new(Player::default(), Settings::default(), 1);
    world.connect();
    world.flow();
    world.pass(Duration::from_micros(4_999_999));
    assert!(!world.log.contains("ReturnPermit"), "{}", world.log);
    world.pass(Duration::from_micros(1));
    assert!(world.log.contains("  5.000 ReturnPermit\n"), "{}", world.log);
    assert_eq!(cause(&world), Some(Cause::HandshakeDeadline));
}

/// newchat#223: a drain during an outage discarded the queue and reported success.
#[test]
fn a_drain_during_an_outage_says_what_was_left_behind() {
    let mut world = up();
    world.lose(Cause::PeerClosed);
    let receipt = world.accept_now(world.sending(note(CHAT, b"left")).expires(None)).unwrap();
    let link = world.link.clone();
    let mut drain = Box::pin(link.drain(seconds(5)));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(drain.as_mut().poll(&mut cx).is_pending());
    world.machine.visit(world.now, 0);
    world.pass(seconds(5));
    let Poll::Ready(report) = drain.as_mut().poll(&mut cx) else { panic!() };
    assert_eq!((report.not_sent, report.complete()), (1, false));
    assert_eq!(receipt.settled(), Some(Outcome::NotSent));
}

/// tokio-tower#15: a reply that nobody waited for caused a panic.
#[test]
fn a_late_reply_is_discarded_and_counted() {
    let mut world = up();
    let link = world.link.clone();
    let mut request = Box::pin(link.request(note(QUESTION, b"?")));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(request.as_mut().poll(&mut cx).is_pending());
    world.flow();
    drop(request);
    let sequence = world.heard()[1].sequence;
    world.hear(&wire(REPLY, sequence, b"!"));
    world.hear(&wire(REPLY, 999, b"to nobody"));
    assert_eq!(world.link.statistics().late, 2);
    assert!(world.taker.frames.is_empty() && world.machine.is_up());
}

/// lettuce#813, netty#7812: the queue grew without bound while the peer was away.
#[test]
fn the_queue_is_bounded_while_the_peer_is_away() {
    let bounds = Bounds { frames: 10, bytes: 1_000, reserved: 2 };
    let world =
        World::new(Player::default(), Settings { outbound: bounds, ..Settings::default() }, 1);
    let accepted = (0..50).filter(|_| world.link.try_send(note(CHAT, b"x")).is_ok()).count();
    assert_eq!(accepted, 8);
}

/// IEC 60870-5-104 §5.5: k frames without acknowledgement, and t1 until the peer is dead.
#[test]
fn the_window_stops_commits_at_k_and_kills_the_link_after_t1() {
    let window = Window {
        unacknowledged: 2,
        acknowledge_after: 8,
        acknowledge_within: seconds(5),
        deadline: seconds(9),
    };
    let established = Established { window: Some(window), ..Established::default() };
    let player = Player { established, ..Player::default() };
    let mut world = World::up(player, Settings::default());
    for id in 0..4 {
        let _ = world.send(note(SURE, &[id]));
    }
    world.flow();
    let heard = world.heard();
    assert_eq!(heard.len(), 3);
    world.hear(&wire(ACKNOWLEDGEMENT, heard[1].sequence, b""));
    world.flow();
    assert_eq!(world.heard().len(), 4);
    world.pass(seconds(9));
    assert_eq!(cause(&world), Some(Cause::PeerDead));
}

/// The counter wraps at the width of its field.
#[test]
fn the_sequence_wraps_where_its_field_does() {
    let established = Established { first_sequence: Some(65_535), ..Established::default() };
    let mut world = World::up(Player { established, ..Player::default() }, Settings::default());
    for id in 0..3 {
        let _ = world.send(note(CHAT, &[id]));
    }
    world.flow();
    let sequences: Vec<_> = world.heard().iter().map(|note| note.sequence).collect();
    assert_eq!(sequences, [0, 65_535, 0, 1]);
}

/// fred#307: a command without an answer hung for ever.
#[test]
fn a_request_without_a_reply_ends_at_its_deadline() {
    let mut world = up();
    let link = world.link.clone();
    let mut request = Box::pin(link.request(note(QUESTION, b"?")));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(request.as_mut().poll(&mut cx).is_pending());
    world.flow();
    world.pass(Duration::from_millis(9_999));
    assert!(request.as_mut().poll(&mut cx).is_pending());
    world.pass(Duration::from_millis(1));
    let uncertain = RequestError::Unanswered(Outcome::Uncertain { epoch: 1 });
    assert_eq!(request.as_mut().poll(&mut cx), Poll::Ready(Err(uncertain)));
    assert!(world.machine.is_up());
}

/// netty#5639, hazelcast-nodejs#717: one end was told twice, and two reconnects made two
/// connections.
#[test]
fn one_end_is_told_once_and_dialed_once() {
    let mut world = up();
    for cause in [Cause::PeerClosed, Cause::PeerDead, Cause::Requested] {
        world.lose(cause);
    }
    world.link.reconnect_now();
    world.link.reconnect_now();
    world.flow();
    assert_eq!(world.log.matches("Down {").count(), 1, "{}", world.log);
    assert_eq!(world.log.matches("Connect(").count(), 2, "{}", world.log);
}

/// fred#315: the log said closed, and the client that it was connected.
#[test]
fn a_link_that_is_down_says_so() {
    let mut world = up();
    assert!(world.link.is_up());
    world.lose(Cause::PeerClosed);
    assert!(!world.link.is_up() && matches!(world.link.state(), State::Backoff { .. }));
}

/// rumqtt#918, rumqtt#703: no wait between attempts filled processor, log and network.
#[test]
fn no_attempt_follows_the_last_without_a_wait() {
    let mut world = World::new(Player::default(), Settings::default(), 5);
    for _ in 0..30 {
        world.refuse();
        let State::Backoff { until, .. } = world.state() else { panic!("{}", world.log) };
        let wait = until.since(world.now);
        assert!((Duration::from_millis(50)..=seconds(30)).contains(&wait), "{wait:?}");
        world.pass(wait);
    }
}

/// Mars#858: what was sent before the login was refused.
#[test]
fn what_is_sent_before_the_login_waits_for_it() {
    let mut world = World::new(Player::default(), Settings::default(), 1);
    let receipt = world.send(note(CHAT, b"early"));
    world.log_in();
    let kinds: Vec<_> = world.heard().iter().map(|note| note.kind).collect();
    assert_eq!(kinds, [LOGIN, CHAT]);
    assert_eq!(receipt.settled(), Some(Outcome::Written { epoch: 1 }));
}
