//! What follows for a rule from what its conditions come to over one event: whether it
//! fires, for which group the event counts, and what the event gives to it.

use super::Subject;
use super::tree::{short, source};
use crate::output::terminal::escape;
use engine::event::EventTime;
use engine::exec::{Given, Trace, Traced};
use engine::lang::ast::ClauseKind;
use engine::lang::print::clause_lines;
use engine::lang::typed::{Baseline, Season};
use engine::plan::{Outline, StepPart, duration_text};

/// What follows for the rule, a line each.
pub(super) fn lines(subject: &Subject<'_>, outline: &Outline, trace: &Trace) -> Vec<String> {
    if let Some(why) = passes(trace) {
        return vec![format!("the rule passes the event over: {why}")];
    }
    let rule = subject.rule;
    let when = subject
        .written
        .clauses
        .iter()
        .find(|clause| matches!(clause.kind, ClauseKind::When(_) | ClauseKind::Sequence(_)));
    let Some(when) = when else { return vec!["the rule fires on this event".to_owned()] };
    if trace.time.is_none() {
        return vec!["its time cannot be read: it meets the rules on one event only".to_owned()];
    }
    if let Some((path, _)) = trace.by.iter().find(|(_, value)| value.is_none()) {
        let path = escape(path);
        return vec![
            format!(
                "the event belongs to no group, since `{path}` is missing: it is counted as no_key"
            ),
            format!("its key would be {}", told(&trace.by)),
        ];
    }
    let group = if trace.by.is_empty() {
        "the one group".to_owned()
    } else {
        format!("the group {}", told(&trace.by))
    };
    let mut lines = vec![format!("the event counts for {group}")];
    lines.extend(outline.steps.iter().zip(&trace.steps).filter_map(as_step));
    lines.extend(trace.given.iter().map(|(text, given)| gives(subject, text, given)));
    lines.extend(rule.baselines.iter().zip(trace.time.iter().cycle()).map(scored));
    let (condition, over) = match &rule.sequence {
        Some(sequence) => (format!("sequence {}", escape(&sequence.text)), None),
        None => {
            let written = clause_lines(when).iter().map(|line| escape(line)).collect::<Vec<_>>();
            (written.join(" "), rule.within.as_ref())
        }
    };
    let over = over.map(|within| format!(" over its events of the last {}", within.text));
    lines.extend(learned(subject, trace));
    lines.push(if trace.when.as_ref().is_some_and(|when| !when.truth) {
        format!(
            "it does not fire on this event: a part of `{condition}` is false whatever came before"
        )
    } else {
        format!(
            "whether it alerts depends on what came before: `{condition}`{}",
            over.unwrap_or_default()
        )
    });
    for param in &rule.params {
        lines.push(format!("{} = {}", escape(&param.name), engine::plan::json_of(&param.value)));
    }
    lines
}

/// Why the rule passes the event over, if it does.
fn passes(trace: &Trace) -> Option<&'static str> {
    if !trace.filter.truth {
        return Some("`where` is false");
    }
    if !trace.steps.is_empty() && trace.steps.iter().all(|step| !step.truth) {
        return Some("it satisfies no step");
    }
    trace.excepts.iter().any(|except| except.truth).then_some("it is exempted")
}

/// Values by their texts: `region = "eu-west-1", api is missing`.
fn told(all: &[(String, Option<String>)]) -> String {
    let all = all.iter().map(|(text, value)| is(&escape(text), value.as_deref()));
    all.collect::<Vec<_>>().join(", ")
}

fn is(text: &str, value: Option<&str>) -> String {
    match value {
        Some(value) => format!("{text} = {}", short(value)),
        None => format!("{text} is missing"),
    }
}

/// What the event is to a step; nothing where it does not satisfy it.
fn as_step((step, traced): (&StepPart, &Traced)) -> Option<String> {
    if !traced.truth {
        return None;
    }
    let name = escape(&step.name);
    let part = match (step.absent, step.count) {
        (true, _) => format!("as `{name}` it ends the matches that it falls into"),
        (false, Some(count)) => format!("it counts for the step `{name}`, which asks for {count}"),
        (false, None) => format!("it can be the step `{name}`"),
    };
    let open = if traced.is_open() { ", if what it asks of earlier steps holds" } else { "" };
    Some(format!("{part}{open}"))
}

/// What the event gives to an aggregate.
fn gives(subject: &Subject<'_>, text: &str, given: &Given) -> String {
    let text = escape(text);
    let at = |span| source(subject.sources, span);
    match given {
        Given::One => format!("it adds 1 to `{text}`"),
        Given::If(cond) if text.starts_with("ratio") => {
            let those = if cond.truth { "and" } else { "but not" };
            format!("`{text}` counts it among all, {those} among those where the condition holds")
        }
        Given::If(cond) if cond.truth => format!("it adds 1 to `{text}`"),
        Given::If(_) => format!("it adds nothing to `{text}`: the condition is false"),
        Given::Sum { span, value, counts } => match (counts, value) {
            (true, Some(value)) => format!("it adds {} to `{text}`", short(value)),
            (_, Some(value)) => {
                format!(
                    "it adds nothing to `{text}`: {} = {} is no number",
                    at(*span),
                    short(value)
                )
            }
            (_, None) => format!("it adds nothing to `{text}`: {} is missing", at(*span)),
        },
        Given::Tuple(parts) => {
            let missing: Vec<_> = parts.iter().filter(|(_, value)| value.is_none()).collect();
            let (does, told) = if missing.is_empty() {
                ("sees", parts.iter().collect())
            } else {
                ("leaves it out:", missing)
            };
            let told = told.iter().map(|(span, value)| is(&at(*span), value.as_deref()));
            format!("`{text}` {does} {}", told.collect::<Vec<_>>().join(", "))
        }
    }
}

/// Where the event stands among the samples of a score.
fn scored((baseline, time): (&Baseline, &EventTime)) -> String {
    let start = time.0 - time.0.rem_euclid(baseline.bucket);
    let season = match baseline.season {
        Season::HourOfWeek => " of the same hour of the week",
        Season::HourOfDay => " of the same hour of the day",
        Season::None => "",
    };
    format!(
        "`{}` holds the window against buckets of {}{season} in the last {}, once the group is \
         older than {}; the event itself lies in the bucket of {}",
        escape(&baseline.text),
        duration_text(baseline.bucket),
        duration_text(baseline.memory),
        duration_text(baseline.warmup),
        EventTime(start)
    )
}

/// What `new` or `rare` makes of the event's tuple.
fn learned(subject: &Subject<'_>, trace: &Trace) -> Option<String> {
    let tuple = told(&trace.tuple);
    let missing = trace.tuple.iter().any(|(_, value)| value.is_none());
    if let Some(first) = &subject.rule.first_seen {
        return Some(if missing {
            format!("{tuple}: a tuple with a missing part is neither new nor learned")
        } else {
            format!(
                "{tuple} must not have been learned within {}, and the group must be older than {}",
                duration_text(first.memory),
                duration_text(first.warmup)
            )
        });
    }
    let rare = subject.rule.rare.as_ref()?;
    Some(if missing {
        format!("{tuple}: a tuple with a missing part is never rare, and counts among all events")
    } else {
        format!(
            "{tuple}: its share counts, of the group's events of the last {}, {} or more, once the \
             group is older than {}",
            duration_text(rare.memory),
            rare.min_samples,
            duration_text(rare.warmup)
        )
    })
}
