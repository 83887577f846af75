//! Logging in: verdicts, tokens, upgrades, and futures that are dropped half-way.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;

use super::world::World;
use crate::connect::Endpoint;
use crate::event::{Cause, Fatal, Outcome, State};
use crate::fixture::*;
use crate::protocol::{Established, Refusal};
use crate::settings::{Bounds, Settings};

pub(super) fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

pub(super) fn with(login: Handshake) -> World {
    let player = Player { login: Some(login), ..Player::default() };
    World::new(player, Settings::default(), 1)
}

pub(super) fn backoff(world: &World) -> (Duration, Cause) {
    match world.state() {
        State::Backoff { until, cause, .. } => (until.since(world.now), cause),
        other => panic!("{other:?}\n{}", world.log),
    }
}

fn dials(world: &World) -> Vec<&str> {
    world.log.lines().filter_map(|line| line.split_once("Connect(")).map(|(_, to)| to).collect()
}

/// A redirect is followed at once; the sixth in a row counts as a failure and waits.
#[test]
fn redirects_are_followed_at_once_five_times() {
    let mut world = with(|_| {
        let endpoints = vec![Endpoint::from("other:2"), Endpoint::from("third:3")];
        Box::pin(async { Err(Refusal::Redirect(endpoints)) })
    });
    for _ in 0..5 {
        world.connect();
        assert_eq!(world.state(), State::Connecting { attempt: 0 });
    }
    world.connect();
    let (wait, cause) = backoff(&world);
    assert!(wait > Duration::ZERO && matches!(cause, Cause::Refused(Refusal::Redirect(_))));
    let places: Vec<_> = dials(&world).iter().map(|to| to.contains("other")).collect();
    assert_eq!(places, [false, true, true, true, true, true]);
}

/// The peer's word wins over the backoff.
#[test]
fn no_attempt_is_made_before_the_peer_wants_one() {
    let mut world = with(|_| {
        let refusal = Refusal::RetryAfter(Duration::from_secs(77), "busy".into());
        Box::pin(async { Err(refusal) })
    });
    world.connect();
    assert_eq!(backoff(&world).0, seconds(77));
    world.pass(Duration::from_millis(76_999));
    assert_eq!(dials(&world).len(), 1);
    world.pass(Duration::from_millis(1));
    assert_eq!(dials(&world).len(), 2);
}

/// A goodbye that asks for time, after an epoch that was stable.
#[test]
fn a_goodbye_that_asks_for_time_gets_it() {
    let mut world = World::up(Player::default(), Settings::default());
    world.pass(seconds(20));
    let cause = Cause::Goodbye(Refusal::RetryAfter(seconds(50), "upgrade".into()));
    world.lose(cause.clone());
    assert_eq!(backoff(&world), (seconds(50), cause));
}

#[test]
fn attempts_end_where_the_settings_say() {
    let settings = Settings { attempts: Some(2), ..Settings::default() };
    let mut world = World::new(Player::default(), settings, 1);
    let receipt = world.send(note(CHAT, b"never"));
    world.refuse();
    let (wait, _) = backoff(&world);
    world.pass(wait);
    world.refuse();
    assert!(matches!(world.state(), State::Failed(Fatal::Attempts(Cause::Connect(_)))));
    assert_eq!(receipt.settled(), Some(Outcome::NotSent));
}

/// Resumes with a token; `refers` of WELCOME says whether the peer did, and 9 refuses.
fn resuming() -> World {
    with(|script| {
        Box::pin(async move {
            let token = script.token();
            if let Some(token) = &token {
                script.resuming();
                script.send(note(LOGIN, token));
            } else {
                script.send(note(LOGIN, b"secret"));
            }
            let welcome = script.receive().await?;
            let resumed = match welcome.refers {
                9 => return Err(Refusal::Resume("unknown token".into())),
                refers => refers == 1,
            };
            let token = (!welcome.body.is_empty()).then(|| Bytes::from(welcome.body));
            Ok(Established { resumed, token, ..Established::default() })
        })
    })
}

