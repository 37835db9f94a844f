//! The tree back into text, in the one layout of the language.
//!
//! It knows the grammar and nothing else. Comments are no part of the tree:
//! [`print()`] leaves them out, [`format()`] puts those of the source back.
//!
//! # Invariants
//!
//! - [`format()`] changes no token but trailing commas and redundant parentheses,
//!   loses no comment, and what it returns it would return again.
//! - A tree that was parsed without an error prints as text that parses to an
//!   equal tree, and prints again as the same text.
//! - A tree made by hand gets the parentheses, quotes and escapes it needs, so
//!   that what is read back differs in `grouped` and `quoted` at most. It must be
//!   one the grammar can write: no empty `by`, and no `by` right after a
//!   `suppress` without one.
//! - Hidden characters are always written as escapes.

mod flat;
mod layout;
mod testing;
mod weave;
mod words;

use crate::ast::{
    Clause, ClauseKind, Expr, File, Item, LearnItem, LearnValue, Let, LetValue, Param, Path, Rule,
    Sequence, Span, Step, TypeRef,
};
use crate::diag::{Diag, Sources, Weight};
use crate::lexer::lex;
use crate::parser::parse;
use layout::Page;
use words::Lines;

/// The width of a clause word and the space before what it says.
const CLAUSE_WORD: usize = 8;

/// Why a text has no canonical form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormatError {
    /// Its form is wrong, and what it would say is not known.
    Form(Vec<Diag>),
    /// What was printed does not say the same: a fault of the printer.
    Lossy,
}

/// The canonical text of rule text, with its comments.
///
/// A comment on a line of its own stays before what follows it, one behind
/// something stays behind it; where the canonical form leaves no room there, it
/// goes to the end of that line or before it. Of several blank lines between
/// clauses, steps or items one stays.
///
/// # Errors
///
/// [`FormatError::Form`] where the text has an error of form.
pub fn format(text: &str) -> Result<String, FormatError> {
    // Where a comment finds no place inside a line it moves out of it, and what it
    // kept apart may then come together: the second time all comments have room.
    let once = formatted(text)?;
    let twice = formatted(&once)?;
    if weave::same(text, &twice) { Ok(twice) } else { Err(FormatError::Lossy) }
}

fn formatted(text: &str) -> Result<String, FormatError> {
    let mut sources = Sources::default();
    let number = sources.add("", text, false);
    let (file, mut diags) = parse(&sources, number);
    diags.retain(|diag| diag.weight == Weight::Error);
    if !diags.is_empty() {
        return Err(FormatError::Form(diags));
    }
    let source = lex(text, number);
    let printed = print_around(&file, source.comments.clone());
    weave::weave(text, &source, &printed).ok_or(FormatError::Lossy)
}

/// The canonical text of a file, without comments.
#[must_use]
pub fn print(file: &File) -> String {
    print_around(file, Vec::new())
}

/// The canonical text, with a line break wherever one of the comments needs it.
fn print_around(file: &File, comments: Vec<Span>) -> String {
    let mut page = Page::around(comments);
    for (number, item) in file.items.iter().enumerate() {
        let lets = |item: &Item| matches!(item, Item::Let(_));
        if number > 0 && !(lets(item) && lets(&file.items[number - 1])) {
            page.push("\n");
        }
        match item {
            Item::Let(item) => page.let_item(item),
            Item::Rule(rule) => page.rule(rule),
        }
        page.push("\n");
    }
    page.into_text()
}

/// What a clause says, without its word, over as many lines as the layout gives it; a
/// sequence and a test with theirs.
#[must_use]
pub fn clause_lines(clause: &Clause) -> Vec<String> {
    let mut page = Page::default();
    page.clause(clause);
    let text = page.into_text();
    let whole = matches!(clause.kind, ClauseKind::Sequence(_) | ClauseKind::Test(_));
    let margin = if whole { 2 } else { CLAUSE_WORD + 3 };
    text.lines().map(|line| line.get(margin..).unwrap_or("").to_owned()).collect()
}

/// An expression on one line, as alerts show it.
#[must_use]
pub fn expr_line(expr: &Expr) -> String {
    flat::expr(expr, flat::LOWEST)
}

/// A path: `requestParameters."x-amz-acl"`.
#[must_use]
pub fn path_line(path: &Path) -> String {
    let mut line = path.head.name.clone();
    for key in &path.keys {
        line.push('.');
        words::write_key(&mut line, key);
    }
    line
}

/// A type: `[Region]`.
#[must_use]
pub fn type_line(ty: &TypeRef) -> String {
    match ty {
        TypeRef::Name(name) => name.name.clone(),
        TypeRef::List(inner, _) => format!("[{}]", type_line(inner)),
    }
}

fn paths_line(paths: &[Path]) -> String {
    paths.iter().map(path_line).collect::<Vec<_>>().join(", ")
}

