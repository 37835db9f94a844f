//! Figures: how many tests passed, and how many changes were noticed, by part of a rule.

use super::counted;
use engine::lang::mutate::Part;

/// How all tests went.
#[derive(Debug, Default)]
pub(super) struct Tally {
    tests: usize,
    pub(super) failed: usize,
    rules: usize,
    /// Rules without a test.
    bare: usize,
}

impl Tally {
    /// Counts a rule.
    pub(super) fn add(&mut self, tests: usize, failed: usize) {
        self.tests += tests;
        self.failed += failed;
        self.rules += 1;
        self.bare += usize::from(tests == 0);
    }

    /// The last line.
    pub(super) fn line(&self) -> String {
        let mut text = format!(
            "{} of {}: {} passed, {} failed",
            counted(self.tests, "test"),
            counted(self.rules, "rule"),
            self.tests - self.failed,
            self.failed
        );
        if self.bare > 0 {
            text.push_str(&format!(", {} without a test", counted(self.bare, "rule")));
        }
        text.push('\n');
        text
    }
}

/// How many changes of each part of rules were noticed.
#[derive(Debug, Default)]
pub(super) struct Noticed {
    /// Noticed, and all, in the order of the parts.
    counts: [(usize, usize); Part::ALL.len()],
    /// Those that the checker refuses.
    pub(super) refused: usize,
}

impl Noticed {
    /// Counts a change.
    pub(super) fn add(&mut self, part: Part, noticed: bool) {
        if let Some((killed, all)) = self.counts.get_mut(part as usize) {
            *killed += usize::from(noticed);
            *all += 1;
        }
    }

    /// Counts what another has counted.
    pub(super) fn join(&mut self, other: &Self) {
        for ((killed, all), (more, total)) in self.counts.iter_mut().zip(other.counts) {
            *killed += more;
            *all += total;
        }
        self.refused += other.refused;
    }

    /// Noticed, and all.
    pub(super) fn sum(&self) -> (usize, usize) {
        self.counts.iter().fold((0, 0), |(killed, all), (more, total)| (killed + more, all + total))
    }

    /// A line for each part that was changed, and one for all.
    pub(super) fn lines(&self, rules: usize) -> String {
        let mut text = String::new();
        let width = |pick: fn(&(usize, usize)) -> usize| {
            self.counts.iter().map(pick).max().unwrap_or(0).to_string().len()
        };
        let (left, right) = (width(|own| own.0), width(|own| own.1));
        for ((_, word), (killed, all)) in Part::ALL.iter().zip(self.counts) {
            if all > 0 {
                let share = share(killed, all);
                text.push_str(&format!(
                    "{word:<10}{killed:>left$} of {all:>right$} noticed: {share:>5} %\n"
                ));
            }
        }
        let (killed, all) = self.sum();
        text.push_str(&format!(
            "{killed} of {} of {} noticed: {} %; {} refused by the checker\n",
            counted(all, "change"),
            counted(rules, "rule"),
            share(killed, all),
            self.refused
        ));
        text
    }
}

/// A share in percent, rounded down to a tenth, so that only all of them are 100 %.
fn share(part: usize, all: usize) -> String {
    match (part, all) {
        (part, all) if part == all => "100".to_owned(),
        (part, all) => format!("{}.{}", 100 * part / all, 1000 * part / all % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_all_of_them_are_a_hundred_percent() {
        assert_eq!(share(0, 0), "100");
        assert_eq!(share(0, 3), "0.0");
        assert_eq!(share(2, 3), "66.6");
        assert_eq!(share(9_999, 10_000), "99.9");
        assert_eq!(share(7, 7), "100");
    }

    #[test]
    fn figures_stand_below_each_other() {
        let mut noticed = Noticed { refused: 2, ..Noticed::default() };
        for at in 0..12 {
            noticed.add(Part::Condition, at < 9);
        }
        noticed.add(Part::Learn, true);
        let mut both = Noticed::default();
        both.join(&noticed);
        assert_eq!(
            both.lines(1),
            "condition 9 of 12 noticed:  75.0 %\n\
             learn     1 of  1 noticed:   100 %\n\
             10 of 13 changes of 1 rule noticed: 76.9 %; 2 refused by the checker\n"
        );
    }
}
