//! The events of a counted step.
//!
//! Only those in the step's last second can be wanted by later steps: an earlier second
//! of it lies before every later step. So ways to take events differ in the last second
//! alone, and there only in entries that a later step could use.

use super::super::Body;
use super::super::course::{Place, bit};
use super::super::list::List;
use super::{Found, Placed, Search};
use std::sync::Arc;

/// The most ways to share one second's events that are tried.
const MOST_WAYS: usize = 4_096;

/// Where the events of a counted step may lie.
#[derive(Clone, Copy)]
struct Reach<'a> {
    list: &'a List,
    /// The earliest second.
    from: i64,
    /// The second of the first event is not later than this.
    first_by: i64,
}

/// A second's entry for a counted step.
#[derive(Clone, Copy)]
struct Offer<'a> {
    entry: usize,
    spare: u64,
    ids: &'a [Arc<str>],
    /// Whether a later step could use it.
    is_wanted: bool,
}

/// Whether the first event lies in the second of a break, where the absence holds only if
/// all that breaks it belongs to the match, or before it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum First {
    At,
    Before,
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
        let breaks = first_by <= self.ground.second;
        let firsts = if breaks { &[First::At, First::Before][..] } else { &[First::Before] };
        let mut before = self.latest[at];
        while let Some(hi) = list.latest(before).filter(|second| *second >= from) {
            for first in firsts {
                if self.is_spent() || (is_last && hi < self.ground.second) {
                    return None;
                }
                let found = self.extend_at(at, reach, (hi, *first));
                if found.is_some() {
                    return found;
                }
            }
            before = hi.saturating_sub(1);
        }
        None
    }

    /// The best match in which the place's last event is at `hi`.
    fn extend_at(
        &mut self,
        at: usize,
        reach: Reach<'a>,
        (hi, first): (i64, First),
    ) -> Option<Found> {
        let place = &self.ground.course.places[at];
        let by = reach.first_by.saturating_sub(i64::from(first == First::Before));
        let mut ways: Vec<Placed> = Vec::new();
        let offers = self.offers(at, reach.list, hi);
        let all = ways_of(&offers, place.need, hi);
        self.cut |= all.len() >= MOST_WAYS;
        for mut way in all {
            let events = way.events();
            let Some(lo) = self.first_event(place, reach, hi, events) else { continue };
            way.lo = lo;
            if lo > by {
                // One event before the break, and of the others one less.
                let Some(lo) = self.at_or_before(place, reach, by) else { continue };
                if lo < hi && events > place.need.saturating_sub(1).max(1) {
                    continue;
                }
                way.lo = lo;
            }
            if (way.lo == reach.first_by) == (first == First::At) {
                ways.push(way);
            }
        }
        ways.sort_by(|a, b| b.lo.cmp(&a.lo).then_with(|| a.ids.cmp(&b.ids)));
        // Ways alike in their times leave it to the steps after them, where these could use
        // what one of them takes.
        let is_wanted = offers.iter().any(|offer| offer.is_wanted);
        let mut best: Option<Found> = None;
        let mut lo = None;
        for way in ways {
            if self.is_spent() || (best.is_some() && (lo != Some(way.lo) || !is_wanted)) {
                break;
            }
            lo = Some(way.lo);
            self.tries += 1;
            self.stack.push(way);
            let found = self.extend(at + 1);
            self.stack.pop();
            best = Found::better(best, found);
        }
        best
    }

    /// The entries of a second that have events for a place.
    fn offers(&mut self, at: usize, list: &'a List, hi: i64) -> Vec<Offer<'a>> {
        let places = &self.ground.course.places;
        let place = &places[at];
        let is_last = at + 1 == places.len();
        // The event that a plain last step must use is kept for it already.
        let kept = places.last().filter(|last| !last.counted).map_or(0, |last| bit(last.step));
        let mut offers = Vec::new();
        for item in list.range(hi, hi) {
            self.tries = self.tries.saturating_add(1);
            let Some(entry) = self.entries(hi).get(item.entry) else { continue };
            let spare = self.spare(hi, item.entry, is_last);
            if spare > 0 && self.satisfies(place, entry) {
                let is_wanted = entry.mask & place.later & !kept != 0;
                let ids = self.free_ids(hi, item.entry);
                offers.push(Offer { entry: item.entry, spare, ids, is_wanted });
            }
        }
        if is_last
            && let Some(pinned) = self.pinned
            && offers.iter().all(|offer| offer.entry != pinned)
        {
            offers.clear();
        }
        offers
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

/// The ways to take at least one event of a second and at most so many as are needed: all
/// numbers of each entry that later steps could use, and of the others the least ids.
fn ways_of(offers: &[Offer<'_>], need: u64, hi: i64) -> Vec<Placed> {
    let spare: u64 = offers.iter().map(|offer| offer.spare).sum();
    let most = need.min(spare);
    let wanted: Vec<&Offer<'_>> = offers.iter().filter(|offer| offer.is_wanted).collect();
    let free: Vec<&Offer<'_>> = offers.iter().filter(|offer| !offer.is_wanted).collect();
    let mut shares: Vec<Vec<u64>> = vec![Vec::new()];
    for offer in &wanted {
        let mut more = Vec::new();
        for share in &shares {
            let left = most - share.iter().sum::<u64>();
            for events in 0..=left.min(offer.spare) {
                let mut share = share.clone();
                share.push(events);
                more.push(share);
            }
        }
        more.truncate(MOST_WAYS);
        shares = more;
    }
    let free_spare: u64 = free.iter().map(|offer| offer.spare).sum();
    let mut ways = Vec::new();
    for share in shares {
        let taken: u64 = share.iter().sum();
        let top = most.min(taken + free_spare);
        // Where no later step could use an event, taking fewer is of use only to make room
        // for one before a break.
        let low = if wanted.is_empty() { top.saturating_sub(1) } else { taken };
        for events in low.max(1)..=top {
            let mut picks: Vec<(&Offer<'_>, u64)> =
                wanted.iter().copied().zip(share.iter().copied()).collect();
            picks.extend(least(&free, events - taken));
            picks.retain(|(_, events)| *events > 0);
            ways.push(way_of(&picks, hi));
        }
        if ways.len() >= MOST_WAYS {
            break;
        }
    }
    ways
}

fn way_of(picks: &[(&Offer<'_>, u64)], hi: i64) -> Placed {
    let mut ids: Vec<(Arc<str>, usize)> = Vec::new();
    for (offer, events) in picks {
        let known = offer.ids.iter().take(usize::try_from(*events).unwrap_or(usize::MAX));
        ids.extend(known.map(|id| (Arc::clone(id), offer.entry)));
    }
    ids.sort();
    let picks = picks.iter().map(|(offer, events)| (offer.entry, *events)).collect();
    Placed { counted: true, hi, lo: hi, picks, ids }
}

/// So many events of some entries, the least ids first.
fn least<'o, 'a>(offers: &[&'o Offer<'a>], events: u64) -> Vec<(&'o Offer<'a>, u64)> {
    let wanted = usize::try_from(events).unwrap_or(usize::MAX);
    let mut ids: Vec<(&Arc<str>, usize)> = Vec::new();
    for (number, offer) in offers.iter().enumerate() {
        let most = usize::try_from(offer.spare).unwrap_or(usize::MAX);
        ids.extend(offer.ids.iter().take(most).map(|id| (id, number)));
    }
    ids.sort_unstable();
    let mut picks: Vec<(&Offer<'_>, u64)> = offers.iter().map(|offer| (*offer, 0)).collect();
    for (_, number) in ids.iter().take(wanted) {
        picks[*number].1 += 1;
    }
    let mut missing = events.saturating_sub(ids.len() as u64);
    for (offer, events) in &mut picks {
        let more = missing.min(offer.spare.saturating_sub(*events));
        *events += more;
        missing -= more;
    }
    picks
}
