//! Sigma rules in commands: beside rules of the language, converted, wrong, left out.

use crate::place::{Place, file, incident, record};

const STARTED: &str = "\
title: Instance started
logsource: { product: aws, service: cloudtrail }
detection:
    sel: { eventName: runinstances }
    condition: sel
level: high
";

const DELETED: &str = "\
title: Snapshots deleted
correlation:
    type: event_count
    rules: [deletion]
    group-by: [userIdentity.arn]
    timespan: 10m
    condition: { gte: 3 }
---
title: One deletion
name: deletion
logsource: { product: aws }
detection:
    sel: { 'eventName|startswith': DeleteSnap }
    condition: sel
";

const WINDOWS: &str = "\
title: A process
logsource: { product: windows, category: process_creation }
detection: { sel: { Image: a }, condition: sel }
";

fn names(alerts: &[serde_json::Value]) -> Vec<&str> {
    alerts.iter().map(|alert| alert["rule"].as_str().unwrap()).collect()
}

#[test]
fn a_folder_may_hold_both_kinds() {
    let place = Place::new();
    place.write("rules/own.trail", crate::place::RULES);
    place.write("rules/started.yml", STARTED);
    place.write("rules/below/deleted.yaml", DELETED);
    place.write("rules/windows.yml", WINDOWS);
    place.write("logs/a.json", file(&incident()));
    let ran = place.run(&["replay", "--no-builtin", "-r", "rules", "logs"]).ended(0);
    let mut got = names(&ran.alerts()).join(" ").split(' ').map(str::to_owned).collect::<Vec<_>>();
    got.sort();
    assert_eq!(got, ["deleted", "sigma_instance_started", "sigma_snapshots_deleted", "started"]);
    let note = "left out, no rules for CloudTrail: rules/windows.yml:2 (its log source is category process_creation, product windows)";
    assert!(ran.stderr.contains(note), "{}", ran.stderr);
    let quiet = place.run(&["replay", "-q", "--no-builtin", "-r", "rules", "logs"]).ended(0);
    assert_eq!(quiet.stderr, "");
}

#[test]
fn what_is_converted_fires_as_before() {
    let place = Place::new();
    place.write("sigma/started.yml", STARTED);
    place.write("sigma/deleted.yml", DELETED);
    place.write("logs/a.json", file(&incident()));
    let text = place.run(&["convert", "sigma/started.yml"]).ended(0);
    assert!(text.stdout.contains("rule sigma_instance_started {\n"), "{}", text.stdout);
    assert!(text.stdout.contains("lower(eventName) == \"runinstances\""), "{}", text.stdout);
    place.run(&["convert", "sigma", "--out", "own"]).ended(0);
    assert!(place.read("own/deleted.trail").contains("when     count() >= 3"));
    let alerts =
        |rules| place.run(&["replay", "--no-builtin", "-r", rules, "logs"]).ended(0).stdout;
    assert_eq!(alerts("sigma"), alerts("own"));
    assert_eq!(alerts("own").lines().count(), 2);
}

#[test]
fn two_files_are_not_written_to_one() {
    let place = Place::new();
    place.write("a/started.yml", STARTED);
    place.write("b/started.yml", DELETED);
    let ran = place.run(&["convert", "a", "b", "--out", "own"]).ended(2);
    assert!(ran.stderr.contains("a/started.yml"), "{}", ran.stderr);
    let ran = place.run(&["convert", "rules.trail"]).ended(2);
    assert!(ran.stderr.contains("rules.trail"), "{}", ran.stderr);
}

#[test]
fn check_shows_the_line_of_the_yaml() {
    let place = Place::new();
    place.write("odd.yml", STARTED.replace("eventName", "eventname"));
    let odd = place.run(&["check", "odd.yml"]).ended(0).stdout;
    assert!(odd.contains("warning[S0013]: unknown field `eventname`"), "{odd}");
    assert!(odd.contains("odd.yml:4:12") && odd.contains("did you mean `eventName`?"), "{odd}");
    place.write("wrong.yml", STARTED.replace("condition: sel", "condition: sell"));
    let wrong = place.run(&["check", "wrong.yml"]).ended(2).stdout;
    assert!(wrong.contains("error[S0006]") && wrong.contains("wrong.yml:5:16"), "{wrong}");
    place.write("logs/a.json", file(&incident()));
    let ran = place.run(&["replay", "-r", "wrong.yml", "logs"]).ended(2);
    assert!(ran.stderr.contains("wrong.yml:5:16"), "{}", ran.stderr);
}

#[test]
fn explain_knows_sigma() {
    let place = Place::new();
    let page = place.run(&["explain", "s0007"]).ended(0).stdout;
    assert!(page.contains("S0007") && page.contains("an unknown modifier"), "{page}");
    assert!(page.contains("The cure: two entries."), "{page}");
    let page = place.run(&["explain", "S0009"]).ended(0).stdout;
    assert!(page.contains("`| count()`"), "{page}");
    place.write("started.yml", format!("{STARTED}description: |\n    First.\n    Second.\n"));
    place.write("one.json", file(&[record("RunInstances", 10, 1)]));
    place.write("other.json", file(&[record("StopInstances", 10, 1)]));
    let explain = |args: &[&str]| {
        let base = ["explain", "sigma_instance_started", "-r", "started.yml"];
        place.run(&[&base[..], args].concat()).ended(0).stdout
    };
    let rule = explain(&[]);
    assert!(rule.contains("lower(eventName) == \"runinstances\""), "{rule}");
    assert!(rule.contains("its API is pinned (runinstances)"), "{rule}");
    assert!(rule.contains("about      First.\n           Second.\n"), "{rule}");
    let fires = explain(&["one.json"]);
    assert!(fires.contains("the rule fires on this event"), "{fires}");
    let passes = explain(&["other.json"]);
    assert!(passes.contains("the rule passes the event over"), "{passes}");
}

#[test]
fn fmt_leaves_sigma_alone() {
    let place = Place::new();
    place.write("rules/started.yml", STARTED);
    place.write("rules/own.trail", "rule own {\n where ok\n}\n");
    let ran = place.run(&["fmt", "rules"]).ended(0).stdout;
    assert!(ran.contains("1 file: 1 changed"), "{ran}");
    assert_eq!(place.read("rules/started.yml"), STARTED);
    let ran = place.run(&["fmt", "rules/started.yml"]).ended(2);
    assert!(ran.stderr.contains("trailhound convert"), "{}", ran.stderr);
}
