//! What a rule costs: for which events it is asked, and what it remembers.

use super::Subject;
use crate::output::terminal::grouped;
use engine::event::Derived;
use engine::exec::MOST_GROUPS;
use engine::lang::ast::ClauseKind;
use engine::lang::typed::{AggregateKind, Const, Expr, ExprKind, Func};
use engine::plan::duration_text;

/// For which events the rule's condition is asked at all.
///
/// The engine works out once for each head of an event (service, API, type of the identity,
/// readOnly, error) whether a rule may match; so a rule that pins the API or the service
/// costs nothing for all other events.
pub(super) fn dispatch(subject: &Subject<'_>) -> String {
    let pins = |name| {
        pins(subject, &subject.rule.filter.expr, name).or_else(|| pins_of_steps(subject, name))
    };
    match (pins(Derived::Api), pins(Derived::Service)) {
        (Some(apis), _) => {
            format!("its API is pinned ({}): other events cost nothing", listed(&apis))
        }
        (None, Some(services)) => format!(
            "its service is pinned ({}), its API is not: asked for each event of it",
            listed(&services)
        ),
        (None, None) => "neither API nor service is pinned: asked for each event that the type \
             of the identity, readOnly and the error do not rule out"
            .to_owned(),
    }
}

/// What the rule remembers, and how much that is at most.
pub(super) fn state(subject: &Subject<'_>) -> Vec<String> {
    let rule = subject.rule;
    let sequence =
        subject.written.clauses.iter().any(|c| matches!(c.kind, ClauseKind::Sequence(_)));
    if rule.by.is_empty() && rule.when.is_none() && !sequence {
        return vec!["none: each event is judged alone".to_owned()];
    }
    let mut lines = Vec::new();
    if let Some(within) = &rule.within {
        let rows = u64::try_from(within.seconds).unwrap_or(0);
        lines.push(format!(
            "for each group a row of about 0.5 KiB for each second with an event in the last {}, {} at most",
            within.text,
            rows_text(rows)
        ));
    }
    let distinct = rule.aggregates.iter().any(|a| matches!(a.kind, AggregateKind::Distinct(_)));
    if distinct {
        lines.push(
            "8 bytes for each different value in a row; above 65,536 in a window an estimate"
                .to_owned(),
        );
    }
    if let Some(first) = &rule.first_seen {
        lines.push(format!(
            "for each group about 100 bytes for each different tuple of the last {}",
            duration_text(first.memory)
        ));
    }
    lines.push(format!("at most {} groups a thread", grouped(MOST_GROUPS as u64)));
    lines
}

fn rows_text(rows: u64) -> String {
    let kib = rows / 2;
    let size = if kib >= 1_024 { format!("{} MiB", kib / 1_024) } else { format!("{kib} KiB") };
    format!("{} rows or {size}", grouped(rows))
}

/// What a name must be for the condition to hold; nothing where it may be anything.
fn pins(subject: &Subject<'_>, expr: &Expr, name: Derived) -> Option<Vec<String>> {
    let is_name = |expr: &Expr| is_name(expr, name);
    match &expr.kind {
        ExprKind::Eq(a, b) if is_name(a) => texts(b),
        ExprKind::Eq(a, b) if is_name(b) => texts(a),
        ExprKind::In(a, b) | ExprKind::Like(a, b) if is_name(a) => texts(b),
        ExprKind::And(all) => {
            let found = all.iter().filter_map(|part| pins(subject, part, name));
            found.min_by_key(Vec::len)
        }
        ExprKind::Or(all) => {
            let each: Option<Vec<_>> = all.iter().map(|part| pins(subject, part, name)).collect();
            let mut joined = each?.concat();
            joined.sort();
            joined.dedup();
            Some(joined)
        }
        ExprKind::Let(number) => pins(subject, subject.ruleset.lets.get(*number)?, name),
        _ => None,
    }
}

/// What a name must be for some step of the sequence to hold; nothing where it may be anything.
fn pins_of_steps(subject: &Subject<'_>, name: Derived) -> Option<Vec<String>> {
    let steps = &subject.rule.sequence.as_ref()?.steps;
    let each = steps.iter().map(|step| {
        let found = step.own.iter().filter_map(|part| pins(subject, part, name));
        found.min_by_key(Vec::len)
    });
    let mut joined = each.collect::<Option<Vec<_>>>()?.concat();
    joined.sort();
    joined.dedup();
    Some(joined)
}

/// Whether an expression is a derived name or the raw field that it follows from.
fn is_name(expr: &Expr, name: Derived) -> bool {
    let raw = if name == Derived::Api { "eventName" } else { "eventSource" };
    match &expr.kind {
        ExprKind::Derived(own) => *own == name,
        ExprKind::Path(keys) => matches!(keys.as_slice(), [key] if key == raw),
        ExprKind::Call(Func::Lower, args) => args.iter().all(|arg| is_name(arg, name)),
        _ => false,
    }
}

fn texts(expr: &Expr) -> Option<Vec<String>> {
    let text = |value: &Const| match value {
        Const::Text(text) => Some(text.clone()),
        _ => None,
    };
    match &expr.kind {
        ExprKind::Const(Const::List(values)) => values.iter().map(text).collect(),
        ExprKind::Const(value) => Some(vec![text(value)?]),
        _ => None,
    }
}

/// How many names are listed.
const MOST: usize = 4;

fn listed(names: &[String]) -> String {
    let shown = names.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MOST) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
