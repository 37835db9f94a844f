//! From a match to a fact: what one event says to one rule with memory.
//!
//! A fact of one event is one piece of memory beside its place. It is not combined with
//! others here: seconds of a group rarely have two, and who owns the group does it anyway.

use crate::eval::Eval;
use crate::evidence::{Evidence, Lone};
use crate::fact::{CellRow, Columns, Fact, Said, TupleRow};
use crate::id::Id;
use crate::keys::{KeyInScene, Keys, Seeds};
use crate::lately::{Lately, Place, Sight};
use crate::say::{Say, Wording, Words};
use crate::sequence::Moment;
use crate::steps::{Part, Play};
use crate::tuples::Tuples;
use plan::{GroupRule, Kind, Program, Rule};
use std::sync::Arc;
use std::vec::Drain;

/// The facts of one worker that were not handed on yet, and what it needs to make them.
#[derive(Debug)]
pub(crate) struct Notes {
    keys: Keys,
    /// By rule.
    pub(crate) wordings: Vec<Wording>,
    lately: Lately,
    facts: Vec<Fact>,
    /// How often facts were handed on.
    round: u32,
    /// How many events each rule skipped because their group key was incomplete.
    pub(crate) no_key: Vec<u64>,
    /// Where texts are put together.
    scratch: String,
}

/// A match of a rule with memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Match<'r> {
    pub(crate) number: u32,
    pub(crate) rule: &'r Rule,
    pub(crate) second: i64,
    /// Whether an exception keeps the event out.
    pub(crate) exempt: bool,
}

/// What is known of the facts of a rule in a scene.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    key: KeyInScene,
    /// To a rule with `when`.
    words: Words,
    /// To a sequence.
    part: Option<Box<Part>>,
    /// When what facts share of it was made anew.
    round: u32,
}

impl Kept {
    /// Make what facts share anew once a round: the threads that hold the former let go of it
    /// at any time, and to count the holders together with them would cost more.
    fn renew(&mut self, round: u32) {
        if self.round != round {
            self.round = round;
            self.words.renew();
            if let Some(part) = &mut self.part {
                part.renew();
            }
        }
    }
}

impl Notes {
    pub(crate) fn new(program: &Program, seeds: &Seeds) -> Self {
        Self {
            keys: Keys::new(program, seeds),
            wordings: Wording::all(program),
            lately: Lately::default(),
            facts: Vec::new(),
            round: 0,
            no_key: vec![0; program.rules.len()],
            scratch: String::new(),
        }
    }

    /// The next event comes.
    pub(crate) fn next(&mut self) {
        self.keys.next();
    }

    /// How many facts wait to be handed on.
    pub(crate) fn len(&self) -> usize {
        self.facts.len()
    }

    /// The facts, to be handed on.
    pub(crate) fn take(&mut self) -> Drain<'_, Fact> {
        self.round = self.round.wrapping_add(1);
        self.facts.drain(..)
    }

    /// Note what the event at hand says to a rule; `kept` is what every event of its scene
    /// says, found out here where it is not known yet.
    pub(crate) fn note(
        &mut self,
        eval: &mut Eval<'_, '_>,
        found: Match<'_>,
        mut kept: Option<&mut Kept>,
    ) {
        let Match { number, rule, second, exempt } = found;
        let by = match &rule.kind {
            Kind::Event => return,
            Kind::Group(group) => group.by,
            Kind::Sequence(sequence) => sequence.by,
        };
        let in_scene = kept.as_deref_mut().map(|kept| &mut kept.key);
        let Some(key) = self.keys.key(eval, by, in_scene, &mut self.scratch) else {
            self.no_key[number as usize] += u64::from(!exempt);
            return;
        };
        if let Some(kept) = &mut kept {
            kept.renew(self.round);
        }
        let said = match &rule.kind {
            Kind::Event => None,
            Kind::Group(_) if exempt => {
                Some(Said::Cell(CellRow { exempted: 1, ..CellRow::default() }))
            }
            Kind::Group(group) => {
                let at = Place { rule: number, group: key.0, second };
                self.group(eval, group, at, kept.map(|kept| &mut kept.words))
            }
            Kind::Sequence(_) if exempt => Some(Said::Steps(Box::new(Moment::exempt()))),
            Kind::Sequence(sequence) => {
                let (wording, seeds) = (&self.wordings[number as usize], self.keys.seeds());
                let play = Play { sequence, wording, seeds };
                let part = kept.map(|kept| &mut **kept.part.get_or_insert_default());
                let entry = play.entry(eval, part, &mut self.scratch);
                Some(Said::Steps(Box::new(Moment::of(entry))))
            }
        };
        let (group, key) = key;
        self.facts.extend(said.map(|said| Fact { rule: number, group, second, key, said }));
    }

    /// What is said to a rule with `when`; nothing when that was told.
    fn group(
        &mut self,
        eval: &mut Eval<'_, '_>,
        of: &GroupRule,
        at: Place,
        words: Option<&mut Words>,
    ) -> Option<Said> {
        let wording = &self.wordings[at.rule as usize];
        let mut say = Say { wording, words, scratch: &mut self.scratch };
        let columns = say.columns(eval, of);
        let Some(tuple) = of.tuple() else {
            let id = Id::new(eval.event.map_or("", |event| event.id()));
            let evidence = Evidence::One(Lone { id, told: say.told(eval) });
            return Some(cell(columns, evidence, Tuples::default()));
        };
        let Some(hash) = say.tuple(eval, tuple, self.keys.seeds()) else {
            return Some(cell(columns, Evidence::None, Tuples::default()));
        };
        let sight = match &of.first_seen {
            Some(first) => self.lately.meet(at, hash, first),
            None => Sight::Unsure,
        };
        let row = match (sight, &of.within) {
            (Sight::Told, None) => return None,
            (Sight::Known, None) => return Some(Said::Known(hash)),
            (Sight::Known | Sight::Told, Some(_)) => TupleRow { hash, ..TupleRow::default() },
            (Sight::Unsure, _) => say.tuple_row(eval, tuple, hash),
        };
        Some(cell(columns, Evidence::None, row.into()))
    }
}

/// What one event says to the row of a cell.
fn cell(columns: Option<Arc<Columns>>, evidence: Evidence, tuples: Tuples) -> Said {
    Said::Cell(CellRow { events: 1, exempted: 0, evidence, columns, tuples })
}
