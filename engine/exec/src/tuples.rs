//! The tuples of one second of a group, each found by its hash.
//!
//! Most seconds have one and are looked through; where there are many, their places are
//! remembered, so that a second may have as many as it likes.
//!
//! # Invariants
//!
//! - Each hash is there once.
//! - `places`, where it is there, has the index of each.

use crate::fact::TupleRow;
use hashbrown::HashMap;

/// The tuples of one second, in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Tuples {
    rows: Vec<TupleRow>,
    /// Of more than [`Tuples::FEW`].
    places: Option<Box<HashMap<u128, usize>>>,
}

impl Tuples {
    /// So many are looked through faster than looked up.
    const FEW: usize = 16;

    /// Take in what the second says of a tuple.
    pub(crate) fn enter(&mut self, tuple: TupleRow) {
        let place = self.place(tuple.hash);
        if let Some(there) = place.and_then(|place| self.rows.get_mut(place)) {
            there.evidence.absorb(tuple.evidence);
            tuple.candidates.into_iter().for_each(|candidate| there.offer(candidate));
            return;
        }
        if let Some(places) = &mut self.places {
            places.insert(tuple.hash, self.rows.len());
        }
        self.rows.push(tuple);
        if self.places.is_none() && self.rows.len() > Self::FEW {
            let hashes = self.rows.iter().map(|row| row.hash);
            self.places = Some(Box::new(hashes.zip(0..).collect()));
        }
    }

    /// What the second says of a tuple.
    pub(crate) fn get(&self, hash: u128) -> Option<&TupleRow> {
        self.rows.get(self.place(hash)?)
    }

    /// All of them.
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, TupleRow> {
        self.rows.iter()
    }

    fn place(&self, hash: u128) -> Option<usize> {
        match &self.places {
            Some(places) => places.get(&hash).copied(),
            None => self.rows.iter().position(|row| row.hash == hash),
        }
    }
}

impl From<TupleRow> for Tuples {
    fn from(only: TupleRow) -> Self {
        Self { rows: vec![only], places: None }
    }
}

impl IntoIterator for Tuples {
    type Item = TupleRow;
    type IntoIter = std::vec::IntoIter<TupleRow>;

    fn into_iter(self) -> Self::IntoIter {
        self.rows.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_of_many_tuples_costs_the_same_for_each() {
        const MANY: u128 = 400_000;
        let mut tuples = Tuples::default();
        for _ in 0..2 {
            for hash in 0..MANY {
                tuples.enter(TupleRow { hash, ..TupleRow::default() });
            }
        }
        assert!((0..MANY).all(|hash| tuples.get(hash).is_some_and(|row| row.hash == hash)));
        assert!(tuples.get(MANY).is_none());
        assert!(tuples.iter().map(|row| row.hash).eq(0..MANY));
    }
}
