//! What the events of one second mean to one group of one rule.
//!
//! A worker says what single events mean, a shard keeps that by second. Where a second has
//! more than it can hold event by event, they are combined to a [`CellRow`]. Everything in it
//! combines in any order to the same: counts, whole-number sums, sets, the least and greatest
//! of something. Ties between events with one id are settled by their values, so that not
//! even those depend on order.

use crate::canonical::Texts;
use crate::evidence::{Evidence, Lone, Witness};
use crate::id::{Id, Uuid};
use crate::sets::Sets;
use crate::steps::Alike;
use crate::tuples::Tuples;
use bumpalo::Bump;
use event::Value;
use std::borrow::Cow;
use std::sync::Arc;

/// The values of a group's key.
#[derive(Clone, Debug, Default)]
pub(crate) struct GroupKey {
    /// Canonical JSON texts of its paths, in their order.
    pub(crate) texts: Texts,
    /// The values themselves, where they are not what stands between the quotes of these.
    values: Option<Box<[Owned]>>,
}

/// What an event says to a rule, apart from its group, its second and its id.
///
/// It is small, since many are gone through at a time. What follows from the scene alone is made
/// once and shared by all that say the same.
#[derive(Clone, Debug)]
pub(crate) enum Said {
    /// To a rule with `when` and without a tuple: what aggregates ask of the event, and what an alert that
    /// rests on it may tell, as [`Lone`] has it.
    Event(Option<Box<Columns>>, Arc<str>),
    /// To a rule that learns: what aggregates ask, and a tuple that is surely known.
    Known(Option<Box<Columns>>, u128),
    /// To a rule that learns: what aggregates ask, and a tuple in full.
    Tuple(Option<Box<Columns>>, Box<Tale>),
    /// To a sequence: the steps that the event satisfies, a bit each, what it is to them, and its
    /// id where that is no UUID.
    Steps(u32, Box<Alike>, Option<Arc<str>>),
    /// Whatever else, and what several events say together.
    Row(Box<CellRow>),
}

/// A tuple, and what an alert may tell of an event that has it, the id apart.
#[derive(Clone, Debug)]
pub(crate) struct Tale {
    pub(crate) hash: u128,
    /// Canonical JSON texts of its parts.
    pub(crate) parts: Texts,
    /// As [`Lone`] has it.
    pub(crate) told: Arc<str>,
    /// What the window parts of `when` read of an event that may fire; nothing of one that may
    /// not.
    pub(crate) bound: Option<Vec<Owned>>,
}

/// A tuple that is told in full.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Full<'s> {
    pub(crate) hash: u128,
    pub(crate) parts: Texts<&'s str>,
    /// How many events have it.
    pub(crate) events: u64,
    /// Whether one of them may fire.
    pub(crate) may_fire: bool,
}

/// What an event said, and which.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) said: Arc<Said>,
    /// Its id; of a row that has its ids itself nothing.
    pub(crate) id: Uuid,
}

/// The same, as long as somebody keeps what was said.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word<'s> {
    pub(crate) said: &'s Arc<Said>,
    pub(crate) id: &'s Uuid,
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

impl GroupKey {
    pub(crate) fn new(texts: Texts<&str>, values: &[Value<'_>]) -> Self {
        let own = || values.iter().map(|value| Owned::new(*value)).collect();
        Self { texts: texts.own(), values: (!texts.are(values)).then(own) }
    }

    /// The values, in their order.
    pub(crate) fn values<'a>(&'a self, arena: &'a Bump) -> impl Iterator<Item = Value<'a>> {
        let own = self.values.as_deref();
        let told = self.texts.lend().iter().filter(move |_| own.is_none());
        let own = own.unwrap_or_default().iter().map(|value| value.lend(arena));
        own.chain(told.map(|text| unquoted(text).into()))
    }

    /// The text that a value is.
    pub(crate) fn text(&self, at: usize) -> Option<&str> {
        match &self.values {
            None => unquoted(self.texts.lend().get(at)?),
            Some(values) => match values.get(at)? {
                Owned::Text(text) => Some(text),
                _ => None,
            },
        }
    }
}

/// What stands between quotes.
fn unquoted(text: &str) -> Option<&str> {
    text.strip_prefix('"')?.strip_suffix('"')
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

/// What events of a second say.
#[derive(Clone, Debug, Default)]
pub(crate) struct CellRow {
    pub(crate) events: u64,
    pub(crate) exempted: u64,
    /// What the alert tells of its events, should it rest on them.
    pub(crate) evidence: Evidence,
    /// What aggregates ask of its events.
    pub(crate) columns: Option<Box<Columns>>,
    pub(crate) tuples: Tuples,
}

/// What the aggregates of a rule ask of events.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Columns {
    /// Counts, then sums in millionths.
    pub(crate) amounts: Box<[i128]>,
    /// Which set holds which tuple.
    pub(crate) sets: Sets,
}

impl Columns {
    fn absorb(&mut self, other: &Self) {
        for (there, more) in self.amounts.iter_mut().zip(&other.amounts) {
            *there = there.saturating_add(*more);
        }
        self.sets.absorb(&other.sets);
    }
}

/// What one second says of one tuple of `new` or `rare`.
#[derive(Clone, Debug, Default)]
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

impl Tale {
    /// The same of an event.
    fn row(self, id: Id) -> TupleRow {
        let Self { hash, parts, told, bound } = self;
        let values = || Lone::parts_of(&told).0.own();
        let witness = || Witness { id: id.text().into(), values: values() };
        let candidate = bound.map(|bound| Candidate { witness: witness(), bound });
        let candidates = candidate.into_iter().collect();
        TupleRow { hash, parts, evidence: Evidence::One(Lone { id, told }), candidates }
    }
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

impl CellRow {
    /// Whether it tells nothing of its events but how many there are and what aggregates ask.
    fn is_bare(&self) -> bool {
        matches!(self.evidence, Evidence::None) && self.tuples.iter().next().is_none()
    }

