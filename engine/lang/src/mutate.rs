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
}

/// Something changed: the new form, where, and in words.
type Changed<T> = (T, Span, String);

/// All mutants of a rule, in the order of its text.
#[must_use]
pub fn mutants(rule: &Rule) -> Vec<Mutant> {
    let mut all = Vec::new();
    for (at, clause) in rule.clauses.iter().enumerate() {
        for (kind, span, what) in clause_changes(clause) {
            let mut mutant = rule.clone();
            match kind {
                Some(kind) => mutant.clauses[at].kind = kind,
                None => drop(mutant.clauses.remove(at)),
            }
            all.push(Mutant { rule: mutant, span, what });
        }
    }
    all.sort_by_key(|mutant| mutant.span.start);
    all
}

/// The forms that a clause may take; nothing where it is left out.
fn clause_changes(clause: &Clause) -> Vec<Changed<Option<ClauseKind>>> {
    let some = |changes: Vec<Changed<ClauseKind>>| {
        changes.into_iter().map(|(kind, span, what)| (Some(kind), span, what)).collect()
    };
    let gone = |word: &str| (None, clause.span, format!("`{word}` was left out"));
    match &clause.kind {
        ClauseKind::Where(cond) => some(map(expr::condition(cond), ClauseKind::Where)),
        ClauseKind::When(cond) => some(map(expr::condition(cond), ClauseKind::When)),
        ClauseKind::Except(reason, cond) => {
            let mut all = vec![gone("except")];
            let inner = map(expr::condition(cond), |cond| ClauseKind::Except(reason.clone(), cond));
            all.extend::<Vec<_>>(some(inner));
            all
        }
        ClauseKind::Within(length) => some(map(durations(*length), ClauseKind::Within)),
        ClauseKind::By(paths) => some(map(fewer_paths(paths), ClauseKind::By)),
        ClauseKind::Suppress(length, by) => {
            let mut all = vec![gone("suppress")];
            let lengths =
                map(durations(*length), |length| ClauseKind::Suppress(length, by.clone()));
            all.extend::<Vec<_>>(some(lengths));
            let paths = fewer_paths(by.as_deref().unwrap_or_default());
            let paths = map(paths, |paths| ClauseKind::Suppress(*length, Some(paths)));
            all.extend::<Vec<_>>(some(paths));
            all
        }
        ClauseKind::Param(param) => some(map(expr::values(&param.value), |value| {
            let mut param = param.clone();
            param.value = value;
            ClauseKind::Param(param)
        })),
        ClauseKind::Learn(items) => some(map(learn_changes(items), ClauseKind::Learn)),
        ClauseKind::Sequence(own) => some(map(sequence_changes(own), ClauseKind::Sequence)),
        _ => Vec::new(),
    }
}

fn map<T, U>(changes: Vec<Changed<T>>, form: impl Fn(T) -> U) -> Vec<Changed<U>> {
    changes.into_iter().map(|(new, span, what)| (form(new), span, what)).collect()
}

/// Twice as long, and half as long.
fn durations(length: Duration) -> Vec<Changed<Duration>> {
    let word = |length: Duration| format!("{}{}", length.count, length.unit.letter());
    let mut all = Vec::new();
    for count in [length.count.checked_mul(2), Some(length.count / 2)].into_iter().flatten() {
        if count > 0 && count != length.count {
            let new = Duration { count, ..length };
            all.push((new, length.span, format!("`{}` became `{}`", word(length), word(new))));
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
        (rest, gone.span, format!("`{}` was left out", print::path_line(&gone)))
    };
    (0..paths.len()).map(without).collect()
}

fn learn_changes(items: &[LearnItem]) -> Vec<Changed<Vec<LearnItem>>> {
    /// Words that stand for each other.
    const OPPOSITES: [(&str, &str); 4] =
        [("learn", "keep_out"), ("keep_out", "learn"), ("quiet", "alert"), ("alert", "quiet")];
    let mut all = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let values: Vec<Changed<LearnValue>> = match &item.value {
            LearnValue::Duration(length) => map(durations(*length), LearnValue::Duration),
            LearnValue::Number(Number::Int(number), span) => {
                let new = number.saturating_mul(2);
                let new = LearnValue::Number(Number::Int(new), *span);
                vec![(new, *span, format!("`{number}` was doubled"))]
            }
            LearnValue::Number(..) => Vec::new(),
            LearnValue::Word(word) => {
                let other = OPPOSITES.iter().find(|(known, _)| *known == word.name);
                let changed = other.map(|(_, other)| {
                    let mut new = word.clone();
                    (*other).clone_into(&mut new.name);
                    let what = format!("`{}` became `{other}`", word.name);
                    (LearnValue::Word(new), word.span, what)
                });
                changed.into_iter().collect()
            }
        };
        for (value, span, what) in values {
            let mut items = items.to_vec();
            items[at].value = value;
            all.push((items, span, what));
        }
    }
    all
}

fn sequence_changes(sequence: &Sequence) -> Vec<Changed<Sequence>> {
    let with = |change: &dyn Fn(&mut Sequence)| {
        let mut new = sequence.clone();
        change(&mut new);
        new
    };
    let mut all = Vec::new();
    for (by, span, what) in fewer_paths(&sequence.by) {
        all.push((with(&|new| new.by.clone_from(&by)), span, what));
    }
    for (length, span, what) in durations(sequence.within) {
        all.push((with(&|new| new.within = length), span, what));
    }
    for (at, step) in sequence.steps.iter().enumerate() {
        if sequence.steps.len() > 1 {
            let what = format!("the step `{}` was left out", step.name.name);
            all.push((with(&|new| drop(new.steps.remove(at))), step.span, what));
        }
        for (changed, span, what) in step_changes(step) {
            all.push((with(&|new| new.steps[at] = changed.clone()), span, what));
        }
    }
    all
}

fn step_changes(step: &Step) -> Vec<Changed<Step>> {
    let mut all = Vec::new();
    if let Some(count) = step.count {
        for new in [count.saturating_add(1), count.saturating_sub(1)] {
            if new > 0 {
                let changed = Step { count: Some(new), ..step.clone() };
                all.push((changed, step.span, format!("`{count}+` became `{new}+`")));
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
