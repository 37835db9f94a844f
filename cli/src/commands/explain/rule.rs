//! A rule in plain words: what it looks for and reads, what it costs, what can be set.

use super::{MARGIN, Subject, cost, part};
use crate::output::terminal::{escape, style_of, wrap};
use anstyle::Style;
use engine::lang::ast::{Clause, ClauseKind};
use engine::lang::print::{clause_lines, expr_line, path_line, type_line};
use engine::lang::render::place;
use engine::lang::typed::{Setting, SettingKind};
use engine::plan::outline;

/// The page of a rule.
pub(super) fn text(subject: &Subject<'_>) -> String {
    let Subject { rule, look, .. } = *subject;
    let mut out = look.paint(Style::new().bold(), &rule.name);
    out.push_str(&format!(" · {}", look.paint(style_of(rule.severity), rule.severity.word())));
    let loaded = if rule.enabled { "" } else { " · not loaded" };
    out.push_str(&format!(" · version {} · {}{loaded}\n", rule.version, rule.status.word()));
    let mut add = |word: &str, lines: Vec<String>| part(&mut out, look, word, &lines);
    let words = |text: &str| wrap(&escape(text), look.width.saturating_sub(MARGIN));
    let prose = |text: &Option<String>| {
        text.iter().flat_map(|text| text.lines()).flat_map(words).collect::<Vec<_>>()
    };
    add("about", prose(&rule.about));
    add("runbook", prose(&rule.runbook));
    for (word, lines) in meaning(subject) {
        add(word, lines);
    }
    add("reads", reads(subject).iter().flat_map(|line| words(line)).collect());
    add("cost", words(&cost::dispatch(subject)));
    add("memory", cost::state(subject).iter().flat_map(|line| words(line)).collect());
    add("params", params(subject));
    add("exempts", exempts(subject).iter().flat_map(|line| words(line)).collect());
    add("attack", rule.attack.iter().map(|id| technique(id)).collect());
    add("refs", rule.refs.iter().map(|link| escape(link)).collect());
    add("tests", vec![tests(rule.tests.len())]);
    add("file", vec![file(subject)]);
    out
}

/// The clauses that say what the rule looks for, each in words.
fn meaning(subject: &Subject<'_>) -> Vec<(&'static str, Vec<String>)> {
    let clauses = || subject.written.clauses.iter();
    let lines = |wanted: fn(&ClauseKind) -> bool| {
        clauses().filter(|clause| wanted(&clause.kind)).flat_map(safe_lines).collect::<Vec<_>>()
    };
    let when = lines(|kind| matches!(kind, ClauseKind::When(_)));
    let is_sequence = clauses().any(|clause| matches!(clause.kind, ClauseKind::Sequence(_)));
    let tuple = subject.rule.first_seen.is_some() || subject.rule.rare.is_some();
    let steps = subject.rule.sequence.iter().flat_map(|sequence| &sequence.steps);
    let fires = match (when.is_empty(), is_sequence) {
        (_, true) if steps.last().is_some_and(|step| step.absent) => {
            "when the time is over, counted from the first event of a match, and what the last \
             `not` says did not come"
        }
        (_, true) => "once a second in which the last step completes a match",
        (true, false) => "on each such event",
        (false, false) if tuple => "once for each such tuple and second",
        (false, false) => "once when this becomes true, again after it was false",
    };
    let mut all = vec![
        ("looks for", lines(|kind| matches!(kind, ClauseKind::Where(_)))),
        ("in order", lines(|kind| matches!(kind, ClauseKind::Sequence(_)))),
        ("grouped by", lines(|kind| matches!(kind, ClauseKind::By(_)))),
        ("within", lines(|kind| matches!(kind, ClauseKind::Within(_)))),
        ("when", when),
        ("learns", lines(|kind| matches!(kind, ClauseKind::Learn(_)))),
        ("fires", vec![fires.to_owned()]),
        ("suppressed", lines(|kind| matches!(kind, ClauseKind::Suppress(..)))),
    ];
    if let Some((_, lines)) = all.iter_mut().find(|(word, _)| *word == "within")
        && let Some(line) = lines.first_mut()
    {
        line.push_str(", sliding");
    }
    all
}

