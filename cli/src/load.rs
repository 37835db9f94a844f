//! Rules from the binary and from files, checked and compiled.
//!
//! It reads rule files, the site file and files of values; what is wrong with them is
//! shown here, on standard error, for the commands that need a program.

use crate::args::RuleArgs;
use crate::exit::{Failure, words};
use crate::output::terminal::{Look, Weight, escape, message, say};
use crate::site::{self, Found};
use crate::values;
use engine::event::EventTime;
use engine::input::shown;
use engine::lang::check::{Around, Beside, Options, Unread, load_keeping};
use engine::lang::diag::{Diag, Role, Sources, Weight as DiagWeight};
use engine::lang::typed::Ruleset;
use engine::lang::{limits, render, site as site_file};
use engine::plan::{Level, Program, compile};
use engine::sigma;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::mem;
use std::path::{Path, PathBuf};

/// The texts of rules and of the site, with what is needed to check them.
#[derive(Debug)]
pub(crate) struct Texts {
    /// Rule files, then the site file.
    pub(crate) sources: Sources,
    /// The site file, where there is one.
    pub(crate) site: Option<Found>,
    /// The number of the site file.
    number: Option<u32>,
    /// Where each rule file lies; those of the pack lie nowhere.
    paths: Vec<Option<PathBuf>>,
    builtin: bool,
    /// What went with the rules when they were loaded.
    pub(crate) beside: Beside,
}

/// What rules are checked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Purpose {
    /// Warnings are wanted, too.
    pub(crate) lints: bool,
    /// There are more rules than these, which the site may name.
    pub(crate) partial: bool,
    /// The time of day.
    pub(crate) now: EventTime,
}

impl Texts {
    /// Where a rule file lies, by its number; nothing for those of the pack.
    pub(crate) fn path(&self, file: u32) -> Option<&Path> {
        self.paths.get(file as usize).and_then(Option::as_deref)
    }

    /// The site file as it was read.
    fn site_file(&self) -> Option<SiteFile> {
        let source = self.sources.files.get(self.number? as usize)?;
        let sha256 = format!("{:x}", Sha256::digest(source.text.as_bytes()));
        Some(SiteFile { path: source.name.clone(), sha256 })
    }

    /// The checked rules, and all that is wrong; files of values become sources.
    pub(crate) fn load(&mut self, purpose: Purpose) -> (Ruleset, Vec<Diag>) {
        let pack = |_: &Found| {
            let mut pack = Sources::default();
            rules::FILES.iter().for_each(|(name, text)| _ = pack.add(*name, *text, true));
            site_file::names(&pack)
        };
        let elsewhere = self.site.as_ref().filter(|_| !self.builtin).map(pack);
        let paths = &self.paths;
        let mut reader = |number: u32, named: &str| {
            let rule_file = paths.get(number as usize).and_then(Option::as_deref);
            rule_file.map_or(Err(Unread::NoFiles), |path| values::beside(path, named))
        };
        let around = Around {
            site: self.number,
            now: Some(purpose.now),
            partial: purpose.partial,
            elsewhere: elsewhere.unwrap_or_default(),
            read: &mut reader,
        };
        let options = Options { lints: purpose.lints };
        let (ruleset, diags, beside) = load_keeping(&mut self.sources, &options, around);
        self.beside = beside;
        (ruleset, diags)
    }
}

/// What is said on standard error while rules are loaded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Telling {
    /// How standard error looks.
    pub(crate) look: Look,
    /// Only what is wrong.
    pub(crate) quiet: bool,
    /// More than usual.
    pub(crate) verbose: bool,
    /// The time of day.
    pub(crate) now: EventTime,
}

impl Telling {
    fn note(self, text: &str) {
        if !self.quiet {
            say(&message(self.look, Weight::Note, text));
        }
    }
}

/// The texts of the built-in pack where wanted, of the rule files that paths name, and of
/// the site file.
///
/// A folder stands for the `*.trail`, `*.yml` and `*.yaml` files in it, however deep, in the
/// order of their names; a file that was named before is not read again.
///
/// # Errors
///
/// [`Failure::RuleFiles`] with all that cannot be read, [`Failure::SiteFile`].
pub(crate) fn gather(
    builtin: bool,
    paths: &[PathBuf],
    site: Option<Found>,
) -> Result<Texts, Failure> {
    let files = rule_files(paths)?;
    let mut sources = Sources::default();
    if builtin {
        for (name, text) in rules::FILES {
            sources.add_builtin(name, text);
        }
    }
    let mut paths = vec![None; sources.files.len()];
    for (path, text) in files {
        sources.add(name(&path), text, false);
        paths.push(Some(path));
    }
    sigma::read(&mut sources);
    let number = match &site {
        Some(found) => {
            let text = read(&found.path, "a site file");
            let text = text.map_err(|why| Failure::SiteFile(found.name(), why))?;
            Some(sources.add_beside(found.name(), text, Role::Site))
        }
        None => None,
    };
    Ok(Texts { sources, site, number, paths, builtin, beside: Beside::default() })
}

