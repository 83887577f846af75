//! Deadlines: the earliest of them, and what happens when it comes.

use std::task::Context;
use std::time::Duration;

use super::heartbeat::Search;
use super::{Action, Machine, Phase};
use crate::connect::ConnectError;
use crate::event::{Cause, Event};
use crate::moment::{Moment, Since};
use crate::protocol::Protocol;

/// A candidate for a frame in garbage is waited for so long.
const SEARCH: Duration = Duration::from_secs(1);

impl<P: Protocol> Machine<P> {
    /// When [`Machine::timer`] must be called at the latest; [`Moment::NEVER`]: only after another
    /// input.
    pub(crate) fn deadline(&self) -> Moment {
        let own = match &self.phase {
            Phase::Idle(until) | Phase::Backoff { until, .. } | Phase::Connecting { until, .. } => {
                *until
            }
            Phase::Handshaking(shaking) => {
                let step = shaking.step_deadline.unwrap_or(Moment::NEVER);
                let bytes = self.write_deadline().min(self.frame_deadline());
                step.min(shaking.deadline).min(bytes)
            }
            Phase::Up { .. } => self.up_deadline(),
            Phase::AwaitPermit { .. } | Phase::Suspended => Moment::NEVER,
            Phase::Closed(_) | Phase::Failed(_) => return Moment::NEVER,
        };
        let drained = self.draining.as_ref().map_or(Moment::NEVER, |draining| draining.0);
        own.min(self.next_expiry).min(drained)
    }

    fn up_deadline(&self) -> Moment {
        let Some(connection) = &self.connection else { return Moment::NEVER };
        let settings = &self.settings;
        let beat = &connection.beat;
        let mut next = self.beat_deadline();
        match (connection.full.get(), beat.asked.get()) {
            // We chose not to listen: the peer's deadlines stand still.
            (Some(full), _) => next = next.min(full + settings.slow_consumer),
            (None, asked) => {
                let answered = asked.map_or(Moment::NEVER, |asked| asked + self.heartbeat().answer);
                next = next.min(answered).min(self.window_deadline()).min(self.silence_deadline());
            }
        }
        if let Some((_, since)) = self.pending.as_ref().and_then(|pending| pending.oldest()) {
            next = next.min(since + settings.acknowledgement);
        }
        next = next.min(self.own_deadline()).min(self.owed_deadline());
        if let Some(acknowledging) = &connection.acknowledging {
            next = next.min(acknowledging.deadline());
        }
        if let Some(since) = connection.searching.get() {
            next = next.min(since + SEARCH);
        }
        if let Some(groups) = &connection.fragments {
            next = next.min(groups.deadline(&settings.fragments));
        }
        next.min(self.write_deadline()).min(self.frame_deadline())
    }

    /// A peer that has begun a frame must end it, while we listen.
    fn frame_deadline(&self) -> Moment {
        let listening =
            self.connection.as_ref().filter(|connection| connection.full.get().is_none());
        match (listening.and_then(|connection| connection.inside.get()), self.settings.frame) {
            (Some(since), Some(within)) => since + within,
            _ => Moment::NEVER,
        }
    }

    /// t1: the oldest counted frame must be acknowledged, while we listen.
    fn window_deadline(&self) -> Moment {
        let Some(connection) = &self.connection else { return Moment::NEVER };
        let Some(acknowledging) = &connection.acknowledging else { return Moment::NEVER };
        let oldest = self.pending.as_ref().and_then(|pending| pending.oldest_counted());
        let own = connection.expected.iter().find_map(|own| own.since.get());
        oldest.into_iter().chain(own).min().map_or(Moment::NEVER, |since| {
            since.max(connection.listens_since) + acknowledging.window.deadline
        })
    }

    /// The peer must have said something by then, while we listen.
    fn silence_deadline(&self) -> Moment {
        let Some(connection) = &self.connection else { return Moment::NEVER };
        connection.beat.silence.map_or(Moment::NEVER, |silence| {
            connection.last_received.max(connection.listens_since) + silence
        })
    }

    fn write_deadline(&self) -> Moment {
        let blocked = self.connection.as_ref().and_then(|connection| connection.blocked.get());
        blocked.map_or(Moment::NEVER, |since| since + self.settings.write)
    }

    /// Time has passed.
    #[cold]
    pub(crate) fn timer(&mut self, now: Moment, cx: &mut Context<'_>) {
        if self.draining.is_some() {
            self.finish_drain(now);
        }
        match &self.phase {
            Phase::Idle(until) | Phase::Backoff { until, .. } if now >= *until => self.prepare(now),
            Phase::Connecting { until, .. } if now >= *until => {
                self.actions.push_back(Action::Disconnect);
                let after = self.settings.connect;
                self.not_connected(ConnectError::Deadline { after }, now);
            }
            Phase::Handshaking(shaking) => {
                if now >= shaking.deadline {
                    self.lost(Cause::HandshakeDeadline, now);
                } else if now >= self.write_deadline() {
                    self.lost(Cause::WriteStalled, now);
                } else if now >= self.frame_deadline() {
                    self.lost(Cause::SlowFrame, now);
                } else if shaking.step_deadline.is_some_and(|deadline| now >= deadline) {
                    self.poll_handshake(now, cx);
                }
            }
            Phase::Up { .. } => self.up_timer(now),
            _ => {}
        }
    }

