//! The end of a run: the ledger for people, and the summary as JSON.
//!
//! # Invariants
//!
//! - Every count of the ledger that is not zero is told or follows from those told.

use crate::exit::Exit;
use crate::load::SiteFile;
use crate::output::terminal::{Look, escape, grouped, wrap};
use crate::timings::Told;
use anstyle::Style;
use engine::input::Fault;
use engine::plan::Level;
use engine::runtime::{Faulty, Ledger, Outcome};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// What the end of a run tells.
#[derive(Debug)]
pub(crate) struct Summary<'a> {
    /// How it went.
    pub(crate) outcome: &'a Outcome,
    /// The site file whose values the rules had.
    pub(crate) site: Option<&'a SiteFile>,
    /// Paths that could not be looked into.
    pub(crate) faults: &'a [Fault],
    /// Folders that lead to no input.
    pub(crate) empty: &'a [String],
    /// Whether there was no input at all.
    pub(crate) barren: bool,
    /// Whether an input was lost or held nothing.
    pub(crate) incomplete: bool,
    /// The severity that fails, and whether an alert reached it.
    pub(crate) fail_on: Option<(Level, bool)>,
    /// How it ends.
    pub(crate) exit: Exit,
    /// How long it took.
    pub(crate) took: Duration,
    /// Where the time went, if that was asked for.
    pub(crate) timings: Option<Told<'a>>,
}

impl Summary<'_> {
    /// The lines for people.
    pub(crate) fn text(&self, look: Look) -> String {
        let ledger = &self.outcome.ledger;
        let mut lines = vec![
            ("files", files(ledger)),
            ("bytes", self.bytes()),
            ("records", records(ledger)),
            ("", overlays(ledger)),
            ("alerts", alerts(ledger)),
        ];
        if let Some((level, true)) = self.fail_on {
            lines.push(("", format!("an alert reached --fail-on {}", level.word())));
        }
        if let Some(line) = self.evicted() {
            lines.push(("evicted", line));
        }
        if let Some(line) = self.learning() {
            lines.push(("learning", line));
        }
        if !ledger.no_key.is_empty() {
            let rules = by_rule(&ledger.no_key);
            lines.push(("no key", format!("events that lack a part of a rule's `by`: {rules}")));
        }
        let lines: Vec<_> = lines
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(label, text)| {
                let label = look.paint(Style::new().dimmed(), &format!("{label:<10}"));
                format!("{label}{}", wrap(&text, look.width - 10).join("\n          "))
            })
            .collect();
        lines.join("\n")
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a rate for people"
    )]
    fn bytes(&self) -> String {
        let bytes = self.outcome.ledger.bytes;
        let seconds = self.took.as_secs_f64().max(1e-6);
        let mut text = format!("{} read", size(bytes.read));
        if bytes.inflated > bytes.read {
            text.push_str(&format!(", {} inflated", size(bytes.inflated)));
        }
        if bytes.unreadable > 0 {
            text.push_str(&format!(", {} could not be read", size(bytes.unreadable)));
        }
        let rate = (bytes.inflated.max(bytes.read) as f64 / seconds) as u64;
        text.push_str(&format!(", in {}, {}/s", duration(self.took), size(rate)));
        text
    }

    fn evicted(&self) -> Option<String> {
        let evicted = &self.outcome.ledger.evicted;
        (!evicted.is_empty()).then(|| format!("groups, too many to keep: {}", by_rule(evicted)))
    }

    fn learning(&self) -> Option<String> {
        let learning = &self.outcome.learning;
        let rules: Vec<_> = learning
            .iter()
            .map(|(rule, until)| format!("{} until {until}", escape(rule)))
            .collect();
        (!rules.is_empty()).then(|| {
            format!(
                "the input ends before these rules had learned enough to alert: {}",
                rules.join(", ")
            )
        })
    }

    /// The summary as JSON: the ledger, and what the exit status cannot say at once.
    pub(crate) fn json(&self) -> Value {
        let faulty: Vec<_> = self.outcome.faulty.iter().map(faulty).collect();
        let paths: Vec<_> = self.faults.iter().map(ToString::to_string).collect();
        let learning: Vec<_> = self
            .outcome
            .learning
            .iter()
            .map(|(rule, until)| json!({ "rule": rule, "until": until.to_string() }))
            .collect();
        let mut summary = json!({
            "trailhound": env!("CARGO_PKG_VERSION"),
            "status": self.exit.code(),
            "incomplete": self.incomplete,
            "fail_on": self.fail_on.map(|(level, reached)| json!({
                "severity": level.word(),
                "reached": reached,
            })),
            "stopped": self.outcome.stopped,
            "latest": self.outcome.latest.map(|time| time.to_string()),
            "site": self.site.map(|site| json!({ "path": site.path, "sha256": site.sha256 })),
        });
        let ledger = json!(self.outcome.ledger);
        if let (Value::Object(summary), Value::Object(ledger)) = (&mut summary, ledger) {
            summary.extend(ledger);
            summary.insert("learning".to_owned(), json!(learning));
            summary.insert("faulty".to_owned(), json!(faulty));
            summary.insert("unreadable_paths".to_owned(), json!(paths));
            if let Some(timings) = self.timings {
                summary.insert("timings".to_owned(), timings.json());
            }
        }
        summary
    }
}

