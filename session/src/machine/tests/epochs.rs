//! What passes from one epoch to the next, and what must not.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::world::{World, outcomes};
use crate::event::{Cause, Outcome};
use crate::fixture::*;
use crate::protocol::{Established, Window};
use crate::sending::Requesting;
use crate::settings::{Heartbeat, Settings};

fn up(established: Established) -> World {
    World::up(Player { established, ..Player::default() }, Settings::default())
}

fn resumed() -> Established {
    Established { resumed: true, ..Established::default() }
}

/// The connection is lost, and the next one logs in.
fn again(world: &mut World) {
    world.lose(Cause::PeerClosed);
    world.pass(Duration::from_secs(1));
    world.log_in();
}

/// Kind and sequence of what the newest connection has sent after the login.
fn sent(world: &World) -> Vec<(u8, u16)> {
    world.heard().iter().skip(1).map(|note| (note.kind, note.sequence)).collect()
}

fn asked(request: &mut Pin<Box<Requesting<'_, Player>>>) -> Option<Vec<u8>> {
    match request.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(reply) => Some(reply.unwrap().body),
        Poll::Pending => None,
    }
}

/// MQTT 3.1.1 §4.4 is for sessions that the server kept. A server that kept none knows nothing of a
/// PUBREL: the message goes out as it was given.
#[test]
fn a_half_done_frame_goes_out_whole_when_the_peer_has_not_resumed() {
    for resumable in [false, true] {
        let mut world = up(Established::default());
        let sending = world.sending(note(SURE, b"twice")).idempotent();
        let sending = if resumable { sending.resumable() } else { sending };
        let receipt = world.accept_now(sending).unwrap();
        world.flow();
        world.hear(&wire(HALF, 1, b""));
        world.flow();
        assert_eq!(sent(&world), [(SURE, 1), (REST, 2)]);
        again(&mut world);
        assert_eq!(sent(&world), [(SURE, 1)], "resumable: {resumable}");
        assert_eq!(world.heard()[1].body, b"twice");
        world.hear(&wire(ACKNOWLEDGEMENT, 1, b""));
        assert_eq!(receipt.settled(), Some(Outcome::Acknowledged { epoch: 2 }));
    }
}

/// MQTT 3.1.1 §4.3.3: a sender "MUST NOT re-send the PUBLISH once it has sent the corresponding
/// PUBREL packet"; also when the PUBREC was quicker than our flush.
#[test]
fn a_half_done_frame_goes_on_with_its_other_half_when_the_peer_has_resumed() {
    for overtakes in [false, true] {
        let mut world = up(resumed());
        let sending = world.sending(note(SURE, b"once")).resumable().idempotent();
        let receipt = world.accept_now(sending).unwrap();
        world.transmit();
        world.accept(usize::MAX);
        if !overtakes {
            world.flush();
        }
        world.hear(&wire(HALF, 1, b""));
        world.flush();
        world.flow();
        again(&mut world);
        assert_eq!(sent(&world), [(REST, 2)], "overtakes: {overtakes}");
        // And whole, if in the end the peer has forgotten it.
        world.player.established = Established::default();
        again(&mut world);
        assert_eq!(sent(&world), [(SURE, 1)], "overtakes: {overtakes}");
        world.hear(&wire(ACKNOWLEDGEMENT, 1, b""));
        assert_eq!(receipt.settled(), Some(Outcome::Acknowledged { epoch: 3 }));
    }
}

/// G10: the sequence starts anew with each epoch that was not resumed, and only with those.
#[test]
fn the_sequence_goes_on_in_a_resumed_epoch_and_begins_anew_in_another() {
    let mut world = up(resumed());
    let mut numbers = Vec::new();
    for epoch in 0..3 {
        if epoch == 2 {
            world.player.established = Established::default();
        }
        if epoch > 0 {
            again(&mut world);
        }
        drop(world.send(note(CHAT, b"1")));
        drop(world.send(note(CHAT, b"2")));
        world.flow();
        numbers.push(world.heard().iter().map(|note| note.sequence).collect::<Vec<_>>());
    }
    // The login is number 0 each time: it cannot know yet.
    assert_eq!(numbers, [[0, 1, 2], [0, 3, 4], [0, 1, 2]]);
}

/// An attempt that did not log in does not move the sequence that a later one goes on with.
#[test]
fn an_attempt_between_two_epochs_leaves_the_sequence_alone() {
    let mut world = up(resumed());
    drop(world.send(note(CHAT, b"1")));
    world.flow();
    world.lose(Cause::PeerClosed);
    world.pass(Duration::from_secs(1));
    world.connect();
    world.flow();
    world.lose(Cause::PeerClosed);
    world.pass(Duration::from_secs(2));
    world.log_in();
    drop(world.send(note(CHAT, b"2")));
    world.flow();
    assert_eq!(sent(&world), [(CHAT, 2)]);
}

