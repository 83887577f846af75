//! The driver under paused time, over transports in memory.

mod contexts;
mod guard;
mod hooks;
mod idle;
mod places;
mod room;
mod upgrade;
mod word;

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::time::{Instant, sleep};

use crate::connect::{ConnectError, Dialer, Endpoint, Proxy, Resolver, Resolving};
use crate::event::{Cause, CloseReason, DrainReport, Event, Fatal, Outcome, State};
use crate::fixture::*;
use crate::inbox::Inbox;
use crate::limiter::{DialLimiter, DialLimits};
use crate::link::Link;
use crate::session::Session;
use crate::settings::Settings;
use crate::testkit::{Network, NetworkListener};
use crate::transport::Memory;

/// A session, and the listener that it dials.
fn start(player: Player, settings: Settings) -> (Link<Player>, Inbox<Player>, NetworkListener) {
    let network = Network::new();
    let listener = network.listen("server:1");
    let make = move || std::future::ready(Ok(player.clone()));
    let (link, inbox) = Session::builder(make)
        .name("player-7")
        .endpoint(Endpoint::from("server:1"))
        .settings(settings)
        .connector(network)
        .limiter(DialLimiter::new(DialLimits::default()))
        .seed(7)
        .spawn();
    (link, inbox, listener)
}

async fn read_note(peer: &mut Memory) -> Note {
    let len = usize::from(peer.read_u16().await.unwrap());
    let mut frame = u16::try_from(len).unwrap().to_be_bytes().to_vec();
    frame.resize(len, 0xa5);
    peer.read_exact(&mut frame[2..]).await.unwrap();
    notes(&frame).remove(0)
}

async fn welcome(listener: &mut NetworkListener) -> Memory {
    let mut peer = listener.accept().await;
    let login = read_note(&mut peer).await;
    assert_eq!((login.kind, login.sequence, &login.body[..]), (LOGIN, 0, &b"secret"[..]));
    peer.write_all(&wire(WELCOME, 0, b"")).await.unwrap();
    peer
}

#[tokio::test(start_paused = true)]
async fn it_logs_in_sends_and_receives() {
    let (link, mut inbox, mut listener) = start(Player::default(), Settings::default());
    let receipt = link.send(note(CHAT, b"queued before the login")).await.unwrap();
    let mut peer = welcome(&mut listener).await;
    assert!(matches!(inbox.next().await, Some(Event::Up { epoch: 1, resumed: false })));
    let chat = read_note(&mut peer).await;
    assert_eq!((chat.sequence, &chat.body[..]), (1, &b"queued before the login"[..]));
    assert_eq!(receipt.outcome().await, Outcome::Written { epoch: 1 });
    peer.write_all(&wire(CHAT, 0, b"hello")).await.unwrap();
    let Some(Event::Frame { epoch: 1, frame }) = inbox.next().await else { panic!() };
    assert_eq!(frame, note(CHAT, b"hello"));
}

#[tokio::test(start_paused = true)]
async fn a_request_gets_its_reply_and_only_its_own() {
    let (link, _inbox, mut listener) = start(Player::default(), Settings::default());
    let mut peer = welcome(&mut listener).await;
    let (first, second) =
        tokio::join!(async { link.request(note(QUESTION, b"1")).await.unwrap() }, async {
            let asked = link.request(note(QUESTION, b"2"));
            let serve = async {
                let (one, two) = (read_note(&mut peer).await, read_note(&mut peer).await);
                peer.write_all(&wire(REPLY, two.sequence, &two.body)).await.unwrap();
                peer.write_all(&wire(REPLY, one.sequence, &one.body)).await.unwrap();
            };
            tokio::join!(asked, serve).0.unwrap()
        });
    assert_eq!((first.body, second.body), (b"1".to_vec(), b"2".to_vec()));
}

/// Who has asked goes on before the session does, which has booked what it has to.
#[tokio::test(start_paused = true)]
async fn a_reply_is_in_the_books_before_it_is_taken() {
    let (link, _inbox, mut listener) = start(Player::default(), Settings::default());
    let mut peer = welcome(&mut listener).await;
    let serve = async {
        for _ in 0..3 {
            let asked = read_note(&mut peer).await;
            peer.write_all(&wire(REPLY, asked.sequence, &asked.body)).await.unwrap();
        }
    };
    // A task of its own: its turn comes before the next one of the session.
    let ask = tokio::spawn(async move {
        for answered in 1..=3 {
            link.request(note(QUESTION, b"?")).await.unwrap();
            let told = link.statistics();
            let booked = (told.sends.acknowledged, told.sends.open(), told.frames_received);
            assert_eq!(booked, (answered, 0, answered + 1));
        }
    });
    tokio::join!(serve, ask).1.unwrap();
}

