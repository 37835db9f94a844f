//! Alerts: where they go, which are shown, and that they are the same in every run.

use crate::place::{Place, alerts, file, gzip, incident, record, sample};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;

#[test]
fn alerts_go_to_stdout_and_the_rest_to_stderr() {
    let place = Place::new();
    place.write("a.json", file(&incident()));
    let ran = place.replay(&["a.json"]).ended(0);
    let rules: Vec<_> = ran.alerts().iter().map(|alert| alert["rule"].clone()).collect();
    assert_eq!(rules, ["started", "deleted"]);
    assert!(ran.stderr.contains("4: 4 evaluated") && ran.stderr.contains("2 shown"));
    let quiet = place.replay(&["a.json", "-q"]).ended(0);
    assert_eq!(quiet.stderr, "");
    assert_eq!(quiet.stdout, ran.stdout);
}

#[test]
fn a_file_takes_the_alerts_and_is_for_its_owner() {
    let place = Place::new();
    place.write("a.json", file(&incident()));
    let ran = place.replay(&["a.json"]).ended(0);
    assert_eq!(place.replay(&["a.json", "-o", "out.jsonl"]).ended(0).stdout, "");
    assert_eq!(place.read("out.jsonl"), ran.stdout);
    let mode = std::fs::metadata(place.path("out.jsonl")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // An existing file is overwritten.
    place.write("old.jsonl", "old\n".repeat(1_000));
    place.replay(&["a.json", "-o", "old.jsonl"]).ended(0);
    assert_eq!(place.read("old.jsonl"), ran.stdout);
}

#[test]
fn pretty_tells_the_same() {
    let place = Place::new();
    place.write("a.json", file(&incident()));
    let text = place.replay(&["a.json", "--format", "pretty"]).ended(0).stdout;
    for part in [
        "HIGH      arn:aws:iam::111122223333:user/ana started",
        "2025-09-01T00:00:10Z in 111122223333, eu-west-1",
        "198.51.100.7 with aws-cli/2",
        "ec2 RunInstances",
        "MEDIUM    3 snapshots deleted in 10m",
        "count() = 3",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    assert!(!text.contains('\u{1b}'), "no colours in a pipe");
    let painted = place.replay(&["a.json", "--format", "pretty", "--color", "always"]).ended(0);
    assert!(painted.stdout.contains("\u{1b}["));
}

#[test]
fn severities_and_times_choose_what_is_shown() {
    let place = Place::new();
    place.write("a.json", file(&incident()));
    let shown = |args: &[&str]| {
        let ran = place.replay(&[&["a.json", "--summary-json", "sum.json"], args].concat());
        let summary: Value = serde_json::from_str(&place.read("sum.json")).unwrap();
        (ran.ended(0).alerts().len(), summary)
    };
    let (count, summary) = shown(&["--min-severity", "high"]);
    assert_eq!((count, &summary["alerts"]["below"]), (1, &1.into()));
    let (count, summary) = shown(&["--alerts-from", "2025-09-01T00:01:00Z"]);
    assert_eq!((count, &summary["alerts"]["before"]), (1, &1.into()));
    let (count, summary) = shown(&["--to", "2025-09-01T00:01:00Z"]);
    assert_eq!((count, &summary["records"]["filtered"]), (1, &3.into()));
    let (count, _) = shown(&["--from", "2025-09-02"]);
    assert_eq!(count, 0);
    let (_, summary) = shown(&["--now", "2025-08-01"]);
    assert_eq!(summary["records"]["future"], 4);
}

#[test]
fn the_record_comes_on_request() {
    let place = Place::new();
    place.write("a.json", file(&incident()));
    let without = place.replay(&["a.json"]).alerts();
    assert_eq!(without[0]["evidence"].get("record"), None);
    let with = place.replay(&["a.json", "--include-record"]).alerts();
    assert_eq!(with[0]["evidence"]["record"]["eventName"], "RunInstances");
    let pretty = place.replay(&["a.json", "--include-record", "--format", "pretty"]);
    assert!(pretty.stdout.contains("\"eventName\": \"RunInstances\""), "{}", pretty.stdout);
}

#[test]
fn the_alerts_are_the_same_in_every_run() {
    let place = Place::new();
    let sample = sample();
    let first = place.run(&["replay", &sample, "--threads", "1", "--min-severity", "info"]);
    let first = first.ended(0);
    assert!(first.alerts().len() > 3, "the sample has something to find");
    for args in [&["--threads", "2"][..], &["--threads", "5", &sample], &[&sample], &["--sorted"]] {
        let args = [&["replay", &sample, "--min-severity", "info"], args].concat();
        assert_eq!(place.run(&args).ended(0).stdout, first.stdout, "{args:?}");
    }
    let records = incident();
    place.write("a.json", file(&records[..2]));
    place.write("b.json.gz", gzip(file(&records[2..]).as_bytes()));
    let one = place.replay(&["a.json", "b.json.gz"]).ended(0);
    let other = place.replay(&["b.json.gz", "a.json", "b.json.gz"]).ended(0);
    assert_eq!(one.alerts().len(), 2);
    assert_eq!(one.stdout, other.stdout);
    assert!(other.stderr.contains("2 duplicate"), "{}", other.stderr);
}

#[test]
fn zstd_is_read_by_name_by_content_and_from_standard_input() {
    let place = Place::new();
    let records = incident();
    let packed = zstd::encode_all(file(&records).as_bytes(), 3).unwrap();
    place.write("in/a.json.zst", &packed);
    let path = place.write("b.json", &packed);
    assert_eq!(place.replay(&["in"]).ended(0).alerts().len(), 2);
    assert_eq!(place.replay(&["b.json"]).ended(0).alerts().len(), 2);
    let mut command = place.command(&["replay", "-", "--no-builtin", "-r", "rules.trail"]);
    let piped = command.stdin(std::fs::File::open(path).unwrap()).output().unwrap();
    assert_eq!(alerts(&String::from_utf8(piped.stdout).unwrap()).len(), 2);
}

#[test]
fn the_summary_names_the_site_file() {
    let place = Place::new();
    place.write("a.json", file(&[record("RunInstances", 0, 1)]));
    place.write("site.toml", "lets.partner_accounts = []\n");
    let site = |args: &[&str]| {
        place
            .run(&[&["replay", "a.json", "-o", "x", "--summary-json", "sum.json"], args].concat())
            .ended(0);
        let summary: Value = serde_json::from_str(&place.read("sum.json")).unwrap();
        summary["site"].clone()
    };
    assert_eq!(site(&["--no-site"]), Value::Null);
    let told = site(&["--site", "site.toml"]);
    assert_eq!(told["path"], "site.toml");
    let digest = told["sha256"].as_str().unwrap().to_owned();
    assert!(digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()), "{digest}");
    place.write("site.toml", "lets.partner_accounts = []\n# changed\n");
    assert_ne!(site(&["--site", "site.toml"])["sha256"], digest.as_str());
}

#[test]
fn the_summary_balances() {
    let place = Place::new();
    let mut records = incident();
    records.push(records[0].clone());
    records.push(serde_json::json!(7));
    place.write("a.json", file(&records));
    let whole = gzip(file(&incident()).as_bytes());
    place.write("cut.json.gz", &whole[..whole.len() / 2]);
    place.replay(&["a.json", "cut.json.gz", "--summary-json", "sum.json"]).ended(3);
    let summary: Value = serde_json::from_str(&place.read("sum.json")).unwrap();
    let count = |part: &str, key: &str| summary[part][key].as_u64().unwrap();
    let parts = ["evaluated", "duplicate", "filtered", "malformed", "oversize"];
    let sum: u64 = parts.iter().map(|key| count("records", key)).sum();
    assert_eq!(count("records", "seen"), sum);
    assert_eq!(count("bytes", "listed"), count("bytes", "read") + count("bytes", "unreadable"));
    assert_eq!(summary["status"], 3);
    assert_eq!(summary["faulty"].as_array().unwrap().len(), 2);
}

#[test]
fn a_late_record_that_begins_as_a_wrapper_does_is_evaluated() {
    let place = Place::new();
    let name = "111122223333_CloudTrail_us-east-1_20260101T0900Z_aaaaaaaaaaaaaaaa.json";
    let record = r#"{"aws":{"other":1},"eventVersion":"1.08","eventTime":"2026-01-01T00:00:00Z",
        "eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"us-east-1",
        "userIdentity":{"type":"AWSAccount","accountId":"111122223333"},"eventID":"1"}"#;
    place.write(name, format!("{record}\n{record}\n"));
    place.write("each.trail", "rule each { where api == \"GetObject\" }");
    let ran = place
        .run(&["replay", name, "--no-builtin", "-r", "each.trail", "--summary-json", "sum.json"])
        .ended(0);
    assert_eq!(alerts(&ran.stdout).len(), 1);
    let summary: Value = serde_json::from_str(&place.read("sum.json")).unwrap();
    let records = &summary["records"];
    assert_eq!((&records["late"], &records["duplicate"]), (&1.into(), &1.into()));
}

