//! The traits of a piece of layout.

use alloc::vec::Vec;

use bytes::{Bytes, BytesMut};
use nom::{Err, IResult};

use crate::border::{Step, Stop, Walker};
use crate::error::{DecodeError, EncodeError, Fault};
use crate::schema::Schema;
use crate::scope::{Around, Enclosing, Scope};

/// Any piece of layout, without a lifetime: its size, its schema, and how it is written.
///
/// Derived by `#[derive(Wire)]` and `#[derive(Frame)]`. Reading is [`Parse`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no layout",
    label = "stands inside a layout, so it needs one",
    note = "write `#[derive(Wire)]` on `{Self}`, or `#[wire(with = module)]` on the field"
)]
pub trait Wire {
    /// What must be known besides the bytes: `()`, or the values named in `ctx(..)`.
    type Context;
    /// The open `Auto` fields, by name, for the parent that derives them.
    type Fill: Default + Clone;

    /// No value is shorter, in bytes.
    const MIN_LEN: usize;
    /// No value is longer, in bytes; `None`: without bound.
    const MAX_LEN: Option<usize>;
    /// Every value has this many bytes.
    const FIXED_LEN: Option<usize>;
    /// It takes all bytes that it is given (an elastic field).
    const GREEDY: bool = false;
    /// It holds `Bytes` that share the received buffer.
    const SHARES: bool = false;
    /// `Bytes` that share the received buffer, in one value at most, where all are found by
    /// [`Wire::shared_mut`]; more than one where nobody counts.
    #[doc(hidden)]
    const MOST_SHARED: usize = if Self::SHARES { 2 } else { 0 };
    /// Parts of the tag that stands outside of it.
    const TAG_PARTS: u32 = 1;
    /// Something inside may look at the enclosing frame (`with = module(whole)`).
    const SEES_WHOLE: bool = false;
    /// The same for an item of a list or the inside of a box, in which lists and boxes of variable
    /// size always may: a recursive layout would define [`Wire::SEES_WHOLE`] by itself.
    const SEES_INSIDE: bool = Self::SEES_WHOLE;
    /// [`Wire::walk`] finds the end of a value.
    const WALKS: bool = Self::FIXED_LEN.is_some();
    /// The layout as data.
    const SCHEMA: &'static Schema;

    /// The one `Bytes` that shares the received buffer, where there is never another. Nothing may
    /// look at it while the value is read: it may be filled in afterwards.
    #[doc(hidden)]
    #[inline(always)]
    fn shared_mut(&mut self) -> Option<&mut Bytes> {
        None
    }

    /// Passes over one value on a stream that may end inside of it: how a frame without a length
    /// finds its end. The default knows only types of [`Wire::FIXED_LEN`]; whoever overrides it
    /// sets [`Wire::WALKS`].
    ///
    /// # Errors
    /// More bytes are needed, or no more bytes will make it a value.
    #[inline]
    fn walk(walker: &mut Walker<'_>, _scope: Scope<'_>, _context: &Self::Context) -> Step {
        match Self::FIXED_LEN {
            Some(len) => walker.pass(len as u64),
            None => Err(Stop::Fault(Fault::Unterminated)),
        }
    }

    /// The tag that the context of a [`Tagged`] enum holds; 0 of other types.
    #[inline]
    #[must_use]
    fn outer_tag(_context: &Self::Context) -> u64 {
        0
    }

