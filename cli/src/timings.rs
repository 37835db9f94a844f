//! `--timings`: the clock that a run is given, and what it tells, for people and as JSON.
//!
//! # Invariants
//!
//! - Shares are of the time at work; waiting has none. They tell nothing of a run that did
//!   nothing.

use crate::output::terminal::{Look, grouped};
use anstyle::Style;
use engine::runtime::{Stage, Timings};
use serde_json::{Value, json};
use std::sync::OnceLock;
use std::time::Instant;

/// The clock: nanoseconds since it was asked first.
pub(crate) fn clock() -> u64 {
    static BEGAN: OnceLock<Instant> = OnceLock::new();
    let since = BEGAN.get_or_init(Instant::now).elapsed();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

/// The processor time of this process so far, in nanoseconds, where the system tells it.
#[cfg(unix)]
fn processor() -> Option<u64> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let (seconds, rest) = (u64::try_from(time.tv_sec).ok()?, u64::try_from(time.tv_nsec).ok()?);
    seconds.checked_mul(1_000_000_000)?.checked_add(rest)
}

#[cfg(not(unix))]
fn processor() -> Option<u64> {
    None
}

/// Where time went in a run of so many records.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told<'a> {
    timings: &'a Timings,
    records: u64,
    processor_ns: Option<u64>,
}

impl<'a> Told<'a> {
    /// At the end of a run.
    pub(crate) fn new(timings: &'a Timings, records: u64) -> Self {
        Self { timings, records, processor_ns: processor() }
    }

    /// The stages that took time, with name and nanoseconds.
    fn stages(&self) -> impl Iterator<Item = (Stage, &'static str, u64)> {
        let all = Stage::ALL.into_iter().map(|(stage, name)| (stage, name, self.timings.of(stage)));
        all.filter(|(.., ns)| *ns > 0)
    }

    /// Nanoseconds a record.
    fn each(&self, ns: u64) -> u64 {
        ns / self.records.max(1)
    }

    /// The part of the time at work, in thousandths; nothing for waiting.
    fn share(&self, stage: Stage, ns: u64) -> Option<u64> {
        let busy = u128::from(self.timings.busy().max(1));
        let share = u64::try_from(u128::from(ns) * 1_000 / busy).ok();
        share.filter(|_| stage != Stage::Wait)
    }

    /// The lines for people.
    pub(crate) fn text(&self, look: Look) -> String {
        let threads = self.timings.threads;
        let mut head = format!("{} ms", milliseconds(self.timings.wall_ns));
        if let Some(ns) = self.processor_ns {
            head.push_str(&format!(", processors {} ms", milliseconds(ns)));
        }
        head.push_str(&format!(", {threads} {}", if threads == 1 { "thread" } else { "threads" }));
        let label = look.paint(Style::new().dimmed(), "timings   ");
        let mut lines = vec![format!("{label}{head}")];
        lines.push(format!("{:10}{:<20}{:>12}{:>12}{:>9}", "", "", "ms", "ns/record", "share"));
        for (stage, name, ns) in self.stages() {
            let share = self.share(stage, ns);
            let share = share.map_or(String::new(), |n| format!("{}.{} %", n / 10, n % 10));
            let (ms, each) = (milliseconds(ns), grouped(self.each(ns)));
            lines.push(
                format!("{:10}{name:<20}{ms:>12}{each:>12}{share:>9}", "").trim_end().to_owned(),
            );
        }
        lines.join("\n")
    }

    /// The same as JSON.
    pub(crate) fn json(&self) -> Value {
        let stages: Vec<_> = self
            .stages()
            .map(|(stage, name, ns)| {
                json!({
                    "stage": name,
                    "ns": ns,
                    "ns_per_record": self.each(ns),
                    "share": self.share(stage, ns).map(|share| share as f64 / 1_000.0),
                })
            })
            .collect();
        json!({
            "wall_ns": self.timings.wall_ns,
            "processor_ns": self.processor_ns,
            "threads": self.timings.threads,
            "records": self.records,
            "sampled": self.timings.sampled,
            "stages": stages,
        })
    }
}

/// Milliseconds with a decimal.
fn milliseconds(ns: u64) -> String {
    let tenths = ns / 100_000;
    format!("{}.{}", grouped(tenths / 10), tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_told_with_their_shares() {
        let mut timings = Timings::default();
        (timings.wall_ns, timings.threads) = (4_500_000, 3);
        timings.add(Stage::Read, 1_000_000);
        timings.add(Stage::Inflate, 3_000_000);
        timings.add(Stage::Wait, 1_234_567_890);
        let told = Told { timings: &timings, records: 1_000, processor_ns: Some(4_000_000) };
        let look = Look { terminal: false, color: false, width: 100 };
        assert_eq!(
            told.text(look),
            "\
timings   4.5 ms, processors 4.0 ms, 3 threads
                                        ms   ns/record    share
          read                         1.0       1,000   25.0 %
          inflate                      3.0       3,000   75.0 %
          waiting                  1,234.5   1,234,567"
        );
        let json = told.json();
        assert_eq!(json["stages"][1]["share"], 0.75);
        assert_eq!(json["stages"][2]["share"], Value::Null);
        assert_eq!(json["wall_ns"], 4_500_000);
    }

    #[test]
    fn a_run_of_nothing_divides_by_nothing() {
        let told = Told { timings: &Timings::default(), records: 0, processor_ns: None };
        assert_eq!(told.json()["stages"], json!([]));
    }
}
