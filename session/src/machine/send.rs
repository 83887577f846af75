//! From values to bytes: visits of the outbox, commits, and what the transport accepted.

use std::hint::cold_path;

use bytes::BytesMut;
use longlink_codec_core::{EncodeError, Frame, Roles, Wire};

use super::stamp::stamp;
use super::tally::{fold, noted};
use super::{Connection, Machine, Phase};
use crate::frame_log::{Direction, FrameHead, Log};
use crate::lock::lock;
use crate::moment::{Moment, Since};
use crate::outbox::Known;
use crate::outbox::ledger::{Awaited, Commit, Ledger, Verdict};
use crate::outbox::pending::Pending;
use crate::protocol::{Awaits, Key, Protocol, Seen};
use crate::sparse::Sparse;

pub(super) type Table<P> =
    Option<Box<Pending<<P as Protocol>::Outgoing, <P as Protocol>::Incoming>>>;

/// Turns in a row that give way to who has a reply.
const WAYS: u8 = 16;

impl<P: Protocol> Machine<P> {
    /// Looks into the outbox: expiry, cancels, and, when up, what is to be sent. `true`: something
    /// may be committed. Without `room` nothing is taken.
    pub(crate) fn visit(&mut self, now: Moment, room: usize) -> bool {
        let up = self.may_commit();
        let mut outbox = lock(&self.desk.outbox);
        // A ledger at rest is booked, and a drain or who waits for room may go on after it.
        let busy = self.ledger.as_ref().is_some_and(|ledger| {
            !ledger.is_idle() || self.draining.is_some() || outbox.has_waiting()
        });
        if !busy && outbox.is_idle(now) {
            if let Some(ledger) = &mut self.ledger {
                outbox.book(ledger);
            }
            // What would have expired may be gone, and given back: nothing waits for it then.
            self.next_expiry = outbox.next_expiry();
            let rung = outbox.look();
            fold(&mut self.tally, self.connection.as_deref(), &mut outbox.sums);
            drop(outbox);
            if rung {
                self.wishes(now);
            }
            return false;
        }
        let ledger = self.ledger.get_or_insert_with(|| Box::new(Ledger::new()));
        let take = (up && room > 0).then_some(room);
        let visit = outbox.visit(ledger, now, take, &self.settings.outbound);
        self.next_expiry = outbox.next_expiry();
        let work = up && ledger.has_work();
        let rung = outbox.look();
        fold(&mut self.tally, self.connection.as_deref(), &mut outbox.sums);
        drop(outbox);
        drop(visit.dropped);
        if let Some(waker) = visit.wake {
            waker.wake();
        }
        if rung {
            self.wishes(now);
        }
        if self.draining.is_some() {
            self.finish_drain(now);
        }
        work
    }

    /// Books what was written, and goes to sleep, as [`Machine::sleep`], if up, nothing waits to be
    /// sent, settled or told, and nobody waits for room, so that another visit would find nothing. It
    /// may have booked, and not sleep.
    pub(crate) fn finish(&mut self, now: Moment, waker: &std::task::Waker) -> Option<Known> {
        let settled = self.may_commit()
            && self.draining.is_none()
            && self.events.is_empty()
            && self.has_written_all()
            && self.ledger.as_ref().is_none_or(|ledger| ledger.is_idle());
        if !settled {
            return None;
        }
        let mut outbox = lock(&self.desk.outbox);
        if let Some(ledger) = &mut self.ledger {
            outbox.book(ledger);
        }
        if outbox.rung || outbox.has_waiting() || !outbox.is_idle(now) {
            return None;
        }
        fold(&mut self.tally, self.connection.as_deref(), &mut outbox.sums);
        Some(outbox.fall_asleep(waker))
    }

    /// Sends were settled since the last look at the outbox.
    pub(crate) fn has_settled(&self) -> bool {
        self.ledger.as_ref().is_some_and(|ledger| ledger.books.has_counts)
    }

    /// A reply was handed to who had asked since the last look at the outbox.
    pub(crate) fn has_answered(&self) -> bool {
        self.tally.as_ref().is_some_and(|tally| tally.answered)
    }

    /// Whether a reply was handed to who had asked, and nothing is to be written. What it has settled
    /// is booked then: who has it may look. Not always: a turn that gives way leaves the deadlines to
    /// the next one that does not.
    pub(crate) fn book_answers(&mut self) -> bool {
        let holds = self.connection.as_ref().is_some_and(|open| open.held_beat.is_some());
        if holds || self.has_own() {
            return false;
        }
        let Some(tally) = self.tally.as_deref_mut().filter(|tally| tally.answered) else {
            return false;
        };
        tally.ways = (tally.ways + 1) % WAYS;
        if tally.ways == 0 {
            return false;
        }
        let mut outbox = lock(&self.desk.outbox);
        if let Some(ledger) = &mut self.ledger {
            outbox.book(ledger);
        }
        fold(&mut self.tally, self.connection.as_deref(), &mut outbox.sums);
        outbox.awake();
        true
    }

