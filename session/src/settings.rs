//! Every number of a session, with its default. One `Arc` of them serves a whole fleet.

use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use crate::lock::lock;

pub use crate::backoff::Backoff;
pub use crate::frame_log::FrameLog;

/// All bounds, deadlines and intervals of a session.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// DNS, race, proxy and TLS together; default 10 s.
    pub connect: Duration,
    /// The whole handshake; default 10 s.
    pub handshake: Duration,
    /// One step of the handshake (one `receive`); default 5 s.
    pub step: Duration,
    /// When to ask whether the peer lives; default every 30 s, answered within 10 s.
    pub heartbeat: Heartbeat,
    /// A write without any progress for so long ends the connection; default 10 s.
    pub write: Duration,
    /// A frame that has begun must be complete within this; `None` (the default of a client): no
    /// matter when. Listeners set 10 s against peers that drip.
    pub frame: Option<Duration>,
    /// What may wait to be sent, also while the link is down; default 256 frames and 1 MiB, of which 8
    /// places are for control frames.
    pub outbound: Bounds,
    /// A frame that waits longer than this before it is committed expires; default 30 s.
    pub time_to_live: Option<Duration>,
    /// What the inbox may hold before the session stops reading; default 256 frames and 1 MiB.
    pub inbound: Bounds,
    /// With a full inbox for so long the connection ends; default 30 s.
    pub slow_consumer: Duration,
    /// A reply or an acknowledgement must come within this; default 10 s. Frames that count for an
    /// acknowledgement window wait for its t1 instead.
    pub acknowledgement: Duration,
    /// Frames that may wait for their acknowledgement at once, the session's own among them: what is
    /// queued waits for the answer to a heartbeat, and a heartbeat for a place. What is restored after
    /// a login and standing frames go at once, however many they are. A peer that does not
    /// answer the session's own within `acknowledgement`, while no heartbeat asks whether it lives, is
    /// not waited for until it answers one. Default 1,024.
    pub pending: usize,
    /// Own frames (heartbeats, acknowledgements, answers) that may wait to be written before the
    /// session stops reading; default 64.
    pub own_frames: usize,
    /// The waits between attempts; default full jitter up to 0.5 s, doubling to 30 s, at least 50 ms.
    pub backoff: Backoff,
    /// An epoch that lasted so long resets the attempt counter; default 10 s.
    pub stable_after: Duration,
    /// Failed attempts in a row before the session gives up; `None` (the default): never.
    pub attempts: Option<u32>,
    /// The first attempt waits U(0, this); default zero.
    pub start_spread: Duration,
    /// How long the last handle's drop drains; default 5 s.
    pub drain: Duration,
    /// Bytes committed and written at once; default 64 KiB.
    pub batch: usize,
    /// Bytes read in one turn of the task; default 256 KiB.
    pub read_turn: usize,
    /// Buffers unused for so long are given back; default 1 s.
    pub trim_after: Duration,
    /// Frames kept by `Link::standing`; default 256.
    pub standing: usize,
    /// Joining of fragments; default 4 messages, 1 MiB, 30 s, consecutive numbers.
    pub fragments: Fragments,
    /// Malformed frames in a row that end the epoch; default 3.
    pub malformed_in_a_row: u32,
    /// Refused resumptions in a row after which the token is dropped; default 3.
    pub stale_token_after: u32,
    /// User code in the session's task that takes longer is counted as a stall; default 100 ms.
    pub stall: Duration,
    /// Transitions kept in the event log; default none.
    pub event_log: usize,
    /// How much of each frame is logged; default [`FrameLog::Off`]. See
    /// [`frame_log`](crate::frame_log).
    pub frame_log: FrameLog,
    /// Failures in a row after which an endpoint is passed over, first for `penalty_first`,
    /// doubling to `penalty_cap`; the last one left is never passed over. Default 3.
    pub penalty_after: u32,
    /// First penalty of an endpoint; default 1 min.
    pub penalty_first: Duration,
    /// Longest penalty of an endpoint; default 30 min.
    pub penalty_cap: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            connect: seconds(10),
            handshake: seconds(10),
            step: seconds(5),
            heartbeat: Heartbeat::default(),
            write: seconds(10),
            frame: None,
            outbound: Bounds { frames: 256, bytes: 1 << 20, reserved: 8 },
            time_to_live: Some(seconds(30)),
            inbound: Bounds { frames: 256, bytes: 1 << 20, reserved: 0 },
            slow_consumer: seconds(30),
            acknowledgement: seconds(10),
            pending: 1_024,
            own_frames: 64,
            backoff: Backoff::default(),
            stable_after: seconds(10),
            attempts: None,
            start_spread: Duration::ZERO,
            drain: seconds(5),
            batch: 64 * 1024,
            read_turn: 256 * 1024,
            trim_after: seconds(1),
            standing: 256,
            fragments: Fragments::default(),
            malformed_in_a_row: 3,
            stale_token_after: 3,
            stall: Duration::from_millis(100),
            event_log: 0,
            frame_log: FrameLog::Off,
            penalty_after: 3,
            penalty_first: seconds(60),
            penalty_cap: seconds(30 * 60),
        }
    }
}

