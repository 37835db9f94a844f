//! Published Sigma rules, where `TRAILHOUND_SIGMA` says that they are.
//!
//! `tests/sigma/*.case` has, for each rule by the name of its file, test steps on which it
//! fires once and steps on which it does not. Each rule is made into text of the language
//! and that text is run, so that both ways are shown to say the same.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, in its helpers too"
)]
#![expect(clippy::print_stdout, reason = "a test that skips says so")]

use engine::exec::{Verdict, rehearse};
use engine::plan::{compile, scenarios};
use engine::sigma;
use lang::ast::{Clause, ClauseKind, Item};
use lang::check::{Options, load};
use lang::diag::Sources;
use lang::print::print;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where the published rules are; an empty variable is none.
fn root() -> Option<PathBuf> {
    std::env::var_os("TRAILHOUND_SIGMA").filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// The rule files below a folder, by their names from there.
fn files(root: &Path, folder: &Path, all: &mut BTreeMap<String, PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(root, &path, all);
        } else if sigma::is_sigma(&path.to_string_lossy()) {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            all.insert(name, path);
        }
    }
}

/// The test clauses of a section: a line `fires STEPS` or `passes STEPS` each.
fn clauses(section: &str) -> Vec<Clause> {
    let mut text = String::from("rule t {\n  where ok\n");
    for (number, line) in section.lines().filter(|line| !line.trim().is_empty()).enumerate() {
        let (word, steps) = line.split_once(' ').unwrap();
        let count = if word == "fires" { 1 } else { 0 };
        text.push_str(&format!("  test \"{word} {number}\" {{ {steps} expect {count} }}\n"));
    }
    text.push_str("}\n");
    let tree = tests::tree(&text).unwrap_or_else(|why| panic!("{why} in {section}"));
    let Some(Item::Rule(rule)) = tree.items.into_iter().next() else { panic!("no rule") };
    rule.clauses.into_iter().filter(|c| matches!(c.kind, ClauseKind::Test(_))).collect()
}

/// Runs the tests of a section against the rules of a file; what fails, in words.
fn failures(text: &str, section: &str) -> Vec<String> {
    let mut sources = Sources::default();
    sources.add("rule.yml", text, false);
    sigma::read(&mut sources);
    let mut tree = sources.foreign(0).unwrap().tree.clone();
    let rule = tree.items.iter_mut().rev().find_map(|item| match item {
        Item::Rule(rule) => Some(rule),
        Item::Let(_) => None,
    });
    let Some(rule) = rule else { return vec!["no rule came of it".to_owned()] };
    rule.clauses.extend(clauses(section));
    let text = print(&tree);
    let errors = tests::errors(&text);
    if !errors.is_empty() {
        return vec![format!("{errors}\n{text}")];
    }
    let mut sources = Sources::default();
    sources.add("rule.trail", text, false);
    let (ruleset, _) = load(&sources, &Options::default());
    let program = compile(&ruleset).unwrap();
    let rule = ruleset.rules.last().unwrap();
    let failed =
        scenarios(rule).into_iter().filter_map(|scenario| match rehearse(&program, &scenario) {
            Verdict::Passed => None,
            Verdict::Failed { why, .. } => Some(format!("{}: {why:?}", scenario.name)),
        });
    failed.collect()
}

#[test]
fn every_published_rule_fires_when_it_must_and_only_then() {
    let Some(root) = root() else {
        println!("skipped: TRAILHOUND_SIGMA is not set");
        return;
    };
    let mut all = BTreeMap::new();
    files(&root, &root, &mut all);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sigma");
    let mut sections: BTreeMap<String, String> = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for section in text.split("\n--- ").skip(1) {
            let (name, lines) = section.split_once('\n').unwrap();
            sections.insert(name.to_owned(), lines.to_owned());
        }
    }
    let mut wrong = Vec::new();
    for (name, path) in &all {
        let Some(section) = sections.get(name) else {
            wrong.push(format!("{name}: has no case"));
            continue;
        };
        for word in ["fires ", "passes "] {
            if !section.lines().any(|line| line.starts_with(word)) {
                wrong.push(format!("{name}: no case that {word}"));
            }
        }
        let text = std::fs::read_to_string(path).unwrap();
        let failed = failures(&text, section);
        wrong.extend(failed.into_iter().map(|why| format!("{name}: {why}")));
    }
    wrong.extend(
        sections.keys().filter(|name| !all.contains_key(*name)).map(|n| format!("{n}: no rule")),
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{} files", all.len());
}

#[test]
fn all_published_rules_load_together() {
    let Some(root) = root() else {
        println!("skipped: TRAILHOUND_SIGMA is not set");
        return;
    };
    let mut all = BTreeMap::new();
    files(&root, &root, &mut all);
    let mut sources = Sources::default();
    for (name, path) in &all {
        sources.add(name, std::fs::read_to_string(path).unwrap(), false);
    }
    sigma::read(&mut sources);
    assert_eq!(sigma::left_out(&sources).count(), 0);
    let (ruleset, diags) = load(&sources, &Options::default());
    assert!(diags.is_empty(), "{diags:?}");
    assert_eq!(ruleset.rules.len(), all.len());
    assert!(compile(&ruleset).is_ok());
}
