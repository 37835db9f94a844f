//! One record after another: is it asked for, is it a copy, is it in time; then the rules.
//!
//! Each worker has a desk. It holds no clock: what is late follows from the delivery
//! of the file, or from the watermark that a live stream passes in.

use crate::config::{Config, FUTURE};
use crate::ledger::Records;
use crate::seen::{Key, Lookout, Mark, Seen};
use crate::timings::{Sampler, Stage, Tally};
use bumpalo::Bump;
use event::{Derived, Event, EventTime, LastDay, Layout, Scan, Seed, Slots, Value};
use exec::{Matcher, Seeds, Standing};
use hashbrown::DefaultHashBuilder;
use plan::Program;
use std::sync::{Mutex, OnceLock, PoisonError};

/// What all desks of a run share.
#[derive(Debug)]
pub(crate) struct Shared<'a> {
    pub(crate) program: &'a Program,
    pub(crate) config: &'a Config<'a>,
    pub(crate) seen: Seen,
    pub(crate) seeds: Seeds,
    /// Of the keys of events and of what is in their records.
    seed: Seed,
    /// Copies that may be late, until it is known whether one in time was met.
    aside: Mutex<Vec<Aside>>,
    /// For records that are known to be records.
    bare: OnceLock<Layout>,
    /// Held while hours that the watermark has passed are asked for or put away.
    past: Mutex<()>,
}

/// A copy that may be late.
#[derive(Debug)]
struct Aside {
    second: i64,
    mark: Mark,
    record: Box<[u8]>,
}

impl<'a> Shared<'a> {
    pub(crate) fn new(program: &'a Program, config: &'a Config<'a>) -> Self {
        Self {
            program,
            config,
            seen: Seen::default(),
            seeds: Seeds::default(),
            seed: Seed::new(&DefaultHashBuilder::default()),
            aside: Mutex::default(),
            bare: OnceLock::new(),
            past: Mutex::default(),
        }
    }

    /// The layout for records that are known to be records.
    pub(crate) fn bare(&self) -> &Layout {
        self.bare.get_or_init(|| self.program.layout.without_envelopes())
    }

    fn put_aside(&self, copy: Aside) {
        self.aside.lock().unwrap_or_else(PoisonError::into_inner).push(copy);
    }

    /// The copies put aside whose time the watermark has passed.
    fn decided(&self, watermark: i64) -> Vec<Aside> {
        let mut aside = self.aside.lock().unwrap_or_else(PoisonError::into_inner);
        if aside.is_empty() {
            return Vec::new();
        }
        aside.extract_if(.., |copy| copy.second < watermark).collect()
    }
}

/// How lateness is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lateness {
    /// Nothing is late.
    Never,
    /// A copy from before this second may be late: it is put aside.
    AsideBefore(i64),
    /// An event from before this second is late.
    Before(i64),
}

/// A worker's desk.
#[derive(Debug)]
pub(crate) struct Desk<'a> {
    shared: &'a Shared<'a>,
    pub(crate) matcher: Matcher<'a>,
    lookout: Lookout<'a>,
    last_day: LastDay,
    arena: Bump,
    pub(crate) records: Records,
    pub(crate) latest: Option<i64>,
    pub(crate) sampler: Sampler,
    tally: &'a Tally,
}

impl<'a> Desk<'a> {
    pub(crate) fn new(shared: &'a Shared<'a>, tally: &'a Tally) -> Self {
        Self {
            shared,
            matcher: Matcher::new(shared.program, &shared.seeds, shared.config.include_record),
            lookout: Lookout::new(&shared.seen),
            last_day: LastDay::default(),
            arena: Bump::new(),
            records: Records::default(),
            latest: None,
            sampler: Sampler::new(shared.config.clock),
            tally,
        }
    }

    /// Take a record.
    pub(crate) fn record(&mut self, record: &[u8], slots: &Slots, now: i64, lateness: Lateness) {
        self.sampler.record();
        self.records.seen += 1;
        self.arena.reset();
        let event = Event::new(record, slots, &self.arena);
        let second = event.time_after(&mut self.last_day).map(|time| time.0);
        if is_filtered(self.shared.config, second) {
            self.records.filtered += 1;
            return;
        }
        let seed = &self.shared.seed;
        let key = Key::new(event.identity(seed));
        self.lookout.expect(second, key);
        self.matcher.expect(&event);
        let mark = Mark::new(key, event.content(seed));
        let (met, late) = match (lateness, second) {
            (Lateness::AsideBefore(limit), Some(second)) if second < limit => {
                // What is met stays met: a copy of it need not wait.
                let Some(copy) = self.lookout.find(second, mark) else {
                    return self.shared.put_aside(Aside { second, mark, record: record.into() });
                };
                (copy, false)
            }
            (Lateness::Before(limit), Some(second)) => {
                (self.lookout.meet(Some(second), mark), second < limit)
            }
            _ => (self.lookout.meet(second, mark), false),
        };
        let is_first = self.records.is_first(met);
        self.sampler.told();
        if is_first {
            let standing = standing(&event, second, now, late, &mut self.records);
            self.matcher.event(&event, standing);
            self.sampler.matched();
            self.records.count(&event);
            if let Standing::InTime { second } = standing {
                self.latest = self.latest.max(Some(second));
            }
        }
    }

    /// Decide on the copies put aside that the watermark has passed: what was not met in
    /// time is late. The hours before it are put away.
    pub(crate) fn decide(&mut self, watermark: i64, now: i64) {
        let before = self.tally.enter(Stage::Duplicate);
        let _past = self.shared.past.lock().unwrap_or_else(PoisonError::into_inner);
        self.decide_copies(watermark, now);
        if watermark < i64::MAX {
            self.shared.seen.put_away(watermark);
        }
        self.tally.enter(before);
    }

    fn decide_copies(&mut self, watermark: i64, now: i64) {
        let mut slots = Slots::new();
        for copy in self.shared.decided(watermark) {
            let second = Some(copy.second);
            if !self.records.is_first(self.lookout.meet(second, copy.mark)) {
                continue;
            }
            let found = event::scan(&copy.record, 0, self.shared.bare(), &mut slots);
            let Scan::Record { .. } = found else { continue };
            self.arena.reset();
            let event = Event::new(&copy.record, &slots, &self.arena);
            let standing = standing(&event, second, now, true, &mut self.records);
            self.matcher.event(&event, standing);
            self.records.count(&event);
        }
    }
}

fn is_filtered(config: &Config<'_>, second: Option<i64>) -> bool {
    let Some(second) = second.map(EventTime) else { return false };
    config.from.is_some_and(|from| second < from) || config.to.is_some_and(|to| second >= to)
}

fn standing(
    event: &Event<'_>,
    second: Option<i64>,
    now: i64,
    late: bool,
    records: &mut Records,
) -> Standing {
    let addendum = event.is_addendum();
    records.addendum += u64::from(addendum);
    match second {
        None => {
            records.no_time += 1;
            Standing::Apart { second: None }
        }
        Some(at) if at > now.saturating_add(FUTURE) => {
            records.future += 1;
            Standing::Apart { second }
        }
        Some(_) if late => {
            records.late += 1;
            Standing::Apart { second }
        }
        Some(second) if addendum => Standing::OneEvent { second },
        Some(second) => Standing::InTime { second },
    }
}

/// The account whose log an event is from.
pub(crate) fn account<'a>(event: &Event<'a>) -> Option<&'a str> {
    match event.derived(Derived::Account) {
        Value::Text(account) => Some(account),
        _ => None,
    }
}
