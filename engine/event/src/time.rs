//! Event time: whole seconds since 1970, UTC, read from and written as ISO 8601.
//!
//! It never asks a clock. CloudTrail's resolution is one second; fractions are
//! read and dropped.

use std::fmt;

/// A point in event time, in seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventTime(pub i64);

impl EventTime {
    /// The time a text names.
    ///
    /// Read are `T` or a space between date and time, `Z`, an offset (`+01:00`,
    /// `+0100`, `+01`) or no zone, which is UTC, and fractions. A leap second is the
    /// second before it.
    ///
    /// Source: AWS CloudTrail record contents, field "eventTime"; ISO 8601.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(time) = text.as_bytes().try_into().ok().and_then(as_written) {
            return Some(time);
        }
        let bytes = text.trim_ascii().as_bytes();
        let number = |from: usize, to: usize| digits(bytes.get(from..to)?);
        let sign = |at: usize, any: &[u8]| any.contains(bytes.get(at)?).then_some(());
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
        sign(4, b"-")?;
        sign(7, b"-")?;
        sign(10, b"Tt ")?;
        sign(13, b":")?;
        sign(16, b":")?;
        if hour > 23 || minute > 59 || second > 60 || day < 1 || day > days_in(year, month)? {
            return None;
        }
        let offset = offset(fraction(bytes.get(19..)?)?)?;
        let seconds = hour * 3_600 + minute * 60 + second.min(59);
        Some(Self(days_since_1970(year, month, day) * 86_400 + seconds - offset))
    }

    /// Days since 1970-01-01, UTC.
    #[must_use]
    pub fn day(self) -> i64 {
        self.0.div_euclid(86_400)
    }

    /// Year, month (1 to 12) and day (1 to 31), UTC.
    #[must_use]
    pub fn date(self) -> (i64, i64, i64) {
        date(self.day())
    }

    /// The hour of the day, 0 to 23, UTC.
    #[must_use]
    pub fn hour(self) -> i64 {
        self.0.div_euclid(3_600).rem_euclid(24)
    }

    /// The day of the week, 1 (Monday) to 7, UTC.
    #[must_use]
    pub fn weekday(self) -> i64 {
        (self.day() + 3).rem_euclid(7) + 1
    }
}

