//! The accumulators of the language's aggregates.

use super::Sample;
use crate::Distinct;

/// What a bucket adds up for one aggregate.
#[derive(Clone, Debug)]
pub enum Tally {
    /// A number of events.
    Count(u64),
    /// How many of how many.
    Ratio {
        /// Those that count.
        part: u64,
        /// All of them.
        whole: u64,
    },
    /// A sum in millionths.
    Sum(i128),
    /// How many different values.
    Distinct(Box<Distinct>),
}

const MILLION: i128 = 1_000_000;

impl Sample for Tally {
    /// The value as the aggregate gives it over a window of these events.
    #[expect(clippy::cast_precision_loss, reason = "the nearest float is what is asked for")]
    fn sample(&self) -> Option<f64> {
        Some(match self {
            Self::Count(count) => *count as f64,
            Self::Ratio { whole: 0, .. } => return None,
            Self::Ratio { part, whole } => *part as f64 / *whole as f64,
            Self::Sum(millionths) => {
                let whole = (millionths % MILLION == 0).then_some(millionths / MILLION);
                match whole.and_then(|whole| i64::try_from(whole).ok()) {
                    Some(whole) => whole as f64,
                    None => *millionths as f64 / MILLION as f64,
                }
            }
            Self::Distinct(values) => values.count() as f64,
        })
    }

    fn is_estimate(&self) -> bool {
        matches!(self, Self::Distinct(values) if values.is_approximate())
    }
}
