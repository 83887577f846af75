//! A storm in virtual time: a server that many sessions share goes away and comes back.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use bytes::BytesMut;

use super::world::Taker;
use crate::connect::{ConnectError, Endpoint, IoError};
use crate::desk::Desk;
use crate::event::Cause;
use crate::fixture::*;
use crate::limiter::DialLimits;
use crate::limiter::queue::{Answer, PermitId, Queue, Ticket};
use crate::machine::{Action, Machine};
use crate::moment::Moment;
use crate::settings::{Heartbeat, Settings};

/// From the client to the server, and back.
const TRIP: Duration = Duration::from_millis(1);
/// All are up, and stable, when the server goes away.
const BEGIN: Moment = Moment(20_000_000);

/// One session.
struct Member {
    machine: Machine<Player>,
    permit: Option<PermitId>,
    /// What the network is about to do.
    next: Option<(Moment, Network)>,
    up_at: Option<Moment>,
}

#[derive(Clone, Copy, PartialEq)]
enum Network {
    Answers,
    Refuses,
    Welcomes,
}

/// All of them, their limiter, and the server.
struct Storm {
    members: Vec<Member>,
    limiter: Queue,
    tickets: BTreeMap<Ticket, usize>,
    /// Who is due when; the limiter has the number past the last member.
    due: BinaryHeap<Reverse<(Moment, usize)>>,
    /// When the limiter was last told to be asked again.
    asked: Moment,
    now: Moment,
    outage: std::ops::Range<Moment>,
    dials: Vec<Moment>,
    most_in_flight: usize,
    in_flight: usize,
    out: BytesMut,
    taker: Taker,
}

/// What was seen from the outage on.
#[derive(Debug)]
struct Seen {
    attempts: usize,
    most_in_a_second: usize,
    most_in_flight: usize,
    /// After the server came back.
    recovered: Vec<Duration>,
}

impl Storm {
    /// All sessions up, at the moment when the server goes away for `outage`.
    fn new(count: usize, limits: DialLimits, outage: Duration) -> Self {
        let settings = Arc::new(Settings { heartbeat: Heartbeat::off(), ..Settings::default() });
        let mut storm = Self {
            members: Vec::with_capacity(count),
            limiter: Queue::new(limits, Moment(0)),
            tickets: BTreeMap::new(),
            due: BinaryHeap::new(),
            asked: Moment::NEVER,
            now: Moment(0),
            outage: BEGIN..BEGIN + outage,
            dials: Vec::new(),
            most_in_flight: 0,
            in_flight: 0,
            out: BytesMut::new(),
            taker: Taker { frames: Vec::new(), room: usize::MAX },
        };
        let endpoints: Arc<[Endpoint]> = Arc::from([Endpoint::from("server:1")]);
        for seed in 0..count {
            let desk = Desk::new(settings.clone(), "member".into());
            let mut machine = Machine::client(desk, endpoints.clone(), seed as u64);
            machine.start(Moment(0));
            let (permit, next, up_at) = (None, None, None);
            storm.members.push(Member { machine, permit, next, up_at });
            storm.settle(seed);
        }
        storm
    }

    /// The first login: nobody has to wait for it.
    fn log_in(&mut self) {
        while let Some(ticket) = self.limiter.first() {
            self.limiter.leave(ticket);
            let index = self.tickets.remove(&ticket).unwrap();
            self.members[index].machine.permitted(self.now);
            self.settle(index);
        }
        self.run(BEGIN);
        assert!(self.members.iter().all(|member| member.machine.is_up()));
    }

    /// The server goes away; until all are up again.
    fn blow(&mut self) -> Seen {
        (self.now, self.in_flight, self.most_in_flight) = (BEGIN, 0, 0);
        self.dials.clear();
        for index in 0..self.members.len() {
            self.members[index].up_at = None;
            self.members[index].machine.lost(Cause::PeerClosed, BEGIN);
            self.settle(index);
        }
        self.run(Moment(BEGIN.0 + 3_600_000_000));
        let back = self.outage.end;
        let wait = |member: &Member| member.up_at.expect("up within an hour").since(back);
        let mut recovered: Vec<Duration> = self.members.iter().map(wait).collect();
        recovered.sort_unstable();
        Seen {
            attempts: self.dials.len(),
            most_in_a_second: self.most_in(Duration::from_secs(1)),
            most_in_flight: self.most_in_flight,
            recovered,
        }
    }

    /// From event to event, until `end`.
    fn run(&mut self, end: Moment) {
        self.serve();
        while let Some(Reverse((at, index))) = self.due.pop() {
            if at > end {
                self.due.push(Reverse((at, index)));
                return;
            }
            self.now = at;
            if index < self.members.len() {
                self.step(index);
            }
            self.serve();
        }
    }

