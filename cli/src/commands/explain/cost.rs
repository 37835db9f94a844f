//! What a rule costs: for which events it is asked, and what it remembers.

use super::Subject;
use crate::output::terminal::{escape, grouped};
use engine::event::Derived;
use engine::exec::{MOST_BUCKETS, MOST_GROUPS, MOST_PAIRS};
use engine::lang::typed::{
    AggregateKind, Baseline, Const, Expr, ExprKind, Func, Rule, Sequence, Within,
};
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
///
/// The sizes are those of memory in use, measured over records of the base form of tests.
pub(super) fn state(subject: &Subject<'_>) -> Vec<String> {
    let rule = subject.rule;
    if rule.when.is_none() && rule.sequence.is_none() {
        return vec!["none: each event is judged alone".to_owned()];
    }
    let mut lines = Vec::new();
    if let Some(within) = &rule.within {
        match &rule.sequence {
            Some(sequence) => lines.extend(of_steps(sequence, within)),
            None => lines.push(format!(
                "for each group a row of about 0.5 KiB for each second with an event in the last \
                 {}, {} at most",
                within.text,
                rows_of("row", seconds(within.seconds), 512)
            )),
        }
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
            "for each group about 0.3 KiB for each different tuple of the last {}",
            duration_text(first.memory)
        ));
    }
    if let Some(rare) = &rule.rare {
        lines.push(format!(
            "for each group about 150 bytes for each hour and different tuple in it of the last \
             {}, {} such pairs at most",
            duration_text(rare.memory),
            grouped(MOST_PAIRS as u64)
        ));
    }
    lines.extend(rule.baselines.iter().map(|baseline| of_buckets(rule, baseline)));
    lines.push(format!("at most {} groups a thread", grouped(MOST_GROUPS as u64)));
    lines
}

/// What the steps of a sequence keep.
fn of_steps(sequence: &Sequence, within: &Within) -> Vec<String> {
    // A closing `not` may have to look at what was there before its wait began.
    let closes = sequence.steps.last().is_some_and(|step| step.absent);
    let (times, kept) = if closes {
        (2, format!("twice {}, for the `not` at the end", within.text))
    } else {
        (1, within.text.clone())
    };
    let span = seconds(within.seconds).saturating_mul(times);
    let mut lines = vec![format!(
        "for each group about 1 KiB for each event that some step asks for, over {kept}; events of \
         one second that are alike to the steps and to what alerts tell are kept as one: with one \
         a second, {} at most",
        rows_of("event", span, 1_024)
    )];
    let counted = sequence.steps.iter().filter(|step| step.count.is_some());
    let names: Vec<_> = counted.map(|step| format!("`{}`", escape(&step.name))).collect();
    if !names.is_empty() {
        lines.push(format!(
            "{} counts: all its events are kept so long, not only as many as it asks for",
            names.join(" and ")
        ));
    }
    lines
}

/// What the buckets of a score keep.
fn of_buckets(rule: &Rule, baseline: &Baseline) -> String {
    let buckets = seconds(baseline.memory / baseline.bucket.max(1)) + 1;
    let buckets = buckets.min(MOST_BUCKETS as u64);
    let kind = rule.aggregates.get(baseline.aggregate).map(|aggregate| &aggregate.kind);
    let sets = match kind {
        Some(AggregateKind::Distinct(_)) => {
            ", and in a bucket that may still change 16 bytes for each different value"
        }
        _ => "",
    };
    format!(
        "for each group and `{}` about 100 bytes for each bucket of {} with an event in the last \
         {}, {} at most{sets}",
        escape(&baseline.text),
        duration_text(baseline.bucket),
        duration_text(baseline.memory),
        rows_of("bucket", buckets, 100)
    )
}

fn seconds(seconds: i64) -> u64 {
    u64::try_from(seconds).unwrap_or(0)
}

/// So many of something, and how much memory they are.
fn rows_of(what: &str, rows: u64, bytes: u64) -> String {
    let kib = rows.saturating_mul(bytes).div_ceil(1_024);
    let size = match kib {
        0..1_024 => format!("{kib} KiB"),
        1_024..10_240 => format!("{}.{} MiB", kib / 1_024, kib % 1_024 * 10 / 1_024),
        _ => format!("{} MiB", grouped(kib / 1_024)),
    };
    let more = if rows == 1 { "" } else { "s" };
    format!("{} {what}{more} or {size}", grouped(rows))
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
