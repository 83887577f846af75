//! Frames of the machine's own: answers, heartbeats, and what is restored after a login.

use bytes::BytesMut;
use longlink_codec_core::{EncodeError, Frame, Roles, Wire};

use super::send::Table;
use super::stamp::stamp;
use super::tally::noted;
use super::{Connection, Machine, Phase};
use crate::event::Cause;
use crate::frame_log::Log;
use crate::lock::lock;
use crate::moment::{Moment, Since};
use crate::outbox::ledger::Ledger;
use crate::outbox::pending::{Apart, Pending};
use crate::protocol::{Awaits, Key, Protocol, Seen};

/// At most so many answers to the machine's own frames are waited for.
const EXPECTED: usize = 1_024;

impl<P: Protocol> Machine<P> {
    /// Sends a frame of the machine's own; its key, if it was stamped with one. `half`: it is the
    /// other half of this pending frame.
    pub(super) fn send_own(
        &mut self,
        mut frame: P::Outgoing,
        half: Option<u64>,
        now: Moment,
    ) -> Option<Key> {
        let key = self.append_own(&mut frame, Apart::Own, now)?;
        if let Some(number) = half
            && let Some(pending) = &mut self.pending
            && let Some(waiting) = pending.get_mut(number)
        {
            waiting.halve(frame);
        }
        key
    }

    /// Sends a sign of life; its key, if it was stamped with one.
    pub(super) fn send_beat(&mut self, mut frame: P::Outgoing, now: Moment) -> Option<Key> {
        self.append_own(&mut frame, Apart::Heartbeat, now)?
    }

    /// Stamps and encodes a frame of the machine's own, and expects the answer that it waits for: by
    /// its key, or in its place. Its key, if it has one. `None`: the connection does not live, or has
    /// ended because of it.
    fn append_own(
        &mut self,
        frame: &mut P::Outgoing,
        what: Apart,
        now: Moment,
    ) -> Option<Option<Key>> {
        let Phase::Up { protocol, .. } = &mut self.phase else { return None };
        let connection = self.connection.as_mut()?;
        let skipped = &mut noted(&mut self.tally).skipped;
        let (pending, log) = (&mut self.pending, Log::of(&self.desk, self.epoch));
        let appended = connection.append_numbered(protocol, frame, pending, skipped, now, log);
        let keys = match appended {
            Ok(keys) => keys,
            Err(error) => {
                self.lost(Cause::Encode(error), now);
                return None;
            }
        };
        if protocol.awaits(frame) == Awaits::Acknowledgement {
            match keys {
                Some(keys) => {
                    connection.sequence_bits = frame.sequence_bits();
                    connection.expect_answer(keys, what, now);
                }
                None => {
                    let pending = pending.get_or_insert_with(|| Box::new(Pending::new()));
                    pending.expect_apart(what, now);
                }
            }
        }
        Some(keys.map(|(key, _)| key))
    }

    /// After a login, before the queue opens: resumable frames, standing frames, the protocol's own.
    pub(super) fn restore(&mut self, resumed: bool, own: Vec<P::Outgoing>, now: Moment) {
        self.settle_resumable(resumed, now);
        for (key, mut frame) in self.standing.take() {
            if self.is_up() {
                self.append_own(&mut frame, Apart::Own, now);
            }
            self.standing.push_back((key, frame));
        }
        for frame in own {
            self.send_own(frame, None, now);
        }
    }

    /// Keeps a frame for each login, and sends it now when up.
    pub(super) fn stand(&mut self, key: u64, mut frame: P::Outgoing, now: Moment) {
        self.standing.retain(|(other, _)| *other != key);
        if self.is_up() {
            self.append_own(&mut frame, Apart::Own, now);
        }
        self.standing.push_back((key, frame));
    }

