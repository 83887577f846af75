//! The rules of a session, without a socket, a clock, or randomness of its own.
//!
//! Inputs are bytes, moments and what the driver did; outputs are bytes, [`Action`]s and events.
//! After each input the caller drains all outputs. Everything about heartbeats, backoff, delivery,
//! windows and order is decided here, and tested here in virtual time.

mod copies;
pub(crate) mod endpoints;
pub(crate) mod fragments;
pub(crate) mod heartbeat;
mod idle;
mod joining;
mod login;
mod malformed;
mod outputs;
mod own;
mod places;
mod pump;
mod receive;
mod send;
mod stamp;
mod state;
mod tally;
mod timer;
pub(crate) mod window;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use bytes::Bytes;
use longlink_codec_core::{Decoder, Wire};

use crate::connect::Endpoint;
use crate::desk::Desk;
use crate::event::{Cause, CloseReason, Event, Fatal, State};
use crate::frame_log::FrameHeads;
use crate::moment::{Moment, Since};
use crate::outbox::ledger::Ledger;
use crate::outbox::pending::Pending;
use crate::protocol::{Contexts, Protocol, Seen, Side};
use crate::random::Random;
use crate::script::{Login, StreamCipher};
use crate::settings::{Heartbeat, Settings};
use crate::sparse::Sparse;
use endpoints::Endpoints;
use fragments::Groups;
use heartbeat::{Beat, Search};
use own::{Expected, OwnFrames};
use tally::{Tally, noted};
use window::Acknowledging;

/// What the driver has to do. It decides nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// Make a protocol value (credentials may be awaited), then call `prepared`.
    Prepare,
    /// Ask the limiter, then call `permitted`.
    Permit,
    /// Connect, then call `connected` or `not_connected`.
    Connect(Endpoint),
    /// The handshake is over, however it ended: give the permit back.
    ReturnPermit,
    /// Write and flush what is left, then put TLS on, then call `upgraded`.
    Upgrade(Option<String>),
    /// Try to read once, without waiting; then call `timer` again.
    Look,
    /// Drop the socket, or the attempt at one, and all bytes not yet written.
    Disconnect,
    /// The session is over.
    Stop,
}

/// One session.
pub(crate) struct Machine<P: Protocol> {
    settings: Arc<Settings>,
    desk: Arc<Desk<P>>,
    phase: Phase<P>,
    /// Of the live connection.
    connection: Option<Box<Connection<P>>>,
    ledger: Option<Box<Ledger<P::Outgoing, P::Incoming>>>,
    pending: Option<Box<Pending<P::Outgoing, P::Incoming>>>,
    events: Sparse<Event<P::Incoming>>,
    actions: Sparse<Action>,
    endpoints: Endpoints,
    /// Frames to send after each login, by key.
    standing: Sparse<(u64, P::Outgoing)>,
    token: Option<Box<Bytes>>,
    /// Set at run time; `None`: as in the settings.
    heartbeat: Option<Box<Heartbeat>>,
    search: Option<Box<Search>>,
    random: Random,
    /// The drain ends at this moment.
    draining: Option<Box<(Moment, CloseReason)>>,
    /// When something in the outbox expires; learned at each visit.
    next_expiry: Moment,
    tally: Option<Box<Tally>>,
    epoch: u32,
    /// The last epoch that was up.
    last_up: u32,
    /// Failures since the last stable epoch.
    failures: u32,
    /// Resumptions refused in a row.
    stale: u8,
    redirects: u8,
    side: Side,
    /// Said once that no heartbeat is sent.
    mute: bool,
    /// Where the sequence of the last epoch that was up stood at its end.
    last_sequence: u64,
}

/// Where the machine stands, with what only that state has. [`State`] is its public picture.
enum Phase<P: Protocol> {
    Idle(Moment),
    Backoff { until: Moment, cause: Box<Cause> },
    AwaitPermit { prepared: Option<P> },
    Connecting { prepared: P, until: Moment },
    Handshaking(Box<Handshaking<P>>),
    Up { protocol: P, since: Moment },
    Suspended,
    Closed(Box<CloseReason>),
    Failed(Box<Fatal>),
}

