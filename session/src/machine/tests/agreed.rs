//! What a login agreed on holds for its epoch.

use std::time::Duration;

use super::world::{World, outcomes};
use crate::event::{Cause, Outcome, State};
use crate::fixture::*;
use crate::protocol::Established;
use crate::settings::{Heartbeat, Settings};

fn agreed(established: Established) -> World {
    let player = Player { established, ..Player::default() };
    World::up(player, Settings { heartbeat: Heartbeat::off(), ..Settings::default() })
}

#[test]
fn a_peer_that_is_silent_for_longer_than_agreed_is_dead() {
    let silence = Some(Duration::from_millis(1_500));
    let mut world = agreed(Established { silence, ..Established::default() });
    world.pass(Duration::from_millis(1_400));
    world.hear(&wire(CHAT, 0, b"still here"));
    // What we send proves nothing.
    drop(world.send(note(CHAT, b"are you?")));
    world.flow();
    world.pass(Duration::from_millis(1_499));
    assert!(world.machine.is_up(), "{}", world.log);
    world.pass(Duration::from_millis(1));
    let state = world.state();
    assert!(matches!(state, State::Backoff { cause: Cause::PeerDead, .. }), "{state:?}");
    // The socket was looked at once more before the verdict.
    assert!(world.log.contains("2.900 Look\n"), "{}", world.log);
}

#[test]
fn no_more_frames_wait_than_the_peer_bears() {
    let mut world = agreed(Established { pending: Some(2), ..Established::default() });
    let receipts: Vec<_> = (0..3).map(|_| world.send(note(SURE, b""))).collect();
    let unbound = world.send(note(CHAT, b"waits behind them"));
    world.flow();
    let sure = |world: &World| world.heard().iter().filter(|note| note.kind == SURE).count();
    assert_eq!((sure(&world), unbound.settled()), (2, None));
    let first = world.heard().into_iter().find(|note| note.kind == SURE).unwrap();
    world.hear(&wire(ACKNOWLEDGEMENT, first.sequence, b""));
    world.flow();
    assert_eq!(sure(&world), 3);
    let settled = outcomes(&receipts.iter().collect::<Vec<_>>());
    assert_eq!(settled, [Some(Outcome::Acknowledged { epoch: 1 }), None, None]);
    assert_eq!(unbound.settled(), Some(Outcome::Written { epoch: 1 }));
}
