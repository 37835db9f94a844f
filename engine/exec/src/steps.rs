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
    /// The texts of these and, from `told` on, what alerts may tell of such an event, as
    /// [`Lone`] has it.
    text: Box<str>,
    told: usize,
}

impl Saying {
    /// What the firing event must give.
    pub(crate) fn witness(&self) -> Texts<&str> {
        Lone::parts_of(&self.text[self.told..]).0
    }

    /// What each item of `show` asks of the event, as evidence holds it.
    pub(crate) fn shows(&self) -> Texts<&str> {
        Lone::parts_of(&self.text[self.told..]).1
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
            Said::Steps(mask, alike, id) => {
                let id = id.as_ref().map_or_else(|| self.id.text().into(), Arc::clone);
                Moment::of(alike.entry(*mask, id))
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
    keys: Box<[Option<u64>]>,
    said: Arc<Saying>,
}

impl Alike {
    /// Whether it is that of events with such values and words.
    pub(crate) fn is_of(&self, text: &str) -> bool {
        *self.said.text == *text
    }

    /// The entry of one event, which satisfies the steps of `mask`.
    fn entry(&self, mask: u32, id: Arc<str>) -> Entry<Seen> {
        let said = &self.said;
        // Few are ever asked for it: most groups hear too little for a walk.
        let (columns, told) = said.text.split_at(said.told);
        let identity = hash(mask, columns, told);
        let said = Arc::clone(said);
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
    /// Which steps the event at hand satisfies, a bit each; `text` becomes what else tells it
    /// apart: the values that are read of it and, from the place on that is returned too, what
    /// alerts may tell of it. `part` is what is known in its scene.
    pub(crate) fn say(
        self,
        eval: &mut Eval<'_, '_>,
        part: &mut Part,
        text: &mut String,
    ) -> (u32, usize) {
        part.steps.resize_with(self.sequence.steps.len(), OfStep::default);
        text.clear();
        let mut mask = 0_u32;
        for (number, step) in self.sequence.steps.iter().enumerate() {
            let known = &mut part.steps[number];
            if satisfies(eval, step.own, known) {
                mask |= 1 << number;
                self.wording.columns[number].known(&mut known.columns, eval).say(eval, text);
                text.push(BETWEEN);
            }
        }
        let told = text.len();
        self.wording.told.known(&mut part.told, eval).say(eval, text);
        (mask, told)
    }

    /// What the event at hand says that satisfies the steps of `mask`, for which `text` and
    /// `told` were made.
    pub(crate) fn said(
        self,
        eval: &mut Eval<'_, '_>,
        mask: u32,
        (text, told): (&str, usize),
    ) -> Said {
        let steps = self.sequence.steps.iter().enumerate();
        let columns: Box<[Box<[Owned]>]> = steps
            .map(|(number, step)| match mask & 1 << number {
                0 => Box::default(),
                _ => step.columns.iter().map(|column| Owned::new(eval.value(*column))).collect(),
            })
            .collect();
        let keys = self.keys(&columns, eval);
        let said = Arc::new(Saying { columns, text: text.into(), told });
        Said::Steps(mask, Box::new(Alike { keys, said }), None)
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