    fn up_timer(&mut self, now: Moment) {
        if now >= self.write_deadline() {
            return self.lost(Cause::WriteStalled, now);
        }
        if now >= self.frame_deadline() {
            return self.lost(Cause::SlowFrame, now);
        }
        if let Some(cause) = self.verdict(now) {
            return self.lost(cause, now);
        }
        self.forget_late(now);
        self.give_places_back(now);
        let (epoch, bounds) = (self.epoch, self.settings.fragments);
        let Some(connection) = &mut self.connection else { return };
        if let Some(groups) = &mut connection.fragments {
            let events = &mut self.events;
            groups.expire(now, &bounds, |count| {
                events.push_back(Event::LostFragments { epoch, count });
            });
        }
        if connection.searching.get().is_some_and(|since| now >= since + SEARCH) {
            self.give_candidate_up();
        }
        let Some(connection) = &mut self.connection else { return };
        let acknowledging = &mut connection.acknowledging;
        if let Some(frame) = acknowledging.as_mut().and_then(|window| window.due(now)) {
            self.send_own(frame, None, now);
        }
        self.beat(now);
    }

    /// Dead, or too slow?
    fn verdict(&mut self, now: Moment) -> Option<Cause> {
        if let Some(full) = self.connection.as_ref()?.full.get() {
            return (now >= full + self.settings.slow_consumer).then_some(Cause::SlowConsumer);
        }
        let (unacknowledged, answer) = (self.window_deadline(), self.heartbeat().answer);
        let silent = self.silence_deadline();
        let connection = self.connection.as_mut()?;
        if now >= silent {
            if connection.beat.looked_at.replace(silent) == Some(silent) {
                return Some(Cause::PeerDead);
            }
            self.actions.push_back(Action::Look);
            return None;
        }
        if now >= unacknowledged
            && let Some(acknowledging) = &mut connection.acknowledging
        {
            // The answer may be in the socket: a busy machine is no dead peer.
            if acknowledging.looked_at.replace(unacknowledged) == Some(unacknowledged) {
                return Some(Cause::PeerDead);
            }
            self.actions.push_back(Action::Look);
            return None;
        }
        if now < connection.beat.asked.get()? + answer {
            return None;
        }
        if !std::mem::replace(&mut connection.beat.looked, true) {
            self.actions.push_back(Action::Look);
            return None;
        }
        self.heartbeat_missed(now);
        Some(Cause::PeerDead)
    }

    /// Requests and sends whose reply did not come in time; a peer that owes too many is given up.
    fn forget_late(&mut self, now: Moment) {
        while let Some((number, since)) = self.pending.as_ref().and_then(|table| table.oldest())
            && now >= since + self.settings.acknowledgement
        {
            self.settle_uncertain(number);
        }
        if now >= self.owed_deadline() {
            self.lost(Cause::PeerDead, now);
        }
    }

    fn beat(&mut self, now: Moment) {
        if now < self.beat_deadline() {
            return;
        }
        let Some(connection) = &mut self.connection else { return };
        let Phase::Up { protocol, .. } = &mut self.phase else { return };
        if connection.held_beat.is_none() {
            connection.held_beat = protocol.heartbeat().map(Box::new);
        }
        // It may have to wait for a place.
        if now < self.beat_deadline() {
            return;
        }
        let frame = self.connection.as_mut().and_then(|connection| connection.held_beat.take());
        let asks = frame.is_some();
        let key = match frame {
            Some(frame) => {
                self.tally().heartbeats += 1;
                self.send_beat(*frame, now)
            }
            None => {
                if !std::mem::replace(&mut self.mute, true) {
                    self.desk.warn_mute(self.side, self.epoch);
                }
                None
            }
        };
        if let Some(connection) = &mut self.connection {
            connection.beat.last = now;
            connection.beat.count = connection.beat.count.saturating_add(1);
            if asks {
                connection.beat.asked = Since::at(now);
                connection.beat.sounded = Since::at(now);
                connection.beat.key = key;
                connection.beat.looked = false;
            }
        }
        self.arm_heartbeat();
    }

    /// Draws the wait until the next heartbeat.
    pub(super) fn arm_heartbeat(&mut self) {
        let heartbeat = self.heartbeat();
        let Some(connection) = &mut self.connection else { return };
        connection.beat.arm(&heartbeat, self.search.as_deref(), &mut self.random);
    }

    /// A byte came after a heartbeat: the peer lives. It need not be the answer.
    pub(super) fn heartbeat_answered(&mut self, now: Moment) {
        let Some(policy) = self.heartbeat().adaptive else { return };
        if self.past_warm_up(policy.warm_up) {
            self.search
                .get_or_insert_with(|| Box::new(Search::new(&policy)))
                .answered(&policy, now);
            // What was found holds from the next beat on; else it would be probed by a shorter one.
            self.arm_heartbeat();
        }
    }

    fn heartbeat_missed(&mut self, now: Moment) {
        let Some(policy) = self.heartbeat().adaptive else { return };
        if self.past_warm_up(policy.warm_up) {
            self.search.get_or_insert_with(|| Box::new(Search::new(&policy))).failed(&policy, now);
        }
    }

    fn past_warm_up(&self, warm_up: u32) -> bool {
        self.connection.as_ref().is_some_and(|connection| connection.beat.count > warm_up)
    }
}
