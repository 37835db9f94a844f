//! The engine on an archive, in this process: rules, replay, the built-in pack.

use std::collections::BTreeMap;
use std::error::Error;
use std::io;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use engine::event::EventTime;
use engine::exec::Alert;
use engine::input::{Discover, discover};
use engine::lang::check::{Options, load};
use engine::lang::diag::Sources;
use engine::lang::render::{View, render};
use engine::plan::{Level, Program, compile};
use engine::runtime::{Config, Ledger, REPLAY_LATENESS, Sink, replay};

/// The time of day in every run here: after all that the generator makes by default.
pub const NOW: EventTime = EventTime(1_893_456_000);

/// The program of rule files, given as names and texts.
///
/// # Errors
///
/// The first thing that is wrong with a rule.
pub fn program<'a>(files: &[(&'a str, &'a str)]) -> Result<Program, Box<dyn Error>> {
    let mut sources = Sources::default();
    sources.only_run();
    for (name, text) in files {
        sources.add(*name, *text, true);
    }
    let (ruleset, diags) = load(&sources, &Options { lints: false });
    if let Some(diag) = diags.first() {
        return Err(format!("{}: {}", diag.code, diag.title).into());
    }
    Ok(compile(&ruleset)?)
}

/// What is said of a rule file, as text.
#[must_use]
pub fn told(text: &str) -> String {
    let mut sources = Sources::default();
    sources.add("rules.trail", text, false);
    let (_, diags) = load(&sources, &Options { lints: true });
    render(&sources, &diags, View { color: false, all: true })
}

/// The built-in rules.
///
/// # Errors
///
/// As [`program()`].
pub fn pack() -> Result<Program, Box<dyn Error>> {
    program(rules::FILES)
}

/// A sink that counts.
struct Count(u64);

impl Sink for Count {
    fn alert(&mut self, _: &Alert) -> io::Result<()> {
        self.0 += 1;
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// How a replay went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ran {
    /// Alerts.
    pub alerts: u64,
    /// Records seen, copies included.
    pub records: u64,
}

/// Replays all files below a path and counts.
///
/// # Errors
///
/// Those of the run; a file that cannot be read whole, since it would be measured short.
pub fn replay_all(program: &Program, path: &Path, threads: usize) -> Result<Ran, Box<dyn Error>> {
    let mut count = Count(0);
    let ledger = replay_into(program, path, threads, &mut count)?;
    Ok(Ran { alerts: count.0, records: ledger.records.seen })
}

/// A sink that counts by rule.
struct ByRule<'a>(&'a Program, BTreeMap<String, u64>);

impl Sink for ByRule<'_> {
    fn alert(&mut self, alert: &Alert) -> io::Result<()> {
        if let Some(rule) = self.0.rules.get(alert.rule as usize) {
            *self.1.entry(rule.name.to_string()).or_default() += 1;
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Replays all files below a path: the alerts of each rule that has any, and how many
/// records were evaluated.
///
/// # Errors
///
/// As [`replay_all`].
pub fn alerts_by_rule(
    program: &Program,
    path: &Path,
) -> Result<(BTreeMap<String, u64>, u64), Box<dyn Error>> {
    let mut counts = ByRule(program, BTreeMap::new());
    let ledger = replay_into(program, path, 1, &mut counts)?;
    Ok((counts.1, ledger.records.evaluated))
}

/// How an archive is replayed when nothing is asked for but its alerts.
pub fn config<'a>(program: &Program, threads: usize, stop: &'a AtomicBool) -> Config<'a> {
    Config {
        threads,
        now: NOW,
        lateness: REPLAY_LATENESS,
        sorted: false,
        from: None,
        to: None,
        alerts_from: None,
        least: vec![Level::Info; program.rules.len()],
        include_record: false,
        stop,
        clock: None,
    }
}

fn replay_into(
    program: &Program,
    path: &Path,
    threads: usize,
    sink: &mut impl Sink,
) -> Result<Ledger, Box<dyn Error>> {
    let stop = AtomicBool::new(false);
    let config = config(program, threads, &stop);
    let listing = discover(&[path.to_owned()], &Discover::default());
    let outcome = replay(program, &config, &listing, sink, &())?;
    match outcome.faulty.first() {
        Some(_) => Err(format!("{} inputs could not be read whole", outcome.faulty.len()).into()),
        None => Ok(outcome.ledger),
    }
}
