//! The groups of a rule, with a cap.
//!
//! At the cap, groups seen in one second only go first, oldest first in event time,
//! then those idle for longest (I5). Every one that goes is counted.

use hashbrown::HashMap;
use std::hash::BuildHasher;

/// What the table must know of a group to choose which goes.
pub trait Idle {
    /// Whether all it saw was in one second, and the last second it saw.
    fn idle(&self) -> (bool, i64);
}

/// Groups by the hash of their key.
#[derive(Clone, Debug)]
pub struct Table<G, S> {
    groups: HashMap<u128, G, S>,
    most: usize,
    evicted: u64,
}

impl<G: Idle, S: BuildHasher + Default> Table<G, S> {
    /// An empty table for at most `most` groups.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { groups: HashMap::default(), most: most.max(1), evicted: 0 }
    }

    /// The group of a key, made if it is not there.
    pub fn entry(&mut self, key: u128, make: impl FnOnce() -> G) -> &mut G {
        if self.groups.len() >= self.most && !self.groups.contains_key(&key) {
            self.evict();
        }
        self.groups.entry(key).or_insert_with(make)
    }

    /// The group of a key.
    pub fn get_mut(&mut self, key: u128) -> Option<&mut G> {
        self.groups.get_mut(&key)
    }

    /// Forget a group that no longer tells anything.
    pub fn remove(&mut self, key: u128) {
        self.groups.remove(&key);
    }

    /// Keep only the groups that still tell something.
    pub fn retain(&mut self, mut keep: impl FnMut(&mut G) -> bool) {
        self.groups.retain(|_, group| keep(group));
    }

    /// How many groups there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// How many groups went because of the cap.
    #[must_use]
    pub fn evicted(&self) -> u64 {
        self.evicted
    }

    /// All groups.
    pub fn values(&self) -> impl Iterator<Item = &G> {
        self.groups.values()
    }

    /// Let a sixteenth of the groups go, so that the cost is spread.
    fn evict(&mut self) {
        let mut order: Vec<(bool, i64, u128)> = self
            .groups
            .iter()
            .map(|(key, group)| {
                let (once, last) = group.idle();
                (!once, last, *key)
            })
            .collect();
        let count = (self.most / 16).max(1);
        let count = count.min(order.len());
        order.select_nth_unstable(count - 1);
        for (_, _, key) in &order[..count] {
            self.groups.remove(key);
        }
        self.evicted += count as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hash::RandomState;

    impl Idle for (bool, i64) {
        fn idle(&self) -> (bool, i64) {
            *self
        }
    }

    #[test]
    fn groups_seen_once_go_first_then_the_longest_idle() {
        let mut table: Table<(bool, i64), RandomState> = Table::new(3);
        table.entry(1, || (false, 10));
        table.entry(2, || (true, 50));
        table.entry(3, || (false, 5));
        table.entry(4, || (false, 60));
        assert!(table.get_mut(2).is_none());
        table.entry(5, || (false, 70));
        assert!(table.get_mut(3).is_none());
        assert_eq!((table.len(), table.evicted()), (3, 2));
    }
}
