//! From an event to what it means: alerts of one-event rules, facts of the others.
//!
//! One matcher belongs to one worker. It finds the rules that may match an event by
//! its service and API, asks each rule's conditions once, and combines facts of one
//! (rule, group, second) on the spot.

use crate::alert::{self, Fired, Firing};
use crate::canonical::{self, Texts};
use crate::eval::{Eval, Memo};
use crate::fact::{
    Candidate, CellRow, Evidence, Fact, GroupKey, Owned, Shown, TupleRow, Witness, insert,
};
use crate::redact::{REDACTED, is_secret};
use crate::window::millionths;
use event::{Derived, Event, Value};
use hashbrown::{DefaultHashBuilder, HashMap};
use plan::{FirstSeen, GroupRule, Kind, Node, NodeId, Program, Rule, ShowFunc};
use serde_json::{Map, json};
use state::Row;
use std::hash::{BuildHasher, DefaultHasher, Hasher};
use std::sync::Arc;

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
    /// The key of the event at hand, by `by` list.
    keys: Vec<Known>,
    facts: HashMap<(u32, u128, i64), Fact>,
    alerts: Vec<Firing>,
    no_key: Vec<u64>,
    include_record: bool,
    seeds: [DefaultHashBuilder; 2],
}

/// A key that may be known: `Some(None)` when a part of it is missing.
type Known = Option<Option<(u128, Arc<GroupKey>)>>;

/// The hashes of groups: all workers of a run share them.
#[derive(Clone, Debug, Default)]
pub struct Seeds([DefaultHashBuilder; 2]);

impl<'p> Matcher<'p> {
    /// A matcher of a run; `include_record` puts the record into one-event alerts.
    #[must_use]
    pub fn new(program: &'p Program, seeds: &Seeds, include_record: bool) -> Self {
        Self {
            program,
            memo: Memo::default(),
            dispatch: Dispatch::default(),
            keys: vec![None; program.groups.len()],
            facts: HashMap::new(),
            alerts: Vec::new(),
            no_key: vec![0; program.rules.len()],
            include_record,
            seeds: seeds.0,
        }
    }

    /// Match an event.
    pub fn event<'e>(&mut self, event: &Event<'e>, standing: Standing)
    where
        'p: 'e,
    {
        self.memo.next(self.program);
        self.keys.fill(None);
        let program: &'e Program = self.program;
        let rules = self.dispatch.rules(program, event, &mut self.memo);
        for number in rules.iter().copied() {
            let rule = &program.rules[number as usize];
            let mut eval = Eval::event(program, event, &mut self.memo);
            if !eval.truth(rule.filter.node) {
                continue;
            }
            let exempt = rule.excepts.iter().any(|except| eval.truth(*except));
            match (&rule.kind, standing) {
                (Kind::Event, _) if exempt => {}
                (Kind::Event, _) => {
                    let firing = one_event(&mut eval, number, rule, standing, self.include_record);
                    self.alerts.push(firing);
                }
                (Kind::Group(group), Standing::InTime { second }) => {
                    let key = key(&mut self.keys[group.by], &mut eval, group, &self.seeds);
                    match key {
                        Some((hash, key)) => {
                            let at = (number, *hash, second);
                            let fact = self.facts.entry(at).or_insert_with(|| Fact {
                                rule: number,
                                group: *hash,
                                second,
                                key: Arc::clone(key),
                                row: Box::default(),
                            });
                            if exempt {
                                fact.row.exempted += 1;
                            } else {
                                note(&mut fact.row, &mut eval, rule, group, &self.seeds);
                            }
                        }
                        None if exempt => {}
                        None => self.no_key[number as usize] += 1,
                    }
                }
                (Kind::Group(_) | Kind::Sequence(_), _) => {}
            }
        }
    }

    /// How many facts wait to be taken.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.facts.len()
    }

    /// The facts so far.
    pub fn take_facts(&mut self) -> impl Iterator<Item = Fact> + '_ {
        self.facts.drain().map(|(_, fact)| fact)
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

/// Which rules may match, by service and API.
#[derive(Clone, Debug, Default)]
struct Dispatch {
    lists: HashMap<Box<str>, Arc<[u32]>>,
}

