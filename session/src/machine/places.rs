//! How many frames may wait for their answers at once: the user's and our own alike. There are
//! servers that answer the first of several and forget the rest.

use std::time::Duration;

use longlink_codec_core::Roles;

use super::own::Expected;
use super::send::Table;
use super::{Connection, Machine, Phase};
use crate::moment::Moment;
use crate::protocol::{Awaits, Protocol};

impl<P: Protocol> Connection<P> {
    /// Places that are taken.
    #[inline]
    pub(super) fn taken(&self, pending: &Table<P>) -> usize {
        let users = pending.as_ref().map_or(0, |pending| pending.len());
        if self.ignores_own || !self.may_wait_for_own(pending) {
            return users;
        }
        users + self.taken_by_own(pending)
    }

    /// Places that there are for frames like this one. Fewer may wait than the sequence has numbers.
    #[inline]
    pub(super) fn places(&self, frame: &P::Outgoing, limit: usize) -> usize {
        let numbers = match frame.sequence_bits() {
            bits @ 1..=15 => (1 << bits) - 1,
            _ => usize::MAX,
        };
        limit.min(numbers).min(usize::from(self.pending))
    }

    /// Something of ours or of the user's waits for its answer.
    pub(super) fn waits_for_answers(&self, pending: &Table<P>) -> bool {
        pending.as_ref().is_some_and(|pending| !pending.is_empty())
            || self.taken_by_own(pending) > 0
    }

    #[inline]
    fn may_wait_for_own(&self, pending: &Table<P>) -> bool {
        !self.expected.is_empty() || pending.as_ref().is_some_and(|pending| pending.has_apart())
    }

    #[cold]
    fn taken_by_own(&self, pending: &Table<P>) -> usize {
        let keyed = self.expected.iter().filter(|own| own.open.get().is_some()).count();
        keyed + pending.as_ref().map_or(0, |pending| pending.apart().count())
    }

    /// When the first of our own frames is overdue. What counts for the window has t1 instead, and
    /// while a heartbeat is out, or nobody takes what was received, there is another verdict to come.
    #[cold]
    fn own_overdue(&self, pending: &Table<P>, within: Duration) -> Moment {
        if self.ignores_own || self.beat.asked.get().is_some() || self.full.get().is_some() {
            return Moment::NEVER;
        }
        let keyed = self.expected.iter().filter(|own| !own.counts());
        let keyed = keyed.filter_map(|own| own.open.get());
        let unkeyed = pending.iter().flat_map(|pending| pending.apart());
        let first = keyed.chain(unkeyed).min();
        first.map_or(Moment::NEVER, |since| since.max(self.listens_since) + within)
    }

    /// A heartbeat that waits for its place, and is due no more, is made anew when it is.
    #[inline]
    pub(super) fn drop_held_beat(&mut self, now: Moment) {
        if self.held_beat.is_some() && now < self.beat.due(self.last_received, self.last_sent) {
            self.held_beat = None;
        }
    }

    /// The peer answers frames of our own.
    pub(super) fn heeds_own(&mut self) {
        self.ignores_own = false;
    }
}

impl<P: Protocol> Machine<P> {
    /// A heartbeat need not wait for a place.
    pub(super) fn has_place(&self, beat: &P::Outgoing) -> bool {
        let (Phase::Up { protocol, .. }, Some(connection)) = (&self.phase, &self.connection) else {
            return true;
        };
        let places = connection.places(beat, self.settings.pending).max(1);
        connection.ignores_own
            || protocol.awaits(beat) == Awaits::Nothing
            || connection.taken(&self.pending) < places
    }

    /// When the next heartbeat goes. One that finds no place waits for it, and no longer than for an
    /// answer: then the peer may be dead.
    #[inline]
    pub(super) fn beat_deadline(&self) -> Moment {
        let Some(connection) = self.connection.as_ref().filter(|open| !open.said_goodbye) else {
            return Moment::NEVER;
        };
        let due = connection.beat.due(connection.last_received, connection.last_sent);
        match &connection.held_beat {
            Some(beat) if !self.has_place(beat) => due + self.heartbeat().answer,
            _ => due,
        }
    }

    /// Until then the first of our own frames that wait must be answered.
    #[inline]
    pub(super) fn own_deadline(&self) -> Moment {
        match &self.connection {
            Some(connection) if connection.may_wait_for_own(&self.pending) => {
                connection.own_overdue(&self.pending, self.settings.acknowledgement)
            }
            _ => Moment::NEVER,
        }
    }

    /// Until then a peer that owes too many replies must have sent some, while we listen.
    #[inline]
    pub(super) fn owed_deadline(&self) -> Moment {
        if self.pending.as_ref().is_none_or(|pending| !pending.owes_too_many()) {
            return Moment::NEVER;
        }
        let open = self.connection.as_ref().filter(|open| open.full.get().is_none());
        open.map_or(Moment::NEVER, |open| open.listens_since + self.settings.acknowledgement)
    }

    /// A peer that lives and does not answer our own frames in time is not waited for, until it
    /// answers one.
    pub(super) fn give_places_back(&mut self, now: Moment) {
        if now < self.own_deadline() {
            return;
        }
        let Some(connection) = &mut self.connection else { return };
        connection.ignores_own = true;
        connection.expected.iter_mut().for_each(Expected::give_place_back);
        if let Some(pending) = &mut self.pending {
            pending.give_places_back();
        }
    }
}
