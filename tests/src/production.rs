//! The way to the engine proper, for the tests that hold it against the reference engine.

use crate::generate::NamedFile;
use crate::oracle::Config;
use engine::event::EventTime;
use engine::exec::Alert;
use engine::input::{Discover, Listing, discover};
use engine::lang::check::{Options, load};
use engine::lang::diag::Sources;
use engine::plan::{Level, Program, compile};
use engine::runtime::{self, Sink};
use std::io;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// How the engine is to work through the same input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct How {
    /// Worker threads.
    pub threads: usize,
    /// The shape in which the files are stored.
    pub shape: Shape,
    /// Whether the input is said to be in order of time.
    pub sorted: bool,
}

/// How records are stored in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `{"Records":[…]}`.
    Records,
    /// One record a line.
    Lines,
    /// `{"Records":[…]}`, compressed, a gzip member for every few bytes.
    Gzip,
}

/// What the engine says of an input.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// The alert lines.
    pub alerts: Vec<String>,
    /// Whether every record and byte is accounted for.
    pub balanced: bool,
    /// The counts of records.
    pub records: runtime::Records,
}

impl Sink for Said {
    fn alert(&mut self, alert: &Alert) -> io::Result<()> {
        self.alerts.push(alert.line());
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The program of a rule file.
///
/// # Errors
///
/// What is wrong with the rules.
pub fn program(rules: &str) -> Result<Program, String> {
    let mut sources = Sources::default();
    sources.add("rules.trail", rules, false);
    let (ruleset, diags) = load(&sources, &Options { lints: false });
    if let Some(diag) = diags.first() {
        return Err(format!("{}: {}", diag.code, diag.title));
    }
    compile(&ruleset).map_err(|why| why.to_string())
}

/// What the engine says of input files, in the order given where they have one delivery.
///
/// # Errors
///
/// When a file cannot be written, or the run fails.
pub fn engine_run(
    program: &Program,
    files: &[NamedFile],
    config: &Config,
    how: How,
) -> Result<Said, String> {
    let folder = folder().map_err(|why| why.to_string())?;
    let listing = store(folder.path(), files, how.shape).map_err(|why| why.to_string())?;
    replay(program, &listing, config, how)
}

/// What the engine says of the files of a listing.
///
/// # Errors
///
/// When the run fails.
pub fn replay(
    program: &Program,
    listing: &Listing,
    config: &Config,
    how: How,
) -> Result<Said, String> {
    let stop = AtomicBool::new(false);
    let settings = settings(program, config, how.threads, &stop);
    let config = runtime::Config { sorted: how.sorted, ..settings };
    let mut said = Said::default();
    let outcome = runtime::replay(program, &config, listing, &mut said, &())
        .map_err(|why| why.to_string())?;
    said.balanced = outcome.ledger.balances();
    said.records = outcome.ledger.records;
    Ok(said)
}

/// What the engine says of records that come one after another on a live stream.
///
/// # Errors
///
/// When the run fails.
pub fn stream(program: &Program, records: &[String], config: &Config) -> Result<Said, String> {
    let stop = AtomicBool::new(false);
    let config = settings(program, config, 1, &stop);
    let text = records.join("\n");
    let mut said = Said::default();
    let outcome = runtime::stream(program, &config, &mut text.as_bytes(), &mut said)
        .map_err(|why| why.to_string())?;
    said.balanced = outcome.ledger.balances();
    said.records = outcome.ledger.records;
    Ok(said)
}

/// How the engine is asked for what `config` says, all alerts told.
pub fn settings<'a>(
    program: &Program,
    config: &Config,
    threads: usize,
    stop: &'a AtomicBool,
) -> runtime::Config<'a> {
    runtime::Config {
        threads,
        now: EventTime(config.now),
        lateness: config.lateness,
        sorted: false,
        from: None,
        to: None,
        alerts_from: None,
        least: vec![Level::Info; program.rules.len()],
        include_record: false,
        stop,
        clock: None,
    }
}

/// A temporary folder, in memory where the system has such a place.
fn folder() -> io::Result<tempfile::TempDir> {
    let name = tempfile::Builder::new();
    name.tempdir_in("/dev/shm").or_else(|_| name.tempdir())
}

fn store(folder: &Path, files: &[NamedFile], shape: Shape) -> io::Result<Listing> {
    let mut paths = Vec::new();
    for (number, file) in files.iter().enumerate() {
        let path = folder.join(format!("{number}-{}", file.name));
        let body = match shape {
            Shape::Lines => file.records.join("\n").into_bytes(),
            Shape::Records => file.body().into_bytes(),
            Shape::Gzip => gzip(file.body().as_bytes())?,
        };
        std::fs::write(&path, body)?;
        paths.push(path);
    }
    Ok(discover(&paths, &Discover::default()))
}

fn gzip(body: &[u8]) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    for part in body.chunks(1_000) {
        let mut member = flate2::write::GzEncoder::new(&mut out, flate2::Compression::fast());
        io::Write::write_all(&mut member, part)?;
        member.finish()?;
    }
    Ok(out)
}
