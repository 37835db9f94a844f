//! One group of one rule: its cells, its window, what it has learned, and the walk
//! over its seconds that finds where it fires.
//!
//! The walk is the algorithm of the language reference, "Edge" and "Learning". In a
//! replay each second is walked once, behind the watermark. In a live stream a
//! second is walked again when an event enters it or one before it: what later
//! seconds did is taken back first, and what was alerted stays alerted.
//!
//! # Invariants
//!
//! - Seconds up to `walked` are judged; the window holds the cells of
//!   `(walked − within, walked]`.
//! - A run of seconds in which `when` stays true gives at most one alert.

use crate::alert::{self, Fired, Firing};
use crate::eval::Eval;
use crate::fact::{CellRow, Evidence, GroupKey};
use crate::window::Window;
use bumpalo::Bump;
use event::{EventTime, Value};
use hashbrown::{DefaultHashBuilder, HashMap};
use plan::{FirstSeen, GroupRule, NodeId, Program, Rule};
use serde_json::{Map, json};
use state::{Cells, Idle, Learned, Learning, Row, Undo};
use std::sync::Arc;

/// A row and what the walk left at it.
#[derive(Debug, Default)]
struct Cell {
    row: CellRow,
    /// How the edge stood after this second.
    edge: Edge,
    /// Whether a run of seconds in which `when` is true begins here.
    opens: bool,
    /// Whether an alert was given here.
    alerted: bool,
    /// Whether the group's history starts here.
    starts: bool,
    /// What this second changed in the memory.
    undo: Vec<Undo>,
}

impl Row for Cell {
    fn absorb(&mut self, other: Self) {
        self.row.absorb(other.row);
    }
}

/// Where a group stands with respect to firing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Edge {
    /// It fires when `when` becomes true.
    #[default]
    Armed,
    /// `when` has been true; it fires no more until it was false.
    Run,
}

/// A group.
#[derive(Debug)]
pub(crate) struct Group {
    key: Arc<GroupKey>,
    cells: Cells<Cell>,
    walked: i64,
    window: Window,
    /// How the edge stood after the last cell that was forgotten, and whether its run had given its alert.
    base: (Edge, bool),
    /// The run at hand has given its alert.
    told: bool,
    learned: Learned<DefaultHashBuilder>,
    /// The parts of learned tuples, to show them.
    parts: HashMap<u128, Vec<Box<str>>>,
    /// When each tuple last gave an alert; kept in a live stream only.
    alerted: HashMap<u128, i64>,
    /// How many tuples there may be before old ones are looked for.
    expire_at: usize,
    first: i64,
    last: i64,
}

impl Idle for Group {
    fn idle(&self) -> (bool, i64) {
        (self.first == self.last, self.last)
    }
}

/// What a group is walked with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Walk<'a> {
    pub(crate) program: &'a Program,
    pub(crate) number: u32,
    pub(crate) rule: &'a Rule,
    pub(crate) group: &'a GroupRule,
    pub(crate) arena: &'a Bump,
    /// Whether seconds may be walked again.
    pub(crate) live: bool,
}

const BEFORE_ALL: i64 = i64::MIN;

impl Group {
    pub(crate) fn new(key: Arc<GroupKey>, rule: &GroupRule, second: i64) -> Self {
        Self {
            key,
            cells: Cells::default(),
            walked: BEFORE_ALL,
            window: Window::new(rule),
            base: (Edge::Armed, false),
            expire_at: 64,
            told: false,
            learned: Learned::default(),
            parts: HashMap::new(),
            alerted: HashMap::new(),
            first: second,
            last: second,
        }
    }

    /// Put a row into its second.
    pub(crate) fn put(&mut self, second: i64, row: CellRow, walk: Walk<'_>) {
        self.first = self.first.min(second);
        self.last = self.last.max(second);
        if second <= self.walked {
            self.take_back(second, walk);
        }
        self.cells.put(second, Cell { row, ..Cell::default() });
    }