impl Dispatch {
    /// The most pairs of service and API that are remembered.
    const MOST: usize = 65_536;

    fn rules<'e>(
        &mut self,
        program: &'e Program,
        event: &Event<'e>,
        memo: &mut Memo,
    ) -> Arc<[u32]> {
        let text = |name| match event.derived(name) {
            Value::Text(text) => text,
            _ => "\u{1}",
        };
        let (service, api) = (text(Derived::Service), text(Derived::Api));
        let arena = event.arena();
        let pair = bumpalo::collections::String::from_str_in(service, arena);
        let pair = {
            let mut pair = pair;
            pair.push('\0');
            pair.push_str(api);
            pair
        };
        if let Some(known) = self.lists.get(pair.as_str()) {
            return Arc::clone(known);
        }
        let mut eval = Eval::event(program, event, memo);
        let rules: Arc<[u32]> = (0_u32..)
            .zip(&program.rules)
            .filter(|(_, rule)| may_match(&mut eval, rule.filter.node) != Some(false))
            .map(|(number, _)| number)
            .collect();
        if self.lists.len() < Self::MOST {
            self.lists.insert(pair.as_str().into(), Arc::clone(&rules));
        }
        rules
    }
}

/// What a condition comes to when only the service and the API are known.
fn may_match(eval: &mut Eval<'_, '_>, id: NodeId) -> Option<bool> {
    let program = eval.program;
    let reads = program.reads(id);
    if !reads.beyond_api && !reads.window && reads.free == 0 {
        return Some(eval.truth(id));
    }
    match program.node(id) {
        Node::Not(a) => may_match(eval, *a).map(|truth| !truth),
        Node::And(all) => {
            let parts: Vec<_> = all.iter().map(|a| may_match(eval, *a)).collect();
            if parts.contains(&Some(false)) { Some(false) } else { None }
        }
        Node::Or(all) => {
            let parts: Vec<_> = all.iter().map(|a| may_match(eval, *a)).collect();
            if parts.iter().all(|part| *part == Some(false)) { Some(false) } else { None }
        }
        _ => None,
    }
}

/// The key of a group, made once an event for each `by` list.
fn key<'k>(
    known: &'k mut Known,
    eval: &mut Eval<'_, '_>,
    group: &GroupRule,
    seeds: &[DefaultHashBuilder; 2],
) -> Option<&'k (u128, Arc<GroupKey>)> {
    if known.is_none() {
        let program = eval.program;
        let mut texts = Vec::new();
        let mut values = Vec::new();
        let mut complete = true;
        for path in &program.groups[group.by] {
            let value = eval.value(path.node);
            complete &= value.exists();
            texts.push(told(eval.program, path.node, value));
            values.push(Owned::new(value));
        }
        *known = Some(complete.then(|| {
            (hash(texts.iter().map(|text| &**text), seeds), Arc::new(GroupKey { texts, values }))
        }));
    }
    known.as_ref()?.as_ref()
}

fn hash<'t>(texts: impl Iterator<Item = &'t str> + Clone, seeds: &[DefaultHashBuilder; 2]) -> u128 {
    let half = |seed: &DefaultHashBuilder| {
        let mut hasher = seed.build_hasher();
        for text in texts.clone() {
            hasher.write(text.as_bytes());
            hasher.write_u8(0xFF);
        }
        u128::from(hasher.finish())
    };
    half(&seeds[0]) << 64 | half(&seeds[1])
}

/// Append a value as alerts tell it: its canonical text, or that it is secret.
fn tell(program: &Program, node: NodeId, value: Value<'_>, out: &mut String) {
    if let Node::Slot(slot, _) = program.node(node) {
        let secret = program.layout.path(*slot).last().is_some_and(|key| is_secret(key));
        if secret && value.exists() {
            return canonical::write(Value::Text(REDACTED), out);
        }
    }
    canonical::write(value, out);
}

fn told(program: &Program, node: NodeId, value: Value<'_>) -> Box<str> {
    let mut out = String::new();
    tell(program, node, value, &mut out);
    out.into()
}

fn witness(eval: &mut Eval<'_, '_>, rule: &Rule) -> Witness {
    let values = Texts::pack(rule.witness.iter(), |node, out| {
        let value = eval.value(*node);
        tell(eval.program, *node, value, out);
    });
    Witness { id: eval.id(), values }
}

