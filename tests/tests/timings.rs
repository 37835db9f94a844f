//! Asking where time goes changes nothing, and what is told adds up.

#![allow(clippy::unwrap_used, reason = "test code outside test functions")]

use engine::input::{Discover, Listing, discover};
use engine::runtime::{self, Clock, Stage, Timings};
use flate2::{Compression, write::GzEncoder};
use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tests::oracle::Config;
use tests::production::{Said, program, settings};

const RULES: &str = r#"
rule deletions {
  where  api like "Delete*"
  by     principal
  within 10m
  when   count() >= 3
}

rule one {
  where  api == "StopLogging"
}
"#;

/// A clock that takes longer each time it is asked, so that no stage takes nothing.
fn clock() -> u64 {
    static ASKED: AtomicU64 = AtomicU64::new(1);
    let asked = ASKED.fetch_add(1, Ordering::Relaxed);
    asked * (asked + 1) / 2
}

fn record(number: usize) -> String {
    let api = ["ListTopics", "DeleteTopic", "StopLogging"][number % 7 % 3];
    let (minute, second) = (number / 60 % 60, number % 60);
    format!(
        r#"{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","arn":"arn:aws:iam::1:user/u","accountId":"111122223333"}},"eventTime":"2024-01-02T03:{minute:02}:{second:02}Z","eventSource":"sns.amazonaws.com","eventName":"{api}","eventID":"{number}","recipientAccountId":"111122223333"}}"#
    )
}

/// Files of lines, plain and compressed, as a listing.
fn listing(folder: &std::path::Path) -> Listing {
    for file in 0..6 {
        let lines: Vec<_> = (file * 300..(file + 1) * 300).map(record).collect();
        let text = lines.join("\n");
        if file % 2 == 0 {
            std::fs::write(folder.join(format!("{file}.jsonl")), text).unwrap();
        } else {
            let out = std::fs::File::create(folder.join(format!("{file}.jsonl.gz"))).unwrap();
            let mut out = GzEncoder::new(out, Compression::fast());
            out.write_all(text.as_bytes()).unwrap();
            out.finish().unwrap();
        }
    }
    discover(&[folder.to_owned()], &Discover::default())
}

/// The first of February 2024.
const CONFIG: Config = Config { now: 1_706_745_600, lateness: Config::LATENESS };

fn replay(listing: &Listing, threads: usize, clock: Option<Clock>) -> (Said, Option<Timings>) {
    let (program, stop) = (program(RULES).unwrap(), AtomicBool::new(false));
    let config = runtime::Config { clock, ..settings(&program, &CONFIG, threads, &stop) };
    let mut said = Said::default();
    let outcome = runtime::replay(&program, &config, listing, &mut said, &()).unwrap();
    said.records = outcome.ledger.records;
    (said, outcome.timings)
}

fn stream(text: &str, clock: Option<Clock>) -> (Said, Option<Timings>) {
    let (program, stop) = (program(RULES).unwrap(), AtomicBool::new(false));
    let config = runtime::Config { clock, ..settings(&program, &CONFIG, 1, &stop) };
    let mut said = Said::default();
    let outcome = runtime::stream(&program, &config, &mut text.as_bytes(), &mut said).unwrap();
    (said, outcome.timings)
}

#[track_caller]
fn all_there(timings: &Timings, but: &[Stage]) {
    for (stage, name) in Stage::ALL {
        assert_eq!(timings.of(stage) > 0, !but.contains(&stage), "{name}: {timings:?}");
    }
}

#[test]
fn stages_add_up_and_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let listing = listing(folder.path());
    let (plain, untold) = replay(&listing, 1, None);
    assert!(plain.alerts.len() > 100 && untold.is_none());
    let (said, timings) = replay(&listing, 1, Some(clock));
    let timings = timings.unwrap();
    assert_eq!((&said.alerts, said.records), (&plain.alerts, plain.records));
    assert_eq!((timings.threads, timings.sampled), (1, 1_800_u64.div_ceil(16)));
    all_there(&timings, &[Stage::List, Stage::Wait]);
    // One thread is always at something.
    assert_eq!(timings.busy(), timings.wall_ns);

    let (said, timings) = replay(&listing, 3, Some(clock));
    let timings = timings.unwrap();
    assert_eq!((&said.alerts, said.records), (&plain.alerts, plain.records));
    // Three that read, two for the groups, and the one that called.
    assert_eq!(timings.threads, 6);
    all_there(&timings, &[Stage::List]);
    assert!(timings.busy() + timings.of(Stage::Wait) <= timings.wall_ns * timings.threads);
}

#[test]
fn a_stream_tells_them_too() {
    let text: Vec<_> = (0..500).map(record).collect();
    let text = text.join("\n");
    let (plain, untold) = stream(&text, None);
    assert!(!plain.alerts.is_empty() && untold.is_none());
    let (said, timings) = stream(&text, Some(clock));
    let timings = timings.unwrap();
    assert_eq!(said.alerts, plain.alerts);
    assert_eq!(timings.busy(), timings.wall_ns);
    all_there(&timings, &[Stage::List, Stage::Inflate, Stage::HandOn, Stage::Wait]);
}
