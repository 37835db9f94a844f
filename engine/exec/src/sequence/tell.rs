//! What a firing tells: the match step by step, and how many events each step had.

use super::course::bit;
use super::search::{Found, Search, entries};
use super::{Body, Entry};
use std::sync::Arc;

/// A firing of a sequence.
#[derive(Clone, Debug)]
pub struct Fire<B> {
    /// When it fires: the second of the last event, or the deadline of a closing absence.
    pub second: i64,
    /// The second of the match's first event.
    pub first: i64,
    /// The second of the match's last event.
    pub last: i64,
    /// The steps that want events, in order.
    pub steps: Vec<Told<B>>,
    /// Events that exceptions kept out, from the first event to the firing.
    pub exempted: u64,
}

/// A step of a match.
#[derive(Clone, Debug)]
pub struct Told<B> {
    /// Its number.
    pub step: usize,
    /// The number of all events that satisfy it between the steps beside it, which is
    /// `{step.count}`.
    pub count: u64,
    /// Its events, the latest first: one of a plain step, of a counted step as many as it
    /// asks for, or one more.
    pub chosen: Vec<Chosen<B>>,
}

/// Events of one entry that belong to a match.
#[derive(Clone, Debug)]
pub struct Chosen<B> {
    /// Their second.
    pub second: i64,
    /// How many.
    pub events: u64,
    /// Their ids, ascending; fewer than the events where the entry had more than it names.
    pub ids: Vec<Arc<str>>,
    /// What the entry carries.
    pub body: B,
}

/// What bounds the events that a firing counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    /// The first second that counts for the first step.
    pub(super) from: i64,
    /// When the rule fires.
    pub(super) second: i64,
}

impl<'a, B: Body> Search<'a, '_, B> {
    /// A match as a firing tells it.
    pub(super) fn tell(mut self, found: &Found, span: Span) -> Fire<B> {
        self.adopt(found);
        let placed = &found.placed;
        let places = self.ground.course.places.len();
        let mut steps = Vec::with_capacity(places);
        for at in 0_usize..places {
            let from = at.checked_sub(1).map_or(span.from, |before| placed[before].hi);
            let to = placed.get(at + 1).map_or(span.second, |next| next.lo);
            steps.push(Told {
                step: self.ground.course.places[at].step,
                count: self.count(at, (from, to)),
                chosen: self.chosen_of(at, found),
            });
        }
        let cells = self.ground.cells;
        let first = found.first();
        let range = cells.at_or_after(first)..cells.at_or_after(span.second.saturating_add(1));
        let exempted = cells.range(range).map(|(_, cell)| cell.moment.exempted).sum();
        Fire { second: span.second, first, last: self.ground.second, steps, exempted }
    }

    fn chosen_of(&mut self, at: usize, found: &Found) -> Vec<Chosen<B>> {
        let place = &self.ground.course.places[at];
        let placed = &found.placed[at];
        if !place.counted {
            let entry = self.chosen[place.step].map(|entry| entry.body.clone());
            let ids: Vec<_> = placed.id.iter().cloned().collect();
            let one = entry.map(|body| Chosen { second: placed.hi, events: 1, ids, body });
            return one.into_iter().collect();
        }
        let mut chosen = Vec::new();
        let mut missing = place.need;
        let seconds: Vec<i64> = {
            let lane = self.ground.trail.lane(place.step);
            let mut seconds: Vec<i64> =
                lane.range(placed.lo, placed.hi).map(|item| item.second).collect();
            seconds.dedup();
            seconds
        };
        for second in seconds.into_iter().rev() {
            // The first event is one of the match, even where there are enough after it.
            let wanted = if second == placed.lo { missing.max(1) } else { missing };
            if wanted == 0 {
                continue;
            }
            missing = missing.saturating_sub(self.take(at, found, (second, wanted), &mut chosen));
        }
        chosen
    }

    /// Take events of a second for a counted step, the least ids first; returns how many.
    fn take(
        &mut self,
        at: usize,
        found: &Found,
        (second, wanted): (i64, u64),
        chosen: &mut Vec<Chosen<B>>,
    ) -> u64 {
        let step = bit(self.ground.course.places[at].step);
        let mut offered: Vec<(&'a Entry<B>, Vec<Arc<str>>, u64)> = Vec::new();
        for (number, entry) in self.entries(second).iter().enumerate() {
            if entry.mask & step == 0 || !self.fits(at, entry) {
                continue;
            }
            // Ids that plain steps have, and events that the other steps take.
            let others = found.placed.iter().enumerate();
            let others = others.filter(|(other, placed)| *other != at && placed.hi == second);
            let (mut taken, mut before) = (0, 0);
            let mut ids = entry.body.ids().to_vec();
            for (other, placed) in others {
                let events = placed.events_of(number);
                taken += events;
                match &placed.id {
                    Some(id) => ids.retain(|known| known != id),
                    None if other < at => before += events,
                    None => {}
                }
            }
            ids.drain(..usize::try_from(before).unwrap_or(usize::MAX).min(ids.len()));
            let own = &found.placed[at];
            let spare = if own.hi == second {
                own.events_of(number)
            } else {
                entry.events.saturating_sub(taken)
            };
            if spare > 0 {
                offered.push((entry, ids, spare));
            }
        }
        let shares = shares(&offered, wanted);
        let total = shares.iter().sum();
        for ((entry, mut ids, _), events) in offered.into_iter().zip(shares) {
            if events > 0 {
                ids.truncate(usize::try_from(events).unwrap_or(usize::MAX));
                chosen.push(Chosen { second, events, ids, body: entry.body.clone() });
            }
        }
        total
    }
}

/// How many events each entry gives when so many are wanted, the least ids first.
fn shares<B>(offered: &[(&Entry<B>, Vec<Arc<str>>, u64)], wanted: u64) -> Vec<u64> {
    let mut ids: Vec<(&Arc<str>, usize)> = Vec::new();
    for (number, (_, known, spare)) in offered.iter().enumerate() {
        let most = usize::try_from(*spare).unwrap_or(usize::MAX);
        ids.extend(known.iter().take(most).map(|id| (id, number)));
    }
    ids.sort_unstable();
    let mut shares = vec![0; offered.len()];
    let mut missing = wanted;
    for (_, number) in ids.into_iter().take(usize::try_from(wanted).unwrap_or(usize::MAX)) {
        shares[number] += 1;
        missing -= 1;
    }
    for (share, (_, _, spare)) in shares.iter_mut().zip(offered) {
        let more = missing.min(spare.saturating_sub(*share));
        *share += more;
        missing -= more;
    }
    shares
}

/// The bodies of the entries of a second; nothing for one without events.
pub(super) fn bodies<B>(
    cells: &state::Cells<super::walk::Cell<B>>,
    second: i64,
) -> impl Iterator<Item = &B> {
    entries(cells, second).iter().map(|entry| &entry.body)
}
