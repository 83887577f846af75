//! What a protocol adds to its frame types.

mod established;
mod view;

use std::any::{Any, TypeId};
use std::fmt;
use std::future::Future;
use std::time::Duration;

use longlink_codec_core::explain::{Explanation, explain_with};
use longlink_codec_core::{Frame, Parse, Roles, Wire};

pub use established::{Established, Window};

use crate::connect::Endpoint;
use crate::event::{Event, Text};
use crate::reply::Reply;
use crate::script::Script;

pub use view::View;

/// The rules of one protocol. One value per connection (epoch); never a trait object.
///
/// Its hooks and its handshake run in the session's task: they must not block. They run outside of
/// every lock, are timed, and a panic in one ends the session as `Failed(Panic)`.
pub trait Protocol: Sized + Send + 'static {
    /// What this side sends. Often the same type as [`Protocol::Incoming`]; many protocols give a
    /// tag another meaning in each direction.
    type Outgoing: Frame<Context: Default + Send, Border: Send> + Roles + Send + 'static;
    /// What this side receives: owned, as the inbox, `request` and the script hand it out.
    type Incoming: Frame<Context: Default + Send, Border: Send>
        + Roles
        + for<'a> Parse<'a>
        + Send
        + 'static;
    /// What is parsed in place. Write the same as `Incoming`, unless it is a type that borrows
    /// from the received bytes: `#[wire(view_of = Message)]`.
    type View<'a>: View<'a, Owned = Self::Incoming>;

    /// Logs in. Users write `async fn handshake`; the trait spells the future out because it must
    /// be `Send`.
    fn handshake(
        &mut self,
        script: &mut Script<Self::Outgoing, Self::Incoming>,
    ) -> impl Future<Output = Result<Established, Refusal>> + Send;

    /// A sign of life. Default: the variant with `role = heartbeat`, if neither it nor the frame
    /// around it has a free field besides the sequence. `None`: nothing is sent, whatever the
    /// interval of the settings, and a dead peer is found by TCP alone; the first time that one is
    /// due the log warns of it. Mean it with `Heartbeat::off()`.
    fn heartbeat(&mut self) -> Option<Self::Outgoing> {
        Self::Outgoing::heartbeat()
    }

    /// What to answer to a received frame, unasked: an acknowledgement, the answer to a heartbeat.
    /// Default: a heartbeat is answered by the variant with `role = heartbeat_reply`, if neither it
    /// nor the frame around it has a free field; a field with `role = replies_to` gets its number.
    ///
    /// Called for each fragment and for what they make, before the frame is handed on; what it
    /// returns is sent after the frame is in the inbox or the handler has returned. With an
    /// acknowledgement [`Window`] the answers to counted frames are held back, and only the newest
    /// is sent.
    fn acknowledge(&mut self, received: &Self::View<'_>) -> Option<Self::Outgoing> {
        if received.is_heartbeat() { heartbeat_reply(received.sequence()) } else { None }
    }

    /// What a received frame means. Default: from its roles, see [`View::inbound`].
    fn classify(&self, received: &Self::View<'_>) -> Inbound {
        received.inbound()
    }

    /// Writes what only this connection knows. Called in wire order, once for each epoch in which
    /// the frame is sent, with the next sequence number; `None`: it carries none, and the number
    /// goes to the next frame.
    fn stamp(&mut self, frame: &mut Self::Outgoing, sequence: u64) -> Option<Key> {
        if !frame.set_sequence(sequence) {
            return None;
        }
        frame.sequence().map(Key)
    }

    /// What a sent frame waits for. Default: an acknowledgement, where the variant says
    /// `role = acknowledged`.
    fn awaits(&self, sent: &Self::Outgoing) -> Awaits {
        if sent.is_acknowledged() { Awaits::Acknowledgement } else { Awaits::Nothing }
    }

    /// Frames to send after each login, before the queue opens (subscriptions).
    fn restore(&mut self) -> Vec<Self::Outgoing> {
        Vec::new()
    }

    /// The last words of a drained connection.
    fn goodbye(&mut self) -> Option<Self::Outgoing> {
        None
    }

    /// A resumable frame is about to be sent again in a resumed epoch, with its old key (MQTT sets
    /// DUP here).
    fn resend(&mut self, _frame: &mut Self::Outgoing) {}

    /// The contexts under which a new connection reads and writes.
    fn contexts(&self, _side: Side) -> Contexts<Self> {
        Contexts::default()
    }

    /// Called after each frame received or committed, before the next is looked at, outside of the
    /// handshake: may move the contexts on (MySQL's replies mean what the last command says).
    fn follow(&mut self, _seen: Seen<'_, '_, Self>, _contexts: &mut Contexts<Self>) {}

    /// What the bytes of a sent frame say, for the [log of frames](crate::frame_log). Default:
    /// explained, where both directions have one type; else `None`, and only the head is logged.
    /// Where `Outgoing` is another type that can be parsed, return
    /// `Some(explain_with::<Self::Outgoing>(frame, context))`.
    fn explain_sent(
        frame: &[u8],
        context: &<Self::Outgoing as Wire>::Context,
    ) -> Option<Explanation> {
        let context: &dyn Any = context;
        let context = context.downcast_ref::<<Self::Incoming as Wire>::Context>()?;
        let same = TypeId::of::<Self::Outgoing>() == TypeId::of::<Self::Incoming>();
        same.then(|| explain_with::<Self::Incoming>(frame, context))
    }

    /// Joins the fragments of one message, in order and complete, into one frame, where their
    /// declaration does not (`split(..)` on a field). What is joined is then classified and answered
    /// like a frame that came whole. Default: they are delivered one by one.
    ///
    /// # Errors
    /// The fragments, unjoined; they are then delivered one by one.
    fn join(
        &mut self,
        fragments: Vec<Self::Incoming>,
    ) -> Result<Self::Incoming, Vec<Self::Incoming>> {
        Err(fragments)
    }
}

