//! The lists that a site fills, filled: what is asleep wakes, and partners are no outsiders.
//!
//! In the rule files these lists are empty, so that no test there can show what they do. Here
//! the files are taken with a partner and a home region, and changes of the parts that read
//! the lists must change what the tests say.

#![allow(clippy::unwrap_used, reason = "a test says what is wrong by ending")]

use exec::Verdict;
use lang::ast::{File, Item};
use lang::check::{Options, load};
use lang::diag::Sources;
use lang::mutate::mutants;
use lang::parse;
use lang::print::print;
use trailhound_rules as rules;

/// The lists as the files have them, and as a site would fill them.
const LISTS: [(&str, &str); 2] = [
    ("let home_regions: [Region] = []", "let home_regions: [Region] = [\"eu-west-1\"]"),
    (
        "let partner_accounts: [Account] = []",
        "let partner_accounts: [Account] = [\"999988887777\"]",
    ),
];

/// What stands in the tests of `region_outside_list` while the list is empty.
const ASLEEP: &str = r#"  test "asleep until the site lists its regions" {
    event  { awsRegion: "ap-southeast-3" }
    expect 0
  }
"#;

/// What would stand there if it were filled.
const AWAKE: &str = r#"
  test "a change elsewhere, refused or not" {
    event  { awsRegion: "ap-southeast-3" }
    wait   2h
    event  { awsRegion: "ap-southeast-3", errorCode: "AccessDenied" }
    expect 2
  }
  test "at home; only read; by AWS itself; a service of one region" {
    event  { awsRegion: "eu-west-1" }
    event  { awsRegion: "ap-southeast-3", eventName: "DescribeInstances", readOnly: true }
    event  { awsRegion: "ap-southeast-3", userIdentity.type: "AWSService" }
    event  { eventSource: "iam.amazonaws.com", eventName: "CreateRole" }
    expect 0
  }
  test "told again after an hour, each by itself" {
    event  { awsRegion: "ap-southeast-3" }
    expect 1
    wait   40m
    event  { awsRegion: "ap-southeast-3" }
    expect 0
    event  { awsRegion: "ap-southeast-3", recipientAccountId: "444455556666" }
    expect 1
    event  { awsRegion: "ap-southeast-4" }
    expect 1
    event  { awsRegion: "ap-southeast-3",
             userIdentity.arn: "arn:aws:iam::111122223333:user/bob" }
    expect 1
    wait   30m
    event  { awsRegion: "ap-southeast-3" }
    expect 1
  }
"#;

/// What only matters while the list is empty, which the rule's own test notices.
const OF_THE_EMPTY_LIST: &str = "`len(home_regions) > 0`";

/// The files with their lists filled.
fn filled() -> Vec<(&'static str, String)> {
    let fill = |text: &str| {
        let filled = LISTS.iter().fold(text.to_owned(), |text, (old, new)| text.replace(old, new));
        filled.replace(ASLEEP, AWAKE)
    };
    rules::FILES.iter().map(|(name, text)| (*name, fill(text))).collect()
}

/// How the tests of the only rule of a text go; nothing when it is refused.
fn verdicts(text: &str) -> Option<Vec<(String, Verdict)>> {
    let mut sources = Sources::default();
    sources.add("filled.trail", text.to_owned(), false);
    let (ruleset, _) = load(&sources, &Options { lints: false });
    let rule = ruleset.rules.first()?;
    let program = plan::compile(&ruleset).unwrap();
    let scenarios = plan::scenarios(rule);
    Some(
        scenarios
            .into_iter()
            .map(|scenario| {
                let verdict = exec::rehearse(&program, &scenario);
                (scenario.name, verdict)
            })
            .collect(),
    )
}

/// A rule of a filled file, and the rule with each change that is wanted.
struct Case {
    rule: String,
    text: String,
    changed: Vec<(String, String)>,
}

fn cases(wanted: impl Fn(&str, &str) -> bool) -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, text) in filled() {
        let mut sources = Sources::default();
        let number = sources.add(name, text, false);
        let (file, diags) = parse(&sources, number);
        assert!(diags.is_empty(), "{diags:?}");
        let lets = || file.items.iter().filter(|item| matches!(item, Item::Let(_))).cloned();
        let alone = |rule| print(&File { items: lets().chain([Item::Rule(rule)]).collect() });
        for item in &file.items {
            let Item::Rule(rule) = item else { continue };
            let changed: Vec<_> = mutants(rule)
                .into_iter()
                .filter(|mutant| wanted(&rule.name.name, &mutant.what))
                .map(|mutant| (mutant.what, alone(mutant.rule)))
                .collect();
            if !changed.is_empty() {
                cases.push(Case {
                    rule: rule.name.name.clone(),
                    text: alone(rule.clone()),
                    changed,
                });
            }
        }
    }
    cases
}

#[test]
fn lists_are_empty_until_a_site_fills_them() {
    for (old, _) in LISTS {
        assert!(rules::FILES.iter().any(|(_, text)| text.contains(old)), "{old}");
    }
    assert!(rules::FILES.iter().any(|(_, text)| text.contains(ASLEEP)));
}

#[test]
fn what_sleeps_wakes_and_each_of_its_parts_matters() {
    let cases = cases(|rule, _| rule == "region_outside_list");
    assert_eq!(cases.len(), 1);
    for case in cases {
        let all = verdicts(&case.text).unwrap();
        assert!(all.iter().all(|(_, verdict)| *verdict == Verdict::Passed), "{all:#?}");
        let unnoticed: Vec<_> = case
            .changed
            .iter()
            .filter(|(_, text)| {
                verdicts(text)
                    .is_some_and(|all| all.iter().all(|(_, verdict)| *verdict == Verdict::Passed))
            })
            .map(|(what, _)| what)
            .filter(|what| !what.starts_with(OF_THE_EMPTY_LIST))
            .collect();
        assert!(unnoticed.is_empty(), "{unnoticed:#?}");
        assert!(case.changed.len() > 15, "{}", case.changed.len());
    }
}

#[test]
fn partners_are_no_outsiders() {
    let cases = cases(|_, what| what.ends_with(" not in partner_accounts` was left out"));
    let number: usize = cases.iter().map(|case| case.changed.len()).sum();
    assert!(number >= 13, "{number}");
    for case in cases {
        // The outsider of the rule's own tests is a partner here: without the part, it would
        // be told of as before.
        let quiet = verdicts(&case.text).unwrap();
        for (what, text) in &case.changed {
            assert_ne!(verdicts(text), Some(quiet.clone()), "{}: {what}", case.rule);
        }
    }
}
