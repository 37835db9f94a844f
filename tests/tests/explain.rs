//! A trace says of a rule and an event what the engine does with them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use engine::exec::{Verdict, rehearse, trace};
use engine::plan::{Stage, compile, outline, scenarios};
use lang::check::{Options, load};
use lang::diag::Sources;
use lang::typed::Ruleset;
use std::path::Path;

/// The built-in rules.
fn pack() -> Ruleset {
    let mut sources = Sources::default();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules/rules");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "trail") {
            sources.add(path.display().to_string(), std::fs::read_to_string(&path).unwrap(), true);
        }
    }
    load(&sources, &Options { lints: false }).0
}

#[test]
fn a_trace_agrees_with_the_engine_on_every_event_of_every_test_of_the_pack() {
    let ruleset = pack();
    let (mut fired, mut passed) = (0, 0);
    for rule in ruleset.rules.iter().filter(|rule| rule.when.is_none() && rule.by.is_empty()) {
        let program = compile(&Ruleset {
            lets: ruleset.lets.clone(),
            rules: vec![rule.clone()],
            ..Ruleset::default()
        });
        let program = program.unwrap();
        let outline = outline(&ruleset, rule).unwrap();
        for scenario in scenarios(rule) {
            for stage in &scenario.stages {
                let mut records = stage.records.clone();
                records.dedup();
                for record in records.into_iter().take(20) {
                    let traced = trace(&outline, record.as_bytes()).unwrap();
                    let fires = traced.filter.truth && !traced.excepts.iter().any(|e| e.truth);
                    let mut alone = scenario.clone();
                    let mut expect = stage.expect.clone();
                    expect.count = u64::from(fires);
                    expect.values.clear();
                    alone.stages = vec![Stage { records: vec![record.clone()], clock: 0, expect }];
                    assert_eq!(
                        rehearse(&program, &alone),
                        Verdict::Passed,
                        "{}: {record}",
                        rule.name
                    );
                    if fires { fired += 1 } else { passed += 1 }
                }
            }
        }
    }
    assert!(fired > 30 && passed > 30, "{fired} fired, {passed} passed");
}