/// G7: a peer that has resumed may answer what it was asked before; no newer request has that key,
/// not even where the protocol starts its numbers anew.
#[test]
fn a_reply_of_the_epoch_before_completes_nothing_in_a_resumed_one() {
    let established = Established { first_sequence: Some(1), ..resumed() };
    let mut world = up(established);
    let link = world.link.clone();
    let mut old = Box::pin(link.request(note(QUESTION, b"old")));
    assert_eq!(asked(&mut old), None);
    world.flow();
    world.lose(Cause::PeerClosed);
    let failed = old.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    let uncertain = crate::sending::RequestError::Unanswered(Outcome::Uncertain { epoch: 1 });
    assert_eq!(failed, Poll::Ready(Err(uncertain)));
    world.pass(Duration::from_secs(1));
    world.log_in();
    let mut new = Box::pin(link.request(note(QUESTION, b"new")));
    assert_eq!(asked(&mut new), None);
    world.flow();
    assert_eq!(sent(&world), [(QUESTION, 2)]);
    world.hear(&wire(REPLY, 1, b"to the old one"));
    assert_eq!(asked(&mut new), None);
    world.hear(&wire(REPLY, 2, b"to the new one"));
    assert_eq!(asked(&mut new), Some(b"to the new one".to_vec()));
    world.machine.visit(world.now, 0);
    let statistics = world.link.statistics();
    assert_eq!((statistics.late, statistics.skipped_keys), (1, 1));
}

#[test]
fn the_keys_of_the_epoch_before_are_free_again_when_the_peer_has_not_resumed() {
    let mut world = up(Established::default());
    let lost = world.send(note(SURE, b"lost"));
    world.flow();
    again(&mut world);
    let anew = world.send(note(SURE, b"anew"));
    world.flow();
    assert_eq!(sent(&world), [(SURE, 1)]);
    world.hear(&wire(ACKNOWLEDGEMENT, 1, b""));
    let (uncertain, acknowledged) =
        (Outcome::Uncertain { epoch: 1 }, Outcome::Acknowledged { epoch: 2 });
    assert_eq!(outcomes(&[&lost, &anew]), [Some(uncertain), Some(acknowledged)]);
    assert_eq!(world.link.statistics().skipped_keys, 0);
}

/// Rule 8 for the machine's own frames: their keys are taken while their answers may come, and what
/// answers them is not late.
#[test]
fn what_answers_a_standing_frame_is_not_late_and_goes_to_the_user() {
    let mut world = up(Established::default());
    world.link.standing(1, note(SURE, b"subscribe")).unwrap();
    world.link.standing(2, note(SURE, b"also")).unwrap();
    world.flow();
    assert_eq!(sent(&world), [(SURE, 1), (SURE, 2)]);
    // Straight to the keys, instead of 65,536 frames.
    world.machine.jump_to(65_537);
    drop(world.send(note(CHAT, b"between")));
    world.flow();
    assert_eq!(sent(&world)[2], (CHAT, 3));
    let late = |world: &mut World| {
        world.machine.visit(world.now, 0);
        world.link.statistics().late
    };
    world.hear(&wire(ACKNOWLEDGEMENT, 1, b""));
    world.hear(&wire(REPLY, 2, b"granted"));
    assert_eq!((late(&mut world), world.taker.frames.len()), (0, 1));
    assert_eq!(world.taker.frames[0].body, b"granted");
    world.hear(&wire(ACKNOWLEDGEMENT, 1, b""));
    world.hear(&wire(REPLY, 2, b"once more"));
    assert_eq!((late(&mut world), world.taker.frames.len()), (2, 1));
    // After the next login the same holds for the next answer.
    again(&mut world);
    let key = sent(&world)[0].1;
    world.hear(&wire(ACKNOWLEDGEMENT, key, b""));
    assert_eq!(late(&mut world), 2);
}

/// A frame that is sent again has the width that it had: `BEFORE` counts round its end.
#[test]
fn before_settles_what_a_resumed_epoch_has_sent_again() {
    let mut world = up(Established { first_sequence: Some(65_534), ..resumed() });
    let receipt = world.accept_now(world.sending(note(SURE, b"kept")).resumable()).unwrap();
    world.flow();
    again(&mut world);
    assert_eq!(sent(&world), [(SURE, 65_534)]);
    world.hear(&wire(BEFORE, 2, b""));
    assert_eq!(receipt.settled(), Some(Outcome::Acknowledged { epoch: 2 }));
}

/// The window of each login says what counts in its epoch, and which deadline holds.
#[test]
fn what_is_sent_again_counts_for_the_window_of_its_epoch() {
    let window = Window {
        unacknowledged: 1,
        acknowledge_after: 8,
        acknowledge_within: Duration::from_secs(2),
        deadline: Duration::from_secs(5),
    };
    let windowed = Established { window: Some(window), ..resumed() };
    let told = [(windowed.clone(), resumed()), (resumed(), windowed)].map(|(first, second)| {
        let settings = Settings { heartbeat: Heartbeat::off(), ..Settings::default() };
        let player = Player { established: first, ..Player::default() };
        let mut world = World::up(player, settings);
        let receipt = world.accept_now(world.sending(note(SURE, b"kept")).resumable()).unwrap();
        world.flow();
        world.player.established = second;
        again(&mut world);
        drop(world.send(note(SURE, b"new")));
        world.flow();
        let (count, is_up) = (sent(&world).len(), |world: &World| world.machine.is_up());
        world.pass(Duration::from_secs(5));
        let after_5 = (is_up(&world), receipt.settled());
        world.pass(Duration::from_secs(5));
        (count, after_5, receipt.settled())
    });
    let given_up = Some(Outcome::Uncertain { epoch: 2 });
    // Without one: two frames are out, and given up after 10 s. With one: one is, and t1 ends it.
    assert_eq!(told, [(2, (true, None), given_up), (1, (false, None), None)]);
}
