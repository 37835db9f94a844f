//! Case files: a rule, events and the alerts they give, in one text.
//!
//! A case opens with a sentence, names the layers it runs at, and has the sections
//! `--- rule`, `--- events` and, last, `--- alerts`. Time starts at
//! 2026-01-01T00:00:00Z; `+2d 10:00:00` is two days and ten hours later. A line of
//! events is a time, an object laid over a plain record, and perhaps `x 20 every
//! 10s`; `file NAME` starts a new file, `raw TEXT` is a record as it stands. Events
//! are numbered `e001`, `e002`, … unless they say their eventID.

mod events;

use crate::generate::NamedFile;
use crate::oracle::{Config, Json, Ledger, Outcome, time_of};
use crate::production::{How, Shape, engine_run, program};
use crate::{oracle, tree};

/// Where time starts in a case.
pub const START: &str = "2026-01-01T00:00:00Z";

/// A case as it was read.
#[derive(Clone, Debug)]
pub struct Case {
    /// The text up to and with `--- alerts`.
    pub head: String,
    /// The layers it runs at.
    pub layers: Vec<String>,
    /// Paths into the alert that its lines show as well.
    pub fields: Vec<String>,
    /// Counters that stand after the alerts.
    pub counters: Vec<String>,
    /// The rule file.
    pub rules: String,
    /// The files.
    pub files: Vec<NamedFile>,
    /// The clock.
    pub config: Config,
    /// The lines it expects.
    pub alerts: Vec<String>,
}

impl Case {
    /// The case of a text.
    ///
    /// # Errors
    ///
    /// What is wrong with its form.
    pub fn read(text: &str) -> Result<Self, String> {
        let (head, alerts) = text.split_once("--- alerts\n").ok_or("no `--- alerts`")?;
        let (front, rest) = head.split_once("--- rule\n").ok_or("no `--- rule`")?;
        let (rules, events) = rest.split_once("--- events\n").ok_or("no `--- events`")?;
        if !front.starts_with("# ") {
            return Err("a case opens with a sentence".to_owned());
        }
        let header = |name: &str| {
            front
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
                .map(str::trim)
                .unwrap_or("")
        };
        let list = |name: &str| -> Vec<String> {
            header(name).split(", ").filter(|word| !word.is_empty()).map(str::to_owned).collect()
        };
        if list("layers").is_empty() {
            return Err("no `layers:`".to_owned());
        }
        let start = time_of(START).ok_or("no start")?;
        let now = match header("now") {
            "" => start + 1_000 * 86_400,
            text => time_of(text).ok_or_else(|| format!("no time: {text}"))?,
        };
        Ok(Self {
            head: format!("{head}--- alerts\n"),
            layers: list("layers"),
            fields: list("fields"),
            counters: list("ledger"),
            rules: rules.to_owned(),
            files: events::files(events, start)?,
            config: Config { now, lateness: Config::LATENESS },
            alerts: alerts
                .lines()
                .map(str::trim_end)
                .filter(|line| !line.is_empty())
                .map(str::to_owned)
                .collect(),
        })
    }

    /// The lines at a layer; nothing where it is not wired.
    ///
    /// # Errors
    ///
    /// An unknown layer, or rules that do not parse.
    pub fn lines(&self, layer: &str) -> Result<Option<Vec<String>>, String> {
        let threads = match layer {
            "oracle" => {
                let inputs: Vec<_> = self.files.iter().map(NamedFile::input).collect();
                let outcome = oracle::run(&[tree(&self.rules)?], &inputs, &self.config);
                return Ok(Some(self.told(&outcome)));
            }
            "exec" | "runtime(1)" => 1,
            "runtime(4)" => 4,
            other => return Err(format!("no layer `{other}`")),
        };
        let how = How { threads, shape: Shape::Records, sorted: false };
        let said = engine_run(&program(&self.rules)?, &self.files, &self.config, how)?;
        Ok(Some(said.alerts.iter().map(|alert| self.line(alert)).collect()))
    }

    /// The lines that a layer is to give: counters are the reference engine's alone.
    #[must_use]
    pub fn wanted(&self, layer: &str) -> Vec<String> {
        let all =
            self.alerts.iter().filter(|line| layer == "oracle" || !line.starts_with("ledger "));
        all.cloned().collect()
    }

