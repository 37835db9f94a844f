//! Firings: the moments a rule is true, before any is held back.

use super::baseline::Past;
use super::eval::{Frame, Scope, eval};
use super::json::Json;
use super::program::{Named, Program};
use super::record::Record;
use super::sequence::{Told, is_asked_for};
use super::value::Value;
use lang::ast::Expr;
use std::collections::BTreeMap;

/// An event and what it may take part in.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) record: Record,
    /// Every file that holds it was delivered too long after it.
    pub(crate) late: bool,
    /// It is dated after the clock.
    pub(crate) future: bool,
    /// It corrects an event delivered before.
    pub(crate) addendum: bool,
}

impl Event {
    /// The time of an event that windows and learning may use.
    pub(crate) fn usable_time(&self) -> Option<i64> {
        if self.late || self.future || self.addendum { None } else { self.record.time }
    }
}

/// Texts of paths with their values.
pub(crate) type Pairs = Vec<(String, Json)>;

/// A rule that is true, of a group, at a time.
#[derive(Clone, Debug)]
pub(crate) struct Firing<'a> {
    pub(crate) program: &'a Program<'a>,
    /// The event it is told by.
    pub(crate) record: &'a Record,
    pub(crate) time: Option<i64>,
    /// Without a time, late or from the future: it comes after all others.
    pub(crate) odd: bool,
    pub(crate) group: Pairs,
    pub(crate) tuple: Option<Pairs>,
    /// The events it rests on.
    pub(crate) evidence: Vec<&'a Record>,
    /// The events of the window, for aggregates.
    pub(crate) window: Vec<&'a Record>,
    /// The share of its tuple, for `rare`.
    pub(crate) share: Option<f64>,
    /// The history of its group, for `zscore`.
    pub(crate) past: Option<Past<'a>>,
    /// What its group knew, for `new` and `rare`.
    pub(crate) baseline: Option<Json>,
    /// The match of a sequence.
    pub(crate) told: Option<Told<'a>>,
    pub(crate) exempted: usize,
}

impl<'a> Firing<'a> {
    /// A firing told by an event, that rests on it alone.
    pub(crate) fn of(program: &'a Program<'a>, record: &'a Record) -> Self {
        Self {
            program,
            record,
            time: record.time,
            odd: false,
            group: Vec::new(),
            tuple: None,
            evidence: vec![record],
            window: Vec::new(),
            share: None,
            past: None,
            baseline: None,
            told: None,
            exempted: 0,
        }
    }

    /// The value of a path or expression for an event, the steps of the match named.
    pub(crate) fn read(&self, expr: &Expr, record: &Record) -> Value {
        let steps = self.told.as_ref().map_or(&[][..], |told| &told.chosen);
        eval(expr, &Scope { steps, ..self.program.scope(record) })
    }

    /// What its `when` could see.
    pub(crate) fn frame(&self) -> Frame<'_> {
        Frame { window: &self.window, new: true, share: self.share, past: self.past.as_ref() }
    }
}

/// The events of a group, in order of (time, id), and those exempted from it.
#[derive(Debug, Default)]
pub(crate) struct Group<'a> {
    pub(crate) key: Pairs,
    pub(crate) events: Vec<&'a Record>,
    pub(crate) exempted: Vec<&'a Record>,
}

impl<'a> Group<'a> {
    /// The seconds in which it has events, in order.
    pub(crate) fn seconds(&self) -> Vec<i64> {
        let mut seconds: Vec<i64> = self.events.iter().filter_map(|record| record.time).collect();
        seconds.dedup();
        seconds
    }

    /// The events with time in `(after, until]`.
    pub(crate) fn between(&self, after: i64, until: i64) -> Vec<&'a Record> {
        within(&self.events, after, until)
    }

    /// How many exempted events have their time in `(after, until]`.
    pub(crate) fn exempted_between(&self, after: i64, until: i64) -> usize {
        within(&self.exempted, after, until).len()
    }
}

