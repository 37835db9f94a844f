//! The way to the engine proper, for the tests that hold it against the reference engine.
//!
//! [`engine_run`] gives nothing as long as the engine is not reachable from here.

use crate::generate::NamedFile;
use crate::oracle::Config;

/// How the engine is to work through the same input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct How {
    /// Worker threads.
    pub threads: usize,
    /// The most bytes one read gives.
    pub bytes_per_read: usize,
}

/// The alert lines of the engine for a rule file and input files in the order given.
///
/// Nothing where the engine is not wired to these tests.
#[must_use]
pub fn engine_run(
    rules: &str,
    files: &[NamedFile],
    config: &Config,
    how: How,
) -> Option<Vec<String>> {
    let _ = (rules, files, config, how);
    None
}
