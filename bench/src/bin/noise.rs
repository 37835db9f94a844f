//! How much the built-in rules say where nothing is wrong, as the tables of `docs/noise.md`.

#![expect(clippy::print_stdout, reason = "the tables are what it is for")]

use std::error::Error;
use std::path::PathBuf;

use bench::noise::Noise;
use clap::Parser;

/// Count the alerts of each built-in rule over corpora of ordinary work.
#[derive(Debug, Parser)]
struct Typed {
    /// Folder with the corpora `catalog`, `masked` and `invictus`.
    corpora: PathBuf,
}

fn main() -> Result<(), Box<dyn Error>> {
    let typed = Typed::parse();
    print!("{}", Noise::measured(&typed.corpora)?.markdown());
    Ok(())
}