/// Connects, and answers the login; what was sent for it.
fn answer(world: &mut World, refers: u16, body: &[u8]) -> Vec<u8> {
    if let State::Backoff { until, .. } = world.state() {
        world.pass(until.since(world.now));
    }
    world.connect();
    world.flow();
    let login = world.heard()[0].body.clone();
    world.hear(&wire(WELCOME, refers, body));
    login
}

fn lose(world: &mut World) {
    assert!(world.machine.is_up(), "{}", world.log);
    world.lose(Cause::PeerClosed);
}

/// The token goes into the next handshake, and stays while the peer resumes without a new one.
#[test]
fn a_token_resumes_the_next_epoch_and_the_one_after_it() {
    let mut world = resuming();
    assert_eq!(answer(&mut world, 0, b"token"), b"secret");
    lose(&mut world);
    assert_eq!(answer(&mut world, 1, b""), b"token");
    lose(&mut world);
    assert_eq!(answer(&mut world, 1, b"newer"), b"token");
    lose(&mut world);
    assert_eq!(answer(&mut world, 1, b""), b"newer");
    assert_eq!(world.ups, [(1, false), (2, true), (3, true), (4, true)]);
    // G9: no gap is told where the peer kept our state.
    assert!(!world.log.contains("Gap"), "{}", world.log);
}

#[test]
fn the_state_says_that_it_resumes() {
    let mut world = resuming();
    answer(&mut world, 0, b"token");
    lose(&mut world);
    world.pass(seconds(1));
    world.connect();
    assert_eq!(world.state(), State::Resuming { step: 1 });
}

/// claude-plugins-official#3140, carbon#364: a stale session was resumed for ever. A login that the
/// peer took as a new one makes the old token worthless.
#[test]
fn a_login_that_did_not_resume_forgets_the_token() {
    let mut world = resuming();
    answer(&mut world, 0, b"token");
    lose(&mut world);
    assert_eq!(answer(&mut world, 0, b""), b"token");
    lose(&mut world);
    assert_eq!(answer(&mut world, 0, b""), b"secret");
}

/// The same where the peer refuses: three times in a row, then a fresh login.
#[test]
fn a_token_that_is_refused_three_times_is_dropped() {
    let mut world = resuming();
    answer(&mut world, 0, b"token");
    lose(&mut world);
    for _ in 0..3 {
        assert_eq!(answer(&mut world, 9, b""), b"token");
        assert!(matches!(backoff(&world).1, Cause::Refused(Refusal::Resume(_))));
    }
    assert_eq!(answer(&mut world, 0, b""), b"secret");
    assert!(world.machine.is_up());
}

/// A connection that breaks while it resumes counts as well; one that comes up starts the count
/// anew.
#[test]
fn refused_resumptions_count_only_in_a_row() {
    let mut world = resuming();
    answer(&mut world, 0, b"token");
    lose(&mut world);
    for _ in 0..2 {
        assert_eq!(answer(&mut world, 9, b""), b"token");
    }
    assert_eq!(answer(&mut world, 1, b""), b"token");
    lose(&mut world);
    for _ in 0..2 {
        let (wait, _) = backoff(&world);
        world.pass(wait);
        world.connect();
        world.flow();
        assert_eq!(world.heard()[0].body, b"token");
        world.lose(Cause::PeerClosed);
    }
    assert_eq!(answer(&mut world, 9, b""), b"token");
    assert_eq!(answer(&mut world, 0, b""), b"secret");
}

/// Polls a future once and drops it, as a `select` does with the branches that lost.
async fn once<F: Future>(future: F) {
    let mut future = pin!(future);
    poll_fn(|cx| {
        let _ = future.as_mut().poll(cx);
        Poll::Ready(())
    })
    .await;
}

