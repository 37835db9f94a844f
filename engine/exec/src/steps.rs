//! What an event is to the steps of a sequence: what a worker makes of it, and the entry that
//! the walk over its group makes of that.
//!
//! Whatever an alert may tell of an event is part of its identity, so that the events of
//! one entry are told alike and only their ids tell them apart.
//!
//! # Invariants
//!
//! - The identity is the same in every run: it settles ties of events with one id.

use crate::canonical::{self, BETWEEN, Texts};
use crate::eval::Eval;
use crate::evidence::Lone;
use crate::fact::{Heard, Owned, Said};
use crate::keys::Seeds;
use crate::phrase::Phrase;
use crate::say::Wording;
use crate::sequence::{Body, Entry, Moment};
use event::Reach;
use plan::{NodeId, SequenceRule};
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
    /// What alerts may tell of such an event, as [`Lone`] has it.
    told: Box<str>,
}

impl Saying {
    /// What the firing event must give.
    pub(crate) fn witness(&self) -> Texts<&str> {
        Lone::parts_of(&self.told).0
    }

    /// What each item of `show` asks of the event, as evidence holds it.
    pub(crate) fn shows(&self) -> Texts<&str> {
        Lone::parts_of(&self.told).1
    }
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

impl Heard {
    /// What was heard in a group of a sequence, as a moment.
    pub(crate) fn moment(&self) -> Moment<Seen> {
        match &*self.said {
            Said::Steps(_, alike, id) => {
                let id = id.as_ref().map_or_else(|| self.id.text().into(), Arc::clone);
                Moment::of(alike.entry(id))
            }
            said => Moment::exempt(said.exempted()),
        }
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

/// What is known of the entries of a rule in a scene.
#[derive(Debug, Default)]
pub(crate) struct Part {
    steps: Vec<OfStep>,
    told: Option<Phrase>,
    /// The steps that the last event satisfied, and what it told.
    last: Option<(u32, String)>,
}

/// What is known of a step.
#[derive(Clone, Debug, Default)]
struct OfStep {
    /// Whether all events of the scene satisfy it, or none.
    truth: Option<bool>,
    columns: Option<Phrase>,
}

/// What is the same for all events that satisfy the same steps and say the same.
#[derive(Clone, Debug)]
pub(crate) struct Alike {
    pub(crate) identity: u128,
    /// The steps, a bit each.
    pub(crate) mask: u32,
    keys: Box<[Option<u64>]>,
    said: Arc<Saying>,
}

impl Alike {
    /// The entry of one event.
    fn entry(&self, id: Arc<str>) -> Entry<Seen> {
        let Self { identity, mask, .. } = *self;
        let said = Arc::clone(&self.said);
        let body = Seen { said, ids: vec![Arc::clone(&id)], last: id };
        Entry { identity, mask, events: 1, keys: self.keys.clone(), body }
    }
}

/// A sequence and its words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Play<'p> {
    pub(crate) sequence: &'p SequenceRule,
    pub(crate) wording: &'p Wording,
    pub(crate) seeds: &'p Seeds,
}

impl Play<'_> {
    /// What the event at hand is to the steps; nothing where it is what the last one was.
    /// `part` is what is known in its scene.
    pub(crate) fn said(
        self,
        eval: &mut Eval<'_, '_>,
        part: &mut Part,
        scratch: &mut String,
    ) -> Option<Said> {
        part.steps.resize_with(self.sequence.steps.len(), OfStep::default);
        scratch.clear();
        let mut mask = 0_u32;
        for (number, step) in self.sequence.steps.iter().enumerate() {
            let known = &mut part.steps[number];
            if satisfies(eval, step.own, known) {
                mask |= 1 << number;
                self.wording.columns[number].known(&mut known.columns, eval).say(eval, scratch);
                scratch.push(BETWEEN);
            }
        }
        let columns = scratch.len();
        self.wording.told.known(&mut part.told, eval).say(eval, scratch);
        match &mut part.last {
            Some((steps, text)) if *steps == mask && text == scratch => return None,
            Some((steps, text)) => {
                *steps = mask;
                text.clone_from(scratch);
            }
            last => *last = Some((mask, scratch.clone())),
        }
        let alike = self.alike(eval, mask, scratch.split_at(columns));
        Some(Said::Steps(mask, Box::new(alike), None))
    }

    fn alike(self, eval: &mut Eval<'_, '_>, mask: u32, (columns, told): (&str, &str)) -> Alike {
        let identity = hash(mask, columns, told);
        let steps = self.sequence.steps.iter().enumerate();
        let columns: Box<[Box<[Owned]>]> = steps
            .map(|(number, step)| {
                let values = step.columns.iter().filter(|_| mask & 1 << number != 0);
                values.map(|column| Owned::new(eval.value(*column))).collect()
            })
            .collect();
        let keys = self.keys(&columns, eval);
        let said = Saying { columns, told: told.into() };
        Alike { identity, mask, keys, said: Arc::new(said) }
    }

    /// The hashes of an event's values at both sides of each join, the earlier side first.
    fn keys(self, columns: &[Box<[Owned]>], eval: &Eval<'_, '_>) -> Box<[Option<u64>]> {
        let key = |step: usize, column: usize| {
            let value = columns.get(step)?.get(column)?.lend(eval.arena).scalar();
            if !value.exists() {
                return None;
            }
            let hash = match value.as_text(eval.arena) {
                Some(text) => self.seeds.hash(text),
                None => self.seeds.hash(&canonical::text(value)),
            };
            Some(hash as u64)
        };
        let steps = self.sequence.steps.iter().enumerate();
        steps
            .flat_map(|(late, step)| {
                let joins = step.joins.iter();
                joins.flat_map(move |join| [(join.step, join.there), (late, join.here)])
            })
            .map(|(step, column)| key(step, column))
            .collect()
    }
}

/// Whether the event at hand satisfies a step on its own.
fn satisfies(eval: &mut Eval<'_, '_>, own: NodeId, known: &mut OfStep) -> bool {
    let Some(event) = eval.event else { return eval.truth(own) };
    known.truth.unwrap_or_else(|| {
        let (truth, reach) = event.watch(|| eval.truth(own));
        known.truth = (reach == Reach::Scene).then_some(truth);
        truth
    })
}

/// A hash that is the same in every run.
fn hash(mask: u32, columns: &str, told: &str) -> u128 {
    let half = |first: u8| {
        let mut hasher = DefaultHasher::new();
        hasher.write_u8(first);
        hasher.write_u32(mask);
        hasher.write(columns.as_bytes());
        hasher.write(told.as_bytes());
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}
