//! What is known of a group's walked seconds by step and by join key.
//!
//! # Invariants
//!
//! - A list holds the entries of walked seconds that were not forgotten, in order.
//! - `reach[k]` is at least the first event's time of every match of the places up to
//!   `k` that an event of place `k + 1` could continue now: never too early.
//! - `take_back` of the latest second undoes `enter` of it, but for `reach`, which the
//!   walker holds for each second.

use super::Entry;
use super::course::{Barrier, Course, Place, bit};
use super::list::{List, NEVER};
use hashbrown::HashMap;

/// Entries by step and by key.
#[derive(Clone, Debug)]
pub(super) struct Trail {
    /// The entries of each step.
    lanes: Vec<List>,
    /// Entries by side of a join (twice its number, one more for the later side) and hash.
    keyed: HashMap<(usize, u64), List>,
    pub(super) reach: Vec<i64>,
}

/// The side of a join that is read.
pub(super) fn early(join: usize) -> usize {
    2 * join
}

/// The side of a join that reads.
pub(super) fn late(join: usize) -> usize {
    2 * join + 1
}

/// The hash of an entry at a side of a join.
pub(super) fn key<B>(entry: &Entry<B>, side: usize) -> Option<u64> {
    entry.keys.get(side).copied().flatten()
}

impl Trail {
    pub(super) fn new(course: &Course) -> Self {
        Self {
            lanes: vec![List::default(); course.steps],
            keyed: HashMap::new(),
            reach: vec![NEVER; course.places.len()],
        }
    }

    /// The entries of a step.
    pub(super) fn lane(&self, step: usize) -> &List {
        &self.lanes[step]
    }

    /// The entries with a hash at a side of a join.
    pub(super) fn keyed(&self, side: usize, hash: u64) -> Option<&List> {
        self.keyed.get(&(side, hash))
    }

    /// A second's entries enter, after those of all seconds before it. Returns the latest
    /// first event that a match whose last event is in this second may have.
    pub(super) fn enter<B>(&mut self, course: &Course, second: i64, entries: &[Entry<B>]) -> i64 {
        let barriers = course.places.iter().flat_map(|place| &place.barriers);
        for barrier in barriers.chain(&course.closing) {
            for (number, entry) in with(entries, barrier.step) {
                self.lanes[barrier.step].push(second, number, entry.events, NEVER);
                self.push_late(&barrier.joins, (second, number), entry);
            }
        }
        let mut last = NEVER;
        for (at, place) in course.places.iter().enumerate() {
            last = self.enter_place(at, place, second, entries);
            self.reach[at] = self.reach[at].max(last);
            let next = course.places.get(at + 1);
            if next.is_some_and(|next| is_barred(entries, &next.barriers, course.positive)) {
                self.reach[at] = NEVER;
            }
        }
        last
    }

    fn enter_place<B>(
        &mut self,
        at: usize,
        place: &Place,
        second: i64,
        entries: &[Entry<B>],
    ) -> i64 {
        let before = at.checked_sub(1).map_or(second, |before| self.reach[before]);
        let mut any = false;
        for (number, entry) in with(entries, place.step) {
            any = true;
            self.lanes[place.step].push(second, number, entry.events, before);
            self.push_late(&place.joins, (second, number), entry);
        }
        if !any {
            return NEVER;
        }
        let start = if place.counted {
            let first = self.lanes[place.step].nth_latest(second, place.need);
            first.map_or(NEVER, |item| if at == 0 { item.second } else { item.best })
        } else {
            before
        };
        let mut best = NEVER;
        for (number, entry) in with(entries, place.step) {
            let reach = self.reach_of(place, second, entry, start);
            if reach == NEVER {
                continue;
            }
            best = best.max(reach);
            for (join, _) in &place.read_by {
                if let Some(hash) = key(entry, early(*join)) {
                    let list = self.keyed.entry((early(*join), hash)).or_default();
                    list.push(second, number, entry.events, reach);
                }
            }
        }
        best
    }

    /// The latest first event of a match up to this entry, as far as joins tell.
    fn reach_of<B>(&self, place: &Place, second: i64, entry: &Entry<B>, start: i64) -> i64 {
        let mut reach = start;
        for join in &place.joins {
            let Some(hash) = key(entry, late(*join)) else { return NEVER };
            reach = reach.min(self.keyed(early(*join), hash).map_or(NEVER, List::best));
            if place.counted {
                let same = self.keyed(late(*join), hash);
                let first = same.and_then(|list| list.nth_latest(second, place.need));
                reach = reach.min(first.map_or(NEVER, |item| item.second));
            }
        }
        reach
    }

    fn push_late<B>(&mut self, joins: &[usize], (second, number): (i64, usize), entry: &Entry<B>) {
        for join in joins {
            if let Some(hash) = key(entry, late(*join)) {
                let list = self.keyed.entry((late(*join), hash)).or_default();
                list.push(second, number, entry.events, NEVER);
            }
        }
    }

    /// The latest second's entries are taken back.
    pub(super) fn take_back<B>(&mut self, second: i64, entries: &[Entry<B>]) {
        self.each_list(entries, |list| list.take_back(second));
    }

    /// The earliest second's entries are forgotten.
    pub(super) fn forget<B>(&mut self, second: i64, entries: &[Entry<B>]) {
        self.each_list(entries, |list| list.forget(second));
    }

    /// Change every list that holds one of the entries; lists left empty go.
    fn each_list<B>(&mut self, entries: &[Entry<B>], change: impl Fn(&mut List)) {
        self.lanes.iter_mut().for_each(&change);
        for entry in entries {
            for (side, hash) in entry.keys.iter().enumerate() {
                let Some(hash) = hash else { continue };
                let Some(list) = self.keyed.get_mut(&(side, *hash)) else { continue };
                change(list);
                if list.len() == 0 {
                    self.keyed.remove(&(side, *hash));
                }
            }
        }
        if self.keyed.capacity() > 256 && self.keyed.len() < self.keyed.capacity() / 8 {
            self.keyed.shrink_to(self.keyed.len() * 2);
        }
    }
}

/// The entries that satisfy a step, with their numbers.
pub(super) fn with<B>(
    entries: &[Entry<B>],
    step: usize,
) -> impl Iterator<Item = (usize, &Entry<B>)> {
    let mask = bit(step);
    entries.iter().enumerate().filter(move |(_, entry)| entry.mask & mask != 0)
}

/// Whether an entry that no place can use breaks an absence, whatever was chosen.
fn is_barred<B>(entries: &[Entry<B>], barriers: &[Barrier], positive: u32) -> bool {
    barriers
        .iter()
        .filter(|barrier| !barrier.reads)
        .any(|barrier| with(entries, barrier.step).any(|(_, entry)| entry.mask & positive == 0))
}
