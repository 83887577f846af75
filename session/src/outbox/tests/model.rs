//! Random bursts, cancels, expiry, short writes and lost connections, against a plain account of what
//! must become of each send. Hundreds of sends at a time, so that groups and sweeps are crossed.

use std::collections::{BTreeMap, VecDeque};

use longlink_codec_core::EncodeError;

use super::*;
use crate::random::Random;
use crate::settings::Bounds;

const BOUNDS: Bounds = Bounds { frames: 1_500, bytes: 1 << 16, reserved: 0 };
const REFUSED: EncodeError = EncodeError::Refused { field: "" };

/// One send, and what is known of it.
struct Sent {
    receipt: Receipt,
    manner: Manner,
    outcome: Option<Outcome>,
    /// It is to be sent again, because of this epoch.
    again: Option<u32>,
}

/// A frame in the buffer.
struct Flight {
    id: usize,
    len: usize,
    key: Option<u64>,
}

struct Model {
    random: Random,
    outbox: Outbox<usize, ()>,
    ledger: Ledger<usize, ()>,
    pending: Option<Box<Pending<usize, ()>>>,
    sent: Vec<Sent>,
    flights: VecDeque<Flight>,
    /// Bytes of the first flight that are written.
    partial: usize,
    /// Sends that wait for an acknowledgement, by key.
    waiting: BTreeMap<u64, usize>,
    next_key: u64,
    /// The newest of each lane that was committed in this epoch.
    last: [Option<usize>; 3],
    epoch: u32,
    now: Moment,
}

/// Encodes, refuses, stops, waits, as it pleases.
struct Encoding<'m> {
    random: &'m mut Random,
    sent: &'m mut [Sent],
    flights: &'m mut VecDeque<Flight>,
    waiting: &'m mut BTreeMap<u64, usize>,
    next_key: &'m mut u64,
    last: &'m mut [Option<usize>; 3],
}

impl Commit<usize, ()> for Encoding<'_> {
    fn frame(
        &mut self,
        id: &mut usize,
        _: bool,
        _: &mut Option<Box<Pending<usize, ()>>>,
    ) -> Verdict {
        let (id, len) = (*id, 5 + self.random.below(10) as usize);
        let sent = &mut self.sent[id];
        assert_eq!((sent.outcome, sent.receipt.settled()), (None, None), "{id} is sent");
        let chance = self.random.below(100);
        if chance < 2 {
            return Verdict::Stop;
        }
        if sent.again.is_none() {
            let last = sent.manner.lane.of(self.last).replace(id);
            assert!(last < Some(id), "{id} follows {last:?}");
        }
        if chance < 7 {
            let uncertain = sent.again.map(|epoch| Outcome::Uncertain { epoch });
            sent.outcome = uncertain.or(Some(Outcome::Unencodable(REFUSED)));
            return Verdict::Unencodable(REFUSED);
        }
        let key = (chance < 20).then(|| {
            *self.next_key += 1;
            self.waiting.insert(*self.next_key, id);
            *self.next_key
        });
        self.flights.push_back(Flight { id, len, key });
        match key.map(Key) {
            None => Verdict::Encoded(len),
            key => Verdict::Awaits(Awaited { len, key, counted: false, parts: Sparse::new() }),
        }
    }

    fn note(&mut self, _: &usize, _: usize) {}
}

