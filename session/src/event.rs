//! What a session tells: its state, what became of a send, what came in.

mod words;

use std::borrow::Cow;
use std::time::Duration;

use longlink_codec_core::{BadFrame, EncodeError, Fault};

use crate::connect::{ConnectError, IoError};
use crate::moment::Moment;
use crate::protocol::Refusal;

/// Where the session stands. At most one socket lives at a time; epochs strictly increase.
///
/// ```text
///            start                permit               socket
///   Idle ───────────► AwaitPermit ──────► Connecting ────────► Handshaking ─────► Resuming
///    ▲                  ▲  ▲  ▲               │ failed             │  │ refused     │    │
///    │ (spread)         │  │  │ until         ▼                    │  ▼             │    │
///    │            resume│  │  └────────── Backoff ◄────────────────┼──┴─────────────┘    │
///    │                  │  │                ▲                      │ last step           │
///    │              Suspended               │ lost                 ▼                     │
///    │                  ▲                   └───────────────────── Up ◄──────────────────┘
///    │                  │ suspend (any live state)                 │ drain
///    │                  │                                          ▼
///    └──────────────────┴──────────────── close ──► Closed ◄── Draining
///                                                   Failed ◄── a fatal refusal, a panic, too many attempts
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum State {
    /// Made, not started; or waiting for its share of the start spread.
    Idle,
    /// Waits before the next attempt.
    Backoff {
        /// Failures since the last stable epoch.
        attempt: u32,
        /// When the wait ends.
        until: Moment,
        /// Why the connection or the attempt before ended.
        cause: Cause,
    },
    /// Waits for the process-wide dial limiter, or for credentials.
    AwaitPermit {
        /// Failures since the last stable epoch.
        attempt: u32,
    },
    /// Resolves, races, goes through the proxy, shakes hands of TLS.
    Connecting {
        /// Failures since the last stable epoch.
        attempt: u32,
    },
    /// Logs in.
    Handshaking {
        /// Frames sent and received by the script so far.
        step: u16,
        /// The script waits for something that is not the link.
        foreign: bool,
    },
    /// Logs in with a token of the epoch before.
    Resuming {
        /// Frames sent and received by the script so far.
        step: u16,
    },
    /// Logged in.
    Up {
        /// Number of the connection, from 1.
        epoch: u32,
        /// When the login was done.
        since: Moment,
    },
    /// Sends what is queued, waits for acknowledgements, then closes.
    Draining {
        /// When it closes in any case.
        deadline: Moment,
    },
    /// Without a socket until `resume`.
    Suspended,
    /// Ended, as somebody wished.
    Closed(CloseReason),
    /// Ended, and will not come back.
    Failed(Fatal),
}

impl State {
    /// Nothing will ever happen again.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Closed(_) | Self::Failed(_))
    }

    /// Logged in; what is sent now leaves now.
    #[must_use]
    pub const fn is_up(&self) -> bool {
        matches!(self, Self::Up { .. })
    }
}

/// Why a connection, or an attempt at one, ended.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Cause {
    /// No connection came to be, in time or at all.
    Connect(Box<ConnectError>),
    /// The handshake, or one step of it, took too long.
    HandshakeDeadline,
    /// The handshake ended with this verdict.
    Refused(Refusal),
    /// The peer closed.
    PeerClosed,
    /// The socket failed.
    Io(IoError),
    /// TLS ended the connection: the peer wants a certificate, or refuses ours.
    #[cfg(feature = "tls")]
    Tls(Box<crate::connect::tls::TlsError>),
    /// No byte came within the answer deadline of a heartbeat, or no acknowledgement within t1; or it
    /// owes more than 16,384 replies that would come in the order of what was sent.
    PeerDead,
    /// No byte could be written for the write deadline.
    WriteStalled,
    /// A frame that had begun was not complete in time.
    SlowFrame,
    /// The inbox stayed full for too long.
    SlowConsumer,
    /// More frames came while logging in than the inbox may hold.
    Flooded,
    /// The bytes are no frames, or too many in a row were malformed.
    Protocol(Fault),
    /// An own frame (heartbeat, acknowledgement, handshake) could not be encoded.
    Encode(EncodeError),
    /// The peer said goodbye.
    Goodbye(Refusal),
    /// Our side suspended or closed, or asked to reconnect.
    Requested,
    /// An upgrade was asked for while bytes were already buffered, or its layer failed.
    Upgrade,
    /// The credentials or the protocol value could not be made.
    Credentials(Text),
}

/// Words of the peer or of this crate.
pub type Text = Cow<'static, str>;

/// Why a session closed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum CloseReason {
    /// `close`, or a drain that ended.
    Requested,
    /// The last handle was dropped, and the drain after it ended.
    HandlesDropped,
    /// The accepted connection ended; only the dialing side comes back.
    Connection(Cause),
}

/// Why a session failed for good.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Fatal {
    /// The peer refused: bad credentials, banned, wrong version.
    Refused(Text),
    /// User code in the session's task panicked.
    Panic,
    /// The session's task was aborted: its runtime ended before the session did.
    Aborted,
    /// `Settings::attempts` failed attempts in a row.
    Attempts(Cause),
}

