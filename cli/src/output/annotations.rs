//! Diagnostics for programs: one JSON object a line, or commands of GitHub's workflows.
//!
//! Lines and columns count from 1, columns in characters; an end is the place after the
//! last character.
//!
//! # Invariants
//!
//! - Nothing of a rule file can end a line or begin a command of its own: hidden
//!   characters are written as `\u{…}`, the rest as the format wants it.

use engine::lang::ast::Span;
use engine::lang::diag::{Diag, Sources, Weight};
use engine::lang::render::{escape, place};
use serde_json::{Value, json};

/// A diagnostic as a line of JSON.
pub(crate) fn json(sources: &Sources, diag: &Diag) -> String {
    let mut labels = diag.labels.iter();
    let first = labels.next();
    let mut object = json!({
        "code": diag.code,
        "severity": word(diag.weight),
        "message": escape(&diag.title),
    });
    let place = first.map_or(Value::Null, |(span, text)| spot(sources, *span, text));
    let others: Vec<_> = labels.map(|(span, text)| spot(sources, *span, text)).collect();
    if let (Some(object), Value::Object(place)) = (object.as_object_mut(), place) {
        object.extend(place);
        object.insert("help".to_owned(), diag.help.iter().map(|help| escape(help)).collect());
        object.insert("labels".to_owned(), others.into());
    }
    format!("{object}\n")
}

/// A diagnostic as a command of GitHub's workflows.
pub(crate) fn github(sources: &Sources, diag: &Diag) -> String {
    let mut properties = Vec::new();
    let mut message = vec![escape(&diag.title)];
    if let Some((span, label)) = diag.labels.first() {
        let range = Range::of(sources, *span);
        let (line, column) = range.start;
        let (end_line, end_column) = range.end;
        properties.push(format!("file={}", property(&range.file)));
        properties.push(format!("line={line},endLine={end_line}"));
        // GitHub's last column is within, and it wants columns of one line only.
        if line == end_line {
            properties.push(format!("col={column},endColumn={}", (end_column - 1).max(column)));
        } else {
            properties.push(format!("col={column}"));
        }
        message.extend(Some(escape(label)).filter(|label| !label.is_empty()));
    }
    properties.push(format!("title={}", diag.code));
    message.extend(diag.help.iter().map(|help| format!("help: {}", escape(help))));
    format!("::{} {}::{}\n", word(diag.weight), properties.join(","), data(&message.join("\n")))
}

fn word(weight: Weight) -> &'static str {
    match weight {
        Weight::Error => "error",
        Weight::Warning => "warning",
    }
}

/// The places of a span.
struct Range {
    file: String,
    start: (usize, usize),
    end: (usize, usize),
}

impl Range {
    fn of(sources: &Sources, span: Span) -> Self {
        let source = sources.files.get(span.file as usize);
        let at = |at: u32| source.map_or((1, 1), |source| place(source, at as usize));
        let file = source.map(|source| escape(&source.name)).unwrap_or_default();
        Self { file, start: at(span.start), end: at(span.end) }
    }
}

fn spot(sources: &Sources, span: Span, label: &str) -> Value {
    let Range { file, start, end } = Range::of(sources, span);
    json!({
        "file": file,
        "line": start.0,
        "column": start.1,
        "end": { "line": end.0, "column": end.1 },
        "label": escape(label),
    })
}

/// The text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> (Sources, Diag) {
        let mut sources = Sources::default();
        sources.add("a,b:c%.trail", "rule é { where\n  nöpe == 1 }\n", false);
        let span = |start, end| Span { file: 0, start, end };
        let diag = Diag::error("E0103", "unknown\n\u{1b}field `nöpe`", span(18, 23))
            .label("100% wrong")
            .also(span(5, 7), "in\nthis rule")
            .help("leave it out");
        (sources, diag)
    }

    #[test]
    fn json_has_places_in_characters() {
        let (sources, diag) = sample();
        let line = json(&sources, &diag);
        assert_eq!(line.matches('\n').count(), 1);
        let told: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(
            told,
            json!({
                "code": "E0103", "severity": "error", "message": "unknown\n\\u{1b}field `nöpe`",
                "file": "a,b:c%.trail", "line": 2, "column": 3, "end": { "line": 2, "column": 7 },
                "label": "100% wrong", "help": ["leave it out"],
                "labels": [{
                    "file": "a,b:c%.trail", "line": 1, "column": 6, "end": { "line": 1, "column": 7 },
                    "label": "in\nthis rule",
                }],
            })
        );
    }

    #[test]
    fn github_commands_are_one_line_each() {
        let (sources, diag) = sample();
        let want = "::error file=a%2Cb%3Ac%25.trail,line=2,endLine=2,col=3,endColumn=6,title=E0103::unknown%0A\\u{1b}field `nöpe`%0A100%25 wrong%0Ahelp: leave it out\n";
        assert_eq!(github(&sources, &diag), want);
    }
}
