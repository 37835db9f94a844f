//! What happened in a group, in order of time: as many things in a second as there were.
//!
//! Things are put down as they come, which is nearly in order, and sorted when somebody
//! wants to go through them. It knows no rule: what a thing means is its owner's business.
//!
//! # Invariants
//!
//! - The seconds of `items[gone..ordered]` ascend. Those before are forgotten, those from
//!   `sorted` on were put there since.
//!
//! # Cost
//!
//! To put a thing costs a move; to sort costs what overlaps with what came since, and nothing
//! where all came in order. What is forgotten goes when it is as much as the rest.

use std::ops::Range;

/// Things by second.
#[derive(Clone, Debug)]
pub struct Line<T> {
    items: Vec<(i64, T)>,
    gone: usize,
    sorted: usize,
    ordered: usize,
}

impl<T> Default for Line<T> {
    fn default() -> Self {
        Self { items: Vec::new(), gone: 0, sorted: 0, ordered: 0 }
    }
}

impl<T> Line<T> {
    /// Make room for so many more things.
    ///
    /// # Cost
    ///
    /// Room is of few sizes, so that what one line leaves serves the next.
    pub fn reserve(&mut self, more: usize) {
        let all = self.items.len().saturating_add(more);
        if all > self.items.capacity() {
            self.items.reserve_exact(all.next_power_of_two() - self.items.len());
        }
    }

    /// Put a thing at its second, to be found when the line is sorted.
    pub fn put(&mut self, second: i64, thing: T) {
        let before = self.items.last().map_or(i64::MIN, |(before, _)| *before);
        self.ordered += usize::from(self.ordered == self.items.len() && before <= second);
        self.items.push((second, thing));
    }

    /// How many things there are that were not sorted yet.
    #[must_use]
    pub fn unsorted(&self) -> usize {
        self.items.len() - self.sorted
    }

    /// Sort what was put; returns the index from which the line is another than before.
    pub fn sort(&mut self) -> usize {
        let fresh = &self.items[self.sorted..];
        let least = fresh.iter().map(|(second, _)| *second).min();
        let from = least.map_or(self.len(), |least| self.at_or_after(least));
        if self.ordered < self.items.len() {
            // What came at one time is in order mostly: a few runs.
            self.items[self.gone + from..].sort_by_key(|(second, _)| *second);
        }
        (self.sorted, self.ordered) = (self.items.len(), self.items.len());
        from
    }

    /// How many things are sorted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sorted - self.gone
    }

    /// Whether there is nothing, sorted or not.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.len() == self.gone
    }

    /// All things, sorted or not.
    pub fn iter(&self) -> impl Iterator<Item = &(i64, T)> {
        self.items[self.gone..].iter()
    }

    /// What is sorted.
    #[must_use]
    pub fn all(&self) -> &[(i64, T)] {
        &self.items[self.gone..self.sorted]
    }

    /// The things at some indices.
    #[must_use]
    pub fn range(&self, range: Range<usize>) -> &[(i64, T)] {
        self.all().get(range).unwrap_or_default()
    }

    /// The second of the thing at an index.
    #[must_use]
    pub fn second(&self, index: usize) -> Option<i64> {
        self.all().get(index).map(|(second, _)| *second)
    }

    /// The index of the first thing at or after a second.
    #[must_use]
    pub fn at_or_after(&self, second: i64) -> usize {
        match self.all().last() {
            Some((last, _)) if *last < second => self.len(),
            _ => self.all().partition_point(|(there, _)| *there < second),
        }
    }

    /// Let one thing stand for several of a second, from an index on, wherever `one_of` makes one
    /// of them; returns whether it did.
    pub fn combine(
        &mut self,
        index: usize,
        mut one_of: impl FnMut(&mut [(i64, T)]) -> Option<T>,
    ) -> bool {
        let end = self.sorted;
        let (mut from, mut to) = (self.gone + index, self.gone + index);
        while from < end {
            let second = self.items[from].0;
            let mut next = from + 1;
            while next < end && self.items[next].0 == second {
                next += 1;
            }
            let several = Some(&mut self.items[from..next]).filter(|all| all.len() > 1);
            let mut kept = next - from;
            if let Some(one) = several.and_then(&mut one_of) {
                (self.items[from].1, kept) = (one, 1);
            }
            if from > to {
                (0..kept).for_each(|at| self.items.swap(from + at, to + at));
            }
            (from, to) = (next, to + kept);
        }
        self.items.drain(to..end);
        self.sorted = to;
        self.ordered -= end - to;
        to < end
    }

    /// Forget the things below an index.
    pub fn drop_front(&mut self, count: usize) {
        self.gone += count.min(self.len());
        if self.gone * 2 > self.items.len() {
            self.items.drain(..self.gone);
            self.sorted -= self.gone;
            self.ordered -= self.gone;
            self.gone = 0;
            if self.items.capacity() > 64 && self.items.len() < self.items.capacity() / 8 {
                self.items.shrink_to(self.items.len() * 2);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_come_in_any_order() {
        let mut line = Line::default();
        for (second, thing) in [(5, 'a'), (3, 'b'), (9, 'c'), (3, 'd')] {
            line.put(second, thing);
        }
        assert_eq!((line.len(), line.unsorted(), line.is_empty()), (0, 4, false));
        assert_eq!(line.sort(), 0);
        assert_eq!(line.all().iter().map(|(second, _)| *second).collect::<Vec<_>>(), [3, 3, 5, 9]);
        assert_eq!([3, 4, 10].map(|second| line.at_or_after(second)), [0, 2, 4]);
        line.put(5, 'e');
        line.put(20, 'f');
        assert_eq!(line.sort(), 2);
        let mut five: Vec<_> = line.range(2..4).iter().map(|(_, thing)| *thing).collect();
        five.sort_unstable();
        assert_eq!(five, ['a', 'e']);
        assert_eq!(line.range(4..6), [(9, 'c'), (20, 'f')]);
        line.put(1, 'z');
        line.drop_front(3);
        assert_eq!((line.second(0), line.len(), line.unsorted()), (Some(5), 3, 1));
        line.drop_front(1);
        assert_eq!((line.second(0), line.len(), line.unsorted()), (Some(9), 2, 1));
    }

    #[test]
    fn one_thing_stands_for_all_of_a_second() {
        let mut line = Line::default();
        for second in [1, 2, 2, 3, 4, 4] {
            line.put(second, 1);
        }
        line.sort();
        line.put(0, 7);
        line.drop_front(1);
        let sum = |all: &mut [(i64, i32)]| all.iter().map(|(_, thing)| thing).sum();
        assert!(!line.combine(0, |_| None));
        assert!(line.combine(0, |all| (all[0].0 == 2).then(|| sum(all))));
        assert_eq!(line.all(), [(2, 2), (3, 1), (4, 1), (4, 1)]);
        assert!(line.combine(2, |all| Some(sum(all))));
        assert_eq!(line.all(), [(2, 2), (3, 1), (4, 2)]);
        assert_eq!(line.unsorted(), 1);
        line.sort();
        assert_eq!(line.all(), [(0, 7), (2, 2), (3, 1), (4, 2)]);
    }
}
