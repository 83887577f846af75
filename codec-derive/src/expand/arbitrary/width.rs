//! How many bits a value of variable length can have.

use syn::Type;

use super::value::bits_of;
use crate::expand::context;
use crate::expand::layout::Layout;
use crate::expand::value::{largest, primitive};
use crate::model::{Alternative, Field, StepForm, Varint, VarintKind};

/// Bits that every form together can hold.
pub(super) fn most_of_steps(forms: &[StepForm]) -> usize {
    let most = forms.iter().map(|form| form.most()).max().unwrap_or(0);
    let bits = 64 - most.saturating_add(1).leading_zeros().max(1);
    let bits = if most == u64::MAX { 64 } else { bits.saturating_sub(1) };
    usize::try_from(bits).unwrap_or(64)
}

/// What the type holds of so many bits.
pub(super) fn narrowed(ty: &Type, bits: usize) -> usize {
    primitive(ty).map_or(bits, |own| bits.min(own.bytes * 8))
}

/// The bits of a varint, within its `max_bytes`.
pub(super) fn varint_bits(varint: &Varint) -> usize {
    let most = match (varint.max_bytes, &varint.kind) {
        (_, VarintKind::Steps(forms)) => most_of_steps(forms),
        (Some(bytes), VarintKind::Ber) => bytes.saturating_sub(1).max(1) * 8,
        (Some(bytes), _) => bytes * 7,
        (None, _) => 64,
    };
    most.min(64)
}

/// The largest tag that its holders can say: as many bits of each part.
pub(super) fn largest_tag(layout: &Layout<'_>, field: &Field) -> u64 {
    let holders = context::tag_holders(layout, field.index).map(|relation| {
        let direct = relation.holder.path.is_empty();
        let holder = layout.fields.list.get(relation.holder.field).filter(|_| direct)?;
        bits_of(holder)
    });
    let holders: Vec<Option<u32>> = holders.collect();
    let lane = Alternative::most(holders.len()).count_ones();
    let parts = holders.iter().map(|bits| largest(bits.unwrap_or(lane).min(lane)));
    parts.reduce(|tag, part| tag << lane | part).unwrap_or(u64::MAX)
}
