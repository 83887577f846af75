//! A journal in memory, and crashes: what it held at the moment is all that a new session gets.

use std::time::Duration;

use tokio::io::AsyncReadExt;

use super::*;
use crate::event::{Event, Rejected};
use crate::fixture::*;
use crate::inbox::Inbox;
use crate::limiter::{DialLimiter, DialLimits};
use crate::link::Link;
use crate::session::Session;
use crate::testkit::{Network, NetworkListener};

/// What a crash would leave behind; clones are the same shelf.
#[derive(Clone, Default)]
struct Shelf {
    entries: Arc<Mutex<Vec<Kept>>>,
    left: Vec<Left<Note>>,
    full: bool,
}

#[derive(Debug, Clone)]
struct Kept {
    frame: Note,
    terms: Terms,
    notes: Vec<Step>,
}

impl Journal<Note> for Shelf {
    fn accept(&self, frame: &Note, terms: &Terms) -> io::Result<u64> {
        if self.full {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let mut entries = lock(&self.entries);
        entries.push(Kept { frame: frame.clone(), terms: *terms, notes: Vec::new() });
        Ok(entries.len() as u64 - 1)
    }

    fn step(&self, entry: u64, step: Step) {
        lock(&self.entries)[usize::try_from(entry).unwrap()].notes.push(step);
    }

    fn left(&self) -> Vec<Left<Note>> {
        self.left.clone()
    }
}

impl Shelf {
    fn notes(&self) -> Vec<Vec<Step>> {
        lock(&self.entries).iter().map(|kept| kept.notes.clone()).collect()
    }

