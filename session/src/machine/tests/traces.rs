//! Whole lives of a session as text: what it is told, what it does about it, and when.
//!
//! Each file of `traces/` is one life. `<` is what the peer sends, `>` what the session writes, `*`
//! what the test does, `=` a new state, `!` an event of the inbox, `.` an outcome; all else is what
//! the machine asks of its driver. Times are seconds since the birth of the session. To write a
//! changed life anew: `LONGLINK_BLESS=1 cargo test -p longlink-session traces`, and read it.

use std::fmt::Write;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Waker};
use std::time::Duration;

use bytes::Bytes;

use super::world::{World, kind_name, show_note};
use crate::event::{Cause, Outcome, State};
use crate::fixture::*;
use crate::outbox::Priority;
use crate::protocol::{Established, Refusal, Window};
use crate::receipt::Receipt;
use crate::settings::{Heartbeat, Settings};

/// One life, told.
struct Life {
    world: World,
    text: String,
    state: String,
    logged: usize,
    receipts: Vec<(&'static str, Receipt, Option<Outcome>)>,
}

impl Life {
    fn new(player: Player, settings: Settings) -> Self {
        let mut world = World::new(player, settings, 1);
        world.told = Some(0);
        let (text, state, receipts) = (String::new(), String::new(), Vec::new());
        let mut life = Self { world, text, state, logged: 0, receipts };
        life.tell();
        life
    }

    fn say(&mut self, what: &str) {
        let seconds = self.world.now.0 as f64 / 1e6;
        writeln!(self.text, "{seconds:>7.3} {what}").unwrap();
    }

    /// Writes down what is new.
    fn tell(&mut self) {
        for line in self.world.log[self.logged..].lines() {
            let (at, what) = line.split_at(8);
            let is_event = EVENTS.iter().any(|event| what.starts_with(event));
            let mark = if is_event { "! " } else { "" };
            // An endpoint as people write it.
            let what = what.replace("Connect(Endpoint { place: Tcp { host: \"", "Connect to ");
            let what = what.replace("\", port: ", ":").replace(" } })", "");
            writeln!(self.text, "{at}{mark}{what}").unwrap();
        }
        self.logged = self.world.log.len();
        for note in std::mem::take(&mut self.world.taker.frames) {
            self.say(&format!("! {}", show_note(&note)));
        }
        let state = shown(&self.world.state());
        if state != self.state {
            self.say(&format!("= {state}"));
            self.state = state;
        }
        for place in 0..self.receipts.len() {
            let (label, receipt, known) = &mut self.receipts[place];
            if let (None, Some(outcome)) = (*known, receipt.settled()) {
                *known = Some(outcome);
                let line = format!(". {label}: {outcome:?}");
                self.say(&line);
            }
        }
    }

    fn act(&mut self, what: &str, act: impl FnOnce(&mut World)) {
        self.say(&format!("* {what}"));
        act(&mut self.world);
        self.world.machine.visit(self.world.now, 0);
        self.world.settle();
        self.world.flow();
        self.world.settle();
        self.tell();
    }

    fn dial(&mut self) {
        self.act("the dial succeeds", World::connect);
    }

    fn peer(&mut self, kind: u8, refers: u16, body: &[u8]) {
        self.say(&format!("< {}", show_note(&Note { refers, ..note(kind, body) })));
        self.world.hear(&wire(kind, refers, body));
        self.world.flow();
        self.world.settle();
        self.tell();
    }

    /// The sequence number of what was written last.
    fn last(&self) -> u16 {
        self.world.heard().last().map_or(0, |note| note.sequence)
    }

    fn queue(&mut self, label: &'static str, kind: u8, priority: Priority, marks: &str) {
        let what = format!("queues {label}: {} {priority:?}{marks}", kind_name(kind));
        self.say(&format!("* {what}"));
        let mut sending = self.world.sending(note(kind, label.as_bytes())).priority(priority);
        if marks.contains("resumable") {
            sending = sending.resumable();
        }
        if marks.contains("idempotent") {
            sending = sending.idempotent();
        }
        let receipt = self.world.accept_now(sending).unwrap();
        self.receipts.push((label, receipt, None));
    }

