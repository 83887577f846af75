//! How many bits a value of variable length can have.

use syn::Type;

use crate::expand::value::primitive;
use crate::model::{StepForm, Varint, VarintKind};

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
