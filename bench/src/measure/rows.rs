//! The rows of the table: what must be reached, what is aimed at, and what was.

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;

use engine::plan::Program;

use crate::archive::generate;
use crate::measure::child;
use crate::measure::corpus::{Corpus, Inflater, plan, small_and_large};
use crate::measure::run::{Ran, program, replay_all, told};
use crate::measure::stopwatch::{Spread, own_seconds, ratio, seconds};
use crate::measure::typed::typed;
use crate::rulebook;
use crate::sink::Form;

/// Small files of eight records, as the requirement has it.
const SMALL_FILES: usize = 4_000;
/// Records of each.
const SMALL_RECORDS: usize = 8;
/// Memory that a replay may take whatever it reads: 64 MiB.
const MEMORY_BASE: f64 = 64.0;

/// A row: what was measured, and what it must reach.
#[derive(Debug, Clone)]
pub struct Row {
    /// What is measured against what.
    pub name: String,
    /// What came out; nothing where it could not be measured.
    pub measured: Option<Spread>,
    /// Unit behind the numbers: `×`, `MiB`, `ms`.
    pub unit: &'static str,
    /// What it must reach, and the aim.
    pub limits: Option<[f64; 2]>,
    /// What else is worth knowing, or why it was not measured.
    pub note: String,
}

impl Row {
    fn times(name: &str, measured: Spread, limits: [f64; 2]) -> Self {
        let (name, limits) = (name.to_owned(), Some(limits));
        Self { name, measured: Some(measured), unit: "×", limits, note: String::new() }
    }

    fn with(self, note: String) -> Self {
        Self { note, ..self }
    }

    /// What the row comes to, in words.
    #[must_use]
    pub fn verdict(&self) -> &'static str {
        let (Some(measured), Some([must, aim])) = (self.measured, self.limits) else {
            return if self.measured.is_some() { "" } else { "not measured" };
        };
        verdict(measured.median, must, aim)
    }
}

/// What a value comes to beside what it must reach and the aim, whichever way is better.
#[must_use]
pub fn verdict(value: f64, must: f64, aim: f64) -> &'static str {
    let reaches = |limit: f64| if aim > must { value >= limit } else { value <= limit };
    match (reaches(aim), reaches(must)) {
        (true, _) => "reaches the aim",
        (false, true) => "reaches the must",
        (false, false) => "falls short",
    }
}

/// What all rows are measured with.
#[derive(Debug)]
pub struct Bench<'a> {
    /// The archive.
    pub corpus: &'a Corpus,
    /// The built-in rules.
    pub pack: &'a Program,
    /// The real program, where it is.
    pub binary: Option<&'a Path>,
    /// How often each side runs.
    pub rounds: usize,
    /// A folder for what is made.
    pub scratch: &'a Path,
}

