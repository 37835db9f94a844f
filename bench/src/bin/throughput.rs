//! How fast a replay is, as ratios measured in one run, beside what it cannot do without.
//!
//! It reads an archive of `.json.gz` files, as `generate` makes them or as they come from
//! S3, and prints a table: each row is the median of several rounds, in which the two
//! sides run in turn, so that a machine that is slow for a while is slow for both.

#![expect(clippy::print_stdout, reason = "the table is what it is for")]
#![expect(clippy::disallowed_methods, reason = "a benchmark asks the clock")]

use clap::Parser;
use engine::event::EventTime;
use engine::exec::Alert;
use engine::input::{Discover, discover};
use engine::lang::check::{Options, load};
use engine::lang::diag::Sources;
use engine::plan::{Level, Program, compile};
use engine::runtime::{Config, REPLAY_LATENESS, Sink, replay};
use libdeflater::Decompressor;
use serde::Deserialize;
use std::borrow::Cow;
use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measure a replay with the built-in rules, as ratios.
#[derive(Debug, Parser)]
struct Args {
    /// Folder with `.json.gz` files of one gzip member each.
    archive: PathBuf,
    /// How often each side of a row runs.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Records in each of the small files.
    #[arg(long, default_value_t = 8)]
    small: usize,
}

/// A row of the table: what is measured against what, and what it must reach.
struct Row {
    name: &'static str,
    must: f64,
    aim: f64,
    /// Whether more is better.
    up: bool,
}

const GZ: Row =
    Row { name: "replay of .json.gz, one core : libdeflate alone", must: 1.6, aim: 1.3, up: false };
const PLAIN: Row =
    Row { name: "serde_json, twelve fields : replay of plain JSON", must: 2.5, aim: 5.0, up: true };
const CORES: Row = Row { name: "one core : two cores", must: 1.85, aim: 1.95, up: true };
const SMALL: Row =
    Row { name: "small files : the same records in large ones", must: 2.0, aim: 1.3, up: false };

/// The fields that are read for comparison.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "what is read is the measure")]
struct Record<'a> {
    #[serde(borrow)]
    event_version: Option<Cow<'a, str>>,
    #[serde(borrow)]
    event_time: Option<Cow<'a, str>>,
    #[serde(borrow)]
    event_source: Option<Cow<'a, str>>,
    #[serde(borrow)]
    event_name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    aws_region: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "sourceIPAddress")]
    source_ip_address: Option<Cow<'a, str>>,
    #[serde(borrow)]
    user_agent: Option<Cow<'a, str>>,
    #[serde(borrow)]
    error_code: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "eventID")]
    event_id: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "requestID")]
    request_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    recipient_account_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    user_identity: Option<Identity<'a>>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "what is read is the measure")]
struct Identity<'a> {
    #[serde(borrow)]
    arn: Option<Cow<'a, str>>,
}

#[derive(Debug, Deserialize)]
struct Body<'a> {
    #[serde(borrow, rename = "Records")]
    records: Vec<Record<'a>>,
}

/// A sink that counts.
struct Count(u64);