/// The rule files that paths name, with their texts, as in [`gather`].
///
/// # Errors
///
/// [`Failure::RuleFiles`] with all that cannot be read.
pub(crate) fn rule_files(paths: &[PathBuf]) -> Result<Vec<(PathBuf, String)>, Failure> {
    let mut files = Files::default();
    for path in paths {
        files.named(path);
    }
    let mut texts = Vec::with_capacity(files.found.len());
    for path in files.found {
        match read(&path, "a rule file") {
            Ok(text) => texts.push((path, text)),
            Err(why) => files.faults.push((name(&path), why)),
        }
    }
    if files.faults.is_empty() { Ok(texts) } else { Err(Failure::RuleFiles(files.faults)) }
}

/// The rules of a run.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// Compiled, for as long as the process lives.
    pub(crate) program: &'static Program,
    /// The site file whose values are in them.
    pub(crate) site: Option<SiteFile>,
}

/// A site file as a run used it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SiteFile {
    /// Its path, as messages show it.
    pub(crate) path: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub(crate) sha256: String,
}

/// The checked rules of a run, compiled; errors and notes are shown.
///
/// # Errors
///
/// When rules cannot be read or have errors, or there are none.
pub(crate) fn program(typed: &RuleArgs, telling: Telling) -> Result<Loaded, Failure> {
    let mut texts = texts(typed, telling)?;
    texts.sources.only_run();
    let ruleset = checked(&mut texts, false, telling)?;
    for name in &ruleset.replaced {
        telling.note(&format!("your rule `{}` replaces the built-in one", escape(name)));
    }
    tell_left_out(&texts.sources, telling);
    if ruleset.rules.is_empty() {
        return Err(Failure::NoRules);
    }
    if !ruleset.rules.iter().any(|rule| rule.enabled) {
        let text = "no rule is left: all are switched off, or deprecated and not switched on";
        say(&message(telling.look, Weight::Warning, text));
    }
    let program = compile(&ruleset).map_err(Failure::Program)?;
    let loaded = Loaded { program: Box::leak(Box::new(program)), site: texts.site_file() };
    // The process ends with the run, and all memory with it. To take apart tree by tree what
    // the program was made of would be a tenth of the start.
    mem::forget((texts, ruleset));
    Ok(loaded)
}

/// The checked rules of a run with their tests, and where they come from; errors are shown.
///
/// # Errors
///
/// As [`program`].
pub(crate) fn ruleset(typed: &RuleArgs, telling: Telling) -> Result<(Texts, Ruleset), Failure> {
    let mut texts = texts(typed, telling)?;
    let ruleset = checked(&mut texts, false, telling)?;
    Ok((texts, ruleset))
}

/// The texts that the arguments name; the site file that was found is told.
fn texts(typed: &RuleArgs, telling: Telling) -> Result<Texts, Failure> {
    if typed.no_builtin && typed.rules.is_empty() {
        return Err(Failure::NoRules);
    }
    let texts = gather(!typed.no_builtin, &typed.rules, site::find(&typed.site))?;
    if let Some(found) = texts.site.as_ref().filter(|found| telling.verbose || !found.is_named()) {
        telling.note(&found.note());
    }
    Ok(texts)
}

/// The rules of the texts, when none has an error; errors are shown, and exemptions of
/// the site that have ended.
///
/// # Errors
///
/// [`Failure::Rules`] when there is an error.
pub(crate) fn checked(
    texts: &mut Texts,
    partial: bool,
    telling: Telling,
) -> Result<Ruleset, Failure> {
    let purpose = Purpose { lints: false, partial, now: telling.now };
    let (ruleset, diags) = texts.load(purpose);
    let view = render::View { color: telling.look.color, all: false };
    let broken = has_errors(&diags);
    if broken || !diags.is_empty() && !telling.quiet {
        let text = render::render(&texts.sources, &diags, view);
        let end = if broken { render::summary(&diags) } else { String::new() };
        say((text + &end).trim_end());
    }
    if broken { Err(Failure::Rules) } else { Ok(ruleset) }
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

/// The text of a file. What is above the language's limit is for the checker to tell, so
/// one byte more is read and no further.
///
/// # Errors
///
/// Why it cannot be read, in words; `what` is what kind of file it is.
pub(crate) fn read(path: &Path, what: &str) -> Result<String, String> {
    let most = limits::FILE_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(most).read_to_end(&mut bytes))
        .map_err(|why| words(&why))?;
    String::from_utf8(bytes).map_err(|why| {
        let at = why.utf8_error().valid_up_to();
        format!("byte {at} is not UTF-8: {what} is UTF-8 text")
    })
}

/// Whether a file in a folder is taken for one with rules.
fn is_rule_file(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "trail") || sigma::is_sigma(&name(path))
}

/// Says which documents of Sigma files no event is held against.
fn tell_left_out(sources: &Sources, telling: Telling) {
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
    telling.note(&format!("left out, no rules for CloudTrail: {}", places.join(", ")));
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
            Err(why) => self.faults.push((name(path), words(&why))),
            Ok(facts) if facts.is_dir() => {
                let why = match self.folder(path) {
                    Err(why) => words(&why),
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
