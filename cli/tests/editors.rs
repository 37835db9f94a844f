//! The grammar for editors against the language: the words it knows are the words there are.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use engine::event::Derived;
use engine::lang::ast::{Level, Status};
use engine::lang::check::{Options, load};
use engine::lang::diag::Sources;
use engine::lang::{lexer, parser};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

fn read(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../editors/vscode").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The words of the last group of words in a rule of the grammar: `(one|two)`.
fn words(rule: &str) -> BTreeSet<String> {
    let grammar = read("syntaxes/trail.tmLanguage.json");
    let pattern = grammar["repository"][rule]["match"].as_str().unwrap().to_owned();
    let groups = pattern.split('(').filter_map(|rest| rest.split_once(')').map(|(group, _)| group));
    let plain = |group: &&str| {
        group.contains('|')
            && group.chars().all(|c| c.is_ascii_alphanumeric() || "|_.\\".contains(c))
    };
    let group = groups.rev().find(plain).unwrap();
    group.split('|').map(|word| word.replace('\\', "")).collect()
}

fn set<'a>(words: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    words.into_iter().map(str::to_owned).collect()
}

/// The codes of what is wrong with a text.
fn codes(text: &str) -> Vec<&'static str> {
    let mut sources = Sources::default();
    sources.add("a.trail", text, false);
    load(&sources, &Options { lints: false }).1.into_iter().map(|diag| diag.code).collect()
}

#[test]
fn keywords_are_those_of_the_parser() {
    assert_eq!(words("clauses"), set(parser::clause_words()));
    assert_eq!(words("steps"), set(parser::test_words()));
    assert_eq!(words("level"), set(Level::ALL.map(|(word, _)| word)));
    assert_eq!(words("status"), set(Status::ALL.map(|(word, _)| word)));
    let reserved = words("reserved");
    assert!(reserved.iter().all(|word| lexer::reserved(word).is_some()), "{reserved:?}");
    // `true` and `false` are constants.
    assert_eq!(reserved.len() + 2, 13);
}

#[test]
fn derived_names_are_those_of_the_schema() {
    let mut known = set(Derived::ALL.map(|(name, _)| name));
    known.extend(set(["req", "resp", "extra", "record"]));
    assert_eq!(words("derived"), known);
}

#[test]
fn functions_and_types_exist() {
    for name in words("functions") {
        let found = codes(&format!("rule r {{ where {name}(api) == 1 }}"));
        assert!(!found.contains(&"E0105"), "{name}: {found:?}");
    }
    for name in words("types") {
        let found = codes(&format!("let x: {name} = \"a\"\nrule r {{ where ok }}"));
        assert!(!found.contains(&"E0102"), "{name}: {found:?}");
    }
    assert!(codes("rule r { where nonsense(api) == 1 }").contains(&"E0105"));
    assert!(codes("let x: Nonsense = 1\nrule r { where ok }").contains(&"E0102"));
}

#[test]
fn the_extension_names_files_that_exist() {
    let package = read("package.json");
    let contributes = &package["contributes"];
    let language = &contributes["languages"][0];
    assert_eq!(language["extensions"], serde_json::json!([".trail"]));
    for file in [&language["configuration"], &contributes["grammars"][0]["path"]] {
        read(file.as_str().unwrap().trim_start_matches("./"));
    }
    let grammar = read("syntaxes/trail.tmLanguage.json");
    assert_eq!(grammar["scopeName"], contributes["grammars"][0]["scopeName"]);
    let rules = grammar["repository"].as_object().unwrap();
    for include in grammar["patterns"].as_array().unwrap() {
        let name = include["include"].as_str().unwrap().trim_start_matches('#');
        assert!(rules.contains_key(name), "{name}");
    }
}
