//! A replay: files in, alerts out, behind a watermark that follows the deliveries.
//!
//! Workers take batches of files, or stripes of a large file, from one `queue`, in order.
//! Their facts go to the shards, their firings to the outbox; the watermark frees both.
//! With one thread the same steps run in the caller's, without channels.
//!
//! # Invariants
//!
//! - A batch is finished when its facts and firings were handed on, so whoever hears
//!   of a watermark has everything from before it.
//! - Seconds before the watermark are complete; the watermark never goes back.

use crate::config::{Config, Outcome, Progress, RunError, Sink};
use crate::desk::{Desk, Lateness, Shared};
use crate::ledger::{Faulty, Ledger};
use crate::outbox::{MOST_WAITING, Outbox};
use crate::queue::Queue;
use crate::relay::Relay;
use crate::threads;
use crate::timings::{Stage, Tally, Timings};
use crate::worker::Worker;
use event::EventTime;
use exec::{Firing, Outlet, Shard, state_evicted};
use hashbrown::DefaultHashBuilder;
use input::{FileReport, InputFile, Listing, Reader};
use plan::Program;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

/// Replay the files of a listing.
///
/// # Errors
///
/// [`RunError`] when alerts cannot be written or a worker fails; inputs that cannot be
/// read are told in the outcome.
pub fn replay(
    program: &Program,
    config: &Config<'_>,
    listing: &Listing,
    sink: &mut dyn Sink,
    progress: &dyn Progress,
) -> Result<Outcome, RunError> {
    let tally = Tally::new(config.clock);
    let shared = Shared::new(program, config);
    let queue = Queue::new(&listing.files, config);
    progress.listed(listing.files.len() as u64, listing.files.iter().map(|f| f.size).sum());
    let mut outcome = Outcome::default();
    outcome.ledger.files.listed = listing.files.len() as u64;
    outcome.ledger.files.digests = listing.skipped.digests;
    outcome.ledger.files.insights = listing.skipped.insights;
    outcome.ledger.files.other =
        listing.skipped.other + listing.skipped.links + listing.skipped.special;
    outcome.ledger.files.outside = listing.skipped.outside;
    let job = Job { shared: &shared, queue: &queue, progress };
    let mut exit = Exit::new(program, config, sink);
    if config.threads <= 1 {
        job.alone(&tally, &mut exit, &mut outcome)?;
    } else {
        threads::run(job, &tally, &mut exit, &mut outcome)?;
    }
    let mut stopped = Done::default();
    queue.unfinished(|file, report| stopped.add(file, &report));
    stopped.into_outcome(&mut outcome);
    tally.within(Stage::Write, || exit.end(&mut outcome))?;
    outcome.stopped = config.stop.load(Ordering::Relaxed);
    Timings::merge(&mut outcome.timings, tally.end());
    Ok(outcome)
}

/// What a worker works on.
#[derive(Clone, Copy)]
pub(crate) struct Job<'a> {
    pub(crate) shared: &'a Shared<'a>,
    pub(crate) queue: &'a Queue<'a>,
    pub(crate) progress: &'a dyn Progress,
}

/// Where a worker's results go.
pub(crate) trait Post {
    /// Hand on what the matcher has gathered.
    fn post(&mut self, desk: &mut Desk<'_>) -> Result<(), RunError>;
    /// Everything before this second is complete.
    fn watermark(&mut self, second: i64) -> Result<(), RunError>;
}

/// What a worker tells at its end.
#[derive(Debug, Default)]
pub(crate) struct Done {
    pub(crate) ledger: Ledger,
    pub(crate) faulty: Vec<Faulty>,
    pub(crate) latest: Option<i64>,
    pub(crate) timings: Option<Timings>,
}

impl Job<'_> {
    /// A reader whose work is told to the tally, where somebody asked for it.
    pub(crate) fn reader<'r>(&'r self, tally: &'r Tally) -> Reader<'r> {
        let Config { stop, clock, .. } = self.shared.config;
        let reader = Reader::new(&self.shared.program.layout).stopped_by(stop);
        if clock.is_some() { reader.watched_by(tally) } else { reader }
    }

    pub(crate) fn is_sorted(&self) -> bool {
        self.shared.config.sorted
    }

