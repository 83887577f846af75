//! Lists that stay bytes until somebody looks at the items.

use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use bytes::BytesMut;
use nom::IResult;

use crate::error::{DecodeError, EncodeError, Fault};
use crate::private::malformed;
use crate::schema::{Schema, schema_of};
use crate::scope::{Around, Enclosing, Endian, Scope};
use crate::wire::{Parse, Wire};

/// A repeated group that borrows its bytes. Each item is checked once, when the list is read, and
/// parsed again while iterating; nothing is allocated. The bytes are written back as they are.
///
/// As a bare [`Wire`] type it takes all that it is given; a field states its count or length.
///
/// ```
/// # mod longlink { pub use longlink_codec_core as codec; }
/// use longlink::codec::{Parse, lazy::Lazy};
///
/// let (_, ports) = Lazy::<u16>::parse(&[0, 80, 1, 187])?;
/// assert_eq!(ports.len(), 2);
/// assert_eq!(ports.iter().max(), Some(443));
/// # Ok::<(), nom::Err<longlink::codec::DecodeError>>(())
/// ```
pub struct Lazy<'a, T> {
    /// `count` items, all of which parse under `endian` and `depth`.
    bytes: &'a [u8],
    count: usize,
    endian: Endian,
    depth: u8,
    item: PhantomData<fn() -> T>,
}

impl<'a, T: Parse<'a> + Wire<Context = ()>> Lazy<'a, T> {
    /// How many items.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// There is no item.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The bytes of all items.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The items, parsed one by one.
    #[must_use]
    pub fn iter(&self) -> Iter<'a, T> {
        Iter { left: *self }
    }

    /// All items.
    #[must_use]
    pub fn to_vec(&self) -> Vec<T> {
        match T::FIXED_LEN {
            Some(1..) => T::parse_run(self.bytes, self.scope(), &()).unwrap_or_default(),
            _ => self.iter().collect(),
        }
    }

    /// `count` items.
    ///
    /// # Errors
    /// [`Fault::Count`] beyond `max_count`, [`Fault::Short`], or what an item reports.
    #[inline(always)]
    #[doc(hidden)]
    pub fn counted(
        input: &'a [u8],
        field: u16,
        count: usize,
        max_count: usize,
        scope: Scope<'_>,
    ) -> IResult<&'a [u8], Self, DecodeError> {
        if count > max_count {
            return malformed(Fault::Count, field, input);
        }
        if count.checked_mul(T::MIN_LEN).is_none_or(|least| least > input.len()) {
            return malformed(Fault::Short, field, input);
        }
        let scope = scope.deeper(input)?;
        let mut rest = input;
        for _ in 0..count {
            rest = Self::checked(rest, scope)?;
        }
        Ok((rest, Self::of(input, rest, count, scope)))
    }

    /// Items up to the end of the input.
    ///
    /// # Errors
    /// [`Fault::Count`] beyond `max_count` or for an item without bytes, or what an item reports.
    #[inline]
    #[doc(hidden)]
    pub fn to_end(
        input: &'a [u8],
        field: u16,
        max_count: usize,
        scope: Scope<'_>,
    ) -> IResult<&'a [u8], Self, DecodeError> {
        let scope = scope.deeper(input)?;
        let mut rest = input;
        let mut count = 0;
        while !rest.is_empty() {
            let after = Self::checked(rest, scope)?;
            if count == max_count || after.len() == rest.len() {
                return malformed(Fault::Count, field, rest);
            }
            count += 1;
            rest = after;
        }
        Ok((rest, Self::of(input, rest, count, scope)))
    }

    /// Where the item ends that the input begins with.
    #[inline(always)]
    fn checked(input: &'a [u8], scope: Scope<'_>) -> Result<&'a [u8], nom::Err<DecodeError>> {
        if let Some(trace) = scope.trace() {
            trace.item(input);
        }
        let (rest, _) = Self::item(input, scope)?;
        if let Some(trace) = scope.trace() {
            trace.leave(rest);
        }
        Ok(rest)
    }

    /// The item that the input begins with. It is a frame of its own: the one around the list is
    /// gone when the list is iterated.
    #[inline(always)]
    fn item(input: &'a [u8], scope: Scope<'_>) -> IResult<&'a [u8], T, DecodeError> {
        let around =
            Around { trace: scope.trace(), whole: Enclosing::Read(input), hole: scope.hole() };
        let scope = if T::SEES_WHOLE { scope.inside(&around) } else { scope };
        T::parse_in(input, scope, &())
    }

    #[inline]
    fn of(input: &'a [u8], rest: &'a [u8], count: usize, scope: Scope<'_>) -> Self {
        let bytes = input.get(..input.len() - rest.len()).unwrap_or(input);
        Self { bytes, count, endian: scope.endian, depth: scope.depth, item: PhantomData }
    }

    fn scope(&self) -> Scope<'static> {
        Scope { endian: self.endian, depth: self.depth, ..Scope::ROOT }
    }
}

impl<T> Clone for Lazy<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Lazy<'_, T> {}

