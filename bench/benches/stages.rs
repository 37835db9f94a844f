//! Micro benchmarks by stage: `cargo bench -p bench`, or `cargo bench -p bench -- scan match`.
//!
//! Every piece of work of [`bench::workload`] is done in turn with the others, round after
//! round; the median is told, with the least and the most.

#![expect(clippy::print_stdout, reason = "the table is what it is for")]

use bench::measure::stopwatch::{Side, Spread, in_turn, own_seconds, seconds};
use bench::measure::table::{Style, Table};
use bench::workload::{ALL, Material, Workload};
use std::error::Error;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 15;

/// How long a side takes at least.
const LEAST_SECONDS: f64 = 0.1;

fn main() -> Result<(), Box<dyn Error>> {
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let chosen: Vec<_> = ALL
        .iter()
        .filter(|workload| {
            wanted.is_empty() || wanted.iter().any(|name| workload.name.contains(name))
        })
        .collect();
    let material = Material::new()?;
    let side = |workload: Workload| {
        // Often enough for the clock of processor time, which ticks in milliseconds.
        let once = seconds(|| workload.run(&material)).max(1e-6);
        let times = (LEAST_SECONDS / once).ceil().max(1.0) as u32;
        let material = &material;
        move || own_seconds(|| (0..times).for_each(|_| workload.run(material))) / f64::from(times)
    };
    let mut sides: Vec<_> = chosen.iter().map(|workload| side(**workload)).collect();
    let mut sides: Vec<Side<'_>> = sides.iter_mut().map(|side| side as Side<'_>).collect();
    let rounds = in_turn(ROUNDS, &mut sides);
    let mut table = Table::new(&["work", "ms", "spread", "ns a record", "what"]);
    for (at, workload) in chosen.iter().enumerate() {
        let spread = Spread::of(rounds.iter().map(|round| round[at] * 1e3));
        let of_records = !workload.name.starts_with("rules");
        let each = spread.median * 1e6 / material.records() as f64;
        table.push([
            workload.name.to_owned(),
            format!("{:.3}", spread.median),
            format!("[{:.3}–{:.3}]", spread.least, spread.most),
            if of_records { format!("{each:.0}") } else { String::new() },
            workload.does.to_owned(),
        ]);
    }
    print!("{} records, {ROUNDS} rounds\n\n{}", material.records(), table.render(Style::Plain));
    Ok(())
}
