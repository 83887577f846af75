//! What a received frame means, and what follows from it.

use super::joining::place;
use super::{Machine, Phase};
use crate::event::{Cause, CloseReason, Outcome};
use crate::moment::Moment;
use crate::outbox::Books;
use crate::outbox::ledger::Ledger;
use crate::outbox::pending::{Apart, Next};
use crate::protocol::{Acknowledges, Deliver, Flow, Key, Meaning, Protocol, Refusal, Seen, View};

impl<P: Protocol> Machine<P> {
    /// One well-formed frame, after the login. It is lent, so that a large one is moved once only.
    #[inline(always)]
    pub(super) fn view<D: Deliver<P>>(
        &mut self,
        view: &mut Option<P::View<'_>>,
        len: usize,
        now: Moment,
        deliver: &mut D,
    ) -> Flow {
        self.understood(view, len, false, now, deliver)
    }

    /// `joined`: it was made of fragments, and is none.
    #[inline(always)]
    pub(super) fn understood<D: Deliver<P>>(
        &mut self,
        view: &mut Option<P::View<'_>>,
        len: usize,
        joined: bool,
        now: Moment,
        deliver: &mut D,
    ) -> Flow {
        let epoch = self.epoch;
        let Phase::Up { protocol, .. } = &mut self.phase else { return Flow::Go };
        let Some(connection) = &mut self.connection else { return Flow::Go };
        let Some(seen) = view.as_ref() else { return Flow::Go };
        connection.malformed = 0;
        connection.follow(protocol, Seen::Received(seen));
        let inbound = protocol.classify(seen);
        let answer = protocol.acknowledge(seen);
        let (meaning, acknowledges) = self.merge(inbound.is, inbound.acknowledges);
        let half = acknowledges.and_then(|what| self.acknowledged(what, now));
        let flow = match meaning {
            Meaning::Push => match place(seen, self.connection.as_deref()) {
                Some(place) if !joined => self.fragment(view, place, len, now, deliver),
                _ => hand_over(view, len, epoch, deliver),
            },
            Meaning::Reply(key) => {
                let number = self.pending.as_ref().and_then(|pending| pending.find(key));
                let expected = if number.is_none() { self.was_expected(key) } else { None };
                match expected {
                    _ if number.is_none() && self.is_beat(key) => self.beat_answered(now),
                    Some(Apart::Heartbeat) => Flow::Go,
                    // Of a frame of our own: nobody waits for it but the user.
                    Some(_) => hand_reply_over(view, len, epoch, deliver),
                    None => self.reply(number, view, len, now, deliver),
                }
            }
            Meaning::NextReply => self.next_reply(view, len, now, deliver),
            Meaning::Goodbye(refusal) => {
                self.goodbye(refusal, now);
                return Flow::Go;
            }
            Meaning::HeartbeatReply => {
                if let Some(connection) = &mut self.connection {
                    connection.answer_beats(&mut self.pending);
                }
                self.beat_answered(now)
            }
            Meaning::Heartbeat | Meaning::Nothing => Flow::Go,
        };
        if answer.is_some() || inbound.counted {
            self.answer(answer, inbound.counted, half, now);
        }
        flow
    }

    /// Sends the answer at once, or lets the window hold it back.
    #[inline(always)]
    fn answer(
        &mut self,
        answer: Option<P::Outgoing>,
        counted: bool,
        half: Option<u64>,
        now: Moment,
    ) {
        let mut answer = answer;
        if counted
            && let Some(connection) = &mut self.connection
            && let Some(acknowledging) = &mut connection.acknowledging
        {
            answer = acknowledging.received(answer, now);
        }
        if let Some(frame) = answer {
            self.send_own(frame, half, now);
        }
    }

    /// Settles what a received frame acknowledges. The number of a frame that is half done.
    fn acknowledged(&mut self, what: Acknowledges, now: Moment) -> Option<u64> {
        match what {
            Acknowledges::One(key) => {
                let found = self.pending.as_ref().and_then(|pending| pending.find(key));
                let is_own = |me: &mut Self| me.is_part(key) || me.was_expected(key).is_some();
                if found.is_some() || !is_own(self) {
                    self.settle_acknowledged(found);
                }
            }
            Acknowledges::UpTo(key) => {
                let next = Key(key.0.wrapping_add(1));
                let pending = self.pending.as_ref();
                let found = pending.and_then(|p| p.find(key).or_else(|| p.find_part(key)));
                // Of a frame in fragments all must have come.
                let is_last = |number| pending.is_some_and(|p| p.last_key_of(number) == Some(key));
                if let Some(end) = found.map(|number| number + u64::from(is_last(number))) {
                    self.settle_up_to(end);
                    if let Some(connection) = &mut self.connection {
                        connection.uncount(before(next, connection.sequence_bits));
                    }
                } else if self.connection.as_mut().is_some_and(|c| c.was_expected_up_to(key)) {
                    self.settle_before(next);
                } else {
                    self.tally().late += 1;
                }
            }
            Acknowledges::Before(key) => self.settle_before(key),
            Acknowledges::Half(key) => {
                let number = self.pending.as_ref()?.find(key)?;
                if let Some(waiting) = self.pending.as_mut()?.get_mut(number) {
                    waiting.since = now;
                }
                return Some(number);
            }
        }
        None
    }

