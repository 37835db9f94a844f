//! When things happen: day and night, weekdays and weekends, busy and idle seconds, bursts.
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

/// Bursts: one caller makes one call again and again, many times a second.
///
/// A burst has 20 to 199 events, 1 to 110 of them in a second, mostly few. How often one
/// begins follows from the share of all events that bursts are to be.
#[derive(Debug, Clone)]
pub struct Bursts {
    chance: f64,
    left: u64,
    rate: u64,
}

/// Events of the mean burst.
const MEAN_BURST: f64 = 109.5;

/// The most events of a burst in one second.
const FASTEST: u64 = 110;

impl Bursts {
    /// Bursts that come to `share` of `total` events in `days` days.
    #[must_use]
    pub fn new(share: f64, days: i64, total: f64) -> Self {
        let seconds = (days * DAY).max(1) as f64;
        Self { chance: share * total / MEAN_BURST / seconds, left: 0, rate: 0 }
    }

    /// How many events of a burst happen in the next second, and whether they begin one.
    pub fn count(&mut self, dice: &mut Dice) -> (u64, bool) {
        if self.chance <= 0.0 {
            // Nothing is drawn, so an archive without bursts stays as it was.
            return (0, false);
        }
        let begins = self.left == 0 && dice.chance(self.chance);
        if begins {
            self.left = 20 + dice.below(180);
            self.rate = 1 + dice.skewed(FASTEST);
        }
        let count = self.left.min(self.rate);
        self.left -= count;
        (count, begins)
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
    fn bursts_have_their_share_and_pace() {
        let (mut bursts, mut dice) = (Bursts::new(0.1, 7, 200_000.0), Dice::new(1, 1));
        let counts: Vec<(u64, bool)> = (0..7 * DAY).map(|_| bursts.count(&mut dice)).collect();
        let all: u64 = counts.iter().map(|(count, _)| count).sum();
        assert!((15_000..25_000).contains(&all), "{all}");
        assert!(counts.iter().any(|(count, _)| *count > 60));
        assert!(counts.iter().all(|(count, _)| *count <= FASTEST));
    }

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
