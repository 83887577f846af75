//! A machine, the peer that it talks to, and a clock that only tests move.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::BytesMut;

use crate::connect::{ConnectError, Endpoint, IoError};
use crate::desk::Desk;
use crate::event::{Cause, Event, Outcome, State};
use crate::fixture::*;
use crate::link::{Handle, Link};
use crate::machine::{Action, Machine};
use crate::moment::Moment;
use crate::protocol::{Deliver, Flow};
use crate::receipt::Receipt;
use crate::sending::Sending;
use crate::settings::Settings;

/// Takes what the machine delivers; `room` frames more.
pub(super) struct Taker {
    pub(super) frames: Vec<Note>,
    pub(super) room: usize,
}

impl Deliver<Player> for Taker {
    const KEEPS: bool = true;

    fn ready(&mut self) -> bool {
        self.room > 0
    }

    fn frame(&mut self, view: Note, _: usize, _: u32) -> Flow {
        self.room -= 1;
        self.frames.push(view);
        Flow::Go
    }

    fn owned(&mut self, frame: Note, len: usize, epoch: u32) -> Flow {
        self.frame(frame, len, epoch)
    }

    fn event(&mut self, _: Event<Note>) {}
}

/// The whole of a test.
pub(super) struct World {
    pub(super) machine: Machine<Player>,
    pub(super) desk: Arc<Desk<Player>>,
    pub(super) link: Link<Player>,
    pub(super) taker: Taker,
    pub(super) now: Moment,
    pub(super) player: Player,
    /// Appended by the machine, not yet accepted by the transport.
    pub(super) out: BytesMut,
    /// What the peer has received, by connection.
    pub(super) received: Vec<Vec<u8>>,
    pub(super) log: String,
    pub(super) connected: bool,
    pub(super) connecting: bool,
    pub(super) ups: Vec<(u32, bool)>,
    pub(super) stopped: bool,
    /// Bytes of the newest connection whose frames are in the log; `None`: they do not belong there.
    pub(super) told: Option<usize>,
}

impl World {
    pub(super) fn new(player: Player, settings: Settings, seed: u64) -> Self {
        let desk = Desk::new(Arc::new(settings), "world".into());
        let link = Link::new(Handle::new(desk.clone()));
        let endpoints = Arc::from([Endpoint::from("server:1")]);
        let mut machine = Machine::client(desk.clone(), endpoints, seed);
        machine.start(Moment(0));
        let taker = Taker { frames: Vec::new(), room: usize::MAX };
        let mut world = Self {
            machine,
            desk,
            link,
            taker,
            now: Moment(0),
            player,
            out: BytesMut::new(),
            received: Vec::new(),
            log: String::new(),
            connected: false,
            connecting: false,
            ups: Vec::new(),
            stopped: false,
            told: None,
        };
        world.settle();
        world
    }

    /// Connected and logged in.
    pub(super) fn up(player: Player, settings: Settings) -> Self {
        let mut world = Self::new(player, settings, 1);
        world.log_in();
        world
    }

    pub(super) fn log_in(&mut self) {
        self.connect();
        self.flow();
        if !self.player.open {
            self.hear(&wire(WELCOME, 0, b""));
        }
        self.flow();
        assert!(self.machine.is_up(), "{:?}\n{}", self.machine.state(), self.log);
    }

    /// Drains actions and events, as the driver does, until nothing moves.
    pub(super) fn settle(&mut self) {
        loop {
            let mut moved = false;
            while let Some(action) = self.machine.poll_action() {
                moved = true;
                self.note(&format!("{action:?}"));
                match action {
                    Action::Prepare => self.machine.prepared(Ok(self.player.clone()), self.now),
                    Action::Permit => self.machine.permitted(self.now),
                    Action::Connect(_) => self.connecting = true,
                    Action::Disconnect => self.hang_up(),
                    Action::Stop => self.stopped = true,
                    Action::ReturnPermit | Action::Look | Action::Upgrade(_) => {}
                }
            }
            while let Some(event) = self.machine.poll_event() {
                moved = true;
                if let Event::Up { epoch, resumed } = event {
                    self.ups.push((epoch, resumed));
                }
                self.note(&show(&event));
            }
            let mut cx = Context::from_waker(Waker::noop());
            moved |= self.machine.read_on(self.now, &mut cx, &mut self.taker);
            if !moved {
                return;
            }
        }
    }

    fn hang_up(&mut self) {
        self.connected = false;
        self.connecting = false;
        self.out.clear();
    }

    pub(super) fn note(&mut self, what: &str) {
        let seconds = self.now.0 as f64 / 1e6;
        self.log.push_str(&format!("{seconds:>7.3} {what}\n"));
    }

    /// The dial succeeds.
    pub(super) fn connect(&mut self) {
        assert!(self.connecting, "{:?}", self.machine.state());
        self.connecting = false;
        self.connected = true;
        self.received.push(Vec::new());
        self.told = self.told.map(|_| 0);
        self.machine.connected(self.now);
        let mut cx = Context::from_waker(Waker::noop());
        self.machine.poll_handshake(self.now, &mut cx);
        self.settle();
    }

