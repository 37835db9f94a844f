//! What a firing tells: the match step by step, and how many events each step had.

use super::Body;
use super::search::{Found, Search};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A firing of a sequence.
#[derive(Clone, Debug)]
pub(crate) struct Fire<B> {
    /// When it fires: the second of the last event, or the deadline of a closing absence.
    pub(crate) second: i64,
    /// The second of the match's first event.
    pub(crate) first: i64,
    /// The firing event: the match's last one, of several in that second the least id.
    pub(crate) last: Option<Chosen<B>>,
    /// The steps that want events, in order.
    pub(crate) steps: Vec<Told<B>>,
    /// All events of the steps, each once, in order of time.
    pub(crate) evidence: Vec<Chosen<B>>,
    /// Events that exceptions kept out, from the first event to the firing.
    pub(crate) exempted: u64,
}

/// A step of a match.
#[derive(Clone, Debug)]
pub(crate) struct Told<B> {
    /// Its number.
    pub(crate) step: usize,
    /// `{step.count}`: the number of the `chosen` events.
    pub(crate) count: u64,
    /// The event of a plain step; of a counted step all events that satisfy it between the
    /// steps beside it. In order of time.
    pub(crate) chosen: Vec<Chosen<B>>,
}

/// Events of one entry.
#[derive(Clone, Debug)]
pub(crate) struct Chosen<B> {
    /// Their second.
    pub(crate) second: i64,
    /// How many.
    pub(crate) events: u64,
    /// Their least ids, ascending, as many as the entry knows.
    pub(crate) ids: Vec<Arc<str>>,
    /// What the entry carries: of all its events, also where fewer were chosen.
    pub(crate) body: B,
}

/// The events that a firing counts, and when it fires.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    /// The first second that counts for the first step.
    pub(super) from: i64,
    /// When the rule fires.
    pub(super) second: i64,
}

/// Events by second and entry: their ids, of a whole entry none.
type Union = BTreeMap<(i64, usize), Option<Vec<Arc<str>>>>;

impl<B: Body> Search<'_, '_, B> {
    /// A match as a firing tells it.
    pub(super) fn tell(mut self, found: &Found, span: Span) -> Fire<B> {
        self.adopt(found);
        let placed = &found.placed;
        let mut union = Union::new();
        let steps = (0..placed.len()).map(|at| self.tell_step(at, span, &mut union)).collect();
        let evidence: Vec<_> =
            union.into_iter().filter_map(|(key, ids)| self.events(key, ids)).collect();
        let last = placed.last().and_then(|placed| {
            let (id, entry) = self.ending()?;
            self.events((placed.hi, entry), Some(vec![id]))
        });
        let first = found.first();
        let cells = self.ground.cells;
        let range = cells.at_or_after(first)..cells.at_or_after(span.second.saturating_add(1));
        let exempted = cells.range(range).map(|(_, cell)| cell.moment.exempted).sum();
        Fire { second: span.second, first, last, steps, evidence, exempted }
    }

    fn tell_step(&mut self, at: usize, span: Span, union: &mut Union) -> Told<B> {
        let place = &self.ground.course.places[at];
        let own = self.stack[at].clone();
        let mut chosen = Vec::new();
        if place.counted {
            let from = at.checked_sub(1).map_or(span.from, |before| self.stack[before].hi);
            let to = self.stack.get(at + 1).map_or(self.ground.second, |next| next.lo);
            for item in self.ground.trail.lane(place.step).range(from, to) {
                let key = (item.second, item.entry);
                if self.fits(at, key) {
                    chosen.extend(self.events(key, None));
                    union.insert(key, None);
                }
            }
        } else if let Some((entry, _)) = own.picks.first() {
            let ids: Vec<_> = own.ids.into_iter().map(|(id, _)| id).collect();
            let key = (own.hi, *entry);
            chosen.extend(self.events(key, Some(ids.clone())));
            if let Some(known) = union.entry(key).or_insert_with(|| Some(Vec::new())) {
                known.extend(ids);
                known.sort_unstable();
            }
        }
        let count = chosen.iter().map(|chosen| chosen.events).sum();
        Told { step: place.step, count, chosen }
    }

    /// Events of an entry: those with these ids, or all.
    fn events(
        &self,
        (second, entry): (i64, usize),
        ids: Option<Vec<Arc<str>>>,
    ) -> Option<Chosen<B>> {
        let entry = self.entries(second).get(entry)?;
        let events = ids.as_ref().map_or(entry.events, |ids| ids.len() as u64);
        let ids = ids.unwrap_or_else(|| entry.body.ids().to_vec());
        Some(Chosen { second, events, ids, body: entry.body.clone() })
    }
}
