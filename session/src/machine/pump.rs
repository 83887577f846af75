//! From bytes to frames: whole ones are looked at where they lie, what is left over is held.

use std::cell::OnceCell;
use std::task::Context;

use bytes::Bytes;
use longlink_codec_core::decoder::Found;
use longlink_codec_core::explain::explain_with;
use longlink_codec_core::{DecodeError, Frame, Parse, Roles, Scope, Wire};

use super::copies::Copied;
use super::tally::noted;
use super::{Machine, Phase};
use crate::event::Cause;
use crate::frame_log::Log;
use crate::lock::lock;
use crate::moment::{Moment, Since};
use crate::protocol::{Deliver, Flow, Protocol, View};

/// Bytes that are joined to the begin of a frame at a time, so that only frames which lie across
/// two reads are copied.
const JOINED: usize = 1_024;

impl<P: Protocol> Machine<P> {
    /// Bytes came in. Whole frames are parsed in place and delivered; the rest is held. Stops early
    /// when an event waits or nobody takes frames: drain the outputs, then call
    /// [`Machine::read_on`].
    pub(crate) fn received<D: Deliver<P>>(
        &mut self,
        bytes: &mut [u8],
        now: Moment,
        cx: &mut Context<'_>,
        deliver: &mut D,
    ) {
        let Some(connection) = &mut self.connection else { return };
        noted(&mut self.tally).received += bytes.len() as u64;
        connection.last_received = now;
        connection.drop_held_beat(now);
        connection.beat.looked = false;
        let asked = connection.beat.asked.take();
        if let Some(cipher) = &mut connection.cipher {
            cipher.decrypt(bytes);
        }
        if asked.is_some() {
            self.heartbeat_answered(now);
        }
        let mut rest: &[u8] = bytes;
        while !rest.is_empty() {
            let Some(connection) = &mut self.connection else { return };
            if connection.held.is_empty() {
                let (used, stopped) = self.pump(rest, 0, now, cx, deliver);
                if let Some(connection) = &mut self.connection {
                    connection.stopped = stopped;
                    connection.held.extend_from_slice(rest.get(used..).unwrap_or_default());
                }
                return;
            }
            let before = connection.held.len();
            let part = rest.len().min(JOINED);
            let (joined, after) = rest.split_at_checked(part).unwrap_or((rest, &[]));
            connection.held.extend_from_slice(joined);
            let (used, stopped) = self.pump_held(after.len(), now, cx, deliver);
            let Some(connection) = &mut self.connection else { return };
            if stopped {
                connection.held.extend_from_slice(after);
                return;
            }
            rest = after;
            if used >= before {
                // What is left of it lies in the new bytes: go on there.
                let back = connection.held.len();
                connection.held.clear();
                rest = bytes.get(bytes.len() - after.len() - back..).unwrap_or_default();
            }
        }
    }

    /// Goes on with what is held, after events were drained or the consumer has room again.
    /// `false`: there was nothing to go on with.
    pub(crate) fn read_on<D: Deliver<P>>(
        &mut self,
        now: Moment,
        cx: &mut Context<'_>,
        deliver: &mut D,
    ) -> bool {
        let Some(connection) = &self.connection else { return false };
        let is_full = connection.full.get().is_some();
        if !is_full && !connection.stopped && connection.passed.is_empty() {
            return false;
        }
        self.deliver_passed(now, deliver);
        if !self.reads(deliver) {
            return false;
        }
        self.unblocked(now);
        let Some(connection) = &mut self.connection else { return false };
        if !std::mem::take(&mut connection.stopped) {
            return false;
        }
        if !connection.held.is_empty() {
            self.pump_held(0, now, cx, deliver);
        }
        true
    }

    /// More may be read from the socket: all that was read is looked at, and there is a place for
    /// what comes.
    pub(crate) fn wants_read<D: Deliver<P>>(&mut self, now: Moment, deliver: &mut D) -> bool {
        if self.reads(deliver) {
            self.unblocked(now);
            return self.connection.as_ref().is_some_and(|connection| !connection.stopped);
        }
        if self.is_up()
            && let Some(connection) = &mut self.connection
            && !deliver.ready()
        {
            connection.full.begin(now);
        }
        false
    }

