//! The formatter: where comments and blank lines go, and that none is lost.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use super::{parsed, trees};
use lang::lexer::{TokenKind, lex};
use lang::print::{FormatError, format, print};
use proptest::prelude::*;
use std::path::Path;

#[track_caller]
fn check(text: &str, want: &str) {
    let got = format(text).unwrap();
    assert_eq!(got, want, "\n{got}\nfrom\n{text}");
    assert_eq!(format(want).unwrap(), want);
}

#[test]
fn comments_stay_where_they_are() {
    let text = "# The file.

# Lists.
let a = [1, 2]  # two
let b = 3

# Why.
rule r {  # of a kind
  # the title
  title    \"t\"

  # what
  where    a
           # then
           and b  # both
  by       account  # each

  # tests
  test \"one\" {
    event  {}

    # none
    expect 0
    # at the end
  }
  # still in the rule
}
# the end
";
    check(text, text);
}

#[test]
fn comments_that_have_no_room_go_to_the_edge_of_their_line() {
    check("let # a\n x # b\n = 1 # c", "# a\n# b\nlet x = 1  # c\n");
    check("let\n# a\nx = 1", "# a\nlet x = 1\n");
    check("rule r { where a == # x\n b }", "rule r {\n  where    a == b  # x\n}\n");
    check(
        "rule r { where a # one\n and b or # two\n c }",
        "rule r {\n  where    a  # one\n           and b\n           or c  # two\n}\n",
    );
    check(
        "rule r { by a, # x\n b test \"t\" { expect # y\n 0 } }",
        "rule r {\n  by       a, b  # x\n\n  test \"t\" {\n    expect 0  # y\n  }\n}\n",
    );
}

#[test]
fn a_list_with_comments_has_its_brackets_apart() {
    check(
        "let a = [ # all\n 1, # one\n 2, 3\n # last\n]",
        "let a = [  # all\n  1,  # one\n  2, 3,\n  # last\n]\n",
    );
    check(
        "rule r { where api in [\"A\", # why\n \"B\"] and ok }",
        "rule r {\n  where    api in [\n             \"A\",  # why\n             \"B\",\n           ]\n           and ok\n}\n",
    );
    check("let a = [1, 2,]", "let a = [1, 2]\n");
}

#[test]
fn an_object_with_comments_has_one_pair_a_line() {
    check(
        "rule r { test \"t\" { event { a: 1, # one\n b: { c: [2] } } x 2 expect 2 } }",
        "rule r {\n  test \"t\" {\n    event  {\n      a: 1,  # one\n      b: { c: [2] },\n    } x 2\n    expect 2\n  }\n}\n",
    );
}

#[test]
fn of_blank_lines_one_stays() {
    check(
        "\n\nlet a = 1\n\n\nlet b = 2\nlet c = 3\nrule r {\n\n\n  title \"t\"\n\n\n  where a\n\n\n and b\n\n}\n\n\n",
        "let a = 1\n\nlet b = 2\nlet c = 3\n\nrule r {\n  title    \"t\"\n\n  where    a and b\n}\n",
    );
    check(
        "let a = 1\n# of a\n\nrule r { where ok }\n# of s\nrule s { where ok }",
        "let a = 1\n# of a\n\nrule r {\n  where    ok\n}\n\n# of s\nrule s {\n  where    ok\n}\n",
    );
}

#[test]
fn text_over_several_lines_is_left_alone() {
    let text = "rule r {\n  about    \"\"\"\n  # no comment\n\n\n  \"words\"\n  end\"\"\"  # a comment\n  where    ok\n}\n";
    check(text, text);
}

#[test]
fn a_text_with_an_error_of_form_is_refused() {
    let Err(FormatError::Form(diags)) = format("rule r { where (a }") else { panic!("formatted") };
    assert_eq!(diags.len(), 1);
}

