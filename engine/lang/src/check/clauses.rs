//! The clauses of a rule by kind, and which of them belong together.

use super::allow::Allow;
use super::expr::too_long;
use super::scope::{Asked, Checker};
use super::sink::Sink;
use crate::ast::{self, ClauseKind, Duration, Expr, Level, Path, Span, Status, Text};
use crate::diag::Diag;

/// The clauses of a rule; of one that stands twice, which the parser tells, the first.
#[derive(Default)]
pub(super) struct Clauses<'a> {
    pub(super) title: Option<&'a Text>,
    pub(super) about: Option<&'a Text>,
    pub(super) runbook: Option<&'a Text>,
    pub(super) refs: Vec<&'a Text>,
    pub(super) severity: Option<Level>,
    pub(super) status: Option<Status>,
    pub(super) version: Option<u64>,
    pub(super) attack: &'a [ast::Ident],
    pub(super) tags: &'a [ast::Ident],
    pub(super) params: Vec<&'a ast::Param>,
    pub(super) filter: Option<&'a Expr>,
    pub(super) by: Option<(&'a [Path], Span)>,
    pub(super) within: Option<(Duration, Span)>,
    pub(super) when: Option<&'a Expr>,
    pub(super) learn: Option<(&'a [ast::LearnItem], Span)>,
    pub(super) sequence: Option<(&'a ast::Sequence, Span)>,
    pub(super) shows: Vec<&'a Expr>,
    pub(super) excepts: Vec<&'a Expr>,
    pub(super) allows: Vec<Allow<'a>>,
    pub(super) suppress: Option<(Duration, Option<&'a [Path]>)>,
    pub(super) tests: Vec<&'a ast::Test>,
}

/// Keeps the first.
fn once<T>(slot: &mut Option<T>, value: T) {
    slot.get_or_insert(value);
}

impl<'a> Clauses<'a> {
    pub(super) fn of(rule: &'a ast::Rule) -> Self {
        let mut own = Self::default();
        for clause in &rule.clauses {
            own.take(clause);
        }
        own
    }

    fn take(&mut self, clause: &'a ast::Clause) {
        let at = clause.span;
        match &clause.kind {
            ClauseKind::Title(text) => once(&mut self.title, text),
            ClauseKind::About(text) => once(&mut self.about, text),
            ClauseKind::Runbook(text) => once(&mut self.runbook, text),
            ClauseKind::Ref(text) => self.refs.push(text),
            ClauseKind::Severity(level) => once(&mut self.severity, *level),
            ClauseKind::Status(status) => once(&mut self.status, *status),
            ClauseKind::Version(version) => once(&mut self.version, *version),
            ClauseKind::Attack(all) => self.attack = all,
            ClauseKind::Tags(all) => self.tags = all,
            ClauseKind::Param(param) => self.params.push(param),
            ClauseKind::Where(expr) => once(&mut self.filter, expr),
            ClauseKind::By(paths) => once(&mut self.by, (paths, at)),
            ClauseKind::Within(duration) => once(&mut self.within, (*duration, at)),
            ClauseKind::When(expr) => once(&mut self.when, expr),
            ClauseKind::Learn(items) => once(&mut self.learn, (items, at)),
            ClauseKind::Sequence(sequence) => once(&mut self.sequence, (sequence, at)),
            ClauseKind::Show(calls) => self.shows.extend(calls),
            ClauseKind::Except(_, expr) => self.excepts.push(expr),
            ClauseKind::Allow(name, fields) => self.allows.push(Allow { name, fields }),
            ClauseKind::Suppress(duration, by) => {
                once(&mut self.suppress, (*duration, by.as_deref()));
            }
            ClauseKind::Test(test) => self.tests.push(test),
        }
    }

    /// The one error for clauses that are lacking or too many, if there is one.
    ///
    /// `checked` says that `when` has no error of its own.
    pub(super) fn structure(
        &self,
        name: &ast::Ident,
        asked: &Asked,
        checked: bool,
    ) -> Option<Diag> {
        if self.filter.is_none() {
            return Some(
                Diag::error("E0301", format!("the rule `{}` has no `where`", name.name), name.span)
                    .label("which events is it about?")
                    .help("add, say, `where service == \"iam\" and ok`"),
            );
        }
        let Some(when) = self.when else {
            return self.without_when();
        };
        if let (Some(at), None) = (asked.aggregate_at, self.within) {
            let text = asked
                .aggregates
                .iter()
                .find(|(_, span)| (span.start, span.end) == (at.start, at.end));
            let text = text.map_or_else(
                || "an aggregate".to_owned(),
                |(known, _)| format!("`{}`", known.text),
            );
            return Some(
                Diag::error("E0303", format!("{text} needs a `within` window"), at)
                    .label("over which time?")
                    .help("add, say, `within 10m`"),
            );
        }
        if !checked {
            return None;
        }
        match (asked.aggregate_at, asked.tuple_at) {
            (None, None) => Some(
                Diag::error(
                    "E0308",
                    "`when` asks for nothing that is counted or learned",
                    when.span,
                )
                .label("neither an aggregate, `new` nor `rare`")
                .help("move the condition to `where`, or write, say, `when count() >= 5`"),
            ),
            (None, Some((_, word))) => self.within.map(|(_, at)| {
                Diag::error("E0302", "`within` without an aggregate", at)
                    .label("a window of which nothing is asked")
                    .help(format!(
                        "leave it out: how long `{word}` remembers is said by `learn memory=90d`"
                    ))
            }),
            (Some(_), None) if asked.score_at.is_none() => self.learn.map(|(_, at)| {
                Diag::error("E0302", "`learn` without `new`, `rare` or `zscore`", at)
                    .label("nothing is learned")
                    .help("leave it out, or write `when new(…)` or `when zscore(…) >= 4`")
            }),
            (Some(_), None) => None,
            (Some(_), Some(_)) => None,
        }
    }

    /// The one error for a clause beside `sequence` that does not belong there.
    pub(super) fn beside_sequence(&self, sequence: Span) -> Option<Diag> {
        let (word, at, help) = match (self.by, self.within, self.when, self.learn) {
            (Some((_, at)), ..) => ("by", at, "write the group after `sequence by`"),
            (_, Some((_, at)), ..) => {
                ("within", at, "write the longest time in the sequence: `sequence by … within 15m`")
            }
            (.., Some(when), _) => {
                ("when", when.span, "count with a step, `fail: 5+ …`, or write two rules")
            }
            (.., Some((_, at))) => ("learn", at, "leave it out: a sequence learns nothing"),
            _ => return None,
        };
        Some(
            Diag::error("E0302", format!("`{word}` beside `sequence`"), at)
                .label("does not belong together")
                .also(Span { end: sequence.start + 8, ..sequence }, "the sequence")
                .help(help),
        )
    }

    fn without_when(&self) -> Option<Diag> {
        let (word, at, help) = match (self.by, self.within, self.learn) {
            (Some((_, at)), ..) => {
                ("by", at, "`when count() >= 5` and `within 10m`, or leave it out")
            }
            (_, Some((_, at)), _) => ("within", at, "`when count() >= 5`, or leave it out"),
            (.., Some((_, at))) => ("learn", at, "`when new(region)`, or leave it out"),
            _ => return None,
        };
        Some(
            Diag::error("E0302", format!("`{word}` without `when`"), at)
                .label("the rule looks at one event at a time")
                .help(format!("add {help}")),
        )
    }
}

impl Checker<'_, '_> {
    /// The seconds of a length of time that is at least a second.
    pub(super) fn seconds(&mut self, duration: Duration, most: i64) -> Option<i64> {
        seconds(self.sink, duration, most)
    }
}

/// The seconds of a length of time from one second to `most`.
pub(super) fn seconds(sink: &mut Sink<'_>, duration: Duration, most: i64) -> Option<i64> {
    let Some(seconds) = duration.seconds() else {
        sink.error(too_long(duration.span));
        return None;
    };
    let diag = if seconds < 1 {
        Diag::error("E0405", "a length of time that is too short", duration.span)
            .label("no time at all")
            .help("write at least `1s`")
    } else if seconds > most {
        Diag::error("E0406", "a length of time that is too long", duration.span)
            .label(format!("more than {} days", most / 86_400))
            .help(format!("write at most `{}d`", most / 86_400))
    } else {
        return Some(seconds);
    };
    sink.error(diag);
    None
}
