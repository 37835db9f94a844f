//! The aggregates of a window that moves over the cells of a group.

use crate::fact::Said;
use bumpalo::Bump;
use event::{Number, Value};
use plan::{Column, GroupRule};
use state::Distinct;

/// Sums are kept in millionths.
const MILLION: i128 = 1_000_000;

/// What is in the window now. What is said enters and leaves; nothing is recounted.
#[derive(Debug)]
pub(crate) struct Window {
    /// How many events.
    pub(crate) events: u64,
    /// Counts, then sums in millionths.
    amounts: Box<[i128]>,
    /// Which tuples are there, for each `distinct`.
    sets: Box<[Distinct]>,
}

impl Window {
    /// An empty window of a rule.
    pub(crate) fn new(rule: &GroupRule) -> Self {
        Self {
            events: 0,
            amounts: vec![0; rule.counts.len() + rule.sums.len()].into(),
            sets: vec![Distinct::default(); rule.sets.len()].into(),
        }
    }

    /// What was said is in the window from now on.
    pub(crate) fn enter(&mut self, said: &Said) {
        self.events += said.events();
        let Some(columns) = said.columns() else { return };
        for (there, more) in self.amounts.iter_mut().zip(&columns.amounts) {
            *there = there.saturating_add(*more);
        }
        columns.sets.each(|set, hash, times| self.sets[set as usize].enter(hash, times));
    }

    /// What entered is in it no more.
    pub(crate) fn leave(&mut self, said: &Said) {
        self.events -= said.events();
        let Some(columns) = said.columns() else { return };
        for (there, less) in self.amounts.iter_mut().zip(&columns.amounts) {
            *there = there.saturating_sub(*less);
        }
        columns.sets.each(|set, hash, times| self.sets[set as usize].leave(hash, times));
    }

    /// Whether a count is an estimate.
    pub(crate) fn is_approximate(&self) -> bool {
        self.sets.iter().any(Distinct::is_approximate)
    }

    /// Whether each aggregate is as great as `when` asks at least.
    pub(crate) fn reaches(&self, rule: &GroupRule) -> bool {
        rule.floors.iter().all(|(column, least)| {
            let least = i128::from(*least);
            match *column {
                Column::Events => i128::from(self.events) >= least,
                Column::Count(at) => self.amounts[at] >= least,
                Column::Set(at) => i128::from(self.sets[at].count()) >= least,
                Column::Sum(at) => self.amounts[rule.counts.len() + at] >= least * MILLION,
                Column::Ratio(_) => true,
            }
        })
    }

    /// How many events there are wherever it is as great; nothing where one may be enough.
    pub(crate) fn least_events(rule: &GroupRule) -> Option<usize> {
        let least = rule.floors.iter().filter_map(|(column, least)| match column {
            // Each event counts once at most.
            Column::Events | Column::Count(_) | Column::Set(_) => usize::try_from(*least).ok(),
            Column::Sum(_) | Column::Ratio(_) => None,
        });
        least.max().filter(|least| *least > 1)
    }

    /// The values of the rule's aggregates, in their order.
    pub(crate) fn aggregates<'a>(&self, rule: &GroupRule, arena: &'a Bump) -> &'a [Value<'a>] {
        let values = rule.aggregates.iter().map(|aggregate| self.value(aggregate.column, rule));
        arena.alloc_slice_fill_iter(values)
    }

    /// The value of an aggregate over a column.
    pub(crate) fn value<'a>(&self, column: Column, rule: &GroupRule) -> Value<'a> {
        match column {
            Column::Events => count(self.events),
            Column::Count(at) => count(as_count(self.amounts[at])),
            Column::Ratio(at) => ratio(as_count(self.amounts[at]), self.events),
            Column::Set(at) => count(self.sets[at].count()),
            Column::Sum(at) => sum(self.amounts[rule.counts.len() + at]),
        }
    }
}

/// An amount that is a count.
pub(crate) fn as_count(amount: i128) -> u64 {
    u64::try_from(amount).unwrap_or(0)
}

fn count<'a>(value: u64) -> Value<'a> {
    Value::Number(Number::Int(i64::try_from(value).unwrap_or(i64::MAX)))
}

#[expect(clippy::cast_precision_loss, reason = "counts of a window are far below 2⁵²")]
fn ratio<'a>(part: u64, whole: u64) -> Value<'a> {
    if whole == 0 {
        return Value::Missing;
    }
    Value::Number(Number::Float(part as f64 / whole as f64))
}

/// A sum of millionths as a number.
#[expect(clippy::cast_precision_loss, reason = "the nearest float is what is asked for")]
fn sum<'a>(millionths: i128) -> Value<'a> {
    if millionths % MILLION == 0
        && let Ok(whole) = i64::try_from(millionths / MILLION)
    {
        return Value::Number(Number::Int(whole));
    }
    Value::Number(Number::Float(millionths as f64 / MILLION as f64))
}

/// A number in millionths, rounded half to even; nothing for what is no number.
#[expect(clippy::cast_possible_truncation, reason = "a float beyond i128 saturates")]
pub(crate) fn millionths(value: Value<'_>) -> Option<i128> {
    Some(match crate::compare::number(value.scalar())? {
        Number::Int(whole) => i128::from(whole) * MILLION,
        Number::Float(float) => (float * 1e6).round_ties_even() as i128,
    })
}
