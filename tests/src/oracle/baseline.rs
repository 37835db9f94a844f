//! Scores: how far an aggregate is from what a group's past says is usual.
//!
//! The past is cut into buckets that are aligned to UTC. The aggregate over each
//! bucket that lies wholly in the history, in the memory and before the window is
//! a sample; a season keeps those of one hour of the day or of the week.

use super::eval::{Frame, Scope, eval};
use super::program::Learn;
use super::record::Record;
use super::time;
use super::value::Value;
use lang::ast::Expr;

/// The least number of samples without a season.
const LEAST_WITHOUT_SEASON: usize = 24;

/// The least number of samples of a slot, where the rule says none.
const LEAST_OF_A_SLOT: usize = 3;

/// How the middle of samples and their spread are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// The median, and the median distance from it.
    MedianMad,
    /// The mean, and the root of the mean squared distance from it.
    MeanSd,
    /// A mean in which older samples count for less, and the same of squared distances.
    Ewma,
}

impl Model {
    /// The model of a word; the default for an unknown one.
    #[must_use]
    pub fn named(word: &str) -> Self {
        match word {
            "mean_sd" => Self::MeanSd,
            "ewma" => Self::Ewma,
            _ => Self::MedianMad,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::MedianMad => "median_mad",
            Self::MeanSd => "mean_sd",
            Self::Ewma => "ewma",
        }
    }

    /// The center and the scale of samples in order of time, the scale at least its floor.
    ///
    /// There is at least one sample.
    #[must_use]
    pub fn center_and_scale(self, samples: &[f64]) -> (f64, f64) {
        let (center, scale) = match self {
            Self::MedianMad => {
                let center = median(samples);
                let distances: Vec<f64> = samples.iter().map(|x| (x - center).abs()).collect();
                (center, 1.4826 * median(&distances))
            }
            Self::MeanSd => {
                let center = mean(samples);
                let squares: Vec<f64> = samples.iter().map(|x| (x - center).powi(2)).collect();
                (center, mean(&squares).sqrt())
            }
            Self::Ewma => {
                let (mut center, mut var) = (samples[0], 0.0);
                for x in &samples[1..] {
                    let distance = x - center;
                    center += ALPHA * distance;
                    var = (1.0 - ALPHA) * (var + ALPHA * distance * distance);
                }
                (center, var.sqrt())
            }
        };
        (center, scale.max(center.max(0.0).sqrt().max(1.0)))
    }
}

/// The weight of the newest sample of an `ewma`.
const ALPHA: f64 = 0.1;

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[half] } else { (sorted[half - 1] + sorted[half]) / 2.0 }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Which samples are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Season {
    /// All of them.
    None,
    /// Those of one hour of the day.
    HourOfDay,
    /// Those of one hour of the week.
    HourOfWeek,
}

impl Season {
    pub(crate) fn named(word: &str) -> Self {
        match word {
            "hour_of_day" => Self::HourOfDay,
            "hour_of_week" => Self::HourOfWeek,
            _ => Self::None,
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::HourOfDay => "hour_of_day",
            Self::HourOfWeek => "hour_of_week",
        }
    }

    /// The seasons to be tried, one after the other.
    fn with_fallbacks(self) -> &'static [Self] {
        match self {
            Self::None => &[Self::None],
            Self::HourOfDay => &[Self::HourOfDay, Self::None],
            Self::HourOfWeek => &[Self::HourOfWeek, Self::HourOfDay, Self::None],
        }
    }

    /// The number of the slot of a second: 0 is midnight, of Monday for a week.
    fn slot(self, second: i64) -> Option<i64> {
        match self {
            Self::None => None,
            Self::HourOfDay => Some(time::hour(second)),
            Self::HourOfWeek => Some((time::weekday(second) - 1) * 24 + time::hour(second)),
        }
    }
}

/// What a score says of a value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judged {
    pub(crate) model: &'static str,
    pub(crate) season: Season,
    pub(crate) slot: Option<i64>,
    pub(crate) samples: usize,
    pub(crate) center: f64,
    pub(crate) scale: f64,
    pub(crate) score: f64,
}

/// A group at a second of its history.
#[derive(Clone, Debug)]
pub(crate) struct Past<'a> {
    /// All events of the group, in order of time.
    pub(crate) events: Vec<&'a Record>,
    /// When its history began.
    pub(crate) since: i64,
    /// Now.
    pub(crate) second: i64,
    /// The length of the window.
    pub(crate) within: i64,
    pub(crate) learn: Learn,
}

impl Past<'_> {
    /// The score of an aggregate over the window of a scope; nothing where it is missing.
    pub(crate) fn judge(&self, aggregate: &Expr, scope: &Scope<'_>) -> Option<Judged> {
        if self.second - self.since < self.learn.warmup {
            return None;
        }
        let value = float(&eval(aggregate, scope))?;
        let all = self.samples(aggregate, scope);
        let middle = (2 * self.second - self.within).div_euclid(2);
        for season in self.learn.season.with_fallbacks() {
            let least = match season {
                Season::None => LEAST_WITHOUT_SEASON,
                _ => self.learn.min_samples.unwrap_or(LEAST_OF_A_SLOT),
            };
            let slot = season.slot(middle);
            let samples: Vec<f64> = all
                .iter()
                .filter(|(start, _)| season.slot(*start) == slot)
                .map(|(_, sample)| *sample)
                .collect();
            if samples.is_empty() || samples.len() < least {
                continue;
            }
            let (center, scale) = self.learn.model.center_and_scale(&samples);
            return Some(Judged {
                model: self.learn.model.word(),
                season: *season,
                slot,
                samples: samples.len(),
                center,
                scale,
                score: (value - center) / scale,
            });
        }
        None
    }

    /// The samples with the starts of their buckets, in order of time.
    fn samples(&self, aggregate: &Expr, scope: &Scope<'_>) -> Vec<(i64, f64)> {
        let bucket = self.learn.bucket.unwrap_or(self.within);
        let earliest = self.since.max(self.second.saturating_sub(self.learn.memory));
        let of = |events: &[&Record]| {
            let frame = Frame { window: events, new: false, share: None, past: None };
            float(&eval(aggregate, &Scope { frame: Some(frame), ..scope.clone() }))
        };
        // Over no event every aggregate is 0 but a ratio, which is missing.
        let empty = of(&[]);
        let mut samples = Vec::new();
        let mut start = -(-earliest).div_euclid(bucket) * bucket;
        while start + bucket <= self.second - self.within {
            let from = self.events.partition_point(|record| record.time < Some(start));
            let to = self.events.partition_point(|record| record.time < Some(start + bucket));
            let sample = if from == to { empty } else { of(&self.events[from..to]) };
            samples.extend(sample.map(|sample| (start, sample)));
            start += bucket;
        }
        samples
    }
}

fn float(value: &Value) -> Option<f64> {
    value.number().map(super::number::Number::float)
}
