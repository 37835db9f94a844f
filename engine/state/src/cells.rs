//! What happened in each second of a group, in order of time.
//!
//! A cell is made when something happens in its second, and rows of one second are
//! combined, so the order in which they come does not matter. It knows no rule:
//! what a row means is its owner's business.
//!
//! # Invariants
//!
//! - Seconds ascend, each at most once.

use std::collections::VecDeque;

/// What cells hold: rows that combine in any order to the same row.
pub trait Row {
    /// Take in what another row of the same second holds.
    fn absorb(&mut self, other: Self);
}

/// Rows by second.
#[derive(Clone, Debug)]
pub struct Cells<R> {
    cells: VecDeque<(i64, R)>,
}

impl<R> Default for Cells<R> {
    fn default() -> Self {
        Self { cells: VecDeque::new() }
    }
}

impl<R> Cells<R> {
    /// How many seconds have a row.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether no second has a row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The index of the first cell at or after a second.
    #[must_use]
    pub fn at_or_after(&self, second: i64) -> usize {
        // Events come nearly in order: look at the end first.
        match self.cells.back() {
            Some((last, _)) if *last < second => self.cells.len(),
            _ => self.cells.partition_point(|(known, _)| *known < second),
        }
    }

    /// The second and row at an index.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<(i64, &R)> {
        self.cells.get(index).map(|(second, row)| (*second, row))
    }

    /// The second and row at an index, to change the row.
    pub fn get_mut(&mut self, index: usize) -> Option<(i64, &mut R)> {
        self.cells.get_mut(index).map(|(second, row)| (*second, row))
    }

    /// The cells of an index range, in order of time.
    pub fn range(
        &self,
        range: std::ops::Range<usize>,
    ) -> impl DoubleEndedIterator<Item = (i64, &R)> {
        self.cells.range(range).map(|(second, row)| (*second, row))
    }

    /// Forget the cells below an index.
    pub fn drop_front(&mut self, count: usize) {
        self.cells.drain(..count.min(self.cells.len()));
        if self.cells.capacity() > 64 && self.cells.len() < self.cells.capacity() / 8 {
            self.cells.shrink_to(self.cells.len() * 2);
        }
    }
}

impl<R: Row> Cells<R> {
    /// Put a row at its second, combined with what is there; returns the cell's index.
    pub fn put(&mut self, second: i64, row: R) -> usize {
        let index = self.at_or_after(second);
        match self.cells.get_mut(index) {
            Some((known, there)) if *known == second => there.absorb(row),
            _ => self.cells.insert(index, (second, row)),
        }
        index
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Row for u32 {
        fn absorb(&mut self, other: Self) {
            *self += other;
        }
    }

    #[test]
    fn rows_come_in_any_order() {
        let mut cells = Cells::default();
        for (second, row) in [(5, 1), (3, 2), (9, 4), (3, 8), (5, 16)] {
            cells.put(second, row);
        }
        let all: Vec<_> = cells.range(0..3).map(|(second, row)| (second, *row)).collect();
        assert_eq!(all, [(3, 10), (5, 17), (9, 4)]);
        assert_eq!(cells.at_or_after(4), 1);
        assert_eq!(cells.at_or_after(10), 3);
        cells.drop_front(2);
        assert_eq!(cells.get(0), Some((9, &4)));
    }
}
