//! What the tests of the built-in rules do not notice, each with its reason, as `docs/mutants.md`.
//!
//! All mutants of the pack are run. One that survives without a reason in `rules/mutants.toml`
//! fails, and so does a reason for none. With `BLESS=1` the page is written anew.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use toml::{Table, Value as Toml};

/// How many of a hundred mutants must be noticed, of each part of rules.
const LEAST_PERCENT: usize = 95;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A mutant of a built-in rule that the checker takes.
struct Mutant {
    rule: String,
    part: String,
    change: String,
    noticed: bool,
}

fn mutants() -> Vec<Mutant> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trailhound"));
    command.args(["test", "--mutate", "--format", "json"]).stdin(Stdio::null());
    let output = command.stderr(Stdio::null()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines
        .filter(|line| line.get("change").is_some() && line["fate"] != "refused")
        .map(|line| {
            let text = |key: &str| line[key].as_str().unwrap().to_owned();
            Mutant {
                rule: text("rule"),
                part: text("part"),
                change: text("change"),
                noticed: line["fate"] == "noticed",
            }
        })
        .collect()
}

/// A reason, and the changes it is for: rule and change.
struct Reason {
    why: String,
    changes: Vec<(String, String)>,
}

fn reasons() -> Vec<Reason> {
    let text = std::fs::read_to_string(root().join("rules/mutants.toml")).unwrap();
    let table: Table = text.parse().unwrap();
    let text = |value: &Toml| value.as_str().unwrap().to_owned();
    let reason = |one: &Toml| {
        let changes = one["changes"].as_table().unwrap().iter();
        let changes = changes.flat_map(|(rule, changes)| {
            changes.as_array().unwrap().iter().map(|change| (rule.clone(), text(change)))
        });
        Reason { why: text(&one["why"]), changes: changes.collect() }
    };
    table["reason"].as_array().unwrap().iter().map(reason).collect()
}

/// Noticed and all, by part, in the order in which parts are told.
fn figures(mutants: &[Mutant]) -> Vec<(&str, usize, usize)> {
    let mut figures: Vec<(&str, usize, usize)> = Vec::new();
    let order = ["condition", "value", "threshold", "window", "group", "step", "suppress", "learn"];
    for part in order {
        let own = || mutants.iter().filter(|mutant| mutant.part == part);
        figures.push((part, own().filter(|mutant| mutant.noticed).count(), own().count()));
    }
    assert_eq!(figures.iter().map(|(.., all)| all).sum::<usize>(), mutants.len());
    figures
}

/// The page with its tables made anew.
fn page(mutants: &[Mutant], reasons: &[Reason]) -> String {
    let mut page = String::from(HEAD);
    let figures = figures(mutants);
    let sum = figures.iter().fold((0, 0), |sum, (_, noticed, all)| (sum.0 + noticed, sum.1 + all));
    for (part, noticed, all) in figures.iter().copied().chain([("all", sum.0, sum.1)]) {
        let tenths = 1000 * noticed / all;
        writeln!(page, "| {part} | {noticed} | {all} | {}.{} % |", tenths / 10, tenths % 10)
            .unwrap();
    }
    let mut left: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for mutant in mutants.iter().filter(|mutant| !mutant.noticed) {
        *left.entry((&mutant.rule, &mutant.change)).or_default() += 1;
    }
    page.push_str("\n## Those that are left\n");
    for Reason { why, changes } in reasons {
        write!(page, "\n{why}\n\n| rule | change |\n|---|---|\n").unwrap();
        for (rule, change) in changes {
            let times = match left.get(&(rule.as_str(), change.as_str())) {
                Some(times) if *times > 1 => format!(", in {times} places"),
                _ => String::new(),
            };
            writeln!(page, "| `{rule}` | {}{times} |", change.replace('|', "\\|")).unwrap();
        }
    }
    page
}

const HEAD: &str = "\
# What the tests of the built-in rules do not notice

`trailhound test --mutate` changes one thing at a time in each rule and runs the rule's tests again ([how](tools.md#what-tests-do-not-notice)). Of the built-in rules nearly all changes are noticed; each that is not has its reason here. A test runs them all and fails where one has none. This page is made of that run and of `rules/mutants.toml` by

```sh
BLESS=1 cargo test -p trailhound --test mutants
```

`condition` is a part of `where`, of an `except` or of a step, left out or turned round; `value` a literal in one; `threshold` anything in `when`, a `param`, or how often a step must be met. The lists above the rules (`let`) are not changed.

| part | noticed | all | share |
|---|---|---|---|
";

#[test]
fn each_change_is_noticed_or_has_its_reason() {
    let (mutants, reasons) = (mutants(), reasons());
    assert!(mutants.len() > 4_000, "only {} mutants", mutants.len());
    let survivors: BTreeSet<(&str, &str)> = mutants
        .iter()
        .filter(|mutant| !mutant.noticed)
        .map(|mutant| (mutant.rule.as_str(), mutant.change.as_str()))
        .collect();
    let known: BTreeSet<(&str, &str)> = reasons
        .iter()
        .flat_map(|reason| &reason.changes)
        .map(|(rule, change)| (rule.as_str(), change.as_str()))
        .collect();
    let bare: Vec<_> = survivors.difference(&known).collect();
    assert!(bare.is_empty(), "noticed by no test and without a reason: {bare:#?}");
    let idle: Vec<_> = known.difference(&survivors).collect();
    assert!(idle.is_empty(), "reasons for what is noticed, or no more there: {idle:#?}");
    for (part, noticed, all) in figures(&mutants) {
        assert!(100 * noticed >= LEAST_PERCENT * all, "{part}: {noticed} of {all}");
    }
    let (path, new) = (root().join("docs/mutants.md"), page(&mutants, &reasons));
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &new).unwrap();
    }
    let old = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(old == new, "docs/mutants.md is of other rules: BLESS=1 writes it anew");
}
