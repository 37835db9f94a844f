//! Mutants: each differs from its rule in one thing, and is one the grammar can write.

use super::whole;
use lang::ast::{File, Item, Rule};
use lang::mutate::{Part, mutants};
use lang::print::print;

const EXAMPLES: &str = include_str!("examples.trail");

fn rules(text: &str) -> Vec<Rule> {
    let rule = |item| match item {
        Item::Rule(rule) => Some(rule),
        Item::Let(_) => None,
    };
    whole(text).items.into_iter().filter_map(rule).collect()
}

#[test]
fn a_mutant_is_another_rule_that_can_be_read_again() {
    let mut number = 0;
    for rule in rules(EXAMPLES) {
        for mutant in mutants(&rule) {
            number += 1;
            assert_ne!(mutant.rule, rule, "{}", mutant.what);
            let text = print(&File { items: vec![Item::Rule(mutant.rule.clone())] });
            let read = rules(&text);
            assert_eq!(print(&File { items: vec![Item::Rule(read[0].clone())] }), text);
            let place = mutant.span.start as usize..mutant.span.end as usize;
            assert!(EXAMPLES.get(place).is_some_and(|place| !place.is_empty()), "{}", mutant.what);
        }
    }
    assert!(number > 100, "only {number} mutants");
}

#[test]
fn one_thing_is_changed_at_a_time() {
    #[track_caller]
    fn check(clauses: &str, want: &[&str]) {
        let rule = &rules(&format!("rule r {{ {clauses} }}"))[0];
        let told: Vec<_> = mutants(rule).into_iter().map(|mutant| mutant.what).collect();
        assert_eq!(told, want);
    }
    check(
        "where ok and not write and api == \"A\"",
        &[
            "`ok` was left out",
            "`ok` became `not ok`",
            "`not write` was left out",
            "`not write` became `write`",
            "`api == \"A\"` was left out",
            "`api == \"A\"` became `api != \"A\"`",
            "`\"A\"` became `\"A~\"`",
        ],
    );
    check(
        "by account, user within 1m",
        &["`account` was left out", "`user` was left out", "`1m` became `2m`"],
    );
    check(
        "when count(ok) >= 2",
        &[
            "`count(ok) >= 2` became `count(ok) > 2`",
            "`count(ok) >= 2` became `count(ok) < 2`",
            "`2` became `3`",
            "`2` became `1`",
            "`2` became `4`",
        ],
    );
    check("learn warmup=1d poison=keep_out", &["`1d` became `2d`", "`keep_out` became `learn`"]);
    check(
        "sequence by a within 1s { one: 2+ ok then not two: write }",
        &[
            "`1s` became `2s`",
            "the step `one` was left out",
            "`2+` became `3+`",
            "`2+` became `1+`",
            "`ok` became `not ok`",
            "the step `two` was left out",
            "`write` became `not write`",
        ],
    );
}

#[test]
fn each_change_says_what_of_the_rule_it_is() {
    #[track_caller]
    fn check(clauses: &str, want: &[Part]) {
        let rule = &rules(&format!("rule r {{ {clauses} }}"))[0];
        let parts: Vec<_> = mutants(rule).into_iter().map(|mutant| mutant.part).collect();
        assert_eq!(parts, want);
    }
    use Part::{Condition, Group, Learn, Step, Suppress, Threshold, Value, Window};
    check("where api in [\"A\", \"B\"]", &[Condition, Value, Value]);
    check("except \"x\" ok", &[Condition, Condition]);
    check("param n: Int = 1 in 0..2", &[Threshold; 2]);
    check("when count(ok) > 0 and new(api)", &[Threshold; 5]);
    check("within 2m", &[Window; 2]);
    check("suppress 2m by a, b", &[Suppress; 5]);
    check("learn warmup=2d cold=alert min_samples=5", &[Learn; 4]);
    check(
        "sequence by a, b within 1s { one: 2+ ok then two: ok }",
        &[Group, Group, Window, Step, Threshold, Threshold, Condition, Step, Condition],
    );
    for (at, (part, word)) in Part::ALL.into_iter().enumerate() {
        assert_eq!((part as usize, part.word()), (at, word));
    }
}