/// Add an event to the row of its second.
fn note(
    row: &mut CellRow,
    eval: &mut Eval<'_, '_>,
    rule: &Rule,
    group: &GroupRule,
    seeds: &[DefaultHashBuilder; 2],
) {
    let id = eval.id();
    if group.first_seen.is_some() {
        row.evidence.events += 1;
    } else {
        row.evidence.add(&id, shows(eval, rule).into_iter());
    }
    row.counts.resize(group.counts.len(), 0);
    for (there, cond) in row.counts.iter_mut().zip(&group.counts) {
        *there += u64::from(eval.truth(*cond));
    }
    row.sums.resize(group.sums.len(), 0);
    for (there, value) in row.sums.iter_mut().zip(&group.sums) {
        *there = there.saturating_add(millionths(eval.value(*value)).unwrap_or(0));
    }
    row.sets.resize_with(group.sets.len(), Default::default);
    for (there, tuple) in row.sets.iter_mut().zip(&group.sets) {
        if let Some(hash) = tuple_hash(eval, tuple) {
            insert(there, hash);
        }
    }
    match &group.first_seen {
        Some(first) => note_tuple(row, eval, rule, first, seeds),
        None if row.witness.as_ref().is_none_or(|least| id <= least.id) => {
            let other = witness(eval, rule);
            if row.witness.as_ref().is_none_or(|least| other < *least) {
                row.witness = Some(other);
            }
        }
        None => {}
    }
}

fn note_tuple(
    row: &mut CellRow,
    eval: &mut Eval<'_, '_>,
    rule: &Rule,
    first: &FirstSeen,
    seeds: &[DefaultHashBuilder; 2],
) {
    let mut whole = true;
    let parts = Texts::pack(first.tuple.iter(), |part, out| {
        let value = eval.value(part.node);
        whole &= value.exists();
        tell(eval.program, part.node, value, out);
    });
    if !whole {
        return;
    }
    let hash = hash(parts.iter(), seeds);
    let mut one = TupleRow { hash, parts, ..TupleRow::default() };
    one.evidence.add(&eval.id(), shows(eval, rule).into_iter());
    if first.event_parts.iter().all(|part| eval.truth(*part)) {
        let bound = first.bound.iter().map(|node| Owned::new(eval.value(*node))).collect();
        one.candidates.push(Candidate { witness: witness(eval, rule), bound });
    }
    row.absorb(CellRow { tuples: vec![one], ..CellRow::default() });
}

/// A hash of a tuple that is the same in every run; nothing when a part is missing.
fn tuple_hash(eval: &mut Eval<'_, '_>, tuple: &[NodeId]) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    let mut text = String::new();
    for part in tuple {
        let value = eval.value(*part);
        if !value.exists() {
            return None;
        }
        text.clear();
        canonical::write(value, &mut text);
        hasher.write(text.as_bytes());
        hasher.write_u8(0xFF);
    }
    Some(hasher.finish())
}

fn shows(eval: &mut Eval<'_, '_>, rule: &Rule) -> Vec<Option<Shown>> {
    rule.show
        .iter()
        .map(|show| {
            let value = eval.value(show.node);
            let text = told(eval.program, show.node, value);
            let id = eval.id();
            let one = |text: Box<str>| {
                let values = Texts::pack([text].iter(), |text, out| out.push_str(text));
                Witness { id, values }
            };
            match show.func {
                ShowFunc::Top if !value.exists() => None,
                ShowFunc::Top => Some(Shown::Top([(text, 1)].into_iter().collect())),
                ShowFunc::First => Some(Shown::First(one(text))),
                ShowFunc::Last => Some(Shown::Last(one(text))),
            }
        })
        .collect()
}

/// The firing of a one-event rule.
fn one_event(
    eval: &mut Eval<'_, '_>,
    number: u32,
    rule: &Rule,
    standing: Standing,
    include_record: bool,
) -> Firing {
    let witness = witness(eval, rule);
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
    let mut gathered = Evidence::default();
    gathered.add(&witness.id, shows(eval, rule).into_iter());
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
        show: alert::show(rule, &gathered),
        exempted: 0,
    };
    fired.firing(true)
}
