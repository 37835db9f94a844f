//! The printer: its layout by example, and that it loses nothing.

use super::whole;
use lang::ast::{ClauseKind, Expr, Item, Let, LetValue};
use lang::print::{expr_line, path_line, print, type_line};

const EXAMPLES: &str = include_str!("examples.trail");

/// The expression of `let x = …`.
fn expr(text: &str) -> Option<Expr> {
    match whole(&format!("let x = {text}")).items.into_iter().next() {
        Some(Item::Let(Let { value: LetValue::Expr(expr), .. })) => Some(expr),
        _ => None,
    }
}

#[test]
fn the_examples_survive() {
    let tree = whole(EXAMPLES);
    let text = print(&tree);
    let again = whole(&text);
    assert_eq!(again, tree, "{text}");
    assert_eq!(print(&again), text);
}

#[test]
fn the_layout_of_the_examples_is_the_canonical_one() {
    let printed = print(&whole(EXAMPLES));
    // The first line is a comment, and the last rule is in free layout.
    let (_, source) = EXAMPLES.split_once('\n').unwrap();
    let (source, _) = source.split_once("rule odds_and_ends").unwrap();
    let (ours, _) = printed.split_once("rule odds_and_ends").unwrap();
    assert_eq!(ours, source);
}

#[test]
fn expressions_on_one_line() {
    #[track_caller]
    fn check(text: &str, want: &str) {
        assert_eq!(expr_line(&expr(text).unwrap()), want);
    }
    check("a  and\n b or  not c", "a and b or not c");
    check("((a)) and (b and c)", "(a) and (b and c)");
    check("x not in 2 .. 10", "x not in 2..10");
    check("x in a .. b", "x in a .. b");
    check("r.cidr in [::/0 , 10.0.0.0/8,]", "r.cidr in [::/0, 10.0.0.0/8]");
    check(r#"req."x-amz-acl" == "a""#, r#"req."x-amz-acl" == "a""#);
    check(r#"ua matches "^\\d""#, r#"ua matches """^\d""""#);
    check(r#"x == "a\nb\u001b""#, r#"x == "a\nb\u001b""#);
    check("\"\"\"a\nb\"\"\" == x", "\"a\\nb\" == x");
    check("count( ok and write )>=n", "count(ok and write) >= n");
    check("- ( a ) . b * 2 - -1", "-(a).b * 2 - -1");
    check("any( r in sg.rules :r.from<=5 )", "any(r in sg.rules: r.from <= 5)");
    check("9223372036854775808 > 0.10", "9.223372036854776e18 > 0.1");
}

#[test]
fn paths_and_types() {
    let file = whole("let a: [[Str]] = []\nrule r {\n  by requestParameters . \"x-y\" . z, b\n}");
    let Item::Let(item) = &file.items[0] else { panic!("no let") };
    assert_eq!(item.ty.as_ref().map(type_line).as_deref(), Some("[[Str]]"));
    let Item::Rule(rule) = &file.items[1] else { panic!("no rule") };
    let ClauseKind::By(paths) = &rule.clauses[0].kind else { panic!("no by") };
    assert_eq!(
        paths.iter().map(path_line).collect::<Vec<_>>(),
        ["requestParameters.\"x-y\".z", "b"]
    );
}

#[test]
fn a_long_condition_breaks_before_its_words() {
    let long = "where service == \"ec2\" and api in [\"AuthorizeSecurityGroupIngress\"] and (region == \"eu-west-1\" or region == \"eu-central-1\" or account == \"111122223333\" and ok)";
    let want = r#"rule r {
  where    service == "ec2"
           and api in ["AuthorizeSecurityGroupIngress"]
           and (region == "eu-west-1"
                or region == "eu-central-1"
                or account == "111122223333" and ok)
}
"#;
    assert_eq!(print(&whole(&format!("rule r {{ {long} }}"))), want);
}

#[test]
fn a_long_list_is_filled() {
    let names: Vec<_> = (0..12).map(|n| format!("\"DeleteSomething{n}\"")).collect();
    let text = print(&whole(&format!("let x: [Api] = [{}]", names.join(","))));
    let want = "let x: [Api] = [\"DeleteSomething0\", \"DeleteSomething1\", \"DeleteSomething2\", \"DeleteSomething3\",\n                \"DeleteSomething4\",";
    assert!(text.starts_with(want), "{text}");
    assert!(text.lines().all(|line| line.len() <= lang::limits::LINE_WIDTH), "{text}");
}

#[test]
fn a_step_that_begins_with_a_sum_keeps_its_meaning() {
    let text = "rule r {\n  sequence by a within 1h {\n    one: (5 + x) > 9\n    then two: 5+ 6 + x > 9\n  }\n}\n";
    assert_eq!(print(&whole(text)), text);
}
