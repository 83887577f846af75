//! From state to state: start, dial, lose, wait, suspend, drain, close.

mod end;

use super::{Action, Connection, Machine, Phase};
use crate::connect::ConnectError;
use crate::event::{Cause, CloseReason, Event, Fatal};
use crate::lock::lock;
use crate::moment::Moment;
use crate::outbox::ledger::Ledger;
use crate::protocol::{Protocol, Refusal, Side};
use crate::sparse::Sparse;

/// Redirects followed at once before they count as failures.
const REDIRECTS: u8 = 5;

impl<P: Protocol> Machine<P> {
    pub(crate) const fn side(&self) -> Side {
        self.side
    }

    /// Begins, after a wait drawn from the start spread.
    pub(crate) fn start(&mut self, now: Moment) {
        if matches!(self.phase, Phase::Idle(_)) {
            let spread = self.settings.start_spread;
            let share = u32::try_from(self.random.next() >> 32).unwrap_or(0);
            let wait = spread.mul_f64(f64::from(share) / 4_294_967_296.0);
            if wait.is_zero() {
                self.prepare(now);
            } else {
                self.phase = Phase::Idle(now + wait);
            }
        }
    }

    /// The protocol value is made, or could not be.
    pub(crate) fn prepared(&mut self, result: Result<P, Refusal>, now: Moment) {
        let Phase::AwaitPermit { prepared } = &mut self.phase else { return };
        match result {
            Ok(protocol) => {
                *prepared = Some(protocol);
                self.actions.push_back(Action::Permit);
            }
            Err(Refusal::Fatal(text)) => self.end(Err(Fatal::Refused(text)), now),
            Err(refusal) => {
                let cause = Cause::Credentials(refusal.to_string().into());
                self.fail(cause, Some(refusal), now);
            }
        }
    }

    /// The limiter lets us dial.
    pub(crate) fn permitted(&mut self, now: Moment) {
        let Phase::AwaitPermit { prepared } = &mut self.phase else { return };
        let Some(protocol) = prepared.take() else { return };
        match self.endpoints.choose(now) {
            Some(endpoint) => {
                let until = now + self.settings.connect;
                self.phase = Phase::Connecting { prepared: protocol, until };
                self.actions.push_back(Action::Connect(endpoint));
                self.publish(now);
            }
            None => {
                let error = ConnectError::Endpoint { text: "".into() };
                self.actions.push_back(Action::ReturnPermit);
                self.end(Err(Fatal::Attempts(Cause::Connect(Box::new(error)))), now);
            }
        }
    }

    /// No connection came to be.
    pub(crate) fn not_connected(&mut self, error: ConnectError, now: Moment) {
        if !matches!(self.phase, Phase::Connecting { .. }) {
            return;
        }
        self.actions.push_back(Action::ReturnPermit);
        self.endpoints.failed(now, &self.settings);
        let fatal = error.is_fatal();
        let cause = Cause::Connect(Box::new(error));
        if fatal {
            self.end(Err(Fatal::Attempts(cause)), now);
        } else {
            self.fail(cause, None, now);
        }
    }

    /// A socket is open: a new epoch begins with the handshake.
    pub(crate) fn connected(&mut self, now: Moment) {
        let before = std::mem::replace(&mut self.phase, Phase::Suspended);
        let Phase::Connecting { prepared, .. } = before else {
            self.phase = before;
            return;
        };
        self.epoch = self.epoch.saturating_add(1);
        self.connection = Some(Connection::new(prepared.contexts(self.side), now));
        self.begin_handshake(prepared, now);
        self.publish(now);
    }

    /// The connection ended.
    #[cold]
    pub(crate) fn lost(&mut self, cause: Cause, now: Moment) {
        let mut before = std::mem::replace(&mut self.phase, Phase::Suspended);
        let cause = match &mut before {
            // However the connection ends: the script's word is the reason.
            Phase::Handshaking(shaking) => shaking.verdict.take().unwrap_or(cause),
            _ => cause,
        };
        let since = match &before {
            Phase::Up { since, .. } => Some(*since),
            Phase::Handshaking(_) => None,
            _ => {
                self.phase = before;
                return;
            }
        };
        self.note_resumption(&before, &cause);
        drop(before);
        self.disconnect(true, now);
        match since {
            Some(since) => {
                let (epoch, cause) = (self.epoch, cause.clone());
                self.events.push_back(Event::Down { epoch, cause });
                if now.since(since) >= self.settings.stable_after {
                    self.failures = 0;
                    self.endpoints.succeeded();
                    return self.after_stable(cause_of(&self.events), now);
                }
            }
            None => self.actions.push_back(Action::ReturnPermit),
        }
        let refusal = match &cause {
            Cause::Refused(refusal) | Cause::Goodbye(refusal) => Some(refusal.clone()),
            _ => None,
        };
        if !matches!(refusal, Some(Refusal::Redirect(_))) && since.is_none() {
            self.endpoints.failed(now, &self.settings);
        }
        self.fail(cause, refusal, now);
    }

