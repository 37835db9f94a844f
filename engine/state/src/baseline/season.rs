//! Which hours are alike, and which buckets lie in them.

use std::ops::Range;

/// Which samples are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Season {
    /// All of them.
    None,
    /// Those of one hour of the day.
    HourOfDay,
    /// Those of one hour of the week.
    HourOfWeek,
}

/// Seconds.
pub(super) const HOUR: i64 = 3_600;

/// Hours from Monday 00:00 of its week to the start of 1970, a Thursday.
const HOURS_TO_EPOCH: i64 = 3 * 24;

impl Season {
    /// The seasons to be tried, one after the other.
    pub(super) fn with_fallbacks(self) -> &'static [Self] {
        match self {
            Self::None => &[Self::None],
            Self::HourOfDay => &[Self::HourOfDay, Self::None],
            Self::HourOfWeek => &[Self::HourOfWeek, Self::HourOfDay, Self::None],
        }
    }

    /// How many hours lie between two that are alike.
    fn period(self) -> i64 {
        match self {
            Self::None => 1,
            Self::HourOfDay => 24,
            Self::HourOfWeek => 7 * 24,
        }
    }

    /// The slot of an hour since 1970: 0 is midnight, in a week that of Monday.
    pub(super) fn slot(self, hour: i64) -> Option<i64> {
        match self {
            Self::None => None,
            Self::HourOfDay => Some(hour.rem_euclid(24)),
            Self::HourOfWeek => Some((hour + HOURS_TO_EPOCH).rem_euclid(7 * 24)),
        }
    }

    /// The hours like `hour` that share a second with `[from, to)`, in order of time.
    pub(super) fn alike(self, hour: i64, (from, to): (i64, i64)) -> impl Iterator<Item = i64> {
        let period = self.period();
        let lowest = from.div_euclid(HOUR);
        let first = lowest + (hour - lowest).rem_euclid(period);
        let step = usize::try_from(period).unwrap_or(1);
        (first..to.div_euclid(HOUR) + i64::from(to.rem_euclid(HOUR) > 0)).step_by(step)
    }

    /// The runs of buckets, of `length` seconds, that begin in hours like `hour`, in order of time.
    pub(super) fn pieces(
        self,
        hour: i64,
        among: Range<i64>,
        length: i64,
    ) -> impl Iterator<Item = Range<i64>> {
        let Range { start, end } = among;
        let seconds = (start.saturating_mul(length), end.saturating_mul(length));
        let hours = (self != Self::None && start < end).then(|| self.alike(hour, seconds));
        let runs = hours.into_iter().flatten().map(move |hour| {
            let from = first_bucket(hour.saturating_mul(HOUR), length);
            let to = first_bucket((hour + 1).saturating_mul(HOUR), length);
            from.max(start)..to.min(end)
        });
        (self == Self::None)
            .then_some(start..end)
            .into_iter()
            .chain(runs)
            .filter(|run| !run.is_empty())
    }
}

/// The number of the first bucket that begins at or after a second.
pub(super) fn first_bucket(second: i64, length: i64) -> i64 {
    second.div_euclid(length) + i64::from(second.rem_euclid(length) > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_monday() {
        // 2026-11-23 is a Monday.
        let monday = 1_795_392_000 / HOUR;
        assert_eq!(Season::HourOfWeek.slot(monday), Some(0));
        assert_eq!(Season::HourOfWeek.slot(monday - 1), Some(167));
        assert_eq!(Season::HourOfWeek.slot(monday + 25), Some(25));
        assert_eq!(Season::HourOfDay.slot(monday + 25), Some(1));
        assert_eq!(Season::None.slot(monday), None);
    }

    #[test]
    fn hours_alike_are_a_period_apart() {
        let hours: Vec<_> = Season::HourOfDay.alike(100, (0, 80 * HOUR)).collect();
        assert_eq!(hours, [4, 28, 52, 76]);
        let hours: Vec<_> = Season::HourOfDay.alike(4, (5 * HOUR - 1, 28 * HOUR + 1)).collect();
        assert_eq!(hours, [4, 28]);
        let hours: Vec<_> = Season::HourOfWeek.alike(1_000, (5 * HOUR, 28 * HOUR)).collect();
        assert_eq!(hours, Vec::<i64>::new());
    }
}
