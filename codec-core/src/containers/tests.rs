use super::*;
use crate::scope::Endian;
use alloc::string::String;
use alloc::vec;
use nom::Err;

fn fault<T>(fault: Fault, from_end: u32) -> Result<T, Err<DecodeError>> {
    Err(Err::Error(DecodeError { from_end, field: 0, fault }))
}

#[test]
fn arrays_inherit_the_byte_order() {
    let little = Scope::ROOT.with(Endian::Little);
    let input = [1, 0, 2, 0, 9];
    assert_eq!(<[u16; 2]>::parse_in(&input, little, &()), Ok((&[9][..], [1, 2])));
    assert_eq!(<[u16; 3]>::parse_in(&input, little, &()), fault(Fault::Short, 5));
    assert_eq!(<[bool; 2]>::parse(&[1, 0, 1]), Ok((&[1][..], [true, false])));
    assert_eq!(<[bool; 2]>::parse(&[1]), fault(Fault::Short, 0));
    assert_eq!(<[[u8; 2]; 2] as Wire>::FIXED_LEN, Some(4));

    let mut out = BytesMut::new();
    [[1u16, 2], [3, 4]].encode_in(&mut out, &(), little, &()).unwrap();
    assert_eq!(out[..], [1, 0, 2, 0, 3, 0, 4, 0]);
    assert_eq!([[1u16, 2], [3, 4]].encoded_len(), 8);
}

#[test]
fn a_vec_takes_whole_items_only() {
    assert_eq!(Vec::<u16>::parse(&[0, 1, 0, 2]), Ok((&[][..], vec![1, 2])));
    assert_eq!(Vec::<u16>::parse(&[0, 1, 7]), fault(Fault::Short, 1));
    assert_eq!(Vec::<u16>::parse(&[]), Ok((&[][..], vec![])));
    assert_eq!(Vec::<(u8, bool)>::parse(&[1, 1, 2, 2]), fault(Fault::Invalid, 1));
    let mut out = BytesMut::new();
    vec![(1u8, true), (2, false)].encode(&mut out).unwrap();
    assert_eq!(out[..], [1, 1, 2, 0]);
}

#[test]
fn items_without_bytes_are_refused() {
    assert_eq!(Vec::<()>::parse(&[1]), fault(Fault::Count, 1));
    assert_eq!(<[(); 2]>::parse(&[1]), Ok((&[1][..], [(); 2])));
    assert_eq!(Vec::<Box<()>>::parse(&[1]), fault(Fault::Count, 1));
    assert_eq!(Vec::<Box<()>>::parse(&[]), Ok((&[][..], vec![])));
}

#[test]
fn boxes_and_lists_count_as_levels() {
    type Nested = Box<Vec<Box<u8>>>;
    let scope = |depth| Scope { depth, ..Scope::ROOT };
    let value = Box::new(vec![Box::new(7)]);
    assert_eq!(Nested::parse_in(&[7], scope(3), &()), Ok((&[][..], value)));
    assert_eq!(Nested::parse_in(&[7], scope(2), &()), fault(Fault::Depth, 1));
}

#[test]
fn tuples_stand_one_part_after_the_other() {
    type Triple = (u8, [u16; 1], String);
    let value = (1, [2], String::from("x"));
    assert_eq!(Triple::parse(b"\x01\x00\x02x"), Ok((&[][..], value.clone())));
    assert_eq!(Triple::parse(b"\x01\x00"), fault(Fault::Short, 1));
    assert_eq!((Triple::MIN_LEN, Triple::FIXED_LEN, Triple::GREEDY), (3, None, true));
    assert_eq!(<(u8, u32) as Wire>::FIXED_LEN, Some(5));
    let mut out = BytesMut::new();
    value.encode(&mut out).unwrap();
    assert_eq!(out[..], *b"\x01\x00\x02x");
    assert_eq!(value.encoded_len(), 4);
    assert_eq!(<()>::parse(b"x"), Ok((&b"x"[..], ())));
}
