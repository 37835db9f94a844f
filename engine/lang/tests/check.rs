//! The checker: what it says of wrong rules, and what it makes of right ones.
//!
//! `tests/check/*.case` hold rule text and, below `---`, what is said of it: code,
//! line and column, title and first help. `BLESS=1` rewrites the expectations; a
//! reviewer reads the change.

#[path = "check/forms.rs"]
mod forms;
#[path = "check/kinds.rs"]
mod kinds;
#[path = "check/site.rs"]
mod site;
#[path = "check/typed.rs"]
mod typed;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use trailhound_lang::check::codes::CODES;
use trailhound_lang::check::{Options, load};
use trailhound_lang::diag::{Diag, Source, Sources};
use trailhound_lang::typed::Ruleset;

/// The rules of one text and what is wrong with them.
fn read(text: &str, lints: bool) -> (Ruleset, Vec<Diag>, Sources) {
    let mut sources = Sources::default();
    sources.add("a.trail", text, false);
    let (rules, diags) = load(&sources, &Options { lints });
    (rules, diags, sources)
}

fn line_and_column(source: &Source, at: u32) -> (usize, usize) {
    let before = &source.text[..at as usize];
    let line = before.matches('\n').count() + 1;
    (line, before.chars().rev().take_while(|letter| *letter != '\n').count() + 1)
}

fn told(sources: &Sources, diag: &Diag) -> String {
    let at = diag.labels[0].0;
    let (line, column) = line_and_column(&sources.files[at.file as usize], at.start);
    let help = diag.help.first().map(|help| format!(" | {help}")).unwrap_or_default();
    format!("{} {line}:{column} {}{help}", diag.code, diag.title)
}

struct Case {
    name: String,
    text: String,
    want: String,
}

fn cases(text: &str) -> Vec<Case> {
    text.split("=== ")
        .skip(1)
        .map(|block| {
            let (name, rest) = block.split_once('\n').expect("a name");
            let (text, want) = rest.split_once("---\n").expect("a line ---");
            Case { name: name.into(), text: text.into(), want: want.trim().into() }
        })
        .collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check")
}

/// Holds every case of a file against what is said; `dull` codes are left out.
fn hold(file: &str, lints: bool, dull: &[&str]) {
    let path = folder().join(file);
    let text = std::fs::read_to_string(&path).expect("a case file");
    let head = text.split("=== ").next().unwrap_or_default().to_owned();
    let bless = std::env::var_os("BLESS").is_some();
    let (mut blessed, mut wrong) = (head, String::new());
    for case in cases(&text) {
        let (_, diags, sources) = read(&case.text, lints);
        let got: Vec<String> = diags
            .iter()
            .filter(|diag| !dull.contains(&diag.code) || case.want.contains(diag.code))
            .map(|diag| told(&sources, diag))
            .collect();
        let got = got.join("\n");
        write!(blessed, "=== {}\n{}---\n{got}\n\n", case.name, case.text).expect("text");
        if got != case.want {
            writeln!(wrong, "## {}\n{}wanted\n{}\ngot\n{got}\n", case.name, case.text, case.want)
                .expect("text");
        }
    }
    if bless {
        std::fs::write(&path, format!("{}\n", blessed.trim_end())).expect("written");
    } else {
        assert!(wrong.is_empty(), "\n{wrong}");
    }
}

#[test]
fn errors_are_told_where_they_are() {
    hold("errors.case", false, &[]);
}

#[test]
fn lints_are_told_where_they_are() {
    hold("lints.case", true, &["L0006"]);
}

/// The codes that the case files and the tests in `kinds.rs` and `typed.rs` show.
fn shown() -> BTreeSet<String> {
    let mut shown = BTreeSet::new();
    for file in ["errors.case", "lints.case", "site.case", "kinds.rs", "typed.rs"] {
        let text = std::fs::read_to_string(folder().join(file)).expect("a case file");
        for word in text.split(|letter: char| !letter.is_ascii_alphanumeric()) {
            if is_code(word) {
                shown.insert(word.to_owned());
            }
        }
    }
    shown
}

fn is_code(word: &str) -> bool {
    word.len() == 5
        && word.starts_with(['E', 'L'])
        && word[1..].bytes().all(|byte| byte.is_ascii_digit())
}

#[test]
fn every_code_is_listed_once_in_order_and_has_a_case() {
    assert!(CODES.windows(2).all(|pair| pair[0].0 < pair[1].0), "in order");
    let shown = shown();
    let unshown: Vec<&str> =
        CODES.iter().map(|(code, _)| *code).filter(|code| !shown.contains(*code)).collect();
    assert!(unshown.is_empty(), "without a case: {unshown:?}");
}

#[test]
fn every_code_in_the_source_is_listed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/check");
    let mut texts = vec![];
    for entry in std::fs::read_dir(folder).expect("the folder") {
        let path = entry.expect("a file").path();
        if path.file_name().is_none_or(|name| name != "codes.rs") {
            texts.push(std::fs::read_to_string(path).expect("a file"));
        }
    }
    for name in ["src/site.rs", "src/site/value.rs"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        texts.push(std::fs::read_to_string(path).expect("a file"));
    }
    let used: BTreeSet<&str> =
        texts.iter().flat_map(|text| text.split('"')).filter(|word| is_code(word)).collect();
    let listed: BTreeSet<&str> = CODES.iter().map(|(code, _)| *code).collect();
    assert_eq!(used.difference(&listed).collect::<Vec<_>>(), Vec::<&&str>::new(), "not listed");
    let top = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/check.rs"))
        .expect("a file");
    let unused: Vec<_> = listed.difference(&used).filter(|code| !top.contains(**code)).collect();
    assert!(unused.is_empty(), "listed and never given: {unused:?}");
}
