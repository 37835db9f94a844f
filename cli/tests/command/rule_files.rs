//! Commands about rules: check, test, rules; rules of one's own beside the built-in ones.

use crate::place::{Place, file, incident};
use serde_json::Value;

#[test]
fn check_shows_what_is_wrong() {
    let place = Place::new();
    place.write("good.trail", GOOD);
    assert!(place.run(&["check", "good.trail"]).ended(0).stdout.contains("1 rule in 1 file"));
    // Warnings do not change the status.
    let warned = place.run(&["check", "-r", "rules.trail"]).ended(0);
    assert!(warned.stdout.contains("warning["), "{}", warned.stdout);
    place.write("wrong.trail", "rule x {\n  where nonsense == 1\n}\n".to_owned() + GOOD);
    let wrong = place.run(&["check", "good.trail", "wrong.trail"]).ended(2);
    assert!(wrong.stdout.contains("E0103") && wrong.stdout.contains("wrong.trail:2:9"));
    assert_eq!(wrong.stderr, "");
}

#[test]
fn check_shows_20_of_a_file_or_all() {
    let place = Place::new();
    let rules: String = (0..25).map(|n| format!("rule r{n} {{ where nonsense{n} }}\n")).collect();
    place.write("many.trail", rules);
    let some = place.run(&["check", "many.trail"]).ended(2).stdout;
    let shown = some.matches("error[").count() + some.matches("warning[").count();
    assert_eq!(shown, 20);
    assert!(some.contains("more in many.trail") && some.contains("25 errors"), "{some}");
    let all = place.run(&["check", "many.trail", "--all"]).ended(2).stdout;
    assert_eq!(all.matches("error[").count(), 25);
}

#[test]
fn a_file_in_another_language_is_told_by_name() {
    let place = Place::new();
    let sigma =
        "# ours\ntitle: Root\nlogsource:\n  product: aws\ndetection:\n  a:\n    eventName: X\n";
    for (name, text, said, cure) in [
        ("a.trail", sigma, "this looks like YAML", "`.yml`"),
        ("b.trail", "---\nname: x\n", "this looks like YAML", "`.yml`"),
        ("c.trail", "{\"Records\":[]}", "this looks like JSON", "`replay`"),
        ("d.trail", "home: [Region] = []", "begins neither", "`let home = …`"),
        ("e.yml", GOOD, "this is the rule language", "`.trail`"),
        ("f.yaml", "# ours\n\nlet home: [Region] = []\n", "this is the rule language", "`.trail`"),
    ] {
        place.write(name, text);
        let ran = place.run(&["check", name]).ended(2);
        assert!(ran.stdout.contains(said) && ran.stdout.contains(cure), "{name}: {}", ran.stdout);
        assert_eq!(ran.stdout.matches("error[").count(), 1, "{}", ran.stdout);
    }
}

const GOOD: &str = r#"
rule stopped {
  where api == "StopInstances" and ok

  test "it fires" {
    event  { eventName: "StopInstances" }
    expect 1
  }
  test "it is quiet" {
    event  { eventName: "StartInstances" }
    expect 0
  }
}
"#;

#[test]
fn tests_of_rules_are_run() {
    let place = Place::new();
    place.write("good.trail", GOOD);
    let good = place.run(&["test", "good.trail"]).ended(0).stdout;
    assert!(good.contains("stopped, 2 tests") && good.contains("2 passed, 0 failed"), "{good}");
    let bad = GOOD
        .replace("expect 1", "expect 1 { region: \"eu-west-9\" }")
        .replace("expect 0", "expect 3");
    place.write("bad.trail", bad);
    let bad = place.run(&["test", "bad.trail"]).ended(2).stdout;
    for part in [
        "FAILED",
        "bad.trail:7:5: \"it fires\"",
        "expected  region: \"eu-west-9\"",
        "got       region: \"us-east-1\"",
        "expected  3 alerts",
        "got       0 alerts",
        "0 passed, 2 failed",
    ] {
        assert!(bad.contains(part), "{part} in\n{bad}");
    }
    place.write("wrong.trail", "rule x { where nonsense }");
    assert!(place.run(&["test", "wrong.trail"]).ended(2).stderr.contains("E0103"));
}

#[test]
fn rules_are_listed() {
    let place = Place::new();
    let table = place.run(&["rules", "--no-builtin", "-r", "rules.trail"]).ended(0).stdout;
    for part in ["started", "high", "event", "window", "rules.trail", "2 rules in 1 file"] {
        assert!(table.contains(part), "{part} in\n{table}");
    }
    let json = place.run(&["rules", "-r", "rules.trail", "--format", "json"]).ended(0).stdout;
    let listed: Value = serde_json::from_str(&json).unwrap();
    let listed = listed.as_array().unwrap();
    let own = listed.iter().find(|rule| rule["rule"] == "deleted").unwrap();
    assert_eq!(own["builtin"], false);
    assert_eq!(own["title"], "{count} snapshots deleted in {window}");
    assert!(listed.iter().any(|rule| rule["builtin"] == true));
}

