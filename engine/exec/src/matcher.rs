//! From an event to what it means: alerts of one-event rules, facts of the others.
//!
//! One matcher belongs to one worker. It finds the rules that may match an event by
//! its service and API, asks each rule's conditions once, and combines facts of one
//! (rule, group, second) on the spot.

use crate::alert::{self, Beside, Fired, Firing};
use crate::canonical::{self, Texts};
use crate::dispatch::Dispatch;
use crate::eval::{Eval, Memo};
use crate::evidence::{Evidence, Lone, tag};
use crate::fact::{Candidate, CellRow, Fact, Facts, Owned, Said, TupleRow, Witness, insert};
use crate::keys::{Keys, Seeds};
use crate::lately::{Lately, Place};
use crate::sequence::Moment;
use crate::steps::{self, Seen};
use crate::window::millionths;
use event::Event;
use plan::{GroupRule, Kind, NodeId, Program, Rule, Tuple};
use serde_json::{Map, json};
use std::hash::{DefaultHasher, Hasher};

/// How an event stands to the rules with memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It has its second among the others.
    InTime {
        /// That second.
        second: i64,
    },
    /// It meets the one-event rules only, in its place: an addendum.
    OneEvent {
        /// Its second.
        second: i64,
    },
    /// It meets the one-event rules only, and its alerts come after all others: late,
    /// from the future, or without a time.
    Apart {
        /// Its second, if it has one.
        second: Option<i64>,
    },
}

/// Matches the events of one worker.
#[derive(Debug)]
pub struct Matcher<'p> {
    program: &'p Program,
    memo: Memo,
    dispatch: Dispatch,
    keys: Keys,
    facts: Facts<CellRow>,
    steps: Facts<Moment<Seen>>,
    alerts: Vec<Firing>,
    no_key: Vec<u64>,
    include_record: bool,
    lately: Lately,
    /// Where texts are put together.
    scratch: String,
}

impl<'p> Matcher<'p> {
    /// A matcher of a run; `include_record` puts the record into one-event alerts.
    #[must_use]
    pub fn new(program: &'p Program, seeds: &Seeds, include_record: bool) -> Self {
        Self {
            program,
            memo: Memo::default(),
            dispatch: Dispatch::default(),
            keys: Keys::new(program, seeds),
            facts: Facts::default(),
            steps: Facts::default(),
            alerts: Vec::new(),
            no_key: vec![0; program.rules.len()],
            include_record,
            lately: Lately::default(),
            scratch: String::new(),
        }
    }

    /// Match an event.
    pub fn event<'e>(&mut self, event: &Event<'e>, standing: Standing)
    where
        'p: 'e,
    {
        let program: &'e Program = self.program;
        self.memo.next(program);
        self.keys.next();
        for at in self.dispatch.candidates(program, event, &mut self.memo) {
            let (number, parts) = self.dispatch.candidate(at);
            let mut eval = Eval::event(program, event, &mut self.memo);
            if !parts.iter().all(|part| eval.truth(*part)) {
                continue;
            }
            let rule = &program.rules[number as usize];
            let exempt = rule.excepts.iter().any(|except| eval.truth(*except));
            match (&rule.kind, standing) {
                (Kind::Event, _) if exempt => {}
                (Kind::Event, _) => {
                    let how = (standing, self.include_record);
                    let firing = one_event(&mut eval, number, rule, how, &mut self.scratch);
                    self.alerts.push(firing);
                }
                (Kind::Group(group), Standing::InTime { second }) => {
                    match self.keys.key(&mut eval, group.by, &mut self.scratch) {
                        Some(key) => {
                            let row = self.facts.row(number, second, key);
                            if exempt {
                                row.exempted += 1;
                            } else {
                                let at = Place { rule: number, group: key.0, second };
                                let lately = (&mut self.lately, at);
                                let (seeds, scratch) = (self.keys.seeds(), &mut self.scratch);
                                Note { eval, rule, group, lately, scratch }.enter(row, seeds);
                            }
                        }
                        None => self.no_key[number as usize] += u64::from(!exempt),
                    }
                }
                (Kind::Sequence(sequence), Standing::InTime { second }) => {
                    match self.keys.key(&mut eval, sequence.by, &mut self.scratch) {
                        Some(key) => {
                            let row = self.steps.row(number, second, key);
                            if exempt {
                                row.exempted += 1;
                            } else {
                                let (seeds, scratch) = (self.keys.seeds(), &mut self.scratch);
                                row.add(steps::entry(&mut eval, rule, sequence, seeds, scratch));
                            }
                        }
                        None => self.no_key[number as usize] += u64::from(!exempt),
                    }
                }
                (Kind::Group(_) | Kind::Sequence(_), _) => {}
            }
        }
    }

    /// How many facts wait to be taken.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.facts.len() + self.steps.len()
    }

    /// The facts so far.
    pub fn take_facts(&mut self) -> impl Iterator<Item = Fact> + '_ {
        self.facts.take(Said::Cell).chain(self.steps.take(Said::Steps))
    }

    /// The firings of one-event rules so far.
    pub fn take_alerts(&mut self) -> Vec<Firing> {
        std::mem::take(&mut self.alerts)
    }

    /// How many events each rule skipped because their group key was incomplete.
    #[must_use]
    pub fn no_key(&self) -> &[u64] {
        &self.no_key
    }
}

/// What the event at hand must give, should an alert be told by it.
pub(crate) fn witness(eval: &mut Eval<'_, '_>, rule: &Rule, scratch: &mut String) -> Witness {
    let values = Texts::pack(rule.witness.iter(), scratch, |node, out| {
        eval.tell(*node, out);
    });
    Witness { id: eval.id(), values }
}

