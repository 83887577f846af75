//! Rule 2: receipts, and the ways to send.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::world::{World, outcomes};
use crate::event::{Because, Cause, Counts, Outcome, Rejected};
use crate::fixture::*;
use crate::lock::lock;
use crate::outbox::Priority;
use crate::settings::{Bounds, Settings};

fn up() -> World {
    World::up(Player::default(), Settings::default())
}

fn now<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

fn counts(world: &mut World) -> Counts {
    world.machine.visit(world.now, 0);
    world.link.statistics().sends
}

fn bodies(world: &World) -> Vec<u8> {
    let heard = world.heard().into_iter().filter(|note| note.kind != LOGIN);
    heard.map(|note| note.body[0]).collect()
}

#[test]
fn receipts_of_64_consecutive_sends_share_one_cell_and_each_tells_its_own() {
    let mut world = up();
    let kinds = [CHAT, SURE, BROKEN];
    let receipts: Vec<_> = (0..130).map(|n| world.send(note(kinds[n % 3], &[1]))).collect();
    let shared = |a: usize, b: usize| Arc::ptr_eq(&receipts[a].group, &receipts[b].group);
    assert!(shared(0, 63) && shared(64, 127) && shared(128, 129));
    assert!(!shared(63, 64) && !shared(127, 128));
    assert!(world.link.cancel(&receipts[3]));
    world.flow();
    let sure: Vec<_> = world.heard().into_iter().filter(|note| note.kind == SURE).collect();
    assert_eq!(sure.len(), 43);
    world.hear(&wire(ACKNOWLEDGEMENT, sure[42].sequence, b""));
    for (n, receipt) in receipts.iter().enumerate() {
        let expected = match (n, n % 3) {
            (3, _) => Some(Outcome::Cancelled),
            (127, _) => Some(Outcome::Acknowledged { epoch: 1 }),
            (_, 0) => Some(Outcome::Written { epoch: 1 }),
            (_, 1) => None,
            _ => {
                let error =
                    longlink_codec_core::EncodeError::Invalid { field: "Note.kind", value: 0xff };
                Some(Outcome::Unencodable(error))
            }
        };
        assert_eq!(receipt.settled(), expected, "{n}");
    }
    world.lose(Cause::PeerClosed);
    assert_eq!(receipts[124].settled(), Some(Outcome::Uncertain { epoch: 1 }));
}

/// A receipt is only a look at the outcome: nobody needs it, and it needs nobody.
#[test]
fn a_receipt_dropped_early_changes_nothing() {
    let mut world = up();
    drop(world.send(note(CHAT, b"1")));
    drop(world.send(note(SURE, b"2")));
    let kept = world.send(note(SURE, b"3"));
    world.flow();
    world.hear(&wire(ACKNOWLEDGEMENT, world.heard()[2].sequence, b""));
    world.lose(Cause::PeerClosed);
    let expected =
        Counts { accepted: 3, written: 1, acknowledged: 1, uncertain: 1, ..Counts::default() };
    assert_eq!(counts(&mut world), expected);
    // The last one outlives its session.
    drop(world);
    assert_eq!(kept.settled(), Some(Outcome::Uncertain { epoch: 1 }));
}

/// The session forgets a settled send at once: its place is free, and only the receipt still holds
/// the cell once the queue's memory went back.
#[test]
fn a_settled_send_is_forgotten_at_once() {
    let mut world = up();
    let receipt = world.send(note(CHAT, b"1"));
    assert_eq!(lock(&world.desk.outbox).frames, 1);
    world.flow();
    assert_eq!(lock(&world.desk.outbox).frames, 0);
    world.machine.trim();
    assert_eq!(Arc::strong_count(&receipt.group), 1);
    assert_eq!(receipt.settled(), Some(Outcome::Written { epoch: 1 }));
}

/// `outcome()` may be dropped and asked again; whoever waits is woken once it is settled.
#[test]
fn an_outcome_may_be_dropped_and_asked_again() {
    let mut world = up();
    let receipt = world.send(note(CHAT, b"1"));
    assert_eq!(now(receipt.outcome()), Poll::Pending);
    let mut waiting = Box::pin(receipt.outcome());
    let mut cx = Context::from_waker(Waker::noop());
    assert_eq!(waiting.as_mut().poll(&mut cx), Poll::Pending);
    world.flow();
    let written = Outcome::Written { epoch: 1 };
    assert_eq!(waiting.as_mut().poll(&mut cx), Poll::Ready(written));
    assert_eq!(now(receipt.outcome()), Poll::Ready(written));
}

