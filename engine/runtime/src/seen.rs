//! The events met so far, so that a copy counts once: shared by all workers, no lock.
//!
//! For each hour of event time a table of atomics, claimed by compare-exchange, in lines as
//! the processor's cache has them. A full line leads to its neighbour, and that to one of the
//! next array of that hour; the first is as large as hours before it needed. Whoever claims a place goes on
//! with the event; everyone else has a copy.
//!
//! # Invariants
//!
//! - A place is never emptied, so a key is in the first line that had room for it.
//! - Keys and contents are never 0, which is an empty place.
//!
//! Hours that the watermark has passed stay while all hours take little memory. Then the
//! oldest go to a temporary file, 16 bytes an event, many at a time, and come back only when a
//! late copy asks for them.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// What tells an event from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key(u64);

impl Key {
    pub(crate) fn new(number: u64) -> Self {
        Self(number.max(1))
    }
}

/// The same, and what tells a copy of the event from others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    key: Key,
    content: u64,
}

impl Mark {
    pub(crate) fn new(key: Key, content: u64) -> Self {
        Self { key, content: content.max(1) }
    }
}

/// What all hours may take of memory before some that are past are put away: 4 MiB.
const ROOM: usize = 4 << 20;

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
    near: BTreeMap<i64, Arc<Hour>>,
    /// Where an hour begins in the file, and how many events it has.
    far: HashMap<i64, (u64, usize)>,
    file: Option<File>,
}

/// A worker's way to the hours: it keeps some at hand, each at the place of its number.
#[derive(Debug)]
pub(crate) struct Lookout<'s> {
    seen: &'s Seen,
    near: [Option<(i64, Arc<Hour>)>; Lookout::NEAR],
    put_away: u64,
}

impl<'s> Lookout<'s> {
    /// How many hours a worker keeps at hand.
    const NEAR: usize = 64;

    pub(crate) fn new(seen: &'s Seen) -> Self {
        Self { seen, near: [const { None }; Self::NEAR], put_away: 0 }
    }

    /// Meet an event of a second, or one without a time.
    pub(crate) fn meet(&mut self, second: Option<i64>, mark: Mark) -> Met {
        let hour = hour_of(second);
        self.at_hand(hour, |seen| Some(seen.hour(hour))).map_or(Met::First, |hour| hour.meet(mark))
    }

    /// What is known of an event of a second, which is not met by this.
    pub(crate) fn find(&mut self, second: i64, mark: Mark) -> Option<Met> {
        let hour = hour_of(Some(second));
        self.at_hand(hour, |seen| seen.known_hour(hour))?.find(mark)
    }

    /// Have memory bring what will be asked of an event soon, if its hour is at hand.
    #[inline]
    pub(crate) fn expect(&self, second: Option<i64>, key: Key) {
        let hour = hour_of(second);
        if let Some((there, known)) = &self.near[hour as usize % Self::NEAR]
            && *there == hour
        {
            known.expect(key);
        }
    }

    /// An hour that is at hand, or is brought.
    #[inline]
    fn at_hand(
        &mut self,
        hour: i64,
        bring: impl FnOnce(&Seen) -> Option<Arc<Hour>>,
    ) -> Option<&Hour> {
        let put_away = self.seen.put_away.load(Ordering::Acquire);
        if self.put_away != put_away {
            self.near.fill(None);
            self.put_away = put_away;
        }
        let place = &mut self.near[hour as usize % Self::NEAR];
        if place.as_ref().is_none_or(|(there, _)| *there != hour) {
            *place = Some((hour, bring(self.seen)?));
        }
        place.as_ref().map(|(_, hour)| &**hour)
    }
}

fn hour_of(second: Option<i64>) -> i64 {
    second.map_or(i64::MIN, |second| second.div_euclid(3_600))
}

impl Seen {
    /// An hour, which begins without events if none of it were met.
    #[cold]
    fn hour(&self, hour: i64) -> Arc<Hour> {
        let mut hours = self.hours.lock().unwrap_or_else(PoisonError::into_inner);
        hours.known(hour).unwrap_or_else(|| {
            let fresh = Arc::new(Hour::for_about(hours.before(hour)));
            Arc::clone(hours.near.entry(hour).or_insert(fresh))
        })
    }

