//! Where the time of a run goes, by stage, for whoever asks.
//!
//! The clock is passed in; without one nothing is asked and nothing is counted. Each thread has
//! a [`Tally`] that is always in one stage: to turn to another one books the time since the
//! last turn. What a single record costs is too short for that: a [`Sampler`] times one record
//! in [`EVERY`], and its shares are taken out of the stage in which records are handed on.
//!
//! # Invariants
//!
//! - The stages of a thread, `Other` and `Wait` among them, add up to the time it lived.
//! - Nothing that a run finds depends on it.

use input::{Phase, Watch};
use std::cell::Cell;

/// A clock: nanoseconds since any moment, never going back.
pub type Clock = fn() -> u64;

/// What a thread of a run works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// List the files; it comes before the run, and is told to [`Timings::add`].
    List,
    /// Read stored bytes.
    Read,
    /// Inflate them.
    Inflate,
    /// Frame records and find their fields.
    Scan,
    /// Tell copies: check the text, read the time, look the event up.
    Duplicate,
    /// Dispatch, match, combine facts.
    Match,
    /// Hand facts and firings to other threads, and wait until they take them.
    HandOn,
    /// Judge groups, in the shards.
    Judge,
    /// Bring alerts in order and write them.
    Write,
    /// Nothing of these: what is not accounted for.
    Other,
    /// Wait for work of other threads.
    Wait,
}

impl Stage {
    /// How many there are.
    pub const COUNT: usize = 11;

    /// All, in the order of the data flow, and their names.
    pub const ALL: [(Self, &str); Self::COUNT] = [
        (Self::List, "list files"),
        (Self::Read, "read"),
        (Self::Inflate, "inflate"),
        (Self::Scan, "frame and index"),
        (Self::Duplicate, "duplicate"),
        (Self::Match, "dispatch and match"),
        (Self::HandOn, "hand on"),
        (Self::Judge, "judge"),
        (Self::Write, "order and write"),
        (Self::Other, "not accounted"),
        (Self::Wait, "waiting"),
    ];
}

/// Where the time of a run went, summed over its threads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timings {
    /// From the beginning of the run to its end, in nanoseconds.
    pub wall_ns: u64,
    /// The threads that worked.
    pub threads: u64,
    /// How many records were timed one by one, for `Duplicate` and `Match`.
    pub sampled: u64,
    stages: [u64; Stage::COUNT],
}

impl Timings {
    /// The time in a stage, in nanoseconds.
    #[must_use]
    pub fn of(&self, stage: Stage) -> u64 {
        self.stages[stage as usize]
    }

    /// Add time to a stage.
    pub fn add(&mut self, stage: Stage, ns: u64) {
        let there = &mut self.stages[stage as usize];
        *there = there.saturating_add(ns);
    }

    /// The time of all threads at work: every stage but [`Stage::Wait`].
    #[must_use]
    pub fn busy(&self) -> u64 {
        self.stages.iter().sum::<u64>() - self.of(Stage::Wait)
    }

    /// Take in those of another thread.
    pub(crate) fn merge(there: &mut Option<Self>, more: Option<Self>) {
        let Some(more) = more else { return };
        let there = there.get_or_insert_default();
        there.wall_ns = there.wall_ns.max(more.wall_ns);
        there.threads += more.threads;
        there.sampled += more.sampled;
        for (stage, _) in Stage::ALL {
            there.add(stage, more.of(stage));
        }
    }
}

/// The stages of one thread.
#[derive(Debug)]
pub(crate) struct Tally {
    clock: Option<Clock>,
    began: u64,
    /// When it turned to the stage at hand.
    turned: Cell<u64>,
    stage: Cell<Stage>,
    stages: [Cell<u64>; Stage::COUNT],
    sampled: Cell<u64>,
}

impl Tally {
    /// A thread begins, outside of every stage.
    pub(crate) fn new(clock: Option<Clock>) -> Self {
        let began = clock.map_or(0, |clock| clock());
        Self {
            clock,
            began,
            turned: Cell::new(began),
            stage: Cell::new(Stage::Other),
            stages: Default::default(),
            sampled: Cell::new(0),
        }
    }