    fn told(&self, outcome: &Outcome) -> Vec<String> {
        let mut lines: Vec<String> = outcome.alerts.iter().map(|alert| self.line(alert)).collect();
        if !self.counters.is_empty() {
            let counts = self
                .counters
                .iter()
                .map(|name| format!("{name}={}", counter(&outcome.ledger, name)));
            lines.push(format!("ledger  {}", counts.collect::<Vec<_>>().join("  ")));
        }
        lines
    }

    /// An alert on one line: time, rule, group, tuple, values, and what `fields` asks for.
    fn line(&self, alert: &str) -> String {
        let Some(alert) = Json::parse(alert) else { return format!("no JSON: {alert}") };
        let text = |key: &str| alert.get(key).and_then(Json::as_text).unwrap_or("").to_owned();
        let mut parts = vec![clock(&text("time")), text("rule")];
        for key in ["group", "tuple"] {
            parts.extend(pairs(alert.get(key)));
        }
        let clauses = alert.get("because").map_or(&[][..], Json::elements);
        let decided = clauses
            .iter()
            .find(|clause| clause.get("clause").and_then(Json::as_text) != Some("where"));
        parts.extend(pairs(decided.and_then(|clause| clause.get("values"))));
        let steps = decided.and_then(|clause| clause.get("steps"));
        parts.extend(steps.map_or(&[][..], Json::elements).iter().map(step));
        if let Some(id) = alert.at(&["evidence", "eventID"]) {
            parts.push(format!("event={}", plain(id)));
        }
        for key in ["exempted", "suppressed"] {
            parts.extend(
                alert
                    .get(key)
                    .filter(|value| value.compact() != "0")
                    .map(|value| format!("{key}={}", plain(value))),
            );
        }
        for field in &self.fields {
            parts.push(format!(
                "{field}={}",
                at(&alert, field).map_or("-".to_owned(), |value| value.compact())
            ));
        }
        parts.join("  ")
    }
}

/// A step of a sequence with the ids of its events.
fn step(step: &Json) -> String {
    let ids = step.get("ids").map_or(&[][..], Json::elements);
    let ids: Vec<String> = ids.iter().map(plain).collect();
    format!("{}={}", step.get("step").map_or_else(String::new, plain), ids.join(","))
}

fn pairs(object: Option<&Json>) -> Vec<String> {
    let Some(Json::Object(pairs)) = object else { return Vec::new() };
    pairs
        .iter()
        .map(|(key, value)| format!("{}={}", key.trim_end_matches("()"), plain(value)))
        .collect()
}

/// A text without quotes where it has no space, any other value as JSON.
fn plain(value: &Json) -> String {
    match value.as_text() {
        Some(text) if !text.is_empty() && !text.contains([' ', '"']) => text.to_owned(),
        _ => value.compact(),
    }
}

/// The value at a path such as `because/1/window`.
fn at(json: &Json, path: &str) -> Option<Json> {
    let mut value = json.clone();
    for step in path.split('/') {
        value = match step.parse::<usize>() {
            Ok(index) => value.elements().get(index)?.clone(),
            Err(_) => value.get(step)?.clone(),
        };
    }
    Some(value)
}

/// A time as a case writes it.
fn clock(text: &str) -> String {
    let (Some(time), Some(start)) = (time_of(text), time_of(START)) else { return "-".to_owned() };
    let (days, rest) = ((time - start).div_euclid(86_400), (time - start).rem_euclid(86_400));
    let clock = format!("{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60);
    if days == 0 { clock } else { format!("{days:+}d {clock}") }
}

fn counter(ledger: &Ledger, name: &str) -> u64 {
    match name {
        "seen" => ledger.seen,
        "evaluated" => ledger.evaluated,
        "duplicate" => ledger.duplicate,
        "conflicting" => ledger.conflicting,
        "malformed" => ledger.malformed,
        "late" => ledger.late,
        "future" => ledger.future,
        "no_time" => ledger.no_time,
        "addendum" => ledger.addendum,
        "suppressed" => ledger.suppressed,
        "no_key" => ledger.no_key.values().sum(),
        _ => u64::MAX,
    }
}
