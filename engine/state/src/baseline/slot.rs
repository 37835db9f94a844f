//! The samples of one slot of a season in the order of their values, kept from fit to fit.
//!
//! From one bucket to the next one sample comes and one goes, so the middle of them need not
//! be looked for among all. It knows numbers of buckets and their values; which buckets count
//! at a second is its owner's business.
//!
//! # Invariants
//!
//! - Of the buckets of `span` that lie in the slot and are not in `touched`, `values` has
//!   what those held give, ascending, and `absent` says how many are not held.
//! - A bucket of `span` changes after [`Slot::touch`] only.
//!
//! # Cost
//!
//! A turn costs, for each bucket that comes or goes, a search and a move of the values above
//! it; it is linear in the values where more than [`Slot::FEW`] do. Center and scale are
//! logarithmic.

use super::model::median_mad;
use super::{Bucket, Sample, Season, Span};
use std::collections::VecDeque;
use std::ops::Range;

/// The samples of one slot by value.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) season: Season,
    /// An hour since 1970 that lies in it.
    hour: i64,
    /// The buckets that have come, by number.
    span: Range<i64>,
    values: Vec<f64>,
    absent: usize,
    estimates: usize,
    /// Buckets that may have changed since they came, for now out of the rest.
    touched: Vec<i64>,
}

/// What samples are taken from.
#[derive(Debug)]
pub(super) struct Held<'a, A> {
    /// Buckets by number, ascending.
    pub(super) buckets: &'a VecDeque<(i64, Bucket<A>)>,
    /// The length of a bucket in seconds.
    pub(super) length: i64,
}

impl<A> Clone for Held<'_, A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A> Copy for Held<'_, A> {}

/// Whether buckets come or go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    In,
    Out,
}

impl Slot {
    /// So many come or go one by one.
    const FEW: usize = 16;

    /// Nothing of a season yet.
    pub(super) fn new(season: Season) -> Self {
        Self {
            season,
            hour: 0,
            span: 0..0,
            values: Vec::new(),
            absent: 0,
            estimates: 0,
            touched: Vec::new(),
        }
    }

    /// Have the buckets of a span.
    pub(super) fn turn_to<A: Sample>(&mut self, to: Span, held: Held<'_, A>) {
        let Range { start, end } = self.span.clone();
        let is_other = self.season.slot(self.hour) != self.season.slot(to.hour);
        if is_other || start >= end || to.from >= end || to.to <= start {
            *self = Self { hour: to.hour, ..Self::new(self.season) };
            self.pass(to.from..to.to, Way::In, held);
        } else {
            self.take_touched(held);
            self.pass(start..to.from, Way::Out, held);
            self.pass(to.to..end, Way::Out, held);
            self.pass(to.from..start, Way::In, held);
            self.pass(end..to.to, Way::In, held);
        }
        self.span = to.from..to.to;
    }

    /// A bucket will change, come to be held, or be held no more.
    pub(super) fn touch<A: Sample>(&mut self, number: i64, held: Held<'_, A>) {
        if !self.span.contains(&number) || self.touched.contains(&number) {
            return;
        }
        if self.touched.len() < Self::FEW {
            self.pass(number..number + 1, Way::Out, held);
            self.touched.push(number);
        } else {
            *self = Self::new(self.season);
        }
    }

    /// Let the buckets before one go.
    pub(super) fn forget<A: Sample>(&mut self, oldest: i64, held: Held<'_, A>) {
        let Range { start, end } = self.span;
        if oldest >= end {
            *self = Self::new(self.season);
        } else if oldest > start {
            self.take_touched(held);
            self.pass(start..oldest, Way::Out, held);
            self.span.start = oldest;
        }
    }

    /// How many samples there are, where a bucket that is not held gives `empty`.
    pub(super) fn samples(&self, empty: Option<f64>) -> usize {
        self.values.len() + empty.map_or(0, |_| self.absent)
    }

    /// Whether one of the samples is an estimate.
    pub(super) fn is_estimate(&self) -> bool {
        self.estimates > 0
    }

    /// The center and the scale of the samples as [`Model::MedianMad`](super::Model) has them.
    pub(super) fn center_and_scale(&self, empty: Option<f64>) -> (f64, f64) {
        let (value, count) = empty.map_or((0.0, 0), |value| (value, self.absent));
        let below = self.values.partition_point(|known| known.total_cmp(&value).is_lt());
        median_mad(self.samples(empty), |place| {
            if place < below {
                self.values[place]
            } else if place < below + count {
                value
            } else {
                self.values[place - count]
            }
        })
    }

    fn take_touched<A: Sample>(&mut self, held: Held<'_, A>) {
        for number in std::mem::take(&mut self.touched) {
            self.pass(number..number + 1, Way::In, held);
        }
    }

    /// Let buckets come or go, as far as they lie in the slot.
    fn pass<A: Sample>(&mut self, part: Range<i64>, way: Way, held: Held<'_, A>) {
        let (mut values, mut absent, mut estimates) = (Vec::new(), 0, 0);
        for piece in self.season.pieces(self.hour, part, held.length) {
            let first = held.buckets.partition_point(|(number, _)| *number < piece.start);
            let there = held.buckets.range(first..);
            absent += usize::try_from(piece.end - piece.start).unwrap_or(0);
            for (_, bucket) in there.take_while(|(number, _)| *number < piece.end) {
                values.extend(bucket.sample());
                estimates += usize::from(bucket.is_estimate());
                absent -= 1;
            }
        }
        match way {
            Way::In => {
                self.absent += absent;
                self.estimates += estimates;
                self.enter(&values);
            }
            Way::Out => {
                self.absent -= absent;
                self.estimates -= estimates;
                self.leave(values);
            }
        }
    }

    fn enter(&mut self, values: &[f64]) {
        if values.len() > Self::FEW {
            self.values.extend(values);
            self.values.sort_by(f64::total_cmp);
            return;
        }
        for value in values {
            let place = self.values.partition_point(|known| known.total_cmp(value).is_lt());
            self.values.insert(place, *value);
        }
    }

    fn leave(&mut self, mut values: Vec<f64>) {
        if values.len() > Self::FEW {
            values.sort_by(f64::total_cmp);
            let mut next = values.iter().peekable();
            self.values
                .retain(|known| next.next_if(|value| known.total_cmp(value).is_eq()).is_none());
            return;
        }
        for value in values {
            if let Ok(place) = self.values.binary_search_by(|known| known.total_cmp(&value)) {
                self.values.remove(place);
            }
        }
    }
}