    /// An hour of which events were met.
    #[cold]
    fn known_hour(&self, hour: i64) -> Option<Arc<Hour>> {
        self.hours.lock().unwrap_or_else(PoisonError::into_inner).known(hour)
    }

    /// Where the hours take more than [`ROOM`] bytes, put away the oldest of those that end at or
    /// before a second, until they take half of it: only late copies ask for them.
    ///
    /// No event of these hours may be met at the same time. Where the file cannot be
    /// written, the hours stay in memory.
    pub(crate) fn put_away(&self, second: i64) {
        let mut hours = self.hours.lock().unwrap_or_else(PoisonError::into_inner);
        let size = hours.near.values().map(|hour| hour.size()).sum::<usize>();
        let mut excess = if size > ROOM { size - ROOM / 2 } else { 0 };
        let mut oldest = Vec::new();
        for (hour, there) in hours.near.range(i64::MIN + 1..) {
            if excess == 0 || !is_past(*hour, second) {
                break;
            }
            excess = excess.saturating_sub(there.size());
            oldest.push((*hour, Arc::clone(there)));
        }
        if !oldest.is_empty() && hours.store(&oldest).is_ok() {
            oldest.iter().for_each(|(hour, _)| _ = hours.near.remove(hour));
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
    /// About how many events an hour may come to: as many as the fullest of those before it
    /// that are most like it.
    fn before(&self, hour: i64) -> usize {
        let alike = [1, 2, 24].map(|back| self.near.get(&hour.saturating_sub(back)));
        alike.into_iter().flatten().map(|before| before.about()).max().unwrap_or(0)
    }

    /// An hour of which events were met; from the file, if it was put away.
    fn known(&mut self, hour: i64) -> Option<Arc<Hour>> {
        if let Some(near) = self.near.get(&hour) {
            return Some(Arc::clone(near));
        }
        let again = Arc::new(self.fetch(hour)?);
        self.near.insert(hour, Arc::clone(&again));
        Some(again)
    }

    fn store(&mut self, oldest: &[(i64, Arc<Hour>)]) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile()?),
        };
        let (mut at, mut bytes) = (file.seek(SeekFrom::End(0))?, Vec::new());
        for (hour, there) in oldest {
            bytes.clear();
            for (key, content) in there.events() {
                let pair = u128::from(key) | u128::from(content) << 64;
                bytes.extend_from_slice(&pair.to_le_bytes());
            }
            file.write_all(&bytes)?;
            self.far.insert(*hour, (at, bytes.len() / 16));
            at += bytes.len() as u64;
        }
        Ok(())
    }

    /// An hour from the file, if it is there and can be read.
    fn fetch(&mut self, hour: i64) -> Option<Hour> {
        let (start, count) = *self.far.get(&hour)?;
        let file = self.file.as_mut()?;
        let mut bytes = vec![0; count * 16];
        file.seek(SeekFrom::Start(start)).ok()?;
        file.read_exact(&mut bytes).ok()?;
        let again = Hour::for_about(count);
        for pair in bytes.as_chunks::<16>().0 {
            let pair = u128::from_le_bytes(*pair);
            again.meet(Mark::new(Key::new(pair as u64), (pair >> 64) as u64));
        }
        Some(again)
    }
}

/// The events of an hour.
#[derive(Debug)]
struct Hour {
    arrays: [OnceLock<Box<[Line]>>; Hour::ARRAYS],
    /// How many lines the first two arrays have.
    lines: usize,
}

/// Four places, which one access to memory brings.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Line {
    keys: [AtomicU64; Line::PLACES],
    contents: [AtomicU64; Line::PLACES],
}

impl Hour {
    /// How many arrays there may be. What the first has no room for is little where its hour is
    /// like others, so the second has a quarter of it; from there on each is four times as large
    /// as the one before it.
    const ARRAYS: usize = 14;
    /// The least and the greatest number of lines of the first array.
    const LINES: (usize, usize) = (1 << 6, 1 << 20);
    /// An array of more lines than these has a power of two: what is larger is of few sizes, so that
    /// what one hour leaves serves another.
    const ANY: usize = 1 << 10;
    /// How many lines tell how full an array is.
    const TOLD: usize = 16;

