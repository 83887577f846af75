//! Values that stand for `None`.

use super::value;
use super::walk::{Cursor, Walk};
use crate::schema::{Bound, Counter, Field, Layout, Presence};

impl Walk {
    /// What stands at the cursor is declared to mean that the field is absent.
    pub(super) fn stands_for_none(&self, field: &Field, cursor: Cursor) -> bool {
        let part = self.part(cursor);
        match field.presence {
            Presence::NonePrefix(none) => {
                let counter = field.bounds.iter().find_map(|bound| match bound {
                    Bound::Prefix(counter) | Bound::CountPrefix(counter) => Some(*counter),
                    _ => None,
                });
                counter.is_some_and(|counter| {
                    let found = value::counter(part, counter, cursor.endian);
                    found.is_some_and(|(number, len)| number == whole(none, counter, len))
                })
            }
            Presence::NoneIs(none) => match field.layout {
                Layout::Varint { kind, signed, .. } => {
                    value::varint(part, kind, signed, cursor.endian)
                        .and_then(|(found, _)| value::number(&found))
                        .is_some_and(|found| found == low(none, 8))
                }
                Layout::Decimal => core::str::from_utf8(part)
                    .is_ok_and(|digits| digits.trim_end().parse() == Ok(none)),
                Layout::Bcd => false,
                _ => {
                    let number = value::unsigned(part, cursor.endian);
                    u64::try_from(number).is_ok_and(|found| found == low(none, part.len()))
                }
            },
            _ => false,
        }
    }
}

/// What stands for `None`, as the reader of its counter gives it.
fn whole(none: i128, counter: Counter, len: usize) -> u64 {
    match counter {
        Counter::Integer { .. } => low(none, len),
        Counter::Varint(_) => low(none, 8),
    }
}

/// The lowest `len` bytes of two's complement.
fn low(none: i128, len: usize) -> u64 {
    let spare = u32::try_from(len.min(8)).unwrap_or(8).saturating_mul(8);
    let mask = u64::MAX.checked_shr(64u32.saturating_sub(spare)).unwrap_or(0);
    u64::try_from(none & i128::from(u64::MAX)).unwrap_or(0) & mask
}
