//! What the events of one second mean to one group of one rule.
//!
//! A worker makes facts of matches, a shard combines those of one cell. Everything
//! in a [`CellRow`] combines in any order to the same: counts, whole-number sums,
//! sets, the least and greatest of something. Ties between events with one id are
//! settled by their values, so that not even those depend on order.

use crate::canonical::Texts;
use crate::evidence::Evidence;
use crate::sequence::Moment;
use crate::steps::Seen;
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
    Cell(Box<CellRow>),
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

/// The facts of a worker that were not handed on yet.
///
/// Facts of one cell are combined here as far as they follow closely on each other; the
/// shard combines the rest.
#[derive(Debug)]
pub(crate) struct Facts<R> {
    list: Vec<Part<R>>,
    /// Where a cell was put last, by its hash.
    recent: [u32; RECENT],
}

/// A fact while it is combined.
#[derive(Debug)]
struct Part<R> {
    rule: u32,
    group: u128,
    second: i64,
    key: Arc<GroupKey>,
    row: Box<R>,
}

const RECENT: usize = 1_024;

impl<R> Default for Facts<R> {
    fn default() -> Self {
        Self { list: Vec::new(), recent: [u32::MAX; RECENT] }
    }
}

impl<R: Default> Facts<R> {
    /// The row of a cell.
    pub(crate) fn row(
        &mut self,
        rule: u32,
        second: i64,
        (group, key): &(u128, Arc<GroupKey>),
    ) -> &mut R {
        let mixed = (*group as u64).wrapping_add(second.cast_unsigned()) ^ u64::from(rule) << 3;
        let recent = &mut self.recent[(mixed as usize) % RECENT];
        let same =
            |part: &Part<R>| part.group == *group && part.second == second && part.rule == rule;
        let mut at = *recent as usize;
        if !self.list.get(at).is_some_and(same) {
            at = self.list.len();
            *recent = u32::try_from(at).unwrap_or(u32::MAX);
            let (group, key) = (*group, Arc::clone(key));
            self.list.push(Part { rule, group, second, key, row: Box::default() });
        }
        &mut self.list[at].row
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn take(&mut self, say: fn(Box<R>) -> Said) -> impl Iterator<Item = Fact> + '_ {
        self.list.drain(..).map(move |part| {
            let Part { rule, group, second, key, row } = part;
            Fact { rule, group, second, key, said: say(row) }
        })
    }
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

/// One event of a cell and what the alert wants of it, as canonical JSON texts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Witness {
    pub(crate) id: Arc<str>,
    pub(crate) values: Texts,
}

/// The row of a cell.
#[derive(Debug, Default)]
pub(crate) struct CellRow {
    pub(crate) events: u64,
    pub(crate) exempted: u64,
    pub(crate) evidence: Evidence,
    pub(crate) counts: Vec<u64>,
    pub(crate) sums: Vec<i128>,
    /// Which set holds which hash of a tuple, ascending, each once.
    pub(crate) sets: Vec<(u32, u64)>,
    /// The firing event, should the second fire.
    pub(crate) witness: Option<Witness>,
    pub(crate) tuples: Vec<TupleRow>,
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
        join(&mut self.counts, other.counts, |there, more| *there += more);
        join(&mut self.sums, other.sums, |there, more| *there = there.saturating_add(more));
        other.sets.into_iter().for_each(|hash| insert(&mut self.sets, hash));
        self.witness = match (self.witness.take(), other.witness) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        other.tuples.into_iter().for_each(|tuple| self.enter(tuple));
    }
}

impl CellRow {
    /// Take in what the second says of a tuple.
    pub(crate) fn enter(&mut self, tuple: TupleRow) {
        match self.tuples.iter_mut().find(|known| known.hash == tuple.hash) {
            Some(there) => {
                there.evidence.absorb(tuple.evidence);
                tuple.candidates.into_iter().for_each(|candidate| there.offer(candidate));
            }
            None => self.tuples.push(tuple),
        }
    }
}

/// Insert a hash into an ascending list, once.
pub(crate) fn insert(hashes: &mut Vec<(u32, u64)>, hash: (u32, u64)) {
    if let Err(at) = hashes.binary_search(&hash) {
        hashes.insert(at, hash);
    }
}

fn join<T>(there: &mut Vec<T>, other: Vec<T>, add: impl Fn(&mut T, T)) {
    if there.is_empty() {
        *there = other;
        return;
    }
    for (there, more) in there.iter_mut().zip(other) {
        add(there, more);
    }
}
