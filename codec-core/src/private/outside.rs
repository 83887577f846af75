//! What users bring: their nom parsers, their conversions, their transformations.

use alloc::vec::Vec;

use nom::{Err, IResult};

use crate::error::{DecodeError, Fault};
use crate::private::cold::malformed;

/// The most bytes that `process` may yield where the declaration says no `max_len`.
pub const LAYER_MAX: usize = 1 << 20;

/// Errors of hand-written nom parsers.
pub trait Foreign {
    /// The fault, and how far before the end it is where the error says so.
    fn place(&self) -> (Fault, Option<u32>);
}

impl Foreign for DecodeError {
    fn place(&self) -> (Fault, Option<u32>) {
        (self.fault, Some(self.from_end))
    }
}

impl Foreign for nom::error::Error<&[u8]> {
    fn place(&self) -> (Fault, Option<u32>) {
        let fault = match self.code {
            nom::error::ErrorKind::Eof => Fault::Short,
            _ => Fault::Nom,
        };
        (fault, u32::try_from(self.input.len()).ok())
    }
}

impl Foreign for () {
    fn place(&self) -> (Fault, Option<u32>) {
        (Fault::Nom, None)
    }
}

/// The result of a hand-written nom parser that was given `at`.
///
/// # Errors
/// The parser's own, as a fault of `field`; an incomplete input is [`Fault::Short`].
#[inline]
pub fn foreign<'a, T, E: Foreign>(
    result: IResult<&'a [u8], T, E>,
    field: u16,
    at: &'a [u8],
) -> IResult<&'a [u8], T, DecodeError> {
    match result {
        Ok(parsed) => Ok(parsed),
        Err(Err::Incomplete(_)) => malformed(Fault::Short, field, at),
        Err(Err::Error(error) | Err::Failure(error)) => {
            let (fault, from_end) = error.place();
            let from_end = from_end.unwrap_or(u32::try_from(at.len()).unwrap_or(u32::MAX));
            Err(Err::Error(DecodeError { from_end, field, fault }))
        }
    }
}

/// The same of a parser that was handed the enclosing frame beside `at`. A fault that it found
/// outside of its own bytes is one of the field.
///
/// # Errors
/// As [`foreign`]; [`Fault::Nom`] when what is left is not the end of `at`.
#[inline]
pub fn foreign_whole<'a, T, E: Foreign>(
    result: IResult<&[u8], T, E>,
    field: u16,
    at: &'a [u8],
) -> IResult<&'a [u8], T, DecodeError> {
    match result {
        Ok((rest, value)) => {
            let taken = at.len().checked_sub(rest.len());
            match taken.and_then(|taken| at.get(taken..)) {
                Some(rest) => Ok((rest, value)),
                None => malformed(Fault::Nom, field, at),
            }
        }
        Err(Err::Incomplete(_)) => malformed(Fault::Short, field, at),
        Err(Err::Error(error) | Err::Failure(error)) => {
            let len = u32::try_from(at.len()).unwrap_or(u32::MAX);
            let (fault, from_end) = error.place();
            let from_end = from_end.map_or(len, |from_end| from_end.min(len));
            Err(Err::Error(DecodeError { from_end, field, fault }))
        }
    }
}

/// What a conversion gives: the value, or none.
pub trait Mapped<T> {
    /// The value.
    fn mapped(self) -> Option<T>;
}

impl<T> Mapped<T> for T {
    #[inline(always)]
    fn mapped(self) -> Option<T> {
        Some(self)
    }
}

impl<T> Mapped<T> for Option<T> {
    #[inline(always)]
    fn mapped(self) -> Self {
        self
    }
}

impl<T, E> Mapped<T> for Result<T, E> {
    #[inline(always)]
    fn mapped(self) -> Option<T> {
        self.ok()
    }
}

/// Calls a conversion; here the types of a closure's parameters become known.
#[inline(always)]
pub fn apply<A, B>(convert: impl FnOnce(A) -> B, value: A) -> B {
    convert(value)
}

/// What a `process` module gave.
///
/// # Errors
/// [`Fault::Process`] where it refused, [`Fault::Length`] beyond `max_len` bytes.
#[inline]
pub fn processed(
    plain: impl Mapped<Vec<u8>>,
    part: &[u8],
    field: u16,
    max_len: usize,
) -> Result<Vec<u8>, Err<DecodeError>> {
    match plain.mapped() {
        None => malformed(Fault::Process, field, part),
        Some(plain) if plain.len() > max_len => malformed(Fault::Length, field, part),
        Some(plain) => Ok(plain),
    }
}
