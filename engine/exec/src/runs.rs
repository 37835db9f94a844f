//! When a group's `when` was true, and which of these times have given their alert.
//!
//! Source: language reference, "Edge".
//!
//! # Invariants
//!
//! - Runs do not overlap and are in order of time; only the last may be open.
//! - A run gives at most one alert. A second that gave one gives it no more when it is
//!   walked again.

use std::collections::{BTreeSet, VecDeque};

/// The runs of seconds in which `when` stays true.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    all: VecDeque<Run>,
    /// Where alerts were given: the first seconds of runs.
    alerted: BTreeSet<i64>,
    /// The run at hand has given its alert.
    told: bool,
}

/// From the second in which `when` became true, to the one before which it was false.
#[derive(Clone, Copy, Debug)]
struct Run {
    opened: i64,
    closed: Option<i64>,
}

impl Runs {
    /// Whether `when` has been true; the rule fires no more until it was false.
    pub(crate) fn is_open(&self) -> bool {
        self.all.back().is_some_and(|run| run.closed.is_none())
    }

    pub(crate) fn open(&mut self, second: i64) {
        self.all.push_back(Run { opened: second, closed: None });
        self.told = false;
    }

    pub(crate) fn close(&mut self, second: i64) {
        if let Some(run) = self.all.back_mut() {
            run.closed = Some(second);
        }
        self.told = false;
    }

    /// Whether the run at hand owes the alert of a second, which it gives with this.
    pub(crate) fn owes(&mut self, second: i64) -> bool {
        let owes = !self.told;
        self.told = true;
        if owes {
            self.alerted.insert(second);
        }
        owes
    }

    /// Whether a second of the run at hand has given an alert; it is that of the run.
    pub(crate) fn recalls(&mut self, second: i64) -> bool {
        let recalls = self.alerted.contains(&second);
        self.told |= recalls;
        recalls
    }

    /// Take back that a run began in a second, if one did.
    pub(crate) fn take_back_opening(&mut self, second: i64) {
        if self.all.back().is_some_and(|run| run.opened == second) {
            self.all.pop_back();
        }
    }

    /// Take back what happened at or after a second, but for alerts.
    pub(crate) fn take_back(&mut self, second: i64) {
        while self.all.back().is_some_and(|run| run.opened >= second) {
            self.all.pop_back();
        }
        let Some(run) = self.all.back_mut() else { return };
        run.closed = run.closed.filter(|closed| *closed < second);
        self.told = self.alerted.range(run.opened..second).next().is_some();
    }

    /// Forget what no second after `second` asks for.
    pub(crate) fn forget(&mut self, second: i64) {
        while self.all.front().is_some_and(|run| run.closed.is_some_and(|closed| closed <= second))
        {
            self.all.pop_front();
        }
        if !self.alerted.is_empty() {
            let first = self.all.front().map_or(i64::MAX, |run| run.opened);
            self.alerted = self.alerted.split_off(&first.min(second));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_gives_one_alert_also_when_it_is_walked_again() {
        let mut runs = Runs::default();
        runs.open(5);
        assert!(runs.owes(5) && !runs.owes(5));
        runs.close(9);
        runs.open(20);
        runs.take_back(7);
        assert!(runs.is_open() && !runs.owes(5), "the first run again, which has given it");
        runs.close(8);
        runs.take_back(5);
        assert!(!runs.is_open());
        runs.open(5);
        assert!(runs.recalls(5) && !runs.owes(5), "that second has given one");
    }

    #[test]
    fn what_is_forgotten_leaves_how_it_stands() {
        let mut runs = Runs::default();
        for second in [1, 11, 21] {
            runs.open(second);
            assert!(runs.owes(second));
            runs.close(second + 5);
        }
        runs.open(31);
        assert!(runs.owes(31));
        runs.forget(40);
        assert_eq!((runs.all.len(), runs.alerted.len()), (1, 1));
        runs.take_back(41);
        assert!(runs.is_open() && !runs.owes(31));
    }
}