/// The same bytes under the same byte order.
impl<T> PartialEq for Lazy<'_, T> {
    fn eq(&self, other: &Self) -> bool {
        (self.count, self.endian, self.bytes) == (other.count, other.endian, other.bytes)
    }
}

impl<T> Eq for Lazy<'_, T> {}

impl<'a, T: Parse<'a> + Wire<Context = ()> + fmt::Debug> fmt::Debug for Lazy<'a, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a, T: Parse<'a> + Wire<Context = ()>> IntoIterator for Lazy<'a, T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, T: Parse<'a> + Wire<Context = ()>> IntoIterator for &Lazy<'a, T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The items of a [`Lazy`].
pub struct Iter<'a, T> {
    left: Lazy<'a, T>,
}

impl<'a, T: Parse<'a> + Wire<Context = ()>> Iterator for Iter<'a, T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        if self.left.count == 0 {
            return None;
        }
        // All items were parsed once: they parse again.
        let (rest, item) = Lazy::item(self.left.bytes, self.left.scope()).ok()?;
        self.left.bytes = rest;
        self.left.count -= 1;
        Some(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left.count, Some(self.left.count))
    }
}

impl<'a, T: Parse<'a> + Wire<Context = ()>> ExactSizeIterator for Iter<'a, T> {}

impl<T: Wire> Wire for Lazy<'_, T> {
    type Context = ();
    type Fill = ();
    const MIN_LEN: usize = 0;
    const MAX_LEN: Option<usize> = None;
    const FIXED_LEN: Option<usize> = None;
    const GREEDY: bool = true;
    const SCHEMA: &'static Schema = &Schema::list("Lazy", schema_of::<T>);

    #[inline]
    fn encoded_len_in(&self, _: Scope<'_>, (): &()) -> usize {
        self.bytes.len()
    }

    #[inline]
    fn encode_in(
        &self,
        out: &mut BytesMut,
        (): &(),
        _: Scope<'_>,
        (): &(),
    ) -> Result<(), EncodeError> {
        out.extend_from_slice(self.bytes);
        Ok(())
    }
}

impl<'a, T: Parse<'a> + Wire<Context = ()>> Parse<'a> for Lazy<'a, T> {
    #[inline]
    fn parse_in(
        input: &'a [u8],
        scope: Scope<'_>,
        (): &(),
    ) -> IResult<&'a [u8], Self, DecodeError> {
        Self::to_end(input, 0, usize::MAX, scope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::boxed::Box;
    use alloc::format;
    use nom::Err;

    fn fault<T>(fault: Fault, field: u16, from_end: u32) -> Result<T, Err<DecodeError>> {
        Err(Err::Error(DecodeError { from_end, field, fault }))
    }

    #[test]
    fn items_are_parsed_while_iterating() {
        let little = Scope::ROOT.with(Endian::Little);
        let input = [1, 0, 2, 0, 9];
        let (rest, list) = Lazy::<u16>::counted(&input, 3, 2, 2, little).unwrap();
        assert_eq!((rest, list.len(), list.bytes()), (&[9][..], 2, &input[..4]));
        assert_eq!(list.to_vec(), [1, 2]);
        assert!(list.iter().eq([1, 2]));
        assert_eq!(list.iter().len(), 2);
        assert_eq!(format!("{list:?}"), "[1, 2]");

        let mut out = BytesMut::from(&[0xa5][..]);
        list.encode(&mut out).unwrap();
        assert_eq!(out[..], [0xa5, 1, 0, 2, 0]);
        assert_eq!(list.encoded_len(), 4);
    }

    #[test]
    fn items_of_any_length_are_walked_once() {
        type Pair = (bool, Box<u8>);
        let (rest, list) = Lazy::<Pair>::parse(&[1, 7, 0, 8]).unwrap();
        assert_eq!((rest, list.len()), (&[][..], 2));
        assert_eq!(list.to_vec(), [(true, Box::new(7)), (false, Box::new(8))]);
        assert_eq!(Lazy::<Pair>::parse(&[1, 7, 2, 8]), fault(Fault::Invalid, 0, 2));
    }

    #[test]
    fn count_and_bounds_are_checked_when_it_is_read() {
        let root = Scope::ROOT;
        let input = [0; 6];
        assert_eq!(Lazy::<u16>::counted(&input, 3, 4, 9, root), fault(Fault::Short, 3, 6));
        assert_eq!(Lazy::<u16>::counted(&input, 3, 3, 2, root), fault(Fault::Count, 3, 6));
        assert_eq!(Lazy::<u16>::counted(&input, 3, usize::MAX, usize::MAX, root), {
            fault(Fault::Short, 3, 6)
        });
        assert_eq!(Lazy::<u16>::to_end(&input, 3, 2, root), fault(Fault::Count, 3, 2));
        assert_eq!(Lazy::<u16>::parse(&input[..5]), fault(Fault::Short, 0, 1));
        assert_eq!(Lazy::<()>::parse(&input), fault(Fault::Count, 0, 6));
        let shallow = Scope { depth: 0, ..root };
        assert_eq!(Lazy::<u16>::to_end(&input, 3, 9, shallow), fault(Fault::Depth, 0, 6));
    }
}