    /// Bytes that [`Wire::encode_in`] will write. A field `with = module(whole)` counts with what its
    /// module writes where nothing stands before it: with compression, the most that it takes.
    fn encoded_len_in(&self, scope: Scope<'_>, context: &Self::Context) -> usize;

    /// Appends the value. After an error the output may hold a part of it; [`Wire::encode_with`]
    /// takes that back.
    ///
    /// # Errors
    /// A value that does not fit its field, or contradicts another.
    fn encode_in(
        &self,
        out: &mut BytesMut,
        fill: &Self::Fill,
        scope: Scope<'_>,
        context: &Self::Context,
    ) -> Result<(), EncodeError>;

    /// Appends the items one after the other. Types of [`Wire::FIXED_LEN`] may do it in one pass.
    ///
    /// # Errors
    /// The first item that does not fit.
    #[inline]
    fn encode_run(
        items: &[Self],
        out: &mut BytesMut,
        scope: Scope<'_>,
        context: &Self::Context,
    ) -> Result<(), EncodeError>
    where
        Self: Sized,
    {
        let fill = Self::Fill::default();
        items.iter().try_for_each(|item| item.encode_in(out, &fill, scope, context))
    }

    /// Appends the value; on error the output is as it was.
    ///
    /// # Errors
    /// A value that does not fit its field, or contradicts another.
    #[inline]
    fn encode(&self, out: &mut BytesMut) -> Result<(), EncodeError>
    where
        Self: Wire<Context = ()>,
    {
        self.encode_with(out, &())
    }

    /// Appends the value under a context; on error the output is as it was.
    ///
    /// # Errors
    /// A value that does not fit its field, or contradicts another.
    #[inline]
    fn encode_with(&self, out: &mut BytesMut, context: &Self::Context) -> Result<(), EncodeError> {
        let start = out.len();
        let around = Around { trace: None, whole: Enclosing::Written(start), hole: None };
        let scope = if Self::SEES_WHOLE { Scope::ROOT.inside(&around) } else { Scope::ROOT };
        let result = self.encode_in(out, &Self::Fill::default(), scope, context);
        if result.is_err() {
            out.truncate(start);
        }
        result
    }

    /// Bytes that [`Wire::encode`] will write.
    #[inline]
    fn encoded_len(&self) -> usize
    where
        Self: Wire<Context = ()>,
    {
        self.encoded_len_in(Scope::ROOT, &())
    }
}

/// Reads a [`Wire`] type from bytes; `'a` is the lifetime of the input, so that a type may borrow.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from bytes",
    label = "stands inside a layout, so it must be readable",
    note = "write `#[derive(Wire)]` on `{Self}`, or `#[wire(with = module)]` on the field"
)]
pub trait Parse<'a>: Wire + Sized {
    /// The one generated reader. Everything that is not bytes travels beside the input.
    ///
    /// # Errors
    /// Malformed input; never `Incomplete`.
    fn parse_in(
        input: &'a [u8],
        scope: Scope<'_>,
        context: &Self::Context,
    ) -> IResult<&'a [u8], Self, DecodeError>;

    /// A plain nom 8 function, for types without context: `many0(Login::parse)`.
    ///
    /// # Errors
    /// Malformed input; never `Incomplete`.
    #[inline]
    fn parse(input: &'a [u8]) -> IResult<&'a [u8], Self, DecodeError>
    where
        Self: Wire<Context = ()>,
    {
        let around = reading(input);
        Self::parse_in(input, root::<Self>(&around), &())
    }

    /// A nom 8 parser under a context: `many0(Packet::parser(&flags))`.
    #[inline]
    fn parser(
        context: &Self::Context,
    ) -> impl FnMut(&'a [u8]) -> IResult<&'a [u8], Self, DecodeError> {
        move |input| {
            let around = reading(input);
            Self::parse_in(input, root::<Self>(&around), context)
        }
    }

    /// Exactly the whole input. Types of [`Wire::FIXED_LEN`] get a second, shorter body here.
    ///
    /// # Errors
    /// Malformed input, or bytes left over ([`Fault::Trailing`]).
    #[inline]
    fn exact_in(
        input: &'a [u8],
        scope: Scope<'_>,
        context: &Self::Context,
    ) -> Result<Self, DecodeError> {
        match Self::parse_in(input, scope, context) {
            Ok(([], value)) => Ok(value),
            Ok((rest, _)) => Err(DecodeError::new(Fault::Trailing, 0, rest)),
            Err(error) => Err(crate::private::plain(error, input)),
        }
    }

    /// The same, for the one place where it pays to have the whole reader in line: frames that a
    /// decoder hands out owned. The error goes into `refused`: in one result with the value it would
    /// force that into memory.
    #[doc(hidden)]
    #[inline(always)]
    fn exact_inline(
        input: &'a [u8],
        scope: Scope<'_>,
        context: &Self::Context,
        refused: &mut Option<DecodeError>,
    ) -> Option<Self> {
        match Self::exact_in(input, scope, context) {
            Ok(value) => Some(value),
            Err(error) => {
                *refused = Some(error);
                None
            }
        }
    }

    /// Items that fill `block`, a whole number of [`Wire::FIXED_LEN`]s.
    ///
    /// # Errors
    /// The first malformed item.
    fn parse_run(
        block: &'a [u8],
        scope: Scope<'_>,
        context: &Self::Context,
    ) -> Result<Vec<Self>, Err<DecodeError>> {
        let mut rest = block;
        let mut items = Vec::with_capacity(block.len() / Self::FIXED_LEN.unwrap_or(1).max(1));
        while !rest.is_empty() {
            let (after, item) = Self::parse_in(rest, scope, context)?;
            items.push(item);
            rest = after;
        }
        Ok(items)
    }

    /// `N` items. Numbers do it without an allocation.
    ///
    /// # Errors
    /// The first malformed item.
    #[inline]
    fn parse_array<const N: usize>(
        input: &'a [u8],
        scope: Scope<'_>,
        context: &Self::Context,
    ) -> IResult<&'a [u8], [Self; N], DecodeError> {
        crate::containers::array(input, scope, context)
    }
}