impl Bench<'_> {
    /// Processor time of a replay on one core.
    fn replay(&self, program: &Program, path: &Path) -> f64 {
        own_seconds(|| replay_all(program, path, 1))
    }

    /// All rows of the requirement.
    ///
    /// # Errors
    ///
    /// What cannot be made, read or replayed.
    pub fn rows(&self) -> Result<Vec<Row>, Box<dyn Error>> {
        // Said once if it fails; in the rounds only time counts.
        let Ran { alerts, .. } = replay_all(self.pack, &self.corpus.stored, 1)?;
        let mut rows = vec![self.compressed(alerts), self.plain(), self.cores(), self.rules()?];
        rows.push(self.small(Form::Plain, Some([2.0, 1.3]))?);
        rows.push(self.small(Form::Gzip(6), None)?);
        rows.extend(self.memory()?);
        rows.push(self.start()?);
        rows.extend(self.loading());
        Ok(rows)
    }

    fn compressed(&self, alerts: u64) -> Row {
        let mut inflater = Inflater::new(self.corpus.largest());
        let measured =
            ratio(self.rounds, &mut || self.replay(self.pack, &self.corpus.stored), &mut || {
                own_seconds(|| inflater.all(&self.corpus.compressed))
            });
        Row::times("replay of .json.gz : libdeflate alone", measured, [1.6, 1.3])
            .with(format!("{alerts} alerts"))
    }

    fn plain(&self) -> Row {
        let measured =
            ratio(self.rounds, &mut || own_seconds(|| typed(&self.corpus.texts)), &mut || {
                self.replay(self.pack, &self.corpus.plain)
            });
        Row::times("serde_json, twelve fields : replay of plain JSON", measured, [2.5, 5.0])
    }

    fn cores(&self) -> Row {
        let on = |threads| seconds(|| replay_all(self.pack, &self.corpus.stored, threads));
        let measured = ratio(self.rounds, &mut || on(1), &mut || on(2));
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let row = Row::times("one core : two cores, .json.gz", measured, [1.85, 1.95]);
        row.with(format!("by the clock; {cores} cores here"))
    }

    fn rules(&self) -> Result<Row, Box<dyn Error>> {
        let [many, few] = [1_000, 10].map(rulebook::text);
        let many = program(&[("thousand.trail", &many)])?;
        let few = program(&[("ten.trail", &few)])?;
        let [of_many, of_few] =
            [&many, &few].map(|program| replay_all(program, &self.corpus.plain, 1));
        let measured =
            ratio(self.rounds, &mut || self.replay(&many, &self.corpus.plain), &mut || {
                self.replay(&few, &self.corpus.plain)
            });
        let row = Row::times("1,000 rules : 10 rules, plain JSON", measured, [1.3, 1.1]);
        Ok(row.with(format!("{} and {} alerts", of_many?.alerts, of_few?.alerts)))
    }

    fn small(&self, form: Form, limits: Option<[f64; 2]>) -> Result<Row, Box<dyn Error>> {
        let [small, large] = small_and_large(self.scratch, SMALL_FILES * SMALL_RECORDS, form)?;
        let ran = replay_all(self.pack, &small, 1)?;
        if replay_all(self.pack, &large, 1)? != ran {
            return Err("small files gave other alerts than large ones".into());
        }
        let measured = ratio(self.rounds, &mut || self.replay(self.pack, &small), &mut || {
            self.replay(self.pack, &large)
        });
        let shape = if form == Form::Plain { "plain" } else { ".json.gz" };
        let name = format!("files of 8 records : one file of the same, {shape}");
        let note = format!("{} records", ran.records);
        let row = Row { limits, ..Row::times(&name, measured, [2.0, 1.3]) };
        Ok(row.with(note))
    }

    /// Peak memory of the program itself, on the archive and on a quarter of its size.
    fn memory(&self) -> Result<Vec<Row>, Box<dyn Error>> {
        let base = Row {
            name: "peak memory, one worker".to_owned(),
            measured: None,
            unit: "MiB",
            limits: None,
            note: "no program to run: build trailhound, or give --binary".to_owned(),
        };
        let Some(binary) = self.binary else { return Ok(vec![base]) };
        let megabytes = self.corpus.inflated() as f64 / 1e6;
        let quarter = self.scratch.join("quarter");
        generate(&plan(quarter.clone(), megabytes / 4.0))?;
        let largest = self.corpus.largest() as f64 / f64::from(1 << 20);
        let must = MEMORY_BASE + 2.0 * largest;
        let row = |archive: &Path, megabytes: f64| -> Result<Row, Box<dyn Error>> {
            let peak = child::peak_bytes(&mut replay_command(binary, archive))?;
            let Some(peak) = peak else {
                return Ok(Row { note: "needs /proc".to_owned(), ..base.clone() });
            };
            Ok(Row {
                name: format!("peak memory, one worker, {megabytes:.0} MB inflated"),
                measured: Some(Spread::exact(peak as f64 / f64::from(1 << 20))),
                limits: Some([must, must / 2.0]),
                note: format!("largest file {largest:.1} MiB; state caps not counted"),
                ..base.clone()
            })
        };
        Ok(vec![row(&quarter, megabytes / 4.0)?, row(&self.corpus.stored, megabytes)?])
    }

    /// Rules made ready, and rules refused.
    fn loading(&self) -> [Row; 2] {
        let row = |name: &str, limits: [f64; 2], work: &mut dyn FnMut()| {
            work();
            let rounds = (0..self.rounds.max(1)).map(|_| own_seconds(&mut *work) * 1e3);
            let measured = Some(Spread::of(rounds.collect::<Vec<_>>()));
            let (name, limits) = (name.to_owned(), Some(limits));
            Row { name, measured, unit: "ms", limits, note: String::new() }
        };
        let (thousand, mistakes) = (rulebook::text(1_000), rulebook::mistakes());
        [
            row("1,000 rules parsed, checked and compiled", [1_000.0, 100.0], &mut || {
                _ = black_box(program(&[("thousand.trail", &thousand)]));
            }),
            row("an error in each of 200 lines, told", [50.0, 10.0], &mut || {
                black_box(told(&mistakes));
            }),
        ]
    }

    /// From the start of the program to its first line, on a file of one incident.
    fn start(&self) -> Result<Row, Box<dyn Error>> {
        let name = "start to first alert, a file of two records".to_owned();
        let (unit, limits) = ("ms", Some([20.0, 5.0]));
        let missing = "no program to run: build trailhound, or give --binary".to_owned();
        let row = Row { name, measured: None, unit, limits, note: missing };
        let Some(binary) = self.binary else { return Ok(row) };
        let made = self.scratch.join("incidents");
        let mut made = generate(&crate::archive::Plan {
            volume: crate::archive::Volume::EventsPerDay(1.0),
            form: Form::Lines,
            ..plan(made, 1.0)
        })?;
        made.incidents.retain(|incident| incident.title.contains("trail is stopped"));
        let steps = made.incidents.iter().flat_map(|incident| incident.steps());
        let records: Vec<&str> = steps.map(|step| step.record.as_str()).collect();
        let file = self.scratch.join("trail-stopped.json");
        fs::write(&file, format!("{{\"Records\":[{}]}}", records.join(",")))?;
        let rounds = 4 * self.rounds.max(1);
        let (mut first, mut bare) = (Vec::new(), Vec::new());
        for _ in 0..=rounds {
            let mut replay = Command::new(binary);
            replay.args(["replay", "--quiet", "--now", "2030-01-01T00:00:00Z"]).arg(&file);
            first.push(child::first_line(&mut replay)? * 1e3);
            bare.push(child::first_line(Command::new(binary).arg("--version"))? * 1e3);
        }
        // The first of each warms the page cache.
        let spread = Spread::of(first.drain(1..));
        let note = format!("`--version` takes {:.1} ms", Spread::of(bare.drain(1..)).median);
        Ok(Row { measured: Some(spread), note, ..row })
    }
}

/// The program replaying an archive on one core, its alerts to standard output.
#[must_use]
pub fn replay_command(binary: &Path, archive: &Path) -> Command {
    let mut command = Command::new(binary);
    command.args(["replay", "--quiet", "--threads", "1", "--now", "2030-01-01T00:00:00Z"]);
    command.arg(archive);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_knows_which_way_is_better() {
        assert_eq!(verdict(1.2, 1.6, 1.3), "reaches the aim");
        assert_eq!(verdict(1.4, 1.6, 1.3), "reaches the must");
        assert_eq!(verdict(1.7, 1.6, 1.3), "falls short");
        assert_eq!(verdict(6.0, 2.5, 5.0), "reaches the aim");
        assert_eq!(verdict(3.0, 2.5, 5.0), "reaches the must");
        assert_eq!(verdict(2.0, 2.5, 5.0), "falls short");
    }
}
