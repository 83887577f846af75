//! The primitive types.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::{Ipv4Addr, Ipv6Addr};

use arbitrary::Result;
use bytes::Bytes;

use super::Arbitrary;
use super::draw::{Draw, Room};
use crate::lenient::Lenient;
use crate::text::TextForm;
use crate::wire::Wire;

/// Whatever its parent leaves.
const REST: Room = Room { exact: None, most: usize::MAX, unit: (1, 0), end: &[] };

macro_rules! plain {
    ($($ty:ty = |$draw:ident| $value:expr;)*) => { $(
        impl<'a> Arbitrary<'a> for $ty {
            type Declared = ();
            fn draw($draw: &mut Draw<'_, 'a>, (): &()) -> Result<Self> {
                $value
            }
        }
    )* };
}

plain! {
    u8 = |draw| draw.whole(8, false);
    u16 = |draw| draw.whole(16, false);
    u32 = |draw| draw.whole(32, false);
    u64 = |draw| draw.whole(64, false);
    u128 = |draw| draw.source.arbitrary();
    i8 = |draw| draw.whole(8, true);
    i16 = |draw| draw.whole(16, true);
    i32 = |draw| draw.whole(32, true);
    i64 = |draw| draw.whole(64, true);
    i128 = |draw| draw.source.arbitrary();
    bool = |draw| draw.coin();
    () = |_draw| Ok(());
    String = |draw| draw.text(REST, TextForm::UTF8);
    Bytes = |draw| draw.bytes(REST).map(Bytes::from);
    &'a [u8] = |draw| draw.borrowed(REST);
    &'a str = |draw| draw.borrowed_text(REST);
    Ipv4Addr = |draw| Ok(Self::from(draw.array::<4>()?));
    Ipv6Addr = |draw| Ok(Self::from(draw.array::<16>()?));
    // No NaN: it is no value that compares equal to itself.
    f32 = |draw| {
        let value = Self::from_bits(draw.source.arbitrary()?);
        Ok(if value.is_nan() { 0.0 } else { value })
    };
    f64 = |draw| {
        let value = Self::from_bits(draw.source.arbitrary()?);
        Ok(if value.is_nan() { 0.0 } else { value })
    };
}

impl<'a, T: Arbitrary<'a>> Arbitrary<'a> for Box<T> {
    type Declared = T::Declared;
    fn draw(draw: &mut Draw<'_, 'a>, context: &T::Declared) -> Result<Self> {
        draw.deeper(|draw| T::draw(draw, context)).map(Self::new)
    }
}

/// A good value: bad ones come of bytes that are changed.
impl<'a, T: Arbitrary<'a>> Arbitrary<'a> for Lenient<T> {
    type Declared = T::Declared;
    fn draw(draw: &mut Draw<'_, 'a>, context: &T::Declared) -> Result<Self> {
        T::draw(draw, context).map(Self::Good)
    }
}

impl<'a, T: Arbitrary<'a> + Wire> Arbitrary<'a> for Vec<T> {
    type Declared = T::Declared;
    fn draw(draw: &mut Draw<'_, 'a>, context: &Self::Declared) -> Result<Self> {
        draw.list(None, usize::MAX, T::MIN_LEN, |draw| T::draw(draw, context))
    }
}

impl<'a, T: Arbitrary<'a>, const N: usize> Arbitrary<'a> for [T; N] {
    type Declared = T::Declared;
    fn draw(draw: &mut Draw<'_, 'a>, context: &T::Declared) -> Result<Self> {
        let items: Vec<T> = (0..N).map(|_| T::draw(draw, context)).collect::<Result<_>>()?;
        Self::try_from(items).map_err(|_| super::unfit())
    }
}

macro_rules! tuple {
    ($($name:ident),*) => {
        impl<'a, $($name: Arbitrary<'a, Declared = ()>),*> Arbitrary<'a> for ($($name,)*) {
            type Declared = ();
            fn draw(draw: &mut Draw<'_, 'a>, (): &()) -> Result<Self> {
                Ok(($($name::draw(draw, &())?,)*))
            }
        }
    };
}

tuple!(A, B);
tuple!(A, B, C);
tuple!(A, B, C, D);
tuple!(A, B, C, D, E);
tuple!(A, B, C, D, E, F);
tuple!(A, B, C, D, E, F, G);
tuple!(A, B, C, D, E, F, G, H);
