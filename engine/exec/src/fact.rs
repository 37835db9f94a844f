//! What the events of one second mean to one group of one rule.
//!
//! A worker makes facts of matches, a shard combines those of one cell. Everything
//! in a [`CellRow`] combines in any order to the same: counts, whole-number sums,
//! sets, the least and greatest of something. Ties between events with one id are
//! settled by their values, so that not even those depend on order.

use crate::canonical::Texts;
use crate::evidence::{Evidence, Witness};
use crate::sequence::Moment;
use crate::steps::Seen;
use crate::tuples::Tuples;
use bumpalo::Bump;
use event::Value;
use state::Row;
use std::sync::Arc;

/// The values of a group's key.
#[derive(Clone, Debug)]
pub(crate) struct GroupKey {
    /// Canonical JSON texts of its paths, in their order.
    pub(crate) texts: Vec<Box<str>>,
    /// The values themselves.
    pub(crate) values: Vec<Owned>,
}

/// What happened in one second of one group, to one rule.
#[derive(Debug)]
pub struct Fact {
    pub(crate) rule: u32,
    pub(crate) group: u128,
    pub(crate) second: i64,
    pub(crate) key: Arc<GroupKey>,
    pub(crate) said: Said,
}

/// What a fact says of its second.
#[derive(Debug)]
pub(crate) enum Said {
    /// To a rule with `when`.
    Cell(CellRow),
    /// To a rule that learns: a tuple that is surely known, by its hash.
    Known(u128),
    /// To a sequence.
    Steps(Box<Moment<Seen>>),
}

/// How many shards facts are spread over, whatever the number of threads.
pub const SHARDS: usize = 64;

impl Fact {
    /// The shard its group belongs to.
    #[must_use]
    pub fn shard(&self) -> usize {
        usize::from((self.group >> 122) as u8) % SHARDS
    }

    /// The second it tells of.
    #[must_use]
    pub fn second(&self) -> i64 {
        self.second
    }
}

/// A value that outlives its event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Owned {
    Missing,
    Bool(bool),
    Number(event::Number),
    Text(Box<str>),
    Time(event::EventTime),
    Duration(i64),
    Ip(std::net::IpAddr),
    Cidr(event::Cidr),
    /// JSON text.
    Json(Box<str>),
    List(Box<[Owned]>),
    Object(Box<[(&'static str, Owned)]>),
}

impl Owned {
    pub(crate) fn new(value: Value<'_>) -> Self {
        match value {
            Value::Missing => Self::Missing,
            Value::Bool(value) => Self::Bool(value),
            Value::Number(value) => Self::Number(value),
            Value::Text(value) => Self::Text(value.into()),
            Value::Time(value) => Self::Time(value),
            Value::Duration(value) => Self::Duration(value),
            Value::Ip(value) => Self::Ip(value),
            Value::Cidr(value) => Self::Cidr(value),
            Value::Json(_) => Self::Json(crate::canonical::text(value)),
            Value::List(list) => Self::List(list.iter().map(|value| Self::new(*value)).collect()),
            Value::Object(entries) => {
                let own = entries.iter().map(|(key, value)| (*key, Self::new(*value)));
                Self::Object(own.collect())
            }
        }
    }

    /// The value, lent to an evaluation.
    pub(crate) fn lend<'a>(&'a self, arena: &'a Bump) -> Value<'a> {
        match self {
            Self::Missing => Value::Missing,
            Self::Bool(value) => Value::Bool(*value),
            Self::Number(value) => Value::Number(*value),
            Self::Text(value) => Value::Text(value),
            Self::Time(value) => Value::Time(*value),
            Self::Duration(value) => Value::Duration(*value),
            Self::Ip(value) => Value::Ip(*value),
            Self::Cidr(value) => Value::Cidr(*value),
            Self::Json(value) => Value::Json(event::Json::new(value.as_bytes())),
            Self::List(list) => {
                let lent = list.iter().map(|value| value.lend(arena));
                Value::List(arena.alloc_slice_fill_iter(lent.collect::<Vec<_>>()))
            }
            Self::Object(entries) => {
                let lent = entries.iter().map(|(key, value)| (*key, value.lend(arena)));
                Value::Object(arena.alloc_slice_fill_iter(lent.collect::<Vec<_>>()))
            }
        }
    }
}

/// The row of a cell.
#[derive(Debug, Default)]
pub(crate) struct CellRow {
    pub(crate) events: u64,
    pub(crate) exempted: u64,
    /// What the alert tells of its events, should it rest on them.
    pub(crate) evidence: Evidence,
    /// What aggregates ask of its events; shared by events of one scene.
    pub(crate) columns: Option<Arc<Columns>>,
    pub(crate) tuples: Tuples,
}

/// What the aggregates of a rule ask of events.
#[derive(Clone, Debug)]
pub(crate) struct Columns {
    /// Counts, then sums in millionths.
    pub(crate) amounts: Box<[i128]>,
    /// Which set holds which hash of a tuple, ascending, each once.
    pub(crate) sets: Vec<(u32, u64)>,
}

impl Columns {
    fn absorb(&mut self, other: &Self) {
        for (there, more) in self.amounts.iter_mut().zip(&other.amounts) {
            *there = there.saturating_add(*more);
        }
        for hash in &other.sets {
            if let Err(at) = self.sets.binary_search(hash) {
                self.sets.insert(at, *hash);
            }
        }
    }
}

/// What one second says of one tuple of `new` or `rare`.
#[derive(Debug, Default)]
pub(crate) struct TupleRow {
    pub(crate) hash: u128,
    /// Canonical JSON texts of its parts.
    pub(crate) parts: Texts,
    pub(crate) evidence: Evidence,
    /// Events that may fire: for each different set of bound values the one with the least id.
    pub(crate) candidates: Vec<Candidate>,
}

/// An event that may fire.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) witness: Witness,
    pub(crate) bound: Vec<Owned>,
}

impl TupleRow {
    pub(crate) fn offer(&mut self, candidate: Candidate) {
        match self.candidates.iter_mut().find(|known| known.bound == candidate.bound) {
            Some(known) if candidate.witness < known.witness => *known = candidate,
            Some(_) => {}
            None => self.candidates.push(candidate),
        }
    }
}

impl Row for CellRow {
    fn absorb(&mut self, other: Self) {
        self.events += other.events;
        self.exempted += other.exempted;
        self.evidence.absorb(other.evidence);
        match (&mut self.columns, other.columns) {
            (Some(there), Some(more)) => Arc::make_mut(there).absorb(&more),
            (there @ None, more) => *there = more,
            (Some(_), None) => {}
        }
        other.tuples.into_iter().for_each(|tuple| self.tuples.enter(tuple));
    }
}

impl CellRow {
    /// An amount, by the number of its column.
    pub(crate) fn amount(&self, at: usize) -> i128 {
        self.columns.as_ref().and_then(|columns| columns.amounts.get(at)).copied().unwrap_or(0)
    }

    /// Which sets hold which hashes.
    pub(crate) fn sets(&self) -> &[(u32, u64)] {
        self.columns.as_ref().map_or(&[], |columns| &columns.sets)
    }
}
