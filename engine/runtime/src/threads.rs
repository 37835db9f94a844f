//! A replay on several threads: workers, shards and the way out, over bounded channels.
//!
//! Workers read and match; each shard thread owns the groups of some of the 64
//! shards; the caller's thread lets alerts out. Messages go one way, and only the empty lists
//! of facts come back. A full channel makes the sender wait, so memory stays bounded.

use crate::config::{Outcome, RunError};
use crate::desk::Desk;
use crate::relay::Relay;
use crate::replay::{Done, Exit, Job, Post, Told};
use crate::timings::{Stage, Tally};
use crate::worker::Worker;
use crossbeam_channel::{Receiver, Sender, bounded};
use exec::{Facts, Firing, SHARDS, Shard};
use std::thread;

/// To a shard.
enum ToShard {
    Facts(Facts),
    Watermark(i64),
}

/// A worker's way to a shard, and lists of facts that come back empty: they have room.
#[derive(Clone)]
struct Way {
    to: Sender<ToShard>,
    back: Receiver<Facts>,
}

/// A shard's end of it.
struct Inbox {
    from: Receiver<ToShard>,
    back: Sender<Facts>,
}

/// To the way out.
enum ToExit {
    Firings(Vec<Firing>),
    /// A shard has told everything before a second.
    Judged(usize, i64),
}

/// How many messages may wait in a channel: few, so that memory is used again while it is at
/// hand.
const WAITING: usize = 8;

/// Run a job on its threads.
pub(crate) fn run(
    job: Job<'_>,
    tally: &Tally,
    exit: &mut Exit<'_>,
    outcome: &mut Outcome,
) -> Result<(), RunError> {
    let program = job.shared.program;
    let config = job.shared.config;
    let workers = if config.sorted { 1 } else { config.threads };
    let shards = workers.div_ceil(2).min(SHARDS);
    let (to_exit, from_all) = bounded::<ToExit>(WAITING * 32);
    let (to_shards, inboxes): (Vec<_>, Vec<_>) = (0..shards).map(|_| way()).unzip();
    thread::scope(|scope| {
        let shards: Vec<_> = inboxes
            .into_iter()
            .enumerate()
            .map(|(number, inbox)| {
                let out = to_exit.clone();
                scope.spawn(move || {
                    let tally = Tally::new(config.clock);
                    let mut told = shard(&tally, job, number, (&inbox, &out));
                    told.timings = tally.end();
                    told
                })
            })
            .collect();
        let workers: Vec<_> = Relay::new(workers)
            .into_iter()
            .map(|relay| {
                let mut post = Channels { shards: to_shards.clone(), exit: to_exit.clone() };
                scope.spawn(move || {
                    let tally = Tally::new(config.clock);
                    let done = Worker::new(job, &tally, &mut post, relay).work()?;
                    Ok(Done { timings: tally.end(), ..done })
                })
            })
            .collect();
        drop((to_shards, to_exit));
        let written = let_out(tally, exit, &from_all, shards.len());
        drop(from_all);
        tally.enter(Stage::Wait);
        let mut failed = written.err();
        for worker in workers {
            match joined(worker).and_then(|done: Result<Done, RunError>| done) {
                Ok(done) => done.into_outcome(outcome),
                Err(why) => failed = Some(failed.unwrap_or(why)),
            }
        }
        for shard in shards {
            match joined(shard) {
                Ok(told) => told.into_outcome(program, outcome),
                Err(why) => failed = Some(failed.unwrap_or(why)),
            }
        }
        tally.enter(Stage::Other);
        failed.map_or(Ok(()), Err)
    })
}

fn way() -> (Way, Inbox) {
    let (to, from) = bounded(WAITING);
    let (empty, back) = bounded(WAITING);
    (Way { to, back }, Inbox { from, back: empty })
}

fn joined<T>(handle: thread::ScopedJoinHandle<'_, T>) -> Result<T, RunError> {
    handle.join().map_err(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        RunError::Worker(
            text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default(),
        )
    })
}

/// Let alerts out, behind the least watermark of the shards.
fn let_out(
    tally: &Tally,
    exit: &mut Exit<'_>,
    inbox: &Receiver<ToExit>,
    shards: usize,
) -> Result<(), RunError> {
    let mut judged = vec![i64::MIN; shards];
    let mut released = i64::MIN;
    tally.enter(Stage::Wait);
    for message in inbox {
        tally.enter(Stage::Write);
        match message {
            ToExit::Firings(firings) => exit.put(firings)?,
            ToExit::Judged(shard, second) => {
                judged[shard] = judged[shard].max(second);
                let least = judged.iter().copied().min().unwrap_or(i64::MIN);
                if least > released {
                    released = least;
                    exit.release(least)?;
                }
            }
        }
        tally.enter(Stage::Wait);
    }
    Ok(())
}

/// A shard thread: combine facts, judge behind the watermark.
fn shard(
    tally: &Tally,
    job: Job<'_>,
    number: usize,
    (inbox, out): (&Inbox, &Sender<ToExit>),
) -> Told {
    let mut shard = Shard::new(job.shared.program, false);
    let judge = |shard: &mut Shard<'_>, watermark: i64| {
        let mut firings = Vec::new();
        let latest = job.queue.latest();
        let told = shard.advance(watermark.saturating_sub(1), latest, &mut firings);
        // A closed channel means that the way out has failed, which the caller tells.
        if !firings.is_empty() {
            let _ = out.send(ToExit::Firings(firings));
        }
        let _ = out.send(ToExit::Judged(number, told));
    };
    let mut watermark = i64::MIN;
    tally.enter(Stage::Wait);
    for message in &inbox.from {
        tally.enter(Stage::Judge);
        match message {
            ToShard::Facts(mut facts) => {
                shard.absorb(&mut facts);
                // Where nobody takes it, it is let go.
                let _ = inbox.back.try_send(facts);
            }
            ToShard::Watermark(second) if second > watermark => {
                watermark = second;
                judge(&mut shard, second);
            }
            ToShard::Watermark(_) => {}
        }
        tally.enter(Stage::Wait);
    }
    tally.enter(Stage::Judge);
    judge(&mut shard, i64::MAX);
    Told::of(&shard)
}

/// A worker's way to the shards and the exit.
struct Channels {
    shards: Vec<Way>,
    exit: Sender<ToExit>,
}

/// The receiver is gone: whoever received has failed and tells why.
fn gone<T>(_: T) -> RunError {
    RunError::Worker("the threads that take results have ended".to_owned())
}

impl Post for Channels {
    fn post(&mut self, desk: &mut Desk<'_>) -> Result<(), RunError> {
        let rooms = self.shards.iter().map(|shard| shard.back.try_recv().unwrap_or_default());
        let facts = desk.matcher.facts().divide(rooms);
        for (shard, facts) in self.shards.iter().zip(facts) {
            if !facts.is_empty() {
                shard.to.send(ToShard::Facts(facts)).map_err(gone)?;
            }
        }
        let firings = desk.matcher.take_alerts();
        if !firings.is_empty() {
            self.exit.send(ToExit::Firings(firings)).map_err(gone)?;
        }
        Ok(())
    }

    fn watermark(&mut self, second: i64) -> Result<(), RunError> {
        for shard in &self.shards {
            shard.to.send(ToShard::Watermark(second)).map_err(gone)?;
        }
        Ok(())
    }
}
