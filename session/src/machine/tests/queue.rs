//! What waits to be sent: expiry, room, order, keys.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use super::world::{World, outcomes};
use crate::event::{Because, Cause, Event, Outcome, Rejected};
use crate::fixture::*;
use crate::inbox::{Inbox, ToInbox};
use crate::lock::lock;
use crate::moment::Moment;
use crate::outbox::Priority;
use crate::protocol::{Deliver, Established};
use crate::settings::{Bounds, Heartbeat, Settings};

pub(super) fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

pub(super) fn up() -> World {
    World::up(Player::default(), Settings::default())
}

/// Of what the newest connection has sent after the login: kind and first byte of the body.
pub(super) fn sent(world: &World) -> Vec<(u8, u8)> {
    let heard = world.heard();
    heard.iter().skip(1).map(|note| (note.kind, note.body.first().copied().unwrap_or(0))).collect()
}

/// A session that had given its queue's memory back woke for the expiry of a frame long gone, and
/// went on waking: 100 % of a core, and the end of virtual time.
#[test]
fn an_expiry_of_what_is_gone_wakes_nobody() {
    let settings = Settings { heartbeat: Heartbeat::off(), ..Settings::default() };
    let mut world = World::up(Player::default(), settings);
    let receipt = world.send(note(CHAT, b"long gone"));
    world.machine.visit(world.now, 0);
    world.flow();
    assert_eq!(receipt.settled(), Some(Outcome::Written { epoch: 1 }));
    world.machine.trim();
    world.pass(seconds(60));
    assert_eq!(world.machine.deadline(), Moment::NEVER);
}

/// The time to live of a frame that nobody had looked at began at the birth of the session.
#[test]
fn what_is_queued_at_the_moment_of_a_disconnect_keeps_its_time_to_live() {
    let settings = Settings { heartbeat: Heartbeat::off(), ..Settings::default() };
    let mut world = World::up(Player::default(), settings);
    world.pass(seconds(50));
    let flies = world.send(note(SURE, b"flies"));
    world.flow();
    let receipt = world.send(note(CHAT, b"unseen"));
    world.lose(Cause::PeerClosed);
    assert_eq!(flies.settled(), Some(Outcome::Uncertain { epoch: 1 }));
    world.pass(seconds(1));
    world.log_in();
    assert_eq!(receipt.settled(), Some(Outcome::Written { epoch: 2 }));
}

#[test]
fn a_frame_expires_after_its_time_to_live_and_not_before() {
    let mut world = World::new(Player::default(), Settings::default(), 1);
    let receipt = world.send(note(CHAT, b"old"));
    world.machine.visit(world.now, 0);
    world.pass(Duration::from_millis(29_999));
    assert_eq!(receipt.settled(), None);
    // Rounded up to 131 ms, so that many expire in one sweep.
    world.pass(Duration::from_millis(133));
    assert_eq!(receipt.settled(), Some(Outcome::Expired));
}

/// A turn that gives way to who has a reply looks at no deadline, so one of sixteen does not.
#[test]
fn a_session_that_is_asked_without_rest_looks_at_its_deadlines() {
    let mut world = World::up(Player::default(), Settings::default());
    let mut cx = Context::from_waker(Waker::noop());
    let mut gave_way = Vec::new();
    for number in 1..=48 {
        let link = world.link.clone();
        let mut asking = Box::pin(link.request(note(QUESTION, b"?")));
        assert!(asking.as_mut().poll(&mut cx).is_pending());
        world.flow();
        let mut reply = wire(REPLY, number, b"!");
        world.machine.received(&mut reply, world.now, &mut cx, &mut world.taker);
        gave_way.push(world.machine.book_answers());
        assert!(asking.as_mut().poll(&mut cx).is_ready());
    }
    assert!(gave_way.windows(16).all(|turns| turns.iter().any(|gave_way| !gave_way)));
    assert_eq!(gave_way.iter().filter(|gave_way| !**gave_way).count(), 3);
}

