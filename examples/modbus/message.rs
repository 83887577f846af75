//! Modbus over TCP: requests and responses of fourteen functions, exceptions, and what is unknown.
//!
//! Source: MODBUS Application Protocol Specification V1.1b3 (functions: clause 6, exceptions:
//! clause 7); MODBUS Messaging on TCP/IP Implementation Guide V1.0b, clause 3.1.3 (header).

use longlink::{Auto, Bytes, Frame, Wire};

/// What a client asks.
///
/// The header of seven bytes, then the function and its data; 260 bytes at most (V1.1b3, clause 4.1:
/// "TCP MODBUS ADU = 253 bytes + MBAP (7 bytes) = 260 bytes").
#[derive(Debug, Clone, PartialEq, Frame)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(endian = big, max_frame_length = 260, resync = close)]
pub struct Request {
    /// The response repeats it.
    #[wire(role = sequence)]
    pub transaction: u16,
    #[wire(fixed = 0u16)]
    protocol: (),
    #[wire(length_of = unit..)]
    length: Auto<u16>,
    /// A device behind a gateway; 0 or 255: the one that answers.
    pub unit: u8,
    #[wire(tag_of = ask, display = hex)]
    function: Auto<u8>,
    /// What is asked.
    pub ask: Ask,
}

/// What a server answers.
#[derive(Debug, Clone, PartialEq, Frame)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[wire(endian = big, max_frame_length = 260, resync = close)]
pub struct Response {
    /// Of the request.
    #[wire(role = replies_to)]
    pub transaction: u16,
    #[wire(fixed = 0u16)]
    protocol: (),
    #[wire(length_of = unit..)]
    length: Auto<u16>,
    /// Of the request.
    pub unit: u8,
    #[wire(tag_of = answer, display = hex)]
    function: Auto<u8>,
    /// The answer.
    pub answer: Answer,
}

/// The functions of a request. What a server must refuse with an exception, such as a count of
/// nothing, is not malformed: it is read, so that it can be refused.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub enum Ask {
    /// Clause 6.1: outputs of one bit.
    #[wire(tag = 0x01)]
    ReadCoils(Range),
    /// Clause 6.2: inputs of one bit.
    #[wire(tag = 0x02)]
    ReadDiscreteInputs(Range),
    /// Clause 6.3: registers that can be written.
    #[wire(tag = 0x03)]
    ReadHoldingRegisters(Range),
    /// Clause 6.4: registers that cannot.
    #[wire(tag = 0x04)]
    ReadInputRegisters(Range),
    /// Clause 6.5.
    #[wire(tag = 0x05)]
    WriteCoil(Write<Switch>),
    /// Clause 6.6.
    #[wire(tag = 0x06)]
    WriteRegister(Write<u16>),
    /// Clause 6.8.
    #[wire(tag = 0x08)]
    Diagnose {
        /// 0: return the data.
        function: u16,
        /// By the function.
        #[wire(rest)]
        data: Vec<u16>,
    },
    /// Clause 6.11.
    #[wire(tag = 0x0F)]
    WriteCoils {
        /// The first.
        address: u16,
        /// How many.
        count: u16,
        /// Eight in a byte, the first in the lowest bit; see [`unpacked`].
        #[wire(prefix = u8)]
        packed: Bytes,
    },
    /// Clause 6.12.
    #[wire(tag = 0x10)]
    WriteRegisters(Registers),
    /// Clause 6.13.
    #[wire(tag = 0x11)]
    ReportServer,
    /// Clause 6.16.
    #[wire(tag = 0x16)]
    MaskRegister(Mask),
    /// Clause 6.17: writes, then reads.
    #[wire(tag = 0x17)]
    ReadWriteRegisters {
        /// What is read.
        read: Range,
        /// What is written.
        write: Registers,
    },
    /// Clause 6.18.
    #[wire(tag = 0x18)]
    ReadQueue {
        /// Of the queue's count.
        address: u16,
    },
    /// Clause 6.19: a transport for other protocols.
    #[wire(tag = 0x2B)]
    Encapsulated(AskInterface),
    /// Any other function.
    #[wire(other)]
    Other {
        /// Its code.
        #[wire(tag)]
        function: u8,
        #[wire(rest)]
        data: Bytes,
    },
}

/// So many, from there on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Range {
    /// The first, from zero.
    pub address: u16,
    /// How many.
    pub count: u16,
}

/// A new value; addresses count from zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Write<T> {
    /// Where.
    pub address: u16,
    /// What.
    pub value: T,
}

/// Clause 6.16: `value & and | or & !and`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Mask {
    /// Where.
    pub address: u16,
    /// Bits that stay.
    #[wire(display = hex)]
    pub and: u16,
    /// Bits to set, of those that do not stay.
    #[wire(display = hex)]
    pub or: u16,
}

/// Registers from there on, counted in values and again in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Registers {
    /// The first, from zero.
    pub address: u16,
    #[wire(count_of = values)]
    count: Auto<u16>,
    #[wire(length_of = values)]
    length: Auto<u8>,
    /// Their new values.
    pub values: Vec<u16>,
}

/// Clause 6.5: "All other values are illegal".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[repr(u16)]
pub enum Switch {
    /// Off.
    Off = 0x0000,
    /// On.
    On = 0xFF00,
    /// Illegal.
    #[wire(other)]
    Illegal(#[wire(tag)] u16),
}

/// Clause 6.19.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct AskInterface {
    #[wire(tag_of = inside, display = hex)]
    kind: Auto<u8>,
    /// By the kind.
    pub inside: AskInside,
}

