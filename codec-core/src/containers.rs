//! Arrays, tuples, `Vec` and `Box` of any [`Wire`] type.

use alloc::boxed::Box;
use alloc::vec::Vec;

use bytes::BytesMut;
use nom::IResult;

use crate::border::{Step, Walker};
use crate::error::{DecodeError, EncodeError, Fault};
use crate::list::{list, list_to_end};
use crate::private::malformed;
use crate::schema::{Layout, Schema, Shape, schema_of};
use crate::scope::Scope;
use crate::trace::Tracer;
use crate::wire::{Parse, Wire};

/// `N` items, one after the other.
impl<T: Wire, const N: usize> Wire for [T; N] {
    type Context = T::Context;
    type Fill = ();
    const MIN_LEN: usize = T::MIN_LEN * N;
    const MAX_LEN: Option<usize> = times(T::MAX_LEN, N);
    const FIXED_LEN: Option<usize> = times(T::FIXED_LEN, N);
    const SHARES: bool = T::SHARES;
    const SEES_WHOLE: bool = T::SEES_WHOLE;
    const SEES_INSIDE: bool = T::SEES_INSIDE;
    const WALKS: bool = T::WALKS;
    const SCHEMA: &'static Schema = &Schema::array::<T, N>();

    fn walk(walker: &mut Walker<'_>, scope: Scope<'_>, context: &Self::Context) -> Step {
        match Self::FIXED_LEN {
            Some(len) => walker.pass(len as u64),
            None => walker.list(N as u64, |walker| T::walk(walker, scope, context)),
        }
    }

    #[inline]
    fn encoded_len_in(&self, scope: Scope<'_>, context: &Self::Context) -> usize {
        run_len(self, scope, context)
    }

    #[inline]
    fn encode_in(
        &self,
        out: &mut BytesMut,
        (): &(),
        scope: Scope<'_>,
        context: &Self::Context,
    ) -> Result<(), EncodeError> {
        T::encode_run(self, out, scope, context)
    }
}

impl<'a, T: Parse<'a>, const N: usize> Parse<'a> for [T; N] {
    #[inline]
    fn parse_in(
        input: &'a [u8],
        scope: Scope<'_>,
        context: &Self::Context,
    ) -> IResult<&'a [u8], Self, DecodeError> {
        T::parse_array(input, scope, context)
    }
}

/// All items up to the end of what it is given. Where a count or a length stands before it, the
/// field declares it.
impl<T: Wire> Wire for Vec<T> {
    type Context = T::Context;
    type Fill = ();
    const MIN_LEN: usize = 0;
    const MAX_LEN: Option<usize> = None;
    const FIXED_LEN: Option<usize> = None;
    const GREEDY: bool = true;
    // `T::SHARES` would be a cycle in a recursive layout.
    const SHARES: bool = T::FIXED_LEN.is_none();
    const SEES_WHOLE: bool = T::SEES_INSIDE;
    const SEES_INSIDE: bool = T::FIXED_LEN.is_none();
    const SCHEMA: &'static Schema = &Schema::list("Vec", schema_of::<T>);

    #[inline]
    fn encoded_len_in(&self, scope: Scope<'_>, context: &Self::Context) -> usize {
        run_len(self, scope, context)
    }

    #[inline]
    fn encode_in(
        &self,
        out: &mut BytesMut,
        (): &(),
        scope: Scope<'_>,
        context: &Self::Context,
    ) -> Result<(), EncodeError> {
        T::encode_run(self, out, scope, context)
    }
}

impl<'a, T: Parse<'a>> Parse<'a> for Vec<T> {
    #[inline]
    fn parse_in(
        input: &'a [u8],
        scope: Scope<'_>,
        context: &Self::Context,
    ) -> IResult<&'a [u8], Self, DecodeError> {
        let items = list_to_end(input, usize::MAX, 0, scope, context)?;
        Ok((input.get(input.len()..).unwrap_or(&[]), items))
    }
}

/// The value itself, one level deeper: this is how a layout contains itself.
///
/// Its bounds are unknown whatever `T` is, or a recursive layout would define them by themselves.
impl<T: Wire> Wire for Box<T> {
    type Context = T::Context;
    type Fill = ();
    const MIN_LEN: usize = 0;
    const MAX_LEN: Option<usize> = None;
    const FIXED_LEN: Option<usize> = None;
    const SHARES: bool = T::FIXED_LEN.is_none();
    const TAG_PARTS: u32 = T::TAG_PARTS;
    const SEES_WHOLE: bool = T::SEES_INSIDE;
    const SEES_INSIDE: bool = T::FIXED_LEN.is_none();
    // `T::WALKS` would be the same cycle.
    const WALKS: bool = true;
    const SCHEMA: &'static Schema = &Schema::boxed(schema_of::<T>);

    fn walk(walker: &mut Walker<'_>, scope: Scope<'_>, context: &Self::Context) -> Step {
        walker.deeper(|walker| T::walk(walker, scope, context))
    }

    #[inline]
    fn outer_tag(context: &Self::Context) -> u64 {
        T::outer_tag(context)
    }

    #[inline]
    fn encoded_len_in(&self, scope: Scope<'_>, context: &Self::Context) -> usize {
        (**self).encoded_len_in(scope, context)
    }

    #[inline]
    fn encode_in(
        &self,
        out: &mut BytesMut,
        (): &(),
        scope: Scope<'_>,
        context: &Self::Context,
    ) -> Result<(), EncodeError> {
        (**self).encode_in(out, &T::Fill::default(), scope, context)
    }
}