/// What did not fit into a batch expires in its time, also while the transport takes nothing.
#[test]
fn what_waits_behind_a_blocked_transport_expires_in_its_time() {
    let mut world = World::up(Player::default(), Settings::default());
    let send = |world: &World| {
        let sending = world.sending(note(CHAT, &[0; 4_000])).expires(Duration::from_secs(5));
        world.accept_now(sending).unwrap()
    };
    let receipts: Vec<_> = (0..30).map(|_| send(&world)).collect();
    world.transmit();
    world.machine.blocked(world.now);
    world.pass(Duration::from_millis(4_999));
    let expired = || receipts.iter().filter(|r| r.settled() == Some(Outcome::Expired)).count();
    assert_eq!(expired(), 0);
    world.pass(Duration::from_millis(133));
    // Seventeen of them are in the buffer.
    assert_eq!((expired(), world.machine.is_up()), (13, true));
}

#[derive(Default)]
struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn bounds(frames: usize, bytes: usize) -> Settings {
    let outbound = Bounds { frames, bytes, reserved: 2 };
    Settings { outbound, ..Settings::default() }
}

/// It woke itself for ever where places were free, but not bytes.
#[test]
fn a_send_that_needs_more_bytes_than_are_free_sleeps_until_they_are() {
    let mut world = World::up(Player::default(), bounds(100, 1_000));
    let first = world.send(note(CHAT, &[1; 600]));
    let link = world.link.clone();
    let bell = Arc::new(Bell::default());
    let waker = Waker::from(bell.clone());
    let mut cx = Context::from_waker(&waker);
    let mut waiting = pin!(link.send(note(CHAT, &[2; 600])));
    assert!(waiting.as_mut().poll(&mut cx).is_pending());
    assert_eq!(bell.0.load(Ordering::Relaxed), 0);
    world.flow();
    assert_eq!(first.settled(), Some(Outcome::Written { epoch: 1 }));
    assert!(bell.0.load(Ordering::Relaxed) > 0);
    assert!(waiting.as_mut().poll(&mut cx).is_ready());
}

#[test]
fn sends_that_wait_are_served_in_their_order_control_apart() {
    let world = World::new(Player::default(), bounds(4, 1_000), 1);
    let link = world.link.clone();
    let mut cx = Context::from_waker(Waker::noop());
    let first: Vec<_> = (0..2).map(|id| world.send(note(CHAT, &[id]))).collect();
    let control = |id| link.send(note(CHAT, &[id])).priority(Priority::Control);
    let mut normal = [link.send(note(CHAT, &[2])), link.send(note(CHAT, &[3]))];
    let reserved = [10, 11].map(|id| world.accept_now(control(id)).unwrap());
    let mut urgent = [control(12), control(13)];
    for sending in normal.iter_mut().chain(&mut urgent) {
        assert!(pin!(sending).as_mut().poll(&mut cx).is_pending());
    }
    assert!(link.cancel(&reserved[0]) && link.cancel(&first[0]) && link.cancel(&first[1]));
    // Not the second of a class before its first, and no newcomer before those who wait.
    assert!(pin!(&mut normal[1]).as_mut().poll(&mut cx).is_pending());
    assert!(pin!(&mut urgent[1]).as_mut().poll(&mut cx).is_pending());
    assert!(world.accept_now(link.send(note(CHAT, &[4]))).is_none());
    assert!(world.accept_now(control(14)).is_none());
    assert!(pin!(&mut normal[0]).as_mut().poll(&mut cx).is_ready());
    assert!(pin!(&mut urgent[0]).as_mut().poll(&mut cx).is_ready());
}

/// G8: what is not accepted when its future is dropped is not queued; a future that was ready and
/// is polled again queues nothing.
#[test]
fn a_dropped_send_queues_nothing_and_takes_no_place() {
    let mut world = World::up(Player::default(), bounds(3, 1_000));
    let link = world.link.clone();
    let mut cx = Context::from_waker(Waker::noop());
    let first = world.send(note(CHAT, &[1]));
    let mut dropped = Box::pin(link.send(note(CHAT, &[2])));
    assert!(dropped.as_mut().poll(&mut cx).is_pending());
    drop(dropped);
    world.flow();
    let mut third = Box::pin(link.send(note(CHAT, &[3])));
    let Poll::Ready(Ok(third_receipt)) = third.as_mut().poll(&mut cx) else { panic!() };
    assert!(third.as_mut().poll(&mut cx).is_pending());
    drop(third);
    world.flow();
    let written = Some(Outcome::Written { epoch: 1 });
    assert_eq!(outcomes(&[&first, &third_receipt]), [written, written]);
    assert_eq!(sent(&world), [(CHAT, 1), (CHAT, 3)]);
    assert_eq!(lock(&world.desk.outbox).frames, 0);
}