/// `send` and `feed` are ready at the first poll where there is room, and `feed` has no receipt.
#[test]
fn a_feed_is_a_send_that_only_counts() {
    let mut world = up();
    let link = world.link.clone();
    assert_eq!(now(link.feed(note(CHAT, b"1"))), Poll::Ready(Ok(())));
    assert!(matches!(now(link.send(note(CHAT, b"2"))), Poll::Ready(Ok(_))));
    world.flow();
    assert_eq!(bodies(&world), *b"12");
    let expected = Counts { accepted: 2, written: 2, ..Counts::default() };
    assert_eq!(counts(&mut world), expected);
    link.close();
    world.flow();
    let (frame, because) = (note(CHAT, b"3"), Because::Closed);
    assert_eq!(now(link.feed(frame.clone())), Poll::Ready(Err(Rejected { frame, because })));
}

fn tight(frames: usize) -> Settings {
    let outbound = Bounds { frames, bytes: 1 << 20, reserved: 0 };
    Settings { outbound, ..Settings::default() }
}

#[test]
fn send_all_keeps_the_order_and_waits_where_the_queue_is_full() {
    let mut world = World::up(Player::default(), tight(100));
    let link = world.link.clone();
    let mut cx = Context::from_waker(Waker::noop());
    assert!(matches!(now(link.send_all([])), Poll::Ready(Ok(None))));
    let all = (0..250).map(|n| note(CHAT, &[n]));
    let mut sending = Box::pin(link.send_all(all));
    let last = loop {
        match sending.as_mut().poll(&mut cx) {
            Poll::Ready(sent) => break sent.unwrap().unwrap(),
            Poll::Pending => {
                assert_eq!(lock(&world.desk.outbox).frames, 100);
                world.flow();
            }
        }
    };
    world.flow();
    assert_eq!(bodies(&world), (0..250).collect::<Vec<u8>>());
    assert_eq!(last.settled(), Some(Outcome::Written { epoch: 1 }));
}

/// Of a batch the newest 32 heads are kept: in wire order over the lanes, without what was not
/// encoded, with what waits.
#[test]
fn the_heads_of_a_batch_are_those_of_its_last_frames() {
    let mut world = up();
    let last = world.link.send(note(CHAT, &[0; 9])).priority(Priority::Bulk);
    assert!(matches!(now(last), Poll::Ready(Ok(_))));
    for n in 0..60 {
        drop(world.send(note([CHAT, BROKEN, SURE][n % 3], &[0; 5][..n / 15])));
    }
    world.flow();
    world.lose(Cause::PeerClosed);
    let heads = world.link.last_frames().unwrap();
    let heads: Vec<_> = heads.iter().map(|head| (head.sequence.unwrap(), head.len)).collect();
    let sent = world.heard();
    let sent: Vec<_> = sent.iter().map(|n| (n.sequence.into(), 7 + n.body.len())).collect();
    assert_eq!((sent.len(), sent[41]), (42, (41, 16)));
    assert_eq!(heads, sent[10..]);
}

/// However sends came, one by one or together, those of the same 64 tickets share their group.
#[test]
fn send_all_fills_the_groups_as_single_sends_do() {
    let mut world = up();
    let link = world.link.clone();
    let mut receipts = Vec::new();
    for count in [1, 62, 1, 1, 63, 64, 130, 7, 64, 128, 200] {
        receipts.push(world.send(note(CHAT, b"1")));
        let all = (0..count).map(|_| note(CHAT, b"2"));
        let Poll::Ready(Ok(Some(last))) = now(link.send_all(all)) else { panic!("{count}") };
        receipts.push(last);
        if count % 2 == 0 {
            world.flow();
        }
    }
    world.flow();
    let tickets: Vec<u64> = receipts.iter().map(|receipt| receipt.ticket).collect();
    assert_eq!(tickets[..8], [0, 1, 2, 64, 65, 66, 67, 68]);
    assert_eq!(tickets[20..], [531, 731]);
    for (a, b) in receipts.iter().zip(&receipts[1..]) {
        let shared = Arc::ptr_eq(&a.group, &b.group);
        assert_eq!(shared, a.ticket / 64 == b.ticket / 64, "{} {}", a.ticket, b.ticket);
    }
    let written = vec![Some(Outcome::Written { epoch: 1 }); 22];
    assert_eq!(outcomes(&receipts.iter().collect::<Vec<_>>()), written);
}

/// Dropped, what it has queued is queued; refused, it says which frame was the first.
#[test]
fn send_all_says_what_was_not_queued() {
    let mut world = World::up(Player::default(), tight(3));
    let link = world.link.clone();
    assert!(now(link.send_all((0..9).map(|n| note(CHAT, &[n])))).is_pending());
    world.flow();
    assert_eq!(bodies(&world), [0, 1, 2]);
    let frames = [note(CHAT, &[3]), note(CHAT, &[4; 4_090]), note(CHAT, &[5])];
    let refused = now(link.send_all(frames)).map_ok(|receipt| receipt.is_some());
    let (frame, because) = (note(CHAT, &[4; 4_090]), Because::TooLarge);
    assert_eq!(refused, Poll::Ready(Err(Rejected { frame, because })));
    world.flow();
    assert_eq!(bodies(&world), [0, 1, 2, 3]);
}

