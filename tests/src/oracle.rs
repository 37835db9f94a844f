//! The reference engine: slow, plain, and right by the words of the language.
//!
//! It keeps every event in a list and walks the tree of every rule for each. It
//! shares the parser and the printer with the engine proper and nothing else:
//! derived names, globs, time, numbers, JSON and the rest are written again. It
//! has no site values, and takes rules to be well-formed.
//!
//! # Invariants
//!
//! - The outcome depends on the set of records and the delivery times of their
//!   files, never on order.

mod aggregate;
mod alert;
mod baseline;
mod derived;
mod eval;
mod firing;
mod function;
mod glob;
mod json;
mod learn;
mod names;
mod net;
mod number;
mod pattern;
mod program;
mod rare;
mod reason;
mod record;
mod security;
mod sequence;
mod sharing;
mod target;
mod time;
mod value;
mod window;

pub use baseline::Model;
pub use derived::value as derived_value;
pub use json::Json;
pub use net::Net;
pub use number::Number;
pub use record::Record;
pub use security::policy;
pub use time::{delivery, read as time_of, write as time_text};
pub use value::Value;

use firing::{Event, Firing};
use lang::ast::File;
use std::collections::BTreeMap;

/// An event dated more than this many seconds after `now` is from the future.
const AHEAD: i64 = 600;

/// A file of records.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InputFile {
    /// When it was delivered, in seconds since 1970, as its name says.
    pub delivery: Option<i64>,
    /// The JSON text of each record.
    pub records: Vec<String>,
}

/// What a replay is told beside rules and files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// The clock, in seconds since 1970.
    pub now: i64,
    /// After how many seconds a delivery is late.
    pub lateness: i64,
}

impl Config {
    /// The default lateness, six hours, in seconds.
    pub const LATENESS: i64 = 6 * 3_600;
}

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Records read.
    pub seen: u64,
    /// Events given to the rules.
    pub evaluated: u64,
    /// Copies of events, the conflicting ones among them.
    pub duplicate: u64,
    /// Copies that agree in the eight fields and differ elsewhere.
    pub conflicting: u64,
    /// Records that are not JSON or not CloudTrail's.
    pub malformed: u64,
    /// Events that every file brought too late.
    pub late: u64,
    /// Events dated after the clock.
    pub future: u64,
    /// Events without a time that can be read.
    pub no_time: u64,
    /// Events that correct others.
    pub addendum: u64,
    /// For each rule the events that had no value for its group.
    pub no_key: BTreeMap<String, u64>,
    /// Firings held back.
    pub suppressed: u64,
}

/// What a replay gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The alerts, one line of JSON each, in order.
    pub alerts: Vec<String>,
    /// What was counted.
    pub ledger: Ledger,
}

/// The alerts of the rules over the files.
#[must_use]
pub fn run(rules: &[File], inputs: &[InputFile], config: &Config) -> Outcome {
    let mut ledger = Ledger::default();
    let events = events(inputs, config, &mut ledger);
    let programs = program::programs(rules);
    let times = events.iter().filter_map(Event::usable_time);
    let end = times.max().unwrap_or(i64::MIN);
    let mut firings = Vec::new();
    for program in &programs {
        if program.is_single() {
            firings.extend(program.single(&events));
            continue;
        }
        let (groups, no_key) = program.groups(&events);
        ledger.no_key.insert(program.name.clone(), no_key);
        for group in &groups {
            firings.extend(if program.sequence.is_some() {
                sequence::firings(program, group, end)
            } else if program.tuple("new").is_some() {
                learn::firings(program, group)
            } else if program.tuple("rare").is_some() {
                rare::firings(program, group)
            } else {
                window::firings(program, group)
            });
        }
    }
    // Two events may share an id: what the alert says decides then.
    firings.sort_by_cached_key(|firing| (place(firing), alert::line(firing, 0)));
    let alerts = alerts(&firings, &mut ledger);
    Outcome { alerts, ledger }
}

/// The events of the files, each once, with what they may take part in.
fn events(inputs: &[InputFile], config: &Config, ledger: &mut Ledger) -> Vec<Event> {
    let mut found: BTreeMap<String, (Record, Vec<Option<i64>>)> = BTreeMap::new();
    for file in inputs {
        for text in &file.records {
            ledger.seen += 1;
            let Some(record) = Record::read(text) else {
                ledger.malformed += 1;
                continue;
            };
            if let Some((known, deliveries)) = found.get_mut(&record.identity()) {
                ledger.duplicate += 1;
                ledger.conflicting += u64::from(known.json.compact() != record.json.compact());
                deliveries.push(file.delivery);
            } else {
                found.insert(record.identity(), (record, vec![file.delivery]));
            }
        }
    }
    let mut events = Vec::new();
    for (record, deliveries) in found.into_values() {
        let time = record.time;
        let too_late = |delivery: &Option<i64>| {
            delivery.zip(time).is_some_and(|(delivery, time)| time < delivery - config.lateness)
        };
        let event = Event {
            late: deliveries.iter().all(too_late),
            future: time.is_some_and(|time| time > config.now + AHEAD),
            addendum: record.is_addendum(),
            record,
        };
        ledger.evaluated += 1;
        ledger.late += u64::from(event.late);
        ledger.future += u64::from(event.future);
        ledger.no_time += u64::from(time.is_none());
        ledger.addendum += u64::from(event.addendum);
        events.push(event);
    }
    events
}

/// Where a firing stands among the others.
fn place(firing: &Firing<'_>) -> (bool, [String; 5]) {
    let rule = Json::text(&firing.program.name).compact();
    let id = Json::text(&firing.record.id).compact();
    if firing.odd {
        return (true, [rule, id, String::new(), String::new(), String::new()]);
    }
    let group = Json::Object(firing.group.clone()).compact();
    (false, [firing.time_json().compact(), rule, group, firing.tuple_json().compact(), id])
}

/// What `suppress` remembers of a key.
#[derive(Default)]
struct Quiet {
    alerts: Vec<i64>,
    held_back: u64,
}

/// The lines of the firings that are not held back.
fn alerts(firings: &[Firing<'_>], ledger: &mut Ledger) -> Vec<String> {
    let mut keys: BTreeMap<String, Quiet> = BTreeMap::new();
    let mut lines = Vec::new();
    for firing in firings {
        let Some((seconds, by)) = &firing.program.suppress else {
            lines.push(alert::line(firing, 0));
            continue;
        };
        let values = match by {
            Some(by) => by
                .iter()
                .map(|part| {
                    firing
                        .read(&part.expr, firing.record)
                        .json()
                        .map_or(Json::List(Vec::new()), |value| Json::List(vec![value]))
                })
                .collect(),
            None => vec![Json::Object(firing.group.clone()), firing.tuple_json()],
        };
        let key = Json::List(vec![Json::text(&firing.program.name), Json::List(values)]).compact();
        let quiet = keys.entry(key).or_default();
        let held = firing.time.is_some_and(|time| {
            quiet.alerts.iter().any(|alert| *alert <= time && time < alert.saturating_add(*seconds))
        });
        if held {
            quiet.held_back += 1;
            ledger.suppressed += 1;
            continue;
        }
        quiet.alerts.extend(firing.time);
        lines.push(alert::line(firing, std::mem::take(&mut quiet.held_back)));
    }
    lines
}