/// G8: the frame that came for a `receive` that was dropped belongs to the user.
#[test]
fn a_frame_for_a_dropped_receive_is_delivered_after_the_login() {
    let mut world = with(|script| {
        Box::pin(async move {
            let mut polls = 0;
            {
                let mut receive = pin!(script.receive());
                poll_fn(|cx| {
                    polls += 1;
                    if polls == 2 {
                        return Poll::Ready(());
                    }
                    let _ = receive.as_mut().poll(cx);
                    Poll::Pending
                })
                .await;
            }
            Ok(Established::default())
        })
    });
    world.connect();
    world.hear(&[wire(CHAT, 0, b"first"), wire(CHAT, 0, b"second")].concat());
    assert!(world.machine.is_up(), "{}", world.log);
    assert_eq!(world.taker.frames, [note(CHAT, b"first"), note(CHAT, b"second")]);
}

/// G8: the deadline of a `receive` that was dropped woke the task, and nobody answered it.
#[test]
fn the_deadline_of_a_dropped_receive_wakes_nobody_for_ever() {
    let mut world = with(|script| {
        Box::pin(async move {
            once(script.receive()).await;
            std::future::pending().await
        })
    });
    world.connect();
    world.pass(Duration::from_millis(9_999));
    assert!(matches!(world.state(), State::Handshaking { step: 0, .. }), "{}", world.log);
    world.pass(Duration::from_millis(1));
    assert_eq!(backoff(&world).1, Cause::HandshakeDeadline);
}

/// A pause is the machine's time, and no deadline of a step.
#[test]
fn a_script_pauses_in_the_machines_time() {
    let mut world = with(|script| {
        Box::pin(async move {
            script.pause(Duration::from_secs(7)).await;
            Ok(Established::default())
        })
    });
    world.connect();
    world.pass(Duration::from_millis(6_999));
    assert_eq!(world.state(), State::Handshaking { step: 0, foreign: false });
    world.pass(Duration::from_millis(1));
    assert!(world.machine.is_up());
}

/// G5: a peer that says everything but what is expected fills no more than an inbox.
#[test]
fn a_flood_before_the_login_ends_it() {
    let login: Handshake = |script| {
        Box::pin(async move {
            script.expect(|note| note.kind == WELCOME).await?;
            Ok(Established::default())
        })
    };
    let inbound = Bounds { frames: 3, bytes: 1_000, reserved: 0 };
    let settings = Settings { inbound, ..Settings::default() };
    let player = Player { login: Some(login), ..Player::default() };
    let mut world = World::new(player, settings, 1);
    world.connect();
    for _ in 0..3 {
        world.hear(&wire(CHAT, 0, b"not yet"));
    }
    assert_eq!(world.state(), State::Handshaking { step: 3, foreign: false });
    world.hear(&wire(CHAT, 0, b"not yet"));
    assert_eq!(backoff(&world).1, Cause::Flooded);
}

/// Endpoints and heartbeat may change while the session runs.
#[test]
fn new_endpoints_are_dialed_from_the_next_attempt_on() {
    let mut world = World::up(Player::default(), Settings::default());
    world.link.set_endpoints(["elsewhere:9"]);
    world.machine.visit(world.now, 0);
    assert!(world.machine.is_up());
    world.lose(Cause::PeerClosed);
    world.pass(seconds(1));
    assert!(dials(&world)[1].contains("elsewhere"), "{}", world.log);
}

/// `reconnect_now` waits for nothing, and closes a connection that is up.
#[test]
fn a_reconnect_on_request_does_not_wait() {
    let mut world = World::up(Player::default(), Settings::default());
    world.lose(Cause::PeerClosed);
    assert!(backoff(&world).0 > Duration::ZERO);
    for epoch in 2..4 {
        world.link.reconnect_now();
        world.machine.visit(world.now, 0);
        world.settle();
        assert!(matches!(world.state(), State::Connecting { .. }), "{}", world.log);
        world.log_in();
        assert_eq!(world.ups.last(), Some(&(epoch, false)));
    }
}
