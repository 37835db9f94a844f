//! Where the entries of a step, or those with a join key, are in time.

use std::collections::VecDeque;

/// An entry by its place, and what came before it in the list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    pub(super) second: i64,
    /// The entry, by number in its second.
    pub(super) entry: usize,
    /// Events up to and including this entry.
    total: u64,
    /// The latest first event of a match up to here, over this entry and those before.
    pub(super) best: i64,
}

/// Entries in order of time.
#[derive(Clone, Debug, Default)]
pub(super) struct List {
    items: VecDeque<Item>,
    /// Events of entries that were forgotten.
    base: u64,
}

/// No second at all: before every other.
pub(super) const NEVER: i64 = i64::MIN;

impl List {
    pub(super) fn push(&mut self, second: i64, entry: usize, events: u64, best: i64) {
        let last = self.items.back();
        let total = last.map_or(self.base, |item| item.total) + events;
        let best = last.map_or(NEVER, |item| item.best).max(best);
        self.items.push_back(Item { second, entry, total, best });
    }

    /// Take back the entries at or after a second.
    pub(super) fn take_back(&mut self, second: i64) {
        while self.items.back().is_some_and(|item| item.second >= second) {
            self.items.pop_back();
        }
    }

    /// Forget the entries at or before a second.
    pub(super) fn forget(&mut self, second: i64) {
        while let Some(item) = self.items.front()
            && item.second <= second
        {
            self.base = item.total;
            self.items.pop_front();
        }
        if self.items.capacity() > 64 && self.items.len() < self.items.capacity() / 8 {
            self.items.shrink_to(self.items.len() * 2);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// The latest first event of a match up to any entry held.
    pub(super) fn best(&self) -> i64 {
        self.items.back().map_or(NEVER, |item| item.best)
    }

    /// How many entries lie at or before a second.
    fn upto(&self, second: i64) -> usize {
        match self.items.back() {
            Some(last) if last.second <= second => self.items.len(),
            _ => self.items.partition_point(|item| item.second <= second),
        }
    }

    /// The latest second with an entry, at or before one.
    pub(super) fn latest(&self, second: i64) -> Option<i64> {
        let at = self.upto(second).checked_sub(1)?;
        self.items.get(at).map(|item| item.second)
    }

    /// How many events there were up to the end of a second.
    pub(super) fn total(&self, second: i64) -> u64 {
        let at = self.upto(second).checked_sub(1).and_then(|at| self.items.get(at));
        at.map_or(self.base, |item| item.total)
    }

    /// The entry of the `nth` event counted back from the end of a second.
    pub(super) fn nth_latest(&self, second: i64, nth: u64) -> Option<Item> {
        let target = self.total(second).checked_sub(nth).filter(|target| *target >= self.base)?;
        self.items.get(self.items.partition_point(|item| item.total <= target)).copied()
    }

    /// The entries of `[from, to]`, in order of time.
    pub(super) fn range(
        &self,
        from: i64,
        to: i64,
    ) -> impl DoubleEndedIterator<Item = Item> + use<'_> {
        let low = self.items.partition_point(|item| item.second < from);
        self.items.range(low..self.upto(to).max(low)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_counted_from_the_end() {
        let mut list = List::default();
        for (second, events) in [(1, 2), (3, 1), (3, 1), (7, 5)] {
            list.push(second, 0, events, second);
        }
        let nth = |list: &List, second, nth| list.nth_latest(second, nth).map(|item| item.second);
        assert_eq!(nth(&list, 9, 5), Some(7));
        assert_eq!(nth(&list, 9, 6), Some(3));
        assert_eq!(nth(&list, 6, 2), Some(3));
        assert_eq!(nth(&list, 6, 3), Some(1));
        assert_eq!(nth(&list, 6, 5), None);
        list.forget(1);
        assert_eq!(nth(&list, 6, 2), Some(3));
        assert_eq!(nth(&list, 6, 3), None);
        assert_eq!(list.total(3) - list.total(2), 2);
        list.take_back(7);
        assert_eq!((list.latest(9), list.best(), list.len()), (Some(3), 3, 2));
    }
}
