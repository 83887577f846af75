//! What the handles and the session's task share.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Waker;
use std::time::Duration;

use crate::connect::Endpoint;
use crate::event::{Event, State};
use crate::frame_log::FrameHeads;
use crate::journal::Keeper;
use crate::lock::lock;
use crate::moment::Moment;
use crate::outbox::{Manner, Outbox, Priority, millis};
use crate::protocol::{Protocol, Side};
use crate::settings::{Heartbeat, Settings, shared};
use crate::sparse::Sparse;

/// One per session; handles and task hold it in an `Arc`.
// In the order of use, as the `Outbox`.
#[repr(C)]
pub(crate) struct Desk<P: Protocol> {
    pub(crate) settings: Arc<Settings>,
    /// Boxed, because few have one.
    pub(crate) keeper: Option<Box<Keeper<P::Outgoing>>>,
    /// Of a frame about which nothing else was said.
    time_to_live_ms: u32,
    /// Links and inboxes that hold it.
    pub(crate) handles: AtomicU32,
    pub(crate) outbox: Mutex<Outbox<P::Outgoing, P::Incoming>>,
    /// `epoch << 8 | kind`, for a look without a lock.
    word: AtomicU64,
    pub(crate) inbox: Mutex<Tray<P::Incoming>>,
    pub(crate) board: Mutex<Board<P::Outgoing>>,
    pub(crate) name: Arc<str>,
}

/// State and wishes.
pub(crate) struct Board<F> {
    state: Shown,
    /// Grows with each transition.
    pub(crate) version: u64,
    watchers: Sparse<(u64, Waker)>,
    pub(crate) wishes: Sparse<Wish<F>>,
    /// Boxed, because most sessions have none of it.
    known: Option<Box<Known>>,
}

/// What few sessions have to know.
#[derive(Default)]
struct Known {
    /// Keys of the frames that are sent after each login.
    standing: Vec<u64>,
    identity: Option<Arc<str>>,
    /// The last transitions.
    history: VecDeque<(Moment, State)>,
    /// Of the connection that ended last.
    last_frames: Option<FrameHeads>,
}

/// A state, in little room while the session is up.
enum Shown {
    Up { epoch: u32, since: Moment },
    Other(Box<State>),
}

impl Shown {
    fn of(state: State) -> Self {
        match state {
            State::Up { epoch, since } => Self::Up { epoch, since },
            other => Self::Other(Box::new(other)),
        }
    }
}

impl<F> Board<F> {
    pub(crate) fn state(&self) -> State {
        match &self.state {
            Shown::Up { epoch, since } => State::Up { epoch: *epoch, since: *since },
            Shown::Other(state) => State::clone(state),
        }
    }

    /// Wakes watcher `number` at the next transition. Its waker until now, to be dropped outside of
    /// the lock.
    pub(crate) fn watch(&mut self, number: u64, waker: &Waker) -> Option<Waker> {
        if let Some((_, known)) = self.watchers.iter_mut().find(|(other, _)| *other == number) {
            return Some(std::mem::replace(known, waker.clone()));
        }
        self.watchers.push_back((number, waker.clone()));
        None
    }

    /// The watcher is gone. Its waker, likewise.
    pub(crate) fn leave(&mut self, number: u64) -> Option<Waker> {
        self.watchers.remove_first(|(other, _)| *other == number).map(|(_, waker)| waker)
    }

    #[cfg(test)]
    pub(crate) fn watchers(&self) -> usize {
        self.watchers.len()
    }

    /// Whether a standing frame with this key has a place.
    pub(crate) fn keep_standing(&mut self, key: u64, limit: usize) -> bool {
        let standing = &mut self.known.get_or_insert_default().standing;
        let stands = standing.contains(&key);
        let has_room = stands || standing.len() < limit;
        if has_room && !stands {
            standing.push(key);
        }
        has_room
    }

    /// The standing frame with this key gives its place back.
    pub(crate) fn dismiss(&mut self, key: u64) {
        if let Some(known) = &mut self.known {
            known.standing.retain(|other| *other != key);
        }
    }

    /// The last transitions, oldest first.
    pub(crate) fn history(&self) -> Vec<(Moment, State)> {
        self.known.iter().flat_map(|known| &known.history).cloned().collect()
    }

    /// The last frames of the connection that ended last.
    pub(crate) fn last_frames(&self) -> Option<FrameHeads> {
        self.known.as_ref()?.last_frames.clone()
    }

    pub(crate) fn keep_frames(&mut self, heads: FrameHeads) {
        self.known.get_or_insert_default().last_frames = Some(heads);
    }

    /// Who the peer is, as the newest login says.
    pub(crate) fn identity(&self) -> Option<Arc<str>> {
        self.known.as_ref()?.identity.clone()
    }