impl Sink for Count {
    fn alert(&mut self, _: &Alert) -> io::Result<()> {
        self.0 += 1;
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let program = pack()?;
    let folder = tempfile::tempdir()?;
    let stored = stored(&args.archive)?;
    let (plain, small) = (folder.path().join("plain"), folder.path().join("small"));
    let sizes = unpack(&stored, &plain, &small, args.small)?;
    let now = now()?;
    let run = |path: &Path, threads| seconds(|| black_box(run(&program, path, threads, now)));
    println!(
        "{} files, {:.0} MB stored, {:.0} MB inflated, {} records, {} small files\n",
        stored.len(),
        mega(stored.iter().map(|(_, bytes)| bytes.len()).sum()),
        mega(sizes.bytes),
        sizes.records,
        sizes.small
    );
    println!("{:<50} {:>8} {:>6} {:>6}", "", "measured", "must", "aim");
    let texts = fs::read_dir(&plain)?
        .map(|entry| fs::read(entry?.path()))
        .collect::<io::Result<Vec<_>>>()?;
    let all_plain = || run(&plain, 1);
    row(&GZ, args.rounds, || run(&args.archive, 1), || seconds(|| inflate(&stored)));
    row(&PLAIN, args.rounds, || seconds(|| typed(&texts)), all_plain);
    row(&CORES, args.rounds, all_plain, || run(&plain, 2));
    row(&SMALL, args.rounds, || run(&small, 1), all_plain);
    let alone = median((0..args.rounds).map(|_| all_plain()).collect());
    println!(
        "\nplain JSON on one core: {:.0} MB/s, {:.0} records/s",
        mega(sizes.bytes) / alone,
        sizes.records as f64 / alone
    );
    Ok(())
}

/// The built-in rules.
fn pack() -> Result<Program, Box<dyn Error>> {
    let mut sources = Sources::default();
    for (name, text) in rules::FILES {
        sources.add(*name, *text, true);
    }
    let (ruleset, diags) = load(&sources, &Options { lints: false });
    if let Some(diag) = diags.first() {
        return Err(diag.title.clone().into());
    }
    Ok(compile(&ruleset)?)
}

/// All compressed files below a folder, in memory.
fn stored(folder: &Path) -> io::Result<Vec<(PathBuf, Vec<u8>)>> {
    let listing = discover(&[folder.to_owned()], &Discover::default());
    let gz = listing.files.into_iter().filter(|file| file.name.ends_with(".gz"));
    gz.map(|file| Ok((file.path.clone(), fs::read(&file.path)?))).collect()
}

/// What was unpacked.
#[derive(Default)]
struct Sizes {
    bytes: usize,
    records: usize,
    small: usize,
}

/// Write the files as plain JSON, and once more in files of a few records.
fn unpack(
    stored: &[(PathBuf, Vec<u8>)],
    plain: &Path,
    small: &Path,
    few: usize,
) -> Result<Sizes, Box<dyn Error>> {
    fs::create_dir(plain)?;
    fs::create_dir(small)?;
    let mut sizes = Sizes::default();
    for (path, bytes) in stored {
        let mut text = String::new();
        io::Read::read_to_string(&mut flate2::read::MultiGzDecoder::new(&bytes[..]), &mut text)?;
        let name = path.file_stem().unwrap_or_default();
        fs::write(plain.join(name), &text)?;
        sizes.bytes += text.len();
        let body: serde_json::Value = serde_json::from_str(&text)?;
        let records = body["Records"].as_array().map(Vec::as_slice).unwrap_or_default();
        sizes.records += records.len();
        for chunk in records.chunks(few) {
            sizes.small += 1;
            let name = format!("{}-{}", sizes.small, name.to_string_lossy());
            fs::write(small.join(name), serde_json::json!({ "Records": chunk }).to_string())?;
        }
    }
    Ok(sizes)
}

fn now() -> Result<EventTime, Box<dyn Error>> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH)?;
    Ok(EventTime(i64::try_from(since.as_secs())?))
}

/// Replay a folder; the number of alerts.
fn run(program: &Program, path: &Path, threads: usize, now: EventTime) -> u64 {
    let stop = AtomicBool::new(false);
    let config = Config {
        threads,
        now,
        lateness: REPLAY_LATENESS,
        sorted: false,
        from: None,
        to: None,
        alerts_from: None,
        least: vec![Level::Info; program.rules.len()],
        include_record: false,
        stop: &stop,
    };
    let mut count = Count(0);
    let listing = discover(&[path.to_owned()], &Discover::default());
    match replay(program, &config, &listing, &mut count, &()) {
        Ok(_) => count.0,
        Err(_) => 0,
    }
}

/// Inflate all files, and do nothing else.
fn inflate(stored: &[(PathBuf, Vec<u8>)]) -> usize {
    let mut inflater = Decompressor::new();
    let mut text = vec![0; 256 << 20];
    let lengths = stored.iter().map(|(_, bytes)| inflater.gzip_decompress(bytes, &mut text));
    lengths.map(|length| length.unwrap_or(0)).sum()
}

/// Read twelve fields of all records with `serde_json`, borrowed.
fn typed(texts: &[Vec<u8>]) -> usize {
    let bodies = texts.iter().filter_map(|text| serde_json::from_slice::<Body<'_>>(text).ok());
    bodies.map(|body| black_box(body).records.len()).sum()
}

/// Print a row: the median of the ratios of two sides that run in turn.
fn row(row: &Row, rounds: usize, left: impl Fn() -> f64, right: impl Fn() -> f64) {
    let (_, _) = (left(), right());
    let ratio = median((0..rounds).map(|_| left() / right()).collect());
    let reached = |limit: f64| if row.up { ratio >= limit } else { ratio <= limit };
    let word = match (reached(row.aim), reached(row.must)) {
        (true, _) => "reaches the aim",
        (false, true) => "reaches the must",
        (false, false) => "falls short",
    };
    println!("{:<50} {ratio:>8.2} {:>6} {:>6}  {word}", row.name, row.must, row.aim);
}

fn seconds<T>(work: impl FnOnce() -> T) -> f64 {
    let began = Instant::now();
    black_box(work());
    began.elapsed().as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn mega(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}
