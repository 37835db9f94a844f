//! `check`: what is wrong with rules, and what may be.

use super::{counted, print};
use crate::args::{Check, CheckFormat, ColorWhen};
use crate::exit::{Exit, Failure};
use crate::load::{Purpose, gather, has_errors};
use crate::output::annotations;
use crate::output::terminal::{Look, escape};
use crate::settings::now;
use crate::site;
use engine::lang::render;

/// Check rules and show all that is found.
///
/// # Errors
///
/// When rules cannot be read; what is wrong with them is in the status.
pub(crate) fn run(typed: &Check, color: ColorWhen) -> Result<Exit, Failure> {
    let paths = [typed.files.as_slice(), &typed.rules].concat();
    let mut texts = gather(paths.is_empty(), &paths, site::find(&typed.site))?;
    let (ruleset, diags) = texts.load(Purpose { lints: true, partial: true, now: now() });
    let broken = has_errors(&diags);
    let exit = if broken { Exit::Refused } else { Exit::Done };
    let line = match typed.format {
        CheckFormat::Human => None,
        CheckFormat::Json => Some(annotations::json as fn(&_, &_) -> String),
        CheckFormat::Github => Some(annotations::github as fn(&_, &_) -> String),
    };
    if let Some(line) = line {
        print(&diags.iter().map(|diag| line(&texts.sources, diag)).collect::<String>())?;
        return Ok(exit);
    }
    let view = render::View { color: Look::stdout(color).color, all: typed.all };
    let mut text = render::render(&texts.sources, &diags, view);
    let found = match render::summary(&diags) {
        none if none.is_empty() && ruleset.rules.is_empty() => "nothing to check".to_owned(),
        none if none.is_empty() => "nothing wrong".to_owned(),
        found => found,
    };
    let good = if broken { " without an error" } else { "" };
    let files = counted(texts.sources.rule_files(), "file");
    let rules = counted(ruleset.rules.len(), "rule");
    let site =
        texts.site.as_ref().map(|site| format!(" with the site file {}", escape(&site.name())));
    let site = site.unwrap_or_default();
    text.push_str(&format!("{rules}{good} in {files}{site}: {found}\n"));
    print(&text)?;
    Ok(exit)
}
