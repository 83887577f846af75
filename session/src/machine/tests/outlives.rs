//! What outlives a connection: standing frames, resumable ones, the queue of a suspended session.

use super::queue::{seconds, sent, up};
use super::world::{World, outcomes};
use crate::event::{Because, Cause, Outcome, Rejected, State};
use crate::fixture::*;
use crate::lock::lock;
use crate::protocol::Established;
use crate::settings::Settings;

/// Rule 13: standing frames go out after each login, before the queue.
#[test]
fn standing_frames_are_sent_after_each_login_until_they_are_dismissed() {
    let mut world = World::new(Player::default(), Settings::default(), 1);
    for (key, body) in [(1, 10), (2, 20), (1, 11)] {
        world.link.standing(key, note(CHAT, &[body])).unwrap();
    }
    drop(world.send(note(CHAT, &[1])));
    world.log_in();
    assert_eq!(sent(&world), [(CHAT, 20), (CHAT, 11), (CHAT, 1)]);
    world.link.standing(3, note(CHAT, &[30])).unwrap();
    world.link.dismiss(2);
    world.flow();
    assert_eq!(sent(&world).last(), Some(&(CHAT, 30)));
    world.lose(Cause::PeerClosed);
    world.pass(seconds(1));
    world.log_in();
    assert_eq!(sent(&world), [(CHAT, 11), (CHAT, 30)]);
}

#[test]
fn no_more_standing_frames_are_kept_than_the_settings_say() {
    let settings = Settings { standing: 2, ..Settings::default() };
    let mut world = World::new(Player::default(), settings, 1);
    let link = world.link.clone();
    let stand = |key, body| link.standing(key, note(CHAT, &[body]));
    let refused = |body, because| Err(Rejected { frame: note(CHAT, &[body]), because });
    assert_eq!([stand(0, 0), stand(1, 1)], [Ok(()), Ok(())]);
    assert_eq!(stand(2, 2), refused(2, Because::Full));
    // One with a key that is kept takes its place; one that was dismissed gives it back.
    assert_eq!(stand(1, 10), Ok(()));
    link.dismiss(0);
    assert_eq!(stand(3, 3), Ok(()));
    let large = note(CHAT, &[9; 4_090]);
    let because = Because::TooLarge;
    assert_eq!(link.standing(1, large.clone()), Err(Rejected { frame: large, because }));
    world.log_in();
    assert_eq!(sent(&world), [(CHAT, 10), (CHAT, 3)]);
    world.link.close();
    world.flow();
    assert_eq!(stand(1, 11), refused(11, Because::Closed));
}

/// rumqtt#250: subscriptions were not restored. Rule 13: resumable, standing, the protocol's own,
/// then the queue; and `follow` sees them all.
#[test]
fn what_outlives_an_epoch_is_restored_in_its_order_before_the_queue() {
    let established = Established { resumed: true, ..Established::default() };
    let restored = vec![note(CHAT, b"R")];
    let mut world =
        World::up(Player { established, restored, ..Player::default() }, Settings::default());
    world.link.standing(1, note(CHAT, b"S")).unwrap();
    let kept = world.accept_now(world.sending(note(SURE, b"K")).resumable()).unwrap();
    world.flow();
    let old = world.heard().iter().find(|note| note.kind == SURE).unwrap().sequence;
    world.lose(Cause::PeerClosed);
    assert_eq!(kept.settled(), None);
    let queued = world.send(note(CHAT, b"Q"));
    world.pass(seconds(1));
    lock(&world.player.followed).clear();
    world.log_in();
    let restored = [(SURE, b'K'), (CHAT, b'S'), (CHAT, b'R'), (CHAT, b'Q')];
    assert_eq!(sent(&world), restored);
    let followed = lock(&world.player.followed).clone();
    assert_eq!(followed, [('>', SURE), ('>', CHAT), ('>', CHAT), ('>', CHAT)]);
    // It keeps its key, and is acknowledged in the new epoch.
    assert_eq!(world.heard()[1].sequence, old);
    world.hear(&wire(ACKNOWLEDGEMENT, old, b""));
    let written = Some(Outcome::Written { epoch: 2 });
    assert_eq!(outcomes(&[&kept, &queued]), [Some(Outcome::Acknowledged { epoch: 2 }), written]);
}

#[test]
fn what_was_resumable_is_uncertain_when_the_peer_does_not_resume() {
    let mut world = up();
    let kept = world.accept_now(world.sending(note(SURE, b"K")).resumable()).unwrap();
    world.flow();
    world.lose(Cause::PeerClosed);
    assert_eq!(kept.settled(), None);
    world.pass(seconds(1));
    world.log_in();
    assert_eq!(kept.settled(), Some(Outcome::Uncertain { epoch: 1 }));
    assert_eq!(sent(&world), []);
}

/// Rule 11.
#[test]
fn a_suspended_session_settles_what_is_in_flight_and_keeps_its_queue() {
    let mut world = up();
    let flies = world.send(note(SURE, b"flies"));
    world.flow();
    let queued = world.send(note(CHAT, b"queued"));
    world.link.suspend();
    world.machine.visit(world.now, 0);
    world.settle();
    let uncertain = Some(Outcome::Uncertain { epoch: 1 });
    assert_eq!((world.state(), world.connected), (State::Suspended, false));
    assert_eq!(outcomes(&[&flies, &queued]), [uncertain, None]);
    let meanwhile = world.accept_now(world.sending(note(CHAT, b"later")).expires(None)).unwrap();
    world.pass(seconds(3_600));
    assert_eq!(world.state(), State::Suspended);
    assert_eq!(outcomes(&[&queued, &meanwhile]), [Some(Outcome::Expired), None]);
    world.link.resume();
    world.machine.visit(world.now, 0);
    world.settle();
    assert_eq!(world.state(), State::Connecting { attempt: 0 });
    world.log_in();
    assert_eq!(meanwhile.settled(), Some(Outcome::Written { epoch: 2 }));
}

#[test]
fn a_lost_lease_settles_the_queue_as_not_sent() {
    let mut world = up();
    let queued = world.send(note(CHAT, b"queued"));
    let again = world.accept_now(world.sending(note(SURE, b"again")).idempotent()).unwrap();
    world.link.suspend_without_queue();
    world.machine.visit(world.now, 0);
    world.settle();
    let not_sent = Some(Outcome::NotSent);
    assert_eq!(outcomes(&[&queued, &again]), [not_sent, not_sent]);
    assert_eq!(lock(&world.desk.outbox).frames, 0);
}
