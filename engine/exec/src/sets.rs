//! Which tuples events have, for each `distinct` of a rule, and how often.
//!
//! An event has few. What the events of a second have together may be as many as it likes: then
//! each is looked up. How often it was there is kept, so that what entered a window event by
//! event may leave it all at once.

use hashbrown::HashMap;

/// Tuples by the number of their set and by hash.
#[derive(Clone, Debug)]
pub(crate) enum Sets {
    /// One for each time.
    Few(Vec<(u32, u64)>),
    /// How often each is there.
    Many(Box<HashMap<(u32, u64), u32>>),
}

impl Sets {
    const FEW: usize = 64;

    /// Take in what another event has.
    pub(crate) fn absorb(&mut self, other: &Self) {
        if let (Self::Few(there), Self::Few(more)) = (&mut *self, other)
            && there.len() + more.len() <= Self::FEW
        {
            there.extend(more);
            return;
        }
        if let Self::Few(few) = self {
            let few = std::mem::take(few);
            *self = Self::Many(Box::default());
            self.absorb(&Self::Few(few));
        }
        if let Self::Many(many) = self {
            other.each(|set, hash, times| *many.entry((set, hash)).or_insert(0) += times);
        }
    }

    /// Tell the set and the hash of each, and how often it is there.
    pub(crate) fn each(&self, mut tell: impl FnMut(u32, u64, u32)) {
        match self {
            Self::Few(few) => few.iter().for_each(|(set, hash)| tell(*set, *hash, 1)),
            Self::Many(many) => {
                many.iter().for_each(|((set, hash), times)| tell(*set, *hash, *times));
            }
        }
    }
}

impl PartialEq for Sets {
    /// Whether they are surely the same.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Few(few), Self::Few(others)) => few == others,
            (Self::Many(many), Self::Many(others)) => many == others,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_there_as_often_as_it_was_said() {
        const MANY: u64 = 200_000;
        let mut sets = Sets::Few(Vec::new());
        for hash in (0..MANY).chain(0..3) {
            sets.absorb(&Sets::Few(vec![(0, hash), (1, hash / 2)]));
        }
        let (mut all, mut often) = (0, 0);
        sets.each(|set, hash, times| {
            all += 1;
            often += times;
            let expected = match (set, hash) {
                (0, 0..3) => 2,
                (0, _) => 1,
                (_, 0) => 4,
                (_, 1) => 3,
                _ => 2,
            };
            assert_eq!(times, expected, "{set} {hash}");
        });
        assert_eq!((all, u64::from(often)), (MANY + MANY / 2, 2 * (MANY + 3)));
    }
}