    /// How lateness is told of a file's records; `latest` is the greatest time so far.
    pub(crate) fn lateness(&self, file: &InputFile, latest: Option<i64>) -> Lateness {
        match (self.is_sorted(), file.delivery) {
            (true, _) => latest
                .map_or(Lateness::Never, |latest| Lateness::Before(latest - self.queue.lateness)),
            (false, Some(delivery)) => Lateness::AsideBefore(delivery.0 - self.queue.lateness),
            (false, None) => Lateness::Never,
        }
    }

    /// Hand on what was gathered; in sorted input the watermark follows the events.
    pub(crate) fn hand_on(
        &self,
        desk: &mut Desk<'_>,
        post: &mut impl Post,
    ) -> Result<(), RunError> {
        self.queue.met(desk.latest);
        match desk.latest.filter(|_| self.is_sorted()) {
            Some(latest) => self.pass(latest - self.queue.lateness, desk, post),
            None => post.post(desk),
        }
    }

    /// Everything before the watermark is complete.
    pub(crate) fn pass(
        &self,
        watermark: i64,
        desk: &mut Desk<'_>,
        post: &mut impl Post,
    ) -> Result<(), RunError> {
        desk.decide(watermark, self.shared.config.now.0);
        self.queue.met(desk.latest);
        post.post(desk)?;
        post.watermark(watermark)
    }

    /// All of it in the caller's thread.
    fn alone(
        &self,
        tally: &Tally,
        exit: &mut Exit<'_>,
        outcome: &mut Outcome,
    ) -> Result<(), RunError> {
        let shard = Shard::new(self.shared.program, false);
        let mut direct = Direct { shard, queue: self.queue, exit, tally };
        let done = Worker::new(*self, tally, &mut direct, Relay::alone()).work()?;
        direct.watermark(i64::MAX)?;
        let told = Told::of(&direct.shard);
        done.into_outcome(outcome);
        told.into_outcome(self.shared.program, outcome);
        Ok(())
    }
}

impl Done {
    pub(crate) fn add(&mut self, file: &InputFile, report: &FileReport) {
        self.ledger.add_file(report);
        self.faulty.extend(Faulty::of(file, report));
    }

    pub(crate) fn into_outcome(self, outcome: &mut Outcome) {
        let (there, own) = (&mut outcome.ledger, self.ledger);
        there.files.read += own.files.read;
        there.files.faulty += own.files.faulty;
        there.bytes.listed += own.bytes.listed;
        there.bytes.read += own.bytes.read;
        there.bytes.unreadable += own.bytes.unreadable;
        there.bytes.inflated += own.bytes.inflated;
        there.records.add(&own.records);
        add_all(&mut there.no_key, own.no_key);
        Timings::merge(&mut outcome.timings, self.timings);
        outcome.faulty.extend(self.faulty);
        outcome.latest = outcome.latest.max(self.latest.map(EventTime));
    }
}

fn add_all(there: &mut BTreeMap<String, u64>, more: BTreeMap<String, u64>) {
    for (rule, count) in more {
        *there.entry(rule).or_insert(0) += count;
    }
}

/// What a shard tells at its end.
#[derive(Debug, Default)]
pub(crate) struct Told {
    evicted: Vec<(u32, u64)>,
    learning: Vec<(u32, i64)>,
    pub(crate) timings: Option<Timings>,
}

impl Told {
    pub(crate) fn of(shard: &Shard<'_>) -> Self {
        Self {
            evicted: shard.evicted().collect(),
            learning: shard.learning().collect(),
            timings: None,
        }
    }

    pub(crate) fn into_outcome(self, program: &Program, outcome: &mut Outcome) {
        Timings::merge(&mut outcome.timings, self.timings);
        let name = |rule: u32| program.rules[rule as usize].name.to_string();
        for (rule, count) in self.evicted {
            *outcome.ledger.evicted.entry(name(rule)).or_insert(0) += count;
        }
        for (rule, until) in self.learning {
            let (rule, until) = (name(rule), EventTime(until));
            match outcome.learning.iter_mut().find(|(known, _)| *known == rule) {
                Some((_, known)) => *known = until.min(*known),
                None => outcome.learning.push((rule, until)),
            }
        }
    }
}

/// One thread does everything.
struct Direct<'p, 'e, 'x> {
    shard: Shard<'p>,
    queue: &'e Queue<'e>,
    exit: &'e mut Exit<'x>,
    tally: &'e Tally,
}

