//! Counts instructions by stage under valgrind, and compares them with a stored baseline.
//!
//! It runs itself under callgrind, once for each piece of work, and collects only while
//! [`counted`] is on the stack, so that what is made beforehand does not count.

#![expect(clippy::print_stdout, reason = "the table is what it is for")]

use bench::counts::{Baseline, Change, TOLERANCE, collected};
use bench::measure::table::{Style, Table};
use bench::workload::{ALL, Material, Workload};
use clap::Parser;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Count instructions by stage and compare them with bench/instructions.toml.
///
/// Needs valgrind. The status is 1 when a count has grown by more than 3 %.
#[derive(Debug, Parser)]
#[command(version)]
struct Typed {
    /// Store what was counted as the new baseline.
    #[arg(long)]
    accept: bool,
    /// Write the table as Markdown.
    #[arg(long)]
    markdown: bool,
    /// Pieces of work, all where none is named: inflate, scan, fields, match, match-1000,
    /// replay, rules, rules-1000, mistakes.
    #[arg(value_parser = work)]
    only: Vec<Workload>,
    /// The baseline.
    #[arg(long, value_name = "FILE", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.toml"))]
    baseline: PathBuf,
    /// Do one piece of work and end: how this runs itself under valgrind.
    #[arg(long, value_name = "NAME", hide = true, value_parser = work)]
    run: Option<Workload>,
}

fn work(name: &str) -> Result<Workload, &'static str> {
    Workload::named(name).ok_or("there is no such piece of work")
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let typed = Typed::parse();
    if let Some(workload) = typed.run {
        let material = Material::new()?;
        // What is set up at first use is no part of the work.
        workload.run(&material);
        counted(workload, &material);
        return Ok(ExitCode::SUCCESS);
    }
    let mut baseline = stored(&typed.baseline)?;
    let compiler = compiler();
    let all: Vec<Workload> = if typed.only.is_empty() { ALL.to_vec() } else { typed.only.clone() };
    let mut table = Table::new(&["work", "instructions", "baseline", "ratio", "", "what"]);
    let mut grown = Vec::new();
    for workload in all {
        let count = count(workload)?;
        let change = baseline.change(workload.name, count);
        if matches!(change, Change::More(_)) {
            grown.push(workload.name);
        }
        let known = baseline.instructions.get(workload.name);
        table.push([
            workload.name.to_owned(),
            count.to_string(),
            known.map_or(String::new(), u64::to_string),
            change.ratio().map_or(String::new(), |ratio| format!("{ratio:.4}")),
            change.word().to_owned(),
            workload.does.to_owned(),
        ]);
        if typed.accept {
            baseline.instructions.insert(workload.name.to_owned(), count);
        }
    }
    print!("{}", table.render(if typed.markdown { Style::Markdown } else { Style::Plain }));
    if typed.accept {
        baseline.compiler = compiler;
        let head = "# Instructions by piece of work, as callgrind counts them; stored by\n# `cargo run -rp bench --bin instructions -- --accept`.\n\n";
        fs::write(&typed.baseline, format!("{head}{}", toml::to_string(&baseline)?))?;
        println!("\nstored in {}", typed.baseline.display());
        return Ok(ExitCode::SUCCESS);
    }
    if baseline.compiler != compiler {
        println!("\nthe baseline is of {}, this is {compiler}", baseline.compiler);
    }
    if grown.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "\n{} grew by more than {TOLERANCE} %. If that is meant: cargo run -rp bench --bin instructions -- --accept",
        grown.join(", ")
    );
    Ok(ExitCode::FAILURE)
}

/// The baseline of a file; empty where there is none yet.
fn stored(path: &Path) -> Result<Baseline, Box<dyn Error>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(toml::from_str(&text)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Baseline::default()),
        Err(error) => Err(error.into()),
    }
}

fn compiler() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let told = Command::new(rustc).arg("--version").output();
    told.map_or("an unknown compiler".to_owned(), |told| {
        String::from_utf8_lossy(&told.stdout).trim().to_owned()
    })
}

/// Does the work: callgrind collects while this is on the stack.
#[inline(never)]
fn counted(workload: Workload, material: &Material) {
    workload.run(material);
    // Keeps the call above from being the last thing, which would be a jump.
    std::hint::black_box(material);
}

/// The instructions of a piece of work, counted by callgrind.
fn count(workload: Workload) -> Result<u64, Box<dyn Error>> {
    let told = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg("--toggle-collect=instructions::counted*")
        .arg(std::env::current_exe()?)
        .args(["--run", workload.name])
        .output()
        .map_err(|error| format!("valgrind could not be started: {error}"))?;
    let stderr = String::from_utf8_lossy(&told.stderr);
    match collected(&stderr) {
        Some(count) if told.status.success() && count > 0 => Ok(count),
        _ => Err(format!("{} under valgrind: {}\n{stderr}", workload.name, told.status).into()),
    }
}