    /// A next frame may be looked at.
    fn reads<D: Deliver<P>>(&mut self, deliver: &mut D) -> bool {
        let Some(connection) = &self.connection else { return false };
        if !self.events.is_empty() || connection.own_frames() >= self.settings.own_frames {
            return false;
        }
        match &self.phase {
            Phase::Handshaking(shaking) => shaking.wants_frame,
            Phase::Up { .. } => {
                connection.passed.is_empty()
                    && (deliver.ready() || (!D::KEEPS && self.waits_for_the_peer()))
            }
            _ => false,
        }
    }

    /// All that may leave has left, and what is queued waits for the peer's word: only reading can
    /// make room. A handler is then handed frames although the queue has no place for an answer.
    #[cold]
    fn waits_for_the_peer(&self) -> bool {
        let waits =
            self.connection.as_ref().is_some_and(|open| open.waits_for_answers(&self.pending));
        if !waits || !self.has_written_all() {
            return false;
        }
        let is_stopped = self.ledger.as_ref().is_some_and(|ledger| ledger.is_stopped());
        let has_work = self.ledger.as_ref().is_some_and(|ledger| ledger.has_work());
        let outbox = lock(&self.desk.outbox);
        !outbox.has_unseen() && (is_stopped || (!has_work && outbox.is_empty()))
    }

    #[inline]
    fn unblocked(&mut self, now: Moment) {
        if let Some(connection) = &mut self.connection
            && connection.full.take().is_some()
        {
            // The peer's deadlines stood still while we chose not to listen.
            connection.listens_since = now;
            connection.beat.asked.move_to(now);
            connection.inside.move_to(now);
        }
    }

    /// Frames that the handshake passed over come first.
    fn deliver_passed<D: Deliver<P>>(&mut self, now: Moment, deliver: &mut D) {
        while self.is_up()
            && self.events.is_empty()
            && let Some(connection) = &mut self.connection
            && !connection.passed.is_empty()
            && deliver.ready()
            && let Some((frame, len)) = connection.passed.pop_front()
        {
            if deliver.owned(frame, len, self.epoch) == Flow::Close {
                self.drain_now(now);
            }
        }
    }

    fn pump_held<D: Deliver<P>>(
        &mut self,
        behind_len: usize,
        now: Moment,
        cx: &mut Context<'_>,
        deliver: &mut D,
    ) -> (usize, bool) {
        let Some(connection) = &mut self.connection else { return (0, true) };
        let mut held = std::mem::take(&mut connection.held);
        let (used, stopped) = self.pump(&held, behind_len, now, cx, deliver);
        if let Some(connection) = &mut self.connection {
            held.drain(..used);
            connection.held = held;
            connection.stopped = stopped;
        }
        (used, stopped)
    }

    /// Looks at frames in `input` until there is no whole one, or something stops it. The bytes
    /// used, and whether it was stopped. Behind `input` so many bytes more have come.
    fn pump<D: Deliver<P>>(
        &mut self,
        input: &[u8],
        behind_len: usize,
        now: Moment,
        cx: &mut Context<'_>,
        deliver: &mut D,
    ) -> (usize, bool) {
        let (mut at, mut copied) = (0, Copied::default());
        while self.reads(deliver) {
            let rest = input.get(at..).unwrap_or_default();
            if rest.is_empty()
                && let Some(connection) = &mut self.connection
                && !connection.decoder.is_searching()
            {
                connection.inside = Since::NOT;
                connection.searching = Since::NOT;
                return (at, false);
            }
            let (used, looked) = if self.is_up() {
                self.look(rest, at, &mut copied, now, deliver)
            } else {
                self.look_logging_in(rest, behind_len, now, cx)
            };
            at += used;
            match looked {
                Looked::Done => {}
                Looked::Need => {
                    if let Some(connection) = &mut self.connection {
                        let unfinished = rest.get(used..).unwrap_or_default();
                        connection.wait_for_bytes(unfinished, at > 0, now);
                    }
                    return (at, false);
                }
                Looked::Broken => return (at, true),
            }
        }
        (at, true)
    }

