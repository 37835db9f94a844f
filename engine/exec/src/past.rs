//! What a group's past says: the share of each tuple for `rare`, buckets for `zscore`.
//!
//! Seconds enter as they are walked, and leave when they are taken back. What shares and
//! baselines mean is `state`'s; this is what they are told of what was heard.
//!
//! # Invariants
//!
//! - A second enters once, and leaves with what it entered with. For `rare` that is when it was
//!   judged.

use crate::fact::Said;
use crate::window::as_count;
use event::{Number, Value};
use plan::{Column, GroupRule, Rare};
use state::{AsHashed, Baseline, Deviation, Fit, HOUR, Model, Season, Seldom, Share, Tally};

/// The most pairs of hour and tuple that a group's `rare` remembers: 1,048,576.
pub const MOST_PAIRS: usize = Share::<AsHashed>::MOST;

/// The most buckets with events that a group's score remembers: 131,072.
pub const MOST_BUCKETS: usize = Baseline::<Tally>::MOST;

/// The past of a group, as far as its rule asks for it.
#[derive(Debug)]
pub(crate) enum Past {
    /// It does not.
    Unasked,
    /// For `rare`.
    Share(Box<Share<AsHashed>>),
    /// For `zscore`, one for each.
    Baselines(Box<[Usual]>),
}

/// The past of one score.
#[derive(Debug)]
pub(crate) struct Usual {
    how: Deviation,
    /// What of the events is added up.
    column: Column,
    buckets: Baseline<Tally>,
}

/// Whether a second enters or leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    In,
    Out,
}

impl Past {
    pub(crate) fn new(rule: &GroupRule) -> Self {
        if rule.rare.is_some() {
            return Self::Share(Box::default());
        }
        if rule.baselines.is_empty() {
            return Self::Unasked;
        }
        let usual = |how: &plan::Baseline| Usual {
            how: deviation(how, rule),
            column: rule.aggregates[how.aggregate].column,
            buckets: Baseline::default(),
        };
        Self::Baselines(rule.baselines.iter().map(usual).collect())
    }

    /// What was heard in some seconds enters, judged; in any order.
    pub(crate) fn enter<'s>(
        &mut self,
        heard: impl Iterator<Item = (i64, &'s Said)> + Clone,
        rule: &GroupRule,
    ) {
        self.pass(heard, rule, Way::In);
    }

    /// Whether so many events may enter before the seconds of them are judged: what is usual in a
    /// second follows from those before its window alone.
    pub(crate) fn may_enter_early(&self, events: usize) -> bool {
        match self {
            Self::Unasked => true,
            Self::Share(_) => false,
            Self::Baselines(all) => {
                all.iter().all(|usual| usual.buckets.len() + events <= MOST_BUCKETS)
            }
        }
    }

    /// What was heard in some seconds is taken back.
    pub(crate) fn leave<'s>(
        &mut self,
        heard: impl Iterator<Item = (i64, &'s Said)> + Clone,
        rule: &GroupRule,
    ) {
        self.pass(heard, rule, Way::Out);
    }

    fn pass<'s>(
        &mut self,
        heard: impl Iterator<Item = (i64, &'s Said)> + Clone,
        rule: &GroupRule,
        way: Way,
    ) {
        match self {
            Self::Unasked => {}
            Self::Share(share) => {
                each_tuple(heard, |second, tuple, events| match way {
                    Way::In => share.enter(second, tuple, events),
                    Way::Out => share.leave(second, tuple, events),
                });
            }
            Self::Baselines(all) => {
                all.iter_mut().for_each(|usual| usual.pass(heard.clone(), rule, way));
            }
        }
    }

    /// Forget what no second after the watermark asks for.
    pub(crate) fn forget(&mut self, watermark: i64, rule: &GroupRule) {
        match self {
            Self::Unasked => {}
            Self::Share(share) => {
                let memory = rule.rare.as_ref().map_or(0, |rare| rare.memory);
                share.forget(watermark, memory);
            }
            Self::Baselines(all) => {
                all.iter_mut().for_each(|usual| usual.buckets.forget(watermark, &usual.how));
            }
        }
    }

    /// What is usual at a second, for one score.
    pub(crate) fn fit(&mut self, score: usize, (start, second): (i64, i64)) -> Option<Fit> {
        let Self::Baselines(all) = self else { return None };
        all.get_mut(score).and_then(|usual| usual.buckets.fit(start, second, &usual.how))
    }

    /// What is usual at a second, for each score.
    pub(crate) fn fits(&mut self, start: i64, second: i64) -> Vec<Option<Fit>> {
        let Self::Baselines(all) = self else { return Vec::new() };
        all.iter_mut().map(|usual| usual.buckets.fit(start, second, &usual.how)).collect()
    }

    /// Whether it says nothing of any second of a span that begins with the history, should so many
    /// events enter by its end.
    pub(crate) fn is_mute(&self, span: (i64, i64), events: usize, rule: &GroupRule) -> bool {
        let (Self::Share(share), Some(rare)) = (self, &rule.rare) else { return false };
        share.is_mute(span, events, seldom(rare))
    }

