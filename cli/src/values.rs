//! Files beside rule files: of values, for `let name: [T] from "FILE"`, and of records,
//! for `events from "FILE"` in tests.
//!
//! # Invariants
//!
//! - A rule file reads only what lies in its own folder or below: rules that came from
//!   elsewhere show nobody what is in other files. Links that lead out are not followed.

use crate::load::{name, read};
use engine::lang::check::{Unread, stays_below};
use std::fs;
use std::path::{Path, PathBuf};

/// The name and the text of a file of values that a rule file names.
///
/// # Errors
///
/// [`Unread`] when it lies elsewhere or cannot be read.
pub(crate) fn beside(rule_file: &Path, named: &str) -> Result<(String, String), Unread> {
    let (path, file) = place(rule_file, named)?;
    let text = read(&file, "a file of values").map_err(Unread::Failed)?;
    Ok((name(&path), text))
}

/// The path of a file that a rule file names, as messages show it and as it is opened.
///
/// # Errors
///
/// [`Unread`] when it lies elsewhere or is no file.
pub(crate) fn place(rule_file: &Path, named: &str) -> Result<(PathBuf, PathBuf), Unread> {
    if !stays_below(named) {
        return Err(Unread::Outside);
    }
    let folder = match rule_file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let path = if folder == Path::new(".") { named.into() } else { folder.join(named) };
    let real = |path: &Path| fs::canonicalize(path).map_err(|why| Unread::Failed(why.to_string()));
    let file = real(&path)?;
    if !file.starts_with(real(folder)?) {
        return Err(Unread::Outside);
    }
    if !file.is_file() {
        return Err(Unread::Failed("it is no file".to_owned()));
    }
    Ok((path, file))
}