    /// Before the task sleeps: `None` if something came since the last visit; else whether the
    /// waker is the one of its last sleep.
    pub(crate) fn sleep(&mut self, waker: &std::task::Waker) -> Option<Known> {
        lock(&self.desk.outbox).sleep(waker)
    }

    pub(super) fn may_commit(&self) -> bool {
        self.is_up() && self.connection.as_ref().is_some_and(|connection| !connection.said_goodbye)
    }

    /// Appends what is to be written next: own frames, and with `room` up to so many bytes of the
    /// lanes. Call it with room only when all that was appended before is written.
    pub(crate) fn transmit(&mut self, room: usize, now: Moment, out: &mut BytesMut) {
        let start = out.len();
        let Some(connection) = &mut self.connection else { return };
        let mut plain = 0;
        if let Some(own) = &mut connection.own {
            plain = std::mem::take(&mut own.plain);
            if !own.bytes.is_empty() {
                let ledger = self.ledger.get_or_insert_with(|| Box::new(Ledger::new()));
                ledger.own(own.bytes.len());
                out.extend_from_slice(&own.bytes);
                own.bytes.clear();
            }
        }
        if room > 0 && self.may_commit() {
            self.commit(room, now, out);
        }
        if let Some(connection) = &mut self.connection
            && let Some(cipher) = &mut connection.cipher
            && let Some(bytes) = out.get_mut(start + plain..)
        {
            cipher.encrypt(bytes);
        }
    }

    fn commit(&mut self, room: usize, now: Moment, out: &mut BytesMut) {
        let Some(ledger) = &mut self.ledger else { return };
        let Phase::Up { protocol, .. } = &mut self.phase else { return };
        let Some(connection) = &mut self.connection else { return };
        let skipped = &mut noted(&mut self.tally).skipped;
        let (limit, log) = (self.settings.pending, Log::of(&self.desk, self.epoch));
        let notes_last = log.is_off() && !P::Outgoing::SPLITS;
        let mut commit =
            Committing { protocol, connection, limit, skipped, log, notes_last, now, out };
        if ledger.commit(room, (now, self.epoch), &mut self.pending, &mut commit) {
            ledger.stop();
            self.look_behind(now);
        }
    }

    /// There may be no other visit before a window opens, or the transport takes more: the time of
    /// what waits behind it begins now.
    #[cold]
    fn look_behind(&mut self, now: Moment) {
        let Some(ledger) = &mut self.ledger else { return };
        let next = ledger.look(now);
        self.next_expiry = self.next_expiry.min(next);
        lock(&self.desk.outbox).expires_by(next);
    }

    /// The transport accepted `count` bytes more. They may leave us from now on.
    pub(crate) fn accepted(&mut self, count: usize) {
        if let Some(connection) = &mut self.connection {
            connection.unflushed += count;
            connection.blocked = Since::NOT;
        }
    }

    /// Something was accepted and is not flushed.
    pub(crate) fn wants_flush(&self) -> bool {
        self.connection.as_ref().is_some_and(|connection| connection.unflushed > 0)
    }

    /// All that was accepted is flushed: it counts as written.
    pub(crate) fn flushed(&mut self, now: Moment) {
        let Some(connection) = &mut self.connection else { return };
        let count = std::mem::take(&mut connection.unflushed);
        noted(&mut self.tally).written += count as u64;
        connection.last_sent = now;
        connection.blocked = Since::NOT;
        if let Some(ledger) = &mut self.ledger {
            ledger.written(count, self.epoch, &mut self.pending);
            if ledger.is_all_written()
                && let Some(own) = self.connection.as_mut().and_then(|open| open.own.as_mut())
                && own.bytes.is_empty()
            {
                own.count = 0;
            }
        }
        self.refuse(now);
        if self.draining.is_some() {
            self.finish_drain(now);
        }
    }

    /// Nothing waits to be written.
    pub(crate) fn has_written_all(&self) -> bool {
        let is_out = |connection: &Connection<P>| {
            connection.own.as_ref().is_none_or(|own| own.bytes.is_empty())
                && connection.unflushed == 0
        };
        self.connection.as_deref().is_none_or(is_out)
            && self.ledger.as_ref().is_none_or(|ledger| ledger.is_all_written())
    }

    /// The transport takes no more for now, and something waits for it.
    pub(crate) fn blocked(&mut self, now: Moment) {
        if let Some(connection) = &mut self.connection {
            connection.blocked.begin(now);
        }
        if self.ledger.as_ref().is_some_and(|ledger| ledger.has_work()) {
            self.look_behind(now);
        }
    }
}

