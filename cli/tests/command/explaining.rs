//! `explain`: codes, rules, and rules over an event.

use crate::place::{Place, file, gzip, record};

const RULES: &str = r#"
let watched = ["RunInstances", "StopInstances"]
let change = ok and
  # what is watched
  api in watched

rule one {
  about  "What it is about."
  attack T1496.001
  where  change and not by_service and (req.size > 3 or req.kind != "small")
         and all(s in req.sets: s.id like "i-*")
  except "tests" user == "tester"
}
rule many {
  param  n: Int = 3 in 2..10
  where  api == "RunInstances"
  by     account, user
  within 10m
  when   count() >= n
  suppress 1h
}
rule fresh {
  where  api like "Run*" and ok
  by     account
  when   new(region)
}
rule loose { where ok }
"#;

fn place() -> Place {
    let place = Place::new();
    place.write("own.trail", RULES);
    place
}

#[track_caller]
fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in\n{text}");
    }
}

#[test]
fn a_code_is_explained_as_in_the_manual() {
    let place = Place::new();
    let told = place.run(&["explain", "E0103"]).ended(0).stdout;
    has(&told, &["E0103: a field or name", "wrong:\n", "right:\n    rule r"]);
    assert!(!told.contains("```") && !told.contains("###"), "{told}");
    assert_eq!(place.run(&["explain", "e0103"]).ended(0).stdout, told);
    has(&place.run(&["explain", "E9999"]).ended(2).stderr, &["no rule or code", "E9999"]);
}

#[test]
fn a_rule_is_explained() {
    let place = place();
    let explain = |name| place.run(&["explain", name, "-r", "own.trail"]).ended(0).stdout;
    let one = explain("one");
    has(&one, &["one · medium", "What it is about.", "looks for  change", "on each such event"]);
    has(&one, &["requestParameters.kind", "derived: api, by_service, ok, user"]);
    has(
        &one,
        &["its API is pinned (RunInstances, StopInstances)", "none: each event", "T1496.001 https"],
    );
    has(&one, &["tests: user == \"tester\"", "own.trail:7", "tests      none"]);
    let many = explain("many");
    has(&many, &["grouped by account, user", "within     10m, sliding", "count() >= n"]);
    has(
        &many,
        &[
            "n = 3 (Int, from 2 to 10): the rule's own",
            "[rule.many] params",
            "rows or 300 KiB at most",
        ],
    );
    has(&explain("fresh"), &["its API is pinned (Run*)", "each different tuple of the last 90d"]);
    has(&explain("loose"), &["neither API nor service is pinned"]);
    let unknown = place.run(&["explain", "many_things", "-r", "own.trail"]).ended(2);
    has(&unknown.stderr, &["`many_things`", "did you mean many"]);
}

#[test]
fn a_rule_is_explained_over_an_event() {
    let place = place();
    let mut event = record("RunInstances", 0, 1);
    event["requestParameters"] =
        serde_json::json!({ "size": 2, "sets": [{ "id": "i-1" }, { "id": "x" }] });
    place.write("event.json", event.to_string());
    let over = |args: &[&str]| {
        let args = [&["explain"], args, &["-r", "own.trail"]].concat();
        place.run(&args).ended(0).stdout
    };
    let told = over(&["one", "event.json"]);
    has(&told, &["  false   all of\n", "  true      change\n", "  true        all of\n"]);
    has(&told, &["api in watched\n", "api = \"RunInstances\"\n", "  true      one of\n"]);
    has(&told, &["  false       req.size > 3\n", "req.size = 2\n", "req.kind is missing\n"]);
    has(&told, &["all(s in req.sets: s.id like \"i-*\")   <-- the first that fails\n"]);
    has(&told, &["  true        of {\"id\":\"i-1\"}\n", "  false       of {\"id\":\"x\"}\n"]);
    has(&told, &["the rule passes the event over: `where` is false"]);
    assert_eq!(told.matches("<--").count(), 1, "{told}");

    event["requestParameters"]["sets"] = serde_json::json!([]);
    place.write("event.json", file(&[event.clone()]));
    has(&over(&["one", "event.json"]), &["the rule fires on this event"]);
    event["userIdentity"]["userName"] = "tester".into();
    place.write("event.json", event.to_string());
    has(&over(&["one", "event.json"]), &["except\n  true    user == \"tester\"", "it is exempted"]);

    let told = over(&["many", "event.json"]);
    has(
        &told,
        &["counts for the group account = ", "user = \"tester\"", "`count() >= n`", "n = 3"],
    );
    let told = over(&["fresh", "event.json"]);
    has(&told, &["region = ", "must not have been learned within 90d", "older than 14d"]);
    assert!(!told.contains("<--"), "{told}");
}

#[test]
fn the_event_is_one_record_of_any_input() {
    let place = place();
    let records = [record("RunInstances", 0, 1), record("StopInstances", 5, 2)];
    place.write("two.json.gz", gzip(file(&records).as_bytes()));
    let ask = |args: &[&str]| place.run(&[&["explain", "loose", "-r", "own.trail"], args].concat());
    has(&ask(&["two.json.gz"]).ended(2).stderr, &["2 records", "--id EVENT_ID"]);
    let id = records[1]["eventID"].as_str().unwrap();
    has(
        &ask(&["two.json.gz", "--id", id]).ended(0).stdout,
        &["StopInstances", "fires on this event"],
    );
    has(
        &ask(&["two.json.gz", "--id", "none"]).ended(2).stderr,
        &["no record has the eventID `none`"],
    );
    has(&ask(&["own.trail"]).ended(2).stderr, &["holds no CloudTrail record"]);
    has(&ask(&["absent.json"]).ended(2).stderr, &["absent.json"]);
}
