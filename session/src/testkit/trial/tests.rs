//! The trial tried.

use super::*;
use crate::event::Outcome;
use crate::fixture::*;
use crate::protocol::Established;
use crate::script::Script;

const SECOND: Duration = Duration::from_secs(1);

fn shown<I: fmt::Debug>(events: &[Event<I>]) -> Vec<String> {
    events.iter().map(|event| format!("{event:?}")).collect()
}

#[test]
fn a_session_logs_in_beats_and_finds_its_peer_dead_to_the_second() {
    let mut trial = Trial::new(|| Ok(Player::default()));
    assert_eq!(trial.dials().unwrap().to_string(), "trial.invalid:1");
    trial.connect().unwrap();
    assert_eq!(notes(&trial.written())[0].kind, LOGIN);
    trial.receive(&wire(WELCOME, 0, b"")).unwrap();
    assert!(trial.state().is_up());
    trial.advance(26 * SECOND).unwrap();
    assert_eq!(trial.written(), Vec::<u8>::new());
    // 30 s, minus up to a tenth of jitter.
    trial.advance(4 * SECOND).unwrap();
    assert_eq!(notes(&trial.written())[0].kind, ALIVE);
    trial.advance(10 * SECOND).unwrap();
    let events = shown(&trial.events());
    assert_eq!(events[0], "Up { epoch: 1, resumed: false }");
    assert_eq!(events[1], "Down { epoch: 1, cause: PeerDead }");
    assert_eq!(events.len(), 2);
}

#[test]
fn what_is_queued_goes_out_after_the_login_and_replies_come_in() {
    let mut trial = Trial::new(|| Ok(Player::default()));
    let receipt = trial.link().try_send(note(CHAT, b"early")).unwrap();
    trial.connect().unwrap();
    trial.receive(&wire(WELCOME, 0, b"")).unwrap();
    let written = notes(&trial.written());
    assert_eq!((written[1].sequence, written[1].body.as_slice()), (1, &b"early"[..]));
    assert_eq!(receipt.settled(), Some(Outcome::Written { epoch: 1 }));
    trial.receive(&wire(CHAT, 0, b"hi")).unwrap();
    match trial.events().pop() {
        Some(Event::Frame { epoch: 1, frame }) => assert_eq!(frame, note(CHAT, b"hi")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_refused_dial_is_tried_again_within_the_backoff() {
    let mut trial = Trial::new(|| Ok(Player::open()));
    trial.refuse();
    assert_eq!(trial.dials(), None);
    trial.advance(SECOND / 2).unwrap();
    assert!(trial.dials().is_some());
    trial.connect().unwrap();
    assert!(trial.state().is_up());
    trial.hang_up();
    assert!(!trial.state().is_up());
}

/// The museum: an accept-then-close peer must not reset the backoff.
#[test]
fn museum_a_flapping_peer_does_not_reset_the_backoff() {
    let mut trial = Trial::new(|| Ok(Player::open()));
    let mut connections = 0;
    let minute = Moment(60_000_000);
    while trial.now() < minute {
        if trial.dials().is_some() {
            connections += 1;
            trial.connect().unwrap();
            trial.hang_up();
        }
        trial.advance(Duration::from_millis(10)).unwrap();
    }
    // Full jitter doubles to 30 s: a dozen dials a minute, not thousands.
    assert!((3..=25).contains(&connections), "{connections} connections in a minute");
    match trial.state() {
        State::Backoff { attempt, .. } => assert!(attempt >= 3, "{attempt}"),
        other => panic!("{other:?}"),
    }
}

/// Awaits something that is not the script.
struct Foreign;

impl Protocol for Foreign {
    type Outgoing = Note;
    type Incoming = Note;
    type View<'a> = Note;

    async fn handshake(&mut self, _: &mut Script<Note, Note>) -> Result<Established, Refusal> {
        std::future::pending().await
    }
}

#[test]
fn awaiting_something_else_is_told_unless_it_is_allowed() {
    let mut trial = Trial::new(|| Ok(Foreign));
    assert_eq!(trial.connect(), Err(ForeignAwait { at: Moment(0) }));

    let mut trial = Trial::new(|| Ok(Foreign)).allow_foreign();
    trial.connect().unwrap();
    // The deadline of the handshake holds all the same.
    trial.advance(10 * SECOND).unwrap();
    match trial.state() {
        State::Backoff { cause, .. } => assert_eq!(cause, Cause::HandshakeDeadline),
        other => panic!("{other:?}"),
    }
}