    /// It names a fragment of a frame that waits; the last one is still to come.
    fn is_part(&self, key: Key) -> bool {
        self.pending.as_ref().is_some_and(|pending| pending.find_part(key).is_some())
    }

    /// It answers a frame of the machine's own.
    fn was_expected(&mut self, key: Key) -> Option<Apart> {
        self.connection.as_mut().and_then(|connection| connection.was_expected(key))
    }

    /// The key names the next frame expected: all that are pending before it are settled, up to half
    /// of the sequence's width back. Those next to it need not be pending: a frame of the machine's
    /// own is counted by the peer as well, and a request may have had its reply already.
    fn settle_before(&mut self, key: Key) {
        let Some(connection) = &mut self.connection else { return };
        let is_before = before(key, connection.sequence_bits);
        connection.uncount(is_before);
        let Some(pending) = &self.pending else { return };
        let mut numbers = pending.before(pending.end()).rev();
        let last = numbers.find(|number| pending.last_key_of(*number).is_some_and(is_before));
        if let Some(number) = last {
            self.settle_up_to(number + 1);
        }
    }

    fn settle_up_to(&mut self, end: u64) {
        let Some(pending) = &mut self.pending else { return };
        let ledger = self.ledger.get_or_insert_with(|| Box::new(Ledger::new()));
        for number in pending.before(end) {
            // A request goes on waiting for its reply; it only counts no more.
            if pending.uncount_request(number) {
                continue;
            }
            if let Some(mut waiting) = pending.remove(number) {
                let epoch = waiting.epoch;
                drop(waiting.settle(Outcome::Acknowledged { epoch }, &mut ledger.books));
            }
        }
    }

    /// What completes a request may come as its acknowledgement; a reply acknowledges, too.
    fn merge(
        &self,
        is: Meaning,
        acknowledges: Option<Acknowledges>,
    ) -> (Meaning, Option<Acknowledges>) {
        let Some(Acknowledges::One(key)) = acknowledges else { return (is, acknowledges) };
        let asks = || self.pending.as_ref().is_some_and(|pending| pending.asks(key));
        match is {
            Meaning::Reply(other) if other == key => (is, None),
            Meaning::Push | Meaning::Nothing if asks() => (Meaning::Reply(key), None),
            _ => (is, acknowledges),
        }
    }

    fn settle_acknowledged(&mut self, number: Option<u64>) {
        match number.and_then(|number| self.pending.as_mut()?.remove(number)) {
            Some(mut waiting) => {
                let epoch = waiting.epoch;
                let books = &mut self.books().books;
                drop(waiting.settle(Outcome::Acknowledged { epoch }, books));
            }
            None => self.tally().late += 1,
        }
    }

    /// A reply. Without a requester it is for the user; without a pending frame it is late.
    fn reply<D: Deliver<P>>(
        &mut self,
        number: Option<u64>,
        view: &mut Option<P::View<'_>>,
        len: usize,
        now: Moment,
        deliver: &mut D,
    ) -> Flow {
        let pending = number.zip(self.pending.as_mut());
        let asked = pending.and_then(|(number, pending)| Some(pending.get_mut(number)?.asks()));
        // Made before the request leaves the table: user code may panic.
        let reply = match asked {
            Some(true) => view.take().map(View::into_owned),
            _ => None,
        };
        let waiting = number.and_then(|number| self.pending.as_mut()?.take_out(number));
        let Some(mut waiting) = waiting else {
            self.tally().late += 1;
            return Flow::Go;
        };
        self.note_round_trip(waiting.since, now);
        let slot = waiting.slot.take_if(|slot| slot.asks());
        // First of all: whatever panics, who has asked has the reply.
        let waited =
            slot.is_some().then(|| slot.zip(reply).is_some_and(|(slot, reply)| slot.reply(reply)));
        let epoch = waiting.epoch;
        let books = &mut self.books().books;
        let kept = waiting.settle(Outcome::Acknowledged { epoch }, books);
        let flow = match waited {
            Some(waited) => {
                let tally = self.tally();
                tally.answered |= waited;
                tally.late += u32::from(!waited);
                Flow::Go
            }
            None => hand_reply_over(view, len, self.epoch, deliver),
        };
        drop(kept);
        flow
    }