    /// Take in what other events of the same second say.
    fn absorb(&mut self, other: Self) {
        self.events += other.events;
        self.exempted += other.exempted;
        self.evidence.absorb(other.evidence);
        match (&mut self.columns, other.columns) {
            (Some(there), Some(more)) => there.absorb(&more),
            (there @ None, more) => *there = more,
            (Some(_), None) => {}
        }
        other.tuples.into_iter().for_each(|tuple| self.tuples.enter(tuple));
    }
}

impl Said {
    /// Whether it is surely the same.
    pub(crate) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Event(columns, told), Self::Event(others, other)) => {
                Arc::ptr_eq(told, other) && columns == others
            }
            (Self::Known(columns, hash), Self::Known(others, other)) => {
                hash == other && columns == others
            }
            (Self::Row(row), Self::Row(other)) => {
                row.is_bare()
                    && other.is_bare()
                    && row.events == other.events
                    && row.exempted == other.exempted
                    && row.columns == other.columns
            }
            _ => false,
        }
    }

    /// Whether it is what events that satisfy these steps say to a sequence, in such words.
    pub(crate) fn is_of(&self, steps: u32, text: &str) -> bool {
        matches!(self, Self::Steps(mask, alike, None) if *mask == steps && alike.is_of(text))
    }

    /// How many events say it.
    pub(crate) fn events(&self) -> u64 {
        match self {
            Self::Row(row) => row.events,
            _ => 1,
        }
    }

    /// How many events an exception kept out.
    pub(crate) fn exempted(&self) -> u64 {
        match self {
            Self::Row(row) => row.exempted,
            _ => 0,
        }
    }

    /// What aggregates ask.
    pub(crate) fn columns(&self) -> Option<&Columns> {
        match self {
            Self::Event(columns, _) | Self::Known(columns, _) | Self::Tuple(columns, _) => {
                columns.as_deref()
            }
            Self::Row(row) => row.columns.as_deref(),
            Self::Steps(..) => None,
        }
    }

    /// The steps of a sequence that it satisfies, a bit each.
    pub(crate) fn steps(&self) -> u32 {
        match self {
            Self::Steps(mask, ..) => *mask,
            _ => 0,
        }
    }

    /// Whether it is a row, or tells a tuple in full.
    pub(crate) fn is_full(&self) -> bool {
        matches!(self, Self::Tuple(..) | Self::Row(_))
    }

    /// The tuples that it tells in full.
    pub(crate) fn tuples(&self) -> impl Iterator<Item = Full<'_>> {
        let (tale, rows) = match self {
            Self::Tuple(_, tale) => (Some(tale), None),
            Self::Row(row) => (None, Some(row.tuples.iter())),
            _ => (None, None),
        };
        let tale = tale.map(|tale| Full {
            hash: tale.hash,
            parts: tale.parts.lend(),
            events: 1,
            may_fire: tale.bound.is_some(),
        });
        let rows = rows.into_iter().flatten().map(|row| Full {
            hash: row.hash,
            parts: row.parts.lend(),
            events: row.evidence.events(),
            may_fire: !row.candidates.is_empty(),
        });
        tale.into_iter().chain(rows)
    }

    /// The hashes of its tuples, surely known or told in full.
    pub(crate) fn hashes(&self) -> Vec<u128> {
        match self {
            Self::Known(_, tuple) => vec![*tuple],
            said => said.tuples().map(|tuple| tuple.hash).collect(),
        }
    }

    /// Whether an event with a tuple may fire.
    pub(crate) fn may_fire(&self, tuple: u128) -> bool {
        match self {
            Self::Tuple(_, tale) => tale.hash == tuple && tale.bound.is_some(),
            Self::Row(row) => row.tuples.get(tuple).is_some_and(|row| !row.candidates.is_empty()),
            _ => false,
        }
    }

    /// How many events with a tuple say it in full.
    pub(crate) fn events_of(&self, tuple: u128) -> u64 {
        match self {
            Self::Tuple(_, tale) => u64::from(tale.hash == tuple),
            Self::Row(row) => row.tuples.get(tuple).map_or(0, |row| row.evidence.events()),
            _ => 0,
        }
    }

    /// The same of an event whose id is no UUID.
    pub(crate) fn of_event(&self, id: &str) -> Self {
        match self {
            Self::Steps(mask, alike, _) => Self::Steps(*mask, alike.clone(), Some(id.into())),
            said => Self::Row(said.clone().into_row(Id::new(id)).into()),
        }
    }

    /// What an event with an id says, as a row.
    fn into_row(self, id: Id) -> CellRow {
        match self {
            Self::Event(columns, told) => {
                let evidence = Evidence::One(Lone { id, told });
                CellRow { events: 1, evidence, columns, ..CellRow::default() }
            }
            Self::Known(columns, hash) => {
                let tuples = TupleRow { hash, ..TupleRow::default() }.into();
                CellRow { events: 1, columns, tuples, ..CellRow::default() }
            }
            Self::Tuple(columns, tale) => {
                let tuples = tale.row(id).into();
                CellRow { events: 1, columns, tuples, ..CellRow::default() }
            }
            Self::Row(row) => *row,
            Self::Steps(..) => CellRow::default(),
        }
    }

    /// An amount, by the number of its column.
    pub(crate) fn amount(&self, at: usize) -> i128 {
        self.columns().and_then(|columns| columns.amounts.get(at)).copied().unwrap_or(0)
    }

    /// Tell which set holds which tuple, and how often.
    pub(crate) fn each_member(&self, tell: impl FnMut(u32, u64, u32)) {
        if let Some(columns) = self.columns() {
            columns.sets.each(tell);
        }
    }
}

