//! Information elements of IEC 60870-5-101, clause 7.2.6, and how they are put together.

use longlink::{CivilTime, Wire};

/// Clause 7.2.6.1 to 7.2.6.3: the four bits that all qualities have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(bitfield = 4, bit_order = lsb)]
pub struct Quality {
    /// BL: blocked.
    #[wire(bits = 1)]
    pub blocked: bool,
    /// SB: substituted.
    #[wire(bits = 1)]
    pub substituted: bool,
    /// NT: not topical.
    #[wire(bits = 1)]
    pub not_topical: bool,
    /// IV: invalid.
    #[wire(bits = 1)]
    pub invalid: bool,
}

/// SIQ, clause 7.2.6.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(bitfield = u8, bit_order = lsb)]
pub struct SinglePoint {
    /// On.
    #[wire(bits = 1)]
    pub on: bool,
    #[wire(bits = 3, reserved)]
    reserved: u8,
    /// How good it is.
    #[wire(bits = 4)]
    pub quality: Quality,
}

/// Clauses 7.2.6.2, 7.2.6.16.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[repr(u8)]
pub enum Double {
    /// In between; for a command: not permitted; of a step: lower is 1.
    Between = 0,
    /// Off; of a step: lower.
    Off = 1,
    /// On; of a step: higher.
    On = 2,
    /// Faulty; for a command: not permitted.
    Faulty = 3,
}

/// DIQ, clause 7.2.6.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(bitfield = u8, bit_order = lsb)]
pub struct DoublePoint {
    /// Where it stands.
    #[wire(bits = 2)]
    pub state: Double,
    #[wire(bits = 2, reserved)]
    reserved: u8,
    /// How good it is.
    #[wire(bits = 4)]
    pub quality: Quality,
}

/// QDS, clause 7.2.6.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(bitfield = u8, bit_order = lsb)]
pub struct MeasuredQuality {
    /// OV: overflow.
    #[wire(bits = 1)]
    pub overflow: bool,
    #[wire(bits = 3, reserved)]
    reserved: u8,
    /// The others.
    #[wire(bits = 4)]
    pub quality: Quality,
}

/// VTI and QDS, clause 7.2.6.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(bit_order = lsb)]
pub struct StepPosition {
    /// -64 to 63.
    #[wire(bits = 7)]
    pub value: i8,
    /// On its way.
    #[wire(bits = 1)]
    pub transient: bool,
    /// How good it is.
    pub quality: MeasuredQuality,
}

/// NVA, clause 7.2.6.6: -1 to 1 - 2^-15.
#[derive(Debug, Clone, Copy, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Normalized {
    /// Of the full range.
    #[wire(as = i16, scale = 3.0517578125e-5)]
    pub value: f32,
}

/// A value with its quality.
#[derive(Debug, Clone, Copy, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Measured<T> {
    /// What was measured.
    pub value: T,
    /// How good it is.
    pub quality: MeasuredQuality,
}

impl<T> Measured<T> {
    /// A good one.
    pub fn good(value: T) -> Self {
        Self { value, quality: MeasuredQuality::new(false, Quality::default()) }
    }
}

/// BCR, clause 7.2.6.9.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(bit_order = lsb)]
pub struct Counter {
    /// What was counted.
    pub value: i32,
    /// SQ: number of the reading.
    #[wire(bits = 5)]
    pub sequence: u8,
    /// CY: it overflowed since the last reading.
    #[wire(bits = 1)]
    pub carry: bool,
    /// CA: it was set since the last reading.
    #[wire(bits = 1)]
    pub adjusted: bool,
    /// IV: invalid.
    #[wire(bits = 1)]
    pub invalid: bool,
}

/// Anything with the time of day at which it happened (CP56Time2a, clause 7.2.6.18).
#[derive(Debug, Clone, Copy, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Timed<T> {
    /// What happened.
    pub value: T,
    /// When.
    #[wire(timestamp = cp56time2a)]
    pub time: CivilTime,
}

/// SCO, clause 7.2.6.15.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(bitfield = u8, bit_order = lsb)]
pub struct SingleCommand {
    /// On.
    #[wire(bits = 1)]
    pub on: bool,
    #[wire(bits = 1, reserved)]
    reserved: u8,
    /// QU: 0: none, 1: short pulse, 2: long pulse, 3: persistent.
    #[wire(bits = 5)]
    pub qualifier: u8,
    /// S/E: select it, do not execute it yet.
    #[wire(bits = 1)]
    pub select: bool,
}

/// DCO and RCO, clauses 7.2.6.16 and 7.2.6.17.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(bitfield = u8, bit_order = lsb)]
pub struct DoubleCommand {
    /// Where to.
    #[wire(bits = 2)]
    pub state: Double,
    /// QU: 0: none, 1: short pulse, 2: long pulse, 3: persistent.
    #[wire(bits = 5)]
    pub qualifier: u8,
    /// S/E: select it, do not execute it yet.
    #[wire(bits = 1)]
    pub select: bool,
}

/// A value and QOS, clause 7.2.6.39.
#[derive(Debug, Clone, Copy, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(bit_order = lsb)]
pub struct Setpoint<T> {
    /// The new value.
    pub value: T,
    /// QL: 0: none.
    #[wire(bits = 7)]
    pub qualifier: u8,
    /// S/E: select it, do not execute it yet.
    #[wire(bits = 1)]
    pub select: bool,
}

/// COI, clause 7.2.6.21.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(bitfield = u8, bit_order = lsb)]
pub struct Initialization {
    /// 0: switched on, 1: reset here, 2: reset from afar.
    #[wire(bits = 7)]
    pub cause: u8,
    /// Parameters were changed.
    #[wire(bits = 1)]
    pub changed: bool,
}

/// QCC, clause 7.2.6.23.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(bitfield = u8, bit_order = lsb)]
pub struct CounterRequest {
    /// RQT: 5: all counters.
    #[wire(bits = 6)]
    pub request: u8,
    /// FRZ: 0: read, 1: freeze, 2: freeze and reset, 3: reset.
    #[wire(bits = 2)]
    pub freeze: u8,
}

/// What time it is: CP56Time2a.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Clock {
    /// Of the one who sends it.
    #[wire(timestamp = cp56time2a)]
    pub time: CivilTime,
}

/// TSC, IEC 60870-5-104 clause 8.8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct TestCounter {
    /// Any number; it comes back.
    pub counter: u16,
    /// When.
    #[wire(timestamp = cp56time2a)]
    pub time: CivilTime,
}