impl Page {
    fn let_item(&mut self, item: &Let) {
        self.push(&format!("let {}", item.name.name));
        if let Some(ty) = &item.ty {
            self.push(&format!(": {}", type_line(ty)));
        }
        match &item.value {
            LetValue::Expr(value) => {
                self.push(" = ");
                self.let_value(value);
            }
            LetValue::From(file) => {
                self.push(&format!(" from {}", words::text(&file.value, Lines::One)))
            }
        }
    }

    fn rule(&mut self, rule: &Rule) {
        self.push(&format!("rule {} {{\n", rule.name.name));
        let mut test_before = true;
        for clause in &rule.clauses {
            let test = matches!(clause.kind, ClauseKind::Test(_));
            if test && !test_before {
                self.push("\n");
            }
            test_before = test;
            self.clause(clause);
            self.push("\n");
        }
        self.push("}");
    }

    fn clause(&mut self, clause: &Clause) {
        let (word, rest) = match &clause.kind {
            ClauseKind::Title(text) => ("title", words::text(&text.value, Lines::Many)),
            ClauseKind::About(text) => ("about", words::text(&text.value, Lines::Many)),
            ClauseKind::Runbook(text) => ("runbook", words::text(&text.value, Lines::Many)),
            ClauseKind::Ref(text) => ("ref", words::text(&text.value, Lines::Many)),
            ClauseKind::Severity(level) => ("severity", level.word().to_owned()),
            ClauseKind::Status(status) => ("status", status.word().to_owned()),
            ClauseKind::Version(version) => ("version", version.to_string()),
            ClauseKind::Attack(names) | ClauseKind::Tags(names) => {
                let word =
                    if matches!(clause.kind, ClauseKind::Tags(_)) { "tags" } else { "attack" };
                (word, names.iter().map(|name| name.name.as_str()).collect::<Vec<_>>().join(", "))
            }
            ClauseKind::Param(param) => ("param", param_line(param)),
            ClauseKind::By(paths) => ("by", paths_line(paths)),
            ClauseKind::Within(length) => ("within", words::duration(*length)),
            ClauseKind::Learn(items) => {
                ("learn", items.iter().map(learn_line).collect::<Vec<_>>().join(" "))
            }
            ClauseKind::Show(calls) => {
                ("show", calls.iter().map(expr_line).collect::<Vec<_>>().join(", "))
            }
            ClauseKind::Allow(name, paths) => {
                ("allow", format!("{}({})", name.name, paths_line(paths)))
            }
            ClauseKind::Suppress(length, by) => {
                let by = by
                    .as_ref()
                    .map(|paths| format!(" by {}", paths_line(paths)))
                    .unwrap_or_default();
                ("suppress", words::duration(*length) + &by)
            }
            ClauseKind::Where(expr) => return self.condition("where", expr),
            ClauseKind::When(expr) => return self.condition("when", expr),
            ClauseKind::Except(reason, expr) => {
                let reason = words::text(&reason.value, Lines::Many);
                return self.condition(&format!("{:CLAUSE_WORD$} {reason}", "except"), expr);
            }
            ClauseKind::Sequence(sequence) => return self.sequence(sequence),
            ClauseKind::Test(test) => return self.test(test),
        };
        self.push(format!("  {word:CLAUSE_WORD$} {rest}").trim_end());
    }

    fn condition(&mut self, word: &str, expr: &Expr) {
        self.push(&format!("  {word:CLAUSE_WORD$} "));
        self.expr(expr);
    }

    fn sequence(&mut self, sequence: &Sequence) {
        let by = paths_line(&sequence.by);
        self.push(&format!("  sequence by {by} within {} {{\n", words::duration(sequence.within)));
        for (number, step) in sequence.steps.iter().enumerate() {
            self.push(if number == 0 { "    " } else { "    then " });
            self.step(step);
            self.push("\n");
        }
        self.push("  }");
    }

    fn step(&mut self, step: &Step) {
        if step.absent {
            self.push("not ");
        }
        self.push(&format!("{}: ", step.name.name));
        if let Some(count) = step.count {
            self.push(&format!("{count}+ "));
        } else if reads_as_count(&expr_line(&step.cond)) {
            self.push("(");
            self.expr(&step.cond);
            self.push(")");
            return;
        }
        self.expr(&step.cond);
    }
}

/// Whether a condition at the start of a step would be read as its count: `5 + x > 9`.
fn reads_as_count(cond: &str) -> bool {
    let rest = cond.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() < cond.len() && rest.trim_start().starts_with('+')
}

fn param_line(param: &Param) -> String {
    let mut line =
        format!("{}: {} = {}", param.name.name, type_line(&param.ty), expr_line(&param.value));
    if let Some((low, high)) = &param.range {
        line.push_str(" in ");
        line.push_str(&flat::range(low, high));
    }
    line
}

fn learn_line(item: &LearnItem) -> String {
    let value = match &item.value {
        LearnValue::Duration(length) => words::duration(*length),
        LearnValue::Number(number, _) => words::number(*number),
        LearnValue::Word(word) => word.name.clone(),
    };
    format!("{}={value}", item.name.name)
}
