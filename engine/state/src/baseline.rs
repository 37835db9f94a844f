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
//! A score is one comparison while the fit holds. From one bucket to the next a fit by
//! `median_mad` moves the samples above the one that comes and above the one that goes; by
//! `mean_sd` and `ewma`, whose bits depend on the order in which samples are added, it is
//! linear in them.
//! Memory is one accumulator for each bucket since the watermark and one number for
//! each before it that is not empty, at most `memory / bucket` and [`Baseline::MOST`]; for
//! `median_mad` as many numbers again for each season that was tried.
//!
//! Source: language reference, "Learning", `zscore`.

mod model;
mod season;
mod slot;
mod tally;

pub use model::Model;
pub use season::Season;
pub use tally::Tally;

use season::{HOUR, first_bucket};
use slot::{Held, Slot};
use std::collections::VecDeque;
use std::ops::Range;

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

impl Deviation {
    /// The seconds of the bucket that holds one.
    #[must_use]
    pub fn bucket_of(&self, second: i64) -> Range<i64> {
        let number = second.div_euclid(self.bucket);
        number.saturating_mul(self.bucket)..number.saturating_add(1).saturating_mul(self.bucket)
    }
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
    /// For each season that was tried, the samples of its slot by value.
    slots: Vec<Slot>,
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
        Self {
            buckets: VecDeque::new(),
            fitted: None,
            slots: Vec::new(),
            scratch: Vec::new(),
            dropped: 0,
        }
    }
}

/// Samples without which there is no fit, where no season tells them apart.
const LEAST_WITHOUT_SEASON: u64 = 24;

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
        self.touch(number, how);
        let index = self.index(number);
        if self.buckets.get(index).is_none_or(|(there, _)| *there != number) {
            self.buckets.insert(index, (number, Bucket::Open(make())));
        }
        let index = if self.buckets.len() > Self::MOST {
            let first = self.buckets.front().map_or(number, |(first, _)| *first);
            self.touch(first, how);
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
        if count > 0 {
            let held = Held { buckets: &self.buckets, length: how.bucket };
            self.slots.iter_mut().for_each(|slot| slot.forget(oldest, held));
            self.buckets.drain(..count);
        }
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
            Some((last, _)) if *last == number => self.buckets.len() - 1,
            _ => self.buckets.partition_point(|(known, _)| *known < number),
        }
    }

    fn touch(&mut self, number: i64, how: &Deviation) {
        let held = Held { buckets: &self.buckets, length: how.bucket };
        self.slots.iter_mut().for_each(|slot| slot.touch(number, held));
    }

    fn fit_anew(&mut self, span: Span, how: &Deviation) -> Option<Fit> {
        how.season.with_fallbacks().iter().find_map(|season| {
            let least = match season {
                Season::None => LEAST_WITHOUT_SEASON,
                _ => how.min_samples.max(1),
            };
            let enough = |samples: usize| (samples as u64 >= least).then_some(samples);
            let (samples, estimated, (center, scale)) = match how.model {
                Model::MedianMad => {
                    let slot = self.slot(*season, span, how)?;
                    let samples = enough(slot.samples(how.empty))?;
                    (samples, slot.is_estimate(), slot.center_and_scale(how.empty))
                }
                model @ (Model::MeanSd | Model::Ewma) => {
                    let estimated = self.gather(*season, span, how);
                    let samples = enough(self.scratch.len())?;
                    (samples, estimated, model.center_and_scale(&mut self.scratch))
                }
            };
            let slot = season.slot(span.hour);
            Some(Fit { season: *season, slot, samples, center, scale, estimated })
        })
    }

    /// The samples of a season by value, as they are kept.
    fn slot(&mut self, season: Season, span: Span, how: &Deviation) -> Option<&Slot> {
        let known = self.slots.iter().position(|slot| slot.season == season);
        let place = known.unwrap_or_else(|| {
            self.slots.push(Slot::new(season));
            self.slots.len() - 1
        });
        let slot = self.slots.get_mut(place)?;
        slot.turn_to(span, Held { buckets: &self.buckets, length: how.bucket });
        Some(slot)
    }

    /// Put the samples of a season into the scratch, in order of time. Returns whether one
    /// is an estimate.
    fn gather(&mut self, season: Season, span: Span, how: &Deviation) -> bool {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        let mut estimated = false;
        for piece in season.pieces(span.hour, span.from..span.to, how.bucket) {
            estimated |= self.extend(piece.start, piece.end, how, &mut scratch);
        }
        self.scratch = scratch;
        estimated
    }

    fn extend(&self, from: i64, to: i64, how: &Deviation, out: &mut Vec<f64>) -> bool {
        let (mut next, mut estimated) = (from, false);
        let fill = |out: &mut Vec<f64>, count: i64| {
            let all = out.len() + usize::try_from(count).unwrap_or(0);
            how.empty.into_iter().for_each(|empty| out.resize(all, empty));
        };
        for (number, bucket) in self.buckets.range(self.index(from)..self.index(to)) {
            if *number > next {
                fill(out, number - next);
            }
            if let Some(sample) = bucket.sample() {
                out.push(sample);
            }
            estimated |= bucket.is_estimate();
            next = number + 1;
        }
        fill(out, to - next);
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

#[cfg(test)]
mod tests;
