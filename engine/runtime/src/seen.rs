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
//!
//! An hour that the watermark has passed goes to a temporary file, 16 bytes an event,
//! and comes back only when a late copy asks for it.

use hashbrown::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// What tells an event from others, and a copy from others of the event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    key: u64,
    content: u64,
}

impl Mark {
    pub(crate) fn new(key: u64, content: u64) -> Self {
        Self { key: key.max(1), content: content.max(1) }
    }
}

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
    hours: Mutex<Hours>,
    /// How often hours were put away: a worker that has one at hand must ask again.
    put_away: AtomicU64,
}

/// Hours in memory, and hours that the watermark has passed, in a temporary file.
#[derive(Debug, Default)]
struct Hours {
    near: HashMap<i64, Arc<Hour>>,
    /// Where an hour begins in the file, and how many events it has.
    far: HashMap<i64, (u64, usize)>,
    file: Option<File>,
}

/// A worker's way to the hours: it keeps some at hand, the last one first.
#[derive(Debug)]
pub(crate) struct Lookout<'s> {
    seen: &'s Seen,
    near: Vec<(i64, Arc<Hour>)>,
    put_away: u64,
}

impl<'s> Lookout<'s> {
    /// How many hours a worker keeps at hand.
    const NEAR: usize = 64;

    pub(crate) fn new(seen: &'s Seen) -> Self {
        Self { seen, near: Vec::new(), put_away: 0 }
    }

    /// Meet an event of a second, or one without a time.
    pub(crate) fn meet(&mut self, second: Option<i64>, mark: Mark) -> Met {
        let hour = hour_of(second);
        if !self.is_at_hand(hour) {
            self.near.insert(0, (hour, self.seen.hour(hour)));
        }
        self.near[0].1.meet(mark)
    }

    /// What is known of an event of a second that is not met yet: nothing where its hour was
    /// put away.
    pub(crate) fn find(&mut self, second: i64, mark: Mark) -> Option<Met> {
        let hour = hour_of(Some(second));
        if !self.is_at_hand(hour) {
            self.near.insert(0, (hour, self.seen.hour_in_memory(hour)?));
        }
        self.near[0].1.find(mark)
    }

    /// Whether an hour is at hand; then it is the first.
    fn is_at_hand(&mut self, hour: i64) -> bool {
        let put_away = self.seen.put_away.load(Ordering::Acquire);
        if self.put_away != put_away || self.near.len() > Self::NEAR {
            self.near.clear();
            self.put_away = put_away;
        }
        let at = self.near.iter().position(|(known, _)| *known == hour);
        at.inspect(|at| self.near.swap(0, *at)).is_some()
    }
}

fn hour_of(second: Option<i64>) -> i64 {
    second.map_or(i64::MIN, |second| second.div_euclid(3_600))
}

impl Seen {
    fn hour(&self, hour: i64) -> Arc<Hour> {
        let mut hours = self.hours.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = hours.near.get(&hour) {
            return Arc::clone(known);
        }
        let again = Arc::new(hours.fetch(hour).unwrap_or_default());
        hours.near.insert(hour, Arc::clone(&again));
        again
    }

    fn hour_in_memory(&self, hour: i64) -> Option<Arc<Hour>> {
        let hours = self.hours.lock().unwrap_or_else(PoisonError::into_inner);
        hours.near.get(&hour).cloned()
    }

    /// Put away the hours that end at or before a second: only late copies ask for them.
    ///
    /// No event of these hours may be met at the same time. Where the file cannot be
    /// written, the hours stay in memory.
    pub(crate) fn put_away(&self, second: i64) {
        let mut hours = self.hours.lock().unwrap_or_else(PoisonError::into_inner);
        let past: Vec<i64> =
            hours.near.keys().copied().filter(|hour| is_past(*hour, second)).collect();
        for hour in &past {
            if let Some(there) = hours.near.remove(hour)
                && hours.store(*hour, &there).is_err()
            {
                hours.near.insert(*hour, there);
            }
        }
        if !past.is_empty() {
            self.put_away.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// Forget the hours that end at or before a second.
    pub(crate) fn forget(&self, second: i64) {
        let mut hours = self.hours.lock().unwrap_or_else(PoisonError::into_inner);
        hours.near.retain(|hour, _| !is_past(*hour, second));
        self.put_away.fetch_add(1, Ordering::AcqRel);
    }
}

fn is_past(hour: i64, second: i64) -> bool {
    hour != i64::MIN && (hour + 1) * 3_600 <= second
}

impl Hours {
    fn store(&mut self, hour: i64, there: &Hour) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile()?),
        };
        let mut bytes = Vec::new();
        for (key, content) in there.events() {
            bytes.extend_from_slice(&key.to_le_bytes());
            bytes.extend_from_slice(&content.to_le_bytes());
        }
        let start = file.seek(SeekFrom::End(0))?;
        file.write_all(&bytes)?;
        self.far.insert(hour, (start, bytes.len() / 16));
        Ok(())
    }

    /// An hour from the file, if it is there and can be read.
    fn fetch(&mut self, hour: i64) -> Option<Hour> {
        let (start, count) = *self.far.get(&hour)?;
        let file = self.file.as_mut()?;
        let mut bytes = vec![0; count * 16];
        file.seek(SeekFrom::Start(start)).ok()?;
        file.read_exact(&mut bytes).ok()?;
        let again = Hour::default();
        for pair in bytes.as_chunks::<16>().0 {
            let (key, content) = pair.split_at(8);
            let number = |half: &[u8]| half.try_into().map(u64::from_le_bytes).unwrap_or(1);
            again.meet(Mark::new(number(key), number(content)));
        }
        Some(again)
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
    const STRETCH: usize = 8;

    /// Claim a place for an event, unless it has one.
    fn meet(&self, mark: Mark) -> Met {
        for (number, array) in self.arrays.iter().enumerate() {
            let size = 1_usize << (10 + 2 * number);
            let array = array.get_or_init(|| (0..size).map(|_| Place::default()).collect());
            if let Some(met) = Self::stretch(array, mark).find_map(|place| place.meet(mark)) {
                return met;
            }
        }
        // 2³² places are full: more events in an hour than any account has. Count it once more
        // rather than lose it.
        Met::First
    }

    /// What is known of an event; nothing when it has no place.
    fn find(&self, mark: Mark) -> Option<Met> {
        let arrays = self.arrays.iter().map_while(OnceLock::get);
        let mut places = arrays.flat_map(|array| Self::stretch(array, mark));
        places.find_map(|place| place.find(mark))
    }

    /// The places of an array that an event may have.
    fn stretch(array: &[Place], mark: Mark) -> impl Iterator<Item = &Place> {
        let start = usize::try_from(mark.key >> 20).unwrap_or(0);
        (start..start + Self::STRETCH).map(|at| &array[at & (array.len() - 1)])
    }
}

