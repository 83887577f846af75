//! What is received: full inboxes, fragments, garbage, answers of our own.

use std::future::Future;
use std::task::{Context, Waker};
use std::time::Duration;

use super::world::World;
use crate::event::{Cause, Outcome, State};
use crate::fixture::*;
use crate::protocol::Established;
use crate::settings::{Heartbeat, Settings};

pub(super) fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

pub(super) fn up() -> World {
    World::up(Player::default(), Settings::default())
}

pub(super) fn cause(world: &World) -> Option<Cause> {
    match world.state() {
        State::Backoff { cause, .. } => Some(cause),
        _ => None,
    }
}

/// A frame that the peer wants acknowledged.
pub(super) fn sure(sequence: u16) -> Vec<u8> {
    let mut bytes = wire(SURE, 0, b"");
    bytes[3..5].copy_from_slice(&sequence.to_be_bytes());
    bytes
}

/// Of what was sent after the login: kind and what it refers to.
pub(super) fn sent(world: &World) -> Vec<(u8, u16)> {
    world.heard().iter().skip(1).map(|note| (note.kind, note.refers)).collect()
}

/// Rule 6: the answer deadline starts anew when there is room again.
#[test]
fn the_answer_deadline_stands_still_while_the_inbox_is_full() {
    let mut world = up();
    world.pass(seconds(30));
    assert_eq!(sent(&world), [(ALIVE, 0)]);
    world.taker.room = 0;
    assert!(!world.machine.wants_read(world.now, &mut world.taker));
    world.pass(seconds(29));
    world.taker.room = 9;
    world.settle();
    world.pass(Duration::from_millis(9_999));
    assert!(world.machine.is_up(), "{}", world.log);
    world.pass(Duration::from_millis(1));
    assert_eq!(cause(&world), Some(Cause::PeerDead));
}

/// A peer that begins a frame must end it, but not while we do not listen.
#[test]
fn a_frame_that_has_begun_may_wait_while_the_inbox_is_full() {
    let settings = Settings { frame: Some(seconds(10)), ..Settings::default() };
    let mut world = World::up(Player::default(), settings);
    world.hear(&wire(CHAT, 0, b"half")[..8]);
    world.taker.room = 0;
    assert!(!world.machine.wants_read(world.now, &mut world.taker));
    world.pass(seconds(20));
    assert!(world.machine.is_up(), "{}", world.log);
    world.taker.room = 9;
    world.settle();
    world.pass(Duration::from_millis(9_999));
    assert!(world.machine.is_up(), "{}", world.log);
    world.pass(Duration::from_millis(1));
    assert_eq!(cause(&world), Some(Cause::SlowFrame));
}

/// The bytes of a slow reader were read all the same, and held: the memory of one who takes a frame
/// now and then grew without end, and after 30 s it was called too slow.
#[test]
fn nothing_is_read_while_frames_are_held_back() {
    let mut world = up();
    world.taker.room = 1;
    world.hear(&[wire(CHAT, 0, b"1"), wire(CHAT, 0, b"2"), wire(CHAT, 0, b"3")].concat());
    for second in 1..40 {
        world.pass(seconds(1));
        if world.taker.room == 0 && second % 20 == 0 {
            world.taker.room = 1;
            // A place is free, and what is held comes first.
            assert!(!world.machine.wants_read(world.now, &mut world.taker));
            world.settle();
        }
        assert!(!world.machine.wants_read(world.now, &mut world.taker));
    }
    assert!(world.machine.is_up(), "{}", world.log);
    assert_eq!(world.taker.frames.len(), 2);
    world.taker.room = 9;
    world.settle();
    assert_eq!(world.taker.frames.len(), 3);
    assert!(world.machine.wants_read(world.now, &mut world.taker));
}

/// Rule 6: replies never take a place in the inbox.
#[test]
fn replies_and_control_frames_take_no_place() {
    let mut world = up();
    let link = world.link.clone();
    let mut request = Box::pin(link.request(note(QUESTION, b"?")));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(request.as_mut().poll(&mut cx).is_pending());
    let sure = world.send(note(SURE, b""));
    world.flow();
    world.taker.room = 1;
    let [question, second] = [1, 2].map(|place| world.heard()[place].sequence);
    world.hear(&wire(REPLY, question, b"!"));
    world.hear(&wire(ACKNOWLEDGEMENT, second, b""));
    world.hear(&wire(ALIVE, 0, b""));
    assert!(request.as_mut().poll(&mut cx).is_ready());
    assert_eq!(sure.settled(), Some(Outcome::Acknowledged { epoch: 1 }));
    assert_eq!((world.taker.room, world.taker.frames.len()), (1, 0));
}

/// Rule 7: at most so many own frames wait to be written; then no more is read.
#[test]
fn answers_that_nobody_takes_stop_the_reading() {
    let settings = Settings { own_frames: 3, ..Settings::default() };
    let mut world = World::up(Player { answers: true, ..Player::default() }, settings);
    for sequence in 0..10 {
        world.hear(&sure(sequence));
    }
    assert_eq!(world.taker.frames.len(), 3);
    assert!(!world.machine.wants_read(world.now, &mut world.taker));
    world.flow();
    assert_eq!((world.taker.frames.len(), sent(&world).len()), (10, 10));
}

/// Rule 7: own frames pass by what waits in the lanes.
#[test]
fn an_answer_goes_before_everything_that_is_queued() {
    let mut world = World::up(Player { answers: true, ..Player::default() }, Settings::default());
    drop(world.send(note(CHAT, b"queued before")));
    world.hear(&sure(8));
    world.flow();
    assert_eq!(sent(&world), [(ACKNOWLEDGEMENT, 8), (CHAT, 0)]);
}

