//! Diagnostics as text for people.
//!
//! It knows how a message looks and nothing of what it means. Nothing of a rule
//! file reaches the text raw: control and bidirectional characters are written
//! as `\u{…}`.
//!
//! # Cost
//!
//! Of a file only the lines from the first to the last label of a diagnostic are
//! looked at for it.

use crate::ast::Span;
use crate::diag::{Diag, Source, Sources, Weight};
use crate::limits;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::fmt::Write;

/// How diagnostics are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// With the colours of a terminal.
    pub color: bool,
    /// All of them; else at most [`limits::SHOWN`] of a file, and the number of the others.
    pub all: bool,
}

/// The diagnostics as text, file by file, in the order of the source.
#[must_use]
pub fn render(sources: &Sources, diags: &[Diag], view: View) -> String {
    let mut sorted: Vec<&Diag> = diags.iter().collect();
    sorted.sort_by_key(|diag| diag.labels.first().map(|(span, _)| (span.file, span.start)));
    let renderer = if view.color { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for of_file in sorted.chunk_by(|a, b| file_of(a) == file_of(b)) {
        let shown = if view.all { of_file.len() } else { of_file.len().min(limits::SHOWN) };
        for diag in &of_file[..shown] {
            out.push_str(&one(sources, diag, &renderer));
            out.push_str("\n\n");
        }
        let others = of_file.len() - shown;
        if others > 0 {
            let name = file_of(of_file[0]).and_then(|file| sources.files.get(file as usize));
            let name = name.map_or(String::new(), |source| format!(" in {}", escape(&source.name)));
            // Writing to a String cannot fail.
            let _ = writeln!(out, "… and {others} more{name}: `check --all` shows them\n");
        }
    }
    out
}

/// How many errors and warnings there are: `2 errors, 1 warning`; nothing for none.
#[must_use]
pub fn summary(diags: &[Diag]) -> String {
    let count = |weight| diags.iter().filter(|diag| diag.weight == weight).count();
    let say = |number: usize, word: &str| match number {
        0 => None,
        1 => Some(format!("1 {word}")),
        n => Some(format!("{n} {word}s")),
    };
    let parts = [say(count(Weight::Error), "error"), say(count(Weight::Warning), "warning")];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// A text in which hidden characters are written as `\u{…}`; line feeds and tabs stay.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if event::is_hidden(c) && !matches!(c, '\t' | '\n') {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

fn file_of(diag: &Diag) -> Option<u32> {
    diag.labels.first().map(|(span, _)| span.file)
}

/// One diagnostic.
fn one(sources: &Sources, diag: &Diag, renderer: &Renderer) -> String {
    let level = match diag.weight {
        Weight::Error => Level::ERROR,
        Weight::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(escape(&diag.title)).id(diag.code));
    let first = file_of(diag);
    let mut columns = Vec::new();
    let mut files: Vec<u32> = Vec::new();
    for (span, _) in &diag.labels {
        if !files.contains(&span.file) {
            files.push(span.file);
        }
    }
    for file in files {
        let Some(source) = sources.files.get(file as usize) else { continue };
        let labels: Vec<_> = diag.labels.iter().filter(|(span, _)| span.file == file).collect();
        let Some(excerpt) = Excerpt::of(source, &labels) else { continue };
        let name = escape(&source.name);
        let (line, column) = place(source, labels[0].0.start as usize);
        columns.push((name.clone(), line, excerpt.column(), column));
        let mut snippet = Snippet::source(excerpt.text).line_start(excerpt.line).path(name);
        for (number, (range, (_, words))) in excerpt.ranges.into_iter().zip(&labels).enumerate() {
            let main = number == 0 && Some(file) == first;
            let kind = if main { AnnotationKind::Primary } else { AnnotationKind::Context };
            let words = Some(escape(words)).filter(|words| !words.is_empty());
            snippet = snippet.annotation(kind.span(range).label(words));
        }
        group = group.element(snippet);
    }
    for help in &diag.help {
        group = group.element(Level::HELP.message(escape(help)));
    }
    let mut text = renderer.render(&[group]);
    // The renderer counts columns in what it shows; the author's are those of the file.
    for (name, line, shown, meant) in
        columns.into_iter().filter(|(_, _, shown, meant)| shown != meant)
    {
        text =
            text.replacen(&format!("{name}:{line}:{shown}"), &format!("{name}:{line}:{meant}"), 1);
    }
    text
}

/// The line and column of a byte, both from 1, the column in characters.
#[must_use]
pub fn place(source: &Source, at: usize) -> (usize, usize) {
    let at = (0..=at.min(source.text.len()))
        .rev()
        .find(|&at| source.text.is_char_boundary(at))
        .unwrap_or(0);
    let before = &source.text[..at];
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    (line, before[start..].chars().count() + 1)
}

/// Some lines of a file, escaped, and the places of labels in them.
struct Excerpt {
    text: String,
    /// The number of the first line.
    line: usize,
    ranges: Vec<std::ops::Range<usize>>,
}

impl Excerpt {
    /// The column of the first label in the escaped text, from 1.
    fn column(&self) -> usize {
        let before = self.ranges.first().map_or("", |range| &self.text[..range.start]);
        let line = before.rfind('\n').map_or(0, |end| end + 1);
        before[line..].chars().count() + 1
    }

    /// The lines that `labels` touch and those between them.
    fn of(source: &Source, labels: &[&(Span, String)]) -> Option<Self> {
        let text = &source.text;
        let first = labels.iter().map(|(span, _)| span.start as usize).min()?.min(text.len());
        let last = labels.iter().map(|(span, _)| span.end as usize).max()?.clamp(first, text.len());
        let start =
            text.as_bytes()[..first].iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1);
        let end = text.as_bytes()[last..]
            .iter()
            .position(|&b| b == b'\n')
            .map_or(text.len(), |at| last + at);
        let mut escaped = String::with_capacity(end - start);
        // Where each byte of the lines came to stand.
        let mut moved = Vec::with_capacity(end - start + 1);
        let lines = text.get(start..end)?;
        for (at, c) in lines.char_indices() {
            moved.extend(std::iter::repeat_n(escaped.len(), c.len_utf8()));
            let line_end = c == '\r' && matches!(lines.as_bytes().get(at + 1), None | Some(b'\n'));
            if line_end {
                continue;
            }
            if event::is_hidden(c) && !matches!(c, '\t' | '\n') {
                escaped.extend(c.escape_unicode());
            } else {
                escaped.push(c);
            }
        }
        moved.push(escaped.len());
        let new_place = |at: u32| moved[(at as usize).clamp(start, end) - start];
        let ranges = labels.iter().map(|(span, _)| {
            let range = new_place(span.start)..new_place(span.end);
            range.start..range.end.max(range.start)
        });
        Some(Self { ranges: ranges.collect(), text: escaped, line: place(source, start).0 })
    }
}
