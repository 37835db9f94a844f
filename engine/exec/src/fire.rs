//! What a group tells when it fires: the alert's reasons, evidence and baseline.

use crate::alert::{self, Beside, Fired, Firing, Usual};
use crate::canonical::Texts;
use crate::eval::{Eval, Given};
use crate::evidence::{Evidence, Many};
use crate::fact::Lend;
use crate::group::{At, Group, Walk};
use crate::memory::Shown;
use crate::past::scores;
use event::{EventTime, Number, Value};
use plan::number_json;
use serde_json::{Map, json};
use state::{Fit, Portion, Season};
use std::borrow::Cow;

/// What the past said of a second.
#[derive(Debug, Default)]
pub(crate) struct Known<'f> {
    /// What was known to `new`.
    pub(crate) baseline: Option<serde_json::Value>,
    /// The share of the tuple at hand.
    pub(crate) share: Option<Portion>,
    /// What is usual, for each score.
    pub(crate) fits: &'f [Option<Fit>],
}

impl Group {
    /// The first event of the tuple for which all parts of `when` hold, fired.
    pub(crate) fn fire_tuple<W: Lend>(
        &self,
        at: At<'_, W>,
        hash: u128,
        known: &Known<'_>,
        walk: Walk<'_>,
    ) -> Option<Firing> {
        let asked = walk.group.tuple()?;
        let full = |(_, word): &&(i64, W)| word.lend().said.is_full();
        let row = at.here().iter().find(full)?.1.lend().row();
        let tuple = row.tuples.get(hash)?;
        let mut candidates: Vec<_> = tuple.candidates.iter().collect();
        candidates.sort_by(|a, b| a.witness.cmp(&b.witness));
        let aggregates = self.aggregates(walk);
        let given = Given { aggregates, ..Given::default() };
        let firing = candidates.into_iter().find(|candidate| {
            let mut bound = self.bound(walk);
            let values = candidate.bound.iter().map(|value| value.lend(walk.arena));
            bound.extend(asked.bound.iter().copied().zip(values));
            let mut eval = Eval::beside(walk.program, walk.arena, &given, &bound);
            asked.window_parts.iter().all(|part| eval.truth(*part))
        })?;
        let names = asked.parts.iter().map(|named| &*named.text);
        let parts = names.zip(tuple.parts.lend().iter()).collect();
        let told = Told {
            second: at.second,
            tuple: Some(parts),
            witness: (Cow::Borrowed(&firing.witness.id), firing.witness.values.lend()),
            because: self.because(at, known, walk),
            usual: None,
            evidence: &tuple.evidence.listed(),
            exempted: row.exempted,
        };
        Some(self.firing(told, walk))
    }

    pub(crate) fn fire<W: Lend>(
        &self,
        at: At<'_, W>,
        fits: &[Option<Fit>],
        walk: Walk<'_>,
    ) -> Option<Firing> {
        let second = at.second;
        let at_hand = together(at.here());
        let witness = at_hand.first()?;
        let window = at.window(walk.group);
        let exempted = window.iter().map(|(_, word)| word.lend().said.exempted()).sum();
        let mut evidence = Many::default();
        for words in window.chunk_by(|(a, _), (b, _)| a == b) {
            evidence.follow(&together(words));
        }
        let because = self.because(at, &Known { fits, ..Known::default() }, walk);
        let (evidence, usual) = (&evidence, self.usual(fits, walk));
        let told = Told { second, tuple: None, witness, because, usual, evidence, exempted };
        Some(self.firing(told, walk))
    }

    fn because<W: Lend>(
        &self,
        at: At<'_, W>,
        known: &Known<'_>,
        walk: Walk<'_>,
    ) -> Vec<serde_json::Value> {
        let second = at.second;
        let filter = &walk.rule.filter;
        let mut values: Map<_, _> = self.values(known, walk).into_iter().collect();
        values.extend(alert::params(&walk.group.when));
        let mut when = alert::because("when", &walk.group.when.text, values);
        if walk.group.within.is_some() {
            let first =
                at.window(walk.group).iter().find(|(_, word)| word.lend().said.events() > 0);
            let first = first.map_or(second, |(first, _)| *first);
            let window = [EventTime(first).to_string(), EventTime(second).to_string()];
            when.insert("window".to_owned(), json!(window));
        }
        let estimated = known.fits.iter().flatten().any(|fit| fit.estimated);
        if self.window.as_ref().is_some_and(|window| window.is_approximate())
            || estimated
            || walk.evicted
            || self.past.is_short()
        {
            when.insert("approximate".to_owned(), json!(true));
        }
        if let Some(baseline) = self.told_baseline(known, walk) {
            when.insert("baseline".to_owned(), baseline);
        }
        let filter = alert::because("where", &filter.text, alert::params(filter));
        vec![filter.into(), when.into()]
    }

