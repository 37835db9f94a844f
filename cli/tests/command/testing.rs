//! `test`: files of events, filters, and what mutants show of tests.

use crate::place::{Place, file, gzip, record};
use serde_json::Value;

const BURST: &str = r#"
rule burst {
  where  api == "DeleteSnapshot"
  by     account
  within 10m
  when   count() >= 3
  suppress 1h

  test "a burst of a file" {
    events from "events/burst.json.gz"
    expect 1 { count: 3, time: "2025-09-01T00:00:02Z" }
    wait   2h
    event  { eventName: "DeleteSnapshot" } x 3
    expect 1 { time: "2025-09-01T02:00:04Z" }
  }
  test "lines" {
    events from "events/two.jsonl"
    expect 0
  }
}
"#;

/// Records that have no eventID.
fn nameless(count: u32) -> Vec<Value> {
    let nameless = |second| {
        let mut record = record("DeleteSnapshot", second, 1);
        record.as_object_mut().unwrap().remove("eventID");
        record["recipientAccountId"] = "111122223333".into();
        record
    };
    (0..count).map(nameless).collect()
}

#[test]
fn a_test_takes_events_from_files_beside_its_rule() {
    let place = Place::new();
    place.write("pack/burst.trail", BURST);
    let told = place.run(&["test", "pack/burst.trail"]).ended(2).stdout;
    for part in [
        "pack/burst.trail:10:17: \"a burst of a file\"",
        "records from \"events/burst.json.gz\"",
        "2 failed",
    ] {
        assert!(told.contains(part), "{part} in\n{told}");
    }
    place.write("pack/events/burst.json.gz", gzip(file(&nameless(5)).as_bytes()));
    let lines: String = nameless(2).iter().map(|record| format!("{record}\n")).collect();
    place.write("pack/events/two.jsonl", lines);
    let told = place.run(&["test", "pack"]).ended(0).stdout;
    assert!(told.contains("2 passed, 0 failed"), "{told}");
    place.run(&["check", "pack"]).ended(0);
}

#[test]
fn a_test_reads_no_file_that_lies_elsewhere() {
    let place = Place::new();
    place.write("records.json", file(&nameless(3)));
    let rule = |path: &str| {
        format!("rule r {{\n  where ok\n  test \"t\" {{ events from \"{path}\" expect 3 }}\n}}\n")
    };
    for path in ["../records.json", "a/../../records.json", "/etc/hostname"] {
        place.write("pack/r.trail", rule(path));
        for command in ["test", "check"] {
            let ran = place.run(&[command, "pack"]).ended(2);
            let told = ran.stdout + &ran.stderr;
            assert!(told.contains("error[E0510]") && told.contains("r.trail:3:26"), "{told}");
        }
    }
    place.write("pack/r.trail", rule("link.json"));
    std::os::unix::fs::symlink(place.path("records.json"), place.path("pack/link.json")).unwrap();
    let told = place.run(&["test", "pack"]).ended(2).stdout;
    assert!(told.contains("leads out of the rule file's folder (E0510)"), "{told}");
    place.write("pack/inside.json", file(&nameless(3)));
    place.write("pack/r.trail", rule("./inside.json"));
    place.run(&["test", "pack"]).ended(0);
}

const GAPS: &str = r#"
rule tight {
  where api == "StopInstances" and ok

  test "it fires" { event { eventName: "StopInstances" } expect 1 }
  test "another call" { event { eventName: "StartInstances" } expect 0 }
  test "refused" { event { eventName: "StopInstances", errorCode: "AccessDenied" } expect 0 }
}
rule loose {
  where  api == "StopInstances" and ok
  by     account
  within 10m
  when   count() >= 3
  suppress 1h

  test "it fires" { event { eventName: "StopInstances" } x 9 every 1s expect 1 }
}
rule bare { where ok }
"#;

