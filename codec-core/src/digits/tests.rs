use super::*;
use alloc::string::ToString;
use alloc::vec::Vec;

fn fault<T>(fault: Fault, from_end: u32) -> Result<T, Err<DecodeError>> {
    Err(Err::Error(DecodeError { from_end, field: 3, fault }))
}

#[test]
fn leading_zeros_are_kept() {
    let (rest, digits) = bcd_read(&[0x00, 0x13, 0x99], 3, 2, false).unwrap();
    assert_eq!((rest, digits.to_string()), (&[0x99][..], "0013".to_string()));
    assert_eq!((digits.count(), digits.number()), (4, Some(13)));
    assert_eq!(digits.iter().collect::<Vec<_>>(), [0, 0, 1, 3]);
    let (_, digits) = bcd_read(&[0x34, 0x12], 3, 2, true).unwrap();
    assert_eq!(digits, "1234".parse().unwrap());
}

#[test]
fn a_nibble_above_nine_is_found_wherever_it_stands() {
    for len in 1..30 {
        for offset in 0..len {
            for bad in [0x0a, 0xa0, 0xff] {
                let mut packed = alloc::vec![0x99; len];
                packed[offset] = bad;
                let from_end = u32::try_from(len - offset).unwrap();
                assert_eq!(bcd_read(&packed, 3, len, false), fault(Fault::Digits, from_end));
            }
        }
        let nines = alloc::vec![0x99; len];
        assert_eq!(Digits::from_packed(&nines).unwrap().packed(), nines);
    }
    assert_eq!(Digits::from_packed(&[0x12, 0x3a]), Err(NotDigits::Character(3)));
    assert_eq!(Digits::from_packed(&[0x12, 0xa3]), Err(NotDigits::Character(2)));
}

#[test]
fn sizes_are_exact() {
    assert_eq!(bcd_read(&[1], 3, 2, false), fault(Fault::Short, 1));
    let digits = Digits::padded("123", 2).unwrap();
    let mut out = BytesMut::from(&[0xa5][..]);
    bcd_write(&mut out, &digits, 2, false, "T.f").unwrap();
    bcd_write(&mut out, &digits, 2, true, "T.f").unwrap();
    assert_eq!(out[..], [0xa5, 0x01, 0x23, 0x23, 0x01]);
    let error = EncodeError::WrongSize { field: "T.f", expected: 3, found: 2 };
    assert_eq!(bcd_write(&mut out, &digits, 3, false, "T.f"), Err(error));
}

#[test]
fn text_becomes_digits_or_says_why_not() {
    assert_eq!(Digits::padded("12345", 2), Err(NotDigits::Count(5)));
    assert_eq!(Digits::padded("1x", 2), Err(NotDigits::Character(1)));
    assert_eq!("123".parse::<Digits>(), Err(NotDigits::Count(3)));
    assert_eq!("".parse::<Digits>(), Ok(Digits::default()));
    let long: Digits = "0123456789".repeat(5).parse().unwrap();
    assert_eq!(long.to_string(), "0123456789".repeat(5));
    assert_eq!((long.count(), long.number()), (50, None));
    assert_eq!(size_of::<Digits>(), 24);
}

#[test]
fn numbers_stand_in_digits() {
    assert_eq!(bcd_number::<u16>(&[0x12, 0x34], 3, false), Ok(1234));
    assert_eq!(bcd_number::<u16>(&[0x34, 0x12], 3, true), Ok(1234));
    assert_eq!(bcd_number::<u8>(&[0x02, 0x55], 3, false), Ok(255));
    assert_eq!(bcd_number::<u8>(&[0x02, 0x56], 3, false), fault(Fault::Invalid, 2));
    assert_eq!(bcd_number::<u8>(&[0x02, 0x5a], 3, false), fault(Fault::Digits, 1));
    let mut out = BytesMut::new();
    bcd_number_write(&mut out, 1234u16, 3, false, "T.f").unwrap();
    bcd_number_write(&mut out, 1234u16, 2, true, "T.f").unwrap();
    assert_eq!(out[..], [0x00, 0x12, 0x34, 0x34, 0x12]);
    let error = EncodeError::TooLarge { field: "T.f", value: 10_000, max: 9_999 };
    assert_eq!(bcd_number_write(&mut out, 10_000u16, 2, false, "T.f"), Err(error));
    let error = EncodeError::Invalid { field: "T.f", value: 0xff };
    assert_eq!(bcd_number_write(&mut out, -1i8, 2, false, "T.f"), Err(error));
}
