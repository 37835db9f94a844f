//! Sides that run in turn, and what their times come to.
//!
//! On a machine that others use, the time of one run says little. Two sides that run in
//! turn, round after round, meet the same bad moments, and the ratio of a round is worth
//! something; the middle of the ratios is told, with the least and the most. What runs on
//! one core is timed by the processor time of its thread, where the system tells it: that
//! leaves out the moments in which the thread had to wait for others, or for a disk.

#![expect(clippy::disallowed_methods, reason = "a benchmark asks the clock")]

use std::hint::black_box;
use std::time::Instant;

/// The seconds that `work` takes.
pub fn seconds<T>(work: impl FnOnce() -> T) -> f64 {
    let began = Instant::now();
    black_box(work());
    began.elapsed().as_secs_f64()
}

/// The seconds of processor time that `work` takes in this thread.
///
/// By the clock where there is no `/proc`.
///
/// # Cost
///
/// Linux keeps this time to within a few milliseconds: work should take a hundred.
pub fn own_seconds<T>(work: impl FnOnce() -> T) -> f64 {
    let before = on_processor();
    let by_clock = seconds(work);
    match (before, on_processor()) {
        (Some(before), Some(after)) if after > before => (after - before) as f64 / 1e9,
        _ => by_clock,
    }
}

/// Nanoseconds that this thread has been on a processor.
fn on_processor() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok()
}

/// The middle, the least and the most of some values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The middle.
    pub median: f64,
    /// The least.
    pub least: f64,
    /// The most.
    pub most: f64,
}

impl Spread {
    /// The spread of values; not a number where there are none.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let (Some(least), Some(most)) = (values.first(), values.last()) else {
            return Self { median: f64::NAN, least: f64::NAN, most: f64::NAN };
        };
        let upper = values[values.len() / 2];
        let lower = values[(values.len() - 1) / 2];
        Self { median: f64::midpoint(lower, upper), least: *least, most: *most }
    }

    /// The spread of a value that has none.
    #[must_use]
    pub fn exact(value: f64) -> Self {
        Self { median: value, least: value, most: value }
    }
}

/// A side of a comparison: runs once and says how many seconds it took.
pub type Side<'a> = &'a mut dyn FnMut() -> f64;

/// Runs all sides in turn, `rounds` times after one round that does not count.
///
/// The seconds by round, then by side.
pub fn in_turn(rounds: usize, sides: &mut [Side<'_>]) -> Vec<Vec<f64>> {
    let mut round = || sides.iter_mut().map(|side| side()).collect::<Vec<f64>>();
    round();
    (0..rounds).map(|_| round()).collect()
}

/// The ratios of the rounds of two sides.
pub fn ratio(rounds: usize, left: Side<'_>, right: Side<'_>) -> Spread {
    let times = in_turn(rounds, &mut [left, right]);
    Spread::of(times.iter().map(|round| round[0] / round[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_ratios_is_told() {
        let mut slow = [9.0, 2.0, 4.0, 6.0].into_iter();
        let mut left = || slow.next().unwrap();
        let spread = ratio(3, &mut left, &mut || 2.0);
        assert_eq!(spread, Spread { median: 2.0, least: 1.0, most: 3.0 });
    }

    #[test]
    fn waiting_is_no_processor_time() {
        let wait = || std::thread::sleep(std::time::Duration::from_millis(200));
        if on_processor().is_some() {
            let own = own_seconds(|| {
                wait();
                (0..20_000_000_u64).fold(0, |sum, next| black_box(sum ^ next))
            });
            assert!(own < 0.2 || seconds(wait) > 1.0, "{own}");
        }
    }

    #[test]
    fn an_even_number_has_a_middle_between_two() {
        assert_eq!(Spread::of([1.0, 4.0, 2.0, 3.0]).median, 2.5);
        assert!(Spread::of([]).median.is_nan());
    }
}
