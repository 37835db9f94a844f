//! Sliding aggregates and scores: the edge of a condition over the events of a window.

use super::baseline::Past;
use super::eval::Frame;
use super::firing::{Firing, Group};
use super::program::Program;
use super::record::Record;

/// The firings of a group: one for each time `when` becomes true.
pub(crate) fn firings<'a>(program: &'a Program<'a>, group: &Group<'a>) -> Vec<Firing<'a>> {
    let Some(within) = &program.within else { return Vec::new() };
    let mut armed = true;
    let mut found = Vec::new();
    let seconds = group.seconds();
    for second in &seconds {
        let second = *second;
        let past = Past {
            events: group.events.clone(),
            since: seconds[0],
            second,
            within: within.seconds,
            learn: program.learn,
        };
        let after = second - within.seconds;
        let before = group.between(after, second - 1);
        if !holds(program, &before, &past) {
            armed = true;
        }
        let now = group.between(after, second);
        if !holds(program, &now, &past) {
            continue;
        }
        let at_second = group.between(second - 1, second);
        if let (true, Some(record)) = (armed, at_second.first()) {
            found.push(Firing {
                time: Some(second),
                group: group.key.clone(),
                evidence: now.clone(),
                window: now,
                past: Some(past),
                exempted: group.exempted_between(after, second),
                ..Firing::of(program, record)
            });
        }
        armed = false;
    }
    found
}

/// Whether `when` is true over the events; over none it is false.
fn holds<'a>(program: &'a Program<'a>, window: &[&'a Record], past: &Past<'a>) -> bool {
    let frame = Frame { window, new: false, share: None, past: Some(past) };
    window.first().is_some_and(|first| program.when_holds(first, frame))
}
