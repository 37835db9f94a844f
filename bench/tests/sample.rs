//! The archive that is checked in is what its README says: its command makes it, byte for
//! byte, and its table lists the incidents.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says what is wrong by ending")]

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::files;

/// The options that the README gives to the generator, without `--out`.
fn options(readme: &str) -> Vec<&str> {
    let (_, command) = readme.split_once("--bin generate -- ").unwrap();
    let (command, _) = command.split_once("```").unwrap();
    let mut words: Vec<&str> = command.split_whitespace().filter(|word| *word != "\\").collect();
    let out = words.iter().position(|word| *word == "--out").unwrap();
    assert_eq!(words.drain(out..out + 2).nth(1), Some("sample"));
    words
}

#[test]
fn the_command_in_the_readme_makes_the_sample() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sample");
    let readme = fs::read_to_string(sample.join("README.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_generate"))
        .arg("--out")
        .arg(folder.path())
        .args(options(&readme))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let (kept, made) = (files(&sample.join("AWSLogs")), files(&folder.path().join("AWSLogs")));
    assert!(kept.keys().eq(made.keys()), "the sample has other files than its command makes");
    for (name, bytes) in &kept {
        assert!(made[name] == *bytes, "{} differs: run the README's command", name.display());
    }
    let size: usize = kept.values().map(Vec::len).sum();
    assert!(size <= 400_000 && kept.len() <= 250, "{size} bytes in {} files", kept.len());

    let table = String::from_utf8(output.stdout).unwrap();
    assert_eq!(table.lines().count(), 17);
    for row in table.lines() {
        assert!(readme.contains(row), "README.md lacks: {row}");
    }
}
