//! The manual against the program: what the pages show is what it prints.
//!
//! Pages hold rule files (```` ```trail ````), commands with their output
//! (```` ```console ````) and anything else (```` ```text ````, ```` ```sh ````). Rule files
//! must be right, commands are run, and the page of mistakes has the output of `check` for
//! each file of `docs/mistakes`, byte for byte. With `BLESS=1` outputs are written anew.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, in its helpers too"
)]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn page(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|why| panic!("{name}: {why}"))
}

/// The standard output of the program in a folder, then its standard error.
fn run(folder: &Path, args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trailhound"));
    command.env_remove("TRAILHOUND_SITE").env("XDG_CONFIG_HOME", folder.join("config"));
    let output = command.args(args).current_dir(folder).stdin(Stdio::null()).output().unwrap();
    [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat()
}

/// A block of a page: its kind, its text, and where the text lies.
struct Block {
    kind: String,
    text: String,
    from: usize,
    to: usize,
}

/// The blocks of a page, in order.
fn blocks(page: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut open: Option<(String, usize)> = None;
    let mut at = 0;
    for line in page.split_inclusive('\n') {
        match (line.strip_prefix("```"), open.take()) {
            (Some(_), Some((kind, from))) => {
                found.push(Block { kind, text: page[from..at].to_owned(), from, to: at });
            }
            (Some(kind), None) => open = Some((kind.trim().to_owned(), at + line.len())),
            (None, still) => open = still,
        }
        at += line.len();
    }
    assert!(open.is_none(), "a block is not closed");
    found
}

/// Whether outputs are to be written anew.
fn blesses() -> bool {
    std::env::var_os("BLESS").is_some()
}

/// Put new texts into the blocks of a page, from the last to the first.
fn rewrite(name: &str, page: &str, mut changes: Vec<(usize, usize, String)>) {
    let mut text = page.to_owned();
    changes.sort_by_key(|(from, ..)| std::cmp::Reverse(*from));
    for (from, to, new) in changes {
        text.replace_range(from..to, &new);
    }
    std::fs::write(root().join(name), text).unwrap();
}

#[test]
fn rules_on_the_pages_are_right() {
    let place = TempDir::new().unwrap();
    for name in ["README.md", "docs/guide.md", "docs/language.md", "docs/names.md", "docs/tools.md"]
    {
        let blocks = blocks(&page(name));
        for (at, block) in blocks.iter().enumerate().filter(|(_, block)| block.kind == "trail") {
            std::fs::write(place.path().join("rule.trail"), &block.text).unwrap();
            let told = run(place.path(), &["check", "rule.trail"]);
            assert!(!told.contains("error["), "{name}:\n{}\n{told}", block.text);
            // The page about layout shows it.
            if name == "docs/tools.md" {
                let told = run(place.path(), &["fmt", "--check", "rule.trail"]);
                assert!(told.ends_with("0 would change\n"), "{told}");
            }
            let told = run(place.path(), &["test", "rule.trail"]);
            // A page may show a test that fails, and then says so next.
            let fails = blocks.get(at + 1).is_some_and(|next| next.text.contains("FAILED"));
            assert_eq!(told.contains("FAILED"), fails, "{name}:\n{}\n{told}", block.text);
        }
    }
}

#[test]
fn each_error_has_an_example_that_gives_it_and_a_cure_that_does_not() {
    let place = TempDir::new().unwrap();
    std::fs::write(place.path().join("ips.txt"), "192.0.2.1\n").unwrap();
    std::fs::write(place.path().join("quoted.txt"), "\"192.0.2.1\"\n").unwrap();
    let page = page("docs/errors.md");
    let mut shown = 0;
    for section in page.split("\n### ").skip(1) {
        let code = section.split(':').next().unwrap();
        for block in blocks(section) {
            let told = told_of(place.path(), &block);
            let wrong = ["text", "toml wrong"].contains(&block.kind.as_str());
            assert_eq!(told.contains(&format!("[{code}]")), wrong, "{code}:\n{}{told}", block.text);
            assert!(wrong || !told.contains("error["), "{code}:\n{}{told}", block.text);
            shown += usize::from(wrong);
        }
    }
    assert!(shown > 90, "only {shown} examples were found");
}

/// What is said of a rule file, or of a site file that goes with the rule file before it.
fn told_of(folder: &Path, block: &Block) -> String {
    if !block.kind.starts_with("toml") {
        std::fs::write(folder.join("rule.trail"), &block.text).unwrap();
        return run(folder, &["check", "rule.trail"]);
    }
    std::fs::write(folder.join("site.toml"), &block.text).unwrap();
    let check = run(folder, &["check", "rule.trail", "--site", "site.toml"]);
    let rules = ["rules", "--no-builtin", "-r", "rule.trail", "--site", "site.toml"];
    check + &run(folder, &rules)
}

/// The kinds of blocks that are files, with the ends of their names.
const ENDINGS: [(&str, &str); 3] = [("trail", ".trail"), ("toml", ".toml"), ("text", ".txt")];

/// A page whose commands are run in a folder with the sample and the files it names.
///
/// A block of a file belongs to the file whose name, in backquotes, stands last before it.
fn commands(name: &str) {
    let place = TempDir::new().unwrap();
    std::os::unix::fs::symlink(root().join("sample"), place.path().join("sample")).unwrap();
    let page = page(name);
    let mut changes = Vec::new();
    let mut end = 0;
    let mut file = String::new();
    for block in blocks(&page) {
        let words = page[end..block.from].split('`');
        let named = words.rev().find(|word| ENDINGS.iter().any(|(_, end)| word.ends_with(end)));
        file = named.map_or(file, str::to_owned);
        end = block.to;
        match block.kind.as_str() {
            kind if !file.contains(['/', '*'])
                && ENDINGS.iter().any(|(own, end)| *own == kind && file.ends_with(end)) =>
            {
                std::fs::write(place.path().join(&file), &block.text).unwrap();
            }
            "console" => {
                let new = outputs(place.path(), name, &block.text);
                changes.push((block.from, block.to, new));
            }
            _ => {}
        }
    }
    assert!(!changes.is_empty(), "{name} shows no command");
    if blesses() {
        rewrite(name, &page, changes);
        return;
    }
    for (from, to, new) in changes {
        assert_eq!(timeless(&page[from..to]), timeless(&new), "{name}; BLESS=1 writes it anew");
    }
}

/// A console block with the outputs that its commands give. Where the page leaves out parts
/// of an output, the others must be in it, in order.
fn outputs(folder: &Path, name: &str, block: &str) -> String {
    let mut text = String::new();
    for part in block.split("$ ").skip(1) {
        let (command, shown) = part.split_once('\n').unwrap();
        let words = command.strip_prefix("cargo run --release -- ");
        let words = words.or_else(|| command.strip_prefix("trailhound "));
        let Some(words) = words else { panic!("{name}: `{command}` is no command of ours") };
        let mut args: Vec<&str> = words.split(' ').collect();
        if args[0] == "replay" {
            // What a terminal would show.
            args.push("--format=pretty");
        }
        let output = run(folder, &args);
        let told = if shown.contains("[…]\n") {
            let (whole, mut from) = (timeless(&output), 0);
            for piece in timeless(shown).split("[…]\n") {
                let piece = piece.trim_matches('\n');
                let found = whole[from..].find(piece);
                let Some(at) = found else { panic!("{name}, {command}: not found:\n{piece}") };
                from += at + piece.len();
            }
            shown.to_owned()
        } else {
            let gap = if shown.ends_with("\n\n") { "\n" } else { "" };
            format!("{}\n{gap}", output.trim_end())
        };
        write!(text, "$ {command}\n{told}").unwrap();
    }
    text
}

/// A text without what is different in each run: how long it took.
fn timeless(text: &str) -> String {
    let lines = text.lines().map(|line| match line.split_once(" inflated, in ") {
        Some((before, _)) if line.starts_with("bytes ") => format!("{before} inflated\n"),
        _ => format!("{line}\n"),
    });
    lines.collect()
}

#[test]
fn commands_of_the_guide_print_what_it_shows() {
    commands("docs/guide.md");
}

#[test]
fn commands_of_the_page_about_sites_print_what_it_shows() {
    commands("docs/site.md");
}

#[test]
fn commands_of_the_readme_print_what_it_shows() {
    commands("README.md");
}

#[test]
fn mistakes_are_told_as_the_page_shows() {
    const NAME: &str = "docs/mistakes.md";
    let folder = root().join("docs/mistakes");
    let mut files: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let page = page(NAME);
    let mut shown = blocks(&page).into_iter();
    let mut changes = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(folder.join(&file)).unwrap();
        let told = format!("$ trailhound check {file}\n{}", run(&folder, &["check", &file]));
        for want in [text, told] {
            let Some(block) = shown.next() else { panic!("{NAME} does not show {file}") };
            if !blesses() {
                assert_eq!(block.text, want, "{file}; BLESS=1 writes it anew");
            }
            changes.push((block.from, block.to, want));
        }
    }
    assert!(shown.next().is_none(), "{NAME} shows more than docs/mistakes has");
    if blesses() {
        rewrite(NAME, &page, changes);
    }
}

