//! From values to bytes: visits of the outbox, commits, and what the transport accepted.

use bytes::BytesMut;
use longlink_codec_core::{EncodeError, Frame, Roles, Wire};

use super::{Connection, Machine, Phase, Tally};
use crate::frame_log::Log;
use crate::lock::lock;
use crate::moment::{Moment, Since};
use crate::outbox::Sums;
use crate::outbox::ledger::{Ledger, Verdict};
use crate::outbox::pending::Pending;
use crate::protocol::{Awaits, Key, Protocol, Seen};
use crate::sparse::Sparse;

/// Keys tried for one frame before the commit waits.
const KEYS_TRIED: u32 = 4_096;

pub(super) type Table<P> =
    Option<Box<Pending<<P as Protocol>::Outgoing, <P as Protocol>::Incoming>>>;

impl<P: Protocol> Machine<P> {
    /// Looks into the outbox: expiry, cancels, and, when up, what is to be sent. `true`: something
    /// may be committed. Without `room` nothing is taken.
    pub(crate) fn visit(&mut self, now: Moment, room: usize) -> bool {
        let up = self.may_commit();
        let mut outbox = lock(&self.desk.outbox);
        let busy = self.ledger.is_some();
        if !busy && outbox.is_idle(now) {
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

    /// Books what was written. `true`: up, nothing waits to be sent, settled or told, and nobody
    /// waits for room, so that another visit would find nothing.
    pub(crate) fn has_finished(&mut self, now: Moment) -> bool {
        let settled = self.may_commit()
            && self.draining.is_none()
            && self.events.is_empty()
            && self.has_written_all()
            && self.ledger.as_ref().is_none_or(|ledger| ledger.is_idle());
        if !settled {
            return false;
        }
        let mut outbox = lock(&self.desk.outbox);
        if outbox.rung || outbox.has_waiting() || !outbox.is_idle(now) {
            return false;
        }
        if let Some(ledger) = &mut self.ledger {
            outbox.book(ledger);
        }
        fold(&mut self.tally, self.connection.as_deref(), &mut outbox.sums);
        true
    }

    /// Before the task sleeps: `false` if something came since the last visit.
    pub(crate) fn sleep(&mut self, waker: &std::task::Waker) -> bool {
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
        let skipped = &mut self.tally.get_or_insert_default().skipped;
        let (limit, log) = (self.settings.pending, Log::of(&self.desk, self.epoch));
        let mut commit = Commit { protocol, connection, limit, skipped, log, now, out };
        ledger.commit(room, (now, self.epoch), &mut self.pending, |frame, asks, pending| {
            commit.frame(frame, asks, pending)
        });
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
        self.tally.get_or_insert_default().written += count as u64;
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
    }
}

/// Stamps, encodes and shows frames of the lanes.
struct Commit<'m, 'd, P: Protocol> {
    protocol: &'m mut P,
    connection: &'m mut Connection<P>,
    /// Frames that may be pending.
    limit: usize,
    skipped: &'m mut u32,
    log: Log<'d>,
    now: Moment,
    out: &'m mut BytesMut,
}

impl<P: Protocol> Commit<'_, '_, P> {
    #[inline]
    fn frame(&mut self, frame: &mut P::Outgoing, asks: bool, pending: &mut Table<P>) -> Verdict {
        let (protocol, connection) = (&mut *self.protocol, &mut *self.connection);
        let awaits = asks || protocol.awaits(frame) == Awaits::Acknowledgement;
        let mut counted = false;
        if awaits {
            let open = pending.as_ref().map_or(0, |pending| pending.len());
            if open >= self.limit.min(key_space(frame)).min(usize::from(connection.pending)) {
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
        Verdict::Encoded { len, key, awaits, counted, parts }
    }

    /// Appends a frame and shows it; its bytes.
    #[inline]
    fn encode(&mut self, frame: &P::Outgoing) -> Result<usize, EncodeError> {
        let (connection, start) = (&mut *self.connection, self.out.len());
        frame.encode_with(self.out, &connection.writing)?;
        let bytes = self.out.get(start..).unwrap_or_default();
        self.log.sent::<P>(&mut connection.heads, frame, bytes, &connection.writing, self.now);
        connection.follow(self.protocol, Seen::Sent(frame));
        Ok(bytes.len())
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

/// Gives the frame the next sequence whose key is free; where it goes in `fragments`, the first of
/// as many. `None`: no key is free.
#[inline]
pub(super) fn stamp<P: Protocol>(
    protocol: &mut P,
    connection: &mut Connection<P>,
    frame: &mut P::Outgoing,
    fragments: usize,
    pending: &mut Table<P>,
    skipped: &mut u32,
) -> Option<Option<Key>> {
    if fragments > 1 {
        return stamp_run(protocol, connection, frame, fragments, pending, skipped);
    }
    let key = protocol.stamp(frame, connection.sequence);
    let Some(found) = key else { return Some(None) };
    if is_taken(connection, pending, found) {
        return next_free(protocol, connection, frame, pending, skipped);
    }
    connection.sequence += 1;
    Some(key)
}

/// An answer with this key may still come: to something pending, forgotten or of our own.
#[inline]
fn is_taken<P: Protocol>(connection: &Connection<P>, pending: &mut Table<P>, key: Key) -> bool {
    let pending = pending.as_mut().is_some_and(|table| table.is_taken(key));
    pending || connection.expects(key)
}

/// The first of so many sequences whose keys are all free: what follows each other on the wire must
/// follow each other in number.
#[cold]
fn stamp_run<P: Protocol>(
    protocol: &mut P,
    connection: &mut Connection<P>,
    frame: &mut P::Outgoing,
    count: usize,
    pending: &mut Table<P>,
    skipped: &mut u32,
) -> Option<Option<Key>> {
    let (start, mut first) = (connection.sequence, connection.sequence);
    for tried in 1..=KEYS_TRIED {
        if tried == KEYS_TRIED / 2
            && let Some(table) = pending
        {
            table.forgive();
        }
        let taken = (first..).take(count).find(|sequence| {
            let key = protocol.stamp(frame, *sequence);
            key.is_some_and(|key| is_taken(connection, pending, key))
        });
        let Some(taken) = taken else {
            let key = protocol.stamp(frame, first);
            if key.is_some() {
                *skipped += u32::try_from(first - start).unwrap_or(u32::MAX);
                connection.sequence = first + count as u64;
            }
            return Some(key);
        };
        first = taken + 1;
    }
    None
}

#[cold]
fn next_free<P: Protocol>(
    protocol: &mut P,
    connection: &mut Connection<P>,
    frame: &mut P::Outgoing,
    pending: &mut Table<P>,
    skipped: &mut u32,
) -> Option<Option<Key>> {
    let (start, mut left_out) = (connection.sequence, 0);
    for tried in 1..=KEYS_TRIED {
        connection.sequence += 1;
        left_out += 1;
        if tried == KEYS_TRIED / 2 {
            // A small key space, all of it pending or forgotten: the forgotten come back first.
            pending.iter_mut().for_each(|table| table.forgive());
        }
        let key = protocol.stamp(frame, connection.sequence);
        if key.is_none_or(|key| !is_taken(connection, pending, key)) {
            connection.sequence += u64::from(key.is_some());
            *skipped += left_out;
            return Some(key);
        }
    }
    connection.sequence = start;
    None
}

/// Fewer may be pending than the sequence has numbers.
#[inline]
fn key_space(frame: &impl Roles) -> usize {
    match frame.sequence_bits() {
        bits @ 1..=15 => (1 << bits) - 1,
        _ => usize::MAX,
    }
}

/// Adds what happened since the last visit.
pub(super) fn fold<P: Protocol>(
    tally: &mut Option<Box<Tally>>,
    connection: Option<&Connection<P>>,
    sums: &mut Sums,
) {
    sums.sequence = connection.map_or(sums.sequence, |connection| connection.sequence);
    let Some(tally) = tally.as_deref_mut().map(std::mem::take) else { return };
    sums.frames_received += u64::from(tally.frames);
    sums.bytes_received += tally.received;
    sums.bytes_written += tally.written;
    sums.heartbeats += u64::from(tally.heartbeats);
    sums.late += u64::from(tally.late);
    sums.skipped_keys += u64::from(tally.skipped);
    sums.malformed += u64::from(tally.malformed);
    sums.epochs += tally.epochs;
    sums.failures += tally.failures;
    if tally.round_trip_micros > 0 {
        sums.round_trip_micros = tally.round_trip_micros;
    }
}