impl<'a, T: Parse<'a>> Parse<'a> for Box<T> {
    #[inline]
    fn parse_in(
        input: &'a [u8],
        scope: Scope<'_>,
        context: &Self::Context,
    ) -> IResult<&'a [u8], Self, DecodeError> {
        let (rest, value) = T::parse_in(input, scope.deeper(input)?, context)?;
        Ok((rest, Box::new(value)))
    }
}

/// No bytes.
impl Wire for () {
    type Context = ();
    type Fill = ();
    const MIN_LEN: usize = 0;
    const MAX_LEN: Option<usize> = Some(0);
    const FIXED_LEN: Option<usize> = Some(0);
    const SCHEMA: &'static Schema = &Schema::leaf("()", Layout::Nothing);

    #[inline]
    fn encoded_len_in(&self, _: Scope<'_>, (): &()) -> usize {
        0
    }

    #[inline]
    fn encode_in(
        &self,
        _: &mut BytesMut,
        (): &(),
        _: Scope<'_>,
        (): &(),
    ) -> Result<(), EncodeError> {
        Ok(())
    }
}

impl<'a> Parse<'a> for () {
    #[inline]
    fn parse_in(input: &'a [u8], _: Scope<'_>, (): &()) -> IResult<&'a [u8], Self, DecodeError> {
        Ok((input, ()))
    }
}

macro_rules! tuples {
    ($(($($item:ident $value:ident),+))*) => { $(
        /// Its parts, one after the other.
        impl<$($item: Wire<Context = ()>),+> Wire for ($($item,)+) {
            type Context = ();
            type Fill = ();
            const MIN_LEN: usize = 0 $(+ $item::MIN_LEN)+;
            const MAX_LEN: Option<usize> = sum(&[$($item::MAX_LEN),+]);
            const FIXED_LEN: Option<usize> = sum(&[$($item::FIXED_LEN),+]);
            const GREEDY: bool = false $(|| $item::GREEDY)+;
            const SHARES: bool = false $(|| $item::SHARES)+;
            const SEES_WHOLE: bool = false $(|| $item::SEES_WHOLE)+;
            const SEES_INSIDE: bool = false $(|| $item::SEES_INSIDE)+;
            const WALKS: bool = true $(&& $item::WALKS)+;
            const SCHEMA: &'static Schema =
                &Schema::new("tuple", Shape::Tuple(&[$(schema_of::<$item>),+])).of::<Self>();
            fn walk(walker: &mut Walker<'_>, scope: Scope<'_>, context: &()) -> Step {
                $($item::walk(walker, scope, context)?;)+
                Ok(())
            }
            #[inline]
            fn encoded_len_in(&self, scope: Scope<'_>, context: &()) -> usize {
                let ($($value,)+) = self;
                0 $(+ $value.encoded_len_in(scope, context))+
            }
            #[inline]
            fn encode_in(
                &self,
                out: &mut BytesMut,
                (): &(),
                scope: Scope<'_>,
                context: &(),
            ) -> Result<(), EncodeError> {
                let ($($value,)+) = self;
                $($value.encode_in(out, &$item::Fill::default(), scope, context)?;)+
                Ok(())
            }
        }
        impl<'a, $($item: Parse<'a> + Wire<Context = ()>),+> Parse<'a> for ($($item,)+) {
            #[inline]
            fn parse_in(
                input: &'a [u8],
                scope: Scope<'_>,
                context: &(),
            ) -> IResult<&'a [u8], Self, DecodeError> {
                let trace = if Self::FIXED_LEN.is_none() { scope.trace() } else { None };
                let mut index = 0;
                let rest = input;
                $(
                    note_part(trace, index, rest);
                    index += 1;
                    let (rest, $value) = $item::parse_in(rest, scope, context)?;
                    if let Some(trace) = trace {
                        trace.leave(rest);
                    }
                )+
                let _ = index;
                Ok((rest, ($($value,)+)))
            }
        }
    )* };
}
tuples! {
    (A a)
    (A a, B b)
    (A a, B b, C c)
    (A a, B b, C c, D d)
    (A a, B b, C c, D d, E e)
    (A a, B b, C c, D d, E e, F f)
    (A a, B b, C c, D d, E e, F f, G g)
    (A a, B b, C c, D d, E e, F f, G g, H h)
}

#[inline(always)]
fn note_part(trace: Option<&Tracer>, index: u16, at: &[u8]) {
    if let Some(trace) = trace {
        trace.enter(index, at);
    }
}

/// Bytes that the items will take.
#[inline]
pub fn run_len<T: Wire>(items: &[T], scope: Scope<'_>, context: &T::Context) -> usize {
    match T::FIXED_LEN {
        Some(len) => len * items.len(),
        None => items.iter().map(|item| item.encoded_len_in(scope, context)).sum(),
    }
}

/// `N` items of any type.
pub(crate) fn array<'a, T: Parse<'a>, const N: usize>(
    input: &'a [u8],
    scope: Scope<'_>,
    context: &T::Context,
) -> IResult<&'a [u8], [T; N], DecodeError> {
    let (rest, items) = list(input, N, N, 0, scope, context)?;
    match <[T; N]>::try_from(items) {
        Ok(items) => Ok((rest, items)),
        Err(_) => malformed(Fault::Count, 0, rest),
    }
}

const fn times(len: Option<usize>, count: usize) -> Option<usize> {
    match len {
        Some(len) => Some(len * count),
        None => None,
    }
}

const fn sum(mut lens: &[Option<usize>]) -> Option<usize> {
    let mut total = 0;
    while let [first, rest @ ..] = lens {
        match first {
            Some(len) => total += *len,
            None => return None,
        }
        lens = rest;
    }
    Some(total)
}

#[cfg(test)]
mod tests;
