//! One large file is worked on by all workers, and nothing of what is found depends on it: lines
//! are read by all, what one reads of a list is matched by all.

#![allow(clippy::unwrap_used, reason = "test code outside test functions")]

use engine::input::{Discover, discover};
use engine::runtime::{self, Outcome};
use std::io::{BufWriter, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use tests::oracle::Config;
use tests::production::{Said, program, settings};

const RULES: &str = r#"
rule deletions {
  where  api like "Delete*"
  by     principal
  within 10m
  when   count() >= 20
}

rule one {
  where  api == "StopLogging"
}
"#;

/// The first of February 2024.
const CONFIG: Config = Config { now: 1_706_745_600, lateness: Config::LATENESS };

/// A record of 3 kB.
fn record(number: usize) -> String {
    let (minute, second) = (number / 60 % 60, number % 60);
    let api = match number % 5_000 {
        0..30 => "DeleteTopic",
        77 => "StopLogging",
        _ => "ListTopics",
    };
    let padding = "x".repeat(2_800);
    format!(
        r#"{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","arn":"arn:aws:iam::1:user/u","accountId":"111122223333"}},"eventTime":"2024-01-02T03:{minute:02}:{second:02}Z","eventSource":"sns.amazonaws.com","eventName":"{api}","requestParameters":{{"p":"{padding}"}},"eventID":"{number}","recipientAccountId":"111122223333"}}"#
    )
}

/// A file of 50 MB with a damaged line, a line in two, a list on a line, and a value that is
/// no record in each stripe.
fn write_lines(path: &std::path::Path) {
    let mut out = BufWriter::new(std::fs::File::create(path).unwrap());
    for number in 0..16_500 {
        let one = record(number);
        match number % 4_000 {
            100 => writeln!(out, "{}", &one[..1_000]).unwrap(),
            200 => writeln!(out, "{}\n{}", &one[..40], &one[40..]).unwrap(),
            300 => writeln!(out, "{{\"Records\":[{one},\n{}]}}", record(number + 100_000)).unwrap(),
            400 => writeln!(out, "{{\"no\":\"record\"}}\n{one}").unwrap(),
            // A copy of the one before.
            500 => writeln!(out, "{one}\n{one}").unwrap(),
            _ => writeln!(out, "{one}").unwrap(),
        }
    }
}

/// A list of 50 MB with a damaged record, one that is an envelope, too, and a value that is no
/// record.
fn write_list(path: &std::path::Path) {
    let mut out = BufWriter::new(std::fs::File::create(path).unwrap());
    write!(out, "{{\"Records\":[{}", record(0)).unwrap();
    for number in 1..16_500 {
        let one = record(number);
        match number % 4_000 {
            100 => write!(out, ",{}", &one[..1_000]).unwrap(),
            300 => write!(out, ",{},\"detail\":{{\"no\":1}}}}", &one[..one.len() - 1]).unwrap(),
            400 => write!(out, ",{{\"no\":\"record\"}},{one}").unwrap(),
            500 => write!(out, ",{one},{one}").unwrap(),
            _ => write!(out, ",{one}").unwrap(),
        }
    }
    write!(out, "]}}").unwrap();
}

struct Stop<'a>(&'a AtomicBool);

impl runtime::Progress for Stop<'_> {
    fn listed(&self, _: u64, _: u64) {}
    fn read(&self, _: u64, _: u64) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn replay(path: &std::path::Path, threads: usize, sorted: bool, stops: bool) -> (Said, Outcome) {
    let program = program(RULES).unwrap();
    let stop = AtomicBool::new(false);
    let config = runtime::Config { sorted, ..settings(&program, &CONFIG, threads, &stop) };
    let listing = discover(&[path.to_owned()], &Discover::default());
    let mut said = Said::default();
    let progress = Stop(&stop);
    let progress: &dyn runtime::Progress = if stops { &progress } else { &() };
    let outcome = runtime::replay(&program, &config, &listing, &mut said, progress).unwrap();
    assert!(outcome.ledger.balances(), "{:?}", outcome.ledger);
    (said, outcome)
}

/// Replay a file with any number of threads.
#[track_caller]
fn check(path: &std::path::Path) {
    let (said, outcome) = replay(path, 1, false, false);
    assert!(said.alerts.len() > 4, "{:?}", said.alerts);
    let faulty = &outcome.faulty[0];
    assert!(outcome.ledger.bytes.listed > 48 << 20 && faulty.damage.1 > 3, "{faulty:?}");
    assert!(outcome.ledger.records.malformed > 7 && outcome.ledger.records.duplicate == 4);
    for (threads, sorted) in [(2, false), (3, false), (8, false), (4, true)] {
        let (other, same) = replay(path, threads, sorted, false);
        assert_eq!(other.alerts, said.alerts, "{threads}");
        assert_eq!(same.ledger, outcome.ledger, "{threads}");
        assert_eq!(format!("{:?}", same.faulty), format!("{:?}", outcome.faulty), "{threads}");
    }
}

#[test]
fn lines_are_read_by_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lines.jsonl");
    write_lines(&path);
    check(&path);
    // Stopped on the way, what was read is told.
    for threads in [1, 4] {
        let (_, outcome) = replay(&path, threads, false, true);
        assert!(outcome.stopped && outcome.ledger.files.read == 1);
        assert!(outcome.ledger.records.seen > 0);
    }
}

#[test]
fn what_one_reads_is_matched_by_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.json");
    write_list(&path);
    check(&path);
}
