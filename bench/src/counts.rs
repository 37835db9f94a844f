//! Instruction counts: what was stored, what was counted, and whether it grew.
//!
//! Instructions do not depend on who else uses the machine, so small changes show that
//! no stopwatch would. They do depend on the compiler and on what the processor offers
//! (AVX2 or not), so the baseline says which compiler it is of.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How much a count may grow before it is a regression, in percent.
pub const TOLERANCE: u64 = 3;

/// A stored baseline: `bench/instructions.toml`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// The compiler that it is of, as `rustc --version` says.
    pub compiler: String,
    /// Instructions by piece of work.
    pub instructions: BTreeMap<String, u64>,
}

/// How a count stands to the baseline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Change {
    /// The baseline does not have it.
    New,
    /// Within the tolerance; the ratio.
    Same(f64),
    /// Less by more than the tolerance.
    Less(f64),
    /// More by more than the tolerance: a regression.
    More(f64),
}

impl Baseline {
    /// How `count` of a piece of work stands to what is stored.
    #[must_use]
    pub fn change(&self, name: &str, count: u64) -> Change {
        let Some(stored) = self.instructions.get(name) else { return Change::New };
        let ratio = count as f64 / (*stored).max(1) as f64;
        // In whole numbers, so that the limit itself is within.
        match count.saturating_mul(100) {
            more if more > stored.saturating_mul(100 + TOLERANCE) => Change::More(ratio),
            less if less < stored.saturating_mul(100 - TOLERANCE) => Change::Less(ratio),
            _ => Change::Same(ratio),
        }
    }
}

impl Change {
    /// In words.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Same(_) => "",
            Self::Less(_) => "less: accept it, so that it stays",
            Self::More(_) => "MORE",
        }
    }

    /// The ratio to the baseline.
    #[must_use]
    pub fn ratio(self) -> Option<f64> {
        match self {
            Self::New => None,
            Self::Same(ratio) | Self::Less(ratio) | Self::More(ratio) => Some(ratio),
        }
    }
}

/// The instructions that callgrind says it collected.
#[must_use]
pub fn collected(stderr: &str) -> Option<u64> {
    let (_, count) = stderr.lines().find_map(|line| line.split_once("Collected :"))?;
    count.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_growth_beyond_the_tolerance_is_told() {
        let baseline = Baseline {
            compiler: String::new(),
            instructions: [("scan".to_owned(), 1_000)].into_iter().collect(),
        };
        let check = |count, word: &str| {
            let change = baseline.change("scan", count);
            assert!(format!("{change:?}").starts_with(word), "{count}: {change:?}");
        };
        check(1_000, "Same");
        check(1_030, "Same");
        check(1_031, "More");
        check(970, "Same");
        check(969, "Less");
        assert_eq!(baseline.change("fields", 1), Change::New);
    }

    #[test]
    fn callgrind_is_understood() {
        let stderr = "==1== Events    : Ir\n==1== Collected : 123456\n==1==\n";
        assert_eq!(collected(stderr), Some(123_456));
        assert_eq!(collected("==1== command not found"), None);
    }

    #[test]
    fn the_stored_baseline_has_every_piece_of_work() {
        let baseline: Baseline = toml::from_str(include_str!("../instructions.toml")).unwrap();
        let stored: Vec<&str> = baseline.instructions.keys().map(String::as_str).collect();
        let mut names: Vec<&str> = crate::workload::ALL.iter().map(|work| work.name).collect();
        names.sort_unstable();
        assert_eq!(stored, names);
    }
}
