//! Replies that carry no key: the order of what was sent is all that says whose they are.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::world::World;
use crate::event::{Cause, Outcome};
use crate::fixture::*;
use crate::sending::Requesting;
use crate::settings::{Heartbeat, Settings};

fn world(restored: Vec<Note>) -> World {
    let heartbeat = Heartbeat::every(Duration::from_secs(30)).jitter(0.0);
    let player = Player { keyless: true, restored, ..Player::default() };
    World::up(player, Settings { heartbeat, ..Settings::default() })
}

type Asking<'l> = Pin<Box<Requesting<'l, Player>>>;

fn answer(asking: &mut Asking<'_>) -> Option<Vec<u8>> {
    match asking.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(reply) => Some(reply.map_or_else(|_| Vec::new(), |note| note.body)),
        Poll::Pending => None,
    }
}

fn next(world: &mut World, body: &[u8]) {
    world.hear(&wire(NEXT, 0, body));
    world.flow();
}

#[test]
fn sends_and_requests_are_answered_in_the_order_of_the_wire() {
    let mut world = world(Vec::new());
    let sent = world.send(note(CHAT, b"set"));
    let link = world.link.clone();
    let mut asked = Box::pin(link.request(note(QUESTION, b"get")));
    assert_eq!(answer(&mut asked), None);
    world.flow();
    next(&mut world, b"stored");
    assert_eq!(sent.settled(), Some(Outcome::Acknowledged { epoch: 1 }));
    assert_eq!(answer(&mut asked), None);
    next(&mut world, b"value");
    assert_eq!(answer(&mut asked), Some(b"value".to_vec()));
}

#[test]
fn accepted_requests_are_on_their_way_in_their_order() {
    let mut world = world(Vec::new());
    let link = world.link.clone();
    let asked = [b"a", b"b", b"c"].map(|body| {
        let mut accepting = Box::pin(link.request(note(QUESTION, body)).accepted());
        match accepting.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(asking)) => Box::pin(asking),
            _ => panic!("there is room"),
        }
    });
    world.flow();
    let sent: Vec<_> = world.heard().into_iter().filter(|note| note.kind == QUESTION).collect();
    assert_eq!(sent.iter().map(|note| &note.body[..]).collect::<Vec<_>>(), [b"a", b"b", b"c"]);
    for (mut asking, body) in asked.into_iter().zip([b"1", b"2", b"3"]) {
        assert_eq!(answer(&mut asking), None);
        next(&mut world, body);
        assert_eq!(answer(&mut asking), Some(body.to_vec()));
    }
}

#[test]
fn the_answer_to_a_heartbeat_is_nobody_elses() {
    let mut world = world(Vec::new());
    world.pass(Duration::from_secs(30));
    let link = world.link.clone();
    let mut asked = Box::pin(link.request(note(QUESTION, b"get")));
    assert_eq!(answer(&mut asked), None);
    world.flow();
    next(&mut world, b"pong");
    assert_eq!(answer(&mut asked), None);
    next(&mut world, b"value");
    assert_eq!(answer(&mut asked), Some(b"value".to_vec()));
}

#[test]
fn what_is_restored_is_answered_before_the_queue() {
    let mut world = world(vec![note(CHAT, b"subscribe")]);
    let link = world.link.clone();
    let mut asked = Box::pin(link.request(note(QUESTION, b"get")));
    assert_eq!(answer(&mut asked), None);
    world.flow();
    next(&mut world, b"subscribed");
    assert_eq!(answer(&mut asked), None);
    next(&mut world, b"value");
    assert_eq!(answer(&mut asked), Some(b"value".to_vec()));
}

#[test]
fn a_reply_after_its_deadline_does_not_answer_the_next_request() {
    let mut world = world(Vec::new());
    let link = world.link.clone();
    let mut slow = Box::pin(link.request(note(QUESTION, b"slow")));
    assert_eq!(answer(&mut slow), None);
    world.flow();
    world.pass(Duration::from_secs(10));
    assert_eq!(answer(&mut slow), Some(Vec::new()));
    let mut asked = Box::pin(link.request(note(QUESTION, b"get")));
    assert_eq!(answer(&mut asked), None);
    world.flow();
    next(&mut world, b"late");
    assert_eq!(answer(&mut asked), None);
    next(&mut world, b"value");
    assert_eq!(answer(&mut asked), Some(b"value".to_vec()));
}

#[test]
fn a_new_connection_owes_no_replies_of_the_old_one() {
    let mut world = world(Vec::new());
    world.pass(Duration::from_secs(30));
    world.lose(Cause::PeerClosed);
    world.pass(Duration::from_secs(60));
    world.log_in();
    let link = world.link.clone();
    let mut asked = Box::pin(link.request(note(QUESTION, b"get")));
    assert_eq!(answer(&mut asked), None);
    world.flow();
    next(&mut world, b"value");
    assert_eq!(answer(&mut asked), Some(b"value".to_vec()));
}
