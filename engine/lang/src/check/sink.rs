//! Where diagnostics are gathered.
//!
//! It knows whether warnings are wanted, so that nobody computes them in vain, and
//! the texts of the files, so that messages can use the writer's own words.

use crate::ast::Span;
use crate::diag::{Diag, Sources, Weight};
use std::collections::BTreeSet;

/// The longest piece of a rule that a message quotes, in characters.
const QUOTE: usize = 60;

/// Diagnostics so far.
pub(super) struct Sink<'a> {
    pub(super) sources: &'a Sources,
    /// Whether warnings are wanted.
    pub(super) lints: bool,
    /// Whether a let with an error was used: what uses it comes to nothing, in silence.
    pub(super) excused: bool,
    /// The regular expressions that were found to compile.
    pub(super) regexes: BTreeSet<String>,
    diags: Vec<Diag>,
    errors: usize,
}

impl<'a> Sink<'a> {
    pub(super) fn new(sources: &'a Sources, lints: bool) -> Self {
        let regexes = BTreeSet::new();
        Self { sources, lints, excused: false, regexes, diags: Vec::new(), errors: 0 }
    }

    /// Notes an error.
    pub(super) fn error(&mut self, diag: Diag) {
        self.errors += 1;
        self.diags.push(diag);
    }

    /// Notes a warning, if warnings are wanted.
    pub(super) fn warn(&mut self, diag: impl FnOnce() -> Diag) {
        if self.lints {
            self.diags.push(diag());
        }
    }

    /// Notes a warning that is wanted in every run.
    pub(super) fn tell(&mut self, diag: Diag) {
        self.diags.push(diag);
    }

    /// How many errors there are so far.
    pub(super) fn errors(&self) -> usize {
        self.errors
    }

    /// The writer's words at a place, on one line, cut where they are long.
    pub(super) fn quote(&self, at: Span) -> String {
        let words: Vec<&str> = self.sources.slice(at).split_whitespace().collect();
        let line = words.join(" ");
        if line.chars().count() <= QUOTE {
            return line;
        }
        let cut: String = line.chars().take(QUOTE).collect();
        format!("{cut}…")
    }

    /// Whether a place is in a file that came with the binary.
    pub(super) fn builtin(&self, at: Span) -> bool {
        self.sources.files.get(at.file as usize).is_some_and(|file| file.builtin)
    }

    /// All diagnostics in the order of the files, each once.
    pub(super) fn finish(mut self) -> Vec<Diag> {
        let place = |diag: &Diag| {
            let at = diag.labels.first().map_or_else(Span::default, |(span, _)| *span);
            (at.file, at.start, at.end, diag.code)
        };
        // What a lint advises is advice to an author of the language itself.
        self.diags.retain(|diag| {
            let file = diag.labels.first().map_or(0, |(span, _)| span.file);
            diag.weight == Weight::Error || self.sources.foreign(file).is_none()
        });
        self.diags.sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| a.title.cmp(&b.title)));
        self.diags.dedup_by(|a, b| place(a) == place(b) && a.title == b.title);
        self.diags
    }
}
