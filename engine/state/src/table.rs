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
    /// Each for itself, so that there is little to move when there are more of them.
    groups: HashMap<u128, Box<G>, S>,
    most: usize,
    evicted: u64,
}

impl<G: Idle, S: BuildHasher + Default> Table<G, S> {
    /// An empty table for at most `most` groups.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { groups: HashMap::default(), most: most.max(1), evicted: 0 }
    }

    /// Visit the group of a key, or the one that `make` makes where there is none; it is held as
    /// long as `visit` says so.
    pub fn visit(
        &mut self,
        key: u128,
        make: impl FnOnce() -> Option<G>,
        visit: impl FnOnce(&mut G) -> bool,
    ) {
        if let Some(group) = self.groups.get_mut(&key) {
            if !visit(group) {
                self.groups.remove(&key);
            }
            return;
        }
        if let Some(mut group) = make()
            && visit(&mut group)
        {
            if self.groups.len() >= self.most {
                self.evict();
            }
            self.groups.insert(key, Box::new(group));
        }
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
        self.groups.values().map(|group| &**group)
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
        for (key, group) in [(1, (false, 10)), (2, (true, 50)), (3, (false, 5)), (4, (false, 60))] {
            table.visit(key, || Some(group), |_| true);
        }
        table.visit(2, || None, |_| unreachable!("it went"));
        table.visit(5, || Some((false, 70)), |_| true);
        table.visit(3, || None, |_| unreachable!("it went"));
        assert_eq!((table.len(), table.evicted()), (3, 2));
    }

    #[test]
    fn a_group_is_held_while_it_tells_something() {
        let mut table: Table<(bool, i64), RandomState> = Table::new(3);
        table.visit(1, || Some((false, 0)), |_| false);
        assert!(table.is_empty());
        table.visit(1, || Some((false, 0)), |_| true);
        table.visit(1, || None, |group| std::mem::replace(group, (true, 7)).1 == 0);
        assert_eq!(table.values().collect::<Vec<_>>(), [&(true, 7)]);
        table.visit(1, || None, |_| false);
        assert!(table.is_empty());
    }
}
