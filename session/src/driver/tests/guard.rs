//! User code in the session's task: handlers, panics, the consumer of the inbox.

use super::*;
use crate::event::Cause;
use crate::protocol::{Established, Flow, Handler, Protocol, Refusal};
use crate::reply::Reply;
use crate::script::Script;
use crate::sending::RequestError;
use crate::settings::Bounds;
use crate::testkit::{ChaosPlan, Ending};

pub(super) const PLACE: &str = "server:1";

/// Builder of a session over a network in memory.
pub(super) fn session<P: Protocol + Clone + Sync>(
    protocol: P,
    network: &Network,
) -> crate::session::Builder<P> {
    Session::builder(move || std::future::ready(Ok(protocol.clone())))
        .endpoint(PLACE)
        .connector(network.clone())
        .limiter(DialLimiter::new(DialLimits::default()))
        .seed(7)
}

/// Panics in one hook.
#[derive(Clone, Copy)]
struct Panics(&'static str);

impl Panics {
    fn at(self, place: &str) {
        assert!(self.0 != place, "on purpose");
    }
}

impl Protocol for Panics {
    type Outgoing = Note;
    type Incoming = Note;
    type View<'a> = Note;

    async fn handshake(&mut self, script: &mut Script<Note, Note>) -> Result<Established, Refusal> {
        script.send(note(LOGIN, b""));
        script.receive().await?;
        self.at("handshake");
        Ok(Established::default())
    }

    fn stamp(&mut self, frame: &mut Note, sequence: u64) -> Option<crate::protocol::Key> {
        if frame.kind == CHAT {
            self.at("stamp");
        }
        frame.sequence = u16::try_from(sequence).unwrap();
        Some(crate::protocol::Key(sequence))
    }

    fn acknowledge(&mut self, _: &Note) -> Option<Note> {
        self.at("acknowledge");
        None
    }
}

const UNCERTAIN: Outcome = Outcome::Uncertain { epoch: 1 };

/// Rule 5 and G2: whatever panics, all that was accepted settles, and everybody learns it.
#[tokio::test(start_paused = true)]
async fn a_panic_in_user_code_fails_the_session_and_settles_every_send() {
    for hook in ["handshake", "stamp", "acknowledge"] {
        let network = Network::new();
        let mut listener = network.listen(PLACE);
        let (link, mut inbox) = session(Panics(hook), &network).spawn();
        let sure = link.send(note(SURE, b"")).await.unwrap();
        let mut peer = listener.accept().await;
        read_note(&mut peer).await;
        peer.write_all(&wire(WELCOME, 0, b"")).await.unwrap();
        if hook == "acknowledge" {
            read_note(&mut peer).await;
        }
        let queued = link.send(note(CHAT, b"queued")).await.unwrap();
        let mut request = Box::pin(link.request(note(QUESTION, b"")));
        let polled = request.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(polled, Poll::Pending);
        if hook == "acknowledge" {
            let written = [read_note(&mut peer).await, read_note(&mut peer).await];
            assert_eq!(written.map(|note| note.kind), [CHAT, QUESTION]);
        }
        peer.write_all(&wire(CHAT, 0, b"")).await.unwrap();
        let hour = Duration::from_secs(3_600);
        let ended = tokio::time::timeout(hour, link.ended()).await;
        assert_eq!(ended, Ok(State::Failed(Fatal::Panic)), "{hook}");
        let (first, second) = match hook {
            "handshake" | "stamp" => (Outcome::NotSent, Outcome::NotSent),
            _ => (UNCERTAIN, Outcome::Written { epoch: 1 }),
        };
        assert_eq!((sure.settled(), queued.settled()), (Some(first), Some(second)), "{hook}");
        let asked = if hook == "acknowledge" { UNCERTAIN } else { Outcome::NotSent };
        assert_eq!(request.await, Err(RequestError::Unanswered(asked)), "{hook}");
        assert_eq!(link.statistics().sends.open(), 0, "{hook}");
        let mut last = None;
        while let Some(event) = inbox.next().await {
            last = Some(event);
        }
        assert!(matches!(last, Some(Event::Failed(Fatal::Panic))), "{hook}");
        // The socket is closed as well.
        let mut rest = Vec::new();
        peer.read_to_end(&mut rest).await.unwrap();
    }
}

/// G2: the same when the runtime drops the task.
#[test]
fn an_aborted_task_settles_every_send() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let first = runtime();
    let (link, receipt) = first.block_on(async {
        let (link, _inbox) = session(Player::default(), &Network::new()).spawn();
        let receipt = link.send(note(CHAT, b"queued")).await.unwrap();
        (link, receipt)
    });
    drop(first);
    assert_eq!(receipt.settled(), Some(Outcome::NotSent));
    assert_eq!(runtime().block_on(link.ended()), State::Failed(Fatal::Aborted));
}

