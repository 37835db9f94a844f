//! What a group tells when it fires: the alert's reasons, evidence and baseline.

use crate::alert::{self, Fired, Firing};
use crate::eval::Eval;
use crate::evidence::Many;
use crate::fact::{Owned, Witness};
use crate::group::{At, Group, Walk};
use bumpalo::Bump;
use event::{EventTime, Value};
use hashbrown::HashMap;
use plan::{FirstSeen, GroupRule};
use serde_json::{Map, json};
use state::Undo;

impl Group {
    /// The first event of the tuple for which all parts of `when` hold, fired.
    pub(crate) fn fire_tuple(
        &self,
        at: At,
        hash: u128,
        baseline: &serde_json::Value,
        walk: Walk<'_>,
    ) -> Option<Firing> {
        let first = walk.group.first_seen.as_ref()?;
        let (_, cell) = self.cells.get(at.index)?;
        let tuple = cell.row.tuples.iter().find(|tuple| tuple.hash == hash)?;
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
        let parts = names.zip(tuple.parts.iter()).collect();
        let mut because = self.because(at, walk);
        if let Some(serde_json::Value::Object(when)) = because.last_mut() {
            when.insert("baseline".to_owned(), baseline.clone());
        }
        let told = Told {
            second: at.second,
            tuple: Some(parts),
            witness: &firing.witness,
            because,
            evidence: &tuple.evidence.listed(),
            exempted: cell.row.exempted,
        };
        Some(self.firing(told, walk))
    }

    /// What was known before a second.
    pub(crate) fn baseline(
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
                let parts: Vec<_> = parts.iter().collect();
                let value = match &parts[..] {
                    [only] => (*only).to_owned(),
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

    pub(crate) fn fire(&self, at: At, walk: Walk<'_>) -> Option<Firing> {
        let At { index, second } = at;
        let (_, cell) = self.cells.get(index)?;
        let witness = cell.row.witness.as_ref()?;
        let mut evidence = Many::default();
        let mut exempted = 0;
        for (_, cell) in self.cells.range(self.low(second, walk.group)..index + 1) {
            exempted += cell.row.exempted;
            evidence.follow(&cell.row.evidence);
        }
        let because = self.because(at, walk);
        let evidence = &evidence;
        let told = Told { second, tuple: None, witness, because, evidence, exempted };
        Some(self.firing(told, walk))
    }

    /// The index of the first cell in the window that ends at `second`.
    fn low(&self, second: i64, rule: &GroupRule) -> usize {
        let within = rule.within.as_ref().map_or(1, |(seconds, _)| *seconds);
        self.cells.at_or_after(second.saturating_sub(within).saturating_add(1))
    }

    fn because(&self, at: At, walk: Walk<'_>) -> Vec<serde_json::Value> {
        let At { index, second } = at;
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
                .find(|(_, cell)| cell.row.events > 0)
                .map_or(second, |(first, _)| first);
            let window = [EventTime(first).to_string(), EventTime(second).to_string()];
            when.insert("window".to_owned(), json!(window));
        }
        if self.window.is_approximate() || walk.evicted {
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

    fn firing(&self, told: Told<'_>, walk: Walk<'_>) -> Firing {
        let paths = walk.program.groups[walk.group.by].iter().map(|path| &*path.text);
        let fired = Fired {
            rule: walk.rule,
            number: walk.number,
            apart: false,
            second: Some(told.second),
            group: paths.zip(self.key.texts.iter().map(|text| &**text)).collect(),
            tuple: told.tuple,
            id: &told.witness.id,
            witness: &told.witness.values,
            aggregates: &self.aggregates(walk),
            because: told.because,
            evidence: alert::evidence(told.evidence),
            show: alert::show(walk.rule, told.evidence),
            exempted: told.exempted,
        };
        fired.firing(false)
    }
}

/// What an alert tells beside its evidence.
struct Told<'a> {
    second: i64,
    tuple: Option<Vec<(&'a str, &'a str)>>,
    witness: &'a Witness,
    because: Vec<serde_json::Value>,
    evidence: &'a Many,
    exempted: u64,
}

/// An owned value, lent to an evaluation.
pub(crate) fn lend<'a>(value: &Owned, arena: &'a Bump) -> Value<'a> {
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
