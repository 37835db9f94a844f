//! What share of a group's events has a tuple.
//!
//! A [`Share`] counts events by hour and tuple. Told of the events second by second
//! in order of time, it says before each second what share of those remembered has a
//! tuple. It knows seconds and hashes of tuples, nothing of events.
//!
//! # Invariants
//!
//! - `events` and `tuples` are the sums over the hours from `low` on.
//! - Hours before `low` are kept until they are forgotten: in a live stream time may
//!   go back and ask for them again.
//!
//! # Cost
//!
//! One look-up for each question and each tuple of a second; an hour that enters or
//! leaves the memory costs its tuples once. At most [`Share::MOST`] pairs of hour
//! and tuple are held: past that the oldest hour goes, and is counted.
//!
//! Source: language reference, "Learning", `rare`.

use hashbrown::HashMap;
use std::collections::BTreeMap;
use std::hash::BuildHasher;

/// How a rule takes the share. All lengths in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seldom {
    /// A history younger than this gives no share.
    pub warmup: i64,
    /// Events from the start of the hour so long ago count.
    pub memory: i64,
    /// Events without which there is no share.
    pub min_samples: u64,
}

/// How many of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Portion {
    /// The events that have the tuple.
    pub part: u64,
    /// All events, those without a whole tuple too.
    pub whole: u64,
}

impl Portion {
    /// The share; at most 1.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2⁵²")]
    pub fn value(self) -> f64 {
        self.part as f64 / self.whole as f64
    }
}

/// The events of a group by hour and tuple.
#[derive(Clone, Debug)]
pub struct Share<S> {
    hours: BTreeMap<i64, Hour<S>>,
    /// The first hour that counts now.
    low: i64,
    events: u64,
    tuples: HashMap<u128, u64, S>,
    /// Pairs of hour and tuple that are held.
    pairs: usize,
    dropped: u64,
}

#[derive(Clone, Debug)]
struct Hour<S> {
    events: u64,
    tuples: HashMap<u128, u64, S>,
}

/// The seconds of an hour.
pub const HOUR: i64 = 3_600;

impl<S: BuildHasher + Default> Default for Share<S> {
    fn default() -> Self {
        Self {
            hours: BTreeMap::new(),
            low: i64::MIN,
            events: 0,
            tuples: HashMap::default(),
            pairs: 0,
            dropped: 0,
        }
    }
}

impl<S: BuildHasher + Default> Share<S> {
    /// The most pairs of hour and tuple that are held: 1,048,576.
    pub const MOST: usize = 1 << 20;

    /// Let time be `second`: what is before its memory counts no longer.
    ///
    /// Time may go back, as far as nothing was forgotten.
    pub fn turn_to(&mut self, second: i64, memory: i64) {
        let low = second.saturating_sub(memory).div_euclid(HOUR);
        if low == self.low {
            return;
        }
        if low > self.low {
            let leaving: Vec<i64> =
                self.hours.range(self.low..low).map(|(hour, _)| *hour).collect();
            leaving.into_iter().for_each(|hour| self.subtract(hour));
        } else {
            for (_, hour) in self.hours.range(low..self.low) {
                self.events += hour.events;
                for (tuple, count) in &hour.tuples {
                    *self.tuples.entry(*tuple).or_insert(0) += count;
                }
            }
        }
        self.low = low;
    }

    /// The share that a tuple has at the second that time was turned to.
    ///
    /// Nothing while the history, which starts at `start`, is too young or too small.
    ///
    /// # Time
    ///
    /// The events of all seconds before `second` have entered, and of those of `second` itself the
    /// portion that stands beside the tuple: it does not count.
    #[must_use]
    pub fn of(
        &self,
        (tuple, entered): (u128, Portion),
        (start, second): (i64, i64),
        how: Seldom,
    ) -> Option<Portion> {
        let young = second.saturating_sub(start) < how.warmup;
        let whole = self.events.saturating_sub(entered.whole);
        if young || whole < how.min_samples.max(1) {
            return None;
        }
        let part = self.tuples.get(&tuple).copied().unwrap_or(0).saturating_sub(entered.part);
        Some(Portion { part, whole })
    }

    /// Whether there is no share at any second up to the one given, with a history that starts at
    /// `start`, should so many events enter by then; and none of them has to go.
    #[must_use]
    pub fn is_mute(&self, (start, second): (i64, i64), events: usize, how: Seldom) -> bool {
        let young = second.saturating_sub(start) < how.warmup;
        let few = self.events.saturating_add(events as u64) < how.min_samples.max(1);
        (young || few) && self.pairs.saturating_add(events) <= Self::MOST
    }

    /// Events of a second enter; without a tuple those that lack a part of it.
    pub fn enter(&mut self, second: i64, tuple: Option<u128>, events: u64) {
        let at = second.div_euclid(HOUR);
        let hour =
            self.hours.entry(at).or_insert_with(|| Hour { events: 0, tuples: HashMap::default() });
        hour.events += events;
        if let Some(tuple) = tuple {
            let count = hour.tuples.entry(tuple).or_insert(0);
            self.pairs += usize::from(*count == 0);
            *count += events;
        }
        if at >= self.low {
            self.events += events;
            if let Some(tuple) = tuple {
                *self.tuples.entry(tuple).or_insert(0) += events;
            }
        }
        while self.pairs > Self::MOST && self.hours.len() > 1 {
            self.drop_oldest();
            self.dropped += 1;
        }
    }

    /// What entered is taken back: a second is judged again.
    pub fn leave(&mut self, second: i64, tuple: Option<u128>, events: u64) {
        let at = second.div_euclid(HOUR);
        let Some(hour) = self.hours.get_mut(&at) else { return };
        hour.events -= events;
        if let Some(tuple) = tuple
            && less(&mut hour.tuples, tuple, events)
        {
            self.pairs -= 1;
        }
        if hour.events == 0 {
            self.hours.remove(&at);
        }
        if at >= self.low {
            self.events -= events;
            if let Some(tuple) = tuple {
                less(&mut self.tuples, tuple, events);
            }
        }
    }

    /// Forget the hours that no second after the watermark asks for.
    pub fn forget(&mut self, watermark: i64, memory: i64) {
        let oldest = watermark.saturating_sub(memory).div_euclid(HOUR);
        while self.hours.first_key_value().is_some_and(|(hour, _)| *hour < oldest) {
            self.drop_oldest();
        }
    }

    /// Whether no hour is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hours.is_empty()
    }

    /// How many hours went because there were too many tuples: shares may fall short.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    fn drop_oldest(&mut self) {
        let Some((hour, _)) = self.hours.first_key_value() else { return };
        let hour = *hour;
        if hour >= self.low {
            self.subtract(hour);
        }
        if let Some(gone) = self.hours.remove(&hour) {
            self.pairs -= gone.tuples.len();
        }
    }

    fn subtract(&mut self, hour: i64) {
        let Some(hour) = self.hours.get(&hour) else { return };
        self.events -= hour.events;
        for (tuple, count) in &hour.tuples {
            less(&mut self.tuples, *tuple, *count);
        }
    }
}

/// Count less of a tuple; returns whether none is left.
fn less<S: BuildHasher>(tuples: &mut HashMap<u128, u64, S>, tuple: u128, events: u64) -> bool {
    let Some(count) = tuples.get_mut(&tuple) else { return false };
    *count = count.saturating_sub(events);
    let gone = *count == 0;
    if gone {
        tuples.remove(&tuple);
    }
    gone
}

#[cfg(test)]
mod tests;
