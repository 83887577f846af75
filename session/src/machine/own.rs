//! Frames of the machine's own: answers, heartbeats, and what is restored after a login.

use longlink_codec_core::{EncodeError, Wire};

use super::send::stamp;
use super::{Connection, Machine, Phase};
use crate::event::Cause;
use crate::frame_log::Log;
use crate::lock::lock;
use crate::moment::Moment;
use crate::outbox::ledger::Ledger;
use crate::protocol::{Protocol, Seen};

impl<P: Protocol> Machine<P> {
    /// Stamps and encodes a frame of the machine's own. `keep`: it takes the place of a pending
    /// frame's kept value.
    pub(super) fn send_own(&mut self, mut frame: P::Outgoing, keep: Option<u64>, now: Moment) {
        let Phase::Up { protocol, .. } = &mut self.phase else { return };
        let Some(connection) = &mut self.connection else { return };
        let skipped = &mut self.tally.get_or_insert_default().skipped;
        stamp(protocol, connection, &mut frame, &mut self.pending, skipped);
        if let Err(error) =
            connection.append_seen(protocol, &frame, now, Log::of(&self.desk, self.epoch))
        {
            return self.lost(Cause::Encode(error), now);
        }
        if let Some(number) = keep
            && let Some(pending) = &mut self.pending
            && let Some(waiting) = pending.get_mut(number)
        {
            waiting.kept = Some(frame);
        }
    }

    /// After a login, before the queue opens: resumable frames, standing frames, the protocol's own.
    pub(super) fn restore(&mut self, resumed: bool, own: Vec<P::Outgoing>, now: Moment) {
        self.settle_resumable(resumed, now);
        for (key, mut frame) in self.standing.take() {
            let Phase::Up { protocol, .. } = &mut self.phase else { break };
            let Some(connection) = &mut self.connection else { break };
            let skipped = &mut self.tally.get_or_insert_default().skipped;
            stamp(protocol, connection, &mut frame, &mut self.pending, skipped);
            let appended =
                connection.append_seen(protocol, &frame, now, Log::of(&self.desk, self.epoch));
            self.standing.push_back((key, frame));
            if let Err(error) = appended {
                return self.lost(Cause::Encode(error), now);
            }
        }
        for frame in own {
            self.send_own(frame, None, now);
        }
    }

    /// Keeps a frame for each login, and sends it now when up.
    pub(super) fn stand(&mut self, key: u64, mut frame: P::Outgoing, now: Moment) {
        self.standing.retain(|(other, _)| *other != key);
        if self.standing.len() >= self.settings.standing {
            return;
        }
        if let (Phase::Up { protocol, .. }, Some(connection)) =
            (&mut self.phase, &mut self.connection)
        {
            let skipped = &mut self.tally.get_or_insert_default().skipped;
            stamp(protocol, connection, &mut frame, &mut self.pending, skipped);
            if let Err(error) =
                connection.append_seen(protocol, &frame, now, Log::of(&self.desk, self.epoch))
            {
                self.lost(Cause::Encode(error), now);
            }
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
            let again = pending.lose(false, &mut ledger.books);
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
            let Some(waiting) = pending.get_mut(number) else { continue };
            waiting.epoch = self.epoch;
            waiting.since = now;
            if let Some(frame) = &mut waiting.kept {
                protocol.resend(frame);
                failed = failed.or(connection.append_seen(protocol, frame, now, log).err());
            }
        }
        if let Some(error) = failed {
            self.lost(Cause::Encode(error), now);
        }
    }
}

impl<P: Protocol> Connection<P> {
    /// Appends a frame that already has its number.
    pub(super) fn append(
        &mut self,
        frame: &P::Outgoing,
        now: Moment,
        log: Log<'_>,
    ) -> Result<(), EncodeError> {
        let start = self.outgoing.len();
        frame.encode_with(&mut self.outgoing, &self.writing)?;
        self.own_frames += 1;
        let bytes = self.outgoing.get(start..).unwrap_or_default();
        log.sent::<P>(&mut self.heads, frame, bytes, &self.writing, now);
        Ok(())
    }

    /// Appends a frame of the machine's own, after the login.
    fn append_seen(
        &mut self,
        protocol: &mut P,
        frame: &P::Outgoing,
        now: Moment,
        log: Log<'_>,
    ) -> Result<(), EncodeError> {
        self.append(frame, now, log)?;
        self.follow(protocol, Seen::Sent(frame));
        Ok(())
    }
}
