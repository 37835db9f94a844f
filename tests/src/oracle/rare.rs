//! Rare: the share that a tuple has of what a group did before.

use super::firing::{Firing, Group, by_tuple};
use super::json::Json;
use super::number::Number;
use super::program::Program;
use super::record::Record;

/// The least number of events before a share means something, where the rule says none.
const LEAST: usize = 100;

const HOUR: i64 = 3_600;

/// How often a tuple was among the events before.
#[derive(Clone, Copy, Debug)]
struct Share {
    events: usize,
    tuple: usize,
}

impl Share {
    fn value(self) -> f64 {
        self.tuple as f64 / self.events as f64
    }

    fn json(self) -> Json {
        Json::object([
            ("events", Json::whole(self.events)),
            ("tuple", Json::whole(self.tuple)),
            ("share", Json::Number(Number::Float(self.value()).rounded_json())),
        ])
    }
}

/// The firings of a group: one for each tuple and second in which `when` holds for some event of it.
pub(crate) fn firings<'a>(program: &'a Program<'a>, group: &Group<'a>) -> Vec<Firing<'a>> {
    let parts = program.tuple("rare").unwrap_or_default();
    let learn = program.learn;
    let seconds = group.seconds();
    let mut found = Vec::new();
    for second in &seconds {
        let second = *second;
        let from = (second - learn.memory).div_euclid(HOUR) * HOUR;
        let before = group.between(from - 1, second - 1);
        let young = second - seconds[0] < learn.warmup;
        let window = program
            .within
            .as_ref()
            .map_or(Vec::new(), |within| group.between(second - within.seconds, second));
        for (pairs, records) in by_tuple(program, &parts, group.between(second - 1, second)) {
            let is_same =
                |record: &&&Record| program.whole(&parts, record).as_ref() == Some(&pairs);
            let share =
                Share { events: before.len(), tuple: before.iter().filter(is_same).count() };
            let enough = share.events > 0 && share.events >= learn.min_samples.unwrap_or(LEAST);
            let share = (enough && !young).then_some(share);
            let mut firing = Firing {
                time: Some(second),
                group: group.key.clone(),
                tuple: Some(pairs),
                evidence: records.clone(),
                window: window.clone(),
                share: share.map(Share::value),
                baseline: Some(share.map_or(Json::Null, Share::json)),
                exempted: group.exempted_between(second - 1, second),
                ..Firing::of(program, records[0])
            };
            let told = records.iter().find(|record| {
                let frame = firing.frame();
                program.when_holds(record, frame)
            });
            if let Some(record) = told {
                firing.record = record;
                found.push(firing);
            }
        }
    }
    found
}