/// The one outcome of an accepted send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The protocol's own acknowledgement or reply matched it.
    Acknowledged {
        /// The connection it went over.
        epoch: u32,
    },
    /// All its bytes were accepted by the transport (over TLS: and flushed), and it expects no
    /// acknowledgement. It says nothing about the peer having read it.
    Written {
        /// The connection it went over.
        epoch: u32,
    },
    /// Not one byte left us; only at the end of the session.
    NotSent,
    /// Some bytes left, and the connection ended or the acknowledgement deadline passed.
    Uncertain {
        /// The connection it went over.
        epoch: u32,
    },
    /// Its time to live ran out before it was committed.
    Expired,
    /// Taken back before it was committed.
    Cancelled,
    /// It did not fit when it was stamped and encoded; nothing left us.
    Unencodable(EncodeError),
}

/// `send` refused: nothing was queued, and the frame comes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected<F> {
    /// The frame, unchanged.
    pub frame: F,
    /// Why.
    pub because: Because,
}

/// Why a send was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Because {
    /// The outbound queue is full (`try_send` only: `send` waits).
    Full,
    /// The frame is larger than its type or the queue allows.
    TooLarge,
    /// The session is draining, closed or failed.
    Closed,
    /// The [journal](crate::journal) could not remember it.
    Journal,
}

/// What comes out of the inbox, in order.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<F> {
    /// A login is done; sends go out now.
    Up {
        /// Number of the connection, from 1.
        epoch: u32,
        /// The peer kept our state of the epoch before.
        resumed: bool,
    },
    /// Between two epochs pushes may have been lost: the state was not resumed.
    Gap {
        /// The last epoch that was up.
        from: u32,
        /// The new one.
        to: u32,
    },
    /// A frame.
    Frame {
        /// The connection it came over.
        epoch: u32,
        /// The frame.
        frame: F,
    },
    /// A frame whose border was good and whose inside was not, or garbage between frames.
    Malformed {
        /// The connection it came over.
        epoch: u32,
        /// The bytes, and what is wrong with them.
        bad: Box<BadFrame>,
    },
    /// Fragments whose message will not be complete any more.
    LostFragments {
        /// The connection they came over.
        epoch: u32,
        /// How many had come.
        count: u32,
    },
    /// The connection ended; the session comes back unless `Closed` or `Failed` follows.
    Down {
        /// The connection that ended.
        epoch: u32,
        /// Why.
        cause: Cause,
    },
    /// The session ended.
    Closed(CloseReason),
    /// The session ended and will not come back.
    Failed(Fatal),
}

/// Sums over the life of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Sends accepted.
    pub accepted: u64,
    /// Outcomes [`Outcome::Acknowledged`].
    pub acknowledged: u64,
    /// Outcomes [`Outcome::Written`].
    pub written: u64,
    /// Outcomes [`Outcome::NotSent`].
    pub not_sent: u64,
    /// Outcomes [`Outcome::Uncertain`].
    pub uncertain: u64,
    /// Outcomes [`Outcome::Expired`].
    pub expired: u64,
    /// Outcomes [`Outcome::Cancelled`].
    pub cancelled: u64,
    /// Outcomes [`Outcome::Unencodable`].
    pub unencodable: u64,
}

impl Counts {
    /// Accepted and not settled yet.
    #[must_use]
    pub fn open(&self) -> u64 {
        let settled = self.acknowledged + self.written + self.not_sent + self.uncertain;
        self.accepted - settled - self.expired - self.cancelled - self.unencodable
    }

    /// What was added since `earlier`.
    #[must_use]
    pub fn since(&self, earlier: &Counts) -> Counts {
        Counts {
            accepted: self.accepted - earlier.accepted,
            acknowledged: self.acknowledged - earlier.acknowledged,
            written: self.written - earlier.written,
            not_sent: self.not_sent - earlier.not_sent,
            uncertain: self.uncertain - earlier.uncertain,
            expired: self.expired - earlier.expired,
            cancelled: self.cancelled - earlier.cancelled,
            unencodable: self.unencodable - earlier.unencodable,
        }
    }
}

/// What a session went through, as numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Statistics {
    /// What became of the sends.
    pub sends: Counts,
    /// Frames received, the handshake's included.
    pub frames_received: u64,
    /// Bytes received.
    pub bytes_received: u64,
    /// Bytes accepted by the transport.
    pub bytes_written: u64,
    /// Connections that came up.
    pub epochs: u32,
    /// Attempts that failed and connections that were lost.
    pub failures: u32,
    /// Heartbeats sent.
    pub heartbeats: u64,
    /// Replies and acknowledgements that matched nothing: late, double, or of a dropped request.
    pub late: u64,
    /// Sequence numbers left out because their key was still pending or just forgotten.
    pub skipped_keys: u64,
    /// Frames that were received and given to nobody: all inboxes are dropped.
    pub discarded: u64,
    /// Malformed frames.
    pub malformed: u64,
    /// Calls of user code that took longer than `Settings::stall`.
    pub stalls: u64,
    /// Next sequence number of the newest connection.
    pub sequence: u64,
    /// Time from the last request to its reply, or from a heartbeat to the frame declared as its
    /// answer; zero before the first.
    pub round_trip: Duration,
}

/// How a drain ended. `complete()` only when nothing was left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DrainReport {
    /// Settled as acknowledged while draining.
    pub acknowledged: u64,
    /// Settled as written while draining.
    pub written: u64,
    /// Settled as not sent: they were still queued at the deadline.
    pub not_sent: u64,
    /// Settled as uncertain: no acknowledgement came.
    pub uncertain: u64,
    /// Settled as expired, cancelled or unencodable.
    pub dropped: u64,
}

impl DrainReport {
    /// Everything that had been accepted was acknowledged or written.
    #[must_use]
    pub const fn complete(&self) -> bool {
        self.not_sent == 0 && self.uncertain == 0 && self.dropped == 0
    }
}
