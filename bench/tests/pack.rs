//! The built-in rules over real records: what they see of attacks, whether they agree with
//! labels of others, and how much they say where nothing is wrong.
//!
//! The corpora lie where `TRAILHOUND_CORPORA` says; without it the tests say that they were
//! skipped.

#![expect(clippy::print_stderr, reason = "a test says when it is skipped")]

use bench::coverage::{labelled, stratus};
use bench::noise::Noise;
use engine::plan::Level;
use std::collections::BTreeSet;
use std::path::PathBuf;

fn corpora() -> Option<PathBuf> {
    let path = std::env::var_os("TRAILHOUND_CORPORA").map(PathBuf::from);
    if path.is_none() {
        eprintln!("skipped: TRAILHOUND_CORPORA is not set");
    }
    path
}

#[test]
fn every_attack_raises_a_rule_of_its_technique() {
    let Some(corpora) = corpora() else { return };
    let seen = stratus::measured(&corpora).unwrap();
    let unseen: Vec<_> = seen.iter().filter(|one| one.own.is_empty()).collect();
    assert!(unseen.is_empty(), "{unseen:#?}");
}

#[test]
fn every_disagreement_with_a_label_has_its_reason() {
    let Some(corpora) = corpora() else { return };
    let judged = labelled::measured(&corpora).unwrap();
    let differ: BTreeSet<_> = judged
        .iter()
        .filter(|one| !one.agrees())
        .map(|one| (one.rule.as_str(), one.test.as_str()))
        .collect();
    let known: BTreeSet<_> =
        labelled::REASONS.iter().map(|(rule, test, _)| (*rule, *test)).collect();
    assert_eq!(differ, known);
}

#[test]
fn loud_rules_are_quiet_where_nothing_is_wrong() {
    let Some(corpora) = corpora() else { return };
    let noise = Noise::measured(&corpora).unwrap();
    let loud: Vec<_> = noise
        .rules
        .iter()
        .filter(|(name, level)| *level > Level::Medium && noise.of(name, 0) + noise.of(name, 1) > 2)
        .collect();
    assert!(loud.is_empty(), "{loud:?}");
}

#[test]
fn the_pages_have_the_tables_that_are_measured() {
    let Some(corpora) = corpora() else { return };
    let has = |page: &str, table: &str| table.trim().lines().all(|line| page.contains(line));
    let noise = Noise::measured(&corpora).unwrap().markdown();
    assert!(has(include_str!("../../docs/noise.md"), &noise), "docs/noise.md; now:\n{noise}");
    let page = include_str!("../../docs/coverage.md");
    let attacks = stratus::markdown(&stratus::measured(&corpora).unwrap());
    assert!(has(page, &attacks), "docs/coverage.md; now:\n{attacks}");
    let labels = labelled::markdown(&labelled::measured(&corpora).unwrap());
    assert!(has(page, &labels), "docs/coverage.md; now:\n{labels}");
}

#[test]
fn the_page_names_rules_that_exist() {
    let page = include_str!("../../docs/coverage.md");
    let names: BTreeSet<&str> = rules::FILES
        .iter()
        .flat_map(|(_, text)| text.lines())
        .filter_map(|line| line.strip_prefix("rule ")?.split(' ').next())
        .collect();
    // In tables a rule stands in backticks and has an underscore.
    let named = page
        .lines()
        .filter(|line| line.starts_with('|'))
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .filter(|word| word.contains('_'));
    let unknown: Vec<_> = named.filter(|word| !names.contains(word)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