    /// An hour of about so many events: five for two lines, which have eight places.
    fn for_about(events: usize) -> Self {
        let lines = (events / 5 * 2).clamp(Self::LINES.0, Self::LINES.1);
        let lines = if lines > Self::ANY { lines.next_power_of_two() } else { lines };
        Self { arrays: [const { OnceLock::new() }; Self::ARRAYS], lines }
    }

    /// Claim a place for an event, unless it has one.
    fn meet(&self, mark: Mark) -> Met {
        for (number, array) in self.arrays.iter().enumerate() {
            let array = array.get_or_init(|| {
                let quarter = (self.lines / 4).next_multiple_of(2);
                let lines =
                    number.checked_sub(1).map_or(self.lines, |times| quarter << (2 * times));
                (0..lines).map(|_| Line::default()).collect()
            });
            let [line, neighbour] = mark.key.lines(array, number);
            if let Some(met) = line.meet(mark).or_else(|| neighbour.meet(mark)) {
                return met;
            }
        }
        // More events in an hour than any account has. Count it once more rather than lose it.
        Met::First
    }

    /// What is known of an event; nothing when it has no place.
    fn find(&self, mark: Mark) -> Option<Met> {
        let mut arrays = self.arrays.iter().map_while(OnceLock::get).enumerate();
        arrays.find_map(|(number, array)| {
            mark.key.lines(array, number).iter().find_map(|line| line.find(mark))
        })
    }

    /// Have memory bring the line that an event is most likely in.
    #[inline]
    fn expect(&self, key: Key) {
        if let Some(array) = self.arrays[0].get() {
            event::bring(key.lines(array, 0)[0]);
        }
    }

    /// All lines.
    fn lines(&self) -> impl Iterator<Item = &Line> {
        self.arrays.iter().map_while(OnceLock::get).flat_map(|array| array.iter())
    }

    /// The events met, with their contents.
    fn events(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let places = self.lines().flat_map(|line| line.keys.iter().zip(&line.contents));
        places
            .map(|(key, content)| (key.load(Ordering::Acquire), content.load(Ordering::Acquire)))
            .filter(|(key, _)| *key != 0)
    }

    /// How many bytes it takes.
    fn size(&self) -> usize {
        let arrays = self.arrays.iter().map_while(OnceLock::get);
        arrays.map(|array| size_of_val(&**array)).sum()
    }

    /// About how many events it has, told by a few lines of each array.
    fn about(&self) -> usize {
        let arrays = self.arrays.iter().map_while(OnceLock::get);
        arrays
            .map(|array| {
                let told = &array[..Self::TOLD.min(array.len())];
                let keys = told.iter().flat_map(|line| &line.keys);
                let events = keys.filter(|key| key.load(Ordering::Relaxed) != 0).count();
                events * array.len() / told.len()
            })
            .sum()
    }
}

impl Key {
    /// Its line in an array of an hour, by the array's number, and that line's neighbour: each
    /// array takes other bits of the key first, as a fraction of the lines, which are even in number.
    #[inline]
    fn lines(self, array: &[Line], number: usize) -> [&Line; 2] {
        let fraction = self.0.rotate_left(20 * number as u32);
        let at = ((u128::from(fraction) * array.len() as u128) >> 64) as usize;
        [&array[at], &array[at ^ 1]]
    }
}

impl Line {
    /// How many places there are.
    const PLACES: usize = 4;

    /// Claim a place for an event, or find it there; nothing when others hold them all.
    #[inline]
    fn meet(&self, mark: Mark) -> Option<Met> {
        for (key, content) in self.keys.iter().zip(&self.contents) {
            let mut there = key.load(Ordering::Acquire);
            if there == 0 {
                match key.compare_exchange(0, mark.key.0, Ordering::AcqRel, Ordering::Acquire) {
                    Ok(_) => {
                        content.store(mark.content, Ordering::Release);
                        return Some(Met::First);
                    }
                    Err(other) => there = other,
                }
            }
            if there == mark.key.0 {
                return Some(Self::copy(content, mark));
            }
        }
        None
    }

