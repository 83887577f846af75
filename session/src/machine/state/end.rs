//! Ends, and the wishes of handles.

use super::super::Action;
use super::super::Machine;
use super::super::Phase;

use super::super::tally::fold;

use crate::desk::Wish;
use crate::event::Cause;
use crate::event::CloseReason;
use crate::event::Event;
use crate::event::Fatal;
use crate::lock::lock;
use crate::moment::Moment;
use crate::outbox::ledger::Ledger;
use crate::protocol::Protocol;

impl<P: Protocol> Machine<P> {
    /// Ends for good. Everything that is still open settles.
    #[cold]
    pub(crate) fn end(&mut self, how: Result<CloseReason, Fatal>, now: Moment) {
        if !self.is_live() {
            return;
        }
        if self.connection.is_some() {
            if matches!(self.phase, Phase::Up { .. })
                && !matches!(how, Ok(CloseReason::Connection(_)))
            {
                let (epoch, cause) = (self.epoch, Cause::Requested);
                self.events.push_back(Event::Down { epoch, cause });
            }
            self.phase = Phase::Suspended;
            self.disconnect(false, now);
        }
        self.settle_everything();
        let event = match &how {
            Ok(reason) => Event::Closed(reason.clone()),
            Err(fatal) => Event::Failed(fatal.clone()),
        };
        self.phase = match how {
            Ok(reason) => Phase::Closed(Box::new(reason)),
            Err(fatal) => Phase::Failed(Box::new(fatal)),
        };
        self.standing.clear();
        self.draining = None;
        self.events.push_back(event);
        self.actions.push_back(Action::ReturnPermit);
        self.actions.push_back(Action::Disconnect);
        self.actions.push_back(Action::Stop);
        self.publish(now);
    }

    /// Also called when the task is dropped or panics: whatever happens, every send settles.
    pub(crate) fn settle_everything(&mut self) {
        let mut ledger = self.ledger.take().unwrap_or_else(|| Box::new(Ledger::new()));
        let mut dropped = Vec::new();
        let mut outbox = lock(&self.desk.outbox);
        let cancelled = ledger.rewind(&mut outbox, self.epoch, false, &mut self.pending);
        if let Some(pending) = &mut self.pending {
            pending.settle_all(&mut ledger.books, &mut dropped);
        }
        let visit = outbox.visit(&mut ledger, Moment(0), None, &self.settings.outbound);
        fold(&mut self.tally, self.connection.as_deref(), &mut outbox.sums);
        let wakers = outbox.settle_queue(true, &mut dropped);
        outbox.rung = true;
        drop(outbox);
        drop((dropped, cancelled, visit.dropped));
        self.pending = None;
        for waker in wakers.into_iter().chain(visit.wake) {
            waker.wake();
        }
    }

    /// Does what handles wished.
    #[cold]
    pub(crate) fn wishes(&mut self, now: Moment) {
        let wishes = lock(&self.desk.board).wishes.take();
        for wish in wishes {
            self.wish(wish, now);
        }
    }

    pub(super) fn wish(&mut self, wish: Wish<P::Outgoing>, now: Moment) {
        if !self.is_live() {
            return;
        }
        match wish {
            Wish::Suspend { without_queue } => self.suspend(without_queue, now),
            Wish::Resume => self.resume(now),
            Wish::Reconnect => self.reconnect(now),
            Wish::Drain(within) => self.drain(now + within, CloseReason::Requested, now),
            Wish::HandlesDropped => {
                let deadline = now + self.settings.drain;
                self.drain(deadline, CloseReason::HandlesDropped, now);
            }
            Wish::Close => self.end(Ok(CloseReason::Requested), now),
            Wish::Heartbeat(heartbeat) => {
                self.heartbeat = Some(Box::new(heartbeat));
                if let Some(connection) = &mut self.connection {
                    connection.held_beat = None;
                }
                self.search = None;
                self.arm_heartbeat();
            }
            Wish::Endpoints(endpoints) => self.endpoints.replace(endpoints),
            Wish::Standing(key, frame) => self.stand(key, frame, now),
            Wish::Dismiss(key) => self.standing.retain(|(other, _)| *other != key),
        }
    }

    pub(super) fn suspend(&mut self, without_queue: bool, now: Moment) {
        if matches!(self.phase, Phase::Up { .. }) {
            let (epoch, cause) = (self.epoch, Cause::Requested);
            self.events.push_back(Event::Down { epoch, cause });
        }
        if !matches!(self.phase, Phase::Suspended) {
            if !matches!(self.phase, Phase::Up { .. } | Phase::Idle(_) | Phase::Backoff { .. }) {
                self.actions.push_back(Action::ReturnPermit);
            }
            self.phase = Phase::Suspended;
            self.disconnect(true, now);
        }
        if without_queue {
            let mut dropped = Vec::new();
            lock(&self.desk.outbox).settle_queue(false, &mut dropped);
        }
        if self.draining.is_some() {
            return self.end(Ok(CloseReason::Requested), now);
        }
        self.publish(now);
    }

    pub(super) fn resume(&mut self, now: Moment) {
        if matches!(self.phase, Phase::Suspended | Phase::Idle(_)) {
            self.failures = 0;
            self.prepare(now);
        }
    }

    /// Does not wait for the backoff to end; a connection that is up is closed and made anew.
    pub(super) fn reconnect(&mut self, now: Moment) {
        match &self.phase {
            Phase::Backoff { .. } => self.prepare(now),
            Phase::Up { .. } => {
                self.lost(Cause::Requested, now);
                if matches!(self.phase, Phase::Backoff { .. }) {
                    self.prepare(now);
                }
            }
            _ => {}
        }
    }

    pub(in crate::machine) fn drain(&mut self, deadline: Moment, reason: CloseReason, now: Moment) {
        lock(&self.desk.outbox).closed = true;
        if self.draining.is_none() {
            self.draining = Some(Box::new((deadline, reason)));
            self.publish(now);
        }
        self.finish_drain(now);
    }

    /// Goes on with a drain: when nothing is left, says goodbye, and closes once that is written.
    #[cold]
    pub(in crate::machine) fn finish_drain(&mut self, now: Moment) {
        let Some(draining) = &self.draining else { return };
        let (deadline, reason) = (**draining).clone();
        if now >= deadline {
            return self.end(Ok(reason), now);
        }
        let idle = self.ledger.as_ref().is_none_or(|ledger| ledger.is_idle());
        let acknowledged = self.pending.as_ref().is_none_or(|pending| pending.is_empty());
        let empty = lock(&self.desk.outbox).is_empty();
        let nothing_left = idle && acknowledged && empty;
        let Some(connection) = &self.connection else {
            if nothing_left {
                self.end(Ok(reason), now);
            }
            return;
        };
        if !self.is_up() || !nothing_left {
            return;
        }
        if connection.said_goodbye {
            if !connection.has_own() {
                self.end(Ok(reason), now);
            }
            return;
        }
        let Some(connection) = &mut self.connection else { return };
        connection.said_goodbye = true;
        let held = connection.acknowledging.as_mut().and_then(|window| window.take());
        if let Some(frame) = held {
            self.send_own(frame, None, now);
        }
        let goodbye = match &mut self.phase {
            Phase::Up { protocol, .. } => protocol.goodbye(),
            _ => None,
        };
        match goodbye {
            Some(frame) => {
                self.send_own(frame, None, now);
            }
            None => self.finish_drain(now),
        }
    }
}
