//! How many different values are in a window that moves.
//!
//! Exact up to [`Distinct::EXACT`]; past that the estimate of a HyperLogLog of the
//! same set. Values are 64-bit hashes that are the same in every run, since the
//! estimate is written into alerts.

use hashbrown::HashMap;

/// The values of a window, with how often each is in it.
#[derive(Clone, Debug, Default)]
pub struct Distinct {
    held: HashMap<u64, u32>,
    sketch: Option<Box<Sketch>>,
}

impl Distinct {
    /// The most values that are counted exactly: 65,536.
    pub const EXACT: usize = 65_536;

    /// A value enters the window so many times, at least once.
    pub fn enter(&mut self, hash: u64, times: u32) {
        let held = self.held.entry(hash).or_insert(0);
        *held += times;
        if *held == times
            && let Some(sketch) = &mut self.sketch
        {
            sketch.enter(hash);
        }
        if self.sketch.is_none() && self.held.len() > Self::EXACT {
            let mut sketch = Box::<Sketch>::default();
            self.held.keys().for_each(|hash| sketch.enter(*hash));
            self.sketch = Some(sketch);
        }
    }

    /// A value leaves as many times as it had entered, or fewer.
    pub fn leave(&mut self, hash: u64, times: u32) {
        let Some(held) = self.held.get_mut(&hash) else { return };
        *held = held.saturating_sub(times);
        if *held > 0 {
            return;
        }
        self.held.remove(&hash);
        if self.held.len() <= Self::EXACT {
            self.sketch = None;
        } else if let Some(sketch) = &mut self.sketch {
            sketch.leave(hash);
        }
    }

    /// How many different values there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        match &self.sketch {
            Some(sketch) => sketch.estimate(),
            None => self.held.len() as u64,
        }
    }

    /// Whether the count is an estimate.
    #[must_use]
    pub fn is_approximate(&self) -> bool {
        self.sketch.is_some()
    }
}

/// A HyperLogLog of 2¹² registers that can forget: each register counts its ranks.
///
/// Source: Flajolet, Fusy, Gandouet, Meunier 2007, figure 3; standard error 1.04/√4096 = 1.6 %.
#[derive(Clone, Debug)]
struct Sketch {
    ranks: Vec<[u32; Sketch::RANKS]>,
}

impl Default for Sketch {
    fn default() -> Self {
        Self { ranks: vec![[0; Self::RANKS]; 1 << Self::BITS] }
    }
}

impl Sketch {
    const BITS: u32 = 12;
    const RANKS: usize = 54;

    fn place(hash: u64) -> (usize, usize) {
        let register = hash >> (64 - Self::BITS);
        let rank = (hash << Self::BITS | 1 << (Self::BITS - 1)).leading_zeros() + 1;
        (usize::try_from(register).unwrap_or(0), rank as usize)
    }

    fn enter(&mut self, hash: u64) {
        let (register, rank) = Self::place(hash);
        self.ranks[register][rank] += 1;
    }

    fn leave(&mut self, hash: u64) {
        let (register, rank) = Self::place(hash);
        self.ranks[register][rank] = self.ranks[register][rank].saturating_sub(1);
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an estimate of a count is positive and far below 2⁵²"
    )]
    fn estimate(&self) -> u64 {
        let registers = self.ranks.len() as f64;
        let sum: f64 = self
            .ranks
            .iter()
            .map(|ranks| ranks.iter().rposition(|count| *count > 0).unwrap_or(0))
            .map(|rank| 2_f64.powi(-(rank as i32)))
            .sum();
        let alpha = 0.7213 / (1.0 + 1.079 / registers);
        (alpha * registers * registers / sum).round() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(value: u64) -> u64 {
        let mixed = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    #[test]
    fn counts_are_exact_then_near() {
        let mut distinct = Distinct::default();
        for value in 1..=65_536 {
            distinct.enter(hash(value), 2);
        }
        assert_eq!((distinct.count(), distinct.is_approximate()), (65_536, false));
        for value in 65_537..=300_000 {
            distinct.enter(hash(value), 1);
        }
        assert!(distinct.is_approximate());
        assert!((285_000..315_000).contains(&distinct.count()), "{}", distinct.count());
        for value in 65_537..=300_000 {
            distinct.leave(hash(value), 1);
        }
        assert_eq!((distinct.count(), distinct.is_approximate()), (65_536, false));
    }
}