/// The text with comments and line breaks between some of its tokens, as the dice say.
fn sprinkled(text: &str, dice: &[u8]) -> String {
    let lexed = lex(text, 0);
    let mut out = String::new();
    let mut at = 0;
    for (number, token) in lexed.tokens.iter().enumerate() {
        let start = token.span.start as usize;
        out.push_str(&text[at..start]);
        // What `suppress` takes and what is another clause is told by lines.
        let told_by_line =
            token.kind == TokenKind::Id && &text[start..token.span.end as usize] == "by";
        if !told_by_line {
            match dice[number % dice.len()].wrapping_add((number / dice.len()) as u8) % 23 {
                0 => out.push_str(&format!("# c{number}\n")),
                1 => out.push_str(&format!("\n  # c{number}\n")),
                2 => out.push_str(&format!("\n\n\n  #c{number} \n\n")),
                3 => out.push_str(&format!("# c{number}\n# d{number}\n\n")),
                4 => out.push_str("\n\n"),
                _ => {}
            }
        }
        at = start;
    }
    out.push_str(&text[at..]);
    out
}

fn comments(text: &str) -> Vec<String> {
    let spans = lex(text, 0).comments;
    let text = |span: lang::ast::Span| &text[span.start as usize..span.end as usize];
    let mut all: Vec<_> = spans.into_iter().map(|span| text(span).trim_end().to_owned()).collect();
    all.sort();
    all
}

/// The tokens that say something: commas and parentheses are the tree's to hold.
fn tokens(text: &str) -> Vec<String> {
    let told = |token: lang::lexer::Token| match token.kind {
        TokenKind::Comma | TokenKind::OpenParen | TokenKind::CloseParen => None,
        TokenKind::Id | TokenKind::Duration(_) => {
            Some(text[token.span.start as usize..token.span.end as usize].to_owned())
        }
        kind => Some(format!("{kind:?}")),
    };
    lex(text, 0).tokens.into_iter().filter_map(told).collect()
}

/// Everything that formatting must keep.
fn keeps_all(text: &str) -> Result<(), TestCaseError> {
    let (tree, diags) = parsed(text);
    if !diags.is_empty() {
        return Err(TestCaseError::reject("a line break tells something else here"));
    }
    let once = match format(text) {
        Ok(once) => once,
        Err(why) => return Err(TestCaseError::fail(format!("{why:?}\n{text}"))),
    };
    let (again, diags) = parsed(&once);
    prop_assert!(diags.is_empty(), "{diags:?}\n{once}");
    prop_assert_eq!(again, tree, "{}\nfrom\n{}", once, text);
    prop_assert_eq!(tokens(&once), tokens(text));
    prop_assert_eq!(comments(&once), comments(text));
    let twice = format(&once).unwrap();
    prop_assert_eq!(&twice, &once, "{}\nfrom\n{}", once, text);
    prop_assert!(!once.contains("\n\n\n"), "{once}");
    Ok(())
}

/// The built-in rules, with the folder they stand in.
fn rule_files() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules/rules");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|end| end == "trail"))
        .map(|path| (path.display().to_string(), std::fs::read_to_string(path).unwrap()))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

#[test]
fn the_built_in_rules_are_formatted() {
    for (name, text) in rule_files() {
        assert_eq!(format(&text).unwrap(), text, "{name}: run `trailhound fmt` on it");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn comments_in_the_built_in_rules_survive(
        file in any::<prop::sample::Index>(),
        dice in prop::collection::vec(any::<u8>(), 1..200),
    ) {
        let files = rule_files();
        let (_, text) = &files[file.index(files.len())];
        // A rule or two are enough to show what is wrong.
        let rules: Vec<_> = text.split_inclusive("\n}\n").collect();
        let first = file.index(rules.len());
        let part = rules[first..(first + 2).min(rules.len())].concat();
        keeps_all(&sprinkled(&part, &dice))?;
    }

    #[test]
    fn comments_in_any_tree_survive(
        tree in trees::file(),
        dice in prop::collection::vec(any::<u8>(), 1..200),
    ) {
        keeps_all(&sprinkled(&print(&tree), &dice))?;
    }
}