    /// Judge the seconds not yet walked, up to and including `until`.
    pub(crate) fn walk(&mut self, until: i64, walk: Walk<'_>, out: &mut Vec<Firing>) {
        let mut index = self.cells.at_or_after(self.walked.saturating_add(1));
        let mut waiting: Option<(usize, Firing)> = None;
        while let Some((second, cell)) = self.cells.get(index) {
            if second > until {
                break;
            }
            let has_events = cell.row.evidence.events > 0;
            self.slide(second, walk.group);
            if has_events {
                match &walk.group.first_seen {
                    Some(first) => self.judge_tuples(index, second, first, walk, out),
                    None => self.judge_edge(index, second, walk, &mut waiting, out),
                }
            } else {
                self.settle_edge(index);
            }
            self.walked = second;
            index += 1;
        }
        self.let_out(waiting, out);
    }

    /// Forget the seconds that no later one can ask for: those at or before
    /// `watermark − within`. Returns whether the group tells nothing any more.
    pub(crate) fn forget(&mut self, watermark: i64, rule: &GroupRule) -> bool {
        let within = rule.within.as_ref().map_or(0, |(seconds, _)| *seconds);
        let until = watermark.min(self.walked).saturating_sub(within);
        let count = self.cells.at_or_after(until.saturating_add(1));
        if count > 0 {
            self.base = (self.edge_before(count), self.run_was_told(count));
            self.cells.drop_front(count);
        }
        let Some(first) = &rule.first_seen else { return self.cells.is_empty() };
        if self.learned.len() >= self.expire_at {
            for tuple in self.learned.expire(watermark, first.memory) {
                self.parts.remove(&tuple);
            }
            self.alerted.retain(|_, second| watermark - *second <= first.memory);
            self.expire_at = self.learned.len() * 2 + 64;
        }
        false
    }

    /// When its history starts.
    pub(crate) fn start(&self) -> Option<i64> {
        self.learned.start
    }

    /// Whether seconds wait to be judged.
    pub(crate) fn waits(&self) -> bool {
        self.cells.at_or_after(self.walked.saturating_add(1)) < self.cells.len()
    }

    /// Take back what the walk did at and after a second.
    fn take_back(&mut self, second: i64, walk: Walk<'_>) {
        let from = self.cells.at_or_after(second);
        for index in (from..self.cells.at_or_after(self.walked.saturating_add(1))).rev() {
            let Some((_, cell)) = self.cells.get_mut(index) else { break };
            let undo = std::mem::take(&mut cell.undo);
            let starts = std::mem::take(&mut cell.starts);
            for change in undo.into_iter().rev() {
                self.learned.undo(change);
            }
            if starts {
                self.learned.start = None;
            }
        }
        let within = walk.group.within.as_ref().map_or(0, |(seconds, _)| *seconds);
        self.walked = match from.checked_sub(1).and_then(|before| self.cells.get(before)) {
            Some((before, _)) => before,
            None => second.saturating_sub(1),
        };
        self.told = self.run_was_told(from);
        self.window.clear();
        let low = self.cells.at_or_after(self.walked.saturating_sub(within).saturating_add(1));
        for (_, cell) in self.cells.range(low.min(from)..from) {
            self.window.enter(&cell.row);
        }
    }

    /// Whether the run that reaches the cell before `index` has given its alert.
    fn run_was_told(&self, index: usize) -> bool {
        for (_, cell) in self.cells.range(0..index).rev() {
            if cell.edge == Edge::Armed || cell.alerted || cell.opens {
                return cell.alerted;
            }
        }
        self.base.1
    }

    /// Let the cells at or before `second − within` leave the window.
    fn slide(&mut self, second: i64, rule: &GroupRule) {
        let within = rule.within.as_ref().map_or(0, |(seconds, _)| *seconds);
        let low = self.cells.at_or_after(self.walked.saturating_sub(within).saturating_add(1));
        let high = self
            .cells
            .at_or_after(second.saturating_sub(within).saturating_add(1))
            .min(self.cells.at_or_after(self.walked.saturating_add(1)));
        for (_, cell) in self.cells.range(low..high.max(low)) {
            self.window.leave(&cell.row);
        }
    }

