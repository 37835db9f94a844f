//! What must hold of the tree itself: who imports whom, how long files are, how they open.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// All Rust files below the crates, with their paths from the root.
fn sources() -> Vec<(String, String)> {
    let mut waiting: Vec<PathBuf> =
        ["engine", "rules", "cli", "bench", "tests"].iter().map(|name| root().join(name)).collect();
    let mut found = Vec::new();
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// The crates of this workspace that a manifest depends on, tests apart.
fn imports(manifest: &str) -> BTreeSet<String> {
    let names =
        ["event", "input", "lang", "sigma", "state", "plan", "exec", "runtime", "engine", "rules"];
    let section = manifest.split("[dependencies]").nth(1).unwrap_or("");
    let section = section.split("\n[").next().unwrap_or("");
    section
        .lines()
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .filter(|name| names.contains(name))
        .map(str::to_owned)
        .collect()
}

#[test]
fn imports_go_one_way() {
    let table: BTreeMap<&str, &[&str]> = [
        ("engine/event", &[][..]),
        ("engine/input", &["event"]),
        ("engine/lang", &["event"]),
        ("engine/sigma", &["event", "lang"]),
        ("engine/state", &["event"]),
        ("engine/plan", &["event", "lang"]),
        ("engine/exec", &["event", "state", "plan"]),
        ("engine/runtime", &["event", "input", "state", "plan", "exec"]),
        ("engine", &["event", "input", "lang", "sigma", "state", "plan", "exec", "runtime"]),
        ("rules", &[]),
        ("cli", &["engine", "rules"]),
    ]
    .into_iter()
    .collect();
    for (folder, allowed) in table {
        let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
        let allowed: BTreeSet<String> = allowed.iter().map(|name| (*name).to_owned()).collect();
        let more: Vec<_> = imports(&manifest).difference(&allowed).cloned().collect();
        assert!(more.is_empty(), "{folder} imports {more:?}");
    }
}

#[test]
fn files_have_one_idea() {
    for (name, text) in sources() {
        let own = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or("");
        let lines = own.lines().count();
        assert!(lines <= 500, "{name}: {lines} lines; would it be clearer as two?");
    }
    let main = fs::read_to_string(root().join("cli/src/main.rs")).unwrap();
    assert!(main.lines().count() < 100, "cli/src/main.rs does too much");
}

#[test]
fn files_open_with_what_they_are_for() {
    for (name, text) in sources() {
        assert!(text.starts_with("//! "), "{name} opens without a head");
    }
}

#[test]
fn nothing_is_left_behind() {
    for (name, text) in sources() {
        if name == "tests/tests/tidy.rs" {
            continue;
        }
        for left in ["TODO", "FIXME", "todo!(", "unimplemented!("] {
            assert!(!text.contains(left), "{name} has {left}");
        }
    }
}

#[test]
fn unsafe_has_one_place() {
    for (name, text) in sources() {
        let allowed = name.starts_with("engine/event/src/simd") || name == "tests/tests/tidy.rs";
        assert!(allowed || !text.contains("unsafe {"), "{name} has an unsafe block");
    }
}

#[test]
fn no_module_has_a_name_that_says_nothing() {
    let vague =
        ["utils.rs", "util.rs", "helper.rs", "helpers.rs", "manager.rs", "common.rs", "misc.rs"];
    for (name, _) in sources() {
        let file = name.rsplit('/').next().unwrap();
        assert!(!vague.contains(&file), "{name} says nothing");
    }
}

#[test]
fn the_lock_file_stays_small() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let crates = lock.matches("[[package]]").count();
    assert!(crates <= 200, "{crates} crates in the lock file: is each worth it?");
}

#[test]
fn every_error_code_has_its_page() {
    let page = root().join("docs/errors.md");
    let Ok(page) = fs::read_to_string(page) else { panic!("docs/errors.md is missing") };
    for (code, meaning) in lang::check::codes::CODES {
        assert!(page.contains(code), "docs/errors.md does not explain {code}: {meaning}");
    }
    let page = fs::read_to_string(root().join("docs/sigma.md")).unwrap();
    for (code, meaning) in engine::sigma::codes::CODES {
        assert!(page.contains(code), "docs/sigma.md does not explain {code}: {meaning}");
    }
}
