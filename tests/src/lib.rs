//! The reference engine, case files and tidy checks of Trailhound.

pub mod cases;
pub mod differential;
pub mod generate;
pub mod oracle;
pub mod production;

use lang::ast::File;
use lang::diag::{Diag, Sources};

/// The errors that the checker finds in a rule text, one a line.
#[must_use]
pub fn errors(rules: &str) -> String {
    let mut sources = Sources::default();
    sources.add("rules.trail", rules, false);
    let (_, diags) = lang::check::load(&sources, &lang::check::Options::default());
    told(&sources, &diags)
}

fn told(sources: &Sources, diags: &[Diag]) -> String {
    let titles = diags.iter().map(|diag| {
        let at = diag.labels.first().map_or("", |(span, _)| sources.slice(*span));
        format!("{} {} at `{at}`", diag.code, diag.title)
    });
    titles.collect::<Vec<_>>().join("\n")
}

/// The tree of a rule text.
///
/// # Errors
///
/// The titles of all diagnostics, where there is one.
pub fn tree(rules: &str) -> Result<File, String> {
    let mut sources = Sources::default();
    let number = sources.add("rules.trail", rules, false);
    let (file, diags) = lang::parser::parse(&sources, number);
    if diags.is_empty() { Ok(file) } else { Err(told(&sources, &diags)) }
}
