//! Time as CloudTrail writes it: whole seconds in UTC.
//!
//! Knows the calendar and nothing else; there is no wall clock here.

use event::EventTime;
use std::fmt::Write as _;

/// Seconds in a day.
pub const DAY: i64 = 86_400;

/// A second of UTC, counted from 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(pub i64);

impl Moment {
    /// The moment that `2025-09-01` or `2025-09-01T08:30:00Z` names, or nothing.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let midnight = format!("{text}T00:00:00Z");
        let moment = EventTime::parse(text).or_else(|| EventTime::parse(&midnight))?;
        (moment.0 >= 0).then_some(Self(moment.0))
    }

    /// The moment `seconds` later.
    #[must_use]
    pub fn plus(self, seconds: i64) -> Self {
        Self(self.0 + seconds)
    }

    /// Year, month (1–12) and day (1–31).
    #[must_use]
    pub fn date(self) -> (i64, i64, i64) {
        EventTime(self.0).date()
    }

    /// Hour of the day, 0–23.
    #[must_use]
    pub fn hour(self) -> i64 {
        self.0.rem_euclid(DAY) / 3600
    }

    /// True on Saturday and Sunday.
    #[must_use]
    pub fn weekend(self) -> bool {
        // Day 0 was a Thursday.
        matches!(self.0.div_euclid(DAY).rem_euclid(7), 2 | 3)
    }

    /// Appends `2025-09-01T08:30:00Z`.
    pub fn push_iso(self, out: &mut String) {
        let (year, month, day) = self.date();
        let within = self.0.rem_euclid(DAY);
        push_number(out, year, 4);
        for (sign, value) in [
            ('-', month),
            ('-', day),
            ('T', within / 3600),
            (':', within / 60 % 60),
            (':', within % 60),
        ] {
            out.push(sign);
            push_number(out, value, 2);
        }
        out.push('Z');
    }

    /// `2025-09-01T08:30:00Z`.
    #[must_use]
    pub fn iso(self) -> String {
        let mut text = String::with_capacity(20);
        self.push_iso(&mut text);
        text
    }

    /// `20250901T0830Z`, as in the names of delivered files.
    #[must_use]
    pub fn minute_name(self) -> String {
        let (year, month, day) = self.date();
        let within = self.0.rem_euclid(DAY);
        format!("{year:04}{month:02}{day:02}T{:02}{:02}Z", within / 3600, within / 60 % 60)
    }

    /// Appends `2025/09/01`, as in the folders of delivered files.
    pub fn push_day_path(self, out: &mut String) {
        let (year, month, day) = self.date();
        // Writing to a string cannot fail.
        let _ = write!(out, "{year:04}/{month:02}/{day:02}");
    }
}

fn push_number(out: &mut String, value: i64, width: u32) {
    for at in (0..width).rev() {
        let digit = value / 10_i64.pow(at) % 10;
        out.push(char::from(b'0' + digit as u8));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_moments_agree() {
        for text in ["1970-01-01T00:00:00Z", "2024-02-29T23:59:59Z", "2025-09-01T08:30:00Z"] {
            assert_eq!(Moment::parse(text).map(Moment::iso).as_deref(), Some(text));
        }
        assert_eq!(Moment::parse("2025-09-01"), Some(Moment(1_756_684_800)));
        for text in ["2025-02-30", "2025-13-01", "2025-9", "yesterday", "2025-01-01T24:00:00Z", ""]
        {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }

    #[test]
    fn names_and_weekdays() {
        let monday = Moment(1_756_684_800 + 8 * 3600 + 30 * 60);
        assert_eq!(monday.minute_name(), "20250901T0830Z");
        let weekend: Vec<bool> = (0..7).map(|day| monday.plus(day * DAY).weekend()).collect();
        assert_eq!(weekend, [false, false, false, false, false, true, true]);
    }
}
