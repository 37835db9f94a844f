//! A live stream: each alert as soon as it is true.
//!
//! One thread reads, matches, judges and writes. Nothing waits for a full buffer:
//! what has arrived is evaluated before the next read. The watermark of an account
//! follows its own events, and moves on with the clock when nothing comes.

use crate::config::{Config, Outcome, RunError, Sink};
use crate::desk::{Desk, Lateness, Shared, account};
use crate::ledger::Faulty;
use crate::replay::{Exit, Told};
use crate::timings::{Stage, Tally, Timings};
use bumpalo::Bump;
use event::{Event, EventTime};
use exec::{Firing, Shard};
use hashbrown::HashMap;
use input::{Arrival, Found, InputFile, Reader};
use plan::Program;
use std::io::Read;
use std::ops::ControlFlow;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// Evaluate a stream until it ends.
///
/// # Errors
///
/// [`RunError`] when an alert cannot be written.
pub fn stream(
    program: &Program,
    config: &Config<'_>,
    source: &mut dyn Read,
    sink: &mut dyn Sink,
) -> Result<Outcome, RunError> {
    let tally = Tally::new(config.clock);
    let shared = Shared::new(program, config);
    let mut live = Live {
        desk: Desk::new(&shared, &tally),
        shard: Shard::new(program, true),
        exit: Exit::new(program, config, sink),
        clocks: Clocks::new(config),
        arena: Bump::new(),
        failed: None,
        tally: &tally,
    };
    let mut reader = Reader::new(&program.layout);
    if config.clock.is_some() {
        reader = reader.watched_by(&tally);
    }
    let report = reader.stream(source, &mut |arrival| {
        match arrival {
            Arrival::Record(found) => live.record(found),
            Arrival::Idle => live.idle(&shared),
        }
        let stop = config.stop.load(Ordering::Relaxed) || live.failed.is_some();
        if stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    if live.failed.is_none() {
        live.failed = live.end().err();
    }
    tally.divide(&live.desk.sampler);
    let mut outcome = Outcome::default();
    outcome.ledger.files.listed = 1;
    outcome.ledger.add_file(&report);
    outcome.ledger.records.add(&live.desk.records);
    outcome.faulty.extend(Faulty::of(&InputFile::stdin(), &report));
    outcome.latest = live.desk.latest.map(EventTime);
    for (rule, count) in program.rules.iter().zip(live.desk.matcher.no_key()) {
        if *count > 0 {
            outcome.ledger.no_key.insert(rule.name.to_string(), *count);
        }
    }
    Told::of(&live.shard).into_outcome(program, &mut outcome);
    live.failed.map_or(Ok(()), Err)?;
    tally.within(Stage::Write, || live.exit.end(&mut outcome))?;
    outcome.stopped = config.stop.load(Ordering::Relaxed);
    Timings::merge(&mut outcome.timings, tally.end());
    Ok(outcome)
}

/// The parts of a live evaluation.
struct Live<'a> {
    desk: Desk<'a>,
    shard: Shard<'a>,
    exit: Exit<'a>,
    clocks: Clocks,
    arena: Bump,
    failed: Option<RunError>,
    tally: &'a Tally,
}

impl Live<'_> {
    fn record(&mut self, found: Found<'_>) {
        if self.failed.is_none() {
            self.failed = self.evaluate(found).err();
        }
    }

    fn evaluate(&mut self, found: Found<'_>) -> Result<(), RunError> {
        self.arena.reset();
        let event = Event::new(found.record, found.slots, &self.arena);
        let now = self.clocks.now();
        let watermark = self.clocks.watermark(account(&event), event.time(), now);
        self.desk.record(found.record, found.slots, now, Lateness::Before(watermark));
        let mut firings = self.desk.matcher.take_alerts();
        let all = self.clocks.floor(now);
        self.tally.within(Stage::Judge, || {
            self.shard.judge(self.desk.matcher.facts(), (watermark, all), &mut firings);
            if let Some(account) = account(&event) {
                self.shard.due(Some(account), || self.clocks.of(account, now), &mut firings);
            }
            self.shard.due(None, || all, &mut firings);
        });
        self.give(firings)
    }

    /// All that has arrived is evaluated.
    fn idle(&mut self, shared: &Shared<'_>) {
        if self.failed.is_none() {
            self.failed = self.wait().err();
        }
        if self.failed.is_none() {
            self.failed = self.tally.within(Stage::Write, || self.exit.flush()).err();
        }
        if let Some(watermark) = self.clocks.forget() {
            shared.seen.forget(watermark);
            self.exit.expire(watermark);
        }
    }
}

