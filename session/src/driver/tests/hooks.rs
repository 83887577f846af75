//! Rule 5: user code in the session's task is timed, runs outside of every lock, and may panic.

use std::pin::pin;
use std::sync::{Mutex, OnceLock};

use tracing::span::{Attributes, Id, Record};

use super::guard::{PLACE, session};
use super::*;
use crate::lock::lock;
use crate::protocol::{
    Awaits, Contexts, Established, Flow, Handler, Inbound, Key, Protocol, Refusal, Seen, Side, View,
};
use crate::reply::Reply;
use crate::script::Script;
use crate::sending::RequestError;
use crate::settings::Heartbeat;

/// Every hook of a protocol and of a handler, in the order in which a life calls them first.
const HOOKS: [&str; 15] = [
    "contexts",
    "handshake",
    "restore",
    "event",
    "owned",
    "awaits",
    "stamp",
    "follow",
    "classify",
    "acknowledge",
    "frame",
    "join",
    "heartbeat",
    "resend",
    "goodbye",
];

type Deed = dyn Fn(&Hooked, &'static str) + Send + Sync;

/// Does a deed in its hooks.
#[derive(Clone)]
struct Hooked {
    deed: Arc<Deed>,
    link: Arc<OnceLock<Link<Hooked>>>,
    done: Arc<Mutex<Vec<&'static str>>>,
}

impl Hooked {
    fn at(&self, place: &'static str) {
        let first = {
            let mut done = lock(&self.done);
            let first = !done.contains(&place);
            done.extend(first.then_some(place));
            first
        };
        if first {
            (self.deed)(self, place);
        }
    }
}

impl Protocol for Hooked {
    type Outgoing = Note;
    type Incoming = Note;
    type View<'a> = Note;

    async fn handshake(&mut self, script: &mut Script<Note, Note>) -> Result<Established, Refusal> {
        script.send(note(LOGIN, b""));
        script.expect(|note| note.kind == WELCOME).await?;
        self.at("handshake");
        Ok(Established { resumed: true, ..Established::default() })
    }
    fn heartbeat(&mut self) -> Option<Note> {
        self.at("heartbeat");
        Some(note(ALIVE, b""))
    }
    fn acknowledge(&mut self, _: &Note) -> Option<Note> {
        self.at("acknowledge");
        None
    }
    fn classify(&self, received: &Note) -> Inbound {
        self.at("classify");
        received.inbound()
    }
    fn stamp(&mut self, frame: &mut Note, sequence: u64) -> Option<Key> {
        self.at("stamp");
        frame.sequence = u16::try_from(sequence).unwrap();
        Some(Key(sequence))
    }
    fn awaits(&self, sent: &Note) -> Awaits {
        self.at("awaits");
        if sent.kind == SURE { Awaits::Acknowledgement } else { Awaits::Nothing }
    }
    fn restore(&mut self) -> Vec<Note> {
        self.at("restore");
        Vec::new()
    }
    fn goodbye(&mut self) -> Option<Note> {
        self.at("goodbye");
        Some(note(GOODBYE, b""))
    }
    fn resend(&mut self, _: &mut Note) {
        self.at("resend");
    }
    fn contexts(&self, _: Side) -> Contexts<Self> {
        self.at("contexts");
        Contexts::default()
    }
    fn follow(&mut self, _: Seen<'_, '_, Self>, _: &mut Contexts<Self>) {
        self.at("follow");
    }
    fn join(&mut self, parts: Vec<Note>) -> Result<Note, Vec<Note>> {
        self.at("join");
        Ok(note(CHAT, &[u8::try_from(parts.len()).unwrap()]))
    }
}

impl Handler<Hooked> for Hooked {
    fn frame(&mut self, _: Note, _: &Reply<Hooked>) -> Flow {
        self.at("frame");
        Flow::Go
    }
    fn owned(&mut self, _: Note, _: &Reply<Hooked>) -> Flow {
        self.at("owned");
        Flow::Go
    }
    fn event(&mut self, _: Event<Note>, _: &Reply<Hooked>) {
        self.at("event");
    }
}

/// What became of a life.
struct Life {
    state: State,
    /// A resumable send, a plain one, and a request.
    sure: Option<Outcome>,
    chat: Option<Outcome>,
    asked: Result<Vec<u8>, RequestError<Note>>,
    stalls: u64,
    done: Vec<&'static str>,
}

fn part(index: u8) -> Vec<u8> {
    let mut out = bytes::BytesMut::new();
    let part = Note { sequence: u16::from(index), ..note(FRAGMENT, &[index, 2]) };
    longlink_codec_core::Wire::encode(&part, &mut out).unwrap();
    out.to_vec()
}

/// One connection of the peer; an error when the session is gone.
async fn converse(peer: &mut Memory, epoch: u32) -> io::Result<()> {
    peer.read_exact(&mut [0; 7]).await?;
    // What comes before the welcome is kept for after the login.
    peer.write_all(&[wire(CHAT, 0, b"early"), wire(WELCOME, 0, b"")].concat()).await?;
    if epoch == 1 {
        let mut sends = [0; 3 * 8];
        peer.read_exact(&mut sends).await?;
        let asked = notes(&sends).into_iter().find(|note| note.kind == QUESTION).unwrap();
        let all = [wire(REPLY, asked.sequence, b"!"), wire(CHAT, 0, b"hi"), part(0), part(1)];
        peer.write_all(&all.concat()).await?;
        // The first heartbeat.
        return peer.read_exact(&mut [0; 7]).await.map(drop);
    }
    let mut again = [0; 8];
    peer.read_exact(&mut again).await?;
    peer.write_all(&wire(ACKNOWLEDGEMENT, notes(&again)[0].sequence, b"")).await?;
    peer.read_exact(&mut [0; 7]).await.map(drop)
}

/// Logs in, sends, is spoken to in every way, beats, loses its connection, resumes, and drains.
async fn life(deed: impl Fn(&Hooked, &'static str) + Send + Sync + 'static) -> Life {
    let network = Network::new();
    let mut listener = network.listen(PLACE);
    let deed: Arc<Deed> = Arc::new(deed);
    let hooked = Hooked { deed, link: Arc::default(), done: Arc::default() };
    // The acknowledgement must outlive the heartbeat.
    let acknowledgement = Duration::from_secs(600);
    let settings = Settings { acknowledgement, ..Settings::default() };
    let builder = session(hooked.clone(), &network).settings(settings);
    let link = builder.spawn_with(hooked.clone());
    assert_eq!(hooked.link.set(link.clone()).map_err(drop), Ok(()));
    let sure = link.send(note(SURE, b"1")).resumable().await.unwrap();
    let chat = link.send(note(CHAT, b"2")).await.unwrap();
    let mut asking = Box::pin(link.request(note(QUESTION, b"3")));
    assert!(asking.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    let peer = tokio::spawn(async move {
        for epoch in 1.. {
            let mut peer = listener.accept().await;
            // It fails when the session is gone, and that is what some deeds do.
            let _ = converse(&mut peer, epoch).await;
        }
    });
    sleep(Duration::from_secs(60)).await;
    link.drain(Duration::from_secs(5)).await;
    peer.abort();
    let (sure, chat, asked) =
        (sure.settled(), chat.settled(), asking.await.map(|reply| reply.body));
    let statistics = link.statistics();
    assert_eq!(statistics.sends.open(), 0);
    let done = lock(&hooked.done).clone();
    Life { state: link.state(), sure, chat, asked, stalls: statistics.stalls, done }
}

/// The whole of it, as it goes when no hook misbehaves.
fn assert_whole(life: &Life, place: &str) {
    assert_eq!(life.state, State::Closed(CloseReason::Requested), "{place}");
    assert_eq!(life.sure, Some(Outcome::Acknowledged { epoch: 2 }), "{place}");
    assert_eq!(life.chat, Some(Outcome::Written { epoch: 1 }), "{place}");
    assert_eq!(life.asked, Ok(b"!".to_vec()), "{place}");
    assert_eq!(life.done, HOOKS, "{place}");
}

/// Time passes while a hook runs.
fn block(time: Duration) {
    let advance = pin!(tokio::time::advance(time));
    let _ = advance.poll(&mut Context::from_waker(Waker::noop()));
}

/// Counts the warnings of the session's task.
#[derive(Clone, Default)]
struct Warnings(Arc<AtomicUsize>);

impl tracing::Subscriber for Warnings {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        *metadata.level() == tracing::Level::WARN
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &tracing::Event<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_takes_more_than_100_ms_is_counted_and_logged() {
    for place in HOOKS {
        for (time, stalls) in [(100, 0), (101, 1)] {
            let warnings = Warnings::default();
            let _subscribed = tracing::subscriber::set_default(warnings.clone());
            let deed = move |_: &Hooked, at| {
                if at == place {
                    block(Duration::from_millis(time));
                }
            };
            let life = life(deed).await;
            assert_whole(&life, place);
            let logged = warnings.0.load(Ordering::Relaxed) as u64;
            assert_eq!((life.stalls, logged), (stalls, stalls), "{place} for {time} ms");
        }
    }
}

/// G2: whatever panics, and wherever, everything settles.
#[tokio::test(start_paused = true)]
async fn a_panic_in_any_hook_ends_the_session_and_settles_everything() {
    let (acknowledged, written) =
        (Outcome::Acknowledged { epoch: 2 }, Outcome::Written { epoch: 1 });
    let (uncertain, not_sent) = (Outcome::Uncertain { epoch: 1 }, Outcome::NotSent);
    for place in HOOKS {
        let life = life(move |_: &Hooked, at| assert!(at != place, "on purpose")).await;
        assert_eq!(life.state, State::Failed(Fatal::Panic), "{place}");
        let unanswered = |outcome| Err(RequestError::Unanswered(outcome));
        let expected = match place {
            // Nothing was committed, or nothing of it had left.
            "contexts" | "handshake" | "restore" | "event" | "owned" | "awaits" | "stamp"
            | "follow" => (not_sent, not_sent, unanswered(not_sent)),
            // The reply itself was being looked at.
            "classify" | "acknowledge" => (uncertain, written, unanswered(uncertain)),
            "resend" => (Outcome::Uncertain { epoch: 2 }, written, Ok(b"!".to_vec())),
            "goodbye" => (acknowledged, written, Ok(b"!".to_vec())),
            _ => (uncertain, written, Ok(b"!".to_vec())),
        };
        let found = (life.sure.unwrap(), life.chat.unwrap(), life.asked);
        assert_eq!(found, expected, "{place}");
    }
}

/// A hook may call whatever its user may call: none of it waits for a lock that is held. A deadlock
/// would stop the whole test, so it runs in a thread that may be left behind.
#[test]
fn every_hook_may_use_its_link() {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let builder = &mut tokio::runtime::Builder::new_current_thread();
        let runtime = builder.enable_time().start_paused(true).build().unwrap();
        let life = runtime.block_on(life(|hooked, _| {
            let Some(link) = hooked.link.get() else { return };
            if let Ok(receipt) = link.try_send(note(CHAT, b"taken back")) {
                assert!(link.cancel(&receipt));
            }
            link.dismiss(7);
            link.set_heartbeat(Heartbeat::default());
            drop((link.state(), link.statistics(), link.history(), link.last_frames()));
            drop((link.clone(), link.watch(), link.epoch(), link.is_up()));
        }));
        tell.send(life.done).unwrap();
    });
    assert_eq!(told.recv_timeout(Duration::from_secs(30)), Ok(HOOKS.to_vec()));
}
