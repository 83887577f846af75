//! Dates and times of day as machines write them.

use core::fmt;

use crate::error::EncodeError;

/// A date and time of day, in no particular time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Civil {
    /// All four digits.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
    /// 0 to 999.
    pub millisecond: u16,
}

impl Civil {
    /// The date exists (in the Gregorian calendar) and the time of day does.
    #[must_use]
    pub fn exists(&self) -> bool {
        (1..=self.days_of_month()).contains(&self.day)
            && self.hour <= 23
            && self.minute <= 59
            && self.second <= 59
            && self.millisecond <= 999
    }

    /// The moment so many milliseconds after 1970-01-01, in UTC; `None` outside of the years 0 to
    /// 65,535.
    #[must_use]
    pub fn from_unix_ms(unix_ms: i64) -> Option<Self> {
        let days = unix_ms.div_euclid(86_400_000);
        let ms = unix_ms.rem_euclid(86_400_000);
        // Days since 0000-03-01, so that the leap day is the last of its year. An era of 400 years
        // has 146,097 days, a century of it 36,524, four years 1,461; the last of them each one
        // more.
        let days = days.checked_add(719_468)?;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let leaps = day_of_era / 1_460 - day_of_era / 36_524 + day_of_era / 146_096;
        let year_of_era = (day_of_era - leaps) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        // From March on, months have 30.6 days: 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31, rest.
        let march_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * march_month + 2) / 5 + 1;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
        Some(Self {
            year: u16::try_from(400 * era + year_of_era + i64::from(month <= 2)).ok()?,
            month: u8::try_from(month).ok()?,
            day: u8::try_from(day).ok()?,
            hour: u8::try_from(ms / 3_600_000).ok()?,
            minute: u8::try_from(ms / 60_000 % 60).ok()?,
            second: u8::try_from(ms / 1_000 % 60).ok()?,
            millisecond: u16::try_from(ms % 1_000).ok()?,
        })
    }

    fn days_of_month(&self) -> u8 {
        let year = self.year;
        let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
        match self.month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 => 28 + u8::from(leap),
            _ => 0,
        }
    }
}

/// `2018-10-15 10:10:10`, with `.123` where there are milliseconds.
impl fmt::Display for Civil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day, hour, minute, second, millisecond } = self;
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")?;
        if *millisecond > 0 {
            write!(f, ".{millisecond:03}")?;
        }
        Ok(())
    }
}

/// A time of day with date as it stands on the wire. The bytes are kept, so that an all-zero or
/// impossible date survives; [`CivilTime::civil`] says what they mean. Two-digit years are those
/// from 2000 to 2099.
///
/// ```
/// # mod longlink { pub use longlink_codec_core as codec; }
/// use longlink::codec::time::CivilTime;
///
/// let time = CivilTime::from_bcd([0x18, 0x10, 0x15, 0x10, 0x10, 0x10]);
/// assert_eq!(time.to_string(), "2018-10-15 10:10:10");
/// assert_eq!(CivilTime::bcd(time.civil().unwrap()), Some(time));
/// assert_eq!(CivilTime::from_bcd([0; 6]).civil(), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CivilTime {
    form: Form,
    /// The last byte of six-byte forms is zero.
    raw: [u8; 7],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Form {
    Bcd,
    Binary,
    Cp56,
}

impl CivilTime {
    /// Year, month, day, hour, minute, second, two decimal digits each (JT/T 808 `BCD[6]`).
    #[inline]
    #[must_use]
    pub const fn from_bcd([a, b, c, d, e, f]: [u8; 6]) -> Self {
        Self { form: Form::Bcd, raw: [a, b, c, d, e, f, 0] }
    }

    /// Year, month, day, hour, minute, second, one byte each (GB/T 32960.3-2016, table 5).
    #[inline]
    #[must_use]
    pub const fn from_binary([a, b, c, d, e, f]: [u8; 6]) -> Self {
        Self { form: Form::Binary, raw: [a, b, c, d, e, f, 0] }
    }

    /// CP56Time2a, IEC 60870-5-4:1993, section 6.8: milliseconds of the minute (two bytes, the low
    /// one first), minute (6 bits; bit 8 is "invalid"), hour (5 bits; bit 8 is "summer time"), day of
    /// month (5 bits) and of week (3 bits), month (4 bits), year (7 bits).
    #[inline]
    #[must_use]
    pub const fn from_cp56time2a(raw: [u8; 7]) -> Self {
        Self { form: Form::Cp56, raw }
    }

    /// In six bytes of two decimal digits; `None`: the date does not exist, or is not of this
    /// century, or has milliseconds.
    #[must_use]
    pub fn bcd(civil: Civil) -> Option<Self> {
        let packed = |number: u8| ((number / 10) << 4) | (number % 10);
        Some(Self::from_bcd(seconds_of(civil)?.map(packed)))
    }

    /// In six binary bytes; `None`: the date does not exist, or is not of this century, or has
    /// milliseconds.
    #[must_use]
    pub fn binary(civil: Civil) -> Option<Self> {
        Some(Self::from_binary(seconds_of(civil)?))
    }

    /// In the seven bytes of CP56Time2a, without day of week and flags; `None`: the date does not
    /// exist, or is not of this century.
    #[must_use]
    pub fn cp56time2a(civil: Civil) -> Option<Self> {
        let [year, month, day, hour, minute, second] =
            seconds_of(Civil { millisecond: 0, ..civil })?;
        let ms = u16::from(second) * 1_000 + civil.millisecond;
        let [low, high] = ms.to_le_bytes();
        civil.exists().then_some(Self::from_cp56time2a([low, high, minute, hour, day, month, year]))
    }