/// A correlation key. Our side chooses keys for our requests, so a number is enough: a protocol
/// whose keys are text writes the number as text and parses it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(pub u64);

/// What a received frame is. It may be several things at once: an I-format of IEC 104 acknowledges
/// and carries.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Inbound {
    /// Which sent frames it acknowledges.
    pub acknowledges: Option<Acknowledges>,
    /// What it is besides.
    pub is: Meaning,
    /// It counts for the acknowledgement [`Window`]. Default: it has a sequence number.
    pub counted: bool,
}

/// Which sent frames a received one acknowledges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Acknowledges {
    /// The frame with this key. One that went in fragments: by the number of the first, which is
    /// that of the whole, or by that of the last.
    One(Key),
    /// The frame with this key and all that were sent before it. Of one in fragments by the number
    /// of the last.
    UpTo(Key),
    /// All that were sent before the frame with this key, which is the next expected (IEC 104's
    /// N(R); modulo the width of the sequence).
    Before(Key),
    /// The frame with this key is half done: what [`Protocol::acknowledge`] answers takes its place
    /// until the other half comes (MQTT's PUBREC, answered by PUBREL).
    Half(Key),
}

/// What a received frame means to the session.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub enum Meaning {
    /// For the user.
    #[default]
    Push,
    /// The reply to the request with this key.
    Reply(Key),
    /// The reply to the oldest frame that waits: replies carry no key and come in order (Redis).
    /// What awaits is a request, or stamped without a key; the machine's own frames (heartbeats,
    /// standing ones) take part where [`Protocol::awaits`] says that they are answered.
    NextReply,
    /// A sign of life of the peer.
    Heartbeat,
    /// The answer to our sign of life.
    HeartbeatReply,
    /// Nothing beyond what it acknowledges. A request that waits for it gets it as its reply.
    Nothing,
    /// The peer ends the connection, and says why.
    Goodbye(Refusal),
}

