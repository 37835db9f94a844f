//! What is said of wrong rules: codes and places, by tables.

use super::parsed;
use lang::diag::{Role, Source};
use lang::render::place;

/// The codes of what is wrong with a text, each with its line and column.
fn codes(text: &str) -> String {
    let source = Source {
        name: String::new(),
        text: text.to_owned().into(),
        builtin: false,
        role: Role::Rules,
    };
    let (_, diags) = parsed(text);
    let parts = diags.iter().map(|diag| {
        let (line, column) = place(&source, diag.labels[0].0.start as usize);
        format!("{}@{line}:{column}", diag.code)
    });
    parts.collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn check(table: &[(&str, &str)]) {
    for (text, want) in table {
        assert_eq!(codes(text), *want, "for {text}");
    }
}

/// The same for the clauses of a rule, which begin at line 2.
#[track_caller]
fn clauses(table: &[(&str, &str)]) {
    for (text, want) in table {
        assert_eq!(codes(&format!("rule r {{\n{text}\n}}\nlet z = 1\n")), *want, "for {text}");
    }
}

/// The same for an expression, which begins at 1:9.
#[track_caller]
fn expressions(table: &[(&str, &str)]) {
    for (text, want) in table {
        assert_eq!(codes(&format!("let x = {text}\nlet z = 1\n")), *want, "for {text}");
    }
}

#[test]
fn what_is_right_is_not_complained_of() {
    clauses(&[
        ("", ""),
        ("where requestParameters.when exists and key == \"a\"", ""),
        ("where by == where by by when when", ""),
        ("where show by account", ""),
        ("where a and\nshow\nby account", ""),
        ("where title not in [test,\nwhen] within 5m", ""),
        ("sequence by by, within within 5m { then: ok then by: 5+ then.x == 1 }", ""),
        ("learn by=5 when=x\nwhen new(x)", ""),
        ("tags test, by", ""),
        ("suppress 1h by by by x", ""),
        ("param by: Int = -5 in -9..9", ""),
        (
            "test \"t\" { event { version: 1, title: \"x\", test.where: null } x 3 every 1s wait 5m expect 0 }",
            "",
        ),
        ("test \"t\" { event {\nversion: 1,\nby: 2,\nevent: 3, } }", ""),
        ("where x\ntest \"a\" { }\ntest \"b\" { expect 1 { } }", ""),
    ]);
    check(&[
        ("", ""),
        ("let a = b let c = d rule r { where c }", ""),
        ("rule rule { } rule let { }", ""),
    ]);
}

#[test]
fn the_top_of_a_file() {
    check(&[
        ("foo", "E0011@1:1"),
        ("rul x { where ok }", "E0011@1:1"),
        ("where ok\nby x\nrule r { }", "E0011@1:1"),
        (
            "let = 5\nlet b 5\nlet c: = 5\nlet d =\nlet e from \"x\"",
            "E0020@1:5 E0020@2:7 E0020@3:8 E0015@4:7 E0020@5:5",
        ),
        ("let and = 5", "E0021@1:5"),
        ("let a: [Int = 5", "E0014@1:8"),
        ("rule { where }", "E0020@1:6 E0015@1:14"),
        ("rule r\n  where ok\n}", "E0014@1:6"),
        ("rule a {\n where ok\n\nrule b {\n by\n}", "E0014@1:8 E0020@5:2"),
        ("rule a {\n where ok\nlet b = 5", "E0014@1:8"),
        ("rule a { } }\nrule b { by }", "E0031@1:12 E0020@2:13"),
    ]);
}

#[test]
fn clause_words_and_what_follows_them() {
    clauses(&[
        (
            "severity urgent\nstatus stble\nseverity \"high\"",
            "E0022@2:10 E0022@3:8 E0013@4:1 E0022@4:10",
        ),
        ("attack 1485\nattack T14x5", "E0023@2:8 E0013@3:1 E0023@3:8"),
        ("version 1.5\nversion -1", "E0029@2:9 E0013@3:1 E0020@3:9"),
        ("title: \"x\"\nwhere = ok", "E0020@2:6 E0020@3:7"),
        ("title 'x' 'y'", "E0005@2:7 E0005@2:11 E0026@2:11"),
        ("within 5\nsuppress x", "E0020@2:8 E0020@3:10"),
        ("param n = 5\nparam m: Int\nparam k: Int = x in 1..2", "E0020@2:9 E0020@3:10 E0020@4:16"),
        ("param n: Int = 5 in 1\nparam n: Int = 5 in 1..", "E0020@2:21 E0020@3:22"),
        ("learn warmup 5d\nlearn warmup=5d, memory=9d", "E0020@2:14 E0013@3:1 E0020@3:16"),
        ("show api, top(x)\nallow reaper", "E0020@2:6 E0020@3:7"),
        ("by a b, c\nexcept ok", "E0026@2:6 E0020@3:8"),
        ("by a,\nwhen x", "E0020@2:5"),
        ("by req.in, req.5", "E0021@2:8 E0018@2:16"),
        ("(\nwhere ok", "E0012@2:1"),
        ("wher ok\nby 5", "E0012@2:1 E0020@3:4"),
        ("frobnicate x {\n a b c\n}\nby 5", "E0012@2:1 E0020@5:4"),
        ("by a\nby b\nref \"x\"\nref \"y\"", "E0013@3:1"),
        ("suppress 1h\nby account", "E0027@3:1"),
    ]);
}

#[test]
fn expressions_that_lack_something() {
    expressions(&[
        ("", "E0015@1:7"),
        ("a ==", "E0015@1:11"),
        ("a == and b ==", "E0015@1:14 E0015@1:20"),
        ("(a and b", "E0014@1:9"),
        ("[1, 2", "E0014@1:9"),
        ("(a]", "E0014@1:9"),
        ("a)", "E0026@1:10"),
        ("f(a b)", "E0026@1:13"),
        ("[1 2]", "E0026@1:12"),
        ("f(a,)", "E0020@1:12"),
        ("[,]", "E0015@1:10"),
        ("a b c d", "E0026@1:11"),
        ("a == 1\n  not b\n  and c ==", "E0026@2:3 E0015@3:9"),
        ("req.", "E0020@1:12"),
        ("req.in == 1 and b ==", "E0021@1:13 E0015@1:27"),
        ("any x in y", "E0020@1:13"),
        ("any(x y)", "E0020@1:15"),
        ("any(x in y)", "E0020@1:19"),
        ("all(x in [1, 2: x > 1)", "E0014@1:18"),
        ("any(x in a:b) and b ==", "E0015@1:29"),
        ("a and or b", "E0015@1:15"),
        ("x in", "E0015@1:11"),
        ("x in 1 ..", "E0015@1:16"),
    ]);
}

#[test]
fn habits_of_other_languages() {
    expressions(&[
        ("a = 1 and b = 2", "E0017@1:11 E0017@1:21"),
        ("a == null or b != None", "E0018@1:14 E0018@1:27"),
        ("a is null and b is not null", "E0018@1:11 E0018@1:25"),
        ("a is \"x\" and b is not \"y\" and c is missing", "E0018@1:11 E0018@1:24 E0018@1:41"),
        ("a AND b OR NOT c", "E0018@1:11 E0018@1:17 E0018@1:20"),
        ("a contains \"x\" and b not contains \"y\"", "E0018@1:11 E0018@1:34"),
        ("hour(time) between 0 and 5 and b", "E0018@1:20"),
        ("a IN (1, 2) and b in {1, 2}", "E0018@1:11 E0018@1:14 E0018@1:30"),
        ("a not == 1 and b not exists", "E0019@1:11 E0019@1:26"),
        ("a == not b", "E0019@1:14"),
        ("exists(a) and missing(b)", "E0018@1:9 E0018@1:23"),
        ("count(*) > 5", "E0018@1:15"),
        ("a[0] == 1 and b[\"c\"] == 2", "E0018@1:10 E0018@1:24"),
        ("a < b < c and 1 == 1 == 1 == 1", "E0016@1:15 E0016@1:30"),
        ("a exists == true", "E0016@1:18"),
        ("a ? b : c", "E0009@1:11"),
        ("$a == 1 and @b == 2", "E0009@1:9 E0009@1:21"),
        ("a % 2 == 0 and c ==", "E0009@1:11 E0015@1:26"),
        ("a == 10.0.0.1 and b == 10min", "E0007@1:14 E0004@1:32"),
    ]);
}

#[test]
fn sequences_and_tests() {
    clauses(&[
        ("sequence account within 5m { a: ok }\nby 5", "E0020@2:10 E0020@3:4"),
        ("sequence by a { b: ok }", "E0020@2:15"),
        (
            "sequence by a within 5m {\n b: ==\n then c ok\n then d: 5+\n}\nby 5",
            "E0015@3:5 E0020@4:9 E0015@5:11 E0020@7:4",
        ),
        ("sequence by a within 5m {\n b: ok\nwithin 5", "E0014@2:25 E0020@4:8"),
        ("test {\n event { }\n}\nby 5", "E0020@2:6 E0020@5:4"),
        (
            "test \"t\" {\n event { a: b }\n expct 1\n wait 5\n}\nby 5",
            "E0025@3:13 E0024@4:2 E0020@5:7 E0020@7:4",
        ),
        (
            "test \"t\" {\n event { a: [1, { b: }], c: ) }\n wait x\n}",
            "E0025@3:22 E0025@3:29 E0020@4:7",
        ),
        ("test \"t\" {\n event { a: 1\n wait x\n}\nby 5", "E0014@3:8 E0020@4:7 E0020@6:4"),
        ("test \"t\" {\n expect 1\nby 5", "E0014@2:10 E0020@4:4"),
        ("test \"t\" { events \"x\" }", "E0020@2:19"),
    ]);
}

#[test]
fn a_file_with_an_error_on_every_line_shows_each_once() {
    let lines = [
        "  where    api = \"x\"",
        "           and user is null",
        "           and a ==",
        "           and 'q' like \"z\"",
        "           and b && c",
        "  whithin  5m",
        "  by       5",
        "  title    x",
        "  severity hihg",
        "  attack   5",
        "  param    n Int = 5",
        "  show     api",
        "  allow    x",
        "  except   ok",
        "  supress  1h",
        "  learn    a",
        "  test     { }",
        "  nonsense \"x\"",
        "  version  x",
    ];
    let rule = |number: usize| format!("rule r-{number} {{\n{}\n}}\n", lines.join("\n"));
    let text: String = (0..10).map(rule).collect();
    let (_, diags) = parsed(&text);
    let mut by_line = vec![0; text.lines().count()];
    let source = Source {
        name: String::new(),
        text: text.clone().into(),
        builtin: false,
        role: Role::Rules,
    };
    for diag in &diags {
        by_line[place(&source, diag.labels[0].0.start as usize).0 - 1] += 1;
    }
    assert_eq!(by_line.len(), 210);
    for (line, (count, text)) in by_line.into_iter().zip(text.lines()).enumerate() {
        assert_eq!(count, usize::from(text != "}"), "line {}: {text}", line + 1);
    }
}

#[test]
fn a_damaged_rule_is_known_and_the_others_are_whole() {
    let (file, diags) =
        parsed("rule a {\n  by 5\n}\nlet b = 1\nrule c {\n  where x ==\n}\nrule d { where ok }\n");
    let damaged: Vec<_> = file
        .items
        .iter()
        .map(|item| match item {
            lang::ast::Item::Let(item) => lang::parser::is_damaged(item.span, &diags),
            lang::ast::Item::Rule(rule) => lang::parser::is_damaged(rule.span, &diags),
        })
        .collect();
    assert_eq!(damaged, [true, false, true, false]);
}
