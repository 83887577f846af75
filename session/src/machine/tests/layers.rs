//! Rule 4: a layer is put under both directions in the middle of the login.

use super::handshake::{backoff, with};
use super::world::World;
use crate::event::Cause;
use crate::fixture::*;
use crate::protocol::{Established, Refusal};
use crate::script::{StreamCipher, Upgrade};

/// Its key moves on with each byte, apart for each direction.
struct Xor {
    reading: u8,
    writing: u8,
}

const XOR: Xor = Xor { reading: 0x55, writing: 0x55 };

impl StreamCipher for Xor {
    fn decrypt(&mut self, bytes: &mut [u8]) {
        mask(bytes, &mut self.reading);
    }
    fn encrypt(&mut self, bytes: &mut [u8]) {
        mask(bytes, &mut self.writing);
    }
}

fn mask(bytes: &mut [u8], key: &mut u8) {
    for byte in bytes {
        *byte ^= *key;
        *key = key.wrapping_add(1);
    }
}

fn masked(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    mask(&mut bytes, &mut 0x55);
    bytes
}

/// In the clear until WELCOME, then under a cipher.
fn upgrading() -> World {
    with(|script| {
        Box::pin(async move {
            script.send(note(LOGIN, b"secret"));
            script.receive().await?;
            script.upgrade(Upgrade::Stream(Box::new(XOR))).await?;
            script.send(note(CHAT, b"masked"));
            Ok(Established::default())
        })
    })
}

/// Rule 4: from the next byte on, in both directions.
#[test]
fn a_cipher_covers_both_directions_from_the_next_byte_on() {
    let mut world = upgrading();
    world.connect();
    world.flow();
    world.hear(&wire(WELCOME, 0, b""));
    world.flow();
    assert!(world.machine.is_up(), "{}", world.log);
    let clear = wire(LOGIN, 0, b"secret").len();
    let (login, rest) = world.received[0].split_at(clear);
    assert_eq!(notes(login)[0].body, b"secret");
    let sent = notes(&masked(rest));
    assert_eq!((sent.len(), sent[0].sequence, &sent[0].body[..]), (1, 1, &b"masked"[..]));
    // The cipher goes on where it stopped, piece by piece.
    let bytes = masked(&[wire(CHAT, 0, b"one"), wire(CHAT, 0, b"two")].concat());
    world.hear(&bytes[..11]);
    world.hear(&bytes[11..]);
    assert_eq!(world.taker.frames, [note(CHAT, b"one"), note(CHAT, b"two")]);
}

/// The same where nothing is awaited: what was said before is still to be written, and stays clear.
#[test]
fn what_was_sent_before_the_upgrade_stays_in_the_clear() {
    let mut world = with(|script| {
        Box::pin(async move {
            script.send(note(LOGIN, b"secret"));
            script.upgrade(Upgrade::Stream(Box::new(XOR))).await?;
            script.send(note(CHAT, b"masked"));
            Ok(Established::default())
        })
    });
    world.connect();
    world.flow();
    assert!(world.machine.is_up(), "{}", world.log);
    let clear = wire(LOGIN, 0, b"secret").len();
    let (login, rest) = world.received[0].split_at(clear);
    let chat = Note { sequence: 1, ..note(CHAT, b"masked") };
    assert_eq!((notes(login), notes(&masked(rest))), (vec![note(LOGIN, b"secret")], vec![chat]));
}

fn upgrade_is_refused(world: &World) {
    let (_, cause) = backoff(world);
    assert!(matches!(cause, Cause::Refused(Refusal::Transient(_))), "{cause:?}");
    assert_eq!(world.taker.frames, []);
}

/// The STARTTLS injection (CVE-2011-0411): what came in the clear behind the frame that ends the
/// clear part must not be taken for protected.
#[test]
fn bytes_behind_the_last_clear_frame_refuse_the_upgrade() {
    let mut world = upgrading();
    world.connect();
    world.flow();
    world.hear(&[wire(WELCOME, 0, b""), wire(CHAT, 0, b"injected")].concat());
    upgrade_is_refused(&world);
}

/// The same where the frame came in two pieces, and the injected bytes with the second.
#[test]
fn bytes_behind_a_frame_in_pieces_refuse_the_upgrade() {
    let mut world = upgrading();
    world.connect();
    world.flow();
    let bytes = [wire(WELCOME, 0, b""), vec![0]].concat();
    world.hear(&bytes[..3]);
    world.hear(&bytes[3..]);
    upgrade_is_refused(&world);
}

/// And where more follows than is joined to a held piece at once (1 KiB).
#[test]
fn bytes_far_behind_a_frame_in_pieces_refuse_the_upgrade() {
    let mut world = upgrading();
    world.connect();
    world.flow();
    // 3 + 1,024 bytes: the frame ends where the joined part ends.
    let bytes = [wire(WELCOME, 0, &[7; 1_020]), vec![0]].concat();
    world.hear(&bytes[..3]);
    world.hear(&bytes[3..]);
    upgrade_is_refused(&world);
}