    /// The first retry after a stable epoch is quick.
    fn after_stable(&mut self, cause: Cause, now: Moment) {
        if let Cause::Goodbye(refusal) = &cause
            && !matches!(refusal, Refusal::Transient(_) | Refusal::Resume(_))
        {
            let refusal = refusal.clone();
            return self.fail(cause, Some(refusal), now);
        }
        if self.ends_now(&cause, now) {
            return;
        }
        let random = self.random.next();
        let until = now + self.settings.backoff.after_stable(random);
        self.tally().failures += 1;
        self.phase = Phase::Backoff { until, cause: Box::new(cause) };
        self.publish(now);
    }

    /// An attempt failed, or an epoch ended too soon.
    fn fail(&mut self, cause: Cause, refusal: Option<Refusal>, now: Moment) {
        if let Some(Refusal::Fatal(text)) = refusal {
            return self.end(Err(Fatal::Refused(text)), now);
        }
        if self.ends_now(&cause, now) {
            return;
        }
        self.tally().failures += 1;
        if let Some(Refusal::Redirect(endpoints)) = refusal {
            self.endpoints.redirect(endpoints);
            self.redirects = self.redirects.saturating_add(1);
            if self.redirects <= REDIRECTS {
                return self.prepare(now);
            }
        }
        let random = self.random.next();
        let mut until = now + self.settings.backoff.delay(self.failures, random);
        self.failures = self.failures.saturating_add(1);
        if self.settings.attempts.is_some_and(|attempts| self.failures >= attempts) {
            return self.end(Err(Fatal::Attempts(cause)), now);
        }
        if let Cause::Refused(Refusal::RetryAfter(after, _))
        | Cause::Goodbye(Refusal::RetryAfter(after, _)) = &cause
        {
            until = until.max(now + *after);
        }
        self.phase = Phase::Backoff { until, cause: Box::new(cause) };
        self.publish(now);
    }

    /// A server's connection, or one that was drained until nothing was left, does not come back.
    fn ends_now(&mut self, cause: &Cause, now: Moment) -> bool {
        if self.side == Side::Server {
            self.end(Ok(CloseReason::Connection(cause.clone())), now);
            return true;
        }
        if let Some(draining) = &self.draining
            && lock(&self.desk.outbox).is_empty()
        {
            let reason = draining.1.clone();
            self.end(Ok(reason), now);
            return true;
        }
        false
    }

    /// Asks for credentials, then for the permit.
    pub(super) fn prepare(&mut self, now: Moment) {
        self.phase = Phase::AwaitPermit { prepared: None };
        self.actions.push_back(Action::Prepare);
        self.publish(now);
    }

    /// Drops the connection. What was committed goes back, or is uncertain.
    fn disconnect(&mut self, resumable: bool, now: Moment) {
        let mut unflushed = 0;
        if let Some(mut connection) = self.connection.take() {
            unflushed = connection.unflushed;
            if self.last_up == self.epoch {
                self.last_sequence = connection.sequence;
            }
            lock(&self.desk.board).keep_frames(std::mem::take(&mut connection.heads));
            let (epoch, events) = (self.epoch, &mut self.events);
            if let Some(groups) = &mut connection.fragments {
                groups.clear(|count| events.push_back(Event::LostFragments { epoch, count }));
            }
        }
        self.actions.push_back(Action::Disconnect);
        if self.ledger.is_none() && self.pending.is_none() {
            return;
        }
        let mut ledger = self.ledger.take().unwrap_or_else(|| Box::new(Ledger::new()));
        let mut dropped = Vec::new();
        let mut outbox = lock(&self.desk.outbox);
        if unflushed > 0 {
            let torn = ledger.doubt(unflushed, self.epoch, &mut self.pending, &mut dropped);
            outbox.put_first(torn);
        }
        let cancelled = ledger.rewind(&mut outbox, self.epoch, resumable, &mut self.pending);
        // Books what the rewinding settled; nothing is taken.
        let visit = outbox.visit(&mut ledger, now, None, &self.settings.outbound);
        self.next_expiry = outbox.next_expiry();
        drop(outbox);
        drop((dropped, cancelled, visit.dropped));
        if let Some(waker) = visit.wake {
            waker.wake();
        }
        if self.pending.as_ref().is_some_and(|pending| pending.is_forgettable()) {
            self.pending = None;
        }
    }

    /// Counts refused resumptions; after three in a row the token is dropped.
    fn note_resumption(&mut self, before: &Phase<P>, cause: &Cause) {
        let Phase::Handshaking(shaking) = before else { return };
        if shaking.resuming || matches!(cause, Cause::Refused(Refusal::Resume(_))) {
            self.stale = self.stale.saturating_add(1);
            if u32::from(self.stale) >= self.settings.stale_token_after {
                self.token = None;
                self.stale = 0;
            }
        }
    }
}

fn cause_of<I>(events: &Sparse<Event<I>>) -> Cause {
    match events.back() {
        Some(Event::Down { cause, .. }) => cause.clone(),
        _ => Cause::PeerClosed,
    }
}
