//! The handshake: polled over its queues, until it gives the protocol value back.

use std::task::Context;

use super::window::Acknowledging;
use super::{Action, Handshaking, Machine, Phase};
use crate::event::{Cause, Event};
use crate::frame_log::Log;
use crate::lock::lock;
use crate::moment::{Micros, Moment};
use crate::protocol::{Established, Protocol, Refusal};
use crate::script::{Login, Progress, Step, StepDeadline, Upgrade, UpgradeRefused};

impl<P: Protocol> Machine<P> {
    pub(super) fn begin_handshake(&mut self, protocol: P, now: Moment) {
        let login = Login::new(protocol, now, self.settings.step, self.token.as_deref().cloned());
        self.phase = Phase::Handshaking(Box::new(Handshaking {
            login,
            deadline: now + self.settings.handshake,
            upgrading: false,
            wants_frame: false,
            step_deadline: None,
            verdict: None,
            step: 0,
            foreign: false,
            resuming: false,
        }));
    }

    /// Polls the handshake, if there is one, until it waits for something outside. `cx` is the
    /// session task's in the driver, a no-op in tests.
    #[inline]
    pub(crate) fn poll_handshake(&mut self, now: Moment, cx: &mut Context<'_>) {
        if matches!(self.phase, Phase::Handshaking(_)) {
            self.handshake(now, cx);
        }
    }

    #[cold]
    fn handshake(&mut self, now: Moment, cx: &mut Context<'_>) {
        loop {
            let Phase::Handshaking(shaking) = &mut self.phase else { return };
            if shaking.verdict.is_some() {
                return;
            }
            let progress = shaking.login.poll(now, cx);
            let again = match self.run_steps(now) {
                Ok(again) => again,
                Err(cause) => return self.lost(cause, now),
            };
            match progress {
                Progress::Done(protocol, Ok(established)) => {
                    return self.establish(protocol, established, now);
                }
                Progress::Done(_, Err(refusal)) => {
                    let timed_out = Refusal::from(StepDeadline) == refusal;
                    let cause =
                        if timed_out { Cause::HandshakeDeadline } else { Cause::Refused(refusal) };
                    return self.refused(cause, now);
                }
                Progress::Waits if again => {}
                Progress::Waits => break,
            }
        }
        self.show_handshake(now);
    }

    /// The handshake did not succeed. The peer is to read why: what the script has sent is written
    /// before the connection ends.
    fn refused(&mut self, cause: Cause, now: Moment) {
        if self.has_written_all() {
            return self.lost(cause, now);
        }
        if let Phase::Handshaking(shaking) = &mut self.phase {
            shaking.verdict = Some(cause);
            (shaking.wants_frame, shaking.step_deadline) = (false, None);
        }
    }

    /// Its last words are written.
    #[inline]
    pub(super) fn refuse(&mut self, now: Moment) {
        if matches!(self.phase, Phase::Handshaking(_)) {
            self.refuse_written(now);
        }
    }

    #[cold]
    fn refuse_written(&mut self, now: Moment) {
        if let Phase::Handshaking(shaking) = &self.phase
            && let Some(cause) = shaking.verdict.clone()
            && self.has_written_all()
        {
            self.lost(cause, now);
        }
    }

