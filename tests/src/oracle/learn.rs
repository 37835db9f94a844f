//! First seen: what a group has learned, and what is new to it.

use super::eval::Frame;
use super::firing::{Firing, Group, Pairs, by_tuple};
use super::json::Json;
use super::program::{Learn, Program};
use super::time;
use std::collections::BTreeMap;

/// What is known of a tuple.
#[derive(Clone, Debug, Default)]
struct Tuple {
    pairs: Pairs,
    /// When it was learned first since it was last not known, and last.
    learned: Option<(i64, i64)>,
    /// The days noted, under `poison=keep_out`.
    days: Vec<i64>,
}

impl Tuple {
    fn is_known(&self, second: i64, memory: i64) -> bool {
        self.learned.is_some_and(|(_, last)| second - last <= memory)
    }

    /// The value that the baseline shows.
    fn value(&self) -> Json {
        match &self.pairs[..] {
            [(_, only)] => only.clone(),
            parts => Json::List(parts.iter().map(|(_, value)| value.clone()).collect()),
        }
    }

    fn learn(&mut self, second: i64, memory: i64) {
        let first = match self.learned {
            Some((first, _)) if self.is_known(second, memory) => first,
            _ => second,
        };
        self.learned = Some((first, second));
    }

    /// What an event of this tuple does at `second`.
    fn teach(&mut self, second: i64, learning: bool, learn: &Learn) {
        if learning || self.is_known(second, learn.memory) || !learn.keep_out {
            self.learn(second, learn.memory);
            return;
        }
        let today = second.div_euclid(time::DAY);
        self.days.retain(|day| (today - day) * time::DAY <= learn.memory);
        if !self.days.contains(&today) {
            self.days.push(today);
        }
        if self.days.len() >= 3 {
            self.days.clear();
            self.learn(second, learn.memory);
        }
    }
}

/// The firings of a group: one for each tuple and second in which it is new and the rest of `when` holds.
pub(crate) fn firings<'a>(program: &'a Program<'a>, group: &Group<'a>) -> Vec<Firing<'a>> {
    let parts = program.tuple("new").unwrap_or_default();
    let learn = program.learn;
    let mut tuples: BTreeMap<String, Tuple> = BTreeMap::new();
    let mut found = Vec::new();
    let seconds = group.seconds();
    for second in &seconds {
        let second = *second;
        let learning = second - seconds[0] < learn.warmup;
        let here = by_tuple(program, &parts, group.between(second - 1, second));
        let window = program
            .within
            .as_ref()
            .map_or(Vec::new(), |within| group.between(second - within.seconds, second));
        for (pairs, records) in &here {
            let before = tuples.get(&key(pairs));
            let new = if learning {
                learn.cold_alert && before.is_none_or(|tuple| tuple.learned.is_none())
            } else {
                !before.is_some_and(|tuple| tuple.is_known(second, learn.memory))
            };
            let frame = Frame { window: &window, new, share: None, past: None };
            let firing = records.iter().find(|record| new && program.when_holds(record, frame));
            if let Some(record) = firing {
                found.push(Firing {
                    time: Some(second),
                    group: group.key.clone(),
                    tuple: Some(pairs.clone()),
                    evidence: records.clone(),
                    window: window.clone(),
                    baseline: Some(baseline(&tuples, seconds[0], second, &learn)),
                    exempted: group.exempted_between(second - 1, second),
                    ..Firing::of(program, record)
                });
            }
        }
        for (pairs, _) in here {
            let tuple = tuples.entry(key(&pairs)).or_default();
            tuple.pairs = pairs;
            tuple.teach(second, learning, &learn);
        }
    }
    found
}

fn key(pairs: &Pairs) -> String {
    Json::Object(pairs.clone()).compact()
}

/// What was known before a second, and until when the group was learning.
fn baseline(tuples: &BTreeMap<String, Tuple>, start: i64, second: i64, learn: &Learn) -> Json {
    let mut known: Vec<(String, Json)> = tuples
        .values()
        .filter(|tuple| tuple.is_known(second, learn.memory))
        .map(|tuple| {
            let (first, last) = tuple.learned.unwrap_or_default();
            let shown = Json::object([
                ("value", tuple.value()),
                ("first", Json::Text(time::write(first))),
                ("last", Json::Text(time::write(last))),
            ]);
            (tuple.value().compact(), shown)
        })
        .collect();
    known.sort_by(|(a, _), (b, _)| a.cmp(b));
    known.truncate(20);
    Json::object([
        ("learning_until", Json::Text(time::write(start.saturating_add(learn.warmup)))),
        ("known", Json::List(known.into_iter().map(|(_, shown)| shown).collect())),
    ])
}
