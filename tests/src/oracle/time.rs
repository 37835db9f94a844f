//! Event time: seconds since 1970 in UTC, and the texts for it.
//!
//! It reads the forms CloudTrail and its exporters write, and writes one. A
//! fraction of a second is dropped; the leap second `:60` is `:59`.

use super::pattern::pattern;

/// The seconds of a day.
pub(crate) const DAY: i64 = 86_400;

/// The second an ISO 8601 text names: `T` or a space, `Z`, an offset or no zone, which is UTC.
#[must_use]
pub fn read(text: &str) -> Option<i64> {
    let form = pattern(
        r"^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:[.,]\d+)?(?:([Zz])|([+-])(\d{2}):?(\d{2}))?$",
    )?;
    let parts = form.captures(text)?;
    let number = |index: usize| parts.get(index).and_then(|part| part.as_str().parse::<i64>().ok());
    let (year, month, day) = (number(1)?, number(2)?, number(3)?);
    let (hour, minute, second) = (number(4)?, number(5)?, number(6)?);
    if !(1..=12).contains(&month)
        || day < 1
        || day > days_of(year, month)
        || hour > 23
        || minute > 59
        || second > 60
    {
        return None;
    }
    let offset = match parts.get(8) {
        Some(sign) => {
            let (hours, minutes) = (number(9)?, number(10)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            (hours * 3600 + minutes * 60) * if sign.as_str() == "-" { -1 } else { 1 }
        }
        None => 0,
    };
    Some(days_before(year, month, day) * DAY + hour * 3600 + minute * 60 + second.min(59) - offset)
}

/// The text of a second, such as `2026-01-01T00:00:00Z`.
#[must_use]
pub fn write(second: i64) -> String {
    let (mut days, rest) = (second.div_euclid(DAY), second.rem_euclid(DAY));
    let mut year = 1970;
    while days < 0 {
        year -= 1;
        days += year_length(year);
    }
    while days >= year_length(year) {
        days -= year_length(year);
        year += 1;
    }
    let mut month = 1;
    while days >= days_of(year, month) {
        days -= days_of(year, month);
        month += 1;
    }
    format!(
        "{year:04}-{month:02}-{:02}T{:02}:{:02}:{:02}Z",
        days + 1,
        rest / 3600,
        rest / 60 % 60,
        rest % 60
    )
}

/// The hour of the day, 0 to 23.
pub(crate) fn hour(second: i64) -> i64 {
    second.rem_euclid(DAY) / 3600
}

/// The day of the week, 1 (Monday) to 7.
pub(crate) fn weekday(second: i64) -> i64 {
    // 1970-01-01 was a Thursday.
    (second.div_euclid(DAY) + 3).rem_euclid(7) + 1
}

/// The delivery time in the name of a trail's file: `…_YYYYMMDDTHHmmZ_…`.
#[must_use]
pub fn delivery(name: &str) -> Option<i64> {
    let form = pattern(r"_(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})Z_")?;
    let parts = form.captures(name)?;
    read(&format!("{}-{}-{}T{}:{}:00Z", &parts[1], &parts[2], &parts[3], &parts[4], &parts[5]))
}

fn leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn year_length(year: i64) -> i64 {
    if leap(year) { 366 } else { 365 }
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let years: i64 = if year >= 1970 {
        (1970..year).map(year_length).sum()
    } else {
        -(year..1970).map(year_length).sum::<i64>()
    };
    years + (1..month).map(|month| days_of(year, month)).sum::<i64>() + day - 1
}

#[cfg(test)]
mod tests {
    use super::{delivery, hour, read, weekday, write};

    #[test]
    fn all_forms_name_the_same_second() {
        for text in [
            "2026-01-01T00:00:00Z",
            "2026-01-01 00:00:00",
            "2026-01-01T00:00:00",
            "2026-01-01T01:30:00+01:30",
            "2025-12-31T23:00:00-0100",
            "2026-01-01T00:00:00.999Z",
        ] {
            assert_eq!(read(text), Some(1_767_225_600), "{text}");
        }
        assert_eq!(write(1_767_225_600), "2026-01-01T00:00:00Z");
        assert_eq!(read("2024-02-29T23:59:60Z"), read("2024-02-29T23:59:59Z"));
        for text in [
            "",
            "2026-01-01",
            "2026-13-01T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "2026-01-01T24:00:00Z",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn written_times_read_back() {
        for second in [-1, 0, 951_782_399, 951_868_800, 4_102_444_800, -2_208_988_800] {
            assert_eq!(read(&write(second)), Some(second));
        }
    }

    #[test]
    fn parts_of_a_time() {
        let thursday = read("2026-01-01T13:59:59Z").unwrap();
        assert_eq!((hour(thursday), weekday(thursday)), (13, 4));
        assert_eq!(weekday(thursday + 3 * 86_400), 7);
        assert_eq!(
            delivery("111122223333_CloudTrail_us-east-1_20260101T0005Z_a.json.gz"),
            Some(1_767_225_900)
        );
        assert_eq!(delivery("plain.json"), None);
    }
}
