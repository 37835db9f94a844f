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
rule taken {
  where  ok
  sequence by account, user within 1h {
    made: 2+ api == "RunInstances"
    then first: api == "StopInstances" and req.id exists
    then not gone: api == "StartInstances" and req.id == first.req.id
    then last: api == "StopInstances" and req.id != first.req.id and (req.force == true or first.req.force == true)
  }
}
rule left_open {
  sequence by account within 30m { stop: api == "RunInstances" then not start: api == "X" }
}
rule spike {
  where  ok
  by     account, req.team
  within 1h
  when   zscore(distinct(api, req.name)) >= 4 and sum(req.n) > 3 and count(req.n > 5) > 1
  learn  warmup=7d memory=28d bucket=30m
}
rule seldom {
  where  ok
  by     account
  when   rare(api, req.name) < 0.001 and not (req.force == true)
}
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
fn what_a_rule_with_steps_or_scores_reads_and_remembers_is_explained() {
    let place = place();
    let explain = |name| place.run(&["explain", name, "-r", "own.trail"]).ended(0).stdout;
    let told = explain("taken");
    has(
        &told,
        &["requestParameters.force, requestParameters.id", "derived: account, api, ok, user"],
    );
    has(&told, &["over 1h;", "3,600 events or", "3.5 MiB at most", "`made` counts: all its"]);
    has(&told, &["the last step completes a match"]);
    has(&explain("left_open"), &["twice 30m, for", "when the time is over"]);
    has(&explain("spike"), &["each bucket of", "1,345 buckets or 132 KiB at most"]);
    has(&explain("seldom"), &["each hour and different tuple", "once for each such tuple"]);
}

#[test]
fn the_steps_of_a_sequence_are_explained_over_an_event() {
    let place = place();
    let mut event = record("StopInstances", 0, 1);
    event["requestParameters"] = serde_json::json!({ "id": "i-1", "force": false });
    let over = |event: &serde_json::Value, name: &str| {
        place.write("event.json", event.to_string());
        place.run(&["explain", name, "event.json", "-r", "own.trail"]).ended(0).stdout
    };
    let told = over(&event, "taken");
    has(&told, &["made: 2+\n  false   api == \"RunInstances\"   <-- the first that fails\n"]);
    has(&told, &["then first:\n  true    all of\n", "then last:\n  depends all of\n"]);
    has(&told, &["depends   req.id != first.req.id   (depends on an earlier step)\n"]);
    has(&told, &["req.id = \"i-1\"\n", "req.force = false\n"]);
    has(&told, &["it can be the step `first`\n", "the step `last`, if what it asks of earlier"]);
    assert!(!told.contains("it counts for the step") && !told.contains("as `gone` it"), "{told}");

    event["eventName"] = "StartInstances".into();
    let told = over(&event, "taken");
    has(&told, &["then not gone:\n  depends all of\n", "as `gone` it ends the matches", ", if"]);
    event["requestParameters"] = serde_json::json!({});
    let told = over(&event, "taken");
    has(
        &told,
        &["missing   req.id == first.req.id   (depends on an earlier step)   <-- the first"],
    );
    has(&told, &["the rule passes the event over: it satisfies no step"]);
    event["eventName"] = "RunInstances".into();
    has(&over(&event, "taken"), &["counts for the step `made`, which asks for 2"]);
}

#[test]
fn what_an_event_gives_to_aggregates_and_tuples_is_explained() {
    let place = place();
    let mut event = record("StopInstances", 0, 1);
    event["requestParameters"] = serde_json::json!({ "team": "a", "n": 7, "force": true });
    let over = |event: &serde_json::Value, name: &str| {
        place.write("event.json", event.to_string());
        place.run(&["explain", name, "event.json", "-r", "own.trail"]).ended(0).stdout
    };
    let told = over(&event, "spike");
    has(&told, &["req.team = \"a\"", "it adds 7 to `sum(req.n)`", "adds 1 to `count(req.n > 5)`"]);
    has(&told, &["count(req.n > 5)\n  true    req.n > 5\n", "leaves it out: req.name is missing"]);
    has(&told, &["against buckets of 30m in the last 28d", "lies in the bucket of 20"]);
    let told = over(&event, "seldom");
    has(&told, &["req.name is missing: a tuple with a missing part is never rare"]);
    has(&told, &["when\n  false   all of\n", "a part of `rare(", "is false whatever came"]);
    event["requestParameters"] = serde_json::json!({ "n": "7", "name": "x" });
    has(&over(&event, "spike"), &["since `req.team` is missing", "its key would be account = "]);
    let told = over(&event, "seldom");
    has(&told, &["req.name = \"x\": its share counts", "100 or more", "  depends all of\n"]);
    event["requestParameters"]["team"] = "a".into();
    has(&over(&event, "spike"), &["req.n = \"7\" is no number", "req.name = \"x\""]);
    event["eventTime"] = "soon".into();
    has(&over(&event, "spike"), &["its time cannot be read"]);
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
