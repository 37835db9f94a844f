//! Text from outside never reaches a terminal raw: values, file names, our own errors.

use crate::place::{Place, Ran, file, record};
use serde_json::Value;

/// Sequences and characters that move, turn or hide text.
const PAYLOADS: [&str; 12] = [
    "\u{1b}[2J\u{1b}[1;1H",
    "\u{1b}]0;title\u{7}",
    "\u{1b}]52;c;aGk=\u{7}",
    "\u{9b}31m",
    "over\rwritten",
    "back\u{8}\u{8}space",
    "line\nHIGH      a forged alert",
    "line\r\n{\"rule\":\"forged\"}",
    "\u{202e}desrever",
    "\u{200b}\u{200d}\u{feff}",
    "\u{7f}\u{0}",
    "\u{2028}\u{2066}\u{e0041}",
];

#[track_caller]
fn check_safe(ran: &Ran) {
    for text in [&ran.stdout, &ran.stderr] {
        let bad = text.chars().find(|letter| {
            letter.is_control() && *letter != '\n'
                || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                    | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
        });
        assert_eq!(bad, None, "{text:?}");
    }
}

#[test]
fn values_are_escaped_in_every_format() {
    let place = Place::new();
    let mut records = Vec::new();
    for (number, payload) in (0..).zip(PAYLOADS) {
        let mut record = record("RunInstances", number, number);
        record["userAgent"] = payload.into();
        record["sourceIPAddress"] = payload.into();
        record["userIdentity"]["arn"] = format!("arn:aws:iam::1:user/{payload}").into();
        record["awsRegion"] = payload.into();
        records.push(record);
    }
    place.write("a.json", file(&records));
    let args = ["a.json", "--include-record"];
    let lines = place.replay(&args).ended(0);
    check_safe(&lines);
    assert_eq!(lines.stdout.lines().count(), PAYLOADS.len(), "one alert, one line");
    // The values are the same, whatever they are written as.
    for (alert, payload) in lines.alerts().iter().zip(PAYLOADS) {
        assert_eq!(alert["evidence"]["userAgent"], Value::from(payload));
    }
    let pretty = place.replay(&[&args[..], &["--format", "pretty"]].concat()).ended(0);
    check_safe(&pretty);
    let titles = pretty.stdout.lines().filter(|line| line.starts_with("HIGH")).count();
    assert_eq!(titles, PAYLOADS.len());
    assert!(pretty.stdout.contains("\\u{1b}[2J") && pretty.stdout.contains("\\u{202e}"));
}

#[test]
fn names_of_files_are_escaped() {
    let place = Place::new();
    let name = "a\u{1b}[2J\u{202e}.json";
    place.write(name, "not a record at all");
    place.write("b\u{1b}[31m.trail", "rule x { title \"\u{1b}[2J\u{202e}\" where nonsense }");
    for args in [
        &["replay", name][..],
        &["replay", "missing\u{9b}.json"],
        &["replay", "x.json", "-o", "no\u{1b}/such"],
        &["replay", name, "-r", "rules.trail", "-o", name],
        &["replay", name, "-r", "no\u{1b}such.trail"],
        &["replay", name, "-r", "b\u{1b}[31m.trail"],
        &["check", "b\u{1b}[31m.trail"],
        &["test", "b\u{1b}[31m.trail"],
        &["replay", name, "--\u{1b}[2J"],
        &["replay", name, "--from", "\u{9b}2J"],
    ] {
        let ran = place.run(args);
        assert!(ran.status > 1, "{args:?}: {ran:?}");
        assert!(!(ran.stdout.clone() + &ran.stderr).is_empty());
        check_safe(&ran);
    }
}

#[test]
fn secrets_are_redacted() {
    let place = Place::new();
    let mut one = record("RunInstances", 1, 1);
    one["responseElements"] = serde_json::json!({
        "accessKey": { "secretAccessKey": "PLANTED", "accessKeyId": "AKIAEXAMPLE" },
    });
    place.write("a.json", file(&[one]));
    for format in ["jsonl", "pretty"] {
        let args = ["a.json", "--include-record", "-vvv", "--format", format];
        let ran = place.replay(&args).ended(0);
        assert!(!(ran.stdout.clone() + &ran.stderr).contains("PLANTED"));
        assert!(ran.stdout.contains("AKIAEXAMPLE"));
    }
}

#[test]
fn broken_text_is_read_and_counted_as_odd() {
    let place = Place::new();
    let records: Vec<_> = (0..3).map(|number| record("RunInstances", number, number)).collect();
    let text = file(&records);
    let half = text.replacen("user/ana", "user/a\\ud800a", 1);
    let mut bytes = half.into_bytes();
    let at = bytes.windows(8).position(|piece| piece == b"user/ana").unwrap();
    bytes[at + 5] = 0xff;
    place.write("a.json", bytes);
    let ran = place.replay(&["a.json", "--summary-json", "run.json"]).ended(0);
    assert_eq!(ran.alerts().len(), 3);
    let summary: Value = serde_json::from_str(&place.read("run.json")).unwrap();
    assert_eq!(summary["records"]["odd"], 2);
}