    fn enter(&mut self, index: usize) {
        if let Some((_, cell)) = self.cells.get(index) {
            self.window.enter(&cell.row);
        }
    }

    fn edge_before(&self, index: usize) -> Edge {
        index
            .checked_sub(1)
            .and_then(|before| self.cells.get(before))
            .map_or(self.base.0, |(_, cell)| cell.edge)
    }

    /// A second without events keeps the edge as it stood.
    fn settle_edge(&mut self, index: usize) {
        let edge = self.edge_before(index);
        if let Some((_, cell)) = self.cells.get_mut(index) {
            cell.edge = edge;
        }
    }

    fn judge_edge(
        &mut self,
        index: usize,
        second: i64,
        walk: Walk<'_>,
        waiting: &mut Option<(usize, Firing)>,
        out: &mut Vec<Firing>,
    ) {
        let mut edge = self.edge_before(index);
        if edge == Edge::Run && (self.window.events == 0 || !self.holds(walk)) {
            edge = Edge::Armed;
            self.let_out(waiting.take(), out);
            self.told = false;
        }
        self.enter(index);
        let mut opens = false;
        if self.holds(walk) {
            if edge == Edge::Armed {
                opens = true;
                self.let_out(waiting.take(), out);
                self.told = false;
                *waiting = self.fire(index, second, walk).map(|firing| (index, firing));
            }
            edge = Edge::Run;
        }
        if let Some((_, cell)) = self.cells.get_mut(index) {
            cell.edge = edge;
            cell.opens = opens;
            if edge == Edge::Run && cell.alerted {
                *waiting = None;
                self.told = true;
            }
        }
    }

    /// Give the alert of a run, unless the run has given it.
    fn let_out(&mut self, waiting: Option<(usize, Firing)>, out: &mut Vec<Firing>) {
        let Some((index, firing)) = waiting else { return };
        if self.told {
            return;
        }
        self.told = true;
        if let Some((_, cell)) = self.cells.get_mut(index) {
            cell.alerted = true;
        }
        out.push(firing);
    }