    pub(super) fn refuse(&mut self) {
        self.connecting = false;
        let error = ConnectError::Socket(IoError::from(std::io::ErrorKind::ConnectionRefused));
        self.machine.not_connected(error, self.now);
        self.settle();
    }

    /// Time passes, deadline by deadline.
    pub(super) fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        let mut cx = Context::from_waker(Waker::noop());
        loop {
            let next = self.machine.deadline();
            if next > end {
                self.now = end;
                return;
            }
            self.now = self.now.max(next);
            let mut rounds = 0;
            while self.now >= self.machine.deadline() {
                self.machine.timer(self.now, &mut cx);
                self.machine.visit(self.now, 0);
                self.settle();
                rounds += 1;
                assert!(rounds < 20, "a deadline that never ends: {}", self.log);
            }
            if self.connected {
                self.flow();
            }
        }
    }

    /// Looks at the queue and appends what is to be written.
    pub(super) fn transmit(&mut self) {
        let room = if self.out.is_empty() { 64 * 1024 } else { 0 };
        self.machine.visit(self.now, room);
        self.settle();
        if self.connected {
            self.machine.transmit(room, self.now, &mut self.out);
        }
    }

    /// The transport accepts `count` bytes.
    pub(super) fn accept(&mut self, count: usize) {
        let bytes = self.out.split_to(count.min(self.out.len()));
        self.machine.accepted(bytes.len());
        if let Some(received) = self.received.last_mut() {
            received.extend_from_slice(&bytes);
        }
        if let Some(told) = self.told {
            let sent = notes(self.received.last().map_or(&[], |bytes| &bytes[told..]));
            self.told = Some(told + sent.iter().map(|note| 7 + note.body.len()).sum::<usize>());
            for note in sent {
                self.note(&format!("> {}", show_note(&note)));
            }
        }
    }

    pub(super) fn flush(&mut self) {
        if self.machine.wants_flush() {
            self.machine.flushed(self.now);
        }
        self.machine.visit(self.now, 0);
        self.settle();
    }

    /// Everything that can be written is.
    pub(super) fn flow(&mut self) {
        for _ in 0..20 {
            self.transmit();
            if self.out.is_empty() || !self.connected {
                return;
            }
            self.accept(usize::MAX);
            self.flush();
        }
    }

    /// The peer's bytes arrive.
    pub(super) fn hear(&mut self, bytes: &[u8]) {
        if !self.connected {
            return;
        }
        let mut cx = Context::from_waker(Waker::noop());
        let mut bytes = bytes.to_vec();
        self.machine.received(&mut bytes, self.now, &mut cx, &mut self.taker);
        self.machine.visit(self.now, 0);
        self.settle();
    }

    pub(super) fn lose(&mut self, cause: Cause) {
        self.machine.lost(cause, self.now);
        self.settle();
    }

    pub(super) fn send(&self, note: Note) -> Receipt {
        self.link.try_send(note).unwrap()
    }

    /// Queues it, if there is room at once.
    pub(super) fn accept_now(&self, mut sending: Sending<'_, Player>) -> Option<Receipt> {
        let mut cx = Context::from_waker(Waker::noop());
        match Pin::new(&mut sending).poll(&mut cx) {
            Poll::Ready(accepted) => accepted.ok(),
            Poll::Pending => None,
        }
    }

    pub(super) fn sending(&self, note: Note) -> Sending<'_, Player> {
        Sending::new(&self.desk, note)
    }

    /// What the peer has of the newest connection, without what the machine sends by itself.
    pub(super) fn heard(&self) -> Vec<Note> {
        notes(self.received.last().map_or(&[], Vec::as_slice))
    }

    pub(super) fn state(&self) -> State {
        self.machine.state()
    }
}

pub(super) fn outcomes(receipts: &[&Receipt]) -> Vec<Option<Outcome>> {
    receipts.iter().map(|receipt| receipt.settled()).collect()
}

pub(super) fn show_note(note: &Note) -> String {
    let mut text = format!("{} #{}", kind_name(note.kind), note.sequence);
    if note.refers > 0 {
        text += &format!(" for #{}", note.refers);
    }
    if !note.body.is_empty() {
        text += &format!(" {:?}", String::from_utf8_lossy(&note.body));
    }
    text
}

pub(super) fn kind_name(kind: u8) -> &'static str {
    match kind {
        ALIVE => "ALIVE",
        CHAT => "CHAT",
        SURE => "SURE",
        ACKNOWLEDGEMENT => "ACKNOWLEDGEMENT",
        REPLY => "REPLY",
        LOGIN => "LOGIN",
        WELCOME => "WELCOME",
        WRONG => "WRONG",
        ALIVE_TOO => "ALIVE_TOO",
        GOODBYE => "GOODBYE",
        BEFORE => "BEFORE",
        _ => "another",
    }
}

fn show(event: &Event<Note>) -> String {
    match event {
        Event::Malformed { epoch, .. } => format!("Malformed {{ epoch: {epoch} }}"),
        other => format!("{other:?}"),
    }
}
