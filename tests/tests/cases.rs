//! Every case file at every layer it names; `BLESS=1` rewrites the alerts from the reference engine.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::path::{Path, PathBuf};
use tests::cases::Case;

fn case_files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            case_files(&path, found);
        } else if path.extension().is_some_and(|end| end == "case") {
            found.push(path);
        }
    }
}

fn wrong(path: &Path, bless: bool) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let case = match Case::read(&text) {
        Ok(case) => case,
        Err(why) => return vec![why],
    };
    let errors = tests::errors(&case.rules);
    let mut found: Vec<String> =
        Some(errors).filter(|errors| !errors.is_empty()).into_iter().collect();
    for layer in &case.layers {
        match case.lines(layer) {
            Err(why) => found.push(why),
            Ok(None) => {}
            Ok(Some(lines)) if bless && layer == "oracle" => {
                let blessed: String = lines.iter().map(|line| format!("{line}\n")).collect();
                std::fs::write(path, format!("{}{blessed}", case.head)).unwrap();
            }
            Ok(Some(lines)) if lines != case.wanted(layer) => {
                found.push(format!(
                    "at {layer}, expected\n    {}\n  got\n    {}",
                    case.wanted(layer).join("\n    "),
                    lines.join("\n    ")
                ));
            }
            Ok(Some(_)) => {}
        }
    }
    found
}

#[test]
fn every_case_gives_its_alerts() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut paths = Vec::new();
    case_files(&root, &mut paths);
    assert!(paths.len() >= 40, "{} cases", paths.len());
    let bless = std::env::var("BLESS").is_ok_and(|value| value == "1");
    let mut failures = Vec::new();
    for path in &paths {
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        failures.extend(wrong(path, bless).into_iter().map(|why| format!("{name}: {why}")));
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}
