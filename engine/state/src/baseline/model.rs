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
                let center = median(samples);
                samples.iter_mut().for_each(|sample| *sample = (*sample - center).abs());
                (center, NORMAL * median(samples))
            }
            Self::MeanSd => {
                let center = mean(samples.iter().copied());
                (center, mean(samples.iter().map(|sample| (sample - center).powi(2))).sqrt())
            }
            Self::Ewma => ewma(samples),
        };
        (center, scale.max(center.max(0.0).sqrt().max(1.0)))
    }
}

/// The middle of samples, of an even number the mean of the middle two; 0 of none.
fn median(samples: &mut [f64]) -> f64 {
    if samples.is_empty() {
        return 0.0;
    }
    let half = samples.len() / 2;
    let even = samples.len().is_multiple_of(2);
    let (below, middle, _) = samples.select_nth_unstable_by(half, f64::total_cmp);
    let middle = *middle;
    if !even {
        return middle;
    }
    let before = below.iter().copied().max_by(f64::total_cmp).unwrap_or(middle);
    f64::midpoint(before, middle)
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

    #[test]
    fn medians() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&mut [4.0, 1.0, 3.0, 2.0]), 2.5);
        assert_eq!(median(&mut [7.0]), 7.0);
        assert_eq!(median(&mut [-1.0, 5.0]), 2.0);
    }

    #[test]
    fn the_scale_has_a_floor() {
        assert_eq!(Model::MedianMad.center_and_scale(&mut [9.0; 5]), (9.0, 3.0));
        assert_eq!(Model::MeanSd.center_and_scale(&mut [0.0; 5]), (0.0, 1.0));
        assert_eq!(Model::Ewma.center_and_scale(&mut [-4.0; 5]), (-4.0, 1.0));
    }
}