    /// Resumed: what was kept goes out again with its key. Else it is uncertain, or sent anew.
    fn settle_resumable(&mut self, resumed: bool, now: Moment) {
        if self.pending.is_none() {
            return;
        }
        if !resumed {
            let ledger = self.ledger.get_or_insert_with(|| Box::new(Ledger::new()));
            let Some(pending) = &mut self.pending else { return };
            let mut dropped = Vec::new();
            let again = pending.lose(false, &mut ledger.books, &mut dropped);
            let mut outbox = lock(&self.desk.outbox);
            outbox.put_first(again);
            outbox.book(ledger);
            return;
        }
        let Phase::Up { protocol, .. } = &mut self.phase else { return };
        let (Some(pending), Some(connection)) = (&mut self.pending, &mut self.connection) else {
            return;
        };
        let log = Log::of(&self.desk, self.epoch);
        let mut failed = None;
        for number in pending.before(pending.end()) {
            // The window of this epoch, if there is one, is not that of the epoch before.
            pending.count(number, connection.acknowledging.is_some());
            let Some(waiting) = pending.get_mut(number) else { continue };
            waiting.epoch = self.epoch;
            waiting.since = now;
            if let Some(frame) = &mut waiting.kept {
                protocol.resend(frame);
                connection.sequence_bits = frame.sequence_bits();
                let first = frame.sequence().unwrap_or(0);
                let again = frame.split(&connection.writing).and_then(|fragments| {
                    connection.append_seen(protocol, frame, (fragments, first), now, log)
                });
                failed = failed.or(again.err());
            }
        }
        if let Some(error) = failed {
            self.lost(Cause::Encode(error), now);
        }
    }
}

/// Frames of the machine's own, encoded, not yet handed to the driver.
#[derive(Debug, Default)]
pub(super) struct OwnFrames {
    pub(super) bytes: BytesMut,
    /// Of the bytes, what stands before the cipher was put in.
    pub(super) plain: usize,
    /// How many are not written yet.
    pub(super) count: usize,
}

/// A frame of the machine's own whose answer has not come.
pub(super) struct Expected {
    key: Key,
    /// Of its last fragment; the same where it went whole.
    last: Key,
    what: Apart,
    /// It counts for the acknowledgement window since then.
    pub(super) since: Since,
    /// It takes a place among the frames that may wait, since then.
    pub(super) open: Since,
}

impl Expected {
    pub(super) fn counts(&self) -> bool {
        self.since.get().is_some()
    }

    /// It takes no place any more.
    pub(super) fn give_place_back(&mut self) {
        self.open = Since::NOT;
    }

    fn has(&self, key: Key) -> bool {
        self.key == key || self.last == key
    }
}

impl<P: Protocol> Connection<P> {
    /// Own frames that are not written yet.
    pub(super) fn own_frames(&self) -> usize {
        self.own.as_ref().map_or(0, |own| own.count)
    }

    /// There are some, or bytes of them.
    pub(super) fn has_own(&self) -> bool {
        self.own.as_ref().is_some_and(|own| own.count > 0 || !own.bytes.is_empty())
    }

    /// What is appended from now on is for the cipher.
    pub(super) fn end_plain(&mut self) {
        if let Some(own) = &mut self.own {
            own.plain = own.bytes.len();
        }
    }

    /// An answer with one of these keys will come, for nobody but us. The oldest of too many is
    /// given up.
    /// Where there is a window, the frame counts for it, and carries our own acknowledgement.
    fn expect_answer(&mut self, (key, last): (Key, Key), what: Apart, now: Moment) {
        if self.expected.len() >= EXPECTED {
            self.expected.pop_front();
        }
        let mut since = Since::NOT;
        if let Some(acknowledging) = &mut self.acknowledging {
            since = Since::at(now);
            acknowledging.carried();
        }
        self.expected.push_back(Expected { key, last, what, since, open: Since::at(now) });
    }

    /// Frames of our own that are `acknowledged` count for the window no more. What answers them
    /// may still come.
    pub(super) fn uncount(&mut self, acknowledged: impl Fn(Key) -> bool) {
        for own in self.expected.iter_mut().filter(|own| acknowledged(own.last)) {
            (own.since, own.open, self.ignores_own) = (Since::NOT, Since::NOT, false);
        }
    }

    /// The key must not be used now. What a window has acknowledged gives its number back: a peer
    /// that counts closes on a gap.
    #[inline]
    pub(super) fn expects(&self, key: Key) -> bool {
        if self.expected.is_empty() {
            return false;
        }
        let open = self.acknowledging.is_none();
        self.expected.iter().any(|own| own.has(key) && (open || own.counts()))
    }

    /// The answer with this key was expected; it is no more. To what.
    pub(super) fn was_expected(&mut self, key: Key) -> Option<Apart> {
        let mut found = None;
        self.expected.retain(|own| {
            let has = own.has(key);
            found = if has { Some(own.what) } else { found };
            !has
        });
        self.ignores_own &= found.is_none();
        found
    }