/// Stamps, encodes and shows frames of the lanes.
struct Committing<'m, 'd, P: Protocol> {
    protocol: &'m mut P,
    connection: &'m mut Connection<P>,
    /// Frames that may be pending.
    limit: usize,
    skipped: &'m mut u32,
    log: Log<'d>,
    /// The heads of the last frames of a batch are all that anybody wants of it.
    notes_last: bool,
    now: Moment,
    out: &'m mut BytesMut,
}

impl<P: Protocol> Commit<P::Outgoing, P::Incoming> for Committing<'_, '_, P> {
    #[inline(always)]
    fn frame(&mut self, frame: &mut P::Outgoing, asks: bool, pending: &mut Table<P>) -> Verdict {
        let awaits = asks || self.protocol.awaits(frame) == Awaits::Acknowledgement;
        if awaits || P::Outgoing::SPLITS {
            return self.with_care(frame, awaits, pending);
        }
        let before = self.connection.sequence;
        let stamped = stamp(self.protocol, self.connection, frame, 0, pending, self.skipped);
        if stamped.is_none() {
            cold_path();
            return Verdict::Stop;
        }
        match self.encode(frame) {
            Ok(len) => Verdict::Encoded(len),
            Err(error) => {
                cold_path();
                self.connection.sequence = before;
                Verdict::Unencodable(error)
            }
        }
    }

    fn note(&mut self, frame: &P::Outgoing, len: usize) {
        if self.notes_last {
            let (at, direction, sequence) = (self.now, Direction::Sent, frame.sequence());
            self.connection.heads.push(&FrameHead { at, direction, len, sequence });
        }
    }
}

impl<P: Protocol> Committing<'_, '_, P> {
    /// One that waits, or may go in several.
    fn with_care(
        &mut self,
        frame: &mut P::Outgoing,
        awaits: bool,
        pending: &mut Table<P>,
    ) -> Verdict {
        let (protocol, connection) = (&mut *self.protocol, &mut *self.connection);
        let mut counted = false;
        if awaits {
            if connection.taken(pending) >= connection.places(frame, self.limit) {
                return Verdict::Stop;
            }
            if let Some(acknowledging) = &connection.acknowledging {
                let own = connection.expected.iter().filter(|own| own.counts()).count();
                let unacknowledged = own + pending.as_ref().map_or(0, |pending| pending.counted());
                if unacknowledged >= usize::from(acknowledging.window.unacknowledged) {
                    return Verdict::Stop;
                }
                counted = true;
            }
            connection.sequence_bits = frame.sequence_bits();
        }
        let before = connection.sequence;
        let fragments = match P::Outgoing::SPLITS {
            false => Vec::new(),
            true => match frame.split(&connection.writing) {
                Ok(fragments) => fragments,
                Err(error) => return Verdict::Unencodable(error),
            },
        };
        let count = fragments.len();
        let Some(key) = stamp(protocol, connection, frame, count, pending, self.skipped) else {
            return Verdict::Stop;
        };
        let mut parts = Sparse::new();
        let encoded = match fragments.is_empty() {
            true => self.encode(frame),
            false => self.encode_all(fragments, &mut parts),
        };
        let len = match encoded {
            Ok(len) => len,
            Err(error) => {
                self.connection.sequence = before;
                return Verdict::Unencodable(error);
            }
        };
        if counted && let Some(acknowledging) = &mut self.connection.acknowledging {
            acknowledging.carried();
        }
        match awaits {
            true => Verdict::Awaits(Awaited { len, key, counted, parts }),
            false => Verdict::Encoded(len),
        }
    }

    /// Appends a frame and shows it; its bytes.
    #[inline(always)]
    fn encode(&mut self, frame: &P::Outgoing) -> Result<usize, EncodeError> {
        let (connection, start) = (&mut *self.connection, self.out.len());
        frame.encode_with(self.out, &connection.writing)?;
        if !self.notes_last {
            let bytes = self.out.get(start..).unwrap_or_default();
            self.log.sent::<P>(&mut connection.heads, frame, bytes, &connection.writing, self.now);
        }
        connection.follow(self.protocol, Seen::Sent(frame));
        Ok(self.out.len().saturating_sub(start))
    }

    /// The same for the fragments of one frame, which have the last numbers that were given, one
    /// behind the other. `parts`: the keys of all but the first.
    #[cold]
    fn encode_all(
        &mut self,
        fragments: Vec<P::Outgoing>,
        parts: &mut Sparse<Key>,
    ) -> Result<usize, EncodeError> {
        let start = self.out.len();
        let first = self.connection.sequence.saturating_sub(fragments.len() as u64);
        for (mut fragment, number) in fragments.into_iter().zip(first..) {
            let key = self.protocol.stamp(&mut fragment, number);
            parts.extend(key.filter(|_| number > first));
            if let Err(error) = self.encode(&fragment) {
                self.out.truncate(start);
                return Err(error);
            }
        }
        Ok(self.out.len() - start)
    }
}
