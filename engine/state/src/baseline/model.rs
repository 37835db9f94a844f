//! Center and scale of samples.
//!
//! All in f64 and, where the order of additions shows, in order of time, so that the
//! same samples give the same bits on every machine.

/// How the middle of samples and their spread are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// The median, and 1.4826 times the median distance from it.
    MedianMad,
    /// The mean, and the root of the mean squared distance from it.
    MeanSd,
    /// A mean in which older samples weigh less, and the root of such a variance.
    Ewma,
}

/// What makes the median distance of normal samples their standard deviation.
const NORMAL: f64 = 1.4826;

/// The weight of the newest sample in [`Model::Ewma`].
const ALPHA: f64 = 0.1;

impl Model {
    /// The center and the scale of samples in order of time; there is at least one.
    ///
    /// The scale is at least `max(sqrt(max(center, 0)), 1)`. The samples are left in
    /// another order.
    ///
    /// Source of `ewma`: language reference, "Learning".
    pub fn center_and_scale(self, samples: &mut [f64]) -> (f64, f64) {
        let (center, scale) = match self {
            Self::MedianMad => {
                samples.sort_unstable_by(f64::total_cmp);
                return median_mad(samples.len(), |place| samples[place]);
            }
            Self::MeanSd => {
                let center = mean(samples.iter().copied());
                (center, mean(samples.iter().map(|sample| (sample - center).powi(2))).sqrt())
            }
            Self::Ewma => ewma(samples),
        };
        (center, at_least(center, scale))
    }
}

/// The center and the scale by [`Model::MedianMad`] of samples that `at` gives ascending, by
/// place.
///
/// # Cost
///
/// Logarithmic in the samples.
pub(super) fn median_mad(count: usize, at: impl Fn(usize) -> f64) -> (f64, f64) {
    let center = middle(count, &at);
    let spread = middle(count, |place| distance(place, (count, center), &at));
    (center, at_least(center, NORMAL * spread))
}

/// The scale, or its floor.
fn at_least(center: f64, scale: f64) -> f64 {
    scale.max(center.max(0.0).sqrt().max(1.0))
}

/// The middle of what `at` gives ascending, of an even number the mean of the middle two; 0 of
/// none.
fn middle(count: usize, at: impl Fn(usize) -> f64) -> f64 {
    let half = count / 2;
    if !count.is_multiple_of(2) {
        return at(half);
    }
    half.checked_sub(1).map_or(0.0, |before| f64::midpoint(at(before), at(half)))
}

/// The distance from the center at a place in the order of distances.
///
/// The nearest so many samples stand side by side: looked for is where they begin.
fn distance(place: usize, (count, center): (usize, f64), at: impl Fn(usize) -> f64) -> f64 {
    let (mut low, mut high) = (0, count - place - 1);
    while low < high {
        let first = low.midpoint(high);
        if center - at(first) > at(first + place + 1) - center {
            low = first + 1;
        } else {
            high = first;
        }
    }
    (center - at(low)).max(at(low + place) - center)
}

#[expect(clippy::cast_precision_loss, reason = "there are far fewer than 2⁵² samples")]
fn mean(samples: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = samples.len() as f64;
    samples.sum::<f64>() / count
}

fn ewma(samples: &[f64]) -> (f64, f64) {
    let Some((oldest, later)) = samples.split_first() else { return (0.0, 0.0) };
    let (mut center, mut var) = (*oldest, 0.0);
    for sample in later {
        let distance = sample - center;
        center += ALPHA * distance;
        var = (1.0 - ALPHA) * (var + ALPHA * distance * distance);
    }
    (center, var.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, SeedableRng};

    #[test]
    fn medians() {
        let median = |sorted: &[f64]| middle(sorted.len(), |place| sorted[place]);
        assert_eq!(median(&[]), 0.0);
        assert_eq!(median(&[1.0, 2.0, 3.0]), 2.0);
        assert_eq!(median(&[1.0, 2.0, 3.0, 4.0]), 2.5);
        assert_eq!(median(&[7.0]), 7.0);
        assert_eq!(median(&[-1.0, 5.0]), 2.0);
    }

    #[test]
    fn distances_are_those_of_all_samples_sorted() {
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(1);
        for _ in 0..2_000 {
            let count = random.random_range(1..40);
            let least = random.random_range(-30..1);
            let pick = |_| f64::from(random.random_range(least..9)) / 7.0;
            let mut samples: Vec<f64> = (0..count).map(pick).collect();
            samples.sort_by(f64::total_cmp);
            let at = |place: usize| samples[place];
            let center = middle(count, at);
            let mut all: Vec<f64> = samples.iter().map(|sample| (sample - center).abs()).collect();
            all.sort_by(f64::total_cmp);
            let found: Vec<f64> =
                (0..count).map(|place| distance(place, (count, center), at)).collect();
            assert_eq!(found, all, "{samples:?}");
        }
    }

    #[test]
    fn the_scale_has_a_floor() {
        assert_eq!(Model::MedianMad.center_and_scale(&mut [9.0; 5]), (9.0, 3.0));
        assert_eq!(Model::MeanSd.center_and_scale(&mut [0.0; 5]), (0.0, 1.0));
        assert_eq!(Model::Ewma.center_and_scale(&mut [-4.0; 5]), (-4.0, 1.0));
    }
}
