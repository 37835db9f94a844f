//! What is usual for a group at this hour, and how far a value is from it.
//!
//! A [`Baseline`] cuts a group's past into buckets aligned to UTC and keeps one
//! accumulator each; what it adds up is its owner's business ([`Tally`] serves the
//! aggregates of the language). Asked for a second, it fits a model to the buckets
//! that count there and says how far a value is from its center. It knows seconds
//! and numbers, nothing of events.
//!
//! # Invariants
//!
//! - Only buckets with something in them are held, in order of time; the others
//!   are samples all the same.
//! - A fit is kept until the set of its samples changes: with time at most three
//!   times a bucket, never once a second.
//!
//! # Cost
//!
//! A score is one comparison while the fit holds. A fit is linear in its samples.
//! Memory is one accumulator for each bucket since the watermark and one number for
//! each before it that is not empty, at most `memory / bucket` and [`Baseline::MOST`].
//!
//! Source: language reference, "Learning", `zscore`.

mod model;
mod season;
mod tally;

pub use model::Model;
pub use season::Season;
pub use tally::Tally;

use std::collections::VecDeque;

/// What a bucket adds up.
pub trait Sample {
    /// The value of the bucket; nothing where it is no sample.
    fn sample(&self) -> Option<f64>;

    /// Whether that value is an estimate.
    fn is_estimate(&self) -> bool {
        false
    }
}

/// How a rule measures deviation. All lengths in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Deviation {
    /// The length of a bucket; at least 1.
    pub bucket: i64,
    /// The length of the window whose value is judged.
    pub within: i64,
    /// Buckets that began longer ago do not count.
    pub memory: i64,
    /// A history younger than this gives no score.
    pub warmup: i64,
    /// Which samples are alike.
    pub season: Season,
    /// Samples without which a slot of the season falls back to a coarser one.
    pub min_samples: u64,
    /// What center and scale are.
    pub model: Model,
    /// The sample of a bucket without events: 0, of a ratio none.
    pub empty: Option<f64>,
}

/// What the past says is usual.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// Which samples were used.
    pub season: Season,
    /// The hour of the day or of the week they have in common; Monday 00 is 0.
    pub slot: Option<i64>,
    /// How many there were.
    pub samples: usize,
    /// What is usual.
    pub center: f64,
    /// How much it varies; at least `max(sqrt(max(center, 0)), 1)`.
    pub scale: f64,
    /// Whether one of the samples is an estimate.
    pub estimated: bool,
}

impl Fit {
    /// How many scales a value lies above the center.
    #[must_use]
    pub fn score(&self, value: f64) -> f64 {
        (value - self.center) / self.scale
    }
}

/// The past of a group in buckets.
#[derive(Clone, Debug)]
pub struct Baseline<A> {
    /// Buckets with something in them by their number, `start / length`, ascending.
    buckets: VecDeque<(i64, Bucket<A>)>,
    fitted: Option<(Span, Option<Fit>)>,
    scratch: Vec<f64>,
    dropped: u64,
}

/// A bucket: still adding up, or done, with its value and whether that is an estimate.
#[derive(Clone, Debug)]
enum Bucket<A> {
    Open(A),
    Sealed(Option<f64>, bool),
}

/// Which buckets are samples at a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    /// The first bucket by number.
    from: i64,
    /// The first that is none any more.
    to: i64,
    /// The hour since 1970 that the slot is taken from.
    hour: i64,
}

impl<A> Default for Baseline<A> {
    fn default() -> Self {
        Self { buckets: VecDeque::new(), fitted: None, scratch: Vec::new(), dropped: 0 }
    }
}

/// Samples without which there is no fit, where no season tells them apart.
const LEAST_WITHOUT_SEASON: u64 = 24;

const HOUR: i64 = 3_600;

impl<A: Sample> Baseline<A> {
    /// The most buckets with events that are held: 131,072 (90 days of a minute each).
    pub const MOST: usize = 131_072;

    /// The accumulator of the bucket that holds a second, made if there is none.
    ///
    /// Nothing for a bucket that was sealed: its second is behind the watermark.
    pub fn at(&mut self, second: i64, how: &Deviation, make: impl FnOnce() -> A) -> Option<&mut A> {
        let number = second.div_euclid(how.bucket);
        if self.fitted.is_some_and(|(span, _)| (span.from..span.to).contains(&number)) {
            self.fitted = None;
        }
        let index = self.index(number);
        if self.buckets.get(index).is_none_or(|(there, _)| *there != number) {
            self.buckets.insert(index, (number, Bucket::Open(make())));
        }
        let index = if self.buckets.len() > Self::MOST {
            self.buckets.pop_front();
            self.dropped += 1;
            self.fitted = None;
            index.checked_sub(1)?
        } else {
            index
        };
        match self.buckets.get_mut(index) {
            Some((_, Bucket::Open(tally))) => Some(tally),
            _ => None,
        }
    }

