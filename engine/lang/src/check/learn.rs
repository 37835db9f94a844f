//! `learn`: what a rule remembers and for how long.
//!
//! Which entries there are, what each takes, and to which of `new`, `rare` and `zscore` it
//! applies is one table.

use super::clauses::seconds;
use super::sink::Sink;
use super::suggest;
use crate::ast::{LearnItem, LearnValue, Number, Span};
use crate::diag::Diag;
use crate::limits;
use crate::typed::{Expr, FirstSeen, Model, Named, Rare, Season};

/// What learns in a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Learner {
    /// `new`.
    New,
    /// `rare`.
    Rare,
    /// `zscore`.
    Score,
}

impl Learner {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Rare => "rare",
            Self::Score => "zscore",
        }
    }
}

/// An entry: its name, what it takes, an example, and to what it applies.
struct Entry {
    name: &'static str,
    takes: &'static str,
    example: &'static str,
    of: &'static [Learner],
}

const ENTRIES: [Entry; 8] = {
    use Learner::{New, Rare, Score};
    let all: &[Learner] = &[New, Rare, Score];
    [
        Entry { name: "warmup", takes: "a length of time", example: "14d", of: all },
        Entry { name: "memory", takes: "a length of time", example: "14d", of: all },
        Entry { name: "poison", takes: "`learn` or `keep_out`", example: "keep_out", of: &[New] },
        Entry { name: "cold", takes: "`quiet` or `alert`", example: "alert", of: &[New] },
        Entry { name: "bucket", takes: "a length of time", example: "1h", of: &[Score] },
        Entry {
            name: "season",
            takes: "`hour_of_week`, `hour_of_day` or `none`",
            example: "hour_of_week",
            of: &[Score],
        },
        Entry {
            name: "model",
            takes: "`median_mad`, `mean_sd` or `ewma`",
            example: "median_mad",
            of: &[Score],
        },
        Entry {
            name: "min_samples",
            takes: "a whole number from 1",
            example: "10",
            of: &[Rare, Score],
        },
    ]
};

/// What `learn` says, with the defaults for what it leaves out.
pub(super) struct Learn {
    pub(super) warmup: i64,
    pub(super) memory: i64,
    pub(super) memory_at: Option<Span>,
    keep_out: bool,
    cold_alert: bool,
    pub(super) bucket: Option<(i64, Span)>,
    pub(super) season: Season,
    pub(super) season_at: Option<Span>,
    pub(super) model: Model,
    pub(super) min_samples: Option<u64>,
}

/// Events of a group without which `rare` says nothing.
const RARE_SAMPLES: u64 = 100;

impl Learn {
    fn defaults() -> Self {
        Self {
            warmup: 14 * 86_400,
            memory: 90 * 86_400,
            memory_at: None,
            keep_out: false,
            cold_alert: false,
            bucket: None,
            season: Season::default(),
            season_at: None,
            model: Model::default(),
            min_samples: None,
        }
    }

    pub(super) fn first_seen(
        &self,
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

    pub(super) fn rare(
        &self,
        text: String,
        tuple: Vec<Named>,
        seldom: Expr,
        others: Vec<Expr>,
    ) -> Rare {
        Rare {
            text,
            tuple,
            seldom,
            warmup: self.warmup,
            memory: self.memory,
            min_samples: self.min_samples.unwrap_or(RARE_SAMPLES),
            others,
        }
    }
}

/// The entries of a `learn`, or of none; `learner` is what learns, where that is clear.
pub(super) fn of(
    sink: &mut Sink<'_>,
    items: Option<&[LearnItem]>,
    learner: Option<Learner>,
) -> Option<Learn> {
    let mut learn = Learn::defaults();
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
        let applies = applies(sink, item, learner);
        whole &= applies.and_then(|entry| learn.take(sink, item, entry)).is_some();
    }
    whole.then_some(learn)
}

