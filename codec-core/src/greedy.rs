//! Bytes, text and addresses as values of their own.
//!
//! Bytes and text have no length in themselves: as a bare [`Wire`] type they take all that they are
//! given. A field states its bound (`prefix`, `size`, `terminated` …) and is cut out before.

use alloc::string::String;
use core::net::{Ipv4Addr, Ipv6Addr};

use bytes::{Bytes, BytesMut};
use nom::{Err, IResult};

use crate::error::{DecodeError, EncodeError, Fault};
use crate::private::malformed;
use crate::schema::{Layout, Schema};
use crate::scope::Scope;
use crate::wire::{Parse, Wire};

/// The part as UTF-8.
///
/// # Errors
/// [`Fault::Text`] at the first byte that cannot be decoded.
#[inline]
pub fn utf8(part: &[u8], field: u16) -> Result<&str, Err<DecodeError>> {
    match core::str::from_utf8(part) {
        Ok(text) => Ok(text),
        Err(error) => Err(undecodable(part, error.valid_up_to(), field)),
    }
}

#[cold]
#[inline(never)]
fn undecodable(part: &[u8], valid: usize, field: u16) -> Err<DecodeError> {
    let at = part.get(valid..).unwrap_or_default();
    Err::Error(DecodeError::new(Fault::Text, field, at))
}

macro_rules! greedy {
    (
        $type:ty as $reader:ty, $name:literal, $layout:expr, { $($shares:tt)* },
        $input:ident $scope:ident => $read:expr
    ) => {
        impl Wire for $type {
            type Context = ();
            type Fill = ();
            const MIN_LEN: usize = 0;
            const MAX_LEN: Option<usize> = None;
            const FIXED_LEN: Option<usize> = None;
            const GREEDY: bool = true;
            $($shares)*
            const SCHEMA: &'static Schema = &Schema::leaf($name, $layout);
            #[inline]
            fn encoded_len_in(&self, _: Scope<'_>, (): &()) -> usize {
                self.len()
            }
            #[inline]
            fn encode_in(
                &self,
                out: &mut BytesMut,
                (): &(),
                _: Scope<'_>,
                (): &(),
            ) -> Result<(), EncodeError> {
                out.extend_from_slice(self.as_ref());
                Ok(())
            }
        }
        impl<'a> Parse<'a> for $reader {
            #[inline]
            fn parse_in(
                $input: &'a [u8],
                $scope: Scope<'_>,
                (): &(),
            ) -> IResult<&'a [u8], Self, DecodeError> {
                let value = $read;
                Ok(($input.get($input.len()..).unwrap_or_default(), value))
            }
        }
    };
}
greedy!(Bytes as Bytes, "Bytes", Layout::Bytes, {
    const SHARES: bool = true;
    const MOST_SHARED: usize = 1;
    #[inline(always)]
    fn shared_mut(&mut self) -> Option<&mut Bytes> {
        Some(self)
    }
}, input scope => scope.share(input));
greedy!(&[u8] as &'a [u8], "&[u8]", Layout::Bytes, {}, input _scope => input);
greedy!(&str as &'a str, "&str", Layout::TEXT, {}, input _scope => utf8(input, 0)?);
greedy!(String as String, "String", Layout::TEXT, {}, input _scope => utf8(input, 0)?.into());

macro_rules! address {
    ($address:ident, $len:literal) => {
        /// Its octets in network order, whatever the byte order of the scope.
        impl Wire for $address {
            type Context = ();
            type Fill = ();
            const MIN_LEN: usize = $len;
            const MAX_LEN: Option<usize> = Some($len);
            const FIXED_LEN: Option<usize> = Some($len);
            const SCHEMA: &'static Schema =
                &Schema::leaf(stringify!($address), Layout::Address { bytes: $len });
            #[inline]
            fn encoded_len_in(&self, _: Scope<'_>, (): &()) -> usize {
                $len
            }
            #[inline]
            fn encode_in(
                &self,
                out: &mut BytesMut,
                (): &(),
                _: Scope<'_>,
                (): &(),
            ) -> Result<(), EncodeError> {
                out.extend_from_slice(&self.octets());
                Ok(())
            }
        }
        impl<'a> Parse<'a> for $address {
            #[inline]
            fn parse_in(
                input: &'a [u8],
                _: Scope<'_>,
                (): &(),
            ) -> IResult<&'a [u8], Self, DecodeError> {
                let Some((octets, rest)) = input.split_first_chunk::<$len>() else {
                    return malformed(Fault::Short, 0, input);
                };
                Ok((rest, Self::from(*octets)))
            }
        }
    };
}
address!(Ipv4Addr, 4);
address!(Ipv6Addr, 16);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scope::Endian;

    #[test]
    fn greedy_values_take_everything() {
        let owner = Bytes::from_static(b"abc");
        let (rest, shared) = Bytes::parse_in(&owner, Scope::of(&owner), &()).unwrap();
        assert_eq!((rest, shared.as_ptr(), &shared[..]), (&[][..], owner.as_ptr(), &b"abc"[..]));
        assert_eq!(<&[u8]>::parse(b"ab"), Ok((&[][..], &b"ab"[..])));
        assert_eq!(<&str>::parse("ä".as_bytes()), Ok((&[][..], "ä")));
        assert_eq!(String::parse(b""), Ok((&[][..], String::new())));
    }

    #[test]
    fn text_that_is_no_utf8_is_refused_where_it_breaks() {
        let error = DecodeError { from_end: 2, field: 0, fault: Fault::Text };
        assert_eq!(String::parse(b"ab\xffc"), Err(Err::Error(error)));
        assert_eq!(utf8(b"ab\xc3", 4).map_err(|error| error.map(|error| error.field)), {
            Err(Err::Error(4))
        });
    }

    #[test]
    fn addresses_keep_network_order() {
        let little = Scope::ROOT.with(Endian::Little);
        let address = Ipv4Addr::new(192, 0, 2, 1);
        assert_eq!(Ipv4Addr::parse_in(&[192, 0, 2, 1], little, &()), Ok((&[][..], address)));
        let error = DecodeError { from_end: 3, field: 0, fault: Fault::Short };
        assert_eq!(Ipv4Addr::parse(&[1, 2, 3]), Err(Err::Error(error)));

        let mut out = BytesMut::new();
        address.encode_in(&mut out, &(), little, &()).unwrap();
        Ipv6Addr::LOCALHOST.encode(&mut out).unwrap();
        let expected = [192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        assert_eq!(out[..], expected);
        assert_eq!(Ipv6Addr::parse(&expected[4..]), Ok((&[][..], Ipv6Addr::LOCALHOST)));
    }
}