    /// Whether it had to let go of something that counts.
    pub(crate) fn is_short(&self) -> bool {
        match self {
            Self::Unasked => false,
            Self::Share(share) => share.dropped() > 0,
            Self::Baselines(all) => all.iter().any(|usual| usual.buckets.dropped() > 0),
        }
    }
}

impl Usual {
    fn pass<'s>(
        &mut self,
        heard: impl Iterator<Item = (i64, &'s Said)>,
        rule: &GroupRule,
        way: Way,
    ) {
        let mut heard = heard.filter(|(_, said)| said.events() > 0).peekable();
        while let Some(&(second, _)) = heard.peek() {
            let bucket = self.how.bucket_of(second);
            let mut tally = self.buckets.at(second, &self.how, || empty(self.column));
            while let Some((_, said)) = heard.next_if(|(second, _)| bucket.contains(second)) {
                if let Some(tally) = &mut tally {
                    change(tally, self.column, (said, rule), way);
                }
            }
        }
    }
}

/// How a rule takes the share.
pub(crate) fn seldom(rare: &Rare) -> Seldom {
    Seldom { warmup: rare.warmup, memory: rare.memory, min_samples: rare.min_samples }
}

/// The scores of aggregates; missing where there is no fit or no value.
pub(crate) fn scores<'a>(
    rule: &GroupRule,
    fits: &[Option<Fit>],
    aggregates: &[Value<'_>],
) -> Vec<Value<'a>> {
    let score = |(how, fit): (&plan::Baseline, &Option<Fit>)| {
        let Value::Number(value) = aggregates.get(how.aggregate)? else { return None };
        Some(fit.as_ref()?.score(value.float()))
    };
    let number = |score: f64| Value::Number(Number::Float(score));
    let all = rule.baselines.iter().zip(fits);
    all.map(|pair| score(pair).map_or(Value::Missing, number)).collect()
}

fn deviation(how: &plan::Baseline, rule: &GroupRule) -> Deviation {
    Deviation {
        bucket: how.bucket,
        within: rule.within.as_ref().map_or(1, |(seconds, _)| *seconds),
        memory: how.memory,
        warmup: how.warmup,
        season: match how.season {
            plan::Season::None => Season::None,
            plan::Season::HourOfDay => Season::HourOfDay,
            plan::Season::HourOfWeek => Season::HourOfWeek,
        },
        min_samples: how.min_samples,
        model: match how.model {
            plan::Model::MedianMad => Model::MedianMad,
            plan::Model::MeanSd => Model::MeanSd,
            plan::Model::Ewma => Model::Ewma,
        },
        empty: match rule.aggregates[how.aggregate].column {
            Column::Ratio(_) => None,
            _ => Some(0.0),
        },
    }
}

/// Tell the tuples with their events, and the events without a whole one; of what is alike in one
/// hour and follows each other, all at once.
fn each_tuple<'s>(
    heard: impl Iterator<Item = (i64, &'s Said)>,
    mut tell: impl FnMut(i64, Option<u128>, u64),
) {
    let mut last: Option<(i64, Option<u128>, u64)> = None;
    let mut add = |second: i64, tuple: Option<u128>, events: u64| match &mut last {
        Some((there, same, count))
            if *same == tuple && there.div_euclid(HOUR) == second.div_euclid(HOUR) =>
        {
            *count += events;
        }
        _ => {
            let before = last.replace((second, tuple, events));
            before.into_iter().for_each(|(second, tuple, events)| tell(second, tuple, events));
        }
    };
    for (second, said) in heard {
        let mut without = said.events();
        for tuple in said.tuples() {
            without -= tuple.events;
            add(second, Some(tuple.hash), tuple.events);
        }
        if without > 0 {
            add(second, None, without);
        }
    }
    last.into_iter().for_each(|(second, tuple, events)| tell(second, tuple, events));
}

fn empty(column: Column) -> Tally {
    match column {
        Column::Events | Column::Count(_) => Tally::Count(0),
        Column::Ratio(_) => Tally::Ratio { part: 0, whole: 0 },
        Column::Set(_) => Tally::Distinct(Box::default()),
        Column::Sum(_) => Tally::Sum(0),
    }
}

/// Let what was said enter a tally, or leave it.
fn change(tally: &mut Tally, column: Column, (said, rule): (&Said, &GroupRule), way: Way) {
    let count = |there: &mut u64, events: u64| match way {
        Way::In => *there += events,
        Way::Out => *there = there.saturating_sub(events),
    };
    match (tally, column) {
        (Tally::Count(all), Column::Count(at)) => count(all, as_count(said.amount(at))),
        (Tally::Count(all), _) => count(all, said.events()),
        (Tally::Ratio { part, whole }, Column::Ratio(at)) => {
            count(part, as_count(said.amount(at)));
            count(whole, said.events());
        }
        (Tally::Sum(sum), Column::Sum(at)) => {
            let amount = said.amount(rule.counts.len() + at);
            *sum = match way {
                Way::In => sum.saturating_add(amount),
                Way::Out => sum.saturating_sub(amount),
            };
        }
        (Tally::Distinct(values), Column::Set(at)) => {
            said.each_member(|set, hash, times| match way {
                _ if set as usize != at => {}
                Way::In => values.enter(hash, times),
                Way::Out => values.leave(hash, times),
            })
        }
        _ => {}
    }
}