impl Heard {
    /// What events of one second say, together.
    ///
    /// # Cost
    ///
    /// That of all but the greatest, where nobody else keeps it.
    pub(crate) fn together(all: &mut [(i64, Self)]) -> Self {
        if let Some(most) = (0..all.len()).max_by_key(|at| all[*at].1.said.events()) {
            all.swap(0, most);
        }
        let mut rows = all.iter_mut().map(|(_, heard)| heard.take());
        let mut row = rows.next().unwrap_or_default();
        rows.for_each(|more| row.absorb(*more));
        Self { said: Arc::new(Said::Row(row)), id: Uuid::default() }
    }

    /// What was heard, as a row; taken where nobody else keeps it.
    fn take(&mut self) -> Box<CellRow> {
        match Arc::get_mut(&mut self.said) {
            Some(Said::Row(row)) => std::mem::take(row),
            _ => Box::new(self.lend().row().into_owned()),
        }
    }
}

/// What can be walked over.
pub(crate) trait Lend {
    /// What was heard, as long as it is kept.
    fn lend(&self) -> Word<'_>;
}

impl Lend for Heard {
    fn lend(&self) -> Word<'_> {
        Word { said: &self.said, id: &self.id }
    }
}

impl Lend for Word<'_> {
    fn lend(&self) -> Word<'_> {
        *self
    }
}

impl<'s> Word<'s> {
    /// It, to be kept.
    pub(crate) fn keep(self) -> Heard {
        Heard { said: Arc::clone(self.said), id: *self.id }
    }

    /// What an alert tells that rests on it.
    pub(crate) fn evidence(self) -> Evidence {
        match &**self.said {
            Said::Event(_, told) => {
                Evidence::One(Lone { id: Id::Uuid(*self.id), told: Arc::clone(told) })
            }
            Said::Row(row) => row.evidence.clone(),
            _ => Evidence::None,
        }
    }

    /// What was heard, as a row.
    pub(crate) fn row(self) -> Cow<'s, CellRow> {
        match &**self.said {
            Said::Row(row) => Cow::Borrowed(row),
            said => Cow::Owned(said.clone().into_row(Id::Uuid(*self.id))),
        }
    }
}
