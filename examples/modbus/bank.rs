//! What a server has: coils, inputs, registers, a queue; and how it answers.

use super::message::{
    Answer, AnswerInside, AnswerInterface, Ask, AskInside, Exception, Mask, Object, Queue, Range,
    Registers, Switch, Write, packed, unpacked,
};

/// Coils and registers, numbered from zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bank {
    pub coils: Vec<bool>,
    pub discrete_inputs: Vec<bool>,
    pub holding_registers: Vec<u16>,
    pub input_registers: Vec<u16>,
    /// Its first holding register is at 0.
    pub queue: Vec<u16>,
    pub vendor: &'static str,
    pub product: &'static str,
    pub revision: &'static str,
}

impl Bank {
    /// So many of each, all off and zero.
    pub fn new(count: usize) -> Self {
        Self {
            coils: vec![false; count],
            discrete_inputs: vec![false; count],
            holding_registers: vec![0; count],
            input_registers: vec![0; count],
            queue: Vec::new(),
            vendor: "longlink",
            product: "modbus",
            revision: env!("CARGO_PKG_VERSION"),
        }
    }

    /// Does what is asked, or says why not.
    pub fn answer(&mut self, ask: &Ask) -> Answer {
        self.done(ask).unwrap_or_else(|code| Answer::Exception { function: code_of(ask), code })
    }

    fn done(&mut self, ask: &Ask) -> Result<Answer, Exception> {
        Ok(match ask {
            Ask::ReadCoils(range) => Answer::Coils(packed(part(&self.coils, *range, 2_000)?)),
            Ask::ReadDiscreteInputs(range) => {
                Answer::DiscreteInputs(packed(part(&self.discrete_inputs, *range, 2_000)?))
            }
            Ask::ReadHoldingRegisters(range) => {
                Answer::HoldingRegisters(part(&self.holding_registers, *range, 125)?.to_vec())
            }
            Ask::ReadInputRegisters(range) => {
                Answer::InputRegisters(part(&self.input_registers, *range, 125)?.to_vec())
            }
            Ask::WriteCoil(Write { address, value }) => {
                let on = match value {
                    Switch::On => true,
                    Switch::Off => false,
                    Switch::Illegal(_) => return Err(Exception::IllegalDataValue),
                };
                write(&mut self.coils, *address, &[on], 1)?;
                Answer::CoilWritten(Write { address: *address, value: *value })
            }
            Ask::WriteRegister(Write { address, value }) => {
                write(&mut self.holding_registers, *address, &[*value], 1)?;
                Answer::RegisterWritten(Write { address: *address, value: *value })
            }
            Ask::WriteCoils { address, count, packed } => {
                if packed.len() != usize::from(*count).div_ceil(8) {
                    return Err(Exception::IllegalDataValue);
                }
                let bits: Vec<bool> = unpacked(packed).take(usize::from(*count)).collect();
                Answer::CoilsWritten(write(&mut self.coils, *address, &bits, 1_968)?)
            }
            Ask::WriteRegisters(Registers { address, values, .. }) => {
                let written = write(&mut self.holding_registers, *address, values, 123)?;
                Answer::RegistersWritten(written)
            }
            Ask::MaskRegister(Mask { address, and, or }) => {
                let range = Range { address: *address, count: 1 };
                for value in part_mut(&mut self.holding_registers, range, 1)? {
                    *value = *value & and | or & !and;
                }
                Answer::RegisterMasked(Mask { address: *address, and: *and, or: *or })
            }
            Ask::ReadWriteRegisters { read, write: Registers { address, values, .. } } => {
                // Both are judged before anything is written.
                part(&self.holding_registers, *read, 125)?;
                write(&mut self.holding_registers, *address, values, 121)?;
                Answer::RegistersRead(part(&self.holding_registers, *read, 125)?.to_vec())
            }
            Ask::ReadQueue { address } => self.queue(*address)?,
            Ask::Diagnose { function: 0, data } => {
                Answer::Diagnosis { function: 0, data: data.clone() }
            }
            Ask::ReportServer => Answer::Server([self.product.as_bytes(), &[0xFF]].concat().into()),
            Ask::Encapsulated(interface) => match interface.inside {
                AskInside::Identify { level, object } => self.identity(level, object)?,
                AskInside::Other { .. } => return Err(Exception::IllegalFunction),
            },
            Ask::Diagnose { .. } | Ask::Other { .. } => return Err(Exception::IllegalFunction),
        })
    }

    /// Clause 6.18: "if the queue count exceeds 31, an exception response is returned with an error
    /// code of 03".
    fn queue(&self, address: u16) -> Result<Answer, Exception> {
        if address != 0 {
            return Err(Exception::IllegalDataAddress);
        }
        if self.queue.len() > 31 {
            return Err(Exception::IllegalDataValue);
        }
        Ok(Answer::Queue(Queue::new(self.queue.clone())))
    }

    /// Clause 6.21: basic objects only, as a stream (levels 1 to 3) or one of them (level 4).
    fn identity(&self, level: u8, object: u8) -> Result<Answer, Exception> {
        let basic = (0..).zip([self.vendor, self.product, self.revision]);
        let wanted = |id: u8| match level {
            1..=3 => Ok(object > 2 || id >= object),
            4 => Ok(id == object),
            _ => Err(Exception::IllegalDataValue),
        };
        let mut objects = Vec::new();
        for (id, value) in basic {
            if wanted(id)? {
                objects.push(Object { id, value: value.into() });
            }
        }
        if objects.is_empty() {
            return Err(Exception::IllegalDataAddress);
        }
        // 0x81: basic identification, stream and single.
        let inside = AnswerInside::Identity { level, conformity: 0x81, more: 0, next: 0, objects };
        Ok(Answer::Encapsulated(AnswerInterface::new(inside)))
    }
}

/// The code of a function, for its exception.
fn code_of(ask: &Ask) -> u8 {
    use longlink::codec::Tagged;
    u8::try_from(ask.tag()).unwrap_or_default() | 0x80
}

/// The range, if all of it is there and at most `most` are asked for: 03 before 02, as the state
/// diagrams of clause 6 have it.
fn place(len: usize, range: Range, most: usize) -> Result<std::ops::Range<usize>, Exception> {
    let (first, count) = (usize::from(range.address), usize::from(range.count));
    if count == 0 || count > most {
        return Err(Exception::IllegalDataValue);
    }
    if first + count > len {
        return Err(Exception::IllegalDataAddress);
    }
    Ok(first..first + count)
}

fn part<T>(all: &[T], range: Range, most: usize) -> Result<&[T], Exception> {
    all.get(place(all.len(), range, most)?).ok_or(Exception::IllegalDataAddress)
}

fn part_mut<T>(all: &mut [T], range: Range, most: usize) -> Result<&mut [T], Exception> {
    let place = place(all.len(), range, most)?;
    all.get_mut(place).ok_or(Exception::IllegalDataAddress)
}

fn write<T: Copy>(
    all: &mut [T],
    address: u16,
    values: &[T],
    most: usize,
) -> Result<Range, Exception> {
    let count = u16::try_from(values.len()).map_err(|_| Exception::IllegalDataValue)?;
    let range = Range { address, count };
    part_mut(all, range, most)?.copy_from_slice(values);
    Ok(range)
}
