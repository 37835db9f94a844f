//! How fast a replay is, as ratios measured in one run, beside what it cannot do without.
//!
//! Three tables: what is required of the engine, what each stage costs, other tools on
//! the same files. Without an archive it makes one. All work is in the library; this
//! turns what was typed into it, and lays out what came back.

#![expect(clippy::print_stdout, reason = "the tables are what it is for")]
#![expect(clippy::disallowed_methods, reason = "the page says when it was measured")]

use bench::clock::Moment;
use bench::measure::child::Failed;
use bench::measure::corpus::{Corpus, Source};
use bench::measure::rivals::{Asked, Places, Rival};
use bench::measure::rows::{Bench, Row, replay_command, verdict};
use bench::measure::stages::{Cost, costs};
use bench::measure::stopwatch::Spread;
use bench::measure::table::{Style, Table};
use bench::measure::{child, run};
use clap::{Parser, ValueEnum};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measure a replay with the built-in rules, as ratios.
///
/// The two sides of a ratio run in turn; the median of the rounds is told, with the least
/// and the most in brackets.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
struct Typed {
    /// Folder with `.json.gz` files of one gzip member each; made where it is not given.
    archive: Option<PathBuf>,
    /// Inflated megabytes of the archive that is made.
    #[arg(long, value_name = "MB", default_value_t = 500.0, conflicts_with = "archive")]
    megabytes: f64,
    /// How often each side of a row runs.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// The tables to measure; all where none is named.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Part>,
    /// The program; where it is not given, the one beside this, built anew under cargo.
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// Where a tool is that is known by name but not on PATH: jq, rg, duckdb, suzaku, rsigma.
    #[arg(long = "tool", value_name = "NAME=FILE", value_parser = pair)]
    tools: Vec<(String, String)>,
    /// Another tool, with its words; {plain}, {stored}, {lines}, {sigma} and {scratch} are
    /// filled in.
    #[arg(long = "command", value_name = "NAME=WORDS", value_parser = pair)]
    commands: Vec<(String, String)>,
    /// Folder with Sigma rules, for the tools that need them.
    #[arg(long, value_name = "DIR")]
    sigma: Option<PathBuf>,
    /// Write Markdown, with the machine and the date.
    #[arg(long)]
    markdown: bool,
    /// Write the Markdown into a page, between its marks `<!-- measured -->` and
    /// `<!-- /measured -->`.
    #[arg(long, value_name = "FILE")]
    page: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  cargo run -rp bench --bin throughput
  cargo run -rp bench --bin throughput -- /var/trail --only rows
  cargo run -rp bench --bin throughput -- --tool rg=/opt/rg --command 'zcat=zcat -r {stored}'
  cargo run -rp bench --bin throughput -- --page docs/benchmarks.md";

const MARKS: [&str; 2] = ["<!-- measured -->\n", "<!-- /measured -->"];

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// What is required.
    Rows,
    /// What each stage costs.
    Stages,
    /// Other tools.
    Tools,
}

