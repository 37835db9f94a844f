//! The engine on one core, from records to alerts, for a handful of records.
//!
//! It runs the `test` blocks of rules: the same matcher, shard and outlet as a
//! replay, fed by hand.

use crate::alert::{Alert, Firing};
use crate::keys::Seeds;
use crate::matcher::{Matcher, Standing};
use crate::outlet::Outlet;
use crate::shard::Shard;
use bumpalo::Bump;
use event::{Derived, Event, Layout, Scan, Slots, Value};
use hashbrown::{DefaultHashBuilder, HashSet};
use plan::{Expectation, Program, Scenario};

/// How a test went.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// As expected.
    Passed,
    /// Not as expected, at one of its `expect`s.
    Failed {
        /// Which: its place among the stages.
        stage: usize,
        /// Why.
        why: Mismatch,
        /// The alerts since the stage before.
        alerts: Vec<Alert>,
    },
}

/// How what happened differs from what was expected.
#[derive(Clone, Debug, PartialEq)]
pub enum Mismatch {
    /// Another number of alerts.
    Count {
        /// How many there were.
        got: u64,
    },
    /// An alert that says something else.
    Value {
        /// Of what.
        key: String,
        /// What it says; nothing when it does not say it.
        got: Option<serde_json::Value>,
    },
}

/// Run a test of a rule of the program.
#[must_use]
pub fn rehearse(program: &Program, scenario: &Scenario) -> Verdict {
    let mut records: Vec<&str> = Vec::new();
    let mut told = HashSet::new();
    for (stage, step) in scenario.stages.iter().enumerate() {
        records.extend(step.records.iter().map(String::as_str));
        let alerts: Vec<_> = run(program, &records, step.clock)
            .into_iter()
            .filter(|(_, alert)| alert.fields["rule"] == scenario.rule.as_str())
            .filter(|(_, alert)| told.insert(alert.fields["fingerprint"].to_string()))
            .collect();
        if let Some(why) = mismatch(&step.expect, &alerts, &records) {
            let alerts = alerts.into_iter().map(|(_, alert)| alert).collect();
            return Verdict::Failed { stage, why, alerts };
        }
    }
    Verdict::Passed
}

/// The alerts of records up to a time, in order, each with the id of its firing event.
fn run(program: &Program, records: &[&str], clock: i64) -> Vec<(Box<str>, Alert)> {
    let mut matcher = Matcher::new(program, &Seeds::default(), false);
    let mut shard = Shard::new(program, false);
    let mut slots = Slots::new();
    let mut arena = Bump::new();
    let mut latest = clock;
    for record in records {
        arena.reset();
        if !matches!(
            event::scan(record.as_bytes(), 0, &program.layout, &mut slots),
            Scan::Record { .. }
        ) {
            continue;
        }
        let event = Event::new(record.as_bytes(), &slots, &arena);
        let standing = match event.time() {
            None => Standing::Apart { second: None },
            Some(time) if event.is_addendum() => Standing::OneEvent { second: time.0 },
            Some(time) => Standing::InTime { second: time.0 },
        };
        if let Standing::InTime { second } = standing {
            latest = latest.max(second);
        }
        matcher.event(&event, standing);
    }
    shard.absorb(matcher.facts());
    let mut firings = matcher.take_alerts();
    shard.advance(i64::MAX, latest, &mut firings);
    firings.sort_unstable_by(Firing::compare);
    let mut outlet = Outlet::<DefaultHashBuilder>::new(program);
    let decide = |firing: Firing| {
        let id = firing.order.id.clone();
        outlet.decide(firing).map(|alert| (id, alert))
    };
    firings.into_iter().filter_map(decide).collect()
}

fn mismatch(
    expect: &Expectation,
    alerts: &[(Box<str>, Alert)],
    records: &[&str],
) -> Option<Mismatch> {
    if alerts.len() as u64 != expect.count {
        return Some(Mismatch::Count { got: alerts.len() as u64 });
    }
    for (id, alert) in alerts {
        for (key, expected) in &expect.values {
            let got = said(alert, key)
                .or_else(|| of_step(records, alert, key))
                .or_else(|| of_event(records, id, key));
            let same = got.as_ref().unwrap_or(&serde_json::Value::Null);
            if !same_json(same, expected) {
                return Some(Mismatch::Value { key: key.clone(), got });
            }
        }
    }
    None
}

/// What an alert says under a key: its own, its group's, its tuple's, or a placeholder's.
fn said(alert: &Alert, key: &str) -> Option<serde_json::Value> {
    let fields = &alert.fields;
    let inside = |of: &str| fields.get(of)?.get(key).cloned();
    fields
        .get(key)
        .cloned()
        .or_else(|| inside("group"))
        .or_else(|| inside("tuple"))
        .or_else(|| placeholder(fields.get("because")?, key))
}

/// `count`, `distinct`, `sum` and `ratio`: the first aggregate of that name; any value by its
/// text; `score` and what else a score is told with.
fn placeholder(because: &serde_json::Value, key: &str) -> Option<serde_json::Value> {
    let when = because.as_array()?.iter().find(|clause| clause["clause"] == "when")?;
    let of_score = match key {
        "score" => Some("score"),
        _ => key.strip_prefix("baseline."),
    };
    if let Some(value) = of_score.and_then(|key| when.get("baseline")?.get(key)) {
        return Some(value.clone());
    }
    let values = when.get("values")?.as_object()?;
    let of_name = |text: &str| text.strip_prefix(key).is_some_and(|rest| rest.starts_with('('));
    let found = values.iter().find(|(text, _)| *text == key || of_name(text))?;
    Some(found.1.clone())
}

/// `step.count`, or the value of a path in the event chosen for a step.
fn of_step(records: &[&str], alert: &Alert, key: &str) -> Option<serde_json::Value> {
    let (step, path) = key.split_once('.')?;
    let because = alert.fields.get("because")?.as_array()?;
    let steps = because.iter().find_map(|clause| clause.get("steps"))?.as_array()?;
    let told = steps.iter().find(|told| told["step"] == step)?;
    match path {
        "count" => told.get("count").cloned(),
        path => of_event(records, &told.get("ids")?.get(0)?.to_string(), path),
    }
}

/// The value of a path in the event with an id, which is given as JSON.
fn of_event(records: &[&str], id: &str, key: &str) -> Option<serde_json::Value> {
    let mut layout = Layout::new();
    event::Base::ALL.iter().for_each(|base| layout.want(*base));
    let (mut slots, arena) = (Slots::new(), Bump::new());
    for record in records {
        let bytes = record.as_bytes();
        let _ = event::scan(bytes, 0, &layout, &mut slots);
        let event = Event::new(bytes, &slots, &arena);
        if serde_json::from_str(id).ok() != Some(serde_json::Value::from(event.id())) {
            continue;
        }
        let value = match Derived::named(key) {
            Some(name) => event.derived(name),
            None => event.whole().at(&key.split('.').collect::<Vec<_>>()).into(),
        };
        return match value {
            Value::Missing => None,
            value => serde_json::from_str(&crate::canonical::text(value)).ok(),
        };
    }
    None
}

/// Equal as JSON, numbers by value.
fn same_json(a: &serde_json::Value, b: &serde_json::Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}