    /// The process dies now, and another one opens what it finds.
    fn after_a_crash(&self) -> Shelf {
        let entries = lock(&self.entries).clone();
        let open = |kept: &Kept| !matches!(kept.notes.last(), Some(Step::Settled(_)));
        let left = (0..).zip(&entries).filter(|(_, kept)| open(kept)).map(|(entry, kept)| Left {
            entry,
            frame: kept.frame.clone(),
            terms: kept.terms,
            committed: kept.notes.last() == Some(&Step::Committed),
        });
        let left = left.collect();
        Shelf { entries: Arc::new(Mutex::new(entries)), left, full: false }
    }
}

fn start(network: &Network, shelf: &Shelf) -> (Link<Player>, Inbox<Player>) {
    Session::builder(|| std::future::ready(Ok(Player::open())))
        .endpoint("server:1")
        .connector(network.clone())
        .limiter(DialLimiter::new(DialLimits::default()))
        .journal(shelf.clone())
        .seed(7)
        .spawn()
}

fn settled(outcome: Outcome) -> Step {
    Step::Settled(outcome)
}

/// The bodies of the next frames that the peer hears.
async fn hear(peer: &mut crate::transport::Memory, count: usize) -> Vec<String> {
    let mut heard = Vec::new();
    for _ in 0..count {
        let len = peer.read_u16().await.unwrap();
        let mut frame = len.to_be_bytes().to_vec();
        frame.resize(usize::from(len), 0xa5);
        peer.read_exact(&mut frame[2..]).await.unwrap();
        heard.push(String::from_utf8(notes(&frame).remove(0).body).unwrap());
    }
    heard
}

async fn up(network: &Network, shelf: &Shelf) -> (Link<Player>, Inbox<Player>, NetworkListener) {
    let listener = network.listen("server:1");
    let (link, mut inbox) = start(network, shelf);
    assert!(matches!(inbox.next().await, Some(Event::Up { .. })));
    (link, inbox, listener)
}

#[tokio::test(start_paused = true)]
async fn the_journal_is_told_each_step_in_its_order() {
    let (network, shelf) = (Network::new(), Shelf::default());
    let (link, _inbox, _listener) = up(&network, &shelf).await;
    let written = link.send(note(CHAT, b"a")).await.unwrap();
    written.outcome().await;
    link.suspend();
    let cancelled = link.send(note(CHAT, b"b")).await.unwrap();
    assert!(link.cancel(&cancelled));
    let expired = link.send(note(CHAT, b"c")).expires(Duration::from_secs(1)).await.unwrap();
    assert_eq!(expired.outcome().await, Outcome::Expired);
    let _ = link.try_send(note(CHAT, b"d")).unwrap();
    link.close();
    link.ended().await;
    assert_eq!(
        shelf.notes(),
        [
            vec![Step::Committed, settled(Outcome::Written { epoch: 1 })],
            vec![settled(Outcome::Cancelled)],
            vec![settled(Outcome::Expired)],
            vec![settled(Outcome::NotSent)],
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_queued_at_the_crash_goes_out_in_its_old_order() {
    let (network, shelf) = (Network::new(), Shelf::default());
    let (link, _inbox) = start(&network, &shelf);
    link.send_all([note(CHAT, b"one"), note(CHAT, b"two")]).await.unwrap();
    let urgent = link.send(note(CHAT, b"urgent")).priority(Priority::Control);
    let _ = urgent.await.unwrap();
    let found = shelf.after_a_crash();
    let mut listener = network.listen("server:1");
    let (second, _inbox) = start(&network, &found);
    let mut peer = listener.accept().await;
    assert_eq!(hear(&mut peer, 3).await, ["urgent", "one", "two"]);
    let report = second.drain(Duration::from_secs(1)).await;
    assert_eq!((report.written, report.complete()), (0, true));
    assert_eq!(found.after_a_crash().left, []);
    assert_eq!(second.statistics().sends.written, 3);
}

#[tokio::test(start_paused = true)]
async fn what_may_have_left_is_sent_again_only_when_idempotent() {
    let (network, shelf) = (Network::new(), Shelf::default());
    let (link, _inbox, mut listener) = up(&network, &shelf).await;
    let mut peer = listener.accept().await;
    let _ = link.send(note(SURE, b"once")).await.unwrap();
    let _ = link.send(note(SURE, b"any number of times")).idempotent().await.unwrap();
    assert_eq!(hear(&mut peer, 2).await, ["once", "any number of times"]);
    let found = shelf.after_a_crash();
    assert_eq!(found.notes(), [vec![Step::Committed], vec![Step::Committed]]);
    drop(peer);

    let (second, _inbox) = start(&network, &found);
    let _first_reconnects = listener.accept().await;
    let mut peer = listener.accept().await;
    assert_eq!(hear(&mut peer, 1).await, ["any number of times"]);
    assert_eq!(found.notes()[0], [Step::Committed, settled(Outcome::Uncertain { epoch: 0 })]);
    assert_eq!(second.statistics().sends.accepted, 1);
}

/// More than the network between holds is committed; of the last frames not one byte leaves.
#[tokio::test(start_paused = true)]
async fn what_did_not_leave_after_all_is_queued_for_the_journal_too() {
    let (network, shelf) = (Network::new(), Shelf::default());
    let (link, mut inbox, mut listener) = up(&network, &shelf).await;
    let peer = listener.accept().await;
    for count in [8, 32] {
        for _ in 0..count {
            link.feed(note(CHAT, &[b'x'; 4_000])).await.unwrap();
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    drop(peer);
    assert!(matches!(inbox.next().await, Some(Event::Down { .. })));
    link.suspend();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let notes = shelf.notes();
    let rewound = [Step::Committed, Step::Queued];
    assert!(notes.iter().any(|notes| notes == &rewound), "{notes:?}");
    for notes in notes {
        let uncertain = settled(Outcome::Uncertain { epoch: 1 });
        let written = settled(Outcome::Written { epoch: 1 });
        let possible: [&[Step]; 4] =
            [&[], &rewound, &[Step::Committed, uncertain], &[Step::Committed, written]];
        assert!(possible.contains(&notes.as_slice()), "{notes:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_remembered_is_refused_and_comes_back() {
    let shelf = Shelf { full: true, ..Shelf::default() };
    let (link, _inbox) = start(&Network::new(), &shelf);
    let refused = link.send(note(CHAT, b"a")).await.map(drop);
    assert_eq!(refused, Err(Rejected { frame: note(CHAT, b"a"), because: Because::Journal }));
    assert_eq!(link.statistics().sends.accepted, 0);
}

#[tokio::test(start_paused = true)]
async fn an_acknowledgement_is_noted_and_goes_to_no_request() {
    let (network, shelf) = (Network::new(), Shelf::default());
    let listener = network.listen("server:1");
    let serving = crate::listener::Listener::over(listener, crate::listener::Limits::default())
        .serve_each(|_| {
            let player = Player { answers: true, ..Player::open() };
            (player, async |_link, mut inbox: Inbox<Player>| while inbox.next().await.is_some() {})
        });
    let (link, _inbox) = start(&network, &shelf);
    let sent = link.send(note(SURE, b"a")).await.unwrap();
    assert_eq!(sent.outcome().await, Outcome::Acknowledged { epoch: 1 });
    link.drain(Duration::from_secs(1)).await;
    let acknowledged = settled(Outcome::Acknowledged { epoch: 1 });
    assert_eq!(shelf.notes(), [vec![Step::Committed, acknowledged]]);
    drop(serving);
}
