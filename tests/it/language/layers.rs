//! What users bring: parsers of their own, conversions, transformed stretches.

use longlink::codec::Fault;
use longlink::{DecodeError, EncodeError, Wire};

use crate::shapes::{holds, refused, unwritable};

/// A number in unary: so many ones, then a zero.
mod unary {
    use longlink::{BytesMut, DecodeError, EncodeError};
    use nom::bytes::complete::{tag, take_while};
    use nom::{IResult, Parser};

    pub(super) fn read(input: &[u8]) -> IResult<&[u8], u8, DecodeError> {
        (take_while(|byte| byte == 1), tag(&[0_u8][..]))
            .map(|(ones, _): (&[u8], &[u8])| ones.len() as u8)
            .parse(input)
    }

    pub(super) fn write(value: &u8, out: &mut BytesMut) -> Result<(), EncodeError> {
        if *value > 3 {
            return Err(EncodeError::TooLarge { field: "unary", value: u64::from(*value), max: 3 });
        }
        out.extend_from_slice(&[1; 3][..usize::from(*value)]);
        out.extend_from_slice(&[0]);
        Ok(())
    }
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Counted {
    first: u8,
    #[wire(with = unary)]
    number: u8,
    last: u8,
}

#[test]
fn a_field_may_have_a_parser_of_its_own() {
    holds(&Counted { first: 7, number: 2, last: 8 }, "07 010100 08");
    assert_eq!(refused::<Counted>("07 0102 08"), (Fault::Nom, 2));
    let wrong = Counted { first: 7, number: 4, last: 8 };
    assert_eq!(unwritable(&wrong), EncodeError::TooLarge { field: "unary", value: 4, max: 3 });
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Mapped {
    #[wire(as = u8, map(read = even, write = |half: &u32| (half * 2) as u8))]
    half: u32,
}

fn even(raw: u8) -> Option<u32> {
    raw.is_multiple_of(2).then_some(u32::from(raw) / 2)
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Namesake {
    #[wire(as = u8, map(read = self::even, write = |half: &u32| (half * 2) as u8))]
    even: u32,
}

#[test]
fn a_conversion_may_refuse() {
    holds(&Namesake { even: 3 }, "06");
    holds(&Mapped { half: 3 }, "06");
    assert_eq!(refused::<Mapped>("07"), (Fault::Invalid, 0));
}

/// The exclusive or with a key; 0xFF is refused.
mod masked {
    pub(super) fn read(part: &[u8], key: u64) -> Option<Vec<u8>> {
        (!part.contains(&0xFF)).then(|| part.iter().map(|byte| byte ^ key as u8).collect())
    }

    pub(super) fn write(plain: &[u8], key: u64) -> Result<Vec<u8>, &'static str> {
        read(plain, key).ok_or("0xFF")
    }
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Secret {
    key: u8,
    #[wire(prefix = u8, process = masked(key), max_len = 4)]
    text: String,
}

#[test]
fn a_stretch_may_be_transformed_with_a_key() {
    holds(&Secret { key: 1, text: "ab".into() }, "01 02 6063");
    assert_eq!(refused::<Secret>("01 02 60FF"), (Fault::Process, 2));
    assert_eq!(refused::<Secret>("01 01 FE"), (Fault::Text, 2));
    assert_eq!(refused::<Secret>("01 05 6063606360"), (Fault::Length, 2));
}

#[cfg(feature = "zlib")]
#[test]
fn a_stretch_may_be_deflated() {
    use crate::samples::bytes;
    use longlink::{BytesMut, Parse};
    #[derive(Debug, Clone, PartialEq, Wire)]
    struct Deflated {
        #[wire(prefix = u8, process = zlib, max_len = 4)]
        text: String,
    }
    // RFC 1950 and 1951: a stored block of two bytes, the Adler-32 of "hi" behind it.
    let frame = bytes("0D 7801 01 0200FDFF 6869 013B00D2");
    let value = Deflated { text: "hi".into() };
    assert_eq!(Deflated::parse(&frame), Ok((&[][..], value.clone())));
    let mut out = BytesMut::new();
    assert_eq!(value.encode(&mut out), Ok(()));
    assert_eq!(Deflated::parse(&out), Ok((&[][..], value)));
    assert_eq!(refused::<Deflated>("0D 7801 01 0200FDFF 6869 013B00D3"), (Fault::Process, 1));
}

#[test]
fn the_fault_of_a_parser_keeps_its_place() {
    let error = DecodeError::new(Fault::Short, 0, &[1, 2]);
    assert_eq!(error.offset_in(&[0, 1, 2]), 1);
}
