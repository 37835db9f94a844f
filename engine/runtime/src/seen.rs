//! The events met so far, so that a copy counts once: shared by all workers, no lock.
//!
//! One open-addressed array of atomics for each hour of event time, claimed by
//! compare-exchange. A full stretch leads to the next, larger array of that hour.
//! Whoever claims a place goes on with the event; everyone else has a copy.
//!
//! # Invariants
//!
//! - A place is never emptied, so a key is in the first array that had room for it.
//! - Keys and contents are never 0, which is an empty place.

use hashbrown::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// What is known of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Met {
    /// It is met for the first time.
    First,
    /// It was met before.
    Copy {
        /// This copy differs from the first.
        conflicting: bool,
    },
}

/// The hours of a run; one for all workers.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    hours: Mutex<HashMap<i64, Arc<Hour>>>,
}

/// A worker's way to the hours: it keeps the last ones at hand.
#[derive(Debug)]
pub(crate) struct Lookout<'s> {
    seen: &'s Seen,
    near: HashMap<i64, Arc<Hour>>,
}

impl<'s> Lookout<'s> {
    /// How many hours a worker keeps at hand.
    const NEAR: usize = 64;

    pub(crate) fn new(seen: &'s Seen) -> Self {
        Self { seen, near: HashMap::new() }
    }

    /// Meet an event of a second, or one without a time.
    pub(crate) fn meet(&mut self, second: Option<i64>, key: u64, content: u64) -> Met {
        let hour = second.map_or(i64::MIN, |second| second.div_euclid(3_600));
        if !self.near.contains_key(&hour) {
            if self.near.len() >= Self::NEAR {
                self.near.clear();
            }
            self.near.insert(hour, self.seen.hour(hour));
        }
        match self.near.get(&hour) {
            Some(hour) => hour.meet(key.max(1), content.max(1)),
            None => Met::First,
        }
    }
}

impl Seen {
    fn hour(&self, hour: i64) -> Arc<Hour> {
        let mut hours = self.hours.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(hours.entry(hour).or_default())
    }

    /// Forget the hours that end at or before a second.
    pub(crate) fn forget(&self, second: i64) {
        let mut hours = self.hours.lock().unwrap_or_else(PoisonError::into_inner);
        hours.retain(|hour, _| *hour == i64::MIN || (hour + 1) * 3_600 > second);
    }
}

/// The events of an hour.
#[derive(Debug, Default)]
struct Hour {
    arrays: [OnceLock<Box<[Place]>>; Hour::ARRAYS],
}

#[derive(Debug, Default)]
struct Place {
    key: AtomicU64,
    content: AtomicU64,
}

impl Hour {
    /// Arrays of 2¹⁰, 2¹², … 2³² places.
    const ARRAYS: usize = 12;
    /// How many places of an array are tried.
    const STRETCH: usize = 16;

    fn meet(&self, key: u64, content: u64) -> Met {
        for (number, array) in self.arrays.iter().enumerate() {
            let size = 1_usize << (10 + 2 * number);
            let array = array.get_or_init(|| (0..size).map(|_| Place::default()).collect());
            let start = usize::try_from(key >> 20).unwrap_or(0);
            for step in 0..Self::STRETCH {
                let place = &array[(start + step) & (size - 1)];
                if let Some(met) = place.meet(key, content) {
                    return met;
                }
            }
        }
        // 2³² places are full: more events in an hour than any account has. Count it once more
        // rather than lose it.
        Met::First
    }
}

impl Place {
    /// Claim the place for a key, or find the key in it; nothing when another holds it.
    fn meet(&self, key: u64, content: u64) -> Option<Met> {
        let mut there = self.key.load(Ordering::Acquire);
        if there == 0 {
            match self.key.compare_exchange(0, key, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => {
                    self.content.store(content, Ordering::Release);
                    return Some(Met::First);
                }
                Err(other) => there = other,
            }
        }
        if there != key {
            return None;
        }
        let first = loop {
            match self.content.load(Ordering::Acquire) {
                0 => std::hint::spin_loop(),
                first => break first,
            }
        };
        Some(Met::Copy { conflicting: first != content })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_event_is_met_once_whoever_comes() {
        let seen = Seen::default();
        let first = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let mut lookout = Lookout::new(&seen);
                    for key in 1..20_000_u64 {
                        let mixed = key.wrapping_mul(0x9E37_79B9_7F4A_7C15);
                        if lookout.meet(Some(7), mixed, key) == Met::First {
                            first.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        assert_eq!(first.into_inner(), 19_999);
        let mut lookout = Lookout::new(&seen);
        let mixed = 5_u64.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        assert_eq!(lookout.meet(Some(7), mixed, 5), Met::Copy { conflicting: false });
        assert_eq!(lookout.meet(Some(7), mixed, 6), Met::Copy { conflicting: true });
        assert_eq!(lookout.meet(Some(7_200), mixed, 5), Met::First);
        assert_eq!(lookout.meet(None, mixed, 5), Met::First);
    }
}
