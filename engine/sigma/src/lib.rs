//! Sigma YAML to the tree of the rule language.
//!
//! The only crate that knows YAML. It reads rules, correlations and filters of the Sigma
//! specification, and makes of each what an author would have written in the language;
//! from there on they are checked, compiled and run as any rule. It knows nothing of how
//! a rule is evaluated.
//!
//! In the order of the work: `yaml`, `document` with `detection` and `condition`, whose
//! fields and values are told by `field`, `modifier`, `text` and `matching`; then
//! `rule` and `correlation` build clauses, and `translate` brings the files together.
//!
//! # Invariants
//!
//! - What comes out prints as text that parses to the same tree.
//! - A document is used, or told of with a diagnostic in its file.

mod build;
pub mod codes;
mod condition;
mod correlation;
mod detection;
mod document;
mod field;
mod matching;
mod modifier;
mod rule;
mod text;
mod translate;
mod yaml;

pub use translate::{Translated, convert, translate};

use lang::ast::File;
use lang::check::{self, Options};
use lang::diag::{Diag, Sources, Weight};
use lang::parser;
use lang::typed::Ruleset;

/// The code of the note about a document that is left out.
pub const LEFT_OUT: &str = "S0012";

/// Whether a file of this name is taken as Sigma.
#[must_use]
pub fn is_sigma(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    matches!(ending.as_deref(), Some("yml" | "yaml"))
}

/// The rules of all files, Sigma's and the language's own, and all that is wrong with them.
///
/// As [`lang::check::load`], which knows no Sigma. The documents that are left out are
/// told of even where warnings are not asked for ([`LEFT_OUT`]).
#[must_use]
pub fn load(sources: &Sources, options: &Options) -> (Ruleset, Vec<Diag>) {
    let mut translated = translate(sources);
    let mut files = Vec::with_capacity(sources.files.len());
    let mut faults = Vec::new();
    for (number, source) in (0..).zip(&sources.files) {
        if is_sigma(&source.name) {
            files.push(translated.files.remove(&number).unwrap_or_else(File::default));
        } else {
            let (file, diags) = parser::parse(sources, number);
            files.push(file);
            faults.extend(diags);
        }
    }
    faults.append(&mut translated.diags);
    let left_out: Vec<Diag> =
        faults.iter().filter(|diag| diag.code == LEFT_OUT && !options.lints).cloned().collect();
    let mut own: Vec<Diag> = Vec::new();
    faults.retain(|diag| {
        let keep = diag.weight == Weight::Error || !in_sigma(diag, sources);
        if !keep && options.lints {
            own.push(diag.clone());
        }
        keep
    });
    let (ruleset, mut diags) = check::parsed(sources, &files, faults, options);
    // What the lints advise is advice to an author of `.trail`.
    diags.retain(|diag| diag.weight == Weight::Error || !in_sigma(diag, sources));
    diags.extend(own);
    diags.extend(left_out);
    diags.sort_by_key(|diag| diag.labels.first().map_or((0, 0), |(at, _)| (at.file, at.start)));
    (ruleset, diags)
}

fn in_sigma(diag: &Diag, sources: &Sources) -> bool {
    let file = diag.labels.first().and_then(|(at, _)| sources.files.get(at.file as usize));
    file.is_some_and(|source| is_sigma(&source.name))
}