    /// Looks at what `rest`, the input from `at` on, begins with. The bytes used.
    #[inline(always)]
    fn look<D: Deliver<P>>(
        &mut self,
        rest: &[u8],
        at: usize,
        copied: &mut Copied,
        now: Moment,
        deliver: &mut D,
    ) -> (usize, Looked) {
        let Some(connection) = &mut self.connection else { return (0, Looked::Broken) };
        let fresh = OnceCell::new();
        let looked = {
            let (mut len, mut view) = (0, None);
            let (used, found) = connection.decoder.decode_in_place(rest, |frame, context| {
                len = frame.len();
                // One `Bytes` of a frame that came alone needs no owner to share.
                let shares = P::Incoming::MOST_SHARED > 1
                    || frame.len() * 2 <= rest.len()
                    || copied.holds(at, frame.len());
                view = Some(if D::KEEPS && P::View::SHARES && shares {
                    let (frame, owner) = copied.or_copy(frame, (rest, at), &fresh);
                    P::View::parse(frame, owner, context)?
                } else {
                    P::View::parse(frame, Scope::ROOT, context)?
                });
                Ok(())
            });
            match found {
                Found::Need(_) => (used, Looked::Need),
                Found::Frame(()) => {
                    noted(&mut self.tally).frames += 1;
                    let log = Log::of(&self.desk, self.epoch);
                    let sequence = view.as_ref().and_then(Roles::sequence);
                    log.received(&mut connection.heads, len, sequence, now, || {
                        let frame = rest.get(used.saturating_sub(len)..used).unwrap_or_default();
                        explain_with::<P::Incoming>(frame, connection.decoder.context())
                    });
                    if self.view(&mut view, len, now, deliver) == Flow::Close {
                        self.drain_now(now);
                    }
                    (used, Looked::Done)
                }
                Found::Malformed { frame, error, offset } => {
                    self.malformed_frame(frame, error, offset, now);
                    (used, Looked::Done)
                }
                Found::Garbage(bad) => {
                    self.malformed(*bad, now);
                    (used, Looked::Done)
                }
                Found::Broken(bad) => {
                    self.broken(*bad, now);
                    (used, Looked::Broken)
                }
            }
        };
        if let Some(fresh) = fresh.into_inner() {
            *copied = fresh;
        }
        looked
    }

    /// The same while logging in: the script gets owned frames.
    fn look_logging_in(
        &mut self,
        rest: &[u8],
        behind_len: usize,
        now: Moment,
        cx: &mut Context<'_>,
    ) -> (usize, Looked) {
        let Some(connection) = &mut self.connection else { return (0, Looked::Broken) };
        let mut len = 0;
        let (used, found) = connection.decoder.decode_in_place(rest, |frame, context| {
            len = frame.len();
            parse_owned::<P::Incoming>(frame, context)
        });
        match found {
            Found::Need(_) => return (used, Looked::Need),
            Found::Frame(frame) => {
                let log = Log::of(&self.desk, self.epoch);
                log.received(&mut connection.heads, len, frame.sequence(), now, || {
                    let frame = rest.get(used.saturating_sub(len)..used).unwrap_or_default();
                    explain_with::<P::Incoming>(frame, connection.decoder.context())
                });
                connection.unread_len = rest.len() - used + behind_len;
                self.handshake_frame(frame, len, now, cx);
            }
            Found::Malformed { frame, error, offset } => {
                self.malformed_frame(frame, error, offset, now);
            }
            Found::Garbage(bad) => self.malformed(*bad, now),
            Found::Broken(bad) => {
                self.broken(*bad, now);
                return (used, Looked::Broken);
            }
        }
        (used, Looked::Done)
    }

    fn handshake_frame(
        &mut self,
        frame: P::Incoming,
        len: usize,
        now: Moment,
        cx: &mut Context<'_>,
    ) {
        self.tally().frames += 1;
        if let Phase::Handshaking(shaking) = &mut self.phase {
            lock(&shaking.login.exchange).incoming = Some((frame, len));
        }
        self.poll_handshake(now, cx);
        if let Some(connection) = &mut self.connection {
            connection.unread_len = 0;
        }
        if let Phase::Handshaking(shaking) = &self.phase {
            let (frames, len) = lock(&shaking.login.exchange).passed();
            if frames > self.settings.inbound.frames || len > self.settings.inbound.bytes {
                self.lost(Cause::Flooded, now);
            }
        }
    }
}

/// What a look at the input has found.
enum Looked {
    /// Something, and it is dealt with.
    Done,
    /// More bytes are needed.
    Need,
    /// Nothing that could be followed.
    Broken,
}

fn parse_owned<F: Frame + for<'a> Parse<'a>>(
    frame: &[u8],
    context: &F::Context,
) -> Result<F, DecodeError> {
    if !F::SHARES {
        return F::exact_in(frame, Scope::ROOT, context);
    }
    let owner = Bytes::copy_from_slice(frame);
    F::exact_in(&owner, Scope::of(&owner), context)
}
