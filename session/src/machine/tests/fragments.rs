//! Rule 15, for fragments that come in order and say whether more follow.

use std::time::Duration;

use super::world::World;
use crate::event::Cause;
use crate::fixture::*;
use crate::settings::{Heartbeat, Settings};

fn up() -> World {
    let settings = Settings { heartbeat: Heartbeat::off(), ..Settings::default() };
    World::up(Player::default(), settings)
}

fn part(more: bool, text: &[u8]) -> Vec<u8> {
    wire(PART, 0, &[&[u8::from(more), 0], text].concat())
}

/// RFC 6455, section 5.4: control frames stand between the fragments of a message.
#[test]
fn a_message_ends_with_the_part_that_says_so() {
    let mut world = up();
    world.hear(&part(true, b"ab"));
    world.hear(&part(true, b"cd"));
    assert_eq!(world.taker.frames, []);
    world.hear(&wire(CHAT, 0, b"between"));
    world.hear(&part(false, b"ef"));
    world.hear(&part(true, b"g"));
    world.hear(&part(false, b"h"));
    let frames = [note(CHAT, b"between"), note(CHAT, b"abcdef"), note(CHAT, b"gh")];
    assert_eq!(world.taker.frames, frames);
}

/// It is not joined with itself: it comes as it is.
#[test]
fn a_frame_that_is_whole_by_itself_passes() {
    let mut world = up();
    world.hear(&part(false, b"a"));
    let bodies: Vec<_> = world.taker.frames.iter().map(|note| &note.body[..]).collect();
    assert_eq!(bodies, [[0, 0, b'a']]);
}

#[test]
fn a_message_whose_end_does_not_come_is_lost_whole() {
    let mut world = up();
    world.hear(&part(true, b"a"));
    world.hear(&part(true, b"b"));
    world.pass(Duration::from_secs(30));
    assert!(world.log.contains("LostFragments { epoch: 1, count: 2 }"), "{}", world.log);
    // The rest of it is not the begin of the next.
    world.hear(&part(true, b"c"));
    world.hear(&part(false, b"d"));
    world.hear(&part(true, b"e"));
    world.hear(&part(false, b"f"));
    assert_eq!(world.taker.frames, [note(CHAT, b"ef")]);
    world.hear(&part(true, b"g"));
    world.lose(Cause::PeerClosed);
    assert_eq!(world.log.matches("LostFragments").count(), 2);
}
