//! What is particular to a kind of rule: what is learned, and the steps of a sequence.
//!
//! It knows what the rule asks, with every default filled in; it knows nothing of how
//! anything is learned, scored or matched.

use super::{Expr, Named};
#[cfg(doc)]
use super::{ExprKind, Rule};

/// `new(x, …)` with what `learn` says.
#[derive(Clone, Debug, PartialEq)]
pub struct FirstSeen {
    /// Its text, such as `new(region)`.
    pub text: String,
    /// The parts of the tuple.
    pub tuple: Vec<Named>,
    /// Seconds of learning in silence, from the group's first event.
    pub warmup: i64,
    /// Seconds after which a tuple is forgotten.
    pub memory: i64,
    /// `poison=keep_out`: the third day still alerts.
    pub keep_out: bool,
    /// `cold=alert`: what is first seen while learning alerts as well.
    pub cold_alert: bool,
    /// The other parts of `when`, joined by its outermost `and`s.
    pub others: Vec<Expr>,
}

/// `rare(x, …) < share` with what `learn` says.
#[derive(Clone, Debug, PartialEq)]
pub struct Rare {
    /// Its text without the comparison, such as `rare(api)`.
    pub text: String,
    /// The parts of the tuple.
    pub tuple: Vec<Named>,
    /// The comparison of [`ExprKind::Share`] with a constant or a param.
    pub seldom: Expr,
    /// Seconds of history without which there is no share.
    pub warmup: i64,
    /// The seconds that the share is taken over.
    pub memory: i64,
    /// Events without which there is no share.
    pub min_samples: u64,
    /// The other parts of `when`, joined by its outermost `and`s.
    pub others: Vec<Expr>,
}

/// `zscore(a)` with what `learn` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline {
    /// Its text, such as `zscore(count())`.
    pub text: String,
    /// The aggregate, by its number in [`Rule::aggregates`].
    pub aggregate: usize,
    /// The length of a bucket in seconds: that of the window for `count` and `sum`,
    /// at most an hour with a season.
    pub bucket: i64,
    /// Which buckets are samples.
    pub season: Season,
    /// What center and scale are.
    pub model: Model,
    /// Samples without which a slot of the season falls back to a coarser one.
    pub min_samples: u64,
    /// Seconds of history without which there is no score.
    pub warmup: i64,
    /// The seconds that samples are taken from.
    pub memory: i64,
}

/// The slots of a season.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Season {
    /// 168 slots, then 24, then one.
    HourOfWeek,
    /// 24 slots, then one.
    HourOfDay,
    /// One slot.
    #[default]
    None,
}

/// What center and scale are of the samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Model {
    /// The median, and 1.4826 times the median of the distances from it.
    #[default]
    MedianMad,
    /// The mean, and the root of the mean squared distance.
    MeanSd,
    /// Means in which the newest samples weigh most, α = 0.1.
    Ewma,
}

/// `sequence by … within … { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Sequence {
    /// Its text on one line, without the word.
    pub text: String,
    /// The params that stand in the text, by number, in order of appearance, once each.
    pub params: Vec<usize>,
    /// Its steps in order, at most 16; the first is not absent.
    pub steps: Vec<Step>,
}

/// A step of a sequence. An event satisfies it when all of `own`, `joins` and `rest` hold.
///
/// In `joins` and `rest` only steps before this one are read, neither counted nor absent.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// Whether it says what must not happen.
    pub absent: bool,
    /// The least number of events, 1 or more, of a counted step.
    pub count: Option<u64>,
    /// The parts of its condition that read the event at hand alone.
    pub own: Vec<Expr>,
    /// The equalities of a value of the event at hand with one of an earlier step.
    pub joins: Vec<Join>,
    /// The parts that read earlier steps in another way. They read events only through
    /// [`ExprKind::Step`]: the event at hand by the number of this step.
    pub rest: Vec<Expr>,
}

/// `here == step.there`. Equal values have equal keys: no JSON beside an address, a network,
/// a time or a length of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Join {
    /// The value in the event at hand.
    pub here: Expr,
    /// The number of the earlier step.
    pub step: usize,
    /// The value in its event.
    pub there: Expr,
}
