//! Servers over the test kit's network, in paused time.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;

use super::*;
use crate::connect::{ConnectError, Connector};
use crate::event::{Cause, DrainReport, Event, Outcome, State};
use crate::fixture::*;
use crate::limiter::{DialLimiter, DialLimits};
use crate::lock::lock;
use crate::protocol::{Established, Flow, Refusal};
use crate::reply::Reply;
use crate::script::Script;
use crate::session::Session;
use crate::testkit::{Network, PeerError, ScriptedPeer};
use crate::transport::Transport;

const PLACE: &str = "server:1";
const WITHIN: Duration = Duration::from_secs(10);

/// The server's side of [`Player`].
pub(crate) struct Gate;

impl Protocol for Gate {
    type Outgoing = Note;
    type Incoming = Note;
    type View<'a> = Note;

    async fn handshake(&mut self, script: &mut Script<Note, Note>) -> Result<Established, Refusal> {
        let login = script.receive().await?;
        if login.kind == LOGIN && login.body == b"secret" {
            script.send(note(WELCOME, b""));
            return Ok(Established::default());
        }
        script.send(note(WRONG, b""));
        Err(Refusal::Fatal("wrong password".into()))
    }

    fn acknowledge(&mut self, received: &Note) -> Option<Note> {
        let kind = match received.kind {
            SURE => ACKNOWLEDGEMENT,
            ALIVE => ALIVE_TOO,
            _ => return None,
        };
        Some(Note { refers: received.sequence, ..note(kind, b"") })
    }

    fn goodbye(&mut self) -> Option<Note> {
        Some(note(GOODBYE, b""))
    }
}

/// Answers questions and counts what it hears.
#[derive(Clone, Default)]
struct Answers(Arc<AtomicU64>);

impl Handler<Gate> for Answers {
    fn frame(&mut self, view: Note, reply: &Reply<Gate>) -> Flow {
        self.0.fetch_add(1, Ordering::Relaxed);
        if view.kind == QUESTION {
            let answer = Note { refers: view.sequence, ..note(REPLY, &view.body) };
            drop(reply.send(answer).unwrap());
        }
        Flow::Go
    }
}

fn serve(network: &Network, limits: Limits) -> (Serving<Gate>, Answers) {
    let answers = Answers::default();
    let listener = Listener::over(network.listen(PLACE), limits);
    (listener.serve(|_: &Peer| Gate, answers.clone()), answers)
}

fn player(network: &Network) -> (Link<Player>, Inbox<Player>) {
    Session::builder(|| std::future::ready(Ok(Player::default())))
        .endpoint(PLACE)
        .connector(network.clone())
        .limiter(DialLimiter::new(DialLimits::default()))
        .seed(1)
        .spawn()
}

/// A raw connection to the server.
async fn raw(network: &Network) -> ScriptedPeer<Box<dyn Transport>> {
    ScriptedPeer::new(network.connect(&Endpoint::from(PLACE), WITHIN).await.unwrap())
}

#[tokio::test(start_paused = true)]
async fn clients_log_in_ask_and_are_acknowledged() {
    let network = Network::new();
    let (serving, answers) = serve(&network, Limits::default());
    let (link, _inbox) = player(&network);
    let reply = link.request(note(QUESTION, b"how are you?")).await.unwrap();
    assert_eq!((reply.kind, reply.body.as_slice()), (REPLY, &b"how are you?"[..]));
    let sure = link.send(note(SURE, b"")).await.unwrap();
    assert_eq!(sure.outcome().await, Outcome::Acknowledged { epoch: 1 });
    assert_eq!((serving.connections(), serving.handshaking()), (1, 0));
    assert_eq!(answers.0.load(Ordering::Relaxed), 2);
    link.close();
    link.ended().await;
    serving.hall.tasks(0).await;
    assert_eq!((serving.connections(), serving.handshaking()), (0, 0));
}

/// The museum: a peer that accepts a permit and stays silent.
#[tokio::test(start_paused = true)]
async fn museum_a_mute_client_is_closed_after_the_deadline_and_never_counts() {
    let network = Network::new();
    let limits = Limits { connections: Some(1), ..Limits::default() };
    let (serving, _) = serve(&network, limits);
    let started = Instant::now();
    let mut mute = raw(&network).await;
    let (link, _inbox) = player(&network);
    link.up().await.unwrap();
    assert_eq!((serving.connections(), serving.handshaking()), (1, 1));
    mute.expect_end().await.unwrap();
    // The step's own deadline of 5 s comes first.
    assert_eq!(started.elapsed(), Duration::from_secs(5));
    serving.hall.tasks(1).await;
    assert_eq!((serving.connections(), serving.handshaking()), (1, 0));
    assert_eq!(serving.tally().failed_handshakes, 1);
    assert!(link.is_up());
}

