//! Moments as people write them: ISO 8601.

use alloc::format;
use alloc::string::String;

use super::value::{signed, unsigned};
use crate::schema::Time;
use crate::scope::Endian;

/// The moment; `None` when the bytes are too few.
pub(super) fn of(kind: Time, part: &[u8], endian: Endian) -> Option<String> {
    if part.len() != kind.len() {
        return None;
    }
    let number = |is_signed: bool| {
        let number = unsigned(part, endian);
        let width = u32::try_from(part.len()).unwrap_or(16).saturating_mul(8);
        if is_signed { signed(number, width) } else { number.cast_signed() }
    };
    match kind {
        Time::UnixSeconds { signed, .. } => Some(unix(number(signed).saturating_mul(1000), false)),
        Time::UnixMilliseconds { signed, .. } => Some(unix(number(signed), true)),
        Time::BcdYymmddhhmmss => civil(part.iter().map(|byte| (byte >> 4) * 10 + (byte & 0x0f))),
        Time::BinaryYymmddhhmmss => civil(part.iter().copied()),
        Time::Cp56Time2a => cp56(part),
    }
}

/// Milliseconds since 1970 as a date; the plain number where no calendar reaches.
fn unix(ms: i128, with_ms: bool) -> String {
    const DAY: i128 = 86_400_000;
    let days = ms.div_euclid(DAY);
    let rest = ms.rem_euclid(DAY);
    let Some((year, month, day)) = date(days) else {
        return format!("{ms} ms since 1970");
    };
    let (hour, minute) = (rest / 3_600_000, rest / 60_000 % 60);
    let (second, fraction) = (rest / 1000 % 60, rest % 1000);
    let head = format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}");
    if with_ms { format!("{head}.{fraction:03} UTC") } else { format!("{head} UTC") }
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar, years 0 to 9999.
fn date(days: i128) -> Option<(i64, i64, i64)> {
    // Counted from 0000-03-01, so that a leap day is the last of its year.
    let days = i64::try_from(days).ok()?.checked_add(719_468)?;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (0..=9999).contains(&year).then_some((year, month, day))
}

/// Year of the century, month, day, hour, minute, second.
fn civil(mut parts: impl Iterator<Item = u8>) -> Option<String> {
    let mut next = || parts.next();
    let (year, month, day) = (next()?, next()?, next()?);
    let (hour, minute, second) = (next()?, next()?, next()?);
    Some(format!("20{year:02}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"))
}

/// IEC 60870-5-4 §6.8: milliseconds, minute, hour, day, month, year, each with flags beside it.
fn cp56(part: &[u8]) -> Option<String> {
    let [low, high, minute, hour, day, month, year] = part else {
        return None;
    };
    let ms = u16::from_le_bytes([*low, *high]);
    let invalid = if minute & 0x80 != 0 { " invalid" } else { "" };
    let summer = if hour & 0x80 != 0 { " summer time" } else { "" };
    Some(format!(
        "20{:02}-{:02}-{:02} {:02}:{:02}:{:02}.{:03}{summer}{invalid}",
        year & 0x7f,
        month & 0x0f,
        day & 0x1f,
        hour & 0x1f,
        minute & 0x3f,
        ms / 1000,
        ms % 1000,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unix_times_are_dates() {
        assert_eq!(unix(0, false), "1970-01-01 00:00:00 UTC");
        assert_eq!(unix(951_782_400_000, false), "2000-02-29 00:00:00 UTC");
        assert_eq!(unix(-1, true), "1969-12-31 23:59:59.999 UTC");
        assert_eq!(unix(1_717_986_918_400, true), "2024-06-10 02:35:18.400 UTC");
        assert_eq!(unix(i128::from(u64::MAX), true), "18446744073709551615 ms since 1970");
    }

    #[test]
    fn wire_calendars_are_dates() {
        let bcd = [0x24, 0x06, 0x10, 0x23, 0x59, 0x01];
        let text = of(Time::BcdYymmddhhmmss, &bcd, Endian::Big);
        assert_eq!(text.as_deref(), Some("2024-06-10 23:59:01"));
        let cp56 = [0x98, 0x3a, 0x8a, 0x0b, 0x4a, 0x06, 0x18];
        let text = of(Time::Cp56Time2a, &cp56, Endian::Big);
        assert_eq!(text.as_deref(), Some("2024-06-10 11:10:15.000 invalid"));
        assert_eq!(of(Time::Cp56Time2a, &cp56[1..], Endian::Big), None);
    }
}
