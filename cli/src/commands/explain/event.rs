//! Why a rule fires on an event, or does not: the tree of its condition with what each
//! part comes to, and what the rule would need to have seen before.

use super::{Subject, part};
use crate::exit::Failure;
use crate::output::terminal::{Look, escape};
use crate::records::records;
use anstyle::{AnsiColor, Style};
use engine::exec::{Trace, Traced, trace};
use engine::lang::ast::{ClauseKind, Item, LetValue, Span};
use engine::lang::diag::Sources;
use engine::lang::parse;
use engine::lang::print::{clause_lines, expr_line};
use engine::plan::{Form, duration_text, outline};
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
    let mut tree = Tree { sources: subject.sources, look, lines: Vec::new() };
    tree.add(&trace.filter, 0, !trace.filter.truth);
    out.push_str("where\n");
    out.push_str(&tree.text());
    for except in &trace.excepts {
        let mut tree = Tree { sources: subject.sources, look, lines: Vec::new() };
        tree.add(except, 0, false);
        out.push_str("except\n");
        out.push_str(&tree.text());
    }
    out.push('\n');
    part(&mut out, look, "outcome", &outcome(subject, &trace));
    Ok(out)
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

/// A line of the tree.
struct Line {
    depth: usize,
    word: &'static str,
    text: String,
    values: Vec<String>,
    /// Whether it is the first part that makes the whole false.
    decides: bool,
}

/// The tree of a condition, as it is written.
struct Tree<'a> {
    sources: &'a Sources,
    look: Look,
    lines: Vec<Line>,
}

/// How many elements of a list are told.
const MOST_ELEMENTS: usize = 8;

impl Tree<'_> {
    /// Add a part; `decides` says that it is what makes the whole false.
    fn add(&mut self, part: &Traced, depth: usize, decides: bool) {
        let text = match part.form {
            Form::All => "all of".to_owned(),
            Form::One => "one of".to_owned(),
            Form::Not => "not".to_owned(),
            Form::Name | Form::Each(_) | Form::Leaf => self.source(part.span),
        };
        let word = match (part.truth, part.missing) {
            (true, _) => "true",
            (false, true) => "missing",
            (false, false) => "false",
        };
        // Only the last of a chain of reasons is marked: what is in it says why.
        let first = match part.form {
            Form::All | Form::Name => part.inner.iter().position(|inner| !inner.truth),
            _ => None,
        };
        let values = part.values.iter().map(|(span, value)| match value {
            Some(value) => format!("{} = {}", self.source(*span), short(value)),
            None => format!("{} is missing", self.source(*span)),
        });
        let values = values.filter(|value| !value.starts_with(&format!("{text} = "))).collect();
        let marked = decides && first.is_none();
        self.lines.push(Line { depth, word, text, values, decides: marked });
        for (at, inner) in part.inner.iter().enumerate() {
            self.add(inner, depth + 1, decides && first == Some(at));
        }
        for (element, truth) in part.elements.iter().take(MOST_ELEMENTS) {
            let word = if *truth { "true" } else { "false" };
            let text = format!("of {}", short(element));
            self.lines.push(Line {
                depth: depth + 1,
                word,
                text,
                values: Vec::new(),
                decides: false,
            });
        }
        if part.elements.len() > MOST_ELEMENTS {
            let text = format!("and {} more elements", part.elements.len() - MOST_ELEMENTS);
            self.lines.push(Line {
                depth: depth + 1,
                word: "",
                text,
                values: Vec::new(),
                decides: false,
            });
        }
    }

    /// The text of a span on one line, as the printer writes it.
    fn source(&self, span: Span) -> String {
        let slice = self.sources.slice(span);
        let mut sources = Sources::default();
        let file = sources.add("", format!("let x = {slice}\n"), false);
        let (file, diags) = parse(&sources, file);
        match file.items.as_slice() {
            [Item::Let(item)] if diags.is_empty() => match &item.value {
                LetValue::Expr(expr) => escape(&expr_line(expr)),
                LetValue::From(_) => escape(slice),
            },
            _ => escape(&slice.split_whitespace().collect::<Vec<_>>().join(" ")),
        }
    }

    fn text(&self) -> String {
        let mut out = String::new();
        for line in &self.lines {
            let style = match line.word {
                "true" => AnsiColor::Green.on_default(),
                "missing" => AnsiColor::Yellow.on_default(),
                _ => AnsiColor::Red.on_default(),
            };
            let word = self.look.paint(style, &format!("{:<8}", line.word));
            let indent = "  ".repeat(line.depth);
            let mark = if line.decides { "   <-- the first that fails" } else { "" };
            let text = format!(
                "  {word}{indent}{}{}",
                line.text,
                self.look.paint(Style::new().bold(), mark)
            );
            out.push_str(text.trim_end());
            out.push('\n');
            for value in &line.values {
                out.push_str(&format!("          {indent}    {value}\n"));
            }
        }
        out
    }
}

/// How much of a value is told.
const LONGEST: usize = 120;

fn short(value: &str) -> String {
    let shown = escape(value);
    if shown.chars().count() <= LONGEST {
        return shown;
    }
    shown.chars().take(LONGEST - 1).chain(['…']).collect()
}

/// What follows for the rule.
fn outcome(subject: &Subject<'_>, trace: &Trace) -> Vec<String> {
    if !trace.filter.truth {
        return vec!["the rule passes the event over: `where` is false".to_owned()];
    }
    if trace.excepts.iter().any(|except| except.truth) {
        return vec!["the rule passes the event over: it is exempted".to_owned()];
    }
    let rule = subject.rule;
    let when = subject
        .written
        .clauses
        .iter()
        .find(|clause| matches!(clause.kind, ClauseKind::When(_) | ClauseKind::Sequence(_)));
    let Some(when) = when else { return vec!["the rule fires on this event".to_owned()] };
    if let Some((path, _)) = trace.by.iter().find(|(_, value)| value.is_none()) {
        let path = escape(path);
        return vec![format!(
            "the event belongs to no group, since `{path}` is missing: it is counted as no_key"
        )];
    }
    let told = |all: &[(String, Option<String>)]| {
        let all = all.iter().map(|(text, value)| {
            format!(
                "{} = {}",
                escape(text),
                value.as_deref().map_or_else(|| "missing".to_owned(), short)
            )
        });
        all.collect::<Vec<_>>().join(", ")
    };
    let group = if trace.by.is_empty() {
        "the one group".to_owned()
    } else {
        format!("the group {}", told(&trace.by))
    };
    let mut lines = vec![format!("the event counts for {group}")];
    let condition =
        clause_lines(when).iter().map(|line| escape(line)).collect::<Vec<_>>().join(" ");
    let over =
        rule.within.as_ref().map(|within| format!(" over its events of the last {}", within.text));
    lines.push(format!(
        "whether it alerts depends on what came before: `{condition}`{}",
        over.unwrap_or_default()
    ));
    if let Some(first) = &rule.first_seen {
        lines.push(format!(
            "{} must not have been learned within {}, and the group must be older than {}",
            told(&trace.tuple),
            duration_text(first.memory),
            duration_text(first.warmup)
        ));
    }
    for param in &rule.params {
        lines.push(format!("{} = {}", escape(&param.name), engine::plan::json_of(&param.value)));
    }
    lines
}
