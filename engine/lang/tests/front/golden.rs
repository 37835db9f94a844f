//! Whole messages: `tests/golden/NAME.trail` gives `NAME.txt`.
//!
//! `BLESS=1` rewrites the texts; the change is then read as text.

use lang::diag::Sources;
use lang::render::{View, render, summary};
use std::fs;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// What `check` would show of a file.
fn shown(text: &str, view: View) -> String {
    let mut sources = Sources::default();
    let file = sources.add("rules/keys.trail", text, false);
    let (_, diags) = lang::parser::parse(&sources, file);
    format!("{}{}\n", render(&sources, &diags, view), summary(&diags))
}

#[test]
fn messages_are_as_they_were() {
    let mut names: Vec<_> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "trail"))
        .collect();
    names.sort();
    assert!(names.len() >= 12, "the folder of golden files is lacking");
    let mut changed = Vec::new();
    for path in names {
        let got = shown(&fs::read_to_string(&path).unwrap(), View::default());
        let golden = path.with_extension("txt");
        if std::env::var_os("BLESS").is_some() {
            fs::write(&golden, &got).unwrap();
        } else if fs::read_to_string(&golden).unwrap_or_default() != got {
            changed.push(format!("{}:\n{got}", golden.display()));
        }
    }
    assert!(changed.is_empty(), "{}\nBLESS=1 rewrites them", changed.join("\n"));
}

#[test]
fn of_many_messages_the_first_are_shown_and_the_others_counted() {
    let text = "rule r {\n".to_owned() + &"  wrong\n".repeat(25) + "}\n";
    let shown_few = shown(&text, View { color: false, all: false });
    assert_eq!(shown_few.matches("error[").count(), lang::limits::SHOWN);
    assert!(
        shown_few.contains("… and 5 more in rules/keys.trail: `check --all` shows them\n"),
        "{shown_few}"
    );
    assert!(shown_few.ends_with("\n25 errors\n"), "{shown_few}");
    let shown_all = shown(&text, View { color: false, all: true });
    assert_eq!(shown_all.matches("error[").count(), 25);
}

#[test]
fn files_are_shown_one_after_the_other() {
    use lang::ast::Span;
    use lang::diag::Diag;
    let mut sources = Sources::default();
    let first = sources.add("a.trail", "rule x {}\n", false);
    let second = sources.add("b.trail", "\nrule x {}\n", true);
    let at = |file, start| Span { file, start, end: start + 1 };
    let diags = [
        Diag::warning("L0001", "later", at(second, 6)),
        Diag::error("E0101", "the rule `x` stands twice", at(first, 5))
            .label("again")
            .also(at(second, 6), "first here"),
    ];
    let text = render(&sources, &diags, View::default());
    let want = "\
error[E0101]: the rule `x` stands twice
 --> a.trail:1:6
  |
1 | rule x {}
  |      ^ again
  |
 ::: b.trail:2:6
  |
2 | rule x {}
  |      - first here

warning[L0001]: later
 --> b.trail:2:6
  |
2 | rule x {}
  |      ^

";
    assert_eq!(text, want);
    assert_eq!(summary(&diags), "1 error, 1 warning");
}

#[test]
fn colours_come_only_when_asked_for() {
    let text = "rule r {";
    assert!(shown(text, View { color: true, all: false }).contains('\u{1b}'));
    assert!(!shown(text, View { color: false, all: false }).contains('\u{1b}'));
}
