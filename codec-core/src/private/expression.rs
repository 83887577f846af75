//! Operators of expressions in attributes: checked, so that no number off the wire can overflow.

use core::ops::{Add, Div, Mul, Neg, Rem, Shl, Shr, Sub};

use crate::private::whole::Whole;

/// Arithmetic that may fail, or, for floats, cannot.
pub trait Checked: Sized {
    /// `self + other`.
    fn add(self, other: Self) -> Option<Self>;
    /// `self - other`.
    fn sub(self, other: Self) -> Option<Self>;
    /// `self * other`.
    fn mul(self, other: Self) -> Option<Self>;
    /// `self / other`.
    fn div(self, other: Self) -> Option<Self>;
    /// `self % other`.
    fn rem(self, other: Self) -> Option<Self>;
    /// `-self`.
    fn neg(self) -> Option<Self>;
}

macro_rules! checked {
    ($($number:ident),*) => { $(
        impl Checked for $number {
            #[inline(always)]
            fn add(self, other: Self) -> Option<Self> {
                self.checked_add(other)
            }
            #[inline(always)]
            fn sub(self, other: Self) -> Option<Self> {
                self.checked_sub(other)
            }
            #[inline(always)]
            fn mul(self, other: Self) -> Option<Self> {
                self.checked_mul(other)
            }
            #[inline(always)]
            fn div(self, other: Self) -> Option<Self> {
                self.checked_div(other)
            }
            #[inline(always)]
            fn rem(self, other: Self) -> Option<Self> {
                self.checked_rem(other)
            }
            #[inline(always)]
            fn neg(self) -> Option<Self> {
                self.checked_neg()
            }
        }
    )* };
}
checked!(u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize);

macro_rules! floats {
    ($($number:ident),*) => { $(
        impl Checked for $number {
            #[inline(always)]
            fn add(self, other: Self) -> Option<Self> {
                Some(Add::add(self, other))
            }
            #[inline(always)]
            fn sub(self, other: Self) -> Option<Self> {
                Some(Sub::sub(self, other))
            }
            #[inline(always)]
            fn mul(self, other: Self) -> Option<Self> {
                Some(Mul::mul(self, other))
            }
            #[inline(always)]
            fn div(self, other: Self) -> Option<Self> {
                Some(Div::div(self, other))
            }
            #[inline(always)]
            fn rem(self, other: Self) -> Option<Self> {
                Some(Rem::rem(self, other))
            }
            #[inline(always)]
            fn neg(self) -> Option<Self> {
                Some(Neg::neg(self))
            }
        }
    )* };
}
floats!(f32, f64);

/// `value << by`; `None` when bits would be lost.
#[inline(always)]
pub fn shl<T>(value: T, by: impl Whole) -> Option<T>
where
    T: Whole + Shl<u32, Output = T> + Shr<u32, Output = T>,
{
    let by = by.to_usize().and_then(|by| u32::try_from(by).ok())?;
    if by as usize >= size_of::<T>() * 8 {
        return None;
    }
    let shifted = value << by;
    if shifted >> by == value { Some(shifted) } else { None }
}

/// `value >> by`; `None` when `by` is not below the width.
#[inline(always)]
pub fn shr<T>(value: T, by: impl Whole) -> Option<T>
where
    T: Whole + Shr<u32, Output = T>,
{
    let by = by.to_usize().and_then(|by| u32::try_from(by).ok())?;
    if by as usize >= size_of::<T>() * 8 { None } else { Some(value >> by) }
}

/// `value as T` where nothing is lost.
#[inline(always)]
pub fn cast<F, T: TryFrom<F>>(value: F) -> Option<T> {
    T::try_from(value).ok()
}

/// A size or count that an expression gives.
#[inline(always)]
pub fn size<T: Whole>(value: T) -> Option<usize> {
    value.to_usize()
}

/// A tag that an expression gives.
#[inline(always)]
pub fn tag<T: Whole>(value: T) -> u64 {
    value.to_u64()
}

/// A number that an expression gives, as the type that its use needs.
#[inline(always)]
pub fn convert<F: Whole, T: Whole>(value: F) -> Option<T> {
    T::from_u64(value.to_u64())
}
