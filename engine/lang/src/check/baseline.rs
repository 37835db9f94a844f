//! `zscore`: which aggregate is scored, and over which buckets.
//!
//! # Invariants
//!
//! - A score that comes out can be there: its memory holds as many buckets as it needs, and
//!   no more than [`limits::BUCKETS`].
//! - `count` and `sum` grow with the time they are taken over, so their buckets are as long
//!   as the window.

use super::aggregate::only_in_when;
use super::learn::Learn;
use super::scope::{Checker, Place, Val};
use super::sink::Sink;
use crate::ast::{self, Ident, Span};
use crate::diag::Diag;
use crate::limits;
use crate::print;
use crate::typed::{Aggregate, AggregateKind, Baseline, ExprKind, Season, Type, Within};

/// Samples without which a baseline without a season says nothing.
const LEAST: u64 = 24;

/// Samples without which a slot falls back to a coarser one, where `learn` says nothing.
const SLOT: u64 = 3;

/// `zscore(…)` as it stands in `when`.
#[derive(Debug)]
pub(super) struct Score {
    pub(super) text: String,
    /// The number of its aggregate.
    pub(super) aggregate: usize,
    pub(super) at: Span,
}

impl Checker<'_, '_> {
    /// `zscore(a)`.
    pub(super) fn zscore(
        &mut self,
        name: &Ident,
        args: &[ast::Expr],
        expr: &ast::Expr,
    ) -> Option<Val> {
        if self.place != Place::When {
            let quote = self.sink.quote(expr.span);
            let diag = if self.place == Place::Inside {
                Diag::error("E0304", format!("`{quote}` stands inside an aggregate"), name.span)
                    .label("a score is of an aggregate, not in one")
                    .help("write `zscore(count())`")
            } else {
                only_in_when(&quote, name.span)
                    .help(format!("write `when {quote} >= 4` and `within 1h`"))
            };
            self.sink.error(diag);
            return None;
        }
        self.asked.score_at.get_or_insert(expr.span);
        self.arity(args, 1, 1, (expr, "zscore(count())"))?;
        let arg = args.first()?;
        let aggregate = match &arg.kind {
            ast::ExprKind::Call(inner, _)
                if matches!(inner.name.as_str(), "count" | "distinct" | "ratio" | "sum") =>
            {
                self.expr(arg)?
            }
            _ => {
                let quote = self.sink.quote(arg.span);
                let diag = Diag::error(
                    "E0204",
                    format!("`zscore` scores an aggregate, not `{quote}`"),
                    arg.span,
                )
                .label("neither `count`, `distinct`, `ratio` nor `sum`")
                .help("write, say, `zscore(count())`");
                self.sink.error(diag);
                return None;
            }
        };
        let ExprKind::Aggregate(aggregate) = aggregate.expr.kind else { return None };
        let text = print::expr_line(expr);
        let scores = &mut self.asked.scores;
        let number = scores.iter().position(|known| known.text == text).unwrap_or_else(|| {
            scores.push(Score { text, aggregate, at: expr.span });
            scores.len() - 1
        });
        Some(Val::new(ExprKind::Score(number), Type::Float, expr.span))
    }
}

/// The window of a rule and where it stands.
pub(super) struct Window<'w> {
    pub(super) within: &'w Within,
    pub(super) at: Span,
}

/// The baselines of scores, with what `learn` says.
pub(super) fn baselines(
    sink: &mut Sink<'_>,
    learn: &Learn,
    scores: Vec<Score>,
    aggregates: &[(Aggregate, Span)],
    window: &Window<'_>,
) -> Option<Vec<Baseline>> {
    let errors = sink.errors();
    let mut all = Vec::with_capacity(scores.len());
    for score in scores {
        let (aggregate, _) = aggregates.get(score.aggregate)?;
        let bucket = learn.bucket.map_or(window.within.seconds, |(length, _)| length);
        let fault = unlike_window(learn, aggregate, bucket, window)
            .or_else(|| long_bucket(learn, &score, bucket, window))
            .or_else(|| memory(learn, &score, bucket, window.within.seconds));
        if let Some(fault) = fault {
            sink.error(fault);
        }
        all.push(Baseline {
            text: score.text,
            aggregate: score.aggregate,
            bucket,
            season: learn.season,
            model: learn.model,
            min_samples: learn.min_samples.unwrap_or(SLOT),
            warmup: learn.warmup,
            memory: learn.memory,
        });
    }
    (sink.errors() == errors).then_some(all)
}