#[test]
fn mutants_show_what_tests_do_not_notice() {
    let place = Place::new();
    place.write("gaps.trail", GAPS);
    let told = place.run(&["test", "--mutate", "gaps.trail"]).ended(0).stdout;
    assert!(told.contains("ok     tight, 5 of 5 changes noticed\n"), "{told}");
    assert!(told.contains("gaps   loose, "), "{told}");
    for part in [
        "gaps.trail:10:37: `ok` was left out",
        "gaps.trail:12:10: `10m` became `20m`",
        "gaps.trail:13:21: `3` became `4`",
        "gaps.trail:13:10: `count() >= 3` became `count() > 3`",
    ] {
        assert!(told.contains(part), "{part} in\n{told}");
    }
    assert!(told.contains(" noticed: ") && told.contains("of 2 rules"), "{told}");
    for part in ["condition 6 of 8 noticed:  75.0 %", "suppress ", "window "] {
        assert!(told.contains(part), "{part} in\n{told}");
    }
    let quiet = place.run(&["test", "--mutate", "-q", "gaps.trail"]).ended(0).stdout;
    assert!(!quiet.contains("tight") && quiet.contains("loose"), "{quiet}");
}

#[test]
fn tests_and_changes_are_told_to_programs() {
    let place = Place::new();
    place.write("gaps.trail", GAPS);
    place.write("wrong.trail", "rule wrong { where ok test \"x\" { event {} expect 0 } }");
    let args = ["test", "--mutate", "--format", "json", "gaps.trail", "wrong.trail"];
    let told = place.run(&args).ended(2).stdout;
    let lines: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let fates = |key: &str, fate: &str| {
        lines.iter().filter(|line| line.get(key).is_some() && line["fate"] == fate).count()
    };
    assert_eq!((fates("test", "passed"), fates("test", "failed")), (4, 1), "{told}");
    assert!(fates("change", "noticed") == 8 && fates("change", "unnoticed") == 12, "{told}");
    let failed = lines.iter().find(|line| line["fate"] == "failed").unwrap();
    assert_eq!(failed["rule"], "wrong");
    assert_eq!((&failed["expected"], &failed["got"]), (&"0 alerts".into(), &"1 alert".into()));
    assert_eq!(failed["alerts"].as_array().unwrap().len(), 1);
    let change = lines.iter().find(|line| line["change"] == "`10m` became `20m`").unwrap();
    assert_eq!((&change["rule"], &change["part"]), (&"loose".into(), &"window".into()));
    assert_eq!((&change["file"], &change["line"]), (&"gaps.trail".into(), &12.into()));
    assert_eq!((&change["column"], &change["fate"]), (&10.into(), &"unnoticed".into()));
}

#[test]
fn a_filter_chooses_tests_by_their_name_or_the_rules() {
    let place = Place::new();
    place.write("gaps.trail", GAPS);
    let run = |text| place.run(&["test", "gaps.trail", "--filter", text]).ended(0).stdout;
    assert!(run("tight").contains("3 tests of 1 rule"), "{}", run("tight"));
    assert!(run("fires").contains("2 tests of 2 rules"), "{}", run("fires"));
    assert!(run("nothing").contains("0 tests of 0 rules"), "{}", run("nothing"));
}

/// One rule with a list from a file and a param that the site sets.
const AROUND: &str = r#"
let bad: [Str] from "bad.txt"

rule around {
  param  n: Int = 3 in 1..9
  where  api == "DeleteSnapshot" and sourceIPAddress in bad
  by     account
  within 10m
  when   count() >= n

  test "two are enough" {
    event  { eventName: "DeleteSnapshot", sourceIPAddress: "198.51.100.9" } x 2
    expect 1
  }
}
"#;

#[test]
fn mutants_have_the_files_and_the_site_of_their_rule() {
    let place = Place::new();
    place.write("around.trail", AROUND);
    place.write("bad.txt", "198.51.100.9\n");
    place.write("site.toml", "[rule.around]\nparams = { n = 2 }\n");
    place.run(&["test", "around.trail"]).ended(2);
    let told =
        place.run(&["test", "around.trail", "--site", "site.toml", "--mutate"]).ended(0).stdout;
    assert!(told.contains("1 passed, 0 failed"), "{told}");
    let refused = told.lines().find_map(|line| line.split_once(" %; ")).unwrap().1;
    assert!(refused.starts_with("0 refused") || refused.starts_with("1 refused"), "{told}");
    assert!(!told.contains("0 of 0"), "{told}");
}
