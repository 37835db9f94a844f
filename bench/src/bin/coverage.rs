//! What the built-in rules see of known attacks and labelled events, as the tables of
//! `docs/coverage.md`.

#![expect(clippy::print_stdout, reason = "the tables are what it is for")]

use std::error::Error;
use std::path::PathBuf;

use bench::coverage::{labelled, stratus};
use clap::Parser;

/// Hold the built-in rules against known attacks and labelled events.
#[derive(Debug, Parser)]
struct Typed {
    /// Folder with the corpora `stratus` and `rule-tests`.
    corpora: PathBuf,
}

fn main() -> Result<(), Box<dyn Error>> {
    let typed = Typed::parse();
    println!("### Stratus Red Team\n\n{}", stratus::markdown(&stratus::measured(&typed.corpora)?));
    println!("### Labelled events\n\n{}", labelled::markdown(&labelled::measured(&typed.corpora)?));
    Ok(())
}