/// The error for buckets that are not as long as the window, where they must be.
fn unlike_window(
    learn: &Learn,
    aggregate: &Aggregate,
    bucket: i64,
    window: &Window<'_>,
) -> Option<Diag> {
    let (_, at) = learn.bucket.filter(|_| grows(&aggregate.kind))?;
    let (text, within) = (&aggregate.text, &window.within.text);
    (bucket != window.within.seconds).then(|| {
        Diag::error("E0410", format!("`{text}` of {within} is held against other lengths"), at)
            .label("longer or shorter than the window")
            .also(window.at, "the window")
            .help(format!("write `bucket={within}`, or leave it out"))
    })
}

/// The error for buckets that are too long for a season.
fn long_bucket(learn: &Learn, score: &Score, bucket: i64, window: &Window<'_>) -> Option<Diag> {
    if learn.season == Season::None || bucket <= 3_600 {
        return None;
    }
    let title = "a season wants buckets of at most an hour";
    let diag = match (learn.bucket, learn.season_at) {
        (Some((_, at)), season) => {
            let diag = Diag::error("E0410", title, at).label("longer than the hours of the season");
            season.into_iter().fold(diag, |diag, at| diag.also(at, "the season"))
        }
        (None, season) => Diag::error("E0410", title, season.unwrap_or(score.at))
            .label("of hours")
            .also(window.at, "the buckets are as long as the window"),
    };
    Some(diag.help(if window.within.seconds > 3_600 && learn.bucket.is_none() {
        "write `within 1h`, or `season=none`"
    } else {
        "write `bucket=1h`, or `season=none`"
    }))
}

/// The error for a memory that holds too few buckets or too many.
fn memory(learn: &Learn, score: &Score, bucket: i64, within: i64) -> Option<Diag> {
    let slot = learn.min_samples.unwrap_or(SLOT);
    let needed = if learn.season == Season::None { LEAST } else { LEAST.min(slot) };
    let needed = i64::try_from(needed).unwrap_or(i64::MAX);
    let behind = learn.memory.saturating_sub(within) / bucket.max(1);
    let all = learn.memory / bucket.max(1);
    let at = learn.memory_at.unwrap_or(score.at);
    let length = length(bucket);
    if behind < needed {
        // Buckets begin at whole multiples of their length: one may be lost to that.
        let least = bucket.saturating_mul(needed.saturating_add(1)).saturating_add(within);
        let diag = Diag::error("E0411", "`memory` is too short: the score is never there", at)
            .label(format!("{} buckets of {length} before the window", behind.max(0)));
        return Some(
            diag.help(format!("{needed} are needed: write, say, `memory={}`", self::length(least))),
        );
    }
    (all > limits::BUCKETS).then(|| {
        let most = limits::BUCKETS.saturating_mul(bucket) / 86_400;
        Diag::error("E0411", format!("`memory` is {all} buckets of {length}"), at)
            .label(format!("at most {} are kept", limits::BUCKETS))
            .help(format!("write `memory={most}d`, or a longer window"))
    })
}

/// Whether an aggregate is about in proportion to the time it is taken over.
fn grows(kind: &AggregateKind) -> bool {
    match kind {
        AggregateKind::Count | AggregateKind::CountIf(_) | AggregateKind::Sum(_) => true,
        AggregateKind::Ratio(_) | AggregateKind::Distinct(_) => false,
    }
}

/// Seconds as a rule writes them.
fn length(seconds: i64) -> String {
    let units = [(86_400, 'd'), (3_600, 'h'), (60, 'm')];
    let unit = units.into_iter().find(|(unit, _)| seconds > 0 && seconds % unit == 0);
    let (unit, letter) = unit.unwrap_or((1, 's'));
    format!("{}{letter}", seconds / unit)
}
