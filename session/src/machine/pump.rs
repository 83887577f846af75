//! From bytes to frames: whole ones are looked at where they lie, what is left over is held.

use std::cell::OnceCell;
use std::task::Context;

use bytes::Bytes;
use longlink_codec_core::decoder::Found;
use longlink_codec_core::explain::explain_with;
use longlink_codec_core::{BadFrame, DecodeError, Frame, Parse, Resync, Roles, Scope, Wire};

use super::{Machine, Phase};
use crate::event::{Cause, Event};
use crate::frame_log::{Log, line};
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
        self.tally.get_or_insert_default().received += bytes.len() as u64;
        connection.last_received = now;
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
            Phase::Up { .. } => connection.passed.is_empty() && deliver.ready(),
            _ => false,
        }
    }

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
        let mut at = 0;
        loop {
            if !self.reads(deliver) {
                return (at, true);
            }
            let Some(connection) = &mut self.connection else { return (at, true) };
            let rest = input.get(at..).unwrap_or_default();
            let logs_in = matches!(self.phase, Phase::Handshaking(_));
            let log = Log::of(&self.desk, self.epoch);
            let (owner, mut len, mut text) = (OnceCell::new(), 0, None);
            let (used, found) = connection.decoder.decode_in_place(rest, |frame, context| {
                len = frame.len();
                if log.wants_text() {
                    text = Some(line(&explain_with::<P::Incoming>(frame, context)));
                }
                if logs_in {
                    parse_owned::<P::Incoming>(frame, context).map(Parsed::Owned)
                } else {
                    parse_view::<P>(frame, context, D::KEEPS, &owner).map(Parsed::View)
                }
            });
            at += used;
            match found {
                Found::Need(_) => {
                    let unfinished = input.get(at..).unwrap_or_default();
                    connection.wait_for_bytes(unfinished, at > 0, now);
                    return (at, false);
                }
                Found::Frame(Parsed::View(view)) => {
                    self.tally.get_or_insert_default().frames += 1;
                    log.received(&mut connection.heads, len, view.sequence(), text, now);
                    if self.view(view, len, now, deliver) == Flow::Close {
                        self.drain_now(now);
                    }
                }
                Found::Frame(Parsed::Owned(frame)) => {
                    log.received(&mut connection.heads, len, frame.sequence(), text, now);
                    connection.unread_len = input.len() - at + behind_len;
                    self.handshake_frame(frame, len, now, cx);
                }
                Found::Malformed { frame, error, offset } => {
                    log.received(&mut connection.heads, len, None, text, now);
                    let bad = connection.decoder.report(frame, error, offset);
                    self.malformed(bad, now);
                }
                Found::Garbage(bad) => self.malformed(*bad, now),
                Found::Broken(bad) => {
                    let fault = bad.error.fault;
                    self.note_malformed(*bad);
                    self.lost(Cause::Protocol(fault), now);
                    return (at, true);
                }
            }
        }
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

    /// A candidate in garbage announced more bytes than come: it is given up.
    pub(super) fn give_candidate_up(&mut self) {
        let Some(connection) = &mut self.connection else { return };
        connection.searching = Since::NOT;
        let dropped = connection.decoder.drop_candidate(&connection.held);
        let dropped = dropped.min(connection.held.len());
        connection.held.drain(..dropped);
        connection.stopped = true;
    }

    fn note_malformed(&mut self, bad: BadFrame) {
        self.tally().malformed += 1;
        if self.is_up() {
            self.events.push_back(Event::Malformed { epoch: self.epoch, bad: Box::new(bad) });
        }
    }

    /// Three in a row, or one where the declaration says so, end the epoch.
    #[cold]
    fn malformed(&mut self, bad: BadFrame, now: Moment) {
        let fault = bad.error.fault;
        let ends = P::Incoming::RESYNC == Resync::Close || !self.is_up();
        self.note_malformed(bad);
        let Some(connection) = &mut self.connection else { return };
        connection.malformed += 1;
        if ends || connection.malformed >= self.settings.malformed_in_a_row {
            self.lost(Cause::Protocol(fault), now);
        }
    }
}

/// While logging in the script gets owned frames; after that, views.
enum Parsed<V, F> {
    Owned(F),
    View(V),
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

/// In place; or, if it will be kept and shares its bytes, from a copy of its own, so that its
/// `Bytes` never pin the read buffer.
#[inline]
fn parse_view<'b, P: Protocol>(
    frame: &'b [u8],
    context: &<P::Incoming as Wire>::Context,
    keeps: bool,
    owner: &'b OnceCell<Bytes>,
) -> Result<P::View<'b>, DecodeError> {
    if keeps && P::Incoming::SHARES && owner.get().is_none() {
        let owner = owner.get_or_init(|| Bytes::copy_from_slice(frame));
        return P::View::parse(owner, Scope::of(owner), context);
    }
    // In the search for frames in garbage a second candidate copies field by field.
    P::View::parse(frame, Scope::ROOT, context)
}