#[tokio::test(start_paused = true)]
async fn museum_a_login_that_drips_ends_with_the_whole_handshake() {
    let network = Network::new();
    let limits = Limits { handshake: Duration::from_secs(3), ..Limits::default() };
    let (_serving, _) = serve(&network, limits);
    let started = Instant::now();
    let mut slow = raw(&network).await;
    let login = wire(LOGIN, 0, b"secret");
    // A byte a second: each is progress, and the whole is late all the same.
    let (_, ended) = {
        let (mut transport, _) = slow.into_parts();
        for byte in &login {
            if transport.write_all(&[*byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        let mut rest = Vec::new();
        let ended = transport.read_to_end(&mut rest).await;
        slow = ScriptedPeer::new(transport);
        (rest, ended)
    };
    ended.unwrap();
    drop(slow);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn museum_slow_loris_inside_a_frame_is_closed_after_10_s() {
    let network = Network::new();
    let (serving, _) = serve(&network, Limits::default());
    let mut loris = raw(&network).await;
    loris.send(&wire(LOGIN, 0, b"secret")).await.unwrap();
    assert_eq!(loris.receive::<Note>().await.unwrap().kind, WELCOME);
    let started = Instant::now();
    let frame = wire(CHAT, 0, &[b'x'; 100]);
    // A byte every second keeps the connection from ever being silent.
    let error = loris.drip(&frame, Duration::from_secs(1)).await.unwrap_err();
    assert!(matches!(error, PeerError::Io(_)), "{error}");
    let took = started.elapsed();
    assert!((10..=12).contains(&took.as_secs()), "{took:?}");
    serving.hall.tasks(0).await;
    assert_eq!(serving.connections(), 0);
}

#[tokio::test(start_paused = true)]
async fn one_login_too_many_is_closed() {
    let network = Network::new();
    let limits = Limits { connections: Some(1), ..Limits::default() };
    let (serving, _) = serve(&network, limits);
    let (first, _first_inbox) = player(&network);
    first.up().await.unwrap();
    let mut second = raw(&network).await;
    second.send(&wire(LOGIN, 0, b"secret")).await.unwrap();
    let ended = loop {
        match second.receive::<Note>().await {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert!(matches!(ended, PeerError::Ended), "{ended}");
    assert_eq!(serving.tally().turned_full, 1);
    assert!(first.is_up());
}

#[tokio::test(start_paused = true)]
async fn a_drain_says_goodbye_and_reports() {
    let network = Network::new();
    let (serving, _) = serve(&network, Limits::default());
    let mut kept = Vec::new();
    for _ in 0..3 {
        let (link, inbox) = player(&network);
        link.up().await.unwrap();
        kept.push((link, inbox));
    }
    let mut mute = raw(&network).await;
    mute.expect_silence(Duration::from_millis(1)).await.unwrap();
    let started = Instant::now();
    let report = serving.drain(Duration::from_secs(5)).await;
    let expected =
        ServeReport { drained: 3, complete: 3, closed: 1, sends: DrainReport::default() };
    assert_eq!(report, expected);
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    mute.expect_end().await.unwrap();
    for (_, inbox) in &mut kept {
        let goodbye = loop {
            if let Event::Down { cause, .. } = inbox.next().await.unwrap() {
                break cause.to_string();
            }
        };
        assert_eq!(goodbye, "the peer said goodbye: server restarts");
    }
    // Nobody listens any more.
    let refused = network.connect(&Endpoint::from(PLACE), WITHIN).await.map(drop);
    assert_eq!(refused, Err(ConnectError::Socket(io::ErrorKind::ConnectionRefused.into())));
}

#[tokio::test(start_paused = true)]
async fn a_drain_that_cannot_finish_says_what_is_uncertain() {
    let network = Network::new();
    let listener = Listener::over(network.listen(PLACE), Limits::default());
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let serving = listener.serve_each(move |_: &Peer| {
        let tell = tell.clone();
        (Gate, async move |link, inbox| tell.send((link, inbox)).unwrap())
    });
    let mut client = raw(&network).await;
    client.send(&wire(LOGIN, 0, b"secret")).await.unwrap();
    let (link, _inbox) = told.recv().await.unwrap();
    // The client never acknowledges it.
    let receipt = link.send(note(SURE, b"")).await.unwrap();
    let started = Instant::now();
    let report = serving.drain(Duration::from_secs(5)).await;
    let sends = DrainReport { uncertain: 1, ..DrainReport::default() };
    assert_eq!(report, ServeReport { drained: 1, complete: 0, closed: 0, sends });
    assert_eq!(started.elapsed(), Duration::from_secs(5));
    assert_eq!(receipt.outcome().await, Outcome::Uncertain { epoch: 1 });
    assert!(matches!(link.state(), State::Closed(_)));
}

#[tokio::test(start_paused = true)]
async fn dropping_both_ends_of_one_connection_closes_it() {
    let network = Network::new();
    let listener = Listener::over(network.listen(PLACE), Limits::default());
    let serving = listener.serve_each(|_: &Peer| (Gate, async |link, inbox| drop((link, inbox))));
    let (client, mut inbox) = player(&network);
    let cause = loop {
        if let Event::Down { cause, .. } = inbox.next().await.unwrap() {
            break cause.to_string();
        }
    };
    assert_eq!(cause, "the peer said goodbye: server restarts");
    client.close();
    drop(serving);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_listener_closes_everything() {
    let network = Network::new();
    let (serving, _) = serve(&network, Limits::default());
    let (link, mut inbox) = player(&network);
    link.up().await.unwrap();
    drop(serving);
    let cause = loop {
        if let Event::Down { cause, .. } = inbox.next().await.unwrap() {
            break cause;
        }
    };
    assert_eq!(cause, Cause::PeerClosed);
}

#[tokio::test]
async fn tcp_listens_on_a_port_of_the_systems_choice_with_its_options() {
    let listener = Listener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = listener.serve(|_: &Peer| Gate, Answers::default());
    assert_eq!(serving.local_addr(), Some(address));
    let (link, _inbox) = Session::builder(|| std::future::ready(Ok(Player::default())))
        .endpoint(address)
        .limiter(DialLimiter::new(DialLimits::default()))
        .spawn();
    let reply = link.request(note(QUESTION, b"?")).await.unwrap();
    assert_eq!(reply.body, b"?");
    let report = serving.drain(Duration::from_secs(5)).await;
    assert_eq!((report.drained, report.complete), (1, 1));
}

#[tokio::test]
async fn what_names_no_place_cannot_be_listened_at() {
    let error = Listener::bind("nowhere").await.map(drop).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
}

#[tokio::test(start_paused = true)]
async fn who_is_refused_reads_why() {
    let network = Network::new();
    let (_serving, _) = serve(&network, Limits::default());
    let mut guest = raw(&network).await;
    guest.send(&wire(LOGIN, 0, b"wrong")).await.unwrap();
    guest.expect(&wire(WRONG, 0, b"")).await.unwrap();
    guest.expect_end().await.unwrap();
}

/// Says who has come, as the login learned it.
struct Usher(Arc<Mutex<Option<Note>>>);

impl Handler<Doorman> for Usher {
    fn frame(&mut self, view: Note, reply: &Reply<Doorman>) -> Flow {
        let login = lock(&self.0).clone().unwrap();
        drop(reply.send(Note { refers: view.sequence, ..note(REPLY, &login.body) }).unwrap());
        reply.drain(WITHIN);
        Flow::Go
    }
}

struct Doorman(Arc<Mutex<Option<Note>>>);

impl Protocol for Doorman {
    type Outgoing = Note;
    type Incoming = Note;
    type View<'a> = Note;

    async fn handshake(&mut self, script: &mut Script<Note, Note>) -> Result<Established, Refusal> {
        *lock(&self.0) = Some(script.receive().await?);
        script.send(note(WELCOME, b""));
        Ok(Established::default())
    }

    fn goodbye(&mut self) -> Option<Note> {
        Some(note(GOODBYE, b""))
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_of_its_own_shares_what_the_login_learned_and_drains() {
    let network = Network::new();
    let listener = Listener::over(network.listen(PLACE), Limits::default());
    let serving = listener.serve_with(|_: &Peer| {
        let shared = Arc::default();
        (Doorman(Arc::clone(&shared)), Usher(shared))
    });
    let (link, mut inbox) = player(&network);
    let reply = link.request(note(QUESTION, b"")).await.unwrap();
    assert_eq!((reply.kind, reply.body.as_slice()), (REPLY, &b"secret"[..]));
    let down = loop {
        match inbox.next().await.unwrap() {
            Event::Down { cause, .. } => break cause,
            Event::Up { .. } => {}
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(down, Cause::Goodbye(Refusal::Transient("server restarts".into())));
    drop(serving);
}

/// The same for who takes the two ends.
#[tokio::test(start_paused = true)]
async fn who_takes_the_ends_shares_what_the_login_learned() {
    let network = Network::new();
    let listener = Listener::over(network.listen(PLACE), Limits::default());
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let _serving = listener.serve_each(move |peer: &Peer| {
        let (shared, number, tell) = (Arc::default(), peer.number, tell.clone());
        let doorman = Doorman(Arc::clone(&shared));
        (doorman, async move |_, _| tell.send((number, lock(&shared).take())).unwrap())
    });
    let (_link, _inbox) = player(&network);
    assert_eq!(told.recv().await, Some((1, Some(note(LOGIN, b"secret")))));
}
