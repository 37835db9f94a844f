//! When things happen: day and night, weekdays and weekends, busy and idle seconds.
//!
//! A [`Rhythm`] spreads a total over the seconds of a period. It knows nothing of what
//! the events are.

use crate::clock::{DAY, Moment};
use crate::dice::Dice;

/// The shape of a week.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Week {
    /// First busy hour of a day, UTC.
    pub opens: i64,
    /// Hour of the day, UTC, at which the busy time ends.
    pub closes: i64,
    /// Activity outside the busy hours, as a part of the peak.
    pub night: f64,
    /// Activity on Saturday and Sunday, as a part of a weekday's.
    pub weekend: f64,
}

/// Events per second over a period.
#[derive(Debug, Clone)]
pub struct Rhythm {
    week: Week,
    per_weight: f64,
}

impl Rhythm {
    /// A rhythm that comes to about `total` events in `days` days from `start`.
    #[must_use]
    pub fn new(week: Week, start: Moment, days: i64, total: f64) -> Self {
        let hours = (0..days * DAY / 3600).map(|hour| week.weight(start.plus(hour * 3600)));
        let sum: f64 = hours.sum();
        Self { week, per_weight: if sum > 0.0 { total / sum / 3600.0 } else { 0.0 } }
    }

    /// How many events happen in the second `now`.
    ///
    /// One second in ten is busy, with five times the mean; the others share the rest.
    pub fn count(&self, now: Moment, dice: &mut Dice) -> u64 {
        let mean = self.week.weight(now) * self.per_weight;
        if mean <= 0.0 {
            return 0;
        }
        let mean = if dice.chance(0.1) { mean * 5.0 } else { mean * (0.5 / 0.9) };
        let whole = mean as u64;
        whole + u64::from(dice.chance(mean - whole as f64))
    }
}

impl Week {
    /// Activity in the hour of `now`; 1 at the peak of a weekday.
    fn weight(&self, now: Moment) -> f64 {
        let hour = now.hour();
        let day = if (self.opens..self.closes).contains(&hour) {
            // A tent that rises from 0.6 at the edges to 1 in the middle.
            let edge = (hour - self.opens + 1).min(self.closes - hour) as f64;
            let half = ((self.closes - self.opens + 1) / 2).max(1) as f64;
            0.6 + 0.4 * edge / half
        } else {
            self.night
        };
        if now.weekend() { day * self.weekend } else { day }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_hold_and_nights_are_quiet() {
        let week = Week { opens: 7, closes: 19, night: 0.25, weekend: 0.4 };
        let start = Moment(1_756_684_800); // a Monday
        let rhythm = Rhythm::new(week, start, 7, 200_000.0);
        let mut dice = Dice::new(1, 1);
        let counts: Vec<u64> =
            (0..7 * DAY).map(|second| rhythm.count(start.plus(second), &mut dice)).collect();
        let sum = |from: i64, to: i64| counts[from as usize..to as usize].iter().sum::<u64>();
        let all = sum(0, 7 * DAY);
        assert!((194_000..206_000).contains(&all), "{all}");
        assert!(sum(12 * 3600, 13 * 3600) > 3 * sum(2 * 3600, 3 * 3600));
        assert!(sum(0, DAY) > 2 * sum(5 * DAY, 6 * DAY));
    }
}
