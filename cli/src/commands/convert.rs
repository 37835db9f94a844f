//! `convert`: Sigma rules as text of the rule language.

use super::print;
use crate::args::{ColorWhen, Convert};
use crate::exit::{Exit, Failure};
use crate::load::{Purpose, gather, has_errors, name};
use crate::output::terminal::{Look, say};
use crate::settings::now;
use engine::lang::diag::Sources;
use engine::lang::render;
use engine::sigma;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Convert Sigma files, all or none; what is wrong or odd in them is shown.
///
/// # Errors
///
/// When they cannot be used, or the outcome cannot be written.
pub(crate) fn run(typed: &Convert, color: ColorWhen) -> Result<Exit, Failure> {
    let mut texts = gather(false, &typed.files, None)?;
    let sources = &texts.sources;
    let others = sources.files.iter().filter(|source| !sigma::is_sigma(&source.name));
    // A folder may hold both kinds; a file that is named is meant.
    let named: Vec<_> = others
        .filter(|source| typed.files.iter().any(|path| name(path) == source.name))
        .map(|source| (source.name.clone(), NO_SIGMA.to_owned()))
        .collect();
    if !named.is_empty() {
        return Err(Failure::RuleFiles(named));
    }
    let (_, diags) = texts.load(Purpose { lints: true, partial: true, now: now() });
    let sources = &texts.sources;
    let own: Vec<_> = diags
        .into_iter()
        .filter(|diag| diag.labels.first().is_none_or(|(at, _)| sources.foreign(at.file).is_some()))
        .collect();
    let view = render::View { color: Look::stderr(color).color, all: false };
    let told = render::render(sources, &own, view);
    if !told.is_empty() {
        say(&format!("{told}{}", render::summary(&own)));
    }
    if has_errors(&own) {
        return Err(Failure::Rules);
    }
    let texts = sigma::convert(sources);
    match &typed.out {
        Some(folder) => write(folder, sources, &texts)?,
        None => {
            let texts: Vec<&str> = texts.values().map(String::as_str).collect();
            print(&texts.join("\n"))?;
        }
    }
    Ok(Exit::Done)
}

const NO_SIGMA: &str = "no Sigma: the name of a Sigma file ends in .yml or .yaml";

/// Write each text to a file of its own, named as the one it came from.
fn write(folder: &Path, sources: &Sources, texts: &BTreeMap<u32, String>) -> Result<(), Failure> {
    let failed = |path: &Path, why| Failure::Output(Some(path.display().to_string()), why);
    fs::create_dir_all(folder).map_err(|why| failed(folder, why))?;
    let mut written: BTreeMap<String, &str> = BTreeMap::new();
    for (number, text) in texts {
        let Some(source) = sources.files.get(*number as usize) else { continue };
        let stem = Path::new(&source.name).file_stem().unwrap_or_default().to_string_lossy();
        if let Some(first) = written.insert(stem.to_string(), &source.name) {
            let why = format!("`{first}` would be written to the same file: convert them apart");
            return Err(Failure::RuleFiles(vec![(source.name.clone(), why)]));
        }
        let path = folder.join(format!("{stem}.trail"));
        fs::write(&path, text).map_err(|why| failed(&path, why))?;
    }
    Ok(())
}
