//! Why a rule fires on an event, or does not: the tree of its condition with what each
//! part comes to, and what the rule would need to have seen before.

use super::tree::Tree;
use super::{Subject, outcome, part};
use crate::exit::Failure;
use crate::output::terminal::escape;
use crate::records::records;
use anstyle::Style;
use engine::exec::{Given, trace};
use engine::plan::{StepPart, outline};
use std::path::Path;

/// The tree of the rule's condition over the event, and what follows.
///
/// # Errors
///
/// When the file has no such event, or more than one.
pub(super) fn text(
    subject: &Subject<'_>,
    path: &Path,
    id: Option<&str>,
) -> Result<String, Failure> {
    let record = chosen(records(path).map_err(Failure::Event)?, id)?;
    let outline = outline(subject.ruleset, subject.rule).map_err(Failure::Program)?;
    let Some(trace) = trace(&outline, record.as_bytes()) else {
        return Err(Failure::Event("the record cannot be read".to_owned()));
    };
    let look = subject.look;
    let mut out = format!(
        "{} over {}\n\n",
        look.paint(Style::new().bold(), &subject.rule.name),
        title(&record)
    );
    let mut section = |head: &str, tree: String| out.push_str(&format!("{head}\n{tree}"));
    let sources = subject.sources;
    if subject.rule.sequence.is_none() || !subject.rule.filter.text.is_empty() {
        section("where", Tree::of(&trace.filter, sources, look));
    }
    for (number, (step, traced)) in outline.steps.iter().zip(&trace.steps).enumerate() {
        section(&head(number, step), Tree::of_step(traced, sources, look));
    }
    for except in &trace.excepts {
        section("except", Tree::plain(except, sources, look));
    }
    if let Some(when) = trace.when.as_ref().filter(|when| when.is_known_in_part()) {
        section("when", Tree::of(when, sources, look));
    }
    for (text, given) in &trace.given {
        if let Given::If(cond) = given {
            section(&escape(text), Tree::plain(cond, sources, look));
        }
    }
    out.push('\n');
    part(&mut out, look, "outcome", &outcome::lines(subject, &outline, &trace));
    Ok(out)
}

/// A step as the rule begins it: `then not reset:`, `fail: 5+`.
fn head(number: usize, step: &StepPart) -> String {
    let then = if number > 0 { "then " } else { "" };
    let not = if step.absent { "not " } else { "" };
    let count = step.count.map_or_else(String::new, |count| format!(" {count}+"));
    format!("{then}{not}{}:{count}", escape(&step.name))
}

/// The one record, or the one with the id.
fn chosen(mut records: Vec<String>, id: Option<&str>) -> Result<String, Failure> {
    let id_of = |record: &str| {
        let value: Option<serde_json::Value> = serde_json::from_str(record).ok();
        value.and_then(|value| Some(value.get("eventID")?.as_str()?.to_owned()))
    };
    if let Some(id) = id {
        let found = records.into_iter().find(|record| id_of(record).as_deref() == Some(id));
        return found.ok_or_else(|| Failure::Event(format!("no record has the eventID `{id}`")));
    }
    match (records.pop(), records.len()) {
        (Some(record), 0) => Ok(record),
        (_, more) => Err(Failure::Event(format!(
            "the input holds {} records: choose one with `--id EVENT_ID`",
            more + 1
        ))),
    }
}

/// The event in a few words.
fn title(record: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(record).unwrap_or_default();
    let text = |key: &str| escape(value.get(key).and_then(|value| value.as_str()).unwrap_or("-"));
    format!(
        "{} ({} {} at {})",
        text("eventID"),
        text("eventSource"),
        text("eventName"),
        text("eventTime")
    )
}
