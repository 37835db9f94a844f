//! Sliding aggregates: the edge of a condition over the events of a window.

use super::firing::{Firing, Group};
use super::program::Program;
use super::record::Record;

/// The firings of a group: one for each time `when` becomes true.
pub(crate) fn firings<'a>(program: &'a Program<'a>, group: &Group<'a>) -> Vec<Firing<'a>> {
    let Some(within) = &program.within else { return Vec::new() };
    let mut armed = true;
    let mut found = Vec::new();
    for second in group.seconds() {
        let after = second - within.seconds;
        let before = group.between(after, second - 1);
        if !holds(program, &before) {
            armed = true;
        }
        let now = group.between(after, second);
        if !holds(program, &now) {
            continue;
        }
        let at_second = group.between(second - 1, second);
        if let (true, Some(record)) = (armed, at_second.first()) {
            found.push(Firing {
                program,
                record,
                time: Some(second),
                odd: false,
                group: group.key.clone(),
                tuple: None,
                evidence: now.clone(),
                window: now,
                baseline: None,
                exempted: group.exempted_between(after, second),
            });
        }
        armed = false;
    }
    found
}

/// Whether `when` is true over the events; over none it is false.
fn holds<'a>(program: &'a Program<'a>, window: &[&'a Record]) -> bool {
    window.first().is_some_and(|first| program.when_holds(first, window, false))
}