#[tokio::test(start_paused = true)]
async fn it_comes_back_with_a_sequence_of_its_own_and_nothing_lost() {
    let (link, mut inbox, mut listener) = start(Player::default(), Settings::default());
    let peer = welcome(&mut listener).await;
    assert_eq!(link.up().await, Ok(1));
    drop(peer);
    while !matches!(inbox.next().await, Some(Event::Down { epoch: 1, .. })) {}
    let receipt = link.send(note(CHAT, b"meanwhile")).await.unwrap();
    let mut peer = welcome(&mut listener).await;
    assert_eq!(read_note(&mut peer).await.sequence, 1);
    assert_eq!(receipt.outcome().await, Outcome::Written { epoch: 2 });
    assert!(matches!(inbox.next().await, Some(Event::Up { epoch: 2, resumed: false })));
    assert!(matches!(inbox.next().await, Some(Event::Gap { from: 1, to: 2 })));
}

#[tokio::test(start_paused = true)]
async fn a_wrong_password_is_fatal_and_settles_the_queue() {
    let (link, mut inbox, mut listener) = start(Player::default(), Settings::default());
    let receipt = link.send(note(CHAT, b"never")).await.unwrap();
    let mut peer = listener.accept().await;
    read_note(&mut peer).await;
    peer.write_all(&wire(WRONG, 0, b"")).await.unwrap();
    let refused = Fatal::Refused("wrong password".into());
    assert_eq!(link.ended().await, State::Failed(refused));
    assert_eq!(receipt.outcome().await, Outcome::NotSent);
    assert!(matches!(inbox.next().await, Some(Event::Failed(_))));
    assert!(inbox.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_drain_waits_for_acknowledgements_and_says_goodbye() {
    let (link, _inbox, mut listener) = start(Player::default(), Settings::default());
    let mut peer = welcome(&mut listener).await;
    let receipt = link.send(note(SURE, b"sure")).await.unwrap();
    let serve = async {
        let sure = read_note(&mut peer).await;
        peer.write_all(&wire(ACKNOWLEDGEMENT, sure.sequence, b"")).await.unwrap();
        read_note(&mut peer).await.kind
    };
    let (report, last) = tokio::join!(link.drain(Duration::from_secs(5)), serve);
    assert_eq!(report, DrainReport { acknowledged: 1, ..DrainReport::default() });
    assert_eq!(last, GOODBYE);
    assert_eq!(receipt.outcome().await, Outcome::Acknowledged { epoch: 1 });
    assert_eq!(link.state(), State::Closed(CloseReason::Requested));
}

#[tokio::test(start_paused = true)]
async fn what_the_peer_said_before_its_end_counts_when_writing_fails_first() {
    let (link, _inbox, mut listener) = start(Player::default(), Settings::default());
    let mut peer = welcome(&mut listener).await;
    let receipt = link.send(note(SURE, b"sure")).await.unwrap();
    let sure = read_note(&mut peer).await;
    peer.write_all(&wire(ACKNOWLEDGEMENT, sure.sequence, b"")).await.unwrap();
    drop(peer);
    // The task has not run since: it finds something to write, and writing fails.
    link.feed(note(CHAT, b"too late")).await.unwrap();
    assert_eq!(receipt.outcome().await, Outcome::Acknowledged { epoch: 1 });
}

#[tokio::test(start_paused = true)]
async fn the_last_handle_closes_the_session() {
    let (link, inbox, mut listener) = start(Player::default(), Settings::default());
    let mut peer = welcome(&mut listener).await;
    link.up().await.unwrap();
    drop((link, inbox));
    assert_eq!(read_note(&mut peer).await.kind, GOODBYE);
    assert_eq!(peer.read(&mut [0; 8]).await.unwrap(), 0);
}

/// G8: every public future is polled once and dropped, before the link is up and while it is; the
/// session goes on, with what each of them says that then holds.
#[tokio::test(start_paused = true)]
async fn every_public_future_is_safe_to_drop() {
    fn polled<F: Future>(future: F) -> bool {
        let mut future = std::pin::pin!(future);
        future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready()
    }
    let (link, mut inbox, mut listener) = start(Player::default(), Settings::default());
    let receipt = link.try_send(note(CHAT, b"0")).unwrap();
    let mut peer = None;
    for up in [false, true] {
        if up {
            peer = Some(welcome(&mut listener).await);
            assert_eq!(link.up().await, Ok(1));
        }
        assert!(!polled(receipt.outcome()) || up);
        assert!(!polled(link.up()) || up);
        assert!(!polled(link.ended()));
        assert!(polled(link.watch().next()) || !up);
        assert!(!polled(link.request(note(QUESTION, b"taken back"))));
        assert!(polled(link.send(note(CHAT, b"1"))) && polled(link.feed(note(CHAT, b"2"))));
        assert!(polled(link.send_all([note(CHAT, b"3")])));
        if !up {
            assert!(!polled(inbox.next()) && !polled(inbox.next_frame()));
        }
    }
    let mut peer = peer.unwrap();
    for body in [b"0", b"1", b"2", b"3", b"1", b"2", b"3"] {
        assert_eq!(read_note(&mut peer).await.body, body);
    }
    assert!(matches!(inbox.next().await, Some(Event::Up { epoch: 1, resumed: false })));
    // A drain goes on without its future, and accepts no more.
    assert!(!polled(link.drain(Duration::from_secs(5))));
    assert_eq!(read_note(&mut peer).await.kind, GOODBYE);
    assert_eq!(link.ended().await, State::Closed(CloseReason::Requested));
    let sends = link.statistics().sends;
    assert_eq!((sends.accepted, sends.written, sends.cancelled), (9, 7, 2));
}

/// Tasks that come and go while a link is down.
#[tokio::test(start_paused = true)]
async fn who_does_not_wait_for_the_link_any_more_is_forgotten() {
    let (link, _inbox, mut listener) = start(Player::default(), Settings::default());
    for _ in 0..3 {
        let link = link.clone();
        let waiting = async move { tokio::time::timeout(Duration::from_secs(1), link.up()).await };
        assert!(tokio::spawn(waiting).await.unwrap().is_err());
    }
    assert_eq!(link.watchers(), 0);
    let waiting = tokio::spawn({
        let link = link.clone();
        async move { link.up().await }
    });
    let _peer = welcome(&mut listener).await;
    assert_eq!(waiting.await.unwrap(), Ok(1));
}

/// Why the first attempt of a session with this dialer fails.
async fn first_failure(dialer: Dialer, endpoint: Endpoint, within: Duration) -> Cause {
    let settings = Settings { connect: within, ..Settings::default() };
    let (link, _inbox) = Session::builder(|| std::future::ready(Ok(Player::open())))
        .endpoint(endpoint)
        .settings(settings)
        .connector(dialer)
        .limiter(DialLimiter::new(DialLimits::default()))
        .spawn();
    let mut watch = link.watch();
    loop {
        if let State::Backoff { cause, .. } = watch.next().await {
            return cause;
        }
    }
}

fn deadline(after: Duration) -> Cause {
    Cause::Connect(Box::new(ConnectError::Deadline { after }))
}

#[tokio::test(start_paused = true)]
async fn a_resolver_that_never_answers_ends_at_the_deadline() {
    struct Mute;
    impl Resolver for Mute {
        fn resolve(&self, _: &str, _: u16) -> Resolving {
            Box::pin(std::future::pending())
        }
    }
    let (started, after) = (Instant::now(), Duration::from_secs(10));
    let dialer = Dialer::new().resolver(Mute);
    let cause = first_failure(dialer, Endpoint::from("mute.example:1"), after).await;
    assert_eq!((cause, started.elapsed()), (deadline(after), after));
}

#[tokio::test]
async fn a_proxy_that_accepts_and_stays_mute_ends_at_the_deadline() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dialer = Dialer::new().proxy(Proxy::socks5(listener.local_addr().unwrap()));
    let after = Duration::from_millis(50);
    let cause = first_failure(dialer, Endpoint::from("far.example:1"), after).await;
    assert_eq!(cause, deadline(after));
}

/// Rules 1 and G4: what is left of a batch when its connection is given up goes back to its lanes, and
/// none of it leaves by the old connection.
#[tokio::test(start_paused = true)]
async fn what_is_left_of_a_batch_leaves_by_one_connection_only() {
    for ends_by_peer in [false, true] {
        let (link, _inbox, mut listener) = start(Player::default(), Settings::default());
        let mut first = welcome(&mut listener).await;
        link.up().await.unwrap();
        // More than the network holds: 64 KiB.
        for number in 0..30 {
            let _ = link.send(note(CHAT, &[number; 4_000])).await.unwrap();
        }
        sleep(Duration::from_millis(1)).await;
        // Of the second batch only the begin fits in.
        let mut came = vec![0; 8_000];
        first.read_exact(&mut came).await.unwrap();
        sleep(Duration::from_millis(1)).await;
        // In one step: there is room for the rest of it, and the connection is given up.
        let mut more = vec![0; 64 * 1024];
        let mut taken = ReadBuf::new(&mut more);
        let mut cx = Context::from_waker(Waker::noop());
        let _ = Pin::new(&mut first).poll_read(&mut cx, &mut taken);
        came.extend_from_slice(taken.filled());
        if ends_by_peer {
            first.write_all(&wire(GOODBYE, 0, b"")).await.unwrap();
        } else {
            link.reconnect_now();
        }
        let mut second = welcome(&mut listener).await;
        first.read_to_end(&mut came).await.unwrap();
        let once = notes(&came).len();
        let _ = link.send(note(CHAT, &[30])).await.unwrap();
        let next = read_note(&mut second).await;
        assert!(usize::from(next.body[0]) >= once, "{} after {once} were whole", next.body[0]);
    }
}