    pub(crate) fn identify(&mut self, identity: Option<Arc<str>>) {
        if identity.is_some() || self.known.is_some() {
            self.known.get_or_insert_default().identity = identity;
        }
    }
}

/// What a handle wants of the task.
pub(crate) enum Wish<F> {
    Suspend { without_queue: bool },
    Resume,
    Reconnect,
    Drain(Duration),
    HandlesDropped,
    Close,
    Heartbeat(Heartbeat),
    Endpoints(Vec<Endpoint>),
    Standing(u64, F),
    Dismiss(u64),
}

/// What waits for the inbox.
pub(crate) struct Tray<I> {
    pub(crate) events: Vec<Event<I>>,
    pub(crate) frames: usize,
    pub(crate) bytes: usize,
    pub(crate) waker: Option<Waker>,
    /// The task stopped reading, and wants to know when there is room.
    pub(crate) full: bool,
    /// Nobody will ever look again.
    pub(crate) abandoned: bool,
    /// No more events will come.
    pub(crate) ended: bool,
    /// Something came since the last trim: the memory of what is taken is kept for what comes next.
    pub(crate) in_use: bool,
}

impl<P: Protocol> Desk<P> {
    pub(crate) fn new(settings: Arc<Settings>, name: Arc<str>) -> Arc<Self> {
        Self::kept(settings, name, None)
    }

    /// The same with a journal; what it has left is queued.
    pub(crate) fn kept(
        settings: Arc<Settings>,
        name: Arc<str>,
        keeper: Option<Keeper<P::Outgoing>>,
    ) -> Arc<Self> {
        let mut outbox = Outbox::new();
        if let Some(keeper) = &keeper {
            keeper.restore::<P>(&mut outbox);
        }
        Arc::new(Self {
            time_to_live_ms: millis(settings.time_to_live),
            settings: shared(settings),
            name,
            outbox: Mutex::new(outbox),
            inbox: Mutex::new(Tray {
                events: Vec::new(),
                frames: 0,
                bytes: 0,
                waker: None,
                full: false,
                abandoned: false,
                ended: false,
                in_use: false,
            }),
            board: Mutex::new(Board {
                state: Shown::of(State::Idle),
                version: 0,
                watchers: Sparse::new(),
                wishes: Sparse::new(),
                known: None,
            }),
            keeper: keeper.map(Box::new),
            word: AtomicU64::new(0),
            handles: AtomicU32::new(0),
        })
    }

    /// Shows a new state to all who watch.
    pub(crate) fn publish(&self, state: State, epoch: u32, now: Moment) {
        let (session, name) = (&self.name, state.name());
        tracing::debug!(%session, epoch, state = name, "{state}");
        let up = u64::from(state.is_up());
        self.word.store(u64::from(epoch) << 8 | up, Ordering::Release);
        let watchers = {
            let mut board = lock(&self.board);
            if self.settings.event_log > 0 {
                let history = &mut board.known.get_or_insert_default().history;
                if history.len() >= self.settings.event_log {
                    history.pop_front();
                }
                history.push_back((now, state.clone()));
            }
            board.version += 1;
            board.state = Shown::of(state);
            board.watchers.take()
        };
        for (_, watcher) in watchers {
            watcher.wake();
        }
    }

    /// A heartbeat is due, and the protocol has none: once for each session. A server may leave the
    /// signs of life to its clients.
    #[cold]
    pub(crate) fn warn_mute(&self, side: Side, epoch: u32) {
        const TEXT: &str = "no heartbeat is sent: none can be derived, because a variant with \
            `role = heartbeat` has a free field or there is none; write `Protocol::heartbeat`, \
            give the field a `default`, or set `Heartbeat::off()`";
        let session = &self.name;
        match side {
            Side::Client => tracing::warn!(%session, epoch, "{TEXT}"),
            Side::Server => tracing::debug!(%session, epoch, "{TEXT}"),
        }
    }

    /// How a frame is sent about which nothing else was said.
    #[inline]
    pub(crate) fn manner(&self) -> Manner {
        let time_to_live_ms = self.time_to_live_ms;
        Manner { lane: Priority::Normal, time_to_live_ms, marks: 0 }
    }

    pub(crate) fn is_up(&self) -> bool {
        self.word.load(Ordering::Acquire) & 1 == 1
    }

    pub(crate) fn epoch(&self) -> u32 {
        u32::try_from(self.word.load(Ordering::Acquire) >> 8).unwrap_or(u32::MAX)
    }

    /// Leaves a wish and wakes the task.
    pub(crate) fn wish(&self, wish: Wish<P::Outgoing>) {
        lock(&self.board).wishes.push_back(wish);
        self.ring();
    }

    /// Wakes the task.
    pub(crate) fn ring(&self) {
        let waker = {
            let mut outbox = lock(&self.outbox);
            outbox.rung = true;
            outbox.wake()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}