/// What a type without a parent is its own frame of.
#[inline(always)]
fn reading(input: &[u8]) -> Around<'_> {
    Around { trace: None, whole: Enclosing::Read(input), hole: None }
}

#[inline(always)]
fn root<'s, T: Wire>(around: &'s Around<'s>) -> Scope<'s> {
    if T::SEES_WHOLE { Scope::ROOT.inside(around) } else { Scope::ROOT }
}

/// An enum whose tag stands outside of it; its context is [`Tag`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no enum whose tag stands outside of it",
    label = "a tag belongs to an enum with tags on its variants",
    note = "derive `Wire` on an enum without `#[repr(..)]` and without `tag = peek(..)`"
)]
pub trait Tagged: Wire {
    /// Every value is read under the very tag that [`Tagged::tag`] gives: each variant has one tag,
    /// and none takes the unknown ones.
    const EXACT: bool = false;
    /// What the enum's own `ctx(..)` names; `()` without it.
    type Own;

    /// The tag of the variant that is held; a tuple of them as [`tag`](crate::tag) says.
    fn tag(&self) -> u64;

    /// The context under a tag that was read, or that is written. `opaque`: the field is declared
    /// `opaque_if` and its condition holds.
    fn context(tag: u64, opaque: bool, own: Self::Own) -> Self::Context;
}

/// The context of a [`Tagged`] enum: the tag that was read, and its own context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag<C = ()> {
    /// The tag, widened.
    pub tag: u64,
    /// The field is declared `opaque_if` and its condition holds: take the raw bytes.
    pub opaque: bool,
    /// What the enum's own `ctx(..)` names.
    pub context: C,
}

/// A value that takes some bits of its parent's run: `bool`, `#[repr(uN)]` enums, `bitfield`s.
pub trait Bits: Sized {
    /// The open `Auto` fields, by name, for the parent that derives them.
    type Fill: Default + Clone;
    /// How many bits, 1 to 64.
    const BITS: u32;
    /// The layout as data.
    const SCHEMA: &'static Schema;

    /// The value that these bits stand for; the upper bits of `raw` are zero.
    ///
    /// # Errors
    /// [`Fault::Invalid`] and its kin when no value stands for them.
    fn from_bits(raw: u64) -> Result<Self, Fault>;

    /// The bits that stand for the value.
    ///
    /// # Errors
    /// A value that does not fit its bits.
    fn to_bits(&self, fill: &Self::Fill) -> Result<u64, EncodeError>;
}
