//! IEC 60870-5-104: four control octets whose low bits select the format, and the data unit.
//!
//! Source: IEC 60870-5-104:2006, clause 5.1 (APDU, control fields); IEC 60870-5-101:2003, clauses 7.2
//! (data unit identifier) and 7.3 (types).

// By its path, so that this file can stand elsewhere, too.
#[path = "value.rs"]
pub mod value;

use longlink::{Auto, Bytes, Frame, Wire};
use value::{
    Clock, Counter, CounterRequest, DoubleCommand, DoublePoint, Initialization, Measured,
    Normalized, Setpoint, SingleCommand, SinglePoint, StepPosition, TestCounter, Timed,
};

/// One protocol data unit.
#[derive(Debug, Clone, PartialEq, Frame)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(endian = little, magic = 0x68u8, max_frame_length = 255, resync = magic)]
pub struct Unit {
    #[wire(length_of = control, valid = 4..=253)]
    length: Auto<u8>,
    /// Control field, and what it carries.
    pub control: Control,
}

/// The formats I, S and U.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(tag = peek(u8), bit_order = lsb)]
pub enum Control {
    /// I: numbered information.
    #[wire(tag(mask = 0x01, value = 0x00))]
    Information {
        #[wire(bits = 1, fixed = 0)]
        format: (),
        /// N(S).
        #[wire(bits = 15, role = sequence)]
        sent: u16,
        #[wire(bits = 1, fixed = 0)]
        spare: (),
        /// N(R).
        #[wire(bits = 15, role = acknowledges)]
        received: u16,
        /// What it says.
        data: DataUnit,
    },
    /// S: numbered supervisory functions.
    #[wire(tag(mask = 0x03, value = 0x01))]
    Supervisory {
        #[wire(fixed = 0x0001u16)]
        format: (),
        #[wire(bits = 1, fixed = 0)]
        spare: (),
        /// N(R).
        #[wire(bits = 15, role = acknowledges)]
        received: u16,
    },
    /// U: unnumbered control functions.
    #[wire(tag(mask = 0x03, value = 0x03))]
    Unnumbered {
        /// Exactly one bit of its upper six.
        function: Function,
        #[wire(fixed = [0, 0, 0])]
        spare: (),
    },
}

/// Clause 5.1, figure 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[repr(u8)]
pub enum Function {
    /// STARTDT act.
    Start = 0x07,
    /// STARTDT con.
    StartConfirmed = 0x0B,
    /// STOPDT act.
    Stop = 0x13,
    /// STOPDT con.
    StopConfirmed = 0x23,
    /// TESTFR act.
    #[wire(role = heartbeat)]
    Test = 0x43,
    /// TESTFR con.
    #[wire(role = heartbeat_reply)]
    TestConfirmed = 0x83,
}

impl Unit {
    /// Numbered information; the session writes both numbers.
    pub fn information(data: DataUnit) -> Self {
        Self::new(Control::Information { format: (), sent: 0, spare: (), received: 0, data })
    }

    /// An acknowledgement of all before N(R).
    pub fn supervisory(received: u16) -> Self {
        Self::new(Control::Supervisory { format: (), spare: (), received })
    }

    /// An unnumbered function.
    pub fn unnumbered(function: Function) -> Self {
        Self::new(Control::Unnumbered { function, spare: () })
    }
}

/// IEC 60870-5-101 clause 7.2.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(bit_order = lsb)]
pub struct DataUnit {
    #[wire(tag_of = objects)]
    kind: Auto<u8>,
    /// Number of information objects or elements.
    #[wire(bits = 7)]
    pub count: u8,
    /// SQ: one address, elements in sequence.
    #[wire(bits = 1)]
    pub in_sequence: bool,
    /// Cause of transmission.
    #[wire(bits = 6)]
    pub cause: Cause,
    /// Negative confirmation.
    #[wire(bits = 1)]
    pub negative: bool,
    /// Test.
    #[wire(bits = 1)]
    pub test: bool,
    /// Originator address.
    pub originator: u8,
    /// Common address; 0xFFFF: all stations.
    pub station: u16,
    /// Information objects.
    #[wire(ctx(count, in_sequence))]
    pub objects: Objects,
}

impl DataUnit {
    /// `DataUnit::of(Cause::Activation, 47, Objects::SingleCommand, Group::one(20, command))`.
    pub fn of<V>(
        cause: Cause,
        station: u16,
        kind: fn(Group<V>) -> Objects,
        group: Group<V>,
    ) -> Self {
        let in_sequence = matches!(group, Group::Sequence { .. });
        let count = u8::try_from(group.len()).unwrap_or(u8::MAX);
        Self::new(count, in_sequence, cause, false, false, 0, station, kind(group))
    }

    /// The same objects, from `station`, for this cause.
    pub fn answered(&self, station: u16, cause: Cause, negative: bool) -> Self {
        let mut answer = self.clone();
        (answer.station, answer.cause, answer.negative) = (station, cause, negative);
        answer
    }
}