/// Sessions that are told the same numbers one after the other share them: thousands may be made
/// one by one, and their numbers are 500 bytes each.
pub(crate) fn shared(settings: Arc<Settings>) -> Arc<Settings> {
    static NEWEST: Mutex<Weak<Settings>> = Mutex::new(Weak::new());
    let mut newest = lock(&NEWEST);
    match newest.upgrade() {
        Some(same) if Arc::ptr_eq(&same, &settings) || same == settings => same,
        _ => {
            *newest = Arc::downgrade(&settings);
            settings
        }
    }
}

/// Bounds of a queue, in frames and in bytes on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Frames at most.
    pub frames: usize,
    /// Bytes at most.
    pub bytes: usize,
    /// Of `frames`, places that only control frames may take.
    pub reserved: usize,
}

/// Bounds of fragments that wait for the rest of their message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fragments {
    /// Messages at once; default 4.
    pub groups: usize,
    /// Bytes of all of them; default 1 MiB.
    pub bytes: usize,
    /// The whole message must come within this; default 30 s.
    pub within: Duration,
    /// Sequence numbers of other frames that may lie between two neighbours; default 0. Some peers
    /// number fragments when they are made and not when they are sent.
    pub gap: u64,
}

impl Default for Fragments {
    fn default() -> Self {
        Self { groups: 4, bytes: 1 << 20, within: Duration::from_secs(30), gap: 0 }
    }
}

/// When a heartbeat is sent, and how long its answer may take.
///
/// What is sent is [`Protocol::heartbeat`](crate::Protocol::heartbeat); a protocol that has none
/// sends nothing at any interval, and the log warns of it once.
///
/// A heartbeat goes out when `interval` has passed since the last received or the last sent byte,
/// whichever is longer ago (MQTT 3.1.1 §3.1.2.10 counts what the client sends). Only a received
/// byte clears the answer deadline. One whose answer is waited for
/// ([`Protocol::awaits`](crate::Protocol::awaits)) waits for a place among [`Settings::pending`], for
/// `answer` at most: so a dead peer is found within `interval` and twice `answer`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heartbeat {
    /// The fixed interval, or where the adaptive one starts; `None`: no heartbeats.
    pub interval: Option<Duration>,
    /// A received byte must come within this after a heartbeat; default 10 s.
    pub answer: Duration,
    /// Each interval is shortened by up to this share, 0.0 to 1.0; default 0.1.
    pub jitter: f32,
    /// Search for the longest interval that the network's middle boxes bear.
    pub adaptive: Option<Adaptive>,
}

impl Heartbeat {
    /// Every `interval`, minus up to 10 %; answered within 10 s.
    #[must_use]
    pub const fn every(interval: Duration) -> Self {
        let answer = Duration::from_secs(10);
        Self { interval: Some(interval), answer, jitter: 0.1, adaptive: None }
    }

    /// No heartbeats: a dead peer is found by TCP alone.
    #[must_use]
    pub const fn off() -> Self {
        Self { interval: None, ..Self::every(Duration::ZERO) }
    }

    /// The policy of Tencent's Mars: see [`Adaptive`].
    #[must_use]
    pub const fn adaptive() -> Self {
        let policy = Adaptive::MARS;
        Self { adaptive: Some(policy), ..Self::every(policy.min) }
    }

    /// The same with another answer deadline.
    #[must_use]
    pub const fn answered_within(mut self, answer: Duration) -> Self {
        self.answer = answer;
        self
    }

    /// The same with another jitter, 0.0 to 1.0.
    #[must_use]
    pub const fn jitter(mut self, share: f32) -> Self {
        self.jitter = share;
        self
    }
}

impl Default for Heartbeat {
    fn default() -> Self {
        Self::every(Duration::from_secs(30))
    }
}

/// An interval that grows while it holds: after `probes` successes at one interval it grows by
/// `step`; after `failures` failures in a row it falls back to the last good one and stays; after
/// `again` it tries anew.
///
/// The defaults are those of Tencent Mars, `stn/src/smart_heartbeat.cc` and its header: 3.5 min to
/// 10 min minus 20 s, steps of 60 s after 5 successes, stable after 2 failures, tried again after
/// 7 days; the first 3 heartbeats of a connection use the shortest interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Adaptive {
    /// Shortest interval.
    pub min: Duration,
    /// Longest interval.
    pub max: Duration,
    /// Growth.
    pub step: Duration,
    /// Answered heartbeats before it grows.
    pub probes: u32,
    /// Failures before it settles.
    pub failures: u32,
    /// Heartbeats of a new connection at the shortest interval.
    pub warm_up: u32,
    /// A settled interval is tried anew after this.
    pub again: Duration,
}

impl Adaptive {
    /// The constants of Mars.
    pub const MARS: Adaptive = Adaptive {
        min: Duration::from_secs(210),
        max: Duration::from_secs(580),
        step: Duration::from_secs(60),
        probes: 5,
        failures: 2,
        warm_up: 3,
        again: Duration::from_secs(7 * 24 * 3_600),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_settings_are_kept_once_and_others_apart() {
        // What no other test has.
        let odd = || Arc::new(Settings { pending: 4_711, ..Settings::default() });
        let other = shared(Arc::new(Settings { pending: 4_712, ..Settings::default() }));
        let share = || {
            (0..1_000).find_map(|_| {
                let (first, second) = (shared(odd()), shared(odd()));
                Arc::ptr_eq(&first, &second).then_some(first)
            })
        };
        let first = share().expect("two in a row share them");
        assert_eq!((first.pending, other.pending), (4_711, 4_712));
    }
}
