//! The pack is sound: no error, no lint, and every test of every rule passes in the
//! production engine.

#![allow(clippy::unwrap_used, reason = "a test says what is wrong by ending")]

use exec::Verdict;
use lang::check::{Options, load};
use lang::diag::{Diag, Sources};
use lang::typed::Ruleset;
use std::collections::BTreeSet;
use std::path::Path;
use trailhound_rules as rules;

/// Rules that sleep until the site fills a list; `lists.rs` wakes them.
const ASLEEP: [&str; 1] = ["region_outside_list"];

/// Topics in which what a person does through a service is as bad as what they do by hand.
const NEVER_VIA_SERVICE: [&str; 11] = [
    "changes",
    "credentials",
    "deletion",
    "encryption",
    "exfiltration",
    "guard",
    "iam",
    "logging",
    "organizations",
    "sharing",
    "storage",
];

fn shipped() -> (Ruleset, Vec<Diag>) {
    let mut sources = Sources::default();
    for (name, text) in rules::FILES {
        sources.add_builtin(name, text);
    }
    load(&sources, &Options { lints: true })
}

/// How each test of each rule went, by the rule and the test's name.
fn verdicts(ruleset: &Ruleset) -> Vec<(String, String, Verdict)> {
    let program = plan::compile(ruleset).unwrap();
    let scenarios = ruleset.rules.iter().flat_map(|rule| plan::scenarios(rule));
    scenarios
        .map(|scenario| {
            let verdict = exec::rehearse(&program, &scenario);
            (scenario.rule, scenario.name, verdict)
        })
        .collect()
}

fn sleeps(rule: &str) -> bool {
    ASLEEP.contains(&rule)
}

#[test]
fn every_file_of_the_folder_is_in_the_pack() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut there: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".trail"))
        .map(|name| format!("builtin/{name}"))
        .collect();
    there.sort();
    let embedded: Vec<&str> = rules::FILES.iter().map(|(name, _)| *name).collect();
    assert_eq!(embedded, there);
}

#[test]
fn a_replay_reads_the_same_rules_without_tests_and_prose() {
    let read = |only_run: bool| {
        let mut sources = Sources::default();
        for (name, text) in rules::FILES {
            sources.add_builtin(name, text);
        }
        if only_run {
            sources.only_run();
        }
        let (mut ruleset, diags) = load(&sources, &Options { lints: false });
        assert!(diags.is_empty(), "{diags:?}");
        let mut passed = 0;
        for rule in &mut ruleset.rules {
            passed += std::mem::take(&mut rule.tests).len();
            let prose = [rule.about.take(), rule.runbook.take()];
            passed += prose.iter().flatten().count() + std::mem::take(&mut rule.refs).len();
            passed += std::mem::take(&mut rule.settings).len();
        }
        passed += std::mem::take(&mut ruleset.settings).len();
        (format!("{ruleset:?}"), passed)
    };
    let ((passed, none), (read, all)) = (read(true), read(false));
    assert!(passed == read, "something that a run needs was passed over");
    assert_eq!(none, 0);
    assert!(all > 1_000);
}

#[test]
fn no_error_and_no_lint() {
    let (_, diags) = shipped();
    let rest: Vec<String> = diags
        .iter()
        .map(|diag| format!("{} {} {:?}", diag.code, diag.title, diag.labels))
        .collect();
    assert!(rest.is_empty(), "{rest:#?}");
}

#[test]
fn every_test_of_every_rule_passes() {
    let (ruleset, _) = shipped();
    let failed: Vec<_> = verdicts(&ruleset)
        .into_iter()
        .filter(|(.., verdict)| *verdict != Verdict::Passed)
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn every_rule_has_a_test_that_fires_and_one_that_does_not() {
    let (ruleset, _) = shipped();
    assert!(ruleset.rules.len() > 180);
    for rule in &ruleset.rules {
        let scenarios = plan::scenarios(rule);
        let counts: BTreeSet<bool> =
            scenarios.iter().flat_map(|test| &test.stages).map(|at| at.expect.count > 0).collect();
        let wanted = if sleeps(&rule.name) { [false].into() } else { [false, true].into() };
        assert_eq!(counts, wanted, "{}", rule.name);
    }
}

#[test]
fn every_rule_tells_what_it_is_about_and_what_to_do() {
    let (ruleset, _) = shipped();
    for rule in &ruleset.rules {
        let name = &rule.name;
        assert!(!rule.attack.is_empty(), "{name}: attack");
        assert!(rule.about.as_ref().is_some_and(|about| about.ends_with('.')), "{name}: about");
        assert!(rule.runbook.as_ref().is_some_and(|text| text.ends_with('.')), "{name}: runbook");
        assert!(rule.refs.iter().any(|at| at.starts_with("https://")), "{name}: ref");
        assert!(rule.title.len() > 1, "{name}: its title names nothing of the event");
    }
}

#[test]
fn no_rule_on_rights_records_or_loss_looks_away_from_services() {
    for topic in NEVER_VIA_SERVICE {
        let file = format!("builtin/{topic}.trail");
        let (_, text) = rules::FILES.iter().find(|(name, _)| *name == file).unwrap();
        assert!(!text.contains("not via_service"), "{file}");
    }
}

#[test]
fn the_pack_says_what_is_shown() {
    let toml = include_str!("../rules/pack.toml");
    let word = rules::default_min_severity();
    assert!(toml.contains(&format!("default_min_severity = \"{word}\"")), "{word}");
    assert!(lang::ast::Level::ALL.iter().any(|(known, _)| *known == word), "{word}");
}