/// Clauses 6.20 and 6.21.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub enum AskInside {
    /// Who are you?
    #[wire(tag = 0x0E)]
    Identify {
        /// 1: basic, 2: regular, 3: extended, 4: one object.
        level: u8,
        /// The first object wanted.
        object: u8,
    },
    /// Any other kind.
    #[wire(other)]
    Other {
        #[wire(tag)]
        kind: u8,
        #[wire(rest)]
        data: Bytes,
    },
}

/// The functions of a response.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub enum Answer {
    /// Clause 6.1; see [`unpacked`].
    #[wire(tag = 0x01)]
    Coils(#[wire(prefix = u8)] Bytes),
    /// Clause 6.2; see [`unpacked`].
    #[wire(tag = 0x02)]
    DiscreteInputs(#[wire(prefix = u8)] Bytes),
    /// Clause 6.3.
    #[wire(tag = 0x03)]
    HoldingRegisters(#[wire(prefix = u8)] Vec<u16>),
    /// Clause 6.4.
    #[wire(tag = 0x04)]
    InputRegisters(#[wire(prefix = u8)] Vec<u16>),
    /// Clause 6.5: as it was asked.
    #[wire(tag = 0x05)]
    CoilWritten(Write<Switch>),
    /// Clause 6.6: as it was asked.
    #[wire(tag = 0x06)]
    RegisterWritten(Write<u16>),
    /// Clause 6.8.
    #[wire(tag = 0x08)]
    Diagnosis {
        /// As it was asked.
        function: u16,
        /// By the function.
        #[wire(rest)]
        data: Vec<u16>,
    },
    /// Clause 6.11.
    #[wire(tag = 0x0F)]
    CoilsWritten(Range),
    /// Clause 6.12.
    #[wire(tag = 0x10)]
    RegistersWritten(Range),
    /// Clause 6.13: an identity of any length, 0xFF (runs) or 0x00, and what the device adds.
    #[wire(tag = 0x11)]
    Server(#[wire(prefix = u8)] Bytes),
    /// Clause 6.16: as it was asked.
    #[wire(tag = 0x16)]
    RegisterMasked(Mask),
    /// Clause 6.17.
    #[wire(tag = 0x17)]
    RegistersRead(#[wire(prefix = u8)] Vec<u16>),
    /// Clause 6.18.
    #[wire(tag = 0x18)]
    Queue(Queue),
    /// Clause 6.19.
    #[wire(tag = 0x2B)]
    Encapsulated(AnswerInterface),
    /// Clause 7: "the server sets the MSB of the function code to 1". 0x80 is what pymodbus answers to
    /// a function that it does not know.
    #[wire(tag = 0x80..=0xFF)]
    Exception {
        /// That was asked, and 0x80.
        #[wire(tag)]
        function: u8,
        /// Why not.
        code: Exception,
    },
    /// Any other function.
    #[wire(other)]
    Other {
        /// Its code.
        #[wire(tag)]
        function: u8,
        #[wire(rest)]
        data: Bytes,
    },
}

/// Clause 6.18: values in the order in which they came, counted in bytes and again in values.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Queue {
    #[wire(length_of = count..=values)]
    length: Auto<u16>,
    #[wire(count_of = values)]
    count: Auto<u16>,
    /// 31 at most.
    pub values: Vec<u16>,
}

/// Clause 6.19.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct AnswerInterface {
    #[wire(tag_of = inside, display = hex)]
    kind: Auto<u8>,
    /// By the kind.
    pub inside: AnswerInside,
}

/// Clauses 6.20 and 6.21.
#[derive(Debug, Clone, PartialEq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub enum AnswerInside {
    /// I am.
    #[wire(tag = 0x0E)]
    Identity {
        /// As it was asked.
        level: u8,
        /// What the device can tell.
        #[wire(display = hex)]
        conformity: u8,
        /// 0xFF: more objects follow, from `next` on.
        #[wire(display = hex)]
        more: u8,
        /// The first object that did not fit.
        next: u8,
        /// What it tells.
        #[wire(count_prefix = u8)]
        objects: Vec<Object>,
    },
    /// Any other kind.
    #[wire(other)]
    Other {
        #[wire(tag)]
        kind: u8,
        #[wire(rest)]
        data: Bytes,
    },
}

/// Clause 6.21, table of objects.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
pub struct Object {
    /// 0: vendor, 1: product, 2: revision.
    pub id: u8,
    /// Mostly ASCII.
    #[wire(prefix = u8)]
    pub value: Bytes,
}

/// Clause 7, table of exception codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire)]
#[cfg_attr(feature = "arbitrary", derive(longlink::Arbitrary))]
#[repr(u8)]
pub enum Exception {
    /// The function is not known here.
    IllegalFunction = 0x01,
    /// There is nothing at this address, or not so much.
    IllegalDataAddress = 0x02,
    /// A value, or a length that it implies, is wrong.
    IllegalDataValue = 0x03,
    /// It broke while working on it.
    ServerDeviceFailure = 0x04,
    /// It works on it, and will take long.
    Acknowledge = 0x05,
    /// It works on something else.
    ServerDeviceBusy = 0x06,
    /// Its memory is damaged.
    MemoryParityError = 0x08,
    /// The gateway has no way to the unit.
    GatewayPathUnavailable = 0x0A,
    /// The unit does not answer the gateway.
    GatewayTargetFailedToRespond = 0x0B,
    /// Any other.
    #[wire(other)]
    Other(#[wire(tag)] u8),
}

/// The bits of coils or inputs, in their order; those that fill the last byte at the end.
pub fn unpacked(packed: &[u8]) -> impl Iterator<Item = bool> {
    packed.iter().flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1 == 1))
}

/// Eight bits in a byte, the first in the lowest.
pub fn packed(bits: &[bool]) -> Bytes {
    let byte = |eight: &[bool]| eight.iter().rev().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
    bits.chunks(8).map(byte).collect()
}
