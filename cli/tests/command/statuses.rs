//! Exit statuses, each with what is said about it.

use crate::place::{Place, file, gzip, incident, record};
use serde_json::Value;

#[test]
fn done_is_0_and_an_alert_that_fails_is_1() {
    let place = Place::new();
    place.write("a.json", file(&incident()));
    assert_eq!(place.replay(&["a.json"]).ended(0).alerts().len(), 2);
    let failed = place.replay(&["a.json", "--fail-on", "high"]).ended(1);
    assert!(failed.stderr.contains("an alert reached --fail-on high"), "{}", failed.stderr);
    place.replay(&["a.json", "--fail-on", "critical"]).ended(0);
    // What is not shown does not fail.
    place.replay(&["a.json", "--fail-on", "low", "--min-severity", "critical"]).ended(0);
}

#[test]
fn wrong_usage_is_2() {
    let place = Place::new();
    place.write("a.json", file(&incident()));
    for (args, said) in [
        (&["replay"][..], "PATH"),
        (&["replay", "a.json", "--nonsense"], "--nonsense"),
        (&["replay", "a.json", "--from", "yesterday"], "2025-09-01"),
        (&["replay", "a.json", "--from", "2025-09-02", "--to", "2025-09-01"], "`--from`"),
        (&["replay", "a.json", "--min-severity", "awful"], "critical"),
        (&["replay", "a.json", "--threads", "0"], "threads"),
        (&["replay", "a.json", "--no-builtin"], "no rules"),
        (&["replay", "a.json", "-r", "rules.trail", "-o", "./a.json"], "is an input"),
        (&["replay", "a.json", "--summary-json", "a.json"], "is an input"),
        (&["stream", "a.json"], "trailhound replay a.json"),
        (&["a.json"], "trailhound replay a.json"),
        (&["rules", "rules.trail"], "`-r rules.trail`"),
        (&["nonsense"], "nonsense"),
        (&[], "Usage"),
    ] {
        let ran = place.run(args).ended(2);
        assert!(ran.stderr.contains(said), "{args:?}: {}", ran.stderr);
        assert_eq!(ran.stdout, "");
    }
    assert_eq!(place.read("a.json"), file(&incident()), "the input is as it was");
}

#[test]
fn wrong_rules_are_2_and_nothing_is_replayed() {
    let place = Place::new();
    place.write("a.json", file(&incident()));
    place.write("wrong.trail", "rule x { where sourceIpAddress == \"1.2.3.4\" }");
    place.write("latin.trail", b"rule x { title \"\xe9\" where ok }");
    std::fs::create_dir(place.path("empty")).unwrap();
    place.write("none.trail", "let home: [Region] = []\n");
    let none = ["replay", "a.json", "--no-builtin", "-r", "none.trail", "-o", "out.jsonl"];
    assert!(place.run(&none).ended(2).stderr.contains("no rules"));
    assert!(place.run(&["check", "none.trail"]).ended(0).stdout.ends_with("nothing to check\n"));
    for (rules, said) in [
        ("wrong.trail", "E0103"),
        ("latin.trail", "not UTF-8"),
        ("missing.trail", "missing.trail"),
        ("empty", "no *.trail, *.yml or *.yaml file"),
    ] {
        let ran = place.run(&["replay", "a.json", "-r", rules, "-o", "out.jsonl"]).ended(2);
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
        assert!(!place.path("out.jsonl").exists(), "no output is opened");
    }
}

#[test]
fn inputs_that_are_lost_are_3_and_named() {
    let place = Place::new();
    place.write("good.json", file(&incident()));
    place.write("zeros.json", [0; 4096]);
    place.write("table.csv", "eventTime,eventName,eventID\n1,2,3\n");
    let whole = gzip(file(&incident()).as_bytes());
    place.write("cut.json.gz", &whole[..whole.len() - 9]);
    std::fs::create_dir(place.path("nothing")).unwrap();
    for (bad, said) in [
        ("missing.json", "missing.json: no such file or folder"),
        ("zeros.json", "zero bytes"),
        ("table.csv", "comma-separated"),
        ("cut.json.gz", "the gzip stream ends too early"),
    ] {
        let ran = place.replay(&["good.json", bad]).ended(3);
        assert!(ran.stderr.contains(bad) && ran.stderr.contains(said), "{}", ran.stderr);
        assert_eq!(ran.alerts().len(), 2, "the others are read: {bad}");
        // Quiet or not, what is lost is told.
        let quiet = place.replay(&["-q", "good.json", bad]).ended(3);
        assert!(quiet.stderr.contains(bad) && !quiet.stderr.contains("evaluated"));
    }
    assert!(place.replay(&["nothing"]).ended(3).stderr.contains("no input"));
}

