//! What an event is to the steps of a sequence: the entry that a worker makes of it.
//!
//! Whatever an alert may tell of an event is part of its identity, so that the events of
//! one entry are told alike and only their ids tell them apart.
//!
//! # Invariants
//!
//! - The identity is the same in every run: it settles ties of events with one id.

use crate::canonical::{Texts, write};
use crate::eval::Eval;
use crate::fact::Owned;
use crate::keys::Seeds;
use crate::say::{shows, witness};
use crate::sequence::{Body, Entry};
use bumpalo::Bump;
use plan::{Rule, SequenceRule};
use std::hash::{DefaultHasher, Hasher};
use std::sync::Arc;

/// Events of one second that are alike to a sequence and to its alerts.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    said: Arc<Saying>,
    /// The least ids, ascending, at most [`Seen::IDS`].
    ids: Vec<Arc<str>>,
    /// The greatest id.
    pub(crate) last: Arc<str>,
}

/// What such events say.
#[derive(Debug)]
pub(crate) struct Saying {
    /// By step: the values that are read of its events; of a step not satisfied, none.
    columns: Box<[Box<[Owned]>]>,
    /// What the firing event must give.
    pub(crate) witness: Texts,
    /// What each item of `show` asks of the event, as evidence holds it.
    pub(crate) shows: Texts,
}

impl Seen {
    /// The most ids that are known: 20.
    const IDS: usize = 20;

    /// A value that is read of a step's event.
    pub(crate) fn value(&self, step: usize, column: usize) -> Option<&Owned> {
        self.said.columns.get(step)?.get(column)
    }

    pub(crate) fn said(&self) -> &Saying {
        &self.said
    }
}

impl Body for Seen {
    fn absorb(&mut self, other: Self) {
        for id in other.ids {
            let at = self.ids.partition_point(|known| *known <= id);
            if at < Self::IDS {
                self.ids.insert(at, id);
            }
        }
        self.ids.truncate(Self::IDS);
        if self.last < other.last {
            self.last = other.last;
        }
    }

    fn ids(&self) -> &[Arc<str>] {
        &self.ids
    }
}

/// The event at hand as an entry of its second.
pub(crate) fn entry(
    eval: &mut Eval<'_, '_>,
    rule: &Rule,
    sequence: &SequenceRule,
    seeds: &Seeds,
    scratch: &mut String,
) -> Entry<Seen> {
    let mut mask = 0_u32;
    let mut columns = Vec::with_capacity(sequence.steps.len());
    let mut identity = String::new();
    for (number, step) in sequence.steps.iter().enumerate() {
        if !eval.truth(step.own) {
            columns.push(Box::default());
            continue;
        }
        mask |= 1 << number;
        let values: Box<[Owned]> =
            step.columns.iter().map(|column| Owned::new(eval.value(*column))).collect();
        for value in &values {
            write(value.lend(eval.arena), &mut identity);
            identity.push('\u{1}');
        }
        columns.push(values);
    }
    let keys = keys(sequence, &columns, (eval.arena, seeds), scratch);
    let witness = witness(eval, rule, scratch);
    let shows = shows(eval, rule, scratch);
    for text in witness.values.lend().iter().chain(shows.lend().iter()) {
        identity.push_str(text);
        identity.push('\u{1}');
    }
    let id = witness.id;
    let said = Saying { columns: columns.into(), witness: witness.values, shows };
    Entry {
        identity: hash(mask, &identity),
        mask,
        events: 1,
        keys,
        body: Seen { said: Arc::new(said), ids: vec![Arc::clone(&id)], last: id },
    }
}

/// The hashes of an event's values at both sides of each join, the earlier side first.
fn keys(
    sequence: &SequenceRule,
    columns: &[Box<[Owned]>],
    (arena, seeds): (&Bump, &Seeds),
    scratch: &mut String,
) -> Box<[Option<u64>]> {
    let mut key = |step: usize, column: usize| {
        let value = columns.get(step)?.get(column)?.lend(arena).scalar();
        if !value.exists() {
            return None;
        }
        scratch.clear();
        match value.as_text(arena) {
            Some(text) => scratch.push_str(text),
            None => write(value, scratch),
        }
        Some(seeds.hash(scratch) as u64)
    };
    let mut keys = Vec::new();
    for (late, step) in sequence.steps.iter().enumerate() {
        for join in &step.joins {
            keys.push(key(join.step, join.there));
            keys.push(key(late, join.here));
        }
    }
    keys.into()
}

/// A hash that is the same in every run.
fn hash(mask: u32, text: &str) -> u128 {
    let half = |first: u8| {
        let mut hasher = DefaultHasher::new();
        hasher.write_u8(first);
        hasher.write_u32(mask);
        hasher.write(text.as_bytes());
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}
