//! The match that an alert tells, among all whose last event is in one second.
//!
//! Depth first through the places; at each, candidates are tried in the order in which
//! matches are preferred, so the first that can be completed is the one to tell.
//!
//! # Invariants
//!
//! - The stack holds a placement for each place before the one at hand. Together they
//!   take no more events of an entry than it stands for.
//! - An event between two seconds of the stack that breaks an absence is met before
//!   the later second is taken; those in one of the two seconds are looked at when all
//!   places are known, since an event of the match breaks nothing.

use super::course::{Barrier, Course, Place, bit};
use super::list::{List, NEVER};
use super::trail::{Trail, early, key, late, with};
use super::walk::Cell;
use super::{Body, Entry, Holds};
use hashbrown::HashSet;
use state::Cells;
use std::cmp::Ordering;
use std::sync::Arc;

mod counted;

/// The most entries that one search looks at: 65,536.
pub(super) const MOST_TRIES: u32 = 1 << 16;

/// The events of one place.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    /// Whether it is of a counted step.
    pub(super) counted: bool,
    /// The second of its last event.
    pub(super) hi: i64,
    /// The second of its first event.
    pub(super) lo: i64,
    /// Entries of the last second and how many events of each.
    pub(super) picks: Vec<(usize, u64)>,
    /// The ids of those events with their entries, ascending, as far as they are known.
    pub(super) ids: Vec<(Arc<str>, usize)>,
}

impl Placed {
    /// How many events it takes of an entry of its last second.
    pub(super) fn events_of(&self, entry: usize) -> u64 {
        let picks = self.picks.iter().filter(|(number, _)| *number == entry);
        picks.map(|(_, events)| events).sum()
    }

    /// How many events it takes in its last second.
    pub(super) fn events(&self) -> u64 {
        self.picks.iter().map(|(_, events)| events).sum()
    }
}

/// A match.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The events of each place.
    pub(super) placed: Vec<Placed>,
}

impl Found {
    /// The time of its first event.
    pub(super) fn first(&self) -> i64 {
        self.placed.first().map_or(NEVER, |placed| placed.lo)
    }

    /// Less is told rather.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        let pairs = self.placed.iter().zip(&other.placed).enumerate();
        let steps = pairs.map(|(at, (a, b))| {
            let (first, last) = (b.lo.cmp(&a.lo), b.hi.cmp(&a.hi));
            let times = if at == 0 { first.then(last) } else { last.then(first) };
            times.then_with(|| if a.counted { Ordering::Equal } else { a.ids.cmp(&b.ids) })
        });
        steps.fold(Ordering::Equal, Ordering::then)
    }

    fn better(this: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (this, other) {
            (Some(a), Some(b)) => Some(if b.order(&a) == Ordering::Less { b } else { a }),
            (a, b) => a.or(b),
        }
    }
}

/// What a search looks through.
#[derive(Debug)]
pub(super) struct Ground<'a, B> {
    pub(super) course: &'a Course,
    pub(super) cells: &'a Cells<Cell<B>>,
    pub(super) trail: &'a Trail,
    /// Events at or before this second are not used.
    pub(super) floor: i64,
    /// The second of the last event.
    pub(super) second: i64,
}

impl<B> Clone for Ground<'_, B> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<B> Copy for Ground<'_, B> {}

/// A search for the match to tell.
pub(super) struct Search<'a, 'h, B> {
    pub(super) ground: Ground<'a, B>,
    holds: &'h mut Holds<'h, B>,
    /// The entry of the last second that the last place must use.
    pinned: Option<usize>,
    /// The latest second at which each place can end, as far as counts tell.
    latest: Vec<i64>,
    pub(super) stack: Vec<Placed>,
    /// The entries chosen for plain steps, by step.
    chosen: Vec<Option<&'a Entry<B>>>,
    /// Places and entries from which no match continues.
    failed: HashSet<(usize, i64, usize)>,
    tries: u32,
    /// Whether ways to share a second's events were left out.
    cut: bool,
}

/// A match, and whether the search gave up before it had seen all.
pub(super) type Outcome = (Option<Found>, bool);

impl<'a, 'h, B: Body> Search<'a, 'h, B> {
    pub(super) fn new(ground: Ground<'a, B>, holds: &'h mut Holds<'h, B>) -> Self {
        Self {
            ground,
            holds,
            pinned: None,
            latest: Vec::new(),
            stack: Vec::new(),
            chosen: vec![None; ground.course.steps],
            failed: HashSet::new(),
            tries: 0,
            cut: false,
        }
    }

