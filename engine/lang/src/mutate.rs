//! Rules that differ from a rule in one thing, to see whether its tests notice.
//!
//! It works on the tree as written and knows the grammar alone: a mutant may be one that
//! the checker refuses. What only words alerts (title, severity, texts) is left alone, and
//! so are tests.

mod expr;

use crate::ast::{
    Clause, ClauseKind, Duration, Expr, ExprKind, LearnItem, LearnValue, Number, Path, Rule,
    Sequence, Span, Step,
};
use crate::print;

/// A rule that differs from another in one thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Mutant {
    /// The rule.
    pub rule: Rule,
    /// Where the difference is, in the rule as written.
    pub span: Span,
    /// What was changed, in words: "`>=` became `>`".
    pub what: String,
    /// What of the rule that is.
    pub part: Part,
}

/// What of a rule is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A part of `where`, `except` or a step's condition: left out, or turned round.
    Condition,
    /// A literal in one of these, or an element of a list.
    Value,
    /// `when`, `param`, or how often a step must be met.
    Threshold,
    /// `within`.
    Window,
    /// A path of `by`.
    Group,
    /// A whole step.
    Step,
    /// `suppress`.
    Suppress,
    /// `learn`.
    Learn,
}

impl Part {
    /// All parts with their words, in the order of their figures.
    pub const ALL: [(Self, &'static str); 8] = [
        (Self::Condition, "condition"),
        (Self::Value, "value"),
        (Self::Threshold, "threshold"),
        (Self::Window, "window"),
        (Self::Group, "group"),
        (Self::Step, "step"),
        (Self::Suppress, "suppress"),
        (Self::Learn, "learn"),
    ];

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(part, _)| *part == self).map_or("", |(_, word)| word)
    }
}

/// Something changed.
struct Changed<T> {
    /// The new form.
    new: T,
    /// Where.
    span: Span,
    /// In words.
    what: String,
    part: Part,
}

/// All mutants of a rule, in the order of its text.
#[must_use]
pub fn mutants(rule: &Rule) -> Vec<Mutant> {
    let mut all = Vec::new();
    for (at, clause) in rule.clauses.iter().enumerate() {
        for Changed { new, span, what, part } in clause_changes(clause) {
            let mut mutant = rule.clone();
            match new {
                Some(kind) => mutant.clauses[at].kind = kind,
                None => drop(mutant.clauses.remove(at)),
            }
            all.push(Mutant { rule: mutant, span, what, part });
        }
    }
    all.sort_by_key(|mutant| mutant.span.start);
    all
}

/// The forms that a clause may take; nothing where it is left out.
fn clause_changes(clause: &Clause) -> Vec<Changed<Option<ClauseKind>>> {
    let gone = |word: &str, part| Changed {
        new: None,
        span: clause.span,
        what: format!("`{word}` was left out"),
        part,
    };
    match &clause.kind {
        ClauseKind::Where(cond) => some(map(expr::condition(cond), ClauseKind::Where)),
        ClauseKind::When(cond) => {
            some(of(Part::Threshold, map(expr::condition(cond), ClauseKind::When)))
        }
        ClauseKind::Except(reason, cond) => {
            let inner = map(expr::condition(cond), |cond| ClauseKind::Except(reason.clone(), cond));
            let mut all = vec![gone("except", Part::Condition)];
            all.append(&mut some(inner));
            all
        }
        ClauseKind::Within(length) => {
            some(of(Part::Window, map(durations(*length), ClauseKind::Within)))
        }
        ClauseKind::By(paths) => some(of(Part::Group, map(fewer_paths(paths), ClauseKind::By))),
        ClauseKind::Suppress(length, by) => {
            let mut all = vec![gone("suppress", Part::Suppress)];
            let lengths =
                map(durations(*length), |length| ClauseKind::Suppress(length, by.clone()));
            all.append(&mut some(of(Part::Suppress, lengths)));
            let paths = fewer_paths(by.as_deref().unwrap_or_default());
            let paths = map(paths, |paths| ClauseKind::Suppress(*length, Some(paths)));
            all.append(&mut some(of(Part::Suppress, paths)));
            all
        }
        ClauseKind::Param(param) => {
            let changes = map(expr::values(&param.value), |value| {
                let mut param = param.clone();
                param.value = value;
                ClauseKind::Param(param)
            });
            some(of(Part::Threshold, changes))
        }
        ClauseKind::Learn(items) => {
            some(of(Part::Learn, map(learn_changes(items), ClauseKind::Learn)))
        }
        ClauseKind::Sequence(own) => some(map(sequence_changes(own), ClauseKind::Sequence)),
        _ => Vec::new(),
    }
}

fn some<T>(changes: Vec<Changed<T>>) -> Vec<Changed<Option<T>>> {
    map(changes, Some)
}