fn faulty(faulty: &Faulty) -> Value {
    let damage: Vec<_> = faulty.damage.0.iter().map(ToString::to_string).collect();
    json!({
        "name": faulty.name,
        "loss": faulty.is_loss(),
        "looked_like": faulty.looked_like.as_ref().map(ToString::to_string),
        "bytes_lost": faulty.lost.0,
        "records_lost": faulty.lost.1,
        "damage": damage,
        "damaged_places": faulty.damage.1,
        "malformed": faulty.malformed.map(|(at, why, count)| json!({
            "count": count,
            "first_at": at,
            "why": why.to_string(),
        })),
    })
}

/// The counts that are not zero, each with its word.
fn parts(counts: &[(u64, &str)]) -> String {
    let parts: Vec<_> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}", grouped(*count)))
        .collect();
    parts.join(", ")
}

fn files(ledger: &Ledger) -> String {
    let files = ledger.files;
    let read = if files.read == files.listed {
        format!("{} read", grouped(files.read))
    } else {
        format!("{} of {} read", grouped(files.read), grouped(files.listed))
    };
    let faulty = parts(&[(files.faulty, "faulty")]);
    let passed = parts(&[
        (files.digests, "digests"),
        (files.insights, "Insights"),
        (files.other, "of other kinds"),
        (files.outside, "day folders outside the time asked for"),
    ]);
    let passed = if passed.is_empty() { passed } else { format!("passed over: {passed}") };
    [read, faulty, passed]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(", ")
}

fn records(ledger: &Ledger) -> String {
    let records = ledger.records;
    let became = parts(&[
        (records.evaluated, "evaluated"),
        (records.duplicate, "duplicate"),
        (records.filtered, "filtered by time"),
        (records.malformed, "malformed"),
        (records.oversize, "oversize"),
    ]);
    if became.is_empty() {
        "none".to_owned()
    } else {
        format!("{}: {became}", grouped(records.seen))
    }
}

fn overlays(ledger: &Ledger) -> String {
    let records = ledger.records;
    let among = parts(&[
        (records.late, "late"),
        (records.future, "from the future"),
        (records.no_time, "without a time"),
        (records.addendum, "corrections"),
        (records.odd, "odd"),
        (records.conflicting, "duplicates that differ"),
    ]);
    if among.is_empty() { among } else { format!("among them {among}") }
}

fn alerts(ledger: &Ledger) -> String {
    let alerts = ledger.alerts;
    let others = parts(&[
        (alerts.suppressed, "suppressed"),
        (alerts.below, "below the least severity"),
        (alerts.before, "before --alerts-from"),
    ]);
    let shown = format!("{} shown", grouped(alerts.shown));
    if others.is_empty() { shown } else { format!("{shown}, {others}") }
}

fn by_rule(counts: &BTreeMap<String, u64>) -> String {
    let rules: Vec<_> = counts
        .iter()
        .map(|(rule, count)| format!("{} {}", escape(rule), grouped(*count)))
        .collect();
    rules.join(", ")
}

/// A number of bytes with a unit: `1.5 MiB`.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [(u32, &str); 4] = [(40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")];
    for (shift, unit) in UNITS {
        if bytes >> shift > 0 {
            let tenths = (u128::from(bytes) * 10) >> shift;
            return format!("{}.{} {unit}", tenths / 10, tenths % 10);
        }
    }
    format!("{bytes} B")
}

fn duration(took: Duration) -> String {
    match took.as_secs() {
        0 => format!("{} ms", took.as_millis()),
        seconds if seconds < 60 => format!("{:.1} s", took.as_secs_f64()),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_units() {
        for (bytes, text) in [
            (0, "0 B"),
            (1_023, "1023 B"),
            (1_024, "1.0 KiB"),
            (1_572_864, "1.5 MiB"),
            (u64::MAX, "16777215.9 TiB"),
        ] {
            assert_eq!(size(bytes), text);
        }
    }
}