#[test]
fn techniques_are_written_as_a_layer() {
    let place = Place::new();
    place.write(
        "techniques.trail",
        "rule one { attack T1485, T1490 where api == \"RunInstances\" }
         rule two { attack T1485 where api == \"StopInstances\" }
         rule old { status deprecated attack T1530 where api == \"StartInstances\" }",
    );
    let args = ["rules", "--no-builtin", "-r", "techniques.trail", "--attack-layer"];
    let layer: Value = serde_json::from_str(&place.run(&args).ended(0).stdout).unwrap();
    assert_eq!(layer["domain"], "enterprise-attack");
    assert_eq!(layer["versions"]["layer"], "4.5");
    let techniques = layer["techniques"].as_array().unwrap();
    let told: Vec<_> = techniques
        .iter()
        .map(|one| (one["techniqueID"].as_str(), one["score"].as_u64(), one["comment"].as_str()))
        .collect();
    let wanted =
        [(Some("T1485"), Some(2), Some("one, two")), (Some("T1490"), Some(1), Some("one"))];
    assert_eq!(told, wanted);
    place.run(&["rules", "--attack-layer", "--origin"]).ended(2);
}

#[test]
fn the_built_in_pack_is_in_good_order() {
    let place = Place::new();
    place.run(&["check"]).ended(0);
    place.run(&["test", "-q"]).ended(0);
}

#[test]
fn a_folder_of_rules_is_read_once() {
    let place = Place::new();
    place.write("pack/a.trail", GOOD);
    place.write("pack/deep/b.trail", "rule other { where ok }");
    place.write("pack/notes.txt", "no rule");
    let args = ["rules", "--no-builtin", "--format", "json", "-r", "pack", "-r", "pack/a.trail"];
    let listed: Value = serde_json::from_str(&place.run(&args).ended(0).stdout).unwrap();
    let names: Vec<_> = listed.as_array().unwrap().iter().map(|rule| &rule["rule"]).collect();
    assert_eq!(names, ["stopped", "other"]);
}

#[test]
fn a_rule_of_ones_own_is_shown_and_may_replace_a_built_in_one() {
    let place = Place::new();
    place.write("a.json", file(&incident()));
    place.write("own.trail", "rule own { severity info where api == \"RunInstances\" }");
    let ran = place.run(&["replay", "a.json", "-r", "own.trail"]).ended(0);
    assert!(ran.alerts().iter().any(|alert| alert["rule"] == "own"), "{}", ran.stdout);

    let listed = place.run(&["rules", "--format", "json"]).ended(0).stdout;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let name = listed[0]["rule"].as_str().unwrap();
    place.write("own.trail", format!("rule {name} {{ where api == \"RunInstances\" }}"));
    let ran = place.run(&["replay", "a.json", "-r", "own.trail"]).ended(0);
    assert!(ran.stderr.contains(&format!("`{name}` replaces")), "{}", ran.stderr);
    assert!(ran.alerts().iter().any(|alert| alert["rule"] == name));
}

#[test]
fn help_tells_what_there_is_and_nothing_else() {
    let place = Place::new();
    for command in ["replay", "stream", "check", "explain", "fmt", "test", "rules"] {
        let short = place.run(&[command, "-h"]).ended(0).stdout;
        let long = place.run(&[command, "--help"]).ended(0).stdout;
        assert!(short.contains("Usage: trailhound") && long.len() >= short.len());
        for absent in ["--state", "csv", "ocsf"] {
            assert!(!long.contains(absent), "{command}: {absent}");
        }
    }
    let long = place.run(&["--help"]).ended(0).stdout;
    assert!(long.contains("Examples:") && long.contains("Exit status:"));
    assert!(!place.run(&["-h"]).ended(0).stdout.contains("Examples:"));
    let version = place.run(&["--version"]).ended(0).stdout;
    assert_eq!(version, format!("trailhound {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn check_writes_for_programs() {
    let place = Place::new();
    place.write("wrong.trail", "rule x {\n  where nonsense == 1\n}\n");
    let told = place.run(&["check", "wrong.trail", "--format", "json"]).ended(2).stdout;
    let lines: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let error = lines.iter().find(|line| line["severity"] == "error").unwrap();
    assert_eq!(error["code"], "E0103");
    assert_eq!(error["file"], "wrong.trail");
    assert_eq!((error["line"].as_u64(), error["column"].as_u64()), (Some(2), Some(9)));
    assert_eq!(error["end"]["column"], 17);
    let told = place.run(&["check", "wrong.trail", "--format", "github"]).ended(2).stdout;
    let start = "::error file=wrong.trail,line=2,endLine=2,col=9,endColumn=16,title=E0103::unknown";
    assert!(told.contains(start), "{told}");
    assert!(told.lines().all(|line| line.starts_with("::")), "{told}");
    place.write("good.trail", GOOD);
    assert_eq!(place.run(&["check", "good.trail", "--format", "json"]).ended(0).stdout, "");
}