    /// Turn to a stage; the one before it.
    pub(crate) fn enter(&self, stage: Stage) -> Stage {
        let before = self.stage.replace(stage);
        if let Some(clock) = self.clock {
            let now = clock();
            let there = &self.stages[before as usize];
            there.set(there.get() + now.saturating_sub(self.turned.replace(now)));
        }
        before
    }

    /// Do something in a stage, then be in the one before it again.
    pub(crate) fn within<T>(&self, stage: Stage, work: impl FnOnce() -> T) -> T {
        let before = self.enter(stage);
        let done = work();
        self.enter(before);
        done
    }

    /// Take what single records cost out of the stage in which they were handed on.
    pub(crate) fn divide(&self, sampler: &Sampler) {
        self.enter(Stage::Other);
        let [scan, duplicate, matched] =
            [Stage::Scan, Stage::Duplicate, Stage::Match].map(|stage| &self.stages[stage as usize]);
        let shares = sampler.shares(scan.get());
        scan.set(scan.get() - shares.0 - shares.1);
        duplicate.set(duplicate.get() + shares.0);
        matched.set(matched.get() + shares.1);
        self.sampled.set(self.sampled.get() + sampler.sampled);
    }

    /// The thread ends.
    pub(crate) fn end(self) -> Option<Timings> {
        self.clock?;
        self.enter(Stage::Other);
        let wall_ns = self.turned.get() - self.began;
        let stages = self.stages.map(Cell::into_inner);
        Some(Timings { wall_ns, threads: 1, sampled: self.sampled.into_inner(), stages })
    }
}

impl Watch for Tally {
    fn turn(&self, phase: Phase) {
        self.enter(match phase {
            Phase::Read => Stage::Read,
            Phase::Inflate => Stage::Inflate,
            Phase::Scan => Stage::Scan,
        });
    }
}

/// One record in so many is timed.
pub(crate) const EVERY: u32 = 16;

/// What takes longer than this was interrupted, and would be taken for the time of
/// [`EVERY`] records: 1 ms.
const LONGEST: u64 = 1_000_000;

/// Times one record in [`EVERY`].
#[derive(Debug)]
pub(crate) struct Sampler {
    clock: Option<Clock>,
    /// What asking the clock takes by itself.
    cost: u64,
    /// Records until the next one that is timed.
    left: u32,
    /// When the part at hand of the record at hand began, if it is timed.
    began: Option<u64>,
    records: u64,
    sampled: u64,
    duplicate: u64,
    matched: u64,
}

impl Sampler {
    pub(crate) fn new(clock: Option<Clock>) -> Self {
        let ask = |clock: Clock| {
            let before = clock();
            clock().saturating_sub(before)
        };
        let cost = clock.and_then(|clock| (0..32).map(|_| ask(clock)).min());
        Self {
            clock,
            cost: cost.unwrap_or(0),
            left: 1,
            began: None,
            records: 0,
            sampled: 0,
            duplicate: 0,
            matched: 0,
        }
    }

    /// A record comes.
    #[inline]
    pub(crate) fn record(&mut self) {
        if let Some(clock) = self.clock {
            self.count(clock);
        }
    }

    #[cold]
    fn count(&mut self, clock: Clock) {
        self.records += 1;
        self.left -= 1;
        self.began = None;
        if self.left == 0 {
            self.left = EVERY;
            self.sampled += 1;
            self.began = Some(clock());
        }
    }

    /// It is known whether it is a copy.
    #[inline]
    pub(crate) fn told(&mut self) {
        if self.began.is_some() {
            self.duplicate += self.part();
        }
    }

    /// The rules have seen it.
    #[inline]
    pub(crate) fn matched(&mut self) {
        if self.began.is_some() {
            self.matched += self.part();
        }
    }

    #[cold]
    fn part(&mut self) -> u64 {
        let (Some(clock), Some(began)) = (self.clock, self.began) else { return 0 };
        let now = clock();
        self.began = Some(now);
        match now.saturating_sub(began).saturating_sub(self.cost) {
            interrupted if interrupted > LONGEST => 0,
            ns => ns,
        }
    }