impl Model {
    fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            outbox: Outbox::new(),
            ledger: Ledger::new(),
            pending: None,
            sent: Vec::new(),
            flights: VecDeque::new(),
            partial: 0,
            waiting: BTreeMap::new(),
            next_key: 0,
            last: [None; 3],
            epoch: 1,
            now: Moment(1_000),
        }
    }

    fn one_of(&mut self, values: &[usize]) -> usize {
        values[self.random.below(u32::try_from(values.len()).unwrap()) as usize]
    }

    fn up_to(&mut self, most: usize) -> usize {
        self.random.below(u32::try_from(most + 1).unwrap()) as usize
    }

    fn step(&mut self) {
        match self.random.below(12) {
            0..=2 => self.burst(),
            3..=4 => self.cancel(),
            5..=7 => self.visit(),
            8..=9 => self.write(),
            10 => self.acknowledge(),
            _ if self.random.below(3) == 0 => self.rest(),
            _ => self.lose(),
        }
        self.check();
    }

    fn burst(&mut self) {
        let lane = Priority::ALL[self.random.below(3) as usize];
        for _ in 0..self.one_of(&[1, 3, 20, 63, 64, 65, 130, 300]) {
            let lasts = self.random.below(3) > 0;
            let time_to_live_ms = if lasts { NEVER } else { 1 + self.random.below(3_000) };
            let marks = if self.random.below(6) == 0 { IDEMPOTENT } else { 0 };
            let manner = Manner { lane, time_to_live_ms, marks };
            if self.outbox.admit(10, lane, &BOUNDS, false).is_err() {
                break;
            }
            let receipt = self.outbox.put(&mut Some(self.sent.len()), 10, manner, None);
            self.sent.push(Sent { receipt, manner, outcome: None, again: None });
        }
    }

    fn cancel(&mut self) {
        let share = u32::try_from(self.one_of(&[1, 10, 60, 97, 100])).unwrap();
        let newest = self.one_of(&[10, 100, 800, 5_000]).min(self.sent.len());
        let from = self.sent.len() - newest;
        for (id, sent) in self.sent.iter_mut().enumerate().skip(from) {
            if self.random.below(100) < share && self.outbox.cancel(&sent.receipt).is_some() {
                assert_eq!((sent.outcome, sent.again), (None, None), "{id} is cancelled");
                assert!(
                    !self.flights.iter().any(|flight| flight.id == id),
                    "{id} is in the buffer"
                );
                sent.outcome = Some(Outcome::Cancelled);
            }
        }
    }

    fn visit(&mut self) {
        self.now = Moment(self.now.0 + u64::from(self.random.below(1_500_000)));
        let takes = self.flights.is_empty() && self.random.below(4) > 0;
        let room = self.one_of(&[1, 40, 500, 100_000]);
        self.outbox.visit(&mut self.ledger, self.now, takes.then_some(room), &BOUNDS);
        self.check();
        if !takes {
            return;
        }
        let mut encoding = Encoding {
            random: &mut self.random,
            sent: &mut self.sent,
            flights: &mut self.flights,
            waiting: &mut self.waiting,
            next_key: &mut self.next_key,
            last: &mut self.last,
        };
        let at = (self.now, self.epoch);
        if self.ledger.commit(room, at, &mut self.pending, &mut encoding) {
            self.ledger.stop();
        }
    }

    /// Bytes in the buffer.
    fn unwritten(&self) -> usize {
        self.flights.iter().map(|flight| flight.len).sum::<usize>() - self.partial
    }

    fn write(&mut self) {
        let all = self.unwritten();
        let count = if self.random.below(2) == 0 { all } else { self.up_to(all) };
        self.ledger.written(count, self.epoch, &mut self.pending);
        self.partial += count;
        while let Some(flight) = self.flights.pop_front_if(|flight| flight.len <= self.partial) {
            self.partial -= flight.len;
            if flight.key.is_none() {
                self.sent[flight.id].outcome = Some(Outcome::Written { epoch: self.epoch });
            }
        }
    }

    fn acknowledge(&mut self) {
        let outcome = Outcome::Acknowledged { epoch: self.epoch };
        for key in self.waiting.keys().copied().collect::<Vec<_>>() {
            let Some(pending) = self.pending.as_mut().filter(|_| self.random.below(3) == 0) else {
                continue;
            };
            let number = pending.find(Key(key)).unwrap();
            let mut waiting = pending.remove(number).unwrap();
            waiting.settle(outcome, &mut self.ledger.books);
            self.sent[self.waiting.remove(&key).unwrap()].outcome = Some(outcome);
        }
    }

    /// The session was idle for a while.
    fn rest(&mut self) {
        if self.ledger.is_idle() {
            self.outbox.book(&mut self.ledger);
            self.outbox.trim();
            self.ledger = Ledger::new();
        }
    }

    /// The connection ends, and nobody knows of some of the bytes.
    fn lose(&mut self) {
        let all = self.unwritten();
        let doubted = if self.random.below(2) == 0 { 0 } else { self.up_to(all) };
        let mut dropped = Vec::new();
        if doubted > 0 {
            let torn = self.ledger.doubt(doubted, self.epoch, &mut self.pending, &mut dropped);
            self.outbox.put_first(torn);
        }
        self.ledger.rewind(&mut self.outbox, self.epoch, false, &mut self.pending);
        let mut left = std::mem::take(&mut self.partial) + doubted;
        let mut lost = Vec::new();
        for flight in self.flights.drain(..) {
            match flight.key {
                // It has not left: it goes back, and waits for nothing.
                Some(key) if left == 0 => {
                    self.waiting.remove(&key);
                }
                None if left > 0 => lost.push(flight.id),
                _ => {}
            }
            left = left.saturating_sub(flight.len);
        }
        lost.extend(std::mem::take(&mut self.waiting).into_values());
        for id in lost {
            let sent = &mut self.sent[id];
            if sent.manner.marks & IDEMPOTENT != 0 {
                sent.again = Some(self.epoch);
            } else {
                sent.outcome = Some(Outcome::Uncertain { epoch: self.epoch });
            }
        }
        self.outbox.visit(&mut self.ledger, self.now, None, &BOUNDS);
        self.epoch += 1;
        self.last = [None; 3];
    }

    fn check(&mut self) {
        for (id, sent) in self.sent.iter_mut().enumerate() {
            let settled = sent.receipt.settled();
            let may_expire = sent.manner.time_to_live_ms != NEVER && sent.again.is_none();
            if settled == Some(Outcome::Expired) && may_expire && sent.outcome.is_none() {
                assert!(
                    !self.flights.iter().any(|flight| flight.id == id),
                    "{id} is in the buffer"
                );
                sent.outcome = settled;
            }
            assert_eq!(settled, sent.outcome, "{id}");
        }
    }

    fn end(mut self) {
        self.lose();
        self.check();
        self.outbox.settle_queue(true, &mut Vec::new());
        self.outbox.book(&mut self.ledger);
        for (id, sent) in self.sent.iter().enumerate() {
            let uncertain = sent.again.map(|epoch| Outcome::Uncertain { epoch });
            let last = sent.outcome.or(uncertain).or(Some(Outcome::NotSent));
            assert_eq!(sent.receipt.settled(), last, "{id}");
        }
        assert_eq!((self.outbox.frames, self.outbox.bytes), (0, 0));
        let counts = self.outbox.counts;
        let sent = counts.acknowledged + counts.written + counts.uncertain;
        let unsent = counts.not_sent + counts.expired + counts.cancelled + counts.unencodable;
        assert_eq!((counts.accepted, sent + unsent), (self.sent.len() as u64, counts.accepted));
    }
}

#[test]
fn each_send_has_the_outcome_that_the_account_says() {
    for seed in 0..150 {
        let mut model = Model::new(seed);
        (0..120).for_each(|_| model.step());
        model.end();
    }
}