impl fmt::Display for EventTime {
    /// `2026-11-22T09:04:20Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date(self.day());
        let second = self.0.rem_euclid(86_400);
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

/// The day that was read last: of a log, the next time is mostly of it too, and only the time
/// of day is left to read.
#[derive(Clone, Copy, Debug, Default)]
pub struct LastDay {
    /// As it is written: `2026-11-22T`.
    text: [u8; 11],
    /// When it begins.
    start: i64,
}

impl LastDay {
    /// What [`as_written`] reads.
    pub(crate) fn read(&mut self, text: &[u8; 20]) -> Option<EventTime> {
        let day = text.first_chunk()?;
        if self.text != *day {
            *self = Self { text: *day, start: as_written(text)?.day() * 86_400 };
        }
        let clock = pairs(text[11..].first_chunk()?, *b"00:00:00").filter(|_| text[19] == b'Z')?;
        let (hour, minute, second) = (clock(0), clock(3), clock(6));
        let is_time = hour < 24 && minute < 60 && second < 60;
        is_time.then(|| EventTime(self.start + hour * 3_600 + minute * 60 + second))
    }
}

/// A time in the form in which CloudTrail writes it, `2026-11-22T09:04:20Z`, but for its rare
/// cases: what is not read here may still be a time.
fn as_written(text: &[u8; 20]) -> Option<EventTime> {
    let date = pairs(text.first_chunk()?, *b"0000-00-")?;
    let clock = pairs(text[8..].first_chunk()?, *b"00T00:00")?;
    let end = pairs(text.last_chunk()?, *b"0:00:00Z")?;
    let (year, month, day) = (date(0) * 100 + date(2), date(5), clock(0));
    let (hour, minute, second) = (clock(3), clock(6), end(5));
    let is_time = hour < 24 && minute < 60 && second < 60;
    let is_date = (1..=12).contains(&month) && (1..=28).contains(&day);
    (is_time && is_date).then(|| {
        EventTime(days_since_1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second)
    })
}

/// The number that the two digits at a place make; nothing when a text has not the form, in
/// which 0 stands for a digit. All eight bytes are looked at at once.
#[inline(always)]
fn pairs(text: &[u8; 8], form: [u8; 8]) -> Option<impl Fn(u32) -> i64> {
    let digits = u64::from_le_bytes(*text) ^ u64::from_le_bytes(form);
    // A byte that is greater than it may be comes to 128.
    let lacks = u64::from_le_bytes(form.map(|byte| if byte == b'0' { 0x7F - 9 } else { 0x7F }));
    let is_formed = (digits | digits.wrapping_add(lacks)) & (0x80 * ONES) == 0;
    let sums = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    is_formed.then_some(move |at: u32| (sums >> (8 * at) & 0xFF) as i64)
}

/// A one in each byte.
const ONES: u64 = 0x0101_0101_0101_0101;

fn digits(bytes: &[u8]) -> Option<i64> {
    bytes
        .iter()
        .try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
}

/// What follows a fraction, if there is one.
fn fraction(rest: &[u8]) -> Option<&[u8]> {
    let Some((b'.' | b',', digits)) = rest.split_first() else { return Some(rest) };
    let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (length > 0).then(|| &digits[length..])
}

/// Seconds east of UTC.
fn offset(zone: &[u8]) -> Option<i64> {
    let (sign, rest) = match zone.split_first() {
        None => return Some(0),
        Some((b'Z' | b'z', rest)) => return rest.is_empty().then_some(0),
        Some((b'+', rest)) => (1, rest),
        Some((b'-', rest)) => (-1, rest),
        Some(_) => return None,
    };
    let (hours, minutes) = match rest.len() {
        2 => (digits(rest)?, 0),
        4 => (digits(&rest[..2])?, digits(&rest[2..])?),
        5 if rest[2] == b':' => (digits(&rest[..2])?, digits(&rest[3..])?),
        _ => return None,
    };
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

fn days_in(year: i64, month: i64) -> Option<i64> {
    Some(match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => return None,
    })
}

/// Source: Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Source: as above, `civil_from_days`.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, seconds: Option<i64>) {
        assert_eq!(EventTime::parse(text), seconds.map(EventTime), "{text}");
    }

    #[test]
    fn all_forms_are_read() {
        check("1970-01-01T00:00:00Z", Some(0));
        check("2022-09-15 13:45:24", Some(1_663_249_524));
        check("2022-09-15T13:45:24", Some(1_663_249_524));
        check("2022-09-15T14:45:24.123456+01:00", Some(1_663_249_524));
        check("2022-09-15T12:45:24-0100", Some(1_663_249_524));
        check("2022-09-15T12:45:24-01", Some(1_663_249_524));
        check("2000-02-29T23:59:60Z", Some(951_868_799));
        check("1969-12-31T23:59:59Z", Some(-1));
        for wrong in [
            "",
            "2022-09-15",
            "2022-02-30T00:00:00Z",
            "2022-13-01T00:00:00Z",
            "2022-09-15T24:00:00Z",
            "2022-09-15T13:45:24.Z",
            "2022-09-15T13:45:24Q",
            "20x2-09-15T13:45:24Z",
        ] {
            check(wrong, None);
        }
    }

    #[test]
    fn a_day_that_is_known_is_read_alike() {
        let mut last = LastDay::default();
        for text in [
            "0000-00-00T00:00:00Z",
            "2022-09-15T13:45:24Z",
            "2022-09-15T13:59:59Z",
            "2022-09-15T13:60:00Z",
            "2022-09-15T13:45:60Z",
            "2022-09-15T13:45:2aZ",
            "2022-09-15T13-45:24Z",
            "2022-09-15T24:00:00Z",
            "2022-09-15 13:45:24Z",
            "2022-09-15T13:45:24z",
            "2022-09-16T14:00:00Z",
            "2022-09-1aT14:00:00Z",
            "2022-09-16T1a:00:00Z",
            "1969-12-31T23:59:59Z",
        ] {
            let text = text.as_bytes().try_into().unwrap();
            assert_eq!(last.read(text), as_written(text));
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for seconds in (-70_000_000_000..200_000_000_000).step_by(86_400 * 11 + 12_347) {
            let time = EventTime(seconds);
            if (0..=9999).contains(&date(time.day()).0) {
                assert_eq!(EventTime::parse(&time.to_string()), Some(time));
            }
        }
        assert_eq!(EventTime(0).weekday(), 4);
        assert_eq!(EventTime(3_600 * 25).hour(), 1);
    }
}
