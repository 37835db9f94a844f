//! The walk over a group's seconds: where the sequence fires.
//!
//! In a replay each second is walked once, when it is complete. In a live stream a
//! second is walked again when an event enters it or one before it: what it and later
//! seconds did is taken back first, and what was alerted stays alerted.
//!
//! # Invariants
//!
//! - `trail` knows the seconds up to `walked`, and no others.
//! - A deadline is decided once, when all seconds before it are complete; an event that
//!   enters later lies after it.
//! - A wait is kept for the best match of each second alone. Where that one starts
//!   before a firing, so do all others of its second.

use super::course::Course;
use super::list::NEVER;
use super::search::{Found, Ground, Search};
use super::tell::{Fire, Span};
use super::trail::Trail;
use super::{Body, Holds, Moment};
use state::{Cells, Row};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// A second of the group and how the trail stood after it.
#[derive(Clone, Debug)]
pub(super) struct Cell<B> {
    pub(super) moment: Moment<B>,
    /// The trail's `reach` after this second; kept in a live stream only.
    reach: Box<[i64]>,
}

impl<B: Body> Row for Cell<B> {
    fn absorb(&mut self, other: Self) {
        self.moment.absorb(other.moment);
    }
}

/// How a group is walked.
pub(crate) struct Judging<'a, B> {
    /// The sequence.
    pub(crate) course: &'a Course,
    /// Whether seconds may be walked again.
    pub(crate) live: bool,
    /// What conditions over several events say.
    pub(crate) holds: &'a mut Holds<'a, B>,
}

/// A group of a sequence: its events, and where it fires.
#[derive(Clone, Debug)]
pub(crate) struct Walker<B> {
    pub(super) cells: Cells<Cell<B>>,
    trail: Trail,
    walked: i64,
    /// Seconds at which it fired; in a replay the last alone.
    fired: Vec<i64>,
    /// Matches that wait for a closing absence, by deadline and last event.
    waits: BTreeMap<(i64, i64), Found>,
    /// Seconds of alerts that were given; kept in a live stream only.
    told: BTreeSet<i64>,
    exhausted: u64,
}

impl<B: Body> Walker<B> {
    /// A group without events.
    #[must_use]
    pub(crate) fn new(course: &Course) -> Self {
        Self {
            cells: Cells::default(),
            trail: Trail::new(course),
            walked: NEVER,
            fired: Vec::new(),
            waits: BTreeMap::new(),
            told: BTreeSet::new(),
            exhausted: 0,
        }
    }

    /// Put what happened into its second. In a replay that second is not yet walked.
    pub(crate) fn put(&mut self, second: i64, moment: Moment<B>) {
        if second <= self.walked {
            self.take_back(second);
        }
        self.cells.put(second, Cell { moment, reach: Box::default() });
    }

    /// Judge the seconds not yet walked up to and including `until`, and decide the
    /// deadlines up to and including `clock`.
    ///
    /// # Time
    ///
    /// In a replay both are the watermark, at the end of the input its last second. In a
    /// live stream `until` is the end of time and `clock` the watermark: no event before
    /// it comes any more.
    pub(crate) fn walk(
        &mut self,
        until: i64,
        clock: i64,
        judging: &mut Judging<'_, B>,
        out: &mut Vec<Fire<B>>,
    ) {
        let course = judging.course;
        let clock = clock.min(until);
        loop {
            let index = self.cells.at_or_after(self.walked.saturating_add(1));
            let Some((second, cell)) = self.cells.get_mut(index) else { break };
            if second > until {
                break;
            }
            let reach = self.trail.enter(course, second, &cell.moment.entries);
            if judging.live {
                cell.reach = self.trail.reach.clone().into_boxed_slice();
            }
            self.walked = second;
            if reach > self.floor(second, course) {
                self.search(second, judging, out);
            }
            if !judging.live {
                self.decide(second.min(clock), judging, out);
                self.forget_to(second.saturating_sub(course.memory()));
            }
        }
        self.decide(clock, judging, out);
    }

    /// Forget what no second after the watermark asks for. Its deadlines are decided.
    pub(crate) fn forget(&mut self, watermark: i64, course: &Course) {
        self.forget_to(watermark.saturating_sub(course.memory()).min(self.walked));
        self.told = self.told.split_off(&watermark);
        let old = self.fired.partition_point(|second| *second <= watermark);
        self.fired.drain(..old.saturating_sub(1));
    }

    /// Whether seconds wait to be judged, or deadlines to be decided.
    #[must_use]
    pub(crate) fn is_waiting(&self) -> bool {
        let unwalked = self.cells.at_or_after(self.walked.saturating_add(1)) < self.cells.len();
        unwalked || !self.waits.is_empty()
    }

