//! A trace says of a rule and an event what the engine does with them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use engine::event::{Event, Scan, Slots, scan};
use engine::exec::{Matcher, Seeds, Standing, Trace, Verdict, rehearse, trace};
use engine::plan::{Form, Stage, compile, outline, scenarios};
use lang::check::{Options, load};
use lang::diag::Sources;
use lang::typed::{Rule, Ruleset};
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

/// What a trace says of whether an event counts for its rule; nothing where that hangs on
/// an equality with an earlier step, of which the engine asks later.
fn counts(trace: &Trace) -> Option<bool> {
    let step = trace.steps.is_empty() || trace.steps.iter().any(|step| step.truth);
    let joined = trace.steps.iter().flat_map(|step| step.inner.iter().chain([step]));
    if !step && joined.clone().any(|part| part.form == Form::Joined && !part.truth) {
        return None;
    }
    let keyed = trace.by.iter().all(|(_, value)| value.is_some());
    Some(trace.filter.truth && step && keyed)
}

#[test]
fn a_trace_says_of_every_rule_which_events_count() {
    let ruleset = pack();
    let (mut counted, mut passed, mut steps) = (0, 0, 0);
    for rule in ruleset.rules.iter().filter(|rule| rule.when.is_some() || rule.sequence.is_some()) {
        let alone = Ruleset {
            lets: ruleset.lets.clone(),
            rules: vec![Box::new(Rule { enabled: true, ..(**rule).clone() })],
            ..Ruleset::default()
        };
        let program = compile(&alone).unwrap();
        let outline = outline(&ruleset, rule).unwrap();
        let mut matcher = Matcher::new(&program, &Seeds::default(), false);
        let stages = scenarios(rule).into_iter().flat_map(|scenario| scenario.stages);
        for record in stages.flat_map(|stage| stage.records.into_iter().take(40)) {
            let mut slots = Slots::new();
            let found = scan(record.as_bytes(), 0, &program.layout, &mut slots);
            assert!(matches!(found, Scan::Record { .. }));
            let arena = bumpalo::Bump::new();
            let event = Event::new(record.as_bytes(), &slots, &arena);
            matcher.event(&event, Standing::InTime { second: event.time().unwrap().0 });
            let facts = matcher.facts().len();
            matcher.facts().clear();
            let trace = trace(&outline, record.as_bytes()).unwrap();
            let Some(counts) = counts(&trace) else { continue };
            assert_eq!(facts > 0, counts, "{}: {record}", rule.name);
            if counts {
                counted += 1
            } else {
                passed += 1
            }
            steps += usize::from(counts && !trace.steps.is_empty());
        }
    }
    assert!(counted > 300 && passed > 30 && steps > 10, "{counted} {passed} {steps}");
}
