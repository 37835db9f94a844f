//! What an event costs in allocations once everything about it was met before: nothing, unless
//! a rule remembers it.
//!
//! Records of the generator, the built-in rules, an allocator that counts. The one test of its
//! program, because the count is of the whole process.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, in its helpers too"
)]

use bench::archive::generate;
use bench::measure::run::{config, pack};
use bumpalo::Bump;
use engine::event::{Event, Scan, Slots, scan};
use engine::exec::{Matcher, Seeds, Standing};
use engine::input::{Discover, Found, Reader, discover};
use engine::plan::Program;
use engine::runtime::{self, Progress};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use std::alloc::System;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Allocations so far, growing ones among them.
fn allocations() -> usize {
    let stats = ALLOCATOR.stats();
    stats.allocations + stats.reallocations
}

/// What an event came to.
#[derive(Clone, Copy, Debug)]
struct Cost {
    /// Facts of rules with memory.
    facts: usize,
    /// Alerts of one-event rules.
    alerts: usize,
    /// Allocations from the scan to the facts.
    allocations: usize,
}

/// Scan and match each record. Facts are handed on before the first.
fn pass(
    records: &[Vec<u8>],
    program: &Program,
    slots: &mut Slots,
    matcher: &mut Matcher<'_>,
) -> Vec<Cost> {
    let mut costs = Vec::with_capacity(records.len());
    let mut arena = Bump::new();
    matcher.facts().clear();
    for record in records {
        let met = matcher.facts().len();
        arena.reset();
        let before = allocations();
        let Scan::Record { .. } = scan(record, 0, &program.layout, slots) else { panic!() };
        let event = Event::new(record, slots, &arena);
        let second = event.time().map_or(0, |time| time.0);
        matcher.event(&event, Standing::InTime { second });
        let allocations = allocations() - before;
        let (facts, alerts) = (matcher.facts().len() - met, matcher.take_alerts().len());
        costs.push(Cost { facts, alerts, allocations });
    }
    costs
}

/// Records of an archive, without copies.
fn records(folder: &Path) -> Vec<Vec<u8>> {
    generate(&bench::measure::corpus::plan(folder.to_owned(), 4.0)).unwrap();
    let program = pack().unwrap();
    let mut reader = Reader::new(&program.layout);
    let mut records = Vec::new();
    for file in discover(&[folder.to_owned()], &Discover::default()).files {
        reader.file(&file, &mut |found: Found<'_>| records.push(found.record.to_vec()));
    }
    records.sort();
    records.dedup();
    records
}

/// Write some records to a file of lines, as other events: `mark` begins their ids.
fn write(folder: &Path, name: &str, records: &[&Vec<u8>], mark: char) {
    let mut out = Vec::new();
    for record in records {
        let text = String::from_utf8_lossy(record);
        let (before, id) = text.split_once(r#""eventID":""#).unwrap();
        let id: String = id.chars().skip(1).collect();
        out.extend(format!("{before}\"eventID\":\"{mark}{id}\n").bytes());
    }
    std::fs::write(folder.join(name), out).unwrap();
}

/// Notes how many allocations there were at the end of each file.
struct Noting(Mutex<Vec<usize>>);

impl Progress for Noting {
    fn listed(&self, _: u64, _: u64) {}
    fn read(&self, _: u64, _: u64) {
        self.0.lock().unwrap().push(allocations());
    }
}

/// Sink of a replay that is asked for nothing.
struct Nobody;

impl runtime::Sink for Nobody {
    fn alert(&mut self, alert: &engine::exec::Alert) -> std::io::Result<()> {
        panic!("{}", alert.line());
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The allocations for each file of a folder but the first, in a replay with one thread.
fn replay(folder: &Path, program: &Program) -> (Vec<usize>, runtime::Records) {
    let stop = AtomicBool::new(false);
    let config = config(program, 1, &stop);
    let listing = discover(&[folder.to_owned()], &Discover::default());
    let noting = Noting(Mutex::new(Vec::with_capacity(8)));
    let outcome = runtime::replay(program, &config, &listing, &mut Nobody, &noting).unwrap();
    let noted = noting.0.into_inner().unwrap();
    (noted.windows(2).map(|two| two[1] - two[0]).collect(), outcome.ledger.records)
}

#[test]
fn what_was_met_before_costs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let records = records(folder.path());
    let program = pack().unwrap();
    let seeds = Seeds::default();
    let (mut slots, mut matcher) = (Slots::new(), Matcher::new(&program, &seeds, false));
    let first = pass(&records, &program, &mut slots, &mut matcher);
    // The first events of a scene are watched; what those after them find out is kept.
    for _ in 0..12 {
        let _ = pass(&records, &program, &mut slots, &mut matcher);
    }
    let steady = pass(&records, &program, &mut slots, &mut matcher);
    assert!(first.iter().any(|cost| cost.facts == 0 && cost.allocations > 0), "it counts");

    // An event that no rule takes in: nothing.
    let unused = |cost: &Cost| cost.facts == 0 && cost.alerts == 0;
    let (mut passed, mut noted, mut free) = (Vec::new(), 0, 0);
    for (record, (cost, first)) in records.iter().zip(steady.iter().zip(&first)) {
        let shown = String::from_utf8_lossy(record);
        if unused(cost) {
            assert_eq!(cost.allocations, 0, "{shown}");
            // What a rule takes in may be told by others of the same second.
            passed.extend(unused(first).then_some(record));
        } else if cost.alerts == 0 {
            // A fact that the scene tells takes nothing of its own. One that reads the request
            // has its texts, its values and its lists; a step of a sequence has most of them.
            // A policy is a text in the record, which is decoded.
            let policy = if shown.contains("olicyDocument") { 50 } else { 0 };
            assert!(cost.allocations <= 25 * cost.facts + policy, "{cost:?} {shown}");
            noted += 1;
            free += usize::from(cost.allocations == 0);
        }
    }
    assert!(free * 4 > noted, "{free} of {noted} facts take nothing");
    assert!(passed.len() > 1_000 && noted > 500, "{} {noted}", passed.len());

    // The same in a whole replay, where copies are told, too: hundreds of records take
    // nothing, but that a line of the table of copies of an hour may be full, which is rare where
    // an hour has few.
    let mut hours = HashMap::new();
    passed.retain(|record| {
        let text = String::from_utf8_lossy(record);
        let (_, time) = text.split_once(r#""eventTime":""#).unwrap();
        let met = hours.entry(time[..13].to_owned()).or_insert(0);
        *met += 1;
        *met <= 10
    });
    let folder = tempfile::tempdir().unwrap();
    let (passed, half) = (&passed[..900], &passed[..450]);
    write(folder.path(), "0.jsonl", passed, '0');
    write(folder.path(), "1.jsonl", passed, '1');
    write(folder.path(), "2.jsonl", half, '2');
    write(folder.path(), "3.jsonl", passed, '3');
    write(folder.path(), "4.jsonl", passed, '3');
    let (costs, records) = replay(folder.path(), &program);
    assert_eq!((records.seen, records.duplicate), (4_050, 900));
    let [_watched, small, large, copies] = costs[..] else { panic!("{costs:?}") };
    assert!(small.max(large).max(copies) <= 20, "{costs:?}");
}
