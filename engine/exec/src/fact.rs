//! What the events of one second mean to one group of one rule.
//!
//! A worker makes facts of matches, a shard combines those of one cell. Everything
//! in a [`CellRow`] combines in any order to the same: counts, whole-number sums,
//! sets, the least and greatest of something. Ties between events with one id are
//! settled by their values, so that not even those depend on order.

use crate::canonical::Texts;
use event::Value;
use hashbrown::HashMap;
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
    pub(crate) row: Box<CellRow>,
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
    /// JSON text of whatever else there was.
    Json(Box<str>),
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
            Value::Json(_) | Value::List(_) | Value::Object(_) => {
                Self::Json(crate::canonical::text(value))
            }
        }
    }

    pub(crate) fn value(&self) -> Value<'_> {
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
        }
    }
}

/// One event of a cell and what the alert wants of it, as canonical JSON texts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Witness {
    pub(crate) id: Arc<str>,
    pub(crate) values: Texts,
}

/// The events an alert rests on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    pub(crate) events: u64,
    /// The least ids, ascending, at most [`Evidence::IDS`].
    pub(crate) ids: Vec<Arc<str>>,
    /// The greatest id.
    pub(crate) last: Option<Arc<str>>,
    /// What `show` asks, in its order.
    pub(crate) shows: Vec<Shown>,
}

/// What one item of `show` has gathered.
#[derive(Clone, Debug)]
pub(crate) enum Shown {
    /// How often each value was there.
    Top(HashMap<Box<str>, u64>),
    /// The value of the event with the least id.
    First(Witness),
    /// The value of the event with the greatest id.
    Last(Witness),
}

impl Evidence {
    /// The most ids that an alert lists: 20.
    pub(crate) const IDS: usize = 20;

    pub(crate) fn add(&mut self, id: &Arc<str>, shows: impl Iterator<Item = Option<Shown>>) {
        self.events += 1;
        self.add_id(id);
        if self.last.as_ref().is_none_or(|last| last < id) {
            self.last = Some(Arc::clone(id));
        }
        for (at, shown) in shows.enumerate() {
            match (self.shows.get_mut(at), shown) {
                (Some(there), Some(shown)) => there.absorb(shown),
                (None, Some(shown)) => self.shows.push(shown),
                (Some(_), None) => {}
                (None, None) => self.shows.push(Shown::Top(HashMap::new())),
            }
        }
    }

    fn add_id(&mut self, id: &Arc<str>) {
        let full = self.ids.len() == Self::IDS;
        if full && self.ids.last().is_some_and(|greatest| greatest <= id) {
            return;
        }
        let at = self.ids.partition_point(|known| known <= id);
        if self.ids.is_empty() {
            self.ids.reserve_exact(1);
        }
        self.ids.insert(at, Arc::clone(id));
        self.ids.truncate(Self::IDS);
    }

    /// Take in the evidence of the same second, or of a later one.
    pub(crate) fn absorb(&mut self, other: Self) {
        self.events += other.events;
        for id in other.ids {
            self.add_id(&id);
        }
        if self.last < other.last {
            self.last = other.last;
        }
        if self.shows.is_empty() {
            self.shows = other.shows;
        } else {
            for (there, shown) in self.shows.iter_mut().zip(other.shows) {
                there.absorb(shown);
            }
        }
    }

    /// Take in the evidence of a later second.
    pub(crate) fn follow(&mut self, later: &Self) {
        self.events += later.events;
        let room = Self::IDS - self.ids.len();
        self.ids.extend(later.ids.iter().take(room).cloned());
        self.last.clone_from(&later.last);
        if self.shows.is_empty() {
            self.shows.clone_from(&later.shows);
            return;
        }
        for (there, shown) in self.shows.iter_mut().zip(&later.shows) {
            match (there, shown) {
                (Shown::Top(all), Shown::Top(more)) => {
                    for (value, count) in more {
                        *all.entry_ref(&**value).or_insert(0) += count;
                    }
                }
                (Shown::Last(last), Shown::Last(later)) => last.clone_from(later),
                _ => {}
            }
        }
    }
}

impl Shown {
    fn absorb(&mut self, other: Self) {
        match (self, other) {
            (Self::Top(all), Self::Top(more)) => {
                for (value, count) in more {
                    *all.entry(value).or_insert(0) += count;
                }
            }
            (Self::First(there), Self::First(other)) if other < *there => *there = other,
            (Self::Last(there), Self::Last(other)) if other > *there => *there = other,
            _ => {}
        }
    }
}

/// The row of a cell.
#[derive(Debug, Default)]
pub(crate) struct CellRow {
    pub(crate) evidence: Evidence,
    pub(crate) exempted: u64,
    pub(crate) counts: Vec<u64>,
    pub(crate) sums: Vec<i128>,
    /// Hashes of the different tuples, ascending.
    pub(crate) sets: Vec<Vec<u64>>,
    /// The firing event, should the second fire.
    pub(crate) witness: Option<Witness>,
    pub(crate) tuples: Vec<TupleRow>,
}

/// What one second says of one tuple of `new`.
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
        self.evidence.absorb(other.evidence);
        self.exempted += other.exempted;
        join(&mut self.counts, other.counts, |there, more| *there += more);
        join(&mut self.sums, other.sums, |there, more| *there = there.saturating_add(more));
        join(&mut self.sets, other.sets, |there, more| {
            more.into_iter().for_each(|hash| insert(there, hash));
        });
        self.witness = match (self.witness.take(), other.witness) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        for tuple in other.tuples {
            match self.tuples.iter_mut().find(|known| known.hash == tuple.hash) {
                Some(there) => {
                    there.evidence.absorb(tuple.evidence);
                    tuple.candidates.into_iter().for_each(|candidate| there.offer(candidate));
                }
                None => self.tuples.push(tuple),
            }
        }
    }
}

/// Insert a hash into an ascending list, once.
pub(crate) fn insert(hashes: &mut Vec<u64>, hash: u64) {
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
