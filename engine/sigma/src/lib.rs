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

pub use translate::convert;

use lang::diag::{Diag, Foreign, Sources};

/// The code of the warning about a document that is left out.
pub const LEFT_OUT: &str = "S0012";

/// Whether a file of this name is taken as Sigma.
#[must_use]
pub fn is_sigma(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    matches!(ending.as_deref(), Some("yml" | "yaml"))
}

/// Reads the Sigma files among the sources, so that the parser gives their rules.
///
/// What is wrong in them is told when the sources are checked.
pub fn read(sources: &mut Sources) {
    let translated = translate::translate(sources);
    let mut diags = translated.diags;
    for (number, tree) in translated.files {
        let file = |diag: &Diag| diag.labels.first().is_some_and(|(at, _)| at.file == number);
        let (own, rest) = diags.into_iter().partition(file);
        diags = rest;
        sources.set_foreign(number, Foreign { tree, diags: own });
    }
}

/// The documents of Sigma files that are left out, because they are no rules for CloudTrail.
pub fn left_out(sources: &Sources) -> impl Iterator<Item = &Diag> {
    let files = (0..).zip(&sources.files).filter_map(|(number, _)| sources.foreign(number));
    files.flat_map(|file| &file.diags).filter(|diag| diag.code == LEFT_OUT)
}