#[test]
fn what_is_refused_comes_back() {
    let world = World::new(Player::default(), bounds(3, 100), 1);
    let large = note(CHAT, &[7; 200]);
    let refused = Rejected { frame: large.clone(), because: Because::TooLarge };
    assert_eq!(world.link.try_send(large).unwrap_err(), refused);
    let larger = note(CHAT, &[7; 5_000]);
    let refused = Rejected { frame: larger.clone(), because: Because::TooLarge };
    assert_eq!(world.link.try_send(larger).unwrap_err(), refused);
    drop(world.send(note(CHAT, b"1")));
    let full = Rejected { frame: note(CHAT, b"2"), because: Because::Full };
    assert_eq!(world.link.try_send(note(CHAT, b"2")).unwrap_err(), full);
    lock(&world.desk.outbox).closed = true;
    let closed = Rejected { frame: note(CHAT, b"3"), because: Because::Closed };
    assert_eq!(world.link.try_send(note(CHAT, b"3")).unwrap_err(), closed);
}

/// G3: strictly by priority, until it is committed.
#[test]
fn control_goes_before_normal_and_normal_before_bulk() {
    let mut world = up();
    for (id, priority) in [Priority::Bulk, Priority::Normal, Priority::Control].iter().enumerate() {
        let body = [u8::try_from(id).unwrap()];
        let _ = world.accept_now(world.sending(note(CHAT, &body)).priority(*priority)).unwrap();
    }
    world.flow();
    assert_eq!(sent(&world), [(CHAT, 2), (CHAT, 1), (CHAT, 0)]);
}

/// Rule 1: before a control frame stands at most one batch.
#[test]
fn a_control_frame_waits_for_one_batch_at_most() {
    let settings = Settings { batch: 100, ..Settings::default() };
    let mut world = World::up(Player::default(), settings);
    for id in 0..20 {
        drop(world.send(note(CHAT, &[id; 13])));
    }
    world.machine.visit(world.now, 100);
    world.machine.transmit(100, world.now, &mut world.out);
    let urgent = world.sending(note(CHAT, &[99])).priority(Priority::Control);
    let _ = world.accept_now(urgent).unwrap();
    world.accept(usize::MAX);
    world.flush();
    world.flow();
    let place = sent(&world).iter().position(|found| *found == (CHAT, 99));
    // Five frames of 20 bytes.
    assert_eq!(place, Some(5));
}

/// Rule 8: a pending key is left out, and the gap is counted.
#[test]
fn a_pending_key_is_left_out_when_the_sequence_comes_round() {
    let mut world = up();
    let waits = world.send(note(SURE, b"waits"));
    world.flow();
    let key = world.heard()[1].sequence;
    let established = Established { first_sequence: Some(65_535), ..Established::default() };
    world.player.established = established;
    assert_eq!((key, waits.settled()), (1, None));
    for id in 0..3u8 {
        // Straight to the key, instead of 65,535 frames.
        world.machine.jump_to(u64::from(u16::MAX) + u64::from(id));
        drop(world.send(note(CHAT, &[id])));
        world.flow();
    }
    let sequences: Vec<_> = world.heard().iter().skip(2).map(|note| note.sequence).collect();
    assert_eq!(sequences, [65_535, 0, 2]);
    world.machine.visit(world.now, 0);
    assert_eq!(world.link.statistics().skipped_keys, 1);
}

/// Rule 8: no more wait for their acknowledgement than the settings say; the rest stays queued.
#[test]
fn no_more_is_pending_than_the_settings_say() {
    let settings = Settings { pending: 2, ..Settings::default() };
    let mut world = World::up(Player::default(), settings);
    let receipts = [1, 2, 3].map(|id| world.send(note(SURE, &[id])));
    world.flow();
    assert_eq!(sent(&world), [(SURE, 1), (SURE, 2)]);
    world.hear(&wire(ACKNOWLEDGEMENT, world.heard()[2].sequence, b""));
    world.flow();
    assert_eq!(sent(&world), [(SURE, 1), (SURE, 2), (SURE, 3)]);
    let acknowledged = Some(Outcome::Acknowledged { epoch: 1 });
    assert_eq!(outcomes(&receipts.each_ref()), [None, acknowledged, None]);
}

