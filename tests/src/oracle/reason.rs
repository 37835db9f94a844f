//! `because`: what decided, clause by clause.

use super::baseline::Judged;
use super::eval::Scope;
use super::firing::Firing;
use super::json::Json;
use super::names;
use super::number::Number;
use super::program::{Program, duration_text, text_of};
use super::record::Record;
use super::sequence::Told;
use super::time;
use super::value::Value;
use lang::ast::{Expr, ExprKind, Sequence};

/// The most ids that an alert names of a step.
const MOST_IDS: usize = 20;

type Pairs = Vec<(String, Json)>;

/// One entry for each of `where`, `when` and `sequence` that the rule has.
pub(crate) fn because(firing: &Firing<'_>) -> Json {
    let program = firing.program;
    let mut clauses: Vec<Pairs> = Vec::new();
    if let Some(filter) = &program.filter {
        clauses.push(clause("where", text_of(filter), values(firing, &[filter], &[])));
    }
    if let Some(when) = &program.when {
        let mut pairs = clause("when", text_of(when), values(firing, &[when], &[]));
        if program.within.is_some() {
            let first = firing.window.first().and_then(|record| record.time);
            pairs.push(window(first, firing.time));
        }
        if let Some(baseline) = baseline(firing) {
            pairs.push(("baseline".to_owned(), baseline));
        }
        clauses.push(pairs);
    }
    if let (Some(sequence), Some(told)) = (program.sequence, &firing.told) {
        let conditions: Vec<&Expr> = sequence.steps.iter().map(|step| &step.cond).collect();
        let hidden: Vec<String> =
            sequence.steps.iter().map(|step| step.name.name.clone()).collect();
        let text = sequence_text(program, sequence);
        let mut pairs = clause("sequence", text, values(firing, &conditions, &hidden));
        pairs.push(("steps".to_owned(), steps(told)));
        pairs.push(window(Some(told.since), firing.time));
        clauses.push(pairs);
    }
    Json::List(clauses.into_iter().map(Json::Object).collect())
}

fn clause(word: &str, text: String, values: Pairs) -> Pairs {
    let mut pairs =
        vec![("clause".to_owned(), Json::text(word)), ("expr".to_owned(), Json::Text(text))];
    if !values.is_empty() {
        pairs.push(("values".to_owned(), Json::Object(values)));
    }
    pairs
}

fn window(first: Option<i64>, last: Option<i64>) -> (String, Json) {
    let ends =
        [first, last].map(|second| second.map_or(Json::Null, |at| Json::Text(time::write(at))));
    ("window".to_owned(), Json::List(ends.to_vec()))
}

/// What stands over events and then the params of a clause, each once, with their values.
fn values(firing: &Firing<'_>, exprs: &[&Expr], hidden: &[String]) -> Pairs {
    let shown = |value: &Value| match value.json() {
        Some(Json::Number(digits)) => {
            Json::Number(Number::read(&digits).map_or(digits, Number::rounded_json))
        }
        other => other.unwrap_or(Json::Null),
    };
    let mut found: Pairs = Vec::new();
    for call in exprs.iter().flat_map(|expr| names::calls(expr, &names::OVER_EVENTS)) {
        let text = text_of(call);
        if !found.iter().any(|(known, _)| *known == text) {
            found.push((text, shown(&firing.aggregate(call))));
        }
    }
    for name in exprs.iter().flat_map(|expr| names::names(expr)) {
        if let Some(value) = firing.program.param(&name)
            && !hidden.contains(&name)
            && !found.iter().any(|(known, _)| *known == name)
        {
            found.push((name, shown(value)));
        }
    }
    found
}

/// What the group knew, for `new` and `rare`, or what its past is like, for the first `zscore`.
fn baseline(firing: &Firing<'_>) -> Option<Json> {
    if firing.baseline.is_some() || score(firing.program).is_none() {
        return firing.baseline.clone();
    }
    let number = |value: f64| Json::Number(Number::Float(value).rounded_json());
    Some(judged(firing).map_or(Json::Null, |judged| {
        Json::object([
            ("model", Json::text(judged.model)),
            ("season", Json::text(judged.season.word())),
            ("slot", judged.slot.map_or(Json::Null, Json::whole)),
            ("samples", Json::whole(judged.samples)),
            ("center", number(judged.center)),
            ("scale", number(judged.scale)),
            ("score", number(judged.score)),
        ])
    }))
}

/// The aggregate of the first `zscore` of `when`.
fn score<'p>(program: &'p Program<'_>) -> Option<&'p Expr> {
    let call = names::calls(program.when.as_ref()?, &["zscore"]).into_iter().next()?;
    let ExprKind::Call(_, args) = &call.kind else { return None };
    args.first()
}

/// What the first `zscore` of `when` says; nothing where it is missing.
pub(crate) fn judged(firing: &Firing<'_>) -> Option<Judged> {
    let frame = Some(firing.frame());
    let scope = Scope { frame, ..firing.program.scope(firing.record) };
    firing.past.as_ref()?.judge(score(firing.program)?, &scope)
}

/// A sequence as `fmt` writes it, on one line and without its word.
fn sequence_text(program: &Program<'_>, sequence: &Sequence) -> String {
    let by: Vec<&str> = program.by.iter().map(|path| path.text.as_str()).collect();
    let steps: Vec<String> = sequence
        .steps
        .iter()
        .map(|step| {
            let absent = if step.absent { "not " } else { "" };
            let count = step.count.map_or(String::new(), |count| format!("{count}+ "));
            format!("{absent}{}: {count}{}", step.name.name, text_of(&step.cond))
        })
        .collect();
    let within = duration_text(sequence.within);
    format!("by {} within {within} {{ {} }}", by.join(", "), steps.join(" then "))
}

fn steps(told: &Told<'_>) -> Json {
    let time = |record: Option<&&Record>| {
        let second = record.and_then(|record| record.time);
        second.map_or(Json::Null, |second| Json::Text(time::write(second)))
    };
    let shown = told.steps.iter().map(|(name, records)| {
        let ids = records.iter().take(MOST_IDS).map(|record| Json::text(&record.id)).collect();
        Json::object([
            ("step", Json::text(name)),
            ("count", Json::whole(records.len())),
            ("ids", Json::List(ids)),
            ("time", Json::List(vec![time(records.first()), time(records.last())])),
        ])
    });
    Json::List(shown.collect())
}