    /// Date and time of day; `None`: the bytes stand for none that exists.
    #[must_use]
    pub fn civil(&self) -> Option<Civil> {
        let [year, month, day, hour, minute, second, millisecond] = match self.form {
            Form::Bcd => {
                let [a, b, c, d, e, f, _] = self.raw;
                let [a, b, c, d, e, f] =
                    [pair(a)?, pair(b)?, pair(c)?, pair(d)?, pair(e)?, pair(f)?];
                [a, b, c, d, e, f, 0]
            }
            Form::Binary => {
                let [a, b, c, d, e, f, _] = self.raw.map(u16::from);
                [a, b, c, d, e, f, 0]
            }
            Form::Cp56 => {
                let [low, high, minute, hour, day, month, year] = self.raw;
                let ms = u16::from_le_bytes([low, high]);
                let [year, month, day] = [year & 0x7f, month & 0x0f, day & 0x1f].map(u16::from);
                let [hour, minute] = [hour & 0x1f, minute & 0x3f].map(u16::from);
                [year, month, day, hour, minute, ms / 1_000, ms % 1_000]
            }
        };
        let narrow = |number: u16| u8::try_from(number).ok();
        let civil = Civil {
            year: (year <= 99).then_some(2000 + year)?,
            month: narrow(month)?,
            day: narrow(day)?,
            hour: narrow(hour)?,
            minute: narrow(minute)?,
            second: narrow(second)?,
            millisecond,
        };
        civil.exists().then_some(civil)
    }

    /// The bytes on the wire: six, of CP56Time2a seven.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        match self.form {
            Form::Cp56 => &self.raw,
            Form::Bcd | Form::Binary => self.raw.get(..6).unwrap_or(&self.raw),
        }
    }

    /// CP56Time2a: the time is marked as invalid (`IV`). Other forms have no such mark.
    #[must_use]
    pub fn is_invalid(&self) -> bool {
        let [_, _, minute, ..] = self.raw;
        self.form == Form::Cp56 && minute & 0x80 != 0
    }

    /// CP56Time2a: the time is summer time (`SU`). Other forms have no such mark.
    #[must_use]
    pub fn is_summer_time(&self) -> bool {
        let [_, _, _, hour, ..] = self.raw;
        self.form == Form::Cp56 && hour & 0x80 != 0
    }

    /// CP56Time2a: 1 (Monday) to 7; 0: not used. Other forms: 0.
    #[must_use]
    pub fn day_of_week(&self) -> u8 {
        let [_, _, _, _, day, ..] = self.raw;
        if self.form == Form::Cp56 { day >> 5 } else { 0 }
    }

    /// The bytes of a field that is declared as `bcd_yymmddhhmmss`.
    ///
    /// # Errors
    /// [`EncodeError::Invalid`]: another form, of a date that cannot be converted.
    #[inline]
    #[doc(hidden)]
    pub fn bcd_bytes(&self, field: &'static str) -> Result<[u8; 6], EncodeError> {
        self.bytes_as(Form::Bcd, Self::bcd, field).map(six)
    }

    /// The bytes of a field that is declared as `binary_yymmddhhmmss`.
    ///
    /// # Errors
    /// [`EncodeError::Invalid`]: another form, of a date that cannot be converted.
    #[inline]
    #[doc(hidden)]
    pub fn binary_bytes(&self, field: &'static str) -> Result<[u8; 6], EncodeError> {
        self.bytes_as(Form::Binary, Self::binary, field).map(six)
    }

    /// The bytes of a field that is declared as `cp56time2a`.
    ///
    /// # Errors
    /// [`EncodeError::Invalid`]: another form, of a date that cannot be converted.
    #[inline]
    #[doc(hidden)]
    pub fn cp56time2a_bytes(&self, field: &'static str) -> Result<[u8; 7], EncodeError> {
        self.bytes_as(Form::Cp56, Self::cp56time2a, field)
    }

    #[inline]
    fn bytes_as(
        &self,
        form: Form,
        convert: fn(Civil) -> Option<Self>,
        field: &'static str,
    ) -> Result<[u8; 7], EncodeError> {
        if self.form == form {
            return Ok(self.raw);
        }
        match self.civil().and_then(convert) {
            Some(converted) => Ok(converted.raw),
            None => Err(EncodeError::Invalid { field, value: self.number() }),
        }
    }

    /// The bytes as one number, for a message.
    fn number(&self) -> u64 {
        self.raw().iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

/// `2018-10-15 10:10:10`; the bytes (`0x000000000000`) where they stand for no date.
impl fmt::Display for CivilTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.civil() {
            Some(civil) => civil.fmt(f),
            None => write!(f, "{:#0width$x}", self.number(), width = 2 + 2 * self.raw().len()),
        }
    }
}

/// Two-digit year, month, day, hour, minute, second of a time that has no milliseconds.
fn seconds_of(civil: Civil) -> Option<[u8; 6]> {
    let year = u8::try_from(civil.year.checked_sub(2000)?).ok()?;
    let Civil { month, day, hour, minute, second, millisecond, .. } = civil;
    let fits = civil.exists() && year <= 99 && millisecond == 0;
    fits.then_some([year, month, day, hour, minute, second])
}

/// Two decimal digits.
fn pair(byte: u8) -> Option<u16> {
    let (tens, ones) = (byte >> 4, byte & 0x0f);
    (tens <= 9 && ones <= 9).then(|| u16::from(tens) * 10 + u16::from(ones))
}

fn six([a, b, c, d, e, f, _]: [u8; 7]) -> [u8; 6] {
    [a, b, c, d, e, f]
}

#[cfg(test)]
mod tests;