#[test]
fn links_lead_somewhere() {
    let pages = ["README.md", "CHANGELOG.md"].map(str::to_owned).into_iter();
    let docs = ["README", "guide", "language", "names", "operations", "guarantees", "errors"];
    let docs = docs.into_iter().chain(["mistakes", "sigma", "site", "tools"]);
    let docs = docs.map(|name| format!("docs/{name}.md"));
    for name in pages.chain(docs) {
        let text = page(&name);
        let folder = root().join(&name).parent().unwrap().to_owned();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.starts_with("http") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let path = if file.is_empty() { root().join(&name) } else { folder.join(file) };
            assert!(path.exists(), "{name} links to {link}");
            if !anchor.is_empty() {
                let target = std::fs::read_to_string(path).unwrap();
                assert!(anchors(&target).any(|one| one == anchor), "{name} links to {link}");
            }
        }
    }
}

/// The anchors of a page's headings, as GitHub makes them.
fn anchors(page: &str) -> impl Iterator<Item = String> + '_ {
    page.lines().filter(|line| line.starts_with('#')).map(|line| {
        let heading = line.trim_start_matches('#').trim().to_lowercase();
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    })
}

#[test]
fn guarantees_name_tests_that_exist() {
    let page = page("docs/guarantees.md");
    let mut file = String::new();
    let mut named = 0;
    for word in page.split('`').skip(1).step_by(2) {
        let path = word.split("::").next().unwrap();
        if path.contains('/') {
            file = String::new();
            assert!(root().join(path).exists(), "{path}");
            if path.ends_with(".rs") {
                file = std::fs::read_to_string(root().join(path)).unwrap();
            }
        } else if word.contains('_') && !word.contains(' ') {
            assert!(file.contains(&format!("fn {word}(")), "no test {word}");
            named += 1;
        }
    }
    assert!(named > 30, "only {named} tests are named");
}