struct Handshaking<P: Protocol> {
    login: Login<P>,
    deadline: Moment,
    /// The layer is being put in: nothing is read meanwhile.
    upgrading: bool,
    wants_frame: bool,
    step_deadline: Option<Moment>,
    /// The script has ended; what it has sent is written first.
    verdict: Option<Cause>,
    /// As last published.
    step: u16,
    foreign: bool,
    resuming: bool,
}

/// All that lives as long as one connection. A new one is made for each, so that nothing of two
/// connections can meet.
struct Connection<P: Protocol> {
    decoder: Decoder<P::Incoming>,
    writing: <P::Outgoing as Wire>::Context,
    /// Received and not yet consumed: the begin of a frame, or what came while nothing was read.
    held: Vec<u8>,
    /// `held` may begin with whole frames: something stopped the look at them.
    stopped: bool,
    /// Received behind the frame that is being looked at.
    unread_len: usize,
    /// Absent while idle.
    own: Option<Box<OwnFrames>>,
    cipher: Option<Box<dyn StreamCipher>>,
    passed: Sparse<(P::Incoming, usize)>,
    fragments: Option<Box<Groups<P::Incoming>>>,
    acknowledging: Option<Box<Acknowledging<P::Outgoing>>>,
    beat: Beat,
    /// It was due, and waits for a place.
    held_beat: Option<Box<P::Outgoing>>,
    /// The peer does not answer our own frames in time: they take no places.
    ignores_own: bool,
    /// Next sequence number.
    sequence: u64,
    /// Width of the sequence of frames that wait for an acknowledgement; 0 before the first.
    sequence_bits: u32,
    /// Own frames (standing ones, those of `restore`) whose answers have not come.
    expected: Sparse<Expected>,
    /// The decoder has been searching in garbage since then.
    searching: Since,
    /// The begin of a frame is held since then.
    inside: Since,
    last_received: Moment,
    last_sent: Moment,
    /// Accepted by the transport and not yet flushed: it may have left us.
    unflushed: usize,
    /// Nothing could be written since then.
    blocked: Since,
    /// Nobody took what was received since then.
    full: Since,
    /// The last time without a place for what was received ended then.
    listens_since: Moment,
    malformed: u32,
    /// Frames that may wait for their acknowledgement, by the peer's word.
    pending: u16,
    said_goodbye: bool,
    /// The last frames in both directions.
    heads: FrameHeads,
}

impl<P: Protocol> Machine<P> {
    /// A session that dials.
    pub(crate) fn client(desk: Arc<Desk<P>>, endpoints: Arc<[Endpoint]>, seed: u64) -> Self {
        Self::new(desk, endpoints, seed, Side::Client, Phase::Idle(Moment::NEVER))
    }

    /// A session over an accepted connection: it starts with the handshake, and ends with the
    /// connection.
    pub(crate) fn server(desk: Arc<Desk<P>>, protocol: P, now: Moment, seed: u64) -> Self {
        let endpoints = Arc::from(Vec::new());
        let prepared = Phase::Connecting { prepared: protocol, until: Moment::NEVER };
        let mut machine = Self::new(desk, endpoints, seed, Side::Server, prepared);
        machine.connected(now);
        machine
    }

    fn new(
        desk: Arc<Desk<P>>,
        endpoints: Arc<[Endpoint]>,
        seed: u64,
        side: Side,
        phase: Phase<P>,
    ) -> Self {
        Self {
            settings: desk.settings.clone(),
            desk,
            phase,
            connection: None,
            ledger: None,
            pending: None,
            events: Sparse::new(),
            actions: Sparse::new(),
            endpoints: Endpoints::new(endpoints),
            standing: Sparse::new(),
            token: None,
            heartbeat: None,
            search: None,
            random: Random::new(seed),
            draining: None,
            next_expiry: Moment::NEVER,
            tally: None,
            epoch: 0,
            last_up: 0,
            failures: 0,
            stale: 0,
            redirects: 0,
            side,
            mute: false,
            last_sequence: 0,
        }
    }