    /// All heartbeats are answered, by what carries none of their keys: they give their places back.
    pub(super) fn answer_beats(&mut self, pending: &mut Table<P>) {
        self.heeds_own();
        // An acknowledgement may still name this one; those that were answered before are done with.
        let is_open = |own: &Expected| own.counts() || own.open.get().is_some();
        self.expected.retain(|own| own.what != Apart::Heartbeat || is_open(own));
        let beats = self.expected.iter_mut().filter(|own| own.what == Apart::Heartbeat);
        beats.for_each(Expected::give_place_back);
        if let Some(pending) = pending {
            pending.answer_beats();
        }
    }

    /// The keys of answers that do not come are free again; at the last, those of all that count for
    /// no window.
    pub(super) fn forgive(&mut self, last: bool) {
        self.expected.retain(|own| own.counts() || (!last && own.open.get().is_some()));
    }

    /// The same where all that came before is answered as well: a first fragment is not the whole.
    pub(super) fn was_expected_up_to(&mut self, key: Key) -> bool {
        let found = self.expected.iter().any(|own| own.has(key));
        self.expected.retain(|own| own.last != key);
        self.ignores_own &= !found;
        found
    }

    /// Appends a frame that already has its number.
    pub(super) fn append(
        &mut self,
        frame: &P::Outgoing,
        now: Moment,
        log: Log<'_>,
    ) -> Result<(), EncodeError> {
        let own = self.own.get_or_insert_default();
        let start = own.bytes.len();
        frame.encode_with(&mut own.bytes, &self.writing)?;
        own.count += 1;
        let bytes = own.bytes.get(start..).unwrap_or_default();
        log.sent::<P>(&mut self.heads, frame, bytes, &self.writing, now);
        Ok(())
    }

    /// Appends a frame of the machine's own, after the login, with the next free number. Its key, and
    /// that of its last fragment.
    fn append_numbered(
        &mut self,
        protocol: &mut P,
        frame: &mut P::Outgoing,
        pending: &mut Table<P>,
        skipped: &mut u32,
        now: Moment,
        log: Log<'_>,
    ) -> Result<Option<(Key, Key)>, EncodeError> {
        let fragments = frame.split(&self.writing)?;
        let before = self.sequence;
        let key = stamp(protocol, self, frame, fragments.len(), pending, skipped).flatten();
        let first = self.sequence.saturating_sub(fragments.len() as u64).max(before);
        let last = self.append_seen(protocol, frame, (fragments, first), now, log)?;
        Ok(key.map(|key| (key, last.unwrap_or(key))))
    }

    /// Appends a frame that has its number, or its fragments, which have the numbers from `first`; the
    /// key of the last.
    fn append_seen(
        &mut self,
        protocol: &mut P,
        frame: &P::Outgoing,
        (fragments, first): (Vec<P::Outgoing>, u64),
        now: Moment,
        log: Log<'_>,
    ) -> Result<Option<Key>, EncodeError> {
        if fragments.is_empty() {
            self.append(frame, now, log)?;
            self.follow(protocol, Seen::Sent(frame));
        }
        let mut last = None;
        for (mut fragment, number) in fragments.into_iter().zip(first..) {
            last = protocol.stamp(&mut fragment, number);
            self.append(&fragment, now, log)?;
            self.follow(protocol, Seen::Sent(&fragment));
        }
        Ok(last)
    }

    /// Appends a frame of the handshake, with the next number.
    pub(super) fn append_login(
        &mut self,
        mut frame: P::Outgoing,
        now: Moment,
        log: Log<'_>,
    ) -> Result<(), EncodeError> {
        let mut fragments = frame.split(&self.writing)?;
        if fragments.is_empty() {
            return self.append_next(&mut frame, now, log);
        }
        fragments.iter_mut().try_for_each(|fragment| self.append_next(fragment, now, log))
    }

    fn append_next(
        &mut self,
        frame: &mut P::Outgoing,
        now: Moment,
        log: Log<'_>,
    ) -> Result<(), EncodeError> {
        if frame.set_sequence(self.sequence) {
            self.sequence += 1;
        }
        self.append(frame, now, log)
    }
}
