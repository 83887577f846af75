//! The hook for an outbox that survives a crash of the process.
//!
//! A session keeps what waits to be sent in memory. With a [`Journal`] it also says, before it
//! matters, what must be known to go on after a crash: which sends were accepted, of which bytes may
//! have left, and what became of each. The journal remembers it where it likes: a file, a database,
//! another process. The session itself writes nothing anywhere. There is none by default;
//! [`Builder::journal`](crate::session::Builder::journal) sets it.
//!
//! What holds after a crash, when a session starts with the journal of the one before:
//!
//! | At the crash the send was | It is now |
//! |---|---|
//! | not accepted yet | not sent, ever |
//! | accepted, and not committed | queued again, in the old order |
//! | committed and not settled | [`Outcome::Uncertain`]; if marked idempotent, sent again |
//! | settled | settled |
//!
//! So an accepted send is never lost silently, and none goes out twice unless it was marked
//! idempotent. As without a crash, `Uncertain` may or may not have arrived; and of an acknowledgement
//! that came in the last moment the journal may not have heard.
//!
//! Requests are not in the journal: who waits for a reply dies with the process. `resumable` ends
//! with the process as well, because the epoch does.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::desk::Desk;
use crate::event::{Because, Outcome};
use crate::lock::lock;
use crate::outbox::slot::Slot;
use crate::outbox::{IDEMPOTENT, Manner, NEVER, Outbox, Priority};
use crate::protocol::Protocol;
use crate::sending::encoded_len;

/// Remembers accepted sends outside of the session. Shared by whoever sends and the session's task;
/// it runs outside of every lock, and must not block for long: a write to a file that is not forced
/// to the disk survives the process, though not the machine.
pub trait Journal<F>: Send + Sync + 'static {
    /// A send is about to be accepted. Called by who sends. The number under which it is remembered,
    /// never used twice.
    ///
    /// # Errors
    ///
    /// It cannot be remembered (the disk is full); the send is then refused, with
    /// [`Because::Journal`], and the frame comes back.
    fn accept(&self, frame: &F, terms: &Terms) -> io::Result<u64>;

    /// What became of a send. Called by the session's task; of [`Step::Committed`] before a byte
    /// leaves.
    fn step(&self, entry: u64, step: Step);

    /// What was accepted and not settled when the process before this one ended, in the order of
    /// acceptance. Asked once, when a session starts; what is queued again keeps its number.
    fn left(&self) -> Vec<Left<F>>;
}

/// How a send was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Terms {
    /// Before or behind the others.
    pub priority: Priority,
    /// It expires when it has waited for so long; `None`: never. After a crash it begins anew.
    pub expires: Option<Duration>,
    /// Receiving it twice does no harm.
    pub idempotent: bool,
}

/// What a [`Journal`] is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Its bytes may leave from now on.
    Committed,
    /// None of them has left: the connection ended, and it waits again.
    Queued,
    /// This became of it; it can be forgotten.
    Settled(Outcome),
}

/// A send of the process before.
#[derive(Debug, Clone, PartialEq)]
pub struct Left<F> {
    /// Its number.
    pub entry: u64,
    /// What was to be sent.
    pub frame: F,
    /// How.
    pub terms: Terms,
    /// Its bytes may have left: the newest note on it was [`Step::Committed`].
    pub committed: bool,
}

/// A session's journal, and what it has still to be told.
pub(crate) struct Keeper<F> {
    pub(crate) journal: Box<dyn Journal<F>>,
    pub(crate) notes: Arc<Notes>,
}

/// Written where nobody else's code may run, told to the journal a little later.
#[derive(Debug, Default)]
pub(crate) struct Notes(Mutex<Vec<(u64, Step)>>);

impl Notes {
    pub(crate) fn push(&self, entry: u64, step: Step) {
        lock(&self.0).push((entry, step));
    }
}

impl<F: 'static> Keeper<F> {
    pub(crate) fn new(journal: impl Journal<F>) -> Self {
        Self { journal: Box::new(journal), notes: Arc::default() }
    }

    /// A send that the journal has accepted.
    pub(crate) fn slot<I>(&self, entry: u64) -> Arc<Slot<I>> {
        Slot::kept(entry, self.notes.clone())
    }

    /// Queues what the process before has left; what may have left it already is uncertain.
    pub(crate) fn restore<P: Protocol<Outgoing = F>>(&self, outbox: &mut Outbox<F, P::Incoming>) {
        // Whatever its number: it was within the bounds when it was accepted.
        for Left { entry, frame, terms, committed } in self.journal.left() {
            let slot = self.slot(entry);
            if committed && !terms.idempotent {
                slot.fail(Outcome::Uncertain { epoch: 0 });
                continue;
            }
            let len = encoded_len::<P>(&frame);
            outbox.put::<()>(&mut Some(frame), len, terms.manner(), Some(slot));
        }
    }

    /// Tells the journal what is new.
    pub(crate) fn tell(&self) {
        let notes = std::mem::take(&mut *lock(&self.notes.0));
        for (entry, step) in notes {
            self.journal.step(entry, step);
        }
    }
}

impl<P: Protocol> Desk<P> {
    /// Lets the journal, if there is one, accept a send for which the queue has room.
    #[inline]
    pub(crate) fn keep(
        &self,
        frame: &P::Outgoing,
        len: usize,
        manner: Manner,
        turn: bool,
    ) -> Result<Option<Arc<Slot<P::Incoming>>>, Because> {
        let Some(keeper) = &self.keeper else { return Ok(None) };
        lock(&self.outbox).admit(len, manner.lane, &self.settings.outbound, turn)?;
        let accepted = keeper.journal.accept(frame, &Terms::of(manner));
        let entry = accepted.map_err(|_| Because::Journal)?;
        Ok(Some(keeper.slot(entry)))
    }

    /// The journal has accepted a send that was never queued after all.
    #[cold]
    pub(crate) fn give_up(&self, kept: &Slot<P::Incoming>) {
        kept.fail(Outcome::Cancelled);
        self.ring();
    }
}

impl Terms {
    pub(crate) fn of(manner: Manner) -> Self {
        let millis = manner.time_to_live_ms;
        Self {
            priority: manner.lane,
            expires: (millis != NEVER).then(|| Duration::from_millis(millis.into())),
            idempotent: manner.marks & IDEMPOTENT != 0,
        }
    }

    pub(crate) fn manner(self) -> Manner {
        let millis = |time: Duration| u32::try_from(time.as_millis()).unwrap_or(NEVER);
        Manner {
            lane: self.priority,
            time_to_live_ms: self.expires.map_or(NEVER, millis),
            marks: if self.idempotent { IDEMPOTENT } else { 0 },
        }
    }

    /// As they were written down.
    #[must_use]
    pub fn new(priority: Priority, expires: Option<Duration>, idempotent: bool) -> Self {
        Self { priority, expires, idempotent }
    }
}

#[cfg(test)]
mod tests;
