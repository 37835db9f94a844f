//! The reference engine, case files and tidy checks of Trailhound.

pub mod cases;
pub mod differential;
pub mod generate;
pub mod oracle;
pub mod production;

use lang::ast::File;
use lang::diag::Sources;

/// The tree of a rule text.
///
/// # Errors
///
/// The titles of all diagnostics, where there is one.
pub fn tree(rules: &str) -> Result<File, String> {
    let mut sources = Sources::default();
    let number = sources.add("rules.trail", rules, false);
    let (file, diags) = lang::parser::parse(&sources, number);
    if diags.is_empty() {
        return Ok(file);
    }
    let titles: Vec<String> = diags
        .iter()
        .map(|diag| {
            let at = diag.labels.first().map_or("", |(span, _)| sources.slice(*span));
            format!("{} {} at `{at}`", diag.code, diag.title)
        })
        .collect();
    Err(titles.join("\n"))
}