/// IEC 60870-5-101 clause 7.2.3, table 14.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[repr(u8)]
pub enum Cause {
    /// Periodic, cyclic.
    Periodic = 1,
    /// Background scan.
    Background = 2,
    /// Of itself.
    Spontaneous = 3,
    /// Initialized.
    Initialized = 4,
    /// Requested.
    Request = 5,
    /// Activation.
    Activation = 6,
    /// Its confirmation.
    ActivationConfirmed = 7,
    /// Deactivation.
    Deactivation = 8,
    /// Its confirmation.
    DeactivationConfirmed = 9,
    /// What was activated has ended.
    ActivationTerminated = 10,
    /// Interrogated by the station's interrogation.
    Interrogated = 20,
    /// Requested by the counters' general interrogation.
    CountersInterrogated = 37,
    /// The type is not known.
    UnknownType = 44,
    /// The cause is not known.
    UnknownReason = 45,
    /// The common address is not known.
    UnknownStation = 46,
    /// The address of the object is not known.
    UnknownAddress = 47,
    /// Any other.
    #[wire(other)]
    Other(#[wire(tag)] u8),
}

/// IEC 60870-5-101 clause 7.2.2.1: so many objects, or one address and so many elements.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(tag = of(in_sequence), ctx(count: u8, in_sequence: bool))]
pub enum Group<V> {
    /// SQ = 0: each has its address.
    #[wire(tag = 0)]
    Objects(#[wire(count = count, max_count = 127)] Vec<Object<V>>),
    /// SQ = 1: one after the other from an address on. The standard has no such thing for types with
    /// a time; they are read all the same, because there are stations that send them.
    #[wire(tag = 1)]
    Sequence {
        /// Of the first.
        #[wire(as = u24)]
        address: u32,
        /// One after the other.
        #[wire(count = count, max_count = 127)]
        values: Vec<V>,
    },
}

impl<V> Group<V> {
    /// One object.
    pub fn one(address: u32, value: V) -> Self {
        Self::Objects(vec![Object { address, value }])
    }

    /// How many.
    pub fn len(&self) -> usize {
        match self {
            Self::Objects(objects) => objects.len(),
            Self::Sequence { values, .. } => values.len(),
        }
    }

    /// Where the first is.
    pub fn address(&self) -> Option<u32> {
        self.iter().next().map(|(address, _)| address)
    }

    /// All of them, with their addresses.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &V)> {
        let (objects, sequence) = match self {
            Self::Objects(objects) => (Some(objects), None),
            Self::Sequence { address, values } => (None, Some((*address..).zip(values))),
        };
        let objects = objects.into_iter().flatten().map(|object| (object.address, &object.value));
        objects.chain(sequence.into_iter().flatten())
    }
}

/// A value at its address.
#[derive(Debug, Clone, Copy, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Object<V> {
    /// Information object address.
    #[wire(as = u24)]
    pub address: u32,
    /// What is there.
    pub value: V,
}