/// The table of what waits was given back while a frame in the buffer knew its place there by number:
/// another frame got the number, and was sent again with the wrong contents.
#[test]
fn a_reply_that_overtakes_the_flush_mixes_nothing_up() {
    let mut world = up();
    let link = world.link.clone();
    let mut cx = Context::from_waker(Waker::noop());
    let mut request = Box::pin(link.request(note(QUESTION, b"question")));
    assert!(request.as_mut().poll(&mut cx).is_pending());
    world.transmit();
    world.accept(usize::MAX);
    world.hear(&wire(REPLY, world.heard()[1].sequence, b"answer"));
    assert!(request.as_mut().poll(&mut cx).is_ready());
    world.machine.trim();
    let again = world.accept_now(world.sending(note(SURE, b"again")).idempotent()).unwrap();
    world.flow();
    world.lose(Cause::PeerClosed);
    world.pass(seconds(1));
    world.log_in();
    assert_eq!(world.heard()[1].body, b"again");
    world.hear(&wire(ACKNOWLEDGEMENT, world.heard()[1].sequence, b""));
    assert_eq!(again.settled(), Some(Outcome::Acknowledged { epoch: 2 }));
    assert_eq!(lock(&world.desk.outbox).frames, 0);
}

/// Rule 8: a key whose deadline has passed is left out, also after a pause.
#[test]
fn a_forgotten_key_stays_forgotten_while_nothing_is_sent() {
    let mut world = up();
    let late = world.send(note(SURE, b"late"));
    world.flow();
    world.pass(seconds(10));
    assert_eq!(late.settled(), Some(Outcome::Uncertain { epoch: 1 }));
    world.machine.trim();
    world.machine.jump_to(65_536 + 1);
    drop(world.send(note(CHAT, b"not 1")));
    world.flow();
    assert_eq!(world.heard()[2].sequence, 2);
}

/// Rule 8: replies without a key settle the oldest request.
#[test]
fn a_reply_without_a_key_is_for_the_oldest_request() {
    let mut world = up();
    let link = world.link.clone();
    let mut cx = Context::from_waker(Waker::noop());
    let mut first = Box::pin(link.request(note(QUESTION, b"1")));
    let mut second = Box::pin(link.request(note(QUESTION, b"2")));
    assert!(first.as_mut().poll(&mut cx).is_pending());
    assert!(second.as_mut().poll(&mut cx).is_pending());
    world.flow();
    world.hear(&wire(NEXT, 0, b"one"));
    let Poll::Ready(Ok(reply)) = first.as_mut().poll(&mut cx) else { panic!() };
    assert_eq!(reply.body, b"one");
    assert!(second.as_mut().poll(&mut cx).is_pending());
    world.hear(&wire(NEXT, 0, b"two"));
    let Poll::Ready(Ok(reply)) = second.as_mut().poll(&mut cx) else { panic!() };
    assert_eq!(reply.body, b"two");
}

/// G5: what a peer can make without end takes places in the inbox, whatever it is.
#[test]
fn malformed_frames_fill_the_inbox_as_frames_do() {
    let inbound = Bounds { frames: 100, bytes: 64, reserved: 0 };
    let settings = Settings { inbound, malformed_in_a_row: 99, ..Settings::default() };
    let mut world = World::up(Player::default(), settings);
    let mut deliver = ToInbox::new(world.desk.clone());
    let inbox = Inbox::new(crate::link::Handle::new(world.desk.clone()));
    let mut cx = Context::from_waker(Waker::noop());
    let mut taken = 0;
    while deliver.ready() {
        let mut bad = [0, 16, BROKEN, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        world.machine.received(&mut bad, world.now, &mut cx, &mut deliver);
        while let Some(event) = world.machine.poll_event() {
            assert!(matches!(event, Event::Malformed { epoch: 1, .. }));
            deliver.event(event);
            taken += 1;
        }
        assert!(taken < 50, "no end of them");
    }
    assert_eq!(taken, 4);
    drop(inbox);
}