#[test]
fn a_reader_that_goes_ends_the_run_quietly() {
    let place = Place::new();
    let records: Vec<_> = (0..5_000).map(|n| record("RunInstances", n, n)).collect();
    place.write("a.json", file(&records));
    for format in ["jsonl", "pretty"] {
        let args = ["replay", "--no-builtin", "-r", "rules.trail", "a.json", "--format", format];
        let mut child = place.command(&args).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(!line.is_empty());
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert_eq!(output.status.code(), Some(0));
    }
}

#[test]
fn stdin_is_an_input() {
    let place = Place::new();
    let path = place.write("a.json", file(&incident()));
    let mut command =
        place.command(&["replay", "-", "--no-builtin", "-r", "rules.trail", "--threads", "2"]);
    let output = command.stdin(std::fs::File::open(path).unwrap()).output().unwrap();
    assert_eq!(alerts(&String::from_utf8(output.stdout).unwrap()).len(), 2);
}

#[test]
fn rules_that_still_learn_are_named() {
    let place = Place::new();
    place.write("a.json", file(&incident()));
    place.write(
        "new.trail",
        "rule fresh { where write by account when new(region) learn warmup=14d }",
    );
    let ran = place.run(&["replay", "a.json", "--no-builtin", "-r", "new.trail"]).ended(0);
    // The line may be broken between any two words.
    let words = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("fresh until 2025-09-15T00:00:10Z"), "{words}");
}
