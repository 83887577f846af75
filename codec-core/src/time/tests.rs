use super::*;
use alloc::string::ToString;

fn civil(year: u16, month: u8, day: u8, hour: u8, minute: u8, second: u8) -> Civil {
    Civil { year, month, day, hour, minute, second, millisecond: 0 }
}

#[test]
fn each_form_is_read_and_written() {
    let expected = civil(2018, 10, 15, 23, 59, 9);
    let bcd = CivilTime::from_bcd([0x18, 0x10, 0x15, 0x23, 0x59, 0x09]);
    let binary = CivilTime::from_binary([18, 10, 15, 23, 59, 9]);
    let cp56 = CivilTime::from_cp56time2a([0x28, 0x23, 59, 23, 15, 10, 18]);
    for time in [bcd, binary, cp56] {
        assert_eq!(time.civil(), Some(expected));
        assert_eq!(time.to_string(), "2018-10-15 23:59:09");
    }
    assert_eq!(CivilTime::bcd(expected), Some(bcd));
    assert_eq!(CivilTime::binary(expected), Some(binary));
    assert_eq!(CivilTime::cp56time2a(expected), Some(cp56));
    assert_eq!(binary.bcd_bytes("T.f"), Ok([0x18, 0x10, 0x15, 0x23, 0x59, 0x09]));
    assert_eq!(bcd.cp56time2a_bytes("T.f"), Ok([0x28, 0x23, 59, 23, 15, 10, 18]));
    assert_eq!(cp56.binary_bytes("T.f"), Ok([18, 10, 15, 23, 59, 9]));
}

#[test]
fn cp56time2a_has_flags_a_weekday_and_milliseconds() {
    let time = CivilTime::from_cp56time2a([0x5f, 0xea, 0x80 | 59, 0x80 | 23, 0xff, 12, 99]);
    let expected = Civil { millisecond: 999, ..civil(2099, 12, 31, 23, 59, 59) };
    assert_eq!(time.civil(), Some(expected));
    assert_eq!((time.is_invalid(), time.is_summer_time(), time.day_of_week()), (true, true, 7));
    assert_eq!(time.to_string(), "2099-12-31 23:59:59.999");
    assert_eq!(CivilTime::cp56time2a(expected).unwrap().civil(), Some(expected));
    assert_eq!((CivilTime::bcd(expected), CivilTime::binary(expected)), (None, None));
    let beyond = CivilTime::from_cp56time2a([0x60, 0xea, 59, 23, 31, 12, 99]);
    assert_eq!(beyond.civil(), None);
    let plain = CivilTime::from_binary([0xff; 6]);
    assert_eq!((plain.is_invalid(), plain.is_summer_time(), plain.day_of_week()), {
        (false, false, 0)
    });
}

#[test]
fn impossible_dates_keep_their_bytes() {
    let zero = CivilTime::from_bcd([0; 6]);
    assert_eq!((zero.civil(), zero.raw()), (None, &[0; 6][..]));
    assert_eq!(zero.to_string(), "0x000000000000");
    assert_eq!(zero.bcd_bytes("T.f"), Ok([0; 6]));
    assert_eq!(zero.binary_bytes("T.f"), Err(EncodeError::Invalid { field: "T.f", value: 0 }));
    assert_eq!(CivilTime::from_bcd([0x1a, 1, 1, 0, 0, 0]).civil(), None);
    assert_eq!(CivilTime::from_binary([100, 1, 1, 0, 0, 0]).civil(), None);
}

#[test]
fn dates_exist_up_to_the_last_of_each_unit() {
    assert!(civil(2024, 2, 29, 23, 59, 59).exists());
    assert!(civil(2000, 2, 29, 0, 0, 0).exists());
    for none in [
        civil(2023, 2, 29, 0, 0, 0),
        civil(2100, 2, 29, 0, 0, 0),
        civil(2023, 4, 31, 0, 0, 0),
        civil(2023, 1, 32, 0, 0, 0),
        civil(2023, 13, 1, 0, 0, 0),
        civil(2023, 0, 1, 0, 0, 0),
        civil(2023, 1, 0, 0, 0, 0),
        civil(2023, 1, 1, 24, 0, 0),
        civil(2023, 1, 1, 0, 60, 0),
        civil(2023, 1, 1, 0, 0, 60),
        Civil { millisecond: 1_000, ..civil(2023, 1, 1, 0, 0, 0) },
    ] {
        assert!(!none.exists(), "{none}");
        assert_eq!((CivilTime::bcd(none), CivilTime::cp56time2a(none)), (None, None));
    }
    assert_eq!(CivilTime::bcd(civil(1999, 12, 31, 0, 0, 0)), None);
    assert_eq!(CivilTime::bcd(civil(2100, 1, 1, 0, 0, 0)), None);
}

#[test]
fn unix_time_counts_leap_days() {
    let ms = |seconds: i64| seconds * 1_000;
    assert_eq!(Civil::from_unix_ms(0), Some(civil(1970, 1, 1, 0, 0, 0)));
    assert_eq!(Civil::from_unix_ms(ms(951_782_400)), Some(civil(2000, 2, 29, 0, 0, 0)));
    assert_eq!(Civil::from_unix_ms(ms(1_700_000_000)), Some(civil(2023, 11, 14, 22, 13, 20)));
    assert_eq!(Civil::from_unix_ms(ms(4_107_542_400)), Some(civil(2100, 3, 1, 0, 0, 0)));
    let before = Civil { millisecond: 999, ..civil(1969, 12, 31, 23, 59, 59) };
    assert_eq!(Civil::from_unix_ms(-1), Some(before));
    assert_eq!(Civil::from_unix_ms(i64::MAX), None);
    assert_eq!(Civil::from_unix_ms(i64::MIN), None);
}
