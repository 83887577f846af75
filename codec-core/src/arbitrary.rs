//! Values of declared types out of random bytes, and frames that are wrong on purpose.
//!
//! `#[derive(Arbitrary)]` beside `#[derive(Wire)]` or `#[derive(Frame)]` makes values that can be
//! written: within every bound that the declaration states, with derived fields left to be derived,
//! so that lengths, counts, tags and checksums are right.
//!
//! | For | Call |
//! |---|---|
//! | proptest | [`values`], [`values_with`] a context |
//! | cargo-fuzz | `fuzz_target!(\|message: Message\| ..)`: the derive also implements the trait of the crate [`arbitrary`](https://docs.rs/arbitrary) |
//! | anything else | [`value`] of an [`Unstructured`] |
//! | what must be refused | [`mutants`]: frames with one thing wrong, and what must come of it |
//! | what must be skipped | [`streams`]: frames with garbage between them |
//!
//! Values shrink with the bytes that they are made of: towards zero, empty and the first variant.

mod draw;
mod mutant;
mod primitives;
mod strategy;
mod text;

#[doc(hidden)]
pub use ::arbitrary as foreign;
pub use ::arbitrary::{Error, Result, Unstructured};
pub use draw::{Draw, Room, Wanted, unfit};
pub use mutant::{Expected, Mutant, Wrong, mutant};
pub use strategy::{Stream, mutants, mutants_with, streams, streams_with, values, values_with};

use bytes::BytesMut;

use crate::wire::Wire;

/// What one declared relation derives: see [`Arbitrary::DERIVED`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// A number of bytes.
    Length,
    /// A number of items.
    Count,
    /// Which variant stands in another field.
    Tag,
    /// A checksum that is refused when it is wrong.
    Checksum,
}

/// Types whose values can be drawn. Derived by `#[derive(Arbitrary)]`.
#[diagnostic::on_unimplemented(
    message = "no values of `{Self}` can be drawn",
    label = "stands inside a type that derives `Arbitrary`, so it needs it too",
    note = "write `#[derive(longlink::Arbitrary)]` on `{Self}`"
)]
pub trait Arbitrary<'a>: Sized {
    /// What must be known besides the bytes; for an enum whose tag stands outside, without the tag.
    type Declared;
    /// The derived fields whose values [`Arbitrary::set_derived`] overrides: what each says, and
    /// its width in bits.
    const DERIVED: &'static [(Relation, u32)] = &[];

    /// A value, as far as this type alone can see that it is one: [`value`] also writes it.
    ///
    /// # Errors
    /// The drawn numbers lead to no value.
    fn draw(draw: &mut Draw<'_, 'a>, context: &Self::Declared) -> Result<Self>;

    /// Makes the derived field of this index a stated one.
    fn set_derived(&mut self, _index: usize, _value: u64) {}
}

/// Bits of so many bytes, at most 64.
#[doc(hidden)]
#[must_use]
pub fn bits_of(bytes: usize) -> u32 {
    u32::try_from(bytes.min(8)).unwrap_or(8) * 8
}

/// The largest value of a type that is at most `most`.
#[doc(hidden)]
#[must_use]
pub fn most_of<T: crate::private::Whole>(most: u64) -> T {
    T::wrap(most.min(T::LARGEST))
}

/// Bytes by which a list of such items grows.
#[doc(hidden)]
#[must_use]
pub fn step_of<T: Wire>() -> usize {
    T::MIN_LEN.max(1)
}

/// How often a value is drawn before it is given up; each time with less room for what varies.
const ATTEMPTS: u32 = 12;

/// A value that can be written.
///
/// # Errors
/// [`Error::IncorrectFormat`] where the bytes lead to no such value; others may.
pub fn value<'a, T>(source: &mut Unstructured<'a>, context: &T::Context) -> Result<T>
where
    T: Arbitrary<'a> + Wire<Context = <T as Arbitrary<'a>>::Declared>,
{
    let room = 8usize << source.int_in_range(0..=6)?;
    let mut out = BytesMut::new();
    for attempt in 0..ATTEMPTS {
        let drawn = T::draw(&mut Draw::new(source, room >> attempt), context);
        if let Ok(value) = drawn
            && value.encode_with(&mut out, context).is_ok()
        {
            return Ok(value);
        }
    }
    Err(Error::IncorrectFormat)
}