    /// Find an event there.
    fn find(&self, mark: Mark) -> Option<Met> {
        let mut places = self.keys.iter().zip(&self.contents);
        let (_, content) = places.find(|(key, _)| key.load(Ordering::Acquire) == mark.key.0)?;
        Some(Self::copy(content, mark))
    }

    /// What a copy of the event is that holds a place.
    fn copy(content: &AtomicU64, mark: Mark) -> Met {
        let first = loop {
            match content.load(Ordering::Acquire) {
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

    fn mark(key: u64, content: u64) -> Mark {
        Mark::new(Key::new(key), content)
    }

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
                        if lookout.meet(Some(7), mark(mixed, key)) == Met::First {
                            first.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        assert_eq!(first.into_inner(), 19_999);
        let mut lookout = Lookout::new(&seen);
        let mixed = 5_u64.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        assert_eq!(lookout.meet(Some(7), mark(mixed, 5)), Met::Copy { conflicting: false });
        assert_eq!(lookout.meet(Some(7), mark(mixed, 6)), Met::Copy { conflicting: true });
        assert_eq!(lookout.meet(Some(7_200), mark(mixed, 5)), Met::First);
        assert_eq!(lookout.meet(None, mark(mixed, 5)), Met::First);
        assert_eq!(lookout.find(7, mark(mixed, 6)), Some(Met::Copy { conflicting: true }));
        assert_eq!(lookout.find(7, mark(mixed ^ 1, 6)), None);
        assert_eq!(lookout.find(14_400, mark(mixed, 5)), None);
        assert_eq!(lookout.meet(Some(14_400), mark(mixed, 5)), Met::First);
    }

    #[test]
    fn an_hour_comes_back_from_the_file() {
        let seen = Seen::default();
        let mut lookout = Lookout::new(&seen);
        // More than stay in memory.
        let (count, mixed) = (200_000_u64, |key: u64| key.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        for key in 1..count {
            lookout.meet(Some(10), mark(mixed(key), key));
        }
        lookout.meet(Some(4_000), mark(7, 7));
        let hours = || seen.hours.lock().unwrap().near.len();
        seen.put_away(3_599);
        assert_eq!(hours(), 2);
        seen.put_away(3_600);
        assert_eq!(hours(), 1);
        let last = mark(mixed(count - 1), count - 1);
        assert_eq!(lookout.find(10, last), Some(Met::Copy { conflicting: false }));
        assert_eq!(lookout.find(10, mark(3, 3)), None);
        assert_eq!(hours(), 2);
        assert_eq!(lookout.meet(Some(10), last), Met::Copy { conflicting: false });
        for key in 1..count {
            let again = Met::Copy { conflicting: key != 9 };
            assert_eq!(lookout.meet(Some(10), mark(mixed(key), 9)), again);
        }
        assert_eq!(lookout.meet(Some(10), mark(3, 3)), Met::First);
        seen.put_away(3_600);
        assert_eq!(lookout.meet(Some(10), mark(3, 3)), Met::Copy { conflicting: false });
        assert_eq!(lookout.meet(Some(4_000), mark(7, 7)), Met::Copy { conflicting: false });
    }

    #[test]
    fn an_hour_has_room_for_as_many_as_those_before_it_had() {
        let seen = Seen::default();
        let mut lookout = Lookout::new(&seen);
        for key in 1..3_000_u64 {
            lookout.meet(Some(10), mark(key.wrapping_mul(0x9E37_79B9_7F4A_7C15), key));
        }
        let about = seen.hour(0).about();
        assert!((2_000..4_000).contains(&about), "{about}");
        let lines = (about / 5 * 2).next_power_of_two();
        assert_eq!([1, 24].map(|hour| seen.hour(hour).lines), [lines; 2]);
        assert_eq!(seen.hour(9).lines, Hour::LINES.0);
    }
}
