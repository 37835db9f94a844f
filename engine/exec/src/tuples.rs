//! The tuples of one second of a group, each found by its hash.
//!
//! Most seconds have one; where there are many, their places are remembered, so that a second
//! may have as many as it likes.
//!
//! # Invariants
//!
//! - Each hash is there once.

use crate::fact::TupleRow;
use hashbrown::HashMap;

/// The tuples of one second, in the order in which they came.
#[derive(Clone, Debug)]
pub(crate) enum Tuples {
    /// Looked through faster than looked up.
    Few(Vec<TupleRow>),
    Many(Box<Many>),
}

/// More than [`Tuples::FEW`].
#[derive(Clone, Debug)]
pub(crate) struct Many {
    rows: Vec<TupleRow>,
    /// The index of each hash.
    places: HashMap<u128, usize>,
}

impl Tuples {
    const FEW: usize = 16;

    /// Take in what the second says of a tuple.
    pub(crate) fn enter(&mut self, tuple: TupleRow) {
        let place = self.place(tuple.hash);
        let rows = match self {
            Self::Few(rows) => rows,
            Self::Many(many) => &mut many.rows,
        };
        if let Some(there) = place.and_then(|place| rows.get_mut(place)) {
            if there.parts.lend().is_empty() {
                there.parts = tuple.parts;
            }
            there.evidence.absorb(tuple.evidence);
            tuple.candidates.into_iter().for_each(|candidate| there.offer(candidate));
            return;
        }
        match self {
            Self::Few(rows) if rows.len() < Self::FEW => rows.push(tuple),
            Self::Few(rows) => {
                let mut rows = std::mem::take(rows);
                rows.push(tuple);
                let places = rows.iter().map(|row| row.hash).zip(0..).collect();
                *self = Self::Many(Box::new(Many { rows, places }));
            }
            Self::Many(many) => {
                many.places.insert(tuple.hash, many.rows.len());
                many.rows.push(tuple);
            }
        }
    }

    /// What the second says of a tuple.
    pub(crate) fn get(&self, hash: u128) -> Option<&TupleRow> {
        self.rows().get(self.place(hash)?)
    }

    /// All of them.
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, TupleRow> {
        self.rows().iter()
    }

    fn rows(&self) -> &[TupleRow] {
        match self {
            Self::Few(rows) => rows,
            Self::Many(many) => &many.rows,
        }
    }

    fn place(&self, hash: u128) -> Option<usize> {
        match self {
            Self::Few(rows) => rows.iter().position(|row| row.hash == hash),
            Self::Many(many) => many.places.get(&hash).copied(),
        }
    }
}

impl Default for Tuples {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl From<TupleRow> for Tuples {
    fn from(only: TupleRow) -> Self {
        Self::Few(vec![only])
    }
}

impl IntoIterator for Tuples {
    type Item = TupleRow;
    type IntoIter = std::vec::IntoIter<TupleRow>;

    fn into_iter(self) -> Self::IntoIter {
        match self {
            Self::Few(rows) => rows.into_iter(),
            Self::Many(many) => many.rows.into_iter(),
        }
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
        assert_eq!(size_of::<Tuples>(), size_of::<Vec<TupleRow>>());
        assert!(tuples.iter().map(|row| row.hash).eq(0..MANY));
    }
}
