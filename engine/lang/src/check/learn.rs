//! `learn`: what a rule remembers and for how long.

use super::clauses::seconds;
use super::sink::Sink;
use super::suggest;
use crate::ast::{LearnItem, LearnValue, Span};
use crate::diag::Diag;
use crate::limits;
use crate::typed::{Expr, FirstSeen, Named};

/// The entries of this release.
const ENTRIES: [&str; 4] = ["warmup", "memory", "poison", "cold"];

/// The entries of baselines.
const LATER: [&str; 5] = ["bucket", "season", "model", "min_samples", "alpha"];

/// What `learn` says, with the defaults for what it leaves out.
pub(super) struct Learn {
    warmup: i64,
    memory: i64,
    keep_out: bool,
    cold_alert: bool,
}

impl Learn {
    pub(super) fn first_seen(
        self,
        text: String,
        tuple: Vec<Named>,
        others: Vec<Expr>,
    ) -> FirstSeen {
        FirstSeen {
            text,
            tuple,
            warmup: self.warmup,
            memory: self.memory,
            keep_out: self.keep_out,
            cold_alert: self.cold_alert,
            others,
        }
    }
}

/// The entries of a `learn`, or of none; `later` says that the rule has a construct
/// of a later release, whose entries are not complained of again.
pub(super) fn of(sink: &mut Sink<'_>, items: Option<&[LearnItem]>, later: bool) -> Option<Learn> {
    let mut learn =
        Learn { warmup: 14 * 86_400, memory: 90 * 86_400, keep_out: false, cold_alert: false };
    let mut whole = true;
    let mut seen: Vec<&LearnItem> = Vec::new();
    for item in items.unwrap_or_default() {
        if let Some(first) = seen.iter().find(|known| known.name.name == item.name.name) {
            let diag = Diag::error(
                "E0307",
                format!("`{}` stands twice in `learn`", item.name.name),
                item.name.span,
            )
            .label("again")
            .also(first.name.span, "first here")
            .help("leave one of them out");
            sink.error(diag);
            whole = false;
        }
        seen.push(item);
        whole &= entry(sink, &mut learn, item, later).is_some();
    }
    whole.then_some(learn)
}

fn entry(sink: &mut Sink<'_>, learn: &mut Learn, item: &LearnItem, later: bool) -> Option<()> {
    match (item.name.name.as_str(), &item.value) {
        ("warmup", LearnValue::Duration(duration)) if duration.count == 0 => learn.warmup = 0,
        ("warmup", LearnValue::Duration(duration)) => {
            learn.warmup = seconds(sink, *duration, limits::MEMORY)?
        }
        ("memory", LearnValue::Duration(duration)) => {
            learn.memory = seconds(sink, *duration, limits::MEMORY)?
        }
        ("poison", LearnValue::Word(word)) if word.name == "learn" => learn.keep_out = false,
        ("poison", LearnValue::Word(word)) if word.name == "keep_out" => learn.keep_out = true,
        ("cold", LearnValue::Word(word)) if word.name == "quiet" => learn.cold_alert = false,
        ("cold", LearnValue::Word(word)) if word.name == "alert" => learn.cold_alert = true,
        ("warmup" | "memory", value) => return unfit(sink, item, value, "a length of time", "14d"),
        ("poison", value) => return unfit(sink, item, value, "`learn` or `keep_out`", "keep_out"),
        ("cold", value) => return unfit(sink, item, value, "`quiet` or `alert`", "alert"),
        (name, _) if LATER.contains(&name) => {
            if !later {
                let diag = Diag::error(
                    "E0905",
                    format!("`{name}` is for a later release"),
                    item.name.span,
                )
                .label("belongs to `zscore` and `rare`")
                .help("leave it out");
                sink.error(diag);
            }
            return None;
        }
        (name, _) => {
            let diag = Diag::error("E0309", format!("`learn` has no `{name}`"), item.name.span)
                .label("no entry of `learn`");
            sink.error(match suggest::nearest(name, ENTRIES) {
                Some(near) => diag.help(format!("did you mean `{near}`?")),
                None => diag.help(format!("there are {}", ENTRIES.join(", "))),
            });
            return None;
        }
    }
    Some(())
}

fn unfit(
    sink: &mut Sink<'_>,
    item: &LearnItem,
    value: &LearnValue,
    wanted: &str,
    example: &str,
) -> Option<()> {
    let at: Span = match value {
        LearnValue::Duration(duration) => duration.span,
        LearnValue::Number(_, span) => *span,
        LearnValue::Word(word) => word.span,
    };
    let name = &item.name.name;
    let diag = Diag::error("E0309", format!("`{name}` takes {wanted}"), at)
        .label("something else")
        .help(format!("write `{name}={example}`"));
    sink.error(diag);
    None
}
