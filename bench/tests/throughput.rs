//! `throughput` and `generate --measure` as they are typed: tables with all rows, told failures.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says what is wrong by ending")]

use std::fs;
use std::process::{Command, Output};

fn throughput(words: &[&str]) -> Output {
    let small = ["--megabytes", "1", "--rounds", "1", "--binary", "/bin/sh"];
    // Without CARGO nothing is built anew.
    let mut command = Command::new(env!("CARGO_BIN_EXE_throughput"));
    command.env_remove("CARGO").args(small).args(words).output().unwrap()
}

fn text(output: &Output) -> String {
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn every_stage_has_a_row_and_a_page_keeps_what_is_around_its_marks() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.md");
    fs::write(&page, "# A\n<!-- measured -->\nold\n<!-- /measured -->\nend\n").unwrap();
    let page_word = page.display().to_string();
    text(&throughput(&["--only", "stages", "--page", &page_word]));
    let page = fs::read_to_string(&page).unwrap();
    assert!(
        page.starts_with("# A\n<!-- measured -->\n") && page.ends_with("<!-- /measured -->\nend\n")
    );
    assert!(!page.contains("old"), "{page}");
    for stage in ["frame and index", "twelve fields", "duplicate", "dispatch and match", "combine"]
    {
        assert!(page.contains(&format!("| {stage} | ")), "{stage}: {page}");
    }
    for head in ["- date: ", "- machine: ", "- archive: made by", "### What each stage costs"] {
        assert!(page.contains(head), "{head}: {page}");
    }
}

#[test]
fn a_page_without_marks_and_an_archive_without_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.md");
    fs::write(&page, "# A\n").unwrap();
    let refused = throughput(&["--page", &page.display().to_string()]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("lacks the two marks"));
    let empty = Command::new(env!("CARGO_BIN_EXE_throughput")).arg(folder.path()).output().unwrap();
    assert!(!empty.status.success());
}

#[test]
fn the_sample_can_be_measured() {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../sample/AWSLogs");
    let output =
        Command::new(env!("CARGO_BIN_EXE_generate")).args(["--measure", sample]).output().unwrap();
    let text = text(&output);
    for row in ["records ", "a record ", "delivery ", "delivered twice ", "failed ", "bursts "] {
        assert!(text.lines().any(|line| line.starts_with(row)), "{row}: {text}");
    }
}
