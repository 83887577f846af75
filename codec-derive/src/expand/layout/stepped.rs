//! Runs of bits of which some go on behind the run.

use super::{Layout, Step, What, is_stepped};
use crate::model::Field;

impl Layout<'_> {
    /// The run of bits of a field, where one of them goes on behind it: its first field, the first
    /// behind it, and whether this field is the last that goes on.
    pub(crate) fn stepped(&self, index: usize) -> Option<(usize, usize, bool)> {
        let mut runs = self.fields.runs.iter();
        let run = runs.find(|run| (run.first..=run.last).contains(&index))?;
        let fields = self.fields.list.get(run.first..=run.last)?;
        let last = fields.iter().rev().find(|field| is_stepped(field))?;
        Some((run.first, run.last + 1, last.index == index))
    }

    /// Bits of this step go on in the next one, so no field behind it begins here.
    pub(crate) fn goes_on(&self, step: &Step) -> bool {
        match step {
            Step::Field(index) => self.stepped(*index).is_some_and(|(_, _, last)| !last),
            Step::Run(run) => match run.pieces.last().map(|piece| piece.what) {
                Some(What::Bits(number)) => {
                    let bits = self.fields.runs.get(number);
                    bits.is_some_and(|bits| self.stepped(bits.first).is_some())
                }
                _ => false,
            },
        }
    }

    /// The bytes of the run of bits that begins with this field; 0 for all others.
    pub(crate) fn run_bytes(&self, field: &Field) -> usize {
        let run = self.fields.runs.iter().find(|run| run.first == field.index);
        run.map_or(0, |run| run.bytes)
    }
}
