//! The rules of a connection, for both ends: start and stop, the two numbers, acknowledgements, tests.

use std::time::Duration;

use longlink::codec::{Roles, Tagged};
use longlink::session::protocol::{
    Acknowledges, Awaits, Established, Inbound, Key, Meaning, Protocol, Refusal, Side, Window,
};
use longlink::session::{Heartbeat, Script, Settings};

use super::unit::{Cause, Control, DataUnit, Function, Objects, Unit};

/// The times and windows of IEC 60870-5-104:2006, clause 9.6, with its defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameters {
    /// t0: a connection must come to be within this.
    pub t0: Duration,
    /// t1: what was sent must be acknowledged within this.
    pub t1: Duration,
    /// t2: what was received is acknowledged within this. Shorter than t1.
    pub t2: Duration,
    /// t3: a link that is quiet for so long is tested.
    pub t3: Duration,
    /// k: units under way without acknowledgement.
    pub k: u16,
    /// w: units received without acknowledgement; "w should not exceed two-thirds of k".
    pub w: u16,
}

impl Default for Parameters {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { t0: seconds(30), t1: seconds(15), t2: seconds(10), t3: seconds(20), k: 12, w: 8 }
    }
}

impl Parameters {
    /// For a session of either side.
    pub fn settings(&self) -> Settings {
        Settings {
            connect: self.t0,
            step: self.t1,
            handshake: self.t1,
            heartbeat: Heartbeat::every(self.t3).answered_within(self.t1).jitter(0.0),
            acknowledgement: self.t1,
            ..Settings::default()
        }
    }
}

/// The rules of IEC 60870-5-104 for one connection.
pub struct Apci {
    side: Side,
    parameters: Parameters,
    /// V(R): the number of the next unit.
    next: u16,
    /// What was activated and not confirmed, newest last.
    activated: Vec<(Activation, Key)>,
}

/// What a confirmation repeats of its activation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Activation {
    kind: u64,
    station: u16,
    address: Option<u32>,
}

impl Activation {
    fn of(data: &DataUnit) -> Self {
        let address = address(&data.objects);
        Self { kind: data.objects.tag(), station: data.station, address }
    }

    /// Each station answers for itself what was asked of all.
    fn is_confirmed_by(&self, other: &Self) -> bool {
        let station = self.station == u16::MAX || self.station == other.station;
        station && (self.kind, self.address) == (other.kind, other.address)
    }
}

impl Apci {
    pub fn new(side: Side, parameters: Parameters) -> Self {
        Self { side, parameters, next: 0, activated: Vec::new() }
    }

    /// The activation that this unit confirms or refuses.
    fn confirmed(&self, data: &DataUnit) -> Option<usize> {
        let refused = matches!(
            data.cause,
            Cause::UnknownType
                | Cause::UnknownReason
                | Cause::UnknownStation
                | Cause::UnknownAddress
        );
        if data.cause != Cause::ActivationConfirmed && !refused {
            return None;
        }
        let found = Activation::of(data);
        self.activated.iter().rposition(|(one, _)| one.is_confirmed_by(&found))
    }
}

impl Protocol for Apci {
    type Outgoing = Unit;
    type Incoming = Unit;
    type View<'a> = Unit;

    /// Clause 5.3: no data before STARTDT is confirmed; tests are answered all the time.
    async fn handshake(&mut self, script: &mut Script<Unit, Unit>) -> Result<Established, Refusal> {
        if self.side == Side::Client {
            script.send(Unit::unnumbered(Function::Start));
        }
        loop {
            let Control::Unnumbered { function, .. } = script.receive().await?.control else {
                return Err(Refusal::Transient("data before STARTDT".into()));
            };
            match (function, self.side) {
                (Function::Test, _) => script.send(Unit::unnumbered(Function::TestConfirmed)),
                (Function::StartConfirmed, Side::Client) => break,
                (Function::Start, Side::Server) => {
                    script.send(Unit::unnumbered(Function::StartConfirmed));
                    break;
                }
                _ => {}
            }
        }
        let window = Window {
            unacknowledged: self.parameters.k,
            acknowledge_after: self.parameters.w,
            acknowledge_within: self.parameters.t2,
            deadline: self.parameters.t1,
        };
        Ok(Established { window: Some(window), ..Established::default() })
    }

