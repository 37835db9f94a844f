//! `fmt`: rule files into the one layout of the language.
//!
//! A file is written only when it changes, and as a whole or not at all: the new text
//! goes to a file beside it, which then takes its place.

use super::{counted, print};
use crate::args::{ColorWhen, Fmt};
use crate::exit::{Exit, Failure, words};
use crate::load::{name, rule_files};
use crate::output::difference::{Difference, difference};
use crate::output::terminal::{Look, escape, say};
use anstyle::AnsiColor;
use engine::lang::diag::Sources;
use engine::lang::print::{FormatError, format};
use engine::lang::render;
use engine::sigma::is_sigma;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Format rule files, or say what formatting would change.
///
/// # Errors
///
/// When files cannot be read or written; what is wrong in them is in the status.
pub(crate) fn run(typed: &Fmt, color: ColorWhen) -> Result<Exit, Failure> {
    let (input, paths): (Vec<_>, Vec<_>) =
        typed.files.iter().cloned().partition(|path| path.as_os_str() == "-");
    let mut tally = Tally::default();
    if !input.is_empty() {
        let text = standard_input()?;
        match formatted("standard input", &text, color)? {
            None => tally.refused += 1,
            Some(new) if typed.check => tally.told("standard input", &text, &new, color)?,
            // Nothing else goes to standard output, so that it can be piped.
            Some(new) => print(&new)?,
        }
    }
    let files = own(rule_files(&paths)?, &paths)?;
    tally.files = files.len() + usize::from(!input.is_empty());
    for (path, text) in files {
        let shown = name(&path);
        match formatted(&shown, &text, color)? {
            None => tally.refused += 1,
            Some(new) if typed.check => tally.told(&shown, &text, &new, color)?,
            Some(new) if new == text => {}
            Some(new) => {
                replace(&path, &new).map_err(|why| Failure::Output(Some(shown.clone()), why))?;
                tally.changed += 1;
                print(&format!("formatted {}\n", escape(&shown)))?;
            }
        }
    }
    if input.is_empty() || typed.check {
        print(&tally.line(typed.check))?;
    }
    Ok(match tally {
        Tally { refused: 1.., .. } => Exit::Refused,
        Tally { changed: 1.., .. } if typed.check => Exit::Alerted,
        _ => Exit::Done,
    })
}

/// The files in the rule language; a folder may hold Sigma files, too, which stay as they are.
///
/// # Errors
///
/// [`Failure::RuleFiles`] with the Sigma files that were named.
fn own(
    files: Vec<(PathBuf, String)>,
    named: &[PathBuf],
) -> Result<Vec<(PathBuf, String)>, Failure> {
    let (foreign, own): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|(path, _)| is_sigma(&name(path)));
    let foreign = foreign.into_iter().filter(|(path, _)| named.contains(path));
    let faults: Vec<_> = foreign.map(|(path, _)| (name(&path), SIGMA.to_owned())).collect();
    if faults.is_empty() { Ok(own) } else { Err(Failure::RuleFiles(faults)) }
}

const SIGMA: &str = "this is Sigma: `trailhound convert` prints it in the rule language";

/// The canonical text; nothing where there is an error, which is shown.
fn formatted(name: &str, text: &str, color: ColorWhen) -> Result<Option<String>, Failure> {
    match format(text) {
        Ok(new) => Ok(Some(new)),
        Err(FormatError::Form(diags)) => {
            let mut sources = Sources::default();
            sources.add(name, text, false);
            let view = render::View { color: Look::stderr(color).color, all: false };
            say(render::render(&sources, &diags, view).trim_end());
            Ok(None)
        }
        Err(FormatError::Lossy) => {
            let what = format!("formatting `{name}` would change what it says; it was left alone");
            Err(Failure::Internal(what))
        }
    }
}

fn standard_input() -> Result<String, Failure> {
    let mut text = String::new();
    let read = io::stdin().lock().read_to_string(&mut text);
    read.map_err(|why| Failure::RuleFiles(vec![("-".to_owned(), words(&why))]))?;
    Ok(text)
}

/// Put a new text in the place of a file's, with the permissions it had.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    // A link stays a link: what it leads to is replaced.
    let target = path.canonicalize()?;
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let beside: PathBuf = target.with_file_name(name);
    let written = File::create_new(&beside).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.set_permissions(fs::metadata(&target)?.permissions())?;
        file.sync_all()
    });
    let done = written.and_then(|()| fs::rename(&beside, &target));
    if done.is_err() {
        // What cannot be removed is not worth a second complaint.
        _ = fs::remove_file(&beside);
    }
    done
}

/// How all files went.
#[derive(Debug, Default)]
struct Tally {
    files: usize,
    changed: usize,
    refused: usize,
}

impl Tally {
    /// Show what would change in a file.
    fn told(&mut self, name: &str, old: &str, new: &str, color: ColorWhen) -> Result<(), Failure> {
        if old == new {
            return Ok(());
        }
        self.changed += 1;
        print(&changes(name, &difference(old, new), Look::stdout(color)))
    }

    fn line(&self, check: bool) -> String {
        let changed = if check { "would change" } else { "changed" };
        let refused = match self.refused {
            0 => String::new(),
            n => format!(
                ", {} left alone for {} errors",
                counted(n, "file"),
                if n == 1 { "its" } else { "their" }
            ),
        };
        format!("{}: {} {changed}{refused}\n", counted(self.files, "file"), self.changed)
    }
}

/// How many lines of a difference are shown of a file.
const MOST_SHOWN: usize = 20;

fn changes(name: &str, difference: &Difference<'_>, look: Look) -> String {
    if difference.changes.is_empty() {
        return format!("{}: the last line would be ended\n", escape(name));
    }
    let mut text = format!(
        "{}: {} would go, {} would come\n",
        escape(name),
        counted(difference.gone(), "line"),
        counted(difference.come(), "line")
    );
    let (red, green) = (AnsiColor::Red.on_default(), AnsiColor::Green.on_default());
    let mut left = MOST_SHOWN;
    for change in &difference.changes {
        let lines = change.gone.len() + change.come.len();
        if lines > left {
            text.push_str("  …\n");
            break;
        }
        left -= lines;
        text.push_str(&format!("  line {}\n", change.line));
        for (sign, style, lines) in [('-', red, &change.gone), ('+', green, &change.come)] {
            for line in lines {
                let line = look.paint(style, &format!("{sign} {}", escape(line)));
                text.push_str(&format!("    {}\n", line.trim_end()));
            }
        }
    }
    text
}
