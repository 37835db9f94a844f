//! Tuples that a worker has met lately, so that what is surely known is told in few words.
//!
//! Where every event teaches (`poison=learn`), a tuple met at s is known at any t with
//! s < t ≤ s + memory, whatever else happens: no alert can come of it there, and its fact
//! needs no witness. What is not certain is told in full; nothing is decided here.

use hashbrown::HashMap;

/// The tuples one worker has met.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lately {
    met: HashMap<(u32, u128, u128), i64>,
}

/// A second of a group of a rule.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) rule: u32,
    pub(crate) group: u128,
    pub(crate) second: i64,
}

impl Lately {
    /// The most tuples that are remembered; then all are forgotten.
    const MOST: usize = 262_144;

    /// Meet a tuple; whether it is certainly known there.
    pub(crate) fn meet(&mut self, at: Place, tuple: u128, memory: i64) -> bool {
        if self.met.len() >= Self::MOST {
            self.met.clear();
        }
        let met = self.met.entry((at.rule, at.group, tuple)).or_insert(at.second);
        let since = at.second.saturating_sub(*met);
        let is_known = since > 0 && since <= memory;
        if !is_known || since > memory / 2 {
            *met = at.second;
        }
        is_known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tuple_is_known_after_it_was_met_and_within_memory() {
        let mut lately = Lately::default();
        let mut meet = |second, tuple| lately.meet(Place { rule: 1, group: 2, second }, tuple, 100);
        assert!(!meet(50, 7));
        assert!(!meet(50, 7), "the same second is judged together");
        assert!(meet(51, 7));
        assert!(meet(150, 7));
        assert!(meet(250, 7), "met at 150");
        assert!(!meet(351, 7));
        assert!(!meet(300, 7), "out of order");
        assert!(meet(301, 7));
        assert!(!meet(301, 8));
    }
}