    fn bound<'a>(&self, walk: Walk<'a>, arena: &'a Bump) -> Vec<(NodeId, Value<'a>)> {
        let paths = &walk.program.groups[walk.group.by];
        let key = &self.key;
        paths.iter().zip(&key.values).map(|(path, value)| (path.node, lend(value, arena))).collect()
    }

    fn holds(&self, walk: Walk<'_>) -> bool {
        let aggregates = self.window.aggregates(walk.group, walk.arena);
        let bound = self.bound(walk, walk.arena);
        Eval::window(walk.program, walk.arena, aggregates, &bound).truth(walk.group.when.node)
    }

    fn judge_tuples(
        &mut self,
        index: usize,
        second: i64,
        first: &FirstSeen,
        walk: Walk<'_>,
        out: &mut Vec<Firing>,
    ) {
        if walk.group.within.is_some() {
            self.enter(index);
        }
        let starts = self.learned.start.is_none();
        let start = *self.learned.start.get_or_insert(second);
        let how = Learning {
            warmup: first.warmup,
            memory: first.memory,
            keep_out: first.keep_out,
            cold_alert: first.cold_alert,
        };
        let Some((_, cell)) = self.cells.get_mut(index) else { return };
        cell.starts = starts;
        let mut undo = Vec::with_capacity(cell.row.tuples.len());
        let mut fresh = Vec::new();
        for (hash, tuple) in &cell.row.tuples {
            let (new, change) = self.learned.judge(*hash, second, how);
            undo.push(change);
            if new && !tuple.candidates.is_empty() {
                fresh.push(*hash);
            }
            self.parts.entry(*hash).or_insert_with(|| tuple.parts.clone());
        }
        let baseline = if fresh.is_empty() {
            serde_json::Value::Null
        } else {
            self.baseline(second, start, first, &undo)
        };
        for hash in fresh {
            let again = self
                .alerted
                .get(&hash)
                .is_some_and(|told| second <= *told && *told - second <= first.memory);
            if again {
                continue;
            }
            if let Some(firing) = self.fire_tuple(index, second, hash, &baseline, walk) {
                if walk.live {
                    self.alerted.insert(hash, second);
                }
                out.push(firing);
            }
        }
        if walk.live {
            if let Some((_, cell)) = self.cells.get_mut(index) {
                cell.undo = undo;
            }
        }
    }

    /// The first event of the tuple for which all parts of `when` hold, fired.
    fn fire_tuple(
        &self,
        index: usize,
        second: i64,
        hash: u128,
        baseline: &serde_json::Value,
        walk: Walk<'_>,
    ) -> Option<Firing> {
        let first = walk.group.first_seen.as_ref()?;
        let (_, cell) = self.cells.get(index)?;
        let tuple = cell.row.tuples.get(&hash)?;
        let mut candidates: Vec<_> = tuple.candidates.iter().collect();
        candidates.sort_by(|a, b| a.witness.cmp(&b.witness));
        let aggregates = self.window.aggregates(walk.group, walk.arena);
        let firing = candidates.into_iter().find(|candidate| {
            let mut bound = self.bound(walk, walk.arena);
            let values = candidate.bound.iter().map(|value| lend(value, walk.arena));
            bound.extend(first.bound.iter().copied().zip(values));
            let mut eval = Eval::window(walk.program, walk.arena, aggregates, &bound);
            first.window_parts.iter().all(|part| eval.truth(*part))
        })?;
        let names = first.tuple.iter().map(|named| &*named.text);
        let parts = names.zip(tuple.parts.iter().map(|part| &**part)).collect();
        let mut because = self.because(index, second, walk);
        if let Some(serde_json::Value::Object(when)) = because.last_mut() {
            when.insert("baseline".to_owned(), baseline.clone());
        }
        let told = Told { tuple: Some(parts), witness: &firing.witness, because };
        Some(self.firing(second, told, &tuple.evidence, cell.row.exempted, walk))
    }

    /// What was known before a second.
    fn baseline(
        &self,
        second: i64,
        start: i64,
        first: &FirstSeen,
        undo: &[Undo],
    ) -> serde_json::Value {
        let changed: HashMap<u128, _> = undo.iter().map(|(hash, before)| (*hash, before)).collect();
        let still = self
            .learned
            .known(second, first.memory)
            .filter(|(hash, ..)| !changed.contains_key(hash));
        let before = undo.iter().filter_map(|(hash, before)| {
            let before = before.as_ref()?;
            let last = before.last?;
            (second - last <= first.memory).then_some((*hash, before.first, last))
        });
        let mut known: Vec<_> = still
            .chain(before)
            .filter_map(|(hash, first, last)| {
                let parts = self.parts.get(&hash)?;
                let value = match &parts[..] {
                    [only] => only.to_string(),
                    parts => format!("[{}]", parts.join(",")),
                };
                Some((value, first, last))
            })
            .collect();
        known.sort_unstable();
        known.truncate(20);
        let known: Vec<_> = known
            .into_iter()
            .map(|(value, first, last)| {
                json!({
                    "value": alert::shown(&value),
                    "first": EventTime(first).to_string(),
                    "last": EventTime(last).to_string(),
                })
            })
            .collect();
        let until = EventTime(start.saturating_add(first.warmup)).to_string();
        json!({ "learning_until": until, "known": known })
    }

    fn fire(&self, index: usize, second: i64, walk: Walk<'_>) -> Option<Firing> {
        let (_, cell) = self.cells.get(index)?;
        let witness = cell.row.witness.as_ref()?;
        let mut evidence = Evidence::default();
        let mut exempted = 0;
        for (_, cell) in self.cells.range(self.low(second, walk.group)..index + 1) {
            exempted += cell.row.exempted;
            if cell.row.evidence.events > 0 {
                evidence.follow(&cell.row.evidence);
            }
        }
        let told = Told { tuple: None, witness, because: self.because(index, second, walk) };
        Some(self.firing(second, told, &evidence, exempted, walk))
    }

    /// The index of the first cell in the window that ends at `second`.
    fn low(&self, second: i64, rule: &GroupRule) -> usize {
        let within = rule.within.as_ref().map_or(1, |(seconds, _)| *seconds);
        self.cells.at_or_after(second.saturating_sub(within).saturating_add(1))
    }

    fn because(&self, index: usize, second: i64, walk: Walk<'_>) -> Vec<serde_json::Value> {
        let filter = &walk.rule.filter;
        let mut values = Map::new();
        for (text, value) in self.aggregates(walk) {
            values.insert(text.to_owned(), value);
        }
        values.extend(alert::params(&walk.group.when));
        let mut when = alert::because("when", &walk.group.when.text, values);
        if walk.group.within.is_some() {
            let first = self
                .cells
                .range(self.low(second, walk.group)..index + 1)
                .find(|(_, cell)| cell.row.evidence.events > 0)
                .map_or(second, |(first, _)| first);
            let window = [EventTime(first).to_string(), EventTime(second).to_string()];
            when.insert("window".to_owned(), json!(window));
        }
        if self.window.is_approximate() {
            when.insert("approximate".to_owned(), json!(true));
        }
        let filter = alert::because("where", &filter.text, alert::params(filter));
        vec![filter.into(), when.into()]
    }

    fn aggregates<'a>(&self, walk: Walk<'a>) -> Vec<(&'a str, serde_json::Value)> {
        let values = self.window.aggregates(walk.group, walk.arena);
        let texts = walk.group.aggregates.iter().map(|aggregate| &*aggregate.text);
        texts.zip(values.iter().map(|value| number(*value))).collect()
    }

    fn firing(
        &self,
        second: i64,
        told: Told<'_>,
        evidence: &Evidence,
        exempted: u64,
        walk: Walk<'_>,
    ) -> Firing {
        let paths = walk.program.groups[walk.group.by].iter().map(|path| &*path.text);
        let fired = Fired {
            rule: walk.rule,
            number: walk.number,
            apart: false,
            second: Some(second),
            group: paths.zip(self.key.texts.iter().map(|text| &**text)).collect(),
            tuple: told.tuple,
            id: &told.witness.id,
            witness: &told.witness.values,
            aggregates: &self.aggregates(walk),
            because: told.because,
            evidence: alert::evidence(evidence),
            show: alert::show(walk.rule, evidence),
            exempted,
        };
        fired.firing(false)
    }
}

