//! Small fixed pieces of work, a stage each: for micro benchmarks and instruction counts.
//!
//! Each is made once from a seed and can be done again and again; doing it changes
//! nothing that a later time would meet. Inputs lie in memory or in a temporary folder.
//!
//! # Invariants
//!
//! - The same work in every run of every machine, but for the seeds of hash tables.

use std::error::Error;
use std::fs;
use std::hint::black_box;

use bumpalo::Bump;
use engine::event::{Event, Layout, Scan, Slots, scan};
use engine::exec::{Matcher, Seeds, Standing};
use engine::plan::Program;
use tempfile::TempDir;

use crate::archive::generate;
use crate::measure::corpus::{Inflater, plan};
use crate::measure::run::{pack, program, replay_all, told};
use crate::measure::stages::TWELVE;
use crate::rulebook;

/// Inflated megabytes of the archive that is worked on.
const MEGABYTES: f64 = 3.0;

/// What all pieces of work are made from.
#[derive(Debug)]
pub struct Material {
    compressed: Vec<Vec<u8>>,
    /// Records without what is around them.
    records: Vec<Vec<u8>>,
    pack: Program,
    thousand: Program,
    thousand_text: String,
    folder: TempDir,
}

/// A piece of work.
#[derive(Debug, Clone, Copy)]
pub struct Workload {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub does: &'static str,
    work: fn(&Material),
}

/// All pieces of work, in the order of the data flow.
pub const ALL: &[Workload] = &[
    Workload { name: "inflate", does: "libdeflate alone: a yardstick", work: inflate },
    Workload { name: "scan", does: "frame and index each record", work: index },
    Workload { name: "fields", does: "the same, and twelve fields as text", work: fields },
    Workload { name: "match", does: "scan, and match the built-in rules", work: match_pack },
    Workload { name: "match-1000", does: "scan, and match a thousand rules", work: match_thousand },
    Workload { name: "replay", does: "a replay of .json.gz with the built-in rules", work: replay },
    Workload { name: "rules", does: "parse, check and compile the built-in rules", work: rules },
    Workload { name: "rules-1000", does: "the same with a thousand rules", work: rules_thousand },
    Workload { name: "mistakes", does: "tell an error in each of 200 lines", work: mistakes },
];

impl Workload {
    /// The one with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        ALL.iter().find(|workload| workload.name == name).copied()
    }

    /// Does the work once.
    pub fn run(self, material: &Material) {
        (self.work)(material);
    }
}

impl Material {
    /// All that the pieces of work need, made anew.
    ///
    /// # Errors
    ///
    /// Files that cannot be written; rules with an error; a replay that fails.
    pub fn new() -> Result<Self, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        generate(&plan(folder.path().to_owned(), MEGABYTES))?;
        let thousand_text = rulebook::text(1_000);
        let material = Self {
            compressed: Vec::new(),
            records: Vec::new(),
            pack: pack()?,
            thousand: program(&[("thousand.trail", &thousand_text)])?,
            thousand_text,
            folder,
        };
        // Said once if it fails; a benchmark of a failure would look fast.
        replay_all(&material.pack, material.folder.path(), 1)?;
        material.filled()
    }

    /// The same with the files and their records in memory.
    fn filled(mut self) -> Result<Self, Box<dyn Error>> {
        use engine::input::{Discover, Found, Reader, discover};
        let layout = Layout::new();
        let mut reader = Reader::new(&layout);
        for file in discover(&[self.folder.path().to_owned()], &Discover::default()).files {
            self.compressed.push(fs::read(file.path())?);
            reader.file(&file, &mut |found: Found<'_>| self.records.push(found.record.to_vec()));
        }
        Ok(self)
    }

    /// Records that a time of work goes through.
    #[must_use]
    pub fn records(&self) -> usize {
        self.records.len()
    }

    /// Scan each record and hand it on.
    fn each(&self, layout: &Layout, mut visit: impl FnMut(&[u8], &Slots)) {
        let mut slots = Slots::new();
        for record in &self.records {
            if let Scan::Record { .. } = scan(record, 0, layout, &mut slots) {
                visit(record, &slots);
            }
        }
    }

    fn matched(&self, program: &Program) {
        let seeds = Seeds::default();
        let mut matcher = Matcher::new(program, &seeds, false);
        let mut arena = Bump::new();
        self.each(&program.layout, |record, slots| {
            arena.reset();
            let event = Event::new(record, slots, &arena);
            let second = event.time().map_or(0, |time| time.0);
            matcher.event(&event, Standing::InTime { second });
        });
        black_box(matcher.facts()).clear();
        black_box(matcher.take_alerts());
    }
}

fn inflate(material: &Material) {
    black_box(Inflater::new(8 << 20).all(&material.compressed));
}

fn index(material: &Material) {
    material.each(&Layout::new(), |record, _| _ = black_box(record.len()));
}

fn fields(material: &Material) {
    let mut layout = Layout::new();
    TWELVE.iter().for_each(|field| layout.want(*field));
    let mut arena = Bump::new();
    material.each(&layout, |record, slots| {
        arena.reset();
        let event = Event::new(record, slots, &arena);
        for field in TWELVE {
            black_box(event.text(field));
        }
    });
}

fn match_pack(material: &Material) {
    material.matched(&material.pack);
}

fn match_thousand(material: &Material) {
    material.matched(&material.thousand);
}

fn replay(material: &Material) {
    _ = black_box(replay_all(&material.pack, material.folder.path(), 1));
}

fn rules(_: &Material) {
    _ = black_box(pack());
}

fn rules_thousand(material: &Material) {
    _ = black_box(program(&[("thousand.trail", &material.thousand_text)]));
}

fn mistakes(_: &Material) {
    black_box(told(&rulebook::mistakes()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_of_work_is_done_on_something() {
        let material = Material::new().unwrap();
        assert!(material.records() > 1_500, "{}", material.records());
        let mut found = 0;
        material.each(&Layout::new(), |_, _| found += 1);
        assert_eq!(found, material.records());
        for workload in ALL {
            workload.run(&material);
            assert!(Workload::named(workload.name).is_some());
        }
    }
}
