//! What becomes of Sigma, in case files.
//!
//! `tests/golden/*.case` hold a text and, below `-->`, what is said of it (code, line and
//! column, title, first help) and what comes of it. A text that is no whole document is
//! the detection of one. `BLESS=1` rewrites the expectations; a reviewer reads the change.
//! Whatever comes out is also held to parse to the same tree and to be free of errors.

use lang::ast::{Clause, ClauseKind, File, Item};
use lang::check::{Options, load};
use lang::diag::{Diag, Sources, Weight};
use lang::parse;
use lang::print::{expr_line, print};
use lang::render::place;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use trailhound_sigma::codes::CODES;

/// A document around a detection.
fn whole(detection: &str) -> (String, bool) {
    if detection.contains("title:") || detection.starts_with('!') {
        return (detection.trim_start_matches("!\n").to_owned(), true);
    }
    let lines: Vec<String> = detection.lines().map(|line| format!("    {line}")).collect();
    let head = "title: A\nlogsource: { product: aws, service: cloudtrail }\ndetection:\n";
    (format!("{head}{}\n", lines.join("\n")), false)
}

fn told(sources: &Sources, diag: &Diag) -> String {
    let at = diag.labels[0].0;
    let (line, column) = place(&sources.files[at.file as usize], at.start as usize);
    let help = diag.help.first().map(|help| format!(" | {help}")).unwrap_or_default();
    format!("{} {line}:{column} {}{help}", diag.code, diag.title)
}

/// The condition of a rule, by itself.
fn filter(clauses: &[Clause]) -> Option<String> {
    clauses.iter().find_map(|clause| match &clause.kind {
        ClauseKind::Where(expr) => Some(expr_line(expr)),
        _ => None,
    })
}

fn sound(tree: &File) {
    let text = print(tree);
    let mut sources = Sources::default();
    let number = sources.add("a.trail", text.clone(), false);
    let (again, diags) = parse(&sources, number);
    assert!(diags.is_empty(), "{text}\n{diags:?}");
    assert_eq!(print(&again), text);
    let (_, diags) = load(&sources, &Options { lints: false });
    assert_eq!(diags.first(), None, "{text}");
}

fn outcome(text: &str, seen: &mut BTreeSet<String>) -> String {
    let (text, full) = whole(text);
    let mut sources = Sources::default();
    sources.add("a.yml", text, false);
    trailhound_sigma::read(&mut sources);
    let (_, diags) = load(&sources, &Options { lints: true });
    seen.extend(diags.iter().map(|diag| diag.code.to_owned()));
    let mut lines: Vec<String> = diags.iter().map(|diag| told(&sources, diag)).collect();
    let tree = sources.foreign(0).map(|foreign| foreign.tree.clone()).unwrap_or_default();
    if !diags.iter().any(|diag| diag.weight == Weight::Error) {
        sound(&tree);
    }
    if full {
        lines.extend(trailhound_sigma::convert(&sources).remove(&0));
    } else {
        lines.extend(tree.items.iter().filter_map(|item| match item {
            Item::Rule(rule) => filter(&rule.clauses),
            Item::Let(_) => Some(print(&File { items: vec![item.clone()] }).trim().to_owned()),
        }));
    }
    lines.join("\n").trim().to_owned()
}

#[test]
fn sigma_becomes_what_an_author_would_have_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let (mut wrong, mut seen) = (Vec::new(), BTreeSet::new());
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let mut blessed = String::new();
        let mut blocks = text.split("=== ");
        blessed.push_str(blocks.next().unwrap_or_default());
        for block in blocks {
            let (name, rest) = block.split_once('\n').expect("a name");
            let (text, want) = rest.split_once("-->\n").expect("a line -->");
            let got = outcome(text, &mut seen);
            if got != want.trim() {
                wrong.push(format!("{name}\nwanted:\n{}\ngot:\n{got}\n", want.trim()));
            }
            blessed.push_str(&format!("=== {name}\n{text}-->\n{got}\n\n"));
        }
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, blessed.trim_end().to_owned() + "\n").unwrap();
        }
    }
    if std::env::var_os("BLESS").is_none() {
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        for (code, meaning) in CODES {
            assert!(seen.contains(*code), "no case shows {code}: {meaning}");
        }
    }
}

/// The text of a document, and its diagnostics without their places.
fn converted(text: String) -> (Option<String>, Vec<String>) {
    let mut sources = Sources::default();
    sources.add("a.yml", text, false);
    trailhound_sigma::read(&mut sources);
    let (_, diags) = load(&sources, &Options { lints: true });
    let told = diags.iter().map(|diag| format!("{} {}", diag.code, diag.title)).collect();
    (trailhound_sigma::convert(&sources).remove(&0), told)
}

#[test]
fn ends_of_lines_and_byte_order_marks_change_nothing() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut number = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for block in text.split("=== ").skip(1) {
            let (_, rest) = block.split_once('\n').unwrap();
            let (text, _) = rest.split_once("-->\n").unwrap();
            let (text, _) = whole(text);
            let plain = converted(text.clone());
            assert_eq!(converted(text.replace('\n', "\r\n")), plain, "{text}");
            assert_eq!(converted(format!("\u{feff}{text}")), plain, "{text}");
            number += 1;
        }
    }
    assert!(number > 80, "{number}");
}