fn pair(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn main() -> Result<(), Box<dyn Error>> {
    let typed = Typed::parse();
    if let Some(page) = &typed.page
        && marked(&fs::read_to_string(page)?).is_none()
    {
        return Err(format!("{} lacks the two marks", page.display()).into());
    }
    let markdown = typed.markdown || typed.page.is_some();
    let style = if markdown { Style::Markdown } else { Style::Plain };
    let text = measured(&typed, style)?;
    match &typed.page {
        None => print!("{text}"),
        Some(page) => {
            let old = fs::read_to_string(page)?;
            let (before, after) = marked(&old).ok_or("the page changed meanwhile")?;
            fs::write(page, format!("{before}\n{text}\n{after}"))?;
        }
    }
    Ok(())
}

/// What of a page stands before what is measured, and what after, with the marks.
fn marked(page: &str) -> Option<(&str, &str)> {
    let start = page.find(MARKS[0])? + MARKS[0].len();
    let end = start + page[start..].find(MARKS[1])?;
    Some((&page[..start], &page[end..]))
}

fn measured(typed: &Typed, style: Style) -> Result<String, Box<dyn Error>> {
    let wants = |part: Part| typed.only.is_empty() || typed.only.contains(&part);
    let source = typed.archive.clone().map_or(Source::Made(typed.megabytes), Source::Given);
    let corpus = Corpus::new(&source)?;
    let binary = binary(typed.binary.as_deref());
    let scratch = tempfile::tempdir()?;
    let pack = run::pack()?;
    let rounds = usize::from(typed.rounds);
    let records = run::replay_all(&pack, &corpus.plain, 1)?.records;
    let mut out = about(&corpus, records, rounds, style);
    if wants(Part::Rows) {
        let bench = Bench {
            corpus: &corpus,
            pack: &pack,
            binary: binary.as_deref(),
            rounds,
            scratch: scratch.path(),
        };
        titled(&mut out, "What is required", &rows_table(&bench.rows()?), style);
    }
    if wants(Part::Stages) {
        let table = costs_table(&costs(&corpus, &pack, rounds)?);
        titled(&mut out, "What each stage costs", &table, style);
    }
    if let (true, Some(binary)) = (wants(Part::Tools), &binary) {
        let places = Places {
            corpus: &corpus,
            lines: &scratch.path().join("lines.jsonl"),
            scratch: scratch.path(),
            sigma: typed.sigma.as_deref(),
        };
        let table = tools_table(typed, &places, binary, rounds)?;
        titled(&mut out, "Other tools", &table, style);
    }
    Ok(out)
}

fn titled(out: &mut String, title: &str, table: &Table, style: Style) {
    let mark = if style == Style::Markdown { "### " } else { "" };
    out.push_str(&format!("\n{mark}{title}\n\n{}", table.render(style)));
}

/// The program that children are: the one given, or the one beside this, built anew where
/// cargo runs this.
fn binary(given: Option<&Path>) -> Option<PathBuf> {
    if let Some(given) = given {
        return Some(given.to_owned());
    }
    if let Some(cargo) = std::env::var_os("CARGO") {
        let words = ["build", "--quiet", "--release", "--package", "trailhound"];
        let built = Command::new(cargo).args(words).status();
        // What is wrong with it cargo says; the rows then say that they lack it.
        built.ok().filter(std::process::ExitStatus::success)?;
    }
    let beside = std::env::current_exe().ok()?.with_file_name("trailhound");
    beside.is_file().then_some(beside)
}

/// The machine, the corpus, the date.
fn about(corpus: &Corpus, records: u64, rounds: usize, style: Style) -> String {
    let inflated = corpus.inflated() as f64 / 1e6;
    let stored: usize = corpus.compressed.iter().map(Vec::len).sum();
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_once(':').map_or("unknown".to_owned(), |(_, value)| value.trim().to_owned())
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let load = read("/proc/loadavg");
    let load = load.split(' ').next().unwrap_or("unknown");
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let date = Moment(i64::try_from(since).unwrap_or(0)).iso();
    let lines = [
        ("date", date.chars().take(10).collect()),
        (
            "machine",
            format!(
                "{}, {cores} cores, {}; load {load} before the run",
                field(&read("/proc/cpuinfo"), "model name"),
                field(&read("/proc/meminfo"), "MemTotal")
            ),
        ),
        (
            "archive",
            format!(
                "{}: {} files, {:.0} MB stored, {inflated:.0} MB inflated, {records} records, mean {:.0} B",
                corpus.about,
                corpus.texts.len(),
                stored as f64 / 1e6,
                inflated * 1e6 / records.max(1) as f64
            ),
        ),
        ("rounds", rounds.to_string()),
    ];
    let mark = if style == Style::Markdown { "- " } else { "" };
    lines.iter().map(|(name, text)| format!("{mark}{name}: {text}\n")).collect()
}

fn rows_table(rows: &[Row]) -> Table {
    let mut table = Table::new(&["what", "measured", "spread", "must", "aim", "verdict", "note"]);
    for row in rows {
        let number = |value: f64| match row.unit {
            "×" => format!("{value:.2} ×"),
            unit => format!("{value:.1} {unit}"),
        };
        let limit = |at: usize| row.limits.map_or(String::new(), |limits| number(limits[at]));
        table.push([
            row.name.clone(),
            row.measured.map_or(String::new(), |measured| number(measured.median)),
            row.measured.map_or(String::new(), spread),
            limit(0),
            limit(1),
            row.verdict().to_owned(),
            row.note.clone(),
        ]);
    }
    table
}

fn costs_table(costs: &[Cost]) -> Table {
    let mut table =
        Table::new(&["stage", "ns a record", "spread", "of inflate", "must", "aim", "verdict"]);
    for cost in costs {
        let limit =
            |at: usize| cost.budget.map_or(String::new(), |budget| format!("{:.2} ×", budget[at]));
        let word = cost.budget.map(|[must, aim]| verdict(cost.of_inflate.median, must, aim));
        table.push([
            cost.name.to_owned(),
            format!("{:.0}", cost.ns.median),
            format!("[{:.0}–{:.0}]", cost.ns.least, cost.ns.most),
            format!("{:.2} ×", cost.of_inflate.median),
            limit(0),
            limit(1),
            word.unwrap_or_default().to_owned(),
        ]);
    }
    table
}

fn tools_table(
    typed: &Typed,
    places: &Places<'_>,
    binary: &Path,
    rounds: usize,
) -> Result<Table, Box<dyn Error>> {
    let paths = typed.tools.iter().map(|(name, path)| (name.clone(), PathBuf::from(path)));
    let asked = Asked { tools: paths.collect(), commands: typed.commands.clone() };
    let mut table = Table::new(&[
        "tool",
        "seconds",
        "MB/s",
        "its time : trailhound's",
        "spread",
        "what it does",
    ]);
    let megabytes = places.corpus.inflated() as f64 / 1e6;
    let mut reference = || child::seconds(&mut replay_command(binary, &places.corpus.plain));
    let own = (0..rounds).map(|_| reference()).collect::<Result<Vec<f64>, Failed>>()?;
    let mut push = |name: &str, time: Spread, ratio: Spread, does: &str| {
        table.push([
            name.to_owned(),
            format!("{:.2}", time.median),
            format!("{:.0}", megabytes / time.median),
            format!("{:.2} ×", ratio.median),
            spread(ratio),
            does.to_owned(),
        ]);
    };
    let does = "all built-in rules, plain JSON, one core; alerts written";
    push("trailhound", Spread::of(own), Spread::exact(1.0), does);
    places.corpus.write_lines(places.lines)?;
    let mut failures = Vec::new();
    for rival in Rival::all(&asked, typed.sigma.is_some())? {
        match rival.race(places, rounds, &mut reference) {
            Ok((time, ratio)) => push(&rival.name, time, ratio, &rival.does),
            Err(failed) => failures.push((rival.name, failed)),
        }
    }
    for (name, failed) in failures {
        let none = String::new;
        table.push([name, none(), none(), none(), none(), failed.to_string()]);
    }
    Ok(table)
}

fn spread(of: Spread) -> String {
    format!("[{:.2}–{:.2}]", of.least, of.most)
}