    fn classify(&self, received: &Unit) -> Inbound {
        let before = |number: u16| Some(Acknowledges::Before(Key(number.into())));
        let (acknowledges, is) = match &received.control {
            // Clause 5.1: "a loss or duplication" ends the connection.
            Control::Information { sent, .. } if *sent != self.next => {
                let words = format!("N(S) = {sent} where {} was expected", self.next);
                (None, Meaning::Goodbye(Refusal::Transient(words.into())))
            }
            Control::Information { received, data, .. } => {
                let confirmed = self.confirmed(data).and_then(|index| self.activated.get(index));
                let is = confirmed.map_or(Meaning::Push, |(_, key)| Meaning::Reply(*key));
                (before(*received), is)
            }
            Control::Supervisory { received, .. } => (before(*received), Meaning::Nothing),
            Control::Unnumbered { function, .. } => match function {
                Function::Test => (None, Meaning::Heartbeat),
                Function::TestConfirmed => (None, Meaning::HeartbeatReply),
                Function::Stop => (None, Meaning::Push),
                _ => (None, Meaning::Nothing),
            },
        };
        let counted = matches!(received.control, Control::Information { .. });
        Inbound { acknowledges, is, counted }
    }

    fn acknowledge(&mut self, received: &Unit) -> Option<Unit> {
        match &received.control {
            Control::Information { sent, data, .. } => {
                if let Some(index) = self.confirmed(data) {
                    self.activated.remove(index);
                }
                self.next = sent.wrapping_add(1) & 0x7FFF;
                Some(Unit::supervisory(self.next))
            }
            Control::Supervisory { .. } => None,
            Control::Unnumbered { function, .. } => {
                let answer = match function {
                    Function::Start => Function::StartConfirmed,
                    Function::Stop => Function::StopConfirmed,
                    Function::Test => Function::TestConfirmed,
                    _ => return None,
                };
                Some(Unit::unnumbered(answer))
            }
        }
    }

    fn stamp(&mut self, frame: &mut Unit, sequence: u64) -> Option<Key> {
        // Every unit that can carries the newest acknowledgement.
        frame.set_acknowledges(self.next.into());
        frame.set_sequence(sequence);
        let key = Key(frame.sequence()?);
        if let Control::Information { data, .. } = &frame.control
            && data.cause == Cause::Activation
        {
            // As many as a session may have under way.
            if self.activated.len() == Settings::default().pending {
                self.activated.remove(0);
            }
            self.activated.push((Activation::of(data), key));
        }
        Some(key)
    }

    fn awaits(&self, sent: &Unit) -> Awaits {
        match sent.control {
            Control::Information { .. } => Awaits::Acknowledgement,
            _ => Awaits::Nothing,
        }
    }

    fn goodbye(&mut self) -> Option<Unit> {
        (self.side == Side::Client).then(|| Unit::unnumbered(Function::Stop))
    }
}

/// Where the first object of a command is; `None`: it is no command.
fn address(objects: &Objects) -> Option<u32> {
    match objects {
        Objects::SingleCommand(group) => group.address(),
        Objects::DoubleCommand(group) | Objects::StepCommand(group) => group.address(),
        Objects::SetNormalized(group) => group.address(),
        Objects::SetScaled(group) => group.address(),
        Objects::SetShort(group) => group.address(),
        Objects::SetBits(group) => group.address(),
        Objects::TimedSingleCommand(group) => group.address(),
        Objects::TimedDoubleCommand(group) | Objects::TimedStepCommand(group) => group.address(),
        Objects::TimedSetNormalized(group) => group.address(),
        Objects::TimedSetScaled(group) => group.address(),
        Objects::TimedSetShort(group) => group.address(),
        Objects::TimedSetBits(group) => group.address(),
        Objects::Interrogate(group) | Objects::Reset(group) => group.address(),
        Objects::InterrogateCounters(group) => group.address(),
        Objects::SynchronizeClock(group) => group.address(),
        Objects::Test(group) => group.address(),
        _ => None,
    }
}
