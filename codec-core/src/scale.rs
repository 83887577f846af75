//! Integers that stand for engineering values: value = raw × scale + offset.
//!
//! Nothing but the value is kept, so the raw integer must fit the mantissa of the field's type; then
//! it comes back exactly. Values are computed in `f64`, also for `f32` fields.

use crate::error::EncodeError;
use crate::integer::{odd_read, odd_write};
use crate::scope::Endian;

/// The types of scaled fields.
pub trait Float: Copy + PartialEq {
    /// The nearest value of the type.
    fn from_f64(value: f64) -> Self;
    /// Exactly.
    fn to_f64(self) -> f64;
}

impl Float for f64 {
    #[inline(always)]
    fn from_f64(value: f64) -> Self {
        value
    }

    #[inline(always)]
    fn to_f64(self) -> f64 {
        self
    }
}

impl Float for f32 {
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "rounding is what is wanted")]
    fn from_f64(value: f64) -> Self {
        value as f32
    }

    #[inline(always)]
    fn to_f64(self) -> f64 {
        f64::from(self)
    }
}

/// Raw integers beyond this are not exact in `f64`: 2^53.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The value of a raw integer of `N` bytes, 1 to 8.
#[inline(always)]
pub fn scaled_read<F: Float, const N: usize>(
    bytes: [u8; N],
    signed: bool,
    endian: Endian,
    scale: f64,
    offset: f64,
) -> F {
    value_of(odd_read::<i64, N>(bytes, signed, endian).unwrap_or(i64::MAX), scale, offset)
}

/// The raw integer that is nearest to the value; ties away from zero.
///
/// # Errors
/// [`EncodeError::Invalid`] (with the bits of its `f64`) for NaN and infinity; a raw integer that
/// does not fit `N` bytes.
#[inline]
pub fn scaled_write<F: Float, const N: usize>(
    value: F,
    signed: bool,
    endian: Endian,
    scale: f64,
    offset: f64,
    field: &'static str,
) -> Result<[u8; N], EncodeError> {
    let steps = (value.to_f64() - offset) / scale;
    if !(-EXACT..=EXACT).contains(&steps) {
        return Err(EncodeError::Invalid { field, value: value.to_f64().to_bits() });
    }
    let near = rounded(steps);
    // A large offset can cost the last bits: then the neighbour whose value is this one is meant.
    let exact = [near, near - 1, near + 1]
        .into_iter()
        .find(|raw| value_of::<F>(*raw, scale, offset) == value)
        .unwrap_or(near);
    odd_write(exact, signed, endian, field)
}

#[inline(always)]
#[expect(clippy::cast_precision_loss, reason = "declarations keep it below 2^53")]
fn value_of<F: Float>(raw: i64, scale: f64, offset: f64) -> F {
    F::from_f64(raw as f64 * scale + offset)
}

/// To the nearest integer; `core` has no `round`. The argument is within ±2^53.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "within ±2^53, and the fraction is looked at")]
#[expect(clippy::cast_precision_loss, reason = "within ±2^53")]
fn rounded(steps: f64) -> i64 {
    let whole = steps as i64;
    let fraction = steps - whole as f64;
    whole + i64::from(fraction >= 0.5) - i64::from(fraction <= -0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BIG: Endian = Endian::Big;

    fn written<F: Float, const N: usize>(
        value: F,
        signed: bool,
        scale: f64,
        offset: f64,
    ) -> Result<[u8; N], EncodeError> {
        scaled_write(value, signed, BIG, scale, offset, "T.f")
    }

    #[test]
    fn a_raw_integer_becomes_its_value() {
        let degrees: f64 = scaled_read([0x01, 0xd9, 0xf1, 0xed], false, BIG, 1e-6, 0.0);
        assert_eq!(degrees, 31.060_461);
        assert_eq!(written(degrees, false, 1e-6, 0.0), Ok([0x01, 0xd9, 0xf1, 0xed]));
        let amperes: f32 = scaled_read([0x27, 0x10], false, BIG, 0.1, -1000.0);
        assert_eq!(amperes, 0.0);
        let little: f64 = scaled_read([0xfe, 0xff, 0xff], true, Endian::Little, 0.5, 1.0);
        assert_eq!(little, 0.0);
    }

    #[test]
    fn every_raw_integer_comes_back() {
        for raw in 0..=u16::MAX {
            let bytes = raw.to_be_bytes();
            let tenths: f32 = scaled_read(bytes, false, BIG, 0.1, -1000.0);
            assert_eq!(written(tenths, false, 0.1, -1000.0), Ok(bytes));
            let far: f32 = scaled_read(bytes, true, BIG, 0.01, 80_000.0);
            assert_eq!(written(far, true, 0.01, 80_000.0), Ok(bytes));
        }
        for raw in [0, 1, (1 << 53) - 1, -(1i64 << 53) + 1] {
            let bytes = raw.to_be_bytes();
            let value: f64 = scaled_read(bytes, true, BIG, 1e-7, 0.0);
            assert_eq!(written(value, true, 1e-7, 0.0), Ok(bytes));
        }
    }

    #[test]
    fn other_values_go_to_the_nearest_step() {
        assert_eq!(written(0.14f64, false, 0.1, 0.0), Ok([1]));
        assert_eq!(written(0.15f64, false, 0.1, 0.0), Ok([1]));
        assert_eq!(written(0.5f64, false, 1.0, 0.0), Ok([1]));
        assert_eq!(written(-0.5f64, true, 1.0, 0.0), Ok([0xff]));
        assert_eq!(written(-0.4f64, false, 1.0, 0.0), Ok([0]));
    }

    #[test]
    fn values_without_a_raw_integer_are_refused() {
        assert_eq!(written(255.4f64, false, 1.0, 0.0), Ok([255]));
        let error = EncodeError::TooLarge { field: "T.f", value: 256, max: 255 };
        assert_eq!(written::<_, 1>(255.5f64, false, 1.0, 0.0), Err(error));
        let error = EncodeError::Invalid { field: "T.f", value: u64::MAX };
        assert_eq!(written::<_, 1>(-1.0f64, false, 1.0, 0.0), Err(error));
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
            let error = EncodeError::Invalid { field: "T.f", value: value.to_bits() };
            assert_eq!(written::<_, 4>(value, false, 1.0, 0.0), Err(error));
        }
    }
}