/// The event at hand as evidence.
fn evidence(eval: &mut Eval<'_, '_>, rule: &Rule, scratch: &mut String) -> Evidence {
    let shows = shows(eval, rule, scratch);
    Evidence::One(Lone { id: eval.id(), shows })
}

/// What `show` asks of the event at hand; what it asks of steps is left out.
pub(crate) fn shows(eval: &mut Eval<'_, '_>, rule: &Rule, scratch: &mut String) -> Texts {
    let program = eval.program;
    Texts::pack(rule.show.iter(), scratch, |show, out| {
        out.push(tag(show));
        if !program.reads(show.node).steps {
            eval.tell(show.node, out);
        }
    })
}

/// An event that becomes part of a row.
struct Note<'a, 'm, 'r> {
    eval: Eval<'a, 'm>,
    rule: &'r Rule,
    group: &'r GroupRule,
    lately: (&'r mut Lately, Place),
    scratch: &'r mut String,
}

impl Note<'_, '_, '_> {
    /// Add the event to the row of its second.
    fn enter(&mut self, row: &mut CellRow, seeds: &Seeds) {
        row.events += 1;
        self.columns(row);
        if let Some(tuple) = self.group.tuple() {
            return self.tuple(row, tuple, seeds);
        }
        row.evidence.absorb(evidence(&mut self.eval, self.rule, self.scratch));
        let id = self.eval.id();
        if row.witness.as_ref().is_none_or(|least| id <= least.id) {
            let other = witness(&mut self.eval, self.rule, self.scratch);
            if row.witness.as_ref().is_none_or(|least| other < *least) {
                row.witness = Some(other);
            }
        }
    }

    /// What the aggregates ask.
    fn columns(&mut self, row: &mut CellRow) {
        let (eval, group) = (&mut self.eval, self.group);
        row.counts.resize(group.counts.len(), 0);
        for (there, cond) in row.counts.iter_mut().zip(&group.counts) {
            *there += u64::from(eval.truth(*cond));
        }
        row.sums.resize(group.sums.len(), 0);
        for (there, value) in row.sums.iter_mut().zip(&group.sums) {
            *there = there.saturating_add(millionths(eval.value(*value)).unwrap_or(0));
        }
        for (set, tuple) in (0_u32..).zip(&group.sets) {
            if let Some(hash) = tuple_hash(eval, tuple, self.scratch) {
                insert(&mut row.sets, (set, hash));
            }
        }
    }

    fn tuple(&mut self, row: &mut CellRow, tuple: Tuple<'_>, seeds: &Seeds) {
        let Self { eval, rule, group, lately, scratch } = self;
        let mut whole = true;
        Texts::join(tuple.parts.iter(), scratch, |part, out| {
            let value = eval.value(part.node);
            whole &= value.exists();
            canonical::write(value, out);
        });
        if !whole {
            return;
        }
        let hash = seeds.hash(scratch);
        let teaches = group.first_seen.as_ref().filter(|first| !first.keep_out);
        if teaches.is_some_and(|first| lately.0.meet(lately.1, hash, first.memory)) {
            return row.enter(TupleRow { hash, ..TupleRow::default() });
        }
        let parts = Texts::pack(tuple.parts.iter(), scratch, |part, out| eval.tell(part.node, out));
        let evidence = evidence(eval, rule, scratch);
        let mut one = TupleRow { hash, parts, evidence, candidates: Vec::new() };
        if tuple.event_parts.iter().all(|part| eval.truth(*part)) {
            let bound = tuple.bound.iter().map(|node| Owned::new(eval.value(*node))).collect();
            let witness = witness(eval, rule, scratch);
            one.candidates.push(Candidate { witness, bound });
        }
        row.enter(one);
    }
}

/// A hash of a tuple that is the same in every run; nothing when a part is missing.
fn tuple_hash(eval: &mut Eval<'_, '_>, tuple: &[NodeId], text: &mut String) -> Option<u64> {
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

/// The firing of a one-event rule.
fn one_event(
    eval: &mut Eval<'_, '_>,
    number: u32,
    rule: &Rule,
    (standing, include_record): (Standing, bool),
    scratch: &mut String,
) -> Firing {
    let witness = witness(eval, rule, scratch);
    let shows = evidence(eval, rule, scratch).listed();
    let mut evidence = Map::new();
    for base in plan::EVIDENCE {
        let value = eval.event.and_then(|event| event.text(base));
        let name = base.path()[0].to_owned();
        evidence
            .insert(name, value.map_or(serde_json::Value::Null, |v| json!(alert::cut(v.into()))));
    }
    if let (true, Some(event)) = (include_record, eval.event) {
        let record = alert::shown(event.whole().compact(event.arena()));
        evidence.insert("record".to_owned(), record);
    }
    let (apart, second) = match standing {
        Standing::InTime { second } | Standing::OneEvent { second } => (false, Some(second)),
        Standing::Apart { second } => (true, second),
    };
    let filter = &rule.filter;
    let because = alert::because("where", &filter.text, alert::params(filter));
    let fired = Fired {
        rule,
        number,
        apart,
        second,
        group: Vec::new(),
        tuple: None,
        id: &witness.id,
        witness: &witness.values,
        aggregates: &[],
        because: vec![because.into()],
        evidence: evidence.into(),
        show: alert::show(rule, &shows),
        exempted: 0,
        beside: Beside::default(),
    };
    fired.firing(true)
}