/// IEC 60870-5-101 clause 7.3, and IEC 60870-5-104 clause 8 for commands with a time.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(ctx(count: u8, in_sequence: bool))]
pub enum Objects {
    /// M_SP_NA_1.
    #[wire(tag = 1)]
    SinglePoint(#[wire(ctx(count, in_sequence))] Group<SinglePoint>),
    /// M_DP_NA_1.
    #[wire(tag = 3)]
    DoublePoint(#[wire(ctx(count, in_sequence))] Group<DoublePoint>),
    /// M_ST_NA_1.
    #[wire(tag = 5)]
    StepPosition(#[wire(ctx(count, in_sequence))] Group<StepPosition>),
    /// M_BO_NA_1.
    #[wire(tag = 7)]
    Bits(#[wire(ctx(count, in_sequence))] Group<Measured<u32>>),
    /// M_ME_NA_1.
    #[wire(tag = 9)]
    Normalized(#[wire(ctx(count, in_sequence))] Group<Measured<Normalized>>),
    /// M_ME_NB_1.
    #[wire(tag = 11)]
    Scaled(#[wire(ctx(count, in_sequence))] Group<Measured<i16>>),
    /// M_ME_NC_1.
    #[wire(tag = 13)]
    Short(#[wire(ctx(count, in_sequence))] Group<Measured<f32>>),
    /// M_IT_NA_1.
    #[wire(tag = 15)]
    Counter(#[wire(ctx(count, in_sequence))] Group<Counter>),
    /// M_ME_ND_1.
    #[wire(tag = 21)]
    NormalizedAlone(#[wire(ctx(count, in_sequence))] Group<Normalized>),
    /// M_SP_TB_1.
    #[wire(tag = 30)]
    TimedSinglePoint(#[wire(ctx(count, in_sequence))] Group<Timed<SinglePoint>>),
    /// M_DP_TB_1.
    #[wire(tag = 31)]
    TimedDoublePoint(#[wire(ctx(count, in_sequence))] Group<Timed<DoublePoint>>),
    /// M_ST_TB_1.
    #[wire(tag = 32)]
    TimedStepPosition(#[wire(ctx(count, in_sequence))] Group<Timed<StepPosition>>),
    /// M_BO_TB_1.
    #[wire(tag = 33)]
    TimedBits(#[wire(ctx(count, in_sequence))] Group<Timed<Measured<u32>>>),
    /// M_ME_TD_1.
    #[wire(tag = 34)]
    TimedNormalized(#[wire(ctx(count, in_sequence))] Group<Timed<Measured<Normalized>>>),
    /// M_ME_TE_1.
    #[wire(tag = 35)]
    TimedScaled(#[wire(ctx(count, in_sequence))] Group<Timed<Measured<i16>>>),
    /// M_ME_TF_1.
    #[wire(tag = 36)]
    TimedShort(#[wire(ctx(count, in_sequence))] Group<Timed<Measured<f32>>>),
    /// M_IT_TB_1.
    #[wire(tag = 37)]
    TimedCounter(#[wire(ctx(count, in_sequence))] Group<Timed<Counter>>),
    /// C_SC_NA_1.
    #[wire(tag = 45)]
    SingleCommand(#[wire(ctx(count, in_sequence))] Group<SingleCommand>),
    /// C_DC_NA_1.
    #[wire(tag = 46)]
    DoubleCommand(#[wire(ctx(count, in_sequence))] Group<DoubleCommand>),
    /// C_RC_NA_1.
    #[wire(tag = 47)]
    StepCommand(#[wire(ctx(count, in_sequence))] Group<DoubleCommand>),
    /// C_SE_NA_1.
    #[wire(tag = 48)]
    SetNormalized(#[wire(ctx(count, in_sequence))] Group<Setpoint<Normalized>>),
    /// C_SE_NB_1.
    #[wire(tag = 49)]
    SetScaled(#[wire(ctx(count, in_sequence))] Group<Setpoint<i16>>),
    /// C_SE_NC_1.
    #[wire(tag = 50)]
    SetShort(#[wire(ctx(count, in_sequence))] Group<Setpoint<f32>>),
    /// C_BO_NA_1.
    #[wire(tag = 51)]
    SetBits(#[wire(ctx(count, in_sequence))] Group<u32>),
    /// C_SC_TA_1.
    #[wire(tag = 58)]
    TimedSingleCommand(#[wire(ctx(count, in_sequence))] Group<Timed<SingleCommand>>),
    /// C_DC_TA_1.
    #[wire(tag = 59)]
    TimedDoubleCommand(#[wire(ctx(count, in_sequence))] Group<Timed<DoubleCommand>>),
    /// C_RC_TA_1.
    #[wire(tag = 60)]
    TimedStepCommand(#[wire(ctx(count, in_sequence))] Group<Timed<DoubleCommand>>),
    /// C_SE_TA_1.
    #[wire(tag = 61)]
    TimedSetNormalized(#[wire(ctx(count, in_sequence))] Group<Timed<Setpoint<Normalized>>>),
    /// C_SE_TB_1.
    #[wire(tag = 62)]
    TimedSetScaled(#[wire(ctx(count, in_sequence))] Group<Timed<Setpoint<i16>>>),
    /// C_SE_TC_1.
    #[wire(tag = 63)]
    TimedSetShort(#[wire(ctx(count, in_sequence))] Group<Timed<Setpoint<f32>>>),
    /// C_BO_TA_1.
    #[wire(tag = 64)]
    TimedSetBits(#[wire(ctx(count, in_sequence))] Group<Timed<u32>>),
    /// M_EI_NA_1: the station has started.
    #[wire(tag = 70)]
    Initialized(#[wire(ctx(count, in_sequence))] Group<Initialization>),
    /// C_IC_NA_1: 20 asks the whole station, 21 to 36 a group.
    #[wire(tag = 100)]
    Interrogate(#[wire(ctx(count, in_sequence))] Group<u8>),
    /// C_CI_NA_1.
    #[wire(tag = 101)]
    InterrogateCounters(#[wire(ctx(count, in_sequence))] Group<CounterRequest>),
    /// C_RD_NA_1.
    #[wire(tag = 102)]
    Read {
        /// Of the object.
        #[wire(as = u24)]
        address: u32,
    },
    /// C_CS_NA_1.
    #[wire(tag = 103)]
    SynchronizeClock(#[wire(ctx(count, in_sequence))] Group<Clock>),
    /// C_RP_NA_1.
    #[wire(tag = 105)]
    Reset(#[wire(ctx(count, in_sequence))] Group<u8>),
    /// C_TS_TA_1.
    #[wire(tag = 107)]
    Test(#[wire(ctx(count, in_sequence))] Group<TestCounter>),
    /// Any other type.
    #[wire(other)]
    Other {
        /// Its number.
        #[wire(tag)]
        kind: u8,
        /// Its objects.
        #[wire(rest)]
        raw: Bytes,
    },
}