    /// The next deadline that is to be decided.
    #[must_use]
    pub(crate) fn next_deadline(&self) -> Option<i64> {
        self.waits.first_key_value().map(|((deadline, _), _)| *deadline)
    }

    /// Whether it tells nothing any more.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.cells.is_empty() && self.waits.is_empty()
    }

    /// How many searches gave up: a firing may be missing.
    #[must_use]
    pub(crate) fn exhausted(&self) -> u64 {
        self.exhausted
    }

    /// Events at or before this second are not used by a match that ends at `second`.
    fn floor(&self, second: i64, course: &Course) -> i64 {
        let window = second.saturating_sub(course.within);
        self.fired.last().map_or(window, |fired| window.max(*fired))
    }

    fn ground<'a>(&'a self, second: i64, course: &'a Course) -> Ground<'a, B> {
        let floor = self.floor(second, course);
        Ground { course, cells: &self.cells, trail: &self.trail, floor, second }
    }

    /// Look for a match whose last event is in a second.
    fn search(&mut self, second: i64, judging: &mut Judging<'_, B>, out: &mut Vec<Fire<B>>) {
        let course = judging.course;
        let ground = self.ground(second, course);
        let (found, spent) = Search::new(ground, &mut *judging.holds).run();
        self.exhausted += u64::from(spent);
        let Some(found) = found else { return };
        if course.waits() {
            let deadline = found.first().saturating_add(course.within);
            self.waits.insert((deadline, second), found);
        } else {
            self.fire((second, second), &found, judging, out);
        }
    }

    /// Let the deadlines up to and including `clock` come due.
    fn decide(&mut self, clock: i64, judging: &mut Judging<'_, B>, out: &mut Vec<Fire<B>>) {
        while let Some((&(deadline, _), _)) = self.waits.first_key_value() {
            if deadline > clock {
                break;
            }
            let mut best: Option<(i64, Found)> = None;
            while let Some(entry) = self.waits.first_entry()
                && entry.key().0 == deadline
            {
                let ((_, last), found) = entry.remove_entry();
                let search = Search::new(self.ground(last, judging.course), &mut *judging.holds);
                let is_old = self.fired.last().is_some_and(|fired| found.first() <= *fired);
                if is_old || search.ends(&found, deadline) {
                    continue;
                }
                if best.as_ref().is_none_or(|(_, known)| found.order(known) == Ordering::Less) {
                    best = Some((last, found));
                }
            }
            if let Some((last, found)) = best {
                self.fire((deadline, last), &found, judging, out);
            }
        }
    }

    /// Fire at a second with a match whose last event is at `last`.
    fn fire(
        &mut self,
        (second, last): (i64, i64),
        found: &Found,
        judging: &mut Judging<'_, B>,
        out: &mut Vec<Fire<B>>,
    ) {
        let Judging { course, live, .. } = *judging;
        if !live || self.told.insert(second) {
            let fired = self.fired.last().map_or(NEVER, |fired| fired.saturating_add(1));
            let opens = last.saturating_sub(course.within).saturating_add(1);
            let span = Span { from: opens.max(fired), second };
            let ground = self.ground(last, course);
            out.push(Search::new(ground, &mut *judging.holds).tell(found, span));
        }
        if live {
            self.fired.push(second);
        } else {
            self.fired = vec![second];
        }
        self.waits.retain(|_, found| found.first() > second);
    }

    /// Take back what the walk did at and after a second.
    fn take_back(&mut self, second: i64) {
        let from = self.cells.at_or_after(second);
        for index in (from..self.cells.at_or_after(self.walked.saturating_add(1))).rev() {
            if let Some((there, cell)) = self.cells.get(index) {
                self.trail.take_back(there, &cell.moment.entries);
            }
        }
        match from.checked_sub(1).and_then(|before| self.cells.get(before)) {
            Some((before, cell)) => {
                self.walked = before;
                self.trail.reach.clone_from_slice(&cell.reach);
            }
            None => {
                self.walked = second.saturating_sub(1);
                self.trail.reach.fill(NEVER);
            }
        }
        self.fired.truncate(self.fired.partition_point(|fired| *fired < second));
        self.waits.retain(|(_, last), _| *last < second);
    }

    /// Forget the seconds up to and including one; they are walked.
    fn forget_to(&mut self, second: i64) {
        let count = self.cells.at_or_after(second.saturating_add(1));
        if count == 0 {
            return;
        }
        for (there, cell) in self.cells.range(0..count) {
            self.trail.forget(there, &cell.moment.entries);
        }
        self.cells.drop_front(count);
    }
}

impl<B> std::fmt::Debug for Judging<'_, B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Judging").field("live", &self.live).finish_non_exhaustive()
    }
}