    /// The key of the newest heartbeat, whose answer has not come.
    fn is_beat(&self, key: Key) -> bool {
        let beat = self.connection.as_ref().map(|connection| &connection.beat);
        beat.is_some_and(|beat| beat.key == Some(key) && beat.sounded.get().is_some())
    }

    /// A reply without a key.
    fn next_reply<D: Deliver<P>>(
        &mut self,
        view: &mut Option<P::View<'_>>,
        len: usize,
        now: Moment,
        deliver: &mut D,
    ) -> Flow {
        match self.pending.as_mut().and_then(|pending| pending.next_reply()) {
            Some(Next::Entry(number)) => self.reply(Some(number), view, len, now, deliver),
            Some(Next::Apart(Apart::Heartbeat)) => self.beat_answered(now),
            // What became of a standing frame is for the user.
            Some(Next::Apart(Apart::Own)) => {
                self.heeds_own();
                hand_reply_over(view, len, self.epoch, deliver)
            }
            Some(Next::Apart(Apart::Late)) | None => self.reply(None, view, len, now, deliver),
        }
    }

    /// The heartbeat was answered.
    fn beat_answered(&mut self, now: Moment) -> Flow {
        let Some(connection) = &mut self.connection else { return Flow::Go };
        connection.heeds_own();
        if let Some(sounded) = connection.beat.sounded.take() {
            self.note_round_trip(sounded, now);
        }
        Flow::Go
    }

    fn heeds_own(&mut self) {
        if let Some(connection) = &mut self.connection {
            connection.heeds_own();
        }
    }

    fn note_round_trip(&mut self, asked: Moment, now: Moment) {
        let micros = u32::try_from(now.since(asked).as_micros()).unwrap_or(u32::MAX);
        self.tally().round_trip_micros = micros.max(1);
    }

    fn goodbye(&mut self, refusal: Refusal, now: Moment) {
        self.lost(Cause::Goodbye(refusal), now);
    }

    /// A handler wants to close: what is queued goes out first.
    pub(super) fn drain_now(&mut self, now: Moment) {
        self.drain(now + self.settings.drain, CloseReason::Requested, now);
    }

    /// Where settled sends are noted; it exists while anything is under way.
    fn books(&mut self) -> &mut Ledger<P::Outgoing, P::Incoming> {
        self.ledger.get_or_insert_with(|| Box::new(Ledger::new()))
    }

    pub(super) fn settle_uncertain(&mut self, number: u64) {
        let Some(pending) = &mut self.pending else { return };
        let has_keys = pending.forget_keys(number);
        let Some(mut waiting) = pending.remove(number) else { return };
        if !has_keys {
            pending.expect_late(number);
        }
        let epoch = waiting.epoch;
        let books: &mut Books = &mut self.books().books;
        drop(waiting.settle(Outcome::Uncertain { epoch }, books));
    }
}

/// For the user.
#[inline(always)]
fn hand_over<P: Protocol, D: Deliver<P>>(
    view: &mut Option<P::View<'_>>,
    len: usize,
    epoch: u32,
    deliver: &mut D,
) -> Flow {
    match view.take() {
        Some(view) => deliver.frame(view, len, epoch),
        None => Flow::Go,
    }
}

/// The same, apart from where pushes go: few protocols hand replies to the user.
#[inline(never)]
fn hand_reply_over<P: Protocol, D: Deliver<P>>(
    view: &mut Option<P::View<'_>>,
    len: usize,
    epoch: u32,
    deliver: &mut D,
) -> Flow {
    hand_over(view, len, epoch, deliver)
}

/// Whether a key comes before this one: up to half of the sequence's width back.
fn before(key: Key, bits: u32) -> impl Fn(Key) -> bool + Copy {
    let half = 1_u64 << (if (1..64).contains(&bits) { bits } else { 64 } - 1);
    move |found| (1..=half).contains(&wrapped(key.0.wrapping_sub(found.0), bits))
}

/// A number in a sequence of so many bits (0: unknown).
pub(super) fn wrapped(number: u64, bits: u32) -> u64 {
    if (1..64).contains(&bits) { number & ((1 << bits) - 1) } else { number }
}