    /// The match to tell among those whose last event is in the ground's second.
    pub(super) fn run(mut self) -> Outcome {
        let course = self.ground.course;
        let entries = self.entries(self.ground.second);
        let (Some(last), true) = (course.places.last(), self.find_latest()) else {
            return (None, false);
        };
        let shared = entries.iter().any(|entry| entry.mask.count_ones() > 1);
        let mut pins: Vec<Option<usize>> = vec![None];
        if !last.counted || last.reads {
            let mut ends: Vec<_> = with(entries, last.step).collect();
            ends.sort_by(|(_, a), (_, b)| a.body.ids().first().cmp(&b.body.ids().first()));
            pins = ends.into_iter().map(|(number, _)| Some(number)).collect();
        }
        let mut best = None;
        for pin in pins {
            self.pinned = pin;
            self.failed.clear();
            let found = self.extend(0);
            best = Found::better(best, found);
            if best.is_some() && !last.reads && !shared {
                break;
            }
        }
        (best, self.cut || self.is_spent())
    }

    fn is_spent(&self) -> bool {
        self.tries >= MOST_TRIES
    }

    /// Find the latest second at which each place can end; false where one cannot.
    fn find_latest(&mut self) -> bool {
        let Ground { course, trail, floor, second, .. } = self.ground;
        self.latest = vec![second; course.places.len()];
        let mut until = second;
        for (at, place) in course.places.iter().enumerate().rev() {
            let lane = trail.lane(place.step);
            let Some(end) = lane.latest(until).filter(|end| *end > floor) else { return false };
            self.latest[at] = end;
            let Some(first) = lane.nth_latest(until, place.need) else { return false };
            until = first.second;
        }
        until > floor
    }

