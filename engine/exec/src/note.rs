//! From a match to a fact: what one event says to one rule with memory.
//!
//! A fact of one event is one piece of memory beside its place. It is not combined with
//! others here: seconds of a group rarely have two, and who owns the group does it anyway.

use crate::eval::Eval;
use crate::evidence::{Evidence, Lone};
use crate::fact::{CellRow, Columns, Fact, Said, TupleRow};
use crate::id::Id;
use crate::keys::{Key, Keys, Seeds};
use crate::lately::{Lately, Place, Sight};
use crate::say::{columns, told, tuple_hash, tuple_row};
use crate::sequence::Moment;
use crate::steps;
use crate::tuples::Tuples;
use plan::{GroupRule, Kind, Program, Rule, SequenceRule};
use std::sync::Arc;
use std::vec::Drain;

/// The facts of one worker that were not handed on yet, and what it needs to make them.
#[derive(Debug)]
pub(crate) struct Notes {
    keys: Keys,
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
    /// Their group; nothing within when a part of the key is missing.
    key: Option<Option<Key>>,
    saying: Option<Saying>,
    /// When it was last renewed.
    round: u32,
}

/// What an event says to a rule with `when`, apart from its group, its time and its id.
#[derive(Debug)]
struct Saying {
    /// Nothing where the rule asks for nothing but the number of events.
    columns: Option<Arc<Columns>>,
    told: Told,
}

#[derive(Debug)]
enum Told {
    /// What an alert that rests on the event may tell of it, its id apart.
    Event(Arc<str>),
    /// The hash of its tuple; nothing when a part of it is missing.
    Tuple(Option<u128>),
}

impl Notes {
    pub(crate) fn new(program: &Program, seeds: &Seeds) -> Self {
        Self {
            keys: Keys::new(program, seeds),
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

    /// Note what the event at hand says to a rule; `known` is what every event of its scene
    /// says, found out here where it is not known yet.
    pub(crate) fn note(
        &mut self,
        eval: &mut Eval<'_, '_>,
        found: Match<'_>,
        known: Option<&mut Kept>,
    ) {
        match &found.rule.kind {
            Kind::Event => {}
            Kind::Group(group) if !found.exempt => self.group(eval, found, group, known),
            Kind::Group(group) => {
                let exempted = || Said::Cell(CellRow { exempted: 1, ..CellRow::default() });
                self.fact(eval, found, group.by, |_, _| exempted());
            }
            Kind::Sequence(sequence) => self.sequence(eval, found, sequence),
        }
    }

    fn sequence(&mut self, eval: &mut Eval<'_, '_>, found: Match<'_>, sequence: &SequenceRule) {
        let Match { rule, exempt, .. } = found;
        self.fact(eval, found, sequence.by, |this, eval| {
            Said::Steps(Box::new(if exempt {
                Moment::exempt()
            } else {
                let (seeds, scratch) = (this.keys.seeds(), &mut this.scratch);
                Moment::of(steps::entry(eval, rule, sequence, seeds, scratch))
            }))
        });
    }

    /// Make a fact of the event at hand, where its group key is complete.
    fn fact<'a, 'm>(
        &mut self,
        eval: &mut Eval<'a, 'm>,
        found: Match<'_>,
        by: usize,
        say: impl FnOnce(&mut Self, &mut Eval<'a, 'm>) -> Said,
    ) {
        let Match { number, second, exempt, .. } = found;
        let key = self.keys.key(eval, by, &mut self.scratch).cloned();
        let Some((group, key)) = key else {
            self.no_key[number as usize] += u64::from(!exempt);
            return;
        };
        let said = say(self, eval);
        self.facts.push(Fact { rule: number, group, second, key, said });
    }

    fn group(
        &mut self,
        eval: &mut Eval<'_, '_>,
        found: Match<'_>,
        of: &GroupRule,
        known: Option<&mut Kept>,
    ) {
        let Some(event) = eval.event else { return };
        let Match { number, rule, second, .. } = found;
        let (mut unknown, mut fresh) = (Kept::default(), None);
        let kept = known.unwrap_or(&mut unknown);
        let key = kept.key.clone().unwrap_or_else(|| {
            let (keys, scratch) = (&mut self.keys, &mut self.scratch);
            let (key, of_scene) = event.watch(|| keys.key(eval, of.by, scratch).cloned());
            kept.key = of_scene.then(|| key.clone());
            key
        });
        let Some((group, key)) = key else {
            self.no_key[number as usize] += 1;
            return;
        };
        let renew = kept.round != self.round;
        kept.round = self.round;
        let saying = match &mut kept.saying {
            Some(saying) => {
                if renew {
                    saying.renew();
                }
                saying
            }
            unknown => {
                let (saying, of_scene) = event.watch(|| self.say(eval, rule, of));
                if of_scene { unknown.insert(saying) } else { fresh.insert(saying) }
            }
        };
        let said = match &saying.told {
            Told::Event(told) => {
                let (id, told) = (Id::new(event.id()), Arc::clone(told));
                let evidence = Evidence::One(Lone { id, told });
                Some(Said::Cell(saying.row(evidence, Tuples::default())))
            }
            Told::Tuple(None) => Some(Said::Cell(saying.row(Evidence::None, Tuples::default()))),
            Told::Tuple(Some(tuple)) => {
                let at = Place { rule: number, group, second };
                self.tuple(eval, (rule, of), saying, (at, *tuple))
            }
        };
        self.facts.extend(said.map(|said| Fact { rule: number, group, second, key, said }));
    }

    /// What is said of a tuple; nothing when that was told.
    fn tuple(
        &mut self,
        eval: &mut Eval<'_, '_>,
        (rule, of): (&Rule, &GroupRule),
        saying: &Saying,
        (at, hash): (Place, u128),
    ) -> Option<Said> {
        let sight = match &of.first_seen {
            Some(first) => self.lately.meet(at, hash, first),
            None => Sight::Unsure,
        };
        let row = match (sight, &of.within) {
            (Sight::Told, None) => return None,
            (Sight::Known, None) => return Some(Said::Known(hash)),
            (Sight::Known | Sight::Told, Some(_)) => TupleRow { hash, ..TupleRow::default() },
            (Sight::Unsure, _) => tuple_row(eval, (rule, of.tuple()?), hash, &mut self.scratch),
        };
        Some(Said::Cell(saying.row(Evidence::None, row.into())))
    }

    fn say(&mut self, eval: &mut Eval<'_, '_>, rule: &Rule, of: &GroupRule) -> Saying {
        let scratch = &mut self.scratch;
        let has_columns = !(of.counts.is_empty() && of.sums.is_empty() && of.sets.is_empty());
        let columns = has_columns.then(|| Arc::new(columns(eval, of, scratch)));
        let told = match of.tuple() {
            Some(tuple) => Told::Tuple(tuple_hash(eval, tuple, self.keys.seeds(), scratch)),
            None => Told::Event(told(eval, rule, scratch).into()),
        };
        Saying { columns, told }
    }
}

impl Saying {
    /// Make what facts share of it anew: the threads that hold the former let go of it at any
    /// time, and to count the holders together with them would cost more.
    fn renew(&mut self) {
        if let Some(columns) = &mut self.columns {
            *columns = Arc::new(Columns::clone(columns));
        }
        if let Told::Event(told) = &mut self.told {
            *told = Arc::from(&**told);
        }
    }

    fn row(&self, evidence: Evidence, tuples: Tuples) -> CellRow {
        let columns = self.columns.clone();
        CellRow { events: 1, exempted: 0, evidence, columns, tuples }
    }
}