fn map<T, U>(changes: Vec<Changed<T>>, form: impl Fn(T) -> U) -> Vec<Changed<U>> {
    let formed = |Changed { new, span, what, part }| Changed { new: form(new), span, what, part };
    changes.into_iter().map(formed).collect()
}

/// The same changes, told as those of one part.
fn of<T>(part: Part, changes: Vec<Changed<T>>) -> Vec<Changed<T>> {
    changes.into_iter().map(|change| Changed { part, ..change }).collect()
}

/// Twice as long, and half as long.
fn durations(length: Duration) -> Vec<Changed<Duration>> {
    let word = |length: Duration| format!("{}{}", length.count, length.unit.letter());
    let mut all = Vec::new();
    for count in [length.count.checked_mul(2), Some(length.count / 2)].into_iter().flatten() {
        if count > 0 && count != length.count {
            let new = Duration { count, ..length };
            let what = format!("`{}` became `{}`", word(length), word(new));
            all.push(Changed { new, span: length.span, what, part: Part::Value });
        }
    }
    all
}

/// A list of paths without one of them.
fn fewer_paths(paths: &[Path]) -> Vec<Changed<Vec<Path>>> {
    if paths.len() < 2 {
        return Vec::new();
    }
    let without = |at: usize| {
        let mut rest = paths.to_vec();
        let gone = rest.remove(at);
        let what = format!("`{}` was left out", print::path_line(&gone));
        Changed { new: rest, span: gone.span, what, part: Part::Group }
    };
    (0..paths.len()).map(without).collect()
}

fn learn_changes(items: &[LearnItem]) -> Vec<Changed<Vec<LearnItem>>> {
    let mut all = Vec::new();
    for (at, item) in items.iter().enumerate() {
        all.append(&mut map(learn_values(&item.value), |value| {
            let mut items = items.to_vec();
            items[at].value = value;
            items
        }));
    }
    all
}

fn learn_values(value: &LearnValue) -> Vec<Changed<LearnValue>> {
    /// Words that stand for each other.
    const OPPOSITES: [(&str, &str); 4] =
        [("learn", "keep_out"), ("keep_out", "learn"), ("quiet", "alert"), ("alert", "quiet")];
    let one = |new, span, what| vec![Changed { new, span, what, part: Part::Learn }];
    match value {
        LearnValue::Duration(length) => map(durations(*length), LearnValue::Duration),
        LearnValue::Number(Number::Int(number), span) => {
            let new = LearnValue::Number(Number::Int(number.saturating_mul(2)), *span);
            one(new, *span, format!("`{number}` was doubled"))
        }
        LearnValue::Number(..) => Vec::new(),
        LearnValue::Word(word) => {
            let other = OPPOSITES.iter().find(|(known, _)| *known == word.name);
            let changed = other.map(|(_, other)| {
                let mut new = word.clone();
                (*other).clone_into(&mut new.name);
                let what = format!("`{}` became `{other}`", word.name);
                one(LearnValue::Word(new), word.span, what)
            });
            changed.unwrap_or_default()
        }
    }
}

fn sequence_changes(sequence: &Sequence) -> Vec<Changed<Sequence>> {
    let with = |change: &dyn Fn(&mut Sequence)| {
        let mut new = sequence.clone();
        change(&mut new);
        new
    };
    let mut all = map(fewer_paths(&sequence.by), |by| with(&|new| new.by.clone_from(&by)));
    let windows = map(durations(sequence.within), |length| with(&|new| new.within = length));
    all.append(&mut of(Part::Window, windows));
    for (at, step) in sequence.steps.iter().enumerate() {
        if sequence.steps.len() > 1 {
            let new = with(&|new| drop(new.steps.remove(at)));
            let what = format!("the step `{}` was left out", step.name.name);
            all.push(Changed { new, span: step.span, what, part: Part::Step });
        }
        all.append(&mut map(step_changes(step), |step| with(&|new| new.steps[at] = step.clone())));
    }
    all
}

fn step_changes(step: &Step) -> Vec<Changed<Step>> {
    let mut all = Vec::new();
    if let Some(count) = step.count {
        for other in [count.saturating_add(1), count.saturating_sub(1)] {
            if other > 0 {
                let new = Step { count: Some(other), ..step.clone() };
                let what = format!("`{count}+` became `{other}+`");
                all.push(Changed { new, span: step.span, what, part: Part::Threshold });
            }
        }
    }
    all.extend(map(expr::condition(&step.cond), |cond| Step { cond, ..step.clone() }));
    all
}

/// An expression in the place of another, where that stood.
fn at_place(old: &Expr, kind: ExprKind) -> Expr {
    Expr { kind, span: old.span, grouped: false }
}