fn within<'a>(records: &[&'a Record], after: i64, until: i64) -> Vec<&'a Record> {
    records
        .iter()
        .copied()
        .filter(|record| record.time.is_some_and(|time| after < time && time <= until))
        .collect()
}

/// The events of a second whose tuple is whole, by tuple, in order of its text.
pub(crate) fn by_tuple<'a>(
    program: &Program<'a>,
    parts: &[Named],
    records: Vec<&'a Record>,
) -> Vec<(Pairs, Vec<&'a Record>)> {
    let mut found: BTreeMap<String, (Pairs, Vec<&'a Record>)> = BTreeMap::new();
    for record in records {
        if let Some(pairs) = program.whole(parts, record) {
            let key = Json::Object(pairs.clone()).compact();
            found.entry(key).or_insert_with(|| (pairs, Vec::new())).1.push(record);
        }
    }
    found.into_values().collect()
}

impl<'a> Program<'a> {
    /// A scope for one event.
    pub(crate) fn scope<'s>(&'s self, record: &'s Record) -> Scope<'s> {
        let (lets, params) = (&self.lets, &self.params);
        Scope { record, lets, params, vars: Vec::new(), steps: &[], frame: None }
    }

    /// Whether `when` holds for an event and what can be seen of its group.
    pub(crate) fn when_holds(&self, record: &Record, frame: Frame<'_>) -> bool {
        let scope = Scope { frame: Some(frame), ..self.scope(record) };
        self.when.as_ref().is_some_and(|when| eval(when, &scope).holds())
    }

    /// The value of a path or expression for an event.
    pub(crate) fn read(&self, named: &Named, record: &Record) -> Value {
        eval(&named.expr, &self.scope(record))
    }

    /// All the values, or nothing when one is missing.
    pub(crate) fn whole(&self, parts: &[Named], record: &Record) -> Option<Pairs> {
        parts
            .iter()
            .map(|part| Some((part.text.clone(), self.read(part, record).json()?)))
            .collect()
    }

    fn passes(&self, record: &Record) -> bool {
        self.filter.as_ref().is_none_or(|filter| eval(filter, &self.scope(record)).holds())
    }

    fn is_exempt(&self, record: &Record) -> bool {
        self.excepts.iter().any(|except| eval(except, &self.scope(record)).holds())
    }

    /// One firing for each event that passes, of a rule without state.
    pub(crate) fn single(&'a self, events: &'a [Event]) -> Vec<Firing<'a>> {
        events
            .iter()
            .filter(|event| self.passes(&event.record) && !self.is_exempt(&event.record))
            .map(|event| Firing {
                odd: event.record.time.is_none() || event.late || event.future,
                ..Firing::of(self, &event.record)
            })
            .collect()
    }

    /// The events that may count, by group; and how many had no key.
    pub(crate) fn groups(&'a self, events: &'a [Event]) -> (Vec<Group<'a>>, u64) {
        let mut usable: Vec<&Event> =
            events.iter().filter(|event| event.usable_time().is_some()).collect();
        usable.sort_by_key(|event| (event.record.time, &event.record.id));
        let mut groups: BTreeMap<String, Group<'a>> = BTreeMap::new();
        let mut no_key = 0;
        for event in usable {
            let record = &event.record;
            let asked_for =
                self.sequence.is_none_or(|sequence| is_asked_for(self, sequence, record));
            if !self.passes(record) || !asked_for {
                continue;
            }
            let exempt = self.is_exempt(record);
            let Some(key) = self.whole(&self.by, record) else {
                no_key += u64::from(!exempt);
                continue;
            };
            let group = groups.entry(Json::Object(key.clone()).compact()).or_default();
            group.key = key;
            if exempt { group.exempted.push(record) } else { group.events.push(record) }
        }
        (groups.into_values().filter(|group| !group.events.is_empty()).collect(), no_key)
    }
}