/// What a sent frame waits for before its outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Awaits {
    /// Its outcome is `Written`.
    Nothing,
    /// Its outcome is `Acknowledged`, or `Uncertain` when none comes in time.
    Acknowledgement,
}

/// The verdict of a handshake that did not succeed, or of a goodbye. Carries the peer's words.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// Never again: bad credentials, banned, wrong version.
    Fatal(Text),
    /// Try again after the backoff.
    Transient(Text),
    /// Try again, but not before this.
    RetryAfter(Duration, Text),
    /// Go to these endpoints instead.
    Redirect(Vec<Endpoint>),
    /// The token of the epoch before is refused. After `Settings::stale_token_after` of them in a
    /// row the next handshake gets none.
    Resume(Text),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fatal(text) | Self::Transient(text) => f.write_str(text),
            Self::RetryAfter(after, text) => write!(f, "{text} (retry after {after:?})"),
            Self::Redirect(endpoints) => {
                f.write_str("redirected to")?;
                endpoints.iter().try_for_each(|endpoint| write!(f, " {endpoint}"))
            }
            Self::Resume(text) => write!(f, "not resumed: {text}"),
        }
    }
}

impl std::error::Error for Refusal {}

/// Which end of the connection this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// It dialed.
    Client,
    /// It accepted.
    Server,
}

/// The contexts of the connection, one for each direction.
pub struct Contexts<P: Protocol> {
    /// For what is received.
    pub reading: <P::Incoming as Wire>::Context,
    /// For what is sent.
    pub writing: <P::Outgoing as Wire>::Context,
}

impl<P: Protocol> Default for Contexts<P> {
    fn default() -> Self {
        Self { reading: Default::default(), writing: Default::default() }
    }
}

/// A frame that passed, for [`Protocol::follow`].
#[non_exhaustive]
pub enum Seen<'s, 'v, P: Protocol> {
    /// It was received.
    Received(&'s P::View<'v>),
    /// It was committed.
    Sent(&'s P::Outgoing),
}

/// Takes frames in place, in the session's task, instead of an inbox: a server's side, or a client
/// that must not allocate.
pub trait Handler<P: Protocol>: Send + 'static {
    /// A frame arrived. It must not block; answers go through `reply`.
    fn frame(&mut self, view: P::View<'_>, reply: &Reply<P>) -> Flow;

    /// A frame that exists only as an owned value: kept by [`Script::expect`], or joined from
    /// fragments where the view borrows. Default: discarded.
    fn owned(&mut self, _frame: P::Incoming, _reply: &Reply<P>) -> Flow {
        Flow::Go
    }

    /// Anything that is not a frame. Default: ignored.
    fn event(&mut self, _event: Event<P::Incoming>, _reply: &Reply<P>) {}
}

/// May the session go on reading?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Flow {
    /// Yes.
    Go,
    /// The frame was taken; read no more until what is queued has been written, or may not be written
    /// before the peer acknowledges something.
    Full,
    /// The frame was taken; say goodbye and close.
    Close,
}

/// Where the machine puts received frames, lent for the time of one call: an inbox or a handler.
pub trait Deliver<P: Protocol> {
    /// Frames are kept: a type that shares its buffer is parsed from a copy of its own.
    const KEEPS: bool;

    /// One more frame may come.
    fn ready(&mut self) -> bool;

    /// A push of `len` bytes on the wire.
    fn frame(&mut self, view: P::View<'_>, len: usize, epoch: u32) -> Flow;

    /// The same for a frame that exists only as an owned value.
    fn owned(&mut self, frame: P::Incoming, len: usize, epoch: u32) -> Flow;

    /// Anything that is not a frame, in order with the frames.
    fn event(&mut self, event: Event<P::Incoming>);
}

/// The declared answer to the heartbeat of this number.
#[cold]
fn heartbeat_reply<F: Roles>(number: Option<u64>) -> Option<F> {
    let mut reply = F::heartbeat_reply()?;
    if let Some(number) = number {
        reply.set_replies_to(number);
    }
    Some(reply)
}
