//! The events of a counted step.
//!
//! Only those in the step's last second can be wanted by later steps: an earlier second
//! of it lies before every later step. So ways to take events differ in the last second
//! alone, and there only in entries that a later step could use.

use super::super::Body;
use super::super::course::Place;
use super::super::list::List;
use super::{Found, Placed, Search};

/// The most ways to share one second's events that are tried.
const MOST_WAYS: usize = 4_096;

/// Entries of a second, and how many events of each.
type Picks = Vec<(usize, u64)>;

/// Where the events of a counted step may lie.
#[derive(Clone, Copy)]
struct Reach<'a> {
    list: &'a List,
    /// The earliest second.
    from: i64,
    /// The second of the first event is not later than this.
    first_by: i64,
}

impl<'a, B: Body> Search<'a, '_, B> {
    /// Try the ways to take events for a counted place, the preferred first.
    pub(super) fn extend_counted(
        &mut self,
        at: usize,
        list: &'a List,
        (from, first_by): (i64, i64),
    ) -> Option<Found> {
        let reach = Reach { list, from, first_by };
        let is_last = at + 1 == self.ground.course.places.len();
        let mut before = self.ends[at];
        while let Some(hi) = list.latest(before).filter(|second| *second >= from) {
            if self.is_spent() || (is_last && hi < self.ground.second) {
                return None;
            }
            let found = self.extend_at(at, reach, hi);
            if found.is_some() {
                return found;
            }
            before = hi.checked_sub(1)?;
        }
        None
    }

    /// The best match in which the place's last event is at `hi`.
    fn extend_at(&mut self, at: usize, reach: Reach<'a>, hi: i64) -> Option<Found> {
        let place = &self.ground.course.places[at];
        let mut ways: Vec<(i64, Picks)> = Vec::new();
        for picks in self.ways(at, reach.list, hi) {
            let events = picks.iter().map(|(_, events)| events).sum();
            let Some(lo) = self.first_event(place, reach, hi, events) else { continue };
            let by = lo.min(reach.first_by);
            let lo = if by == lo { Some(lo) } else { self.at_or_before(place, reach, by) };
            let Some(lo) = lo else { continue };
            ways.push((lo, picks.clone()));
            // In the second of a break the absence may still be broken: one earlier event more.
            if lo == reach.first_by
                && let Some(earlier) = self.at_or_before(place, reach, lo.saturating_sub(1))
            {
                ways.push((earlier, picks));
            }
        }
        ways.sort_by_key(|(lo, _)| std::cmp::Reverse(*lo));
        let mut best: Option<(i64, Found)> = None;
        for (lo, picks) in ways {
            if best.as_ref().is_some_and(|(known, _)| lo < *known) || self.is_spent() {
                break;
            }
            self.tries += 1;
            self.stack.push(Placed { hi, lo, picks, id: None });
            let found = self.extend(at + 1);
            self.stack.pop();
            best = Found::better(best.map(|(_, found)| found), found).map(|found| (lo, found));
        }
        best.map(|(_, found)| found)
    }

    /// The ways to take one event or more of a second, all that no later place could use
    /// among them.
    fn ways(&mut self, at: usize, list: &'a List, hi: i64) -> Vec<Picks> {
        let place = &self.ground.course.places[at];
        let is_last = at + 1 == self.ground.course.places.len();
        let mut ways: Vec<Picks> = vec![Vec::new()];
        let mut has_pinned = false;
        for item in list.range(hi, hi) {
            self.tries = self.tries.saturating_add(1);
            let Some(entry) = self.entries(hi).get(item.entry) else { continue };
            let spare = self.spare(hi, item.entry, is_last);
            if spare == 0 || !self.satisfies(place, entry) {
                continue;
            }
            has_pinned |= self.pinned == Some(item.entry);
            let wanted = if entry.mask & place.later == 0 { 0 } else { place.later_need };
            let left = wanted.min(spare);
            let mut more = Vec::new();
            for way in &ways {
                for leave in 0..=left {
                    let mut way = way.clone();
                    if spare > leave {
                        way.push((item.entry, spare - leave));
                    }
                    more.push(way);
                }
                if more.len() >= MOST_WAYS {
                    self.tries = super::MOST_TRIES;
                    break;
                }
            }
            ways = more;
        }
        if is_last && self.pinned.is_some() && !has_pinned {
            return Vec::new();
        }
        ways.retain(|way| !way.is_empty());
        ways
    }

    /// The second of the first event, where so many are taken in the last second and the
    /// others as late as can be; nothing where there are too few.
    fn first_event(&mut self, place: &Place, reach: Reach<'a>, hi: i64, taken: u64) -> Option<i64> {
        let Some(missing) = place.need.checked_sub(taken).filter(|missing| *missing > 0) else {
            return Some(hi);
        };
        let Reach { list, from, .. } = reach;
        let until = hi.checked_sub(1)?;
        if !place.reads {
            let lo = list.nth_latest(until, missing)?.second;
            if lo > from {
                return Some(lo);
            }
            let used: u64 = list.range(from, from).map(|item| self.taken(from, item.entry)).sum();
            let all = list.total(until).saturating_sub(list.total(from.saturating_sub(1)));
            return (lo == from && all.saturating_sub(used) >= missing).then_some(lo);
        }
        let mut missing = missing;
        for item in list.range(from, until).rev() {
            self.tries = self.tries.saturating_add(1);
            let Some(entry) = self.entries(item.second).get(item.entry) else { continue };
            let spare = self.spare(item.second, item.entry, false);
            if spare > 0 && self.satisfies(place, entry) {
                missing = missing.saturating_sub(spare);
            }
            if missing == 0 {
                return Some(item.second);
            }
        }
        None
    }

    /// The latest second at or before one that has an event for the place.
    fn at_or_before(&mut self, place: &Place, reach: Reach<'a>, second: i64) -> Option<i64> {
        for item in reach.list.range(reach.from, second).rev() {
            self.tries = self.tries.saturating_add(1);
            let Some(entry) = self.entries(item.second).get(item.entry) else { continue };
            let spare = self.spare(item.second, item.entry, false);
            if spare > 0 && self.satisfies(place, entry) {
                return Some(item.second);
            }
        }
        None
    }
}