#[test]
fn what_precedes_a_cut_is_evaluated() {
    let place = Place::new();
    let records: Vec<_> = (0..400).map(|n| record("RunInstances", n, n)).collect();
    let whole = gzip(file(&records).as_bytes());
    place.write("cut.json.gz", &whole[..whole.len() / 2]);
    let ran = place.replay(&["cut.json.gz"]).ended(3);
    let alerts = ran.alerts().len();
    assert!(alerts > 50 && alerts < 400, "{alerts}");
}

#[test]
fn an_empty_list_and_files_passed_over_are_in_order() {
    let place = Place::new();
    place.write("in/none.json", r#"{"Records":[]}"#);
    place.write("in/README.md", "not an input");
    place.replay(&["in"]).ended(0);
}

#[test]
fn malformed_records_are_a_warning() {
    let place = Place::new();
    let mut records = incident();
    records.insert(1, serde_json::json!({ "something": "else" }));
    place.write("a.json", file(&records));
    let ran = place.replay(&["a.json"]).ended(0);
    assert!(ran.stderr.contains("warning") && ran.stderr.contains("a.json"), "{}", ran.stderr);
    assert!(ran.stderr.contains("1 malformed"), "{}", ran.stderr);
}

#[test]
fn the_loss_wins_and_the_summary_has_both() {
    let place = Place::new();
    place.write("a.json", file(&incident()));
    place
        .replay(&["a.json", "missing.json", "--fail-on", "high", "--summary-json", "sum.json"])
        .ended(3);
    let summary: Value = serde_json::from_str(&place.read("sum.json")).unwrap();
    assert_eq!(summary["status"], 3);
    assert_eq!(summary["incomplete"], true);
    assert_eq!(summary["fail_on"]["reached"], true);
    assert!(summary["unreadable_paths"][0].as_str().unwrap().contains("missing.json"));
}

#[test]
fn outputs_that_cannot_be_written_are_4_and_named() {
    let place = Place::new();
    place.write("a.json", file(&incident()));
    for output in ["no/such/folder.jsonl", "/dev/full"] {
        let ran = place.replay(&["a.json", "-o", output]).ended(4);
        assert!(ran.stderr.contains(output), "{}", ran.stderr);
    }
    let ran = place.replay(&["a.json", "--summary-json", "/dev/full"]).ended(4);
    assert!(ran.stderr.contains("/dev/full"), "{}", ran.stderr);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = place.command(&["replay", "a.json", "--no-builtin", "-r", "rules.trail"]);
    let output = command.stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&output.stderr).contains("standard output"));
}

#[test]
fn events_without_a_key_are_told_unasked() {
    let place = Place::new();
    place.write("a.json", file(&incident()));
    place.write("k.trail", "rule k { where ok by req.x within 1m when count() > 0 suppress 1h }");
    let ran = place.run(&["replay", "a.json", "--no-builtin", "-r", "k.trail"]).ended(0);
    assert!(
        ran.stderr.contains("no key    events that lack a part of a rule's `by`: k "),
        "{ran:?}"
    );
}

#[test]
fn what_is_wrong_with_the_usage_is_coloured_as_asked() {
    let place = Place::new();
    for (args, colored) in [
        (&["replay", "--nope"][..], false),
        (&["--color", "always", "replay", "--nope"], true),
        (&["--color=always", "--help"], true),
        (&["replay", "--nope", "--color", "always"], true),
        (&["--color", "always", "replay", "--nope", "--color=never"], false),
        (&["--color=never", "replay"], false),
        (&["--help"], false),
        (&["--color"], false),
        (&["--color=pink", "replay"], false),
        (&["replay", "--nope", "--", "--color", "always"], false),
    ] {
        let ran = place.run(args);
        let said = ran.stdout + &ran.stderr;
        assert_eq!(said.contains('\u{1b}'), colored, "{args:?}: {said}");
    }
}

#[test]
fn a_folder_without_an_input_is_told_by_name() {
    let place = Place::new();
    place.write("a.json", file(&incident()));
    std::fs::create_dir(place.path("none")).unwrap();
    let said = "`none` holds no input: no file in it has a name that ends in .json";
    let beside = place.replay(&["a.json", "none"]).ended(0);
    assert!(beside.stderr.contains(&format!("warning: {said}")), "{}", beside.stderr);
    let alone = place.replay(&["none"]).ended(3);
    assert!(alone.stderr.contains(&format!("error: {said}")), "{}", alone.stderr);
}