    /// The time for copies and for matches of all records, out of a whole.
    fn shares(&self, whole: u64) -> (u64, u64) {
        let whole = u128::from(whole);
        let scaled =
            |ns: u64| u128::from(ns) * u128::from(self.records) / u128::from(self.sampled.max(1));
        let (duplicate, matched) = (scaled(self.duplicate), scaled(self.matched));
        // A sample may come to more than the whole, which stays what it is.
        let most = whole.max(duplicate + matched).max(1);
        let share = |ns: u128| u64::try_from(ns * whole / most).unwrap_or(0);
        (share(duplicate), share(matched))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    thread_local! {
        static NOW: Cell<u64> = const { Cell::new(0) };
    }

    fn now() -> u64 {
        NOW.get()
    }

    fn pass(ns: u64) {
        NOW.set(NOW.get() + ns);
    }

    #[test]
    fn the_stages_of_a_thread_add_up_to_its_time() {
        let tally = Tally::new(Some(now));
        let mut sampler = Sampler::new(Some(now));
        pass(1);
        tally.turn(Phase::Read);
        pass(10);
        tally.turn(Phase::Scan);
        for _ in 0..3 * EVERY {
            pass(100);
            sampler.record();
            pass(20);
            sampler.told();
            pass(30);
            sampler.matched();
        }
        let records = u64::from(3 * EVERY);
        tally.within(Stage::HandOn, || pass(7));
        pass(5);
        tally.divide(&sampler);
        pass(2);
        let timings = tally.end().unwrap();
        let of = |stage| timings.of(stage);
        assert_eq!((of(Stage::Read), of(Stage::HandOn), of(Stage::Other)), (10, 7, 3));
        assert_eq!(of(Stage::Scan), 100 * records + 5);
        assert_eq!((of(Stage::Duplicate), of(Stage::Match)), (20 * records, 30 * records));
        assert_eq!((timings.busy(), timings.wall_ns), (now(), now()));
        assert_eq!(now(), 1 + 10 + 150 * records + 7 + 5 + 2);
        assert_eq!((timings.threads, timings.sampled), (1, 3));
    }

    #[test]
    fn a_sample_takes_no_more_than_there_is() {
        let tally = Tally::new(Some(now));
        let mut sampler = Sampler::new(Some(now));
        let began = now();
        tally.enter(Stage::Scan);
        sampler.record();
        pass(300);
        sampler.told();
        pass(100);
        sampler.matched();
        (1..EVERY).for_each(|_| sampler.record());
        tally.divide(&sampler);
        let timings = tally.end().unwrap();
        let shares = [Stage::Scan, Stage::Duplicate, Stage::Match].map(|stage| timings.of(stage));
        assert_eq!(shares, [0, 300, 100]);
        assert_eq!(timings.busy(), now() - began);
    }

    #[test]
    fn an_interruption_is_not_taken_for_work() {
        let tally = Tally::new(Some(now));
        let mut sampler = Sampler::new(Some(now));
        tally.enter(Stage::Scan);
        for took in [50, LONGEST + 1] {
            for _ in 0..EVERY {
                sampler.record();
                pass(took);
                sampler.told();
            }
        }
        tally.divide(&sampler);
        assert_eq!(tally.end().unwrap().of(Stage::Duplicate), 50 * u64::from(EVERY));
    }

    #[test]
    fn without_a_clock_nothing_is_told() {
        let tally = Tally::new(None);
        assert_eq!(tally.enter(Stage::Read), Stage::Other);
        let mut sampler = Sampler::new(None);
        sampler.record();
        sampler.told();
        tally.divide(&sampler);
        assert_eq!(tally.end(), None);
        let mut there = None;
        Timings::merge(&mut there, None);
        assert_eq!(there, None);
    }

    #[test]
    fn the_names_stand_in_the_order_of_the_stages() {
        for (place, (stage, _)) in Stage::ALL.into_iter().enumerate() {
            assert_eq!(stage as usize, place);
        }
    }
}
