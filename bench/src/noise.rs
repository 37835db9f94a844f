//! How much the built-in rules say where nothing is wrong: alerts by rule over corpora of
//! ordinary work.
//!
//! It knows where each corpus lies and which part of it is ordinary, and counts. It never
//! judges whether a number is too high; that is for the page and its test.
//!
//! # Invariants
//!
//! - Every rule of the pack is counted, at its least severity, and a rule without an alert
//!   has zeros.
//! - The ordinary archive is made from a fixed plan, the same on every machine.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use engine::plan::{Level, Program};
use serde_json::Value;
use tempfile::TempDir;

use crate::archive::{Plan, Volume, generate};
use crate::background::Habits;
use crate::clock::Moment;
use crate::delivery::Terms;
use crate::measure::run::{alerts_by_rule, pack};
use crate::measure::table::{Style, Table};
use crate::rhythm::Week;
use crate::sink::Form;

/// The agent of Terraform in user agents.
const TERRAFORM: &str = "HashiCorp";

/// The names of the corpora, in the order of the columns.
pub const CORPORA: [&str; 4] = ["catalog", "masked", "terraform", "ordinary"];

/// What the rules said over one corpus.
#[derive(Debug, Default)]
pub struct Heard {
    /// Alerts, by rule.
    pub alerts: BTreeMap<String, u64>,
    /// Records that were evaluated.
    pub records: u64,
}

/// What all rules said over all corpora.
#[derive(Debug)]
pub struct Noise {
    /// Every rule with its severity, loudest first.
    pub rules: Vec<(String, Level)>,
    /// One for each of [`CORPORA`].
    pub heard: Vec<Heard>,
}

impl Noise {
    /// Runs the built-in rules over the corpora in a folder, and over an ordinary archive.
    ///
    /// # Errors
    ///
    /// When a corpus is missing or cannot be read whole, or a rule is wrong.
    pub fn measured(corpora: &Path) -> Result<Self, Box<dyn Error>> {
        let pack = pack()?;
        let scratch = TempDir::new()?;
        let paths = [
            corpora.join("catalog"),
            corpora.join("masked"),
            terraform(&corpora.join("invictus"), scratch.path())?,
            ordinary(scratch.path())?,
        ];
        let heard = paths.iter().map(|path| heard(&pack, path));
        let heard = heard.collect::<Result<Vec<_>, _>>()?;
        let mut rules: Vec<_> =
            pack.rules.iter().map(|rule| (rule.name.to_string(), rule.severity)).collect();
        let total = |name: &str| heard.iter().map(|one| one.of(name)).sum::<u64>();
        rules.sort_by_key(|(name, level)| (std::cmp::Reverse((total(name), *level)), name.clone()));
        Ok(Self { rules, heard })
    }

    /// Alerts of a rule over a corpus of [`CORPORA`], by its place.
    #[must_use]
    pub fn of(&self, rule: &str, corpus: usize) -> u64 {
        self.heard.get(corpus).map_or(0, |heard| heard.of(rule))
    }

    /// The tables of the page: rules that said something, then all by severity.
    #[must_use]
    pub fn markdown(&self) -> String {
        let records = |at: usize| self.heard.get(at).map_or(0, |heard| heard.records);
        let head = ["what", CORPORA[0], CORPORA[1], CORPORA[2], CORPORA[3], "per 10,000"];
        let all: u64 = (0..CORPORA.len()).map(records).sum();
        let share = |count: u64| format!("{:.2}", count as f64 * 10_000.0 / all.max(1) as f64);
        let row = |name: String, counts: [u64; 4]| {
            let [a, b, c, d] = counts.map(|count| count.to_string());
            [name, a, b, c, d, share(counts.iter().sum())]
        };
        let mut by_rule = Table::new(&head);
        for (name, level) in &self.rules {
            let counts = std::array::from_fn(|at| self.of(name, at));
            if counts.iter().sum::<u64>() > 0 {
                by_rule.push(row(format!("`{name}` ({})", level.word()), counts));
            }
        }
        let mut by_level = Table::new(&head);
        for (word, level) in Level::ALL.into_iter().rev() {
            let of_level = |at: usize| {
                let own = self.rules.iter().filter(|(_, own)| *own == level);
                own.map(|(name, _)| self.of(name, at)).sum()
            };
            by_level.push(row(word.to_owned(), std::array::from_fn(of_level)));
        }
        let [a, b, c, d] = std::array::from_fn(|at| records(at).to_string());
        by_level.push(["records".to_owned(), a, b, c, d, String::new()]);
        format!("{}\n{}", by_level.render(Style::Markdown), by_rule.render(Style::Markdown))
    }
}

impl Heard {
    fn of(&self, rule: &str) -> u64 {
        self.alerts.get(rule).copied().unwrap_or(0)
    }
}

fn heard(pack: &Program, path: &Path) -> Result<Heard, Box<dyn Error>> {
    let (alerts, records) = alerts_by_rule(pack, path)?;
    Ok(Heard { alerts, records })
}

/// The records that Terraform made, in a file of their own.
fn terraform(folder: &Path, scratch: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let mut lines = String::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let file: Value = serde_json::from_str(&fs::read_to_string(path)?)?;
        let records = file.get("Records").and_then(Value::as_array).into_iter().flatten();
        let by_terraform = |record: &&Value| {
            let agent = record.get("userAgent").and_then(Value::as_str);
            agent.is_some_and(|agent| agent.contains(TERRAFORM))
        };
        for record in records.filter(by_terraform) {
            lines.push_str(&format!("{record}\n"));
        }
    }
    let path = scratch.join("terraform.jsonl");
    fs::write(&path, lines)?;
    Ok(path)
}

/// Four weeks of the sample's organisation in which nothing happens.
fn ordinary(scratch: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let out = scratch.join("ordinary");
    let start = Moment::parse("2025-09-01").ok_or("no day")?;
    let plan = Plan {
        seed: 7,
        accounts: 3,
        regions: ["eu-west-1", "us-east-1", "eu-central-1"].map(str::to_owned).to_vec(),
        start,
        days: 28,
        volume: Volume::EventsPerDay(400.0),
        week: Week { opens: 6, closes: 18, night: 0.2, weekend: 0.2 },
        bursts: 0.0,
        habits: Habits { denied: 0.004, long: 0.0, large: 0.0, huge: 0.0, token_length: 40 },
        quiet: true,
        incidents: false,
        terms: Terms { gather: 3_600, records_per_file: 2_000, duplicates: 0.01, late: 0.0 },
        organization: None,
        form: Form::Plain,
        out: out.clone(),
    };
    generate(&plan)?;
    Ok(out)
}