/// Counts, and does as the frame says.
#[derive(Clone, Default)]
struct Obeys(Arc<AtomicUsize>);

impl Handler<Player> for Obeys {
    fn frame(&mut self, view: Note, reply: &Reply<Player>) -> Flow {
        self.0.fetch_add(1, Ordering::Relaxed);
        match &view.body[..] {
            b"close" => Flow::Close,
            b"full" => {
                drop(reply.send(note(CHAT, &[7; 3_000])).unwrap());
                Flow::Full
            }
            b"panic" => panic!("on purpose"),
            _ => Flow::Go,
        }
    }
}

/// Rule 10: a handler's session that logs in, with its peer.
async fn handled() -> (Link<Player>, Obeys, Memory) {
    let network = Network::new();
    let mut listener = network.listen(PLACE);
    let obeys = Obeys::default();
    let link = session(Player::default(), &network).spawn_with(obeys.clone());
    let peer = welcome(&mut listener).await;
    link.up().await.unwrap();
    (link, obeys, peer)
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_wants_to_close_says_goodbye_first() {
    let (link, obeys, mut peer) = handled().await;
    let receipt = link.send(note(SURE, b"under way")).await.unwrap();
    let sure = read_note(&mut peer).await;
    peer.write_all(&wire(CHAT, 0, b"close")).await.unwrap();
    peer.write_all(&wire(ACKNOWLEDGEMENT, sure.sequence, b"")).await.unwrap();
    assert_eq!(read_note(&mut peer).await.kind, GOODBYE);
    assert_eq!(link.ended().await, State::Closed(CloseReason::Requested));
    assert_eq!(receipt.settled(), Some(Outcome::Acknowledged { epoch: 1 }));
    assert_eq!(obeys.0.load(Ordering::Relaxed), 1);
}

/// `Flow::Full`: nothing more is read until all that is queued has been written.
#[tokio::test(start_paused = true)]
async fn a_handler_that_is_full_gets_no_more_until_all_is_written() {
    let (_link, obeys, mut peer) = handled().await;
    let mut count = 0;
    // More than the network holds: 64 KiB.
    while count < 64 {
        peer.write_all(&wire(CHAT, 0, b"full")).await.unwrap();
        count += 1;
    }
    sleep(Duration::from_millis(1)).await;
    let stuck = obeys.0.load(Ordering::Relaxed);
    assert!((10..30).contains(&stuck), "{stuck} frames of 3 kB in 64 KiB");
    for _ in 0..64 {
        assert_eq!(read_note(&mut peer).await.body.len(), 3_000);
    }
    assert_eq!(obeys.0.load(Ordering::Relaxed), 64);
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_a_handler_fails_the_session() {
    let (link, _, mut peer) = handled().await;
    let receipt = link.send(note(SURE, b"")).await.unwrap();
    read_note(&mut peer).await;
    peer.write_all(&wire(CHAT, 0, b"panic")).await.unwrap();
    assert_eq!(link.ended().await, State::Failed(Fatal::Panic));
    assert_eq!(receipt.settled(), Some(Outcome::Uncertain { epoch: 1 }));
}

/// G1: what the broken connection did not take never reaches the next one.
#[tokio::test(start_paused = true)]
async fn the_rest_of_a_torn_write_never_reaches_the_next_connection() {
    let network = Network::new();
    let mut listener = network.listen(PLACE);
    let login = wire(LOGIN, 0, b"secret").len();
    network.chaos(PLACE, move |attempt| match attempt {
        0 => ChaosPlan::calm(0).ending(Ending::Reset { after: login as u64 + 9 }),
        _ => ChaosPlan::calm(0),
    });
    let (link, _inbox) = session(Player::default(), &network).spawn();
    let torn = link.send(note(CHAT, b"torn in the middle")).await.unwrap();
    let kept = link.send(note(CHAT, b"not a byte of it left")).await.unwrap();
    let _first = welcome(&mut listener).await;
    // It reads the login as the first frame.
    let mut second = welcome(&mut listener).await;
    let chat = read_note(&mut second).await;
    assert_eq!((chat.sequence, &chat.body[..]), (1, &b"not a byte of it left"[..]));
    assert_eq!(torn.outcome().await, Outcome::Uncertain { epoch: 1 });
    assert_eq!(kept.outcome().await, Outcome::Written { epoch: 2 });
}

/// G1: the same where the peer took no more and then closed; the frames that wait are sent whole.
#[tokio::test(start_paused = true)]
async fn what_a_closed_connection_did_not_take_never_reaches_the_next() {
    let network = Network::new();
    let mut listener = network.listen(PLACE);
    let (link, _inbox) = session(Player::default(), &network).spawn();
    let first = welcome(&mut listener).await;
    link.up().await.unwrap();
    // More than the network holds: 64 KiB.
    let mut receipts = Vec::new();
    for number in 0..40 {
        receipts.push(link.send(note(CHAT, &[number; 4_000])).await.unwrap());
    }
    sleep(Duration::from_millis(1)).await;
    drop(first);
    let mut second = welcome(&mut listener).await;
    let taken = (64 * 1024 - 7 - 6) / 4_007;
    for number in taken + 1..40 {
        let chat = read_note(&mut second).await;
        assert_eq!((chat.body.len(), usize::from(chat.body[0])), (4_000, number));
    }
    let outcomes: Vec<_> = receipts.iter().map(|receipt| receipt.settled().unwrap()).collect();
    assert_eq!(
        outcomes[taken - 1..=taken + 1],
        [
            Outcome::Written { epoch: 1 },
            Outcome::Uncertain { epoch: 1 },
            Outcome::Written { epoch: 2 },
        ]
    );
}

/// Rule 6, with a reader that does not come: after 30 s the connection ends, and what was in the
/// inbox is still there.
#[tokio::test(start_paused = true)]
async fn an_inbox_that_nobody_reads_ends_the_connection_after_30_s() {
    let network = Network::new();
    let mut listener = network.listen(PLACE);
    let inbound = Bounds { frames: 2, bytes: 1_000, reserved: 0 };
    let settings = Settings { inbound, ..Settings::default() };
    let (link, mut inbox) = session(Player::default(), &network).settings(settings).spawn();
    let mut peer = welcome(&mut listener).await;
    link.up().await.unwrap();
    let full = Instant::now();
    for body in [b"1", b"2", b"3"] {
        peer.write_all(&wire(CHAT, 0, body)).await.unwrap();
    }
    let mut watch = link.watch();
    let ended = loop {
        if let State::Backoff { cause, .. } = watch.next().await {
            break cause;
        }
    };
    assert_eq!((ended, full.elapsed()), (Cause::SlowConsumer, Duration::from_secs(30)));
    let mut bodies = Vec::new();
    while let Some(event) = inbox.next().await {
        match event {
            Event::Frame { frame, .. } => bodies.extend(frame.body),
            Event::Down { .. } => break,
            _ => {}
        }
    }
    assert_eq!(bodies, *b"12");
}

/// A reader that comes in time gets everything, in order.
#[tokio::test(start_paused = true)]
async fn a_reader_that_comes_late_but_in_time_loses_nothing() {
    let network = Network::new();
    let mut listener = network.listen(PLACE);
    let inbound = Bounds { frames: 2, bytes: 1_000, reserved: 0 };
    let settings = Settings { inbound, ..Settings::default() };
    let (link, mut inbox) = session(Player::default(), &network).settings(settings).spawn();
    let mut peer = welcome(&mut listener).await;
    link.up().await.unwrap();
    for body in 0..20 {
        peer.write_all(&wire(CHAT, 0, &[body])).await.unwrap();
    }
    for body in 0..20 {
        sleep(Duration::from_secs(9)).await;
        if body == 2 || body == 11 {
            // Any byte keeps the link alive; the inbox does not.
            peer.write_all(&wire(ALIVE_TOO, 0, b"")).await.unwrap();
        }
        assert_eq!(inbox.next_frame().await.unwrap().body, [body]);
    }
    assert_eq!(link.epoch(), 1);
}

/// Acknowledgements and replies are for those who wait for them: an inbox that nobody reads does not
/// stop them.
#[tokio::test(start_paused = true)]
async fn acknowledgements_fill_no_inbox_that_nobody_reads() {
    let network = Network::new();
    let mut listener = network.listen(PLACE);
    let (link, mut inbox) = session(Player::default(), &network).spawn();
    let mut peer = welcome(&mut listener).await;
    for _ in 0..300 {
        let receipt = link.send(note(SURE, b"")).await.unwrap();
        let sure = read_note(&mut peer).await;
        peer.write_all(&wire(ACKNOWLEDGEMENT, sure.sequence, b"")).await.unwrap();
        assert_eq!(receipt.outcome().await, Outcome::Acknowledged { epoch: 1 });
    }
    let (asked, ()) = tokio::join!(link.request(note(QUESTION, b"")), async {
        let question = read_note(&mut peer).await;
        peer.write_all(&wire(ACKNOWLEDGEMENT, question.sequence, b"")).await.unwrap();
    });
    assert_eq!(asked.map(|reply| reply.kind), Ok(ACKNOWLEDGEMENT));
    assert!(matches!(inbox.try_next(), Some(Event::Up { epoch: 1, resumed: false })));
    assert!(inbox.try_next().is_none());
}

/// Rule 11: suspended from outside, through the driver; the place in the listener is free at once.
#[tokio::test(start_paused = true)]
async fn a_session_is_suspended_and_comes_back() {
    let network = Network::new();
    let mut listener = network.listen(PLACE);
    let (link, _inbox) = session(Player::default(), &network).spawn();
    let mut peer = welcome(&mut listener).await;
    link.up().await.unwrap();
    link.suspend();
    assert_eq!(peer.read(&mut [0; 8]).await.unwrap(), 0);
    assert_eq!(link.state(), State::Suspended);
    let queued = link.send(note(CHAT, b"meanwhile")).await.unwrap();
    sleep(Duration::from_secs(5)).await;
    assert_eq!(network.attempts(PLACE).len(), 1);
    link.resume();
    let _peer = welcome(&mut listener).await;
    assert_eq!(queued.outcome().await, Outcome::Written { epoch: 2 });
}

/// Rule 3: credentials come before the permit, and a refusal of theirs is a verdict.
#[tokio::test(start_paused = true)]
async fn credentials_that_cannot_be_had_are_tried_again_or_not_at_all() {
    let network = Network::new();
    let calls = Arc::new(AtomicUsize::new(0));
    let made = calls.clone();
    let make = move || {
        let refusal = match made.fetch_add(1, Ordering::Relaxed) {
            0 => Refusal::Transient("no answer".into()),
            _ => Refusal::Fatal("account closed".into()),
        };
        Box::pin(async move { Err::<Player, _>(refusal) })
            as Pin<Box<dyn Future<Output = _> + Send>>
    };
    let (link, _inbox) = Session::builder(make)
        .endpoint(PLACE)
        .connector(network.clone())
        .limiter(DialLimiter::new(DialLimits::default()))
        .seed(7)
        .spawn();
    let refused = Fatal::Refused("account closed".into());
    assert_eq!(link.ended().await, State::Failed(refused));
    assert_eq!((calls.load(Ordering::Relaxed), network.attempts(PLACE).len()), (2, 0));
}