    /// What stands over events in `when`, in the order of its text.
    fn values(&self, known: &Known<'_>, walk: Walk<'_>) -> Vec<(String, serde_json::Value)> {
        let rule = walk.group;
        let aggregates = self.aggregates(walk);
        let scores = scores(rule, known.fits, aggregates);
        let scores = rule.baselines.iter().zip(scores);
        let scores = scores.map(|(baseline, score)| (&*baseline.text, number(score)));
        let share = known.share.map_or(serde_json::Value::Null, |share| number_json(share.value()));
        let share = rule.rare.iter().map(|rare| (&*rare.text, share.clone()));
        let mut all: Vec<_> = scores.chain(share).chain(self.told_aggregates(walk)).collect();
        if rule.rare.is_some() || !rule.baselines.is_empty() {
            all.sort_by_key(|(text, _)| rule.when.text.find(text));
        }
        all.into_iter().map(|(text, value)| (text.to_owned(), value)).collect()
    }

    /// What the past said, as an alert tells it.
    fn told_baseline(&self, known: &Known<'_>, walk: Walk<'_>) -> Option<serde_json::Value> {
        if let Some(share) = known.share {
            let value = number_json(share.value());
            return Some(json!({ "events": share.whole, "tuple": share.part, "share": value }));
        }
        let Some(model) = walk.group.baselines.first().map(|baseline| baseline.model) else {
            return known.baseline.clone();
        };
        let fit = known.fits.first().copied().flatten();
        let told = fit.zip(self.usual(known.fits, walk)).map(|(fit, usual)| {
            json!({
                "model": match model {
                    plan::Model::MedianMad => "median_mad",
                    plan::Model::MeanSd => "mean_sd",
                    plan::Model::Ewma => "ewma",
                },
                "season": match fit.season {
                    Season::None => "none",
                    Season::HourOfDay => "hour_of_day",
                    Season::HourOfWeek => "hour_of_week",
                },
                "slot": fit.slot,
                "samples": fit.samples,
                "center": usual.center,
                "scale": usual.scale,
                "score": usual.score,
            })
        });
        Some(told.unwrap_or_default())
    }

    /// What the first score says; nothing where it is missing.
    fn usual(&self, fits: &[Option<Fit>], walk: Walk<'_>) -> Option<Usual> {
        let fit = fits.first().copied().flatten()?;
        let aggregates = self.aggregates(walk);
        let score = scores(walk.group, fits, aggregates).into_iter().next()?;
        let Value::Number(Number::Float(_)) = score else { return None };
        let (center, scale) = (number_json(fit.center), number_json(fit.scale));
        Some(Usual { score: number(score), center, scale })
    }

    /// What the aggregates of `when` are now.
    pub(crate) fn aggregates<'a>(&self, walk: Walk<'a>) -> &'a [Value<'a>] {
        let window = self.window.as_deref();
        window.map_or(&[], |window| window.aggregates(walk.group, walk.arena))
    }

    fn told_aggregates<'a>(&self, walk: Walk<'a>) -> Vec<(&'a str, serde_json::Value)> {
        let values = self.aggregates(walk);
        let texts = walk.group.aggregates.iter().map(|aggregate| &*aggregate.text);
        texts.zip(values.iter().map(|value| number(*value))).collect()
    }

    fn firing(&self, told: Told<'_>, walk: Walk<'_>) -> Firing {
        let paths = walk.program.groups[walk.group.by].iter().map(|path| &*path.text);
        let fired = Fired {
            rule: walk.rule,
            number: walk.number,
            apart: false,
            second: Some(told.second),
            group: paths.zip(self.key.texts.lend().iter()).collect(),
            tuple: told.tuple,
            id: &told.witness.0,
            witness: told.witness.1,
            aggregates: &self.told_aggregates(walk),
            because: told.because,
            evidence: alert::evidence(told.evidence),
            show: alert::show(walk.rule, told.evidence),
            exempted: told.exempted,
            beside: Beside { usual: told.usual, ..Beside::default() },
        };
        fired.firing(false)
    }
}

/// The events of one second.
fn together<W: Lend>(words: &[(i64, W)]) -> Evidence {
    let mut evidence = Evidence::None;
    words.iter().for_each(|(_, word)| evidence.absorb(word.lend().evidence()));
    evidence
}

/// What an alert tells beside its evidence.
struct Told<'a> {
    second: i64,
    tuple: Option<Vec<(&'a str, &'a str)>>,
    /// The firing event: its id, and what it gives.
    witness: (Cow<'a, str>, Texts<&'a str>),
    because: Vec<serde_json::Value>,
    usual: Option<Usual>,
    evidence: &'a Many,
    exempted: u64,
}

/// What was known to `new`, and until when the group was learning.
pub(crate) fn baseline(known: Vec<Shown>, until: i64) -> serde_json::Value {
    let known: Vec<_> = known
        .into_iter()
        .map(|(value, first, last)| {
            json!({
                "value": alert::shown(&value),
                "first": EventTime(first).to_string(),
                "last": EventTime(last).to_string(),
            })
        })
        .collect();
    json!({ "learning_until": EventTime(until).to_string(), "known": known })
}

/// A number as alerts write it.
fn number(value: Value<'_>) -> serde_json::Value {
    match value {
        Value::Number(event::Number::Int(whole)) => json!(whole),
        Value::Number(event::Number::Float(float)) => number_json(float),
        _ => serde_json::Value::Null,
    }
}