fn fragment(sequence: u16, index: u8, total: u8, rest: &[u8]) -> Vec<u8> {
    let mut bytes = wire(FRAGMENT, 0, &[&[index, total], rest].concat());
    bytes[3..5].copy_from_slice(&sequence.to_be_bytes());
    bytes
}

/// Rule 15. The sequence of a message of several parts may wrap in the middle of it.
#[test]
fn fragments_are_joined_across_the_end_of_the_sequence() {
    let mut world = up();
    world.hear(&fragment(65_535, 0, 3, b"ab"));
    world.hear(&fragment(1, 2, 3, b"ef"));
    assert_eq!(world.taker.frames, []);
    world.hear(&fragment(0, 1, 3, b"cd"));
    assert_eq!(world.taker.frames, [note(CHAT, b"abcdef")]);
}

/// A part that its message cannot have is a frame like any other.
#[test]
fn a_fragment_beyond_its_total_is_not_joined() {
    let mut world = up();
    world.hear(&fragment(7, 0, 2, b"a"));
    world.hear(&fragment(9, 2, 2, b"b"));
    let bodies: Vec<_> = world.taker.frames.iter().map(|note| &note.body[..]).collect();
    assert_eq!(bodies, [[2, 2, b'b']]);
    world.hear(&fragment(8, 1, 2, b"c"));
    assert_eq!(world.taker.frames[1], note(CHAT, b"ac"));
}

/// Rule 15: what is lost is said, after 30 s and at the end of the connection.
#[test]
fn lost_fragments_are_an_event() {
    let mut world = World::up(
        Player::default(),
        Settings { heartbeat: Heartbeat::off(), ..Settings::default() },
    );
    world.hear(&fragment(0, 0, 2, b"a"));
    world.pass(Duration::from_millis(29_999));
    assert!(!world.log.contains("LostFragments"), "{}", world.log);
    world.pass(Duration::from_millis(1));
    assert!(world.log.contains("LostFragments { epoch: 1, count: 1 }"), "{}", world.log);
    world.hear(&fragment(9, 0, 2, b"b"));
    world.lose(Cause::PeerClosed);
    assert_eq!(world.log.matches("LostFragments { epoch: 1, count: 1 }").count(), 2);
}

/// What cannot be joined is delivered one by one.
#[test]
fn fragments_that_do_not_fit_together_are_delivered_one_by_one() {
    let mut world = up();
    world.hear(&fragment(0, 0, 2, b"!"));
    world.hear(&fragment(1, 1, 2, b"?"));
    let bodies: Vec<_> = world.taker.frames.iter().map(|note| &note.body[..]).collect();
    assert_eq!(bodies, [[0, 2, b'!'], [1, 2, b'?']]);
}

/// Rule 16: three malformed frames in a row end the epoch, two do not.
#[test]
fn a_good_frame_between_malformed_ones_keeps_the_connection() {
    let mut world = up();
    let bad = [0, 8, BROKEN, 0, 0, 0, 0, 0];
    for _ in 0..3 {
        world.hear(&bad);
        world.hear(&bad);
        world.hear(&wire(CHAT, 0, b"good"));
    }
    assert_eq!(world.taker.frames.len(), 3);
    assert_eq!(world.log.matches("Malformed { epoch: 1 }").count(), 6);
    world.hear(&[&bad[..], &bad, &bad].concat());
    assert!(matches!(cause(&world), Some(Cause::Protocol(_))), "{}", world.log);
}

/// Rule 12: on the accepting side the end of the connection is the end.
#[test]
fn the_accepting_side_does_not_come_back() {
    use crate::desk::Desk;
    use crate::event::CloseReason;
    use crate::machine::{Action, Machine};
    use crate::moment::Moment;
    use std::sync::Arc;

    let desk = Desk::new(Arc::new(Settings::default()), "peer".into());
    let mut machine = Machine::server(desk, Player::open(), Moment(0), 1);
    let mut cx = Context::from_waker(Waker::noop());
    machine.poll_handshake(Moment(0), &mut cx);
    assert!(machine.is_up());
    machine.lost(Cause::PeerClosed, Moment(7));
    assert_eq!(machine.state(), State::Closed(CloseReason::Connection(Cause::PeerClosed)));
    let actions: Vec<_> = std::iter::from_fn(|| machine.poll_action()).collect();
    assert_eq!(actions.last(), Some(&Action::Stop));
    assert_eq!(machine.deadline(), Moment::NEVER);
}

/// Rule 4: what the script passed over comes after the login, before what follows on the wire.
#[test]
fn frames_that_the_login_passed_over_come_first_and_in_order() {
    let login: Handshake = |script| {
        Box::pin(async move {
            script.expect(|note| note.kind == WELCOME).await?;
            Ok(Established::default())
        })
    };
    let player = Player { login: Some(login), ..Player::default() };
    let mut world = World::new(player, Settings::default(), 1);
    world.connect();
    let frames = [(CHAT, b"1"), (CHAT, b"2"), (WELCOME, b"-"), (CHAT, b"3")];
    let bytes: Vec<_> = frames.iter().flat_map(|(kind, body)| wire(*kind, 0, *body)).collect();
    world.hear(&bytes);
    let bodies: Vec<_> = world.taker.frames.iter().map(|note| note.body[0]).collect();
    assert_eq!(bodies, *b"123");
}
