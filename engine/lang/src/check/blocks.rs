//! Test blocks: their times, the number of their events, and what they expect.

use super::beside::stays_below;
use super::clauses::seconds;
use super::recorded;
use super::scope::{Checker, LetState};
use super::suggest;
use crate::ast::{Duration, ObjectKey, Span, Test, TestStepKind, Text};
use crate::diag::Diag;
use crate::limits;
use crate::schema::{self, Lookup};
use crate::typed::Named;
use event::Derived;

/// The keys of an alert.
const ALERT: [&str; 19] = [
    "rule",
    "version",
    "severity",
    "attack",
    "title",
    "time",
    "account",
    "region",
    "principal",
    "group",
    "tuple",
    "because",
    "evidence",
    "show",
    "exempted",
    "suppressed",
    "fingerprint",
    "approximate",
    "window",
];

/// Checks the tests of a rule with the group of `by`.
pub(super) fn check(checker: &mut Checker<'_, '_>, tests: &[&Test], by: &[Named]) {
    for test in tests {
        let mut expects = false;
        for step in &test.steps {
            expects |= matches!(step.kind, TestStepKind::Expect(..));
            self::step(checker, &step.kind, step.span, by);
        }
        if !expects {
            let diag = Diag::error(
                "E0311",
                format!("the test \"{}\" expects nothing", test.name.value),
                test.name.span,
            )
            .label("no `expect`")
            .help("add `expect 1`, or `expect 0`");
            checker.sink.error(diag);
        }
    }
}

fn step(checker: &mut Checker<'_, '_>, step: &TestStepKind, at: Span, by: &[Named]) {
    match step {
        TestStepKind::Warm(length, every, object) => {
            recorded::check(checker, object, at);
            let length = seconds(checker.sink, *length, limits::MEMORY);
            let every = seconds(checker.sink, *every, limits::MEMORY);
            if let (Some(length), Some(every)) = (length, every) {
                let events = length.saturating_add(every - 1) / every;
                number(checker, u64::try_from(events).unwrap_or(0), at);
            }
        }
        TestStepKind::Event(object, count, every) => {
            recorded::check(checker, object, at);
            number(checker, count.unwrap_or(1), at);
            let _ = every.map(|every: Duration| seconds(checker.sink, every, limits::MEMORY));
        }
        // Whether the file can be read is seen when the test is run.
        TestStepKind::EventsFrom(path) => within_reach(checker, path),
        TestStepKind::Wait(length) => drop(seconds(checker.sink, *length, limits::MEMORY)),
        TestStepKind::Expect(_, object) => {
            for (key, _) in object.iter().flatten() {
                expected(checker, key, at, by);
            }
        }
    }
}

/// Whether the file of a test lies where files of values do.
fn within_reach(checker: &mut Checker<'_, '_>, path: &Text) {
    let source = checker.sink.sources.files.get(path.span.file as usize);
    let diag = if source.is_some_and(|source| source.builtin) {
        Diag::error("E0510", "these rules have no files beside them", path.span)
            .label("not in a file that could be read from")
            .help("write the events here: `event { … }`")
    } else if !stays_below(&path.value) {
        let title = format!("`{}` leads out of the rule file's folder", path.value);
        Diag::error("E0510", title, path.span)
            .label("a rule file reads only beside and below itself")
            .help("move the file there: a path counts from the folder of the rule file")
    } else {
        return;
    };
    checker.sink.error(diag);
}

fn number(checker: &mut Checker<'_, '_>, events: u64, at: Span) {
    let diag = if events == 0 {
        Diag::error("E0409", "a step without an event", at)
            .label("no event at all")
            .help("write `x 1`, or leave the step out")
    } else if events > limits::TEST_EVENTS {
        Diag::error("E0409", format!("a step of {events} events"), at)
            .label(format!("at most {} are allowed", limits::TEST_EVENTS))
            .help("use fewer events, or let more time pass between them")
    } else {
        return;
    };
    checker.sink.error(diag);
}

/// Whether an alert of the rule can have what `expect` names.
fn expected(checker: &mut Checker<'_, '_>, key: &ObjectKey, at: Span, by: &[Named]) {
    let names: Vec<&str> = match key {
        ObjectKey::Quoted(text) => text.split('.').collect(),
        ObjectKey::Dotted(names) => names.iter().map(String::as_str).collect(),
    };
    let text = names.join(".");
    let Some(head) = names.first() else { return };
    let aggregates = ["count", "distinct", "sum", "ratio"];
    let scores = ["score", "baseline.center", "baseline.scale"];
    let known = ALERT.contains(head)
        || aggregates.contains(&text.as_str())
        || by.iter().any(|key| key.text == text)
        || checker.asked.tuple.iter().any(|tuple| tuple.parts.iter().any(|part| part.text == text))
        || scores.contains(&text.as_str()) && checker.asked.score_at.is_some()
        || of_step(checker, &names)
        || matches!(checker.lets.get(head).map(|entry| &entry.state), Some(LetState::Body(..)))
        || Derived::named(&text).is_some()
        || matches!(schema::raw(&names), Lookup::Found(..));
    if known {
        return;
    }
    let diag = Diag::error("E0310", format!("no alert has a `{text}`"), at)
        .label("neither a key of an alert, of its group, nor a field");
    let near = suggest::nearest(
        &text,
        ALERT.into_iter().chain(aggregates).chain(by.iter().map(|key| key.text.as_str())),
    )
    .map(str::to_owned)
    .or_else(|| suggest::field(&text, &[]));
    checker.sink.error(match near {
        Some(near) => diag.help(format!("did you mean `{near}`?")),
        None => diag.help("name a key of the alert, or a field of the event"),
    });
}

/// Whether the names are a value of a step: `fail.count`, `good.principal`.
fn of_step(checker: &Checker<'_, '_>, names: &[&str]) -> bool {
    let Some((head, rest)) = names.split_first() else { return false };
    let step = checker.step_named(head).and_then(|number| checker.steps.get(number));
    step.is_some_and(|step| match rest {
        ["count"] => !step.absent,
        _ if step.absent || step.count.is_some() => false,
        [] => false,
        _ => {
            Derived::named(&rest.join(".")).is_some()
                || matches!(schema::raw(rest), Lookup::Found(..))
        }
    })
}