impl Live<'_> {
    /// Time has passed: absences come due.
    fn wait(&mut self) -> Result<(), RunError> {
        let now = self.clocks.now();
        let mut firings = Vec::new();
        for (account, clock) in &self.clocks.accounts {
            let watermark = || clock.watermark(self.clocks.lateness, now);
            self.shard.due(Some(account), watermark, &mut firings);
        }
        self.shard.due(None, || self.clocks.least(now), &mut firings);
        let (clocks, all) = (&self.clocks, self.clocks.certain(None));
        self.shard.tidy(|account| account.map_or(all, |account| clocks.certain(Some(account))));
        self.give(firings)
    }

    /// The input ends: what is due by its latest event comes due.
    fn end(&mut self) -> Result<(), RunError> {
        let mut firings = Vec::new();
        if let Some(latest) = self.desk.latest {
            self.shard.end(latest, &mut firings);
        }
        self.give(firings)
    }

    fn give(&mut self, mut firings: Vec<Firing>) -> Result<(), RunError> {
        if firings.is_empty() {
            return Ok(());
        }
        firings.sort_by(Firing::compare);
        self.tally.within(Stage::Write, || {
            firings.into_iter().try_for_each(|firing| self.exit.pass(firing))
        })
    }
}

/// The clock of the run, and how far each account has come.
struct Clocks {
    lateness: i64,
    start: EventTime,
    began: Instant,
    accounts: HashMap<Box<str>, Clock>,
    forgotten: i64,
    /// The watermark of all as it was found last, and for how many events it serves.
    floor: (i64, usize),
}

/// How far an account has come.
#[derive(Clone, Copy, Debug)]
struct Clock {
    /// The greatest time of its events.
    greatest: i64,
    /// When its last event came, by the clock of the run.
    arrival: i64,
}

/// For how long copies of an event are known after the watermark has passed it: a day.
const KNOWN: i64 = 86_400;

impl Clocks {
    #[expect(clippy::disallowed_methods, reason = "a live stream lives in real time")]
    fn new(config: &Config<'_>) -> Self {
        Self {
            lateness: config.lateness,
            start: config.now,
            began: Instant::now(),
            accounts: HashMap::new(),
            forgotten: i64::MIN,
            floor: (i64::MIN, 0),
        }
    }

    fn now(&self) -> i64 {
        self.start.0.saturating_add(i64::try_from(self.began.elapsed().as_secs()).unwrap_or(0))
    }

    /// The watermark against which an event is held, which then moves with it. A group
    /// without an account has the least of all.
    fn watermark(&mut self, account: Option<&str>, time: Option<EventTime>, now: i64) -> i64 {
        let Some(account) = account else { return self.least(now) };
        let known = self.accounts.get(account).copied();
        let watermark = known.map_or(i64::MIN, |clock| clock.watermark(self.lateness, now));
        let future = now.saturating_add(crate::config::FUTURE);
        if let Some(time) = time.filter(|time| time.0 <= future) {
            let greatest = known.map_or(time.0, |clock| clock.greatest.max(time.0));
            self.accounts.insert(account.into(), Clock { greatest, arrival: now });
        }
        watermark
    }

    /// How far an account has come.
    fn of(&self, account: &str, now: i64) -> i64 {
        let clock = self.accounts.get(account);
        clock.map_or(i64::MIN, |clock| clock.watermark(self.lateness, now))
    }

    /// How far the events of an account, or of all, have come, whatever time it is: it never
    /// goes back when an account that was silent speaks again.
    fn certain(&self, account: Option<&str>) -> i64 {
        let of = |clock: &Clock| clock.greatest.saturating_sub(self.lateness);
        let found = match account {
            Some(account) => self.accounts.get(account).map(of),
            None => self.accounts.values().map(of).min(),
        };
        found.unwrap_or(i64::MIN)
    }

    fn least(&self, now: i64) -> i64 {
        let all = self.accounts.values().map(|clock| clock.watermark(self.lateness, now));
        all.min().unwrap_or(i64::MIN)
    }

    /// At most the watermark of all, looked for anew after as many events as there are accounts.
    fn floor(&mut self, now: i64) -> i64 {
        let (known, serves) = self.floor;
        self.floor = match serves.checked_sub(1) {
            Some(serves) => (known, serves),
            None => (self.least(now), self.accounts.len()),
        };
        self.floor.0
    }

    /// A second before which copies need not be known any more; now and then.
    fn forget(&mut self) -> Option<i64> {
        let until = self.least(self.now()).saturating_sub(KNOWN);
        if until < self.forgotten.saturating_add(3_600) {
            return None;
        }
        self.forgotten = until;
        Some(until)
    }
}

impl Clock {
    /// The greatest time less the lateness; when nothing came for that long, it moves on
    /// with the clock.
    fn watermark(self, lateness: i64, now: i64) -> i64 {
        let quiet = (now - self.arrival - lateness).max(0);
        self.greatest.saturating_sub(lateness).saturating_add(quiet)
    }
}