impl Post for Direct<'_, '_, '_> {
    fn post(&mut self, desk: &mut Desk<'_>) -> Result<(), RunError> {
        self.tally.within(Stage::Judge, || self.shard.absorb(desk.matcher.facts()));
        self.tally.within(Stage::Write, || self.exit.put(desk.matcher.take_alerts()))
    }

    fn watermark(&mut self, second: i64) -> Result<(), RunError> {
        let mut firings = Vec::new();
        let latest = self.queue.latest();
        let told = self.tally.within(Stage::Judge, || {
            self.shard.advance(second.saturating_sub(1), latest, &mut firings)
        });
        self.tally.within(Stage::Write, || {
            self.exit.put(firings)?;
            self.exit.release(told)
        })
    }
}

/// The way out: firings wait here for the watermark, then become alerts.
pub(crate) struct Exit<'a> {
    outbox: Outbox,
    outlet: Outlet<'a, DefaultHashBuilder>,
    program: &'a Program,
    config: &'a Config<'a>,
    sink: &'a mut dyn Sink,
    counts: crate::ledger::Alerts,
}

impl<'a> Exit<'a> {
    pub(crate) fn new(
        program: &'a Program,
        config: &'a Config<'a>,
        sink: &'a mut dyn Sink,
    ) -> Self {
        Self {
            outbox: Outbox::new(MOST_WAITING),
            outlet: Outlet::new(program),
            program,
            config,
            sink,
            counts: crate::ledger::Alerts::default(),
        }
    }

    /// Firings wait for the watermark.
    pub(crate) fn put(&mut self, firings: Vec<Firing>) -> Result<(), RunError> {
        Ok(self.outbox.put(firings)?)
    }

    /// Let out what is before the watermark.
    pub(crate) fn release(&mut self, watermark: i64) -> Result<(), RunError> {
        self.let_out(Some(watermark.saturating_sub(1)))
    }

    /// Let out a firing at once, in a live stream.
    pub(crate) fn pass(&mut self, firing: Firing) -> Result<(), RunError> {
        Ok(give(firing, &mut self.outlet, self.config, &mut self.counts, self.sink)?)
    }

    pub(crate) fn flush(&mut self) -> Result<(), RunError> {
        Ok(self.sink.flush()?)
    }

    /// Forget what can hold nothing back any more.
    pub(crate) fn expire(&mut self, second: i64) {
        self.outlet.expire(second);
    }

    fn let_out(&mut self, until: Option<i64>) -> Result<(), RunError> {
        let Self { outbox, outlet, config, sink, counts, .. } = self;
        outbox.release(until, |firing| give(firing, outlet, config, counts, *sink))?;
        Ok(())
    }

    /// Let out everything, and tell the counts.
    pub(crate) fn end(mut self, outcome: &mut Outcome) -> Result<(), RunError> {
        self.let_out(None)?;
        for (number, rule) in (0..).zip(&self.program.rules) {
            if let Some(evicted) = outcome.ledger.evicted.get(&*rule.name) {
                self.counts.shown += 1;
                self.sink.alert(&state_evicted(rule, number, *evicted, outcome.latest))?;
            }
        }
        self.sink.flush()?;
        self.counts.suppressed = self.outlet.suppressed();
        outcome.ledger.alerts = self.counts;
        let end = outcome.latest.unwrap_or(EventTime(i64::MIN));
        outcome.learning.retain(|(_, until)| *until > end);
        outcome.learning.sort();
        outcome.faulty.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(())
    }
}

fn give(
    firing: Firing,
    outlet: &mut Outlet<'_, DefaultHashBuilder>,
    config: &Config<'_>,
    counts: &mut crate::ledger::Alerts,
    sink: &mut dyn Sink,
) -> std::io::Result<()> {
    let Some(alert) = outlet.decide(firing) else { return Ok(()) };
    let least = config.least.get(alert.rule as usize);
    if least.is_some_and(|least| alert.severity < *least) {
        counts.below += 1;
        return Ok(());
    }
    let before = |second: i64| config.alerts_from.is_some_and(|from| EventTime(second) < from);
    if alert.second.is_some_and(before) {
        counts.before += 1;
        return Ok(());
    }
    counts.shown += 1;
    sink.alert(&alert)
}