fn safe_lines(clause: &Clause) -> Vec<String> {
    clause_lines(clause).iter().map(|line| escape(line)).collect()
}

/// The fields it reads: raw ones, then derived names.
fn reads(subject: &Subject<'_>) -> Vec<String> {
    let Ok(outline) = outline(subject.ruleset, subject.rule) else { return Vec::new() };
    let fields = outline.fields();
    let mut lines = Vec::new();
    if !fields.raw.is_empty() {
        lines.push(fields.raw.iter().map(|path| escape(path)).collect::<Vec<_>>().join(", "));
    }
    if !fields.derived.is_empty() {
        let names: Vec<_> = fields.derived.iter().copied().collect();
        lines.push(format!("derived: {}", names.join(", ")));
    }
    if fields.whole {
        lines.push("the record as a whole".to_owned());
    }
    lines
}

/// The params with their values, ranges and where they are set.
fn params(subject: &Subject<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for clause in &subject.written.clauses {
        let ClauseKind::Param(param) = &clause.kind else { continue };
        let known = subject.rule.params.iter().find(|own| own.name == param.name.name);
        let value = known.map(|own| engine::plan::json_of(&own.value).to_string());
        let default = expr_line(&param.value);
        let range = param
            .range
            .as_ref()
            .map(|(low, high)| format!(", from {} to {}", expr_line(low), expr_line(high)));
        let value = value.map(|value| value.trim_matches('"').to_owned());
        let words = format!("{}: {}", param.name.name, type_line(&param.ty));
        let setting = given(subject, SettingKind::Param, &words).next();
        let set = match setting.and_then(|setting| setting.own.as_ref()) {
            Some(own) => format!("set by the site, {own} in the rule"),
            None => "the rule's own".to_owned(),
        };
        lines.push(escape(&format!(
            "{} = {} ({}{}): {set}",
            param.name.name,
            value.unwrap_or_else(|| default.clone()),
            type_line(&param.ty),
            range.unwrap_or_default()
        )));
    }
    if !lines.is_empty() {
        lines.push(format!("a site sets them under [rule.{}] params", subject.rule.name));
    }
    lines
}

/// What the author exempts, and what a site may.
fn exempts(subject: &Subject<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for clause in &subject.written.clauses {
        match &clause.kind {
            ClauseKind::Except(reason, expr) => {
                lines.push(format!("{}: {}", reason.value, expr_line(expr)));
            }
            ClauseKind::Allow(name, paths) => {
                let paths: Vec<_> = paths.iter().map(path_line).collect();
                lines.push(format!(
                    "allow {}({}): a site gives values under [[rule.{}.allow.{}]]",
                    name.name,
                    paths.join(", "),
                    subject.rule.name,
                    name.name
                ));
                let words = format!("{}({})", name.name, paths.join(", "));
                let given = given(subject, SettingKind::Allow, &words);
                lines.extend(given.map(|setting| format!("by the site: {}", setting.value)));
            }
            _ => {}
        }
    }
    lines
}

/// The settings of a kind and name that the site gives.
fn given<'a>(
    subject: &Subject<'a>,
    kind: SettingKind,
    name: &str,
) -> impl Iterator<Item = &'a Setting> {
    let all = subject.rule.settings.iter();
    all.filter(move |own| own.kind == kind && own.name == name && own.own.is_some())
}

fn technique(id: &str) -> String {
    format!("{id} https://attack.mitre.org/techniques/{}/", id.replace('.', "/"))
}

fn tests(number: usize) -> String {
    match number {
        0 => "none".to_owned(),
        1 => "1: `trailhound test` runs it".to_owned(),
        n => format!("{n}: `trailhound test` runs them"),
    }
}

fn file(subject: &Subject<'_>) -> String {
    let span = subject.rule.span;
    let source = subject.sources.files.get(span.file as usize);
    source.map_or_else(String::new, |source| {
        format!("{}:{}", escape(&source.name), place(source, span.start as usize).0)
    })
}