/// What an alert tells beside its evidence.
struct Told<'a> {
    tuple: Option<Vec<(&'a str, &'a str)>>,
    witness: &'a crate::fact::Witness,
    because: Vec<serde_json::Value>,
}

/// An owned value, lent to an evaluation.
fn lend<'a>(value: &crate::fact::Owned, arena: &'a Bump) -> Value<'a> {
    match value.value() {
        Value::Text(text) => Value::Text(arena.alloc_str(text)),
        Value::Json(json) => Value::Json(event::Json::new(arena.alloc_slice_copy(json.raw()))),
        Value::Missing => Value::Missing,
        Value::Bool(value) => Value::Bool(value),
        Value::Number(value) => Value::Number(value),
        Value::Time(value) => Value::Time(value),
        Value::Duration(value) => Value::Duration(value),
        Value::Ip(value) => Value::Ip(value),
        Value::Cidr(value) => Value::Cidr(value),
        Value::List(_) | Value::Object(_) => Value::Missing,
    }
}

/// An aggregate as alerts write it.
fn number(value: Value<'_>) -> serde_json::Value {
    match value {
        Value::Number(event::Number::Int(whole)) => json!(whole),
        Value::Number(event::Number::Float(float)) => plan::number_json(float),
        _ => serde_json::Value::Null,
    }
}