    /// What the network does with one member, or a deadline of its own.
    fn step(&mut self, index: usize) {
        let (now, mut task) = (self.now, Context::from_waker(Waker::noop()));
        let member = &mut self.members[index];
        match member.next.take_if(|(at, _)| *at <= now) {
            Some((_, Network::Refuses)) => {
                let refused = IoError::from(std::io::ErrorKind::ConnectionRefused);
                member.machine.not_connected(ConnectError::Socket(refused), now);
            }
            Some((_, Network::Answers)) => {
                member.machine.connected(now);
                member.machine.poll_handshake(now, &mut task);
            }
            Some((_, Network::Welcomes)) => {
                let mut welcome = wire(WELCOME, 0, b"");
                member.machine.received(&mut welcome, now, &mut task, &mut self.taker);
            }
            None if now >= member.machine.deadline() => member.machine.timer(now, &mut task),
            None => return,
        }
        self.settle(index);
    }

    /// Drains one machine, as the driver does.
    fn settle(&mut self, index: usize) {
        let now = self.now;
        let member = &mut self.members[index];
        loop {
            let mut moved = false;
            while let Some(action) = member.machine.poll_action() {
                moved = true;
                match action {
                    Action::Prepare => member.machine.prepared(Ok(Player::default()), now),
                    Action::Permit => {
                        self.tickets.insert(self.limiter.join(), index);
                    }
                    Action::ReturnPermit => {
                        if let Some(permit) = member.permit.take() {
                            self.limiter.release(permit);
                            self.in_flight -= 1;
                        }
                    }
                    Action::Connect(_) => {
                        self.dials.push(now);
                        let away = self.outage.contains(&now);
                        let what = if away { Network::Refuses } else { Network::Answers };
                        member.next = Some((now + TRIP, what));
                    }
                    Action::Disconnect => member.next = None,
                    other => panic!("{other:?}"),
                }
            }
            while member.machine.poll_event().is_some() {
                moved = true;
            }
            member.machine.visit(now, 64 * 1024);
            member.machine.transmit(64 * 1024, now, &mut self.out);
            if !self.out.is_empty() {
                // A client says nothing but its login here.
                member.machine.accepted(self.out.len());
                member.machine.flushed(now);
                self.out.clear();
                member.next = Some((now + TRIP * 2, Network::Welcomes));
                moved = true;
            }
            if !moved {
                break;
            }
        }
        if member.machine.is_up() {
            member.up_at.get_or_insert(now);
        }
        let network = member.next.map_or(Moment::NEVER, |(at, _)| at);
        let at = member.machine.deadline().min(network);
        if at < Moment::NEVER {
            self.due.push(Reverse((at, index)));
        }
    }

    /// Lets those dial that may.
    fn serve(&mut self) {
        while let Some(ticket) = self.limiter.first() {
            match self.limiter.ask(ticket, self.now) {
                Answer::Granted(permit) => {
                    let index = self.tickets.remove(&ticket).unwrap();
                    self.in_flight += 1;
                    self.most_in_flight = self.most_in_flight.max(self.in_flight);
                    self.members[index].permit = Some(permit);
                    self.members[index].machine.permitted(self.now);
                    self.settle(index);
                }
                Answer::Wait(at) => {
                    if self.asked != at {
                        self.asked = at;
                        self.due.push(Reverse((at, self.members.len())));
                    }
                    return;
                }
            }
        }
    }

    /// Dials within any stretch of this length.
    fn most_in(&self, stretch: Duration) -> usize {
        let (mut first, mut most) = (0, 0);
        for (index, at) in self.dials.iter().enumerate() {
            while self.dials[first] + stretch <= *at {
                first += 1;
            }
            most = most.max(index + 1 - first);
        }
        most
    }
}

/// 100,000 sessions in a release build; in a debug build 1,000 with a limiter in proportion.
#[test]
fn storm_recovers_at_the_limiters_rate_and_no_faster() {
    let count = if cfg!(debug_assertions) { 1_000 } else { 100_000 };
    let rate = u32::try_from(count / 500).unwrap();
    let limits = DialLimits { rate, burst: rate, ..DialLimits::default() };
    for outage in [5, 60, 600] {
        let mut storm = Storm::new(count, limits, Duration::from_secs(outage));
        storm.log_in();
        let seen = storm.blow();
        let p99 = seen.recovered[count * 99 / 100];
        let last = seen.recovered[count - 1];
        println!(
            "{count} sessions, {rate} dials/s, {outage:>3} s away: {} attempts, at most {} in a \
             second, {} in flight; up again after {:.1} s (half), {:.1} s (99 %), {:.1} s (all)",
            seen.attempts,
            seen.most_in_a_second,
            seen.most_in_flight,
            seen.recovered[count / 2].as_secs_f64(),
            p99.as_secs_f64(),
            last.as_secs_f64(),
        );
        let (rate, burst) = (rate as usize, limits.burst as usize);
        assert!(seen.most_in_a_second <= rate + burst, "{} dials", seen.most_in_a_second);
        assert!(seen.most_in_flight <= limits.handshakes);
        let seconds = usize::try_from(outage + last.as_secs()).unwrap() + 1;
        assert!(seen.attempts <= burst + rate * seconds, "{} attempts", seen.attempts);
        let ideal = Duration::from_secs(500);
        assert!(p99 <= ideal.mul_f64(1.1), "99 % were up after {p99:?}");
    }
}