/// The entry of this name, if there is one and what learns has a use for it.
fn applies(
    sink: &mut Sink<'_>,
    item: &LearnItem,
    learner: Option<Learner>,
) -> Option<&'static Entry> {
    let name = item.name.name.as_str();
    let Some(entry) = ENTRIES.iter().find(|entry| entry.name == name) else {
        sink.error(unknown(item));
        return None;
    };
    let Some(learner) = learner.filter(|learner| !entry.of.contains(learner)) else {
        return Some(entry);
    };
    let whose: Vec<String> = entry.of.iter().map(|own| format!("`{}`", own.word())).collect();
    let title = format!("`{name}` does not apply to `{}`", learner.word());
    let diag = Diag::error("E0309", title, item.name.span)
        .label(format!("belongs to {}", whose.join(" and ")));
    sink.error(match (name, learner) {
        ("poison", Learner::Score) => diag
            .help("leave it out: every bucket is a sample; `model=median_mad` bears with outliers"),
        ("poison", _) => diag.help("leave it out: every event counts in the share"),
        _ => diag.help("leave it out"),
    });
    None
}

fn unknown(item: &LearnItem) -> Diag {
    let name = item.name.name.as_str();
    let diag = Diag::error("E0309", format!("`learn` has no `{name}`"), item.name.span)
        .label("no entry of `learn`");
    let names = ENTRIES.iter().map(|entry| entry.name);
    match suggest::nearest(name, names.clone()) {
        _ if name == "alpha" => diag.help("leave it out: `model=ewma` always has α = 0.1"),
        Some(near) => diag.help(format!("did you mean `{near}`?")),
        None => diag.help(format!("there are {}", names.collect::<Vec<_>>().join(", "))),
    }
}

impl Learn {
    /// Takes what an entry says.
    fn take(&mut self, sink: &mut Sink<'_>, item: &LearnItem, entry: &Entry) -> Option<()> {
        match (entry.name, &item.value) {
            ("warmup", LearnValue::Duration(duration)) if duration.count == 0 => self.warmup = 0,
            ("warmup", LearnValue::Duration(duration)) => {
                self.warmup = seconds(sink, *duration, limits::MEMORY)?;
            }
            ("memory", LearnValue::Duration(duration)) => {
                self.memory = seconds(sink, *duration, limits::MEMORY)?;
                self.memory_at = Some(duration.span);
            }
            ("bucket", LearnValue::Duration(duration)) => {
                let length = seconds(sink, *duration, limits::WINDOW)?;
                self.bucket = Some((length, duration.span));
            }
            ("min_samples", LearnValue::Number(Number::Int(least), _)) if *least >= 1 => {
                self.min_samples = u64::try_from(*least).ok();
            }
            (_, LearnValue::Word(word)) if self.word(entry.name, &word.name) => {
                if entry.name == "season" {
                    self.season_at = Some(word.span);
                }
            }
            (_, value) => {
                sink.error(unfit(item, value, entry));
                return None;
            }
        }
        Some(())
    }

    /// Takes a word; whether the entry has it.
    fn word(&mut self, entry: &str, word: &str) -> bool {
        match (entry, word) {
            ("poison", "learn") => self.keep_out = false,
            ("poison", "keep_out") => self.keep_out = true,
            ("cold", "quiet") => self.cold_alert = false,
            ("cold", "alert") => self.cold_alert = true,
            ("season", "hour_of_week") => self.season = Season::HourOfWeek,
            ("season", "hour_of_day") => self.season = Season::HourOfDay,
            ("season", "none") => self.season = Season::None,
            ("model", "median_mad") => self.model = Model::MedianMad,
            ("model", "mean_sd") => self.model = Model::MeanSd,
            ("model", "ewma") => self.model = Model::Ewma,
            _ => return false,
        }
        true
    }
}

fn unfit(item: &LearnItem, value: &LearnValue, entry: &Entry) -> Diag {
    let at: Span = match value {
        LearnValue::Duration(duration) => duration.span,
        LearnValue::Number(_, span) => *span,
        LearnValue::Word(word) => word.span,
    };
    let name = &item.name.name;
    Diag::error("E0309", format!("`{name}` takes {}", entry.takes), at)
        .label("something else")
        .help(format!("write `{name}={}`", entry.example))
}