/// `.priority()`, `.expires()` and `.idempotent()` stand on all three ways to send.
#[test]
fn feeds_and_requests_go_in_the_manner_of_sends() {
    let mut world = World::new(Player::default(), Settings::default(), 1);
    let link = world.link.clone();
    let mut cx = Context::from_waker(Waker::noop());
    let soon = Duration::from_millis(100);
    let mut asks: Vec<_> = [
        link.request(note(QUESTION, &[20])),
        link.request(note(QUESTION, &[21])).priority(Priority::Control),
        link.request(note(QUESTION, &[22])).expires(soon),
        link.request(note(QUESTION, &[23])).idempotent(),
    ]
    .map(Box::pin)
    .into();
    for ask in &mut asks {
        assert!(Pin::new(ask).poll(&mut cx).is_pending());
    }
    for feed in [
        link.feed(note(SURE, &[10])).priority(Priority::Bulk),
        link.feed(note(SURE, &[11])).priority(Priority::Control),
        link.feed(note(SURE, &[12])).expires(soon),
        link.feed(note(SURE, &[13])).idempotent(),
    ] {
        assert_eq!(now(feed), Poll::Ready(Ok(())));
    }
    world.machine.visit(world.now, 0);
    world.pass(Duration::from_secs(1));
    world.log_in();
    assert_eq!(bodies(&world), [21, 11, 20, 23, 13, 10]);
    world.lose(Cause::PeerClosed);
    world.pass(Duration::from_secs(1));
    world.log_in();
    assert_eq!(bodies(&world), [23, 13]);
    let expected = Counts { accepted: 8, uncertain: 4, expired: 2, ..Counts::default() };
    assert_eq!(counts(&mut world), expected);
}

/// A request that is dropped is taken back, or its late reply is discarded and its key left out.
#[test]
fn a_dropped_request_is_taken_back_or_its_reply_is_late() {
    let mut world = up();
    let link = world.link.clone();
    assert!(now(link.request(note(QUESTION, &[1]))).is_pending());
    world.flow();
    assert_eq!(bodies(&world), []);
    let mut asked = Box::pin(link.request(note(QUESTION, &[2])));
    assert!(asked.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    world.flow();
    drop(asked);
    let key = world.heard()[1].sequence;
    world.machine.jump_to(65_536 + u64::from(key));
    drop(world.send(note(CHAT, &[3])));
    world.flow();
    assert_eq!((key, world.heard()[2].sequence), (1, 2));
    world.hear(&wire(REPLY, key, b"late"));
    assert_eq!(world.taker.frames, []);
    let expected =
        Counts { accepted: 3, cancelled: 1, acknowledged: 1, written: 1, ..Counts::default() };
    assert_eq!(counts(&mut world), expected);
    assert_eq!(world.link.statistics().late, 1);
}

#[test]
fn receipts_settle_when_the_session_ends_in_any_way() {
    for way in ["close", "suspend_without_queue", "task"] {
        let mut world = up();
        let flies = world.send(note(SURE, b"1"));
        world.flow();
        let queued = world.send(note(CHAT, b"2"));
        match way {
            "close" => world.link.close(),
            "suspend_without_queue" => world.link.suspend_without_queue(),
            _ => world.machine.end(Err(crate::event::Fatal::Panic), world.now),
        }
        world.machine.visit(world.now, 0);
        world.settle();
        let expected = [Some(Outcome::Uncertain { epoch: 1 }), Some(Outcome::NotSent)];
        assert_eq!(outcomes(&[&flies, &queued]), expected, "{way}");
    }
}

#[test]
fn what_cannot_be_encoded_takes_no_number() {
    let mut world = up();
    let link = world.link.clone();
    let mut asked = Box::pin(link.request(note(BROKEN, b"1")));
    drop(world.send(note(CHAT, b"0")));
    assert!(now(asked.as_mut()).is_pending());
    drop(world.send(note(BROKEN, b"2")));
    drop(world.send(note(CHAT, b"3")));
    world.flow();
    assert!(now(asked.as_mut()).is_ready());
    let chats = world.heard().into_iter().filter(|note| note.kind == CHAT);
    let numbers: Vec<_> = chats.map(|note| (note.body[0], note.sequence)).collect();
    assert_eq!(numbers, [(b'0', 1), (b'3', 2)]);
}