    pub(crate) fn epoch(&self) -> u32 {
        self.epoch
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(crate) fn desk(&self) -> &Arc<Desk<P>> {
        &self.desk
    }

    /// The state as others see it.
    pub(crate) fn state(&self) -> State {
        if let (Some(draining), true) = (&self.draining, self.is_live()) {
            return State::Draining { deadline: draining.0 };
        }
        let attempt = self.failures;
        match &self.phase {
            Phase::Idle(_) => State::Idle,
            Phase::Backoff { until, cause } => {
                State::Backoff { attempt, until: *until, cause: (**cause).clone() }
            }
            Phase::AwaitPermit { .. } => State::AwaitPermit { attempt },
            Phase::Connecting { .. } => State::Connecting { attempt },
            Phase::Handshaking(shaking) if shaking.resuming => {
                State::Resuming { step: shaking.step }
            }
            Phase::Handshaking(shaking) => {
                State::Handshaking { step: shaking.step, foreign: shaking.foreign }
            }
            Phase::Up { since, .. } => State::Up { epoch: self.epoch, since: *since },
            Phase::Suspended => State::Suspended,
            Phase::Closed(reason) => State::Closed((**reason).clone()),
            Phase::Failed(fatal) => State::Failed((**fatal).clone()),
        }
    }

    /// It has not come to its end.
    #[inline]
    pub(crate) fn is_live(&self) -> bool {
        !matches!(self.phase, Phase::Closed(_) | Phase::Failed(_))
    }

    #[inline]
    pub(crate) fn is_up(&self) -> bool {
        matches!(self.phase, Phase::Up { .. })
    }

    /// There is a connection, and it is not given up.
    pub(crate) fn is_connected(&self) -> bool {
        self.connection.is_some()
    }

    /// Own frames wait to be written.
    pub(crate) fn has_own(&self) -> bool {
        self.connection.as_ref().is_some_and(|connection| connection.has_own())
    }

    /// The heartbeat in force.
    fn heartbeat(&self) -> Heartbeat {
        self.heartbeat.as_deref().copied().unwrap_or(self.settings.heartbeat)
    }

    /// Where what happens is noted until the next visit; given back when nothing does.
    #[inline]
    fn tally(&mut self) -> &mut Tally {
        noted(&mut self.tally)
    }

    fn publish(&mut self, now: Moment) {
        self.desk.publish(self.state(), self.epoch, now);
    }
}

impl<P: Protocol> Connection<P> {
    fn new(contexts: Contexts<P>, now: Moment) -> Box<Self> {
        Box::new(Self {
            decoder: Decoder::with_context(contexts.reading),
            writing: contexts.writing,
            held: Vec::new(),
            stopped: false,
            unread_len: 0,
            own: None,
            cipher: None,
            passed: Sparse::new(),
            fragments: None,
            acknowledging: None,
            beat: Beat::default(),
            held_beat: None,
            ignores_own: false,
            sequence: 0,
            sequence_bits: 0,
            expected: Sparse::new(),
            searching: Since::NOT,
            inside: Since::NOT,
            last_received: now,
            last_sent: now,
            unflushed: 0,
            blocked: Since::NOT,
            full: Since::NOT,
            listens_since: now,
            malformed: 0,
            pending: u16::MAX,
            said_goodbye: false,
            heads: FrameHeads::default(),
        })
    }

    /// Shows the protocol a frame that passed; it may move the contexts on.
    #[inline]
    fn follow(&mut self, protocol: &mut P, seen: Seen<'_, '_, P>) {
        let mut contexts = Contexts::<P>::default();
        let has_context = size_of::<<P::Incoming as Wire>::Context>() > 0;
        if has_context {
            std::mem::swap(self.decoder.context_mut(), &mut contexts.reading);
        }
        std::mem::swap(&mut self.writing, &mut contexts.writing);
        protocol.follow(seen, &mut contexts);
        std::mem::swap(&mut self.writing, &mut contexts.writing);
        if has_context {
            std::mem::swap(self.decoder.context_mut(), &mut contexts.reading);
        }
    }

    /// More bytes are needed: notes since when a frame, or a candidate in garbage, waits for them.
    fn wait_for_bytes(&mut self, unfinished: &[u8], progress: bool, now: Moment) {
        if self.decoder.unfinished(unfinished) == 0 {
            self.inside = Since::NOT;
        } else if progress {
            self.inside = Since::at(now);
        } else {
            self.inside.begin(now);
        }
        if !self.decoder.is_searching() {
            self.searching = Since::NOT;
        } else if progress {
            self.searching = Since::at(now);
        } else {
            self.searching.begin(now);
        }
    }
}