    pub(super) fn entries(&self, second: i64) -> &'a [Entry<B>] {
        entries(self.ground.cells, second)
    }

    /// The best completion of the stack from a place on.
    fn extend(&mut self, at: usize) -> Option<Found> {
        let course = self.ground.course;
        let Some(place) = course.places.get(at) else {
            return self.keeps_absences().then(|| Found { placed: self.stack.clone() });
        };
        let before = self.stack.last().map(|placed| placed.hi);
        let mut barred = before.and_then(|from| self.first_break(place, from));
        if !self.keeps_absences() {
            // Only an event of the same second can still mend it, by being of the match.
            barred = before;
        }
        let span =
            (before.unwrap_or(self.ground.floor.saturating_add(1)), barred.unwrap_or(i64::MAX));
        let list = self.list(at, place)?;
        if place.counted {
            self.extend_counted(at, list, span)
        } else {
            self.extend_plain(at, list, span)
        }
    }

    /// Try the entries of a plain place that lie in a span, the preferred first.
    fn extend_plain(&mut self, at: usize, list: &'a List, (from, to): (i64, i64)) -> Option<Found> {
        let place = &self.ground.course.places[at];
        let is_last = at + 1 == self.ground.course.places.len();
        let mut before = self.latest[at].min(to);
        while let Some(second) = list.latest(before).filter(|second| *second >= from) {
            if is_last && second < self.ground.second {
                return None;
            }
            // An entry's failure says nothing of others where it shares its second with the
            // place before, or where an absence before it might be what failed.
            let apart = self.stack.last().is_none_or(|placed| placed.hi < second) && second < to;
            for (id, number) in self.by_id(list, second, is_last) {
                if self.is_spent() {
                    return None;
                }
                self.tries += 1;
                let entry = self.entries(second).get(number)?;
                if self.failed.contains(&(at, second, number)) || !self.satisfies(place, entry) {
                    continue;
                }
                self.chosen[place.step] = Some(entry);
                let ids = id.into_iter().map(|id| (id, number)).collect();
                let picks = vec![(number, 1)];
                self.stack.push(Placed { counted: false, hi: second, lo: second, picks, ids });
                let found = self.extend(at + 1);
                self.stack.pop();
                self.chosen[place.step] = None;
                if found.is_some() {
                    return found;
                }
                if apart && place.closed {
                    self.failed.insert((at, second, number));
                }
            }
            before = second.checked_sub(1)?;
        }
        None
    }

    /// The entries of a second that have an event to spare, by the least id they can give.
    fn by_id(&self, list: &'a List, second: i64, is_last: bool) -> Vec<(Option<Arc<str>>, usize)> {
        let mut candidates: Vec<(Option<Arc<str>>, usize)> = list
            .range(second, second)
            .filter(|item| !is_last || self.pinned == Some(item.entry))
            .filter(|item| self.spare(second, item.entry, is_last) > 0)
            .map(|item| (self.free_ids(second, item.entry).first().cloned(), item.entry))
            .collect();
        candidates.sort();
        candidates
    }

    /// The known ids of an entry that plain steps of the stack do not take: a counted step
    /// leaves the least ids to them.
    fn free_ids(&self, second: i64, entry: usize) -> &'a [Arc<str>] {
        let ids = self.entries(second).get(entry).map_or(&[][..], |entry| entry.body.ids());
        let plain = self.stack.iter().filter(|placed| !placed.counted && placed.hi == second);
        let taken: u64 = plain.map(|placed| placed.events_of(entry)).sum();
        ids.get(usize::try_from(taken).unwrap_or(usize::MAX)..).unwrap_or_default()
    }

    /// The id and entry of the event that a match is told by: in its last second the least
    /// that satisfies its last step and that no other plain step has.
    pub(super) fn ending(&mut self) -> Option<(Arc<str>, usize)> {
        let last = self.stack.last()?;
        if !last.counted {
            return last.ids.first().cloned();
        }
        let (at, hi) = (self.stack.len() - 1, last.hi);
        let lane = self.ground.trail.lane(self.ground.course.places[at].step);
        let ids = lane.range(hi, hi).filter_map(|item| {
            let id = self.free_ids(hi, item.entry).first()?;
            self.fits(at, (hi, item.entry)).then(|| (Arc::clone(id), item.entry))
        });
        ids.min()
    }

    /// The events of an entry that the stack does not take; one is kept for the last place
    /// where that must use it.
    fn spare(&self, second: i64, entry: usize, is_last: bool) -> u64 {
        let events = self.entries(second).get(entry).map_or(0, |entry| entry.events);
        let pinned = second == self.ground.second && self.pinned == Some(entry);
        let kept = u64::from(pinned && !is_last);
        events.saturating_sub(self.taken(second, entry)).saturating_sub(kept)
    }

    /// The events of an entry that the stack takes in its last seconds.
    fn taken(&self, second: i64, entry: usize) -> u64 {
        let there = self.stack.iter().filter(|placed| placed.hi == second);
        there.map(|placed| placed.events_of(entry)).sum()
    }

    /// Where to look for a place's entries: the shortest list that has all that fit what is
    /// chosen.
    fn list(&self, at: usize, place: &Place) -> Option<&'a List> {
        let trail = self.ground.trail;
        let mut best = trail.lane(place.step);
        let mut narrow = |side: usize, hash: Option<u64>| {
            let list = hash.and_then(|hash| trail.keyed(side, hash))?;
            if list.len() < best.len() {
                best = list;
            }
            Some(())
        };
        for join in &place.joins {
            if let Some(entry) = self.joined(*join, place.step) {
                narrow(late(*join), key(entry, early(*join)))?;
            }
        }
        let places = &self.ground.course.places;
        if let (Some(last), Some(pinned)) = (places.last(), self.pinned)
            && at + 1 < places.len()
        {
            let entry = self.entries(self.ground.second).get(pinned)?;
            for (join, _) in place.read_by.iter().filter(|(_, step)| *step == last.step) {
                narrow(early(*join), key(entry, late(*join)))?;
            }
        }
        Some(best)
    }

    /// The entry chosen for the earlier step of a join that this step reads.
    fn joined(&self, join: usize, step: usize) -> Option<&'a Entry<B>> {
        let places = self.ground.course.places.iter();
        let mut early = places.filter(|place| place.read_by.contains(&(join, step)));
        early.next().and_then(|place| self.chosen[place.step])
    }

    /// Whether an event of an entry satisfies a place, with what is chosen.
    fn satisfies(&mut self, place: &Place, entry: &Entry<B>) -> bool {
        !place.reads || self.ask(place.step, entry)
    }

    fn ask(&mut self, step: usize, entry: &Entry<B>) -> bool {
        let chosen: Vec<Option<&B>> =
            self.chosen.iter().map(|entry| entry.map(|entry| &entry.body)).collect();
        (self.holds)(step, &entry.body, &chosen)
    }

    /// The first second at or after one with an event that breaks an absence before a place,
    /// as far as the stack tells.
    fn first_break(&mut self, place: &Place, from: i64) -> Option<i64> {
        let mut first: Option<i64> = None;
        for barrier in &place.barriers {
            let to = first.unwrap_or(self.ground.second);
            let Some(list) = self.breaking(barrier) else { continue };
            for item in list.range(from, to) {
                self.tries = self.tries.saturating_add(1);
                let Some(entry) = self.entries(item.second).get(item.entry) else { continue };
                let breaks = !barrier.reads || self.ask(barrier.step, entry);
                if breaks && !self.is_excused(item.second, item.entry) {
                    first = Some(item.second);
                    break;
                }
            }
        }
        first
    }

    /// The entries that may break an absence; nothing where none can.
    fn breaking(&self, barrier: &Barrier) -> Option<&'a List> {
        let trail = self.ground.trail;
        let mut list = trail.lane(barrier.step);
        for (join, step) in barrier.joins.iter().zip(&barrier.early) {
            if let Some(entry) = self.chosen[*step] {
                let same = key(entry, early(*join)).and_then(|hash| trail.keyed(late(*join), hash));
                list = same.filter(|same| same.len() <= list.len()).or(same)?;
            }
        }
        Some(list)
    }

    /// Whether all events of an entry belong to the match: chosen, or one more of a counted
    /// step that has events in that second.
    fn is_excused(&mut self, second: i64, number: usize) -> bool {
        let Some(entry) = self.entries(second).get(number) else { return true };
        if self.taken(second, number) >= entry.events {
            return true;
        }
        let course = self.ground.course;
        for (at, place) in course.places.iter().enumerate().take(self.stack.len()) {
            let placed = &self.stack[at];
            let there = placed.hi == second || placed.lo == second;
            let fits = place.counted && there && entry.mask & bit(place.step) != 0;
            if fits && self.satisfies(place, entry) {
                return true;
            }
        }
        false
    }

    /// Whether no other event breaks an absence in the seconds of the stack's own events.
    fn keeps_absences(&mut self) -> bool {
        let course = self.ground.course;
        for (at, place) in course.places.iter().enumerate().take(self.stack.len()).skip(1) {
            if place.barriers.is_empty() {
                continue;
            }
            for second in [self.stack[at - 1].hi, self.stack[at].lo] {
                if place.barriers.iter().any(|barrier| self.is_broken(barrier, second)) {
                    return false;
                }
            }
        }
        true
    }

    /// Whether another event of a second satisfies a step that wants none.
    fn is_broken(&mut self, barrier: &Barrier, second: i64) -> bool {
        with(self.entries(second), barrier.step).any(|(number, entry)| {
            (!barrier.reads || self.ask(barrier.step, entry)) && !self.is_excused(second, number)
        })
    }

    /// Whether a closing absence is broken before a deadline, after this match.
    pub(super) fn ends(mut self, found: &Found, deadline: i64) -> bool {
        self.adopt(found);
        let Ground { course, second, .. } = self.ground;
        course.closing.iter().any(|barrier| {
            let Some(list) = self.breaking(barrier) else { return false };
            list.range(second, deadline.saturating_sub(1)).any(|item| {
                let Some(entry) = self.entries(item.second).get(item.entry) else { return false };
                let breaks = !barrier.reads || self.ask(barrier.step, entry);
                breaks && (item.second > second || !self.is_excused(second, item.entry))
            })
        })
    }

    /// Whether an entry satisfies a place, with what a match has chosen.
    pub(super) fn fits(&mut self, at: usize, (second, number): (i64, usize)) -> bool {
        let place = &self.ground.course.places[at];
        self.entries(second).get(number).is_some_and(|entry| self.satisfies(place, entry))
    }

    /// Take a match as chosen.
    pub(super) fn adopt(&mut self, found: &Found) {
        for (place, placed) in self.ground.course.places.iter().zip(&found.placed) {
            let picked = placed.picks.first().filter(|_| !place.counted);
            self.chosen[place.step] =
                picked.and_then(|(number, _)| self.entries(placed.hi).get(*number));
        }
        self.stack.clone_from(&found.placed);
    }
}

/// The entries of a second.
pub(super) fn entries<B>(cells: &Cells<Cell<B>>, second: i64) -> &[Entry<B>] {
    match cells.get(cells.at_or_after(second)) {
        Some((there, cell)) if there == second => &cell.moment.entries,
        _ => &[],
    }
}