impl Hour {
    /// The events met, with their contents.
    fn events(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let places = self.arrays.iter().filter_map(OnceLock::get).flat_map(|array| array.iter());
        places
            .map(|place| (place.key.load(Ordering::Acquire), place.content.load(Ordering::Acquire)))
            .filter(|(key, _)| *key != 0)
    }
}

impl Place {
    /// Claim the place for an event, or find it there; nothing when another holds it.
    #[inline]
    fn meet(&self, mark: Mark) -> Option<Met> {
        let mut there = self.key.load(Ordering::Acquire);
        if there == 0 {
            match self.key.compare_exchange(0, mark.key, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => {
                    self.content.store(mark.content, Ordering::Release);
                    return Some(Met::First);
                }
                Err(other) => there = other,
            }
        }
        (there == mark.key).then(|| self.copy(mark))
    }

    /// Find an event there.
    fn find(&self, mark: Mark) -> Option<Met> {
        (self.key.load(Ordering::Acquire) == mark.key).then(|| self.copy(mark))
    }

    /// What a copy of the event is that holds the place.
    fn copy(&self, mark: Mark) -> Met {
        let first = loop {
            match self.content.load(Ordering::Acquire) {
                0 => std::hint::spin_loop(),
                first => break first,
            }
        };
        Met::Copy { conflicting: first != mark.content }
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
                        if lookout.meet(Some(7), Mark::new(mixed, key)) == Met::First {
                            first.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        assert_eq!(first.into_inner(), 19_999);
        let mut lookout = Lookout::new(&seen);
        let mixed = 5_u64.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        assert_eq!(lookout.meet(Some(7), Mark::new(mixed, 5)), Met::Copy { conflicting: false });
        assert_eq!(lookout.meet(Some(7), Mark::new(mixed, 6)), Met::Copy { conflicting: true });
        assert_eq!(lookout.meet(Some(7_200), Mark::new(mixed, 5)), Met::First);
        assert_eq!(lookout.meet(None, Mark::new(mixed, 5)), Met::First);
        assert_eq!(lookout.find(7, Mark::new(mixed, 6)), Some(Met::Copy { conflicting: true }));
        assert_eq!(lookout.find(7, Mark::new(mixed ^ 1, 6)), None);
        assert_eq!(lookout.find(14_400, Mark::new(mixed, 5)), None);
        assert_eq!(lookout.meet(Some(14_400), Mark::new(mixed, 5)), Met::First);
    }

    #[test]
    fn an_hour_comes_back_from_the_file() {
        let seen = Seen::default();
        let mut lookout = Lookout::new(&seen);
        for key in 1..5_000 {
            lookout.meet(Some(10), Mark::new(key << 21, key));
        }
        lookout.meet(Some(4_000), Mark::new(7, 7));
        seen.put_away(3_600);
        assert_eq!(seen.hours.lock().unwrap().near.len(), 1);
        assert_eq!(lookout.find(10, Mark::new(4_999 << 21, 4_999)), None);
        assert_eq!(
            lookout.meet(Some(10), Mark::new(4_999 << 21, 4_999)),
            Met::Copy { conflicting: false }
        );
        assert_eq!(lookout.meet(Some(10), Mark::new(1 << 21, 9)), Met::Copy { conflicting: true });
        assert_eq!(lookout.meet(Some(10), Mark::new(3, 3)), Met::First);
        seen.put_away(3_600);
        assert_eq!(lookout.meet(Some(10), Mark::new(3, 3)), Met::Copy { conflicting: false });
        assert_eq!(lookout.meet(Some(4_000), Mark::new(7, 7)), Met::Copy { conflicting: false });
    }
}
