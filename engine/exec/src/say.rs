//! What an event says to a rule with memory, as texts, hashes and numbers.
//!
//! All of it is of one event, and nothing here knows which group or second it goes to.

use crate::canonical::{self, Texts};
use crate::eval::Eval;
use crate::evidence::{Lone, tag};
use crate::fact::{CellRow, Columns, Owned, Said, Tale};
use crate::keys::Seeds;
use crate::phrase::{Phrase, Spoken};
use crate::sets::Sets;
use crate::window::millionths;
use plan::{GroupRule, NodeId, Program, Rule, Tuple};
use std::hash::{DefaultHasher, Hasher};
use std::sync::Arc;

/// The phrases of a rule.
#[derive(Debug)]
pub(crate) struct Wording {
    /// What an alert that rests on an event may tell of it, its id apart: what the firing event
    /// must give, then what each item of `show` asks of it. What they ask of steps is left out.
    pub(crate) told: Phrase,
    /// The parts of the tuple of its `new` or `rare`: to tell tuples apart, and as alerts tell
    /// them.
    tuple: [Phrase; 2],
    /// By step of a sequence: the values that are read of its events.
    pub(crate) columns: Vec<Phrase>,
}

impl Wording {
    /// The phrases of each rule.
    pub(crate) fn all(program: &Program) -> Vec<Self> {
        program.rules.iter().map(|rule| Self::new(program, rule)).collect()
    }

    fn new(program: &Program, rule: &Rule) -> Self {
        let mut told = Phrase::told(rule.witness.iter().copied());
        told.letter(Lone::PART);
        told.join(rule.show.iter(), |told, show| {
            told.letter(tag(show));
            if !program.reads(show.node).steps {
                told.value(show.node);
            }
        });
        let tuple = rule.group().and_then(GroupRule::tuple).map_or(&[][..], |tuple| tuple.parts);
        let parts = || tuple.iter().map(|part| part.node);
        let steps = rule.sequence().map_or(&[][..], |sequence| &sequence.steps);
        Self {
            told,
            tuple: [Phrase::open(parts()), Phrase::told(parts())],
            columns: steps.iter().map(|step| Phrase::open(step.columns.iter().copied())).collect(),
        }
    }
}

/// What is known of the words of a rule with `when` in a scene.
#[derive(Debug, Default)]
pub(crate) struct Words {
    told: Spoken<Arc<str>>,
    /// The hash of the tuple; nothing when a part of it is missing.
    tuple: Spoken<Option<u128>>,
    parts: Option<Phrase>,
}

/// What the event at hand says to a rule with `when`.
#[derive(Debug)]
pub(crate) struct Say<'s> {
    pub(crate) wording: &'s Wording,
    /// What is known of it in the scene.
    pub(crate) words: &'s mut Words,
    /// Where texts are put together.
    pub(crate) scratch: &'s mut String,
}

impl Say<'_> {
    /// All of it; of a tuple of `new` as if it were known.
    pub(crate) fn said(&mut self, eval: &mut Eval<'_, '_>, of: &GroupRule, seeds: &Seeds) -> Said {
        let has_columns = !(of.counts.is_empty() && of.sums.is_empty() && of.sets.is_empty());
        let columns = has_columns.then(|| Box::new(columns(eval, of, self.scratch)));
        let Some(tuple) = of.tuple() else { return Said::Event(columns, self.told(eval)) };
        match self.tuple(eval, tuple, seeds) {
            Some(hash) if of.rare.is_some() => self.in_full(eval, tuple, (columns, hash)),
            Some(hash) => Said::Known(columns, hash),
            None => Said::Row(CellRow { events: 1, columns, ..CellRow::default() }.into()),
        }
    }

    /// What an alert that rests on it may tell, its id apart.
    pub(crate) fn told(&mut self, eval: &mut Eval<'_, '_>) -> Arc<str> {
        let (told, text) = (&mut self.words.told, &self.wording.told);
        told.say(text, (eval, self.scratch), |_, told| told.into())
    }

    /// The hash of the tuple in this run; nothing when a part of it is missing.
    fn tuple(&mut self, eval: &mut Eval<'_, '_>, tuple: Tuple<'_>, seeds: &Seeds) -> Option<u128> {
        let phrase = &self.wording.tuple[0];
        self.words.tuple.say(phrase, (eval, self.scratch), |eval, text| {
            let whole = tuple.parts.iter().all(|part| eval.value(part.node).exists());
            whole.then(|| seeds.hash(text))
        })
    }

    /// All that may be told of a tuple.
    pub(crate) fn in_full(
        &mut self,
        eval: &mut Eval<'_, '_>,
        tuple: Tuple<'_>,
        (columns, hash): (Option<Box<Columns>>, u128),
    ) -> Said {
        let parts = self.wording.tuple[1].known(&mut self.words.parts, eval);
        self.scratch.clear();
        parts.say(eval, self.scratch);
        let parts = Texts::of(self.scratch).own();
        let told = self.told(eval);
        let may_fire = tuple.event_parts.iter().all(|part| eval.truth(*part));
        let bound = may_fire
            .then(|| tuple.bound.iter().map(|node| Owned::new(eval.value(*node))).collect());
        Said::Tuple(columns, Box::new(Tale { hash, parts, told, bound }))
    }
}

/// What the aggregates of a rule ask of the event at hand.
fn columns(eval: &mut Eval<'_, '_>, of: &GroupRule, scratch: &mut String) -> Columns {
    let mut amounts = Vec::with_capacity(of.counts.len() + of.sums.len());
    amounts.extend(of.counts.iter().map(|cond| i128::from(eval.truth(*cond))));
    amounts.extend(of.sums.iter().map(|sum| millionths(eval.value(*sum)).unwrap_or(0)));
    let mut sets = Vec::new();
    for (set, tuple) in (0_u32..).zip(&of.sets) {
        sets.extend(lasting_hash(eval, tuple, scratch).map(|hash| (set, hash)));
    }
    Columns { amounts: amounts.into(), sets: Sets::Few(sets) }
}

/// A hash of a tuple that is the same in every run; nothing when a part is missing.
fn lasting_hash(eval: &mut Eval<'_, '_>, tuple: &[NodeId], text: &mut String) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    for part in tuple {
        let value = eval.value(*part);
        if !value.exists() {
            return None;
        }
        text.clear();
        canonical::write(value, text);
        hasher.write(text.as_bytes());
        hasher.write_u8(0xFF);
    }
    Some(hasher.finish())
}
