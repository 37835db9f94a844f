//! Rules from the binary and from files, checked and compiled.
//!
//! It reads rule files; what is wrong with them is shown here, on standard error, for
//! the commands that need a program.

use crate::args::RuleArgs;
use crate::exit::Failure;
use crate::output::terminal::{Look, Weight, escape, message, say};
use engine::input::shown;
use engine::lang::check::{Options, load};
use engine::lang::diag::{Diag, Sources, Weight as DiagWeight};
use engine::lang::typed::Ruleset;
use engine::lang::{limits, render};
use engine::plan::{Level, Program, compile};
use engine::sigma;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The texts of the built-in pack where wanted, and of the rule files that paths name.
///
/// A folder stands for the `*.trail`, `*.yml` and `*.yaml` files in it, however deep, in the
/// order of their names; a file that was named before is not read again.
///
/// # Errors
///
/// [`Failure::RuleFiles`] with all that cannot be read.
pub(crate) fn gather(builtin: bool, paths: &[PathBuf]) -> Result<Sources, Failure> {
    let mut sources = Sources::default();
    if builtin {
        for (name, text) in rules::FILES {
            sources.add(*name, *text, true);
        }
    }
    let mut files = Files::default();
    for path in paths {
        files.named(path);
    }
    for path in &files.found {
        match read(path) {
            Ok(text) => _ = sources.add(name(path), text, false),
            Err(why) => files.faults.push((name(path), why)),
        }
    }
    sigma::read(&mut sources);
    if files.faults.is_empty() { Ok(sources) } else { Err(Failure::RuleFiles(files.faults)) }
}

/// The checked rules of a run, compiled; errors and notes are shown.
///
/// # Errors
///
/// When rules cannot be read or have errors, or there are none.
pub(crate) fn program(typed: &RuleArgs, look: Look, quiet: bool) -> Result<Program, Failure> {
    let (sources, ruleset) = ruleset(typed, look)?;
    if !quiet {
        for name in &ruleset.replaced {
            let text = format!("your rule `{}` replaces the built-in one", escape(name));
            say(&message(look, Weight::Note, &text));
        }
        tell_left_out(&sources, look);
    }
    drop(sources);
    compile(&ruleset).map_err(Failure::Program)
}

/// The checked rules of a run and where they come from; errors are shown.
///
/// # Errors
///
/// As [`program`].
pub(crate) fn ruleset(typed: &RuleArgs, look: Look) -> Result<(Sources, Ruleset), Failure> {
    if typed.no_builtin && typed.rules.is_empty() {
        return Err(Failure::NoRules);
    }
    let sources = gather(!typed.no_builtin, &typed.rules)?;
    let ruleset = checked(&sources, look)?;
    Ok((sources, ruleset))
}

/// The rules of the sources, when none has an error; errors are shown.
///
/// # Errors
///
/// [`Failure::Rules`] when there is an error.
pub(crate) fn checked(sources: &Sources, look: Look) -> Result<Ruleset, Failure> {
    let (ruleset, diags) = load(sources, &Options { lints: false });
    if !has_errors(&diags) {
        return Ok(ruleset);
    }
    let view = render::View { color: look.color, all: false };
    let text = render::render(sources, &diags, view);
    say(&format!("{text}{}", render::summary(&diags)));
    Err(Failure::Rules)
}

/// Whether the rules cannot be used.
pub(crate) fn has_errors(diags: &[Diag]) -> bool {
    diags.iter().any(|diag| diag.weight == DiagWeight::Error)
}

/// The severity below which alerts of the built-in pack are not shown unless asked for.
pub(crate) fn published_least() -> Level {
    let word = rules::default_min_severity();
    let known = Level::ALL.into_iter().find(|(own, _)| *own == word);
    known.map_or(Level::Info, |(_, level)| level)
}

/// A path, as messages show it.
pub(crate) fn name(path: &Path) -> String {
    shown(path.as_os_str().as_encoded_bytes())
}

/// The text of a rule file. What is above the language's limit is for the checker to tell,
/// so one byte more is read and no further.
fn read(path: &Path) -> Result<String, String> {
    let most = limits::FILE_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(most).read_to_end(&mut bytes))
        .map_err(|why| why.to_string())?;
    String::from_utf8(bytes).map_err(|why| {
        let at = why.utf8_error().valid_up_to();
        format!("byte {at} is not UTF-8: a rule file is UTF-8 text")
    })
}

/// Whether a file in a folder is taken for one with rules.
fn is_rule_file(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "trail") || sigma::is_sigma(&name(path))
}

/// Says which documents of Sigma files no event is held against.
fn tell_left_out(sources: &Sources, look: Look) {
    let mut places: Vec<String> = sigma::left_out(sources)
        .filter_map(|diag| {
            let (at, why) = diag.labels.first()?;
            let source = sources.files.get(at.file as usize)?;
            let (line, _) = render::place(source, at.start as usize);
            Some(format!("{}:{line} ({})", escape(&source.name), escape(why)))
        })
        .collect();
    if places.is_empty() {
        return;
    }
    let rest = places.len().saturating_sub(MOST_LEFT_OUT);
    if rest > 0 {
        places.truncate(MOST_LEFT_OUT);
        places.push(format!("and {rest} more, which `check` names"));
    }
    let text = format!("left out, no rules for CloudTrail: {}", places.join(", "));
    say(&message(look, Weight::Note, &text));
}

/// How many documents that are left out are named.
const MOST_LEFT_OUT: usize = 5;

/// Rule files as they are found.
#[derive(Debug, Default)]
struct Files {
    found: Vec<PathBuf>,
    known: BTreeSet<PathBuf>,
    faults: Vec<(String, String)>,
}

impl Files {
    fn named(&mut self, path: &Path) {
        match fs::metadata(path) {
            Err(why) => self.faults.push((name(path), why.to_string())),
            Ok(facts) if facts.is_dir() => {
                let why = match self.folder(path) {
                    Err(why) => why.to_string(),
                    Ok(0) => "there is no *.trail, *.yml or *.yaml file in this folder".to_owned(),
                    Ok(_) => return,
                };
                self.faults.push((name(path), why));
            }
            Ok(_) => self.file(path),
        }
    }

    /// How many rule files are in a folder; links to folders are not followed.
    fn folder(&mut self, folder: &Path) -> io::Result<usize> {
        let mut count = 0;
        let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                count += self.folder(&path)?;
            } else if is_rule_file(&path) && path.is_file() {
                self.file(&path);
                count += 1;
            }
        }
        Ok(count)
    }

    fn file(&mut self, path: &Path) {
        let own = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if self.known.insert(own) {
            self.found.push(path.to_owned());
        }
    }
}
