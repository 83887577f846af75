//! A player: logs in by three steps, chats, asks, and counts what becomes of it.

use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use longlink::session::backoff::Backoff;
use longlink::session::event::{Cause, Event, Outcome};
use longlink::session::inbox::Inbox;
use longlink::session::link::Link;
use longlink::session::protocol::{Established, Protocol, Refusal};
use longlink::session::receipt::Receipt;
use longlink::session::script::Script;
use longlink::session::session::Session;
use longlink::session::settings::Heartbeat;

use tokio::task::JoinSet;

use crate::message::{Body, Message, proof};

/// The rules of the protocol, for one connection of one player.
pub struct Player {
    user: String,
    password: String,
}

impl Protocol for Player {
    type Outgoing = Message;
    type Incoming = Message;
    type View<'a> = Message;

    async fn handshake(
        &mut self,
        script: &mut Script<Message, Message>,
    ) -> Result<Established, Refusal> {
        script.send(Message::of(Body::Alive));
        script.send(Message::of(Body::First { user: self.user.clone() }));
        let first = script.expect(|got| matches!(got.body, Body::FirstAnswer { .. })).await?;
        let Body::FirstAnswer { challenge } = first.body else {
            return Err(Refusal::Transient("no challenge".into()));
        };
        script.send(Message::of(Body::Alive));
        script.send(Message::of(Body::Second { proof: proof(&self.password, challenge) }));
        let second = script.expect(|got| matches!(got.body, Body::SecondAnswer { .. })).await?;
        if second.body != (Body::SecondAnswer { accepted: 1 }) {
            return Err(Refusal::Fatal("wrong password".into()));
        }
        script.send(Message::of(Body::Third { client_version: 1 }));
        Ok(Established::default())
    }

    /// The server wants to be told that we live after each tenth push.
    fn acknowledge(&mut self, received: &Message) -> Option<Message> {
        match received.body {
            Body::Push { id, .. } if id % 10 == 0 => Some(Message::of(Body::Alive)),
            _ => None,
        }
    }
}

/// What a player has lived through.
#[derive(Debug, Default, Clone)]
pub struct Diary {
    pub received: u64,
    pub gaps: u64,
    pub answers: u64,
    pub unanswered: u64,
    /// The last line of chat, or what happened after it.
    pub last: String,
    /// Ids of chat by what became of it.
    pub acknowledged: Vec<u64>,
    pub written: Vec<u64>,
}

/// What is worth a line in the chronicle.
pub struct News {
    pub at: Instant,
    pub name: String,
    pub what: String,
}

/// One player's link and diary.
#[derive(Clone)]
pub struct Seat {
    pub name: String,
    pub link: Link<Player>,
    pub diary: Arc<Mutex<Diary>>,
}

pub fn open(diary: &Mutex<Diary>) -> std::sync::MutexGuard<'_, Diary> {
    diary.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a player against `server`; who listens for it goes to `listening`.
pub fn seat(
    name: &str,
    password: String,
    server: &str,
    news: Sender<News>,
    listening: &mut JoinSet<()>,
) -> Seat {
    let user = name.to_owned();
    let make = move || {
        let player = Player { user: user.clone(), password: password.clone() };
        std::future::ready(Ok(player))
    };
    let (link, inbox) = Session::builder(make)
        .name(name)
        .endpoint(server)
        // The blog post's figures are 30 s and 3 s; half a minute of show needs a quicker pulse.
        .heartbeat(Heartbeat::every(Duration::from_secs(2)).answered_within(Duration::from_secs(2)))
        .backoff(Backoff::fixed(Duration::from_secs(1)))
        .spawn();
    let diary = Arc::new(Mutex::new(Diary::default()));
    listening.spawn(listen(inbox, name.to_owned(), diary.clone(), news));
    Seat { name: name.to_owned(), link, diary }
}

/// Writes the diary, and tells what is news.
async fn listen(
    mut inbox: Inbox<Player>,
    name: String,
    diary: Arc<Mutex<Diary>>,
    news: Sender<News>,
) {
    while let Some(event) = inbox.next().await {
        let mut diary = open(&diary);
        let what = match event {
            Event::Frame { frame, .. } => {
                diary.received += 1;
                if let Body::Push { text, .. } = frame.body {
                    diary.last = text;
                }
                continue;
            }
            Event::Gap { .. } => {
                diary.gaps += 1;
                continue;
            }
            Event::Up { epoch, .. } => format!("is up, epoch {epoch}"),
            Event::Down { cause: Cause::Requested, .. } => continue,
            Event::Down { cause, .. } => format!("is down: {cause}"),
            Event::Malformed { bad, .. } => format!("got {} bytes that are no message", bad.len),
            Event::Failed(fatal) => format!("failed for good: {fatal}"),
            Event::Closed(reason) => format!("closed: {reason}"),
            _ => continue,
        };
        diary.last.clone_from(&what);
        // Nobody reads the news once the program ends.
        let _ = news.send(News { at: Instant::now(), name: name.clone(), what });
    }
}

/// Chats and asks until `until`.
pub async fn play(seat: Seat, number: u64, until: Instant) {
    let mut turn = 0;
    while Instant::now() < until {
        turn += 1;
        let id = number << 32 | turn;
        let said = seat.link.send(Message::of(Body::Say { id, text: format!("line {turn}") }));
        let Ok(receipt) = said.await else { return };
        follow(receipt, id, seat.diary.clone());
        if turn % 4 == 0 {
            let text = format!("psst {turn}");
            let whispered = seat.link.send(Message::of(Body::Whisper { id, text }));
            let Ok(receipt) = whispered.await else { return };
            follow(receipt, id, seat.diary.clone());
        }
        if turn % 10 == 0 {
            ask(&seat, turn).await;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Notes what becomes of a line of chat.
fn follow(receipt: Receipt, id: u64, diary: Arc<Mutex<Diary>>) {
    tokio::spawn(async move {
        let outcome = receipt.outcome().await;
        let mut diary = open(&diary);
        match outcome {
            Outcome::Acknowledged { .. } => diary.acknowledged.push(id),
            Outcome::Written { .. } => diary.written.push(id),
            _ => {}
        }
    });
}

async fn ask(seat: &Seat, number: u64) {
    let answer = seat.link.request(Message::of(Body::Ask { number })).await;
    let mut diary = open(&seat.diary);
    match answer {
        Ok(Message { body: Body::Answer { square, .. }, .. }) if square == number * number => {
            diary.answers += 1;
        }
        _ => diary.unanswered += 1,
    }
}