    /// Does what the script asked for, in order. Whether it must be polled again at once.
    fn run_steps(&mut self, now: Moment) -> Result<bool, Cause> {
        let Phase::Handshaking(shaking) = &mut self.phase else { return Ok(false) };
        let Some(connection) = &mut self.connection else { return Ok(false) };
        let log = Log::of(&self.desk, self.epoch);
        let exchange = shaking.login.exchange.clone();
        let mut exchange = lock(&exchange);
        let mut again = false;
        while let Some(step) = exchange.outgoing.pop_front() {
            match step {
                Step::Frame(frame) => {
                    connection.append_login(frame, now, log).map_err(Cause::Encode)?;
                }
                Step::Reading(context) => *connection.decoder.context_mut() = context,
                Step::Writing(context) => connection.writing = context,
                Step::Upgrade(_) if connection.unread_len > 0 || !connection.held.is_empty() => {
                    exchange.upgraded = Some(Err(UpgradeRefused));
                    again = true;
                }
                Step::Upgrade(Upgrade::Stream(cipher)) => {
                    connection.end_plain();
                    connection.cipher = Some(cipher);
                    exchange.upgraded = Some(Ok(()));
                    again = true;
                }
                Step::Upgrade(Upgrade::Tls { server_name }) => {
                    shaking.upgrading = true;
                    self.actions.push_back(Action::Upgrade(server_name));
                }
            }
        }
        shaking.wants_frame = exchange.wants_frame && !shaking.upgrading;
        shaking.step_deadline = exchange.deadline;
        Ok(again)
    }

    /// The layer is in, or not.
    pub(crate) fn upgraded(&mut self, done: bool, now: Moment, cx: &mut Context<'_>) {
        let Phase::Handshaking(shaking) = &mut self.phase else { return };
        if !shaking.upgrading {
            return;
        }
        if !done {
            return self.lost(Cause::Upgrade, now);
        }
        shaking.upgrading = false;
        lock(&shaking.login.exchange).upgraded = Some(Ok(()));
        self.poll_handshake(now, cx);
    }

    /// Publishes step and kind of waiting when they changed.
    fn show_handshake(&mut self, now: Moment) {
        let Phase::Handshaking(shaking) = &mut self.phase else { return };
        let (step, foreign, resuming) = {
            let exchange = lock(&shaking.login.exchange);
            (exchange.step, !exchange.waits, exchange.resuming)
        };
        if (step, foreign, resuming) != (shaking.step, shaking.foreign, shaking.resuming) {
            shaking.step = step;
            shaking.foreign = foreign;
            shaking.resuming = resuming;
            self.publish(now);
        }
    }

    /// Logged in.
    fn establish(&mut self, mut protocol: P, established: Established, now: Moment) {
        let before = std::mem::replace(&mut self.phase, Phase::Suspended);
        let Phase::Handshaking(shaking) = before else { return };
        let Some(connection) = &mut self.connection else { return };
        {
            let mut exchange = lock(&shaking.login.exchange);
            connection.passed.extend(std::mem::take(&mut exchange.passed));
            // A frame for a `receive` that was dropped meanwhile.
            connection.passed.extend(exchange.incoming.take());
        }
        connection.sequence = match established.first_sequence {
            Some(first) => first,
            None if established.resumed => connection.sequence.max(self.last_sequence),
            None => connection.sequence,
        };
        connection.beat.agreed = established.heartbeat.map(Micros::of);
        connection.beat.silence = established.silence.map(Micros::of);
        connection.pending = established.pending.unwrap_or(u16::MAX);
        connection.acknowledging =
            established.window.map(|window| Box::new(Acknowledging::new(window)));
        connection.last_received = now;
        connection.last_sent = now;
        // A login that did not resume has made the token before it worthless.
        if established.token.is_some() || !established.resumed {
            self.token = established.token.map(Box::new);
        }
        self.stale = 0;
        self.redirects = 0;
        let (epoch, resumed) = (self.epoch, established.resumed);
        lock(&self.desk.board).identify(established.identity);
        let restored = protocol.restore();
        self.phase = Phase::Up { protocol, since: now };
        self.arm_heartbeat();
        self.actions.push_back(Action::ReturnPermit);
        self.events.push_back(Event::Up { epoch, resumed });
        if self.last_up > 0 && !resumed {
            self.events.push_back(Event::Gap { from: self.last_up, to: epoch });
        }
        self.last_up = epoch;
        self.tally().epochs += 1;
        self.restore(resumed, restored, now);
        if matches!(self.phase, Phase::Up { .. }) {
            self.publish(now);
        }
    }
}