    fn flow(&mut self) {
        self.world.flow();
        self.world.settle();
        self.tell();
    }

    /// From deadline to deadline, so that each is told at its time.
    fn pass(&mut self, time: Duration) {
        let end = self.world.now + time;
        while self.world.machine.deadline() <= end {
            let wait = self.world.machine.deadline().since(self.world.now);
            self.world.pass(wait);
            self.tell();
        }
        let rest = end.since(self.world.now);
        self.world.pass(rest);
    }

    /// Compares with the file, or writes it.
    fn ends(mut self, name: &str, expected: &str) {
        self.tell();
        if std::env::var_os("LONGLINK_BLESS").is_some() {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/machine/tests/traces");
            std::fs::write(format!("{folder}/{name}.txt"), &self.text).unwrap();
            return;
        }
        assert_eq!(self.text, expected, "traces/{name}.txt");
    }
}

const EVENTS: [&str; 7] =
    ["Up ", "Gap ", "Down ", "Malformed ", "LostFragments ", "Closed(", "Failed("];

/// Moments as seconds.
fn shown(state: &State) -> String {
    match state {
        State::Backoff { attempt, until, cause } => {
            format!("Backoff until {:.3}, attempt {attempt}: {cause}", until.0 as f64 / 1e6)
        }
        State::Up { epoch, .. } => format!("Up, epoch {epoch}"),
        State::Draining { deadline } => {
            format!("Draining until {:.3}", deadline.0 as f64 / 1e6)
        }
        other => format!("{other:?}"),
    }
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// Login, heartbeat, an answer, silence, a dead peer, the way back, a gap, what was queued.
#[test]
fn a_peer_dies_and_comes_back() {
    let mut life = Life::new(Player::default(), Settings::default());
    life.queue("early", CHAT, Priority::Normal, "");
    life.dial();
    life.peer(WELCOME, 0, b"");
    life.peer(CHAT, 0, b"hello");
    life.queue("sure", SURE, Priority::Normal, "");
    life.flow();
    life.peer(ACKNOWLEDGEMENT, life.last(), b"");
    life.pass(seconds(30));
    life.peer(ALIVE_TOO, 0, b"");
    life.pass(seconds(30));
    life.queue("nobody hears it", SURE, Priority::Normal, "");
    life.queue("twice does no harm", SURE, Priority::Normal, ", idempotent");
    life.flow();
    life.pass(seconds(8));
    life.queue("waits", CHAT, Priority::Normal, "");
    life.dial();
    life.peer(WELCOME, 0, b"");
    life.peer(ACKNOWLEDGEMENT, 1, b"");
    life.peer(ACKNOWLEDGEMENT, 1, b"twice");
    life.ends("a_peer_dies", include_str!("traces/a_peer_dies.txt"));
}

/// Restored after a resumed login, in order; the stale token of a login that did not resume.
#[test]
fn a_session_resumes_and_restores() {
    let login: Handshake = |script| {
        Box::pin(async move {
            let token = script.token();
            if token.is_some() {
                script.resuming();
            }
            script.send(note(LOGIN, token.as_deref().unwrap_or(b"secret")));
            let welcome = script.receive().await?;
            let token = Some(Bytes::from(welcome.body));
            Ok(Established { resumed: welcome.refers == 1, token, ..Established::default() })
        })
    };
    let restored = vec![note(CHAT, b"what the protocol restores")];
    let player = Player { login: Some(login), restored, ..Player::default() };
    let mut life = Life::new(player, Settings::default());
    life.world.link.standing(1, note(CHAT, b"subscribe")).unwrap();
    life.dial();
    life.peer(WELCOME, 0, b"token 1");
    life.queue("kept", SURE, Priority::Normal, ", resumable");
    life.queue("not kept", SURE, Priority::Normal, "");
    life.flow();
    life.act("the peer closes", |world| world.lose(Cause::PeerClosed));
    life.queue("queued", CHAT, Priority::Bulk, "");
    life.queue("urgent", CHAT, Priority::Control, "");
    life.pass(seconds(1));
    life.dial();
    life.peer(WELCOME, 1, b"token 2");
    life.peer(ACKNOWLEDGEMENT, 3, b"");
    life.ends("resumed", include_str!("traces/resumed.txt"));
}

/// A drain with something to wait for; its report.
#[test]
fn a_session_drains() {
    let mut life = Life::new(Player::default(), Settings::default());
    life.dial();
    life.peer(WELCOME, 0, b"");
    life.queue("acknowledged", SURE, Priority::Normal, "");
    life.queue("written", CHAT, Priority::Normal, "");
    let link = life.world.link.clone();
    let mut drain = Box::pin(link.drain(seconds(5)));
    let mut cx = Context::from_waker(Waker::noop());
    let polled = Pin::new(&mut drain).poll(&mut cx);
    assert!(polled.is_pending());
    life.act("drains for 5 s", |_| {});
    life.pass(seconds(2));
    life.peer(ACKNOWLEDGEMENT, 1, b"");
    life.pass(seconds(9));
    let report = Pin::new(&mut drain).poll(&mut cx);
    life.say(&format!("* {report:?}"));
    life.ends("drained", include_str!("traces/drained.txt"));
}

/// k = 2, w = 2, t1 = 15 s, t2 = 10 s.
#[test]
fn a_window_opens_and_closes() {
    let window = Window {
        unacknowledged: 2,
        acknowledge_after: 2,
        acknowledge_within: seconds(10),
        deadline: seconds(15),
    };
    let established = Established { window: Some(window), ..Established::default() };
    let settings = Settings { heartbeat: Heartbeat::every(seconds(20)), ..Settings::default() };
    let player = Player { established, answers: true, ..Player::default() };
    let mut life = Life::new(player, settings);
    life.dial();
    life.peer(WELCOME, 0, b"");
    for label in ["one", "two", "three"] {
        life.queue(label, SURE, Priority::Normal, "");
    }
    life.flow();
    life.peer(SURE, 0, b"from the peer");
    life.pass(seconds(11));
    life.peer(BEFORE, 2, b"");
    life.peer(SURE, 0, b"again");
    life.peer(SURE, 0, b"and again");
    life.pass(seconds(5));
    life.ends("window", include_str!("traces/window.txt"));
}

/// Sent elsewhere, told to wait, refused for good.
#[test]
fn a_peer_refuses_in_every_way() {
    let login: Handshake = |script| {
        Box::pin(async move {
            script.send(note(LOGIN, b"secret"));
            let answer = script.receive().await?;
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            Err(match answer.refers {
                1 => Refusal::Redirect(vec![text.as_str().into()]),
                2 => Refusal::RetryAfter(Duration::from_secs(60), text.into()),
                3 => Refusal::Transient(text.into()),
                _ => Refusal::Fatal(text.into()),
            })
        })
    };
    let mut life =
        Life::new(Player { login: Some(login), ..Player::default() }, Settings::default());
    life.queue("never", CHAT, Priority::Normal, "");
    life.dial();
    life.peer(WRONG, 1, b"other:2");
    life.dial();
    life.peer(WRONG, 3, b"busy");
    life.pass(seconds(1));
    life.act("the dial is refused", World::refuse);
    life.pass(seconds(1));
    life.dial();
    life.peer(WRONG, 2, b"in a minute");
    life.pass(seconds(60));
    life.dial();
    life.peer(WRONG, 4, b"banned");
    life.ends("refused", include_str!("traces/refused.txt"));
}

/// A consumer that takes nothing, heartbeats all the same, and the end after 30 s.
#[test]
fn a_consumer_is_too_slow() {
    let mut life = Life::new(Player::default(), Settings::default());
    life.dial();
    life.peer(WELCOME, 0, b"");
    life.world.taker.room = 1;
    life.peer(CHAT, 0, b"the last place");
    life.peer(CHAT, 0, b"held back");
    let full = life.world.machine.wants_read(life.world.now, &mut life.world.taker);
    life.say(if full { "* reads" } else { "* reads no more" });
    life.pass(seconds(28));
    life.queue("still written", CHAT, Priority::Normal, "");
    life.flow();
    life.pass(seconds(3));
    life.ends("slow_consumer", include_str!("traces/slow_consumer.txt"));
}