    /// What is usual at a second for a group whose history starts at `start`.
    ///
    /// Nothing while the history is younger than the warm-up or has too few samples.
    ///
    /// # Time
    ///
    /// All events up to `second − within` have been added; those after it may be.
    pub fn fit(&mut self, start: i64, second: i64, how: &Deviation) -> Option<Fit> {
        if second.saturating_sub(start) < how.warmup {
            return None;
        }
        let earliest = start.max(second.saturating_sub(how.memory));
        let middle = second.saturating_mul(2).saturating_sub(how.within).div_euclid(2);
        let span = Span {
            from: first_bucket(earliest, how.bucket),
            to: second.saturating_sub(how.within).div_euclid(how.bucket),
            hour: middle.div_euclid(HOUR),
        };
        match self.fitted {
            Some((known, fit)) if known == span => fit,
            _ => {
                let fit = self.fit_anew(span, how);
                self.fitted = Some((span, fit));
                fit
            }
        }
    }

    /// Forget the buckets that no second after the watermark asks for, and keep of those
    /// behind it their value alone.
    pub fn forget(&mut self, watermark: i64, how: &Deviation) {
        let oldest = first_bucket(watermark.saturating_sub(how.memory), how.bucket);
        let count = self.index(oldest);
        self.buckets.drain(..count);
        let sealed = self.index(watermark.saturating_add(1).div_euclid(how.bucket));
        for (_, bucket) in self.buckets.range_mut(..sealed).rev() {
            match bucket {
                Bucket::Open(tally) => {
                    *bucket = Bucket::Sealed(tally.sample(), tally.is_estimate());
                }
                Bucket::Sealed(..) => break,
            }
        }
    }

    /// How many buckets are held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.buckets.len()
    }

    /// Whether none is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.buckets.is_empty()
    }

    /// How many buckets went because there were too many: fits may fall short.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    fn index(&self, number: i64) -> usize {
        match self.buckets.back() {
            Some((last, _)) if *last < number => self.buckets.len(),
            _ => self.buckets.partition_point(|(known, _)| *known < number),
        }
    }

    fn fit_anew(&mut self, span: Span, how: &Deviation) -> Option<Fit> {
        for season in how.season.with_fallbacks() {
            let least = match season {
                Season::None => LEAST_WITHOUT_SEASON,
                _ => how.min_samples.max(1),
            };
            let slot = season.slot(span.hour);
            let estimated = self.gather(span, *season, how);
            if (self.scratch.len() as u64) < least {
                continue;
            }
            let samples = self.scratch.len();
            let (center, scale) = how.model.center_and_scale(&mut self.scratch);
            return Some(Fit { season: *season, slot, samples, center, scale, estimated });
        }
        None
    }

    /// Put the samples of a season into the scratch, in order of time. Returns whether one
    /// is an estimate.
    fn gather(&mut self, span: Span, season: Season, how: &Deviation) -> bool {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        let mut estimated = false;
        if season == Season::None {
            estimated |= self.extend(span.from, span.to, how, &mut scratch);
        } else {
            let seconds =
                (span.from.saturating_mul(how.bucket), span.to.saturating_mul(how.bucket));
            for hour in season.alike(span.hour, seconds) {
                let from = first_bucket(hour.saturating_mul(HOUR), how.bucket);
                let to = first_bucket((hour + 1).saturating_mul(HOUR), how.bucket);
                let (from, to) = (from.max(span.from), to.min(span.to));
                estimated |= self.extend(from, to, how, &mut scratch);
            }
        }
        self.scratch = scratch;
        estimated
    }

    fn extend(&self, from: i64, to: i64, how: &Deviation, out: &mut Vec<f64>) -> bool {
        let (mut next, mut estimated) = (from, false);
        let empties = |count: i64| {
            let count = usize::try_from(count).unwrap_or(0).min(Self::MOST);
            how.empty.into_iter().flat_map(move |empty| std::iter::repeat_n(empty, count))
        };
        for (number, bucket) in self.buckets.range(self.index(from)..) {
            if *number >= to {
                break;
            }
            out.extend(empties(number - next));
            out.extend(bucket.sample());
            estimated |= bucket.is_estimate();
            next = number + 1;
        }
        out.extend(empties(to - next));
        estimated
    }
}

impl<A: Sample> Bucket<A> {
    fn sample(&self) -> Option<f64> {
        match self {
            Self::Open(tally) => tally.sample(),
            Self::Sealed(sample, _) => *sample,
        }
    }

    fn is_estimate(&self) -> bool {
        match self {
            Self::Open(tally) => tally.is_estimate(),
            Self::Sealed(_, estimate) => *estimate,
        }
    }
}

/// The number of the first bucket that begins at or after a second.
fn first_bucket(second: i64, bucket: i64) -> i64 {
    second.div_euclid(bucket) + i64::from(second.rem_euclid(bucket) > 0)
}

#[cfg(test)]
mod tests;
