//! The tree of a condition over an event: what each part comes to and what it reads.

use crate::output::terminal::{Look, escape};
use anstyle::{AnsiColor, Style};
use engine::exec::Traced;
use engine::lang::ast::{Item, LetValue, Span};
use engine::lang::diag::Sources;
use engine::lang::parse;
use engine::lang::print::expr_line;
use engine::plan::Form;

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
pub(super) struct Tree<'a> {
    sources: &'a Sources,
    look: Look,
    /// What is said of a part that depends on other events.
    before: &'static str,
    lines: Vec<Line>,
}

/// How many elements of a list are told.
const MOST_ELEMENTS: usize = 8;

impl<'a> Tree<'a> {
    /// The tree of a condition, by what decides when it is false, as lines of text.
    pub(super) fn of(part: &Traced, sources: &'a Sources, look: Look) -> String {
        Self::depending(part, sources, look, "depends on events before")
    }

    /// The tree of a step's condition.
    pub(super) fn of_step(part: &Traced, sources: &'a Sources, look: Look) -> String {
        Self::depending(part, sources, look, "depends on an earlier step")
    }

    fn depending(part: &Traced, sources: &'a Sources, look: Look, before: &'static str) -> String {
        let mut tree = Tree { sources, look, before, lines: Vec::new() };
        tree.add(part, 0, !part.truth);
        tree.text()
    }

    /// The tree of what is exempted, where nothing is to be found out of what fails.
    pub(super) fn plain(part: &Traced, sources: &'a Sources, look: Look) -> String {
        let mut tree = Tree { sources, look, before: "", lines: Vec::new() };
        tree.add(part, 0, false);
        tree.text()
    }

    /// Add a part; `decides` says that it is what makes the whole false.
    fn add(&mut self, part: &Traced, depth: usize, decides: bool) {
        let text = match part.form {
            Form::All => "all of".to_owned(),
            Form::One => "one of".to_owned(),
            Form::Not => "not".to_owned(),
            Form::Name | Form::Each(_) | Form::Leaf => source(self.sources, part.span),
            Form::Before | Form::Joined => {
                format!("{}   ({})", source(self.sources, part.span), self.before)
            }
        };
        let word = match (part.truth, part.missing) {
            (true, _) if part.is_open() => "depends",
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
            Some(value) => format!("{} = {}", source(self.sources, *span), short(value)),
            None => format!("{} is missing", source(self.sources, *span)),
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

    fn text(&self) -> String {
        let mut out = String::new();
        for line in &self.lines {
            let style = match line.word {
                "true" => AnsiColor::Green.on_default(),
                "missing" | "depends" => AnsiColor::Yellow.on_default(),
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

/// The text of a span on one line, as the printer writes it.
pub(super) fn source(sources: &Sources, span: Span) -> String {
    let slice = sources.slice(span);
    let mut alone = Sources::default();
    let file = alone.add("", format!("let x = {slice}\n"), false);
    let (file, diags) = parse(&alone, file);
    match file.items.as_slice() {
        [Item::Let(item)] if diags.is_empty() => match &item.value {
            LetValue::Expr(expr) => escape(&expr_line(expr)),
            LetValue::From(_) => escape(slice),
        },
        _ => escape(&slice.split_whitespace().collect::<Vec<_>>().join(" ")),
    }
}

/// How much of a value is told.
const LONGEST: usize = 120;

/// A value, escaped and cut.
pub(super) fn short(value: &str) -> String {
    let shown = escape(value);
    if shown.chars().count() <= LONGEST {
        return shown;
    }
    shown.chars().take(LONGEST - 1).chain(['…']).collect()
}
